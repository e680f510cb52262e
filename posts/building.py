"""Builds of the site: what whatever builds it tells us, and what of the posts it put there.

A build is a row, and the row is the truth. What a good one put on the site is noted on the posts by a worker, once the
mirror has its commit, at a cost that grows with what changed since the last one, not with the number of posts.
"""

import datetime
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from posts.document.document import LIMIT, Document
from posts.document.errors import DocumentError
from posts.errors import EvergreenError
from posts.git import Change, Repository, RepositoryBusy
from posts.locking import sole_writer
from posts.models import Build, Collection, Post, Revision, Sync
from posts.paths import matcher
from posts.saving import note_all_built, note_built
from posts.waking import ask_for_sync, wake_for_build

LONGEST_LOG = 100 * 1024
"""In bytes: of a longer log the end is kept, which says why."""

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_KEPT = 100
_LONGEST_DELIVERY = 200
_BATCH = 500
_OVERSLEPT = datetime.timedelta(seconds=30)
_SWEPT = datetime.timedelta(minutes=10)
_GIVE_UP = datetime.timedelta(days=1)
_GOOD = (Sync.State.DONE, Sync.State.NOTHING_NEW, Sync.State.PARTLY)


class NoBuild(EvergreenError):
    """A delivery that tells of no build."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a delivery tells: which commit was built, whether it went well, and the end of the log.

    `delivery` is what its sender calls it, which is the same when it comes again; "" if they do not say.
    """

    commit: str
    ok: bool
    log: str
    delivery: str = ""


def read_build(body: bytes) -> Told:
    """What `body`, a delivery's JSON, tells. Raises `NoBuild` with a code that says what is wrong with it."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise NoBuild("build_not_json") from None
    if not isinstance(told, dict):
        raise NoBuild("build_not_json")
    commit, ok, log = told.get("commit"), told.get("ok"), told.get("log")
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit.lower()):
        raise NoBuild("build_commit")
    if not isinstance(ok, bool):
        raise NoBuild("build_ok")
    if not isinstance(log, str | None):
        raise NoBuild("build_log")
    delivery = told.get("delivery")
    if not isinstance(delivery, str | int | None) or len(str(delivery)) > _LONGEST_DELIVERY:
        raise NoBuild("build_delivery")
    return Told(commit.lower(), ok, _fit_to_keep(log or ""), _fit_to_keep(str(delivery or "")))


def note_build(collection: Collection, told: Told) -> Build:
    """Keep the row of a build of `collection`, and wake a worker for it if it went well.

    A delivery that comes again gives the row that it made the first time. It is known by what its sender calls it,
    else by what it says: an older commit with the same log counts as one that comes again late, then.
    """
    if told.delivery:
        known = Build.objects.filter(collection=collection, delivery=told.delivery).first()
        return known or _kept(collection, told)
    newest = Build.objects.filter(collection=collection).first()
    again = Build.objects.filter(collection=collection, commit=told.commit, ok=told.ok, log=told.log).first()
    # An older one that comes again late must not undo the newest; what is built anew is told of like any other.
    if again is not None and newest is not None:
        late = newest.commit != again.commit and collection.head != again.commit
        if late or newest == again:
            return again
    return _kept(collection, told)


def _kept(collection: Collection, told: Told) -> Build:
    with transaction.atomic():
        build = Build.objects.create(
            collection=collection,
            delivery=told.delivery,
            commit=told.commit,
            ok=told.ok,
            log=told.log,
            at=timezone.now(),
        )
        _forget_old(collection)
        if build.ok:
            wake_for_build(build)
    return build


def take_in_build(pk: int) -> None:
    """Note on the posts what the build with key `pk` put on the site, unless that is done.

    A sync that is at work, or one that has to bring the commit first, does it when it ends.
    """
    build = Build.objects.filter(pk=pk, ok=True, taken_at=None).select_related("collection").first()
    if build is None:
        return
    collection = build.collection
    try:
        with sole_writer(collection, wait=0, offline=True) as repository:
            if _is_settled(collection):
                take_in_builds(collection, repository)
    except RepositoryBusy:
        return
    fresh = timezone.now() - build.at < _OVERSLEPT
    if fresh and Build.objects.filter(pk=pk, taken_at=None).exists():
        ask_for_sync(collection)


def wake_forgotten_builds() -> None:
    """Wake a worker again for each build that nobody looked at; after a while it is left to the end of a sync."""
    now = timezone.now()
    for build in Build.objects.filter(ok=True, taken_at=None, at__range=(now - _SWEPT, now - _OVERSLEPT)):
        wake_for_build(build)


def take_in_builds(collection: Collection, repository: Repository) -> None:
    """Note on the posts what the newest good build of `collection` put on the site, if the mirror knows its commit.

    The caller holds the collection, whose posts are as its head says. Raises `GitError`.
    """
    if not repository.folder.exists():
        # Nothing was fetched yet, or the mirror was lost: the next sync brings it.
        return
    waiting = Build.objects.filter(
        collection=collection, ok=True, taken_at=None, at__gte=timezone.now() - _GIVE_UP
    ).defer("log")
    build = next((each for each in waiting if repository.knows(each.commit)), None)
    collection = Collection.objects.get(pk=collection.pk)
    if build is None or not collection.head:
        return
    last = Build.objects.filter(collection=collection, ok=True).exclude(taken_at=None).defer("log").first()
    since_built = list(_concerning(collection, repository, build.commit, collection.head))
    anew = last is None or last.taken_globs != collection.globs or not _still_known(repository, last)
    posts: dict[int, _OnSite] = {}
    if last is not None and not anew:
        # Every other post was, and is, on the site as git has it: nothing changed between the two.
        before = _concerning(collection, repository, last.commit, last.taken_head)
        meanwhile = _concerning(collection, repository, last.taken_head, collection.head)
        posts = _as_in_git(collection, _paths(chain(before, meanwhile, since_built)))
    built = _shown(repository, posts | _as_built(collection, since_built))
    with transaction.atomic():
        if anew:
            note_all_built(collection, at=build.at)
        note_built(built, at=build.at)
        now = timezone.now()
        Build.objects.filter(collection=collection, ok=True, taken_at=None, pk__lt=build.pk).update(
            taken_at=now, taken_globs=collection.globs, taken_head=collection.head
        )
        Build.objects.filter(pk=build.pk).update(taken_at=now, taken_globs=collection.globs, taken_head=collection.head)


@dataclass(frozen=True, slots=True)
class _OnSite:
    """A post's file in a build: its blob ("" for none), and what git has of the post now."""

    blob: str
    git_blob: str = ""
    live: bool = False


def _is_settled(collection: Collection) -> bool:
    """Whether the posts are as the collection's head says: an import that was cut off may have brought in more."""
    steps = (Sync.Step.IMPORT, Sync.Step.EXPORT)
    newest = Sync.objects.filter(collection=collection, kind=Sync.Kind.SYNC, step__in=steps).first()
    if newest is not None and newest.selection:
        # A sync of chosen files brought in a part of what the head does not count yet.
        return False
    return newest is None or newest.step == Sync.Step.EXPORT or newest.state in _GOOD


def _still_known(repository: Repository, build: Build) -> bool:
    return repository.knows(build.commit) and repository.knows(build.taken_head)


def _concerning(collection: Collection, repository: Repository, before: str, after: str) -> Iterator[Change]:
    ours = matcher(collection.patterns)
    if before == after:
        return
    for change in repository.changes(before, after):
        if any(path is not None and ours.fullmatch(_text(path)) for path in (change.path, change.old_path)):
            yield change


def _paths(changes: Iterable[Change]) -> set[str]:
    """The paths that `changes` are about, on both sides."""
    return {_text(path) for change in changes for path in (change.path, change.old_path) if path is not None}


def _as_in_git(collection: Collection, paths: Iterable[str]) -> dict[int, _OnSite]:
    """The posts at `paths`, and whatever has left git and may be on the site still, as git has them now."""
    posts = Post.objects.filter(collection=collection)
    asked = [posts.filter(git_path="").exclude(built_blob="")]
    wanted = sorted(paths)
    for start in range(0, len(wanted), _BATCH):
        asked.append(posts.filter(git_path__in=wanted[start : start + _BATCH]))
    rows = chain.from_iterable(each.values_list("pk", "git_blob", "live") for each in asked)
    return {pk: _OnSite(git_blob, git_blob, live) for pk, git_blob, live in rows}


def _as_built(collection: Collection, since_built: Iterable[Change]) -> dict[int, _OnSite]:
    """The posts whose files differ from those of a build, by what changed since then, as the build had them."""
    files: dict[str, str] = {}
    moved: dict[str, str] = {}
    for change in since_built:
        path, old_path = _text(change.path), _text(change.old_path or change.path)
        files[old_path] = change.old_blob or ""
        if path != old_path:
            moved[old_path] = path
            files.setdefault(path, "")
    found: dict[int, _OnSite] = {}
    # Files that are there come last: a post that moved is where its file was, not where there was none.
    paths = sorted(files, key=lambda path: bool(files[path]))
    for start in range(0, len(paths), _BATCH):
        batch = [(path, moved.get(path, path)) for path in paths[start : start + _BATCH]]
        there, gone = _posts_at(collection, batch)
        for path, place in batch:
            # A post that left its place in git is found at its own. A move that git sees may be two posts to us.
            owners = [gone.get(path), there.get(place)] if path in moved else [there.get(place), gone.get(path)]
            posts = [post for post in owners if post is not None]
            for pk, git_blob, live in posts[:1] if files[path] else posts:
                found[pk] = _OnSite(files[path], git_blob, live)
    return found


_Row = tuple[int, str, bool]


def _posts_at(collection: Collection, places: Sequence[tuple[str, str]]) -> tuple[dict[str, _Row], dict[str, _Row]]:
    """The posts that git has at the second of each of `places`, and those at the first that git has no more."""
    here = Q(git_path="", path__in=[path for path, _ in places])
    asked = Post.objects.filter(Q(git_path__in=[place for _, place in places]) | here, collection=collection)
    there: dict[str, _Row] = {}
    gone: dict[str, _Row] = {}
    for git_path, path, pk, git_blob, live in asked.values_list("git_path", "path", "pk", "git_blob", "live"):
        (there if git_path else gone)[git_path or path] = (pk, git_blob, live)
    return there, gone


def _shown(repository: Repository, posts: Mapping[int, _OnSite]) -> dict[int, str]:
    """By post the blob that the site shows: that of its file, unless that one says itself that it is a draft."""
    shown = {pk: post.blob if post.live and post.blob == post.git_blob else "" for pk, post in posts.items()}
    others = {pk: post.blob for pk, post in posts.items() if post.blob and post.blob != post.git_blob}
    drafts: dict[tuple[int, str], bool] = {}
    pks = sorted(others)
    for start in range(0, len(pks), _BATCH):
        batch = pks[start : start + _BATCH]
        rows = Revision.objects.filter(post__in=batch, blob__in={others[pk] for pk in batch})
        drafts |= {(post, blob): draft for post, blob, draft in rows.values_list("post", "blob", "says_draft")}
    unread = sorted({blob for pk, blob in others.items() if (pk, blob) not in drafts})
    unshown = {blob for blob, data in repository.read(unread, limit=LIMIT) if not _is_public(data)} if unread else set()
    for pk, blob in others.items():
        if not drafts.get((pk, blob), blob in unshown):
            shown[pk] = blob
    return shown


def _is_public(data: bytes | None) -> bool:
    try:
        return data is not None and not Document.parse(data).truthy("draft")
    except DocumentError:
        return False


def _forget_old(collection: Collection) -> None:
    builds = Build.objects.filter(collection=collection)
    oldest = builds.values_list("pk", flat=True)[_KEPT - 1 : _KEPT].first()
    if oldest is None:
        return
    # The last one that was noted is where the next one starts from.
    last = builds.filter(ok=True).exclude(taken_at=None).first()
    builds.filter(pk__lt=oldest).exclude(pk=last.pk if last else 0).delete()


def _text(path: bytes) -> str:
    return path.decode("utf-8", "replace")


def _fit_to_keep(log: str) -> str:
    # PostgreSQL holds no NUL, and no database half a character.
    clean = log.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace")
    return clean[-LONGEST_LOG:].decode("utf-8", "ignore")
