"""Finding terms by the names that files use, and making those that are new."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from taxonomy.models import VOCABULARIES, Area, Category, KeptApart, MovedName, Term
from taxonomy.names import normal
from taxonomy.slugs import slug_of
from taxonomy.words import phrase_of, searched_as

_BATCH = 500


def find_or_create(vocabulary: type[Term], names: Iterable[str]) -> dict[str, int]:
    """The primary key of the term that each of `names` stands for, aliases resolved.

    A name that the vocabulary does not know becomes a term marked as new. The number of queries does not
    depend on how many of the names are known; call it inside the transaction that links the terms.
    """
    key_of = {name: normal(name) for name in names}
    wanted = {key: name for name, key in reversed(key_of.items()) if key}
    known = _known(vocabulary, wanted)
    missing = {key: name for key, name in wanted.items() if key not in known}
    if missing:
        _create(vocabulary, missing, slug_of=lambda name, key: slug_of(name) or _hashed("term", key))
        known |= _known(vocabulary, missing)
        # A slug that another term has already (`C`, `C#`, `C++`) was passed over above: those get a slug of their own.
        still = {key: name for key, name in missing.items() if key not in known}
        if still:
            _create(vocabulary, still, slug_of=lambda name, key: _hashed(slug_of(name) or "term", key))
            known |= _known(vocabulary, still)
    return {name: known[key] for name, key in key_of.items() if key}


def search(vocabulary: type[Term], text: str) -> "QuerySet[Term]":
    """Terms (no aliases) of which the name or an alias contains `text`: its signs, or its words in either script."""
    phrase = phrase_of(text, unfinished=True)
    said = Q(key__contains=normal(text))
    matching = vocabulary.objects.filter(said | Q(words__contains=phrase.in_a_name) if phrase else said)
    return vocabulary.objects.filter(alias_of=None, pk__in=matching.values("pk")) | vocabulary.objects.filter(
        pk__in=matching.exclude(alias_of=None).values("alias_of")
    )


def remember_apart(one: Term, other: Term, *, by: User) -> None:
    """Remember that the two are not the same, so that they are not proposed as duplicates again."""
    low, high = sorted((one.pk, other.pk))
    KeptApart.objects.get_or_create(vocabulary=one._meta.model_name, one=low, other=high, defaults={"by": by})


def kept_apart(vocabulary: type[Term]) -> set[frozenset[int]]:
    """The pairs of terms that somebody said are not the same, by their keys.

    What was said of a term that is an alias now holds for the one that it stands for.
    """
    pairs = list(KeptApart.objects.filter(vocabulary=vocabulary._meta.model_name).values_list("one", "other"))
    if not pairs:
        return set()
    meant = dict(vocabulary._default_manager.exclude(alias_of=None).values_list("pk", "alias_of"))
    meant_pairs = (frozenset(meant.get(pk, pk) for pk in pair) for pair in pairs)
    return {pair for pair in meant_pairs if len(pair) == 2}


def hand_over_apart(alias: Term, term: Term) -> None:
    """What was said of `alias`, which is about to go, is said of `term`."""
    said = KeptApart.objects.filter(vocabulary=alias._meta.model_name)
    for row in said.filter(Q(one=alias.pk) | Q(other=alias.pk)):
        pair = {row.one, row.other} - {alias.pk} | {term.pk}
        row.delete()
        if len(pair) == 2:
            said.get_or_create(vocabulary=row.vocabulary, one=min(pair), other=max(pair), defaults={"by": row.by})


def named(vocabulary: type[Term], name: str) -> Term | None:
    """The term that `name` means, through an alias too; None if there is none."""
    found = vocabulary._default_manager.select_related("alias_of").filter(key=normal(name)).first()
    return None if found is None else found.alias_of or found


def areas_of_categories() -> dict[str, tuple[str, frozenset[str]]]:
    """For each name of a category that is part of an area, in normal form: the area, and all its names in that form.

    Two queries, or one.
    """
    nested = Q(alias_of=None, area__isnull=False) | Q(alias_of__area__isnull=False)
    rows = list(Category._default_manager.filter(nested).values_list("key", "area", "alias_of__area"))
    if not rows:
        return {}
    own: dict[int, str] = {}
    keys: dict[int, set[str]] = defaultdict(set)
    meant: dict[int, int] = {}
    for pk, name, key, alias_of in Area._default_manager.values_list("pk", "name", "key", "alias_of"):
        own[pk], meant[pk] = name, alias_of or pk
        keys[alias_of or pk].add(key)
    areas = ((key, meant[of_term or area]) for key, area, of_term in rows)
    return {key: (own[area], frozenset(keys[area])) for key, area in areas}


def categories_of(term: Term) -> "Iterable[Category]":
    """The categories that are part of `term`; none of what is no area."""
    return Category._default_manager.filter(area=term.pk, alias_of=None) if isinstance(term, Area) else ()


def in_order(vocabulary: type[Term], terms: "QuerySet[Term]") -> "QuerySet[Term]":
    """`terms` as lists and choices have them: by the order of the vocabulary, if it has one, else by name."""
    return terms.order_by(*vocabulary._meta.ordering)


def moved_names() -> dict[tuple[str, str], tuple[str, str]]:
    """The names that belong to another vocabulary than they once were in.

    By vocabulary and normal form, the other vocabulary and the name there. One query.
    """
    rows = MovedName.objects.values_list("vocabulary", "key", "into", "name")
    return {(vocabulary, key): (into, name) for vocabulary, key, into, name in rows}


def free_slug(vocabulary: type[Term], name: str) -> str:
    """A Latin slug for `name` that no other term of `vocabulary` has."""
    stem = slug_of(name) or "term"
    slug, number = stem, 1
    while vocabulary._default_manager.filter(slug=slug).exists():
        number += 1
        slug = f"{stem}-{number}"
    return slug


def own_names(listed: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    """Of the names `listed` for each vocabulary those that are aliases: by normal form, the term's own name.

    One query for each vocabulary.
    """
    found: dict[str, dict[str, str]] = {}
    for name, names in listed.items():
        rows = VOCABULARIES[name]._default_manager.filter(key__in={normal(each) for each in names})
        aliases = dict(rows.exclude(alias_of=None).values_list("key", "alias_of__name"))
        if aliases:
            found[name] = aliases
    return found


def _known(vocabulary: type[Term], keys: Iterable[str]) -> dict[str, int]:
    listed = list(keys)
    found: dict[str, int] = {}
    for start in range(0, len(listed), _BATCH):
        rows = vocabulary.objects.filter(key__in=listed[start : start + _BATCH]).values_list("key", "pk", "alias_of_id")
        found |= {key: alias_of or pk for key, pk, alias_of in rows}
    return found


def _create(vocabulary: type[Term], names: dict[str, str], slug_of) -> None:  # type: ignore[no-untyped-def]
    terms = [
        vocabulary(name=names[key], key=key, slug=slug_of(names[key], key), words=searched_as(names[key]))
        for key in sorted(names)
    ]
    vocabulary.objects.bulk_create(terms, ignore_conflicts=True, batch_size=_BATCH)


def _hashed(stem: str, key: str) -> str:
    return f"{stem}-{hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()[:10]}"
