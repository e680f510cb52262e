"""Which texts somebody took home as files, so that a file that comes back is known by the text it was made from."""

import datetime
import difflib
import uuid
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.utils import timezone

from posts.document.document import Document
from posts.models import Collection, Download, Post, Revision

_KEPT_FOR = datetime.timedelta(days=180)
_LOOKED_AT = 10
_BATCH = 500


def note_taken(texts: Iterable[tuple[int, uuid.UUID]], *, by: User) -> None:
    """Remember that `by` has these texts as files: for each the key of its post and that of its revision."""
    now = timezone.now()
    rows = [Download(person=by, post_id=post, revision_id=revision, at=now) for post, revision in texts]
    Download.objects.bulk_create(
        rows,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["person", "post", "revision"],
        update_fields=["at"],
    )


def took_home(post: Post, *, by: User) -> bool:
    """Whether `by` has a text of `post` as a file."""
    return Download.objects.filter(person=by, post=post).exists()


def path_at_home(collection: Collection, name: str, text: str, *, by: User) -> str | None:
    """The path of the post whose file `name` with `text` is one that `by` took home; None for none.

    Of several posts whose files have this name, it is the one that has been most like it.
    """
    taken = Download.objects.filter(person=by, post__collection=collection, post__path__endswith=name)
    newest = taken.order_by("-at", "-pk").select_related("post", "revision")
    named = [each for each in newest if each.post.path.rpartition("/")[2] == name][:_LOOKED_AT]
    if len({each.post_id for each in named}) < 2:
        return named[0].post.path if named else None
    return min(named, key=lambda each: _lines_apart(each.revision.text, text)).post.path


def made_from(post: Post, document: Document, *, by: User) -> Revision | None:
    """The text of `post` that `document`, a file which `by` brings back, was made from; None if they took none home.

    Of several it is the one that the file is closest to: from a newer one, the file would differ by what others wrote
    as well, which a merge would then take back.
    """
    taken = Download.objects.filter(person=by, post=post).order_by("-at", "-pk").select_related("revision")[:_LOOKED_AT]
    revisions = [each.revision for each in taken]
    if len(revisions) < 2:
        return revisions[0] if revisions else None
    return min(revisions, key=lambda revision: (_lines_apart(revision.text, document.text), -revision.number))


def forget_old() -> None:
    """Forget what was taken home half a year ago and never again since."""
    Download.objects.filter(at__lt=timezone.now() - _KEPT_FOR).delete()


def _lines_apart(one: str, other: str) -> int:
    """How many lines of the two texts are not the other's."""
    lines, others = one.splitlines(), other.splitlines()
    blocks = difflib.SequenceMatcher(None, lines, others, autojunk=False).get_matching_blocks()
    return len(lines) + len(others) - 2 * sum(block.size for block in blocks)
