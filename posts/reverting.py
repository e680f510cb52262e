"""What a run did to one post, taken back: decided first, so that it can be shown, and then done (DESIGN §2.11).

Each outcome of the run says what it changed by two texts. Taking it back is the one merge, the other way round; what
was changed since is kept, and where the two clash nothing is touched.
"""

import datetime
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from django.contrib.auth.models import User
from django.utils import timezone

from posts import fields, pushed_states, replacements
from posts.approvals import without_approval
from posts.conflicts import is_held_back
from posts.document.document import Document
from posts.document.errors import MergeRefused
from posts.errors import EvergreenError
from posts.events import record_event
from posts.merging import document_of, merged
from posts.models import Event, Outcome, Post, Revision, Sync, Whence
from posts.notifying import called
from posts.paths import path_key
from posts.reviewdates import first_review_by
from posts.saving import TextChange, write
from posts.situations import may_clear_drafts, was_let_go
from posts.workflow import State

_Result = Outcome.Result
UNDOABLE = (_Result.NEW, _Result.CHANGED, _Result.MERGED, _Result.RENAMED, _Result.DELETED, _Result.SENT)
"""The results of a sync that changed a post or its file; the others left both as they were."""

NEVER_SHOWN = "never_shown"
"""The code of a change that is taken back in the present text alone: with it the site would show what it never did."""

_ON_SITE = (State.PUBLISHED, State.EVERGREEN)


class What(StrEnum):
    """What taking back does to a post."""

    NOTHING = "nothing"
    TEXT = "text"
    REMOVED = "removed"
    BROUGHT_BACK = "brought_back"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reversal:
    """What taking back would make of one post: its present text, the text that leaves, its place and its state.

    `code` and `facts` say why it cannot be done, or not on the site (`NEVER_SHOWN`). `leaves` is None where only the
    present text changes, and that leaves as any draft does.
    """

    what: What
    present: Document | None = None
    leaves: Document | None = None
    path: str = ""
    state: State = State.DRAFT
    code: str = ""
    facts: dict[str, object] = field(default_factory=dict)


class _CannotRevert(EvergreenError):
    """The post moved on since: only a person can take this back."""


@dataclass(slots=True)
class _Now:
    """A post as it is while one outcome after the other is taken back."""

    present: Document
    leaving: Document | None
    path: str
    state: State
    in_git: bool


def reversal(post: Post, outcomes: Sequence[Outcome], *, there_before: Container[str] = frozenset()) -> Reversal:
    """Decide what taking back `outcomes` (of one run, newest first) does to `post`. Writes nothing.

    `there_before` holds the paths that the repository had before the run: a file of these was no news there.
    """
    start = _now(post)
    now = replace(start)
    try:
        if is_held_back(post):
            raise _CannotRevert("open_conflict")
        for outcome in outcomes:
            _take_back(post, outcome, now, there_before)
        _require_free_place(post, now)
        never_shown = _spare_the_site(post, start, now)
    except EvergreenError as error:
        return Reversal(What.REFUSED, path=post.path, state=start.state, code=error.code, facts=dict(error.facts))
    if start.in_git and not now.in_git:
        return Reversal(What.REMOVED, now.present, None, now.path, State.ARCHIVED)
    if now.in_git and not start.in_git:
        state = State.IN_REVIEW if now.state == State.APPROVED else now.state
        return Reversal(What.BROUGHT_BACK, now.present, now.leaving, now.path, state)
    if now == start or not now.in_git:
        return Reversal(What.NOTHING, path=post.path, state=start.state)
    return replace(_text(post, start, now), code=NEVER_SHOWN if never_shown else "")


def carry_out(post: Post, decided: Reversal, outcomes: Sequence[Outcome], *, run: Sync, by: User) -> Outcome:
    """Do what was `decided` for `post`, whose row the caller has locked, and give the outcome (unsaved) for `run`.

    `outcomes` are those that are taken back.

    One that is refused, or changes nothing, leaves the post as it is.
    """
    if decided.what is What.REFUSED:
        return Outcome(post=post, path=post.path, result=_Result.HELD, code=decided.code, facts=decided.facts)
    if decided.what is What.NOTHING or decided.present is None:
        return Outcome(post=post, path=post.path, result=_Result.SAME, code=decided.code)
    facts: dict[str, object] = {"what": decided.what, "state": post.state}
    if decided.path != post.path:
        facts["old_path"] = post.path
    before, left = post.present, _leaving(post)
    now = timezone.now()
    changes = _changes(post, decided, run=run, by=by, at=now)
    if changes:
        writes = any(change.becomes_present for change in changes)
        changes[-1].facts = _facts(post, decided, by=by, at=now, text_changes=writes)
        if decided.code != NEVER_SHOWN and _ends_change_outside(post, outcomes):
            changes[-1].facts = {**changes[-1].facts, "changed_outside_at": None}
    if decided.state != post.state:
        record_event(post, "undo", by=by, at=now, to_state=decided.state)
    revisions = write(changes)
    after = post.present
    if before is not None and after is not None and before.blob == after.blob and decided.what is What.TEXT:
        before, after = left, revisions[0]
    outcome = Outcome(post=post, path=decided.path, result=_Result.UNDONE, code=decided.code, facts=facts)
    outcome.before, outcome.after = before, after
    return outcome


def _ends_change_outside(post: Post, outcomes: Sequence[Outcome]) -> bool:
    """Whether what changed `post` from outside, and nobody looked at yet, is among `outcomes`, and is all of it."""
    if post.changed_outside_at is None:
        return False
    looked = Event.objects.filter(post=post, transition="look").exclude(revision=None).select_related("revision")
    newest = looked.order_by("-at", "-pk").first()
    since = newest.revision.number if newest is not None and newest.revision is not None else 1
    arrived = Revision.objects.filter(post=post, whence=Whence.IMPORT, number__gt=since)
    moments = {outcome.after.at for outcome in outcomes if outcome.after is not None and outcome.before is not None}
    return post.changed_outside_at in moments and not arrived.exclude(at__in=moments).exists()


def _now(post: Post) -> _Now:
    leaving = _leaving(post)
    return _Now(
        present=document_of(post.present),
        leaving=document_of(leaving) if leaving is not None else None,
        path=post.path,
        state=State(post.state),
        in_git=not post.removed and bool(post.git_path or post.pending),
    )


def _leaving(post: Post) -> Revision | None:
    """The text that git has of `post`, or will have with the next sync."""
    if post.removed:
        return None
    if post.pending and post.cleared is not None:
        return post.cleared
    return post.git_text if post.git_blob else None


def _take_back(post: Post, outcome: Outcome, now: _Now, there_before: Container[str]) -> None:
    """Bring `now` to what it was before `outcome`. Raises `EvergreenError` where that cannot be done."""
    if outcome.result == _Result.UNDONE:
        _take_back_an_undo(outcome, now)
    elif outcome.result == _Result.DELETED:
        _bring_back(now, outcome.before, State(str(outcome.facts.get("state", State.DRAFT))), outcome)
        now.leaving = document_of(post.git_text)
    elif outcome.result == _Result.NEW and outcome.path in there_before:
        raise _CannotRevert("there_before")
    elif outcome.before is None and outcome.after is not None:
        _remove(now, outcome)
    elif outcome.result == _Result.SENT and outcome.before is not None and outcome.after is None:
        _bring_back(now, None, State.ARCHIVED, outcome)
        now.present = now.leaving = document_of(outcome.before)
        now.state = _mapped(now.present)
    elif outcome.before is not None and outcome.after is not None:
        _revert_text(outcome, now)
        _move_back(outcome, now)
    elif outcome.result == _Result.RENAMED:
        _move_back(outcome, now)  # with its text as it was
    else:
        raise _CannotRevert("not_recorded")


def _take_back_an_undo(outcome: Outcome, now: _Now) -> None:
    state = State(str(outcome.facts.get("state", State.DRAFT)))
    if outcome.facts.get("what") == What.REMOVED:
        _bring_back(now, outcome.after, state, outcome)
        now.present = now.leaving = document_of(outcome.before)
    elif outcome.facts.get("what") == What.BROUGHT_BACK:
        _require_unchanged(now, outcome.after, outcome.path)
        now.present, now.leaving, now.in_git, now.state = document_of(outcome.before), None, False, State.ARCHIVED
    else:
        _revert_text(outcome, now)
        _move_back(outcome, now)


def _remove(now: _Now, outcome: Outcome) -> None:
    """A file that was new: it goes again, if nobody made anything of it."""
    _require_unchanged(now, outcome.after, outcome.path)
    now.present = now.present.replace({"draft": True, "status": "archived"}, key_order=fields.KEY_ORDER)
    now.leaving, now.in_git, now.state = None, False, State.ARCHIVED


def _bring_back(now: _Now, text: Revision | None, state: State, outcome: Outcome) -> None:
    """A file that went: it comes again with `text`, its present one (None: whatever it is)."""
    if now.in_git or now.state != State.ARCHIVED or now.path != outcome.path:
        raise _CannotRevert("changed_since")
    if text is not None and text.text != now.present.text:
        raise _CannotRevert("changed_since")
    now.in_git, now.state = True, state


def _revert_text(outcome: Outcome, now: _Now) -> None:
    """Take the change from `outcome.before` to `outcome.after` out of what is there now."""
    if not now.in_git or now.leaving is None:
        raise _CannotRevert("changed_since")
    base, theirs = document_of(outcome.after), document_of(outcome.before)
    now.present = _without(base, now.present, theirs)
    now.leaving = _without(base, now.leaving, theirs)


def _move_back(outcome: Outcome, now: _Now) -> None:
    old_path = str(outcome.facts.get("old_path") or "")
    if old_path and old_path != outcome.path:
        if not now.in_git or now.path != outcome.path:
            raise _CannotRevert("changed_since")
        now.path = old_path


def _without(base: Document, ours: Document, theirs: Document) -> Document:
    try:
        together = merged(base, ours, theirs)
    except MergeRefused as refused:
        raise _CannotRevert("changed_since") from refused
    if together.conflicts:
        raise _CannotRevert("changed_since", keys=[conflict.field for conflict in together.conflicts])
    return together.document


def _require_unchanged(now: _Now, text: Revision | None, path: str) -> None:
    if not now.in_git or text is None or text.text != now.present.text or now.path != path:
        raise _CannotRevert("changed_since")


def _require_free_place(post: Post, now: _Now) -> None:
    if now.path == post.path:
        return
    others = Post.objects.filter(collection=post.collection_id, path_key=path_key(now.path)).exclude(pk=post.pk)
    if others.exists():
        raise _CannotRevert("path_taken", path=now.path)
    if Post.objects.filter(collection=post.collection_id, git_path=now.path).exclude(pk=post.pk).exists():
        raise _CannotRevert("place_not_left", path=now.path)


def _spare_the_site(post: Post, start: _Now, now: _Now) -> bool:
    """Let what leaves be as it is, if the site never showed what it would become; gives whether that is so.

    Such a text is what nobody reviewed, or a mixture that nobody saw as one. Raises `EvergreenError` where the post
    could come on the site with no other text.
    """
    leaves = now.leaving
    if leaves is None or leaves == start.leaving or leaves.surely_draft or was_let_go(post, leaves.blob_id):
        return False
    if not leaves.truthy("draft") and (start.leaving is None or start.leaving.truthy("draft")):
        raise _CannotRevert("changed_since")
    now.leaving = start.leaving
    return True


def _text(post: Post, start: _Now, now: _Now) -> Reversal:
    """Another text or place for a post that stays in git.

    What the site shows, or would show again, is written by the asker's right to publish; a draft is an ordinary edit.
    """
    leaves = now.leaving
    if leaves is not None and now.path == start.path:
        is_a_draft = not post.live and leaves.truthy("draft")
        leaves = None if is_a_draft or leaves == start.leaving else leaves
    if leaves is None and now.present == start.present:
        return Reversal(What.NOTHING, path=post.path, state=start.state)
    return Reversal(What.TEXT, now.present, leaves, now.path, _state(post, start, now))


def _state(post: Post, start: _Now, now: _Now) -> State:
    """The state of a post that stays in git: it follows what leaves, and a text beside that is to be reviewed."""
    is_as_shown = now.leaving is not None and now.present == now.leaving and not now.leaving.truthy("draft")
    before, after = (fields.read(each)[0] for each in (start.present, now.present))
    if any(before[key] != after[key] for key in fields.WRITTEN_BY_TRANSITIONS):
        state = _mapped(now.present)
        return State.DRAFT if state in _ON_SITE and not is_as_shown else state
    if now.present == start.present:
        return start.state
    if is_as_shown and not replacements.waits(post):
        return _mapped(now.present)
    if start.state in _ON_SITE:
        return State.DRAFT
    return State.IN_REVIEW if start.state == State.APPROVED else start.state


def _mapped(document: Document) -> State:
    values = fields.read(document)[0]
    return pushed_states.mapped(bool(values["draft"]), str(values["status"]))


def _changes(post: Post, decided: Reversal, *, run: Sync, by: User, at: datetime.datetime) -> list[TextChange]:
    """The texts to write: what leaves, if that is another one, and the present one, if it changes."""
    present = TextChange(post, decided.present or document_of(post.present), Whence.BULK, by=by, at=at, bulk_step=run)
    if decided.what is What.REMOVED:
        return [present]
    if decided.leaves is None:
        clears = present.document.surely_draft and may_clear_drafts(post)
        return [replace(present, becomes_cleared=clears)]
    if decided.leaves == present.document and post.state != State.APPROVED:
        return [replace(present, becomes_cleared=True)]
    leaving = replace(present, document=decided.leaves, becomes_present=False, becomes_cleared=True)
    unchanged = present.document == document_of(post.present)
    return [leaving] if unchanged else [leaving, present]


def _facts(post: Post, decided: Reversal, *, by: User, at: datetime.datetime, text_changes: bool) -> dict[str, object]:
    facts: dict[str, object] = {"state": decided.state, "path": decided.path}
    if decided.what is What.REMOVED:
        facts |= {"removed": True, "cleared": None, "submitted_by": None, "discarded_by": None}
    elif decided.what is What.BROUGHT_BACK or decided.state != State.ARCHIVED:
        facts |= {"removed": False, "discarded_by": None}
    if decided.state == State.EVERGREEN and post.review_by is None:
        today = timezone.localdate(at, timezone.get_default_timezone())
        facts["review_by"] = first_review_by(post.date, post.collection.review_months, today=today)
    if text_changes:
        facts |= without_approval(post, because_of=called(by), by=by, at=at)
    return facts
