"""Conflicts settled by an editor: what is chosen is stored, what leaves is what may leave (DESIGN §2.7–2.9)."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from posts import editing, reviewing
from posts.disputes import dispute_of, passage_name
from posts.document.document import Document
from posts.editing import EditForbidden
from posts.errors import EvergreenError
from posts.models import Collection, Conflict, Event, Notice, Post, Revision, Sync
from posts.notice_words import address_of
from posts.settling import OURS, THEIRS, Written, settle
from tests.posts.worlds import World, person, post_text, save_form

PATH = "src/posts/2026/a.md"
PIPELINE = ("Pipeline", "pipeline@example.org")
BODY = "第一句。第二句。第三句。\n"


def clash(world: World, writer: User, **said: str) -> Conflict:
    """A draft whose title, summary and second sentence were changed here and by the pipeline, differently."""
    world.remote.push(PATH, post_text(body=BODY, **said))
    world.sync()
    editing.edit(world.post(PATH), {"title": "我们的", "guest": "客"}, body=BODY.replace("第二", "我们的二"), by=writer)
    theirs = post_text("他们的", body=BODY.replace("第二", "他们的二"), **said).replace("area: fin", "area: their-fin")
    world.remote.push(PATH, theirs, author=PIPELINE)
    world.sync(Sync.State.PARTLY)
    return Conflict.objects.holding().get()


def answer(conflict: Conflict, title: object, passage: object, by: User) -> Post:
    pair = dispute_of(conflict).pair
    return settle(conflict, {"title": title, passage_name(0): passage}, pair=pair, by=by)  # type: ignore[dict-item]


def test_a_dispute_names_what_is_open_and_who_wrote_it(world: World, writer: User) -> None:
    dispute = dispute_of(clash(world, writer))
    assert dispute.asks == ("title", "body:0")
    [title] = dispute.keys
    assert (title.base, title.ours, title.theirs) == ("美股暴跌", "我们的", "他们的")
    assert dispute.body is not None
    [passage] = dispute.body.passages
    assert passage.sides == ("第二句。", "我们的二句。", "他们的二句。")
    assert (dispute.ours_by, dispute.theirs_by) == ("Wen", "Pipeline")


def test_whoever_is_told_of_a_conflict_is_led_to_it(world: World, writer: User) -> None:
    conflict = clash(world, writer)
    notice = Notice.objects.get(person=writer, code="conflict")
    address = address_of(notice, writer)
    assert address == f"/admin/posts/conflict/{conflict.pk}/change/"
    client = Client()
    client.force_login(writer)
    assert client.get(address).status_code == 200


def test_sides_as_they_stand_are_taken_leave_and_make_nobody_a_writer(
    world: World, writer: User, reviewer: User
) -> None:
    conflict = clash(world, writer)
    post = answer(conflict, THEIRS, OURS, reviewer)
    assert (post.title, post.guest, post.area.name) == ("他们的", "客", "their-finance-wealth")
    assert post.body == BODY.replace("第二", "我们的二")
    conflict.refresh_from_db()
    assert conflict.settled_by == reviewer
    event = Event.objects.get(post=post, transition="settle")
    assert (event.by, event.from_state, event.to_state) == (reviewer, "draft", "draft")
    assert not Revision.objects.filter(by=reviewer).exists()
    world.sync(Sync.State.DONE)
    assert world.text_in_git(PATH) == post.present.text
    assert world.disagreements() == []
    reviewing.perform(world.post(PATH), "submit", by=writer)
    assert reviewing.perform(world.post(PATH), "approve", by=reviewer).state == "approved"


def test_a_third_text_makes_a_writer_of_who_settles(world: World, writer: User, reviewer: User) -> None:
    post = answer(clash(world, writer), Written("第三个标题"), Written("第三种二句。"), reviewer)
    assert (post.title, post.body) == ("第三个标题", BODY.replace("第二句", "第三种二句"))
    world.sync(Sync.State.DONE)
    assert "title: 第三个标题\n" in world.text_in_git(PATH)
    reviewing.perform(world.post(PATH), "submit", by=writer)
    with pytest.raises(EvergreenError) as refused:
        reviewing.perform(world.post(PATH), "approve", by=reviewer)
    assert refused.value.code == "you_wrote"


def test_all_theirs_is_theirs_to_the_byte_with_what_only_we_changed(world: World, writer: User) -> None:
    conflict = clash(world, writer)
    theirs = world.text_in_git(PATH)
    post = answer(conflict, THEIRS, THEIRS, writer)
    assert post.present.text == theirs.replace("status: evergreen\n", "guest: 客\nstatus: evergreen\n") or (
        post.guest == "客" and post.title == "他们的"
    )
    texts = Revision.objects.filter(post=post).values_list("text", flat=True)
    assert any("我们的二句" in text for text in texts)


def test_settling_says_when_a_side_moved_meanwhile(world: World, writer: User, reviewer: User) -> None:
    conflict = clash(world, writer)
    seen = dispute_of(conflict).pair
    editing.edit(world.post(PATH), {"speaker": "讲者"}, by=writer)
    with pytest.raises(EvergreenError) as refused:
        settle(conflict, {"title": OURS, "body:0": OURS}, pair=seen, by=reviewer)
    assert (refused.value.code, refused.value.facts) == ("sides_moved", {"ours": True, "theirs": False})
    seen = dispute_of(Conflict.objects.get(pk=conflict.pk)).pair
    world.remote.push(PATH, world.text_in_git(PATH).replace("title: 他们的", "title: 他们又改了"), author=PIPELINE)
    world.sync(Sync.State.PARTLY)
    conflict = Conflict.objects.holding().get()
    assert dispute_of(conflict).keys[0].theirs == "他们又改了"
    with pytest.raises(EvergreenError) as refused:
        settle(conflict, {"title": OURS, "body:0": OURS}, pair=seen, by=reviewer)
    assert refused.value.facts == {"ours": False, "theirs": True}
    answer(conflict, OURS, THEIRS, reviewer)
    with pytest.raises(EvergreenError) as refused:
        answer(conflict, OURS, THEIRS, reviewer)
    assert refused.value.code == "settled_already"


def test_everything_that_is_open_must_be_chosen(world: World, writer: User) -> None:
    conflict = clash(world, writer)
    with pytest.raises(EvergreenError) as refused:
        settle(conflict, {"title": OURS}, pair=dispute_of(conflict).pair, by=writer)
    assert (refused.value.code, refused.value.facts["keys"]) == ("choice_missing", ["body:0"])


def test_who_may_not_change_posts_may_not_settle(world: World, writer: User) -> None:
    conflict = clash(world, writer)
    with pytest.raises(EditForbidden):
        answer(conflict, OURS, OURS, person("ada", "Administrator"))
    assert Conflict.objects.holding().exists()


def test_an_edit_that_ends_what_was_open_closes_the_conflict(world: World, writer: User) -> None:
    clash(world, writer)
    editing.edit(world.post(PATH), {"title": "他们的"}, body=BODY.replace("第二", "他们的二"), by=writer)
    assert not Conflict.objects.holding().exists()
    post = world.post(PATH)
    assert (post.guest, post.area.name) == ("客", "their-finance-wealth")
    world.sync(Sync.State.DONE)
    assert "guest: 客\n" in world.text_in_git(PATH)
    assert world.disagreements() == []


def live_clash(world: World, writer: User, publisher: User) -> Conflict:
    """A correction of a live post that was published here while somebody pushed another one."""
    world.remote.push(PATH, post_text(draft="false", status="published", body=BODY))
    world.sync()
    editing.edit(world.post(PATH), {"title": "我们的"}, by=writer)
    reviewing.perform(world.post(PATH), "submit", by=writer)
    reviewing.perform(world.post(PATH), "approve", by=publisher)
    reviewing.perform(world.post(PATH), "publish", by=publisher)
    world.remote.push(PATH, post_text("他们的", draft="false", status="published", body=BODY), author=PIPELINE)
    world.sync(Sync.State.PARTLY)
    assert world.post(PATH).changed_outside_at is not None
    return Conflict.objects.holding().get()


def test_of_a_live_post_the_published_side_leaves_and_a_third_text_waits_for_its_review(
    world: World, writer: User, publisher: User
) -> None:
    conflict = live_clash(world, writer, publisher)
    pair = dispute_of(conflict).pair
    post = settle(conflict, {"title": Written("第三个")}, pair=pair, by=writer)
    assert (post.title, post.state) == ("第三个", "draft")
    world.sync()
    assert "title: 他们的\n" in world.text_in_git(PATH)
    assert world.disagreements() == []


def test_of_a_live_post_ours_as_it_was_published_leaves(world: World, writer: User, publisher: User) -> None:
    conflict = live_clash(world, writer, publisher)
    post = settle(conflict, {"title": OURS}, pair=dispute_of(conflict).pair, by=writer)
    assert (post.title, post.state) == ("我们的", "published")
    world.sync(Sync.State.DONE)
    assert "title: 我们的\n" in world.text_in_git(PATH)
    assert "draft: false\n" in world.text_in_git(PATH)
    assert world.disagreements() == []


def test_of_a_live_post_theirs_leaves_nothing(world: World, writer: User, publisher: User) -> None:
    conflict = live_clash(world, writer, publisher)
    post = settle(conflict, {"title": THEIRS}, pair=dispute_of(conflict).pair, by=writer)
    assert (post.title, post.state, post.pending) == ("他们的", "published", False)
    world.sync(Sync.State.NOTHING_NEW)
    assert world.disagreements() == []


def deleted(world: World, writer: User) -> Conflict:
    world.remote.push(PATH, post_text())
    world.sync()
    editing.edit(world.post(PATH), {"title": "我们的"}, by=writer)
    world.remote.delete(PATH)
    world.sync(Sync.State.PARTLY)
    return Conflict.objects.holding().get(kind="deleted")


def test_edited_here_and_deleted_there_is_kept_or_let_go(world: World, writer: User) -> None:
    conflict = deleted(world, writer)
    dispute = dispute_of(conflict)
    assert (dispute.asks, dispute.theirs) == (("file",), None)
    settle(conflict, {"file": OURS}, pair=dispute.pair, by=writer)
    world.sync(Sync.State.DONE)
    assert "title: 我们的\n" in world.text_in_git(PATH)
    world.sync(Sync.State.NOTHING_NEW)
    assert world.disagreements() == []


def test_let_go_it_is_archived_with_its_history_and_can_come_back(world: World, writer: User, publisher: User) -> None:
    conflict = deleted(world, writer)
    post = settle(conflict, {"file": THEIRS}, pair=dispute_of(conflict).pair, by=writer)
    assert (post.state, post.pending) == ("archived", False)
    world.sync(Sync.State.NOTHING_NEW)
    assert PATH not in world.remote.files()
    assert world.disagreements() == []
    reviewing.perform(world.post(PATH), "restore", by=publisher)
    world.sync(Sync.State.DONE)
    assert "title: 我们的\n" in world.text_in_git(PATH)


def test_a_live_post_that_was_deleted_there_is_put_back_by_a_publisher_alone(
    world: World, writer: User, publisher: User
) -> None:
    world.remote.push(PATH, post_text(draft="false", status="published"))
    world.sync()
    editing.edit(world.post(PATH), {"title": "没审过"}, by=writer)
    world.remote.delete(PATH)
    world.sync(Sync.State.PARTLY)
    conflict = Conflict.objects.holding().get()
    with pytest.raises(EditForbidden):
        settle(conflict, {"file": OURS}, pair=dispute_of(conflict).pair, by=writer)
    settle(conflict, {"file": OURS}, pair=dispute_of(conflict).pair, by=publisher)
    world.sync(Sync.State.DONE)
    assert world.text_in_git(PATH) == post_text(draft="false", status="published")
    assert world.post(PATH).title == "没审过"
    assert world.disagreements() == []


def removed_and_changed(world: World, publisher: User) -> Conflict:
    world.remote.push(PATH, post_text())
    world.sync()
    reviewing.perform(world.post(PATH), "archive", by=publisher)
    world.sync()
    reviewing.perform(world.post(PATH), "remove", by=publisher)
    world.remote.push(PATH, world.text_in_git(PATH).replace("美股暴跌", "还要"), author=PIPELINE)
    world.sync(Sync.State.PARTLY)
    return Conflict.objects.holding().get(kind="deleted")


@pytest.mark.parametrize("choice", [OURS, THEIRS])
def test_removed_here_and_changed_there_goes_all_the_same_or_stays(world: World, publisher: User, choice: str) -> None:
    conflict = removed_and_changed(world, publisher)
    settle(conflict, {"file": choice}, pair=dispute_of(conflict).pair, by=publisher)
    world.sync()
    assert (PATH in world.remote.files()) is (choice == THEIRS)
    post = world.post(PATH)
    assert (post.state, post.pending, post.removed) == ("archived", False, choice == OURS)
    assert world.disagreements() == []


@pytest.mark.parametrize("repaired", [False, True])
def test_over_a_file_that_cannot_be_read_ours_or_a_repaired_text_leaves(
    world: World, writer: User, repaired: bool
) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    broken = post_text("修过的").replace("title: ", 'title: "')
    world.remote.push(PATH, broken)
    world.sync(Sync.State.PARTLY)
    conflict = Conflict.objects.holding().get(kind="unreadable")
    choice = Written(broken.replace('title: "', "title: ")) if repaired else OURS
    settle(conflict, {"file": choice}, pair=dispute_of(conflict).pair, by=writer)
    world.sync(Sync.State.DONE)
    assert world.text_in_git(PATH) == post_text("修过的" if repaired else "美股暴跌")
    assert not world.collection.problems.filter(blocks=True).exists()
    assert world.disagreements() == []


def test_a_repaired_text_that_still_cannot_be_read_settles_nothing(world: World, writer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    world.remote.push(PATH, "---\ntitle: [\n---\n")
    world.sync(Sync.State.PARTLY)
    conflict = Conflict.objects.holding().get()
    with pytest.raises(EvergreenError) as refused:
        settle(conflict, {"file": Written("---\ntitle: [\n---\n")}, pair=dispute_of(conflict).pair, by=writer)
    assert refused.value.code == "broken_yaml"
    assert Conflict.objects.holding().exists()


def test_a_stale_form_saves_what_it_can_and_keeps_the_rest_for_its_author(
    world: World, writer: User, reviewer: User
) -> None:
    world.remote.push(PATH, post_text(body=BODY))
    world.sync()
    opened = world.post(PATH).present
    editing.edit(world.post(PATH), {"title": "先保存"}, body=BODY.replace("第二", "先"), by=reviewer)
    post, kept = save_form(
        world.post(PATH), {"title": "后保存", "guest": "客"}, body=BODY.replace("第三", "后"), onto=opened, by=writer
    )
    assert (post.title, post.guest) == ("先保存", "客")
    assert post.body == "第一句。先句。后句。\n"
    assert kept is not None
    assert "后保存" in kept.ours.text
    assert not Conflict.objects.holding().exists()
    world.sync(Sync.State.DONE)  # it holds nothing back
    dispute = dispute_of(kept)
    assert dispute.asks == ("title",)
    with pytest.raises(EditForbidden):
        settle(kept, {"title": OURS}, pair=dispute.pair, by=reviewer)
    settled = settle(kept, {"title": OURS}, pair=dispute.pair, by=writer)
    assert (settled.title, settled.present.by) == ("后保存", writer)
    assert not Conflict.objects.forms_of(writer.pk).exists()


def test_a_kept_form_of_an_archived_post_waits_until_it_is_restored(
    world: World, writer: User, reviewer: User, publisher: User
) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    opened = world.post(PATH).present
    editing.edit(world.post(PATH), {"title": "先保存"}, by=reviewer)
    _, kept = save_form(world.post(PATH), {"title": "后保存"}, onto=opened, by=writer)
    assert kept is not None
    reviewing.perform(world.post(PATH), "archive", by=publisher)
    kept = Conflict.objects.get(pk=kept.pk)
    with pytest.raises(EditForbidden) as refused:
        settle(kept, {"title": OURS}, pair=dispute_of(kept).pair, by=writer)
    assert refused.value.code == "restore_first"
    assert Conflict.objects.forms_of(writer.pk).get() == kept, "what was typed is still there"
    reviewing.perform(world.post(PATH), "restore", by=publisher)
    kept = Conflict.objects.get(pk=kept.pk)
    assert settle(kept, {"title": OURS}, pair=dispute_of(kept).pair, by=writer).title == "后保存"


def test_the_same_stale_form_twice_is_kept_once(world: World, writer: User, reviewer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    opened = world.post(PATH).present
    editing.edit(world.post(PATH), {"title": "先保存"}, by=reviewer)
    for _ in range(2):
        save_form(world.post(PATH), {"title": "后保存"}, onto=opened, by=writer)
    assert Conflict.objects.forms_of(writer.pk).count() == 1


def test_restoring_while_somebody_edits_keeps_both(world: World, writer: User, reviewer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    first = world.post(PATH).present
    editing.edit(world.post(PATH), {"title": "第二版"}, by=writer)
    compared = world.post(PATH).present
    editing.edit(world.post(PATH), {"guest": "客"}, by=writer)
    post, kept = editing.restore_revision(world.post(PATH), first, by=reviewer, onto=compared)
    assert kept is None
    assert (post.title, post.guest) == ("美股暴跌", "客")


def test_a_post_that_is_moved_leaves_as_one_commit_that_renames(world: World, writer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    moved = "src/posts/2026/b.md"
    editing.move(world.post(PATH), moved, by=writer)
    world.sync(Sync.State.DONE)
    assert list(world.remote.files()) == [moved]
    assert world.remote.git("show", "-M", "--name-status", "--format=%an %s", "main").decode().split("\n")[0] == (
        "Wen Rename 美股暴跌"
    )
    assert world.disagreements() == []
    world.sync(Sync.State.NOTHING_NEW)


def test_a_live_post_is_moved_by_a_publisher_alone_and_never_onto_another(
    world: World, writer: User, publisher: User
) -> None:
    world.remote.commit({PATH: post_text(draft="false"), "src/posts/other.md": post_text()})
    world.sync()
    with pytest.raises(EditForbidden):
        editing.move(world.post(PATH), "src/posts/c.md", by=writer)
    with pytest.raises(EvergreenError) as refused:
        editing.move(world.post(PATH), "src/posts/Other.md", by=publisher)
    assert refused.value.code == "path_taken"
    editing.move(world.post(PATH), "src/posts/c.md", by=publisher)
    world.sync(Sync.State.DONE)
    assert world.text_in_git("src/posts/c.md") == post_text(draft="false")


def test_an_approval_is_of_the_post_at_its_place(
    world: World, writer: User, reviewer: User, publisher: User, client: Client
) -> None:
    world.remote.commit({PATH: post_text(body="![图](img/a.png)\n"), "src/posts/live.md": post_text(draft="false")})
    world.sync()
    reviewing.perform(world.post(PATH), "submit", by=writer)
    reviewing.perform(world.post(PATH), "approve", by=reviewer)
    client.force_login(writer)
    for path, says in ((PATH, True), ("src/posts/live.md", False)):
        page = client.get(reverse("admin:posts_post_move", args=[world.post(path).pk])).content.decode()
        assert ("at another one it needs a new approval" in page) is says
    moved = editing.move(world.post(PATH), "src/posts/z/b.md", by=writer)
    assert (moved.state, moved.approved_id) == ("draft", None)
    event = Event.objects.get(post=moved, transition="move")
    assert (event.from_state, event.to_state, event.note) == ("approved", "draft", f"{PATH} → src/posts/z/b.md")
    assert [(notice.person, notice.code) for notice in Notice.objects.filter(post=moved, code="approval_lost")] == [
        (reviewer, "approval_lost")
    ]
    with pytest.raises(EvergreenError):
        reviewing.perform(moved, "publish", by=publisher)
    assert editing.move(world.post("src/posts/live.md"), "src/posts/l.md", by=publisher).state == "evergreen"


def test_a_place_is_free_only_once_the_post_that_stood_there_has_left_it(world: World, writer: User) -> None:
    old, new = "src/posts/c.md", "src/posts/d.md"
    world.remote.commit({PATH: post_text(), old: post_text("另一篇")})
    world.sync()
    editing.move(world.post(old), new, by=writer)
    with pytest.raises(EvergreenError) as refused:
        editing.move(world.post(PATH), old, by=writer)
    assert refused.value.code == "place_not_left"
    editing.move(world.post(new), old, by=writer)
    editing.move(world.post(old), new, by=writer)
    world.sync(Sync.State.DONE)
    editing.move(world.post(PATH), old, by=writer)
    world.sync(Sync.State.DONE)
    assert {path: world.text_in_git(path) for path in world.remote.files()} == {
        old: post_text(),
        new: post_text("另一篇"),
    }
    assert world.disagreements() == []


def test_a_file_that_others_put_where_a_post_was_to_move_lets_both_be(world: World, writer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    taken = "src/posts/2026/b.md"
    editing.move(world.post(PATH), taken, by=writer)
    world.remote.push(taken, post_text("另一篇"))
    world.sync()
    assert (world.post(PATH).title, world.post(taken).title) == ("美股暴跌", "另一篇")
    assert set(world.remote.files()) == {PATH, taken}
    assert world.disagreements() == []
    world.sync(Sync.State.NOTHING_NEW)


def test_discarding_our_changes_ends_what_was_open(world: World, writer: User, publisher: User) -> None:
    world.remote.push(PATH, post_text(draft="false", status="published"))
    world.sync()
    editing.edit(world.post(PATH), {"title": "我们的"}, by=writer)
    theirs = post_text("他们的", draft="false", status="published")
    world.remote.push(PATH, theirs)
    world.sync(Sync.State.PARTLY)
    post = reviewing.perform(world.post(PATH), "discard_changes", by=writer)
    assert (post.state, post.present.text) == ("published", theirs)
    assert not Conflict.objects.holding().exists()
    assert world.disagreements() == []


def test_an_approval_that_an_edit_takes_back_is_told_to_who_gave_it(world: World, writer: User, reviewer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    reviewing.perform(world.post(PATH), "submit", by=writer)
    reviewing.perform(world.post(PATH), "approve", by=reviewer)
    editing.edit(world.post(PATH), {"title": "又改了"}, by=writer)
    [told] = Notice.objects.filter(code="approval_lost")
    assert (told.person, told.facts) == (reviewer, {"by": "Wen"})


def test_archived_in_spite_of_a_conflict_it_stays_so_when_that_is_settled(
    world: World, writer: User, reviewer: User
) -> None:
    conflict = clash(world, writer)
    reviewing.perform(world.post(PATH), "archive", by=person("pan", "Publisher"))
    conflict.refresh_from_db()
    post = answer(conflict, THEIRS, OURS, reviewer)
    assert (post.state, post.draft, post.title) == ("archived", True, "他们的")
    world.sync()
    assert world.disagreements() == []


def approved(world: World, writer: User, reviewer: User) -> None:
    """A draft whose second sentence was changed here, submitted and approved, and that nobody has sent yet."""
    world.remote.push(PATH, post_text(body=BODY))
    world.sync()
    editing.edit(world.post(PATH), {}, body=BODY.replace("第二", "审过的二"), by=writer)
    reviewing.perform(world.post(PATH), "submit", by=writer)
    reviewing.perform(world.post(PATH), "approve", by=reviewer)


def push_a_draft(world: World, **said: str) -> Conflict:
    """Somebody's push of another second sentence, as a draft."""
    world.remote.push(PATH, post_text(body=BODY.replace("第二", "没审过的二"), **said), author=PIPELINE)
    world.sync(Sync.State.PARTLY)
    return Conflict.objects.holding().get()


def says_reviewed(world: World) -> bool:
    """Whether the newest commit names a reviewer."""
    return b"Reviewed-by" in world.remote.git("show", "--no-patch", "--format=%B", "main")


def nothing_unreviewed_is_on_the_site(world: World) -> None:
    world.sync()
    text = world.text_in_git(PATH)
    assert "draft: true\n" in text or "没审过" not in text
    assert not says_reviewed(world)
    assert world.disagreements() == []


@pytest.mark.parametrize("pushed", ["after it was published", "before it was approved"])
@pytest.mark.parametrize("choice", [THEIRS, Written("第三种二句。")])
def test_a_pushed_draft_does_not_go_live_in_the_place_of_what_was_published(
    world: World, writer: User, reviewer: User, publisher: User, choice: object, pushed: str
) -> None:
    approved(world, writer, reviewer)
    if pushed == "after it was published":
        reviewing.perform(world.post(PATH), "publish", by=publisher)
        conflict = push_a_draft(world)
    else:
        reviewing.perform(world.post(PATH), "request_changes", by=reviewer, note="?")
        reviewing.perform(world.post(PATH), "submit", by=writer)
        conflict = push_a_draft(world)
        reviewing.perform(world.post(PATH), "approve", by=reviewer)
        reviewing.perform(world.post(PATH), "publish", by=publisher)
        world.sync()
    pair = dispute_of(conflict).pair
    post = settle(conflict, {passage_name(0): choice}, pair=pair, by=writer)  # type: ignore[dict-item]
    assert (post.state, post.approved, post.approved_by, post.pending) == ("draft", None, None, False)
    assert ("没审过" if choice == THEIRS else "第三种") in post.body
    assert Notice.objects.filter(person=reviewer, code="approval_lost").exists()
    nothing_unreviewed_is_on_the_site(world)
    assert "draft: true\n" in world.text_in_git(PATH)
    reviewing.perform(world.post(PATH), "submit", by=writer)
    reviewing.perform(world.post(PATH), "approve", by=reviewer)
    reviewing.perform(world.post(PATH), "publish", by=publisher)
    world.sync(Sync.State.DONE)
    assert world.text_in_git(PATH) == world.post(PATH).present.text


@pytest.mark.parametrize("choice", [THEIRS, Written("第三种二句。")])
def test_nor_after_an_edit_of_what_was_published(
    world: World, writer: User, reviewer: User, publisher: User, choice: object
) -> None:
    approved(world, writer, reviewer)
    reviewing.perform(world.post(PATH), "publish", by=publisher)
    conflict = push_a_draft(world)
    editing.edit(world.post(PATH), {"summary": "后来改的"}, by=writer)
    pair = dispute_of(conflict).pair
    post = settle(conflict, {passage_name(0): choice}, pair=pair, by=writer)  # type: ignore[dict-item]
    assert (post.state, post.pending, post.summary) == ("draft", False, "后来改的")
    nothing_unreviewed_is_on_the_site(world)


def test_what_was_published_leaves_over_a_pushed_draft_when_ours_is_chosen(
    world: World, writer: User, reviewer: User, publisher: User
) -> None:
    approved(world, writer, reviewer)
    reviewing.perform(world.post(PATH), "publish", by=publisher)
    conflict = push_a_draft(world)
    post = settle(conflict, {passage_name(0): OURS}, pair=dispute_of(conflict).pair, by=writer)
    assert (post.state, post.approved_by, post.changed_outside_at) == ("evergreen", reviewer, None)
    world.sync(Sync.State.DONE)
    assert world.text_in_git(PATH) == post_text(draft="false", body=BODY.replace("第二", "审过的二"))
    assert says_reviewed(world)


def test_with_what_the_push_brought_elsewhere_it_leaves_as_changed_outside_and_not_as_reviewed(
    world: World, writer: User, reviewer: User, publisher: User
) -> None:
    approved(world, writer, reviewer)
    reviewing.perform(world.post(PATH), "publish", by=publisher)
    conflict = push_a_draft(world, title="推来的")
    post = settle(conflict, {passage_name(0): OURS}, pair=dispute_of(conflict).pair, by=writer)
    assert (post.state, post.title, post.approved_by) == ("evergreen", "推来的", None)
    assert post.changed_outside_at is not None
    assert Notice.objects.filter(code="approval_lost").count() == 2, "who approved and who published are told"
    world.sync(Sync.State.DONE)
    assert not says_reviewed(world)
    assert world.disagreements() == []


def test_of_a_published_correction_that_gave_way_nothing_says_that_it_was_reviewed(
    world: World, writer: User, publisher: User
) -> None:
    conflict = live_clash(world, writer, publisher)
    settle(conflict, {"title": THEIRS}, pair=dispute_of(conflict).pair, by=writer)
    editing.move(world.post(PATH), "src/posts/2026/b.md", by=publisher)
    world.sync(Sync.State.DONE)
    assert not says_reviewed(world)


BRACES = "---\n{title: 一行, summary: 之前, draft: true, status: draft}\n---\n正文。\n"


@pytest.mark.parametrize("push_drafts", [True, False])
def test_a_whole_third_text_keeps_what_transitions_alone_write(world: World, writer: User, push_drafts: bool) -> None:
    world.remote.push(PATH, BRACES)
    world.sync()
    Collection.objects.update(push_drafts=push_drafts)
    here = world.post(PATH)
    text = Document.from_text(BRACES.replace("之前", "这里"))
    editing.save_typed(here, text, onto=here.present, by=writer)
    world.remote.push(PATH, BRACES.replace("之前", "那里"), author=PIPELINE)
    world.sync(Sync.State.PARTLY)
    conflict = Conflict.objects.holding().get(kind="unmergeable")
    third = Written(post_text("第三个", draft="false", status="evergreen"))
    post = settle(conflict, {"file": third}, pair=dispute_of(conflict).pair, by=writer)
    assert (post.title, post.draft, post.status, post.state) == ("第三个", True, "draft", "draft")
    world.sync()
    assert world.text_in_git(PATH) == (post.present.text if push_drafts else BRACES.replace("之前", "那里"))
    assert world.disagreements() == []


def test_nor_does_a_whole_third_text_bring_one_that_was_not_there(world: World, writer: User) -> None:
    braces = BRACES.replace(", status: draft", "")
    world.remote.push(PATH, braces)
    world.sync()
    here = world.post(PATH)
    editing.save_typed(here, Document.from_text(braces.replace("之前", "这里")), onto=here.present, by=writer)
    world.remote.push(PATH, braces.replace("之前", "那里"), author=PIPELINE)
    world.sync(Sync.State.PARTLY)
    conflict = Conflict.objects.holding().get(kind="unmergeable")
    with pytest.raises(EditForbidden) as refused:
        settle(conflict, {"file": Written(post_text())}, pair=dispute_of(conflict).pair, by=writer)
    assert refused.value.code == "written_by_transitions"
    assert Conflict.objects.holding().exists()


RUI, WEN = ("Rui", "rui@example.org"), ("Wen", "wen@example.org")


def held_twice(world: World, other: User) -> Conflict:
    """A draft of `other`, whose body a reviewer pushed as well, and after that reviewer somebody else a bit more."""
    world.remote.push(PATH, post_text(body=BODY))
    world.sync()
    editing.edit(world.post(PATH), {}, body="这里写的。\n", by=other)
    for body, author in (("审阅的人写的。\n", RUI), ("审阅的人写的。再加一句。\n", WEN)):
        world.remote.push(PATH, post_text(body=body), author=author)
        world.sync(Sync.State.PARTLY)
    return Conflict.objects.holding().get()


def the_reviewer_wrote_it(world: World, writer: User, reviewer: User) -> None:
    assert "审阅的人写的" in world.post(PATH).body
    reviewing.perform(world.post(PATH), "submit", by=writer)
    with pytest.raises(EvergreenError) as refused:
        reviewing.perform(world.post(PATH), "approve", by=reviewer)
    assert refused.value.code == "you_wrote"


def test_everybody_who_pushed_into_a_conflict_wrote_what_is_taken_of_it(
    world: World, writer: User, reviewer: User
) -> None:
    conflict = held_twice(world, person("wu", "Writer"))
    settle(conflict, {passage_name(0): THEIRS}, pair=dispute_of(conflict).pair, by=writer)
    the_reviewer_wrote_it(world, writer, reviewer)


def test_also_when_a_third_push_ends_it(world: World, writer: User, reviewer: User) -> None:
    held_twice(world, person("wu", "Writer"))
    editing.edit(world.post(PATH), {"title": "这里的题"}, body=BODY, by=writer)
    world.remote.push(PATH, post_text(body="审阅的人写的。再加一句。又一句。\n"), author=WEN)
    world.sync()
    assert not Conflict.objects.holding().exists()
    the_reviewer_wrote_it(world, writer, reviewer)


@pytest.mark.parametrize("repaired", ["here", "there"])
@pytest.mark.parametrize("edited", [True, False])
def test_whoever_pushed_what_could_not_be_read_wrote_a_part_of_what_was_repaired(
    world: World, writer: User, reviewer: User, repaired: str, edited: bool
) -> None:
    world.remote.push(PATH, post_text(body=BODY))
    world.sync()
    if edited:
        editing.edit(world.post(PATH), {"guest": "客"}, by=writer)
    right = post_text(body="审阅的人写的。\n")
    world.remote.push(PATH, right.replace("title: ", 'title: "'), author=RUI)
    world.sync(Sync.State.PARTLY)
    if repaired == "here":
        conflict = Conflict.objects.holding().get(kind="unreadable")
        settle(conflict, {"file": Written(right)}, pair=dispute_of(conflict).pair, by=writer)
    else:
        world.remote.push(PATH, right, author=WEN)
    world.sync()
    the_reviewer_wrote_it(world, writer, reviewer)


def test_whoever_pushed_over_a_removal_wrote_what_is_kept(
    world: World, writer: User, reviewer: User, publisher: User
) -> None:
    world.remote.push(PATH, post_text(body=BODY))
    world.sync()
    reviewing.perform(world.post(PATH), "archive", by=publisher)
    world.sync()
    reviewing.perform(world.post(PATH), "remove", by=publisher)
    world.remote.push(PATH, world.text_in_git(PATH).replace(BODY, "审阅的人写的。\n"), author=RUI)
    world.sync(Sync.State.PARTLY)
    conflict = Conflict.objects.holding().get()
    settle(conflict, {"file": THEIRS}, pair=dispute_of(conflict).pair, by=publisher)
    reviewing.perform(world.post(PATH), "restore", by=publisher)
    the_reviewer_wrote_it(world, writer, reviewer)
