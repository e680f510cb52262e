"""What the tests of this folder share: editing a text, random edits, and two readers that are not ours."""

import datetime
import random
from collections.abc import Sequence

import frontmatter
import yaml

from posts.document.document import Document

KEY_ORDER = [
    "title", "author", "date", "guest", "layout", "source", "speaker", "tags", "summary", "insight", "draft", "series",
    "category", "area", "project", "people", "companies_orgs", "products_models", "media_books", "status",
]  # fmt: skip
LISTS = ["tags", "project", "people", "companies_orgs", "products_models", "media_books"]

AWKWARD = [
    "", " ", "新的标题", "真，**她**：「引号」", "🎉 emoji", "yes", "No", "on", "null", "~", "true", "0", "1.10", "012",
    "0o17", "0x1F", "1_000", "1:30", "12:30:45", "1e3", ".inf", ".5", "2026-02-13", "2024-02-30", "2001-1-1 0:00:00",
    "- x", "-", "? x", ": x", "a: b", "a:", "#", "# x", "a #b", "a# b", "[x]", "{{ x }}", "{x", "x]", "a, b", "&a",
    "*a", "!x", "|", ">", "'", '"', "it's", '"quoted"', "both ' and \"", "%x", "@x", "`x`", "=",
    "<<", "---", "...", "--- x",
    "line\nline", "line\n", "\nline", "a\n\nb\n\n", "  indented\nless", "tab\tinside", "\ttab first", "trailing ",
    " leading", "a\u2028b", "a\u2029b", "a\x85b", "\ufeffbom", "a\xa0b", "\u3000wide", "bell\x07", "del\x7f", "\ufffe",
    "\U0001fffe", "back\\slash", "\\n", "cr\rlf\r\n", "two  spaces", "word " * 60 + "end", "长" * 300,
    "http://x.org/?a=b#c", "key: |", "x" * 1500, "C#", "Toys \"R\" Us", "AT&T", "3.5.1", "2024-01",
    "+1", "1,000", "y", "N", "None",
]  # fmt: skip


def edited(text: str, /, *, order: Sequence[str] = (), to_body: str | None = None, **changes: object) -> str:
    """`text` with the changes made, as text."""
    return Document.from_text(text).replace(changes, body=to_body, key_order=order).text


def front(*lines: str, newline: str = "\n") -> str:
    """A document with these front-matter lines and a body."""
    return newline.join(["---", *lines, "---", "Body", ""])


def read_by_pyyaml(document: Document) -> dict[str, object]:
    """The front matter as PyYAML's own loader reads it (YAML 1.1), dates left as they are written."""
    block = document.head.removeprefix("\ufeff").split("\n", 1)[1].rsplit("---", 1)[0]
    return yaml.load(block, Loader=_PyYAML) or {}


class _PyYAML(yaml.CSafeLoader):
    pass


_PyYAML.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


def read_by_frontmatter(document: Document) -> dict[str, object]:
    """The front matter as python-frontmatter reads it: the second reader."""
    return frontmatter.loads(document.text.removeprefix("\ufeff")).metadata


def as_read(value: object) -> object:
    """What a YAML reader is to give back for `value`."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def random_change(rng: random.Random, document: Document) -> tuple[str, object]:
    """A key, mostly one that is there, and a value for it."""
    key = rng.choice([*document.keys, *LISTS]) if rng.random() < 0.9 else rng.choice(["new", *KEY_ORDER])
    now = document.values.get(key)
    if isinstance(now, list) and all(isinstance(item, str) for item in now) and rng.random() < 0.8:
        return key, random_list(rng, [str(item) for item in now])
    kind = rng.random()
    if kind < 0.1:
        return key, rng.random() < 0.5
    if kind < 0.15:
        return key, None
    if kind < 0.2:
        return key, datetime.date(2020, 1, 1) + datetime.timedelta(days=rng.randrange(3000))
    if kind < 0.25:
        return key, rng.randrange(-5, 100_000)
    if kind < 0.35:
        return key, rng.sample(AWKWARD, rng.randrange(4))
    return key, rng.choice(AWKWARD)


def random_list(rng: random.Random, items: list[str]) -> list[str]:
    """`items` with one thing done to it."""
    what = rng.choice(["append", "insert", "remove", "replace", "empty", "shuffle", "several"])
    items = list(items)
    if what == "empty":
        return []
    if what == "append" or not items:
        return [*items, rng.choice(AWKWARD)]
    place = rng.randrange(len(items))
    if what == "insert":
        items.insert(place, rng.choice(AWKWARD))
    elif what == "remove":
        del items[place]
    elif what == "replace":
        items[place] = rng.choice(AWKWARD)
    elif what == "shuffle":
        rng.shuffle(items)
    else:
        items[place:place] = rng.sample(AWKWARD, 3)
        del items[0]
    return items
