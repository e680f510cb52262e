"""The three-way merge of documents: the one definition of what is a conflict (DESIGN §2.7).

    merged = merge(base, ours, theirs)
    merged.document     what both changed, together; ours wherever there is a conflict
    merged.conflicts    what both changed differently, key by key, and the body

Front matter is merged by keys (`merge_keys.py`), the body by lines and sentences (`merge_bodies.py`). No marker ever
gets into a text, and whatever one side alone added is in the document or in a conflict. Merging a clean result with
theirs once more changes nothing, as far as the three texts can tell (docs/architecture.md has what they cannot).
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from posts.document.document import Document
from posts.document.errors import DocumentError, EditRefused, MergeRefused
from posts.document.gate import loses_its_last_line_on_the_site, same
from posts.document.merge_bodies import MergedBody, Passage, Piece, merged_bodies, settled
from posts.document.merge_keys import MergedKeys, merged_keys
from posts.document.merge_sides import Absent, Key, Side, merged_comments, side_of
from posts.document.spans import newline_of, split
from posts.document.values import Value

BODY = "body"

_LINE_END = re.compile(r"\r\n|\n")


@dataclass(frozen=True, slots=True)
class Conflict:
    """What both sides changed differently: a key with its three values, or the body with its open passages.

    `absent` names those of "base", "ours" and "theirs" where the key isn't there; its value is None then. For the body
    base, ours and theirs are the texts of the open passages (of several, on lines of their own), and `pieces` is the
    whole body: settled text, and a `Passage` wherever one is open. Line ends are line feeds there.
    """

    field: str
    base: Value
    ours: Value
    theirs: Value
    absent: frozenset[str] = frozenset()
    pieces: tuple[Piece, ...] = ()

    @property
    def is_body(self) -> bool:
        """Whether it is the body: a front matter may have a key of that name."""
        return bool(self.pieces)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The open passages of the body, in order."""
        return tuple(each for each in self.pieces if isinstance(each, Passage))

    def body_with(self, choices: Sequence[str]) -> str:
        """The body with a text for each open passage in turn, as `Document.replace` takes it."""
        return settled(self.pieces, choices)


@dataclass(frozen=True, slots=True)
class Merged:
    """The document that both sides' changes make together, with ours where they are in conflict."""

    document: Document
    conflicts: tuple[Conflict, ...] = ()


def merge(
    base: Document,
    ours: Document,
    theirs: Document,
    *,
    term_lists: Collection[str] | None = None,
    theirs_for: Collection[str] = (),
) -> Merged:
    """Merge what `ours` and `theirs` each made of `base`.

    A list in `term_lists` is merged item by item as an ordered set, every other value whole; None means every list.
    A key in `theirs_for` that both changed differently is settled already: its lines are those of theirs.
    Raises MergeRefused: merge_in_braces, merge_unreadable, merge_reads_wrong.
    """
    if ours == theirs or theirs == base:
        return Merged(ours)
    if ours == base:
        return Merged(theirs)
    if base.has_front_matter and ours.has_front_matter and theirs.has_front_matter:
        if ours.head == base.head:
            return _merged_under(theirs, base, ours, theirs)
        if theirs.head in (base.head, ours.head):
            return _merged_under(ours, base, ours, theirs)
    return _merged(base, ours, theirs, term_lists, theirs_for)


def _merged_under(head: Document, base: Document, ours: Document, theirs: Document) -> Merged:
    """The merged body under the front matter of `head`: only one side changed it, or both alike."""
    body = merged_bodies(base.body, ours.body, theirs.body, head.newline)
    if "\r" in body.text or "\r" in head.body:
        document = _parsed(_joined("", head.head, body.text, head.newline))
    else:
        try:
            document = head.replace({}, body=body.text)
        except EditRefused as refusal:
            raise MergeRefused("merge_unreadable", detail=refusal.code) from None
    if document.body != body.text:
        raise MergeRefused("merge_reads_wrong", key=BODY)
    return Merged(document, _body_conflict(body))


def _merged(
    base: Document,
    ours: Document,
    theirs: Document,
    term_lists: Collection[str] | None,
    theirs_for: Collection[str],
) -> Merged:
    was, here, there = side_of(base), side_of(ours), side_of(theirs)
    keys = merged_keys(was, here, there, lambda key: term_lists is None or key in term_lists, theirs_for)
    mark = _of_either(was.mark, here.mark, there.mark)
    opening = _of_either(was.opening, here.opening, there.opening)
    closing = _of_either(was.closing, here.closing, there.closing)
    if keys.lines:
        # Where one side took the whole front matter away, keys that the other one changed are in conflict now.
        opening, closing = opening or here.opening or there.opening, closing or here.closing or there.closing
    newline = newline_of(opening or _of_either(base.text, ours.text, theirs.text))
    restyled = {base.newline, ours.newline, theirs.newline} != {newline}
    parts = [opening]
    for key, lines in keys.lines.items():
        old = was.lines.get(key)
        for part, before in ((lines.comments, old and old.comments), (lines.own, old and old.own)):
            parts.append(_with_line_ends(part, newline) if restyled and part != before else part)
    if opening and closing:
        tail = merged_comments(was.tail, here.tail, there.tail)
        parts += [_with_line_ends(part, newline) if restyled else part for part in (tail, closing)]
    body = merged_bodies(was.body, here.body, there.body, newline)
    document = _parsed(_joined(mark, "".join(parts), body.text, newline))
    _check(document, keys, mark + body.text if not document.has_front_matter else body.text, (here, there))
    return Merged(document, (*(_conflict(key, was, here, there) for key in keys.clashes), *_body_conflict(body)))


def _of_either(base: str, ours: str, theirs: str) -> str:
    return theirs if ours == base else ours


def _with_line_ends(text: str, newline: str) -> str:
    """`text`, that may come from a file with other line ends, with these; as it is if its own are mixed."""
    return _LINE_END.sub(newline, text) if len(set(_LINE_END.findall(text))) == 1 else text


def _joined(mark: str, head: str, body: str, newline: str) -> str:
    if head and body and not head.endswith("\n"):
        head += newline  # the closing fence was the end of the file
    return mark + head + body


def _parsed(text: str) -> Document:
    try:
        return Document.from_text(text)
    except DocumentError as error:
        raise MergeRefused("merge_unreadable", detail=error.code) from None


def _check(document: Document, keys: MergedKeys, body: str, sides: tuple[Side, Side]) -> None:
    """The gate: the merged text must read as each key's own lines did where they come from."""
    if document.body != body:
        raise MergeRefused("merge_reads_wrong", key=BODY)
    found = document.nodes
    for key, (key_node, node) in zip(keys.lines, found, strict=False):
        if not same(key_node, keys.lines[key].key_node) or not any(same(node, each) for each in keys.nodes[key]):
            raise MergeRefused("merge_reads_wrong", key=key[0])
    if len(found) != len(keys.lines):
        raise MergeRefused("merge_reads_wrong", key="")
    last = next(reversed(keys.lines), None)
    if last and all(last != next(reversed(side.lines), None) for side in sides):
        fences = split(document.text)
        block = document.text[fences.start : fences.end] if fences else ""
        if loses_its_last_line_on_the_site(found[-1][1], block):
            raise MergeRefused("merge_reads_wrong", key=last[0])


def _conflict(key: Key, base: Side, ours: Side, theirs: Side) -> Conflict:
    sides = {"base": base.value(key), "ours": ours.value(key), "theirs": theirs.value(key)}
    absent = frozenset(name for name, value in sides.items() if isinstance(value, Absent))
    was, here, there = (None if isinstance(value, Absent) else value for value in sides.values())
    return Conflict(key[0], was, here, there, absent)


def _body_conflict(body: MergedBody) -> tuple[Conflict, ...]:
    passages = [each for each in body.pieces if isinstance(each, Passage)]
    if not passages:
        return ()
    base, ours, theirs = (
        side[0] if len(side) == 1 else "\n".join(text.strip("\n") for text in side)
        for side in zip(*(each.sides for each in passages), strict=True)
    )
    return (Conflict(BODY, base, ours, theirs, pieces=body.pieces),)
