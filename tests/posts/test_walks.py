"""Walks through what can happen between an editor and git, with a real remote (the list of the first issue, §4)."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from posts import editing, reviewing
from posts.document.document import Document
from posts.document.heads import front_matter_of, with_front_matter
from posts.editing import EditForbidden, StaleEdit
from posts.models import Collection, Conflict, Event, Outcome, Post, Problem, Revision, Sync
from posts.people import unknown_authors
from posts.reviewing import TransitionRefused
from posts.situations import discarded_twin
from tests.corpus.make_corpus import __file__ as corpus_maker
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/2026/a.md"
SAMPLE = Path(__file__).parent.parent / "samples" / "2026-02-13-market-selloff.md"


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that `diff` would show, without those around them."""
    old, new = before.split("\n"), after.split("\n")
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    return [f"-{line}" for line in gone.elements()] + [f"+{line}" for line in come.elements()]


def publish(post: Post, writer: User, publisher: User) -> Post:
    """The whole review: submitted by one, approved and published by another."""
    reviewing.perform(post, "submit", by=writer)
    reviewing.perform(post, "approve", by=publisher)
    return reviewing.perform(post, "publish", by=publisher)


def test_the_customers_post_comes_out_as_it_went_in_and_publishing_changes_one_line(
    world: World, writer: User, publisher: User
) -> None:
    sample = SAMPLE.read_bytes()
    world.remote.push("src/posts/2026/sample.md", sample)
    world.sync(Sync.State.DONE)
    post = world.post("src/posts/2026/sample.md")
    assert post.present.text.encode() == sample
    assert list(post.companies_orgs.names())[:3] == ["OpenAI", "DeepSeek", "MiniMax"]
    assert (post.title[:4], post.area.name, str(post.date)) == ("美股暴跌", "finance-wealth", "2026-02-13")
    publish(post, writer, publisher)
    world.sync(Sync.State.DONE)
    after = world.text_in_git("src/posts/2026/sample.md")
    assert changed_lines(sample.decode(), after) == ["-draft: true", "+draft: false"]
    post = world.post("src/posts/2026/sample.md")
    assert (post.state, post.live, post.pending) == ("evergreen", True, False)
    assert world.disagreements() == []


def test_an_edited_draft_leaves_with_exactly_its_changed_lines_under_the_editors_name(
    world: World, writer: User
) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    editing.edit(
        world.post(PATH), {"title": "美股回升", "tags": ["market-volatility", "ai-disruption", "新"]}, by=writer
    )
    world.sync(Sync.State.DONE)
    assert changed_lines(post_text(), world.text_in_git(PATH)) == ["-title: 美股暴跌", "+  - 新", "+title: 美股回升"]
    assert world.remote.log("%an <%ae> %s")[0] == "Wen <wen@example.org> Edit 美股回升"
    assert f"Post-Revision: {world.post(PATH).present.pk}" in world.remote.log_patch()
    world.sync(Sync.State.NOTHING_NEW)
    world.remote.check()


def test_a_commit_names_its_other_writers_and_the_approver(
    world: World, writer: User, reviewer: User, publisher: User
) -> None:
    world.collection.push_drafts = False
    world.collection.save()
    world.remote.push(PATH, post_text())
    world.sync()
    editing.edit(world.post(PATH), {"title": "一"}, by=reviewer)
    editing.edit(world.post(PATH), {"summary": "二"}, by=writer)
    publish(world.post(PATH), writer, publisher)
    world.sync(Sync.State.DONE)
    told = world.remote.git("log", "-1", "--format=%an%n%B", "main").decode()
    assert told.startswith("Wen\nPublish 一\n\nCo-authored-by: Rui <rui@example.org>\n")
    assert "Reviewed-by: Pan <pan@example.org>\n" in told
    assert told.count("Co-authored-by:") == 1


def test_a_second_sync_changes_nothing_and_writes_nothing(world: World) -> None:
    world.remote.commit({f"src/posts/{n}.md": post_text(str(n)) for n in range(5)})
    world.sync(Sync.State.DONE)
    before = (Revision.objects.count(), list(Post.objects.values_list("changed_at", flat=True)))
    world.sync(Sync.State.NOTHING_NEW)
    assert before == (Revision.objects.count(), list(Post.objects.values_list("changed_at", flat=True)))


def test_ten_thousand_kinds_of_files_come_in_and_go_out_as_they_were(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    count = "400"
    command = [sys.executable, corpus_maker, count, str(folder), "--traps", "0.4", "--bad", "0.1"]
    subprocess.run(command, check=True)
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.md")}
    world.remote.commit(files)
    run = world.sync(Sync.State.PARTLY)
    bad = {path for path in files if "/bad-" in path}
    assert {path for path, result in world.outcomes(run).items() if result == "problem"} == bad
    assert set(Problem.objects.filter(blocks=True).values_list("path", flat=True)) == bad
    call_command("export_posts", tmp_path / "out", collection="site")
    for path, data in files.items():
        exported = tmp_path / "out" / path
        assert (path in bad) != exported.exists()
        assert path in bad or exported.read_bytes() == data
    assert world.disagreements() == []
    assert world.remote.files() == files


def test_published_while_the_remote_was_down_and_then_edited_again(world: World, writer: User, publisher: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    away = world.remote.folder.rename(world.remote.folder.with_name("away.git"))
    published = publish(world.post(PATH), writer, publisher)
    run = world.sync(Sync.State.FAILED)
    assert run.error_code in ("unreachable", "no_repository")
    editing.edit(world.post(PATH), {"title": "还没审"}, by=writer)
    post = world.post(PATH)
    assert (post.state, post.cleared_id) == ("draft", published.present_id)
    away.rename(world.remote.folder)
    world.sync(Sync.State.DONE)
    assert changed_lines(post_text(), world.text_in_git(PATH)) == ["-draft: true", "+draft: false"]
    post = world.post(PATH)
    assert (post.live, post.pending, post.title) == (True, False, "还没审")


def test_a_change_of_a_live_post_leaves_only_once_it_is_published(world: World, writer: User, publisher: User) -> None:
    live = post_text(draft="false", status="published")
    world.remote.push(PATH, live)
    world.sync()
    assert world.post(PATH).state == "published"
    editing.edit(world.post(PATH), {"title": "改"}, by=writer)
    world.sync(Sync.State.NOTHING_NEW)
    assert world.text_in_git(PATH) == live
    publish(world.post(PATH), writer, publisher)
    world.sync(Sync.State.DONE)
    assert changed_lines(live, world.text_in_git(PATH)) == ["-title: 美股暴跌", "+title: 改"]


def test_unpublished_with_unreviewed_changes_they_stay_here(world: World, writer: User, publisher: User) -> None:
    live = post_text(draft="false", status="published")
    world.remote.push(PATH, live)
    world.sync()
    editing.edit(world.post(PATH), {"title": "没审过"}, by=writer)
    reviewing.perform(world.post(PATH), "unpublish", by=publisher)
    world.sync(Sync.State.DONE)
    assert changed_lines(live, world.text_in_git(PATH)) == ["-draft: false", "+draft: true"]
    post = world.post(PATH)
    assert (post.state, post.live, post.title, post.draft) == ("draft", False, "没审过", True)
    world.sync(Sync.State.NOTHING_NEW)


def test_archived_before_it_was_ever_pushed_it_never_leaves(world: World, writer: User, publisher: User) -> None:
    world.collection.push_drafts = False
    world.collection.save()
    world.remote.push("README.md", "x")
    post = editing.create(world.collection, "src/posts/new.md", {"title": "新"}, body="正文\n", by=writer)
    reviewing.perform(post, "archive", by=publisher)
    assert not world.post("src/posts/new.md").pending
    world.collection.push_drafts = True
    world.collection.save()
    world.sync()
    assert set(world.remote.files()) == {"README.md"}


def test_a_new_draft_leaves_as_a_new_file_in_the_customers_style(world: World, writer: User) -> None:
    world.remote.push("README.md", "x")
    editing.create(world.collection, "src/posts/new.md", {"title": "新: 的", "tags": ["一"]}, body="正文\n", by=writer)
    world.sync(Sync.State.DONE)
    text = world.text_in_git("src/posts/new.md")
    assert "\ntags:\n  - 一\ntitle: '新: 的'\n" in text
    assert "\ndraft: true\n" in text
    assert text.endswith("\nstatus: draft\n---\n正文\n")


def test_deleted_in_git_the_post_is_archived_without_a_write(world: World, publisher: User) -> None:
    world.remote.push(PATH, post_text(draft="false", status="published"))
    world.sync()
    world.remote.delete(PATH)
    world.sync(Sync.State.DONE)
    post = world.post(PATH)
    assert (post.state, post.live, post.pending, post.git_path) == ("archived", False, False, "")
    assert Event.objects.get(post=post).transition == "import"
    world.sync(Sync.State.NOTHING_NEW)
    restored = reviewing.perform(post, "restore", by=publisher)
    assert restored.state == "draft"


def test_draft_flipped_in_git_over_unreviewed_changes_is_taken_and_they_stay_here(world: World, writer: User) -> None:
    world.remote.push(PATH, post_text(draft="false", status="published"))
    world.sync()
    editing.edit(world.post(PATH), {"title": "没审过"}, by=writer)
    flipped = post_text(draft="true", status="published")
    world.remote.push(PATH, flipped)
    run = world.sync(Sync.State.DONE)
    assert world.outcomes(run) == {PATH: "merged"}
    post = world.post(PATH)
    assert (post.title, post.live, post.draft, post.state) == ("没审过", False, True, "draft")
    assert not Conflict.objects.exists()
    assert post.git_text.text == flipped
    assert post.git_text.beside
    world.sync(Sync.State.NOTHING_NEW)
    assert world.text_in_git(PATH) == flipped


def test_what_both_changed_is_overwritten_on_neither_side_and_holds_nothing_else_back(
    world: World, writer: User, publisher: User
) -> None:
    other = "src/posts/b.md"
    world.remote.commit({PATH: post_text(), other: post_text("b")})
    world.sync()
    editing.edit(world.post(PATH), {"title": "我们的"}, by=writer)
    editing.edit(world.post(other), {"title": "另一篇"}, by=writer)
    theirs = post_text("他们的")
    world.remote.push(PATH, theirs)
    run = world.sync(Sync.State.PARTLY)
    assert world.outcomes(run) == {PATH: "held", other: "sent"}
    assert world.text_in_git(PATH) == theirs
    assert world.post(PATH).title == "我们的"
    # It can still be taken off the site: what leaves is written onto theirs.
    reviewing.perform(world.post(PATH), "archive", by=publisher)
    world.sync(Sync.State.DONE)
    assert changed_lines(theirs, world.text_in_git(PATH)) == ["-status: evergreen", "+status: archived"]
    assert Conflict.objects.filter(post=world.post(PATH)).exists()


def test_a_conflict_ends_by_itself_when_both_sides_agree_again(world: World, writer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    editing.edit(world.post(PATH), {"title": "我们的"}, by=writer)
    world.remote.push(PATH, post_text("他们的"))
    world.sync(Sync.State.PARTLY)
    world.remote.push(PATH, post_text("我们的"))
    world.sync()
    post = world.post(PATH)
    assert not Conflict.objects.filter(post=post, settled_at=None).exists()
    assert (post.pending, post.git_blob) == (False, post.present.blob)


def test_killed_after_the_push_and_edited_before_the_next_sync_is_no_conflict_with_ourselves(
    world: World, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    editing.edit(world.post(PATH), {"title": "一"}, by=writer)

    def killed(*_: object, **__: object) -> list[Outcome]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("posts.syncing.sent", killed)
        with pytest.raises(KeyboardInterrupt):
            world.sync()
    assert "title: 一\n" in world.text_in_git(PATH)
    Sync.objects.filter(state="running").delete()
    editing.edit(world.post(PATH), {"title": "二"}, by=writer)
    world.sync(Sync.State.DONE)
    assert not Conflict.objects.exists()
    assert [line for line in world.remote.log() if line.startswith("Edit")] == ["Edit 二", "Edit 一"]
    assert "title: 二\n" in world.text_in_git(PATH)


def test_a_broken_file_pushed_over_a_published_post_is_held_with_both_texts(world: World, writer: User) -> None:
    good = post_text(draft="false", status="published")
    world.remote.push(PATH, good)
    world.sync()
    broken = good.replace("title: ", 'title: "')
    world.remote.push(PATH, broken)
    world.sync(Sync.State.PARTLY)
    post = world.post(PATH)
    assert (post.present.text, post.live, post.state) == (good, True, "published")
    conflict = Conflict.objects.get(post=post, settled_at=None)
    assert (conflict.kind, conflict.unreadable) == ("unreadable", broken)
    problem = Problem.objects.get(path=PATH, blocks=True)
    assert problem.code == "broken_yaml"
    world.remote.push(PATH, good.replace("正文", "改过的正文"))
    world.sync(Sync.State.DONE)
    assert not Problem.objects.filter(path=PATH).exists()
    assert not Conflict.objects.filter(settled_at=None).exists()
    assert world.post(PATH).body == "改过的正文。\n"


def test_with_push_drafts_off_only_what_is_published_leaves(world: World, writer: User, publisher: User) -> None:
    world.collection.push_drafts = False
    world.collection.save()
    world.remote.push(PATH, post_text())
    world.sync()
    editing.edit(world.post(PATH), {"title": "改"}, by=writer)
    world.sync(Sync.State.NOTHING_NEW)
    assert world.text_in_git(PATH) == post_text()
    publish(world.post(PATH), writer, publisher)
    world.sync(Sync.State.DONE)
    assert "title: 改\n" in world.text_in_git(PATH)


def test_a_push_to_an_untouched_live_post_is_taken_and_marked_as_changed_outside(world: World) -> None:
    world.remote.push(PATH, post_text(draft="false", status="published"))
    world.sync()
    world.remote.push(PATH, post_text("别人改的", draft="false", status="published"), author=("Li", "li@example.org"))
    world.sync(Sync.State.DONE)
    post = world.post(PATH)
    assert (post.title, post.state) == ("别人改的", "published")
    assert post.changed_outside_at is not None
    assert post.present.who == "Li"


def test_a_push_by_a_known_person_makes_a_writer_of_them(world: World, publisher: User, writer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    world.remote.push(PATH, post_text("潘写的"), author=("Pan", "PAN@example.org"))
    world.sync()
    reviewing.perform(world.post(PATH), "submit", by=writer)
    with pytest.raises(TransitionRefused) as refused:
        reviewing.perform(world.post(PATH), "approve", by=publisher)
    assert refused.value.code == "you_wrote"


REVIEWER, WRITER, PIPELINE = ("Rui", "Rui@example.org"), ("Wen", "wen@example.org"), ("Bot", "bot@example.org")


def only_others_approve(world: World, path: str, writer: User, *, but: User, other: User) -> None:
    """Check that `but` wrote a part of the post at `path`, and that `other` did not."""
    reviewing.perform(world.post(path), "submit", by=writer)
    with pytest.raises(TransitionRefused) as refused:
        reviewing.perform(world.post(path), "approve", by=but)
    assert refused.value.code == "you_wrote"
    assert reviewing.perform(world.post(path), "approve", by=other).state == "approved"


@pytest.mark.parametrize("last", [WRITER, PIPELINE])
@pytest.mark.parametrize("known_before", [True, False])
def test_whoever_pushed_earlier_in_the_same_range_is_a_writer_as_well(
    world: World, reviewer: User, publisher: User, writer: User, last: tuple[str, str], known_before: bool
) -> None:
    if known_before:
        world.remote.push(PATH, post_text(), author=PIPELINE)
        world.sync()
    world.remote.push(PATH, post_text(body="审阅的人写的。\n"), author=REVIEWER)
    world.remote.push(PATH, post_text("新题", body="审阅的人写的。\n"), author=last)
    world.sync()
    present = world.post(PATH).present
    assert (present.author_name, present.co_writers) == (last[0], [reviewer.pk])
    only_others_approve(world, PATH, writer, but=reviewer, other=publisher)


@pytest.mark.parametrize("known_before", [True, False])
def test_also_of_a_file_that_was_moved_meanwhile(
    world: World, reviewer: User, publisher: User, writer: User, known_before: bool
) -> None:
    new = "src/posts/2026/b.md"
    world.remote.push(PATH, post_text(), author=PIPELINE)
    if known_before:
        world.sync()
    world.remote.push(PATH, post_text(body="审阅的人写的。\n"), author=REVIEWER)
    world.remote.rename(PATH, "src/posts/2026/between.md", author=PIPELINE)
    world.remote.rename("src/posts/2026/between.md", new, author=WRITER)
    world.sync()
    only_others_approve(world, new, writer, but=reviewer, other=publisher)


def test_a_push_of_one_person_or_of_unknown_ones_has_no_co_writers(world: World, reviewer: User, writer: User) -> None:
    for title in ("一", "二", "三"):
        world.remote.push(PATH, post_text(title), author=WRITER)
        world.remote.push("src/posts/b.md", post_text(title), author=(title, f"{ord(title)}@example.org"))
    world.collection.machine_authors = "rui@example.org"
    world.collection.save()
    world.remote.push("src/posts/c.md", post_text("四"), author=REVIEWER)
    world.remote.push("src/posts/c.md", post_text("五"), author=WRITER)
    world.sync()
    assert set(Revision.objects.values_list("co_writers", flat=True)) == {None}


def test_a_machine_author_counts_as_nobody(world: World, publisher: User, writer: User) -> None:
    world.collection.machine_authors = "pan@example.org"
    world.collection.save()
    world.remote.push(PATH, post_text(), author=("Pan", "pan@example.org"))
    world.sync()
    reviewing.perform(world.post(PATH), "submit", by=writer)
    assert reviewing.perform(world.post(PATH), "approve", by=publisher).state == "approved"


def test_whose_words_of_before_an_approval_are_brought_back_does_not_approve_them(
    world: World, writer: User, reviewer: User, publisher: User
) -> None:
    world.remote.push(PATH, post_text(body="原来的。\n"))
    world.sync()
    editing.edit(world.post(PATH), {}, body="发布人写的。\n", by=publisher)
    theirs = world.post(PATH).present
    editing.edit(world.post(PATH), {}, body="作者写的。\n", by=writer)
    reviewing.perform(world.post(PATH), "submit", by=writer)
    reviewing.perform(world.post(PATH), "approve", by=reviewer)
    editing.restore_revision(world.post(PATH), theirs, by=writer)
    reviewing.perform(world.post(PATH), "submit", by=writer)
    with pytest.raises(TransitionRefused) as refused:
        reviewing.perform(world.post(PATH), "approve", by=publisher)
    assert refused.value.code == "you_wrote"
    reviewing.perform(world.post(PATH), "approve", by=reviewer)


def test_whose_words_of_before_an_approval_are_typed_again_does_not_approve_them(
    world: World, writer: User, reviewer: User, publisher: User
) -> None:
    world.remote.push(PATH, post_text(body="原来的。\n"))
    world.sync()
    editing.edit(world.post(PATH), {}, body="审阅人写的。\n", by=reviewer)
    editing.edit(world.post(PATH), {"title": "新的"}, body="原来的。\n", by=writer)
    reviewing.perform(world.post(PATH), "submit", by=writer)
    reviewing.perform(world.post(PATH), "approve", by=reviewer)
    editing.edit(world.post(PATH), {}, body="审阅人写的。\n", by=writer)
    reviewing.perform(world.post(PATH), "submit", by=writer)
    with pytest.raises(TransitionRefused) as refused:
        reviewing.perform(world.post(PATH), "approve", by=reviewer)
    assert refused.value.code == "you_wrote"
    reviewing.perform(world.post(PATH), "approve", by=publisher)


def test_whoever_put_in_nothing_but_a_comment_does_not_approve_it(
    world: World, writer: User, reviewer: User, publisher: User
) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    post = world.post(PATH)
    document = Document.from_text(post.present.text)
    commented = with_front_matter(document, front_matter_of(document) + "# 审阅人写的\n")
    editing.save_typed(post, commented, onto=post.present, by=reviewer)
    reviewing.perform(world.post(PATH), "submit", by=writer)
    with pytest.raises(TransitionRefused) as refused:
        reviewing.perform(world.post(PATH), "approve", by=reviewer)
    assert refused.value.code == "you_wrote"
    reviewing.perform(world.post(PATH), "approve", by=publisher)


def test_a_push_over_an_approved_text_takes_the_approval_back(world: World, writer: User, reviewer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    reviewing.perform(world.post(PATH), "submit", by=writer)
    reviewing.perform(world.post(PATH), "approve", by=reviewer)
    world.remote.push(PATH, post_text("机器又送来"))
    world.sync(Sync.State.DONE)
    post = world.post(PATH)
    assert (post.state, post.approved_id, post.title) == ("in_review", None, "机器又送来")


def test_a_rename_in_git_is_followed_with_its_history(world: World, writer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    pk = world.post(PATH).pk
    world.remote.rename(PATH, "src/posts/2026/b.md")
    world.sync(Sync.State.DONE)
    post = world.post("src/posts/2026/b.md")
    assert (post.pk, post.git_path, post.pending) == (pk, "src/posts/2026/b.md", False)
    editing.edit(post, {"title": "改"}, by=writer)
    world.sync(Sync.State.DONE)
    assert set(world.remote.files()) == {"src/posts/2026/b.md"}


def test_removed_here_the_file_goes_in_one_commit_and_can_be_brought_back(world: World, publisher: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    reviewing.perform(world.post(PATH), "archive", by=publisher)
    reviewing.perform(world.post(PATH), "remove", by=publisher)
    world.sync(Sync.State.DONE)
    assert world.remote.files() == {}
    assert world.remote.log()[0] == "Remove 美股暴跌"
    post = world.post(PATH)
    assert (post.state, post.pending, post.git_path) == ("archived", False, "")
    reviewing.perform(post, "restore", by=publisher)
    world.sync(Sync.State.DONE)
    assert set(world.remote.files()) == {PATH}


def test_a_rejected_push_goes_round_again(world: World, writer: User) -> None:
    world.remote.commit({PATH: post_text(), "src/posts/b.md": post_text("b")})
    world.sync()
    editing.edit(world.post(PATH), {"title": "改"}, by=writer)
    marker = world.remote.folder / "moved"
    theirs = post_text("b2").replace("'", "'\\''")
    world.remote.hook(
        "pre-receive",
        f"test -e {marker} && exit 0\ntouch {marker}\n"
        "unset GIT_QUARANTINE_PATH\n"
        f"blob=$(printf '%s' '{theirs}' | git hash-object -w --stdin)\n"
        "export GIT_INDEX_FILE=$(mktemp -u)\ngit read-tree main\n"
        "git update-index --add --cacheinfo 100644,$blob,src/posts/b.md\n"
        "git -c user.name=X -c user.email=x@x commit-tree $(git write-tree) -p main -m Between > sha\n"
        "git update-ref refs/heads/main $(cat sha)\n",
    )
    world.sync(Sync.State.DONE)
    assert world.post("src/posts/b.md").title == "b2"
    assert world.remote.log()[:2] == ["Edit 改", "Between"]


def test_a_vanished_branch_archives_nothing(world: World) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    world.remote.delete_branch()
    run = world.sync(Sync.State.FAILED)
    assert run.error_code == "branch_missing"
    assert world.post(PATH).state == "draft"


def test_two_names_that_differ_only_by_case_are_a_problem_of_the_second(world: World) -> None:
    world.remote.commit({"src/posts/A.md": post_text("大"), "src/posts/a.md": post_text("小")})
    run = world.sync(Sync.State.PARTLY)
    assert world.outcomes(run) == {"src/posts/A.md": "new", "src/posts/a.md": "problem"}
    assert Problem.objects.get(path="src/posts/a.md").code == "differs_only_by_case"
    world.sync(Sync.State.NOTHING_NEW)


def test_symlinks_and_submodules_are_problems_of_their_own(world: World) -> None:
    world.remote.commit(
        {PATH: post_text(), "src/posts/link.md": b"a.md", "src/posts/sub.md": b"1" * 40},
        modes={"src/posts/link.md": 0o120000, "src/posts/sub.md": 0o160000},
    )
    world.sync(Sync.State.PARTLY)
    found = dict(Problem.objects.values_list("path", "code"))
    assert found == {"src/posts/link.md": "symlink", "src/posts/sub.md": "submodule"}
    assert world.post(PATH).title == "美股暴跌"


def test_two_editors_who_change_different_fields_both_keep_their_work(
    world: World, writer: User, reviewer: User
) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    opened = world.post(PATH).present
    editing.edit(world.post(PATH), {"title": "一"}, onto=opened, by=writer)
    editing.edit(world.post(PATH), {"summary": "二"}, onto=opened, by=reviewer)
    post = world.post(PATH)
    assert (post.title, post.summary) == ("一", "二")
    with pytest.raises(StaleEdit) as stale:
        editing.edit(world.post(PATH), {"title": "三", "guest": "客"}, onto=opened, by=reviewer)
    assert stale.value.keys == ["title"]
    assert world.post(PATH).title == "一"


def test_two_editors_of_one_list_and_of_one_long_paragraph_both_keep_their_work(
    world: World, writer: User, reviewer: User
) -> None:
    world.remote.push(PATH, post_text(body="第一句。第二句。第三句。\n\n另一段。\n"))
    world.sync()
    opened = world.post(PATH).present
    tags = ["market-volatility", "ai-disruption"]
    editing.edit(world.post(PATH), {"tags": [*tags, "甲"]}, body="第一句改。第二句。第三句。\n\n另一段。\n", by=writer)
    body = "第一句。第二句。第三句也改。\r\n\r\n另一段。\r\n"
    editing.edit(world.post(PATH), {"tags": ["乙", *tags]}, body=body, onto=opened, by=reviewer)
    post = world.post(PATH)
    assert post.body == "第一句改。第二句。第三句也改。\n\n另一段。\n"
    assert set(post.tags.names()) == {*tags, "甲", "乙"}
    with pytest.raises(StaleEdit) as stale:
        editing.edit(world.post(PATH), {}, body="第一句别的。第二句。第三句。\n\n另一段。\n", onto=opened, by=reviewer)
    assert stale.value.keys == ["body"]


def test_a_list_written_as_text_is_read_as_empty_reported_and_left_alone(world: World, writer: User) -> None:
    text = post_text().replace("people: []", "people: '[]'")
    world.remote.push(PATH, text)
    world.sync()
    assert not world.post(PATH).people.exists()
    assert Problem.objects.get(path=PATH).code == "list_as_text"
    editing.edit(world.post(PATH), {"title": "改", "people": []}, by=writer)
    assert "people: '[]'\n" in world.post(PATH).present.text
    editing.edit(world.post(PATH), {"people": ["李飞飞"]}, by=writer)
    assert "people:\n  - 李飞飞\n" in world.post(PATH).present.text
    assert not Problem.objects.filter(path=PATH).exists()


def test_draft_and_status_are_no_edit(world: World, publisher: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    for changes in ({"draft": False}, {"status": "published"}):
        with pytest.raises(EditForbidden) as refused:
            editing.edit(world.post(PATH), changes, by=publisher)
        assert refused.value.code == "written_by_transitions"


def test_an_edit_that_ends_at_the_live_text_is_discard_changes(world: World, writer: User) -> None:
    world.remote.push(PATH, post_text(draft="false", status="published"))
    world.sync()
    editing.edit(world.post(PATH), {"title": "改"}, by=writer)
    assert world.post(PATH).state == "draft"
    editing.edit(world.post(PATH), {"title": "美股暴跌"}, by=writer)
    post = world.post(PATH)
    assert (post.state, post.pending) == ("published", False)
    assert Event.objects.filter(post=post).values_list("transition", flat=True)[0] == "discard_changes"


def test_roll_back_brings_the_text_that_was_published_before(world: World, writer: User, publisher: User) -> None:
    world.remote.push(PATH, post_text(status="published"))
    world.sync()
    publish(world.post(PATH), writer, publisher)
    world.sync()
    first = world.text_in_git(PATH)
    editing.edit(world.post(PATH), {"title": "第二版"}, by=writer)
    publish(world.post(PATH), writer, publisher)
    world.sync()
    assert "title: 第二版\n" in world.text_in_git(PATH)
    reviewing.perform(world.post(PATH), "roll_back", by=publisher)
    world.sync()
    assert world.text_in_git(PATH) == first


def test_somebody_whose_changes_are_all_undone_again_is_no_writer(world: World, writer: User, reviewer: User) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    editing.edit(world.post(PATH), {"title": "改"}, by=reviewer)
    editing.edit(world.post(PATH), {"title": "美股暴跌"}, by=reviewer)
    editing.edit(world.post(PATH), {"summary": "别的"}, by=writer)
    reviewing.perform(world.post(PATH), "submit", by=writer)
    assert reviewing.perform(world.post(PATH), "approve", by=reviewer).state == "approved"


def test_an_approval_of_another_text_than_the_one_looked_at_is_refused(
    world: World, writer: User, reviewer: User
) -> None:
    world.remote.push(PATH, post_text())
    world.sync()
    seen = world.post(PATH).present
    reviewing.perform(world.post(PATH), "submit", by=writer)
    editing.edit(world.post(PATH), {"title": "改"}, by=writer)
    with pytest.raises(TransitionRefused) as refused:
        reviewing.perform(world.post(PATH), "approve", by=reviewer, looked_at=seen)
    assert refused.value.code == "text_moved"


def test_two_collections_do_not_meet(tmp_path: Path, db: None) -> None:
    first, second = World(tmp_path, "one"), World(tmp_path, "two")
    first.remote.push(PATH, post_text("一"))
    second.remote.push(PATH, post_text("二"))
    first.sync(Sync.State.DONE)
    second.sync(Sync.State.DONE)
    editing.edit(first.post(PATH), {"title": "改"}, by=person("wen", "Writer"))
    second.sync(Sync.State.NOTHING_NEW)
    first.sync(Sync.State.DONE)
    assert second.text_in_git(PATH) == post_text("二")
    assert Collection.objects.exclude(head="").count() == 2


def test_a_post_whose_place_is_taken_by_a_folder_stops_no_other(world: World, writer: User) -> None:
    world.remote.commit({PATH: post_text(), "src/posts/x.md/readme.txt": "a folder"})
    world.sync()
    editing.create(world.collection, "src/posts/x.md", {"title": "挡住"}, by=writer)
    editing.edit(world.post(PATH), {"title": "改"}, by=writer)
    run = world.sync(Sync.State.PARTLY)
    assert world.outcomes(run) == {"src/posts/x.md": "problem", PATH: "sent"}
    assert world.post("src/posts/x.md").pending


def test_short_posts_that_are_half_alike_are_no_rename(world: World) -> None:
    world.remote.push(PATH, post_text("旧的", body="一篇关于股市的文章。\n" * 6))
    world.sync()
    new = post_text("新的", body="完全不同的内容, 讲的是机器人。\n" * 6)
    world.remote.commit({PATH: None, "src/posts/2026/new.md": new})
    world.sync(Sync.State.DONE)
    assert world.post(PATH).state == "archived"
    assert world.post("src/posts/2026/new.md").title == "新的"
    assert world.post(PATH).pk != world.post("src/posts/2026/new.md").pk


def test_patterns_that_are_widened_bring_in_files_that_no_commit_touches_any_more(world: World) -> None:
    world.remote.commit({PATH: post_text(), "notes/n.md": post_text("笔记")})
    world.sync(Sync.State.DONE)
    assert Post.objects.count() == 1
    world.collection.refresh_from_db()
    world.collection.globs = "src/posts/**/*.md\nnotes/*.md"
    world.collection.save()
    run = world.sync(Sync.State.DONE)
    assert world.outcomes(run) == {PATH: "same", "notes/n.md": "new"}
    world.sync(Sync.State.NOTHING_NEW)


def test_authors_whom_nobody_knows_are_listed_and_machines_and_people_are_not(world: World, writer: User) -> None:
    world.collection.machine_authors = "pipeline@example.org"
    world.collection.save()
    for address in ("pipeline@example.org", "wen@example.org", "li@example.org", "li@example.org"):
        world.remote.push(
            f"src/posts/{len(world.remote.log()) if world.remote.head() else 0}.md", post_text(), author=("Li", address)
        )
        world.sync()
    assert unknown_authors(world.collection) == [("Li", "li@example.org", 2)]


def test_a_new_delivery_of_what_was_discarded_says_so(world: World, writer: User) -> None:
    text = post_text().replace("layout:", "source: https://example.org/v\nlayout:")
    world.remote.push(PATH, text)
    world.sync()
    reviewing.perform(world.post(PATH), "discard", by=writer)
    world.remote.push("src/posts/again.md", text)
    world.sync()
    twin = discarded_twin(world.post("src/posts/again.md"))
    assert twin is not None
    assert twin.discarded_by == writer
    assert discarded_twin(world.post(PATH)) is None
