"""Credentials by name: they open the repository, and are to be seen nowhere."""

import base64
import io
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from posts.consistency import check_collection
from posts.credentials import environment_for
from posts.git import GitError
from posts.git_credentials import key_environment, token_environment
from posts.git_environment import forms_of_token
from posts.locking import is_at_work, repository_of, try_connection
from posts.models import Collection, Post
from posts.runs import wake_forgotten
from posts.wording import worded_error
from tests.posts.git_servers import WebServer, web_server
from tests.posts.worlds import World, person, post_text

TOKEN = "ghp_Zq7/+x=Very&Secret%20Token~42"
PATH = "src/posts/a.md"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[WebServer]:
    """A host that asks for the token."""
    with web_server(tmp_path) as served:
        served.password = TOKEN
        yield served


@pytest.fixture
def hosted(world: World, host: WebServer, settings: Settings) -> World:
    """A collection on the host, whose credentials are called `main`."""
    settings.CREDENTIALS = {"GIT_TOKEN_MAIN": TOKEN}
    Collection.objects.update(url=host.url("site.git"), credentials="main")
    world.collection.refresh_from_db()
    return world


def secrets_in(text: str) -> list[str]:
    """The forms of the token that `text` shows."""
    coded = [base64.b64encode(f"{name}:{TOKEN}".encode()).decode() for name in ("x-access-token", "bot")]
    return [form for form in (TOKEN, "Very&Secret", "Very%26Secret", *coded) if form in text]


def command_lines() -> str:
    """The command lines of all processes of this machine."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:  # it has just ended
                continue
    return "\n".join(found)


# --- A token


def test_a_token_opens_the_repository_to_read_and_to_push_and_stays_out_of_the_mirror(
    hosted: World, host: WebServer, var_dir: Path, writer: object
) -> None:
    hosted.remote.push(PATH, post_text())
    hosted.sync("done")
    collection = Collection.objects.get()
    post = Post.objects.get(path=PATH)
    assert post.git_blob
    call_command("sync", collection.name, stdout=io.StringIO())
    assert set(host.given) == {f"x-access-token:{TOKEN}"}
    files = [path for path in var_dir.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path for path in files if secrets_in(path.read_bytes().decode(errors="replace"))] == []


def test_what_is_saved_here_is_pushed_with_the_token(hosted: World, host: WebServer) -> None:
    hosted.remote.git("config", "http.receivepack", "true")
    hosted.remote.push(PATH, post_text())
    hosted.sync("done")
    repository = repository_of(hosted.collection)
    head = hosted.remote.head()
    hosted.remote.push(PATH, post_text("二"))
    later = hosted.remote.head()
    hosted.sync("done")
    assert head is not None and later is not None
    hosted.remote.force_push(head)
    with repository.locked():
        repository.push(later)
    assert hosted.remote.head() == later


def test_a_token_may_stand_in_a_file_with_a_name_of_its_own(
    hosted: World, host: WebServer, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    settings.CREDENTIALS = {"GIT_TOKEN_FILE_MAIN": str(file), "GIT_USERNAME_MAIN": "bot"}
    hosted.remote.push(PATH, post_text())
    assert try_connection(hosted.collection) == hosted.remote.head()
    assert set(host.given) == {f"bot:{TOKEN}"}
    # A renewed file counts at once.
    host.password = "the next one"
    with pytest.raises(GitError, match="refused_credentials"):
        try_connection(hosted.collection)
    file.write_text("the next one")
    assert try_connection(hosted.collection) == hosted.remote.head()


def test_a_wrong_token_is_refused_in_words_that_do_not_show_it(hosted: World, host: WebServer) -> None:
    host.password = "another"
    run = hosted.sync("failed")
    assert run.error_code == "refused_credentials"
    assert secrets_in(str(run.error_facts)) == []


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_host_that_repeats_the_token_finds_it_hidden_in_every_word_of_ours(
    hosted: World, host: WebServer, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    host.says = (status, "no entry for {given}, sent as {header}\n")
    run = hosted.sync("failed")
    assert "no entry for" in str(run.error_facts["words"])
    assert secrets_in(str(run.error_facts) + caplog.text) == []
    with pytest.raises(GitError) as caught:
        try_connection(hosted.collection)
    assert secrets_in(f"{caught.value} {caught.value!r} {worded_error(caught.value)} {caught.value.facts}") == []
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output), pytest.raises(CommandError) as refused:
        call_command("connect", "again", host.url("site.git"), "--branch", "next", "--credentials", "main")
    assert secrets_in(output.getvalue() + str(refused.value)) == []


def test_the_admin_shows_the_name_and_not_the_token(hosted: World, host: WebServer, client: Client) -> None:
    host.says = (403, "no entry for {given}\n")
    hosted.sync("failed")
    client.force_login(person("ada", "Administrator"))
    address = f"/admin/posts/collection/{hosted.collection.pk}/"
    shown = client.get(f"{address}change/").content.decode()
    shown += client.post(f"{address}test/", follow=True).content.decode()
    shown += client.get("/admin/posts/sync/").content.decode()
    assert 'value="main"' in shown
    assert "no entry for" in shown
    assert secrets_in(shown) == []


def test_no_command_line_of_any_process_shows_the_token(hosted: World, host: WebServer) -> None:
    hosted.remote.push(PATH, post_text())
    host.go_on.clear()
    ended: list[object] = []

    def reach() -> None:
        ended.append(try_connection(hosted.collection))

    thread = threading.Thread(target=reach)
    thread.start()
    assert host.waiting.wait(20)
    seen = command_lines()
    host.go_on.set()
    thread.join()
    assert "git" in seen and host.url("site.git") in seen
    assert secrets_in(seen) == []
    assert ended == [hosted.remote.head()]


def test_the_helper_that_git_asks_prints_the_token_without_a_program_of_its_own() -> None:
    environment = token_environment("https://example.org/x.git", "bot", TOKEN)
    helper = environment["GIT_CONFIG_VALUE_1"]
    assert secrets_in(helper) == []
    told = subprocess.run(
        ["sh", "-c", f'PATH=/nonexistent; {helper.removeprefix("!")} "$@"', "x", "get"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert told.stdout == f"username=bot\npassword={TOKEN}\n"


def test_a_host_that_sends_git_on_to_another_one_does_not_get_the_token_there(
    hosted: World, host: WebServer, tmp_path: Path
) -> None:
    with web_server(tmp_path) as other:
        other.password = TOKEN
        host.sends_on = other.address
        environment = {
            **os.environ,
            **environment_for(hosted.collection),
            "GIT_ASKPASS": "/bin/false",
            "HOME": "/nowhere",
        }
        url = hosted.collection.url
        # As a git that follows, which ours on the loopback does not.
        command = ["git", "-c", "http.followRedirects=true", "ls-remote", url]
        told = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert told.returncode != 0
    assert other.given == []
    assert other.asked != []


@pytest.mark.parametrize("before", ["", "a", "ab", "x-access-token:", "bot:"])
@pytest.mark.parametrize("token", [TOKEN, "0123456789abcdef", "glpat-abcdefghij", "台北密码台北密码"])
def test_whatever_stands_before_it_a_coded_token_is_known(token: str, before: str) -> None:
    coded = base64.b64encode(f"{before}{token}".encode()).decode()
    assert [form for form in forms_of_token({"EVERGREEN_GIT_TOKEN": token}) if form in coded]


# --- What is missing


@pytest.mark.parametrize(
    ("url", "told", "variable"),
    [
        ("https://example.org/x.git", {}, "GIT_TOKEN_MAIN"),
        ("https://example.org/x.git", {"GIT_TOKEN_MAIN": "  "}, "GIT_TOKEN_MAIN"),
        ("https://example.org/x.git", {"GIT_TOKEN_MAIN": "two\nlines"}, "GIT_TOKEN_MAIN"),
        ("https://example.org/x.git", {"GIT_TOKEN_OTHER": TOKEN, "HOOK_SECRET_MAIN": "x"}, "GIT_TOKEN_MAIN"),
        ("https://example.org/x.git", {"GIT_TOKEN_FILE_MAIN": "/nonexistent/token"}, "GIT_TOKEN_FILE_MAIN"),
        ("https://example.org/x.git", {"GIT_TOKEN_FILE_MAIN": "/"}, "GIT_TOKEN_FILE_MAIN"),
        ("https://example.org/x.git", {"GIT_TOKEN_FILE_MAIN": os.devnull}, "GIT_TOKEN_MAIN"),
        ("git@example.org:x.git", {}, "GIT_SSH_KEY_FILE_MAIN"),
        ("git@example.org:x.git", {"GIT_TOKEN_MAIN": TOKEN}, "GIT_SSH_KEY_FILE_MAIN"),
        ("git@example.org:x.git", {"GIT_SSH_KEY_FILE_MAIN": "/nonexistent/key"}, "GIT_SSH_KEY_FILE_MAIN"),
        ("git@example.org:x.git", {"GIT_SSH_KEY_FILE_MAIN": "etc/passwd"}, "GIT_SSH_KEY_FILE_MAIN"),
        ("git@example.org:x.git", {"GIT_SSH_KEY_FILE_MAIN": __file__ + "\0"}, "GIT_SSH_KEY_FILE_MAIN"),
        (
            "ssh://example.org/x.git",
            {"GIT_SSH_KEY_FILE_MAIN": __file__, "GIT_KNOWN_HOSTS_FILE_MAIN": "/nonexistent/hosts"},
            "GIT_KNOWN_HOSTS_FILE_MAIN",
        ),
    ],
)
def test_what_is_missing_is_named(settings: Settings, url: str, told: dict[str, str], variable: str) -> None:
    settings.CREDENTIALS = told
    with pytest.raises(GitError, match="credentials_missing") as caught:
        environment_for(Collection(name="site", url=url, credentials="main"))
    assert caught.value.facts["variable"] == variable
    assert variable in worded_error(caught.value)


def test_missing_credentials_fail_the_sync_clearly_and_hold_up_nothing_that_needs_none(
    hosted: World, settings: Settings
) -> None:
    hosted.remote.push(PATH, post_text())
    hosted.sync("done")
    settings.CREDENTIALS = {}
    run = hosted.sync("failed")
    assert (run.error_code, run.error_facts["variable"]) == ("credentials_missing", "GIT_TOKEN_MAIN")
    assert not is_at_work(hosted.collection)
    wake_forgotten()
    assert list(check_collection(hosted.collection, repository_of(hosted.collection, offline=True))) == []


def test_without_a_name_git_is_told_nothing_new(settings: Settings) -> None:
    settings.CREDENTIALS = {"GIT_TOKEN_SITE": TOKEN, "GIT_TOKEN_": TOKEN}
    settings.GIT_ENVIRONMENT = {"SSH_AUTH_SOCK": "/run/agent"}
    collection = Collection(name="site", url="https://example.org/x.git")
    assert environment_for(collection) == {"SSH_AUTH_SOCK": "/run/agent"}
    collection.credentials, collection.url = "SITE", "/srv/site.git"
    assert environment_for(collection) == {"SSH_AUTH_SOCK": "/run/agent"}


def test_a_token_is_for_one_scheme_host_and_port() -> None:
    environment = token_environment("https://git.example.org:8443/group/x.git", "bot", TOKEN)
    assert environment["GIT_CONFIG_KEY_1"] == "credential.https://git.example.org:8443.helper"


# --- A key


def test_ssh_reads_the_key_and_the_hosts_as_they_are_named(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "a folder's “keys”; (touch x) & `id` 钥匙"
    folder.mkdir()
    key, hosts = folder / "the key", folder / "known hosts"
    key.write_text("")
    hosts.write_text("")
    settings.CREDENTIALS = {"GIT_SSH_KEY_FILE_MAIN": str(key), "GIT_KNOWN_HOSTS_FILE_MAIN": str(hosts)}
    command = environment_for(Collection(name="site", url="git@example.org:x.git", credentials="main"))
    program = shutil.which("ssh")
    assert program is not None
    told = subprocess.run(
        ["sh", "-c", command["GIT_SSH_COMMAND"] + ' "$@"', "ssh", "-F", "none", "-G", "example.org"],
        capture_output=True,
        text=True,
        check=True,
    )
    options = dict(line.split(" ", 1) for line in told.stdout.splitlines())
    assert options["identityfile"] == str(key)
    assert options["identitiesonly"] == "yes"
    # It prints a path with blanks as it is: that it is one path shows in ssh's own count.
    assert options["userknownhostsfile"] in (str(hosts), f'"{hosts}"')
    assert options["globalknownhostsfile"] == "/dev/null"
    assert options["stricthostkeychecking"] in ("true", "yes")
    assert options["batchmode"] == "yes"


@pytest.mark.parametrize("path", ["relative", 'with"quote', "/a%h", "/a${HOME}", "/a\\b", "/a\nb", "-oProxyCommand=x"])
def test_a_path_that_ssh_would_read_as_something_else_is_refused(path: str) -> None:
    for paths in ((path, ""), ("", path)):
        with pytest.raises(GitError, match="credentials_missing"):
            key_environment(*paths)


# --- The command


def test_connect_takes_the_name_of_the_credentials(hosted: World, host: WebServer, settings: Settings) -> None:
    hosted.remote.push(PATH, post_text())
    Collection.objects.all().delete()
    command = ("connect", "blog", host.url("site.git"))
    with pytest.raises(CommandError):
        call_command(*command, stdout=io.StringIO())
    assert not Collection.objects.exists()
    call_command(*command, "--credentials", "main", stdout=io.StringIO())
    assert Collection.objects.get().credentials == "main"
    call_command(*command, stdout=io.StringIO())
    assert Collection.objects.get().credentials == "main"
    with pytest.raises(CommandError, match="GIT_TOKEN_NONE"):
        call_command(*command, "--credentials", "none", stdout=io.StringIO())
    with pytest.raises(CommandError):
        call_command(*command, "--credentials", "no/ne", stdout=io.StringIO())
    assert Collection.objects.get().credentials == "main"
