"""The two sides of a post brought together, as chosen or because they agree again: its texts, its state, its event."""

from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from posts import fields, pushed_states
from posts.approvals import without_approval
from posts.conflicts import close_conflict, held, lets_pass
from posts.disputes import BY_PARTS, Choice, Dispute, chosen_sides, cleared_after, dispute_of, with_third
from posts.document.document import Document
from posts.document.errors import EditRefused, MergeRefused
from posts.events import record_event
from posts.merging import document_of, leaves_by_itself
from posts.models import Post, Revision, Whence
from posts.notifying import tell
from posts.saving import TextChange, record, write
from posts.situations import may_clear_drafts, text_on_site
from posts.workflow import State


def bring_together(post: Post, dispute: Dispute, choices: Mapping[str, Choice], *, by: User | None) -> None:
    """Write the text that `choices` make of the two sides, and what of it leaves. The conflict is closed by now.

    The sides as chosen come from whoever pushed; only something third makes a writer of who settles (DESIGN §2.9).
    An approval is of one text, and ends with it. What was published and leaves with what theirs brought elsewhere is
    marked as changed outside, as it is where nothing clashes. Raises `MergeRefused`, `EditRefused`, `DocumentError`.
    """
    sides = chosen_sides(dispute, choices)
    final = with_third(dispute, choices, sides)
    conflict = dispute.conflict
    passing = lets_pass(conflict, post)
    leaves = cleared_after(post, dispute, choices, sides)
    if not passing and final != dispute.theirs and final.surely_draft and may_clear_drafts(post):
        leaves = final
    lost, approver = _lost_publication(post, dispute, leaves), post.approved_by
    pushed_by = conflict.theirs.by if conflict.theirs is not None else None
    sides_are_present = post.present is not None and sides.text == post.present.text
    if not passing:
        record(post, {"cleared": post.present if leaves == sides and sides_are_present else post.git_text})
    changes: list[TextChange] = []
    if leaves is not None and leaves not in (sides, final):
        beside = TextChange(post, leaves, Whence.MERGE, by=pushed_by, co_writers=conflict.pushed_by)
        beside.becomes_present, beside.beside, beside.becomes_cleared = False, True, True
        changes.append(beside)
    if not sides_are_present:
        merge = TextChange(post, sides, Whence.MERGE, by=pushed_by, co_writers=conflict.pushed_by)
        merge.becomes_cleared = leaves == sides
        changes.append(merge)
    if final != sides:
        changes.append(TextChange(post, final, Whence.EDIT, by=by, becomes_cleared=leaves == final))
    if changes:
        facts = without_approval(post, because_of=conflict.theirs_author, by=by)
        if post.state == State.APPROVED:
            facts["state"] = State.IN_REVIEW
        if lost is not None and leaves is not None and not leaves.truthy("draft"):
            facts["changed_outside_at"] = conflict.theirs_at or timezone.now()
        record(post, facts)
        write(changes)
    if lost is not None:
        told = {"by": conflict.theirs_author}
        tell([approver, lost.by], "approval_lost", post=post, facts=told, at=timezone.now(), by=by)
    record(post, {"state": _state_after(post, dispute, final, leaves)})


def settle_if_agreed(post: Post, *, by: User | None) -> None:
    """Close the conflict that holds `post` if an edit left nothing open between the two sides."""
    conflict = held(post)
    if conflict is None or conflict.kind not in BY_PARTS:
        return
    conflict.post = post
    dispute = dispute_of(conflict)
    if dispute.merged is None or dispute.asks:
        return
    before = post.state
    try:
        with transaction.atomic():
            close_conflict(post, at=timezone.now(), by=by)
            bring_together(post, dispute, {}, by=by)
            note_settled(post, before, by=by)
    except (MergeRefused, EditRefused):
        # What leaves cannot be brought together by itself: the conflict stays, and the edit that led here stands.
        post.refresh_from_db()


def note_settled(post: Post, before: str, *, by: User | None) -> None:
    """Record that the conflict of `post`, which was in the state `before`, is settled."""
    record_event(post, "settle", by=by, from_state=before)


def _lost_publication(post: Post, dispute: Dispute, leaves: Document | None) -> Revision | None:
    """The text that was published here, if the site, for which theirs is a draft, does not get it as it is."""
    waits = (
        dispute.theirs is not None and dispute.theirs.truthy("draft") and leaves_by_itself(post, dispute.conflict.base)
    )
    if not waits or post.cleared is None or post.cleared.says_draft:
        return None
    return post.cleared if leaves != document_of(post.cleared) else None


def _state_after(post: Post, dispute: Dispute, final: Document, leaves: Document | None) -> State:
    state = State(post.state)
    values = fields.read(final)[0]
    mapped = pushed_states.mapped(bool(values["draft"]), str(values["status"]))
    shown = text_on_site(post)
    if shown is not None and shown.blob == final.blob_id:
        return mapped
    if state == State.ARCHIVED:
        by_text = any(each.field in fields.WRITTEN_BY_TRANSITIONS for each in dispute.keys)
        return mapped if by_text else state
    if state in (State.PUBLISHED, State.EVERGREEN):
        return mapped if leaves == final else State.DRAFT
    return state
