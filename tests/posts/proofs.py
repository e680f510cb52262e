"""What must hold of a world once it has come to rest, whatever happened to its workers."""

import subprocess
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from posts.locking import repository_of
from posts.models import Conflict, Post, Revision, Sync
from tests.posts.worlds import World


def at_rest(world: World) -> None:
    """Nothing waits, nothing is held, the database is as git is, and git's history is as it should be."""
    mine = Post.objects.filter(collection=world.collection)
    assert not Sync.objects.filter(collection=world.collection, ended_at=None).exists()
    assert list(mine.filter(pending=True).values_list("path", flat=True)) == []
    assert list(Conflict.objects.filter(post__in=mine, settled_at=None).values_list("post__path", "kind")) == []
    assert world.disagreements() == []
    history_is_sound(world)


def history_is_sound(world: World) -> None:
    """No fault in either repository, one parent each, no text sent twice, no commit without a change."""
    world.remote.check()
    mirror = repository_of(world.collection).folder
    told = subprocess.run(
        ["git", f"--git-dir={mirror}", "fsck", "--strict", "--no-dangling"], capture_output=True, text=True
    )
    assert (told.returncode, told.stderr.replace("notice: HEAD points to an unborn branch (main)\n", "")) == (0, "")
    parents = world.remote.log("%P")
    assert [line for line in parents if " " in line] == []
    trees = world.remote.log("%T")
    assert [tree for tree, older in pairwise(trees) if tree == older] == []
    assert twice(line for line in world.remote.log("%(trailers:key=Post-Revision,valueonly,separator=)") if line) == []


def twice(items: Iterable[str]) -> list[str]:
    """What is there more than once."""
    return [item for item, count in Counter(items).items() if count > 1]


def no_text_was_stored_twice(world: World) -> None:
    """No post has one text as two revisions, as long as nobody went back to an earlier one."""
    rows = Revision.objects.filter(post__collection=world.collection).values_list("post__path", "blob")
    assert twice(f"{path} {blob}" for path, blob in rows) == []
