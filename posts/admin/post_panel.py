"""The review panel of a post: where it stands, and what this person may do now, or why not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from posts.admin.alerts import unsent_because
from posts.admin.checklists import ticks_of
from posts.admin.plan_words import plannable, schedule_address, shown_plans, zone_name
from posts.admin.post_assigning import people_to_choose
from posts.admin.post_words import (
    APPROVE_AND_PUBLISH,
    BESIDE,
    STATE_COLOURS,
    STEPS,
    StepWords,
    done,
    name_of,
    overdue,
    state_label,
)
from posts.conflicts import held
from posts.evergreens import owner_of
from posts.models import Comment, Conflict, Event, Post
from posts.notifying import called
from posts.requests import can_review, refusals_to_set_due, request_of
from posts.reviewing import refusals_to_look
from posts.situations import discarded_twin, leaves_the_site, situation_of
from posts.whereabouts import whereabouts
from posts.wording import worded_refusals
from posts.workflow import (
    CHANGE_POST,
    REVIEW_POST,
    TABLE,
    Refusal,
    Situation,
    State,
    Transition,
    may_approve_and_publish,
    offered,
)

# These are taken at once from the panel; every other one is shown on a page of its own first.
AT_ONCE = frozenset(
    {Transition.SUBMIT, Transition.APPROVE, Transition.CONFIRM, Transition.WITHDRAW, APPROVE_AND_PUBLISH}
)
FORWARD = frozenset(
    {
        Transition.SUBMIT,
        APPROVE_AND_PUBLISH,
        Transition.APPROVE,
        Transition.PUBLISH,
        Transition.CONFIRM,
        Transition.RESTORE,
    }
)
GRAVE = frozenset(
    {Transition.UNPUBLISH, Transition.ARCHIVE, Transition.DISCARD, Transition.REMOVE, Transition.DISCARD_CHANGES}
)


@dataclass(frozen=True, slots=True)
class StepButton:
    """One button: its words, its address, and why it is disabled ("": it is not)."""

    name: str
    words: StepWords
    address: str
    refused: str
    at_once: bool
    grave: bool
    main: bool = False


def panel_of(post: Post, person: User, situation: Situation | None = None) -> dict[str, Any]:
    """What the panel shows; `situation` is `situation_of` both, for who has looked it up already."""
    situation = situation or situation_of(post, person)
    buttons = list(_buttons(post, situation))
    twin = discarded_twin(post)
    conflict = held(post) if situation.open_conflict else None
    submits = any(offer.transition is Transition.SUBMIT and not offer.refusals for offer in offered(situation))
    may_assign = CHANGE_POST in situation.permissions
    people = people_to_choose(post.collection_id) if may_assign or post.review_by else []
    steps = Event.objects.filter(post=post).exclude(transition__in=BESIDE)
    last = steps.select_related("by").first()
    leaving = leaves_the_site(post)
    return {
        "state": state_label(post.state),
        "colour": STATE_COLOURS.get(post.state, "grey"),
        "leaves_as_live": situation.live and not post.live,
        "leaves_the_site": leaving,
        "changed": situation.unlike_git and not leaving,
        "may": _with_a_main_one([button for button in buttons if not button.refused]),
        "may_not": [button for button in buttons if button.refused],
        "submits": submits,
        "reviewers": reviewers_to_choose(post, person) if submits else [],
        "asked_before": post.reviewer_id,
        "assignee": called(post.assignee),
        "is_mine": post.assignee_id == person.pk,
        "me": person.pk,
        "may_assign": may_assign,
        "people": people,
        "asked": asked_of(post),
        "may_set_due": not refusals_to_set_due(post, by=person),
        "takes_note": any(button.at_once and not button.refused for button in buttons),
        "conflict": conflict,
        "unsent": "" if conflict else unsent_because(post),
        "may_look": not refusals_to_look(post, person),
        "may_settle": situation.permissions >= {CHANGE_POST},
        "own_forms": list(Conflict.objects.forms_of(person.pk).filter(post=post).order_by("-opened_at")),
        "submitted_by": name_of(post.submitted_by),
        "approved_by": name_of(post.approved_by),
        "owner": called(owner_of(post, {pk for pk, _name in people})) if post.review_by else "",
        "overdue": overdue(post.review_by, timezone.localdate()),
        "twin": twin,
        "twin_by": name_of(twin.discarded_by) if twin else "",
        "where": whereabouts(post),
        "last": last,
        "last_done": done(last.transition) if last else "",
        "last_by": name_of(last.by) if last else "",
        **_planned(post, person, situation),
        "ticks": ticks_of(post),
        "remarks": Comment.objects.open().filter(post=post).count(),
        "may_set_review_by": situation.state == State.EVERGREEN and REVIEW_POST in situation.permissions,
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the reviewers of a post: with which submission, of whom ("": of any), and whether it is late."""

    event: Event
    reviewer: str
    late: bool


def asked_of(post: Post) -> Asked | None:
    """What is asked with the submission that `post` is in review by; None for a post that is not in review."""
    event = request_of(post)
    if event is None:
        return None
    return Asked(event, called(post.reviewer), overdue(post.review_due, timezone.localdate()))


def reviewers_to_choose(post: Post, person: User) -> list[tuple[int, str]]:
    """Whoever `person` may ask to review `post`: key and name."""
    able = can_review(post.collection_id)
    return [(reviewer.pk, called(reviewer)) for reviewer in able if reviewer.pk != person.pk]


def _planned(post: Post, person: User, situation: Situation) -> dict[str, Any]:
    """What is set for a date and time, and whether this person may set more."""
    plans = shown_plans(post, person, situation)
    may_plan = plannable(situation, planned=any(not plan.refused for plan in plans))
    return {"plans": plans, "zone": zone_name(), "plan_more": schedule_address(post.pk) if may_plan else ""}


def step_address(post: Post, step: str) -> str:
    """Where a step is taken."""
    return reverse("admin:posts_post_step", args=[post.pk, step])


def beyond_role(refused: Iterable[Refusal]) -> bool:
    """Whether a step is refused because this person's role never takes it: then there is no use in showing it."""
    return any(reason.code in ("no_permission", "not_yours") for reason in refused)


def _buttons(post: Post, situation: Situation) -> Iterator[StepButton]:
    for offer in offered(situation):
        if beyond_role(offer.refusals):
            continue
        if offer.transition is Transition.APPROVE and not may_approve_and_publish(situation):
            yield _button(post, APPROVE_AND_PUBLISH, "")
        yield _button(post, offer.transition, worded_refusals(offer.refusals))


def _button(post: Post, step: str, refused: str) -> StepButton:
    return StepButton(str(step), STEPS[step], step_address(post, step), refused, step in AT_ONCE, step in GRAVE)


def _with_a_main_one(buttons: list[StepButton]) -> list[StepButton]:
    """The first that leads on is what the person most likely came for."""
    for index, button in enumerate(buttons):
        if button.name in FORWARD:
            main = StepButton(button.name, button.words, button.address, "", button.at_once, False, True)
            return [*buttons[:index], main, *buttons[index + 1 :]]
    return buttons


def asked_twice(step: str) -> bool:
    """Whether the page asks once more before it takes the step."""
    return step in TABLE and TABLE[Transition(step)].asked_twice
