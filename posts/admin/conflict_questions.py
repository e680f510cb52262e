"""What is to be decided in a conflict, as a list of questions: one for each key, each passage, or the whole file."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from posts import fields
from posts.differences import Part, Span, differing, in_parts
from posts.disputes import FILE, Dispute, passage_name
from posts.document.document import Document
from posts.document.merge import Conflict as Clash
from posts.document.merge_bodies import Passage, Piece
from posts.document.values import Value
from posts.fields import BY_KEY, WRITTEN_BY_TRANSITIONS, Kind
from posts.forms import GROUPS
from posts.models import Conflict, Post
from posts.models.post import PostState

_CONTEXT_LINES = 2
_CONTEXT_CHARACTERS = 220
_NOT_WORTH_FOLDING = 400
# What is marked word by word on one page, in characters: more is shown without marks rather than late.
_MOST_MARKED = 400_000


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the texts of a question as it stands on the page: text in pieces, or names, or words about it."""

    parts: tuple[Part, ...] = ()
    chips: tuple[Part, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to decide: its name for `settling`, its three texts, and what a third text would start from.

    `seen` names the three texts, so that a choice made on an earlier page is known to be about the same ones.
    `third` is None where there is nothing between the two. `margins` are the line ends around a passage, which nobody
    sees and nobody should lose.
    """

    name: str
    label: str
    before: Shown
    ours: Shown
    theirs: Shown
    seen: tuple[str, str, str]
    key: str = ""
    third: Value = None
    has_third: bool = True
    margins: tuple[str, str] = ("", "")

    @property
    def is_passage(self) -> bool:
        """Whether it is a part of the body."""
        return not self.key and self.name != FILE


@dataclass(frozen=True, slots=True)
class Stretch:
    """Settled text between the open passages, without the blank lines around it; what is far from them is folded."""

    text: str
    folded: bool = False
    lines: int = 0


def questions_of(dispute: Dispute) -> list[Question]:
    """Everything that is open, in the order of the form, the body last."""
    if dispute.merged is None:
        return [_about_the_file(dispute)]
    order = {key: at for at, key in enumerate(key for _name, _title, keys in GROUPS for key in keys)}
    keys = sorted(dispute.keys, key=lambda clash: order.get(clash.field, len(order)))
    found = [_about_a_key(clash, dispute) for clash in keys]
    if dispute.body is not None:
        found += _about_passages(dispute.body)
    return found


def settled_stretches(pieces: tuple[Piece, ...]) -> Iterator[list[Stretch] | int]:
    """The body in order: lists of stretches of settled text, and the numbers of the open passages between them."""
    number = 0
    for at, piece in enumerate(pieces):
        if isinstance(piece, Passage):
            yield number
            number += 1
        else:
            yield list(_folded(piece, before=at > 0, after=at < len(pieces) - 1))


def label_of(key: str) -> str:
    """What a key is called in the reader's language; one that we have no field for by its own name."""
    if key not in BY_KEY:
        return key
    if key == "draft":
        return _("On the site")
    return str(capfirst(getattr(Post._meta.get_field(key), "verbose_name", key)))


# --- Keys


def _about_a_key(clash: Clash, dispute: Dispute) -> Question:
    key = clash.field
    sides = {"base": clash.base, "ours": clash.ours, "theirs": clash.theirs}
    absent = clash.absent
    kind = BY_KEY[key].kind if key in BY_KEY else None
    if kind is Kind.DRAFT:
        documents = {"base": dispute.base, "ours": dispute.ours, "theirs": dispute.theirs}
        shown = {side: _on_the_site(documents[side], side in absent) for side in sides}
    elif key == "status":
        shown = {side: _status(value, side in absent) for side, value in sides.items()}
    else:
        shown = dict(zip(sides, _three(sides, absent), strict=True))
    plain = _plain_kind(clash.ours) and _plain_kind(clash.theirs)
    return Question(
        name=key,
        label=label_of(key),
        key=key,
        before=shown["base"],
        ours=shown["ours"],
        theirs=shown["theirs"],
        seen=_seen(*(_spelt(value) if side not in absent else "\0" for side, value in sides.items())),
        third=_start_of_a_third(clash, dispute),
        has_third=key not in WRITTEN_BY_TRANSITIONS and (kind is not None or plain),
    )


def _start_of_a_third(clash: Clash, dispute: Dispute) -> Value:
    """What is here, as the field takes it; what the other has if it is not here."""
    document = dispute.theirs if "ours" in clash.absent and dispute.theirs is not None else dispute.ours
    if clash.field in BY_KEY:
        told = fields.read_one(document, clash.field)
        return list(told) if isinstance(told, list) else told
    return clash.theirs if "ours" in clash.absent else clash.ours


def _plain_kind(value: Value) -> bool:
    """Whether somebody can type such a value: a text, or a list of texts."""
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return value is None or isinstance(value, str)


def _on_the_site(document: Document | None, absent: bool) -> Shown:
    if document is None or absent:
        return Shown(words=_("not there"))
    return Shown(words=_("not on the site (a draft)") if document.truthy("draft") else _("on the site"))


def _status(value: Value, absent: bool) -> Shown:
    if isinstance(value, str) and value in PostState.values:
        return Shown(words=str(PostState(value).label))
    return _three({"base": value}, frozenset({"base"} if absent else ()))[0]


def _three(sides: dict[str, Value], absent: frozenset[str]) -> list[Shown]:
    """The values of a key; texts with what differs marked, names with those that are new to one side or left out."""
    missing = {side: _words_for(value, side in absent) for side, value in sides.items()}
    told = {side: value for side, value in sides.items() if not missing[side]}
    if told and all(isinstance(value, list) and _plain_kind(value) for value in told.values()):
        names = {side: [str(each) for each in value] for side, value in told.items() if isinstance(value, list)}
        return [Shown(words=missing[side]) if missing[side] else Shown(chips=_chips(side, names)) for side in sides]
    texts = {side: "" if missing[side] else _spelt(value) for side, value in sides.items()}
    if len(sides) < 3:
        return [Shown(in_parts(texts[side], ()), words=missing[side]) for side in sides]
    marked = marked_texts(texts["base"], texts["ours"], texts["theirs"])
    return [Shown(parts, words=missing[side]) for side, parts in zip(sides, marked, strict=True)]


def _words_for(value: Value, absent: bool) -> str:
    if absent:
        return _("not there")
    return _("empty") if value is None or value in ("", [], {}) else ""


def _chips(side: str, names: dict[str, list[str]]) -> tuple[Part, ...]:
    others = [set(listed) for other, listed in names.items() if other != side]
    if side != "base" and "base" in names:
        others = [set(names["base"])]
    return tuple(Part(name, any(name not in other for other in others)) for name in names[side])


def _spelt(value: Value) -> str:
    """A value as text; one that is more than text or names as it would be written down."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and _plain_kind(value):
        return "\n".join(str(each) for each in value)
    return json.dumps(value, ensure_ascii=False, indent=2)


# --- The body


def _about_passages(body: Clash) -> Iterator[Question]:
    passages = body.passages
    marks = sum(len(side) for passage in passages for side in passage.sides) <= _MOST_MARKED
    for number, passage in enumerate(passages):
        sides = [side.strip("\n") for side in passage.sides]
        marked = marked_texts(*sides) if marks else [in_parts(side, ()) for side in sides]
        words = ["" if side.strip("\n") else _nothing(side) for side in passage.sides]
        shown = [Shown(parts, words=told) for parts, told in zip(marked, words, strict=True)]
        sample = next((side for side in (passage.ours, passage.theirs, passage.base) if side.strip("\n")), "")
        start = len(sample) - len(sample.lstrip("\n"))
        yield Question(
            name=passage_name(number),
            label=_("Passage %(number)s of %(count)s") % {"number": number + 1, "count": len(passages)},
            before=shown[0],
            ours=shown[1],
            theirs=shown[2],
            seen=_seen(*passage.sides),
            third=passage.ours.strip("\n"),
            margins=(sample[:start], sample[len(sample.rstrip("\n")) :]),
        )


def _nothing(side: str) -> str:
    return _("only a line break") if side else _("nothing here")


def _folded(text: str, *, before: bool, after: bool) -> Iterator[Stretch]:
    """Settled text with some of it left in sight beside the passages `before` and `after` it."""
    head = _edge(text, first=True) if before else 0
    tail = _edge(text, first=False) if after else 0
    middle = text[head : len(text) - tail]
    if head + tail >= len(text) or (len(middle) < _NOT_WORTH_FOLDING and middle.count("\n") < 2 * _CONTEXT_LINES + 2):
        found = [Stretch(text)]
    else:
        folded = Stretch(middle, folded=True, lines=middle.strip("\n").count("\n") + 1)
        found = [Stretch(text[:head]), folded, Stretch(text[len(text) - tail :])]
    for each in found:
        if each.text.strip("\n"):
            yield replace(each, text=each.text.strip("\n"))


def _edge(text: str, *, first: bool) -> int:
    """How many characters of `text` are beside the passage, at its start or at its end."""
    lines = text.split("\n")
    near = lines[: _CONTEXT_LINES + 1] if first else lines[-_CONTEXT_LINES - 1 :]
    length = sum(map(len, near)) + len(near) - (len(near) == len(lines))
    return min(length, _CONTEXT_CHARACTERS)


# --- The whole file


def _about_the_file(dispute: Dispute) -> Question:
    conflict = dispute.conflict
    theirs = dispute.theirs.text if dispute.theirs is not None else conflict.unreadable
    unreadable = conflict.kind == Conflict.Kind.UNREADABLE
    return Question(
        name=FILE,
        label=_("The post"),
        before=Shown(),
        ours=Shown(),
        theirs=Shown(),
        seen=_seen(dispute.base.text, dispute.ours.text, theirs),
        third=_plain(conflict.unreadable if unreadable else dispute.ours.text),
        has_third=conflict.kind != Conflict.Kind.DELETED,
    )


def marked_texts(base: str, ours: str, theirs: str) -> list[tuple[Part, ...]]:
    """The three texts with what differs marked: in base what either changed; without a base the two to each other."""
    if not base:
        here, there = differing(ours, theirs) if ours and theirs else ([], [])
        return [in_parts(base, ()), in_parts(ours, here), in_parts(theirs, there)]
    old_here, here = differing(base, ours)
    old_there, there = differing(base, theirs)
    both: list[Span] = [*old_here, *old_there]
    return [in_parts(base, both), in_parts(ours, here), in_parts(theirs, there)]


def _seen(*sides: str) -> tuple[str, str, str]:
    base, ours, theirs = (hashlib.sha256(side.encode("utf-8", "surrogatepass")).hexdigest()[:12] for side in sides)
    return base, ours, theirs


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
