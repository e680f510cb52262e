"""What an editor does about a finding: mends it as an edit of their own, or dismisses it with a reason."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from posts.checking import fixes_for
from posts.checks import Severity
from posts.document.document import Document
from posts.editing import EditForbidden, edit, require_may_edit
from posts.errors import EvergreenError
from posts.events import record_event
from posts.fields import KEY_ORDER
from posts.models import Dismissal, Finding, Post, Revision
from posts.situations import findings_in_the_way, lock, permissions_of
from posts.workflow import PUBLISH_POST, Refusal


def mended(post: Post, code: str, *, only: Finding | None = None) -> Document:
    """The present text of `post` as mending all findings of `code`, or `only` that one, would make it.

    Raises `EvergreenError` where there is nothing to mend, `EditRefused` where the text cannot take it.
    """
    if post.present is None:
        raise EvergreenError("no_text", path=post.path)
    document = Document.from_text(post.present.text)
    changes, body = fixes_for(post, code, only=only, document=document)
    if not changes and body is None:
        raise EvergreenError("nothing_to_mend")
    return document.replace(changes, body=body, key_order=KEY_ORDER)


@transaction.atomic
def mend(post: Post, code: str, *, onto: Revision, by: User, only: Finding | None = None) -> Post:
    """Mend all findings of `code`, or `only` that one, in the text `onto` that `by` saw, as an edit of theirs.

    Gives the post as it is now. Raises `EvergreenError` if there is nothing to mend, and what `posts.editing.edit`
    does.
    """
    post = lock(post)
    require_may_edit(post, by)
    changes, body = fixes_for(post, code, only=only, document=Document.from_text(onto.text))
    if not changes and body is None:
        raise EvergreenError("nothing_to_mend")
    return edit(post, changes, body=body, onto=onto, by=by)


def refusals_to_dismiss(post: Post, finding: Finding, person: User) -> tuple[Refusal, ...]:
    """Why `person` may not dismiss `finding` of `post`. Empty: they may.

    What breaks the build nobody dismisses; what stands in the way of a review, only who may publish.
    """
    permissions = permissions_of(person, post.collection_id)
    if "change_post" not in permissions:
        return (Refusal("no_permission", {"permission": "change_post"}),)
    if finding.severity == Severity.BREAKS:
        return (Refusal("finding_breaks", {"findings": (finding.code,)}),)
    blocking = {code for code, _severity in findings_in_the_way(post)}
    if finding.code in blocking and PUBLISH_POST not in permissions:
        return (Refusal("finding_blocks", {"findings": (finding.code,)}),)
    return ()


@transaction.atomic
def dismiss(finding: Finding, *, reason: str, by: User) -> Dismissal:
    """Say of `finding` that it is no fault, and why: it stays dismissed for as long as its passage stays.

    The same words elsewhere in the text are another finding.

    Raises `EditForbidden`, and `EvergreenError` without a reason.
    """
    post = lock(finding.post)
    refusals = refusals_to_dismiss(post, finding, by)
    if refusals:
        raise EditForbidden(refusals)
    if not reason.strip():
        raise EvergreenError("reason_missing", findings=(finding.code,))
    passage: dict[str, Any] = {
        "post": post,
        "code": finding.code,
        "key": finding.key,
        "passage": finding.passage,
        "place": finding.place,
    }
    told = {"by": by, "at": timezone.now(), "reason": reason.strip()}
    dismissal, _made = Dismissal.objects.update_or_create(**passage, defaults=told)
    Finding.objects.filter(**passage).update(dismissal=dismissal)
    record_event(post, "dismiss_finding", by=by, note=f"{finding.code}: {reason.strip()}")
    return dismissal


@transaction.atomic
def recall_dismissal(finding: Finding, *, by: User) -> None:
    """Take the dismissal of `finding` back; nothing happens if there is none. Raises `EditForbidden`."""
    post = lock(finding.post)
    if "change_post" not in permissions_of(by, post.collection_id):
        raise EditForbidden((Refusal("no_permission", {"permission": "change_post"}),))
    finding.refresh_from_db(fields=["dismissal"])
    if finding.dismissal is not None:
        finding.dismissal.delete()
        record_event(post, "recall_dismissal", by=by, note=finding.code)
