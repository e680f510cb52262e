"""Who else has a post open, and what somebody saved while a form was open."""

import datetime
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from posts import editing, tasks
from posts.models import Post, Presence, Revision
from posts.presences import GONE_AFTER, note_left, note_presence, others_at
from tests.posts.test_admin_posts import as_, form_of
from tests.posts.worlds import World, person, post_text

LIST = "/admin/posts/post/"
PATH = "src/posts/a.md"


@pytest.fixture
def post(world: World) -> Post:
    """A draft from the repository."""
    world.remote.commit({PATH: post_text("旧标题", body="第一段。\n\n第二段。\n")})
    world.sync()
    return world.post(PATH)


def ask(client: Client, post: Post, onto: object, **more: str) -> dict[str, Any]:
    """What an open form asks every few seconds."""
    answer = client.post(f"{LIST}{post.pk}/working-copy/", {"onto": str(onto), **more})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def test_others_are_seen_with_since_when_until_they_leave_or_fall_silent(
    post: Post, writer: User, reviewer: User, publisher: User
) -> None:
    for user in (reviewer, publisher, writer):
        note_presence(post, by=user)
    since = Presence.objects.get(person=reviewer).since
    note_presence(post, by=reviewer)
    assert others_at(post, by=writer)[0].since == since
    assert [each.person for each in others_at(post, by=writer)] == [reviewer, publisher]
    note_left(post, by=publisher)
    assert [each.person for each in others_at(post, by=writer)] == [reviewer]
    long_ago = timezone.now() - GONE_AFTER - datetime.timedelta(seconds=1)
    Presence.objects.filter(person=reviewer).update(seen_at=long_ago, since=long_ago)
    assert others_at(post, by=writer) == []
    # Whoever comes back later is there since then.
    note_presence(post, by=reviewer)
    assert others_at(post, by=writer)[0].since > long_ago


def test_the_sweeper_forgets_who_has_gone(post: Post, writer: User, reviewer: User) -> None:
    note_presence(post, by=writer)
    note_presence(post, by=reviewer)
    Presence.objects.filter(person=writer).update(seen_at=timezone.now() - GONE_AFTER * 2)
    tasks.sweep()
    assert Presence.objects.get().person == reviewer


def test_an_open_form_is_told_who_else_is_there_and_asks_more_often_then(
    post: Post, writer: User, reviewer: User
) -> None:
    alone = ask(as_(writer), post, post.present_id)
    assert (alone["presence"], alone["newer"]) == ("", "")
    together = ask(as_(reviewer), post, post.present_id)
    assert "Wen has this post open too, since" in together["presence"]
    assert together["next"] < alone["next"]
    as_(writer).post(f"{LIST}{post.pk}/working-copy/left/")
    assert ask(as_(reviewer), post, post.present_id)["presence"] == ""
    # Reading a post is not editing it.
    as_(writer).get(f"{LIST}{post.pk}/change/")
    assert ask(as_(reviewer), post, post.present_id)["presence"] == ""


def test_a_name_is_shown_as_text(post: Post, writer: User) -> None:
    rogue = person("rogue", "Writer")
    rogue.first_name = "<img src=x>"
    rogue.save()
    ask(as_(rogue), post, post.present_id)
    assert "<img" not in ask(as_(writer), post, post.present_id)["presence"]


def test_an_open_form_is_told_that_somebody_saved_once_it_is_on_an_older_text(
    post: Post, writer: User, reviewer: User
) -> None:
    editing.edit(post, {"speaker": "讲者"}, by=reviewer)
    now = Post.objects.get(pk=post.pk).present_id
    told = ask(as_(writer), post, post.present_id)
    assert "Rui saved this post" in told["newer"]
    assert "second" in told["newer"]
    assert told["newer_key"] == str(now)
    assert ask(as_(writer), post, now)["newer"] == ""
    assert ask(as_(writer), post, post.present_id, seen=str(now))["newer"] == ""
    assert "You saved this post in another window" in ask(as_(reviewer), post, post.present_id)["newer"]


def test_a_question_takes_a_fixed_number_of_queries(post: Post, writer: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            ask(client, post, post.present_id)
        return len(captured)

    client = as_(writer)
    ask(client, post, post.present_id)
    before = queries()
    for number in range(5):
        note_presence(post, by=person(f"p{number}", "Writer"))
    assert queries() == before <= 12


# --- Bringing it in


def bring_in(client: Client, post: Post, onto: object, **typed: str) -> Any:
    data = {name: values for name, values in form_of(client, post).items() if name != "onto"}
    data |= {name: [value] for name, value in typed.items()}
    return client.post(f"{LIST}{post.pk}/working-copy/bring-in/", {"onto": str(onto), "typed": json.dumps(data)})


def test_what_was_saved_meanwhile_comes_into_the_form_and_nothing_is_saved(
    post: Post, writer: User, reviewer: User
) -> None:
    opened = as_(writer)
    before = form_of(opened, post)
    editing.edit(
        post, {"speaker": "别人", "tags": ["market-volatility", "新"]}, body="第一段，改。\n\n第二段。\n", by=reviewer
    )
    texts = Revision.objects.count()
    data = {name: values for name, values in before.items() if name != "onto"}
    data |= {"title": ["我的"], "body": ["第一段。\n\n第二段，我改。\n"], "tags": ["", *data["tags"][1:], "我的"]}
    answer = opened.post(
        f"{LIST}{post.pk}/working-copy/bring-in/", {"onto": str(post.present_id), "typed": json.dumps(data)}
    ).json()
    assert answer["fields"]["title"] == "我的"
    assert answer["fields"]["speaker"] == "别人"
    assert answer["fields"]["tags"] == ["market-volatility", "我的", "新"]
    assert answer["fields"]["body"] == "第一段，改。\n\n第二段，我改。\n"
    assert answer["onto"] == answer["seen"] == str(Post.objects.get(pk=post.pk).present_id)
    assert Revision.objects.count() == texts


def test_what_both_changed_stays_as_typed_and_is_left_to_the_conflict_on_save(
    post: Post, writer: User, reviewer: User
) -> None:
    client = as_(writer)
    editing.edit(post, {"title": "别人的", "speaker": "别人"}, by=reviewer)
    answer = bring_in(client, post, post.present_id, title="我的", speaker="").json()
    assert (answer["fields"]["title"], answer["fields"]["speaker"]) == ("我的", "别人")
    assert answer["onto"] == str(post.present_id)
    assert "Title" in answer["said"]
    filled = {**form_of(client, post), **answer["fields"], "onto": answer["onto"]}
    assert "/conflict/" in client.post(f"{LIST}{post.pk}/change/", filled)["Location"]
    assert Post.objects.get(pk=post.pk).title == "别人的"


def test_what_cannot_be_saved_is_corrected_first(post: Post, writer: User, reviewer: User) -> None:
    editing.edit(post, {"title": "别人的"}, by=reviewer)
    answer = bring_in(as_(writer), post, post.present_id, date="坏")
    assert answer.status_code == 409
    assert "correct it" in answer.json()["said"]
    assert bring_in(as_(writer), post, "nonsense").status_code == 400
