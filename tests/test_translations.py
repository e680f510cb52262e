"""Chinese: every string of ours has its translation, and no page in Chinese shows English."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
import unfold
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.translation.template import templatize

from posts import editing, fields, reviewing
from posts.models import Post, Sync
from posts.roles import ROLES
from posts.workflow import Transition
from scripts.compile_messages import compile_one, faults
from tests.posts.worlds import World, person
from tests.servers import ROOT

OURS = ROOT / "cms/locale/zh_Hans/LC_MESSAGES/django.po"
UNFOLDS = ROOT / "cms/unfold_locale/zh_Hans/LC_MESSAGES/django.po"
ROOMS = ("cms", "posts", "taxonomy")
# What scripts/messages.sh has xgettext look for; a call under another name is not gathered.
GATHERED = {
    "_": 1,
    "gettext": 1,
    "gettext_lazy": 1,
    "gettext_noop": 1,
    "ngettext": 2,
    "ngettext_lazy": 2,
    "pgettext": 2,
    "pgettext_lazy": 2,
    "npgettext": 3,
    "npgettext_lazy": 3,
}
IN_TEMPLATES = re.compile(r"\b(gettext|ngettext|pgettext|npgettext)\((?=u?['\"])")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|%%|\{\w*\}|<[^>]+>")
CHINESE = r"[\u4e00-\u9fff]"


def catalog(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=True)


def messages(path: Path) -> list[Message]:
    """Every string of the file, without its header."""
    return [message for message in catalog(path) if message.id]


def texts_of(told: str | tuple[str, ...]) -> list[str]:
    return [told] if isinstance(told, str) else list(told)


# --- The catalogues


@pytest.mark.parametrize("path", [OURS, UNFOLDS], ids=["ours", "unfold's"])
def test_every_string_is_translated(path: Path) -> None:
    assert list(faults(catalog(path))) == []


@pytest.mark.parametrize("path", [OURS, UNFOLDS], ids=["ours", "unfold's"])
def test_placeholders_are_the_same(path: Path) -> None:
    for message in messages(path):
        wanted = [Counter(PLACEHOLDER.findall(text)) for text in texts_of(message.id)]
        for text in texts_of(message.string):
            assert Counter(PLACEHOLDER.findall(text)) in wanted, message.id


@pytest.mark.parametrize("path", [OURS, UNFOLDS], ids=["ours", "unfold's"])
def test_chinese_is_set_as_chinese(path: Path) -> None:
    half_width = re.compile(rf"{CHINESE}[,;:?!()]|[,;?!]{CHINESE}|[“”]{{2}}|\.\.\.")
    # Tags hold no text of their own; a quoted or bracketed word has its marks beside it and needs no blank.
    close = re.compile(rf"{CHINESE}(?:[A-Za-z0-9]|%\([a-z_]*(?:count|number|limit|most)\w*\))|[A-Za-z0-9]{CHINESE}")
    for message in messages(path):
        for text in texts_of(message.string):
            plain = re.sub(r"<[^>]+>", "", text)
            assert not half_width.search(plain), (message.id, text)
            assert not close.search(re.sub(r"(%\(\w+\))[sd]", r"\1", plain)), (message.id, text)
            original = texts_of(message.id)[0]
            assert text.strip() == text or original.strip() != original, (message.id, text)


def test_the_glossary_is_kept() -> None:
    told = {message.id: message.string for message in messages(OURS) if isinstance(message.id, str)}
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", (ROOT / "docs/glossary.md").read_text("utf-8"), re.MULTILINE)
    words = {english: chinese for english, chinese in rows if english in told}
    assert len(words) > 20
    assert {english: told[english] for english in words} == words
    # The reader is 你, and a review is 审阅 everywhere.
    chinese = [text for message in messages(OURS) for text in texts_of(message.string)]
    assert [text for text in chinese if re.search("您|审核", text)] == []


def test_a_comma_between_values_is_the_readers_own() -> None:
    between = re.compile(r"[}%]\}, \{[{%]")
    found = {path.name: between.findall(path.read_text("utf-8")) for path in (ROOT / "templates").rglob("*.html")}
    assert {name: commas for name, commas in found.items() if commas} == {}


def test_to_build_the_site_is_one_word() -> None:
    assert not [message.id for message in messages(OURS) for text in texts_of(message.string) if "构建" in text]


def marked_in_python(path: Path) -> Iterator[str]:
    """The strings that a module marks; a name of gettext that xgettext does not know is as good as unmarked."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name for alias in node.names if "gettext" in alias.name}
    assert names <= GATHERED.keys(), f"{path}: {names - GATHERED.keys()} is not gathered by makemessages"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            for argument in node.args[: GATHERED[node.func.id]]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def marked_in_template(path: Path) -> Iterator[str]:
    """The strings that a template marks, by way of what Django hands to xgettext."""
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for found in IN_TEMPLATES.finditer(source):
        call = re.match(r"(?:u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?:,\s*)?)+", source[found.end() :])
        assert call, source[found.start() : found.start() + 80]
        told = ast.literal_eval(f"({call.group().rstrip(', ')},)")
        yield from (each for each in told if isinstance(each, str))


def test_no_string_of_ours_is_left_out() -> None:
    """Whoever marks a string runs scripts/messages.sh and translates it."""
    told = {text for message in messages(OURS) for text in (*texts_of(message.id), message.context) if text}
    marked = {text for room in ROOMS for path in (ROOT / room).rglob("*.py") for text in marked_in_python(path)}
    templates = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "posts").rglob("templates/**/*.html")]
    marked |= {text for path in templates for text in marked_in_template(path)}
    assert len(marked) > 400
    assert sorted(marked - told) == []


def test_no_string_of_unfold_is_left_out() -> None:
    """After an update of Unfold: docs/glossary.md says how to bring its new strings in."""
    told = {text for message in messages(UNFOLDS) for text in texts_of(message.id)}
    folder = Path(unfold.__file__).parent
    used = [folder, folder / "contrib/filters", folder / "contrib/forms"]
    others = {path for path in (folder / "contrib").iterdir() if path not in used}
    files = [path for path in folder.rglob("*") if not others.intersection(path.parents)]
    marked = {text for path in files if path.suffix == ".py" for text in marked_in_python(path)}
    marked |= {text for path in files if path.suffix == ".html" for text in marked_in_template(path)}
    assert len(marked) > 100
    assert sorted(marked - told) == []


# --- The pages

# Names, and what stands in files: the same in every language.
# fmt: off
KEPT = {
    "Evergreen", "Markdown", "YAML", "UTF", "NUL", "LF", "CRLF", "CR", "MB", "https", "ssh", "git", "zip", "Cookie",
    "English", "EN", "en", "zh", "hans",  # the choice of the language
    "Webhook", "path", "folder", "stem", "slug", "year", "month", "day",  # parts of the address of a post
    "GIT", "TOKEN", "NAME", "SSH", "KEY", "FILE", "HOOK", "SECRET", "SITE",  # variables of the environment
    "Control", "Mac", "Command", "esc", "Enter", "Ctrl", "Shift", "Alt", "Esc", "Tab",  # keys of the keyboard
    "CSV", "UTC", "HTML", "JPEG", "PNG", "WebP", "GIF", "class", "post", "body", "prose",  # formats and their words
    "status", "title", "summary", "date", "mei", "gu", "bao", "die",  # parts of a path
    "md",  # md5, as which the tests keep passwords
    "Eleventy", "slugify", "name", "written", "tags", "uses",  # parts of the address of a term, columns of a table
    "Site", "site", "main", "evergreen", "unknown",  # the collection's name and branch, and what a file says
}
# fmt: on
# Addresses, paths, patterns, names of files and options, what YAML's parser says, and quoted keys of the front matter.
ADDRESS = re.compile(
    r"(?:https?|ssh)://\S*|\S*[/@*]\S*|[\w-]*\.(?:md|zip|json|njk)\b|--\w+|\bterm-\w+|\b[0-9a-f]{7,}\b"
    r"|\b(?:Home|End|Page Up|Page Down)(?= (?:和|键))"  # keys, where it says so
    rf"|\b[a-z]+(?:-[a-z]+)+\b|（while [^）]*|“(?:{'|'.join(each.key for each in fields.FIELDS)})”"
)
WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
NOT_TEXT = {"script", "style", "code", "pre", "textarea", "svg", "template"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SHOWN_ATTRIBUTES = {"title", "placeholder", "aria-label", "alt", "data-placeholder", "data-new"}
SHOWN_ATTRIBUTES |= {"data-no-preview", "data-no-images"}
# Icons are words of a font; panes and tables of differences hold the text of a file.
NOT_WORDS = ("material-symbols", "desk-pane", "eg-diff-text", "eg-fixed", "rv-line", "rv-pair", "rv-prose")
BUTTONS = {"submit", "button", "reset"}


class Shown(HTMLParser):
    """What a page shows to its reader: its texts, and the attributes that a browser shows or reads out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self._hidden: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        is_other = any(name.startswith(NOT_WORDS) for name in told.get("class", "").split())
        if tag not in VOID and (self._hidden or tag in NOT_TEXT or is_other):
            self._hidden.append(tag)
        self.texts += [told[name] for name in SHOWN_ATTRIBUTES & told.keys()]
        if tag == "input" and told.get("type") in BUTTONS:
            self.texts.append(told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and tag in self._hidden:
            while self._hidden.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)


def english_in(texts: Iterable[str]) -> set[str]:
    """The texts that hold a word of English."""
    found = set()
    for text in texts:
        words = WORD.findall(ADDRESS.sub(" ", text))
        if any(word not in KEPT for word in words):
            found.add(" ".join(text.split()))
    return found


POST = """---
author: 作者甲
date: '2026-02-13'
layout: post.njk
tags:
  - 市场
title: {title}
summary: 摘要
draft: {draft}
category: 财经
area: 理财
project: [项目甲]
people: [人物甲]
companies_orgs: [台积电]
products_models: [产品甲]
media_books: [书甲]
series: 系列甲
unknown: 值
status: {status}
---
正文。

{body}
"""
DRAFT, LIVE, BOTH, WAITING = (f"src/posts/{name}.md" for name in ("a", "b", "c", "d"))


def text(title: str, *, draft: str = "true", status: str = "draft", body: str = "") -> str:
    return POST.format(title=title, draft=draft, status=status, body=body)


def named(username: str, *roles: str) -> User:
    """Somebody whose name is Chinese, so that it is not taken for English."""
    made = person(username, *roles)
    User.objects.filter(pk=made.pk).update(username=f"用户{made.pk}", first_name="某人", email="")
    made.refresh_from_db()
    return made


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:
    """Posts in several states, a problem of each kind of door, a conflict, terms and runs of several kinds."""
    made = World(tmp_path)
    made.remote.commit(
        {
            DRAFT: text("草稿"),
            LIVE: text("已上线", draft="false", status="published"),
            BOTH: text("双方", draft="false", status="evergreen"),
            WAITING: text("待审"),
            "src/posts/bad.md": "---\ntitle: [\n---\n",
            "src/posts/twice.md": "---\ntitle: 甲\ntitle: 乙\n---\n",
        },
        author=("某人", "someone@example.org"),
    )
    made.sync(Sync.State.PARTLY)
    writer = named("writer", "Writer")
    editing.edit(made.post(WAITING), {"title": "待审二"}, body="改了。\n", by=writer)
    reviewing.perform(made.post(WAITING), "submit", by=writer, note="请看")
    editing.edit(made.post(LIVE), {"title": "上线后改"}, body="改了。\n", by=writer)
    editing.edit(made.post(BOTH), {"title": "我们改的"}, by=writer)
    made.remote.commit({BOTH: text("他们改的", draft="false", status="evergreen")}, author=("别人", "x@example.org"))
    made.sync()
    assert Post.objects.filter(conflicts__settled_at=None, conflicts__isnull=False).exists()
    return made


def chinese(user: User | None = None) -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    if user is not None:
        client.force_login(user)
    return client


class Walk:
    """Follows the links of every page, one of each kind, and gathers the English that they show."""

    LEFT_OUT = ("logout", "jsi18n", "i18n")

    def __init__(self, client: Client) -> None:
        self.client = client
        self.found: dict[str, set[str]] = {}
        self.seen: set[str] = set()
        self._waiting: list[str] = []

    def run(self, *addresses: str) -> "Walk":
        """Walk from `addresses` until there is no page of a new kind."""
        self._waiting += addresses
        while self._waiting:
            self._open(self._waiting.pop(0))
        return self

    def _open(self, address: str) -> None:
        kind = self._kind(address)
        if kind is None or kind in self.seen:
            return
        self.seen.add(kind)
        response = self.client.get(address)
        assert response.status_code < 500, address
        if response.status_code in (301, 302):
            self._waiting.append(urljoin(address, response["Location"]))
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return
        page = Shown(response.content.decode())
        english = english_in(page.texts)
        if "/auth/group/" in address:
            # A page of one role has the name by which it is found, in the database.
            english = {each for each in english if not any(name in each for name in ROLES)}
        if english:
            self.found[address] = english
        self._waiting += [urldefrag(urljoin(address, link)).url for link in page.links]

    def _kind(self, address: str) -> str | None:
        """The address without what differs from row to row; None where it leads away."""
        parts = urlsplit(address)
        if parts.netloc or any(part in parts.path.split("/") for part in self.LEFT_OUT):
            return None
        try:
            match = resolve(parts.path)
        except Resolver404:
            return None
        step = str(match.kwargs.get("transition", ""))
        return f"{match.route} {step} {'?' if parts.query else ''}"


def told(found: dict[str, set[str]]) -> str:
    every = {line for lines in found.values() for line in lines}
    return "\n".join(
        f"{line}   ← {next(address for address in found if line in found[address])}" for line in sorted(every)
    )


@pytest.fixture(autouse=True, scope="session")
def compiled() -> None:
    """The tests read what Django reads: the compiled files."""
    for path in (OURS, UNFOLDS):
        compile_one(path, check=False)
    translation.trans_real._translations.clear()


def test_no_english_for_a_superuser(world: World) -> None:
    owner = named("root")
    User.objects.filter(pk=owner.pk).update(is_superuser=True)
    owner.refresh_from_db()
    walk = Walk(chinese(owner)).run(reverse("admin:index"), *steps())
    assert not walk.found, told(walk.found)
    assert len(walk.seen) > 60, sorted(walk.seen)


@pytest.mark.parametrize("role", ["Writer", "Administrator"])
def test_no_english_for_a_role(world: World, role: str) -> None:
    walk = Walk(chinese(named("somebody", role))).run(reverse("admin:index"), *steps())
    assert not walk.found, told(walk.found)


def steps() -> list[str]:
    """Every step of every post: its page, or why it may not be taken."""
    return [
        reverse("admin:posts_post_step", args=[post.pk, str(step)])
        for post in Post.objects.all()
        for step in Transition
    ]


@pytest.mark.django_db
def test_no_english_at_the_door() -> None:
    client = chinese()
    found = {}
    for address, response in {
        "login": client.get(reverse("admin:login")),
        "wrong password": client.post(reverse("admin:login"), {"username": "某人", "password": "x"}),
        "404": client.get("/nowhere/"),
        "403": chinese(named("curator", "Writer")).get(reverse("admin:posts_collection_add")),
    }.items():
        found[address] = english_in(Shown(response.content.decode()).texts)
    for _attempt in range(6):
        locked = client.post(reverse("admin:login"), {"username": "某人", "password": "x"})
    found["locked"] = english_in(Shown(locked.content.decode()).texts)
    assert locked.status_code == 429
    assert not any(found.values()), told(found)


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_no_english_on_the_pages_of_errors(name: str) -> None:
    with translation.override("zh-hans"):
        page = render_to_string(name)
    assert english_in(Shown(page).texts) == set()


def test_empty_pages_and_refused_forms(db: None) -> None:
    client = chinese(named("administrator", "Administrator", "Publisher", "Curator"))
    walk = Walk(client).run(reverse("admin:index"))
    for name in ("posts_collection_add", "auth_user_add", "taxonomy_tag_add"):
        response = client.post(reverse(f"admin:{name}"), {})
        assert response.status_code == 200
        walk.found[f"POST {name}"] = english_in(Shown(response.content.decode()).texts)
    assert not any(walk.found.values()), told(walk.found)


def test_english_is_found() -> None:
    assert english_in(Shown("<p>Save</p><code>Save</code><input type=submit value=Send>").texts) == {"Save", "Send"}
    assert english_in(Shown('<a title="Look">看</a><i class="material-symbols-outlined">edit</i>').texts) == {"Look"}
    assert english_in(["草稿“title”在 src/posts/a.md 第 3 版 Markdown（.md）"]) == set()
