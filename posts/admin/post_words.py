"""What the steps of the review are called, and what each does, in words."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from posts.models.post import PostState
from posts.workflow import State, Transition

APPROVE_AND_PUBLISH = "approve_and_publish"
"""The one button that is two steps (DESIGN §3)."""


@dataclass(frozen=True, slots=True)
class StepWords:
    """A step: its button, what it does (said before), and what was done (said afterwards and in the history)."""

    button: Promise
    does: Promise
    done: Promise
    icon: str


STEPS: Mapping[str, StepWords] = {
    Transition.SUBMIT: StepWords(
        _("Submit for review"), _("A reviewer looks at the text next."), _("submitted for review"), "send"
    ),
    Transition.APPROVE: StepWords(
        _("Approve"), _("Says that exactly this text may be published."), _("approved"), "check_circle"
    ),
    APPROVE_AND_PUBLISH: StepWords(
        _("Approve and publish"),
        _("Says that this text may be published, and publishes it. The site shows it after the next sync."),
        _("approved and published"),
        "verified",
    ),
    Transition.PUBLISH: StepWords(
        _("Publish"),
        _("The text goes to the repository with the next sync, and the site shows it."),
        _("published"),
        "publish",
    ),
    Transition.MAKE_EVERGREEN: StepWords(
        _("Make evergreen"),
        _("Publishes the text as evergreen. It will be due for another look on its review-by date."),
        _("made evergreen"),
        "eco",
    ),
    Transition.CONFIRM: StepWords(
        _("Confirm"),
        _("Says that the post is still right, and sets the next review-by date."),
        _("confirmed"),
        "task_alt",
    ),
    Transition.REQUEST_CHANGES: StepWords(
        _("Request changes"),
        _("Gives the text back to its writer, with your note."),
        pgettext_lazy("a step that was taken", "changes requested"),
        "rate_review",
    ),
    Transition.WITHDRAW: StepWords(
        _("Withdraw"),
        _("Takes the text out of the review. It is a draft again."),
        _("withdrawn from the review"),
        "undo",
    ),
    Transition.DISCARD_CHANGES: StepWords(
        _("Discard changes"),
        _("Brings back the text that the site shows. The changes stay in the history."),
        _("changes discarded"),
        "backspace",
    ),
    Transition.ROLL_BACK: StepWords(
        _("Roll back"),
        _("Puts the text on the site again that was published before the present one."),
        _("rolled back"),
        "history",
    ),
    Transition.UNPUBLISH: StepWords(
        _("Unpublish"),
        _("Takes the post off the site with the next sync. Changes that nobody reviewed stay here."),
        _("unpublished"),
        "visibility_off",
    ),
    Transition.ARCHIVE: StepWords(
        _("Archive"),
        _("Takes the post off the site and out of the work. Its file stays in the repository, as a draft."),
        _("archived"),
        "archive",
    ),
    Transition.DISCARD: StepWords(
        _("Discard"),
        _("The post is not wanted: it is archived without ever having been on the site. Its history is kept."),
        _("discarded"),
        "delete_sweep",
    ),
    Transition.RESTORE: StepWords(
        _("Restore"), _("Takes the post out of the archive. It is a draft again."), _("restored"), "unarchive"
    ),
    Transition.REMOVE: StepWords(
        _("Remove from the repository"),
        _("Deletes the file in the repository with the next sync. The history is kept, and the post can be restored."),
        _("removed from the repository"),
        "delete_forever",
    ),
}

OTHER_EVENTS: Mapping[str, Promise] = {
    "import": _("state changed by a push"),
    "settle": _("conflict settled"),
    "look": _("looked at the change from outside"),
    "move": _("path changed"),
    "pass_findings": _("passed over what the checks found"),
    "dismiss_finding": _("finding dismissed"),
    "recall_dismissal": _("dismissal taken back"),
    "assign": _("given to somebody"),
    "ask_other": _("asked of another reviewer"),
    "hand_schedule": _("what was set for later is somebody else's"),
    "replace_image": _("image replaced"),
    "keep_image": _("replacement of an image dropped"),
    "undo": _("state changed by undoing a sync"),
    "review_by": _("review-by date changed"),
    "review_due": _("asked to be reviewed by another day"),
    "apply_suggestion": _("suggestion applied"),
    "make_link": _("link for outside made"),
    "withdraw_link": _("link for outside withdrawn"),
}

BESIDE = ("assign", "ask_other", "review_due", "hand_schedule", "apply_suggestion", "make_link", "withdraw_link")
"""Events that are no step of the review, so that the last step is not one of them."""

STATE_COLOURS: Mapping[str, str] = {
    State.DRAFT: "grey",
    State.IN_REVIEW: "blue",
    State.CHANGES_REQUESTED: "orange",
    State.APPROVED: "violet",
    State.PUBLISHED: "green",
    State.EVERGREEN: "green",
    State.ARCHIVED: "grey",
}


def state_label(state: str) -> str:
    """The state in words; one that is not known as it stands."""
    return str(dict(PostState.choices).get(state, state))


def done(transition: str) -> str:
    """What an event of the history was."""
    words = STEPS.get(transition)
    return str(words.done) if words else str(OTHER_EVENTS.get(transition, transition))


def noted(transition: str, note: str, facts: Mapping[str, object]) -> str:
    """What the history says with an event: what was written with it, or from whom or for whom it was."""
    if transition == "apply_suggestion":
        return gettext("suggested by %(name)s") % {"name": facts.get("by") or "–"}
    if transition in ("make_link", "withdraw_link"):
        return gettext("for %(name)s") % {"name": facts.get("to") or "–"}
    return note


def name_of(person: User | None) -> str:
    """How a person is called; "" for nobody."""
    return (person.get_full_name() or person.get_username()) if person else ""


def what_saving_does(state: str, *, live: bool, pushes_drafts: bool, scheduled: str = "") -> str:
    """What will become of the post, and of what is `scheduled` for it, when it is saved: said beside the button."""
    return f"{_what_saving_does(state, live=live, pushes_drafts=pushes_drafts)} {scheduled}".strip()


def _what_saving_does(state: str, *, live: bool, pushes_drafts: bool) -> str:
    if state == State.APPROVED:
        return gettext("Saving takes the approval back: the post is a draft again.")
    if live:
        return gettext("The site goes on showing what it shows, until your change is approved and published.")
    if state in (State.PUBLISHED, State.EVERGREEN):
        return gettext("Saving makes the post a draft again, until your change is approved and published.")
    if state == State.IN_REVIEW:
        return gettext("The post stays in review; the reviewer sees your change.")
    if pushes_drafts:
        return gettext("The draft goes to the repository, where the site does not show it.")
    return gettext("The draft stays here.")


def asks_for_care(state: str, *, live: bool, scheduled: bool) -> bool:
    """Whether saving does more than to save: said at the first change, before the work is done."""
    return live or scheduled or state not in (State.DRAFT, State.CHANGES_REQUESTED)


def overdue(day: datetime.date | None, today: datetime.date) -> bool:
    """Whether a review-by date has passed."""
    return day is not None and day < today
