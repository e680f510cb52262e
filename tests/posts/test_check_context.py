"""What the checks know beside a text: what the pipeline delivered, and what else the site has."""

from pathlib import Path

import pytest

from posts import editing
from posts.checking import catch_up
from posts.document.document import Document
from posts.models import Collection, Finding, Post, PostTemplate
from posts.reviewing import approve_and_publish, perform
from tests.posts.worlds import World, person, post_text

LONG = "这是一段足够长的正文，谁也不会觉得它太短。" * 6
PATH = "src/posts/a.md"
SITE = {
    "site_url": "https://site.org/blog",
    "post_url": "/posts/{slug}/",
    "media_folder": "src/media",
    "media_url": "/media",
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, **SITE)


def found(post: Post, *codes: str) -> list[tuple[str, str]]:
    """What is found of these kinds: the key, or else the passage."""
    catch_up(Collection.objects.get(pk=post.collection_id))
    rows = Finding.objects.filter(post=post, code__in=codes).order_by("key", "passage")
    return [(row.code, row.key or row.passage) for row in rows]


def text_with(said: str, body: str = LONG) -> str:
    """A post of which `said` stands in the front matter as well."""
    return post_text(body=body).replace("layout: post.njk\n", f"layout: post.njk\n{said}")


@pytest.mark.django_db
def test_what_a_writer_tells_the_build_is_found_also_in_a_post_that_was_never_on_the_site(world: World) -> None:
    writer, publisher = person("wen", "Writer"), person("ping", "Publisher")
    world.remote.commit({PATH: text_with("permalink: /x/\n"), "src/posts/b.md": post_text(body=LONG)})
    world.sync("done")
    post, other = world.post(PATH), world.post("src/posts/b.md")
    assert found(post, "build_key_changed", "key_unknown") == []
    editing.edit(other, {}, body=LONG + "改了。", by=writer)
    assert found(other, "build_key_changed") == []
    typed = Document.from_text(text_with("permalink: /y/\neleventyExcludeFromCollections: 'true'\n"))
    editing.edit_text(post, typed, by=writer)
    keys = ["eleventyExcludeFromCollections", "permalink"]
    assert found(post, "build_key_changed") == [("build_key_changed", key) for key in keys]
    # Once a Publisher let it on the site, it is what the site has.
    perform(world.post(PATH), "submit", by=writer)
    approve_and_publish(world.post(PATH), by=publisher, looked_at=world.post(PATH).present)
    assert found(post, "build_key_changed") == []


@pytest.mark.django_db
def test_a_new_post_may_tell_the_build_what_a_template_or_the_live_posts_do(world: World) -> None:
    writer = person("wen", "Writer")
    world.remote.commit({PATH: post_text(draft="false", body=LONG)})
    world.sync("done")
    PostTemplate.objects.create(collection=world.collection, name="访谈", text="---\nlayout: talk.njk\n---\n")

    def told(name: str, layout: str) -> list[tuple[str, str]]:
        changes = {"title": name, "summary": "摘要", "date": "2026-02-13", "layout": layout}
        post = editing.create(world.collection, f"src/posts/{name}.md", changes, body=LONG, by=writer)
        return found(post, "build_key_changed")

    assert told("none", "") == []
    assert told("one", "post.njk") == []
    assert told("two", "talk.njk") == []
    assert told("three", "evil.njk") == [("build_key_changed", "layout")]


@pytest.mark.django_db
def test_links_to_posts_and_images_of_the_site_are_looked_up(world: World) -> None:
    body = (
        "[一](/blog/posts/b/) [二](https://site.org/blog/posts/c/) [三](../own/) [四](/blog/posts/nowhere/) "
        f"[五](/about/) ![六](/media/a.png) ![七](/media/b.png)\n\n{LONG}"
    )
    world.remote.commit(
        {
            PATH: post_text(body=body),
            "src/posts/b.md": post_text(body=LONG),
            "src/posts/2026-02-13-c.md": post_text(body=LONG),
            "src/posts/d.md": text_with("permalink: /posts/own/\n"),
            "src/media/a.png": "png",
        }
    )
    world.sync("done")
    post = world.post(PATH)
    catch_up(Collection.objects.get(pk=world.collection.pk))
    Finding.objects.filter(post=post).delete()
    post.checked.delete()
    assert found(post, "file_missing", "image_missing") == [
        ("file_missing", "/blog/posts/nowhere/"),
        ("image_missing", "/media/b.png"),
    ]
    world.remote.commit({"src/posts/nowhere.md": post_text(body=LONG), "src/media/b.png": "png"})
    world.sync("done")
    assert found(post, "file_missing", "image_missing") == []
