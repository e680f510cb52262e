"""Opening and closing the conflicts of posts."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.contrib.auth.models import User
from django.db.models import IntegerField
from django.utils import timezone

from posts.models import Conflict, Post, Revision
from posts.notifying import tell
from posts.questions import Given, Question


@dataclass(frozen=True, slots=True)
class OtherSide:
    """What git has of a post: a text, or what can be shown of a file that is none; with who made it, and when.

    `pushed_by` are the keys of the people who made it.
    """

    theirs: Revision | None = None
    unreadable: str = ""
    blob: str = ""
    author: str = ""
    commit: str = ""
    at: datetime.datetime = field(default_factory=timezone.now)
    pushed_by: Sequence[int] = ()


class Holding:
    """What holds a post back, asked for once, and only if it matters."""

    def __init__(self, post: Post) -> None:
        self._post = post

    @cached_property
    def conflict(self) -> Conflict | None:
        """The open conflict, if there is one."""
        return held(self._post)

    @property
    def is_passed(self) -> bool:
        """Whether what takes the post off the site is on its way in spite of it."""
        return self.conflict is not None and lets_pass(self.conflict, self._post)

    @property
    def pushed_by(self) -> list[int]:
        """The keys of all the people who pushed into it."""
        if self.conflict is None:
            return []
        theirs = self.conflict.theirs
        # A conflict of before `pushed_by` was kept knows the last of them.
        return [*self.conflict.pushed_by, *([theirs.by_id] if theirs is not None and theirs.by_id else [])]


def held(post: Post) -> Conflict | None:
    """The open conflict that holds back `post`, with its texts; None if nothing does."""
    return Conflict.objects.holding().filter(post=post).select_related("base", "theirs").first()


def is_held_back(post: Post) -> bool:
    """Whether an open conflict holds back `post`."""
    return bool(_HOLDING.ask(post=post.pk))


_HOLDING = Question(
    lambda: Conflict.objects.holding().filter(post=Given("post", IntegerField())).order_by("pk").values_list("pk")[:1]
)


def open_conflict(
    post: Post, kind: str, other: OtherSide, *, base: Revision | None, open_one: Conflict | None
) -> Conflict:
    """Hold `post` back: open a conflict, or renew the other side of `open_one`, that which is `held` now.

    `base` is the text that both sides last agreed on; an open conflict keeps its own.
    """
    conflict = open_one
    if conflict is None:
        conflict = Conflict(post=post, base=base, opened_at=timezone.now())
    conflict.kind, conflict.theirs, conflict.theirs_blob = kind, other.theirs, other.blob
    # PostgreSQL holds no NUL; the file itself stays in git as it is.
    conflict.unreadable = other.unreadable.replace("\0", "\N{REPLACEMENT CHARACTER}")
    conflict.pushed_by = sorted({*conflict.pushed_by, *other.pushed_by})
    conflict.theirs_author, conflict.theirs_commit, conflict.theirs_at = other.author[:200], other.commit, other.at
    conflict.save()
    if open_one is None:
        wrote = post.present.by if post.present is not None else None
        facts: dict[str, object] = {"by": other.author, "conflict": conflict.pk}
        tell([post.assignee, post.submitted_by, wrote], "conflict", post=post, facts=facts, at=other.at)
    return conflict


def close_conflict(post: Post, *, at: datetime.datetime, by: User | None = None) -> None:
    """Nothing holds `post` back any more. What it said until now stays readable as ours of the conflict."""
    Conflict.objects.holding().filter(post=post).update(settled_at=at, settled_by=by, ours=post.present)


def lets_pass(conflict: Conflict, post: Post) -> bool:
    """Whether the cleared text of `post` takes it off the site, and so leaves in spite of `conflict`."""
    return conflict.passes_id is not None and conflict.passes_id == post.cleared_id
