"""Find and replace in the admin: from the list over the hits to the preview; and the list of known mishearings."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from posts.checks.hits import PARTS, exchange_of
from posts.cross_checking import keep_posts_checked
from posts.limiting import limit
from posts.mishearings import remember
from posts.models import BulkStep, Mishearing, Post
from posts.replacing import Totals, count_hits_of, hits_of, propose_replacing, totals_of, wake_forgotten_counts
from tests.posts.test_admin_bulk import as_, text_of
from tests.posts.worlds import World, post_text

LIST, REPLACE, STEPS = "/admin/posts/post/", "/admin/posts/post/replace/", "/admin/posts/bulkstep/"
KNOWN = "/admin/posts/mishearing/"
A, B = "src/posts/a.md", "src/posts/b.md"
ASKED = {
    "find": "OpenEye",
    "by": "OpenAI",
    "parts": list(PARTS),
    "match_case": "on",
    "whole_words": "on",
    "known": "no",
}


@pytest.fixture
def site(world: World) -> World:
    """A draft and a live post that say OpenEye, and one that does not; synced."""
    world.remote.commit(
        {
            A: post_text("甲 OpenEye", body="先说 OpenEye <b>。\n\n再说 OpenEye。\n"),
            B: post_text("在线", draft="false", status="published", body="在线的 OpenEye。\n"),
            "src/posts/c.md": post_text("丙"),
        }
    )
    world.sync("done")
    return world


def proposed(client: Client, where: str = "", **data: Any) -> tuple[BulkStep, str]:
    """The step that the form proposes, and the address of its hits."""
    answer = client.post(f"{REPLACE}{where}", {**ASKED, **data})
    assert answer.status_code == 302, text_of(answer)
    return BulkStep.objects.latest("pk"), answer["Location"]


def test_words_are_replaced_in_all_that_a_search_finds_but_for_the_hits_without_a_tick(
    site: World, curator: User
) -> None:
    client = as_(curator)
    assert f'href="{REPLACE}?q=OpenEye"' in text_of(client.get(f"{LIST}?q=OpenEye"))
    form = text_of(client.get(f"{REPLACE}?q=OpenEye"))
    assert "Find and replace in 2 posts" in form and 'value="OpenEye"' in form
    step, hits = proposed(client, "?q=OpenEye")
    page = text_of(client.get(hits))
    assert "4 hits in 2 posts" in page and "先说 <del>OpenEye</del><ins>OpenAI</ins> &lt;b&gt;。" in page
    assert page.count('name="hit"') == page.count(" checked>") == 4 and "Line 21" in page
    pk = site.post(A).pk
    sent = client.post(hits, {"look": "", "shown": [f"{pk}:0:2", "x:y"], "hit": [f"{pk}:0", f"{pk}:2", "9", "-"]})
    assert sent["Location"] == f"{STEPS}{step.pk}/change/"
    assert "4 hits in 2 posts · 1 of them not ticked" in text_of(client.get(hits))
    shown = text_of(client.get(sent["Location"]))
    assert "4 hits in 2 posts · 1 of them not ticked" in shown
    assert "Replace “OpenEye” by “OpenAI”" in shown and "2 change" in shown
    assert f'href="{LIST}?q=OpenEye"' in shown and f'href="{LIST}?q=OpenEye"' in text_of(client.get(hits))
    b = site.post(B).pk
    to_hits = client.post(f"{STEPS}{step.pk}/start/", {"hits": "", "shown": [pk, b], "post": pk})
    assert to_hits["Location"] == hits and "in 1 post · 1 of" in text_of(client.get(hits))
    client.post(f"{STEPS}{step.pk}/start/", {"start": ""})
    assert site.post(A).present.text.endswith("先说 OpenEye <b>。\n\n再说 OpenAI。\n")
    assert client.get(hits)["Location"] == f"{STEPS}{step.pk}/change/"


def test_the_chosen_posts_are_asked_about_and_others_are_left(site: World, curator: User) -> None:
    client = as_(curator)
    asked = client.post(LIST, {"action": "replace_in_posts", "_selected_action": [site.post(A).pk]})
    assert "Find and replace in 1 post<" in text_of(client.get(asked["Location"]))
    step, _hits = proposed(client, asked["Location"].removeprefix(REPLACE))
    assert list(step.rows.values_list("post__path", flat=True)) == [A]
    every = {"_selected_action": [site.post(A).pk], "select_across": "1"}
    for action, place in (("replace_in_posts", REPLACE), ("mend_posts", "/admin/posts/post/mend/")):
        answer = client.post(f"{LIST}?state__exact=draft", {"action": action, **every})
        assert answer["Location"] == f"{place}?state__exact=draft"


def test_a_form_that_asks_for_nothing_sensible_says_so(site: World, curator: User) -> None:
    for data, said in (
        ({"find": ""}, "Nothing is looked for yet"),
        ({"find": "没有的"}, "“没有的” stands nowhere"),
        ({"by": "OpenEye"}, "Both are the same"),
        ({"find": "很" * 201}, "longer than 200 signs"),
        ({"parts": []}, "No place is chosen"),
        ({"find": "a\0b"}, "Null characters are not allowed"),
        ({"parts": ["nowhere"]}, "Select a valid choice"),
        ({"known": "to nobody"}, "Select a valid choice"),
    ):
        answer = as_(curator).post(REPLACE, {**ASKED, **data})
        assert answer.status_code == 400 and said in text_of(answer)
    assert not BulkStep.objects.exists()


def test_many_hits_come_in_pages_that_keep_their_ticks(
    site: World, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posts.admin.bulk_hits._POSTS", 1)
    monkeypatch.setattr("posts.admin.bulk_hits._OF_A_POST", 2)
    monkeypatch.setattr("posts.admin.bulk_hits._ALONE", 2)
    monkeypatch.setattr("posts.replacing.AT_ONCE", 1)
    client, pk = as_(curator), site.post(A).pk
    step, hits = proposed(client)
    first = text_of(client.get(hits))
    assert "0 of 2 posts looked through" in first and "data-counting" in first
    assert first.count('name="hit"') == 2 and "All 3 hits" in first
    moved = client.post(hits, {"to": "2", "shown": f"{pk}:0:1", "hit": f"{pk}:0"})
    assert moved["Location"] == f"{hits}?page=2" and "在线的" in text_of(client.get(moved["Location"]))
    alone = text_of(client.get(f"{hits}?post={pk}&page=2"))
    assert alone.count('name="hit"') == 1 and "3 hits in 1 post · 1 of them not ticked" in alone
    assert client.post(f"{hits}?post={pk}", {"none": ""})["Location"] == f"{hits}?post={pk}"
    assert [each.ticked for each in hits_of(step, step.rows.order_by("pk"))] == [0, 1]
    client.post(f"{hits}?post={pk}", {"all": ""})
    assert [each.ticked for each in hits_of(step, step.rows.order_by("pk"))] == [3, 1]
    alone = client.post(f"{hits}?page=2", {"post": pk, "shown": f"{pk}:0:1", "hit": f"{pk}:1"})["Location"]
    assert alone == f"{hits}?post={pk}&from=2" and "1 of them not ticked" in text_of(client.get(alone))
    assert client.post(alone, {"to": "2", "shown": f"{pk}:0:0"})["Location"] == f"{hits}?post={pk}&page=2&from=2"
    assert client.post(f"{hits}?post={pk}&page=2&from=2", {"list": ""})["Location"] == f"{hits}?page=2"
    assert client.post(f"{hits}?post={pk}", {"list": "", "shown": f"{pk}:0:1"})["Location"] == hits
    assert client.get(f"{hits}?post=99").status_code == 404
    assert client.get(f"{hits}counted/").json()["percent"] == 50
    client.post(hits, {"shown": f"{pk}:0:1", "hit": f"{pk}:0"})
    count_hits_of(step.pk)
    told = {"words": "4 hits in 2 posts · 1 of them not ticked", "percent": 100, "complete": True}
    assert client.get(f"{hits}counted/").json() == told
    page = text_of(client.get(f"{STEPS}{step.pk}/change/"))
    assert told["words"] in page and "1 of them is on the site" in page


def test_the_hits_of_many_posts_are_counted_by_a_worker_who_is_woken_again(
    site: World, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.remote.commit({"src/posts/d.md": post_text("丁", body="`OpenEye`\n")})
    site.sync("done")
    woken: list[int] = []
    monkeypatch.setattr("posts.replacing.AT_ONCE", 1)
    monkeypatch.setattr("posts.replacing._BATCH", 2)
    monkeypatch.setattr("posts.replacing.wake_for_hits", lambda step: woken.append(step.pk))
    step, _hits = proposed(as_(curator))
    assert woken == [step.pk] and totals_of(step).rows == 3
    wake_forgotten_counts()
    assert woken == [step.pk]
    BulkStep.objects.filter(pk=step.pk).update(made_at=step.made_at - datetime.timedelta(minutes=2))
    wake_forgotten_counts()
    assert woken == [step.pk] * 2
    count_hits_of(step.pk)
    # A post that says it in code alone goes.
    assert totals_of(step) == Totals(rows=2, counted=2, posts=2, hits=4, ticked=4)
    wake_forgotten_counts()
    count_hits_of(step.pk)
    assert len(woken) == 2 and totals_of(step).hits == 4


def test_the_page_of_hits_takes_the_same_queries_for_any_number_of_posts(site: World, curator: User) -> None:
    counted = []
    for paths in ([A], [A, B]):
        step = propose_replacing(Post.objects.filter(path__in=paths), ASKED, by=curator)
        client = as_(curator)
        with CaptureQueriesContext(connection) as caught:
            client.get(f"{STEPS}{step.pk}/hits/")
        counted.append(len(caught))
    assert counted[0] == counted[1]


def test_hits_are_chosen_by_their_proposer_alone(site: World, curator: User, writer: User, publisher: User) -> None:
    _step, hits = proposed(as_(curator))
    assert [as_(user).get(hits).status_code for user in (publisher, writer)] == [403, 403]
    assert [as_(user).get(REPLACE).status_code for user in (publisher, writer)] == [403, 403]
    assert REPLACE not in text_of(as_(writer).get(LIST))


def test_posts_without_a_hit_are_not_counted(site: World, curator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    site.remote.push("src/posts/c.md", post_text("丙", body="`OpenEye`\n"))
    site.sync("done")
    monkeypatch.setattr("posts.replacing.AT_ONCE", 0)
    page = text_of(as_(curator).get(proposed(as_(curator))[1]))
    assert "0 of 3 posts looked through" in page and "In 1 more post" in page


def test_what_is_known_to_be_misheard_is_filled_in_or_looked_for_all_at_once(
    site: World, curator: User, tmp_path: Path
) -> None:
    client, here = as_(curator), f"{REPLACE}?q=OpenEye"
    assert "Look for all of them" not in text_of(client.get(here))
    other = World(tmp_path, "other").collection
    asked = {"find": "OpenEye", "by": "OpenAI", "parts": ["body"], "match_case": True}
    row = remember(exchange_of(asked), site.collection, by=curator)
    remember(exchange_of({**asked, "find": "甲", "by": "乙"}), other, by=curator)
    assert "OpenEye → OpenAI" in text_of(client.get(here))
    form = client.post(here, {"take": "1", "saved": row.pk})
    filled = form.context["form"].initial
    assert form.status_code == 200 and not BulkStep.objects.exists()
    assert (filled["find"], filled["by"], filled["parts"]) == ("OpenEye", "OpenAI", ["body"])
    assert "No known mishearing was found" in text_of(client.post(here, {"all": "1"}, follow=True))
    keep_posts_checked(10)
    page = text_of(client.post(here, {"all": "1"}, follow=True))
    assert "2 posts are chosen" in page and BulkStep.objects.get().kind == BulkStep.Kind.MEND
    limit(curator, [site.collection], by=User.objects.create_superuser("root"))
    assert "OpenEye → OpenAI" in text_of(client.get(here)) and "甲 → 乙" not in text_of(client.get(here))


def test_a_replacement_is_saved_when_it_is_made_and_kept_on_a_page_of_its_own(
    site: World, curator: User, writer: User
) -> None:
    client = as_(curator)
    assert "0 entries" in text_of(client.get(KNOWN))
    proposed(client, known="all", by="OpenAl")
    step, hits = proposed(client, known="collection")
    assert not Mishearing.objects.exists()
    look = f"{STEPS}{step.pk}/change/"
    for page in (hits, look):
        assert "saved as a known mishearing of this collection when" in text_of(client.get(page))
    started = client.post(f"{STEPS}{step.pk}/start/", {"start": ""}, follow=True)
    assert "“OpenEye” is saved as a known mishearing." in text_of(started)
    row = Mishearing.objects.get()
    assert (row.find, row.by, row.collection, row.made_by) == ("OpenEye", "OpenAI", site.collection, curator)
    listed = text_of(client.get(KNOWN))
    assert "OpenEye" in listed and "Title, Summary, Text · letter case counts · whole words" in listed
    page = f"{KNOWN}{row.pk}/change/"
    data = {"find": "OpenEye", "by": "OpenAI", "in_body": "on", "match_case": "on", "active": "on"}
    client.post(page, data)
    row.refresh_from_db()
    assert (row.in_title, row.whole_words, row.collection) == (False, False, None)
    client.post(page, {**data, "find": "AI ", "by": " "})
    row.refresh_from_db()
    assert (row.find, row.by) == ("AI ", " ")
    client.post(page, data)
    again = client.post(f"{KNOWN}add/", data)
    assert "is saved already" in text_of(again)
    assert "Both are the same" in text_of(client.post(page, {**data, "by": "OpenEye"}))
    assert as_(writer).get(KNOWN).status_code == 403 and KNOWN not in text_of(as_(writer).get(LIST))
    client.post(f"{KNOWN}{row.pk}/delete/", {"post": "yes"})
    assert not Mishearing.objects.exists()
