"""Rows stored many at once are what `save` would have made of them."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from posts.models import Outcome, Post
from posts.storing import insert_rows, update_rows
from tests.posts.worlds import World

AWKWARD = "\\N \\. \t\r\n''\"%s {} \u2028 𠀀 \x7f"
A_MOMENT = datetime.datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=datetime.UTC)


def values(post: Post) -> dict[str, object]:
    return {field.attname: getattr(post, field.attname) for field in Post._meta.concrete_fields}


def a_post(world: World, path: str) -> Post:
    post = Post(collection=world.collection, path=path, path_key=path, title=AWKWARD, summary="", draft=True)
    post.date, post.changed_at, post.created_at = datetime.date(1999, 12, 31), A_MOMENT, A_MOMENT
    return post


def test_new_rows_get_keys_and_keep_every_value(world: World) -> None:
    posts = [a_post(world, "a.md"), a_post(world, "b.md")]
    insert_rows(posts)
    assert [values(Post.objects.get(pk=post.pk)) for post in posts] == [values(post) for post in posts]
    posts[0].title = AWKWARD[::-1]
    posts[0].save()
    after = a_post(world, "c.md")
    after.save()
    assert Post.objects.count() == 3 and after.pk not in {post.pk for post in posts}


def test_changed_rows_say_what_they_were_told(world: World) -> None:
    posts = [a_post(world, "a.md"), a_post(world, "b.md")]
    insert_rows(posts)
    posts[0].insight, posts[0].date, posts[0].built_at = AWKWARD, None, A_MOMENT
    update_rows(posts)
    assert [values(Post.objects.get(pk=post.pk)) for post in posts] == [values(post) for post in posts]


def test_facts_are_stored_as_what_they_are(world: World) -> None:
    run = world.collection.syncs.create(asked_at=A_MOMENT)
    facts = {"state": "草稿", "lines": [1, 2.5, None, True], AWKWARD: AWKWARD}
    told = {"a.md": facts, "b.md": {}}
    insert_rows([Outcome(sync=run, path=path, result="new", facts=each) for path, each in told.items()])
    assert list(run.outcomes.order_by("pk").values_list("path", "facts")) == list(told.items())


def test_a_constraint_is_told_as_django_tells_it(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows([a_post(world, "a.md"), a_post(world, "a.md")])
