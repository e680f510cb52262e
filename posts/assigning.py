"""Who works on a post now: taken, given to somebody, released; one post or many, told to those it concerns."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from posts.access import may
from posts.errors import EvergreenError
from posts.events import record_event
from posts.models import Post
from posts.notifying import called, tell
from posts.people import people_who_may
from posts.saving import record
from posts.workflow import CHANGE_POST

MOST_NAMED = 5
"""For more posts at once than these, whoever gets them is told once, with their number."""

_BATCH = 500


class AssignmentRefused(EvergreenError):
    """This person may not be given posts, or the one who asks may not give any."""


@transaction.atomic
def assign(posts: QuerySet[Post] | Iterable[Post], to: User | None, *, by: User) -> list[Post]:
    """Let `to` work on each of `posts`, or nobody (None). Gives the posts that changed, as they are now.

    Whoever gets one, and whoever had it, is told. Raises `AssignmentRefused` where `by` may not change posts, or `to`
    could not; then nothing is changed.
    """
    given = list(posts)
    if not all(may(by, f"posts.{CHANGE_POST}", collection) for collection in _collections(given)):
        raise AssignmentRefused("no_permission", permission=CHANGE_POST)
    return hand(given, to, by=by)


@transaction.atomic
def hand(posts: QuerySet[Post] | Iterable[Post], to: User | None, *, by: User) -> list[Post]:
    """As `assign`, for a caller that has asked itself whether `by` may."""
    given = list(posts)
    if to is not None and not (to.is_active and _may_work(to, given)):
        raise AssignmentRefused("cannot_work_on_posts", name=called(to))
    changed: list[Post] = []
    had: dict[User, list[Post]] = {}
    now = timezone.now()
    for post in _locked([post.pk for post in given]):
        if post.assignee == to:
            continue
        if post.assignee is not None:
            had.setdefault(post.assignee, []).append(post)
        before, after = called(post.assignee), called(to)
        facts = {"from": before, "to": after}
        record_event(post, "assign", by=by, at=now, note=f"{before or '–'} → {after or '–'}", facts=facts)
        changed.append(record(post, {"assignee": to}))
    _tell(changed, to, had, by)
    return changed


def take(post: Post, *, by: User) -> list[Post]:
    """Let `by` work on `post`; as `assign`."""
    return assign([post], by, by=by)


def release(post: Post, *, by: User) -> list[Post]:
    """Let nobody work on `post`; as `assign`."""
    return assign([post], None, by=by)


def can_work(collection: int | None) -> QuerySet[User]:
    """Whoever may be given a post of the collection with this key (None: of any), by name: one query."""
    return people_who_may(f"posts.{CHANGE_POST}", collection)


def _collections(posts: Iterable[Post]) -> set[int | None]:
    """The keys of their collections; where there are no posts, none in particular, so that a right is asked for."""
    return {post.collection_id for post in posts} or {None}


def _may_work(person: User, posts: Iterable[Post]) -> bool:
    return all(may(person, f"posts.{CHANGE_POST}", collection) for collection in _collections(posts))


def _locked(pks: list[int]) -> Iterable[Post]:
    for start in range(0, len(pks), _BATCH):
        batch = pks[start : start + _BATCH]
        # Locked first and read then, as `situations.lock` does.
        Post.objects.filter(pk__in=batch).lock_in_order()
        posts = Post.objects.filter(pk__in=batch).select_related("assignee", "cleared", "present")
        yield from posts.defer("cleared__text", "present__text").order_by("pk")


def _tell(posts: list[Post], to: User | None, had: dict[User, list[Post]], by: User) -> None:
    name = called(by)
    if to is not None and len(posts) > MOST_NAMED:
        tell([to], "assigned_many", facts={"by": name, "count": len(posts)}, by=by)
    elif to is not None:
        for post in posts:
            tell([to], "assigned", post=post, facts={"by": name}, by=by)
    for person, theirs in had.items():
        if person != to and len(theirs) <= MOST_NAMED:
            for post in theirs:
                tell([person], "released", post=post, facts={"by": name, "to": called(to) or "–"}, by=by)
