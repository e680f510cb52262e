"""Pending posts into commits: one per post, holding the cleared text only, on exactly the head that was fetched.

Nothing here remembers what to send: a post is pending or it is not (DESIGN §2.4, §2.12).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from posts.git import NewCommit
from posts.models import Collection, Event, Outcome, Post, Revision, Whence
from posts.saving import NOT_IN_GIT, GitText, record

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What leaves of one post: its cleared revision (None: the file goes), from which place to which."""

    post_pk: int
    revision: Revision | None
    path: str
    old_path: str
    commit: NewCommit


def outgoing(collection: Collection) -> list[Outgoing]:
    """What is pending in `collection` and not held back, oldest clearing first, as commits ready to be made."""
    posts = list(
        Post.objects.filter(collection=collection)
        .outgoing()
        .select_related("cleared", "git_text", "approved_by", "discarded_by")
        .order_by("cleared__at", "pk")
    )
    return [each for start in range(0, len(posts), _BATCH) for each in _outgoing_batch(posts[start : start + _BATCH])]


def sent(collection: Collection, parts: Sequence[Outgoing], commits: Sequence[str], head: str) -> list[Outcome]:
    """Note that git has `parts` now, each by its commit of `commits`, and that `head` is the collection's head.

    Gives an outcome (unsaved, without a sync) for each. A post that was cleared anew meanwhile stays pending.
    """
    outcomes = []
    with transaction.atomic():
        pks = [part.post_pk for part in parts]
        # Locked first and read then, as `situations.lock` does.
        list(Post.objects.select_for_update().filter(pk__in=pks).order_by("pk").values_list("pk"))
        posts = Post.objects.select_related("cleared", "git_text").in_bulk(pks)
        for part, commit in zip(parts, commits, strict=True):
            post = posts[part.post_pk]
            if part.revision is None:
                record(post, git=NOT_IN_GIT)
            else:
                Revision.objects.filter(pk=part.revision.pk).update(commit=commit)
                git = GitText(part.revision.blob, part.path, part.revision.says_draft)
                record(post, git=git, git_text=part.revision)
            outcomes.append(Outcome(post=post, path=part.path, result=Outcome.Result.SENT, facts={"commit": commit}))
        Collection.objects.filter(pk=collection.pk).update(head=head)
    return outcomes


def _outgoing_batch(posts: Sequence[Post]) -> list[Outgoing]:
    writers = _writers(posts)
    removers = _removers(posts)
    return [_removal(post, removers.get(post.pk)) if post.removed else _text(post, writers[post.pk]) for post in posts]


def _writers(posts: Iterable[Post]) -> dict[int, list[Revision]]:
    """The revisions of each post after its base and up to its cleared text, newest first."""
    between: dict[int, list[Revision]] = {post.pk: [] for post in posts}
    limits = {
        post.pk: (post.git_text.number if post.git_text else 0, post.cleared.number if post.cleared else 0)
        for post in posts
    }
    rows = Revision.objects.filter(post__in=list(between)).exclude(by=None).select_related("by").defer("text")
    for row in rows.order_by("-number"):
        after, upto = limits[row.post_id]
        if after < row.number <= upto:
            between[row.post_id].append(row)
    return between


def _removers(posts: Iterable[Post]) -> dict[int, User]:
    removed = [post.pk for post in posts if post.removed]
    if not removed:
        return {}
    events = Event.objects.filter(post__in=removed, transition="remove").select_related("by").order_by("at")
    return {event.post_id: event.by for event in events if event.by}


def _text(post: Post, made: Sequence[Revision]) -> Outgoing:
    revision = post.cleared
    if revision is None:
        raise ValueError(post.pk)
    # Whoever only took a step has not written; they are the author where nobody wrote.
    wrote = [row for row in made if row.whence != Whence.TRANSITION] or list(made)[:1]
    people = {row.by.pk: row.by for row in wrote if row.by is not None}
    names = [_identity(person) for person in people.values()] or [
        (revision.author_name or "Evergreen", _committer()[1])
    ]
    (author_name, author_email), others = names[0], names[1:]
    trailers = [f"Co-authored-by: {name} <{email}>" for name, email in others]
    if post.approved_by is not None and not revision.says_draft:
        name, email = _identity(post.approved_by)
        trailers.append(f"Reviewed-by: {name} <{email}>")
    trailers.append(f"Post-Revision: {revision.pk}")
    files: list[tuple[bytes, bytes | None]] = [(post.path.encode(), revision.text.encode())]
    if post.git_path and post.git_path != post.path:
        files.insert(0, (post.git_path.encode(), None))
    subject = f"{_verb(post, revision)} {_one_line(str(post))}"
    commit = _commit(subject, trailers, author_name, author_email, revision.at, files)
    return Outgoing(post.pk, revision, post.path, post.git_path, commit)


def _removal(post: Post, by: User | None) -> Outgoing:
    name, email = _identity(by) if by else _committer()
    files: list[tuple[bytes, bytes | None]] = [(post.git_path.encode(), None)]
    commit = _commit(f"Remove {_one_line(str(post))}", [], name, email, timezone.now(), files)
    return Outgoing(post.pk, None, post.git_path, post.git_path, commit)


def _commit(subject, trailers, author_name, author_email, at, files) -> NewCommit:  # type: ignore[no-untyped-def]
    committer_name, committer_email = _committer()
    return NewCommit(
        message="\n".join([subject, "", *trailers]).rstrip("\n") + "\n",
        author_name=author_name,
        author_email=author_email,
        at=at,
        committer_name=committer_name,
        committer_email=committer_email,
        files=tuple(files),
    )


def _verb(post: Post, revision: Revision) -> str:
    if not post.git_path:
        return "Add"
    if post.live and revision.says_draft:
        return "Unpublish"
    if not post.live and not revision.says_draft:
        return "Publish"
    if post.git_text is not None and post.git_text.blob == revision.blob:
        return "Rename"
    return "Edit"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:120]


def _identity(person: User) -> tuple[str, str]:
    name = _one_line((person.get_full_name() or person.get_username()).translate({60: None, 62: None}))
    return name, person.email or f"{person.get_username()}@{settings.NO_REPLY_DOMAIN}"


def _committer() -> tuple[str, str]:
    return "Evergreen", f"evergreen@{settings.NO_REPLY_DOMAIN}"
