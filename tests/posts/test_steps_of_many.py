"""Steps of many posts: a fixed list, each taken by itself, as its asker may at that moment; stopped, and gone on."""

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from posts import editing, many_proposing, many_running, reviewing, tasks
from posts.limiting import limit
from posts.many_proposing import StepRefused, foresee, foreseen_of, leave_out_of_step, propose_step
from posts.many_running import go_on_with_step, perform_step, refusals_of, start_step, stop_step
from posts.models import ChosenPost, Event, Outcome, Post, Revision, StepOfMany, Sync
from posts.runs import claim
from tests.posts.test_crashes import lease_ran_out
from tests.posts.worlds import World, group_of, post_text

A, B, C = PATHS = ("src/posts/a.md", "src/posts/b.md", "src/posts/c.md")


@pytest.fixture
def queue(world: World, writer: User) -> World:
    """Three posts that somebody wrote and submitted."""
    world.remote.commit({path: post_text(path) for path in PATHS})
    world.sync("done")
    for path in PATHS:
        editing.edit(world.post(path), {"title": f"改过的 {path}"}, by=writer)
        reviewing.perform(world.post(path), "submit", by=writer)
    return world


def proposed(by: User, transition: str = "approve", paths: tuple[str, ...] = PATHS) -> StepOfMany:
    """A step over the posts at `paths`, in the texts that they have now."""
    return propose_step(Post.objects.filter(path__in=paths), transition, by=by)


def for_a_worker(step: StepOfMany, monkeypatch: pytest.MonkeyPatch) -> Sync:
    """The run of `step`, which is too long to be done at once, and whose worker tells after each post how far it is."""
    monkeypatch.setattr(many_running, "AT_ONCE", 0)
    monkeypatch.setattr(many_running, "_REPORT_EVERY", 1)
    (run,) = start_step(step, by=step.made_by)
    return run


def work(run: Sync, at: int = -1, do: Callable[[], object] = lambda: None) -> Sync:
    """Do the run as a worker does; `do` happens when `at` posts are done."""
    claimed = claim(run.pk)
    assert claimed is not None
    return perform_step(claimed, progress=lambda told: do() if told.done == at and told.unfinished else None)


def told(run: Sync) -> dict[str, tuple[str, ...]]:
    """For each post why it was refused; nothing for one that was not."""
    return {each.path: tuple(why.code for why in refusals_of(each)) for each in Outcome.objects.filter(sync=run)}


def states(world: World) -> list[str]:
    """The states of the three posts."""
    return [world.post(path).state for path in PATHS]


def test_few_posts_are_done_at_once_each_with_its_outcome(queue: World, reviewer: User) -> None:
    (run,) = start_step(proposed(reviewer), by=reviewer)
    run.refresh_from_db()
    assert (run.state, run.done, run.total) == (Sync.State.DONE, 3, 3)
    assert told(run) == {A: (), B: (), C: ()}
    assert states(queue) == ["approved"] * 3


def test_many_posts_wait_for_a_worker(queue: World, reviewer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    run = for_a_worker(proposed(reviewer), monkeypatch)
    assert (run.state, states(queue)) == (Sync.State.WAITING, ["in_review"] * 3)
    tasks.step(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done) == (Sync.State.DONE, 3)
    assert states(queue) == ["approved"] * 3


def test_a_text_that_changed_since_it_was_looked_at_is_not_approved_and_the_others_are(
    queue: World, writer: User, reviewer: User
) -> None:
    step = proposed(reviewer)
    editing.edit(queue.post(B), {"title": "后来改的"}, by=writer)
    (run,) = start_step(step, by=reviewer)
    run.refresh_from_db()
    assert run.state == Sync.State.PARTLY
    assert told(run) == {A: (), B: ("text_moved",), C: ()}
    assert states(queue) == ["approved", "in_review", "approved"]


def test_a_text_that_nobody_saw_is_not_approved(queue: World, reviewer: User) -> None:
    a, b = queue.post(A), queue.post(B)
    seen = {a.pk: a.present_id, b.pk: a.present_id}
    step = propose_step(Post.objects.all(), "approve", by=reviewer, seen=seen)
    why = {each.post.path: [why.code for why in each.refusals] for each in foresee(step, step.rows.all(), by=reviewer)}
    assert why == {A: [], B: ["text_moved"], C: ["text_moved"]}
    (run,) = start_step(step, by=reviewer)
    assert told(run) == {A: (), B: ("text_moved",), C: ("text_moved",)}


def test_whoever_wrote_or_submitted_a_text_never_approves_it(queue: World, writer: User, reviewer: User) -> None:
    editing.edit(queue.post(A), {"title": "我写的"}, by=reviewer)
    reviewing.perform(queue.post(B), "withdraw", by=writer)
    reviewing.perform(queue.post(B), "submit", by=reviewer)
    (run,) = start_step(proposed(reviewer), by=reviewer)
    assert told(run) == {A: ("you_wrote",), B: ("you_submitted",), C: ()}
    assert states(queue) == ["in_review", "in_review", "approved"]


def test_a_role_that_is_taken_away_meanwhile_takes_no_further_step(
    queue: World, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = for_a_worker(proposed(reviewer), monkeypatch)
    done = work(run, at=1, do=lambda: reviewer.groups.remove(group_of("Reviewer")))
    assert done.state == Sync.State.PARTLY
    assert told(run) == {A: (), B: ("no_permission",), C: ("no_permission",)}
    assert states(queue) == ["approved", "in_review", "in_review"]


def test_whoever_is_limited_to_another_collection_takes_no_step_in_this_one(
    queue: World, reviewer: User, tmp_path: Path
) -> None:
    step = proposed(reviewer)
    limit(reviewer, [World(tmp_path, "other").collection], by=User.objects.create_superuser("boss"))
    by = User.objects.get(pk=reviewer.pk)
    assert list(foresee(step, step.rows.all(), by=by)) == []
    with pytest.raises(StepRefused, match="no_post_chosen"):
        start_step(step, by=by)


def test_whoever_is_limited_while_a_worker_is_at_it_takes_no_further_step(
    queue: World, reviewer: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, other = for_a_worker(proposed(reviewer), monkeypatch), World(tmp_path, "other").collection
    work(run, at=1, do=lambda: limit(reviewer, [other], by=User.objects.create_superuser("boss")))
    assert told(run) == {A: (), B: ("no_permission",), C: ("no_permission",)}


def test_a_run_that_is_stopped_goes_on_with_the_posts_that_are_left(
    queue: World, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = for_a_worker(proposed(reviewer), monkeypatch)
    stopped = work(run, at=2, do=lambda: stop_step(Sync.objects.get(pk=run.pk), by=reviewer))
    assert (stopped.state, states(queue)) == (Sync.State.STOPPED, ["approved", "approved", "in_review"])
    go_on_with_step(stopped, by=reviewer)
    done = work(run)
    assert (done.state, done.done, done.total) == (Sync.State.DONE, 3, 3)
    assert Event.objects.filter(transition="approve").count() == Outcome.objects.filter(sync=run).count() == 3


def test_a_run_that_two_workers_have_takes_no_post_twice(
    queue: World, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = for_a_worker(proposed(reviewer), monkeypatch)

    def another() -> None:
        lease_ran_out()
        tasks.step(run.pk)

    assert work(run, at=1, do=another).state == Sync.State.DONE
    assert Event.objects.filter(transition="approve").count() == Outcome.objects.filter(sync=run).count() == 3


def test_its_asker_and_who_may_publish_stop_a_run_and_its_asker_alone_goes_on(
    queue: World, reviewer: User, writer: User, publisher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = for_a_worker(proposed(reviewer), monkeypatch)
    with pytest.raises(StepRefused, match="no_permission"):
        stop_step(run, by=writer)
    stop_step(run, by=publisher)
    run.refresh_from_db()
    with pytest.raises(StepRefused, match="not_your_step"):
        go_on_with_step(run, by=publisher)
    with pytest.raises(StepRefused, match="nothing_to_stop"):
        stop_step(run, by=reviewer)
    go_on_with_step(run, by=reviewer)
    assert claim(run.pk) is not None


def test_a_step_is_started_once_and_by_its_maker(queue: World, reviewer: User, publisher: User) -> None:
    step = proposed(reviewer)
    with pytest.raises(StepRefused, match="not_your_step"):
        start_step(step, by=publisher)
    start_step(step, by=reviewer)
    with pytest.raises(StepRefused, match="begun_already"):
        start_step(step, by=reviewer)
    with pytest.raises(StepRefused, match="begun_already"):
        leave_out_of_step(step, [queue.post(A).pk], by=reviewer)
    assert Sync.objects.filter(kind="step").count() == 1


def test_posts_that_were_left_out_stay_as_they_are(queue: World, reviewer: User) -> None:
    step = proposed(reviewer)
    leave_out_of_step(step, [queue.post(A).pk], by=reviewer)
    start_step(step, by=reviewer, without=[queue.post(B).pk])
    assert states(queue) == ["in_review", "in_review", "approved"]


def test_a_list_without_a_post_or_with_too_many_is_refused(
    queue: World, reviewer: User, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StepRefused, match="no_post_chosen"):
        proposed(reviewer, paths=())
    with pytest.raises(StepRefused, match="no_post_chosen"):
        start_step(proposed(reviewer), by=reviewer, without=[queue.post(path).pk for path in PATHS])
    monkeypatch.setattr(many_proposing, "MOST", 2)
    with pytest.raises(StepRefused, match="too_many_posts"):
        proposed(writer, "withdraw")


def test_no_more_texts_are_approved_at_once_than_a_page_shows(
    queue: World, reviewer: User, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_proposing, "MOST_APPROVED", 2)
    with pytest.raises(StepRefused, match="too_many_posts"):
        proposed(reviewer)
    assert proposed(writer, "withdraw").rows.count() == 3


def test_what_leaves_is_asked_for_once_when_the_run_is_over(
    queue: World, reviewer: User, publisher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_step(proposed(reviewer), by=reviewer)
    syncs = Sync.objects.filter(kind="sync", state="waiting")
    syncs.delete()
    asked: list[int] = []
    run = for_a_worker(proposed(publisher, "publish"), monkeypatch)
    done = work(run, at=2, do=lambda: asked.append(syncs.count()))
    assert (done.state, asked, syncs.count()) == (Sync.State.DONE, [0], 1)
    commits = len(queue.remote.log())
    queue.sync("done")
    assert len(queue.remote.log()) == commits + 3
    assert all("draft: false" in queue.text_in_git(path) for path in PATHS)


def test_a_run_that_is_stopped_asks_for_the_sync_of_what_it_did(
    queue: World, reviewer: User, publisher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_step(proposed(reviewer), by=reviewer)
    Sync.objects.filter(kind="sync", state="waiting").delete()
    run = for_a_worker(proposed(publisher, "publish"), monkeypatch)
    work(run, at=1, do=lambda: stop_step(Sync.objects.get(pk=run.pk), by=publisher))
    assert Sync.objects.filter(kind="sync", state="waiting").count() == 1


def test_posts_of_several_collections_are_done_in_a_run_for_each(queue: World, writer: User, tmp_path: Path) -> None:
    other = World(tmp_path, "other")
    other.remote.commit({A: post_text("别处")})
    other.sync("done")
    reviewing.perform(queue.post(A), "withdraw", by=writer)
    runs = start_step(propose_step(Post.objects.filter(path=A), "submit", by=writer), by=writer)
    assert {run.collection for run in runs} == {queue.collection, other.collection}
    assert [len(told(run)) for run in runs] == [1, 1]
    assert (queue.post(A).state, other.post(A).state) == ("in_review", "in_review")


def test_a_text_that_cannot_carry_the_step_is_told_and_stops_no_other(
    queue: World, reviewer: User, publisher: User
) -> None:
    start_step(proposed(reviewer), by=reviewer)
    text = "---\ntitle: 甲\ndraft: &a true\nx: *a\nstatus: published\n---\n正文。\n"
    Revision.objects.filter(pk=queue.post(B).present_id).update(text=text)
    (run,) = start_step(proposed(publisher, "publish"), by=publisher)
    assert told(run) == {A: (), B: ("anchor_in_use",), C: ()}
    assert states(queue) == ["evergreen", "approved", "evergreen"]


# --- Looked at before


def test_of_many_posts_a_worker_sees_for_which_it_is_possible_and_the_others_are_left_out(
    queue: World, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_proposing, "FORESEEN_AT_ONCE", 2)
    monkeypatch.setattr(many_proposing, "_LOOKED_AT_TOGETHER", 2)
    editing.edit(queue.post(A), {"title": "我写的"}, by=reviewer)
    step = proposed(reviewer)
    assert foreseen_of(step) == {}
    tasks.foresee(step.pk)
    assert foreseen_of(step) == {ChosenPost.Foreseen.REFUSED: 1, ChosenPost.Foreseen.POSSIBLE: 2}
    (run,) = start_step(step, by=reviewer, without=[queue.post(B).pk])
    assert told(run) == {C: ()}


def test_what_became_possible_after_a_worker_looked_is_done_if_it_was_ticked(queue: World, reviewer: User) -> None:
    step = proposed(reviewer)
    step.rows.update(foreseen=ChosenPost.Foreseen.REFUSED)
    (run,) = start_step(step, by=reviewer, ticked=[queue.post(A).pk])
    assert told(run) == {A: ()}


def test_a_worker_is_woken_again_for_proposals_that_it_forgot_and_old_ones_are_dropped(
    queue: World, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_proposing, "FORESEEN_AT_ONCE", 2)
    step, short = proposed(reviewer), proposed(reviewer, paths=(A,))
    woken: list[StepOfMany] = []
    monkeypatch.setattr(many_proposing, "wake_for_step_of_many", woken.append)
    many_proposing.wake_forgotten_proposals()
    assert woken == []
    StepOfMany.objects.update(made_at=timezone.now() - datetime.timedelta(minutes=2))
    many_proposing.wake_forgotten_proposals()
    assert woken == [step]
    (run,) = start_step(short, by=reviewer)
    StepOfMany.objects.update(made_at=timezone.now() - datetime.timedelta(days=2))
    many_proposing.forget_old_steps()
    assert list(StepOfMany.objects.values_list("run", flat=True)) == [run.pk]


def test_nothing_is_done_to_anybody_while_a_step_is_proposed(queue: World, reviewer: User) -> None:
    before = states(queue), Event.objects.count(), Revision.objects.count()
    step = proposed(reviewer)
    assert [each.target for each in foresee(step, step.rows.all(), by=reviewer)] == ["approved"] * 3
    assert (states(queue), Event.objects.count(), Revision.objects.count()) == before
