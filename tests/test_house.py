"""The house rules that no linter knows, held by reading the source (DESIGN §4)."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

from posts.models import Post
from tests.servers import ROOT

ROOMS = ("cms", "posts", "taxonomy")
PURE = {
    "posts.archives",
    "posts.authorship",
    "posts.checklist",
    "posts.checks",
    "posts.comparing",
    "posts.differences",
    "posts.document",
    "posts.errors",
    "posts.field_changes",
    "posts.fields",
    "posts.git",
    "posts.git_address",
    "posts.git_commits",
    "posts.git_credentials",
    "posts.git_environment",
    "posts.git_locking",
    "posts.git_process",
    "posts.git_reading",
    "posts.git_seeding",
    "posts.git_words",
    "posts.lineage",
    "posts.marking",
    "posts.notice_kinds",
    "posts.new_paths",
    "posts.passages",
    "posts.paths",
    "posts.planning",
    "posts.pushed_states",
    "posts.image_addresses",
    "posts.pictures",
    "posts.reviewdates",
    "posts.search_passages",
    "posts.search_queries",
    "posts.signatures",
    "posts.site_addresses",
    "posts.spreadsheets",
    "posts.term_addresses",
    "posts.term_changes",
    "posts.workflow",
    "taxonomy.duplicates",
    "taxonomy.mentions",
    "taxonomy.names",
    "taxonomy.slugs",
    "taxonomy.words",
}
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "services", "constants", "common", "misc", "types"}
STARTS_PROCESSES = {"subprocess", "multiprocessing", "pty", "asyncio.subprocess"}
PROCESS_CALLS = {"system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp", "startfile"}
LONGEST_MODULE = 400


Found = TypeVar("Found")


def sources() -> list[Path]:
    """Our modules, without migrations, which Django writes."""
    found = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return sorted(path.relative_to(ROOT) for path in found if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


@pytest.fixture(scope="module", autouse=True)
def trees_are_let_go() -> Iterator[None]:
    """All modules as trees are much to look through for whoever collects garbage after these tests."""
    yield
    tree.cache_clear()


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a chain of attributes and calls that starts with a name; "" for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            before = dotted(value)
            return f"{before}.{attr}" if before else attr
        case ast.Call(func=func):
            return dotted(func)
    return ""


def wrong(found: Callable[[Path], Found]) -> dict[str, Found]:
    """What is `found` wrong in our modules, by the module."""
    return {str(path): told for path in sources() if (told := found(path))}


# --- One writer

POST_FIELDS = {field.name for field in Post._meta.get_fields() if getattr(field, "concrete", False)} | {
    "present_id",
    "cleared_id",
}
WRITES = {"create", "bulk_create", "bulk_update", "update", "get_or_create", "update_or_create"}


def is_a_post(node: ast.AST) -> bool:
    """Whether the expression is named as posts are named everywhere here."""
    return dotted(node).rpartition(".")[2] in {"post", "locked", "existing_post"}


def writes_of_posts(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Where a post, or a revision, is written: the line and what it says."""
    for node in ast.walk(module):
        match node:
            case ast.Assign(targets=targets):
                written = targets
            case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
                written = [target]
            case _:
                written = []
        for each in [part for target in written for part in ast.walk(target)]:
            if (
                isinstance(each, ast.Attribute)
                and isinstance(each.ctx, ast.Store)
                and is_a_post(each.value)
                and each.attr in POST_FIELDS
            ):
                yield each.lineno, ast.unparse(each)
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            first, last = called.partition(".")[0], called.rpartition(".")[2]
            told = {word.arg for word in node.keywords}
            on_posts = first in {"Post", "Revision"} and ".objects" in called
            # Which commit carried a revision is known only later, and is no part of its text.
            if on_posts and last in WRITES and told != {"commit"}:
                yield node.lineno, f"{called}()"
            if called == "Revision" or (called == "setattr" and node.args and is_a_post(node.args[0])):
                yield node.lineno, f"{called}()"
            if last == "save" and isinstance(node.func, ast.Attribute) and is_a_post(node.func.value):
                yield node.lineno, f"{called}()"


def test_only_saving_writes_a_posts_text_columns_and_state() -> None:
    elsewhere = wrong(lambda path: list(writes_of_posts(tree(path))))
    assert elsewhere.pop("posts/saving.py")
    assert elsewhere == {}


@pytest.mark.parametrize(
    "source",
    [
        "post.state = 'draft'",
        "self.post.present = revision",
        "change.post.title, x = 1, 2",
        "post.save()",
        "post.save(update_fields=['state'])",
        "Post.objects.filter(pk=1).update(state='draft')",
        "Post.objects.select_related('x').bulk_update(posts, ['state'])",
        "Post.objects.create(path='a')",
        "Revision(text='')",
        "setattr(post, name, value)",
    ],
)
def test_the_reader_of_the_source_sees_a_write(source: str) -> None:
    assert list(writes_of_posts(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "sync.state = 'done'",
        "post.note = 1",
        "Sync.objects.filter(pk=1).update(state='x')",
        "x = post.state",
        "Revision.objects.filter(pk=1).update(commit='')",
    ],
)
def test_the_reader_of_the_source_sees_no_write_where_there_is_none(source: str) -> None:
    assert list(writes_of_posts(ast.parse(source))) == []


# --- Processes, imports, exceptions, names, length, tasks


def starts_of_processes(path: Path) -> set[str]:
    """What of a module may start a process."""
    module = tree(path)
    imported = {alias.name for node in ast.walk(module) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(module) if isinstance(node, ast.ImportFrom)}
    called = {dotted(node.func) for node in ast.walk(module) if isinstance(node, ast.Call)}
    found = imported & STARTS_PROCESSES | called & {f"os.{name}" for name in PROCESS_CALLS}
    return found | {name for name in called if name.startswith(("os.exec", "os.spawn"))}


def test_only_the_git_room_starts_a_process() -> None:
    found = wrong(starts_of_processes)
    assert found
    assert [path for path in found if not path.startswith("posts/git")] == []


def imports_inside(path: Path) -> list[int]:
    """Lines of a module that import something inside a function."""
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [
        node.lineno
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def test_no_import_is_inside_a_function() -> None:
    assert [path for path in wrong(imports_inside) if Path(path).name != "apps.py"] == []


def blanket_excepts(path: Path) -> list[int]:
    """Lines of a module that catch whatever comes."""
    handlers = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ExceptHandler)]
    return [
        handler.lineno
        for handler in handlers
        if handler.type is None or {"Exception", "BaseException"} & {dotted(node) for node in ast.walk(handler.type)}
    ]


def test_no_blanket_except_but_at_the_one_boundary_of_import_and_where_a_run_ends() -> None:
    found = wrong(blanket_excepts)
    assert [len(found.pop(f"posts/{name}.py", [])) for name in ("importing", "runs")] == [1, 1]
    assert found == {}


def test_a_module_is_named_for_what_it_does_and_is_no_longer_than_one_can_read() -> None:
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert [path for path in lengths if path.stem in SAYS_NOTHING] == []
    assert {str(path): length for path, length in lengths.items() if length >= LONGEST_MODULE} == {}


DOORS = [path for path in sources() if path.parts[:2] == ("posts", "admin")]
DOORS += [Path("posts") / f"{name}.py" for name in ("alert_words", "mailing", "notice_words", "outside", "telling")]


def written_moments(module: ast.Module) -> Iterator[int]:
    """Lines that write a day or a time in a form of their own."""
    for node in ast.walk(module):
        match node:
            case ast.Attribute(attr="strftime" | "date_format" | "time_format"):
                yield node.lineno
            case ast.alias(name="date_format" | "time_format"):
                yield node.lineno
            case ast.FormattedValue(format_spec=ast.JoinedStr() as spec) if "%" in ast.unparse(spec):
                yield node.lineno


def test_days_and_times_are_written_by_moments_alone() -> None:
    assert {str(path): lines for path in DOORS if (lines := list(written_moments(tree(path))))} == {}
    templates = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.*")
    }
    assert [path for path, text in templates.items() if re.search(r"\|\s*(date|time)\b", text)] == []


@pytest.mark.parametrize(
    "source", ['f"{at:%Y-%m}"', "at.strftime(x)", "from a import date_format", "formats.date_format(at)"]
)
def test_a_day_written_otherwise_is_seen(source: str) -> None:
    assert list(written_moments(ast.parse(source))) == [1]


def unnamed_tasks(module: ast.Module) -> Iterator[int]:
    """Lines of Celery tasks whose name would follow the function's: a name on the wire must not change by a rename."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                if dotted(decorator).rpartition(".")[2] not in {"task", "shared_task", "periodic_task"}:
                    continue
                keywords = {word.arg for word in decorator.keywords} if isinstance(decorator, ast.Call) else set()
                if "name" not in keywords:
                    yield node.lineno


def test_every_task_has_a_name_of_its_own() -> None:
    assert wrong(lambda path: list(unnamed_tasks(tree(path)))) == {}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("@shared_task\ndef f(): ...", [2]),
        ("@app.task(bind=True)\ndef f(): ...", [2]),
        ("@shared_task(name='a')\ndef f(): ...", []),
    ],
)
def test_a_task_without_a_name_is_seen(source: str, lines: list[int]) -> None:
    assert list(unnamed_tasks(ast.parse(source))) == lines


def test_every_pure_room_is_under_the_contract_that_forbids_it_django() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    (contract,) = [each for each in told if each["id"] == "pure"]
    there = {
        name
        for name in PURE
        if any((ROOT / f"{name.replace('.', '/')}{end}").exists() for end in (".py", "/__init__.py"))
    }
    assert set(contract["source_modules"]) == there
