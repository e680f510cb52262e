"""Bulk steps in the admin: from the list to the preview, the run and the undo, for each role."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from posts import bulk, bulk_running, editing, reviewing, tasks
from posts.bulk_counting import wake_forgotten_plans
from posts.bulk_waiting import waiting_for
from posts.models import BulkStep, Outcome, Post, Sync
from posts.runs import claim
from tests.posts.worlds import World, post_text

LIST, FIELDS, STEPS = "/admin/posts/post/", "/admin/posts/post/fields/", "/admin/posts/bulkstep/"
A, B, C = "src/posts/a.md", "src/posts/b.md", "src/posts/c.md"
LIVE = {"draft": "false", "status": "published"}
ADD_TAG = {"do_tags": "add", "value_tags": ["", "fed"]}


@pytest.fixture
def site(world: World) -> World:
    """Two drafts and a live post, synced."""
    world.remote.commit({A: post_text("甲"), B: post_text("乙"), C: post_text("在线", **LIVE)})
    world.sync("done")
    return world


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(answer: Any) -> str:
    """The page as text, its blanks as one."""
    return " ".join(answer.content.decode().split())


def proposed(client: Client, data: dict[str, Any], where: str = "") -> BulkStep:
    """The step that the form of fields proposes."""
    answer = client.post(f"{FIELDS}{where}", data)
    assert answer.status_code == 302, text_of(answer)
    return BulkStep.objects.get(pk=int(answer["Location"].rstrip("/").split("/")[-2]))


def test_chosen_posts_are_changed_by_way_of_a_preview(site: World, curator: User) -> None:
    client = as_(curator)
    pks = [site.post(path).pk for path in (A, B)]
    asked = client.post(LIST, {"action": "change_fields", "_selected_action": pks})
    assert asked["Location"].startswith(FIELDS)
    assert "Change fields of 2 posts" in text_of(client.get(asked["Location"]))
    step = proposed(client, ADD_TAG, asked["Location"].removeprefix(FIELDS))
    page = client.get(f"{STEPS}{step.pk}/change/")
    shown = text_of(page)
    assert "Tags: add “fed”" in shown and "2 posts are chosen" in shown and "2 change" in shown
    assert shown.count('<details class="eg-bulk-fold"') == shown.count('<div class="eg-diff-line eg-diff-added"') == 2
    assert "fed" not in site.post(A).present.text
    client.post(f"{STEPS}{step.pk}/start/", {"start": "", "shown": pks, "post": pks[:1]})
    assert "fed" in site.post(A).present.text and "fed" not in site.post(B).present.text
    done = text_of(client.get(f"{STEPS}{step.pk}/change/"))
    assert "Everything went through." in done and "甲" in done and "乙" not in done


def test_the_preview_says_how_many_approvals_are_lost(
    site: World, curator: User, writer: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in ("submit", "approve"):
        reviewing.perform(site.post(A), step, by={"submit": writer, "approve": reviewer}[step])
    page = f"{STEPS}{proposed(as_(curator), ADD_TAG).pk}/change/"
    told = "1 of them is approved. Changed, it is a draft again"
    assert told in text_of(as_(curator).get(page))
    monkeypatch.setattr("posts.admin.bulk_steps.COUNTED_AT_ONCE", 1)
    assert told in text_of(as_(curator).get(page))
    as_(curator).post(f"{page.removesuffix('change/')}start/", {"start": ""})
    assert site.post(A).state == "draft"


def test_all_that_a_filter_finds_is_changed_and_nothing_else(site: World, curator: User) -> None:
    client = as_(curator)
    assert f'href="{FIELDS}?live__exact=0"' in text_of(client.get(f"{LIST}?live__exact=0"))
    step = proposed(client, ADD_TAG, "?live__exact=0&q=正文")
    assert set(step.rows.values_list("post__path", flat=True)) == {A, B}


def test_a_filter_that_the_list_does_not_have_changes_nothing(site: World, curator: User) -> None:
    answer = as_(curator).post(f"{FIELDS}?nonsense=1", ADD_TAG)
    assert answer.status_code in (302, 400)
    assert not BulkStep.objects.exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Nothing is to be changed yet"),
        ({"do_tags": "add", "value_tags": [""]}, "The value is missing for “Tags”"),
        ({"do_summary": "set", "value_summary": " "}, "The value is missing for “Summary”"),
        ({"do_date": "set", "value_date": "morgen"}, "“morgen” is no date"),
        ({"do_draft": "set", "value_draft": "false"}, "Nothing is to be changed yet"),
    ],
)
def test_a_form_that_asks_for_nothing_sensible_says_so(
    site: World, curator: User, data: dict[str, Any], said: str
) -> None:
    assert said in text_of(as_(curator).post(FIELDS, data))
    assert not BulkStep.objects.exists()


def test_a_field_is_emptied_by_its_own_choice(site: World, curator: User) -> None:
    step = proposed(as_(curator), {"do_companies_orgs": "empty"}, "?live__exact=0")
    as_(curator).post(f"{STEPS}{step.pk}/start/", {"start": ""})
    assert "companies_orgs: []" in site.post(A).present.text


def test_what_cannot_be_changed_is_listed_in_the_preview_with_its_reason(site: World, curator: User) -> None:
    site.remote.push(A, site.text_in_git(A).replace("  - ai-disruption", "  - ai-disruption\n  - {a: 1}"))
    site.sync()
    step = proposed(as_(curator), ADD_TAG)
    shown = text_of(as_(curator).get(f"{STEPS}{step.pk}/change/"))
    assert "1 cannot be changed" in shown and "holds more than names" in shown
    assert "1 of them is on the site" in shown


def test_what_was_not_ticked_on_one_page_of_several_is_left_out(
    site: World, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posts.admin.bulk_steps._A_PAGE", 2)
    step = proposed(as_(curator), ADD_TAG)
    address = f"{STEPS}{step.pk}/change/"
    assert "Leave out what is not ticked here" in text_of(as_(curator).get(address))
    pks = list(step.rows.values_list("post", flat=True))
    as_(curator).post(f"{STEPS}{step.pk}/start/", {"leave_out": "", "shown": pks[:2], "post": pks[:1]})
    assert list(step.rows.values_list("post", flat=True)) == [pks[0], pks[2]]
    assert "fed" not in site.post(A).present.text


def test_of_more_posts_than_a_page_counts_a_worker_counts_what_becomes_of_all(
    site: World, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("posts.bulk_proposing", "posts.bulk_counting", "posts.admin.bulk_steps"):
        monkeypatch.setattr(f"{module}.COUNTED_AT_ONCE", 2)
    monkeypatch.setattr("posts.admin.bulk_steps._A_PAGE", 1)
    editing.edit(site.post(A), {"tags": ["fed"]}, by=curator)
    step = proposed(as_(curator), ADD_TAG)
    BulkStep.objects.update(made_at=timezone.now() - datetime.timedelta(minutes=2))
    address = f"{STEPS}{step.pk}/change/"
    before = text_of(as_(curator).get(address))
    assert "3 posts are chosen: </p>" in before and "0 of 3 are counted so far" in before
    woken: list[int] = []
    monkeypatch.setattr("posts.bulk_counting.wake_for_plans", lambda step: woken.append(step.pk))
    wake_forgotten_plans()
    tasks.count_plans(step.pk)
    wake_forgotten_plans()
    assert woken == [step.pk]
    for page in ("", "?page=3"):
        shown = text_of(as_(curator).get(f"{address}{page}"))
        assert "2 change" in shown and "1 stays as it is" in shown and "counted so far" not in shown


def test_a_proposal_is_seen_and_started_by_its_maker_alone(site: World, curator: User, publisher: User) -> None:
    step = proposed(as_(curator), ADD_TAG)
    assert as_(publisher).get(f"{STEPS}{step.pk}/change/").status_code == 403
    as_(publisher).post(f"{STEPS}{step.pk}/start/", {"start": ""})
    assert Sync.objects.filter(kind="bulk").count() == 0
    assert "add “fed”" not in text_of(as_(publisher).get(STEPS))


def test_live_posts_wait_on_the_page_until_somebody_else_releases_them(
    site: World, curator: User, publisher: User, writer: User
) -> None:
    step = proposed(as_(curator), ADD_TAG)
    address = f"{STEPS}{step.pk}/change/"
    as_(curator).post(f"{STEPS}{step.pk}/start/", {"start": ""})
    own = text_of(as_(curator).get(address))
    assert "1 post on the site waits for release" in own and "do/release/" not in own
    assert [waiting_for(user) for user in (publisher, curator, writer)] == [1, 0, 0]
    as_(curator).post(f"{STEPS}{step.pk}/do/release/")
    as_(writer).post(f"{STEPS}{step.pk}/do/release/")
    assert "fed" not in site.post(C).present.text
    assert "do/release/" in text_of(as_(publisher).get(address))
    as_(publisher).post(f"{STEPS}{step.pk}/do/release/")
    assert "fed" in site.post(C).cleared.text
    done = text_of(as_(curator).get(f"{address}?post={site.post(C).pk}"))
    assert "Released by" in done and "Pan" in done and "eg-diff-added" in done


def test_a_step_is_undone_by_way_of_a_preview(site: World, curator: User) -> None:
    before = site.post(A).present.text
    client = as_(curator)
    step = proposed(client, ADD_TAG, "?live__exact=0")
    client.post(f"{STEPS}{step.pk}/start/", {"start": ""})
    asked = client.post(f"{STEPS}{step.pk}/undo/")
    assert "2 change" in text_of(client.get(asked["Location"]))
    assert "fed" in site.post(A).present.text
    undo = BulkStep.objects.get(undoes=step)
    client.post(f"{STEPS}{undo.pk}/start/", {"start": ""})
    assert site.post(A).present.text == before
    assert "Undone by Cai" in text_of(client.get(f"{STEPS}{step.pk}/change/"))
    assert "Undo: Tags: add “fed”" in text_of(client.get(STEPS))


def test_the_preview_of_an_undo_says_what_the_site_gets_back_and_what_waits_for_somebody_else(
    site: World, curator: User, publisher: User, writer: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back, waits = (
        "get back the text from before",
        "1 of them is on the site. It is changed only when somebody else",
    )
    step = proposed(as_(curator), ADD_TAG)
    as_(curator).post(f"{STEPS}{step.pk}/start/", {"start": ""})
    as_(publisher).post(f"{STEPS}{step.pk}/do/release/")
    undo = as_(publisher).post(f"{STEPS}{step.pk}/undo/")["Location"]
    shown = text_of(as_(publisher).get(undo))
    assert given_back in shown and waits not in shown and "live" in shown
    editing.edit(site.post(C), {"title": "后来的题目"}, by=writer)
    for name, by in (("submit", writer), ("approve", reviewer), ("publish", publisher)):
        reviewing.perform(site.post(C), name, by=by)
    shown = text_of(as_(publisher).get(undo))
    assert given_back not in shown and waits in shown
    site.collection.second_eyes = "off"
    site.collection.save()
    shown = text_of(as_(publisher).get(undo))
    assert given_back in shown and waits not in shown
    site.collection.second_eyes = "before"
    site.collection.save()
    monkeypatch.setattr("posts.admin.bulk_steps.COUNTED_AT_ONCE", 1)
    shown = text_of(as_(publisher).get(undo))
    assert "Where the site would show what it never did, somebody else must release it first." in shown


def test_the_page_of_the_run_leads_to_the_step_and_its_progress_is_told(site: World, curator: User) -> None:
    client = as_(curator)
    step = proposed(client, ADD_TAG, "?live__exact=0")
    client.post(f"{STEPS}{step.pk}/start/", {"start": ""})
    step.refresh_from_db()
    assert client.get(f"/admin/posts/sync/{step.run_id}/change/")["Location"] == f"{STEPS}{step.pk}/change/"
    assert client.get(f"/admin/posts/sync/{step.run_id}/progress/").json()["done"] == 2


def test_many_posts_show_their_progress_and_can_be_stopped_and_go_on(
    site: World, curator: User, publisher: User, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    client = as_(curator)
    step = proposed(client, ADD_TAG)
    client.post(f"{STEPS}{step.pk}/start/", {"start": ""})
    address = f"{STEPS}{step.pk}/change/"
    assert "data-progress" in text_of(client.get(address))
    as_(writer).post(f"{STEPS}{step.pk}/do/stop/")
    assert BulkStep.objects.get(pk=step.pk).run.state == "waiting"
    as_(publisher).post(f"{STEPS}{step.pk}/do/stop/")
    assert BulkStep.objects.get(pk=step.pk).run.state == "stopped"
    assert "Go on" in text_of(client.get(address)) and "Go on" not in text_of(as_(publisher).get(address))
    client.post(f"{STEPS}{step.pk}/do/go_on/")
    assert BulkStep.objects.get(pk=step.pk).run.state == "waiting"


def test_who_has_no_bulk_steps_sees_no_way_to_them(site: World, writer: User, publisher: User) -> None:
    for user in (writer, publisher):
        shown = text_of(as_(user).get(LIST))
        assert "change_fields" not in shown and FIELDS not in shown
        assert as_(user).get(FIELDS).status_code == 403
        assert as_(user).post(FIELDS, ADD_TAG).status_code == 403


def test_the_pages_take_the_same_queries_for_few_posts_and_for_many(site: World, curator: User) -> None:
    site.remote.commit({f"src/posts/n{number}.md": post_text(f"第{number}篇") for number in range(40)})
    site.sync("done")
    client = as_(curator)

    def queries(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    few, many = proposed(client, ADD_TAG, f"?id__in={site.post(A).pk},{site.post(C).pk}"), proposed(client, ADD_TAG)
    assert queries(f"{FIELDS}?live__exact=1") == queries(FIELDS) < 18
    assert queries(f"{STEPS}{few.pk}/change/") == queries(f"{STEPS}{many.pk}/change/") < 15
    for step in (few, many):
        bulk_running.perform_bulk(claimed(client, step))
    assert queries(f"{STEPS}{few.pk}/change/") == queries(f"{STEPS}{many.pk}/change/") < 25
    assert queries(STEPS) < 12


def claimed(client: Client, step: BulkStep) -> Sync:
    """The run of `step`, left to a worker, as that worker takes it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bulk, "AT_ONCE", 0)
        client.post(f"{STEPS}{step.pk}/start/", {"start": ""})
    step.refresh_from_db()
    run = claim(step.run_id or 0)
    assert run is not None
    return run


def test_a_title_with_markup_in_it_is_shown_as_it_was_typed(site: World, curator: User, writer: User) -> None:
    editing.edit(site.post(A), {"title": "<script>alert(1)</script>"}, by=writer)
    step = proposed(as_(curator), {"do_speaker": "set", "value_speaker": "<b>x</b>"})
    shown = text_of(as_(curator).get(f"{STEPS}{step.pk}/change/"))
    assert "<script>alert(1)" not in shown and "<b>x</b>" not in shown and "&lt;b&gt;x" in shown
    as_(curator).post(f"{STEPS}{step.pk}/start/", {"start": ""})
    assert Outcome.objects.filter(result="changed").count() == 2
    assert Post.objects.filter(speaker="<b>x</b>").count() == 2
