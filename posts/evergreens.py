"""Evergreen posts: another review-by date, and reminders when one is near and when it has come."""

import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from posts.errors import EvergreenError
from posts.events import record_event
from posts.models import Post, Reminder
from posts.notifying import tell
from posts.planning import FARTHEST
from posts.saving import record
from posts.situations import lock, permissions_of
from posts.workflow import REVIEW_POST, State

_NEAR = datetime.timedelta(days=7)
_AT_ONCE = 500


@transaction.atomic
def set_review_by(post: Post, day: datetime.date, *, by: User, today: datetime.date | None = None) -> Post:
    """Let an evergreen post be looked at again by `day`; noted in its history.

    Raises EvergreenError("no_permission"), ("no_review_by"), ("day_passed") or ("too_far").
    """
    post = lock(post)
    check_review_by(post, by=by)
    today = today or timezone.localdate(timezone=timezone.get_default_timezone())
    if day <= today:
        raise EvergreenError("day_passed")
    if day - today > FARTHEST:
        raise EvergreenError("too_far")
    if day == post.review_by:
        return post
    before = post.review_by.isoformat() if post.review_by else ""
    record_event(post, "review_by", by=by, note=f"{before} → {day.isoformat()}")
    return record(post, {"review_by": day})


def check_review_by(post: Post, *, by: User) -> None:
    """Raise EvergreenError("no_permission") or ("no_review_by") unless `by` may change the date of `post`."""
    if REVIEW_POST not in permissions_of(by, post.collection_id):
        raise EvergreenError("no_permission", permission=REVIEW_POST)
    if post.state != State.EVERGREEN:
        raise EvergreenError("no_review_by")


def owners(post: Post) -> list[User | None]:
    """Who is reminded of `post`: whoever answers for it."""
    return [post.assignee or post.approved_by or post.submitted_by or (post.present.by if post.present else None)]


def remind(*, now: datetime.datetime | None = None) -> int:
    """Tell the owners once when a review-by date is a week away, and once when it has come; give how many dates."""
    moment = now or timezone.now()
    today = timezone.localdate(moment, timezone.get_default_timezone())
    due = [_remind(pk, Reminder.Kind.DUE, "review_due", moment) for pk in _to_remind(Reminder.Kind.DUE, None, today)]
    near = [
        _remind(pk, Reminder.Kind.NEAR, "review_near", moment)
        for pk in _to_remind(Reminder.Kind.NEAR, today, today + _NEAR)
    ]
    return sum(due) + sum(near)


def _to_remind(kind: Reminder.Kind, after: datetime.date | None, until: datetime.date) -> list[int]:
    told = Reminder.objects.filter(post=OuterRef("pk"), day=OuterRef("review_by"), kind=kind)
    posts = Post.objects.filter(state=State.EVERGREEN, review_by__lte=until).exclude(Exists(told))
    if after is not None:
        posts = posts.filter(review_by__gt=after)
    return list(posts.order_by("review_by", "pk").values_list("pk", flat=True)[:_AT_ONCE])


@transaction.atomic
def _remind(pk: int, kind: Reminder.Kind, code: str, moment: datetime.datetime) -> bool:
    post = (
        Post.objects.select_related("assignee", "approved_by", "submitted_by", "present__by")
        .defer("present__text")
        .get(pk=pk)
    )
    if post.review_by is None or post.state != State.EVERGREEN:
        return False
    _reminder, made = Reminder.objects.get_or_create(post=post, day=post.review_by, kind=kind)
    if made:
        tell(owners(post), code, post=post, facts={"day": post.review_by.isoformat()}, at=moment)
    return made
