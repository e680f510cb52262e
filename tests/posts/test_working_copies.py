"""What is typed and not saved: kept for one person alone, apart from the post, and never lost."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from posts import editing, reviewing, workingcopies
from posts.errors import EvergreenError
from posts.models import Conflict, Post, Revision, WorkingCopy
from tests.posts.test_admin_posts import FormReader, as_, form_of
from tests.posts.worlds import World, person, post_text

LIST = "/admin/posts/post/"
PATH = "src/posts/a.md"
ONE, TWO = "1" * 32, "2" * 32


@pytest.fixture
def post(world: World) -> Post:
    """A draft from the repository."""
    world.remote.commit({PATH: post_text("旧标题", body="第一段。\n\n第二段。\n")})
    world.sync()
    return world.post(PATH)


def typed_into(client: Client, post: Post, **changed: list[str]) -> dict[str, list[str]]:
    """The fields of the form with some of them changed."""
    data = {name: values for name, values in form_of(client, post).items() if not name.startswith(("copy_", "onto"))}
    return {**data, **changed}


def autosave(client: Client, post: Post | None, typed: dict[str, list[str]] | None, **more: str) -> Any:
    """What the form's script sends."""
    where = f"{post.pk}/working-copy/" if post else "new/working-copy/"
    data = {"onto": str(post.present_id) if post else "", "copy_window": ONE, **more}
    if typed is not None:
        data["typed"] = json.dumps(typed)
    return client.post(LIST + where, data)


# --- What is kept


def test_keeping_changes_nothing_of_the_post_and_nobody_else_sees_it(
    world: World, post: Post, writer: User, reviewer: User
) -> None:
    reviewing.perform(post, "submit", by=writer)
    before = Post.objects.filter(pk=post.pk).values().get()
    answer = autosave(as_(writer), post, typed_into(as_(writer), post, title=["新标题"]))
    assert answer.status_code == 200
    assert Post.objects.filter(pk=post.pk).values().get() == before
    assert Revision.objects.filter(post=post).count() == 1
    world.sync()
    assert "新标题" not in world.text_in_git(PATH)
    assert "You typed something here" in as_(writer).get(f"{LIST}{post.pk}/change/").content.decode()
    for address in ("change/", "change/?go_on=1", "working-copy/", "history/", "difference/"):
        told = as_(reviewer).get(f"{LIST}{post.pk}/{address}", follow=True).content.decode()
        assert "新标题" not in told
        assert "You typed something here" not in told


def test_going_on_gives_every_field_as_it_was_typed_and_save_makes_one_revision(post: Post, writer: User) -> None:
    client = as_(writer)
    typed = typed_into(
        client,
        post,
        title=["新标题"],
        tags=["", "甲, 乙", "ai-disruption"],
        body=["第一段。\r\n\r\n改过的。\r\n"],
        date=["坏"],
    )
    mark = autosave(client, post, typed).json()["mark"]
    # It is shown as it was typed, with what cannot be saved, and nothing is judged yet.
    page = client.get(f"{LIST}{post.pk}/change/?go_on=1")
    assert not page.context["form"].errors
    from_page = {name: values for name, values in form_of_page(page).items() if name in typed}
    assert from_page == typed
    data = {**form_of_page(page), "date": ["2026-03-03"], "_continue": "1"}
    assert data["copy_mark"] == [mark]
    assert client.post(f"{LIST}{post.pk}/change/", data).status_code == 302
    saved = Post.objects.get(pk=post.pk)
    assert (saved.title, list(saved.tags.names()), saved.body) == (
        "新标题",
        ["甲, 乙", "ai-disruption"],
        "第一段。\n\n改过的。\n",
    )
    assert Revision.objects.filter(post=post).count() == 2
    assert not WorkingCopy.objects.exists()


def test_a_copy_that_a_form_does_not_know_is_never_written_over_nor_removed_by_its_save(
    post: Post, writer: User
) -> None:
    client = as_(writer)
    first = typed_into(client, post, title=["先打的"])
    assert autosave(client, post, first).status_code == 200
    refused = autosave(client, post, typed_into(client, post, title=["后打的"]), copy_window=TWO)
    assert (refused.status_code, refused.json()["why"]) == (409, "copy_elsewhere")
    assert "drop it first" in refused.json()["said"]
    saved = client.post(f"{LIST}{post.pk}/change/", {**form_of(client, post), "speaker": "讲者", "copy_window": TWO})
    assert saved.status_code == 302
    assert WorkingCopy.objects.get().typed["title"] == ["先打的"]
    # An answer that got lost does not make a window a stranger to its own copy.
    assert autosave(client, post, {**first, "title": ["接着打"]}, copy_mark="").status_code == 200


def test_two_people_have_a_copy_each(post: Post, writer: User, reviewer: User) -> None:
    for user in (writer, reviewer):
        assert autosave(as_(user), post, {"title": [user.username]}).status_code == 200
    assert {copy.typed["title"][0] for copy in WorkingCopy.objects.all()} == {"wen", "rui"}


def test_going_on_after_somebody_else_saved_merges_with_that_on_save(post: Post, writer: User, reviewer: User) -> None:
    client = as_(writer)
    autosave(client, post, typed_into(client, post, title=["我的标题"]))
    editing.edit(post, {"title": "别人的标题", "speaker": "别人"}, by=reviewer)
    page = client.get(f"{LIST}{post.pk}/change/?go_on=1")
    assert form_of_page(page)["onto"] == [str(post.present_id)]
    answer = client.post(f"{LIST}{post.pk}/change/", form_of_page(page))
    assert "/conflict/" in answer["Location"]
    assert Conflict.objects.get().owner == writer
    assert Post.objects.get(pk=post.pk).speaker == "别人"
    assert not WorkingCopy.objects.exists()


def test_dropping_drops_exactly_what_was_shown(post: Post, writer: User) -> None:
    client = as_(writer)
    mark = autosave(client, post, {"title": ["一"]}).json()["mark"]
    autosave(client, post, {"title": ["二"]})
    client.post(f"{LIST}{post.pk}/working-copy/drop/", {"mark": mark})
    assert WorkingCopy.objects.get().typed == {"title": ["二"]}
    client.post(f"{LIST}{post.pk}/working-copy/drop/", {"mark": WorkingCopy.objects.get().mark})
    assert not WorkingCopy.objects.exists()


def test_its_page_shows_what_it_would_change(post: Post, writer: User) -> None:
    client = as_(writer)
    assert client.get(f"{LIST}{post.pk}/working-copy/")["Location"] == f"{LIST}{post.pk}/change/"
    autosave(client, post, typed_into(client, post, title=["<b>新</b>"], date=["坏"]))
    told = client.get(f"{LIST}{post.pk}/working-copy/").content.decode()
    assert "It cannot be saved as it is" in told
    autosave(client, post, typed_into(client, post, title=["<b>新</b>"]))
    told = client.get(f"{LIST}{post.pk}/working-copy/").content.decode()
    assert "eg-diff-added" in told
    assert "&lt;" in told
    assert "<b>新" not in told


def test_a_copy_outlives_the_right_to_edit_the_state_but_not_the_permission(
    world: World, post: Post, writer: User, publisher: User
) -> None:
    reviewing.perform(post, "archive", by=publisher)
    assert autosave(as_(writer), post, {"title": ["还在打"]}).status_code == 200
    administrator = person("ada", "Administrator")
    assert autosave(as_(administrator), post, {"title": ["x"]}).status_code == 403
    with pytest.raises(EvergreenError, match="no_permission"):
        workingcopies.keep(post, {}, by=administrator)


def test_what_no_database_holds_is_left_out(post: Post, writer: User) -> None:
    workingcopies.keep(post, {"title": ["a\0b\ud83d"]}, by=writer)
    assert WorkingCopy.objects.get().typed == {"title": ["ab"]}


@pytest.mark.parametrize("typed", ["", "[]", "x", '{"title": "x"}', '{"title": [1]}'])
def test_nonsense_is_refused(post: Post, writer: User, typed: str) -> None:
    answer = as_(writer).post(f"{LIST}{post.pk}/working-copy/", {"typed": typed})
    assert answer.status_code == 400
    assert not WorkingCopy.objects.exists()


# --- Logins


def test_an_ended_login_is_an_answer_that_the_script_can_tell(post: Post) -> None:
    answer = autosave(Client(), post, {"title": ["x"]})
    assert (answer.status_code, "/admin/login/" in answer["Location"]) == (302, True)


def test_somebody_else_who_logs_in_in_between_gets_nothing_of_it(post: Post, writer: User, reviewer: User) -> None:
    answer = autosave(as_(reviewer), post, {"title": ["x"]}, person=str(writer.pk))
    assert (answer.status_code, answer.json()["why"]) == (409, "person")
    assert not WorkingCopy.objects.exists()


def test_a_good_save_tells_the_browser_to_forget_its_own_copy(post: Post, writer: User) -> None:
    client = as_(writer)
    data = {**form_of(client, post), "copy_window": ONE}
    bad = client.post(f"{LIST}{post.pk}/change/", {**data, "date": "坏"})
    assert "evergreen_saved" not in bad.cookies
    good = client.post(f"{LIST}{post.pk}/change/", {**data, "title": "好"})
    assert good.cookies["evergreen_saved"].value == ONE
    assert "evergreen_saved" not in client.post(f"{LIST}{post.pk}/change/", {**data, "copy_window": "x;y"}).cookies


# --- A new post


def test_a_new_post_that_was_begun_can_be_gone_on_with(world: World, writer: User) -> None:
    client = as_(writer)
    assert autosave(client, None, {"title": ["开了头"], "collection": [str(world.collection.pk)]}).status_code == 200
    assert "“开了头”" in client.get(f"{LIST}add/").content.decode()
    page = client.get(f"{LIST}add/?go_on=1")
    data = form_of_page(page)
    assert data["title"] == ["开了头"]
    assert client.post(f"{LIST}add/", data).status_code == 302
    assert Post.objects.get().title == "开了头"
    assert not WorkingCopy.objects.exists()
    assert autosave(as_(person("cu", "Curator")), None, {"title": ["x"]}).status_code == 403


class FormAndFooter(FormReader):
    """With the fields that stand outside of the form and belong to it."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "input" and told.get("form") == "post_form":
            self.data[told.get("name") or ""] = [told.get("value") or ""]
            return
        super().handle_starttag(tag, attrs)


def form_of_page(page: Any) -> dict[str, list[str]]:
    """What a browser would send from this page."""
    from_page = FormAndFooter()
    from_page.feed(page.content.decode())
    from_page.data.pop("csrfmiddlewaretoken")
    return from_page.data
