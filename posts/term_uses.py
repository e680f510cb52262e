"""Which posts have a term: counted, listed, and by month; always in a fixed number of queries."""

import datetime
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, F, Max, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncMonth

from posts.access import within
from posts.models import LINKS, Post
from posts.term_changes import KEY_OF
from taxonomy.models import VOCABULARIES, Term

_COMPANIONS = 12


def key_of(vocabulary: type[Term]) -> str:
    """The front-matter key whose names are of `vocabulary`."""
    return KEY_OF[vocabulary._meta.model_name or ""]


def uses(vocabulary: type[Term], terms: Any) -> QuerySet:
    """Rows that stand for one post each that has one of `terms` (a term, a query, or an outer reference)."""
    key = key_of(vocabulary)
    if key in LINKS:
        return LINKS[key].objects.filter(tag__in=terms) if _several(terms) else LINKS[key].objects.filter(tag=terms)
    return Post.objects.filter(**{f"{key}__in" if _several(terms) else key: terms})


def posts_of(term: Term, *, by: User | None = None) -> QuerySet[Post]:
    """The posts that have `term`, newest first: all of them, or those that `by` may see."""
    key = key_of(type(term))
    posts = Post.objects.defer("summary", "insight")
    posts = within(by, posts) if by is not None else posts
    if key in LINKS:
        return posts.filter(pk__in=LINKS[key].objects.filter(tag=term.pk).values("content_object"))
    return posts.filter(**{key: term.pk})


def with_uses(terms: QuerySet, *, by: User | None = None) -> QuerySet:
    """The terms with the number of their posts and the dates of the first and the last, in one query.

    All their posts, or those that `by` may see.
    """
    vocabulary = terms.model
    key = key_of(vocabulary)
    column, date = ("tag", "content_object__date") if key in LINKS else (key, "date")
    rows = uses(vocabulary, OuterRef("pk")).order_by()
    if by is not None:
        rows = within(by, rows, "content_object__collection" if key in LINKS else "collection")
    rows = rows.values(column)
    return terms.annotate(
        post_count=Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number")), 0),
        first_use=Subquery(rows.annotate(day=Min(date)).values("day")),
        last_use=Subquery(rows.annotate(day=Max(date)).values("day")),
    )


def collections_of(term: Term) -> dict[int, int]:
    """For each collection that has posts with `term`, by its key, how many; most first."""
    counted = posts_of(term).order_by().values_list("collection").annotate(number=Count("pk"))
    return dict(sorted(counted, key=lambda pair: (-pair[1], pair[0])))


def months_of(term: Term, *, most: int, by: User | None = None) -> list[tuple[datetime.date, int]]:
    """How many posts with `term` each month has, from the first to the last, those without any among them.

    No more than the last `most` of them: the first and the last may be thousands of years apart.
    """
    dated = posts_of(term, by=by).exclude(date=None).order_by().annotate(month=TruncMonth("date")).values_list("month")
    counts = dict(dated.annotate(number=Count("pk")))
    if not counts:
        return []
    first, last = (month.year * 12 + month.month - 1 for month in (min(counts), max(counts)))
    shown = range(max(first, last - most + 1), last + 1)
    months = [datetime.date(number // 12, number % 12 + 1, 1) for number in shown]
    return [(month, counts.get(month, 0)) for month in months]


def companions_of(term: Term, most: int = _COMPANIONS, *, by: User | None = None) -> list[tuple[Term, int]]:
    """The terms of all vocabularies that stand most often in the same posts as `term`, with how often."""
    posts = posts_of(term, by=by).order_by().values("pk")
    found: Counter[tuple[str, int]] = Counter()
    for name, vocabulary in VOCABULARIES.items():
        key = key_of(vocabulary)
        if key in LINKS:
            rows = LINKS[key].objects.filter(content_object__in=posts).order_by().values_list("tag")
        else:
            rows = Post.objects.filter(pk__in=posts).exclude(**{key: None}).order_by().values_list(F(key))
        if isinstance(term, vocabulary):
            rows = rows.exclude(**{"tag" if key in LINKS else key: term.pk})
        for pk, number in rows.annotate(number=Count("pk")).order_by("-number")[:most]:
            found[name, pk] = number
    chosen = found.most_common(most)
    terms: dict[tuple[str, int], Term] = {}
    for name in {name for (name, _pk), _number in chosen}:
        pks = [pk for (each, pk), _number in chosen if each == name]
        terms |= {(name, pk): there for pk, there in VOCABULARIES[name]._default_manager.in_bulk(pks).items()}
    return [(terms[each], number) for each, number in chosen if each in terms]


def with_aliases(vocabulary: type[Term], terms: Iterable[Term]) -> QuerySet:
    """`terms` and their aliases."""
    pks = [term.pk for term in terms]
    everything = vocabulary._default_manager
    return everything.filter(pk__in=pks) | everything.filter(alias_of__in=pks)


def _several(terms: Any) -> bool:
    return isinstance(terms, QuerySet | list | tuple | set)
