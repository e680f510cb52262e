"""An approval that a change of the text takes back: never without a word to those it concerns (DESIGN §2.9)."""

import datetime

from django.contrib.auth.models import User
from django.utils import timezone

from posts.access import may_enter
from posts.models import BulkStep, Post
from posts.notifying import tell, tell_of_many


def without_approval(
    post: Post,
    *,
    because_of: str,
    by: User | None = None,
    at: datetime.datetime | None = None,
    bulk_step: BulkStep | None = None,
) -> dict[str, object]:
    """The facts of `post` without its approval, for `saving`.

    Whoever gave, asked for or awaits a standing one is told that `because_of`, by name, it does not stand any more;
    but for `by`, who knows. Of a bulk step they are told once, however many posts it changes.
    """
    if post.approved_id is not None:
        concerned = [post.approved_by, post.submitted_by, post.approved.by if post.approved else None]
        told = [person for person in concerned if person != by]
        if bulk_step is None:
            tell(told, "approval_lost", post=post, facts={"by": because_of}, at=at or timezone.now())
        else:
            allowed = [person for person in told if person is not None and may_enter(person, post.collection_id)]
            facts = {"by": because_of, "collection": bulk_step.collection.name}
            tell_of_many(allowed, "approvals_lost", step=bulk_step.pk, facts=facts, by=bulk_step.made_by)
    return {"approved": None, "approved_by": None}
