"""The merge beside `git merge-file` on the same three files: python -m bench.merges REPOSITORY

Both sides changed something: ours the title and a sentence in the first third of the body, theirs the summary and a
sentence in the last third. Ours starts from bytes and ends with bytes, as git does; git's process is its own.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.clock import Clock
from bench.yardstick import contents
from posts.document.document import Document
from posts.document.errors import DocumentError, EditRefused, MergeRefused
from posts.document.merge import merge

_MOST, _ROUNDS = 300, 5
_ARTICLE = 15 * 1024
_NEAR = 0.2


@dataclass(frozen=True, slots=True)
class Three:
    """The bytes of the three sides."""

    base: bytes
    ours: bytes
    theirs: bytes

    def merged(self) -> bytes:
        """The merge, from bytes to bytes."""
        return bytes(merge(*(Document.parse(side) for side in (self.base, self.ours, self.theirs))).document)

    def files(self, folder: Path) -> list[str]:
        """The three as files, in git's order."""
        names = []
        for name, side in (("ours", self.ours), ("base", self.base), ("theirs", self.theirs)):
            (folder / name).write_bytes(side)
            names.append(str(folder / name))
        return names


def main() -> None:
    """Print the seconds that a merge took, ours and git's, in each of several rounds: of all sizes, and of articles."""
    found = [three for data in contents(Path(sys.argv[1]), _MOST * 2) if (three := _three(data)) is not None]
    articles = [three for data in _of_article_size(found) if (three := _three(data)) is not None]
    told = {"all": _rounds(found[:_MOST]), "article": _rounds(articles[:_MOST])}
    print(json.dumps(told))


def _rounds(cases: list[Three]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {"ours": [], "git": []}
    with tempfile.TemporaryDirectory() as made:
        folders = [Path(made) / str(number) for number in range(len(cases))]
        for folder in folders:
            folder.mkdir()
        files = [three.files(folder) for three, folder in zip(cases, folders, strict=True)]
        for _ in range(_ROUNDS):
            clock = Clock()
            for three in cases:
                three.merged()
            taken["ours"].append(clock.spent().ours / len(cases))
            clock = Clock()
            for three in files:
                subprocess.run(["git", "merge-file", "-p", *three], capture_output=True)
            taken["git"].append(clock.spent().git / len(cases))
    sizes = sorted(len(three.base) for three in cases)
    return {**taken, "bytes": [float(sizes[len(sizes) // 2])]}


def _three(data: bytes) -> Three | None:
    """What the two sides made of `data`; None if it cannot be edited so, or the two would clash."""
    try:
        base = Document.parse(data)
        ours = base.replace({"title": "「另一个」：题目"}, body=_longer(base.body, 0.25, "这里我们补一句。"))
        theirs = base.replace({"summary": "别人写的摘要。"}, body=_longer(base.body, 0.75, "那里别人也补一句。"))
        clash = merge(base, ours, theirs).conflicts
    except (DocumentError, EditRefused, MergeRefused):
        return None
    return None if clash else Three(bytes(base), bytes(ours), bytes(theirs))


def _longer(body: str, part: float, sentence: str) -> str:
    at = body.find("。", int(len(body) * part)) + 1
    return f"{body[:at]}{sentence}{body[at:]}" if at else f"{body}{sentence}"


def _of_article_size(cases: list[Three]) -> list[bytes]:
    """The documents of about 15 KB; shorter ones are brought to that by their own paragraphs, again."""
    articles = []
    for three in cases:
        base = Document.parse(three.base)
        missing = _ARTICLE - len(three.base)
        if missing > _NEAR * _ARTICLE and base.body.strip():
            paragraphs = base.body * (missing // len(base.body.encode()) + 1)
            base = base.replace({}, body=base.body + paragraphs[: missing // 3])
        if abs(len(bytes(base)) - _ARTICLE) <= _NEAR * _ARTICLE:
            articles.append(bytes(base))
    return articles


if __name__ == "__main__":
    main()
