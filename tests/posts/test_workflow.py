"""The transition table of DESIGN §3 and the rules of approval (§2.9), read as the specification."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from posts import pushed_states, workflow
from posts.errors import EvergreenError
from posts.workflow import Refusal, SecondEyes, Situation, State, Transition, refusals

CHANGE, SUBMIT, REVIEW, PUBLISH = "change_post", "submit_post", "review_post", "publish_post"
ROLES = {
    "nobody": frozenset[str](),
    "writer": frozenset({CHANGE, SUBMIT}),
    "reviewer": frozenset({CHANGE, SUBMIT, REVIEW}),
    "publisher": frozenset({CHANGE, SUBMIT, REVIEW, PUBLISH}),
}

# An outsider who may do everything, with a post that has everything a guard could ask for.
OUTSIDER = Situation(
    permissions=ROLES["publisher"],
    in_git=True,
    unlike_git=True,
    approval_stands=True,
    earlier_approved=True,
    note_given=True,
)

# Transcribed from DESIGN §3: from, to, permission, and the fact that does besides a lower permission.
# `*` is any state, `by status` published or evergreen. "live" and "never live" stand before the states.
DESIGN = """
submit          | draft, changes_requested   | in_review         | submit
withdraw        | in_review                  | draft             | submit (own), or publish
request_changes | in_review, approved        | changes_requested | review
approve         | in_review                  | approved          | review
publish         | approved                   | by status         | publish
make_evergreen  | approved, published        | evergreen         | publish
confirm         | evergreen                  | evergreen         | review
roll_back       | live: *                    | by status         | publish
unpublish       | live: *                    | draft             | publish
discard_changes | live: *                    | by status         | change
archive         | * but archived             | archived          | publish
discard         | never live: * but archived | archived          | change
restore         | archived                   | draft             | change (own), or publish
remove          | archived                   | archived          | publish
"""
ROWS = {row[0]: row[1:] for row in ([cell.strip() for cell in line.split("|")] for line in DESIGN.strip().splitlines())}


def codes(reasons: tuple[Refusal, ...]) -> list[str]:
    return [reason.code for reason in reasons]


def sources(name: str) -> set[str]:
    states = ROWS[name][0].rpartition(": ")[2]
    if states.startswith("*"):
        return {str(each) for each in State} - ({"archived"} if "but archived" in states else set())
    return set(states.split(", "))


def expected_codes(name: str, situation: Situation) -> set[str]:
    """The oracle: what DESIGN says, written without the module's own table."""
    where, _, permission = ROWS[name]
    found = set()
    own = situation.is_submitter if name == "withdraw" else situation.discarded_by_me
    if "(own)" in permission:
        lower = permission.split(" ")[0] + "_post"
        if PUBLISH not in situation.permissions:
            if lower not in situation.permissions:
                found.add("no_permission")
            elif not own:
                found.add("not_yours")
    elif permission + "_post" not in situation.permissions:
        found.add("no_permission")
    if situation.state not in sources(name):
        found.add("wrong_state")
    if where.startswith("live") and not situation.live:
        found.add("not_live")
    if where.startswith("never live") and situation.live:
        found.add("was_live")
    if name in ("publish", "make_evergreen") and situation.state != "published" and not situation.approval_stands:
        found.add("approval_void")
    if name == "approve":
        by_publisher = PUBLISH in situation.permissions
        alone = {"before": False, "afterwards": situation.live and by_publisher, "off": True}[situation.second_eyes]
        if situation.is_writer and not alone:
            found.add("you_wrote")
        if situation.is_submitter and not alone:
            found.add("you_submitted")
    return found


def test_the_table_has_every_transition_once() -> None:
    assert set(workflow.TABLE) == set(Transition) == set(ROWS)


@pytest.mark.parametrize("live", [False, True], ids=["not live", "live"])
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", ROWS)
def test_an_outsider_with_every_permission_goes_where_the_design_says(name: str, state: State, live: bool) -> None:
    situation = replace(OUTSIDER, state=state, live=live, ever_live=live)
    transition = Transition(name)
    allowed = state in sources(name) and (not ROWS[name][0].startswith("live") or live)
    allowed = allowed and not (ROWS[name][0].startswith("never live") and live)

    assert (refusals(transition, situation) == ()) is allowed
    wanted = "published" if ROWS[name][1] == "by status" else ROWS[name][1]
    assert workflow.target(transition, situation) == wanted


@pytest.mark.parametrize("name", ROWS)
def test_every_state_role_part_liveness_and_setting(name: str) -> None:
    parts = [(False, False), (True, False), (False, True), (True, True)]
    for state, permissions, (writer, submitter), live, setting, stands, mine in itertools.product(
        State, ROLES.values(), parts, (False, True), SecondEyes, (False, True), (False, True)
    ):
        situation = replace(
            OUTSIDER,
            state=state,
            permissions=permissions,
            is_writer=writer,
            is_submitter=submitter,
            live=live,
            ever_live=live,
            second_eyes=setting,
            approval_stands=stands,
            discarded_by_me=mine,
        )
        reasons = codes(refusals(Transition(name), situation))
        assert set(reasons) == expected_codes(name, situation), situation
        assert len(reasons) == len(set(reasons))


@pytest.mark.parametrize("name", ROWS)
def test_without_its_permission_a_transition_is_refused_by_the_permission_s_name(name: str) -> None:
    needed = ROWS[name][2].split(" ")[0] + "_post"
    live = ROWS[name][0].startswith("live")
    situation = replace(OUTSIDER, permissions=frozenset(), state=State(min(sources(name))), live=live)
    assert refusals(Transition(name), situation) == (Refusal("no_permission", {"permission": needed}),)
    own = replace(situation, is_submitter=name == "withdraw", discarded_by_me=name == "restore")
    assert codes(refusals(Transition(name), own)) == ["no_permission"]
    assert refusals(Transition(name), replace(own, permissions=frozenset({needed}))) == ()


GUARDS = [
    ("submit", {"blocking": ("no_title", "url")}, Refusal("blocking_problem", {"codes": ("no_title", "url")})),
    ("submit", {"open_conflict": True}, Refusal("open_conflict")),
    ("submit", {"state": State.APPROVED}, Refusal("wrong_state", {"state": State.APPROVED})),
    ("request_changes", {"state": State.IN_REVIEW, "note_given": False}, Refusal("note_missing")),
    ("approve", {"state": State.IN_REVIEW, "is_writer": True}, Refusal("you_wrote")),
    ("approve", {"state": State.IN_REVIEW, "is_submitter": True}, Refusal("you_submitted")),
    ("approve", {"state": State.IN_REVIEW, "text_moved": True}, Refusal("text_moved")),
    ("approve", {"state": State.IN_REVIEW, "images_moved": True}, Refusal("images_moved")),
    ("publish", {"state": State.APPROVED, "approval_stands": False}, Refusal("approval_void")),
    ("make_evergreen", {"state": State.APPROVED, "approval_stands": False}, Refusal("approval_void")),
    ("submit", {"findings": ("a",), "breaks": ("a",)}, Refusal("finding_breaks", {"findings": ("a",)})),
    (
        "submit",
        {"findings": ("a",), "permissions": ROLES["writer"]},
        Refusal("finding_blocks", {"findings": ("a",)}),
    ),
    (
        "publish",
        {"state": State.APPROVED, "findings": ("a",), "note_given": False},
        Refusal("reason_missing", {"findings": ("a",)}),
    ),
    *(
        (
            step,
            {"state": state, "approval_stands": True, "missing": ("tag",)},
            Refusal("checklist", {"missing": ("tag",)}),
        )
        for step, state in [("submit", State.DRAFT), ("publish", State.APPROVED), ("make_evergreen", State.APPROVED)]
    ),
    ("roll_back", {"live": False}, Refusal("not_live")),
    ("roll_back", {"live": True, "earlier_approved": False}, Refusal("nothing_earlier")),
    ("discard_changes", {"live": True, "unlike_git": False}, Refusal("same_as_git")),
    ("discard_changes", {"live": True, "pending": True}, Refusal("pending")),
    ("discard", {"ever_live": True}, Refusal("was_live")),
    ("remove", {"state": State.ARCHIVED, "in_git": False}, Refusal("not_in_git")),
    (
        "withdraw",
        {"state": State.IN_REVIEW, "permissions": ROLES["writer"]},
        Refusal("not_yours", {"permission": PUBLISH}),
    ),
]


@pytest.mark.parametrize(("name", "facts", "refusal"), GUARDS, ids=[f"{row[0]}: {row[2].code}" for row in GUARDS])
def test_a_guard_refuses_alone_and_says_why(name: str, facts: dict[str, Any], refusal: Refusal) -> None:
    assert refusals(Transition(name), replace(OUTSIDER, **facts)) == (refusal,)


def test_every_code_is_exported_for_the_wording_and_none_is_unused() -> None:
    used = {row[2].code for row in GUARDS} | {"no_permission", "restore_first"}
    assert used == set(workflow.REFUSALS)
    assert len(workflow.REFUSALS) == len(set(workflow.REFUSALS))


def test_all_reasons_are_listed_permission_and_state_first() -> None:
    situation = Situation(state=State.APPROVED, open_conflict=True, blocking=("no_title",))
    assert codes(refusals(Transition.SUBMIT, situation)) == [
        "no_permission",
        "wrong_state",
        "blocking_problem",
        "open_conflict",
    ]


def test_the_defaults_allow_nobody_anything() -> None:
    assert all(refusals(each, Situation(state=state)) for each in Transition for state in State)


REVIEWING = replace(OUTSIDER, state=State.IN_REVIEW, is_writer=True, is_submitter=True)


@pytest.mark.parametrize(
    ("setting", "live", "role", "refused"),
    [
        (SecondEyes.BEFORE, True, "publisher", True),
        (SecondEyes.AFTERWARDS, True, "publisher", False),
        (SecondEyes.AFTERWARDS, False, "publisher", True),
        (SecondEyes.AFTERWARDS, True, "reviewer", True),
        (SecondEyes.OFF, False, "reviewer", False),
    ],
)
def test_who_may_approve_her_own_text(setting: SecondEyes, live: bool, role: str, refused: bool) -> None:
    situation = replace(REVIEWING, second_eyes=setting, live=live, ever_live=live, permissions=ROLES[role])
    assert codes(refusals(Transition.APPROVE, situation)) == (["you_wrote", "you_submitted"] if refused else [])


def test_only_her_own_correction_of_a_live_post_needs_a_later_check() -> None:
    own = replace(REVIEWING, second_eyes=SecondEyes.AFTERWARDS, live=True)
    assert workflow.needs_later_check(own)
    assert workflow.needs_later_check(replace(own, is_writer=False))
    assert not workflow.needs_later_check(replace(own, is_writer=False, is_submitter=False))
    assert not workflow.needs_later_check(replace(own, live=False))
    assert not workflow.needs_later_check(replace(own, permissions=ROLES["reviewer"]))
    assert not workflow.needs_later_check(replace(own, second_eyes=SecondEyes.BEFORE))
    assert not workflow.needs_later_check(replace(own, second_eyes=SecondEyes.OFF))


@pytest.mark.parametrize("setting", SecondEyes)
def test_under_every_setting_publishing_takes_an_approval_of_the_present_text(setting: SecondEyes) -> None:
    situation = replace(OUTSIDER, state=State.APPROVED, second_eyes=setting, live=True, approval_stands=False)
    assert codes(refusals(Transition.PUBLISH, situation)) == ["approval_void"]


def test_approve_and_publish_takes_both_permissions_and_no_earlier_approval() -> None:
    situation = replace(OUTSIDER, state=State.IN_REVIEW, approval_stands=False)
    assert workflow.may_approve_and_publish(situation) == ()
    as_reviewer = replace(situation, permissions=ROLES["reviewer"])
    assert workflow.may_approve_and_publish(as_reviewer) == (Refusal("no_permission", {"permission": PUBLISH}),)
    assert codes(workflow.may_approve_and_publish(replace(situation, is_writer=True))) == ["you_wrote"]


def test_the_state_that_roll_back_discard_changes_and_publish_lead_to_is_the_text_s() -> None:
    for status in (State.EVERGREEN, State.PUBLISHED):
        assert workflow.target(Transition.PUBLISH, replace(OUTSIDER, status=status)) == status
        assert workflow.target(Transition.ROLL_BACK, replace(OUTSIDER, target_status=status)) == status
        assert workflow.target(Transition.DISCARD_CHANGES, replace(OUTSIDER, git_status=status)) == status


def test_what_publishing_writes_keeps_a_status_of_its_own() -> None:
    for status in ("", "draft", "archived"):
        wanted = {"draft": False, "status": "published"}
        assert workflow.writes(Transition.PUBLISH, replace(OUTSIDER, status=status)) == wanted
    for status in ("evergreen", "published", "syndicated"):
        assert workflow.writes(Transition.PUBLISH, replace(OUTSIDER, status=status)) == {"draft": False}


def test_what_the_other_transitions_write() -> None:
    written = {each: workflow.writes(each, OUTSIDER) for each in Transition if each != Transition.PUBLISH}
    assert {each: changes for each, changes in written.items() if changes} == {
        Transition.MAKE_EVERGREEN: {"draft": False, "status": "evergreen"},
        Transition.UNPUBLISH: {"draft": True},
        Transition.ARCHIVE: {"draft": True, "status": "archived"},
        Transition.DISCARD: {"draft": True, "status": "archived"},
        Transition.RESTORE: {"status": "draft"},
    }


LIVE_TOO = "discard_changes roll_back unpublish"


@pytest.mark.parametrize(
    ("state", "live", "buttons"),
    [
        ("draft", False, "submit discard"),
        ("draft", True, f"submit {LIVE_TOO} archive"),
        ("in_review", False, "approve request_changes withdraw discard"),
        ("in_review", True, f"approve request_changes withdraw {LIVE_TOO} archive"),
        ("changes_requested", False, "submit discard"),
        ("changes_requested", True, f"submit {LIVE_TOO} archive"),
        ("approved", False, "publish make_evergreen request_changes discard"),
        ("approved", True, f"publish make_evergreen request_changes {LIVE_TOO} archive"),
        ("published", True, f"make_evergreen {LIVE_TOO} archive"),
        ("evergreen", True, f"confirm {LIVE_TOO} archive"),
        ("archived", False, "restore remove"),
    ],
)
@pytest.mark.parametrize("role", ROLES)
def test_the_buttons_are_the_same_for_every_role(state: str, live: bool, buttons: str, role: str) -> None:
    situation = replace(OUTSIDER, state=State(state), live=live, ever_live=live, permissions=ROLES[role])
    offers = workflow.offered(situation)
    assert [offer.transition for offer in offers] == buttons.split()
    assert all(offer.refusals == refusals(offer.transition, situation) for offer in offers)


def test_a_post_that_was_live_once_is_archived_not_discarded() -> None:
    situation = replace(OUTSIDER, state=State.DRAFT, live=False, ever_live=True)
    assert [offer.transition for offer in workflow.offered(situation)] == ["submit", "archive"]


def test_a_button_is_not_disabled_for_the_note_that_its_dialog_asks_for() -> None:
    offers = workflow.offered(replace(OUTSIDER, state=State.IN_REVIEW, note_given=False))
    assert {offer.transition: offer.refusals for offer in offers}[Transition.REQUEST_CHANGES] == ()


def test_remove_is_asked_twice_and_offered_only_for_what_git_has() -> None:
    assert [each for each, rule in workflow.TABLE.items() if rule.asked_twice] == [Transition.REMOVE]
    offers = workflow.offered(replace(OUTSIDER, state=State.ARCHIVED, in_git=False))
    assert [offer.transition for offer in offers] == ["restore"]


def test_an_edit_of_what_was_cleared_begins_a_new_draft() -> None:
    after = {state: workflow.after_edit(state) for state in State if state != State.ARCHIVED}
    assert after == {
        State.DRAFT: State.DRAFT,
        State.IN_REVIEW: State.IN_REVIEW,
        State.CHANGES_REQUESTED: State.CHANGES_REQUESTED,
        State.APPROVED: State.DRAFT,
        State.PUBLISHED: State.DRAFT,
        State.EVERGREEN: State.DRAFT,
    }


def test_an_archived_post_is_restored_before_it_is_edited() -> None:
    assert codes(workflow.may_edit(replace(OUTSIDER, state=State.ARCHIVED))) == ["restore_first"]
    with pytest.raises(EvergreenError, match="restore_first"):
        workflow.after_edit(State.ARCHIVED)


def test_an_edit_takes_the_permission_to_change() -> None:
    assert workflow.may_edit(Situation(permissions=frozenset({CHANGE}))) == ()
    assert workflow.may_edit(Situation()) == (Refusal("no_permission", {"permission": CHANGE}),)


# A push to a post in each state, with a mapping that says "published" (but for the state published: "draft").
# Columns: nothing of ours, nothing of ours and draft or status changed, ours, ours and draft or status changed.
IMPORTED = """
draft             | draft             | mapped | draft             | draft
in_review         | in_review         | mapped | in_review         | in_review
changes_requested | changes_requested | mapped | changes_requested | changes_requested
approved          | in_review         | mapped | in_review         | in_review
published         | published         | mapped | published         | mapped
evergreen         | evergreen         | mapped | evergreen         | mapped
archived          | archived          | mapped | archived          | mapped
"""


@pytest.mark.parametrize("line", IMPORTED.strip().splitlines(), ids=lambda line: line.split()[0])
def test_a_push_leaves_a_review_of_ours_alone_and_is_mapped_otherwise(line: str) -> None:
    before, *after = [cell.strip() for cell in line.split("|")]
    says = State.DRAFT if before == "published" else State.PUBLISHED
    for wanted, (ours, flipped) in zip(after, itertools.product((False, True), (False, True)), strict=True):
        found = pushed_states.after_import(
            State(before), ours_beside_git=ours, draft_or_status_changed=flipped, mapped=says, text_changed=True
        )
        assert found == (says if wanted == "mapped" else wanted), (ours, flipped)


def test_an_approval_outlives_a_push_that_changed_no_text_but_not_a_conflict() -> None:
    for ours, wanted in ((False, State.APPROVED), (True, State.IN_REVIEW)):
        found = pushed_states.after_import(
            State.APPROVED, ours_beside_git=ours, draft_or_status_changed=False, mapped=State.DRAFT, text_changed=False
        )
        assert found == wanted


@pytest.mark.parametrize(
    ("draft", "status", "state"),
    [
        (True, "archived", State.ARCHIVED),
        (True, "draft", State.DRAFT),
        (True, "evergreen", State.DRAFT),  # nearly all real files: meant for evergreen, not yet published
        (True, "", State.DRAFT),
        (False, "evergreen", State.EVERGREEN),
        (False, "published", State.PUBLISHED),
        (False, "draft", State.PUBLISHED),
        (False, "archived", State.PUBLISHED),
        (False, "", State.PUBLISHED),
    ],
)
def test_the_mapping_of_a_text_from_git(draft: bool, status: str, state: State) -> None:
    assert pushed_states.mapped(draft, status) == state
