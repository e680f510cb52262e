"""Where the terms of a vocabulary are on the sites of the collections, and which of them have no page of their own."""

from dataclasses import dataclass

from django.db.models import QuerySet

from posts.models import LINKS, Collection, Post
from posts.term_addresses import AddressFault, address_faults, term_address, term_path, term_patterns
from posts.term_uses import key_of
from taxonomy.models import Term


@dataclass(frozen=True, slots=True)
class TermPlace:
    """A term on the site of one collection: its address ("" if it cannot be said), and what is wrong with it."""

    collection: str
    address: str
    fault: AddressFault | None = None


def faults_in(vocabulary: type[Term]) -> dict[int, AddressFault]:
    """The terms in use that have no page of their own on a site that has pages for them. Two queries, or one."""
    patterns = {pattern for _name, _site, pattern in _patterns(vocabulary)}
    if not patterns:
        return {}
    terms = list(_in_use(vocabulary).values_list("pk", "name", "slug"))
    found: dict[int, AddressFault] = {}
    for pattern in sorted(patterns):
        found = {**address_faults(pattern, terms), **found}
    return found


def places_of(term: Term) -> list[TermPlace]:
    """Where `term` is, or would be, on each site that has pages for its vocabulary. Two queries, or one."""
    sites = _patterns(type(term))
    others = list(_in_use(type(term)).exclude(pk=term.pk).values_list("pk", "name", "slug")) if sites else []
    places = []
    for name, site, pattern in sites:
        found = address_faults(pattern, [*others, (term.pk, term.name, term.slug)]).get(term.pk)
        address = term_address(site, pattern, term.name, term.slug)
        places.append(TermPlace(name, address or term_path(pattern, term.name, term.slug) or "", found))
    return places


def _patterns(vocabulary: type[Term]) -> list[tuple[str, str, str]]:
    """Name, site and pattern of each collection that says where these terms are."""
    told = Collection.objects.exclude(term_urls="").order_by("name").values_list("name", "site_url", "term_urls")
    key = key_of(vocabulary)
    read = ((name, site, term_patterns(lines).get(key, "")) for name, site, lines in told)
    return [(name, site, pattern) for name, site, pattern in read if pattern]


def _in_use(vocabulary: type[Term]) -> QuerySet[Term]:
    key = key_of(vocabulary)
    used = LINKS[key].objects.values("tag") if key in LINKS else Post.objects.exclude(**{key: None}).values(key)
    return vocabulary._default_manager.filter(alias_of=None, pk__in=used.order_by()).order_by("pk")
