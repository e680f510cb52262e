"""The order of a vocabulary's terms, set as a whole; with the areas the categories that are part of each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from posts.renaming import TermsRefused
from posts.term_reach import out_of_reach
from taxonomy.models import VOCABULARIES, Area, Category, OrderedTerm, Series
from taxonomy.terms import in_order

ORDERED: tuple[type[OrderedTerm], ...] = (Series, Area)
"""The vocabularies that are put in order by themselves: categories are, within their areas."""

_BATCH = 500

Place = tuple[str, int]
"""A vocabulary and the key of a term; ("area", 0) stands before the categories that are part of none."""

IN_NO_AREA: Place = ("area", 0)


@dataclass(frozen=True, slots=True)
class Order:
    """The terms of a vocabulary in order, behind each area its categories; `mark` changes when somebody changes it."""

    places: tuple[Place, ...]
    mark: str


def order_of(vocabulary: type[OrderedTerm], places: Sequence[Place] = ()) -> Order:
    """The order of `vocabulary` as it is, or as `places` would have it: what these leave out keeps its place behind."""
    rows = {each: list(in_order(each, _terms(each))) for each in _concerned(vocabulary)}
    told = [
        f"{each._meta.model_name} {term.pk} {term.position} {getattr(term, 'area_id', None)}"
        for each, terms in rows.items()
        for term in terms
        # A term that a file brought has neither, and changes nothing.
        if term.position is not None or getattr(term, "area_id", None) is not None
    ]
    now = list(_as_it_is(vocabulary, rows))
    mark = blake2b("\n".join(sorted(told)).encode(), digest_size=12).hexdigest()
    return Order(tuple(_with_the_rest(now, places) if places else now), mark)


@transaction.atomic
def put_in_order(vocabulary: type[OrderedTerm], places: Sequence[Place], *, mark: str, by: User) -> None:
    """Let `vocabulary` have the order of `places`; of areas, the categories behind each become part of it.

    Raises `TermsRefused`: "no_permission", "term_elsewhere", and "order_moved" where `mark` is not that of the order
    as it is.
    """
    concerned = _concerned(vocabulary)
    if not all(by.has_perm(f"taxonomy.change_{each._meta.model_name}") for each in concerned):
        raise TermsRefused("no_permission", permission=f"change_{vocabulary._meta.model_name}")
    rows = {
        (each._meta.model_name or "", term.pk): term
        for each in concerned
        for term in _terms(each).select_for_update().order_by("pk")
    }
    order = order_of(vocabulary, places)
    if order.mark != mark:
        raise TermsRefused("order_moved")
    changed: dict[type[OrderedTerm], list[OrderedTerm]] = {each: [] for each in concerned}
    for term, position, area in _numbered(order.places, rows):
        before = (term.position, getattr(term, "area_id", None))
        term.position = position
        if isinstance(term, Category):
            term.area_id = area
        if before != (term.position, getattr(term, "area_id", None)):
            changed[type(term)].append(term)
    for model, terms in changed.items():
        elsewhere = out_of_reach(model, [term.pk for term in terms], by)
        if elsewhere:
            raise TermsRefused("term_elsewhere", name=next(iter(elsewhere.values())))
    for model, terms in changed.items():
        told = ["position", "area"] if model is Category else ["position"]
        model._default_manager.bulk_update(terms, told, batch_size=_BATCH)


def may_put_in_order(vocabulary: type[OrderedTerm], by: User) -> bool:
    """Whether `by` may: of areas, the categories change, too."""
    return all(by.has_perm(f"taxonomy.change_{each._meta.model_name}") for each in _concerned(vocabulary))


def places_from(told: str) -> list[Place]:
    """The places that a form tells as `area-3 category-7`; nonsense is left out."""
    pairs = (each.rpartition("-") for each in told.split())
    return [(name, int(pk)) for name, _, pk in pairs if name in VOCABULARIES and pk.isascii() and pk.isdecimal()]


def _concerned(vocabulary: type[OrderedTerm]) -> tuple[type[OrderedTerm], ...]:
    return (Area, Category) if vocabulary is Area else (vocabulary,)


def _terms(vocabulary: type[OrderedTerm]) -> "QuerySet[OrderedTerm]":
    return vocabulary._default_manager.filter(alias_of=None)


def _as_it_is(vocabulary: type[OrderedTerm], rows: dict[type[OrderedTerm], list[OrderedTerm]]) -> Iterator[Place]:
    if vocabulary is not Area:
        yield from ((vocabulary._meta.model_name or "", term.pk) for term in rows[vocabulary])
        return
    areas = [area.pk for area in rows[Area]]
    parts: dict[int, list[int]] = {pk: [] for pk in (*areas, 0)}
    for category in rows[Category]:
        parts[area if (area := getattr(category, "area_id", None)) in parts else 0].append(category.pk)
    for area, categories in parts.items():
        yield "area", area
        yield from (("category", pk) for pk in categories)


def _with_the_rest(now: Sequence[Place], places: Iterable[Place]) -> list[Place]:
    """`places`, each once and as far as there are such, and behind them what they leave out of `now`."""
    there = set(now)
    kept = [each for each in dict.fromkeys(places) if each in there and each != IN_NO_AREA]
    if IN_NO_AREA not in there:
        told = set(kept)
        return [*kept, *(each for each in now if each not in told)]
    at = _end_of_areas(places, kept)
    told = set(kept)
    left = [each for each in now if each not in told and each != IN_NO_AREA]
    new_areas = [each for each in left if each[0] == "area"]
    return [*kept[:at], *new_areas, IN_NO_AREA, *kept[at:], *(each for each in left if each not in new_areas)]


def _end_of_areas(places: Iterable[Place], kept: Sequence[Place]) -> int:
    """How many of `kept` stand before what is in no area: all, if the places do not say."""
    before = set()
    for each in places:
        if each == IN_NO_AREA:
            return next((at for at, one in enumerate(kept) if one not in before), len(kept))
        before.add(each)
    return len(kept)


def _numbered(places: Sequence[Place], rows: dict[Place, OrderedTerm]) -> Iterator[tuple[OrderedTerm, int, int | None]]:
    """Each term with its number in its vocabulary, and the area that it stands behind."""
    numbers: dict[str, int] = {}
    area: int | None = None
    for name, pk in places:
        if name == "area":
            area = pk or None
        term = rows.get((name, pk))
        if term is not None:
            numbers[name] = numbers.get(name, 0) + 1
            yield term, numbers[name], area
