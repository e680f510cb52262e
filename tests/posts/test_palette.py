"""The command palette: a post, a term or a page by what is typed, and nothing that one may not see."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from posts import editing
from posts.limiting import limit
from tests.posts.worlds import World, person, post_text


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:
    """A remote with two posts, brought in."""
    made = World(tmp_path)
    made.remote.commit({"src/posts/a.md": post_text("OpenAI 的蒸馏"), "src/posts/b.md": post_text("别的")})
    made.sync("done")
    return made


def typed(client: Client, by: User, text: str, page: str = "") -> str:
    """What is found by who types `text` on `page`."""
    client.force_login(by)
    headers = {"HX-Current-URL": f"http://testserver{page}"} if page else {}
    return client.get("/admin/search/", {"s": text, "extended": "1"}, headers=headers).content.decode()


def test_posts_terms_and_pages_are_found(world: World, client: Client) -> None:
    wen = person("wen", "Writer")
    post = world.post("src/posts/a.md")
    assert f"/admin/posts/post/{post.pk}/change/" in typed(client, wen, "蒸")
    assert "/admin/taxonomy/organisation/" in typed(client, wen, "台积")
    assert "/admin/posts/post/add/" in typed(client, wen, "new post")
    assert "/admin/posts/post/?state__exact=in_review" in typed(client, wen, "review queue")
    assert "/admin/posts/post/calendar/" in typed(client, wen, "calend")
    assert "/admin/posts/post/reports/" not in typed(client, wen, "report")
    assert "/admin/posts/post/reports/" in typed(client, person("pan", "Publisher"), "report")


def test_the_steps_with_the_post_on_the_screen_can_be_called_up_by_who_may_take_them(
    world: World, client: Client
) -> None:
    post = world.post("src/posts/a.md")
    page, submit = f"/admin/posts/post/{post.pk}/change/", f"/admin/posts/post/{post.pk}/step/submit/"
    wen = person("wen", "Writer")
    editing.edit(post, {"title": "改过的"}, by=wen)
    assert submit in typed(client, wen, "submit", page)
    assert submit in typed(client, wen, "submit", page.replace("change", "review"))
    assert submit not in typed(client, wen, "submit"), "on no post's page"
    assert submit not in typed(client, person("nobody"), "submit", page)
    assert submit not in typed(client, wen, "submit", "/admin/posts/post/99999999999999999999/change/")
    limited = person("lim", "Writer")
    limit(limited, [], by=User.objects.create_superuser("boss"))
    assert submit not in typed(client, limited, "submit", page)
    assert f"/admin/posts/collection/{world.collection.pk}/change/" in typed(
        client, person("pan", "Publisher"), "sync “"
    )


def test_who_may_see_no_posts_finds_none(world: World, client: Client) -> None:
    nobody = person("nobody")
    assert "蒸馏" not in typed(client, nobody, "蒸馏")
    assert "/admin/taxonomy/" not in typed(client, nobody, "台积")


def test_the_number_of_queries_does_not_grow_with_what_is_found(
    world: World, client: Client, django_assert_max_num_queries: object
) -> None:
    world.remote.commit({f"src/posts/x{number}.md": post_text(f"蒸馏 {number}") for number in range(30)})
    world.sync("done")
    wen = person("wen", "Writer")
    client.force_login(wen)
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        client.get("/admin/search/", {"s": "蒸馏", "extended": "1"})
