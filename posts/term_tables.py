"""A vocabulary as a table: written to a file, and read from one after what it would change was looked at.

A file adds terms and aliases and sets what a term says of itself. It never renames, merges or deletes: those are bulk
steps, which change the posts too. An empty cell leaves what is there.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction

from posts import fields
from posts.access import is_limited
from posts.errors import EvergreenError
from posts.spreadsheets import csv_of, read_csv
from posts.term_reach import out_of_reach
from posts.term_uses import with_uses
from taxonomy.models import Area, Category, OrderedTerm, Term
from taxonomy.names import has_hidden_signs, normal
from taxonomy.slugs import slug_of
from taxonomy.terms import moved_names

MOST_LINES = 5_000
LARGEST = 2 * 1024 * 1024
_BETWEEN = "|"
_ALIAS = re.compile(r"(?:\\.|[^|])+", re.DOTALL)
_ESCAPED = re.compile(r"\\([|\\])")
_YES, _NO = frozenset({"yes", "1", "true", "是"}), frozenset({"no", "0", "false", "否"})
_HIGHEST = 2_147_483_647
_LONGEST_SLUG = 120


class TableRefused(EvergreenError):
    """This file cannot be taken as a table of terms, or this line of it."""


class What(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(slots=True)
class Line:
    """One line of a file: which term it is about, what of it is set, each as before and after, or why nothing is.

    `code` and `facts` are a remark where the line is not refused.
    """

    number: int
    name: str
    what: What = What.SAME
    sets: dict[str, tuple[str, str]] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)
    code: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def refuse(self, why: TableRefused) -> None:
        """Let nothing become of the line."""
        self.what, self.code, self.facts = What.REFUSED, why.code, why.facts
        self.sets, self.values, self.aliases = {}, {}, []


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What a file would change; `mark` tells whether it is still the same when it is done."""

    lines: Sequence[Line]
    mark: str

    def of(self, what: What) -> list[Line]:
        """The lines of which this becomes."""
        return [line for line in self.lines if line.what is what]


def columns_of(vocabulary: type[Term]) -> list[str]:
    """The columns of the table of `vocabulary`."""
    ordered = ["order"] if issubclass(vocabulary, OrderedTerm) else []
    nested = ["area"] if vocabulary is Category else []
    return ["name", "slug", "aliases", *ordered, *nested, "approved", "uses"]


def table_of(vocabulary: type[Term], *, by: User | None = None) -> str:
    """All terms of `vocabulary` as CSV, in their order, with the uses that `by` may see. Three queries at most."""
    rows = with_uses(vocabulary._default_manager.filter(alias_of=None), by=by).prefetch_related("aliases")
    rows = rows.select_related("area") if vocabulary is Category else rows
    columns = columns_of(vocabulary)
    told = ([_said(term, column) for column in columns] for term in rows.order_by(*vocabulary._meta.ordering))
    return csv_of(columns, told)


def in_one_cell(names: Iterable[str]) -> str:
    """`names` as a cell has them, in order: `A | B`. A stroke or backslash within a name has a backslash before it."""
    return f" {_BETWEEN} ".join(sorted(name.replace("\\", r"\\").replace(_BETWEEN, rf"\{_BETWEEN}") for name in names))


def from_one_cell(told: str) -> list[str]:
    """The names of a cell as `in_one_cell` writes it, or as somebody typed it."""
    found = (_ESCAPED.sub(r"\1", each).strip() for each in _ALIAS.findall(told))
    return [name for name in found if name]


def read_table(data: bytes) -> str:
    """The text of a file that was sent. Raises `TableRefused`."""
    _require_small(len(data))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableRefused("table_not_utf8") from error


def plan_table(vocabulary: type[Term], text: str, *, by: User | None = None) -> TablePlan:
    """What the table `text` would change in `vocabulary`; nothing is changed. A fixed number of queries.

    With `by`, a line that would change what is out of their reach is refused.

    Raises `TableRefused` for what is no table of terms.
    """
    _require_small(len(text))
    if "\0" in text:
        raise TableRefused("table_unreadable", line=text[: text.index("\0")].count("\n") + 1)
    lines = list(_Reader(vocabulary).lines(text))
    if by is not None:
        _refuse_what_is_out_of_reach(vocabulary, lines, by)
    told = [(line.number, line.name, line.what, sorted(line.sets.items()), line.aliases, line.code) for line in lines]
    return TablePlan(lines, blake2b(repr(told).encode(), digest_size=16).hexdigest())


@transaction.atomic
def bring_in(vocabulary: type[Term], text: str, *, mark: str, by: User) -> TablePlan:
    """Do what was looked at: the lines that are refused are left out. Gives what was done.

    Raises `TableRefused`, also where it would no longer be the same ("table_moved").
    """
    name = vocabulary._meta.model_name
    for verb in ("add", "change"):
        if not by.has_perm(f"taxonomy.{verb}_{name}"):
            raise TableRefused("no_permission", permission=f"{verb}_{name}")
    plan = plan_table(vocabulary, text, by=by)
    if plan.mark != mark:
        raise TableRefused("table_moved")
    try:
        with transaction.atomic():
            _do(vocabulary, plan)
    except IntegrityError as error:
        # Somebody else was quicker with one of the names.
        raise TableRefused("table_moved") from error
    return plan


def _refuse_what_is_out_of_reach(vocabulary: type[Term], lines: Sequence[Line], by: User) -> None:
    if not is_limited(by):
        return
    terms = dict(vocabulary._default_manager.filter(alias_of=None).values_list("pk", "key"))
    elsewhere = {terms[pk]: name for pk, name in out_of_reach(vocabulary, terms, by).items()}
    for line in lines:
        if line.what is What.CHANGED and normal(line.name) in elsewhere:
            line.refuse(TableRefused("term_elsewhere", name=line.name))


def _require_small(size: int) -> None:
    if size > LARGEST:
        raise TableRefused("table_too_large", limit=LARGEST // 1024 // 1024)


def _do(vocabulary: type[Term], plan: TablePlan) -> None:
    for line in plan.lines:
        if line.what is What.NEW:
            _save(vocabulary(name=line.name, **{"is_new": False, **line.values}), line)
        elif line.what is What.CHANGED:
            _save(vocabulary._default_manager.get(key=normal(line.name)), line)


def _save(term: Term, line: Line) -> None:
    for column, value in line.values.items():
        setattr(term, column, value)
    term.save()
    for alias in line.aliases:
        type(term)(name=alias, alias_of=term, is_new=False).save()


def _said(term: Term, column: str) -> object:
    told: object = getattr(term, column, "")
    match column:
        case "aliases":
            told = in_one_cell(alias.name for alias in term.aliases.all())
        case "order":
            told = getattr(term, "position", None)
        case "area":
            told = told.name if isinstance(told, Term) else ""
        case "approved":
            told = "no" if term.is_new else "yes"
        case "uses":
            told = getattr(term, "post_count", 0)
    return told


class _Reader:
    """The vocabulary as each line of a file finds it: what the lines before would have made of it."""

    def __init__(self, vocabulary: type[Term]) -> None:
        self.vocabulary = vocabulary
        self.terms: dict[str, Term] = {}
        self.term_of: dict[str, str] = {}  # the normal form of each name: that of the term's own name
        self.slugs: dict[str, str] = {}
        self.seen: dict[str, int] = {}
        rows = vocabulary._default_manager.select_related("alias_of", *(["area"] if vocabulary is Category else []))
        for row in rows.order_by("pk"):
            self.term_of[row.key] = row.alias_of.key if row.alias_of else row.key
            self.slugs[row.slug] = row.key
            if row.alias_of is None:
                self.terms[row.key] = row
        self.moved = {key for name, key in moved_names() if name == vocabulary._meta.model_name}
        self.areas: dict[str, Area] = {}
        if vocabulary is Category:
            for area in Area._default_manager.select_related("alias_of"):
                self.areas[area.key] = area.alias_of or area

    def lines(self, text: str) -> Iterator[Line]:
        columns: list[str] = []
        number = 1
        try:
            for number, row in read_csv(text):
                if not any(row):
                    continue
                if not columns:
                    columns = self._columns(row)
                    continue
                if number > MOST_LINES:
                    raise TableRefused("table_too_long", limit=MOST_LINES)
                yield self._line(number, dict(zip(columns, row, strict=False)))
        except csv.Error as error:
            raise TableRefused("table_unreadable", line=number + 1) from error
        if not columns:
            raise TableRefused("table_empty")

    def _columns(self, row: Sequence[str]) -> list[str]:
        columns = [cell.lower() for cell in row]
        if "name" in columns or {"alias", "term"} <= set(columns):
            return columns
        raise TableRefused("table_without_names", columns=", ".join(columns_of(self.vocabulary)))

    def _line(self, number: int, cells: dict[str, str]) -> Line:
        if "name" not in cells:
            return self._settled(Line(number, cells.get("term", "")), {"aliases": cells.get("alias", "")}, known=True)
        return self._settled(Line(number, cells["name"]), cells, known=False)

    def _settled(self, line: Line, cells: Mapping[str, str], *, known: bool) -> Line:
        try:
            self._read(line, cells, known=known)
        except TableRefused as refused:
            line.refuse(refused)
        return line

    def _read(self, line: Line, cells: Mapping[str, str], *, known: bool) -> None:
        key = _checked(line.name)
        if known:
            key = self.term_of.get(key, key)
        elif key in self.seen:
            raise TableRefused("table_twice", line=self.seen[key])
        self.seen.setdefault(key, line.number)
        if self.term_of.get(key, key) != key:
            raise TableRefused("table_is_alias", name=line.name, term=self.terms[self.term_of[key]].name)
        term = self.terms.get(key)
        if term is None and known:
            raise TableRefused("table_no_term", name=line.name[:100])
        if term is None and key in self.moved:
            raise TableRefused("name_moved", name=line.name[:100])
        if term is not None and term.name != line.name:
            if not known:
                line.code, line.facts = "table_not_renamed", {"name": term.name}
            line.name = term.name
        now = term or self.vocabulary(name=line.name, is_new=False)
        self._slug(line, now, key, cells.get("slug", ""))
        self._aliases(line, key, cells.get("aliases", ""))
        self._order(line, now, cells.get("order", ""))
        self._area(line, now, cells.get("area", ""))
        self._approved(line, now, cells.get("approved", ""))
        line.what = What.NEW if term is None else What.CHANGED if line.sets else What.SAME
        self._note(line, now, key)

    def _note(self, line: Line, now: Term, key: str) -> None:
        """What the lines that follow find."""
        self.terms[key], self.term_of[key] = now, key
        if "slug" in line.values:
            self.slugs.pop(now.slug, None)
            self.slugs[str(line.values["slug"])] = key
        for alias in line.aliases:
            self.term_of[normal(alias)] = key

    def _slug(self, line: Line, now: Term, key: str, told: str) -> None:
        if not told or told == now.slug:
            return
        try:
            validate_slug(told)
        except ValidationError as error:
            raise TableRefused("slug_not_latin", slug=told[:60], other=slug_of(told) or "…") from error
        if not slug_of(told):
            raise TableRefused("slug_not_latin", slug=told[:60], other="…")
        if len(told) > _LONGEST_SLUG:
            raise TableRefused("slug_too_long", limit=_LONGEST_SLUG)
        if self.slugs.get(told, key) != key:
            raise TableRefused("slug_taken", slug=told)
        _set(line, "slug", "slug", told, (now.slug, told))

    def _aliases(self, line: Line, key: str, told: str) -> None:
        for name in dict.fromkeys(from_one_cell(told)):
            alias = _checked(name)
            of = self.term_of.get(alias)
            if alias == key or of == key or alias in map(normal, line.aliases):
                continue
            if of is not None:
                raise TableRefused("alias_taken", name=name[:100], term=self.terms[of].name)
            if alias in self.moved:
                raise TableRefused("name_moved", name=name[:100])
            line.aliases.append(name)
        if line.aliases:
            line.sets["aliases"] = ("", f"+ {in_one_cell(line.aliases)}")

    def _order(self, line: Line, now: Term, told: str) -> None:
        if not told or not isinstance(now, OrderedTerm):
            return
        if not (told.isascii() and told.isdecimal() and int(told) <= _HIGHEST):
            raise TableRefused("order_no_number", value=told[:40])
        if now.position != int(told):
            _set(line, "order", "position", int(told), (_text(now.position), told))

    def _area(self, line: Line, now: Term, told: str) -> None:
        if not told or not isinstance(now, Category):
            return
        area = self.areas.get(normal(told))
        if area is None:
            raise TableRefused("table_no_area", name=told[:100])
        if now.area_id != area.pk:
            _set(line, "area", "area", area, (now.area.name if now.area else "", area.name))

    def _approved(self, line: Line, now: Term, told: str) -> None:
        if not told:
            return
        said = told.lower()
        if said not in _YES | _NO:
            raise TableRefused("approved_unclear", value=told[:40])
        is_new = said in _NO
        if now.is_new != is_new:
            _set(line, "approved", "is_new", is_new, ("no", "yes") if now.is_new else ("yes", "no"))


def _checked(name: str) -> str:
    key = normal(name)
    if not key:
        raise TableRefused("term_name_missing")
    if has_hidden_signs(name):
        raise TableRefused("hidden_signs")
    if fields.is_too_long(name):
        raise TableRefused("name_too_long", limit=fields.LONGEST_TERM)
    return key


def _set(line: Line, column: str, attribute: str, value: object, told: tuple[str, str]) -> None:
    line.sets[column], line.values[attribute] = told, value


def _text(value: object) -> str:
    return "" if value is None else str(value)
