"""A bulk step, or a step of many posts, whose worker is killed in the middle, and that is done again.

The end is the same, no post is changed twice, and none is forgotten.
"""

import signal
from pathlib import Path

import pytest

from posts import bulk, bulk_proposing, many_proposing, many_running, reviewing, tasks
from posts.models import BulkStep, Event, Outcome, Post, Revision, Sync
from tests.posts.killing import BULK_STEPS, STEPS_OF_MANY
from tests.posts.test_crashes import killing, lease_ran_out
from tests.posts.worlds import World, person, post_text

LIVE = {"draft": "false", "status": "published"}
ADD_TAG = {"key": "tags", "do": "add", "values": ["fed"]}


@pytest.mark.parametrize("step", BULK_STEPS)
def test_a_bulk_step_killed_in_the_middle_and_done_again_ends_as_if_nothing_had_been(
    step: str, worker_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    world, curator, publisher = World(tmp_path), person("cai", "Curator"), person("pan", "Publisher")
    drafts = {f"src/posts/n{number}.md": post_text(f"第{number}篇") for number in range(6)}
    live = {f"src/posts/z{number}.md": post_text(f"在线{number}", **LIVE) for number in range(2)}
    world.remote.commit({**drafts, **live})
    world.sync("done")
    commits = len(world.remote.log())
    proposal = bulk_proposing.propose_fields(Post.objects.all(), [ADD_TAG], by=curator)
    run = bulk.start(proposal, by=curator)
    with killing(worker_environment, str(run.pk), KILL_AT=step) as process:
        words = process.communicate(timeout=60)[1].decode()
        assert process.returncode == -signal.SIGKILL, words
    lease_ran_out()
    tasks.bulk(run.pk)
    run.refresh_from_db()
    assert run.state == Sync.State.TO_RELEASE
    bulk.release(BulkStep.objects.get(run=run), by=publisher)
    tasks.bulk(run.pk)
    run.refresh_from_db()
    assert run.state == Sync.State.DONE
    assert Outcome.objects.filter(sync=run, result="changed").count() == 8
    assert Revision.objects.filter(bulk_step=run).count() == 8
    world.sync()
    expected = {**drafts, **live}
    tag = "  - ai-disruption\n"
    assert {path: data.decode() for path, data in world.remote.files().items()} == {
        path: text.replace(tag, f"{tag}  - fed\n") for path, text in expected.items()
    }
    assert len(world.remote.log()) == commits + 1
    assert world.disagreements() == []


@pytest.mark.parametrize("step", STEPS_OF_MANY)
def test_a_step_of_many_posts_killed_in_the_middle_goes_on_and_takes_none_twice(
    step: str, worker_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_running, "AT_ONCE", 0)
    world, writer, reviewer = World(tmp_path), person("wen", "Writer"), person("rui", "Reviewer")
    world.remote.commit({f"src/posts/n{number}.md": post_text(f"第{number}篇") for number in range(4)})
    world.sync("done")
    for post in Post.objects.all():
        reviewing.perform(post, "submit", by=writer)
    proposal = many_proposing.propose_step(Post.objects.all(), "approve", by=reviewer)
    (run,) = many_running.start_step(proposal, by=reviewer)
    with killing(worker_environment, str(run.pk), KILL_AT=step) as process:
        words = process.communicate(timeout=60)[1].decode()
        assert process.returncode == -signal.SIGKILL, words
    approved = Event.objects.filter(transition="approve")
    done = 1 if step == "in the middle of a post" else 2
    assert approved.count() == Outcome.objects.filter(sync=run, result="taken").count() == done
    lease_ran_out()
    tasks.step(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, run.attempts) == (Sync.State.DONE, 4, 2)
    assert approved.count() == Outcome.objects.filter(sync=run, result="taken").count() == 4
    assert set(Post.objects.values_list("state", flat=True)) == {"approved"}
