"""Files from a folder, a zip or a form into posts, as the edit of the person who brought them (DESIGN §2.10)."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.contrib.auth.models import User
from django.db import transaction

from posts.access import may
from posts.archives import MANIFEST, FoundFile
from posts.document.document import Document
from posts.document.errors import DocumentError, EditRefused
from posts.editing import EditForbidden, edit_text, keep_beside
from posts.models import Collection, Conflict, Outcome, Post, Revision, Whence
from posts.paths import matcher, path_key
from posts.saving import TextChange, write
from posts.taken_home import made_from, took_home
from posts.waking import ask_for_sync
from posts.workflow import State

_BATCH = 100
_Result = Outcome.Result


def upload(
    collection: Collection,
    files: Iterable[FoundFile],
    *,
    by: User | None,
    manifest: Mapping[str, str],
    only_returned: bool = False,
    dry_run: bool = False,
) -> Iterator[list[Outcome]]:
    """Bring in `files`, each on its own, in batches; each batch is committed when its outcomes are given.

    A new post is a draft in state whatever it says. For a post that exists, `manifest` tells by blob id which
    text the file started from: what it changed there is an ordinary edit, merged with what others changed meanwhile,
    and what clashes is kept for `by` to settle. Where nothing tells, every difference is kept so. Files that match
    none of the collection's globs are left out. With `only_returned`, nothing comes in but what `by` took home as a
    file of a post that is here: no new post, nothing whose beginning is unknown, whatever `manifest` says.
    Running it again changes nothing.
    """
    ours = matcher(collection.patterns)
    wanted = (found for found in files if ours.fullmatch(found.path) and found.path != MANIFEST)
    while batch := list(itertools.islice(wanted, _BATCH)):
        with transaction.atomic():
            outcomes = _upload_batch(collection, batch, by, manifest, only_returned)
            transaction.set_rollback(dry_run)
        yield outcomes


def _upload_batch(
    collection: Collection,
    batch: Sequence[FoundFile],
    by: User | None,
    manifest: Mapping[str, str],
    only_returned: bool,
) -> list[Outcome]:
    paths = [found.path for found in batch]
    known = Post.objects.filter(collection=collection).select_related("present", "collection")
    # A post that was moved here is known in git, and in older downloads, by its old place until that has left.
    posts = {post.git_path: post for post in known.filter(git_path__in=paths)}
    posts |= {post.path: post for post in known.filter(path__in=paths)}
    taken = set(
        Post.objects.filter(collection=collection, path_key__in=[path_key(path) for path in paths]).values_list(
            "path_key", flat=True
        )
    )
    outcomes: list[Outcome] = []
    new: list[TextChange] = []
    for found in batch:
        outcome = Outcome(path=found.path, result=_Result.PROBLEM, code=found.code, facts=found.facts)
        outcomes.append(outcome)
        document = None if found.code else _parsed(found, outcome)
        if document is None:
            continue
        post = posts.get(found.path)
        if post is not None:
            if only_returned and (by is None or not may_return(post, by=by)):
                outcome.code = "not_taken_home"
                continue
            outcome.post = post
            _onto(post, document, outcome, by, "" if only_returned else manifest.get(found.path, ""))
        elif only_returned:
            outcome.code = "not_taken_home"
        elif path_key(found.path) in taken:
            outcome.code = "differs_only_by_case"
        elif by is not None and not may(by, "posts.add_post", collection.pk):
            outcome.code = "no_permission"
        else:
            taken.add(path_key(found.path))
            new.append(_new(collection, found.path, document, by))
            outcome.post, outcome.result = new[-1].post, _Result.NEW
    write(new)
    if any(change.post.pending for change in new):
        ask_for_sync(collection)
    for outcome in outcomes:
        outcome.post = outcome.post  # a new post has its key only now
    return outcomes


def may_return(post: Post, *, by: User) -> bool:
    """Whether `by` may bring a file of `post` back: they took one home, and may change posts where it is."""
    return may(by, "posts.change_post", post.collection_id) and took_home(post, by=by)


def _parsed(found: FoundFile, outcome: Outcome) -> Document | None:
    try:
        return Document.parse(found.data)
    except DocumentError as error:
        outcome.code, outcome.facts = error.code, {**error.facts, "line": error.line, "column": error.column}
        return None


def _new(collection: Collection, path: str, document: Document, by: User | None) -> TextChange:
    clears = document.surely_draft and collection.push_drafts
    post = Post(collection=collection, path=path)
    return TextChange(post, document, Whence.UPLOAD, by=by, becomes_cleared=clears, facts={"state": State.DRAFT})


def _onto(post: Post, document: Document, outcome: Outcome, by: User | None, started_from: str) -> None:
    """The file against a post that exists."""
    present = post.present
    known = Revision.objects.filter(post=post, blob=document.blob_id).exists()
    if known or present is None:
        # An untouched download, of now or of an earlier day: there is nothing in it that the history has not.
        outcome.result = _Result.SAME
        return
    if by is None:
        outcome.result, outcome.code = _Result.HELD, "nobody_to_edit"
        return
    kept: Conflict | None
    if started_from:
        start = Revision.objects.filter(post=post, blob=started_from).order_by("-number").first()
    else:
        # A file without the archive it was in: it is of what this person took home.
        start = made_from(post, document, by=by)
    try:
        if start is None:
            kept, outcome.code = keep_beside(post, document, by=by), "start_unknown"
        else:
            _post, kept = edit_text(post, document, by=by, onto=start)
            outcome.code = "changed_meanwhile" if kept else ""
    except (EditForbidden, EditRefused) as error:
        outcome.code, outcome.facts = error.code, dict(error.facts)
    else:
        outcome.result = _Result.HELD if kept else _Result.CHANGED
        outcome.facts = {"conflict": kept.pk} if kept else {}
