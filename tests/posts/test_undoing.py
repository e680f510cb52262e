"""Undoing a sync: what it brought in and what it sent is taken back as one bulk step, with a real remote."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from posts import editing, reviewing, runs, undoing
from posts.models import Collection, Conflict, Notice, Outcome, Post, Revision, Sync, Whence
from posts.runs import claim, request_stop
from posts.undoing import UndoRefused, ask_for_undo, perform_undo, why_not
from tests.posts.worlds import World, person, post_text

A, B, C, D = "src/posts/a.md", "src/posts/b.md", "src/posts/c.md", "src/posts/d.md"
UNLIKE = "---\ntitle: 别的\ndraft: true\n---\n" + "一段与众不同的文字，谁也不会当成改名。\n" * 9
LIVE = {"draft": "false", "status": "published"}


def undo(run: Sync, by: User) -> Sync:
    """Ask for the undo of `run` and do it, as a worker would."""
    claimed = claim(ask_for_undo(run, by=by).pk)
    assert claimed is not None
    return perform_undo(claimed)


def results(run: Sync) -> dict[str, tuple[str, str]]:
    """How each file came out, and the code of why."""
    return {each.path: (each.result, each.code) for each in Outcome.objects.filter(sync=run)}


@pytest.fixture
def site(world: World) -> World:
    """A draft and a live post, synced."""
    world.remote.commit({A: post_text("草稿"), B: post_text("在线", **LIVE)})
    world.sync("done")
    return world


@pytest.mark.parametrize("path", [A, B])
def test_a_change_that_came_in_is_taken_out_again_here_and_there(site: World, publisher: User, path: str) -> None:
    before = site.text_in_git(path)
    state = site.post(path).state
    site.remote.push(path, before.replace("正文。", "推送的正文。"))
    run = site.sync("done")
    assert undo(run, publisher).state == "done"
    post = site.post(path)
    assert (post.present.text, post.present.whence, post.state) == (before, Whence.BULK, state)
    assert post.present.by == publisher and post.pending
    site.sync("done")
    assert site.text_in_git(path) == before
    assert site.disagreements() == []


def test_what_was_changed_since_is_kept_beside_it(site: World, publisher: User, writer: User) -> None:
    site.remote.push(A, site.text_in_git(A).replace("正文。", "推送的正文。"))
    run = site.sync("done")
    editing.edit(site.post(A), {"title": "改过的题目"}, by=writer)
    assert undo(run, publisher).state == "done"
    text = site.post(A).present.text
    assert "改过的题目" in text and "推送" not in text


def test_what_clashes_with_a_later_change_is_listed_and_left_alone(site: World, publisher: User, writer: User) -> None:
    site.remote.commit({path: site.text_in_git(path).replace("正文。", "推送的正文。") for path in (A, B)})
    run = site.sync("done")
    editing.edit(site.post(A), {}, body="推送的正文，改了。\n", by=writer)
    text = site.post(A).present.text
    done = undo(run, publisher)
    assert done.state == "partly"
    assert results(done) == {A: ("held", "changed_since"), B: ("undone", "")}
    assert site.post(A).present.text == text


def test_what_was_sent_is_taken_back(site: World, publisher: User, writer: User) -> None:
    before = site.text_in_git(A)
    editing.edit(site.post(A), {"title": "新题目"}, by=writer)
    run = site.sync("done")
    assert "新题目" in site.text_in_git(A)
    undo(run, publisher)
    site.sync("done")
    assert site.text_in_git(A) == before == site.post(A).present.text


def test_a_publication_is_taken_back_and_the_state_follows_the_text(
    site: World, publisher: User, writer: User, reviewer: User
) -> None:
    before = site.text_in_git(A)
    reviewing.perform(site.post(A), "submit", by=writer)
    reviewing.perform(site.post(A), "approve", by=reviewer)
    reviewing.perform(site.post(A), "make_evergreen", by=publisher)
    run = site.sync("done")
    assert site.post(A).live
    undo(run, publisher)
    assert site.post(A).state == "draft"
    site.sync("done")
    assert (site.text_in_git(A), site.post(A).live) == (before, False)


def test_taking_off_the_site_is_taken_back_without_what_nobody_reviewed(
    site: World, publisher: User, writer: User
) -> None:
    before = site.text_in_git(B)
    site.remote.push(B, before.replace("draft: false", "draft: true"))
    run = site.sync("done")
    assert (site.post(B).state, site.post(B).live) == ("draft", False)
    site.collection.push_drafts = False
    site.collection.save()
    editing.edit(site.post(B), {"title": "没人看过"}, by=writer)
    undo(run, publisher)
    post = site.post(B)
    assert (post.state, post.cleared.text) == ("draft", before)
    assert "没人看过" in post.present.text and not post.present.says_draft
    site.sync("done")
    assert site.text_in_git(B) == before


def test_of_a_live_post_the_live_and_the_present_text_are_both_changed(
    site: World, publisher: User, writer: User
) -> None:
    before = site.text_in_git(B)
    site.remote.push(B, before.replace("正文。", "推送的正文。"))
    run = site.sync("done")
    editing.edit(site.post(B), {"title": "没人看过"}, by=writer)
    undo(run, publisher)
    post = site.post(B)
    assert post.cleared.text == before
    assert post.present.text == before.replace("在线", "没人看过")
    assert post.state == "draft"


def test_an_approval_of_what_is_touched_is_void_with_a_notice(
    site: World, publisher: User, writer: User, reviewer: User
) -> None:
    site.remote.push(A, site.text_in_git(A).replace("正文。", "推送的正文。"))
    run = site.sync("done")
    reviewing.perform(site.post(A), "submit", by=writer)
    reviewing.perform(site.post(A), "approve", by=reviewer)
    undo(run, publisher)
    post = site.post(A)
    assert (post.state, post.approved_id, post.approved_by_id) == ("in_review", None, None)
    told = set(Notice.objects.filter(post=post, code="approval_lost").values_list("person__username", flat=True))
    assert told == {"wen", "rui"}


def test_a_new_file_is_removed_unless_something_was_made_of_it(site: World, publisher: User, writer: User) -> None:
    site.remote.commit({C: post_text("新的"), D: post_text("也是新的")})
    run = site.sync("done")
    editing.edit(site.post(D), {"title": "有人写了"}, by=writer)
    done = undo(run, publisher)
    assert results(done) == {C: ("undone", ""), D: ("held", "changed_since")}
    post = site.post(C)
    assert (post.state, post.removed, post.pending) == ("archived", True, True)
    site.sync("done")
    assert set(site.remote.files()) == {A, B, D}
    assert site.disagreements() == []


def test_a_first_sync_deletes_nothing_there(world: World, publisher: User) -> None:
    world.remote.push(A, post_text())
    done = undo(world.sync("done"), publisher)
    assert results(done) == {A: ("held", "there_before")}
    assert not world.post(A).pending


def test_a_wider_pattern_deletes_nothing_there(site: World, publisher: User) -> None:
    site.remote.push("notes/x.md", post_text("早就有"))
    site.sync()
    site.collection.globs = "src/posts/**/*.md\nnotes/*.md"
    site.collection.save()
    done = undo(site.sync("done"), publisher)
    assert results(done)["notes/x.md"] == ("held", "there_before")


@pytest.mark.parametrize(("path", "state", "live"), [(A, "draft", False), (B, "published", True)])
def test_a_file_that_was_deleted_there_comes_back(
    site: World, publisher: User, path: str, state: str, live: bool
) -> None:
    before = site.text_in_git(path)
    site.remote.delete(path)
    run = site.sync("done")
    assert site.post(path).state == "archived"
    undo(run, publisher)
    assert site.post(path).state == state
    site.sync("done")
    assert (site.text_in_git(path), site.post(path).live) == (before, live)


def test_a_file_that_was_renamed_there_moves_back_with_its_text(site: World, publisher: User) -> None:
    before = site.text_in_git(A)
    site.remote.rename(A, C, before.replace("正文。", "推送的正文。"))
    run = site.sync("done")
    assert results(run) == {C: ("renamed", "")}
    undo(run, publisher)
    site.sync("done")
    assert set(site.remote.files()) == {A, B}
    assert site.text_in_git(A) == before


def test_a_file_that_only_moved_moves_back_unless_its_place_is_taken(site: World, publisher: User) -> None:
    site.remote.rename(A, C)
    run = site.sync("done")
    site.remote.push(A, post_text("另一篇"))
    site.sync("done")
    assert results(undo(run, publisher)) == {C: ("held", "path_taken")}


def test_a_file_moves_back_only_once_the_post_that_stands_there_in_git_has_left(
    site: World, publisher: User, writer: User
) -> None:
    site.remote.rename(A, C)
    run = site.sync("done")
    site.remote.push(A, UNLIKE)
    site.sync("done")
    editing.move(site.post(A), D, by=writer)
    assert results(undo(run, publisher)) == {C: ("held", "place_not_left")}


def test_what_was_brought_together_and_sent_goes_back_to_the_text_before_both(
    site: World, publisher: User, writer: User
) -> None:
    before = site.text_in_git(A)
    editing.edit(site.post(A), {"title": "新题目"}, by=writer)
    site.remote.push(A, before.replace("正文。", "推送的正文。"))
    run = site.sync("done")
    assert sorted(Outcome.objects.filter(sync=run).values_list("result", flat=True)) == ["merged", "sent"]
    undo(run, publisher)
    site.sync("done")
    assert site.text_in_git(A) == before == site.post(A).present.text


def test_what_was_changed_outside_needs_no_look_once_exactly_that_is_undone(site: World, publisher: User) -> None:
    before = site.text_in_git(B)
    site.remote.push(B, before.replace("正文。", "推送的正文。"))
    run = site.sync("done")
    assert site.post(B).changed_outside_at is not None
    undo(run, publisher)
    assert site.post(B).changed_outside_at is None
    site.sync("done")
    assert site.text_in_git(B) == before


def test_of_two_changes_from_outside_undoing_one_leaves_the_other_to_be_looked_at(site: World, publisher: User) -> None:
    site.remote.push(B, site.text_in_git(B).replace("正文。", "推送的正文。"))
    first = site.sync("done")
    site.remote.push(B, site.text_in_git(B).replace("在线", "别的题目"))
    second = site.sync("done")
    undo(second, publisher)
    assert site.post(B).changed_outside_at is not None
    undo(first, publisher)
    assert site.post(B).changed_outside_at is not None, "each undid a part only"
    reviewing.mark_looked_at(site.post(B), by=publisher, looked_at=site.post(B).present)
    site.sync("done")
    site.remote.push(B, site.text_in_git(B).replace("正文。", "又推送的正文。"))
    undo(site.sync("done"), publisher)
    assert site.post(B).changed_outside_at is None


def test_what_somebody_removes_after_an_undo_is_a_commit_of_their_own(site: World, publisher: User) -> None:
    other = person("oda", "Publisher")
    Collection.objects.update(second_eyes="off")
    before = {path: site.text_in_git(path) for path in (A, B)}
    reviewing.perform(site.post(B), "archive", by=publisher)
    site.sync("done")
    archived = site.text_in_git(B)
    site.remote.commit({A: before[A].replace("正文。", "推的。"), B: archived.replace("正文。", "推的。")})
    run = site.sync("done")
    undo(run, publisher)
    assert site.post(B).state == "archived" and site.post(B).present.bulk_step is not None
    reviewing.perform(site.post(B), "remove", by=other)
    site.sync("done")
    assert set(site.remote.files()) == {A}
    assert site.remote.log("%an %s")[:2] in (
        [f"Pan Undo sync #{run.pk}", "Oda Remove 在线"],
        ["Oda Remove 在线", f"Pan Undo sync #{run.pk}"],
    )


def test_a_removal_that_was_sent_is_taken_back(site: World, publisher: User) -> None:
    before = site.text_in_git(B)
    reviewing.perform(site.post(B), "archive", by=publisher)
    reviewing.perform(site.post(B), "remove", by=publisher)
    run = site.sync("done")
    assert set(site.remote.files()) == {A}
    undo(run, publisher)
    site.sync("done")
    assert (site.text_in_git(B), site.post(B).state, site.post(B).live) == (before, "published", True)


def test_a_post_that_was_sent_for_the_first_time_leaves_the_repository(
    site: World, publisher: User, writer: User
) -> None:
    editing.create(site.collection, C, {"title": "新"}, body="字。\n", by=writer)
    run = site.sync("done")
    assert C in site.remote.files()
    undo(run, publisher)
    site.sync("done")
    assert C not in site.remote.files()
    assert site.post(C).state == "archived"


def test_an_undo_can_be_undone_and_then_the_sync_undone_again(site: World, publisher: User, writer: User) -> None:
    editing.edit(site.post(A), {"title": "新题目"}, by=writer)
    site.remote.commit({B: None, C: post_text("新的"), "src/posts/e.md": post_text("移", body="一\n二\n三\n四\n")})
    site.sync("done")
    site.remote.rename("src/posts/e.md", "src/posts/f.md")
    site.remote.commit({C: None, A: site.text_in_git(A).replace("正文。", "推送的。"), D: post_text("又")})
    run = site.sync("done")
    after = site.remote.files()
    first = undo(run, publisher)
    site.sync("done")
    middle = site.remote.files()
    assert middle != after
    second = undo(first, publisher)
    assert second.state == "done", results(second)
    site.sync("done")
    assert site.remote.files() == after
    undo(run, publisher)
    site.sync("done")
    assert site.remote.files() == middle
    assert site.disagreements() == []


def test_all_of_it_belongs_to_one_bulk_step(site: World, publisher: User) -> None:
    site.remote.commit({path: site.text_in_git(path).replace("正文。", "推送的正文。") for path in (A, B)})
    done = undo(site.sync("done"), publisher)
    assert set(Revision.objects.filter(whence=Whence.BULK).values_list("bulk_step", flat=True)) == {done.pk}


def test_it_leaves_as_one_commit_by_whoever_asked(site: World, publisher: User) -> None:
    site.remote.rename(A, D)
    site.remote.commit({B: post_text("在线", **LIVE, body="推送的。\n"), C: UNLIKE})
    run = site.sync("done")
    undo(run, publisher)
    before = site.remote.head()
    site.sync("done")
    assert site.remote.log("%P")[0] == before
    assert site.remote.log("%an: %s")[0] == f"Pan: Undo sync #{run.pk}"
    assert site.remote.files() == {A: post_text("草稿").encode(), B: post_text("在线", **LIVE).encode()}
    assert site.disagreements() == []


def test_twice_is_refused_in_plain_words(site: World, publisher: User) -> None:
    site.remote.push(A, site.text_in_git(A).replace("正文。", "推送的正文。"))
    run = site.sync("done")
    undo(run, publisher)
    with pytest.raises(UndoRefused) as refused:
        ask_for_undo(run, by=person("other", "Publisher"))
    assert (refused.value.code, refused.value.facts["by"]) == ("undone_already", "Pan")


def test_it_takes_the_right_to_publish_and_a_run_that_changed_something(
    site: World, writer: User, publisher: User
) -> None:
    site.remote.push(A, site.text_in_git(A).replace("正文。", "推送的正文。"))
    run = site.sync("done")
    nothing = site.sync("nothing_new")
    assert why_not(run, writer).code == "no_permission"
    assert why_not(nothing, publisher).code == "nothing_to_undo"
    with pytest.raises(UndoRefused):
        ask_for_undo(run, by=writer)


def test_stopped_in_the_middle_it_goes_on_and_does_no_post_twice(
    site: World, publisher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [f"src/posts/n{number}.md" for number in range(6)]
    site.remote.commit({path: post_text(path) for path in paths})
    site.sync("done")
    site.remote.commit({path: post_text(path, body="推送的。\n") for path in paths})
    run = site.sync("done")
    monkeypatch.setattr(undoing, "_REPORT_EVERY", 2)
    asked = claim(ask_for_undo(run, by=publisher).pk)
    request_stop(Sync.objects.get(pk=asked.pk))
    advance = runs.advance
    calls = []

    def later(undo: Sync, *args: object, **kwargs: object) -> None:
        calls.append(undo.done)
        if len(calls) == 1:  # the step begins: the stop is heard after the first posts
            undo.step, undo.total = kwargs["step"], kwargs["total"]
            return
        advance(undo, *args, **kwargs)

    monkeypatch.setattr(undoing, "advance", later)
    stopped = perform_undo(asked)
    assert (stopped.state, stopped.outcomes.count()) == ("stopped", 2)
    monkeypatch.setattr(undoing, "advance", advance)
    again = undo(run, publisher)
    assert (again.pk, again.state, again.outcomes.count()) == (stopped.pk, "done", 6)
    assert all(site.post(path).present.text == post_text(path) for path in paths)
    bulk = Revision.objects.filter(bulk_step=again).values_list("post", flat=True)
    assert len(bulk) == len(set(bulk)) == 6


def test_a_post_with_an_open_conflict_is_left_alone(site: World, publisher: User, writer: User) -> None:
    site.remote.push(A, site.text_in_git(A).replace("正文。", "推送的正文。"))
    run = site.sync("done")
    editing.edit(site.post(A), {}, body="这里改的。\n", by=writer)
    site.remote.push(A, site.text_in_git(A).replace("推送的正文。", "那里改的。"))
    site.sync("partly")
    assert Conflict.objects.holding().exists()
    assert results(undo(run, publisher)) == {A: ("held", "open_conflict")}


def test_the_plan_says_what_will_happen_and_writes_nothing(site: World, publisher: User) -> None:
    site.remote.commit({A: site.text_in_git(A).replace("正文。", "推送的。"), B: None, C: UNLIKE})
    run = site.sync("done")
    rows = (Post.objects.order_by("pk"), Revision.objects.order_by("pk"), Outcome.objects.order_by("pk"))
    before = [list(each.values()) for each in rows]
    planned = undoing.plan(run, list(undoing.concerned(run)))
    assert {each.post.path: each.reversal.what for each in planned} == {A: "text", B: "brought_back", C: "removed"}
    assert [list(each.all().values()) for each in rows] == before


# --- What nobody reviewed


def brought_live(site: World, path: str, writer: User, reviewer: User, publisher: User) -> None:
    """The present text is submitted, approved and published, and leaves."""
    reviewing.perform(site.post(path), "submit", by=writer)
    reviewing.perform(site.post(path), "approve", by=reviewer, looked_at=site.post(path).present)
    reviewing.perform(site.post(path), "publish", by=publisher)
    site.sync("done")


@pytest.fixture
def replaced(site: World, writer: User, reviewer: User, publisher: User) -> Sync:
    """The sync that sent, of a draft, a Writer's words in the place of a Publisher's; these are on the site now."""
    editing.edit(site.post(A), {}, body="没人看过。\n", by=publisher)
    site.sync("done")
    editing.edit(site.post(A), {}, body="看过的。\n", by=writer)
    run = site.sync("done")
    brought_live(site, A, writer, reviewer, person("oda", "Publisher"))
    return run


def test_what_a_draft_read_before_it_was_reviewed_goes_through_the_review_and_not_to_the_site(
    site: World, replaced: Sync, publisher: User
) -> None:
    shown = site.text_in_git(A)
    [planned] = undoing.plan(replaced, list(undoing.concerned(replaced)))
    assert (planned.reversal.code, planned.reversal.leaves, planned.reversal.state) == ("never_shown", None, "draft")
    client = Client()
    client.force_login(publisher)
    said = "The site keeps its text, since it never showed what this would make of it."
    assert said in client.get(reverse("admin:posts_sync_undo", args=[replaced.pk])).content.decode()
    done = undo(replaced, publisher)
    assert results(done) == {A: ("undone", "never_shown")}
    assert said in client.get(reverse("admin:posts_sync_change", args=[done.pk])).content.decode()
    post = site.post(A)
    assert (post.state, post.live, post.pending) == ("draft", True, False)
    assert "没人看过" in post.present.text
    site.sync()
    assert site.text_in_git(A) == shown
    reviewing.perform(site.post(A), "submit", by=person("wu", "Writer"))
    both = person("bo", "Reviewer")
    publisher.groups.add(*both.groups.all())
    with pytest.raises(reviewing.TransitionRefused) as refused:
        reviewing.perform(site.post(A), "approve", by=User.objects.get(pk=publisher.pk))
    assert refused.value.code == "you_wrote"
    reviewing.perform(site.post(A), "approve", by=both)
    assert site.disagreements() == []


def test_such_an_undo_undone_ends_at_what_the_site_shows(site: World, replaced: Sync, publisher: User) -> None:
    shown = site.text_in_git(A)
    undo(undo(replaced, publisher), publisher)
    post = site.post(A)
    assert (post.state, post.present.text, post.pending) == ("evergreen", shown, False)
    assert site.disagreements() == []


def test_nor_does_a_publication_come_back_with_what_nobody_reviewed(site: World, publisher: User, writer: User) -> None:
    reviewing.perform(site.post(B), "unpublish", by=publisher)
    run = site.sync("done")
    editing.edit(site.post(B), {}, body="没人看过。\n", by=writer)
    assert results(undo(run, publisher)) == {B: ("held", "changed_since")}
    site.sync("done")
    assert "draft: true" in site.text_in_git(B) and not site.post(B).live


def test_two_reviewed_changes_without_the_first_are_reviewed_as_one_text(
    site: World, publisher: User, writer: User, reviewer: User
) -> None:
    site.remote.push(B, site.text_in_git(B).replace("正文。", "推送的正文。"))
    run = site.sync("done")
    editing.edit(site.post(B), {"title": "新题目"}, by=writer)
    brought_live(site, B, writer, reviewer, publisher)
    shown = site.text_in_git(B)
    assert results(undo(run, publisher)) == {B: ("undone", "never_shown")}
    post = site.post(B)
    assert (post.state, post.pending) == ("draft", False)
    assert post.present.text == shown.replace("推送的正文。", "正文。")
    assert post.changed_outside_at is not None, "the site still shows what was pushed"


def test_a_move_is_taken_back_without_the_text_that_nobody_reviewed(
    site: World, publisher: User, writer: User, reviewer: User
) -> None:
    site.remote.rename(B, D, site.text_in_git(B).replace("正文。", "推送的正文。"))
    run = site.sync("done")
    editing.edit(site.post(D), {"title": "新题目"}, by=writer)
    brought_live(site, D, writer, reviewer, publisher)
    shown = site.text_in_git(D)
    undo(run, publisher)
    site.sync("done")
    assert set(site.remote.files()) == {A, B} and site.text_in_git(B) == shown
    assert site.post(B).state == "draft" and "推送" not in site.post(B).present.text
    assert site.disagreements() == []


def test_an_approval_of_a_change_beside_the_live_text_is_void(
    site: World, publisher: User, writer: User, reviewer: User
) -> None:
    site.remote.push(B, site.text_in_git(B).replace("正文。", "推送的正文。"))
    run = site.sync("done")
    editing.edit(site.post(B), {"summary": "看过的。"}, by=writer)
    brought_live(site, B, writer, reviewer, publisher)
    editing.edit(site.post(B), {"title": "新题目"}, by=writer)
    reviewing.perform(site.post(B), "submit", by=writer)
    reviewing.perform(site.post(B), "approve", by=reviewer)
    undo(run, publisher)
    post = site.post(B)
    assert (post.state, post.approved_id, post.pending) == ("in_review", None, False)
    told = Notice.objects.filter(post=post, code="approval_lost").values_list("person__username", flat=True)
    assert set(told) == {"wen", "rui"}
