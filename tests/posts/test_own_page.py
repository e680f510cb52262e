"""A person's own pages: settings that are used, notices, an invitation, a forgotten password."""

import datetime
import re

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from posts import editing
from posts.admin.mine_forms import zones
from posts.granting import other_permissions
from posts.inviting import MOST_OF_ADDRESS, ask_for_password
from posts.mailing import mail_notices
from posts.models import Notice, PasswordAsked, Profile
from posts.notice_kinds import KINDS
from posts.notifying import tell
from posts.people import commit_identity, people_by_address
from tests.posts.worlds import World, group_of, person, post_text

PATH = "src/posts/a.md"
MINE, NOTICES, SEEN = "my_settings", "my_notices", "my_notices_seen"
HOME = "admin:index"
INVITE = "admin:auth_user_invite"


def browser(user: User) -> Client:
    """A browser in which `user` is logged in."""
    client = Client()
    client.force_login(user)
    return client


def settings_of(**changes: object) -> dict[str, object]:
    """What the form sends where nothing was chosen, with `changes`."""
    kinds = {f"mail_{name}": "off" for name in KINDS} | {f"here_{name}": "on" for name in KINDS if name != "alert"}
    return {"first_name": "Wen", **kinds, **changes}


# --- Settings


def test_what_a_person_chose_is_kept_and_shown_again(world: World, writer: User, reviewer: User) -> None:
    client = browser(writer)
    chosen = settings_of(
        first_name="文",
        zone="Asia/Shanghai",
        commit_name="Wen W.",
        no_reply="on",
        away_from="2026-12-01",
        away_to="2026-12-24",
        stand_in=reviewer.pk,
        mail_mention="daily",
    )
    del chosen["here_mention"]
    assert client.post(reverse(MINE), chosen)["Location"] == reverse(MINE)
    profile = Profile.objects.get(person=writer)
    assert (profile.zone, profile.commit_name, profile.no_reply) == ("Asia/Shanghai", "Wen W.", True)
    assert (profile.stand_in, profile.away_to) == (reviewer, datetime.date(2026, 12, 24))
    assert profile.mailing_of(KINDS["mention"]) == "daily" and not profile.shows(KINDS["mention"])
    assert profile.mailing_of(KINDS["asked"]) == "off" and profile.shows(KINDS["asked"])
    assert User.objects.get(pk=writer.pk).first_name == "文"
    form = client.get(reverse(MINE)).context["form"]
    assert form["zone"].value() == "Asia/Shanghai" and form["here_mention"].value() is False


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"language": "xx"}, "language"),
        ({"away_to": "2026-12-24"}, "away_to"),
        ({"away_from": "2026-12-24", "away_to": "2026-12-01"}, "away_to"),
        ({"mail_asked": "hourly"}, "mail_asked"),
        ({"stand_in": "0"}, "stand_in"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    given: dict[str, object], field: str, world: World, writer: User
) -> None:
    answer = browser(writer).post(reverse(MINE), settings_of(**given))
    assert field in answer.context["form"].errors and not Profile.objects.exists()


def test_nobody_stands_in_for_themselves(world: World, writer: User) -> None:
    answer = browser(writer).post(reverse(MINE), settings_of(stand_in=writer.pk))
    assert "stand_in" in answer.context["form"].errors


def test_the_pages_are_in_the_language_and_the_zone_that_the_reader_chose(world: World, writer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync("done")
    Profile.objects.create(person=writer, language="zh-hans", zone="Asia/Shanghai")
    moment = datetime.datetime(2026, 3, 1, 20, 30, tzinfo=datetime.UTC)
    tell([writer], "remarks", post=world.post(PATH), facts={"by": "Rui"}, at=moment)
    text = browser(writer).get(reverse(NOTICES)).content.decode()
    assert 'lang="zh-hans"' in text and "2026-03-02 04:30" in text
    assert 'title="2026-03-02 04:30:00 (Asia/Shanghai)"' in text, "the exact moment, on hovering"
    assert 'lang="en"' in browser(person("pan", "Publisher")).get(reverse(NOTICES)).content.decode()


def test_the_switch_in_the_header_is_remembered_for_whoever_is_logged_in(world: World, writer: User) -> None:
    browser(writer).post(reverse("set_language"), {"language": "zh-hans", "next": "/admin/"})
    assert Profile.objects.get(person=writer).language == "zh-hans"
    assert 'lang="zh-hans"' in browser(writer).get(reverse(HOME)).content.decode(), "in another browser too"
    Client().post(reverse("set_language"), {"language": "en", "next": "/admin/"})
    browser(writer).post(reverse("set_language"), {"language": "xx"})
    assert Profile.objects.get(person=writer).language == "zh-hans"


def test_a_zone_that_the_server_does_not_know_breaks_no_page(world: World, writer: User) -> None:
    Profile.objects.create(person=writer, zone="Mars/Olympus")
    client = browser(writer)
    assert client.get(reverse(HOME)).status_code == 200 and client.get(reverse(MINE)).status_code == 200


def test_commits_carry_the_name_and_the_address_that_their_author_chose(
    world: World, writer: User, settings: Settings
) -> None:
    settings.NO_REPLY_DOMAIN = "noreply.example.org"
    Profile.objects.create(person=writer, commit_name="W <Wen>", no_reply=True)
    world.remote.push(PATH, post_text())
    world.sync("done")
    editing.edit(world.post(PATH), {"title": "改过"}, by=writer)
    world.sync("done")
    assert world.remote.log("%an|%ae")[0] == "W Wen|wen@noreply.example.org"
    known = people_by_address(world.collection, ["WEN@noreply.example.org", "wen@example.org", "x@noreply.example.org"])
    assert known == {"wen@noreply.example.org": writer, "wen@example.org": writer}
    assert commit_identity(person("pan")) == ("Pan", "pan@example.org")


def test_there_are_zones_of_every_continent() -> None:
    assert {"UTC", "Asia/Shanghai", "Europe/Zurich", "America/New_York"} <= set(zones())


# --- Notices


def test_all_notices_are_listed_seen_and_unseen_page_by_page(world: World, writer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync("done")
    for number in range(55):
        tell([writer], "remarks", post=world.post(PATH), facts={"by": str(number)})
    client = browser(writer)
    first = client.get(reverse(NOTICES))
    assert len(first.context["notices"].shown) == 50 and ">55<" in first.content.decode(), "the bell"
    older = client.get(reverse(NOTICES), {"before": first.context["notices"].last})
    assert [notice.words for notice in older.context["notices"].shown] == [
        f"{number} asks for changes." for number in (4, 3, 2, 1, 0)
    ]
    newest = first.context["notices"].shown[0].pk
    assert client.post(reverse(SEEN), {"notice": newest, "listed": "1"})["Location"] == reverse(NOTICES)
    page = client.get(reverse(NOTICES))
    assert page.context["notices"].shown[0].seen and ">54<" in page.content.decode()
    client.post(reverse(SEEN), {"listed": "1"})
    page = client.get(reverse(NOTICES))
    assert not page.context["notices"].any_unseen and "people-bell-count" not in page.content.decode()
    assert client.get(reverse(NOTICES), {"before": "x"}).status_code == 200


def test_whoever_was_told_nothing_reads_what_would_stand_there(world: World, writer: User) -> None:
    assert "Nothing was told to you yet" in browser(writer).get(reverse(NOTICES)).content.decode()


def test_a_kind_that_is_hidden_is_neither_listed_nor_counted(world: World, writer: User) -> None:
    Profile.objects.create(person=writer, hidden={"remarks": True}, wishes={"remarks": "now"})
    tell([writer], "remarks", facts={"by": "Rui"})
    client = browser(writer)
    assert client.get(reverse(NOTICES)).context["notices"].shown == []
    assert "people-bell-count" not in client.get(reverse(HOME)).content.decode()


# --- Invitations


@pytest.fixture
def ada(world: World) -> User:
    """Somebody who may add people."""
    return person("ada", "Administrator")


def invited(ada: User, **more: object) -> str:
    """Invite a writer; gives the link that is shown."""
    role = group_of("Writer").pk
    form = {"email": "li@example.org", "first_name": "Li", "language": "zh-hans", "groups": [role], **more}
    text = browser(ada).post(reverse(INVITE), form).content.decode()
    found = re.search(r'value="(http[^"]+/password/[^"]+)"', text)
    assert found, text
    return found[1]


def path_of(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


def choose_password(link: str, password: str) -> bool:
    """Open the link and choose a password; whether it worked."""
    client = Client()
    page = client.get(path_of(link), follow=True)
    if not page.context["validlink"]:
        return False
    address = page.redirect_chain[-1][0]
    answer = client.post(address, {"new_password1": password, "new_password2": password})
    return answer.status_code == 302


def test_an_invited_person_chooses_a_password_by_the_mailed_link_and_comes_in(ada: User) -> None:
    shown = invited(ada)
    mail_notices()
    (sent,) = mail.outbox
    assert sent.to == ["li@example.org"]
    assert "li" in sent.body and "Ada" in sent.body
    found = re.search(r"https?://\S+/password/\S+/", sent.body)
    assert found
    person_in = User.objects.get(username="li")
    assert person_in.is_staff and not person_in.has_usable_password()
    assert [group.name for group in person_in.groups.all()] == ["Writer"]
    assert Profile.objects.get(person=person_in).language == "zh-hans"
    assert choose_password(found[0], "correct horse battery")
    assert not choose_password(shown, "another horse battery"), "used up, the one that was shown too"
    assert User.objects.get(username="li").check_password("correct horse battery")


def test_the_link_is_answered_in_the_language_of_the_invitation_and_so_is_the_login(ada: User) -> None:
    client = Client(headers={"accept-language": "en"})
    page = client.get(path_of(invited(ada)), follow=True)
    assert 'lang="zh-hans"' in page.content.decode() and "密码" in page.content.decode()
    password = "correct horse battery"
    address = page.redirect_chain[-1][0]
    done = client.post(address, {"new_password1": password, "new_password2": password}, follow=True)
    assert 'lang="zh-hans"' in done.content.decode()
    assert 'lang="zh-hans"' in client.get(reverse("admin:login")).content.decode()


def test_a_link_ends(ada: User, settings: Settings) -> None:
    link = invited(ada)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert not choose_password(link, "correct horse battery")


def test_an_invitation_is_refused_where_name_or_address_are_taken_or_the_role_is_not_ones_to_give(
    ada: User, writer: User
) -> None:
    client = browser(ada)
    mighty = Group.objects.create(name="mighty")
    mighty.permissions.set([*group_of("Writer").permissions.all()])
    mighty.permissions.add(*_beyond())
    for given, field in [
        ({"email": "WEN@example.org"}, "email"),
        ({"email": "wen@elsewhere.org"}, "username"),
        ({"email": "no address"}, "email"),
        ({"email": "li@example.org", "groups": [mighty.pk]}, "groups"),
    ]:
        answer = client.post(reverse(INVITE), {"language": "en", **given})
        assert field in answer.context["form"].errors, given
    assert browser(writer).get(reverse(INVITE)).status_code == 403
    assert User.objects.count() == 2


def _beyond() -> list[object]:
    return [other_permissions()[0]]


def test_who_has_not_come_in_is_invited_once_more_and_nobody_else(ada: User, writer: User) -> None:
    invited(ada)
    mail_notices()
    li = User.objects.get(username="li")
    client = browser(ada)
    page = client.get(reverse("admin:auth_user_change", args=[li.pk])).content.decode()
    assert "Invite once more" in page
    again = reverse("admin:auth_user_invite_again", args=[li.pk])
    assert "/password/" in client.post(again).content.decode()
    assert mail_notices() == 1
    other = reverse("admin:auth_user_invite_again", args=[writer.pk])
    assert client.post(other).status_code == 302, "a link for somebody with a password would be a way around it"
    assert browser(writer).post(again).status_code == 403


def test_without_a_mail_server_the_page_says_to_hand_the_link_on(ada: User, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "you get a link to hand on yourself" in browser(ada).get(reverse(INVITE)).content.decode()
    assert invited(ada)
    assert "No mail server is set here" in Client().get(reverse("admin_password_reset")).content.decode()


# --- A forgotten password


def ask(address: str) -> None:
    """Ask for a new password, from the login on."""
    client = Client()
    assert reverse("admin_password_reset") in client.get(reverse("admin:login")).content.decode()
    answer = client.post(reverse("admin_password_reset"), {"email": address})
    assert answer["Location"] == reverse("password_reset_done")


def test_a_forgotten_password_is_chosen_anew_by_a_link_that_works_once(world: World, writer: User) -> None:
    ask("WEN@example.org")
    assert mail_notices() == 1
    found = re.search(r"https?://\S+/password/\S+/", mail.outbox[0].body)
    assert found and choose_password(found[0], "correct horse battery")
    assert not choose_password(found[0], "another horse battery")
    assert User.objects.get(username="wen").check_password("correct horse battery")


def test_where_several_have_one_address_each_gets_a_letter_that_names_them(
    world: World, writer: User, reviewer: User, publisher: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with CaptureQueriesContext(connection) as caught:
        ask_for_password(writer.email, place="here")
    Notice.objects.all().delete()
    User.objects.filter(pk__in=[reviewer.pk, publisher.pk]).update(email="Wen@Example.org")
    User.objects.filter(pk=publisher.pk).update(is_active=False)
    with django_assert_num_queries(len(caught)):
        ask_for_password(writer.email, place="here")
    assert mail_notices() == 2
    for sent, person_named in zip(mail.outbox, ("wen", "rui"), strict=True):
        assert f"Your user name: {person_named}" in sent.body
        found = re.search(r"https?://\S+/password/\S+/", sent.body)
        assert found and choose_password(found[0], f"correct horse {person_named}")
        assert User.objects.get(username=person_named).check_password(f"correct horse {person_named}")


def test_the_answer_is_the_same_for_an_address_that_nobody_has(world: World, writer: User) -> None:
    User.objects.filter(pk=writer.pk).update(is_active=False)
    ask("nobody@example.org")
    ask(writer.email)
    assert mail_notices() == 0


def test_a_new_password_is_not_asked_for_all_the_time(world: World, writer: User) -> None:
    for _time in range(MOST_OF_ADDRESS + 2):
        ask(writer.email)
        mail_notices()
    assert len(mail.outbox) == MOST_OF_ADDRESS
    PasswordAsked.objects.update(at=timezone.now() - datetime.timedelta(hours=2))
    ask(writer.email)
    assert mail_notices() == 1 and PasswordAsked.objects.count() == 2


def test_a_weak_password_is_refused(ada: User) -> None:
    client = Client()
    page = client.get(path_of(invited(ada)), follow=True)
    address = page.redirect_chain[-1][0]
    answer = client.post(address, {"new_password1": "12345678", "new_password2": "12345678"})
    assert answer.status_code == 200 and answer.context["form"].errors


def test_no_letter_is_among_the_notices(ada: User) -> None:
    invited(ada)
    li = User.objects.get(username="li")
    assert Notice.objects.filter(person=li).exists()
    assert browser(li).get(reverse(NOTICES)).context["notices"].shown == []


# --- In the browser


def test_a_writer_asks_a_reviewer_who_finds_it_by_the_bell(
    transactional_db: None, world: World, writer: User, reviewer: User, page: Page, live_server: LiveServer
) -> None:
    world.remote.push(PATH, post_text("请看这篇"))
    world.sync("done")
    key = world.post(PATH).pk

    def come_in(name: str) -> None:
        page.context.clear_cookies()
        page.goto(live_server.url)
        page.locator("input[name=username]").fill(name)
        page.locator("input[name=password]").fill("secret")
        page.locator("input[name=password]").press("Enter")
        expect(page).to_have_url(re.compile(r"/admin/$"))

    come_in("wen")
    page.goto(f"{live_server.url}/admin/posts/post/{key}/change/")
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_role("button", name="Release it")).to_be_visible()
    page.get_by_text("Ask somebody, by a day…").click()
    page.get_by_label("Reviewer").select_option(label="Rui")
    page.get_by_label("What to look at").fill("数字对吗？")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator(".people-request")).to_contain_text("Rui")
    come_in("rui")
    page.get_by_role("link", name="Notices, 1 not seen yet").click()
    expect(page.get_by_text("Wen asks you to review it.")).to_be_visible()
    page.get_by_role("link", name="请看这篇").click()
    expect(page.get_by_role("region", name="Review", exact=True)).to_contain_text("数字对吗？")
