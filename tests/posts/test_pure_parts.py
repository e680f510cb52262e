"""The small pure modules: paths, authorship, review-by dates, archives."""

import datetime
import itertools
import os
import zipfile
from pathlib import Path

import pytest

from posts.archives import ArchiveError, files_in, manifest_of, write_folder, write_zip
from posts.authorship import Stage, writers
from posts.document.document import Document
from posts.paths import matcher, path_key, why_bad_glob, why_unsafe
from posts.reviewdates import first_review_by, next_review_by

TODAY = datetime.date(2026, 11, 24)
ANNA, BEN = frozenset({1}), frozenset({2})


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("src/posts/**/*.md", "src/posts/a.md", True),
        ("src/posts/**/*.md", "src/posts/2026/02/a.md", True),
        ("src/posts/**/*.md", "src/posts/2026/a.txt", False),
        ("src/posts/**/*.md", "x/src/posts/a.md", False),
        ("**/*.md", "a.md", True),
        ("*.md", "2026/a.md", False),
        ("posts/**", "posts/a/b.md", True),
        ("a?.md", "a一.md", True),
        ("[!a]*.md", "b.md", True),
        ("[!a]*.md", "a.md", False),
        ("a.md", "axmd", False),
        ("含 空格/*.md", "含 空格/文.md", True),
        ("(a|b)/*.md", "a/x.md", False),
    ],
)
def test_globs(glob: str, path: str, matches: bool) -> None:
    assert bool(matcher([glob]).fullmatch(path)) is matches


@pytest.mark.parametrize("glob", ["src/[z-a].md", "*a*a*a*a*b", "**/**/**/**/*.md"])
def test_globs_that_cannot_be_read_or_would_take_for_ever_are_refused(glob: str) -> None:
    assert why_bad_glob(glob)


@pytest.mark.parametrize("glob", ["src/posts/**/*.md", "*.md", "a/[!b]*-*.md", "**/posts/**/*.md"])
def test_ordinary_globs_are_fit(glob: str) -> None:
    assert why_bad_glob(glob) is None


def test_no_globs_match_nothing() -> None:
    assert not matcher([]).fullmatch("a.md")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a.md",
        "../a.md",
        "a/../b.md",
        "a//b.md",
        "./a.md",
        "C:/a.md",
        "a\\b.md",
        "a\nb.md",
        ".git/x.md",
        "~/a.md",
        "git~1/x.md",
        ".git /x.md",
        ".Git./x.md",
        ".gi\u200ct/x.md",
        ".git:x/a.md",
        "长" * 90 + ".md",
    ],
)
def test_paths_that_lead_elsewhere_are_unsafe(path: str) -> None:
    assert why_unsafe(path)


@pytest.mark.parametrize("path", ["a.md", "src/posts/2026/访谈 1.md", "a..b.md", ".hidden/x.md", "'quoted'.md"])
def test_ordinary_and_odd_names_are_safe(path: str) -> None:
    assert why_unsafe(path) is None


def test_names_that_a_mac_or_windows_takes_for_one_have_one_key() -> None:
    assert path_key("Src/É.md") == path_key("src/e\N{COMBINING ACUTE ACCENT}.md")


def text(title: str, guest: str = "", body: str = "正文\n") -> Document:
    return Document.from_text(f"---\ntitle: {title}\nguest: {guest}\n---\n{body}")


def test_whoever_changed_what_is_still_there_is_a_writer() -> None:
    assert writers([Stage(text("一")), Stage(text("二"), ANNA), Stage(text("二", "客"), BEN)]) == ANNA | BEN


def test_whoever_made_the_first_text_wrote_all_of_it() -> None:
    assert writers([Stage(text("一"), ANNA), Stage(text("二"), BEN)]) == ANNA | BEN


def test_a_machine_a_step_or_a_merge_makes_nobody_a_writer() -> None:
    assert writers([Stage(text("一")), Stage(text("二"))]) == frozenset()
    assert writers([]) == frozenset()


def test_changes_that_are_all_undone_make_nobody_a_writer() -> None:
    assert writers([Stage(text("一")), Stage(text("二"), ANNA), Stage(text("一"), BEN)]) == frozenset()


def test_undoing_the_last_change_leaves_the_writer_before() -> None:
    assert writers([Stage(text("一")), Stage(text("二"), ANNA), Stage(text("三"), BEN), Stage(text("二"), BEN)]) == ANNA


def test_only_what_the_approved_text_does_not_have_counts() -> None:
    approved = Stage(text("二"), ANNA, approved=True)
    assert writers([Stage(text("一")), approved]) == frozenset()
    assert writers([Stage(text("一")), approved, Stage(text("二", "客"), BEN)]) == BEN


def test_whose_text_of_before_the_approval_is_brought_back_is_a_writer_of_it_with_who_did_that() -> None:
    history = [Stage(text("一")), Stage(text("二"), ANNA), Stage(text("三"), BEN), Stage(text("三"), approved=True)]
    assert writers([*history, Stage(text("二"), BEN, restores=True)]) == ANNA | BEN
    assert writers([*history, Stage(text("二"), BEN, restores=True), Stage(text("三"), BEN)]) == frozenset()
    merged = Stage(text("二", body="别人的。\n"), BEN, restores=True)
    assert writers([*history, merged]) == ANNA | BEN


def test_whose_words_of_before_the_approval_are_typed_again_is_a_writer_of_them_with_who_did_that() -> None:
    history = [Stage(text("一")), Stage(text("二", "客"), ANNA), Stage(text("三"), BEN, approved=True)]
    assert writers([*history, Stage(text("二"), BEN)]) == ANNA | BEN
    assert writers([*history, Stage(text("四"), BEN)]) == BEN


def test_a_step_back_to_what_was_approved_and_an_emptied_key_bring_nobodys_words_back() -> None:
    history = [Stage(text("二", "''"), ANNA), Stage(text("三", "客"), BEN, approved=True)]
    assert writers([*history, Stage(text("二", "客"))]) == frozenset()
    assert writers([*history, Stage(text("三", "''"), BEN)]) == BEN


def test_whose_text_was_kept_beside_is_a_writer_once_it_is_brought_back() -> None:
    history = [Stage(text("一")), Stage(text("二"), ANNA, beside=True), Stage(text("三"), BEN)]
    assert writers(history) == BEN
    assert writers([*history, Stage(text("二"), BEN, restores=True)]) == ANNA | BEN
    assert writers([*history, Stage(text("四"), ANNA, beside=True)]) == BEN


def test_deleting_a_key_or_a_body_is_writing() -> None:
    bare = Document.from_text("---\ntitle: 一\n---\n正文\n")
    assert writers([Stage(text("一")), Stage(bare, ANNA)]) == ANNA
    assert writers([Stage(text("一")), Stage(text("一", body=""), BEN)]) == BEN


HEAD = "title: 一\nguest: '5'\ntags:\n  - 甲\n"


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace("一\n", "一  # 批注\n"),
        HEAD.replace("guest", "# 批注\nguest"),
        HEAD.replace("甲\n", "甲  # 批注\n"),
        HEAD + "# 批注\n",
        HEAD.replace("guest", "\nguest"),
        "guest: '5'\ntitle: 一\ntags:\n  - 甲\n",
        HEAD.replace("guest", '"guest"'),
        HEAD.replace("一", "!!js/function 一"),
        HEAD.replace("'5'", "5"),
    ],
    ids=["behind", "before", "in a list", "at the end", "blank line", "order", "spelling", "tag", "kind"],
)
def test_whoever_changed_what_stands_around_the_values_is_a_writer_until_it_is_undone(head: str) -> None:
    as_it_was, changed = (Document.from_text(f"---\n{each}---\n正文\n") for each in (HEAD, head))
    assert as_it_was != changed
    assert writers([Stage(as_it_was), Stage(changed, ANNA)]) == ANNA
    assert writers([Stage(as_it_was), Stage(changed, ANNA), Stage(as_it_was, BEN)]) == frozenset()


def test_quotes_and_lines_of_a_value_make_nobody_a_writer() -> None:
    as_it_was, changed = (
        Document.from_text(f"---\ntitle: {title}\ntags: {tags}\n---\n正文\n")
        for title, tags in (("一", "[甲, 乙]"), ('"一"', "\n  - 甲\n  - '乙'"))
    )
    assert writers([Stage(as_it_was), Stage(changed, ANNA)]) == frozenset()


def test_a_key_that_came_and_went_makes_nobody_a_writer_of_the_order() -> None:
    first, with_a, with_both, with_b = (
        Document.from_text(f"---\n{each}title: 一\n---\n正文\n") for each in ("", "a: 1\n", "a: 1\nb: 2\n", "b: 2\n")
    )
    assert writers([Stage(first), Stage(with_a, ANNA), Stage(with_both, BEN), Stage(with_b, BEN)]) == BEN


def test_an_evergreen_post_is_due_a_year_after_its_date() -> None:
    assert first_review_by(datetime.date(2026, 10, 1), 12, today=TODAY) == datetime.date(2027, 10, 1)
    assert first_review_by(datetime.date.max, 12, today=TODAY) == datetime.date.max
    assert next_review_by(12, today=TODAY) == datetime.date(2027, 11, 24)


def test_old_posts_that_are_imported_do_not_all_fall_due_at_once() -> None:
    due = {first_review_by(datetime.date(2020, 1, 1), 12, today=TODAY, spread=f"{n}.md") for n in range(300)}
    assert len(due) > 150
    assert min(due) > TODAY
    assert max(due) <= TODAY + datetime.timedelta(days=366)
    assert first_review_by(None, 12, today=TODAY) > TODAY


def test_what_is_dated_at_the_end_of_all_years_is_due_then_at_the_latest() -> None:
    assert first_review_by(datetime.date(9999, 6, 1), 12, today=TODAY) == datetime.date.max
    assert first_review_by(datetime.date.max, 12, today=TODAY, spread="a.md") == datetime.date.max


def test_a_folder_is_read_in_order_without_git_links_or_large_files(tmp_path: Path) -> None:
    for path, data in {
        "b/x.md": b"1",
        "a.md": b"2",
        ".git/config": b"3",
        "big.md": b"0" * (5 * 1024 * 1024 + 1),
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    (tmp_path / "link.md").symlink_to("a.md")
    (tmp_path / "loop").symlink_to(".")
    os.mkfifo(tmp_path / "pipe.md")
    found = {each.path: each.code or each.data for each in files_in(tmp_path)}
    assert found == {
        "a.md": b"2",
        "b/x.md": b"1",
        "big.md": "too_large",
        "link.md": "symlink",
        "loop": "symlink",
        "pipe.md": "no_file",
    }


def test_what_is_written_comes_back_with_its_blob_ids(tmp_path: Path) -> None:
    files = [("a/文.md", "正文\r\n".encode(), "1" * 40), ("b.md", b"\xef\xbb\xbf", "2" * 40)]
    assert write_folder(tmp_path / "out", iter(files)) == 2
    assert write_zip(tmp_path / "out.zip", iter(files)) == 2
    for source in (tmp_path / "out", tmp_path / "out.zip"):
        found = list(files_in(source))
        assert {each.path: each.data for each in found if each.path.endswith(".md")} == {p: d for p, d, _ in files}
        assert manifest_of(found) == {path: blob for path, _, blob in files}


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    for destination in (tmp_path, tmp_path / "x"):
        with pytest.raises(ArchiveError):
            write_folder(destination, [])
    with pytest.raises(ArchiveError):
        write_zip(tmp_path / "x", [])
    with pytest.raises(ArchiveError):
        write_folder(tmp_path / "new", [("../x", b"theirs", "")])
    assert (tmp_path / "x").read_text() == "mine"


def test_a_broken_zip_and_a_missing_source_are_refused_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError):
        files_in(tmp_path / "nowhere")
    good = tmp_path / "good.zip"
    with zipfile.ZipFile(good, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(50):
            archive.writestr(f"{number}.md", os.urandom(2000))
    data = bytearray(good.read_bytes())
    for offset in itertools.chain(range(3000, 9000, 50)):
        data[offset] ^= 0xFF
    (tmp_path / "broken.zip").write_bytes(data)
    codes = {each.code for each in files_in(tmp_path / "broken.zip")}
    assert "unreadable_in_zip" in codes
