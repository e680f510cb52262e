"""Alerts by mail: each once to each who wants to know, again when it comes back, and none lost to a failing server."""

import datetime
import threading
from pathlib import Path
from smtplib import SMTPConnectError, SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from cms.settings.base import site_address
from posts import editing, tasks, telling
from posts.models import Collection, Conflict, Heartbeat, Post, Profile, Sync, ToldAlert
from posts.notifying import wish_for_alerts
from posts.telling import tell_alerts
from tests.posts.mail_servers import FailingServer
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/a.md"


@pytest.fixture
def told(db: None) -> User:
    """A Publisher who gets alerts by mail."""
    publisher = person("pan", "Publisher")
    wish_for_alerts(publisher, True)
    return publisher


@pytest.fixture
def troubled(world: World, told: User) -> World:
    """A collection whose remote is away."""
    world.remote.push(PATH, post_text())
    world.sync("done")
    tasks.sweep()
    go_away(world)
    return world


def go_away(world: World) -> None:
    """Take the remote away, and let a sync meet that."""
    world.remote.folder.rename(world.remote.folder.with_suffix(".away"))
    world.sync("failed")


def come_back(world: World) -> None:
    """Bring it back, and let a sync go through."""
    world.remote.folder.with_suffix(".away").rename(world.remote.folder)
    world.sync()


def minutes_later(minutes: int) -> None:
    """Let the rows be that much older."""
    for row in ToldAlert.objects.all():
        ToldAlert.objects.filter(pk=row.pk).update(at=row.at - datetime.timedelta(minutes=minutes))


def test_an_alert_is_mailed_once_and_again_after_it_came_back(troubled: World, told: User) -> None:
    tell_alerts()
    tell_alerts()
    (first,) = mail.outbox
    assert first.to == [told.email]
    come_back(troubled)
    tell_alerts()
    assert len(mail.outbox) == 1 and not ToldAlert.objects.exists()
    go_away(troubled)
    tell_alerts()
    tell_alerts()
    assert len(mail.outbox) == 2


def in_conflict(world: World, path: str, by: User) -> None:
    """Let both sides change the title of the post at `path`, more than a day ago."""
    editing.edit(world.post(path), {"title": "我们的"}, by=by)
    world.remote.push(path, post_text("他们的"))
    world.sync()
    day_ago = timezone.now() - datetime.timedelta(days=1, minutes=1)
    Conflict.objects.filter(post__path=path).update(opened_at=day_ago)


def test_conflicts_that_join_a_standing_alert_are_mailed_and_one_that_is_settled_is_not(
    world: World, told: User
) -> None:
    paths = ["src/posts/a.md", "src/posts/b.md", "src/posts/c.md"]
    world.remote.commit({path: post_text() for path in paths})
    world.sync("done")
    tasks.sweep()
    in_conflict(world, paths[0], told)
    assert [tell_alerts(), tell_alerts()] == [1, 0]
    in_conflict(world, paths[1], told)
    assert tell_alerts() == 0, "not at once: more may come"
    minutes_later(61)
    assert [tell_alerts(), tell_alerts()] == [1, 0]
    assert "2 conflicts have been open for more than a day" in mail.outbox[1].body
    minutes_later(61)
    Conflict.objects.filter(post__path=paths[1]).update(settled_at=timezone.now())
    assert tell_alerts() == 0
    assert ToldAlert.objects.count() == 1
    in_conflict(world, paths[2], told)
    assert tell_alerts() == 1
    Conflict.objects.update(settled_at=timezone.now())
    assert tell_alerts() == 0
    assert not ToldAlert.objects.exists()


def test_the_mail_can_be_read_in_both_languages_and_leads_to_the_first_page(
    troubled: World, settings: Settings
) -> None:
    settings.SITE_ADDRESS = "https://cms.example.org"
    tasks.tell_alerts()
    (sent,) = mail.outbox
    assert "site: There is no repository at its address" in sent.subject and "\n" not in sent.subject
    assert "site: 这个地址上没有仓库" in sent.subject
    for part in (
        "Check the address",
        "请检查",
        "https://cms.example.org/admin/",
        "https://cms.example.org/my/settings/",
    ):
        assert part in sent.body
    assert "fatal:" in sent.body, "the server's own words"
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_several_alerts_make_one_mail_and_a_new_one_another(troubled: World, tmp_path: Path) -> None:
    other = World(tmp_path / "other", "other")
    go_away(other)
    assert tell_alerts() == 1
    assert "2 alerts" in mail.outbox[0].subject
    assert "site: " in mail.outbox[0].body and "other: " in mail.outbox[0].body
    go_away(World(tmp_path / "third", "third"))
    assert tell_alerts() == 1
    assert "third: " in mail.outbox[1].body and "site: " not in mail.outbox[1].body


def test_everybody_who_wants_to_know_gets_a_mail_of_their_own_and_nobody_else(troubled: World, told: User) -> None:
    for name in ("ada", "inactive", "homeless", "unwilling", "outsider"):
        wish_for_alerts(person(name, "Administrator"), name != "unwilling")
    User.objects.filter(username="inactive").update(is_active=False)
    User.objects.filter(username="homeless").update(email="")
    User.objects.filter(username="outsider").update(is_staff=False)
    tell_alerts()
    assert [sent.to for sent in mail.outbox] == [[told.email], ["ada@example.org"]]


def test_whoever_wants_to_know_later_is_told_what_is_wrong_still(troubled: World, told: User) -> None:
    tell_alerts()
    wish_for_alerts(person("ada", "Administrator"), True)
    tell_alerts()
    assert [sent.to for sent in mail.outbox] == [[told.email], ["ada@example.org"]]


def test_a_writer_is_told_what_concerns_a_writers_work(troubled: World, told: User) -> None:
    wish_for_alerts(told, False)
    wish_for_alerts(person("wen", "Writer"), True)
    assert tell_alerts() == 0
    opened = timezone.now() - datetime.timedelta(days=2)
    Conflict.objects.create(post=Post.objects.get(), kind="text", opened_at=opened)
    assert tell_alerts() == 1
    assert "conflict" in mail.outbox[0].subject and "repository at its address" not in mail.outbox[0].body


def test_whoever_wants_alerts_daily_gets_the_new_ones_of_a_day_in_one_mail(troubled: World, told: User) -> None:
    profile = Profile.objects.get(person=told)
    hour = timezone.now().hour
    # A zone in which it is nine in the morning, and one in which it is seven.
    nine, seven = (f"Etc/GMT{(hour - there + 12) % 24 - 12:+d}" for there in (9, 7))
    profile.wishes, profile.zone = {"alert": "daily"}, seven
    profile.save()
    assert tell_alerts() == 0
    Profile.objects.update(zone=nine)
    assert tell_alerts() == 1 and tell_alerts() == 0
    come_back(troubled)
    tell_alerts()
    go_away(troubled)
    assert tell_alerts() == 0, "tomorrow"
    Profile.objects.update(alerts_mailed_on=None)
    assert tell_alerts() == 1


@pytest.mark.parametrize(
    "failure",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        SMTPConnectError(421, "busy"),
        SMTPDataError(421, b"shutting down"),
        SMTPRecipientsRefused({"pan@example.org": (421, b"shutting down")}),
    ],
    ids=repr,
)
def test_a_mail_server_that_is_away_loses_none_and_is_not_tried_all_the_time(
    failure: Exception, troubled: World, told: User, server: type[FailingServer]
) -> None:
    wish_for_alerts(person("zoe", "Publisher"), True)
    server.failure, server.only = failure, [told.email]
    assert tell_alerts() == 0, "whoever comes behind would meet the same"
    server.failure = None
    assert tell_alerts() == 0, "it is left alone for some minutes"
    minutes_later(6)
    assert tell_alerts() == 2
    assert tell_alerts() == 0 and len(mail.outbox) == 2


@pytest.mark.parametrize(
    "failure",
    [
        SMTPRecipientsRefused({"pan@example.org": (550, b"no such user")}),
        SMTPDataError(552, b"mailbox full"),
        SMTPDataError(451, b"try again later"),
        SMTPSenderRefused(552, b"message too large", "evergreen@localhost"),
    ],
    ids=repr,
)
def test_a_mailbox_that_takes_nothing_keeps_nobody_else_from_being_told(
    failure: Exception, troubled: World, told: User, server: type[FailingServer], tmp_path: Path
) -> None:
    wish_for_alerts(person("zoe", "Publisher"), True)
    server.failure, server.only = failure, [told.email]
    assert tell_alerts() == 1
    go_away(World(tmp_path / "other", "other"))
    server.failure = None
    assert tell_alerts() == 1, "others hear of what is new at once; that mailbox is left alone for some minutes"
    minutes_later(6)
    assert tell_alerts() == 1
    assert [sent.to for sent in mail.outbox] == [["zoe@example.org"], ["zoe@example.org"], [told.email]]
    assert tell_alerts() == 0


def test_a_worker_that_died_over_it_keeps_the_turn_for_some_minutes_only(troubled: World) -> None:
    ToldAlert.objects.create(key="turn", at=timezone.now())
    assert tell_alerts() == 0
    minutes_later(6)
    assert tell_alerts() == 1


def test_a_clock_that_was_set_back_does_not_silence_it(troubled: World) -> None:
    ToldAlert.objects.create(key="turn", at=timezone.now() + datetime.timedelta(hours=1))
    assert tell_alerts() == 1


def test_what_does_the_telling_never_says_that_it_is_away(world: World, told: User) -> None:
    world.sync()
    past = timezone.now() - datetime.timedelta(hours=1)
    Heartbeat.objects.create(name="machinery", at=past)
    Collection.objects.update(created_at=past)
    tasks.tell_alerts()
    assert mail.outbox == []


def test_two_workers_at_once_send_one_mail(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    wish_for_alerts(person("pan", "Publisher"), True)
    tasks.sweep()
    now = timezone.now()
    Sync.objects.create(
        collection=world.collection, state="failed", asked_at=now, ended_at=now, error_code="unreachable"
    )
    sent: list[Any] = []
    in_hand, failures = threading.Barrier(2, timeout=20), []

    class Slow:
        """A server that takes so long that both would be at it."""

        def send_messages(self, messages: list[EmailMessage]) -> int:
            sent.extend(messages)
            threading.Event().wait(0.5)
            return 1

    monkeypatch.setattr(telling, "get_connection", lambda: Slow())

    def work() -> None:
        try:
            in_hand.wait()
            tell_alerts()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert failures == [] and len(sent) == 1


def test_no_mail_is_sent_inside_a_transaction(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    wish_for_alerts(person("pan", "Publisher"), True)
    now = timezone.now()
    Sync.objects.create(
        collection=world.collection, state="failed", asked_at=now, ended_at=now, error_code="unreachable"
    )
    inside: list[bool] = []

    class Watching:
        """A server that looks at the database."""

        def send_messages(self, messages: list[EmailMessage]) -> int:
            inside.append(connection.in_atomic_block)
            return 1

    monkeypatch.setattr(telling, "get_connection", lambda: Watching())
    assert tell_alerts() == 1
    assert inside == [False]


# --- The address in the mail


@pytest.mark.parametrize(
    ("told_address", "hosts", "address"),
    [
        ("https://cms.example.org/", [], "https://cms.example.org"),
        ("http://10.0.0.1:8080/cms", [], "http://10.0.0.1:8080/cms"),
        ("", ["cms.example.org", "x"], "https://cms.example.org"),
        ("", ["*", ".example.org"], "https://example.org"),
        ("", ["localhost"], "http://localhost:8001"),
        ("", [], "http://localhost:8001"),
    ],
)
def test_the_sites_address_is_told_or_the_first_hosts(told_address: str, hosts: list[str], address: str) -> None:
    assert site_address(told_address, hosts, 8001) == address


@pytest.mark.parametrize("told_address", ["cms.example.org", "ftp://cms.example.org", "https://", "https://x/?a"])
def test_an_address_that_is_none_is_a_wrong_setting(told_address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SITE_ADDRESS"):
        site_address(told_address, [], 8000)


def test_a_mail_server_is_given_a_time(settings: Settings) -> None:
    assert 0 < settings.EMAIL_TIMEOUT <= 10
