"""A push while something of ours waits: what each side alone changed is in the result, to the line (DESIGN §2.7)."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from posts import editing, reviewing
from posts.models import Conflict, Event, Notice, Outcome, Post, Revision, Sync
from posts.settling import THEIRS, Written, dispute_of, settle
from tests.posts.test_walks import changed_lines, publish
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/2026/a.md"
OTHER = "src/posts/2026/b.md"
PIPELINE = ("Pipeline", "pipeline@example.org")
BODY = "第一句。第二句。第三句。\n\n另一段。\n"
LIVE = post_text(draft="false", status="published", body=BODY)


@pytest.fixture
def draft(world: World) -> World:
    """A world with one draft, synced."""
    world.remote.push(PATH, post_text(body=BODY))
    world.sync(Sync.State.DONE)
    return world


@pytest.fixture
def live(world: World) -> World:
    """A world with one live post, synced."""
    world.remote.push(PATH, LIVE)
    world.sync(Sync.State.DONE)
    return world


def push(world: World, old: str, new: str) -> str:
    """The pipeline replaces `old` in the file; gives the file."""
    text = world.text_in_git(PATH)
    assert old in text
    world.remote.push(PATH, text.replace(old, new), author=PIPELINE)
    return world.text_in_git(PATH)


def is_at_rest(world: World) -> bool:
    """Whether another sync finds nothing, and database and git agree."""
    world.sync(Sync.State.NOTHING_NEW)
    world.remote.check()
    return world.disagreements() == []


# --- Drafts


def test_a_push_of_another_field_is_merged_and_leaves_with_exactly_the_changed_lines(
    draft: World, writer: User
) -> None:
    editing.edit(draft.post(PATH), {"title": "我们的"}, by=writer)
    theirs = push(draft, "category: investment-assets", "category: other")
    run = draft.sync(Sync.State.DONE)
    assert list(Outcome.objects.filter(sync=run).order_by("pk").values_list("result", flat=True)) == ["merged", "sent"]
    assert changed_lines(theirs, draft.text_in_git(PATH)) == ["-title: 美股暴跌", "+title: 我们的"]
    post = draft.post(PATH)
    assert (post.title, post.category.name, post.state) == ("我们的", "other", "draft")
    assert draft.remote.log("%an")[:2] == ["Wen", "Pipeline"]
    assert is_at_rest(draft)


def test_a_push_of_another_sentence_of_the_same_paragraph_is_merged(draft: World, writer: User) -> None:
    editing.edit(draft.post(PATH), {}, body=BODY.replace("第二句", "我们的第二句"), by=writer)
    push(draft, "第三句", "他们的第三句")
    draft.sync(Sync.State.DONE)
    assert draft.text_in_git(PATH) == post_text(body="第一句。我们的第二句。他们的第三句。\n\n另一段。\n")
    assert is_at_rest(draft)


def test_of_a_list_of_terms_what_both_added_and_took_out_is_kept(draft: World, writer: User) -> None:
    editing.edit(draft.post(PATH), {"companies_orgs": ["OpenAI", "台积电", "DeepSeek"]}, by=writer)
    editing.edit(draft.post(PATH), {"tags": ["market-volatility"]}, by=writer)
    push(draft, "  - OpenAI\n", "  - 英伟达\n")
    draft.sync(Sync.State.DONE)
    expected = (
        post_text(body=BODY)
        .replace("  - OpenAI\n  - 台积电\n", "  - 英伟达\n  - 台积电\n  - DeepSeek\n")
        .replace("  - ai-disruption\n", "")
    )
    assert draft.text_in_git(PATH) == expected
    assert list(draft.post(PATH).companies_orgs.names()) == ["英伟达", "台积电", "DeepSeek"]
    assert is_at_rest(draft)


def test_a_push_that_only_quotes_anew_and_reorders_conflicts_with_nothing(draft: World, writer: User) -> None:
    editing.edit(draft.post(PATH), {"title": "我们的", "author": "别人"}, body="新的正文。\n", by=writer)
    text = draft.text_in_git(PATH)
    text = text.replace("title: 美股暴跌", 'title: "美股暴跌"').replace("author: 小翠時政財經\n", "")
    text = text.replace("status:", "author: '小翠時政財經'\nstatus:")
    draft.remote.push(PATH, text, author=PIPELINE)
    draft.sync(Sync.State.DONE)
    expected = text.replace('title: "美股暴跌"', 'title: "我们的"').replace("author: '小翠時政財經'", "author: '别人'")
    assert draft.text_in_git(PATH) == expected.replace(BODY, "新的正文。\n")
    assert is_at_rest(draft)


def test_a_draft_that_goes_live_there_takes_nothing_unreviewed_with_it(draft: World, writer: User) -> None:
    editing.edit(draft.post(PATH), {"title": "没审过"}, by=writer)
    theirs = push(draft, "draft: true", "draft: false")
    draft.sync(Sync.State.DONE)
    assert draft.text_in_git(PATH) == theirs
    post = draft.post(PATH)
    assert (post.title, post.live, post.draft, post.state, post.pending) == ("没审过", True, False, "draft", False)
    assert post.changed_outside_at is not None
    editing.edit(post, {"summary": "也没审过"}, by=writer)
    assert is_at_rest(draft)
    assert draft.text_in_git(PATH) == theirs


# --- What was decided here


def test_a_text_that_was_published_leaves_with_what_was_pushed_meanwhile(
    live: World, writer: User, publisher: User
) -> None:
    editing.edit(live.post(PATH), {"title": "审过的"}, by=writer)
    publish(live.post(PATH), writer, publisher)
    theirs = push(live, "category: investment-assets", "category: other")
    live.sync(Sync.State.DONE)
    assert changed_lines(theirs, live.text_in_git(PATH)) == ["-title: 美股暴跌", "+title: 审过的"]
    post = live.post(PATH)
    assert (post.state, post.live, post.pending, post.category.name) == ("published", True, False, "other")
    assert post.changed_outside_at is not None
    assert is_at_rest(live)


def test_a_later_edit_neither_holds_back_nor_joins_a_published_text_that_a_push_was_merged_into(
    live: World, writer: User, publisher: User
) -> None:
    editing.edit(live.post(PATH), {"title": "审过的"}, by=writer)
    publish(live.post(PATH), writer, publisher)
    editing.edit(live.post(PATH), {"summary": "没审过"}, by=writer)
    theirs = push(live, "第三句", "他们的第三句")
    live.sync(Sync.State.DONE)
    assert changed_lines(theirs, live.text_in_git(PATH)) == ["-title: 美股暴跌", "+title: 审过的"]
    post = live.post(PATH)
    assert (post.summary, post.title, post.state) == ("没审过", "审过的", "draft")
    assert post.body == BODY.replace("第三句", "他们的第三句")
    assert is_at_rest(live)


def test_a_post_that_was_unpublished_leaves_as_a_draft_of_what_was_pushed_meanwhile(
    live: World, writer: User, publisher: User
) -> None:
    editing.edit(live.post(PATH), {"title": "没审过"}, by=writer)
    reviewing.perform(live.post(PATH), "unpublish", by=publisher)
    theirs = push(live, "第三句", "他们的第三句")
    live.sync(Sync.State.DONE)
    assert changed_lines(theirs, live.text_in_git(PATH)) == ["-draft: false", "+draft: true"]
    post = live.post(PATH)
    assert (post.state, post.live, post.title, post.draft) == ("draft", False, "没审过", True)
    assert "他们的第三句" in post.body
    assert is_at_rest(live)


def test_a_push_that_has_what_was_changed_here_too_leaves_nothing_to_review(live: World, writer: User) -> None:
    editing.edit(live.post(PATH), {"title": "同样改过的题目"}, by=writer)
    assert live.post(PATH).state == "draft"
    before = live.text_in_git(PATH)
    theirs = before.replace(before.split("title: ")[1].split("\n")[0], "同样改过的题目").replace(
        "第二句", "推送的第二句"
    )
    live.remote.push(PATH, theirs, author=PIPELINE)
    live.sync(Sync.State.DONE)
    post = live.post(PATH)
    assert post.present.text == theirs
    assert post.state in ("published", "evergreen") and post.changed_outside_at is not None
    assert is_at_rest(live)


def test_a_push_to_an_approved_post_takes_it_back_to_review_and_tells_those_it_concerns(
    draft: World, reviewer: User, publisher: User
) -> None:
    wrote, submitted = person("wu", "Writer"), person("wen", "Writer")
    editing.edit(draft.post(PATH), {"title": "审过的"}, by=wrote)
    reviewing.perform(draft.post(PATH), "submit", by=submitted)
    reviewing.perform(draft.post(PATH), "approve", by=reviewer)
    push(draft, "第三句", "他们的第三句")
    draft.sync(Sync.State.DONE)
    post = draft.post(PATH)
    assert (post.state, post.approved_id, post.approved_by_id) == ("in_review", None, None)
    told = Notice.objects.filter(post=post, code="approval_lost")
    assert {notice.person for notice in told} == {reviewer, submitted, wrote}
    assert {str(notice.facts["by"]) for notice in told} == {"Pipeline"}
    assert Event.objects.filter(post=post, transition="import", to_state="in_review").count() == 1


# --- Files that come, go and move


def test_edited_here_and_deleted_there_is_asked_about_and_nothing_is_written(draft: World, writer: User) -> None:
    editing.edit(draft.post(PATH), {"title": "我们的"}, by=writer)
    draft.remote.delete(PATH)
    draft.sync(Sync.State.PARTLY)
    post = draft.post(PATH)
    assert Conflict.objects.holding().get(post=post).kind == "deleted"
    assert (post.state, post.title) == ("draft", "我们的")
    assert is_at_rest(draft)
    assert draft.remote.files() == {}


def test_deleted_there_and_untouched_here_it_is_archived_and_can_be_brought_back(draft: World, publisher: User) -> None:
    text = draft.post(PATH).present.text
    draft.remote.delete(PATH, author=PIPELINE)
    draft.sync(Sync.State.DONE)
    post = draft.post(PATH)
    assert (post.state, post.present.text, post.pending) == ("archived", text, False)
    assert is_at_rest(draft)
    reviewing.perform(post, "restore", by=publisher)
    draft.sync(Sync.State.DONE)
    assert changed_lines(text, draft.text_in_git(PATH)) == ["-status: evergreen", "+status: draft"]
    assert draft.post(PATH).pk == post.pk


def test_renamed_there_a_post_takes_its_waiting_edit_along(draft: World, writer: User) -> None:
    pk = draft.post(PATH).pk
    editing.edit(draft.post(PATH), {"title": "我们的"}, by=writer)
    draft.remote.rename(PATH, OTHER)
    draft.sync(Sync.State.DONE)
    post = draft.post(OTHER)
    assert (post.pk, post.git_path, post.title) == (pk, OTHER, "我们的")
    assert draft.remote.files() == {OTHER: post.present.text.encode()}
    assert is_at_rest(draft)


def test_renamed_there_and_moved_here_it_ends_where_it_was_moved_to(draft: World, writer: User) -> None:
    editing.move(draft.post(PATH), "src/posts/2026/ours.md", by=writer)
    draft.remote.rename(PATH, OTHER)
    draft.sync(Sync.State.DONE)
    assert set(draft.remote.files()) == {"src/posts/2026/ours.md"}
    assert draft.post("src/posts/2026/ours.md").git_path == "src/posts/2026/ours.md"
    assert is_at_rest(draft)


def test_a_forced_push_is_the_difference_of_two_trees_and_bases_stay_readable(draft: World, writer: User) -> None:
    first = draft.remote.head()
    push(draft, "第三句", "他们的第三句")
    draft.sync(Sync.State.DONE)
    base = draft.post(PATH).present
    editing.edit(draft.post(PATH), {"title": "我们的"}, by=writer)
    draft.remote.commit(
        {PATH: post_text(body=BODY).replace("category: investment-assets", "category: other")}, onto=first
    )
    draft.sync(Sync.State.DONE)
    expected = post_text("我们的", body=BODY).replace("category: investment-assets", "category: other")
    assert draft.text_in_git(PATH) == expected
    assert Revision.objects.get(pk=base.pk).text == post_text(body=BODY.replace("第三句", "他们的第三句"))
    assert draft.remote.log("%s")[0] == "Edit 我们的"
    assert is_at_rest(draft)


def test_created_twice_with_different_texts_every_difference_is_asked_about(draft: World, writer: User) -> None:
    editing.create(draft.collection, OTHER, {"title": "这里的"}, body="我们的正文。\n", by=writer)
    theirs = post_text("那里的", body="他们的正文。\n")
    draft.remote.push(OTHER, theirs, author=PIPELINE)
    run = draft.sync(Sync.State.PARTLY)
    assert draft.outcomes(run) == {OTHER: "held"}
    conflict = Conflict.objects.holding().get()
    assert (conflict.kind, conflict.base, conflict.theirs.text) == ("created_twice", None, theirs)
    post = draft.post(OTHER)
    assert (post.title, post.git_path) == ("这里的", OTHER)
    assert draft.text_in_git(OTHER) == theirs
    dispute = dispute_of(conflict)
    assert {"title", "body:0"} <= set(dispute.asks)
    settle(conflict, dict.fromkeys(dispute.asks, THEIRS), pair=dispute.pair, by=person("pan", "Publisher"))
    post = draft.post(OTHER)
    assert (post.title, post.body) == ("那里的", "他们的正文。\n")
    draft.sync()
    assert is_at_rest(draft)


def test_created_twice_with_the_same_text_is_one_post(draft: World, writer: User) -> None:
    post = editing.create(draft.collection, OTHER, {"title": "同一篇"}, body="正文。\n", by=writer)
    draft.remote.push(OTHER, post.present.text, author=PIPELINE)
    draft.sync()
    assert not Conflict.objects.exists()
    now = draft.post(OTHER)
    assert (now.pk, now.git_blob, now.pending) == (post.pk, post.present.blob, False)
    assert draft.remote.log("%an")[0] == "Pipeline"
    assert is_at_rest(draft)


# --- Conflicts


def clash(world: World, writer: User) -> Conflict:
    """Title changed here and there."""
    editing.edit(world.post(PATH), {"title": "我们的"}, by=writer)
    push(world, "title: 美股暴跌", "title: 他们的")
    world.sync(Sync.State.PARTLY)
    return Conflict.objects.holding().get()


def test_one_conflict_stops_no_other_post(draft: World, writer: User) -> None:
    draft.remote.push(OTHER, post_text("另一篇"))
    draft.sync()
    editing.edit(draft.post(OTHER), {"title": "另一篇也改"}, by=writer)
    editing.edit(draft.post(PATH), {"title": "我们的"}, by=writer)
    theirs = push(draft, "title: 美股暴跌", "title: 他们的")
    draft.remote.push("src/posts/2026/c.md", post_text("新来的"))
    run = draft.sync(Sync.State.PARTLY)
    assert draft.outcomes(run) == {PATH: "held", "src/posts/2026/c.md": "new", OTHER: "sent"}
    assert draft.text_in_git(PATH) == theirs
    assert is_at_rest(draft)


def test_a_newer_push_renews_the_other_side_of_an_open_conflict(draft: World, writer: User) -> None:
    conflict = clash(draft, writer)
    base = conflict.base
    newer = push(draft, "title: 他们的", "title: 他们又改了")
    draft.sync(Sync.State.PARTLY)
    renewed = Conflict.objects.holding().get()
    assert (renewed.pk, renewed.base, renewed.theirs.text) == (conflict.pk, base, newer)
    texts = Revision.objects.filter(post=draft.post(PATH), beside=True).values_list("text", flat=True)
    assert any("title: 他们的\n" in text for text in texts)
    assert draft.post(PATH).title == "我们的"


def test_a_conflict_closes_itself_when_a_push_takes_the_clash_back(draft: World, writer: User) -> None:
    clash(draft, writer)
    theirs = push(draft, "title: 他们的", "title: 美股暴跌\nguest: 来宾")
    draft.sync(Sync.State.DONE)
    assert not Conflict.objects.holding().exists()
    assert changed_lines(theirs, draft.text_in_git(PATH)) == ["-title: 美股暴跌", "+title: 我们的"]
    assert draft.post(PATH).guest == "来宾"
    assert is_at_rest(draft)


def test_a_third_text_is_stored_with_the_terms_that_the_other_side_brought(draft: World, writer: User) -> None:
    editing.edit(draft.post(PATH), {"title": "我们的"}, by=writer)
    push(draft, "title: 美股暴跌", "title: 他们的")
    push(draft, "  - ai-disruption\n", "  - ai-disruption\n  - 新的\n")
    draft.sync(Sync.State.PARTLY)
    conflict = Conflict.objects.holding().get()
    settle(conflict, {"title": Written("第三个")}, pair=dispute_of(conflict).pair, by=writer)
    post = draft.post(PATH)
    assert (post.title, list(post.tags.names())) == ("第三个", ["market-volatility", "ai-disruption", "新的"])
    draft.sync(Sync.State.DONE)
    assert is_at_rest(draft)


def test_archived_in_spite_of_a_conflict_it_is_written_onto_whatever_is_pushed_next(
    live: World, writer: User, publisher: User
) -> None:
    clash(live, writer)
    reviewing.perform(live.post(PATH), "archive", by=publisher)
    newer = push(live, "第三句", "他们的第三句")
    live.sync(Sync.State.PARTLY)
    off = ["-draft: false", "-status: published", "+draft: true", "+status: archived"]
    assert sorted(changed_lines(newer, live.text_in_git(PATH))) == sorted(off)
    post = live.post(PATH)
    assert (post.state, post.live, post.title) == ("archived", False, "我们的")
    assert Conflict.objects.holding().get().theirs.text == newer
    assert is_at_rest(live)


def test_what_a_merge_brought_is_reported_with_the_texts_before_and_after(draft: World, writer: User) -> None:
    editing.edit(draft.post(PATH), {"title": "我们的"}, by=writer)
    before = draft.post(PATH).present
    push(draft, "第三句", "他们的第三句")
    run = draft.sync(Sync.State.DONE)
    outcome = Outcome.objects.get(sync=run, result="merged")
    assert (outcome.before, outcome.after) == (before, Post.objects.get().present)
    assert outcome.after.whence == "merge"
    assert outcome.after.who == "Pipeline"


# --- Files that come back


def test_deleted_there_and_put_back_a_post_is_live_again_and_no_more_archived(live: World) -> None:
    live.remote.delete(PATH)
    live.sync(Sync.State.DONE)
    assert live.post(PATH).state == "archived"
    live.remote.push(PATH, LIVE)
    live.sync(Sync.State.DONE)
    post = live.post(PATH)
    assert (post.state, post.live, post.present.text, post.pending) == ("published", True, LIVE, False)
    assert is_at_rest(live)


def test_an_unreviewed_text_that_somebody_else_puts_on_the_site_is_live_and_marked(live: World, writer: User) -> None:
    editing.edit(live.post(PATH), {"title": "没审过"}, by=writer)
    reviewing.perform(live.post(PATH), "submit", by=writer)
    live.remote.push(PATH, live.post(PATH).present.text, author=PIPELINE)
    live.sync()
    post = live.post(PATH)
    assert (post.state, post.live, post.pending) == ("published", True, False)
    assert post.changed_outside_at is not None
    assert is_at_rest(live)


def test_removed_here_and_delivered_again_it_is_a_post_again_and_its_file_stays(draft: World, publisher: User) -> None:
    pk = draft.post(PATH).pk
    reviewing.perform(draft.post(PATH), "archive", by=publisher)
    reviewing.perform(draft.post(PATH), "remove", by=publisher)
    draft.sync(Sync.State.DONE)
    again = post_text("又送来", body=BODY)
    draft.remote.push(PATH, again, author=PIPELINE)
    draft.sync(Sync.State.DONE)
    post = draft.post(PATH)
    assert (post.pk, post.title, post.state, post.pending, post.removed) == (pk, "又送来", "draft", False, False)
    assert draft.text_in_git(PATH) == again
    assert is_at_rest(draft)


def test_what_nobody_reviewed_is_never_taken_for_published_when_an_archived_post_goes_live_there(
    live: World, writer: User, publisher: User
) -> None:
    editing.edit(live.post(PATH), {"title": "没审过"}, by=writer)
    reviewing.perform(live.post(PATH), "archive", by=publisher)
    live.sync(Sync.State.DONE)
    live.remote.push(PATH, LIVE, author=PIPELINE)
    live.sync()
    post = live.post(PATH)
    assert (post.live, post.state, post.pending) == (True, "draft", False)
    with pytest.raises(reviewing.TransitionRefused):
        reviewing.perform(post, "make_evergreen", by=publisher)
    assert "没审过" not in live.text_in_git(PATH)


def test_an_arrival_at_a_post_that_is_held_asks_once_what_holds_it(draft: World, writer: User) -> None:
    editing.edit(draft.post(PATH), {"title": "我们的"}, by=writer)
    push(draft, "美股暴跌", "他们的")
    draft.sync(Sync.State.PARTLY)
    push(draft, "他们的", "他们又一次的")
    with CaptureQueriesContext(connection) as asked:
        draft.sync(Sync.State.PARTLY)
    # What PostgreSQL keeps the plan of is told without its words.
    told = [each["sql"] or "" for each in asked]
    of_post = [sql for sql in told if sql.startswith("SELECT") and '"theirs_blob"' in sql]
    assert len([sql for sql in of_post if '"posts_conflict"."post_id" = ' in sql]) == 1, of_post
