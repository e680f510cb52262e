"""What is suggested for a post, or for many: as the checks left it, or from the text itself where they come later."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from posts.errors import EvergreenError
from posts.merging import document_of
from posts.models import CheckedText, IgnoredTerm, Post, SuggestedTerm
from posts.term_reach import out_of_reach
from posts.term_seeking import Suggestions, Unmentioned, ignored_of, known_names, sought_in
from taxonomy.mentions import Mention
from taxonomy.models import VOCABULARIES

_MOST_TERMS = 100
_PASSAGES = 3

Term = tuple[str, int]
"""A vocabulary and the key of a term."""


class IgnoreRefused(EvergreenError):
    """The term may not be ignored everywhere by this person."""


@dataclass(slots=True)
class TermInPosts:
    """A term that several posts mention and do not list, or the other way round: in how many, and passages (before,
    name, after)."""

    vocabulary: str
    pk: int
    name: str
    posts: int
    passages: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The key of the term, as text."""
        return str(self.pk)


def suggestions(post: Post) -> Suggestions:
    """What is suggested for the present text of `post`: known terms alone. Two queries where it was checked already."""
    checked = CheckedText.objects.filter(post=post, revision=post.present_id).exclude(stamp="")
    if not checked.exists():
        return sought_in(document_of(post.present), known_names(), ignored_of([post.pk])[post.pk])
    missing, never = [], []
    for row in SuggestedTerm.objects.filter(post=post).order_by("pk"):
        if row.listed:
            never.append(Unmentioned(row.vocabulary, row.term, row.name))
        else:
            passages = tuple((before, name, after) for before, name, after in row.passages)
            missing.append(Mention(row.vocabulary, row.term, row.name, row.name, row.count, passages))
    return Suggestions(tuple(missing), tuple(never))


def suggested_for(posts: QuerySet[Post], *, listed: bool = False) -> list[TermInPosts]:
    """The terms that `posts` mention and do not list, those of most posts first; at most a hundred. Two queries.

    `listed`: those that they list and never mention.
    """
    rows = SuggestedTerm.objects.filter(listed=listed, post__in=posts.order_by().values("pk"))
    counted = rows.order_by().values("vocabulary", "term").annotate(posts=Count("pk"))
    found = {
        (row["vocabulary"], row["term"]): TermInPosts(row["vocabulary"], row["term"], "", row["posts"])
        for row in counted.order_by("-posts", "vocabulary", "term")[:_MOST_TERMS]
    }
    place = Window(RowNumber(), partition_by=[F("vocabulary"), F("term")], order_by=[F("count").desc(), F("pk").asc()])
    for row in rows_of_terms(rows, found).annotate(place=place).filter(place__lte=_PASSAGES):
        each = found.get((row.vocabulary, row.term))
        if each is not None:
            each.name = row.name
            each.passages += [(before, name, after) for before, name, after in row.passages[:1]]
    return list(found.values())


def rows_of_terms(rows: QuerySet[SuggestedTerm], terms: Iterable[Term]) -> QuerySet[SuggestedTerm]:
    """Those of `rows` that are about one of `terms`."""
    found = rows.none()
    for vocabulary, pks in _by_vocabulary(terms).items():
        found |= rows.filter(vocabulary=vocabulary, term__in=pks)
    return found


def not_for_all(by: User, terms: Iterable[Term]) -> set[Term]:
    """Those of `terms` of which `by` may not say that they are suggested nowhere.

    That concerns the term in all collections, so it takes the right to change it.
    """
    refused: set[Term] = set()
    for vocabulary, pks in _by_vocabulary(terms).items():
        may = by.has_perm(f"taxonomy.change_{vocabulary}")
        elsewhere = out_of_reach(VOCABULARIES[vocabulary], pks, by) if may else pks
        refused |= {(vocabulary, pk) for pk in elsewhere}
    return refused


@transaction.atomic
def ignore(post: Post | None, vocabulary: str, term: int, *, by: User) -> None:
    """Suggest the term no more, nor say that it is not mentioned: for `post`, or without one for any.

    Without a post it raises `IgnoreRefused`: "no_permission", "term_elsewhere".
    """
    if post is None:
        _require_everywhere(vocabulary, term, by)
    IgnoredTerm.objects.get_or_create(
        vocabulary=vocabulary, term=term, post=post, defaults={"by": by, "at": timezone.now()}
    )
    rows = SuggestedTerm.objects.filter(vocabulary=vocabulary, term=term)
    (rows if post is None else rows.filter(post=post)).delete()


def _require_everywhere(vocabulary: str, term: int, by: User) -> None:
    if not by.has_perm(f"taxonomy.change_{vocabulary}"):
        raise IgnoreRefused("no_permission", permission=f"change_{vocabulary}")
    for name in out_of_reach(VOCABULARIES[vocabulary], [term], by).values():
        raise IgnoreRefused("term_elsewhere", name=name)


def _by_vocabulary(terms: Iterable[Term]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for vocabulary, pk in terms:
        found[vocabulary].append(pk)
    return found
