"""The pages of a preview and of an undo: what they say, what their buttons do, and for whom."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts import editing
from posts.models import Outcome, Post, Sync
from posts.rehearsing import perform_preview
from posts.runs import claim
from posts.syncing import perform_sync
from posts.undoing import perform_undo
from tests.posts.worlds import World, person, post_text

A, B, C = "src/posts/a.md", "src/posts/b.md", "src/posts/c.md"
Visit = Callable[[str], Client]
_WORK = {"preview": perform_preview, "sync": perform_sync, "undo": perform_undo}


@pytest.fixture
def site(world: World) -> World:
    """Two drafts, synced; then one is changed there, one is deleted there, and a new one cannot be read."""
    world.remote.commit({A: post_text("甲"), B: post_text("乙")})
    world.sync("done")
    world.remote.commit({A: post_text("甲", body="<script>推送的</script>。\n"), B: None, C: "---\ntitle: [\n---\n"})
    return world


@pytest.fixture
def client(publisher: User) -> Client:
    """A Publisher's browser."""
    client = Client()
    client.force_login(publisher)
    return client


def page(response: HttpResponse) -> str:
    """The text of a page that came out right."""
    assert response.status_code == 200
    return response.content.decode()


def words(response: HttpResponse) -> str:
    """What was told by messages."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def worked(response: HttpResponse) -> Sync:
    """The run whose page the answer leads to, after a worker did it."""
    assert response.status_code == 302
    run = claim(int(re.search(r"/sync/(\d+)/", response["Location"]).group(1)))
    assert run is not None
    return _WORK[run.kind](run)


def previewed(site: World, client: Client) -> Sync:
    """A preview that was asked for by the button."""
    return worked(client.post(reverse("admin:posts_collection_preview", args=[site.collection.pk])))


def test_the_button_leads_to_the_list_of_what_would_change(site: World, client: Client) -> None:
    assert "Try it first" in page(client.get(reverse("admin:posts_collection_change", args=[site.collection.pk])))
    run = previewed(site, client)
    shown = client.get(reverse("admin:posts_sync_change", args=[run.pk]))
    assert shown["Location"] == reverse("admin:posts_sync_preview", args=[run.pk])
    text = page(client.get(shown["Location"]))
    assert "Its text here becomes the one of the repository." in text
    assert "it is archived here" in text and "The front matter cannot be read" in text
    assert text.count('name="file"') == 3 and text.count(" disabled>") == 1
    assert "checked" not in re.findall(r'<input type="checkbox" name="file"[^>]*>', text)[0]
    assert page(client.get(shown["Location"], {"all": "1"})).count(" checked") == 2


def test_the_exact_difference_is_a_page_for_each_file(site: World, client: Client) -> None:
    run = previewed(site, client)
    number = Outcome.objects.get(sync=run, path=A).pk
    text = page(client.get(reverse("admin:posts_sync_preview_file", args=[run.pk, number])))
    assert "eg-diff-removed" in text and "&lt;" in text and "<script>推送的" not in text
    gone = Outcome.objects.get(sync=run, path=B).pk
    assert "No text changes." in page(client.get(reverse("admin:posts_sync_preview_file", args=[run.pk, gone])))
    other = Sync.objects.filter(kind="sync").first()
    assert client.get(reverse("admin:posts_sync_preview_file", args=[other.pk, number])).status_code == 404


def test_only_the_ticked_files_are_done_and_nothing_ticked_is_said(site: World, client: Client) -> None:
    run = previewed(site, client)
    address = reverse("admin:posts_sync_chosen", args=[run.pk])
    assert "No file was chosen" in words(client.post(address, {"file": ["x", "-1"]}))
    done = worked(client.post(address, {"file": [Outcome.objects.get(sync=run, path=B).pk]}))
    assert done.selection == [B]
    assert "The others follow with the next sync." in page(
        client.get(reverse("admin:posts_sync_change", args=[done.pk]))
    )
    assert site.post(B).state == "archived" and "推送" not in site.post(A).present.text
    assert "A sync has run since" in page(client.get(reverse("admin:posts_sync_preview", args=[run.pk])))


def test_a_writer_sees_the_list_without_buttons(site: World, client: Client, writer: User) -> None:
    run = previewed(site, client)
    other = Client()
    other.force_login(writer)
    text = page(other.get(reverse("admin:posts_sync_preview", args=[run.pk])))
    assert "Do it" not in text and 'name="file"' not in text and A in text


def test_nothing_new_is_said_in_a_sentence(site: World, client: Client) -> None:
    site.sync("partly")
    run = previewed(site, client)
    text = page(client.get(reverse("admin:posts_sync_preview", args=[run.pk])))
    assert "a sync would change nothing" in text and "Do it" not in text


def test_undoing_asks_first_and_then_says_on_both_runs_what_came_of_it(
    site: World, client: Client, writer: User
) -> None:
    site.remote.push(C, post_text("丙", body="另一种又长又不同的文字。\n" * 20))
    run = site.sync("done")
    editing.edit(site.post(C), {"title": "有人改了"}, by=writer)
    change, address = (reverse(f"admin:posts_sync_{name}", args=[run.pk]) for name in ("change", "undo"))
    assert "Undo this sync" in page(client.get(change))
    text = page(client.get(address))
    assert "Undo it for 2 posts" in text
    assert "Its file comes back at its place." in text and "It was changed since" in text
    assert not Outcome.objects.filter(result="undone").exists()
    opened = page(client.get(address, {"post": site.post(A).pk}))
    assert "eg-diff-removed" in opened and "<script>推送的" not in opened
    assert client.get(address, {"post": "0"}).status_code == 404
    undo = worked(client.post(address))
    assert undo.state == "partly"
    assert f"sync #{run.pk}" in page(client.get(reverse("admin:posts_sync_change", args=[undo.pk])))
    text = page(client.get(change))
    assert "Undone</a> by Pan on" in text and "Undo this sync" not in text
    assert "undone already by Pan" in words(client.get(address))
    assert "undone already by Pan" in words(client.post(address))
    assert "Undo this undoing" in page(client.get(reverse("admin:posts_sync_change", args=[undo.pk])))


def test_an_undo_that_was_stopped_can_be_gone_on_with(site: World, client: Client) -> None:
    run = site.sync("partly")
    asked = client.post(reverse("admin:posts_sync_undo", args=[run.pk]))
    pk = int(re.search(r"/sync/(\d+)/", asked["Location"]).group(1))
    client.post(reverse("admin:posts_sync_stop", args=[pk]))
    assert Sync.objects.get(pk=pk).state == "stopped"
    assert "Go on undoing" in page(client.get(reverse("admin:posts_sync_change", args=[run.pk])))
    assert "begun and then stopped" in page(client.get(reverse("admin:posts_sync_undo", args=[run.pk])))
    assert worked(client.post(reverse("admin:posts_sync_undo", args=[run.pk]))).pk == pk
    assert site.post(B).state == "draft"


@pytest.mark.parametrize("role", ["Writer", "Reviewer", "Curator", "Administrator"])
def test_without_the_right_to_publish_there_is_no_button_to_undo(role: str, site: World) -> None:
    run = site.sync("partly")
    client = Client()
    client.force_login(person("other", role))
    assert "Undo this sync" not in page(client.get(reverse("admin:posts_sync_change", args=[run.pk])))
    address = reverse("admin:posts_sync_undo", args=[run.pk])
    assert (client.get(address).status_code, client.post(address).status_code) == (403, 403)


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_a_file_is_looked_at_chosen_and_taken_back(
    site: World, publisher: User, live_server: LiveServer, page: Page
) -> None:
    page.goto(f"{live_server.url}/admin/login/")
    page.fill("input[name=username]", publisher.username)
    page.fill("input[name=password]", "secret")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(re.compile("/admin/$"))
    page.goto(live_server.url + reverse("admin:posts_collection_change", args=[site.collection.pk]))
    page.get_by_role("button", name="Try it first").click()
    perform_preview(claim(Sync.objects.get(kind="preview").pk))
    page.wait_for_url(re.compile("/preview/$"))
    page.get_by_label(A).first.check()
    page.get_by_role("link", name="Show the exact difference").nth(0).click()
    expect(page.locator(".eg-diff-added")).to_have_count(1)
    page.go_back()
    expect(page.get_by_label(A).first).to_be_checked()
    page.get_by_role("button", name="Only the chosen ones").click()
    perform_sync(claim(Sync.objects.get(kind="sync", state="waiting").pk))
    page.reload()
    page.get_by_role("link", name="Undo this sync").click()
    page.get_by_role("button", name="Undo it for 1 post").click()
    perform_undo(claim(Sync.objects.get(kind="undo").pk))
    page.reload()
    expect(page.get_by_text("undone", exact=True).first).to_be_visible()
    assert Post.objects.get(path=A).present.text == post_text("甲")
