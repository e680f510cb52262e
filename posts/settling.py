"""An editor settles a conflict: what was chosen becomes a revision, and what was held goes on its way (DESIGN §2.7)."""

from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from posts import fields, pushed_states
from posts.agreeing import bring_together, note_settled
from posts.conflicts import close_conflict
from posts.disputes import (
    FILE,
    OURS,
    THEIRS,
    Choice,
    Dispute,
    Written,
    chosen_sides,
    dispute_of,
    moved_since,
    require_answers,
    with_third,
)
from posts.document.document import Document
from posts.document.errors import DocumentError, EditRefused, MergeRefused
from posts.editing import EditForbidden, require_same_decisions, store
from posts.errors import EvergreenError
from posts.merging import document_of
from posts.models import Conflict, Post, Whence
from posts.saving import TextChange, record, write
from posts.situations import lock, permissions_of
from posts.waking import ask_for_sync
from posts.workflow import CHANGE_POST, PUBLISH_POST, Refusal, State

__all__ = ["OURS", "THEIRS", "Choice", "Dispute", "Written", "dispute_of", "refusals_to_settle", "settle"]


def refusals_to_settle(dispute: Dispute, person: User) -> tuple[Refusal, ...]:
    """Why `person` may not settle this conflict. Empty: they may."""
    conflict = dispute.conflict
    if conflict.kind == Conflict.Kind.FORM and conflict.owner_id != person.pk:
        return (Refusal("not_your_form"),)
    if conflict.kind == Conflict.Kind.FORM and conflict.post.state == State.ARCHIVED:
        return (Refusal("restore_first"),)
    holds = permissions_of(person, conflict.post.collection_id)
    needs = [CHANGE_POST]
    if any(each.field in fields.WRITTEN_BY_TRANSITIONS for each in dispute.keys) or _is_about_the_site(conflict):
        needs.append(PUBLISH_POST)
    return tuple(Refusal("no_permission", {"permission": each}) for each in needs if each not in holds)


@transaction.atomic
def settle(conflict: Conflict, choices: Mapping[str, Choice], *, pair: str, by: User) -> Post:
    """Settle `conflict` with a choice for everything that it asks, and give the post as it is then.

    `pair` names the two texts that `by` saw. Raises `EditForbidden`, `EditRefused`, and `EvergreenError`:
    `settled_already`, `sides_moved` (which of them did), `choice_missing`, or the code of a text that cannot be read.
    """
    post = lock(conflict.post)
    conflict = Conflict.objects.select_related("base", "ours", "theirs", "owner").get(pk=conflict.pk)
    conflict.post = post
    if conflict.settled_at is not None:
        raise EvergreenError("settled_already")
    dispute = dispute_of(conflict)
    refusals = refusals_to_settle(dispute, by)
    if refusals:
        raise EditForbidden(refusals)
    moved = moved_since(dispute, pair)
    if any(moved.values()):
        raise EvergreenError("sides_moved", **moved)
    require_answers(dispute, choices)
    if any(isinstance(choices[key], Written) for key in fields.WRITTEN_BY_TRANSITIONS & choices.keys()):
        raise EditForbidden((Refusal("written_by_transitions"),))
    try:
        return _settled(post, dispute, choices, by)
    except MergeRefused as refused:
        raise EditRefused(refused.code, **refused.facts) from refused
    except DocumentError as error:
        raise EvergreenError(error.code, **{**error.facts, "line": error.line}) from error


def _settled(post: Post, dispute: Dispute, choices: Mapping[str, Choice], by: User) -> Post:
    conflict = dispute.conflict
    if conflict.kind == Conflict.Kind.FORM:
        return _form_settled(post, dispute, choices, by)
    close_conflict(post, at=timezone.now(), by=by)
    before = post.state
    if conflict.kind == Conflict.Kind.DELETED:
        _keep_or_let_go(post, dispute, keeps=choices[FILE] == OURS, by=by)
    elif conflict.kind == Conflict.Kind.UNREADABLE:
        _over_the_unreadable(post, conflict, choices[FILE], by)
    else:
        choice = choices.get(FILE)
        if isinstance(choice, Written):
            choices = {FILE: Written(_written_file(post, choice).text)}
        bring_together(post, dispute, choices, by=by)
    note_settled(post, before, by=by)
    if post.pending:
        ask_for_sync(post.collection)
    return post


def _form_settled(post: Post, dispute: Dispute, choices: Mapping[str, Choice], by: User) -> Post:
    """What was typed onto an older text, as an ordinary edit of whoever typed it."""
    document = with_third(dispute, choices, chosen_sides(dispute, choices))
    stored = store(post, document, Whence.EDIT, by)
    Conflict.objects.filter(pk=dispute.conflict.pk).update(settled_at=timezone.now(), settled_by=by)
    return stored


def _keep_or_let_go(post: Post, dispute: Dispute, *, keeps: bool, by: User) -> None:
    if post.removed:
        # Removed here, and changed there: who keeps "ours" removes it all the same.
        if not keeps and dispute.theirs is not None:
            values = fields.read(dispute.theirs)[0]
            facts = {"state": pushed_states.mapped(bool(values["draft"]), str(values["status"])), "removed": False}
            change = TextChange(post, dispute.theirs, Whence.MERGE, becomes_cleared=True, facts=facts)
            change.by = dispute.conflict.theirs.by if dispute.conflict.theirs is not None else None
            change.co_writers = dispute.conflict.pushed_by
            write([change])
    elif keeps:
        # The text that left last leaves once more; what git never had goes on as it was.
        record(post, {"cleared": post.cleared or post.git_text})
    else:
        gone = {"state": State.ARCHIVED, "cleared": None, "approved": None, "approved_by": None}
        record(post, {**gone, "submitted_by": None})


def _over_the_unreadable(post: Post, conflict: Conflict, choice: Choice, by: User) -> None:
    """The last text that could be read leaves over the one that cannot be; a repaired one is an edit upon it.

    Whoever pushed the one that cannot be read wrote a part of what was repaired.
    """
    record(post, {"cleared": post.cleared or post.git_text})
    if isinstance(choice, Written):
        store(post, _written_file(post, choice), Whence.EDIT, by, co_writers=conflict.pushed_by)


def _written_file(post: Post, choice: Written) -> Document:
    """The whole text that was written, with the `draft` and `status` of the present one (DESIGN §2.10).

    Raises `EditForbidden` where it has one of them that the present text has not.
    """
    written = Document.from_text(str(choice.value))
    now = document_of(post.present)
    keep = {key: now.values.get(key) for key in fields.WRITTEN_BY_TRANSITIONS if key in now.keys}
    kept = written.replace(keep, key_order=fields.KEY_ORDER)
    require_same_decisions(now, kept)
    return kept


def _is_about_the_site(conflict: Conflict) -> bool:
    """Whether settling it puts a text on the site again, or takes a file from it."""
    post = conflict.post
    if conflict.kind != Conflict.Kind.DELETED:
        return False
    return post.removed or (post.cleared is not None and not post.cleared.says_draft)
