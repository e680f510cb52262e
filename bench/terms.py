"""A merge of a term of many posts: python -m bench.with_django terms REMOTE COUNT

From the proposal to the push, beside what somebody with a clone would do: `sed` over the same files and one commit.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count

from bench.clock import Clock
from bench.counting import server_process
from posts import bulk
from posts.bulk_running import perform_bulk
from posts.models import BulkStep, Collection, Outcome, Post, Sync
from posts.retagging import propose_merge
from posts.runs import claim
from posts.syncing import sync
from posts.term_uses import posts_of
from taxonomy.models import Tag

_AT_ONCE = 500
"""Files for one `sed`."""


def main() -> None:
    """Print what both took, and how many posts it were."""
    remote, count = Path(sys.argv[1]), int(sys.argv[2])
    used = Tag.objects.filter(alias_of=None).annotate(uses=Count("links")).exclude(uses=0)
    tag, into = sorted(used, key=lambda each: abs(each.uses - count))[:2]
    paths = list(posts_of(tag).values_list("path", flat=True))
    by_hand = _by_hand(remote, paths, tag.name, into.name)
    clock = Clock(server_process())
    step = propose_merge(tag, into, by=_person("curator"))
    if step is None:
        raise SystemExit("no post has the tag")
    run = _done(bulk.start(step, by=_person("curator")))
    if run.state == Sync.State.TO_RELEASE:
        run = _done(bulk.release(BulkStep.objects.get(pk=step.pk), by=_person("publisher")))
    sent = sync(Collection.objects.get())
    spent = clock.spent()
    changed = Outcome.objects.filter(sync=run, result=Outcome.Result.CHANGED).count()
    if changed < len(paths) or sent.state not in (Sync.State.DONE, Sync.State.PARTLY) or _waiting():
        raise SystemExit(f"{changed} of {len(paths)} posts changed, {_waiting()} wait; {run.state}, {sent.state}")
    told = {"wall": spent.wall, "cpu": spent.total}
    print(json.dumps({"ours": told, "by_hand": by_hand, "posts": changed}))


def _done(run: Sync) -> Sync:
    claimed = claim(run.pk)
    return perform_bulk(claimed) if claimed is not None else Sync.objects.get(pk=run.pk)


def _waiting() -> int:
    return Post.objects.filter(pending=True).count()


def _person(name: str) -> User:
    return User.objects.get_or_create(username=name, defaults={"is_superuser": True, "is_staff": True})[0]


def _by_hand(remote: Path, paths: list[str], old: str, new: str) -> dict[str, float]:
    """Seconds of `sed` and `git commit` in a clone that is there already."""
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        subprocess.run(["git", "clone", "--quiet", remote, folder], check=True)
        git = ["git", "-C", folder, "-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
        subprocess.run([*git, "status", "--short"], check=True, capture_output=True)
        clock = Clock()
        for start in range(0, len(paths), _AT_ONCE):
            files = paths[start : start + _AT_ONCE]
            subprocess.run(["sed", "-i", f"s/^\\( *- \\){old}$/\\1{new}/", *files], cwd=folder, check=True)
        subprocess.run([*git, "commit", "--quiet", "--all", "--message", "Merge a tag"], check=True)
        spent = clock.spent()
    return {"wall": spent.wall, "cpu": spent.git}


if __name__ == "__main__":
    main()
