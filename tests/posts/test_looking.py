"""A change that went around the review stands in a queue until somebody looked at it (DESIGN §3, row "import")."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from posts import editing, illustrating, replacements
from posts.models import Collection, Event, Notice, Post
from posts.reviewing import LookRefused, mark_looked_at, perform, refusals_to_look
from tests.posts.pictures import png
from tests.posts.worlds import World, post_text

PATH = "src/posts/2026/a.md"
LIVE = {"draft": "false", "status": "published"}
RUI = ("Rui", "rui@example.org")


@pytest.fixture
def changed_outside(world: World) -> World:
    """A live post that somebody pushed a correction to."""
    world.remote.push(PATH, post_text(draft="false", status="published"))
    world.sync()
    world.remote.push(PATH, post_text("外面改的", draft="false", status="published"))
    world.sync()
    return world


def test_a_reviewer_looks_and_it_leaves_the_queue(changed_outside: World, reviewer: User) -> None:
    post = changed_outside.post(PATH)
    assert post.changed_outside_at is not None
    assert mark_looked_at(post, by=reviewer, looked_at=post.present).changed_outside_at is None
    assert Event.objects.get(post=post, transition="look").by == reviewer
    with pytest.raises(LookRefused) as refused:
        mark_looked_at(post, by=reviewer, looked_at=post.present)
    assert refused.value.code == "not_changed_outside"


def test_a_writer_may_not_and_nobody_may_for_a_text_they_did_not_see(
    changed_outside: World, writer: User, reviewer: User
) -> None:
    post = changed_outside.post(PATH)
    seen = post.present
    with pytest.raises(LookRefused):
        mark_looked_at(post, by=writer, looked_at=seen)
    changed_outside.remote.push(PATH, post_text("又改了", draft="false", status="published"))
    changed_outside.sync()
    with pytest.raises(LookRefused) as refused:
        mark_looked_at(post, by=reviewer, looked_at=seen)
    assert refused.value.code == "text_moved"
    assert changed_outside.post(PATH).changed_outside_at is not None


def codes(post: Post, by: User) -> list[str]:
    """Why `by` may not say that they looked at `post`."""
    return [each.code for each in refusals_to_look(post, by)]


def test_who_pushed_a_change_is_not_who_looks_at_it(world: World, reviewer: User, publisher: User) -> None:
    world.remote.push(PATH, post_text(**LIVE), author=RUI)
    world.sync("done")
    world.remote.push(PATH, post_text("机器改的", **LIVE), author=("Pipeline", "pipeline@example.org"))
    world.sync("done")
    assert codes(world.post(PATH), reviewer) == [], "what was there before is not what is to be looked at"
    world.remote.push(PATH, post_text("自己推的", **LIVE), author=RUI)
    world.sync("done")
    assert (codes(world.post(PATH), reviewer), codes(world.post(PATH), publisher)) == (["you_wrote"], [])
    with pytest.raises(LookRefused) as refused:
        mark_looked_at(world.post(PATH), by=reviewer, looked_at=world.post(PATH).present)
    assert refused.value.code == "you_wrote"
    mark_looked_at(world.post(PATH), by=publisher, looked_at=world.post(PATH).present)
    world.remote.push(PATH, post_text("机器又改的", **LIVE))
    world.sync("done")
    assert codes(world.post(PATH), reviewer) == [], "what was looked at is not to be looked at again"


def test_nor_is_whose_push_was_merged_with_a_change_here(world: World, writer: User, reviewer: User) -> None:
    world.remote.push(PATH, post_text(**LIVE))
    world.sync("done")
    editing.edit(world.post(PATH), {"summary": "这里改的。"}, by=writer)
    world.remote.push(PATH, post_text("自己推的", **LIVE), author=RUI)
    world.sync("done")
    assert codes(world.post(PATH), reviewer) == ["you_wrote"]


def test_nor_is_who_wrote_what_others_put_on_the_site_as_they_saw_it_here(
    world: World, reviewer: User, publisher: User
) -> None:
    world.remote.push(PATH, post_text(**LIVE))
    world.sync("done")
    editing.edit(world.post(PATH), {"title": "没人看过"}, by=reviewer)
    world.remote.push(PATH, world.post(PATH).present.text)
    world.sync()
    assert world.post(PATH).changed_outside_at is not None
    assert (codes(world.post(PATH), reviewer), codes(world.post(PATH), publisher)) == (["you_wrote"], [])


def test_who_has_an_unreviewed_change_of_their_own_may_look_at_a_push(world: World, reviewer: User) -> None:
    world.remote.push(PATH, post_text(**LIVE))
    world.sync("done")
    editing.edit(world.post(PATH), {"summary": "这里改的。"}, by=reviewer)
    world.remote.push(PATH, post_text("外面改的", **LIVE))
    world.sync("done")
    assert codes(world.post(PATH), reviewer) == []


def test_where_nobody_else_is_asked_for_one_looks_at_ones_own_and_that_counts_for_nobody(
    world: World, reviewer: User
) -> None:
    world.remote.push(PATH, post_text(**LIVE))
    world.sync("done")
    Collection.objects.update(second_eyes="off")
    world.remote.push(PATH, post_text("自己推的", **LIVE), author=RUI)
    world.sync("done")
    mark_looked_at(world.post(PATH), by=reviewer, looked_at=world.post(PATH).present)
    assert not Event.objects.get(transition="look").by_another
    Collection.objects.update(second_eyes="before")
    world.remote.push(PATH, post_text("外面改的", **LIVE))
    world.sync("done")
    assert codes(world.post(PATH), reviewer) == ["you_wrote"]


def test_who_replaced_an_image_and_published_alone_is_not_who_looks_at_it(
    world: World, reviewer: User, publisher: User
) -> None:
    world.collection.media_folder, world.collection.media_url = "src/images", "/images"
    world.collection.second_eyes = "afterwards"
    world.collection.save()
    world.remote.commit({PATH: post_text(**LIVE, body="![图](/images/a.png)\n"), "src/images/a.png": png("green")})
    world.sync("done")
    illustrating.replace_image(world.post(PATH), "src/images/a.png", png("red"), by=publisher)
    perform(world.post(PATH), "submit", by=publisher)
    seen = list(replacements.replacers(world.post(PATH)))
    perform(world.post(PATH), "approve", by=publisher, looked_at=world.post(PATH).present, images_seen=seen)
    assert codes(world.post(PATH), publisher) == ["you_wrote"]
    perform(world.post(PATH), "publish", by=publisher)
    assert codes(world.post(PATH), publisher) == ["you_wrote"]
    world.sync("done")
    assert (codes(world.post(PATH), publisher), codes(world.post(PATH), reviewer)) == (["you_wrote"], [])
    mark_looked_at(world.post(PATH), by=reviewer, looked_at=world.post(PATH).present)
    world.remote.push(PATH, post_text("外面改的", **LIVE, body="![图](/images/a.png)\n"))
    world.sync("done")
    assert codes(world.post(PATH), publisher) == []


def test_the_button_is_on_the_post_for_who_may(changed_outside: World, reviewer: User, writer: User) -> None:
    post = changed_outside.post(PATH)
    page, address = reverse("admin:posts_post_change", args=[post.pk]), reverse("admin:posts_post_look", args=[post.pk])
    client = Client()
    client.force_login(writer)
    assert address not in client.get(page).content.decode()
    client.force_login(reviewer)
    assert address in client.get(page).content.decode()
    answer = client.post(address, {"looked_at": str(post.present_id)}, follow=True)
    assert "was looked at" in answer.content.decode()
    assert address not in client.get(page).content.decode()


def test_whose_approval_a_push_takes_back_is_told(world: World, writer: User, reviewer: User) -> None:
    world.collection.push_drafts = False
    world.collection.save()
    world.remote.push(PATH, post_text())
    world.sync()
    perform(world.post(PATH), "submit", by=writer)
    perform(world.post(PATH), "approve", by=reviewer)
    world.remote.push(PATH, post_text("别的标题"), author=("Pipeline", "pipeline@example.org"))
    world.sync()
    assert world.post(PATH).state == "in_review"
    told = Notice.objects.filter(code="approval_lost", post=world.post(PATH))
    assert set(told.values_list("person__username", flat=True)) == {"wen", "rui"}
    assert told[0].facts == {"by": "Pipeline"}
