"""Who wrote a part of a text: since it was last approved (DESIGN §2.9), or of what leaves. Pure."""

from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from posts.document.around_values import around_values
from posts.document.document import Document
from posts.document.merge_bodies import sentences

# No key of a front matter can hold a NUL.
_BODY, _TEXT, _ORDER, _AROUND = "\0body", "\0text", "\0order", "\0around "
_NOTHING = (None, "", ("None", "null"), ("''", "str"), ("[]", "list"))


class Stage(NamedTuple):
    """One text in the history of a post: who made it as writers (empty: nobody, as a transition or a machine).

    `approved`: this text was the last that was approved. `restores`: it brings a text of the past back. `beside`: it
    was kept beside the post's own texts, so that it can be brought back.
    """

    document: Document
    who: frozenset[int] = frozenset()
    approved: bool = False
    restores: bool = False
    beside: bool = False


_Writers: TypeAlias = dict[str, dict[object, frozenset[int]]]


def writers(history: Sequence[Stage]) -> frozenset[int]:
    """The people (by key) who wrote a part of the last text of `history`, in order, that its first text does not have.

    Where one of the texts was approved, those count who wrote what that one does not have. The value of each
    front-matter key, what stands around it (a comment, say), the order of the keys and the body are looked at each by
    itself; one that reads again as it did before has the writers of then, so somebody whose changes are all undone is
    no writer, and somebody whose text is brought back is one again.
    """
    if not history:
        return frozenset()
    # A key that came or went is told by itself, and changes the order of no others.
    always = frozenset[str].intersection(*(frozenset(stage.document.keys) for stage in history))
    unchanged = _parts(history[0].document, always) if not history[0].who else {}
    earlier: _Writers = {}
    seen: _Writers = {}
    current: dict[str, frozenset[int]] = {}
    last: Mapping[str, object] = {}
    for place, stage in enumerate(history):
        parts = _parts(stage.document, always)
        by = stage.who
        if stage.beside:
            for key, value in parts.items():
                earlier.setdefault(key, {}).setdefault(value, by)
            continue
        last = parts
        for key in {*parts, *current}:
            value = parts.get(key)
            before = seen.setdefault(key, {None: frozenset()} if place else {})
            if value not in before:
                before[value] = current.get(key, frozenset()) | by | _of_then(earlier.get(key, {}), value, stage)
            current[key] = before[value]
        if stage.approved:
            earlier = {key: earlier.get(key, {}) | seen.get(key, {}) for key in {*earlier, *seen}}
            seen = {key: {value: frozenset()} for key, value in parts.items()}
            current, unchanged = dict.fromkeys(parts, frozenset()), parts
    return frozenset().union(*(people for key, people in current.items() if last.get(key) != unchanged.get(key)))


def _of_then(earlier: Mapping[object, frozenset[int]], value: object, stage: Stage) -> frozenset[int]:
    """The writers of a part that reads as it did before the approval, or beside the post's own texts.

    However a person brought it back, even typed: a step of the review or a machine only goes back to what was
    approved. What was merged into a text that comes back reads like none before: then everybody of then may have a
    part in it. Emptiness is nobody's words.
    """
    if not stage.who or (value in _NOTHING and not stage.restores):
        return frozenset()
    if value in earlier or not stage.restores:
        return earlier.get(value, frozenset())
    return frozenset().union(*earlier.values())


def contributions(before: Document, history: Sequence[Document], leaving: Document) -> frozenset[int]:
    """The places in `history` of the texts that made a part of what tells `leaving` from `before`.

    `history` is in order; its first text is what the second was made of, and made nothing. A text that only others
    carried on, and that `leaving` was merged without, made no part of it: one of its values, items or sentences must
    stand in `leaving`, or have been taken out of it.
    """
    was, now = _traces(before), _traces(leaving)
    traces = [_traces(each) for each in history]
    return frozenset(
        place for place in range(1, len(history)) if _has_part_in(was, now, traces[place - 1], traces[place])
    )


_Traces = Mapping[str, frozenset[tuple[str, str]]]
_NONE: frozenset[tuple[str, str]] = frozenset()
_SMALL = "small"


def _has_part_in(was: _Traces, now: _Traces, before: _Traces, after: _Traces) -> bool:
    """Whether who made `after` of `before` made a part of what tells `now` from `was`."""
    for part in {*before, *after}:
        old, new = before.get(part, _NONE), after.get(part, _NONE)
        if (now.get(part, _NONE) - was.get(part, _NONE)) & (new - old):
            return True
        # Who put other words in the place of some has a part only while these stand; who only took out, for good.
        only_took_out = not any(kind == _SMALL for kind, _ in new - old)
        gone = {each for each in was.get(part, _NONE) - now.get(part, _NONE) if each[0] == _SMALL}
        if only_took_out and gone & (old - new):
            return True
    return False


def _traces(document: Document) -> _Traces:
    """By what each part of a text can be known again, from the whole of it to the single sentence."""
    found = {
        _TEXT: frozenset({("whole", document.text)}),
        _BODY: frozenset(
            {("whole", document.body), *((_SMALL, each) for each in sentences(document.body) if not each.isspace())}
        ),
    }
    for key, value in document.values.items():
        items = value if isinstance(value, list) else [value]
        found[key] = frozenset({("whole", repr(value)), *((_SMALL, repr(item)) for item in items)})
    return found


def _parts(document: Document, ordered: Container[str]) -> dict[str, object]:
    """Each part of a text by a name of its own; of the order of the keys, that of those in `ordered`."""
    parts: dict[str, object] = {
        key: (repr(value), document.kind_on_site(key)) for key, value in document.values.items()
    }
    parts |= {_AROUND + key: around for key, around in around_values(document).items()}
    parts[_ORDER] = tuple(key for key in document.keys if key in ordered)
    parts[_BODY] = document.body
    return parts
