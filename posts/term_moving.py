"""A term that belongs to another vocabulary: made there with its aliases, and remembered where it was.

From then on its names count for the new term wherever a file has them under the old key.
"""

from collections.abc import Iterable

from django.db import transaction

from posts.models import Post
from posts.saving import reindex
from posts.term_removing import take_away
from posts.term_uses import posts_of, with_aliases
from taxonomy.models import MovedName, Term
from taxonomy.names import normal
from taxonomy.terms import free_slug, named

PART = 100
"""Posts that are read again in one transaction."""


def make(vocabulary: type[Term], names: Iterable[str]) -> list[int]:
    """Make those of the terms `names` that are not there, as looked at; gives the keys of the new ones."""
    return [_made(vocabulary, name).pk for name in names if named(vocabulary, name) is None]


def move(term: Term, vocabulary: type[Term]) -> list[int]:
    """Let `term`, with its aliases, be one of `vocabulary`; its posts follow (`follow`), and then the old term goes.

    Gives the keys of the terms that are new there.
    """
    rows = list(with_aliases(type(term), [term]).order_by("pk"))
    made = make(vocabulary, [term.name])
    target = named(vocabulary, term.name)
    for alias in rows:
        if target is not None and named(vocabulary, alias.name) is None:
            _made(vocabulary, alias.name, alias_of=target)
    # What was moved here once is back.
    MovedName.objects.filter(vocabulary=vocabulary._meta.model_name, key__in=[row.key for row in rows]).delete()
    whence, into = term._meta.model_name, vocabulary._meta.model_name
    for row in rows:
        facts = {"into": into, "name": term.name}
        MovedName.objects.update_or_create(vocabulary=whence, key=row.key, defaults=facts)
    return made


def follow(term: Term) -> None:
    """Let the posts that still have the moved `term` have it in its new vocabulary, and take the old one away.

    Each part of them is a transaction of its own, so that nobody waits long for a post; what a crash left undone is
    done by another call.
    """
    last = 0
    while pks := list(posts_of(term).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PART]):
        with transaction.atomic():
            reindex(Post.objects.filter(pk__in=pks))
        last = pks[-1]
    with transaction.atomic():
        take_away(type(term), [term.pk])


def forget_move(term: Term) -> None:
    """Let the names of `term`, which is back in its vocabulary, be found there again."""
    keys = with_aliases(type(term), [term]).values("key")
    MovedName.objects.filter(vocabulary=term._meta.model_name, key__in=keys).delete()


def _made(vocabulary: type[Term], name: str, alias_of: Term | None = None) -> Term:
    slug = free_slug(vocabulary, name)
    term = vocabulary(name=name, key=normal(name), slug=slug, alias_of=alias_of, is_new=False)
    term.save()
    return term
