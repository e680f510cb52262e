"""Saved views of the list, and its filters: one's own, shared ones, and those that everybody has."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from posts import editing
from posts.models import SavedView
from posts.saved_views import MOST, ViewRefused, forget_view, save_view, views_of
from tests.posts.worlds import World, person, post_text

LIST = "/admin/posts/post/"
A, B, C = "src/posts/a.md", "src/posts/b.md", "src/posts/c.md"


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def found(client: Client, query: str) -> list[str]:
    """The titles that the list shows."""
    return sorted(post.title for post in client.get(f"{LIST}?{query}").context["cl"].result_list)


def names(client: Client, query: str = "") -> dict[str, bool]:
    """The saved views that the list offers, and whether each is what it shows."""
    return {tab.name: tab.chosen for tab in client.get(f"{LIST}?{query}").context["cl"].views.saved}


@pytest.fixture
def site(world: World) -> World:
    """A draft that nobody touched, one without summary, and one live post without organisations."""
    live = post_text("丙", draft="false", status="published")
    live = live.replace("companies_orgs:\n  - OpenAI\n  - 台积电\n", "companies_orgs: []\n")
    bare = post_text("乙").replace("summary: 本期节目深入分析股市动向。", "summary: ''")
    world.remote.commit({A: post_text("甲"), B: bare, C: live})
    world.sync("done")
    return world


def test_the_filters_find_what_they_say(site: World, writer: User) -> None:
    client = as_(writer)
    assert (found(client, "summary=0"), found(client, "summary=1")) == (["乙"], ["丙", "甲"])
    assert (found(client, "organisation=0"), found(client, "organisation=1")) == (["丙"], ["乙", "甲"])
    assert found(client, "untouched=1") == ["乙", "甲"]
    editing.edit(site.post(A), {"speaker": "周"}, by=writer)
    assert (found(client, "untouched=1"), found(client, "untouched=0")) == (["乙"], ["丙", "甲"])
    assert found(client, "summary=0&organisation=0") == []


def test_a_view_is_saved_from_the_list_and_shown_to_its_owner_alone(site: World, writer: User, reviewer: User) -> None:
    client = as_(writer)
    client.post(f"{LIST}views/save/?summary=0&p=2&o=1", {"name": "  没有 摘要 "})
    view = SavedView.objects.get()
    assert (view.name, view.query, view.owner, view.shared) == ("没有 摘要", "o=1&summary=0", writer, False)
    assert names(client, "summary=0&o=1") == {"没有 摘要": True}
    assert names(client) == {"没有 摘要": False}
    assert names(as_(reviewer)) == {}
    client.post(f"{LIST}views/{view.pk}/forget/")
    assert not SavedView.objects.exists()


def test_a_filter_that_the_list_does_not_have_is_not_saved(site: World, writer: User) -> None:
    for query in ("nonsense=1", "present__text__contains=x", "state__exact=draft&created_at__year__gt=zzz"):
        as_(writer).post(f"{LIST}views/save/?{query}", {"name": "x"})
    assert not SavedView.objects.exists()


def test_only_a_publisher_shares_a_view_and_forgets_a_shared_one_of_somebody_else(
    site: World, writer: User, publisher: User
) -> None:
    as_(writer).post(f"{LIST}views/save/?problem=1", {"name": "x", "shared": "on"})
    assert not SavedView.objects.exists()
    as_(publisher).post(f"{LIST}views/save/?problem=1", {"name": "财经", "shared": "on"})
    shared = SavedView.objects.get()
    assert names(as_(writer)) == {"财经": False}
    as_(writer).post(f"{LIST}views/{shared.pk}/forget/")
    assert SavedView.objects.filter(pk=shared.pk).exists()
    own = save_view("自己的", "problem=1", by=writer)
    assert as_(publisher).post(f"{LIST}views/{own.pk}/forget/").status_code == 404
    forget_view(shared, by=person("another", "Publisher"))
    assert list(views_of(publisher)) == []


@pytest.mark.parametrize(
    ("name", "query", "code"),
    [
        (" ", "q=x", "view_without_name"),
        ("a\x00b", "q=x", "view_without_name"),
        ("x" * 61, "q=x", "view_name_too_long"),
        ("x", "", "view_without_filter"),
        ("x", "q=" + "x" * 3000, "view_without_filter"),
    ],
)
def test_a_view_that_makes_no_sense_is_refused(writer: User, name: str, query: str, code: str) -> None:
    with pytest.raises(ViewRefused) as refused:
        save_view(name, query, by=writer)
    assert refused.value.code == code


def test_the_name_of_a_view_that_is_refused_is_given_back(site: World, publisher: User) -> None:
    for number in range(MOST):
        save_view(str(number), "q=x", by=publisher)
    answer = as_(publisher).post(f"{LIST}views/save/?summary=0", {"name": "没有<摘要>", "shared": "on"})
    page = answer.content.decode()
    assert answer.status_code == 400 and "30" in page
    assert 'value="没有&lt;摘要&gt;"' in page and 'name="shared" checked' in page
    assert f'action="{LIST}views/save/?summary=0"' in page and f'href="{LIST}?summary=0"' in page


def test_a_view_of_the_same_name_gives_way_and_there_is_an_end_to_them(writer: User) -> None:
    for number in range(MOST):
        save_view(str(number), "q=x", by=writer)
    assert save_view("0", "q=y", by=writer).query == "q=y"
    with pytest.raises(ViewRefused) as refused:
        save_view("one more", "q=x", by=writer)
    assert refused.value.code == "too_many_views"


def test_what_everybody_has_is_marked_when_it_is_shown(site: World, writer: User) -> None:
    views = as_(writer).get(f"{LIST}?state__exact=draft").context["cl"].views
    assert [tab.name for tab in views.built_in if tab.chosen] == ["Drafts"]
    assert not views.may_save
    for tab in views.built_in:
        assert as_(writer).get(tab.address).status_code == 200


def test_many_views_and_markup_in_a_name_cost_one_query_and_do_no_harm(site: World, writer: User) -> None:
    def queries() -> tuple[int, Any]:
        client = as_(writer)
        client.get(LIST)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(LIST)
        return len(captured), answer

    few, _answer = queries()
    for number in range(20):
        save_view(f"<script>{number}", f"q={number}", by=writer)
    many, answer = queries()
    assert few == many
    assert "<script>1" not in answer.content.decode() and "&lt;script&gt;1" in answer.content.decode()
