"""Steps set for a date and time: who may, what happens at the hour, and what is said when it cannot."""

import datetime
import threading
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from posts import editing, planning, scheduling
from posts.errors import EvergreenError
from posts.models import Event, Notice, Post, Schedule
from posts.planning import PlanRefused
from posts.reviewing import perform
from posts.scheduling import cancel, fire, move, set_schedule, warn_of_unapproved
from posts.workflow import Situation, State, Transition
from tests.posts.worlds import World, fire_due, group_of, person, post_text

PATH = "src/posts/a.md"
NOW = timezone.now().replace(microsecond=0)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
LIVE = post_text("在线", draft="false", status="published")


@pytest.fixture
def draft(world: World, writer: User) -> Post:
    """A draft that somebody wrote."""
    world.remote.push(PATH, post_text())
    world.sync("done")
    editing.edit(world.post(PATH), {"title": "新题"}, by=writer)
    return world.post(PATH)


@pytest.fixture
def approved(draft: Post, world: World, writer: User, reviewer: User) -> Post:
    """The same, approved."""
    approve(world, writer, reviewer)
    return world.post(PATH)


def approve(world: World, writer: User, reviewer: User) -> None:
    """Submit it and approve it."""
    perform(world.post(PATH), "submit", by=writer)
    perform(world.post(PATH), "approve", by=reviewer)


def told(user: User) -> list[str]:
    """The codes of what a person was told."""
    return list(Notice.objects.filter(person=user).order_by("pk").values_list("code", flat=True))


# --- At the hour


def test_an_approved_post_is_published_at_its_hour_as_whoever_set_it_and_not_before(
    approved: Post, world: World, publisher: User
) -> None:
    schedule = set_schedule(approved, "publish", NOW + HOUR, by=publisher, now=NOW)
    assert fire_due(now=NOW + HOUR - datetime.timedelta(seconds=1)) == []
    assert world.post(PATH).state == State.APPROVED
    (fired,) = fire_due(now=NOW + HOUR)
    assert (fired.pk, fired.state, fired.late) == (schedule.pk, "done", False)
    assert world.post(PATH).state == State.EVERGREEN, "as the text's status says"
    event = Event.objects.get(transition="publish")
    assert (event.by, fired.event) == (publisher, event)
    assert fire_due(now=NOW + 2 * HOUR) == [], "once"


def test_set_before_the_approval_it_waits_past_its_hour_and_is_done_as_soon_as_both_are_true(
    draft: Post, world: World, writer: User, reviewer: User, publisher: User
) -> None:
    set_schedule(draft, "publish", NOW + HOUR, by=publisher, now=NOW)
    for minutes in (60, 61, 62):
        (waiting,) = fire_due(now=NOW + datetime.timedelta(minutes=minutes))
        assert waiting.state == "open"
    assert told(publisher) == ["schedule_waits"], "said once"
    approve(world, writer, reviewer)
    (fired,) = fire_due(now=NOW + DAY)
    assert (fired.state, fired.late) == ("done", False), "the approval was late, not the machine"
    assert world.post(PATH).live is False and world.post(PATH).pending


def test_after_an_outage_it_is_done_late_and_says_so(approved: Post, publisher: User) -> None:
    set_schedule(approved, "publish", NOW + HOUR, by=publisher, now=NOW)
    (fired,) = fire_due(now=NOW + DAY)
    assert (fired.state, fired.late) == ("done", True)


def test_a_day_before_it_is_said_once_that_the_approval_is_missing(
    draft: Post, world: World, writer: User, reviewer: User, publisher: User
) -> None:
    schedule = set_schedule(draft, "publish", NOW + 2 * DAY, by=publisher, now=NOW)
    assert warn_of_unapproved(now=NOW) == 0
    assert [warn_of_unapproved(now=NOW + DAY + at * HOUR) for at in (0, 1)] == [1, 0]
    assert told(publisher) == ["schedule_unapproved"]
    move(schedule, NOW + 4 * DAY, by=publisher, now=NOW + DAY)
    assert warn_of_unapproved(now=NOW + 3 * DAY) == 1, "another hour, another warning"
    approve(world, writer, reviewer)
    move(schedule, NOW + 5 * DAY, by=publisher, now=NOW + 3 * DAY)
    assert warn_of_unapproved(now=NOW + 4 * DAY) == 0


def test_a_post_is_taken_off_the_site_at_its_hour(world: World, publisher: User) -> None:
    world.remote.push(PATH, LIVE)
    world.sync("done")
    set_schedule(world.post(PATH), "unpublish", NOW + HOUR, by=publisher, now=NOW)
    assert [each.state for each in fire_due(now=NOW + HOUR)] == ["done"]
    world.sync()
    assert "draft: true" in world.text_in_git(PATH)


def test_publishing_and_taking_off_again_can_be_planned_together(approved: Post, world: World, publisher: User) -> None:
    with pytest.raises(PlanRefused) as refused:
        set_schedule(approved, "unpublish", NOW + DAY, by=publisher, now=NOW)
    assert refused.value.code == "not_live"
    set_schedule(approved, "publish", NOW + HOUR, by=publisher, now=NOW)
    set_schedule(approved, "unpublish", NOW + DAY, by=publisher, now=NOW)
    fire_due(now=NOW + HOUR)
    assert [each.state for each in fire_due(now=NOW + DAY)] == ["done"]
    assert world.post(PATH).state == State.DRAFT


def test_the_date_is_set_on_publishing_where_that_was_ticked(approved: Post, world: World, publisher: User) -> None:
    set_schedule(approved, "publish", NOW + HOUR, by=publisher, set_date=True, now=NOW)
    fire_due(now=NOW + HOUR)
    assert world.post(PATH).date == timezone.localdate()


# --- Refused


def test_setting_needs_the_right_and_a_time_to_come(draft: Post, writer: User, publisher: User) -> None:
    for by, at, code in [
        (writer, NOW + HOUR, "no_permission"),
        (publisher, NOW, "time_passed"),
        (publisher, NOW + 5000 * DAY, "too_far"),
    ]:
        with pytest.raises(EvergreenError) as refused:
            set_schedule(draft, "publish", at, by=by, now=NOW)
        assert refused.value.code == code
    with pytest.raises(PlanRefused) as never:
        set_schedule(draft, "archive", NOW + HOUR, by=publisher, now=NOW)
    assert never.value.code == "not_plannable"
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(("gone", "code"), [("left", "planner_left"), ("right", "planner_lost_right")])
def test_whoever_set_it_must_still_be_there_and_may_do_it_at_the_hour(
    gone: str, code: str, approved: Post, world: World, publisher: User, writer: User
) -> None:
    set_schedule(approved, "publish", NOW + HOUR, by=publisher, now=NOW)
    if gone == "left":
        User.objects.filter(pk=publisher.pk).update(is_active=False)
    else:
        publisher.groups.remove(group_of("Publisher"))
    (refused,) = fire_due(now=NOW + HOUR)
    assert (refused.state, refused.code, refused.facts) == ("refused", code, {"by": "Pan"})
    assert world.post(PATH).state == State.APPROVED
    assert told(writer) == ["schedule_failed"], "whoever submitted it learns of it too"
    assert fire_due(now=NOW + 2 * HOUR) == []


def test_one_that_cannot_be_done_never_keeps_the_others(world: World, publisher: User) -> None:
    world.remote.commit({f"src/posts/{n}.md": LIVE.replace("在线", f"在线{n}") for n in range(3)})
    world.sync("done")
    posts = [world.post(f"src/posts/{n}.md") for n in range(3)]
    for number, post in enumerate(posts):
        set_schedule(post, "unpublish", NOW + HOUR + number * datetime.timedelta(minutes=1), by=publisher, now=NOW)
    world.remote.push("src/posts/0.md", post_text("在线0", draft="true"))
    world.sync()
    fired = fire_due(now=NOW + 2 * HOUR)
    assert [(each.state, each.code) for each in fired] == [("refused", "not_live"), ("done", ""), ("done", "")]


def test_a_refused_one_is_replaced_by_another_hour_or_dismissed(approved: Post, world: World, publisher: User) -> None:
    set_schedule(approved, "publish", NOW + HOUR, by=publisher, now=NOW)
    User.objects.filter(pk=publisher.pk).update(is_active=False)
    (refused,) = fire_due(now=NOW + HOUR)
    second = person("second", "Publisher")
    moved = move(refused, NOW + DAY, by=second, now=NOW + HOUR)
    assert list(Schedule.objects.unsettled()) == [moved] and moved.by == second
    assert [each.state for each in fire_due(now=NOW + DAY)] == ["done"]
    with pytest.raises(EvergreenError) as over:
        cancel(moved, by=second)
    assert over.value.code == "plan_over"


# --- What happens to the post meanwhile


def test_an_edit_and_a_withdrawal_keep_the_plan_and_archiving_ends_it(
    draft: Post, world: World, writer: User, publisher: User
) -> None:
    set_schedule(draft, "publish", NOW + HOUR, by=publisher, now=NOW)
    perform(world.post(PATH), "submit", by=writer)
    perform(world.post(PATH), "withdraw", by=writer)
    editing.edit(world.post(PATH), {"title": "又改"}, by=writer)
    assert Schedule.objects.open().count() == 1
    perform(world.post(PATH), "archive", by=publisher)
    schedule = Schedule.objects.get()
    assert (schedule.state, schedule.ended_by) == ("cancelled", publisher)
    assert fire_due(now=NOW + HOUR) == []


def test_publishing_by_hand_leaves_nothing_of_a_planned_publication_and_keeps_the_taking_off(
    approved: Post, world: World, publisher: User
) -> None:
    set_schedule(approved, "publish", NOW + HOUR, by=publisher, now=NOW)
    set_schedule(approved, "unpublish", NOW + DAY, by=publisher, now=NOW)
    perform(world.post(PATH), "make_evergreen", by=publisher)
    assert list(Schedule.objects.open().values_list("transition", flat=True)) == ["unpublish"]


def test_there_is_one_open_plan_for_each_step(approved: Post, publisher: User) -> None:
    first = set_schedule(approved, "publish", NOW + HOUR, by=publisher, now=NOW)
    second = set_schedule(approved, "publish", NOW + DAY, by=publisher, now=NOW)
    assert first.pk == second.pk and Schedule.objects.get().at == NOW + DAY


def test_whoever_may_not_publish_cancels_nothing_of_others(approved: Post, writer: User, publisher: User) -> None:
    schedule = set_schedule(approved, "publish", NOW + HOUR, by=publisher, now=NOW)
    with pytest.raises(PlanRefused):
        cancel(schedule, by=writer)
    cancel(schedule, by=person("third", "Publisher"))
    assert fire_due(now=NOW + HOUR) == []


# --- Two workers, and a crash


@pytest.mark.django_db(transaction=True)
def test_two_workers_fire_it_once(transactional_db: None, tmp_path: Path) -> None:
    world = World(tmp_path)
    publisher = person("pan", "Publisher")
    world.remote.push(PATH, LIVE)
    world.sync("done")
    schedule = set_schedule(world.post(PATH), "unpublish", NOW + HOUR, by=publisher, now=NOW)
    start, fired, failed = threading.Barrier(4), [], []

    def work() -> None:
        try:
            start.wait()
            fired.append(fire(schedule.pk, now=NOW + HOUR))
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len([each for each in fired if each is not None]) == 1
    assert Event.objects.filter(transition="unpublish").count() == 1


def test_a_worker_that_dies_in_the_middle_leaves_it_to_the_next(
    approved: Post, world: World, publisher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_schedule(approved, "publish", NOW + HOUR, by=publisher, now=NOW)

    def dies(*_args: object, **_told: object) -> Post:
        perform(*_args, **_told)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(scheduling, "perform", dies)
        with pytest.raises(KeyboardInterrupt):
            fire_due(now=NOW + HOUR)
    assert world.post(PATH).state == State.APPROVED
    assert [each.state for each in fire_due(now=NOW + HOUR)] == ["done"]


# --- The clock


def test_a_time_that_the_clocks_skip_is_refused_and_one_that_comes_twice_is_the_first() -> None:
    zone = ZoneInfo("Europe/Berlin")
    with pytest.raises(EvergreenError) as refused:
        planning.moment_of(datetime.date(2027, 3, 28), datetime.time(2, 30), zone)
    assert refused.value.code == "no_such_time"
    first = planning.moment_of(datetime.date(2027, 10, 31), datetime.time(2, 30), zone)
    assert first == datetime.datetime(2027, 10, 31, 0, 30, tzinfo=datetime.UTC)


@pytest.mark.parametrize("state", State)
def test_a_publication_waits_only_for_the_approval_of_a_text_on_its_way(state: State) -> None:
    situation = Situation(state=state, permissions=frozenset({"publish_post"}))
    reasons = planning.refusals_to_plan(Transition.PUBLISH, situation)
    on_the_way = state in (State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED, State.APPROVED)
    assert (not reasons) == on_the_way


def test_a_state_in_which_it_cannot_be_done_is_said_in_words_that_help(world: World, publisher: User) -> None:
    world.remote.push(PATH, post_text("常青", draft="false", status="evergreen"))
    world.sync("done")
    set_schedule(world.post(PATH), "confirm", NOW + HOUR, by=publisher, now=NOW)
    perform(world.post(PATH), "unpublish", by=publisher)
    (refused,) = fire_due(now=NOW + HOUR)
    assert (refused.state, refused.code) == ("refused", "state_at_hour")
