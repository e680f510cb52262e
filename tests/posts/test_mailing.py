"""Notices by mail: as each person wishes, none lost to a failing server, none doubled by two workers."""

import datetime
import socketserver
import threading
from collections.abc import Iterator
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from posts import mailing, tasks
from posts.inviting import ask_for_password
from posts.mailing import mail_notices
from posts.models import Notice, Post, Profile
from posts.notice_kinds import KINDS, kind_of
from posts.notice_words import KIND_WORDS, WORDS, address_of
from posts.notifying import mark_seen, next_digest, tell
from tests.posts.mail_servers import FailingServer
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/a.md"


@pytest.fixture
def post(world: World) -> Post:
    """A post to tell of."""
    world.remote.push(PATH, post_text())
    world.sync("done")
    return world.post(PATH)


def later(minutes: int) -> None:
    """Let what waits be due that much sooner."""
    for row in Notice.objects.exclude(mail_at=None):
        assert row.mail_at is not None
        Notice.objects.filter(pk=row.pk).update(mail_at=row.mail_at - datetime.timedelta(minutes=minutes))


def test_what_somebody_is_told_is_mailed_once_and_leads_to_the_post(
    post: Post, writer: User, settings: Settings
) -> None:
    settings.SITE_ADDRESS = "https://cms.example.org"
    tell([writer], "remarks", post=post, facts={"by": "Rui", "note": "太短\n再写"})
    tasks.mail_notices()
    tasks.mail_notices()
    (sent,) = mail.outbox
    assert sent.to == [writer.email] and "美股暴跌: Rui asks for changes." in sent.subject
    assert f"https://cms.example.org/admin/posts/post/{post.pk}/change/" in sent.body
    assert "> 太短\n> 再写" in sent.body and "https://cms.example.org/my/settings/" in sent.body
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_mail_is_in_the_language_that_its_reader_chose_else_in_all(post: Post, writer: User) -> None:
    tell([writer], "approval_lost", post=post, facts={"by": "Rui"})
    mail_notices()
    Profile.objects.create(person=writer, language="zh-hans")
    tell([writer], "approval_lost", post=post, facts={"by": "Rui"})
    mail_notices()
    both, chinese = mail.outbox
    english_words = "Its approval no longer stands: Rui changed the post."
    assert english_words in both.body and "批准" in both.body
    assert english_words not in chinese.body and "批准" in chinese.body


def test_several_notices_make_one_mail(post: Post, writer: User) -> None:
    for by in ("Rui", "Pan"):
        tell([writer], "approval_lost", post=post, facts={"by": by})
    assert mail_notices() == 1
    assert "2 notices" in mail.outbox[0].subject and "Rui" in mail.outbox[0].body and "Pan" in mail.outbox[0].body


def test_each_kind_is_told_as_the_person_wishes(post: Post, writer: User) -> None:
    Profile.objects.create(
        person=writer,
        wishes={"remarks": "off", "mention": "daily", "assigned": "off"},
        hidden={"mention": True, "assigned": True},
    )
    for code in ("remarks", "mention", "assigned", "published"):
        tell([writer], code, post=post, facts={"by": "Rui"})
    rows = {row.code: row for row in Notice.objects.filter(person=writer)}
    assert set(rows) == {"remarks", "mention", "published"}, "what nobody wants is not even kept"
    assert (rows["remarks"].shown, rows["remarks"].mail_at) == (True, None)
    assert not rows["mention"].shown and rows["mention"].mail_at is not None
    assert mail_notices() == 0 and mail.outbox == []


def test_what_comes_daily_comes_at_eight_in_the_readers_own_zone(post: Post, writer: User) -> None:
    profile = Profile(person=writer, zone="Asia/Shanghai")
    evening = datetime.datetime(2026, 3, 1, 13, 0, tzinfo=datetime.UTC)
    assert next_digest(profile, evening) == datetime.datetime(2026, 3, 2, 0, 0, tzinfo=datetime.UTC)
    early = datetime.datetime(2026, 3, 1, 23, 0, tzinfo=datetime.UTC)
    assert next_digest(profile, early) == datetime.datetime(2026, 3, 2, 0, 0, tzinfo=datetime.UTC)
    profile.wishes = {"mention": "daily", "remarks": "daily"}
    profile.save()
    for code in ("mention", "remarks"):
        tell([writer], code, post=post, facts={"by": "Rui"})
    assert mail_notices() == 0
    later(24 * 60)
    assert mail_notices() == 1 and "2 notices" in mail.outbox[0].subject


def test_what_was_seen_in_here_is_not_mailed_any_more(post: Post, writer: User) -> None:
    tell([writer], "remarks", post=post, facts={"by": "Rui"})
    mark_seen(writer)
    assert mail_notices() == 0 and mail.outbox == []


def test_nobody_is_told_what_they_did_themselves_or_while_they_cannot_log_in(post: Post, writer: User) -> None:
    gone = person("gone", "Writer")
    gone.is_active = False
    gone.save()
    tell([writer, gone, None], "remarks", post=post, facts={}, by=writer)
    assert not Notice.objects.exists()


def test_whoever_has_no_address_or_was_deactivated_keeps_nobody_waiting(post: Post, writer: User) -> None:
    tell([writer], "remarks", post=post, facts={"by": "Rui"})
    User.objects.filter(pk=writer.pk).update(email="")
    assert mail_notices() == 0
    notice = Notice.objects.get()
    assert notice.mail_at is None and notice.mailed_at is None and notice.seen_at is None


@pytest.mark.parametrize("failure", [ConnectionRefusedError(), TimeoutError()], ids=repr)
def test_a_mail_server_that_is_away_loses_none_and_is_tried_ever_more_rarely(
    failure: Exception, post: Post, writer: User, reviewer: User, server: type[FailingServer]
) -> None:
    server.failure = failure
    tell([writer, reviewer], "remarks", post=post, facts={"by": "Pan"})
    assert mail_notices() == 0
    server.failure = None
    assert mail_notices() == 0, "it is left alone for some minutes, for everybody"
    server.failure = failure
    later(6)
    assert mail_notices() == 0
    waits = [row.mail_at - timezone.now() for row in Notice.objects.all() if row.mail_at]
    assert max(waits) > datetime.timedelta(minutes=4)
    server.failure = None
    later(60)
    assert mail_notices() == 2
    assert sorted(address for sent in mail.outbox for address in sent.to) == [reviewer.email, writer.email]


@pytest.mark.parametrize(
    "failure",
    [
        SMTPRecipientsRefused({"wen@example.org": (550, b"no such user")}),
        SMTPDataError(552, b"mailbox full"),
        SMTPSenderRefused(552, b"message too large", "evergreen@localhost"),
    ],
    ids=repr,
)
def test_a_mailbox_that_takes_nothing_keeps_nobody_else_from_being_told(
    failure: SMTPException, post: Post, writer: User, reviewer: User, server: type[FailingServer]
) -> None:
    server.failure, server.only = failure, [writer.email]
    tell([writer, reviewer], "remarks", post=post, facts={"by": "Pan"})
    assert mail_notices() == 1
    assert [sent.to for sent in mail.outbox] == [[reviewer.email]]
    server.failure = None
    assert mail_notices() == 0
    later(6)
    assert mail_notices() == 1


def test_a_letter_that_a_mailbox_does_not_take_keeps_back_no_other_mail_for_it(
    post: Post, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for_password(writer.email, place="here")
    tell([writer], "remarks", post=post, facts={"by": "Pan"})
    taken: list[str] = []

    class Picky:
        """A server that takes no letter about passwords."""

        def send_messages(self, messages: list[EmailMessage]) -> int:
            if "password" in messages[0].subject:
                raise SMTPDataError(554, b"looks like phishing")
            taken.extend(message.subject for message in messages)
            return 1

    monkeypatch.setattr(mailing, "get_connection", lambda: Picky())
    assert mail_notices() == 1 and len(taken) == 1
    waiting = Notice.objects.get(code="password")
    assert waiting.mailed_at is None and waiting.mail_at is not None


def test_two_workers_at_once_send_one_mail_and_none_inside_a_transaction(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell([person("wen", "Writer")], "remarks", facts={"by": "Rui"})
    sent: list[Any] = []
    inside: list[bool] = []
    in_hand, failures = threading.Barrier(2, timeout=20), []

    class Slow:
        """A server that takes so long that both would be at it, and that looks at the database."""

        def send_messages(self, messages: list[EmailMessage]) -> int:
            inside.append(connection.in_atomic_block)
            sent.extend(messages)
            threading.Event().wait(0.5)
            return 1

    monkeypatch.setattr(mailing, "get_connection", lambda: Slow())

    def work() -> None:
        try:
            in_hand.wait()
            mail_notices()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert failures == [] and len(sent) == 1 and inside == [False]


# --- A real server


class _Conversation(socketserver.StreamRequestHandler):
    """As much SMTP as it takes to be handed a mail; it hangs up in the middle while `Server.hangs_up` says so."""

    server: "_Server"

    def handle(self) -> None:
        """Answer line by line."""
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                if self.server.hangs_up:
                    return
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (text := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(text)
                self.server.taken.append(b"".join(lines).decode())
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 well\r\n")
            if word == b"QUIT":
                return


class _Server(socketserver.ThreadingTCPServer):
    """A mail server on a free port of this machine."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.hangs_up = False
        super().__init__(("127.0.0.1", 0), _Conversation)


@pytest.fixture
def smtp(settings: Settings) -> Iterator[_Server]:
    """A real mail server."""
    with _Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.05,))
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = made.server_address
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield made
        made.shutdown()
        thread.join()


def test_a_real_server_that_hangs_up_in_the_middle_gets_it_the_next_time(
    post: Post, writer: User, smtp: _Server
) -> None:
    smtp.hangs_up = True
    tell([writer], "remarks", post=post, facts={"by": "Rui", "note": "太短"})
    assert mail_notices() == 0 and smtp.taken == []
    smtp.hangs_up = False
    later(6)
    assert mail_notices() == 1 and mail_notices() == 0
    (taken,) = smtp.taken
    assert f"To: {writer.email}" in taken


# --- The kinds


def test_every_kind_has_words_and_a_code_that_nobody_knows_is_shown_but_not_mailed() -> None:
    assert list(KIND_WORDS) == list(KINDS)
    assert set(KINDS) - {"alert"} <= set(WORDS)
    assert kind_of("released").name == "assigned"
    assert (kind_of("novelty").shown, kind_of("novelty").mailing) == (True, "off")


def test_a_notice_leads_where_its_facts_say_but_never_off_this_site(post: Post, writer: User) -> None:
    for told, leads in [("/x/#comment-1", "/x/#comment-1"), ("//evil.example", None), ("https://evil.example", None)]:
        notice = Notice(person=writer, post=post, code="mention", facts={"address": told})
        assert address_of(notice, writer) == (leads or f"/admin/posts/post/{post.pk}/comments/")


def test_each_notice_leads_to_the_thing_itself_as_far_as_its_reader_may_open_it(post: Post, writer: User) -> None:
    here = f"/admin/posts/post/{post.pk}"
    leads = {
        **dict.fromkeys(("asked", "asked_again", "waiting", "approval_lost"), f"{here}/review/"),
        **dict.fromkeys(
            ("mention", "remarked", "suggested", "replied", "outside_remark"), f"{here}/comments/#remark-7"
        ),
        # What was asked for is done in the form, which shows the note.
        **dict.fromkeys(("remarks", "assigned", "released", "published", "changed_outside"), f"{here}/change/"),
        **dict.fromkeys(("schedule_failed", "schedule_waits", "schedule_unapproved"), f"{here}/change/"),
        **dict.fromkeys(("review_near", "review_due", "reminder"), f"{here}/change/"),
        "schedule_given": f"{here}/schedule/",
        "conflict": "/admin/posts/conflict/5/change/",
        "to_release": "/admin/posts/bulkstep/3/change/",
    }
    assert set(WORDS) <= set(leads)
    facts = {"conflict": 5, "step": 3, "remark": 7}
    for code, address in leads.items():
        notice = Notice(person=writer, post=post, code=code, facts=facts)
        assert address_of(notice, writer) == address, code
        assert address_of(notice, person("nobody-" + code)) == "", "who may see no post is led nowhere"
    before = Notice(person=writer, post=post, code="conflict", facts={"by": "小王"})
    assert address_of(before, writer) == f"{here}/change/", "told before notices named their conflict"
    only_posts = person("only")
    only_posts.user_permissions.add(Permission.objects.get(codename="view_post"))
    notice = Notice(person=only_posts, post=post, code="conflict", facts=facts)
    assert address_of(notice, only_posts) == f"{here}/change/", "no page that is closed to its reader"
