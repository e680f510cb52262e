"""Webhooks: what lets a delivery in, what it does, and what nobody learns from it."""

import hashlib
import hmac
import http.client
import json
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from posts.credentials import hook_secret
from posts.hooks import LIMIT
from posts.models import Build, Collection, Sync
from posts.signatures import is_authentic
from tests.posts.worlds import World

SECRET = "a secret of the site's own"
BODY = b'{"ref": "refs/heads/main"}'
COMMIT = "5" * 40


@pytest.fixture
def signed_world(world: World, settings: Settings) -> World:
    """A collection called `site` with a webhook secret."""
    settings.CREDENTIALS = {"HOOK_SECRET_SITE": SECRET}
    return world


def signature(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliver(address: str, body: bytes | str = BODY, **headers: str) -> HttpResponse:
    """One delivery as a git server makes it: no cookie, no login, no CSRF token."""
    data = body.encode() if isinstance(body, str) else body
    client = Client(enforce_csrf_checks=True)
    return client.post(address, data, content_type="application/json", headers=headers)


def signed(address: str, body: bytes | str = BODY) -> HttpResponse:
    """A delivery as GitHub signs it."""
    data = body.encode() if isinstance(body, str) else body
    return deliver(address, data, **{"X-Hub-Signature-256": f"sha256={signature(data)}"})


def told(**facts: object) -> str:
    return json.dumps({"commit": COMMIT, "ok": True, "log": "", **facts})


# --- Signatures


def test_the_example_in_githubs_documentation_is_authentic() -> None:
    secret, body = b"It's a Secret to Everybody", b"Hello, World!"
    told = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert is_authentic({"X-Hub-Signature-256": told}, body, secret)
    assert not is_authentic({"X-Hub-Signature-256": told}, body + b" ", secret)
    assert not is_authentic({"X-Hub-Signature-256": told}, body, secret + b" ")
    assert not is_authentic({"X-Hub-Signature-256": told[:-1]}, body, secret)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Hub-Signature-256": f"sha256={signature(BODY)}"},
        {"X-Gitea-Signature": signature(BODY)},
        {"X-Forgejo-Signature": signature(BODY)},
        {"X-Gitlab-Token": SECRET},
        {"X-Gitea-Signature": signature(BODY), "X-Hub-Signature-256": f"sha256={signature(BODY)}"},
    ],
    ids=["GitHub", "Gitea", "Forgejo", "GitLab", "Gitea, which sends two"],
)
def test_each_git_server_is_let_in_by_what_it_sends_and_a_sync_waits(
    signed_world: World, headers: dict[str, str]
) -> None:
    assert deliver("/hooks/site/", **headers).status_code == 202
    assert Sync.objects.get().state == "waiting"


WRONG = [
    {},
    {"X-Hub-Signature-256": ""},
    {"X-Hub-Signature-256": "sha256="},
    {"X-Hub-Signature-256": f"sha256={signature(BODY, 'another')}"},
    {"X-Hub-Signature-256": f"sha256={signature(BODY + b' ')}"},
    {"X-Hub-Signature": "sha1=" + hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()},
    {"X-Hub-Signature-256": "sha256=\u00e9\u00ff"},
    {"X-Gitea-Signature": signature(BODY, "")},
    {"X-Forgejo-Signature": "0" * 64},
    {"X-Gitlab-Token": ""},
    {"X-Gitlab-Token": "another"},
    {"X-Gitlab-Token": signature(BODY)},
    {"Authorization": f"Bearer {SECRET}"},
]


@pytest.mark.parametrize("address", ["/hooks/site/", "/hooks/site/build/"])
@pytest.mark.parametrize("headers", WRONG, ids=str)
def test_a_wrong_or_missing_signature_is_refused_and_does_nothing(
    signed_world: World, headers: dict[str, str], address: str
) -> None:
    assert deliver(address, **headers).status_code == 403
    assert not Sync.objects.exists() and not Build.objects.exists()


def test_a_signature_that_is_not_of_these_bytes_is_refused(signed_world: World) -> None:
    assert deliver("/hooks/site/", BODY + b"\n", **{"X-Gitea-Signature": signature(BODY)}).status_code == 403


@pytest.mark.parametrize("name", ["nowhere", "other", "SITE", "file-site", "a.b", "x" * 300, "%00", "é", "<b>"])
def test_a_collection_that_is_not_there_is_refused_like_one_without_a_secret_or_with_a_wrong_signature(
    signed_world: World, settings: Settings, tmp_path: Path, name: str
) -> None:
    World(tmp_path, "other")  # it has no secret
    # Not even a secret under its name makes an unknown collection answer.
    settings.CREDENTIALS |= {"HOOK_SECRET_NOWHERE": SECRET, "HOOK_SECRET_FILE_SITE": "/nonexistent"}
    wrong = deliver("/hooks/site/", **{"X-Gitlab-Token": "wrong"})
    for address in (f"/hooks/{name}/", f"/hooks/{name}/build/"):
        refused = signed(address)
        assert (refused.status_code, refused.content) == (403, wrong.content)
        assert sorted(refused.headers.items()) == sorted(wrong.headers.items())
    assert not Sync.objects.exists() and not Build.objects.exists()


@pytest.mark.parametrize("secret", ["", "   "])
def test_an_empty_secret_lets_nobody_in(world: World, settings: Settings, secret: str) -> None:
    settings.CREDENTIALS = {"HOOK_SECRET_SITE": secret}
    for headers in ({}, {"X-Gitlab-Token": secret}, {"X-Gitea-Signature": signature(BODY, secret)}):
        assert deliver("/hooks/site/", **headers).status_code == 403


def test_the_secret_may_stand_in_a_file_and_under_the_name_of_the_credentials(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    settings.CREDENTIALS = {"HOOK_SECRET_FILE_MAIN": str(file), "HOOK_SECRET_SITE": "not this one"}
    Collection.objects.update(credentials="main")
    assert signed("/hooks/site/").status_code == 202
    file.write_text("a new one")
    assert signed("/hooks/site/").status_code == 403
    file.unlink()
    assert signed("/hooks/site/").status_code == 403


def test_a_collection_whose_name_begins_with_file_does_not_take_a_path_for_its_secret(settings: Settings) -> None:
    settings.CREDENTIALS = {"HOOK_SECRET_FILE_SITE": "/run/secrets/site"}
    assert hook_secret("file-site") == b""


# --- What a delivery does


def test_repeated_deliveries_leave_one_sync_waiting(signed_world: World) -> None:
    assert {signed("/hooks/site/").status_code for _ in range(5)} == {202}
    assert Sync.objects.count() == 1


def test_a_delivery_wakes_a_worker_and_brings_in_what_was_pushed_when_it_works(
    signed_world: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        signed("/hooks/site/")
    assert len(callbacks) == 1
    assert not Sync.objects.get().started_at


@pytest.mark.parametrize("address", ["/hooks/site/", "/hooks/site/build/"])
@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options", "patch"])
def test_only_post_is_answered(signed_world: World, address: str, method: str) -> None:
    answer = getattr(Client(), method)(address)
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"


@pytest.mark.parametrize("address", ["/hooks/site/", "/hooks/site/build/", "/hooks/nowhere/"])
def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_read(signed_world: World, address: str) -> None:
    assert signed(address, b" " * (LIMIT + 1)).status_code == 413
    at_the_limit = signed(address, told(log="").encode().ljust(LIMIT))
    assert at_the_limit.status_code == (403 if "nowhere" in address else 202)


def test_a_large_body_is_refused_before_it_is_sent(live_server: LiveServer, settings: Settings) -> None:
    settings.CREDENTIALS = {"HOOK_SECRET_SITE": SECRET}
    connection = http.client.HTTPConnection(live_server.thread.host, live_server.thread.port, timeout=10)
    connection.putrequest("POST", "/hooks/site/")
    connection.putheader("Content-Length", str(500 * 1024 * 1024))
    connection.endheaders()
    connection.send(b"x" * 1000)
    # The other 500 MB never come: the answer does.
    assert connection.getresponse().status == 413
    connection.close()


def test_an_odd_length_is_refused(live_server: LiveServer) -> None:
    for length in ("9" * 5000, "-1", "many", "٣"):
        connection = http.client.HTTPConnection(live_server.thread.host, live_server.thread.port, timeout=10)
        connection.putrequest("POST", "/hooks/site/")
        connection.putheader("Content-Length", length.encode())
        connection.endheaders()
        assert connection.getresponse().status in (400, 413)
        connection.close()


def test_a_delivery_over_real_http_is_let_in(live_server: LiveServer, tmp_path: Path, settings: Settings) -> None:
    settings.CREDENTIALS = {"HOOK_SECRET_SITE": SECRET}
    World(tmp_path)
    connection = http.client.HTTPConnection(live_server.thread.host, live_server.thread.port, timeout=10)
    connection.request("POST", "/hooks/site/", BODY, {"X-Gitea-Signature": signature(BODY)})
    assert connection.getresponse().status == 202
    connection.close()
    assert Sync.objects.get().state == "waiting"


# --- What a builder tells


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "no JSON object"),
        ("[]", "no JSON object"),
        ("{", "no JSON object"),
        ("[" * 100_000, "no JSON object"),
        ('{"commit": ' + "9" * 5000 + "}", "no JSON object"),
        ("{}", "“commit”"),
        (told(commit="main"), "“commit”"),
        (told(commit=COMMIT[:10]), "“commit”"),
        (told(commit=f"{COMMIT}\n"), "“commit”"),
        (told(commit=5), "“commit”"),
        (told(commit="-" * 40), "“commit”"),
        (told(ok="yes"), "“ok”"),
        (told(ok=1), "“ok”"),
        (json.dumps({"commit": COMMIT}), "“ok”"),
        (told(log=["a"]), "“log”"),
        (told(delivery=["a"]), "“delivery”"),
        (told(delivery="x" * 201), "“delivery”"),
    ],
)
def test_a_delivery_that_tells_of_no_build_is_refused_in_clear_words(
    signed_world: World, body: str, words: str
) -> None:
    answer = signed("/hooks/site/build/", body)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Build.objects.exists()


@pytest.mark.parametrize("commit", ["a" * 40, "A" * 40, "b" * 64])
@pytest.mark.parametrize("ok", [True, False])
def test_a_build_is_kept(signed_world: World, commit: str, ok: bool) -> None:
    assert signed("/hooks/site/build/", told(commit=commit, ok=ok, log="好了")).status_code == 202
    build = Build.objects.get()
    assert (build.commit, build.ok, build.log) == (commit.lower(), ok, "好了")
    assert not Sync.objects.exists()


def test_of_a_long_log_the_end_is_kept_and_odd_characters_hurt_nobody(signed_world: World) -> None:
    log = "前" * 100_000 + "\0\ud800 the end"
    assert signed("/hooks/site/build/", told(ok=False, log=log)).status_code == 202
    kept = Build.objects.get().log
    assert kept.endswith("前\ufffd? the end")
    assert 100 * 1024 - 3 <= len(kept.encode()) <= 100 * 1024


def test_a_build_without_a_log_is_kept(signed_world: World) -> None:
    assert signed("/hooks/site/build/", json.dumps({"commit": COMMIT, "ok": True})).status_code == 202
    assert signed("/hooks/site/build/", told(log=None)).status_code == 202
    assert Build.objects.get().log == ""


def test_a_build_that_is_told_of_again_is_one_build(signed_world: World) -> None:
    for _ in range(3):
        signed("/hooks/site/build/", told(log="once"))
    assert Build.objects.count() == 1


def test_a_late_repetition_does_not_undo_the_newest_build_but_a_build_made_anew_counts(signed_world: World) -> None:
    first, second = told(commit="1" * 40), told(commit="2" * 40)
    for each in (first, second, first):
        signed("/hooks/site/build/", each)
    assert list(Build.objects.values_list("commit", flat=True)) == ["2" * 40, "1" * 40]
    signed("/hooks/site/build/", told(commit="2" * 40, ok=False))
    signed("/hooks/site/build/", second)
    assert list(Build.objects.values_list("ok", flat=True)) == [True, False, True, True]


def test_an_older_commit_built_again_counts_where_the_sender_names_its_deliveries(signed_world: World) -> None:
    def named(delivery: object, commit: str) -> str:
        return json.dumps({"commit": commit * 40, "ok": True, "log": "same", "delivery": delivery})

    for each in (named(1, "1"), named(2, "2"), named(1, "1"), named("2", "2"), named(3, "1"), named(3, "1")):
        assert signed("/hooks/site/build/", each).status_code == 202
    assert list(Build.objects.values_list("delivery", "commit")) == [("3", "1" * 40), ("2", "2" * 40), ("1", "1" * 40)]


def test_only_so_many_builds_are_kept(signed_world: World) -> None:
    for number in range(110):
        signed("/hooks/site/build/", told(ok=False, log=str(number)))
    assert Build.objects.count() == 100
    assert Build.objects.first().log == "109"
