"""The mirror, against real git and real bare remotes."""

import datetime
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
import zoneinfo
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from posts.git import (
    CODES,
    EXECUTABLE,
    FILE,
    SUBMODULE,
    SYMLINK,
    Change,
    GitError,
    Interrupted,
    NewCommit,
    Repository,
    RepositoryBusy,
    check_branch,
    check_url,
    ls_remote,
)
from posts.git_process import failure
from posts.git_words import LONGEST_WORDS
from tests.posts.remotes import BareRemote

TAIPEI = datetime.timezone(datetime.timedelta(hours=8))
A_MOMENT = datetime.datetime(2026, 2, 13, 9, 30, tzinfo=TAIPEI)

ODD_NAMES = [
    "a name with blanks.md",
    " leading blank.md",
    "trailing blank ",
    'with "quotes" and \\backslashes\\.md',
    "'single' $(touch pwned) `id`.md",
    "a\nnew line\tand a tab.md",
    "台積電 週報.md",
    "-rf",
    "--upload-pack=touch",
    "*.md",
    ":(glob)x.md",
    "commit 0123456789",
    "R100",
    "folder/with/深い/place.md",
    os.fsdecode(b"not \xff\xfe utf-8.md"),
    "a => b.md",
    "\x01\x7f.md",
]


@pytest.fixture
def remote(tmp_path: Path) -> BareRemote:
    return BareRemote(tmp_path / "remote.git")


@pytest.fixture
def mirror(tmp_path: Path, remote: BareRemote) -> Iterator[Repository]:
    """A mirror of `remote` whose lock is held."""
    repository = Repository(tmp_path / "var" / "mirror.git", remote.url, "main")
    with repository.locked():
        yield repository


def new_commit(files: dict[str, bytes | None], message: str = "Correct a post") -> NewCommit:
    return NewCommit(
        message=message,
        author_name="Ann Editor",
        author_email="ann@example.org",
        at=A_MOMENT,
        committer_name="Evergreen",
        committer_email="evergreen@example.org",
        files=tuple((os.fsencode(path), content) for path, content in files.items()),
    )


def contents(repository: Repository, *blobs: str | None, limit: int = 10_000_000) -> list[bytes | None]:
    return [text for _, text in repository.read([blob or "" for blob in blobs], limit=limit)]


def texts_at(repository: Repository, commit: str) -> dict[str, bytes | None]:
    changes = list(repository.changes(None, commit))
    found = contents(repository, *(change.blob for change in changes))
    return {os.fsdecode(change.path): text for change, text in zip(changes, found, strict=True)}


def changed(repository: Repository, before: str | None, after: str) -> list[tuple[str, str]]:
    return [(change.status, os.fsdecode(change.path)) for change in repository.changes(before, after)]


def the_only(changes: Iterator[Change]) -> Change:
    (change,) = changes
    return change


def refs_of(repository: Repository) -> str:
    return git_in(repository, "for-each-ref").decode()


def git_in(repository: Repository, *arguments: str) -> bytes:
    return subprocess.run(["git", f"--git-dir={repository.folder}", *arguments], check=True, capture_output=True).stdout


def ends_soon(condition: object, seconds: float = 5) -> bool:
    assert callable(condition)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


class TestFetching:
    def test_an_empty_remote_has_no_head(self, mirror: Repository) -> None:
        assert mirror.fetch() is None

    def test_the_head_is_the_remotes(self, mirror: Repository, remote: BareRemote) -> None:
        first = remote.push("a.md", "one")
        assert mirror.fetch() == first
        second = remote.push("a.md", "two")
        assert mirror.fetch() == second
        assert mirror.fetch() == second

    def test_tags_and_other_branches_stay_where_they_are(self, mirror: Repository, remote: BareRemote) -> None:
        head = remote.push("a.md", "one")
        remote.git("tag", "v1", head)
        remote.git("branch", "other", head)
        mirror.fetch()
        assert {line.split("\t")[1] for line in refs_of(mirror).splitlines()} == {
            "refs/evergreen/incoming",
            "refs/evergreen/theirs",
        }

    def test_a_forced_push_is_followed_and_what_it_left_behind_stays_readable(
        self, mirror: Repository, remote: BareRemote
    ) -> None:
        old = remote.push("a.md", "the old text")
        mirror.fetch()
        blob = the_only(mirror.changes(None, old)).blob
        new = remote.push("b.md", "another history", onto="")
        assert mirror.fetch() == new
        git_in(mirror, "gc", "--quiet", "--prune=now")
        assert contents(mirror, blob) == [b"the old text"]
        assert sorted(changed(mirror, old, new)) == [("added", "b.md"), ("deleted", "a.md")]

    def test_a_branch_that_goes_back_leaves_its_newer_commits_readable(
        self, mirror: Repository, remote: BareRemote
    ) -> None:
        first = remote.push("a.md", "one")
        second = remote.push("a.md", "two")
        mirror.fetch()
        remote.force_push(first)
        assert mirror.fetch() == first
        assert f"refs/evergreen/seen/{second}" in refs_of(mirror)

    def test_a_fast_forward_leaves_no_ref_behind(self, mirror: Repository, remote: BareRemote) -> None:
        for text in ("one", "two", "three"):
            remote.push("a.md", text)
            mirror.fetch()
        assert "seen" not in refs_of(mirror)

    def test_a_branch_that_is_gone_is_told_from_an_empty_repository(
        self, mirror: Repository, remote: BareRemote
    ) -> None:
        head = remote.push("a.md", "one")
        mirror.fetch()
        remote.git("branch", "other", head)
        remote.delete_branch()
        with pytest.raises(GitError) as caught:
            mirror.fetch()
        assert (caught.value.code, caught.value.facts["branch"]) == ("branch_missing", "main")
        remote.git("branch", "-D", "other")
        assert mirror.fetch() is None

    def test_a_branch_may_become_a_folder_of_branches(self, tmp_path: Path, remote: BareRemote) -> None:
        head = remote.push("a.md", "one")
        folder = tmp_path / "m.git"
        for branch in ("posts", "posts/2026"):
            remote.git("update-ref", f"refs/heads/{branch}", head)
            repository = Repository(folder, remote.url, branch)
            with repository.locked():
                assert repository.fetch() == head
            remote.git("update-ref", "-d", f"refs/heads/{branch}")

    def test_a_folder_that_is_no_repository_is_said_to_be_none(self, tmp_path: Path) -> None:
        repository = Repository(tmp_path / "m.git", str(tmp_path / "nothing"), "main")
        with repository.locked(), pytest.raises(GitError) as caught:
            repository.fetch()
        assert caught.value.code == "no_repository"
        assert "does not appear to be a git repository" in str(caught.value.facts["words"])

    def test_a_folder_that_belongs_to_somebody_else_is_read_and_written(
        self, tmp_path: Path, remote: BareRemote
    ) -> None:
        remote.push("a.md", "one")
        others = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
        repository = Repository(tmp_path / "m.git", remote.url, "main", environment=others)
        with repository.locked():
            head = repository.fetch()
            repository.push(repository.commit(head, [new_commit({"a.md": b"two"})]))
        assert remote.read("a.md") == b"two"
        assert ls_remote(remote.url, "main", environment=others) == remote.head()

    def test_a_remote_by_its_file_address_works_too(self, tmp_path: Path, remote: BareRemote) -> None:
        head = remote.push("a.md", "one")
        repository = Repository(tmp_path / "m.git", f"file://{remote.url}", "main")
        with repository.locked():
            assert repository.fetch() == head

    def test_a_mirror_that_was_only_half_made_is_made_again(self, mirror: Repository, remote: BareRemote) -> None:
        head = remote.push("a.md", "one")
        half = mirror.folder.with_suffix(".making")
        (half / "objects").mkdir(parents=True)
        (half / "config").write_text("broken [")
        assert mirror.fetch() == head


class TestChanges:
    def test_without_a_base_every_file_is_added(self, mirror: Repository, remote: BareRemote) -> None:
        remote.commit(
            {"a.md": "text", "run.sh": "#!", "link": "a.md", "module": "1" * 40},
            modes={"run.sh": EXECUTABLE, "link": SYMLINK, "module": SUBMODULE},
        )
        found = {os.fsdecode(change.path): change for change in mirror.changes(None, mirror.fetch() or "")}
        assert {path: (change.status, change.mode, change.size) for path, change in found.items()} == {
            "a.md": ("added", FILE, 4),
            "run.sh": ("added", EXECUTABLE, 2),
            "link": ("added", SYMLINK, 4),
            "module": ("added", SUBMODULE, None),
        }
        assert found["module"].blob is None
        assert contents(mirror, found["link"].blob) == [b"a.md"]

    def test_names_come_as_they_are(self, mirror: Repository, remote: BareRemote) -> None:
        before = remote.push("seed", "x")
        after = remote.commit({name: name.encode(errors="replace") for name in ODD_NAMES})
        mirror.fetch()
        expected = {os.fsencode(name) for name in ODD_NAMES}
        assert {change.path for change in mirror.changes(None, after)} == expected | {b"seed"}
        assert {change.path for change in mirror.changes(before, after)} == expected

    def test_each_kind_of_change_is_told(self, mirror: Repository, remote: BareRemote) -> None:
        long = "".join(f"line {number}\n" for number in range(50))
        before = remote.commit({"same": "1", "edited": "2", "gone": "3", "old name": long, "mode": "5", "kind": "6"})
        after = remote.commit(
            {
                "edited": "two",
                "gone": None,
                "old name": None,
                "new\nname": long + "more\n",
                "mode": "5",
                "kind": "same",
                "born": "7",
            },
            modes={"mode": EXECUTABLE, "kind": SYMLINK},
        )
        mirror.fetch()
        found = {os.fsdecode(change.path): change for change in mirror.changes(before, after)}
        assert {path: change.status for path, change in found.items()} == {
            "edited": "changed",
            "gone": "deleted",
            "new\nname": "renamed",
            "mode": "changed",
            "kind": "changed",
            "born": "added",
        }
        assert found["new\nname"].old_path == b"old name"
        assert 50 <= found["new\nname"].similarity < 100
        assert found["mode"].mode == EXECUTABLE and found["mode"].blob == found["mode"].old_blob
        assert found["kind"].mode == SYMLINK
        assert (found["gone"].blob, found["gone"].mode) == (None, FILE)
        assert contents(mirror, found["gone"].old_blob, found["edited"].old_blob) == [b"3", b"2"]
        assert found["born"].old_blob is None

    def test_a_commit_compared_with_itself_has_none(self, mirror: Repository, remote: BareRemote) -> None:
        head = remote.push("a.md", "one")
        mirror.fetch()
        assert list(mirror.changes(head, head)) == []

    def test_a_commit_that_is_not_there_is_an_error(self, mirror: Repository, remote: BareRemote) -> None:
        head = remote.push("a.md", "one")
        mirror.fetch()
        for before, after in ((None, "1" * 40), ("1" * 40, head)):
            with pytest.raises(GitError) as caught:
                list(mirror.changes(before, after))
            assert caught.value.code == "git_failed"

    @pytest.mark.parametrize("name", ["HEAD", "--output=/tmp/pwned", "", "1" * 39, "1" * 40 + "\n", "main"])
    def test_nothing_but_an_objects_id_is_taken_for_one(self, mirror: Repository, name: str) -> None:
        mirror.fetch()
        for ask in (mirror.changes(None, name), mirror.changes(name, "1" * 40), mirror.log(None, name)):
            with pytest.raises(ValueError):
                list(ask)
        with pytest.raises(ValueError):
            list(mirror.read([name], limit=1))
        with pytest.raises(ValueError):
            mirror.push(name)


class TestReading:
    def test_thousands_of_files_stream_in_order_and_in_little_memory(
        self, mirror: Repository, remote: BareRemote
    ) -> None:
        wanted = {f"posts/{number % 40}/{number:05}.md": f"{number}\n".encode() * 400 for number in range(3000)}
        remote.commit(wanted)
        after = mirror.fetch()
        assert after is not None
        paths = {change.blob: os.fsdecode(change.path) for change in mirror.changes(None, after)}
        tracemalloc.start()
        count = 0
        for blob, content in mirror.read((blob for blob in paths if blob), limit=100_000):
            assert content == wanted[paths[blob]]
            count += 1
        assert count == 3000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
        tracemalloc.stop()

    def test_blobs_over_the_limit_come_as_none_without_being_held(self, mirror: Repository, remote: BareRemote) -> None:
        remote.commit({"1 small": b"x" * 10, "2 large": os.urandom(20_000_000), "3 edge": b"y" * 100, "4 empty": b""})
        blobs = [change.blob for change in mirror.changes(None, mirror.fetch() or "")]
        tracemalloc.start()
        assert contents(mirror, *blobs, limit=100) == [b"x" * 10, None, b"y" * 100, b""]
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
        tracemalloc.stop()

    def test_a_lazy_list_is_asked_from_the_callers_own_thread(self, mirror: Repository, remote: BareRemote) -> None:
        remote.commit({str(number): str(number) for number in range(200)})
        head = mirror.fetch() or ""
        threads = set()

        def blobs() -> Iterator[str]:
            for change in mirror.changes(None, head):
                threads.add(threading.get_ident())
                yield change.blob or ""

        assert len(list(mirror.read(blobs(), limit=10))) == 200
        assert threads == {threading.get_ident()}

    def test_nothing_asked_is_nothing_read(self, mirror: Repository) -> None:
        mirror.fetch()
        assert list(mirror.read([], limit=10)) == []

    def test_a_blob_that_is_not_there_is_an_error(self, mirror: Repository) -> None:
        mirror.fetch()
        with pytest.raises(GitError) as caught:
            list(mirror.read(["1" * 40], limit=10))
        assert caught.value.code == "git_failed" and caught.value.facts["blob"] == "1" * 40

    def test_streams_that_are_left_early_leave_no_process_behind(self, mirror: Repository, remote: BareRemote) -> None:
        remote.commit({f"{number}.md": f"{number}" * 5000 for number in range(500)})
        head = mirror.fetch() or ""
        blobs = [change.blob or "" for change in mirror.changes(None, head)]
        for stream in (mirror.changes(None, head), mirror.read(blobs, limit=100_000), mirror.log(None, head)):
            next(stream)
            stream.close()  # type: ignore[union-attr]
        assert children() == []


class TestLog:
    def test_commits_come_newest_first_with_who_when_what_and_where(
        self, mirror: Repository, remote: BareRemote
    ) -> None:
        first = remote.commit({"a.md": "1"}, message="First", at=1_700_000_000)
        second = remote.commit(
            dict.fromkeys(ODD_NAMES, "2"),
            message="改正\n\nWhy it was needed.\n\nCo-authored-by: B <b@x>\nPost-Revision: 12\nPost-Revision: 13",
            author=("王 小明", "wang@example.org"),
            at=1_700_000_100,
        )
        mirror.fetch()
        newest, oldest = mirror.log(None, second)
        assert (newest.id, oldest.id) == (second, first)
        assert (newest.author_name, newest.author_email) == ("王 小明", "wang@example.org")
        assert newest.at == datetime.datetime.fromtimestamp(1_700_000_100, datetime.UTC)
        assert newest.at.utcoffset() == datetime.timedelta(hours=8)
        assert newest.subject == "改正"
        assert (newest.revisions, oldest.revisions) == (("12", "13"), ())
        assert set(newest.paths) == {os.fsencode(name) for name in ODD_NAMES}
        assert [commit.id for commit in mirror.log(first, second)] == [second]
        assert list(mirror.log(second, second)) == []

    def test_a_rename_is_listed_by_its_new_path(self, mirror: Repository, remote: BareRemote) -> None:
        before = remote.push("old.md", "text\n" * 20)
        after = remote.rename("old.md", "new.md")
        mirror.fetch()
        (commit,) = mirror.log(before, after)
        assert commit.paths == (b"new.md",)

    def test_a_commit_without_changes_and_words_is_listed(self, mirror: Repository, remote: BareRemote) -> None:
        before = remote.push("a.md", "1")
        remote.push("a.md", "1", message="")
        after = remote.push("b.md", "1", message="after it")
        mirror.fetch()
        assert [(each.subject, each.paths) for each in mirror.log(before, after)] == [
            ("after it", (b"b.md",)),
            ("", ()),
        ]

    def test_a_merge_leaves_each_path_to_who_changed_it(self, mirror: Repository, remote: BareRemote) -> None:
        before = remote.commit({"a.md": "1", "b.md": "1", "c.md": "1"}, at=100_000)
        side = remote.push("a.md", "side", author=("Side", "side@x"), at=100_001)
        remote.force_push(before)
        main = remote.push("b.md", "main", author=("Main", "main@x"), at=100_002)
        merge = merged(remote, {"a.md": "side", "b.md": "main", "c.md": "changed in the merge"}, main, side)
        mirror.fetch()
        assert [(each.author_name, each.paths) for each in mirror.log(before, merge)] == [
            ("Somebody", (b"c.md",)),
            ("Main", (b"b.md",)),
            ("Side", (b"a.md",)),
        ]

    def test_every_path_that_differs_finds_an_author(self, mirror: Repository, remote: BareRemote) -> None:
        first = remote.commit({"a.md": "1", "b.md": "1"}, at=100_000)
        mine = remote.push("a.md", "mine", at=100_001)
        remote.force_push(first)
        other = remote.push("b.md", "other", author=("Other", "other@x"), at=100_002)
        ours = merged(remote, {"a.md": "1", "b.md": "other"}, other, mine)
        mirror.fetch()
        assert [(each.id, each.paths) for each in mirror.log(mine, ours)] == [
            (ours, ()),
            (other, (b"b.md",)),
            (ours, (b"a.md",)),
        ]
        assert [(each.id, each.paths) for each in mirror.log(mine, first)] == [(first, (b"a.md",))]

    # The second ends the year 9999: it has a moment, which no other time zone can tell.
    @pytest.mark.parametrize("seconds", [99_999_999_999_999, 253_402_300_799 - 8 * 3600])
    def test_a_date_that_no_clock_has_shown_is_no_error(
        self, seconds: int, mirror: Repository, remote: BareRemote
    ) -> None:
        head = remote.push("a.md", "1", at=seconds)
        mirror.fetch()
        (commit,) = mirror.log(None, head)
        assert commit.at.astimezone(zoneinfo.ZoneInfo("Asia/Tokyo")).year == 1970


class TestCommitting:
    def test_a_chain_of_commits_is_made_upon_the_parent(self, mirror: Repository, remote: BareRemote) -> None:
        parent = remote.commit({"a.md": "1", "untouched.md": "same"})
        mirror.fetch()
        last = mirror.commit(
            parent,
            [
                new_commit({"a.md": b"2", "new/deep/b.md": b"b"}, message="One"),
                new_commit({"new/deep/b.md": b"bb"}, message="Two\n\nPost-Revision: 7\n"),
            ],
        )
        two, one = mirror.log(parent, last)
        assert (one.subject, one.paths) == ("One", (b"a.md", b"new/deep/b.md"))
        assert (two.subject, two.paths, two.revisions) == ("Two", (b"new/deep/b.md",), ("7",))
        assert (two.author_name, two.author_email, two.at) == ("Ann Editor", "ann@example.org", A_MOMENT)
        assert two.at.utcoffset() == datetime.timedelta(hours=8)
        assert texts_at(mirror, last) == {"a.md": b"2", "new/deep/b.md": b"bb", "untouched.md": b"same"}
        assert git_in(mirror, "log", "-1", "--format=%cn <%ce> %B", last).decode().strip() == (
            "Evergreen <evergreen@example.org> Two\n\nPost-Revision: 7"
        )

    def test_the_remote_and_what_we_know_of_it_stay_as_they_are(self, mirror: Repository, remote: BareRemote) -> None:
        parent = remote.push("a.md", "1")
        mirror.fetch()
        mirror.commit(parent, [new_commit({"a.md": b"2"})])
        assert remote.head() == parent
        assert f"{parent} commit\trefs/evergreen/theirs" in refs_of(mirror)

    def test_every_name_and_text_arrives_as_it_is(self, mirror: Repository) -> None:
        texts: dict[str, bytes | None] = {name: b"\x00\r\n\xff" + os.fsencode(name) for name in ODD_NAMES}
        texts["empty"] = b""
        texts["no newline at its end"] = b"text"
        texts["like an order"] = b"\ndone\nM 100644 inline x\n"
        mirror.fetch()
        last = mirror.commit(None, [new_commit(texts)])
        assert texts_at(mirror, last) == texts
        git_in(mirror, "fsck", "--strict")

    def test_a_file_keeps_its_mode(self, mirror: Repository, remote: BareRemote) -> None:
        parent = remote.commit({"run.sh": "1", "plain.md": "1"}, modes={"run.sh": EXECUTABLE})
        mirror.fetch()
        last = mirror.commit(parent, [new_commit({"run.sh": b"2"}), new_commit({"run.sh": b"3", "plain.md": b"2"})])
        assert {change.path: change.mode for change in mirror.changes(parent, last)} == {
            b"run.sh": EXECUTABLE,
            b"plain.md": FILE,
        }

    def test_a_text_in_place_of_a_symlink_becomes_a_file(self, mirror: Repository, remote: BareRemote) -> None:
        parent = remote.commit({"a.md": "/etc/passwd"}, modes={"a.md": SYMLINK})
        mirror.fetch()
        assert the_only(mirror.changes(parent, mirror.commit(parent, [new_commit({"a.md": b"t"})]))).mode == FILE

    def test_files_are_deleted_and_moved(self, mirror: Repository, remote: BareRemote) -> None:
        text = b"text\n" * 20
        parent = remote.commit({"gone.md": b"x", "old.md": text, "become": b"y"})
        mirror.fetch()
        last = mirror.commit(
            parent,
            [new_commit({"gone.md": None, "new.md": text, "old.md": None, "become/a folder.md": b"y", "become": None})],
        )
        assert texts_at(mirror, last) == {"new.md": text, "become/a folder.md": b"y"}
        assert ("renamed", "new.md") in changed(mirror, parent, last)

    def test_deleting_what_is_not_there_and_writing_what_is_there_change_nothing(
        self, mirror: Repository, remote: BareRemote
    ) -> None:
        parent = remote.push("a.md", "1")
        mirror.fetch()
        last = mirror.commit(parent, [new_commit({"a.md": b"1", "never.md": None})])
        assert last != parent
        assert changed(mirror, parent, last) == []

    @pytest.mark.parametrize(
        ("path", "content"),
        [
            ("folder", b"x"),
            ("folder", None),
            ("file/below.md", b"x"),
            ("link/below.md", b"x"),
            ("link/deep/below.md", b"x"),
            ("", b"x"),
            ("/absolute", b"x"),
            ("a//b", b"x"),
            ("../up", b"x"),
            (".git/hooks/pre-commit", b"x"),
            ("a/.GIT/config", b"x"),
            ("nul\0", b"x"),
        ],
    )
    def test_a_name_that_would_take_others_place_or_fits_in_no_tree_is_refused(
        self, mirror: Repository, remote: BareRemote, path: str, content: bytes | None
    ) -> None:
        parent = remote.commit({"folder/a.md": "1", "file": "1", "link": "folder"}, modes={"link": SYMLINK})
        mirror.fetch()
        with pytest.raises(GitError) as caught:
            mirror.commit(parent, [new_commit({"fine.md": b"x"}), new_commit({path: content})])
        assert (caught.value.code, caught.value.facts["path"]) == ("bad_path", path)
        assert "outgoing" not in refs_of(mirror)

    def test_a_file_as_large_as_it_may_be_and_thousands_of_commits_go_in(self, mirror: Repository) -> None:
        mirror.fetch()
        large = os.urandom(5_000_000)
        chain = (new_commit({f"{number}.md": b"x" * 1000}) for number in range(1000))
        last = mirror.commit(None, [new_commit({"large": large}), *chain])
        assert sum(1 for _ in mirror.log(None, last)) == 1001
        assert texts_at(mirror, last)["large"] == large

    @pytest.mark.parametrize(
        ("name", "email", "written"),
        [
            ("Eve <eve@x>\nauthor", "e>\n<x@y z", "Eve eve@x author <ex@yz>"),
            ("", "solo@example.org", "solo <solo@example.org>"),
            ("\x00", "", "unknown <>"),
            ("王小明", "wang@example.org", "王小明 <wang@example.org>"),
            ("J. R. Smith, Jr.", "j@x", "J. R. Smith, Jr <j@x>"),
            ("lone \ud800 surrogate", "s@x", "lone ? surrogate <s@x>"),
        ],
    )
    def test_names_of_authors_cannot_break_the_commit(
        self, mirror: Repository, name: str, email: str, written: str
    ) -> None:
        mirror.fetch()
        odd = replace(new_commit({"a": b"1"}), author_name=name, author_email=email)
        last = mirror.commit(None, [odd])
        assert git_in(mirror, "log", "-1", "--format=%an <%ae>", last).decode().strip() == written
        git_in(mirror, "fsck", "--strict")

    def test_odd_messages_and_times_make_sound_commits(self, mirror: Repository, remote: BareRemote) -> None:
        mirror.fetch()
        west = datetime.timezone(-datetime.timedelta(hours=3, minutes=30))
        old = datetime.datetime(1950, 1, 1, tzinfo=datetime.UTC)
        last = mirror.commit(
            None,
            [
                replace(new_commit({"a": b"1"}, message=""), at=old),
                replace(new_commit({"a": b"2"}, message="nul \0 \ud800\ndone\n\n\n"), at=A_MOMENT.astimezone(west)),
            ],
        )
        mirror.push(last)
        remote.check()
        newest, oldest = mirror.log(None, last)
        assert newest.at.utcoffset() == -datetime.timedelta(hours=3, minutes=30)
        assert (newest.at, oldest.at.year) == (A_MOMENT, 1970)

    def test_a_time_without_a_zone_and_no_commits_at_all_are_mistakes_of_the_caller(self, mirror: Repository) -> None:
        mirror.fetch()
        with pytest.raises(ValueError):
            mirror.commit(None, [replace(new_commit({"a": b"1"}), at=datetime.datetime(2026, 1, 1))])  # noqa: DTZ001
        with pytest.raises(ValueError):
            mirror.commit(None, [])
        assert children() == []

    def test_an_error_of_the_one_who_gives_the_commits_makes_none(self, mirror: Repository) -> None:
        def commits() -> Iterator[NewCommit]:
            yield new_commit({"a": b"1"})
            raise BrokenPipeError("of the database, say")

        mirror.fetch()
        with pytest.raises(BrokenPipeError):
            mirror.commit(None, commits())
        assert refs_of(mirror) == ""
        assert children() == []

    def test_a_parent_that_is_not_there_is_an_error(self, mirror: Repository) -> None:
        mirror.fetch()
        with pytest.raises(GitError) as caught:
            mirror.commit("1" * 40, [new_commit({"a": b"1"})])
        assert caught.value.code == "git_failed"


class TestPushing:
    def test_an_empty_remote_gets_its_branch(self, mirror: Repository, remote: BareRemote) -> None:
        head = mirror.fetch()
        assert head is None
        commit = mirror.commit(head, [new_commit({"a.md": b"1"})])
        mirror.push(commit)
        assert remote.head() == commit
        assert mirror.fetch() == commit
        remote.check()

    def test_a_push_changes_what_was_committed_and_nothing_else(self, mirror: Repository, remote: BareRemote) -> None:
        remote.commit({"a.md": "one\ntwo\n", "run.sh": "#!", "深.md": "x"}, modes={"run.sh": EXECUTABLE})
        before = remote.files()
        head = mirror.fetch()
        mirror.push(mirror.commit(head, [new_commit({"a.md": b"one\n2\n"})]))
        assert remote.files() == before | {"a.md": b"one\n2\n"}
        assert remote.modes()["run.sh"] == EXECUTABLE
        assert remote.log("%an %ae %s")[0] == "Ann Editor ann@example.org Correct a post"
        assert "-two\n+2\n" in remote.log_patch()
        assert f"{remote.head()} commit\trefs/evergreen/theirs" in refs_of(mirror)

    def test_a_branch_that_has_moved_on_is_never_overwritten(self, mirror: Repository, remote: BareRemote) -> None:
        remote.push("a.md", "1")
        head = mirror.fetch()
        ours = mirror.commit(head, [new_commit({"a.md": b"ours"})])
        theirs = remote.push("b.md", "theirs")
        for _ in ("unknown to us", "known to us"):
            with pytest.raises(GitError) as caught:
                mirror.push(ours)
            assert caught.value.code == "push_rejected"
            assert remote.head() == theirs
            mirror.fetch()
        mirror.push(mirror.commit(theirs, [new_commit({"a.md": b"ours"})]))
        assert remote.files() == {"a.md": b"ours", "b.md": b"theirs"}

    def test_a_push_in_the_same_moment_is_a_rejection_too(self, mirror: Repository, remote: BareRemote) -> None:
        remote.push("a.md", "1")
        head = mirror.fetch()
        other = remote.push("b.md", "2")
        remote.force_push(head or "")
        # Between our being told the head and our update: what another push would do.
        remote.hook("pre-receive", f"unset GIT_QUARANTINE_PATH; git update-ref refs/heads/main {other}")
        with pytest.raises(GitError) as caught:
            mirror.push(mirror.commit(head, [new_commit({"a.md": b"ours"})]))
        assert caught.value.code == "push_rejected"
        assert remote.head() == other

    @pytest.mark.parametrize("hook", ["pre-receive", "update"])
    def test_a_server_that_declines_is_told_apart_and_heard(
        self, mirror: Repository, remote: BareRemote, hook: str
    ) -> None:
        head = remote.push("a.md", "1")
        remote.hook(hook, "printf '\\033[31mThe branch is protected: ask 管理員.\\033[0m\\n' >&2; exit 1")
        mirror.fetch()
        with pytest.raises(GitError) as caught:
            mirror.push(mirror.commit(head, [new_commit({"a.md": b"2"})]))
        assert caught.value.code == "push_refused"
        assert "The branch is protected: ask 管理員." in str(caught.value.facts["words"])
        assert "\x1b" not in str(caught.value.facts["words"])
        assert remote.head() == head

    def test_pushing_again_what_is_there_is_no_error(self, mirror: Repository, remote: BareRemote) -> None:
        commit = mirror.commit(mirror.fetch(), [new_commit({"a.md": b"1"})])
        mirror.push(commit)
        mirror.push(commit)
        assert remote.head() == commit

    def test_a_remote_that_is_gone_is_an_error(self, mirror: Repository, remote: BareRemote) -> None:
        commit = mirror.commit(mirror.fetch(), [new_commit({"a.md": b"1"})])
        remote.folder.rename(remote.folder.with_suffix(".away"))
        with pytest.raises(GitError) as caught:
            mirror.push(commit)
        assert caught.value.code == "no_repository"


class TestLocking:
    def test_what_writes_needs_the_lock(self, tmp_path: Path, remote: BareRemote) -> None:
        repository = Repository(tmp_path / "m.git", remote.url, "main")
        for write in (
            repository.fetch,
            lambda: repository.commit(None, []),
            lambda: repository.push("1" * 40),
        ):
            with pytest.raises(RuntimeError):
                write()
        with repository.locked():
            repository.fetch()
        with pytest.raises(RuntimeError):
            repository.fetch()

    def test_a_second_holder_is_refused_at_once_or_waits(self, tmp_path: Path, remote: BareRemote) -> None:
        first, second = (Repository(tmp_path / "m.git", remote.url, "main") for _ in range(2))
        with first.locked():
            with pytest.raises(RepositoryBusy) as caught, second.locked():
                pass
            assert caught.value.code == "busy"
            started = time.monotonic()
            with pytest.raises(RepositoryBusy), second.locked(wait=0.2):
                pass
            assert time.monotonic() - started >= 0.2
        for wait in (0, 0.2, None):
            with second.locked(wait=wait):
                pass

    def test_who_holds_the_lock_keeps_it_when_asking_again(self, mirror: Repository) -> None:
        with pytest.raises(RepositoryBusy), mirror.locked():
            pass
        assert mirror.fetch() is None

    def test_who_waits_gets_the_lock_when_it_is_free(self, tmp_path: Path, remote: BareRemote) -> None:
        first, second = (Repository(tmp_path / "m.git", remote.url, "main") for _ in range(2))
        got = threading.Event()

        def wait_for_it() -> None:
            with second.locked(wait=None):
                got.set()

        waiting = threading.Thread(target=wait_for_it)
        with first.locked():
            waiting.start()
            assert not got.wait(0.2)
        waiting.join(5)
        assert got.is_set()

    def test_the_lock_outlives_a_killed_worker_as_long_as_its_git_does(
        self, tmp_path: Path, remote: BareRemote
    ) -> None:
        remote.push("a.md", "1")
        fake_ssh = hanging_ssh(tmp_path)
        worker = subprocess.Popen(
            [sys.executable, "-c", A_WORKER, str(tmp_path / "m.git"), f"sh {shlex.quote(str(fake_ssh))}"],
            cwd=Path(__file__).parents[2],
        )
        pid_file = tmp_path / "pid"
        assert ends_soon(lambda: pid_file.exists() and pid_file.read_text().strip(), 20)
        ssh = int(pid_file.read_text())
        worker.kill()
        worker.wait()
        repository = Repository(tmp_path / "m.git", remote.url, "main")
        try:
            with pytest.raises(RepositoryBusy), repository.locked():
                pass
        finally:
            os.killpg(os.getpgid(ssh), signal.SIGKILL)
        with repository.locked(wait=5):
            assert repository.fetch() == remote.head()

    def test_what_a_killed_git_left_behind_is_cleared_away(self, tmp_path: Path, remote: BareRemote) -> None:
        remote.push("a.md", "1")
        repository = Repository(tmp_path / "m.git", remote.url, "main")
        with repository.locked():
            repository.fetch()
        left = [
            "index.lock",
            "HEAD.lock",
            "config.lock",
            "packed-refs.lock",
            "shallow.lock",
            "refs/evergreen/theirs.lock",
            "refs/evergreen/incoming.lock",
            "refs/evergreen/seen/deep.lock",
            "objects/pack/tmp_pack_abc",
            "objects/tmp_objdir-incoming-abc/pack/tmp_idx",
            "fast_import_crash_123",
        ]
        for name in left:
            (repository.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (repository.folder / name).write_text("left behind")
        remote.push("a.md", "2")
        with repository.locked():
            assert repository.fetch() == remote.head()
        assert [name for name in left if (repository.folder / name).exists()] == []


class TestAncestors:
    def test_what_a_head_contains_and_what_is_related_to_it(self, mirror: Repository, remote: BareRemote) -> None:
        first = remote.push("a.md", "1")
        second = remote.push("a.md", "2")
        mirror.fetch()
        assert mirror.contains(first, second) and mirror.contains(second, second)
        assert not mirror.contains(second, first)
        forced = remote.commit({"a.md": "3"}, onto=first)
        remote.force_push(forced)
        mirror.fetch()
        assert not mirror.contains(second, forced)
        assert mirror.related(second, forced)
        alone = remote.commit({"b.md": "4"}, onto="")
        remote.force_push(alone)
        mirror.fetch()
        assert not mirror.related(second, alone) and not mirror.contains(first, alone)

    def test_a_commit_that_the_mirror_does_not_know_is_in_nothing(self, mirror: Repository, remote: BareRemote) -> None:
        head = remote.push("a.md", "1")
        mirror.fetch()
        assert mirror.knows(head) and not mirror.knows("d" * 40)
        assert not mirror.contains("d" * 40, head)
        assert not mirror.related("d" * 40, head)


class TestTimeOuts:
    def test_a_server_that_never_answers_is_given_up_with_all_that_was_started(self, tmp_path: Path) -> None:
        fake_ssh = hanging_ssh(tmp_path)
        repository = Repository(
            tmp_path / "m.git",
            "git@example.org:posts.git",
            "main",
            timeout=1,
            environment={"GIT_SSH_COMMAND": f"sh {shlex.quote(str(fake_ssh))}"},
        )
        started = time.monotonic()
        with repository.locked(), pytest.raises(GitError) as caught:
            repository.fetch()
        assert caught.value.code == "timeout"
        assert time.monotonic() - started < 5
        assert ends_soon(lambda: not is_alive(int((tmp_path / "pid").read_text())))
        assert children() == []

    def test_a_fetch_tells_how_far_it_is_and_what_moves_is_not_given_up(
        self, tmp_path: Path, remote: BareRemote
    ) -> None:
        remote.commit({f"{number}.md": f"{number}\n" for number in range(50)})
        ssh = tmp_path / "ssh"
        # A server whose words come one by one: longer in all than our patience.
        percents = " ".join(map(str, range(0, 100, 10)))
        ssh.write_text(
            '[ "$1" = -G ] && exit 0\n'
            f"for n in {percents}; do printf 'Receiving objects: %3d%% (1/9)\\r' $n >&2; sleep 0.2; done\n"
            f"exec git upload-pack {shlex.quote(remote.url)}\n"
        )
        repository = Repository(
            tmp_path / "m.git",
            "git@example.org:posts.git",
            "main",
            timeout=1,
            environment={"GIT_SSH_COMMAND": f"sh {shlex.quote(str(ssh))}"},
        )
        told: list[int] = []
        with repository.locked():
            assert repository.fetch(told.append) == remote.head()
        assert told[:3] == sorted(told[:3])
        assert any(0 < percent < 100 for percent in told)

    def test_what_failed_is_told_without_the_progress_before_it(self, tmp_path: Path) -> None:
        ssh = tmp_path / "ssh"
        ssh.write_text(
            '[ "$1" = -G ] && exit 0\n'
            "printf 'Receiving objects:  10%% (1/9)\\rReceiving objects:  20%% (2/9)\\r' >&2\n"
            "echo 'ssh: connect to host example.org port 22: Connection refused' >&2; exit 255\n"
        )
        repository = Repository(
            tmp_path / "m.git",
            "git@example.org:posts.git",
            "main",
            environment={"GIT_SSH_COMMAND": f"sh {shlex.quote(str(ssh))}"},
        )
        with repository.locked(), pytest.raises(GitError) as caught:
            repository.fetch(lambda percent: None)
        assert caught.value.code == "unreachable"
        assert str(caught.value.facts["words"]).startswith("ssh: connect to host")

    def test_whoever_is_interrupted_ends_git_with_all_that_it_started(self, tmp_path: Path) -> None:
        fake_ssh = hanging_ssh(tmp_path)
        repository = Repository(
            tmp_path / "m.git",
            "git@example.org:posts.git",
            "main",
            environment={"GIT_SSH_COMMAND": f"sh {shlex.quote(str(fake_ssh))}"},
            interrupted=lambda: (tmp_path / "pid").exists(),
        )
        started = time.monotonic()
        with repository.locked(), pytest.raises(Interrupted):
            repository.fetch()
        assert time.monotonic() - started < 5
        assert ends_soon(lambda: not is_alive(int((tmp_path / "pid").read_text())))
        assert children() == []

    def test_a_slow_reader_is_no_reason_to_give_up(self, tmp_path: Path, remote: BareRemote) -> None:
        remote.commit({f"{number}.md": f"{number}" * 20_000 for number in range(8)})
        repository = Repository(tmp_path / "m.git", remote.url, "main", timeout=0.5)
        with repository.locked():
            head = repository.fetch() or ""
        blobs = [change.blob or "" for change in repository.changes(None, head)]
        count = 0
        for _ in repository.read(blobs, limit=1_000_000):
            time.sleep(0.1)
            count += 1
        assert count == 8


class TestErrors:
    @pytest.mark.parametrize(
        ("words", "code"),
        [
            ("fatal: unable to access 'https://x/': Could not resolve host: x", "unreachable"),
            ("ssh: connect to host x port 22: Connection refused\nfatal: Could not read from remote", "unreachable"),
            ("fatal: the remote end hung up unexpectedly", "unreachable"),
            ("git@x: Permission denied (publickey).\nfatal: Could not read from remote", "refused_credentials"),
            ("fatal: could not read Username for 'https://x': terminal prompts disabled", "refused_credentials"),
            ("fatal: unable to access 'https://x/': The requested URL returned error: 403", "refused_credentials"),
            ("Host key verification failed.\nfatal: Could not read from remote repository.", "host_key"),
            ("fatal: unable to access 'https://x/': SSL certificate problem: self-signed", "host_key"),
            ("ERROR: Repository not found.\nfatal: Could not read from remote repository.", "no_repository"),
            ("fatal: repository 'https://x/y/' not found", "no_repository"),
            ("error: file write error: No space left on device\nfatal: index-pack failed", "disk_full"),
            ("fatal: transport 'ext' not allowed", "protocol_not_allowed"),
            ("something new", "git_failed"),
            ("", "git_failed"),
        ],
    )
    def test_gits_words_become_a_code(self, words: str, code: str) -> None:
        assert failure(words).code == code
        assert code in CODES

    @pytest.mark.parametrize(
        "words",
        [
            "fatal: unable to access 'https://bob:s3cret@example.org/x.git/'",
            "fatal: unable to access 'https://s3cret@example.org/x.git/'",
            "fatal: 'HTTPS://bob:p@s3cret@example.org/x'",
            "ssh://bob:s3cret@example.org/x",
            "proxy http://u:s3cret@proxy:3128 refused",
        ],
    )
    def test_credentials_are_taken_out_of_them(self, words: str) -> None:
        told = str(GitError("git_failed", words).facts["words"])
        assert "s3cret" not in told
        assert "***@" in told

    def test_they_are_never_long_and_end_with_the_end(self) -> None:
        told = str(failure("進" * 5000 + "\0 the reason").facts["words"])
        assert len(told) == LONGEST_WORDS
        assert told.endswith("the reason")
        assert "\0" not in told


GOOD_URLS = [
    "/srv/git/posts.git",
    "/srv/with blanks/文章.git",
    "file:///srv/git/posts.git",
    "git@github.com:owner/posts.git",
    "github:owner/posts.git",
    "git@[::1]:posts.git",
    "ssh://git@example.org:2222/srv/posts.git",
    "ssh://example.org/~/posts.git",
    "https://github.com/owner/posts.git",
    "https://example.org:8443/posts.git",
    "http://127.0.0.1:8000/posts.git",
    "http://127.8.9.1/posts.git",
    "http://localhost/posts.git",
    "http://[::1]:8000/posts.git",
]
BAD_URLS = [
    ("ext::sh -c 'touch PWNED'", "protocol_not_allowed"),
    ("ext::/bin/true", "protocol_not_allowed"),
    ("fd::17", "protocol_not_allowed"),
    ("::", "protocol_not_allowed"),
    ("git://example.org/posts.git", "protocol_not_allowed"),
    ("ftp://example.org/posts.git", "protocol_not_allowed"),
    ("javascript://x/y", "protocol_not_allowed"),
    ("http://example.org/posts.git", "protocol_not_allowed"),
    ("http://127.0.0.1.example.org/posts.git", "protocol_not_allowed"),
    ("http://10.0.0.1/posts.git", "protocol_not_allowed"),
    ("http://127.1/posts.git", "protocol_not_allowed"),
    ("", "bad_url"),
    (" /srv/x", "bad_url"),
    ("relative/folder", "bad_url"),
    ("--upload-pack=touch PWNED", "bad_url"),
    ("-oProxyCommand=touch PWNED:x", "bad_url"),
    ("ssh://-oProxyCommand=touch%20PWNED/x", "bad_url"),
    ("ssh://%2doProxyCommand=touch/x", "bad_url"),
    ("git@-oProxyCommand=touch:x", "bad_url"),
    ("-u@host:x", "bad_url"),
    ("git@host:-x", "bad_url"),
    ("git@host:", "bad_url"),
    ("host::x", "protocol_not_allowed"),
    ("git:s3cret@host:x", "bad_url"),
    ("https://bob:s3cret@example.org/x", "bad_url"),
    ("https://t0ken@example.org/x", "bad_url"),
    ("https://example.org/x?access_token=s3cret", "bad_url"),
    ("ssh://bob:s3cret@example.org/x", "bad_url"),
    ("https://", "bad_url"),
    ("https://example.org", "bad_url"),
    ("https:///x", "bad_url"),
    ("https://[::1/x", "bad_url"),
    ("https://example.org:port/x", "bad_url"),
    ("/srv/x\n-c core.sshCommand=x", "bad_url"),
    ("https://example.org/a%0ab", "bad_url"),
    ("/srv/\x00x", "bad_url"),
    ("/srv/\u2028x", "bad_url"),
    ("/srv/\ud800x", "bad_url"),
    ("/" + "x" * 3000, "bad_url"),
]
BRANCHES = [
    "main",
    "posts/2026",
    "文章",
    "a.b-c_d",
    "@a",
    "a@b",
    "x/lock",
    "head",
    "é",
    "a{b",
    "",
    "-main",
    "--force",
    "a..b",
    "a b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "a@{1}",
    "HEAD",
    ".a",
    "a/.b",
    "a.lock",
    "a.lock/b",
    "a/",
    "/a",
    "a//b",
    "a.",
    "a\nb",
    "a\x7fb",
]


class TestAddresses:
    @pytest.mark.parametrize("url", GOOD_URLS)
    def test_what_is_harmless_passes(self, url: str) -> None:
        check_url(url)

    @pytest.mark.parametrize(("url", "code"), BAD_URLS)
    def test_what_may_run_or_reveal_something_is_refused_and_nothing_runs(
        self, url: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = tmp_path / "here"
        here.mkdir()
        monkeypatch.chdir(here)
        refusals = []
        for refused in (
            lambda: check_url(url),
            lambda: Repository(here / "m.git", url, "main"),
            lambda: ls_remote(url, "main"),
        ):
            with pytest.raises(GitError) as caught:
                refused()
            refusals.append(caught.value.code)
        assert refusals == [code] * 3
        assert "s3cret" not in str(caught.value)
        assert list(here.iterdir()) == []

    @pytest.mark.parametrize("branch", BRANCHES)
    def test_branches_are_judged_as_git_judges_them(self, branch: str) -> None:
        git = subprocess.run(["git", "check-ref-format", "--branch", branch], capture_output=True)
        try:
            check_branch(branch)
            passes = True
        except GitError as error:
            assert error.code == "bad_branch"
            passes = False
        assert passes == (git.returncode == 0)

    def test_a_branch_that_git_could_not_store_is_refused(self, tmp_path: Path) -> None:
        for branch in ("@", "x" * 300, "a\0b", "a\ud800"):
            with pytest.raises(GitError) as caught:
                Repository(tmp_path, "/srv/x", branch)
            assert caught.value.code == "bad_branch"


class TestWithoutAMirror:
    def test_nothing_is_known_contained_or_related(self, tmp_path: Path) -> None:
        repository = Repository(tmp_path / "none.git", str(tmp_path), "main")
        commit = "1" * 40
        assert not repository.knows(commit)
        assert not repository.contains(commit, commit)
        assert not repository.related(commit, commit)


class TestTryingAConnection:
    def test_it_tells_the_head_and_leaves_nothing_behind(self, remote: BareRemote, tmp_path: Path) -> None:
        assert ls_remote(remote.url, "main") is None
        head = remote.push("a.md", "1")
        before = sorted(tmp_path.rglob("*"))
        assert ls_remote(remote.url, "main") == head
        assert sorted(tmp_path.rglob("*")) == before

    def test_a_branch_that_is_not_there_is_told(self, remote: BareRemote) -> None:
        remote.push("a.md", "1")
        with pytest.raises(GitError) as caught:
            ls_remote(remote.url, "ain")
        assert caught.value.code == "branch_missing"

    def test_a_server_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        for url, code in (
            (str(tmp_path / "nothing"), "no_repository"),
            ("http://127.0.0.1:1/x.git", "unreachable"),
            ("https://127.0.0.1:1/x.git", "unreachable"),
        ):
            with pytest.raises(GitError) as caught:
                ls_remote(url, "main", timeout=20)
            assert caught.value.code == code


class TestTheEnvironment:
    def test_nothing_of_ours_reaches_git(
        self, tmp_path: Path, remote: BareRemote, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        head = remote.push("a.md", "1")
        home = tmp_path / "home"
        home.mkdir()
        (home / ".gitconfig").write_text(
            f'[url "{tmp_path}/elsewhere"]\n\tinsteadOf = {remote.url}\n[core]\n\thooksPath = {home}\n'
        )
        hook = home / "reference-transaction"
        hook.write_text(f"#!/bin/sh\ntouch {home}/ran\n")
        hook.chmod(0o755)
        for name, value in {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
            "GIT_DIR": str(tmp_path / "no.git"),
            "GIT_WORK_TREE": str(tmp_path),
            "GIT_OBJECT_DIRECTORY": str(tmp_path / "no objects"),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{tmp_path}/elsewhere.insteadOf",
            "GIT_CONFIG_VALUE_0": remote.url,
            "GIT_TRACE": str(home / "trace"),
            "LC_ALL": "zh_CN.UTF-8",
        }.items():
            monkeypatch.setenv(name, value)
        repository = Repository(tmp_path / "m.git", remote.url, "main")
        with repository.locked():
            assert repository.fetch() == head
            repository.push(repository.commit(head, [new_commit({"a.md": b"2"})]))
        assert ls_remote(remote.url, "main") == remote.head() != head
        assert not (home / "ran").exists()
        assert not (home / "trace").exists()

    def test_the_repository_that_we_stand_in_has_no_say(
        self, tmp_path: Path, remote: BareRemote, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        head = remote.push("a.md", "1")
        here = tmp_path / "here"
        subprocess.run(["git", "init", "--quiet", str(here)], check=True)
        with (here / ".git" / "config").open("a") as config:
            config.write(f'[url "{tmp_path}/elsewhere"]\n\tinsteadOf = {remote.url}\n')
        monkeypatch.chdir(here)
        assert ls_remote(remote.url, "main") == head
        repository = Repository(Path("m.git"), remote.url, "main")
        with repository.locked():
            assert repository.fetch() == head
        assert (here / "m.git" / "HEAD").exists()

    def test_ssh_is_called_so_that_it_never_asks(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        fake = tmp_path / "bin" / "ssh"
        fake.parent.mkdir()
        fake.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\nenv >> {tmp_path}/calls\nexit 1\n')
        fake.chmod(0o755)
        monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
        monkeypatch.setenv("SSH_AUTH_SOCK", "/not/handed/on")
        with pytest.raises(GitError):
            ls_remote("git@example.org:posts.git", "main", environment={"MADE_KNOWN": "yes"})
        calls = (tmp_path / "calls").read_text()
        assert "-oBatchMode=yes" in calls and "-oStrictHostKeyChecking=yes" in calls
        assert "MADE_KNOWN=yes" in calls
        assert "/not/handed/on" not in calls

    def test_no_protocol_but_the_addresses_own_is_allowed(self, tmp_path: Path, remote: BareRemote) -> None:
        # As if a server had told git to go elsewhere: the mirror's own configuration does here.
        repository = Repository(tmp_path / "m.git", remote.url, "main")
        with repository.locked():
            repository.fetch()
            with (repository.folder / "config").open("a") as config:
                config.write(f'[url "ext::touch {tmp_path}/pwned"]\n\tinsteadOf = {remote.url}\n')
                config.write('[protocol "ext"]\n\tallow = always\n')
            with pytest.raises(GitError) as caught:
                repository.fetch()
        assert caught.value.code == "protocol_not_allowed"
        assert not (tmp_path / "pwned").exists()


A_WORKER = """
import sys
from pathlib import Path
from posts.git import Repository
repository = Repository(
    Path(sys.argv[1]), "git@example.org:posts.git", "main", environment={"GIT_SSH_COMMAND": sys.argv[2]}
)
with repository.locked():
    repository.fetch()
"""


def hanging_ssh(folder: Path) -> Path:
    """A program in the place of ssh that writes its process id to `folder`/pid and then hangs."""
    script = folder / "hanging ssh"
    # git asks first with -G which kind of ssh this is.
    script.write_text(f'[ "$1" = -G ] && exit 0\necho $$ > {folder}/pid\nexec sleep 60\n')
    return script


def merged(remote: BareRemote, files: dict[str, str], *parents: str) -> str:
    """Make a merge of `parents` with exactly these files the branch's head."""
    entries = b""
    for name, text in files.items():
        blob = remote.git("hash-object", "-w", "--stdin", given=text.encode()).strip()
        entries += b"100644 blob " + blob + b"\t" + name.encode() + b"\n"
    tree = remote.git("mktree", given=entries).decode().strip()
    named = [argument for parent in parents for argument in ("-p", parent)]
    commit = remote.git("commit-tree", tree, *named, "-m", "Merge").decode().strip()
    remote.force_push(commit)
    return commit


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def children() -> list[str]:
    """The processes that this one has started and that are not gone, zombies among them; but for the browser's."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        # Playwright keeps its driver, a `node`, for as long as a test session has a browser.
        if int(rest.split()[1]) == os.getpid() and "(node" not in name:
            found.append(name)
    return found
