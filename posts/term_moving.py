"""A term that belongs to another vocabulary: made there with its aliases, and remembered where it was.

From then on its names count for the new term wherever a file has them under the old key.
"""

from collections.abc import Iterable

from posts.models import Post
from posts.saving import reindex
from posts.term_removing import take_away
from posts.term_uses import posts_of, with_aliases
from taxonomy.models import MovedName, Term
from taxonomy.names import normal
from taxonomy.terms import free_slug, named


def make(vocabulary: type[Term], names: Iterable[str]) -> list[int]:
    """Make those of the terms `names` that are not there, as looked at; gives the keys of the new ones."""
    return [_made(vocabulary, name).pk for name in names if named(vocabulary, name) is None]


def move(term: Term, vocabulary: type[Term]) -> list[int]:
    """Let `term`, with its aliases, be one of `vocabulary`, and all its posts with it.

    Gives the keys of the terms that are new there.
    """
    rows = list(with_aliases(type(term), [term]).order_by("pk"))
    posts = list(posts_of(term).order_by().values_list("pk", flat=True))
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
    reindex(Post.objects.filter(pk__in=posts))
    take_away(type(term), [term.pk])
    return made


def forget_move(term: Term) -> None:
    """Let the names of `term`, which is back in its vocabulary, be found there again."""
    keys = with_aliases(type(term), [term]).values("key")
    MovedName.objects.filter(vocabulary=term._meta.model_name, key__in=keys).delete()


def _made(vocabulary: type[Term], name: str, alias_of: Term | None = None) -> Term:
    slug = free_slug(vocabulary, name)
    term = vocabulary(name=name, key=normal(name), slug=slug, alias_of=alias_of, is_new=False)
    term.save()
    return term
