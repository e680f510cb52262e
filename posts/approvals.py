"""An approval that a change of the text takes back: never without a word to those it concerns (DESIGN §2.9)."""

import datetime

from django.contrib.auth.models import User
from django.utils import timezone

from posts.models import Post
from posts.notifying import tell


def without_approval(
    post: Post, *, because_of: str, by: User | None = None, at: datetime.datetime | None = None
) -> dict[str, object]:
    """The facts of `post` without its approval, for `saving`.

    Whoever gave, asked for or awaits a standing one is told that `because_of`, by name, it does not stand any more;
    but for `by`, who knows.
    """
    if post.approved_id is not None:
        concerned = [post.approved_by, post.submitted_by, post.approved.by if post.approved else None]
        told = [person for person in concerned if person != by]
        tell(told, "approval_lost", post=post, facts={"by": because_of}, at=at or timezone.now())
    return {"approved": None, "approved_by": None}
