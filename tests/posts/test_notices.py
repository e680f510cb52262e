"""What one person is told once, and what they set for themselves."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts import editing, reviewing
from posts.models import Notice, Post
from posts.notice_kinds import KINDS
from posts.notifying import tell, wants_alerts, wish_for_alerts
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/a.md"
HOME = "admin:index"
SEEN = "my_notices_seen"
MINE = "my_settings"


@pytest.fixture
def noticed(world: World, writer: User, reviewer: User) -> World:
    """A post whose approval a push voided, so that writer and reviewer are told."""
    world.remote.push(PATH, post_text())
    world.sync("done")
    editing.edit(world.post(PATH), {"title": "待发布"}, by=writer)
    reviewing.perform(world.post(PATH), "submit", by=writer)
    reviewing.perform(world.post(PATH), "approve", by=reviewer)
    world.sync()
    text = world.text_in_git(PATH).replace("本期节目", "这一期")
    world.remote.push(PATH, text, author=("小王", "wang@example.org"))
    world.sync()
    return world


def browser(user: User) -> Client:
    """A browser in which `user` is logged in."""
    client = Client()
    client.force_login(user)
    return client


def mailed(kind: str, when: str) -> dict[str, str]:
    """What the form of one's settings sends where only `kind` is mailed."""
    return {f"mail_{name}": "off" for name in KINDS} | {f"mail_{kind}": when}


def shown(user: User) -> list[tuple[str, str]]:
    """Titles and words of what is for `user` on the first page."""
    notices = browser(user).get(reverse(HOME)).context["notices"]
    return [(notice.title, notice.words) for notice in notices.shown]


def test_whom_an_approval_concerned_is_told_that_it_no_longer_stands(
    noticed: World, writer: User, reviewer: User, publisher: User
) -> None:
    words = [("待发布", "Its approval no longer stands: 小王 changed the post.")]
    assert shown(writer) == words and shown(reviewer) == words and shown(publisher) == []
    text = browser(writer).get(reverse(HOME)).content.decode()
    assert "For you" in text and reverse("admin:posts_post_review", args=[noticed.post(PATH).pk]) in text


def test_a_notice_that_was_seen_is_gone_for_its_reader_alone(noticed: World, writer: User, reviewer: User) -> None:
    notice = Notice.objects.get(person=writer)
    answer = browser(writer).post(reverse(SEEN), {"notice": notice.pk})
    assert answer["Location"] == reverse(HOME)
    assert shown(writer) == [] and len(shown(reviewer)) == 1


def test_nobody_marks_anothers_notices_as_seen(noticed: World, writer: User, reviewer: User) -> None:
    theirs = Notice.objects.get(person=reviewer)
    browser(writer).post(reverse(SEEN), {"notice": theirs.pk})
    browser(writer).post(reverse(SEEN))
    assert len(shown(reviewer)) == 1 and shown(writer) == []


def test_all_are_marked_at_once_and_the_newest_stand_first(noticed: World, writer: User) -> None:
    world = noticed
    tell([writer], "approval_lost", post=world.post(PATH), facts={"by": ""})
    assert [words for _title, words in shown(writer)] == [
        "Its approval no longer stands: the repository changed the post.",
        "Its approval no longer stands: 小王 changed the post.",
    ]
    browser(writer).post(reverse(SEEN))
    assert shown(writer) == []


@pytest.mark.parametrize(
    ("given", "status"), [({"notice": "x"}, 400), ({"notice": "0"}, 302), ({"notice": "9" * 30}, 400)]
)
def test_a_notice_that_is_none_harms_nothing(given: dict[str, str], status: int, noticed: World, writer: User) -> None:
    assert browser(writer).post(reverse(SEEN), given).status_code == status
    assert len(shown(writer)) == 1


def test_seeing_is_asked_for_by_a_post_with_a_token(noticed: World, writer: User) -> None:
    assert browser(writer).get(reverse(SEEN)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(writer)
    assert strict.post(reverse(SEEN)).status_code == 403
    assert Client().post(reverse(SEEN))["Location"].startswith(reverse("admin:login"))
    assert len(shown(writer)) == 1


def test_titles_and_names_are_text_and_no_markup(noticed: World, writer: User) -> None:
    tell([writer], "approval_lost", post=noticed.post(PATH), facts={"by": "<script>x</script>{code}"})
    text = browser(writer).get(reverse(HOME)).content.decode()
    assert "&lt;script&gt;x" in text and "<script>x" not in text


def test_a_kind_that_has_no_words_yet_is_shown_all_the_same(noticed: World, writer: User) -> None:
    tell([writer], "novelty", post=noticed.post(PATH))
    assert "novelty" in shown(writer)[0][1]


def test_the_queries_are_as_many_for_one_notice_as_for_fifty(noticed: World, writer: User) -> None:
    client = browser(writer)

    def queries() -> int:
        client.get(reverse(HOME))
        with CaptureQueriesContext(connection) as counted:
            client.get(reverse(HOME))
        return len(counted)

    few = queries()
    noticed.remote.commit({f"src/posts/{number}.md": post_text(str(number)) for number in range(50)})
    noticed.sync()
    for post in Post.objects.all():
        tell([writer], "approval_lost", post=post, facts={"by": "x"})
    assert queries() == few
    notices = client.get(reverse(HOME)).context["notices"]
    assert (len(notices.shown), notices.more, notices.count) == (10, True, "10+")


# --- Who wants alerts


def test_everybody_says_for_themselves_whether_they_get_alerts(world: World, writer: User) -> None:
    client = browser(writer)
    assert reverse(MINE) in client.get(reverse(HOME)).content.decode(), "in the menu behind the name"
    assert client.get(reverse(MINE)).context["form"]["mail_alert"].value() == "off"
    assert client.post(reverse(MINE), mailed("alert", "now"))["Location"] == reverse(MINE)
    assert wants_alerts(writer)
    assert client.get(reverse(MINE)).context["form"]["mail_alert"].value() == "now"
    client.post(reverse(MINE), mailed("alert", "off"))
    assert not wants_alerts(writer)


def test_without_an_address_there_is_nothing_to_want(world: World, writer: User) -> None:
    User.objects.filter(pk=writer.pk).update(email="")
    answer = browser(writer).post(reverse(MINE), mailed("alert", "now"))
    assert "no e-mail address to send them to" in answer.content.decode()
    assert not wants_alerts(writer)


def test_an_administrator_says_it_for_others(world: World, writer: User) -> None:
    client = browser(person("ada", "Administrator"))
    address = reverse("admin:auth_user_change", args=[writer.pk])
    form = {
        "username": writer.username,
        "email": writer.email,
        "is_active": "on",
        "groups": [group.pk for group in writer.groups.all()],
        "gets_alerts": "on",
    }
    assert "Gets alerts by mail" in client.get(address).content.decode()
    assert client.post(address, form).status_code == 302
    assert wants_alerts(writer)
    answer = client.post(address, {**form, "email": ""})
    assert "gets_alerts" in answer.context["adminform"].form.errors
    del form["gets_alerts"]
    assert client.post(address, form).status_code == 302
    assert not wants_alerts(writer)


def test_on_ones_own_page_the_address_is_the_one_there_is(world: World) -> None:
    ada = person("ada", "Administrator")
    form = {"username": "ada", "groups": [group.pk for group in ada.groups.all()], "gets_alerts": "on"}
    assert browser(ada).post(reverse("admin:auth_user_change", args=[ada.pk]), form).status_code == 302
    assert wants_alerts(ada)


def test_a_form_that_says_nothing_new_leaves_the_wish(world: World, writer: User) -> None:
    wish_for_alerts(writer, True)
    form = {"username": "wen", "email": writer.email, "is_active": "on", "gets_alerts": "on", "first_name": "W"}
    client = browser(person("ada", "Administrator"))
    assert client.post(reverse("admin:auth_user_change", args=[writer.pk]), form).status_code == 302
    assert wants_alerts(writer)


# --- In the browser


def test_a_notice_is_marked_as_seen_and_the_settings_are_found_by_hand(
    transactional_db: None, noticed: World, writer: User, page: Page, live_server: LiveServer
) -> None:
    page.goto(live_server.url)
    page.locator("input[name=username]").fill("wen")
    page.locator("input[name=password]").fill("secret")
    page.locator("input[name=password]").press("Enter")
    expect(page).to_have_url(re.compile(r"/admin/$"))
    expect(page.get_by_role("heading", name="For you", exact=True)).to_be_visible()
    page.get_by_role("button", name="Mark as seen: 待发布").click()
    expect(page.get_by_role("heading", name="For you", exact=True)).to_have_count(0)
    page.get_by_text("Wen", exact=True).click()
    page.get_by_role("link", name="My settings").click()
    page.get_by_label("Alerts, by mail").select_option(label="once a day")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your settings are saved.")).to_be_visible()
    expect(page.get_by_label("Alerts, by mail")).to_have_value("daily")
