"""Opening and closing the conflicts of posts."""

import datetime

from posts.models import Conflict, Post


def open_conflict(
    post: Post,
    kind: str,
    *,
    theirs: str = "",
    theirs_blob: str = "",
    theirs_author: str = "",
    theirs_commit: str = "",
    at: datetime.datetime,
) -> Conflict:
    """Hold `post` back: open a conflict, or renew the other side of the one that is open."""
    conflict = Conflict.objects.filter(post=post, settled_at=None).first() or Conflict(
        post=post, base=post.base, opened_at=at
    )
    # PostgreSQL holds no NUL; the file itself stays in git as it is.
    conflict.kind, conflict.theirs, conflict.theirs_blob = (
        kind,
        theirs.replace("\0", "\N{REPLACEMENT CHARACTER}"),
        theirs_blob,
    )
    conflict.theirs_author, conflict.theirs_commit = theirs_author[:200], theirs_commit
    conflict.save()
    return conflict


def close_conflict(post: Post, *, at: datetime.datetime) -> None:
    """The two sides agree again: nothing holds `post` back any more."""
    Conflict.objects.filter(post=post, settled_at=None).update(settled_at=at)
