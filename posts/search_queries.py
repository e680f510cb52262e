"""What was typed into the search box, as words to find, words to leave out and conditions. Pure.

`OpenAI 蒸馏` wants both anywhere; `"美股 暴跌"` the two in a row; `-广告` leaves out; `org:TSMC`, `state: draft` and
`before:2026-02` are about one field. A colon behind anything else is text, and a minus with a blank behind it is a
dash. A word that ends in `.md` or a slash is about the path; one with a slash within is in the path or the text.
"""

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from posts.workflow import State
from taxonomy.words import Phrase, phrase_of, plain

LONGEST_QUERY = 200
"""In signs."""

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "title": ("标题",),
    "summary": ("摘要",),
    "body": ("正文", "text"),
    "tag": ("标签", "tags"),
    "organisation": ("机构", "org", "organization"),
    "person": ("人物", "people"),
    "product": ("产品", "model"),
    "mediawork": ("作品", "media", "book"),
    "project": ("项目",),
    "series": ("系列",),
    "category": ("类别",),
    "area": ("领域",),
    "author": ("作者",),
    "speaker": ("主讲人",),
    "guest": ("嘉宾",),
    "source": ("来源",),
    "path": ("路径",),
    "collection": ("文集",),
    "state": ("状态",),
    "is": ("是",),
    "on": ("日期", "date"),
    "before": ("之前",),
    "since": ("自从",),
    "after": ("之后",),
}
_FIELD_OF = {plain(name): key for key, names in _FIELDS.items() for name in (key, *names)}
IN_TEXT = ("title", "summary", "body")
VOCABULARIES = ("tag", "organisation", "person", "product", "mediawork", "project", "series", "category", "area")
COLUMNS = ("author", "speaker", "guest", "source", "path")
MARKS = ("live", "pending")
"""What may stand behind `is:`."""

_HEAD = re.compile(r"\s*(?P<minus>[-－]?)(?:(?P<field>\w+)[:：](?P<blank>\s*)(?=\S)(?!//))?")
_SAID = re.compile(r"\"([^\"]*)\"?|[“”]([^“”]*)[“”]?|「([^」]*)」?|『([^』]*)』?|(?P<bare>\S+)")
_A_PATH = re.compile(r"(?!.*://)(?=.*\w)(?:\S*/|\S+\.md)")
_PERHAPS_A_PATH = re.compile(r"(?!.*://)\S*/\S*")
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?)?[月日]?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A phrase, and where it must stand: a field of the text, a vocabulary, or "" for anywhere.

    With `path` it may also stand in the path, as it is written.
    """

    phrase: Phrase
    where: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a column must say: `name` out of `COLUMNS`, or collection, state, is; `negated` for what it must not."""

    name: str
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Days:
    """Days from the first to before the end; None for no bound."""

    first: datetime.date | None
    end: datetime.date | None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What to find. `faults` are codes and facts of what could not be understood: then nothing is found.

    `no_fields` stood before a colon as a field does and are none: they were taken as text. `lone_minus`: there is a
    minus that leaves nothing out, since a blank is behind it.
    """

    wanted: tuple[Wanted, ...] = ()
    unwanted: tuple[Wanted, ...] = ()
    conditions: tuple[Condition, ...] = ()
    days: tuple[Days, ...] = ()
    faults: tuple[tuple[str, Mapping[str, object]], ...] = ()
    no_fields: tuple[str, ...] = ()
    lone_minus: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing."""
        return not (self.wanted or self.unwanted or self.conditions or self.days or self.faults)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between two blanks, or in quotes, with the minus and the field before it."""

    minus: bool
    field: str
    said: str
    quoted: bool
    end: int

    @property
    def name(self) -> str:
        """Which field of ours is meant, if any."""
        return _FIELD_OF.get(plain(self.field), "")


@dataclass(slots=True)
class _Parts:
    wanted: list[Wanted] = field(default_factory=list)
    unwanted: list[Wanted] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    days: list[Days] = field(default_factory=list)
    faults: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)


def parse(text: str, *, states: Mapping[str, str] | None = None, unfinished: bool = False) -> Query:
    """`text` as a query. `states` are further names of the states, as the reader's language has them.

    `unfinished` is for what is still being typed: the last word may go on.
    """
    if len(text) > LONGEST_QUERY:
        return Query(faults=(("query_too_long", {"limit": LONGEST_QUERY}),))
    parts, no_fields, lone_minus = _Parts(), list[str](), False
    pieces = list(_pieces(text))
    for piece in pieces:
        name, said = piece.name, piece.said
        if piece.minus and not said and not piece.quoted:
            lone_minus = True
            continue
        if piece.field and not name:
            said = f"{piece.field}:{said}"
            no_fields.append(piece.field)
        if not piece.quoted and not name and _A_PATH.fullmatch(said):
            name = "path"
        last = unfinished and piece is pieces[-1] and not piece.quoted
        perhaps = said if not piece.quoted and not name and _PERHAPS_A_PATH.fullmatch(said) else ""
        _add(parts, name, said, piece.minus, states or {}, unfinished=last, path=perhaps)
    if text.strip() and not any((parts.wanted, parts.unwanted, parts.conditions, parts.days, parts.faults)):
        # To find everything would be wrong: that was not asked.
        parts.faults.append(("nothing_searchable", {"value": text.strip()[:40]}))
    return Query(
        tuple(parts.wanted),
        tuple(parts.unwanted),
        tuple(parts.conditions),
        tuple(parts.days),
        tuple(parts.faults),
        tuple(no_fields),
        lone_minus,
    )


def _pieces(text: str) -> Iterator[_Piece]:
    at = 0
    while text[at:].strip():
        piece = _piece_at(text, at)
        yield piece
        at = piece.end


def _piece_at(text: str, at: int) -> _Piece:
    head = _HEAD.match(text, at)
    if head is None:
        raise ValueError(text)
    field, start = head["field"] or "", head.end()
    if head["blank"]:
        # Behind a blank stands what is said of the field, unless it is a piece of its own.
        behind = _piece_at(text, start)
        if not _FIELD_OF.get(plain(field)) or behind.minus or behind.name:
            field, start = "", head.end("minus")
    found = _SAID.match(text, start)
    if found is None:
        return _Piece(bool(head["minus"]), "", "", False, start)
    said = found[found.lastindex or 0]
    return _Piece(bool(head["minus"]), field, said, found["bare"] is None, found.end())


def _add(
    parts: _Parts, name: str, said: str, minus: bool, states: Mapping[str, str], *, unfinished: bool, path: str
) -> None:
    if name in ("on", "before", "since", "after"):
        days = _days(name, said, minus)
        if days is None:
            parts.faults.append(("not_a_day", {"field": name, "value": said}))
        else:
            parts.days.append(days)
    elif name == "state":
        state = _state(said, states)
        if state is None:
            parts.faults.append(("unknown_state", {"value": said, "states": ", ".join(State)}))
        else:
            parts.conditions.append(Condition(name, state, minus))
    elif name == "is":
        if said.lower() in MARKS:
            parts.conditions.append(Condition(name, said.lower(), minus))
        else:
            parts.faults.append(("unknown_mark", {"value": said, "marks": ", ".join(MARKS)}))
    elif name in (*COLUMNS, "collection"):
        if said.strip():
            parts.conditions.append(Condition(name, said.strip(), minus))
    else:
        phrase = phrase_of(said, unfinished=unfinished)
        if phrase is not None:
            (parts.unwanted if minus else parts.wanted).append(Wanted(phrase, name, path))
        elif name:
            parts.faults.append(("nothing_searchable", {"value": said[:40]}))


def _state(said: str, states: Mapping[str, str]) -> str | None:
    asked = said.strip().lower()
    code = asked.replace("-", "_").replace(" ", "_")
    return code if code in set(State) else states.get(asked)


def _days(name: str, said: str, minus: bool) -> Days | None:
    """The days before, since, after or on a day, a month or a year."""
    found = _DATE.fullmatch(said.strip())
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    try:
        first = datetime.date(year, month, day)
        if found[3]:
            behind = first + datetime.timedelta(days=1)
        elif found[2]:
            behind = datetime.date(year + month // 12, month % 12 + 1, 1)
        else:
            behind = datetime.date(year + 1, 1, 1)
    except (ValueError, OverflowError):
        return None
    bounds = {"before": (None, first), "since": (first, None), "after": (behind, None), "on": (first, behind)}
    return Days(*bounds[name], negated=minus)
