"""Images at the door: who may bring and see them, in which words one is refused, and what a browser is given."""

import html
import re
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from posts import reviewing
from posts.illustrating import add_image, replace_image
from posts.image_uses import catch_up
from posts.many_proposing import propose_step
from posts.many_running import start_step
from posts.models import Image, Post, Sync
from posts.pictures import LIMIT
from tests.posts.pictures import png
from tests.posts.worlds import World, person, post_text

PATH, FOLDER = "src/posts/a.md", "src/assets/images"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def site(world: World) -> World:
    """One post and two images of the repository, synced."""
    world.collection.media_folder, world.collection.media_url = FOLDER, "/assets/images"
    world.collection.save()
    world.remote.commit({PATH: post_text(), f"{FOLDER}/旧 图.png": png("green"), f"{FOLDER}/logo.svg": SVG})
    world.sync(Sync.State.DONE)
    world.collection.refresh_from_db()
    return world


@pytest.fixture
def desk(client: Client, writer: User) -> Client:
    """A writer's browser."""
    client.force_login(writer)
    return client


def at(site: World, name: str = "") -> str:
    """The address of something about the images of the collection."""
    return reverse(f"admin:posts_collection_images{name}", args=[site.collection.pk])


def upload(client: Client, site: World, data: bytes, name: str = "图.png", **fields: str) -> HttpResponse:
    """Send a file as the editor does."""
    return client.post(at(site, "_add"), {"image": SimpleUploadedFile(name, data, "image/png"), **fields})


def test_an_upload_says_under_which_address_the_image_will_be(desk: Client, site: World) -> None:
    answer = upload(desk, site, png(), "image.png", words="美股暴跌").json()
    assert (answer["path"], answer["address"]) == (f"{FOLDER}/mei-gu-bao-die.png", "/assets/images/mei-gu-bao-die.png")
    assert answer["size"] == [40, 30]
    shown = desk.get(answer["shown"])
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (SVG, 400, "SVG images are not taken"),
        (b"<html></html>", 400, "no JPEG, PNG, WebP or GIF"),
        (b"x" * (LIMIT + 1), 413, "larger than 15 MB"),
        (None, 400, "No file was chosen"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(
    desk: Client, site: World, data: bytes | None, status: int, words: str
) -> None:
    answer = upload(desk, site, data) if data is not None else desk.post(at(site, "_add"))
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert not Image.objects.exists()


def test_a_collection_without_a_folder_says_whom_to_ask(desk: Client, site: World) -> None:
    site.collection.media_folder = site.collection.media_url = ""
    site.collection.save()
    assert "An Administrator must say" in upload(desk, site, png()).json()["error"]
    assert b"An Administrator must say" in desk.get(at(site)).content


def test_whoever_may_not_see_posts_sees_no_image_and_gets_no_login_page(client: Client, site: World) -> None:
    client.force_login(person("nix"))
    asked = {"path": f"{FOLDER}/logo.svg"}
    assert [client.get(at(site, name), asked).status_code for name in ("", "_file", "_small", "_used")] == [403] * 4
    assert upload(client, site, png()).status_code == 403
    client.force_login(person("ada", "Administrator"))
    assert client.get(at(site, "_file"), asked).status_code == 200
    assert upload(client, site, png()).status_code == 403


def test_an_image_is_given_with_its_type_and_can_do_nothing(desk: Client, site: World) -> None:
    answer = desk.get(at(site, "_file"), {"path": f"{FOLDER}/logo.svg"})
    assert (answer.content, answer["Content-Type"]) == (SVG, "image/svg+xml")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "sandbox" in answer["Content-Security-Policy"]
    again = desk.get(at(site, "_file"), {"path": f"{FOLDER}/logo.svg"}, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", [PATH, f"{FOLDER}/none.png", "../../etc/passwd.png", "", ":(glob)**/*.svg", "/etc/x.png", "a\0.png"]
)
def test_what_is_no_image_of_the_repository_is_not_given(desk: Client, site: World, path: str) -> None:
    assert desk.get(at(site, "_file"), {"path": path}).status_code == 404


def test_thumbnails_are_made_once_and_belong_to_their_content(desk: Client, site: World) -> None:
    listed = desk.get(at(site)).content.decode()
    assert listed.count("eg-media-tile") == 2
    blob = site.remote.git("rev-parse", f"main:{FOLDER}/旧 图.png").decode().strip()
    asked = {"path": f"{FOLDER}/旧 图.png", "blob": blob}
    first, second = desk.get(at(site, "_small"), asked), desk.get(at(site, "_small"), {"blob": blob})
    assert (first["Content-Type"], first.content) == ("image/webp", second.content)
    assert "immutable" in first["Cache-Control"]
    assert desk.get(at(site, "_small"), {**asked, "blob": "0" * 40}).status_code == 404
    assert desk.get(at(site, "_small"), {"blob": "../../x"}).status_code == 404
    svg = site.remote.git("rev-parse", f"main:{FOLDER}/logo.svg").decode().strip()
    drawing = desk.get(at(site, "_small"), {"path": f"{FOLDER}/logo.svg", "blob": svg})
    assert drawing["Content-Type"] == "image/svg+xml"


def test_the_picker_finds_by_name_and_says_what_is_not_sent_yet(desk: Client, site: World, writer: User) -> None:
    add_image(site.collection, png(), "台积电.png", by=writer)
    everything = desk.get(at(site)).content.decode()
    assert everything.count("eg-media-tile") == 3
    assert everything.count("not sent yet") == 1
    assert "/assets/images/%E6%97%A7%20%E5%9B%BE.png" in everything
    assert desk.get(at(site), {"q": "图 旧"}).content.decode().count("eg-media-tile") == 1
    assert "No image has" in desk.get(at(site), {"q": "<nothing>"}).content.decode()
    assert "&lt;nothing&gt;" in desk.get(at(site), {"q": "<nothing>"}).content.decode()


def test_the_picker_asks_the_database_as_often_for_many_images_as_for_few(
    desk: Client, site: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    site.remote.commit({f"{FOLDER}/many/{number}.png": png() for number in range(120)})
    site.sync()
    with django_assert_max_num_queries(9):
        page = desk.get(at(site)).content.decode()
    assert page.count("eg-media-tile") == 48
    assert "Show more" in page


def test_where_an_image_is_used_is_told(desk: Client, site: World) -> None:
    asked = {"path": f"{FOLDER}/旧 图.png"}
    catch_up(10)
    for address in (
        "/assets/images/%E6%97%A7%20%E5%9B%BE.png",
        "</assets/images/旧 图.png>",
        "<../assets/images/旧 图.png>",
    ):
        site.remote.push(PATH, post_text(body=f"![]({address})\n"))
        site.sync()
        assert "美股暴跌" in desk.get(at(site, "_used"), asked).content.decode(), address
    site.remote.push(PATH, post_text(body="Only the words 旧 图.png.\n"))
    site.sync()
    assert "No post shows it" in desk.get(at(site, "_used"), asked).content.decode()
    assert "No post shows it" in desk.get(at(site, "_used"), {"path": f"{FOLDER}/logo.svg"}).content.decode()


def test_the_preview_shows_the_repositorys_images(desk: Client, site: World) -> None:
    post = site.post(PATH)
    content = "![a](/assets/images/旧%20图.png) ![b](../assets/images/logo.svg) ![c](https://elsewhere.example/x.png)"
    told = desk.post("/markdownx/markdownify/", {"content": content, "post": post.pk}).content.decode()
    assert told.count(f"{at(site, '_file')}?path=") == 2
    assert f"&amp;post={post.pk}" in told
    assert 'src="https://elsewhere.example/x.png"' in told
    plain = desk.post("/markdownx/markdownify/", {"content": content}).content.decode()
    assert 'src="/assets/images/' in plain


def test_a_replacement_is_shown_at_its_post_and_can_be_dropped_there(desk: Client, site: World, writer: User) -> None:
    post, path = site.post(PATH), f"{FOLDER}/旧 图.png"
    address = reverse("admin:posts_post_images_replace", args=[post.pk])
    answer = desk.post(address, {"path": path, "image": SimpleUploadedFile("x.jpg", png("red"))})
    assert "is replaced when this post is published next" in answer.json()["said"]
    image = Image.objects.get()
    page = desk.get(reverse("admin:posts_post_change", args=[post.pk])).content.decode()
    assert "Until then the site shows the old one" in page
    assert desk.get(at(site, "_file"), {"path": path}).content == png("green")
    assert desk.get(at(site, "_file"), {"path": path, "post": post.pk}).content == bytes(image.data)
    keep = reverse("admin:posts_post_images_keep", args=[post.pk])
    assert desk.post(keep, {"image": image.pk}, follow=True).content.decode().count("stays as it is") == 1
    assert not Image.objects.exists()
    assert desk.post(keep, {"image": image.pk}).status_code == 404


def test_a_reviewer_sees_both_images_and_approves_just_those(
    desk: Client, site: World, writer: User, reviewer: User
) -> None:
    path = f"{FOLDER}/旧 图.png"
    live = post_text("在线的", draft="false", body="![图](/assets/images/旧%20图.png)\n")
    site.remote.commit({PATH: live})
    site.sync(Sync.State.DONE)
    first = replace_image(site.post(PATH), path, png("red"), by=writer)
    post = reviewing.perform(site.post(PATH), "submit", by=writer)
    desk.force_login(reviewer)
    address = reverse("admin:posts_post_review", args=[post.pk])

    def shown() -> str:
        return html.unescape(desk.get(address).content.decode())

    page = shown()
    assert re.search(r'aria-current="true"[^>]*>the live text<', page)
    assert "only the images do" in page and f"<strong>{path}</strong> is replaced by an image of Wen" in page
    file = f"{at(site, '_file')}?{urlencode({'path': path})}"
    assert f'src="{file}"' in page and f'src="{file}&post={post.pk}"' in page

    told = {"step": "approve", "looked_at": str(post.present_id), "image_seen": str(first.pk)}
    assert f'name="image_seen" value="{first.pk}"' in page
    second = replace_image(site.post(PATH), path, png("blue"), by=writer)
    answer = desk.post(address, told)
    assert answer.status_code == 409 and "were replaced, or put back" in answer.content.decode()
    in_the_panel = reverse("admin:posts_post_step", args=[post.pk, "approve"])
    assert "were replaced, or put back" in desk.post(in_the_panel, told).content.decode()
    assert site.post(PATH).state == "in_review"
    for page_of_it in (shown(), desk.get(in_the_panel).content.decode()):
        assert f'name="image_seen" value="{second.pk}"' in page_of_it
    desk.post(address, {**told, "image_seen": str(second.pk)})
    assert site.post(PATH).state == "approved"


def test_each_step_says_what_it_does_with_the_replacement_that_waits(
    desk: Client, site: World, writer: User, publisher: User
) -> None:
    path = f"{FOLDER}/旧 图.png"
    site.remote.commit({PATH: post_text("在线的", draft="false", body="![图](/assets/images/旧%20图.png)\n")})
    site.sync(Sync.State.DONE)
    replace_image(site.post(PATH), path, png("red"), by=writer)
    desk.force_login(publisher)

    def said(step: str) -> tuple[bool, bool]:
        address = reverse("admin:posts_post_step", args=[site.post(PATH).pk, step])
        page = html.unescape(desk.get(address).content.decode())
        replaced = f"<strong>{path}</strong> is replaced by an image of Wen when this post is published." in page
        return replaced, f"<strong>{path}</strong> stays as it is. The image of Wen for its place is dropped." in page

    does, drops, leaves = (True, False), (False, True), (False, False)
    assert [said(step) for step in ("submit", "unpublish", "archive", "discard_changes")] == [
        does,
        leaves,
        drops,
        drops,
    ]
    reviewing.perform(site.post(PATH), "submit", by=writer)
    assert said("approve") == said("approve_and_publish") == does
    reviewing.perform(site.post(PATH), "approve", by=publisher)
    assert said("publish") == said("make_evergreen") == does


def test_whoever_approves_many_sees_the_images_too(desk: Client, site: World, writer: User, reviewer: User) -> None:
    path = f"{FOLDER}/旧 图.png"
    replace_image(site.post(PATH), path, png("red"), by=writer)
    post = reviewing.perform(site.post(PATH), "submit", by=writer)
    step = propose_step(Post.objects.all(), "approve", by=reviewer)
    desk.force_login(reviewer)
    page = html.unescape(desk.get(reverse("admin:posts_post_many", args=[step.pk])).content.decode())
    assert f"<strong>{path}</strong> is replaced by an image of Wen" in page
    replace_image(site.post(PATH), path, png("blue"), by=writer)
    page = desk.get(reverse("admin:posts_post_many", args=[step.pk])).content.decode()
    assert "were replaced, or put back" in page
    start_step(step, by=reviewer)
    assert site.post(PATH).state == "in_review"
    start_step(propose_step(Post.objects.filter(pk=post.pk), "approve", by=reviewer), by=reviewer)
    assert site.post(PATH).state == "approved"


def test_a_replacement_that_is_refused_says_why(desk: Client, site: World, writer: User, reviewer: User) -> None:
    path = f"{FOLDER}/旧 图.png"
    address = reverse("admin:posts_post_images_replace", args=[site.post(PATH).pk])
    told = desk.post(address, {"path": f"{FOLDER}/logo.svg", "image": SimpleUploadedFile("x.png", png())}).json()
    assert "Replace it in the repository" in told["error"]
    replace_image(site.post(PATH), path, png("red"), by=reviewer)
    with translation.override("en"):
        again = desk.post(address, {"path": path, "image": SimpleUploadedFile("x.png", png("green"))}).json()
    assert "very image" in again["error"] or "path" in again


def test_the_form_works_without_javascript_as_it_did(desk: Client, site: World) -> None:
    page = desk.get(reverse("admin:posts_post_change", args=[site.post(PATH).pk])).content.decode()
    start = page.index('<dialog class="eg-media"')
    inside = page[start : page.index("</dialog>", start)]
    assert " name=" not in inside
    assert ' type="submit"' not in inside
    assert 'class="eg-button eg-media-open" hidden' in page
