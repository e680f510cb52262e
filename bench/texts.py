"""The checks, and the search for known names, beside rendering the same texts: python -m bench.texts REPOSITORY

Rendering, as the preview does it, is what a text costs anyway where somebody looks at it.
"""

import datetime
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.yardstick import contents
from posts import fields
from posts.checks import Context, check
from posts.document.document import Document
from posts.document.errors import DocumentError
from posts.previewing import render
from taxonomy.mentions import Finder, TermName
from tests.corpus import make_corpus

_MOST, _ROUNDS, _NAMES = 300, 3, 5_000


def main() -> None:
    """Print the seconds that one text took, in each of several rounds."""
    documents = [document for data in contents(Path(sys.argv[1]), _MOST) if (document := _read(data)) is not None]
    context = Context(path="src/posts/2026/a.md", today=datetime.date(2026, 11, 25))
    finder = Finder(_names())
    prose = [_prose(document) for document in documents]
    ways: dict[str, Callable[[], object]] = {
        "render": lambda: [render(document.body) for document in documents],
        "check": lambda: [check(document, context) for document in documents],
        "suggest": lambda: [finder.mentions(text) for text in prose],
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(_ROUNDS):
        for name, way in ways.items():
            started = time.process_time()
            way()
            taken[name].append((time.process_time() - started) / len(documents))
    print(json.dumps(taken))


def _read(data: bytes) -> Document | None:
    try:
        return Document.parse(data)
    except DocumentError:
        return None


def _prose(document: Document) -> str:
    front = (str(fields.read_one(document, key)) for key in ("title", "summary"))
    return "\n\n".join([*front, document.body])


def _names() -> list[TermName]:
    """Those that the texts mention, among many that they do not."""
    mentioned = [*make_corpus.ORGS, *make_corpus.PEOPLE, *make_corpus.PRODUCTS, *make_corpus.BOOKS]
    others = (f"{chr(0x4E00 + at % 997)}{chr(0x5E00 + at // 7 % 991)}公司{at}" for at in range(_NAMES))
    return [TermName("organisation", at, name, name) for at, name in enumerate([*mentioned, *others])]


if __name__ == "__main__":
    main()
