"""Working copies: what somebody typed and has not saved yet, kept for them alone and apart from the post."""

import re
from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from posts.access import may
from posts.errors import EvergreenError
from posts.models import Post, Revision, WorkingCopy

_NOT_STORABLE = re.compile(r"[\x00\ud800-\udfff]")
"""What no database takes: NUL, and half a surrogate pair, as a browser may send in the middle of an emoji."""


def copy_of(post: Post | None, *, by: User) -> WorkingCopy | None:
    """The working copy that `by` has of `post`, or of a new post where it is None."""
    return WorkingCopy.objects.filter(person=by, post=post).first()


def knows(copy: WorkingCopy, *, window: str, mark: str) -> bool:
    """Whether a form is the one that `copy` was typed in, by its window, or went on with it, by its mark."""
    return bool(window and copy.window == window) or bool(mark and copy.mark == mark)


def keep(
    post: Post | None,
    typed: Mapping[str, Sequence[str]],
    *,
    by: User,
    onto: Revision | None = None,
    window: str = "",
    mark: str = "",
) -> WorkingCopy:
    """Keep what `by` typed into the form of `post` (None: of a new post) that was opened on `onto`.

    It makes no revision and changes nothing of the post. Raises `EvergreenError`: "no_permission", or
    "copy_elsewhere" where there is a working copy that this form does not know: that one is never written over.
    """
    if not may(by, "posts.change_post" if post else "posts.add_post", post.collection_id if post else None):
        raise EvergreenError("no_permission")
    told = {
        _NOT_STORABLE.sub("", name): [_NOT_STORABLE.sub("", each) for each in values] for name, values in typed.items()
    }
    try:
        return _kept(post, told, by, onto, window, mark)
    except IntegrityError as twice:
        # Two windows began at the same moment.
        raise EvergreenError("copy_elsewhere") from twice


def drop(post: Post | None, *, by: User, window: str = "", mark: str = "") -> bool:
    """Forget the working copy of `post`, if it is the one that the form knows; gives whether it was."""
    copy = copy_of(post, by=by)
    if copy is None or not knows(copy, window=window, mark=mark):
        return False
    # Not what was typed in the moment between.
    return bool(WorkingCopy.objects.filter(pk=copy.pk, at=copy.at).delete()[0])


@transaction.atomic
def _kept(
    post: Post | None, typed: dict[str, list[str]], by: User, onto: Revision | None, window: str, mark: str
) -> WorkingCopy:
    copy = WorkingCopy.objects.select_for_update().filter(person=by, post=post).first()
    if copy is None:
        copy = WorkingCopy(person=by, post=post)
    elif not knows(copy, window=window, mark=mark) and copy.typed != typed:
        raise EvergreenError("copy_elsewhere")
    copy.onto, copy.window, copy.typed, copy.at = onto, window, typed, timezone.now()
    copy.save()
    return copy
