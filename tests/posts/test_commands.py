"""The commands at the door (DESIGN §5), as processes see them: what they print and with which status they end."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from posts import editing
from posts.models import Collection, Post, Sync
from tests.corpus.make_corpus import __file__ as corpus_maker
from tests.posts.worlds import World, post_text

Run = Callable[..., tuple[int, str]]
PATH = "src/posts/a.md"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Call a command; gives its exit status and what it printed."""

    def called(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        try:
            call_command(*(str(argument) for argument in arguments))
        except CommandError as error:
            return error.returncode, str(error)
        except SystemExit as ended:
            return int(ended.code or 0), capsys.readouterr().out
        return 0, capsys.readouterr().out

    return called


def corpus(folder: Path, count: int, *options: str) -> Path:
    """A folder of posts as the real repository holds them."""
    subprocess.run([sys.executable, corpus_maker, str(count), str(folder), *options], check=True)
    return folder


def test_connect_makes_a_collection_once(run: Run, world: World, tmp_path: Path) -> None:
    world.collection.delete()
    world.remote.push(PATH, post_text())
    assert run("connect", "blog", world.remote.url)[0] == 0
    assert run("connect", "blog", world.remote.url)[0] == 0
    collection = Collection.objects.get()
    assert (collection.name, collection.branch, collection.globs) == ("blog", "main", "src/posts/**/*.md")


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("/nowhere/at/all.git", ()),
        ("ext::sh -c touch% /tmp/x", ()),
        ("--upload-pack=touch /tmp/x", ()),
        ("https://user:secret@example.org/x.git", ()),
        (None, ("--branch", "missing")),
        (None, ("--branch=--evil",)),
    ],
)
def test_connect_refuses_what_cannot_be_reached_or_is_not_allowed(
    run: Run, world: World, url: str | None, options: tuple[str, ...]
) -> None:
    world.collection.delete()
    world.remote.push(PATH, post_text())
    address = url or world.remote.url
    arguments = ["connect", "blog", *options, *(["--"] if address.startswith("-") else []), address]
    status, told = run(*arguments)
    assert status == 2
    assert "secret" not in told
    assert not Collection.objects.exists()


def test_sync_says_what_happened_to_the_files_and_dry_run_keeps_none_of_it(
    run: Run, world: World, writer: User
) -> None:
    world.remote.commit({PATH: post_text(), "src/posts/b.md": "---\ntitle: [\n---\n"})
    status, told = run("sync", "site", "--dry-run")
    assert status == 1
    assert "src/posts/b.md:3: The front matter cannot be read" in told
    assert not Post.objects.exists()
    assert run("sync", "site")[0] == 1
    assert run("sync", "site") == (0, "Nothing new.\n")
    editing.edit(world.post(PATH), {"title": "改"}, by=writer)
    status, told = run("sync", "site", "--dry-run", "--json")
    assert (status, json.loads(told)["counts"]) == (0, {"sent": 1})
    status, told = run("sync", "site", "--json")
    assert status == 0
    assert json.loads(told)["state"] == "done"
    assert json.loads(told)["files"][0]["result"] == "sent"


def test_a_sync_that_the_brake_stopped_is_let_go_on_by_a_publisher_who_says_yes(
    run: Run, world: World, writer: User, publisher: User
) -> None:
    names = [f"src/posts/{number}.md" for number in range(4)]
    world.remote.commit({name: post_text(name) for name in names})
    assert run("sync", "site")[0] == 0
    Collection.objects.update(brake_deletions=1)
    release = ("sync", "site", "--release", "--user")
    assert run(*release, "pan") == (1, "This sync does not wait for a decision any more. Look at the newest one.")
    world.remote.delete(*names[:3])
    status, told = run("sync", "site", "--dry-run")
    assert status == 1
    assert "0 files would be changed, 3 deleted and 0 emptied" in told
    status, told = run("sync", "site", "--dry-run", "--json")
    assert (status, json.loads(told)["ahead"]["deletions"]) == (1, 3)
    assert run("sync", "site")[0] == 1
    status, told = run(*release, "pan")
    assert status == 2
    assert "3 deleted" in told and "--yes" in told
    assert run(*release, "wen", "--yes") == (1, "Your role may not do this. Ask somebody who may.")
    assert run("sync", "site", "--release", "--yes")[0] == 2
    assert run("sync", "site", "--yes")[0] == 2
    assert not Post.objects.filter(state="archived").exists()
    status, told = run(*release, "pan", "--yes")
    assert status == 0
    assert "src/posts/0.md: Its file was deleted in the repository: it would be archived here." in told
    assert Post.objects.filter(state="archived").count() == 3
    assert Sync.objects.exclude(released="").get().released_by == publisher


def test_a_sync_that_fails_says_why_and_ends_with_1(run: Run, world: World) -> None:
    world.remote.folder.rename(world.remote.folder.with_suffix(".away"))
    status, told = run("sync", "site")
    assert status == 1
    assert "no repository at this address" in told or "cannot be reached" in told
    assert Sync.objects.get().state == "failed"


def test_a_folder_and_a_zip_go_in_and_come_out_byte_for_byte(run: Run, world: World, tmp_path: Path) -> None:
    source = corpus(tmp_path / "in", 150, "--traps", "0.4")
    files = {path.relative_to(source).as_posix(): path.read_bytes() for path in source.rglob("*.md")}
    assert run("import_posts", source, "--collection", "site", "--dry-run")[0] == 0
    assert not Post.objects.exists()
    assert run("import_posts", source, "--collection", "site")[0] == 0
    assert set(Post.objects.values_list("state", flat=True)) == {"draft"}
    revisions = Post.objects.values_list("present", flat=True)
    before = set(revisions)
    status, told = run("import_posts", source, "--collection", "site", "--json")
    assert (status, json.loads(told)["counts"]) == (0, {"same": 150})
    assert set(revisions.all()) == before
    assert run("export_posts", tmp_path / "out", "--collection", "site")[0] == 0
    assert {
        p.relative_to(tmp_path / "out").as_posix(): p.read_bytes() for p in (tmp_path / "out").rglob("*.md")
    } == files
    assert run("export_posts", tmp_path / "out.zip", "--collection", "site")[0] == 0
    status, told = run("import_posts", tmp_path / "out.zip", "--collection", "site", "--json")
    assert json.loads(told)["counts"] == {"same": 150}
    assert run("check_posts", "--collection", "site")[0] == 0


def test_bad_files_are_named_with_line_and_remedy_and_the_rest_goes_in(run: Run, world: World, tmp_path: Path) -> None:
    source = corpus(tmp_path / "in", 60, "--bad", "0.3")
    bad = {path.relative_to(source).as_posix() for path in source.rglob("bad-*.md")}
    status, told = run("import_posts", source, "--collection", "site")
    assert status == 1
    assert {line.split(":")[0] for line in told.splitlines() if line.startswith("src/")} == bad
    assert Post.objects.count() == 60 - len(bad)


@pytest.mark.parametrize(
    "arguments",
    [
        ("sync", "nowhere"),
        ("import_posts", "/no/such/folder", "--collection", "site"),
        ("import_posts", "{empty}", "--collection", "site"),
        ("import_posts", "{empty}", "--collection", "nowhere"),
        ("export_posts", "{full}", "--collection", "site"),
        ("check_posts", "--collection", "nowhere"),
    ],
)
def test_wrong_use_ends_with_2(run: Run, world: World, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    places = {"empty": str(tmp_path / "empty"), "full": str(tmp_path / "full")}
    assert run(*(argument.format(**places) for argument in arguments))[0] == 2


def test_check_posts_finds_a_column_a_term_and_a_blob_that_disagree(run: Run, world: World) -> None:
    world.remote.commit({f"src/posts/{n}.md": post_text(str(n)) for n in range(5)})
    world.sync()
    status, told = run("check_posts")
    assert (status, told.splitlines()[-1]) == (0, "Disagreements: 0, problems: 0, findings of the checks: 10.")
    assert "site: src/posts/0.md:19: The text has 2 signs only" in told
    Post.objects.filter(path="src/posts/0.md").update(title="anders")
    world.post("src/posts/1.md").tags.through.objects.filter(content_object=world.post("src/posts/1.md")).delete()
    Post.objects.filter(path="src/posts/2.md").update(git_blob="0" * 40)
    Post.objects.filter(path="src/posts/3.md").update(pending=True)
    status, told = run("check_posts", "--json")
    found = {(each["path"], each["code"]) for each in json.loads(told)["disagreements"]}
    assert status == 1
    assert {each["code"] for each in json.loads(told)["findings"]} == {"body_short", "summary_twice"}
    assert found == {
        ("src/posts/0.md", "column_differs"),
        ("src/posts/1.md", "terms_differ"),
        ("src/posts/2.md", "pending_wrong"),
        ("src/posts/2.md", "git_differs"),
        ("src/posts/3.md", "pending_wrong"),
    }
