"""Terms taken out of a vocabulary, with their aliases, once no post has them; and brought back as they were."""

import json
from collections.abc import Iterable
from typing import Any

from django.core import serializers
from django.db.models import F

from posts.term_uses import uses, with_aliases
from taxonomy.models import Area, Category, Term
from taxonomy.terms import free_slug


def kept(vocabulary: type[Term], terms: Iterable[int]) -> dict[str, Any]:
    """All that is known of `terms`, their keys, and of their aliases: plain data for `bring_back`."""
    pks = list(terms)
    rows = with_aliases(vocabulary, vocabulary._default_manager.filter(pk__in=pks))
    terms_first = rows.order_by(F("alias_of").asc(nulls_first=True), "pk")
    nested = Category._default_manager.filter(area__in=pks) if vocabulary is Area else Category._default_manager.none()
    told = json.loads(serializers.serialize("json", terms_first))
    for each, row in zip(told, terms_first, strict=True):
        each["fields"]["created_at"] = row.created_at.isoformat()  # to the microsecond
    return {
        "rows": told,
        "categories": [list(pair) for pair in nested.values_list("pk", "area")],
    }


def take_away(vocabulary: type[Term], terms: Iterable[int]) -> None:
    """Delete `terms`, by their keys, and their aliases; one that a post has stays."""
    for term in vocabulary._default_manager.filter(pk__in=list(terms)):
        if not uses(vocabulary, term.pk).exists():
            term.delete()


def bring_back(vocabulary: type[Term], told: dict[str, Any]) -> None:
    """Make the terms again that `kept` told of, under their old keys; one that is there already is left as it is.

    Where a file brought a name back meanwhile, the term that it made stands for the old one.
    """
    rows = vocabulary._default_manager
    stands_for: dict[int, int] = {}
    for made in serializers.deserialize("python", told["rows"]):
        term: Any = made.object
        there = rows.filter(pk=term.pk).first() or rows.filter(key=term.key).first()
        if there is not None:
            stands_for[term.pk] = there.alias_of_id or there.pk
            continue
        if rows.filter(slug=term.slug).exists():
            term.slug = free_slug(vocabulary, term.name)
        term.alias_of_id = stands_for.get(term.alias_of_id, term.alias_of_id)
        made.save()
    for category, area in told["categories"]:
        again = stands_for.get(area, area)
        Category._default_manager.filter(pk=category, area=None).update(area=again)
