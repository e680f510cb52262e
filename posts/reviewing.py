"""Perform a transition: lock the row, refuse with reasons, write, clear, record the event (DESIGN §3)."""

import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from posts import replacements, workflow
from posts.agreeing import settle_if_agreed
from posts.checking import keep_checked
from posts.conflicts import held
from posts.document.document import Document
from posts.errors import EvergreenError
from posts.events import record_event
from posts.fields import KEY_ORDER
from posts.models import Post, Revision, Whence
from posts.plans import end_plans
from posts.requests import Request, asked_before, concerned_by, refusals_to_ask, tell_of_step
from posts.reviewdates import first_review_by, next_review_by
from posts.saving import TextChange, record, write
from posts.situations import (
    CHECKED,
    did_unseen,
    earlier_approved,
    lock,
    may_clear_drafts,
    permissions_of,
    situation_of,
    text_on_site,
)
from posts.waking import ask_for_sync
from posts.workflow import REVIEW_POST, Refusal, SecondEyes, Situation, State, Transition

GIVES_UP = frozenset({Transition.DISCARD_CHANGES, Transition.DISCARD, Transition.ARCHIVE, Transition.ROLL_BACK})
"""The steps that give up what was changed here, and with it the images that were to take another's place."""

# What a Publisher let go, only a Publisher takes back.
_TAKES_BACK = (Transition.ARCHIVE, Transition.ROLL_BACK)


class TransitionRefused(EvergreenError):
    """This person may not take this step now; `refusals` has every reason."""

    def __init__(self, transition: Transition, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(refusals[0].code, **refusals[0].facts)
        self.transition = transition
        self.refusals = refusals


@transaction.atomic
def perform(
    post: Post,
    transition: str,
    *,
    by: User,
    note: str = "",
    looked_at: Revision | None = None,
    images_seen: Collection[int] = (),
    set_date: bool = False,
    request: Request | None = None,
    syncs: bool = True,
) -> Post:
    """Take one step with `post` and give it as it is now.

    `looked_at` is the revision that the person saw, `images_seen` has the keys of the replacements of images that they
    saw with it: an approval of others is refused. `set_date` sets the key `date` to today on publishing. `request`
    goes with a submission; without one whoever was asked before is asked again. With `syncs` False whoever asks for
    many steps asks for the sync, too. Raises `TransitionRefused`, and `EditRefused` where the text cannot carry what
    the step writes.
    """
    step = Transition(transition)
    post = lock(post)
    if step in CHECKED:
        keep_checked(post)
    situation = situation_of(post, by, looked_at=looked_at, images_seen=images_seen, note=note)
    asked = (request or asked_before(post, by=by)) if step is Transition.SUBMIT else None
    refusals = workflow.refusals(step, situation) + (refusals_to_ask(post, asked, by=by) if asked else ())
    if refusals:
        raise TransitionRefused(step, refusals)
    now = timezone.now()
    concerned = concerned_by(post)
    from_state, target = post.state, workflow.target(step, situation)
    written = workflow.writes(step, situation)
    if set_date and step in (Transition.PUBLISH, Transition.MAKE_EVERGREEN):
        written["date"] = _day_of(now)
    _STEPS.get(step, _change_state)(post, situation, _Step(step, target, written, by, now, asked))
    record_event(
        post,
        step,
        by=by,
        at=now,
        from_state=from_state,
        to_state=target,
        by_another=not (situation.is_writer or situation.is_submitter),
        note=note.strip(),
        facts=asked.facts() if asked else {},
    )
    if situation.findings and step in CHECKED:
        passed = f"{', '.join(situation.findings)}: {note.strip()}"
        record_event(post, "pass_findings", by=by, at=now, from_state=from_state, to_state=target, note=passed)
    keep_checked(post)
    tell_of_step(post, step, concerned, asked, note.strip(), by=by)
    end_plans(post, step, by=by, at=now)
    if step in (Transition.PUBLISH, Transition.MAKE_EVERGREEN):
        replacements.let_go(post, at=now)
    elif step in GIVES_UP:
        replacements.drop(post, let_go=step in _TAKES_BACK)
    if situation.open_conflict:
        settle_if_agreed(post, by=by)
    if syncs and post.pending:
        ask_for_sync(post.collection)
    return post


@transaction.atomic
def approve_and_publish(
    post: Post, *, by: User, note: str = "", looked_at: Revision | None = None, images_seen: Collection[int] = ()
) -> Post:
    """Approve and publish in one, for who may do both; raises as `perform` and then changes nothing."""
    approved = perform(post, Transition.APPROVE, by=by, note=note, looked_at=looked_at, images_seen=images_seen)
    # What was said is the approval's; it is the publication's, too, if that passes over what the checks found.
    passes = situation_of(approved, by).findings
    return perform(post, Transition.PUBLISH, by=by, note=note if passes else "")


class LookRefused(EvergreenError):
    """This person may not say that they looked at the post; `refusals` has every reason."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(refusals[0].code, **refusals[0].facts)
        self.refusals = refusals


def refusals_to_look(post: Post, person: User) -> tuple[Refusal, ...]:
    """Why `person` may not say that they looked at a change that went around the review. Empty: they may.

    Whoever made the change is asked for another pair of eyes, unless the collection does without.
    """
    reasons = []
    if post.changed_outside_at is None and post.unchecked_since is None:
        reasons.append(Refusal("not_changed_outside"))
    elif post.collection.second_eyes != SecondEyes.OFF and did_unseen(post, person):
        reasons.append(Refusal("you_wrote"))
    if REVIEW_POST not in permissions_of(person, post.collection_id):
        reasons.append(Refusal("no_permission", {"permission": REVIEW_POST}))
    return tuple(reasons)


@transaction.atomic
def mark_looked_at(post: Post, *, by: User, looked_at: Revision | None) -> Post:
    """Note that `by` saw `looked_at`, the present text of a post that was changed outside, or not yet checked.

    Raises `LookRefused`.
    """
    post = lock(post)
    reasons = refusals_to_look(post, by)
    if looked_at is None or looked_at.pk != post.present_id:
        reasons = (*reasons, Refusal("text_moved"))
    if reasons:
        raise LookRefused(reasons)
    record_event(post, "look", by=by, by_another=not did_unseen(post, by))
    return record(post, {"changed_outside_at": None, "unchecked_since": None})


@dataclass(frozen=True, slots=True)
class _Step:
    """What one step does: its name, the state it ends in, the front-matter changes, by whom and when."""

    name: Transition
    target: State
    writes: Mapping[str, object]
    by: User
    at: datetime.datetime
    asked: Request | None = None

    def text(self, post: Post, document: Document) -> TextChange:
        """`document` with what the step writes, as a revision of `post` that leaves for git."""
        return TextChange(
            post,
            document.replace(self.writes, key_order=KEY_ORDER),
            Whence.TRANSITION,
            by=self.by,
            at=self.at,
            becomes_cleared=True,
        )


def _change_state(post: Post, situation: Situation, step: _Step) -> None:
    """Steps that write no text."""
    facts: dict[str, object] = {"state": step.target}
    if step.name is Transition.SUBMIT:
        facts["submitted_by"] = step.by
        if step.asked is not None:
            facts |= {"reviewer": step.asked.reviewer, "review_due": step.asked.due}
    elif step.name is Transition.APPROVE:
        later = step.at if workflow.needs_later_check(situation) else None
        facts |= {"approved": post.present, "approved_by": step.by, "unchecked_since": later}
    elif step.name is Transition.REQUEST_CHANGES:
        facts |= {"approved": None, "approved_by": None}
    elif step.name is Transition.CONFIRM:
        facts["review_by"] = next_review_by(post.collection.review_months, today=_day_of(step.at))
    record(post, facts)


def _publish(post: Post, _situation: Situation, step: _Step) -> None:
    change = step.text(post, _document(post.present))
    # The approval was of the text before the step's own writes, which void nothing (DESIGN §2.9).
    change.facts = {"state": step.target, "approved": None, "submitted_by": None, **_review_by(post, step)}
    _write_unless_same(post, change)


def _bring_back(target: Callable[[Post], Revision | None]) -> Callable[[Post, Situation, _Step], None]:
    """A step that makes an earlier text the present one, and what leaves."""

    def bring_back(post: Post, _situation: Situation, step: _Step) -> None:
        change = step.text(post, _document(target(post)))
        change.facts = {"state": step.target, "approved": None, "submitted_by": None, **_review_by(post, step)}
        _write_unless_same(post, change)

    return bring_back


def _take_off(post: Post, _situation: Situation, step: _Step) -> None:
    """Unpublish, archive, discard: git's own text leaves as a draft; unreviewed changes stay here."""
    conflict = held(post)
    facts: dict[str, object] = {"state": step.target, "approved": None, "approved_by": None, "submitted_by": None}
    if step.name is Transition.DISCARD:
        facts["discarded_by"] = step.by
    elif step.name is Transition.ARCHIVE:
        facts["discarded_by"] = None
    git_text = _git_text(post)
    present = step.text(post, _document(post.present))
    present.facts = facts
    if git_text is None:
        # What git never had, nothing of it leaves.
        present.becomes_cleared, facts["cleared"] = False, None
        write([present])
    elif git_text.text == _document(post.present).text:
        write([present])
    else:
        present.becomes_cleared = False
        leaving = step.text(post, git_text)
        leaving.becomes_present = False
        write([leaving, present])
    if conflict is not None:
        conflict.passes = post.cleared
        conflict.save(update_fields=["passes"])


def _restore(post: Post, _situation: Situation, step: _Step) -> None:
    change = step.text(post, _document(post.present))
    change.becomes_cleared = change.document.surely_draft and may_clear_drafts(post)
    change.facts = {"state": step.target, "removed": False, "discarded_by": None}
    write([change])


def _remove(post: Post, _situation: Situation, step: _Step) -> None:
    record(post, {"state": step.target, "removed": True, "cleared": None})


_STEPS: Mapping[Transition, Callable[[Post, Situation, _Step], None]] = {
    Transition.PUBLISH: _publish,
    Transition.MAKE_EVERGREEN: _publish,
    Transition.ROLL_BACK: _bring_back(earlier_approved),
    Transition.DISCARD_CHANGES: _bring_back(text_on_site),
    Transition.UNPUBLISH: _take_off,
    Transition.ARCHIVE: _take_off,
    Transition.DISCARD: _take_off,
    Transition.RESTORE: _restore,
    Transition.REMOVE: _remove,
}


def _write_unless_same(post: Post, change: TextChange) -> None:
    if post.present is not None and change.document.text == post.present.text:
        record(post, {**change.facts, "cleared": post.present})
    else:
        write([change])


def _git_text(post: Post) -> Document | None:
    """Git's own text, the last that could be read; None where git has nothing."""
    return _document(post.git_text) if post.git_blob else None


def _document(revision: Revision | None) -> Document:
    if revision is None:
        raise EvergreenError("no_text")
    return Document.from_text(revision.text)


def _review_by(post: Post, step: _Step) -> dict[str, object]:
    """An evergreen post keeps its review-by date when it is published again; a new one gets its first."""
    if step.target is not State.EVERGREEN or post.review_by is not None:
        return {}
    months = post.collection.review_months
    return {"review_by": first_review_by(post.date, months, today=_day_of(step.at))}


def _day_of(moment: datetime.datetime) -> datetime.date:
    """By the clocks of the site: reminders and reports go by them."""
    return timezone.localdate(moment, timezone.get_default_timezone())
