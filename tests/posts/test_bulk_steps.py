"""Bulk steps: one change over many posts, merged onto what they have become, released and undone as one."""

from collections.abc import Mapping, Sequence

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from posts import bulk, bulk_proposing, bulk_running, editing, reviewing, runs
from posts.bulk import propose_undo, release, start, withdraw
from posts.bulk_planning import What, plan, rows_of, whole_rows
from posts.bulk_proposing import BulkRefused, propose_fields
from posts.bulk_succession import undo_of
from posts.document.document import Document
from posts.field_changes import BadChange, FieldChange, changed, field_changes
from posts.limiting import limit
from posts.models import BulkPost, BulkStep, Collection, Conflict, Notice, Outcome, Post, Revision, Sync, Whence
from posts.notice_words import address_of, words_of
from posts.replacing import propose_replacing
from posts.runs import claim
from tests.posts.worlds import World, person, post_text

A, B, C = "src/posts/a.md", "src/posts/b.md", "src/posts/c.md"
LIVE = {"draft": "false", "status": "published"}
ADD_TAG = {"key": "tags", "do": "add", "values": ["fed"]}
TSMC = {"key": "companies_orgs", "do": "replace", "old": "台积电", "values": ["TSMC"]}


@pytest.fixture
def site(world: World) -> World:
    """Two drafts and a live post, synced."""
    world.remote.commit({A: post_text("甲"), B: post_text("乙"), C: post_text("在线", **LIVE)})
    world.sync("done")
    return world


def proposed(by: User, *changes: Mapping[str, object], paths: Sequence[str] = (A, B, C)) -> BulkStep:
    """A step of `changes` over the posts at `paths`."""
    return propose_fields(Post.objects.filter(path__in=paths), changes, by=by)


def results(run: Sync) -> dict[str, tuple[str, str]]:
    """How each file came out, and the code of why."""
    return {each.path: (each.result, each.code) for each in Outcome.objects.filter(sync=run)}


def looked_at(step: BulkStep) -> dict[str, What]:
    """What the preview says of each post."""
    return {each.post.path: each.what for each in plan(step, whole_rows(rows_of(step)), by=step.made_by)}


def texts(site: World) -> dict[str, str]:
    """The present text of each post."""
    return {each.path: each.present.text for each in Post.objects.select_related("present") if each.present}


# --- What a change of fields does to a document


@pytest.mark.parametrize(
    ("asked", "gone", "new"),
    [
        (ADD_TAG, [], ["  - fed"]),
        ({"key": "tags", "do": "add", "values": ["ai-disruption"]}, [], []),
        ({"key": "tags", "do": "remove", "values": ["ai-disruption", "fed"]}, ["  - ai-disruption"], []),
        (TSMC, ["  - 台积电"], ["  - TSMC"]),
        ({"key": "companies_orgs", "do": "replace", "old": "台积电", "values": ["OpenAI"]}, ["  - 台积电"], []),
        (
            {"key": "category", "do": "set", "values": ["finance"]},
            ["category: investment-assets"],
            ["category: finance"],
        ),
        ({"key": "category", "do": "replace", "old": "别的", "values": ["finance"]}, [], []),
        ({"key": "area", "do": "set", "values": []}, ["area: finance-wealth"], ["area: ''"]),
        ({"key": "speaker", "do": "set", "values": ["周"]}, [], ["speaker: 周"]),
    ],
)
def test_a_change_touches_the_lines_that_it_is_about(asked: dict[str, object], gone: list[str], new: list[str]) -> None:
    before = post_text("甲").splitlines()
    after = changed(Document.from_text(post_text("甲")), field_changes([asked])).text.splitlines()
    assert [line for line in before if line not in after] == gone
    assert [line for line in after if line not in before] == new


def test_several_changes_of_one_list_are_made_in_order() -> None:
    asked = field_changes([{"key": "tags", "do": "remove", "values": ["ai-disruption"]}, ADD_TAG])
    assert changed(Document.from_text(post_text()), asked).values["tags"] == ["market-volatility", "fed"]


@pytest.mark.parametrize(
    ("do", "becomes"),
    [
        ({"do": "add", "values": ["x", "b"]}, "[a, ~, true, a, 'b', x]"),
        ({"do": "remove", "values": ["b"]}, "[a, ~, true, a]"),
        ({"do": "remove", "values": ["true"]}, "[a, ~, a, 'b']"),
        ({"do": "replace", "old": "b", "values": ["c"]}, "[a, ~, true, a, 'c']"),
    ],
)
def test_what_a_list_holds_beside_the_names_that_are_asked_for_stays(do: dict[str, object], becomes: str) -> None:
    there = Document.from_text("---\ntags: [a, ~, true, a, 'b']  # kept\n---\n正文\n")
    after = changed(there, field_changes([{"key": "tags", **do}]))
    assert after.text == there.text.replace("[a, ~, true, a, 'b']", becomes)


def test_what_is_asked_is_kept_as_plain_data_and_read_back_the_same() -> None:
    asked = field_changes([TSMC, {"key": "date", "do": "set", "values": [" 2026-03-01 "]}])
    assert asked[1] == FieldChange("date", asked[1].do, ("2026-03-01",))
    assert field_changes([each.as_data() for each in asked]) == asked


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ([], "nothing_asked"),
        ([{"key": "draft", "do": "set", "values": ["false"]}], "unknown_field"),
        ([{"key": "status", "do": "set", "values": ["published"]}], "unknown_field"),
        ([{"key": "permalink", "do": "set", "values": ["x"]}], "unknown_field"),
        ([{"key": "tags", "do": "eat", "values": ["x"]}], "nothing_asked"),
        ([{"key": "title", "do": "add", "values": ["x"]}], "no_list"),
        ([{"key": "tags", "do": "add", "values": [" "]}], "value_missing"),
        ([{"key": "title", "do": "set", "values": ["x", "y"]}], "value_missing"),
        ([{"key": "tags", "do": "replace", "old": "", "values": ["x"]}], "value_missing"),
        ([{"key": "date", "do": "set", "values": ["morgen"]}], "not_a_date"),
        ([{"key": "tags", "do": "add", "values": ["x" * 256]}], "name_too_long"),
        ([{"key": "title", "do": "set", "values": ["a\0b"]}], "body_not_text"),
        ([{"key": "tags", "do": "set", "values": ["x"]}, ADD_TAG], "asked_twice"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(asked: list[dict[str, object]], code: str) -> None:
    with pytest.raises(BadChange) as refused:
        field_changes(asked)
    assert refused.value.code == code


# --- Proposed


def test_a_proposal_shows_each_difference_and_changes_nothing(site: World, curator: User) -> None:
    before = texts(site)
    editing.edit(site.post(B), {"companies_orgs": ["OpenAI"]}, by=curator)
    step = proposed(curator, TSMC)
    planned = {each.post.path: each for each in plan(step, whole_rows(rows_of(step)), by=curator)}
    assert {path: each.what for path, each in planned.items()} == {A: "changed", B: "same", C: "changed"}
    assert planned[A].texts == ((before[A], before[A].replace("台积电", "TSMC")),)
    assert not planned[A].needs_release and planned[C].needs_release
    assert texts(site)[A] == before[A] and step.run is None
    assert Sync.objects.filter(kind="bulk").count() == 0


def test_a_proposal_takes_as_many_queries_for_many_posts_as_for_few(
    site: World, curator: User, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    site.remote.commit({f"src/posts/n{number}.md": post_text(f"第{number}篇") for number in range(30)})
    site.sync("done")
    few = proposed(curator, ADD_TAG, paths=[A])
    many = propose_fields(Post.objects.all(), [ADD_TAG], by=curator)
    for step in (few, many):
        with django_assert_num_queries(5):
            list(plan(step, whole_rows(rows_of(step)), by=curator))


def test_what_cannot_be_changed_is_listed_with_its_reason_and_stops_nothing(
    site: World, curator: User, publisher: User
) -> None:
    reviewing.perform(site.post(A), "discard" if not site.post(A).ever_live else "archive", by=publisher)
    live = site.post(C)
    Conflict.objects.create(post=live, kind="text", base=live.git_text, theirs=live.git_text, opened_at=timezone.now())
    run = start(proposed(curator, ADD_TAG), by=curator)
    assert results(run) == {A: ("held", "restore_first"), B: ("changed", ""), C: ("held", "open_conflict")}
    assert run.state == Sync.State.PARTLY


def test_a_list_that_holds_more_than_names_is_not_changed_over(site: World, curator: User) -> None:
    site.remote.push(A, site.text_in_git(A).replace("  - ai-disruption", "  - ai-disruption\n  - {a: 1}"))
    site.sync()
    run = start(proposed(curator, ADD_TAG, paths=[A]), by=curator)
    assert results(run) == {A: ("held", "nested_items")}


def test_only_who_may_do_bulk_steps_proposes_one_and_only_its_maker_starts_it(
    site: World, curator: User, writer: User, publisher: User
) -> None:
    for other in (writer, publisher):
        with pytest.raises(BulkRefused) as refused:
            proposed(other, ADD_TAG)
        assert refused.value.code == "no_permission"
    step = proposed(curator, ADD_TAG)
    with pytest.raises(BulkRefused) as refused:
        start(step, by=publisher)
    assert refused.value.code == "not_your_step"
    start(step, by=curator)
    with pytest.raises(BulkRefused) as refused:
        start(step, by=curator)
    assert refused.value.code == "begun_already"


def test_a_step_is_of_one_collection_of_some_posts_and_not_of_too_many(
    site: World, curator: User, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    other = World(tmp_path, "other")
    other.remote.push("src/posts/z.md", post_text("别处"))
    other.sync("done")
    for posts, code in [(Post.objects.all(), "several_collections"), (Post.objects.none(), "no_post_chosen")]:
        with pytest.raises(BulkRefused) as refused:
            propose_fields(posts, [ADD_TAG], by=curator)
        assert refused.value.code == code
    monkeypatch.setattr(bulk_proposing, "MOST", 2)
    with pytest.raises(BulkRefused) as refused:
        proposed(curator, ADD_TAG)
    assert refused.value.code == "too_many_posts"
    assert not BulkStep.objects.exists()


def test_a_proposal_nobody_asked_for_is_forgotten_after_a_day(site: World, curator: User) -> None:
    old, new, done = (proposed(curator, ADD_TAG, paths=[path]) for path in (A, B, A))
    start(done, by=curator)
    BulkStep.objects.exclude(pk=new.pk).update(made_at=timezone.now() - timezone.timedelta(days=2))
    bulk_proposing.forget_old_proposals()
    assert set(BulkStep.objects.values_list("pk", flat=True)) == {new.pk, done.pk}
    assert not BulkPost.objects.filter(step=old.pk).exists()


# --- Run


def test_posts_that_are_not_live_are_edited_at_once_and_leave_in_one_commit(site: World, curator: User) -> None:
    before = texts(site)
    run = start(proposed(curator, TSMC, ADD_TAG, paths=[A, B]), by=curator)
    assert run.state == Sync.State.DONE
    post = site.post(A)
    assert post.present.text == before[A].replace("台积电", "TSMC").replace(
        "  - ai-disruption\n", "  - ai-disruption\n  - fed\n"
    )
    assert (post.present.whence, post.present.by, post.present.bulk_step) == (Whence.BULK, curator, run)
    assert sorted(post.tags.names()) == ["ai-disruption", "fed", "market-volatility"]
    commits = len(site.remote.log())
    site.sync("done")
    assert len(site.remote.log()) == commits + 1
    assert site.remote.log("%an %s")[0] == f"Cai Bulk step #{run.pk}"
    assert site.text_in_git(B) == site.post(B).present.text
    assert site.disagreements() == []


def test_the_approvals_of_what_an_ordinary_edit_touches_are_void_with_one_notice(
    site: World, curator: User, writer: User, reviewer: User
) -> None:
    site.remote.push("src/posts/e.md", post_text("也批准了"))
    site.sync("done")
    for path in (A, "src/posts/e.md"):
        reviewing.perform(site.post(path), "submit", by=writer)
        reviewing.perform(site.post(path), "approve", by=reviewer)
    step = proposed(curator, ADD_TAG, paths=[A, "src/posts/e.md"])
    start(step, by=curator)
    assert (site.post(A).state, site.post(A).approved_id) == ("draft", None)
    (notice,) = Notice.objects.filter(code__startswith="approval", person=reviewer)
    assert words_of(notice).endswith("changed the texts of 2 approved posts; their approvals no longer stand.")
    assert address_of(notice, notice.person) == f"/admin/posts/bulkstep/{step.pk}/change/"


def test_what_somebody_changed_between_the_preview_and_the_run_is_kept(
    site: World, curator: User, writer: User
) -> None:
    step = proposed(curator, TSMC)
    editing.edit(site.post(A), {"title": "改过的题目", "companies_orgs": ["英伟达", "台积电"]}, by=writer)
    editing.edit(site.post(B), {"companies_orgs": []}, by=writer)
    run = start(step, by=curator)
    values = Document.from_text(site.post(A).present.text).values
    assert (values["title"], values["companies_orgs"]) == ("改过的题目", ["英伟达", "TSMC"])
    assert results(run)[A] == ("changed", "")
    assert Document.from_text(site.post(B).present.text).values["companies_orgs"] in ([], ["TSMC"])


@pytest.mark.parametrize(
    ("asked", "now", "expected", "undone"),
    [
        # What somebody took out meanwhile does not come back under its new name, nor its old one by the undo.
        ({"do": "replace", "old": "B", "values": ["X"]}, ["A"], ["A"], ["A"]),
        ({"do": "replace", "old": "B", "values": ["X"]}, ["C", "B", "A"], ["C", "X", "A"], ["C", "B", "A"]),
        ({"do": "replace", "old": "B", "values": ["A"]}, ["B", "A", "C"], ["A", "C"], ["B", "A", "C"]),
        ({"do": "replace", "old": "Z", "values": ["X"]}, ["A", "Z"], ["A", "Z"], None),
        # A list that is set is just that, unless somebody changed it.
        ({"do": "set", "values": ["X"]}, ["A", "B"], ["X"], ["A", "B"]),
        ({"do": "set", "values": ["X"]}, ["X"], ["X"], None),
        ({"do": "set", "values": ["X"]}, ["A", "B", "C"], "bulk_clash", None),
        ({"do": "set", "values": ["X"]}, ["A"], "bulk_clash", None),
        ({"do": "add", "values": ["X", "A"]}, ["B"], ["B", "X"], ["B"]),
        ({"do": "remove", "values": ["B", "C"]}, ["B", "A", "C"], ["A", "C"], None),
    ],
)
def test_a_list_that_was_changed_since_is_changed_as_asked_or_left_alone(
    world: World,
    curator: User,
    writer: User,
    asked: dict[str, object],
    now: list[str],
    expected: object,
    undone: list[str] | None,
) -> None:
    post = editing.create(world.collection, A, {"title": "甲", "tags": ["A", "B"]}, by=writer)
    step = proposed(curator, {"key": "tags", **asked})
    if now != ["A", "B"]:
        editing.edit(post, {"tags": now}, by=curator)
    run = start(step, by=curator)
    tags = Document.from_text(texts(world)[A]).values["tags"]
    assert tags == (now if expected == "bulk_clash" else expected)
    assert results(run)[A][1] == ("bulk_clash" if expected == "bulk_clash" else "")
    if undone is not None:
        undo = propose_undo(BulkStep.objects.get(pk=step.pk), by=curator) if tags != now else None
        if undo is not None:
            start(undo, by=curator)
        assert sorted(Document.from_text(texts(world)[A]).values["tags"]) == sorted(undone)


def test_an_undo_gives_no_name_back_whose_place_was_taken_out_since(world: World, curator: User, writer: User) -> None:
    post = editing.create(world.collection, A, {"title": "甲", "tags": ["A", "B"]}, by=writer)
    step = proposed(curator, {"key": "tags", "do": "replace", "old": "B", "values": ["X"]})
    start(step, by=curator)
    editing.edit(post, {"tags": ["A", "C"]}, by=curator)
    start(propose_undo(BulkStep.objects.get(pk=step.pk), by=curator), by=curator)
    assert Document.from_text(texts(world)[A]).values["tags"] == ["A", "C"]


def test_where_the_same_value_was_changed_otherwise_meanwhile_nothing_is_touched(
    site: World, curator: User, writer: User
) -> None:
    step = proposed(curator, {"key": "summary", "do": "set", "values": ["新的摘要"]}, paths=[A, B])
    editing.edit(site.post(A), {"summary": "人写的摘要"}, by=writer)
    run = start(step, by=curator)
    assert results(run) == {A: ("held", "bulk_clash"), B: ("changed", "")}
    assert "人写的摘要" in site.post(A).present.text


def test_many_posts_are_left_to_a_worker_that_reports_stops_and_goes_on(
    site: World, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_running, "PART", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    site.remote.commit({f"src/posts/n{number}.md": post_text(f"第{number}篇") for number in range(5)})
    site.sync("done")
    step = propose_fields(Post.objects.filter(live=False), [ADD_TAG], by=curator)
    run = start(step, by=curator)
    assert run.state == Sync.State.WAITING
    claimed = claim(run.pk)
    assert claimed is not None

    def stop_after_the_second_part(now: Sync) -> None:
        if now.done == 4:
            Sync.objects.filter(pk=now.pk).update(stop_requested=True)

    assert bulk_running.perform_bulk(claimed, progress=stop_after_the_second_part).state == Sync.State.STOPPED
    step.refresh_from_db()
    assert Outcome.objects.filter(sync=run).count() == 4
    bulk.go_on(step, by=curator)
    claimed = claim(run.pk)
    assert claimed is not None
    done = bulk_running.perform_bulk(claimed)
    assert (done.state, done.done, done.total) == (Sync.State.DONE, 7, 7)
    assert Revision.objects.filter(bulk_step=run).count() == 7
    assert Outcome.objects.filter(sync=run, result="changed").values("post").distinct().count() == 7


def test_few_posts_wait_for_a_worker_while_a_sync_holds_the_collection(site: World, curator: User) -> None:
    with runs_lock(site):
        run = start(proposed(curator, ADD_TAG, paths=[A]), by=curator)
        assert (run.state, run.attempts) == (Sync.State.WAITING, 0)
    claimed = claim(run.pk)
    assert claimed is not None and bulk_running.perform_bulk(claimed).state == Sync.State.DONE


def runs_lock(site: World):  # type: ignore[no-untyped-def]
    """The collection held, as a sync at work does it."""
    return bulk_running.sole_writer(site.collection, wait=0, offline=True)


# --- Live posts


def test_nothing_of_a_step_reaches_a_live_post_before_somebody_else_released_it(
    site: World, curator: User, publisher: User
) -> None:
    before = texts(site)
    run = start(proposed(curator, TSMC), by=curator)
    assert run.state == Sync.State.TO_RELEASE
    assert (site.post(C).present.text, site.post(C).pending) == (before[C], False)
    assert "TSMC" in site.post(A).present.text
    site.sync()
    # What it did to drafts is done, and leaves with the rest.
    assert site.text_in_git(C) == before[C] and site.text_in_git(A) == before[A]
    step = BulkStep.objects.get(run=run)
    run = release(step, by=publisher)
    assert run.state == Sync.State.DONE
    post = site.post(C)
    assert (post.state, post.live, post.pending) == ("published", True, True)
    assert post.present.text == before[C].replace("台积电", "TSMC") == post.cleared.text
    assert post.present.by == curator
    site.sync("done")
    assert site.text_in_git(C) == post.present.text and site.text_in_git(A) == site.post(A).present.text
    message = site.remote.git("log", "-1", "--format=%an%n%b").decode()
    assert message.startswith("Cai\n") and "Reviewed-by: Pan <pan@example.org>" in message
    assert site.disagreements() == []


def test_whoever_may_release_a_step_is_told_until_it_is_released(site: World, curator: User, publisher: User) -> None:
    both, out = person("bo", "Curator", "Publisher"), person("out", "Publisher")
    limit(out, [], by=person("ada", "Administrator"))
    run = start(proposed(both, TSMC), by=both)
    step, told = BulkStep.objects.get(run=run), Notice.objects.filter(code="to_release")
    [notice] = told
    assert (notice.person, notice.mail_at is not None, notice.facts["count"]) == (publisher, True, 1)
    assert words_of(notice).startswith("Bo changes posts that the site shows (posts: 1).")
    assert address_of(notice, notice.person) == reverse("admin:posts_bulkstep_change", args=[step.pk])
    release(step, by=publisher)
    notice.refresh_from_db()
    assert (notice.seen_at is not None, notice.mail_at) == (True, None)
    withdraw(BulkStep.objects.get(run=start(proposed(curator, {**TSMC, "old": "OpenAI"}), by=curator)), by=publisher)
    assert not told.filter(seen_at=None).exists() and told.filter(person=both).count() == 1
    limit(publisher, [], by=User.objects.get(username="ada"))
    assert not told.filter(person=publisher).exists()


def test_who_made_a_step_does_not_release_it_and_who_may_not_publish_neither(site: World, reviewer: User) -> None:
    both = person("both", "Curator", "Publisher")
    step = BulkStep.objects.get(run=start(proposed(both, ADD_TAG), by=both))
    for by, code in [(both, "you_made_it"), (reviewer, "no_permission")]:
        with pytest.raises(BulkRefused) as refused:
            release(step, by=by)
        assert refused.value.code == code
    assert "fed" not in site.post(C).present.text


@pytest.mark.parametrize(("setting", "looked_at_later"), [("afterwards", True), ("off", False)])
def test_where_one_pair_of_eyes_will_do_its_maker_releases_it(site: World, setting: str, looked_at_later: bool) -> None:
    site.collection.second_eyes = setting
    site.collection.save()
    both = person("both", "Curator", "Publisher")
    step = BulkStep.objects.get(run=start(proposed(both, ADD_TAG), by=both))
    assert release(step, by=both).state == Sync.State.DONE
    assert "fed" in site.post(C).cleared.text
    assert (site.post(C).unchecked_since is not None) is looked_at_later


def test_unreviewed_changes_of_a_live_post_stay_here_and_both_texts_get_the_step(
    site: World, curator: User, publisher: User, writer: User
) -> None:
    before = texts(site)[C]
    editing.edit(site.post(C), {"title": "没人看过", "summary": "没人看过的摘要"}, by=writer)
    step = proposed(curator, TSMC, {"key": "summary", "do": "set", "values": ["一样的摘要"]}, paths=[C])
    run = start(step, by=curator)
    assert run.state == Sync.State.TO_RELEASE
    release(BulkStep.objects.get(run=run), by=publisher)
    post = site.post(C)
    expected = before.replace("台积电", "TSMC").replace("本期节目深入分析股市动向。", "一样的摘要")
    assert post.cleared.text == expected
    assert post.present.text == expected.replace("在线", "没人看过")
    assert post.state == "draft"
    site.sync("done")
    assert site.text_in_git(C) == expected


def test_an_approved_change_of_a_live_post_stays_approved_with_the_step_in_it(
    site: World, curator: User, publisher: User, writer: User, reviewer: User
) -> None:
    editing.edit(site.post(C), {"title": "好的题目"}, by=writer)
    reviewing.perform(site.post(C), "submit", by=writer)
    reviewing.perform(site.post(C), "approve", by=reviewer)
    release(BulkStep.objects.get(run=start(proposed(curator, TSMC, paths=[C]), by=curator)), by=publisher)
    post = site.post(C)
    assert (post.state, post.approved_id, post.approved_by) == ("approved", post.present_id, reviewer)
    assert "好的题目" not in post.cleared.text and "TSMC" in post.cleared.text
    reviewing.perform(post, "publish", by=publisher)
    site.sync("done")
    assert "好的题目" in site.text_in_git(C) and "TSMC" in site.text_in_git(C)


def test_a_step_that_nobody_wants_on_the_site_is_withdrawn(site: World, curator: User, publisher: User) -> None:
    before = texts(site)[C]
    step = BulkStep.objects.get(run=start(proposed(curator, TSMC), by=curator))
    run = withdraw(step, by=publisher)
    assert run.state == Sync.State.PARTLY
    assert results(run)[C] == ("held", "not_released")
    assert site.post(C).present.text == before
    step = BulkStep.objects.get(pk=step.pk)
    with pytest.raises(BulkRefused) as refused:
        release(step, by=publisher)
    assert refused.value.code == "nothing_to_release"


# --- Undone


def undone(step: BulkStep, by: User) -> Sync:
    """Undo `step` and give the run of that."""
    return start(propose_undo(BulkStep.objects.get(pk=step.pk), by=by), by=by)


@pytest.mark.parametrize("push_drafts", [True, False])
def test_undoing_a_step_brings_every_post_back_to_the_byte(
    site: World, curator: User, publisher: User, writer: User, push_drafts: bool
) -> None:
    site.collection.push_drafts = push_drafts
    site.collection.save()
    editing.create(site.collection, "src/posts/new.md", {"title": "新的", "companies_orgs": ["台积电"]}, by=writer)
    before, files = texts(site), site.remote.files()
    step = propose_fields(Post.objects.all(), [TSMC, ADD_TAG], by=curator)
    run = release(BulkStep.objects.get(run=start(step, by=curator)), by=publisher)
    site.sync()
    assert texts(site) != before
    undo = undone(step, publisher)
    assert undo.state == Sync.State.DONE
    assert texts(site) == before and undo.undoes == run
    commits = len(site.remote.log())
    site.sync()
    assert len(site.remote.log()) == commits + 1
    assert site.remote.log()[0] == f"Undo bulk step #{run.pk}"
    assert {path: data for path, data in site.remote.files().items() if path in files} == files
    assert site.disagreements() == []


def test_what_was_changed_since_is_kept_by_undoing_and_what_clashes_is_listed(
    site: World, curator: User, writer: User
) -> None:
    step = proposed(curator, {"key": "summary", "do": "set", "values": ["新的摘要"]}, paths=[A, B])
    start(step, by=curator)
    editing.edit(site.post(A), {"title": "后来的题目"}, by=writer)
    editing.edit(site.post(B), {"summary": "后来的摘要"}, by=writer)
    undo = undone(step, curator)
    assert results(undo) == {A: ("changed", ""), B: ("held", "bulk_clash")}
    assert "后来的题目" in site.post(A).present.text and "本期节目" in site.post(A).present.text
    assert "后来的摘要" in site.post(B).present.text


def test_undoing_puts_back_what_the_site_showed_and_not_what_nobody_reviewed(
    site: World, curator: User, publisher: User, writer: User
) -> None:
    before = texts(site)[C]
    editing.edit(site.post(C), {"summary": "没人看过的摘要"}, by=writer)
    step = proposed(curator, {"key": "summary", "do": "set", "values": ["一样的摘要"]}, paths=[C])
    release(BulkStep.objects.get(run=start(step, by=curator)), by=publisher)
    site.sync("done")
    undone(step, publisher)
    assert site.post(C).cleared.text == before
    assert "没人看过的摘要" in site.post(C).present.text


def test_undoing_leaves_on_the_site_what_was_there_before_the_step(
    site: World, curator: User, publisher: User, writer: User
) -> None:
    editing.edit(site.post(C), {"companies_orgs": ["OpenAI"]}, by=writer)
    step = proposed(curator, {"key": "companies_orgs", "do": "add", "values": ["台积电"]}, paths=[C])
    release(BulkStep.objects.get(run=start(step, by=curator)), by=publisher)
    site.sync()
    assert Document.from_text(site.post(C).present.text).values["companies_orgs"] == ["OpenAI", "台积电"]
    undone(step, publisher)
    assert Document.from_text(site.post(C).present.text).values["companies_orgs"] == ["OpenAI"]
    assert "台积电" in site.post(C).git_text.text and not site.post(C).pending


def test_who_may_not_publish_needs_a_release_for_the_undoing_too(site: World, curator: User, publisher: User) -> None:
    step = proposed(curator, TSMC)
    release(BulkStep.objects.get(run=start(step, by=curator)), by=publisher)
    undo = undone(step, curator)
    assert undo.state == Sync.State.TO_RELEASE
    assert "TSMC" in site.post(C).present.text and "台积电" in site.post(A).present.text
    release(BulkStep.objects.get(run=undo), by=publisher)
    assert "台积电" in site.post(C).present.text


def test_an_undoing_can_be_undone_and_no_step_is_undone_twice(site: World, curator: User) -> None:
    step = proposed(curator, TSMC, paths=[A])
    start(step, by=curator)
    changed_text = site.post(A).present.text
    second = propose_undo(BulkStep.objects.get(pk=step.pk), by=curator)
    undone(step, curator)
    with pytest.raises(BulkRefused) as refused:
        start(second, by=curator)
    assert refused.value.code == "undone_already"
    undo = undo_of(step)
    assert undo is not None
    undone(undo, curator)
    assert site.post(A).present.text == changed_text and undo_of(step) is None


def test_the_sweeper_knows_the_task_of_a_bulk_step(site: World, curator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    run = start(proposed(curator, ADD_TAG, paths=[A]), by=curator)
    Sync.objects.filter(pk=run.pk).update(asked_at=timezone.now() - timezone.timedelta(minutes=5))
    woken: list[Sync] = []
    monkeypatch.setattr(runs, "wake", woken.append)
    runs.wake_forgotten()
    assert woken == [run]


# --- What nobody reviewed


BODY = {"find": "没人看过", "by": "看过的", "parts": ["body"]}


@pytest.fixture
def both(db: None) -> User:
    """Somebody who publishes and brings order into many posts."""
    return person("both", "Curator", "Publisher")


def found_and_replaced(path: str, definition: Mapping[str, object], by: User) -> BulkStep:
    """Words replaced in one post by a step that is started."""
    step = propose_replacing(Post.objects.filter(path=path), definition, by=by)
    start(step, by=by)
    return BulkStep.objects.get(pk=step.pk)


def brought_live(site: World, path: str, writer: User, reviewer: User, publisher: User) -> None:
    """The present text is submitted, approved and published, and leaves."""
    reviewing.perform(site.post(path), "submit", by=writer)
    reviewing.perform(site.post(path), "approve", by=reviewer, looked_at=site.post(path).present)
    reviewing.perform(site.post(path), "publish", by=publisher)
    site.sync("done")


def test_an_undo_brings_by_itself_nothing_on_the_site_that_it_never_showed(
    site: World, both: User, writer: User, reviewer: User, publisher: User
) -> None:
    editing.edit(site.post(A), {}, body="没人看过的话。\n", by=both)
    step = found_and_replaced(A, BODY, both)
    brought_live(site, A, writer, reviewer, publisher)
    shown = site.text_in_git(A)
    undo = propose_undo(step, by=both)
    assert [each.needs_release for each in plan(undo, whole_rows(rows_of(undo)), by=both)] == [True]
    assert start(undo, by=both).state == Sync.State.TO_RELEASE
    site.sync()
    assert site.text_in_git(A) == shown == site.post(A).present.text
    with pytest.raises(BulkRefused) as refused:
        release(BulkStep.objects.get(pk=undo.pk), by=both)
    assert refused.value.code == "you_made_it"
    release(BulkStep.objects.get(pk=undo.pk), by=publisher)
    assert "没人看过的话" in site.post(A).cleared.text


def test_nor_does_an_undo_undone(site: World, both: User, writer: User, reviewer: User, publisher: User) -> None:
    editing.edit(site.post(A), {}, body="看过的话。\n", by=writer)
    step = found_and_replaced(A, {**BODY, "find": "看过的", "by": "没人看过"}, both)
    start(propose_undo(step, by=both), by=both)
    brought_live(site, A, writer, reviewer, publisher)
    undo = undo_of(step)
    assert undo is not None
    assert undone(undo, both).state == Sync.State.TO_RELEASE
    site.sync()
    assert "没人看过" not in site.text_in_git(A)


def test_an_undo_done_again_gives_the_site_back_what_a_release_brought_there(
    site: World, both: User, publisher: User
) -> None:
    step = BulkStep.objects.get(run=start(proposed(both, TSMC, paths=[C]), by=both))
    release(step, by=publisher)
    released = site.post(C).cleared.text
    assert undone(step, both).state == Sync.State.DONE
    undo = undo_of(step)
    assert undo is not None
    assert undone(undo, both).state == Sync.State.DONE
    assert site.post(C).cleared.text == released


def test_of_an_undo_only_what_the_site_did_not_show_before_waits(
    site: World, both: User, writer: User, reviewer: User, publisher: User
) -> None:
    site.remote.push("src/posts/e.md", post_text("也在线", **LIVE))
    site.sync("done")
    before = texts(site)
    step = BulkStep.objects.get(run=start(proposed(both, TSMC, paths=[A, C, "src/posts/e.md"]), by=both))
    release(step, by=publisher)
    editing.edit(site.post(C), {"title": "后来的题目"}, by=writer)
    brought_live(site, C, writer, reviewer, publisher)
    run = undone(step, both)
    assert run.state == Sync.State.TO_RELEASE
    assert results(run) == {A: ("changed", ""), "src/posts/e.md": ("changed", "")}
    assert site.post("src/posts/e.md").cleared.text == before["src/posts/e.md"]
    release(BulkStep.objects.get(run=run), by=publisher)
    assert "台积电" in site.post(C).cleared.text and "后来的题目" in site.post(C).cleared.text


def test_an_approval_does_not_go_over_to_what_an_undo_brings_back_by_itself(
    site: World, both: User, writer: User, reviewer: User, publisher: User
) -> None:
    editing.edit(site.post(C), {"title": "没人看过", "companies_orgs": ["OpenAI"]}, by=both)
    change = {"key": "title", "do": "replace", "old": "没人看过", "values": ["看过的"]}
    step = BulkStep.objects.get(run=start(proposed(both, change, paths=[C]), by=both))
    release(step, by=publisher)
    reviewing.perform(site.post(C), "submit", by=writer)
    reviewing.perform(site.post(C), "approve", by=reviewer)
    undo = propose_undo(step, by=both)
    assert [each.takes_approval_back for each in plan(undo, whole_rows(rows_of(undo)), by=both)] == [True]
    assert start(undo, by=both).state == Sync.State.DONE
    post = site.post(C)
    assert "没人看过" in post.present.text
    assert (post.state, post.approved_id, post.approved_by_id) == ("draft", None, None)
    assert Notice.objects.filter(person=reviewer, code__startswith="approval").exists()


def test_a_text_beside_what_the_site_shows_is_a_draft(
    site: World, both: User, writer: User, reviewer: User, publisher: User
) -> None:
    editing.edit(site.post(C), {"title": "没人看过"}, by=writer)
    change = {"key": "title", "do": "replace", "old": "没人看过", "values": ["看过的"]}
    step = BulkStep.objects.get(run=start(proposed(both, change, paths=[C]), by=both))
    release(step, by=publisher)
    brought_live(site, C, both, reviewer, publisher)
    run = undone(step, both)
    assert run.state == Sync.State.TO_RELEASE
    release(BulkStep.objects.get(run=run), by=publisher)
    post = site.post(C)
    assert "没人看过" in post.present.text and "看过的" in site.text_in_git(C)
    assert (post.state, post.pending) == ("draft", False)


@pytest.mark.parametrize(("setting", "looked_at_later"), [("afterwards", True), ("off", False)])
def test_where_one_pair_of_eyes_will_do_an_undo_is_done_at_once_and_perhaps_looked_at_later(
    site: World, both: User, writer: User, reviewer: User, setting: str, looked_at_later: bool
) -> None:
    Collection.objects.update(second_eyes=setting)
    editing.edit(site.post(A), {}, body="没人看过的话。\n", by=both)
    step = found_and_replaced(A, BODY, both)
    brought_live(site, A, writer, reviewer, both)
    Post.objects.update(unchecked_since=None)
    assert undone(step, both).state == Sync.State.DONE
    post = site.post(A)
    assert "没人看过" in post.cleared.text
    assert (post.unchecked_since is not None) is looked_at_later


def test_what_the_site_showed_before_needs_no_look_when_it_is_given_back(site: World, both: User) -> None:
    Collection.objects.update(second_eyes="afterwards")
    step = BulkStep.objects.get(run=start(proposed(both, TSMC, paths=[C]), by=both))
    release(step, by=person("oda", "Publisher"))
    undone(step, both)
    assert site.post(C).unchecked_since is None and "台积电" in site.post(C).cleared.text
