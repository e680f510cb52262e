"""A sync tried out first: it says what would change on each side, changes nothing, and lets somebody choose."""

import datetime
import json
import subprocess
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Model
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from posts import editing, reviewing
from posts.locking import repository_of
from posts.management.unified import unified
from posts.models import Collection, Conflict, Event, Notice, Outcome, Post, Problem, Revision, Sync
from posts.rehearsing import (
    NotChosen,
    ask_for_chosen,
    ask_for_preview,
    forget_old_previews,
    perform_preview,
    preview_sync,
    sides_of,
)
from posts.runs import claim
from posts.syncing import perform_sync, sync
from posts.undoing import ask_for_undo
from posts.waking import ask_for_sync
from taxonomy.models import VOCABULARIES
from tests.posts.worlds import World, post_text

A, B, C, D = "src/posts/a.md", "src/posts/b.md", "src/posts/c.md", "src/posts/d.md"
LIVE = {"draft": "false", "status": "published"}
UNLIKE = "---\ntitle: 别的\ndraft: true\n---\n" + "一段与众不同的文字，谁也不会当成改名。\n" * 9


def tried(world: World, by: User) -> Sync:
    """A preview that a worker made."""
    run = claim(ask_for_preview(world.collection, by=by).pk)
    assert run is not None
    return perform_preview(run)


def listed(run: Sync) -> dict[str, tuple[str, str]]:
    """How each file would come out, and on which side it would change."""
    return {each.path: (each.result, each.facts["side"]) for each in Outcome.objects.filter(sync=run)}


def chosen(preview: Sync, by: User, *paths: str) -> Sync:
    """A sync of the chosen files, done."""
    Sync.objects.filter(kind="sync", state="waiting").delete()  # what an edit has asked for, as if it were over
    pks = Outcome.objects.filter(sync=preview, path__in=paths).values_list("pk", flat=True)
    run = claim(ask_for_chosen(preview, list(pks), by=by).pk)
    assert run is not None
    return perform_sync(run)


def sides(preview: Sync, path: str):  # type: ignore[no-untyped-def]
    """The exact difference of one file."""
    return sides_of(Outcome.objects.get(sync=preview, path=path), preview.collection)


@pytest.fixture
def site(world: World) -> World:
    """Two drafts and a live post, synced."""
    world.remote.commit({A: post_text("甲"), B: post_text("乙", **LIVE), C: UNLIKE})
    world.sync("done")
    return world


def everything() -> dict[type[Model], list[dict[str, object]]]:
    """All rows that a preview must not change."""
    models = (Post, Revision, Conflict, Collection, Notice, Event, Problem, *VOCABULARIES.values())
    return {model: list(model.objects.order_by("pk").values()) for model in models}


def test_it_lists_each_kind_of_change_on_its_side_and_changes_nothing(
    site: World, publisher: User, writer: User
) -> None:
    editing.edit(site.post(A), {"title": "新甲"}, by=writer)
    editing.edit(site.post(C), {"title": "这里的", "tags": ["新词"]}, by=writer)
    reviewing.perform(site.post(C), "submit", by=writer)
    editing.create(site.collection, D, {"title": "丁"}, body="字。\n", by=writer)
    site.remote.commit(
        {
            A: post_text("甲", body="推送的。\n"),
            B: None,
            C: UNLIKE.replace("别的", "那里的"),
            "src/posts/new.md": post_text("新来的", body="又长又不一样的文字。\n" * 30),
            "src/posts/bad.md": "---\ntitle: [\n---\n",
        }
    )
    before, head = everything(), site.remote.head()
    run = tried(site, publisher)
    assert run.state == "done"
    assert everything() == before and site.remote.head() == head
    assert listed(run) == {
        A: ("merged", "both"),
        B: ("deleted", "in"),
        C: ("held", "in"),
        D: ("sent", "out"),
        "src/posts/new.md": ("new", "in"),
        "src/posts/bad.md": ("problem", "in"),
    }
    done = site.sync("partly")
    results = {(each.path, each.result) for each in Outcome.objects.filter(sync=done)}
    assert results >= {(path, result) for path, (result, _) in listed(run).items()}


def test_the_exact_difference_is_what_the_sync_then_does(site: World, publisher: User, writer: User) -> None:
    editing.edit(site.post(A), {"title": "新甲"}, by=writer)
    pushed = post_text("甲", body="推送的。\n")
    site.remote.commit({A: pushed, B: post_text("乙二", **LIVE)})
    editing.edit(site.post(C), {"title": "这里的"}, by=writer)
    run = tried(site, publisher)
    here, there = sides(run, A).here, sides(run, A).there
    assert here == (site.post(A).present.text, post_text("新甲", body="推送的。\n"))
    assert there == (pushed, post_text("新甲", body="推送的。\n"))
    assert sides(run, B).here == (post_text("乙", **LIVE), post_text("乙二", **LIVE)) and sides(run, B).there is None
    expected = {path: (sides(run, path).there or sides(run, path).here)[1] for path in (A, B, C)}
    site.sync("done")
    assert {path: site.text_in_git(path) for path in (A, B, C)} == expected


def test_what_is_held_shows_what_was_changed_there(site: World, publisher: User, writer: User) -> None:
    editing.edit(site.post(A), {"title": "这里的"}, by=writer)
    site.remote.push(A, post_text("那里的"))
    found = sides(tried(site, publisher), A)
    assert found.pushed == (post_text("甲"), post_text("那里的"))
    assert (found.here, found.there) == (None, None)


def test_a_conflict_that_would_be_settled_is_listed_so(site: World, publisher: User, writer: User) -> None:
    editing.edit(site.post(A), {"title": "这里的"}, by=writer)
    site.remote.push(A, post_text("那里的"))
    site.sync("partly")
    site.remote.push(A, post_text("甲"))
    run = tried(site, publisher)
    assert Outcome.objects.get(sync=run, path=A).facts["settles"] is True
    assert Conflict.objects.holding().exists()
    site.sync("done")
    assert not Conflict.objects.holding().exists()


def test_a_rename_there_and_a_removal_here_are_listed(site: World, publisher: User) -> None:
    reviewing.perform(site.post(B), "archive", by=publisher)
    reviewing.perform(site.post(B), "remove", by=publisher)
    site.remote.rename(A, D)
    run = tried(site, publisher)
    rows = {each.path: each for each in Outcome.objects.filter(sync=run)}
    assert (rows[D].result, rows[D].facts["old_path"]) == ("renamed", A)
    assert (rows[B].result, rows[B].facts["removed"]) == ("sent", True)
    assert sides(run, B).there == (post_text("乙", **LIVE), "")


def test_it_says_that_the_post_was_changed_since(site: World, publisher: User, writer: User) -> None:
    site.remote.push(A, post_text("甲", body="推送的。\n"))
    run = tried(site, publisher)
    assert not sides(run, A).moved_on
    editing.edit(site.post(A), {"title": "新甲"}, by=writer)
    assert sides(run, A).moved_on


def test_nothing_new_is_said(site: World, publisher: User) -> None:
    assert tried(site, publisher).state == "nothing_new"


def test_a_failure_of_git_is_told(site: World, publisher: User) -> None:
    site.remote.folder.rename(site.remote.folder.with_suffix(".away"))
    run = tried(site, publisher)
    assert (run.state, run.error_code) == ("failed", "no_repository")


def test_only_the_chosen_files_come_in_and_the_rest_follows(site: World, publisher: User) -> None:
    site.remote.commit({A: post_text("甲", body="推送的。\n"), B: post_text("乙二", **LIVE), D: post_text("丁")})
    run = chosen(tried(site, publisher), publisher, A)
    assert (run.state, run.selection) == ("done", [A])
    assert site.post(A).present.text == post_text("甲", body="推送的。\n")
    assert site.post(B).present.text == post_text("乙", **LIVE)
    assert not Post.objects.filter(path=D).exists()
    site.sync("done")
    assert site.post(B).present.text == post_text("乙二", **LIVE) and site.post(D).state == "draft"
    assert site.disagreements() == []


def test_only_the_chosen_texts_leave_onto_the_head_of_the_others(site: World, publisher: User, writer: User) -> None:
    editing.edit(site.post(A), {"title": "新甲"}, by=writer)
    editing.edit(site.post(C), {"title": "新丙"}, by=writer)
    site.remote.push(B, post_text("乙二", **LIVE))
    pushed = site.remote.head()
    run = chosen(tried(site, publisher), publisher, A)
    assert run.state == "done"
    assert site.text_in_git(A) == post_text("新甲") and site.text_in_git(C) == UNLIKE
    assert site.remote.git("rev-parse", "main^").decode().strip() == pushed
    assert site.text_in_git(B) == post_text("乙二", **LIVE)
    assert site.post(B).present.text == post_text("乙", **LIVE)
    editing.edit(site.post(B), {"summary": "我的摘要"}, by=writer)
    site.sync("done")
    assert "乙二" in site.post(B).present.text and "我的摘要" in site.post(B).present.text
    assert "新丙" in site.text_in_git(C)
    assert site.disagreements() == []


def test_a_chosen_text_waits_while_the_others_change_of_its_file_was_not_taken(
    site: World, publisher: User, writer: User
) -> None:
    editing.edit(site.post(A), {"title": "新甲"}, by=writer)
    editing.move(site.post(A), D, by=writer)
    site.remote.push(A, post_text("甲", body="推送的。\n"))
    run = tried(site, publisher)
    Outcome.objects.filter(sync=run, path=A).update(path=D, facts={})  # chosen by its new place alone
    assert chosen(run, publisher, D).state == "nothing_new"
    assert site.text_in_git(A) == post_text("甲", body="推送的。\n") and D not in site.remote.files()
    site.sync("done")
    assert "新甲" in site.text_in_git(D) and "推送的" in site.text_in_git(D)


def test_both_sides_of_a_chosen_file_are_done(site: World, publisher: User, writer: User) -> None:
    editing.edit(site.post(A), {"title": "新甲"}, by=writer)
    site.remote.commit({A: post_text("甲", body="推送的。\n"), B: None})
    chosen(tried(site, publisher), publisher, A)
    assert site.text_in_git(A) == post_text("新甲", body="推送的。\n")
    assert site.post(B).state == "published"
    site.sync("done")
    assert site.post(B).state == "archived"


def test_a_crash_after_the_push_of_chosen_texts_leaves_nothing_out(
    site: World, publisher: User, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    editing.edit(site.post(A), {"title": "新甲"}, by=writer)
    site.remote.push(B, post_text("乙二", **LIVE))
    preview = tried(site, publisher)

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("posts.syncing.sent", dies)
        with pytest.raises(KeyboardInterrupt):
            chosen(preview, publisher, A)
    assert site.text_in_git(A) == post_text("新甲")
    site.sync("done")
    assert site.post(B).present.text == post_text("乙二", **LIVE)
    assert not site.post(A).pending and site.disagreements() == []


def test_what_cannot_be_chosen_is_refused(site: World, publisher: User, writer: User) -> None:
    site.remote.push(A, post_text("甲二"))
    preview = tried(site, publisher)
    pks = list(preview.outcomes.values_list("pk", flat=True))
    for by, asked, code in ((writer, pks, "no_permission"), (publisher, [], "nothing_chosen")):
        with pytest.raises(NotChosen) as refused:
            ask_for_chosen(preview, asked, by=by)
        assert refused.value.code == code
    ask_for_sync(site.collection)
    with pytest.raises(NotChosen) as refused:
        ask_for_chosen(preview, pks, by=publisher)
    assert refused.value.code == "sync_waits"


def test_a_whole_sync_in_the_foreground_is_whole_though_a_chosen_one_waits(site: World, publisher: User) -> None:
    site.remote.commit({A: post_text("甲二"), B: post_text("乙二", **LIVE)})
    preview = tried(site, publisher)
    ask_for_chosen(preview, [Outcome.objects.get(sync=preview, path=A).pk], by=publisher)
    run = sync(Collection.objects.get(pk=site.collection.pk))
    assert run.selection == []
    assert "乙二" in site.post(B).present.text


def test_what_is_saved_while_a_chosen_sync_waits_leaves_soon(site: World, publisher: User, writer: User) -> None:
    site.remote.push(A, post_text("甲二"))
    preview = tried(site, publisher)
    run = ask_for_chosen(preview, list(preview.outcomes.values_list("pk", flat=True)), by=publisher)
    editing.edit(site.post(C), {"title": "新丙"}, by=writer)
    assert Sync.objects.filter(kind="sync", state="waiting").count() == 1
    perform_sync(claim(run.pk))
    assert Sync.objects.filter(kind="sync", state="waiting").exclude(pk=run.pk).count() == 1


def test_old_previews_are_forgotten(site: World, publisher: User) -> None:
    old, new = tried(site, publisher), tried(site, publisher)
    Sync.objects.filter(pk=old.pk).update(ended_at=timezone.now() - datetime.timedelta(days=8))
    forget_old_previews()
    assert list(Sync.objects.filter(kind="preview")) == [new]


def test_a_worker_is_woken_by_the_names_of_its_tasks(
    site: World,
    publisher: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def at_once(name: str, arguments: list[int], **_: object) -> None:
        current_app.tasks[name](*arguments)

    current_app.loader.import_default_modules()
    monkeypatch.setattr(current_app._get_current_object(), "send_task", at_once)
    site.remote.push(A, post_text("甲二"))
    with django_capture_on_commit_callbacks(execute=True):
        preview = ask_for_preview(site.collection, by=publisher)
    preview.refresh_from_db()
    assert preview.state == "done"
    run = site.sync("done")
    with django_capture_on_commit_callbacks(execute=True):
        undo = ask_for_undo(run, by=publisher)
    undo.refresh_from_db()
    assert (undo.state, site.post(A).title) == ("done", "甲")


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """The command `sync`, with its exit status and what it printed."""

    def called(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        try:
            call_command("sync", "site", *arguments)
        except SystemExit as ended:
            return int(ended.code or 0), capsys.readouterr().out
        return 0, capsys.readouterr().out

    return called


def test_the_command_prints_the_differences(site: World, writer: User, command: Callable[..., tuple[int, str]]) -> None:
    editing.edit(site.post(A), {"title": "新甲"}, by=writer)
    site.remote.push(B, post_text("乙二", **LIVE))
    before = everything()
    status, told = command("--dry-run", "--diff")
    assert status == 0
    assert "-title: 甲\n+title: 新甲\n" in told and "-title: 乙\n+title: 乙二\n" in told
    status, told = command("--dry-run", "--diff", "--json")
    files = {each["path"]: each for each in json.loads(told)["files"]}
    assert "+title: 乙二" in files[B]["facts"]["differences"]["here"]
    assert "+title: 新甲" in files[A]["facts"]["differences"]["in the repository"]
    assert everything() == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "一\n二\n"),
        ("一\n二\n", ""),
        ("一\n二\n三", "一\n二\n三\n"),
        ("".join(f"{n}\n" for n in range(50)), "".join(f"{n if n % 20 else 'x'}\n" for n in range(51))),
        ("a\r\nb\r\n", "a\r\nc\r\n"),
        ("a\nb\nc\n", "b\na\nc\nd"),
    ],
)
def test_a_unified_difference_is_one_that_patch_takes(tmp_path: Path, old: str, new: str) -> None:
    target = tmp_path / "file"
    target.write_bytes(old.encode())
    patch = unified(old, new, old_name="file", new_name="file")
    command = ["patch", "--binary", "--silent", "--posix", str(target)]
    subprocess.run(command, input=patch.encode(), check=True, cwd=tmp_path)
    assert (target.read_bytes() if target.exists() else b"") == new.encode()


def test_a_long_file_that_repeats_itself_is_compared_at_once(site: World, publisher: User) -> None:
    body = "<!-- chunk -->\n同一行。\n" * 6000  # 200 KB
    site.remote.push(A, post_text("甲", body=body))
    site.sync("done")
    site.remote.push(A, post_text("甲", body=body.replace("同一行。\n", "另一行。\n", 5) + "完。\n"))
    found = sides(tried(site, publisher), A).here
    assert unified(*found, old_name="a", new_name="a").startswith("--- a\n+++ a\n@@")


def test_the_command_sees_what_the_page_sees(site: World, publisher: User) -> None:
    site.remote.commit({A: post_text("甲二"), B: None})
    shown = {each.path: each.result for each in chain.from_iterable(preview_sync(Collection.objects.get()))}
    assert shown == {path: result for path, (result, _) in listed(tried(site, publisher)).items()}
    assert repository_of(site.collection).folder.exists()
