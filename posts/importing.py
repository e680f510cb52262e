"""A range of commits into posts: what git has now, batch by batch, each file on its own (DESIGN §2.6, §2.7).

A bad file is a problem with its place and costs no other file anything, and so is one that we have a fault with.
What both sides changed is held back as a conflict where it clashes; nothing here overwrites a text of ours. Running
it again over the same range changes nothing.
"""

import gc
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import tee

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from posts.arrivals import Arrival
from posts.arriving import Decision, arrive, conclude, give_back_place, vanish
from posts.authors import Authors
from posts.document.document import LIMIT, Document
from posts.document.errors import DocumentError
from posts.errors import EvergreenError
from posts.git import Change, Repository
from posts.models import Collection, Conflict, Outcome, Post, Problem, Revision
from posts.paths import matcher, path_key, why_unsafe
from posts.people import people_by_address
from posts.saving import write

_log = structlog.get_logger(__name__)

_BATCH_FILES = 200
_BATCH_BYTES = 8 * 1024 * 1024
_SAME_POST_PER_CENT = 75
_SYMLINK, _SUBMODULE = 0o120000, 0o160000
# Foreseen, or the database is away.
_NO_FILES_DOING = (EvergreenError, OperationalError, InterfaceError)


def count_changes(collection: Collection, repository: Repository, before: str | None, after: str) -> int:
    """How many files of the collection differ between the two commits."""
    ours = matcher(collection.patterns)
    return sum(1 for change in repository.changes(before, after) if _concerns(ours, change))


def changes_of(
    collection: Collection,
    repository: Repository,
    before: str | None,
    after: str,
    *,
    only: Container[str] | None = None,
) -> Iterator[Change]:
    """What differs between the two commits among the files of the collection (those in `only`), as it is taken here."""
    ours = matcher(collection.patterns)
    found = (change for change in repository.changes(before, after) if _concerns(ours, change))
    parts = (part for change in found for part in _apart(change))
    return parts if only is None else (part for part in parts if any(path in only for path in paths_of(part)))


def paths_of(change: Change) -> tuple[str, ...]:
    """The path of the file, and the one before."""
    paths = (change.path, change.old_path)
    return tuple(path.decode("utf-8", "replace") for path in paths if path is not None)


def import_range(
    collection: Collection,
    repository: Repository,
    before: str | None,
    after: str,
    *,
    only: Container[str] | None = None,
    dry_run: bool = False,
) -> Iterator[list[Outcome]]:
    """Bring in what differs between the trees of `before` (None: nothing at all) and `after`, or `only` some paths.

    A dry run takes every step and keeps none. Each step of the iteration is one batch, committed when its outcomes
    (unsaved rows, without a sync) are given; stopping between two of them loses nothing. Raises `GitError`.
    """
    authors = Authors(collection, repository, before, after)
    with _garbage_by_batches():
        for batch in _batches(collection, repository, before, after, only):
            yield _bring_in(collection, [_read(change, data, authors) for change, data in batch], dry_run)
            del batch
            gc.collect()


@contextmanager
def _garbage_by_batches() -> Iterator[None]:
    """Keep the collector off what lived before, and off the work, for whoever calls it after each batch.

    Left alone it goes over all of Django again and again while rows are made: a third of a first import's time.
    """
    was_on = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


def _bring_in(collection: Collection, arrivals: Sequence[Arrival], dry_run: bool) -> list[Outcome]:
    """One batch, with who its authors are."""
    addresses = {arrival.author_email for arrival in arrivals}.union(*(each.earlier_emails for each in arrivals))
    known = people_by_address(collection, addresses)
    for arrival in arrivals:
        arrival.by = known.get(arrival.author_email.lower())
        if arrival.earlier_emails:
            arrival.add_writers(known[each].pk for each in arrival.earlier_emails if each in known)
    return _taken_in(collection, arrivals, dry_run)


def _taken_in(collection: Collection, arrivals: Sequence[Arrival], dry_run: bool) -> list[Outcome]:
    """Some files, in a transaction of their own; if something unforeseen stops it, each in one of its own.

    The one that we have a fault with is held as a file that cannot be read; what cannot even be held is raised.
    """
    try:
        return _at_once(collection, arrivals, dry_run)
    except _NO_FILES_DOING:
        raise
    except Exception as error:
        if len(arrivals) > 1:
            return [outcome for each in arrivals for outcome in _taken_in(collection, [each], dry_run)]
        arrival = arrivals[0]
        if arrival.document is None:
            raise
        _log.exception("file_not_taken_in", path=arrival.path, commit=arrival.commit)
        held = replace(arrival, code="our_fault", facts={"why": repr(error)[:200]}, text=arrival.document.text)
        return _at_once(collection, [replace(held, document=None)], dry_run)


def _at_once(collection: Collection, arrivals: Sequence[Arrival], dry_run: bool) -> list[Outcome]:
    with transaction.atomic():
        # Copies: what is noted on them must not outlive what is rolled back.
        outcomes = _import_batch(collection, [replace(arrival) for arrival in arrivals])
        transaction.set_rollback(dry_run)
    return outcomes


def _concerns(ours: re.Pattern[str], change: Change) -> bool:
    paths = [path for path in (change.path, change.old_path) if path is not None]
    return any(ours.fullmatch(path.decode("utf-8", "replace")) for path in paths)


def _batches(
    collection: Collection, repository: Repository, before: str | None, after: str, only: Container[str] | None
) -> Iterator[list[tuple[Change, bytes | None]]]:
    """What differs, with what the files hold, in parts that fit into memory.

    One git process serves all the contents: another one would unpack again what the first has in its hands.
    """
    asked, changes = tee(changes_of(collection, repository, before, after, only=only))
    contents = repository.read((change.blob for change in asked if change.blob and _is_file(change)), limit=LIMIT)
    batch: list[tuple[Change, bytes | None]] = []
    size = 0
    for change in changes:
        data = next(contents)[1] if change.blob and _is_file(change) else None
        batch.append((change, data))
        size += len(data or b"")
        if len(batch) >= _BATCH_FILES or size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
    for _ in contents:  # ends git's process in order
        pass


def _apart(change: Change) -> list[Change]:
    """A rename that is none: short posts with the same front matter are half alike, and still two posts."""
    if change.old_path is None or change.similarity >= _SAME_POST_PER_CENT:
        return [change]
    gone = replace(change, status="deleted", path=change.old_path, old_path=None, blob=None)
    return [gone, replace(change, status="added", old_path=None)]


def _is_file(change: Change) -> bool:
    return change.mode not in (_SYMLINK, _SUBMODULE)


def _read(change: Change, data: bytes | None, authors: Authors) -> Arrival:
    path = change.path.decode("utf-8", "replace")
    old_path = change.old_path.decode("utf-8", "replace") if change.old_path is not None else path
    arrival = Arrival(path, old_path)
    commit = authors.of(change.path)
    if commit is not None:
        arrival.author_name, arrival.author_email = commit.author_name, commit.author_email
        arrival.at, arrival.commit = commit.at, commit.id
        arrival.earlier_emails = authors.earlier(change)
    if change.status == "deleted":
        return arrival
    arrival.blob = change.blob or ""
    arrival.code = _unfit(change, path)
    if arrival.code:
        return arrival
    if data is None:
        arrival.code, arrival.facts = "too_large", {"limit": LIMIT}
        return arrival
    try:
        arrival.document = Document.parse(data)
    except DocumentError as error:
        arrival.code, arrival.facts = error.code, {**error.facts, "line": error.line, "column": error.column}
        arrival.text = data.decode("utf-8", "replace")
    return arrival


def _unfit(change: Change, path: str) -> str:
    if change.mode == _SYMLINK:
        return "symlink"
    if change.mode == _SUBMODULE:
        return "submodule"
    if path.encode() != change.path:
        return "path_not_utf8"
    return why_unsafe(path) or ""


def _import_batch(collection: Collection, arrivals: Sequence[Arrival]) -> list[Outcome]:
    """One batch, in the transaction of the caller."""
    posts = _posts_of(collection, arrivals)
    returned = _texts_of_ours(posts.values(), arrivals)
    taken = set(
        Post.objects.filter(collection=collection, path_key__in=[path_key(each.path) for each in arrivals]).values_list(
            "path_key", flat=True
        )
    )
    stale = [path for arrival in arrivals for path in (arrival.path, arrival.old_path)]
    Problem.objects.filter(collection=collection, path__in=stale, key="").delete()
    ours = matcher(collection.patterns)
    decisions: list[Decision] = []
    problems: list[Problem] = []
    for arrival in arrivals:
        post = posts.get(arrival.old_path) or posts.get(arrival.path)
        if arrival.gone or not ours.fullmatch(arrival.path):
            if post is not None:
                decisions.append(_vanished(post, arrival))
            continue
        other = posts.get(arrival.path)
        if post is not None and other is not None and other is not post:
            # A file renamed onto the place of another post: the one is gone, the other has a new text.
            decisions.append(_vanished(post, arrival))
            post = other
        if post is not None and post.git_path not in ("", arrival.path, arrival.old_path):
            give_back_place(post, arrival)
            taken.discard(path_key(arrival.path))
            post = None
        if post is None and not arrival.code:
            key = path_key(arrival.path)
            arrival.code = "differs_only_by_case" if key in taken else ""
            taken.add(key)
        if arrival.code:
            problems.append(_problem(collection, post, arrival))
        decisions.append(arrive(collection, post, arrival, returned))
    revisions = iter(write([change for decision in decisions for change in decision.changes]))
    Problem.objects.bulk_create(problems)
    outcomes = [conclude(decision, [next(revisions) for _ in decision.changes]) for decision in decisions]
    for outcome in outcomes:
        outcome.post = outcome.post  # a new post has its key only now
    return outcomes


def _vanished(post: Post, arrival: Arrival) -> Decision:
    return Decision(vanish(post, at=arrival.at, by=arrival.by, author=arrival.author_name))


def _posts_of(collection: Collection, arrivals: Sequence[Arrival]) -> dict[str, Post]:
    """The posts that the arrivals concern, by the path that git knows, or else by their own; locked."""
    paths = {path for arrival in arrivals for path in (arrival.path, arrival.old_path)}
    # The collection stands on both sides, or SQLite goes over all of its posts.
    concerned = Q(collection=collection, git_path__in=paths) | Q(collection=collection, path__in=paths)
    # Locked first and read then, as `situations.lock` does.
    pks = Post.objects.filter(concerned).lock_in_order()
    if not pks:
        return {}
    found = (
        Post.objects.filter(pk__in=pks)
        .select_related("present", "cleared", "git_text", "collection")
        .defer("present__text", "cleared__text", "git_text__text")
    )
    posts: dict[str, Post] = {}
    for post in found:
        posts.setdefault(post.path, post)
    for post in posts.copy().values():
        if post.git_path:
            posts[post.git_path] = post
    return posts


def _texts_of_ours(posts: Iterable[Post], arrivals: Sequence[Arrival]) -> dict[tuple[int, str], Revision]:
    """Revisions newer than git's that have a text that now comes back: what we sent before a crash, say."""
    known = list({post.pk: post for post in posts}.values())
    if not known:
        return {}
    rows = Revision.objects.filter(post__in=known, blob__in=[each.blob for each in arrivals if each.blob])
    newer_than = {post.pk: post.git_text.number if post.git_text else 0 for post in known}
    if any(post.git_text is not None and post.git_text.beside for post in known):
        # Of a post that is held, git's text is newer than ours though we never took it: what counts is the one before.
        held = Conflict.objects.holding().filter(post__in=known)
        newer_than |= {pk: number or 0 for pk, number in held.values_list("post_id", "base__number")}
    ours = rows.filter(beside=False).defer("text")
    return {(row.post_id, row.blob): row for row in ours if row.number > newer_than[row.post_id]}


def _problem(collection: Collection, post: Post | None, arrival: Arrival) -> Problem:
    line = arrival.facts.get("line")
    return Problem(
        collection=collection,
        post=post,
        path=arrival.path,
        code=arrival.code,
        line=line if isinstance(line, int) else None,
        facts=arrival.facts,
        blocks=True,
    )
