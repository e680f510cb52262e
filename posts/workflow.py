"""The states of a post and the steps between them, as data (DESIGN §3, with §2.9 for approval). Pure.

The same guards decide the button, the bulk action, the command and the service: all of them describe what
they know as a `Situation` and ask `refusals`. Nothing in here writes, or knows a row, a text or a user.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from posts.errors import EvergreenError


class State(StrEnum):
    """Where the present text stands in the review."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    PUBLISHED = "published"
    EVERGREEN = "evergreen"
    ARCHIVED = "archived"


class SecondEyes(StrEnum):
    """When a second person must have looked: a setting of the collection (DESIGN §2.9)."""

    BEFORE = "before"
    AFTERWARDS = "afterwards"
    OFF = "off"


class Transition(StrEnum):
    """A step that a role may take, in the order in which an editor expects the buttons."""

    SUBMIT = "submit"
    APPROVE = "approve"
    PUBLISH = "publish"
    MAKE_EVERGREEN = "make_evergreen"
    CONFIRM = "confirm"
    REQUEST_CHANGES = "request_changes"
    WITHDRAW = "withdraw"
    DISCARD_CHANGES = "discard_changes"
    ROLL_BACK = "roll_back"
    UNPUBLISH = "unpublish"
    ARCHIVE = "archive"
    DISCARD = "discard"
    RESTORE = "restore"
    REMOVE = "remove"


CHANGE_POST = "change_post"
SUBMIT_POST = "submit_post"
REVIEW_POST = "review_post"
PUBLISH_POST = "publish_post"

DRAFT_STATUSES = frozenset({"", "draft", "archived"})
"""What a text's `status` may read that publishing replaces by `published`."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Every fact that a guard may look at: of one post, of the person who asks, and of the collection.

    The defaults describe a new post, not in git, and a person who may do nothing.
    """

    state: State = State.DRAFT
    status: str = ""  # of the present text, "" for none
    live: bool = False  # git's text is not a draft
    ever_live: bool = False
    in_git: bool = False  # it has a place in git, and was not removed here
    pending: bool = False  # the cleared text or the path differs from git's (§2.4)
    unlike_git: bool = False  # the present text differs from git's
    git_status: str = ""  # `status` of git's text
    open_conflict: bool = False
    blocking: tuple[str, ...] = ()  # codes of the problems that forbid to submit
    findings: tuple[str, ...] = ()  # codes of what the checks found that stands in the way
    breaks: tuple[str, ...] = ()  # those of them that would break the site's build
    missing: tuple[str, ...] = ()  # what the collection's checklist demands before publishing and is not there
    approval_stands: bool = False  # the approved revision is the present one
    earlier_approved: bool = False  # there is an earlier approved revision
    target_status: str = ""  # `status` of that revision's text
    second_eyes: SecondEyes = SecondEyes.BEFORE
    permissions: frozenset[str] = frozenset()  # codenames that the person holds
    is_writer: bool = False  # the person wrote a part of the present text since the last approval
    is_submitter: bool = False  # the person submitted it to the present review
    discarded_by_me: bool = False  # the person discarded it (not: archived)
    text_moved: bool = False  # the person looked at another text than the present one
    images_moved: bool = False  # or at other images than those that wait to be replaced with it
    note_given: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step is refused: a code out of `REFUSALS` and facts, worded at the door."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


REFUSALS = (
    "no_permission",  # permission
    "not_yours",  # permission: whose holders may do it to what is another's
    "wrong_state",  # state
    "not_live",
    "was_live",
    "not_in_git",
    "blocking_problem",  # codes
    "finding_breaks",  # findings
    "finding_blocks",  # findings
    "reason_missing",  # findings
    "open_conflict",
    "note_missing",
    "you_wrote",
    "you_submitted",
    "text_moved",
    "images_moved",
    "approval_void",
    "nothing_earlier",
    "same_as_git",
    "pending",
    "restore_first",
    "checklist",  # missing
)

Fact = Callable[[Situation], bool]
Guard = Callable[[Situation], Refusal | None]


def _must(holds: Fact, code: str) -> Guard:
    """The guard that refuses with `code` where `holds` does not."""
    return lambda situation: None if holds(situation) else Refusal(code)


def _no_blocking_problem(situation: Situation) -> Refusal | None:
    return Refusal("blocking_problem", {"codes": situation.blocking}) if situation.blocking else None


def _no_finding(situation: Situation) -> Refusal | None:
    # A Publisher may pass over what the checks found with a reason, but not over what breaks the build.
    may_pass = PUBLISH_POST in situation.permissions and not situation.breaks
    if not situation.findings or (may_pass and situation.note_given):
        return None
    code = "finding_breaks" if situation.breaks else "reason_missing" if may_pass else "finding_blocks"
    return Refusal(code, {"findings": situation.breaks or situation.findings})


def _checklist(situation: Situation) -> Refusal | None:
    return Refusal("checklist", {"missing": situation.missing}) if situation.missing else None


def _never_live(situation: Situation) -> bool:
    return not situation.live and not situation.ever_live


def _approval_stands(situation: Situation) -> bool:
    # A published text passed this guard before, or came so from git: there is no approval to look for.
    return situation.approval_stands or situation.state == State.PUBLISHED


def _own_correction_may_leave(situation: Situation) -> bool:
    return situation.second_eyes == SecondEyes.AFTERWARDS and situation.live and PUBLISH_POST in situation.permissions


def _one_pair_will_do(situation: Situation) -> bool:
    return situation.second_eyes == SecondEyes.OFF or _own_correction_may_leave(situation)


LIVE = _must(lambda post: post.live, "not_live")
NEVER_LIVE = _must(_never_live, "was_live")
IN_GIT = _must(lambda post: post.in_git, "not_in_git")
NO_CONFLICT = _must(lambda post: not post.open_conflict, "open_conflict")
NOTE = _must(lambda step: step.note_given, "note_missing")
NOT_THE_WRITER = _must(lambda person: not person.is_writer or _one_pair_will_do(person), "you_wrote")
NOT_THE_SUBMITTER = _must(lambda person: not person.is_submitter or _one_pair_will_do(person), "you_submitted")
SEEN_AS_IT_IS = _must(lambda person: not person.text_moved, "text_moved")
IMAGES_SEEN = _must(lambda person: not person.images_moved, "images_moved")
APPROVAL_STANDS = _must(_approval_stands, "approval_void")
EARLIER_APPROVED = _must(lambda post: post.earlier_approved, "nothing_earlier")
UNLIKE_GIT = _must(lambda post: post.unlike_git, "same_as_git")
# What a Publisher cleared leaves with the next sync. Going back to git's text before it left would let somebody
# who may only change posts undo a publish, unpublish or archive.
NOT_PENDING = _must(lambda post: not post.pending, "pending")


def state_on_site(status: str) -> State:
    """What a text on the site is, by its `status`: evergreen, or else just published."""
    return State.EVERGREEN if status == "evergreen" else State.PUBLISHED


def _nothing(_situation: Situation) -> dict[str, object]:
    return {}


def _published(situation: Situation) -> dict[str, object]:
    return {"draft": False, "status": "published"} if situation.status in DRAFT_STATUSES else {"draft": False}


def _archived(_situation: Situation) -> dict[str, object]:
    return {"draft": True, "status": "archived"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table in DESIGN §3: from which states, to which, with what permission.

    `own` is a fact and a permission that together do in place of `permission` ("submit (own), or publish").
    A post that does not meet `fits` has no use for the button, which is not shown; what does not meet `guards`
    has it shown, disabled, with the reason. The door asks once more if `asked_twice`.
    """

    sources: frozenset[State]
    to: Callable[[Situation], State]
    permission: str
    own: tuple[Fact, str] | None = None
    fits: tuple[Guard, ...] = ()
    guards: tuple[Guard, ...] = ()
    writes: Callable[[Situation], dict[str, object]] = _nothing
    asked_twice: bool = False


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


ANY = frozenset(State)
ANY_BUT_ARCHIVED = ANY - {State.ARCHIVED}

# fmt: off
TABLE: Mapping[Transition, Rule] = {
    Transition.SUBMIT: Rule(
        _from(State.DRAFT, State.CHANGES_REQUESTED), lambda _: State.IN_REVIEW, SUBMIT_POST,
        guards=(_no_blocking_problem, _no_finding, NO_CONFLICT, _checklist),
    ),
    Transition.WITHDRAW: Rule(
        _from(State.IN_REVIEW), lambda _: State.DRAFT, PUBLISH_POST,
        own=(lambda person: person.is_submitter, SUBMIT_POST),
    ),
    Transition.REQUEST_CHANGES: Rule(
        _from(State.IN_REVIEW, State.APPROVED), lambda _: State.CHANGES_REQUESTED, REVIEW_POST,
        guards=(NOTE,),
    ),
    Transition.APPROVE: Rule(
        _from(State.IN_REVIEW), lambda _: State.APPROVED, REVIEW_POST,
        guards=(NOT_THE_WRITER, NOT_THE_SUBMITTER, SEEN_AS_IT_IS, IMAGES_SEEN),
    ),
    Transition.PUBLISH: Rule(
        _from(State.APPROVED), lambda post: state_on_site(post.status), PUBLISH_POST,
        guards=(APPROVAL_STANDS, _no_finding, _checklist), writes=_published,
    ),
    Transition.MAKE_EVERGREEN: Rule(
        _from(State.APPROVED, State.PUBLISHED), lambda _: State.EVERGREEN, PUBLISH_POST,
        guards=(APPROVAL_STANDS, _no_finding, _checklist), writes=lambda _: {"draft": False, "status": "evergreen"},
    ),
    Transition.CONFIRM: Rule(_from(State.EVERGREEN), lambda _: State.EVERGREEN, REVIEW_POST),
    Transition.ROLL_BACK: Rule(
        ANY, lambda post: state_on_site(post.target_status), PUBLISH_POST, fits=(LIVE,), guards=(EARLIER_APPROVED,)
    ),
    Transition.UNPUBLISH: Rule(
        ANY, lambda _: State.DRAFT, PUBLISH_POST, fits=(LIVE,), writes=lambda _: {"draft": True}
    ),
    Transition.DISCARD_CHANGES: Rule(
        ANY, lambda post: state_on_site(post.git_status), CHANGE_POST, fits=(LIVE,), guards=(UNLIKE_GIT, NOT_PENDING)
    ),
    Transition.ARCHIVE: Rule(ANY_BUT_ARCHIVED, lambda _: State.ARCHIVED, PUBLISH_POST, writes=_archived),
    Transition.DISCARD: Rule(
        ANY_BUT_ARCHIVED, lambda _: State.ARCHIVED, CHANGE_POST, fits=(NEVER_LIVE,), writes=_archived
    ),
    # Discarding took `change`, so taking it back does too: a right that was taken away is not kept this way.
    Transition.RESTORE: Rule(
        _from(State.ARCHIVED), lambda _: State.DRAFT, PUBLISH_POST,
        own=(lambda person: person.discarded_by_me, CHANGE_POST), writes=lambda _: {"status": "draft"},
    ),
    Transition.REMOVE: Rule(
        _from(State.ARCHIVED), lambda _: State.ARCHIVED, PUBLISH_POST, fits=(IN_GIT,), asked_twice=True
    ),
}
# fmt: on


def refusals(transition: Transition, situation: Situation) -> tuple[Refusal, ...]:
    """Every reason why this person may not take this step now: permission, state, then the guards. Empty: allowed."""
    rule = TABLE[transition]
    reasons = [_permission_refusal(rule, situation)]
    if situation.state not in rule.sources:
        reasons.append(Refusal("wrong_state", {"state": situation.state}))
    reasons += [guard(situation) for guard in rule.fits + rule.guards]
    return tuple(reason for reason in reasons if reason is not None)


def _permission_refusal(rule: Rule, situation: Situation) -> Refusal | None:
    if rule.permission in situation.permissions:
        return None
    if rule.own is None:
        return Refusal("no_permission", {"permission": rule.permission})
    is_own, own_permission = rule.own
    if own_permission not in situation.permissions:
        return Refusal("no_permission", {"permission": own_permission})
    return None if is_own(situation) else Refusal("not_yours", {"permission": rule.permission})


@dataclass(frozen=True, slots=True)
class Offer:
    """One button: the step, and why it is disabled (empty: it is not)."""

    transition: Transition
    refusals: tuple[Refusal, ...] = ()


def offered(situation: Situation) -> tuple[Offer, ...]:
    """The buttons for this person on this post, in the order of `Transition`.

    A note is taken as given: the dialog asks for it after the button.
    """
    asked = replace(situation, note_given=True)
    return tuple(Offer(each, refusals(each, asked)) for each in Transition if _fits(each, situation))


def _fits(transition: Transition, situation: Situation) -> bool:
    # Archiving what never was live is allowed, but it is discarding: one button for one outcome.
    if transition is Transition.ARCHIVE and _never_live(situation):
        return False
    rule = TABLE[transition]
    return situation.state in rule.sources and all(guard(situation) is None for guard in rule.fits)


def may_approve_and_publish(situation: Situation) -> tuple[Refusal, ...]:
    """Why this person may not approve and publish in one go; a note is taken as given, as in `offered`."""
    asked = replace(situation, note_given=True)
    also = (_permission_refusal(TABLE[Transition.PUBLISH], asked), _no_finding(asked), _checklist(asked))
    return (*refusals(Transition.APPROVE, asked), *(reason for reason in also if reason is not None))


def needs_later_check(situation: Situation) -> bool:
    """Whether an approval by this person is to be marked "not yet checked".

    It is hers to give only because the setting is "afterwards": she corrected a live post herself (DESIGN §2.9).
    """
    return _own_correction_may_leave(situation) and (situation.is_writer or situation.is_submitter)


def target(transition: Transition, situation: Situation) -> State:
    """The state after the step; it is not asked here whether the step is allowed."""
    return TABLE[transition].to(situation)


def writes(transition: Transition, situation: Situation) -> dict[str, object]:
    """The front-matter changes that the step writes onto its text (DESIGN §3, column "writes").

    Not in here: `date`, the review-by date, and the texts that roll back and discard changes bring again.
    """
    return TABLE[transition].writes(situation)


def may_edit(situation: Situation) -> tuple[Refusal, ...]:
    """Why this person may not change the text of this post. Empty: allowed."""
    mine = CHANGE_POST in situation.permissions
    forbidden = () if mine else (Refusal("no_permission", {"permission": CHANGE_POST}),)
    return (*forbidden, Refusal("restore_first")) if situation.state == State.ARCHIVED else forbidden


def after_edit(state: State) -> State:
    """The state after a change of the text by an editor (DESIGN §3, row "edit").

    Raises EvergreenError("restore_first") for an archived post, which `may_edit` refuses before.
    """
    if state == State.ARCHIVED:
        raise EvergreenError("restore_first")
    return State.DRAFT if state in {State.APPROVED, State.PUBLISHED, State.EVERGREEN} else state
