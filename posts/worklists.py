"""What is one person's to do: the posts that are theirs, and the reviews that wait for them, in their order.

Said once, for the first page, for the lists that its cards lead to, and for what comes next in a review.
"""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from posts.access import Counted
from posts.models import Post
from posts.situations import permissions_of
from posts.standing_in import stands_in_for
from posts.workflow import REVIEW_POST, State

_THEIRS = ("present_by", "submitted_by", "assignee")

REVIEW_ORDER = (F("review_due").asc(nulls_last=True), F("changed_at").asc(), F("pk").asc())
"""What is due first, then what waits longest."""


def theirs(person: Any, **only: Any) -> QuerySet[Any]:
    """The keys of the posts of which `person` (a key, or what stands for one) wrote the text or asked for the review,
    or that they work on; as a subquery. `only` says which of them.
    """
    # Not "one or the other": for that both databases read every post that there is.
    first, *others = (Post.objects.filter(**{who: person}, **only).order_by().values("pk") for who in _THEIRS)
    return first.union(*others)


def asked_of(person: Any, absent: Collection[int]) -> Q:
    """What is asked of `person` (a key, or what stands for one) by name, or of one of the `absent`.

    These are the people that they stand in for. What they submitted themselves is not asked of them in place of others.
    """
    asked = Q(reviewer=person)
    if absent:
        asked |= Q(reviewer__in=sorted(absent)) & (Q(submitted_by=None) | ~Q(submitted_by=person))
    return asked & Q(reviewer__isnull=False)


def asked_first(person: User) -> Case:
    """For the order of reviews: 0 for what is asked of `person`, 1 for the rest. One query."""
    return _rank(asked_of(person.pk, stands_in_for(person.pk)))


def review_queue(person: User, *, practice: int | None = None) -> QuerySet[Post]:
    """What `person` is to review: what is asked of them first, then by `REVIEW_ORDER`; two queries before its own.

    What is asked of a colleague is not among it. `practice` is the key of the practice collection, for the queue there:
    otherwise what is there for practice does not count.
    """
    if REVIEW_POST not in permissions_of(person, None):
        return Post.objects.none()
    waiting = Post.objects.filter(state=State.IN_REVIEW)
    waiting = Counted(person).of(waiting) if practice is None else waiting.filter(collection=practice)
    asked = asked_of(person.pk, stands_in_for(person.pk))
    # Who was asked and has left since will not come to it.
    anybodys = (Q(reviewer=None) | Q(reviewer__is_active=False)) & (Q(submitted_by=None) | ~Q(submitted_by=person))
    return waiting.filter(asked | anybodys).annotate(rank=_rank(asked)).order_by("rank", *REVIEW_ORDER)


def _rank(asked: Q) -> Case:
    return Case(When(asked, then=Value(0)), default=Value(1), output_field=IntegerField())
