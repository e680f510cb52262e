"""A change that went around the review stands in a queue until somebody looked at it (DESIGN §3, row "import")."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from posts.models import Event, Notice
from posts.reviewing import LookRefused, mark_looked_at, perform
from tests.posts.worlds import World, post_text

PATH = "src/posts/2026/a.md"


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
