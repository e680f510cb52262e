"""The document core beside PyYAML's C composer and python-frontmatter: python -m bench.documents REPOSITORY"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frontmatter
import yaml

from bench.yardstick import block_of, contents
from posts.document.document import Document
from posts.document.errors import DocumentError, EditRefused

_MOST, _ROUNDS = 2000, 9
_TITLE = "「另一个」：题目"


def main() -> None:
    """Print the seconds that a document took, in each of several rounds. What cannot be edited is left out."""
    files = [data for data in contents(Path(sys.argv[1]), _MOST) if _fits(data)]
    blocks = [block for block in (block_of(data.decode()) for data in files) if block is not None]
    texts = [data.decode("utf-8-sig") for data in files]
    ways: dict[str, Callable[[], None]] = {
        "compose": lambda: _each(blocks, lambda block: yaml.compose(block, Loader=yaml.CSafeLoader)),
        "parse": lambda: _each(files, Document.parse),
        "edit": lambda: _each(files, lambda data: bytes(Document.parse(data).replace({"title": _TITLE}))),
        "frontmatter": lambda: _each(texts, _with_frontmatter),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(_ROUNDS):
        for name, way in ways.items():
            started = time.process_time()
            way()
            taken[name].append((time.process_time() - started) / len(files))
    print(json.dumps(taken))


def _each(items: list[Any], do: Callable[[Any], object]) -> None:
    for item in items:
        do(item)


def _fits(data: bytes) -> bool:
    """Whether all of the tools can do the edit; python-frontmatter must read the file, too."""
    try:
        Document.parse(data).replace({"title": _TITLE})
        _with_frontmatter(data.decode("utf-8-sig"))
    except (DocumentError, EditRefused, yaml.YAMLError):
        return False
    return True


def _with_frontmatter(text: str) -> bytes:
    post = frontmatter.loads(text)
    post["title"] = _TITLE
    return frontmatter.dumps(post, allow_unicode=True, sort_keys=False).encode()


if __name__ == "__main__":
    main()
