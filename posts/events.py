"""Writing down who took which step with a post: every event is made here, in the caller's transaction."""

import datetime
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.utils import timezone

from posts.models import Event, Post, Revision


def record_event(
    post: Post,
    transition: str,
    *,
    by: User | None,
    at: datetime.datetime | None = None,
    from_state: str = "",
    to_state: str = "",
    revision: Revision | None = None,
    by_another: bool = True,
    note: str = "",
    facts: Mapping[str, object] | None = None,
) -> Event:
    """Note that `by` (None: nobody known) took the step `transition` with `post`, and give the event.

    What is not said is as the post has it: its state before and after, its present text; and now.
    """
    return Event.objects.create(
        post=post,
        transition=transition,
        from_state=from_state or post.state,
        to_state=to_state or post.state,
        revision=revision or post.present,
        by=by,
        at=at or timezone.now(),
        by_another=by_another,
        note=note,
        facts=dict(facts or {}),
    )
