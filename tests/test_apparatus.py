"""The apparatus itself: servers start, answer and stop; a worker works; the browser sees the site; settings refuse."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis
from celery import current_app
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from cms.settings import base
from scripts.compile_messages import compile_one
from tests.conftest import a_browser
from tests.servers import ROOT, Worker, postgres, redis_server


def said(worker: Worker, words: str, seconds: float = 20) -> bool:
    """Whether the worker's log comes to hold `words`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if words in worker.log.read_text(errors="replace"):
            return True
        time.sleep(0.05)
    return False


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `code` with nothing in the environment but `environment` and the path."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
    )


# --- Servers


def test_a_private_postgresql_answers_and_is_gone_afterwards() -> None:
    with postgres() as url, psycopg.connect(url) as opened:
        assert opened.execute("SELECT current_user, current_setting('server_encoding')").fetchone() == (
            "evergreen",
            "UTF8",
        )
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)


def test_a_private_redis_answers_and_is_gone_afterwards() -> None:
    with redis_server() as url:
        client = redis.Redis.from_url(url, decode_responses=True)
        assert client.set("发布", "1")
        assert client.get("发布") == "1"
        client.close()
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(url).ping()


def test_a_real_worker_takes_a_message_of_this_process(worker: Worker) -> None:
    current_app.send_task("celery.accumulate", args=[1, 2])
    assert said(worker, "celery.accumulate[")
    assert said(worker, "succeeded")


@pytest.mark.embedded
def test_the_embedded_worker_gets_over_a_torn_message(var_dir: Path, worker: Worker) -> None:
    messages = var_dir / "queue" / "messages"
    (messages / "1_torn.celery.msg").write_bytes(b"")
    (messages / "2_torn.celery.msg").write_bytes(b'{"body": "\xff')
    current_app.send_task("celery.accumulate", args=[1, 2])
    assert said(worker, "succeeded"), worker.log.read_text()
    deadline = time.monotonic() + 20
    while list(messages.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert list(messages.iterdir()) == []


def test_the_embedded_worker_takes_each_of_many_messages_once(worker: Worker) -> None:
    # Others' messages may wait in a broker that tests share: only these count.
    taken = re.compile(r"celery\.accumulate\[[^]]*\] succeeded in ")
    for number in range(200):
        current_app.send_task("celery.accumulate", args=[number])
    deadline = time.monotonic() + 30
    while (done := len(taken.findall(worker.log.read_text()))) < 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert done == 200


@pytest.mark.django_db
def test_this_is_the_database_that_was_asked_for() -> None:
    wanted = "postgresql" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite"
    assert connection.vendor == wanted
    if wanted == "sqlite":
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.transaction_mode == "IMMEDIATE"


def test_whoever_opens_the_site_in_a_browser_can_log_in(live_server: LiveServer, page: Page) -> None:
    User.objects.create_superuser("root", password="correct horse")
    page.goto(live_server.url)
    page.fill("#id_username", "root")
    page.fill("#id_password", "correct horse")
    page.click("button[type=submit]")
    expect(page).to_have_url(f"{live_server.url}/admin/")
    assert page.evaluate("document.characterSet") == "UTF-8"


def test_a_breach_of_the_content_security_policy_fails_the_test_in_whichever_tab_it_is(
    live_server: LiveServer, chromium: Browser
) -> None:
    with pytest.raises(AssertionError, match="Content Security Policy"), a_browser(chromium) as page:
        tab = page.context.new_page()
        tab.goto(live_server.url)
        with tab.expect_console_message():
            tab.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: '1'}))")


# --- Safe from the start


@pytest.mark.django_db
def test_the_sixth_wrong_password_in_a_row_locks_the_login() -> None:
    User.objects.create_superuser("root", password="correct horse")
    client = Client()
    for _ in range(5):
        answer = client.post("/admin/login/", {"username": "root", "password": "wrong"})
    right = client.post("/admin/login/", {"username": "root", "password": "correct horse"})
    assert (answer.status_code, right.status_code) == (429, 429)
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").post("/admin/login/", {"username": "root", "password": "correct horse"})
    assert elsewhere.status_code == 302


@pytest.mark.django_db
def test_every_answer_carries_the_content_security_policy() -> None:
    policy = Client().get("/admin/login/").headers["Content-Security-Policy"]
    assert {part.strip() for part in policy.split(";")} == {
        "default-src 'self'",
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' https: data:",
        "frame-src 'self' https://www.youtube-nocookie.com",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    }


def test_markdownx_has_no_address_of_its_own() -> None:
    assert Client().post("/markdownx/upload/").status_code in {302, 403, 404}
    assert "image/svg+xml" not in settings.MARKDOWNX_UPLOAD_CONTENT_TYPES


LONG_KEY = "n4Kc0wQ7zVbX1yTgHs9RmEu2JpLd6FaZi8Yo3CxGkWtBvNqSe5"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        pytest.param({}, "SECRET_KEY is not set", id="no key"),
        pytest.param({"SECRET_KEY": "django-insecure"}, "too easy to guess", id="a short key"),
        pytest.param({"SECRET_KEY": "change-me-" * 6}, "too easy to guess", id="a default key"),
        pytest.param({"SECRET_KEY": LONG_KEY, "DEBUG": "1", "ALLOWED_HOSTS": "a.example"}, "DEBUG is on", id="debug"),
        pytest.param({"SECRET_KEY": LONG_KEY}, "ALLOWED_HOSTS is not set", id="no hosts"),
        pytest.param({"DEBUG": "perhaps"}, "DEBUG='perhaps' is neither on", id="a flag that is no flag"),
        pytest.param({"DATABASE_URL": "mysql://h/d"}, "DATABASE_URL must start with", id="another database"),
        pytest.param({"CELERY_BROKER_URL": "amqp://h"}, "CELERY_BROKER_URL must be", id="another broker"),
        pytest.param({"VAR_DIR": "/dev/null/x"}, "cannot be made", id="a folder that cannot be"),
    ],
)
def test_production_refuses_to_start(environment: dict[str, str], words: str, tmp_path: Path) -> None:
    ended = python("import cms.settings.production", **{"VAR_DIR": str(tmp_path), **environment})
    assert ended.returncode == 1
    assert "ImproperlyConfigured" in ended.stderr.splitlines()[-1]
    assert words in ended.stderr.splitlines()[-1]


def test_production_starts_with_a_key_and_a_host(tmp_path: Path) -> None:
    told = {"VAR_DIR": str(tmp_path), "SECRET_KEY": LONG_KEY, "ALLOWED_HOSTS": "a.example,b.example"}
    ended = python("from cms.settings import production as p; print(p.ALLOWED_HOSTS, p.SESSION_COOKIE_SECURE)", **told)
    assert ended.stdout == "['a.example', 'b.example'] True\n", ended.stderr


def test_development_keeps_the_secret_key_that_it_made(tmp_path: Path) -> None:
    code = "from cms.settings import development as d; print(d.SECRET_KEY)"
    first, second = (python(code, VAR_DIR=str(tmp_path)).stdout for _ in range(2))
    assert first == second
    assert len(first) > 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_a_number_must_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECURE_HSTS_SECONDS", "an hour")
    with pytest.raises(ImproperlyConfigured, match="SECURE_HSTS_SECONDS='an hour' is not a whole number"):
        base.whole_number("SECURE_HSTS_SECONDS", 0)


# --- The scripts


def test_make_help_names_every_target() -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("install", "run", "test", "check", "bench", "lock"):
        assert f"make {target} " in told


SUPERVISED = """
import sys
from pathlib import Path
from scripts import run
run.BIN, run.PATIENCE = Path("/bin"), 1.0
stopping = run.Stopping()
parts = [run.start("one", ["sh", "-c", sys.argv[1]]), run.start("two", ["sleep", "60"])]
print("up", parts[0].process.pid, parts[1].process.pid, flush=True)
status = run.watch(parts, stopping, 1)
run.stop(parts)
print("down", status, flush=True)
"""


def supervise(script: str, *, interrupt: bool) -> str:
    """What the supervisor prints over the shell's `script` and a sleeper, interrupted or not, once both are gone."""
    command = [sys.executable, "-c", SUPERVISED, script]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines: list[str] = []
    while not any(line.startswith("up") for line in lines) or "ready" not in "".join(lines):
        lines.append(process.stdout.readline())
    if interrupt:
        process.send_signal(signal.SIGINT)
    lines.append(process.stdout.read())
    process.wait()
    up = next(line for line in lines if line.startswith("up"))
    for pid in up.split()[1:]:
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)
    return "".join(lines)


def test_the_supervisor_stops_all_parts_when_asked_and_marks_their_lines() -> None:
    told = supervise("echo 一 ready; exec sleep 60", interrupt=True)
    assert "   one | 一 ready\n" in told
    assert told.endswith("down 0\n")


def test_the_supervisor_stops_the_others_when_one_part_dies() -> None:
    told = supervise("echo ready; exit 3", interrupt=False)
    assert "one ended by itself with status 3" in told
    assert told.endswith("down 1\n")


def test_the_supervisor_kills_what_will_not_stop() -> None:
    told = supervise("trap '' TERM; echo ready; while true; do sleep 0.1; done", interrupt=True)
    assert "one did not stop in 1 s and is killed" in told


HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=1; plural=0;\\n"\n\n'


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        pytest.param('msgid "Publish"\nmsgstr "发布"\n', None, id="good"),
        pytest.param('msgid "one"\nmsgid_plural "%(n)d posts"\nmsgstr[0] "%(n)d 篇"\n', None, id="good plural"),
        pytest.param('msgid "Publish"\nmsgstr ""\n', "not translated", id="missing"),
        pytest.param('#, fuzzy\nmsgid "Publish"\nmsgstr "发布"\n', "fuzzy", id="fuzzy"),
        pytest.param(
            '#, python-format\nmsgid "%(n)s left"\nmsgstr "%(m)s 剩"\n', "unknown named placeholder", id="placeholder"
        ),
    ],
)
def test_a_faulty_translation_is_named_and_a_good_one_compiled(entry: str, fault: str | None, tmp_path: Path) -> None:
    source = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(HEADER + entry, encoding="utf-8")
    found = compile_one(source, check=True)
    if fault is None:
        assert found == []
    else:
        (told,) = found
        assert fault in told
    assert source.with_suffix(".mo").stat().st_size > 0
