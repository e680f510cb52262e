"""The whole way through a real sshd and a real `git http-backend`: connect, import, edit, send; and being refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from pytest_django.fixtures import Settings

from posts import editing
from posts.git import GitError
from posts.locking import try_connection
from posts.models import Collection, Post, Sync
from posts.syncing import sync
from tests.posts.git_servers import SshServer, WebServer, ssh_server, web_server
from tests.posts.remotes import BareRemote
from tests.posts.worlds import post_text

PATH = "src/posts/a.md"
TOKEN = "s3cret-t0ken"


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """A private sshd."""
    with ssh_server(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebServer]:
    """A private web server for the repositories under the test's folder."""
    with web_server(tmp_path) as server:
        yield server


@pytest.fixture
def remote(tmp_path: Path) -> BareRemote:
    """A repository with one post."""
    made = BareRemote(tmp_path / "site.git")
    made.push(PATH, post_text())
    return made


def token_environment(folder: Path, token: str) -> dict[str, str]:
    """What hands `token` to git as the password, from a file."""
    (folder / "token").write_text(token)
    asked = folder / "askpass"
    asked.write_text(f"#!/bin/sh\ncat {folder}/token\n")
    asked.chmod(0o700)
    return {"GIT_ASKPASS": str(asked)}


def goes_all_the_way(url: str, remote: BareRemote, writer: User, capsys: pytest.CaptureFixture[str]) -> None:
    """Connect by the command, import, edit, sync; then a push of the others, and one more edit on top."""
    call_command("connect", "site", url)
    call_command("sync", "site", "--json")
    capsys.readouterr()
    collection = Collection.objects.get()
    editing.edit(Post.objects.get(path=PATH), {"title": "从远处来"}, by=writer)
    assert sync(collection).state == Sync.State.DONE
    assert "title: 从远处来\n" in remote.read(PATH).decode()
    assert remote.log() == ["Edit 从远处来", "A commit"]
    # More than a megabyte goes in chunks.
    long = "\n".join(f"第{n}段，{n * 7919}。" for n in range(60_000))
    remote.push("src/posts/b.md", post_text("长文", body=long))
    assert sync(collection).state == Sync.State.DONE
    editing.edit(Post.objects.get(path="src/posts/b.md"), {"guest": "客"}, body=f"{long}\n完。\n", by=writer)
    assert sync(collection).state == Sync.State.DONE
    assert remote.read("src/posts/b.md").decode().endswith("完。\n")
    remote.check()


def refused_with(collection: Collection) -> set[str]:
    """The codes with which the test of a connection and a sync are refused."""
    with pytest.raises(GitError) as refused:
        try_connection(collection)
    run = sync(collection)
    assert run.state == Sync.State.FAILED
    assert TOKEN not in json.dumps(run.error_facts)
    return {refused.value.code, run.error_code}


def test_all_the_way_over_ssh(
    sshd: SshServer, remote: BareRemote, writer: User, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.GIT_ENVIRONMENT = sshd.environment()
    goes_all_the_way(sshd.url(remote.folder), remote, writer, capsys)


def test_a_server_with_another_host_key_is_not_talked_to(
    sshd: SshServer, remote: BareRemote, db: None, settings: Settings
) -> None:
    collection = Collection.objects.create(name="site", url=sshd.url(remote.folder))
    settings.GIT_ENVIRONMENT = sshd.environment(known_hosts=sshd.wrong_known_hosts)
    assert refused_with(collection) == {"host_key"}
    settings.GIT_ENVIRONMENT = sshd.environment(known_hosts=Path("/dev/null"))
    assert refused_with(collection) == {"host_key"}
    settings.GIT_ENVIRONMENT = sshd.environment()
    assert sync(collection).state == Sync.State.DONE


def test_a_key_that_the_server_does_not_know_is_said(
    sshd: SshServer, remote: BareRemote, db: None, settings: Settings
) -> None:
    collection = Collection.objects.create(name="site", url=sshd.url(remote.folder))
    settings.GIT_ENVIRONMENT = sshd.environment(key=sshd.wrong_key)
    assert refused_with(collection) == {"refused_credentials"}
    settings.GIT_ENVIRONMENT = sshd.environment()
    assert sync(collection).state == Sync.State.DONE


def test_a_repository_that_is_not_there_is_said_over_ssh_and_http(
    sshd: SshServer, web: WebServer, tmp_path: Path, db: None, settings: Settings
) -> None:
    settings.GIT_ENVIRONMENT = sshd.environment()
    for number, url in enumerate((sshd.url(tmp_path / "no.git"), web.url("no.git"))):
        assert refused_with(Collection.objects.create(name=f"site{number}", url=url)) == {"no_repository"}


def test_all_the_way_over_http(
    web: WebServer, remote: BareRemote, writer: User, capsys: pytest.CaptureFixture[str]
) -> None:
    goes_all_the_way(web.url("site.git"), remote, writer, capsys)


def test_all_the_way_over_http_with_a_token_and_not_without_the_right_one(
    web: WebServer,
    remote: BareRemote,
    writer: User,
    tmp_path: Path,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    web.password = TOKEN
    collection = Collection(name="site", url=web.url("site.git"))
    for wrong in ({}, token_environment(tmp_path, "wrong")):
        settings.GIT_ENVIRONMENT = wrong
        collection.pk = None
        collection.save()
        assert refused_with(collection) == {"refused_credentials"}
        Sync.objects.all().delete()
        collection.delete()
    settings.GIT_ENVIRONMENT = token_environment(tmp_path, TOKEN)
    goes_all_the_way(web.url("site.git"), remote, writer, capsys)


def test_a_token_that_ran_out_stops_the_sync_until_there_is_a_new_one(
    web: WebServer, remote: BareRemote, writer: User, tmp_path: Path, settings: Settings
) -> None:
    web.password = TOKEN
    settings.GIT_ENVIRONMENT = token_environment(tmp_path, TOKEN)
    collection = Collection.objects.create(name="site", url=web.url("site.git"))
    assert sync(collection).state == Sync.State.DONE
    editing.edit(Post.objects.get(path=PATH), {"title": "等新的"}, by=writer)
    web.password = "another"
    assert refused_with(collection) == {"refused_credentials"}
    assert Post.objects.get(path=PATH).pending
    settings.GIT_ENVIRONMENT = token_environment(tmp_path, "another")
    assert sync(collection).state == Sync.State.DONE
    assert "title: 等新的\n" in remote.read(PATH).decode()
