"""Pending posts into commits: one per post, holding the cleared text only, on exactly the head that was fetched.

Nothing here remembers what to send: a post is pending or it is not (DESIGN §2.4, §2.12).
"""

import datetime
import uuid
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from posts.authorship import contributions
from posts.git import NewCommit
from posts.leaving import Leaving, what_leaves
from posts.merging import document_of
from posts.models import Collection, Departure, Event, Image, Outcome, Post, Problem, Revision, Sync, Whence
from posts.people import commit_identity
from posts.saving import NOT_IN_GIT, GitText, note_in_git, store

_BATCH = 200
_WRITTEN = (Whence.EDIT, Whence.UPLOAD, Whence.RESTORE)
# Whoever only took a step has not written; they are the author where nobody wrote.
_STEPS = (Whence.TRANSITION, Whence.BULK)


@dataclass(frozen=True, slots=True)
class Part:
    """What leaves of one post: its cleared revision (None: the file goes), from which place to which, and its images.

    `text_stays` says that git has this very text there: only images leave.
    """

    post_pk: int
    revision: Revision | None
    path: str
    old_path: str
    text_stays: bool = False
    images: tuple[Image, ...] = ()

    @property
    def files(self) -> tuple[tuple[bytes, bytes | None], ...]:
        """The files that this writes or (None) deletes."""
        if self.revision is None:
            return ((self.old_path.encode(), None),)
        images: tuple[tuple[bytes, bytes], ...] = ()
        if self.images:
            # Several megabytes each, so they are fetched for one commit at a time.
            held = dict(Image.objects.filter(pk__in=[image.pk for image in self.images]).values_list("path", "data"))
            images = tuple((path.encode(), bytes(data)) for path, data in sorted(held.items()))
        if self.text_stays:
            return images
        text = (self.path.encode(), self.revision.text.encode())
        gone = ((self.old_path.encode(), None),) if self.old_path not in ("", self.path) else ()
        return (*gone, text, *images)

    @property
    def paths(self) -> frozenset[str]:
        """The place of everything that this touches."""
        return frozenset({self.path, self.old_path, *(image.path for image in self.images)} - {""})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One commit to be made: what leaves in it, what it says, and by whom."""

    parts: tuple[Part, ...]
    subject: str
    author: tuple[str, str]
    at: datetime.datetime
    trailers: tuple[str, ...] = ()

    @property
    def commit(self) -> NewCommit:
        """The commit, ready to be made."""
        committer_name, committer_email = _committer()
        named = [f"Post-Revision: {part.revision.pk}" for part in self.parts if part.revision and not part.text_stays]
        return NewCommit(
            message="\n".join([self.subject, "", *self.trailers, *named]).rstrip("\n") + "\n",
            author_name=self.author[0],
            author_email=self.author[1],
            at=self.at,
            committer_name=committer_name,
            committer_email=committer_email,
            files=tuple(file for part in self.parts for file in part.files),
        )

    def of(self, wanted: Callable[["Part"], bool]) -> "Outgoing | None":
        """The same with those parts only that are `wanted`; None if there are none."""
        return self.without([part for part in self.parts if not wanted(part)])

    def without(self, parts: Sequence[Part]) -> "Outgoing | None":
        """The same without `parts`; None if nothing is left."""
        left = tuple(part for part in self.parts if part not in parts)
        return replace(self, parts=left) if left else None


def outgoing(collection: Collection) -> list[Outgoing]:
    """What is pending in `collection` and not held back, oldest clearing first, as commits ready to be made.

    One for each post; all that one bulk step wrote leaves in one.
    """
    leaving = what_leaves(collection)
    posts = _with_what_leaves(leaving)
    by_hand = {each.pk for each in leaving if each.removed_by_hand}
    alone = [post for post in posts if _bulk_step(post, by_hand) is None]
    batches = [alone[start : start + _BATCH] for start in range(0, len(alone), _BATCH)]
    single = {each.parts[0].post_pk: each for batch in batches for each in _outgoing_batch(batch)}
    together: dict[int, list[Post]] = {}
    for post in posts:
        step = _bulk_step(post, by_hand)
        if step is not None:
            together.setdefault(step.pk, []).append(post)
    made = []
    for post in posts:
        step = _bulk_step(post, by_hand)
        if step is None:
            made.append(single[post.pk])
        elif together[step.pk][0] is post:
            made.append(_step(step, together[step.pk]))
    return made


def _with_what_leaves(leaving: Sequence[Leaving]) -> list[Post]:
    """These posts in their order, with their texts and all that a commit says of them."""
    # Apart from the question which ones: PostgreSQL looks for a good order among eight tables at most, and with these
    # joined read every post and revision of the collection to find a few.
    whole = (
        Post.objects.select_related(
            "cleared__by", "cleared__bulk_step__released_by", "present__by", "present__bulk_step__released_by"
        )
        .select_related("git_text", "approved_by__profile", "discarded_by")
        .defer("present__text")
        .in_bulk([each.pk for each in leaving])
    )
    # What was taken back between the two questions leaves nothing.
    found = [whole[each.pk] for each in leaving if each.pk in whole]
    return [post for post in found if (post.git_path if post.removed else post.cleared)]


@transaction.atomic
def depart(collection: Collection, leaving: Sequence[Outgoing], commits: Sequence[str], head: str) -> None:
    """Write down what is about to be pushed, each of `leaving` as its commit of `commits`, up to `head`.

    These rows tell after a crash, or when the answer got lost, whether git has it (`sent`, `stayed`).
    """
    stayed(collection)
    # PostgreSQL looks for the posts of these rows, one after the other, when they are committed. Whoever locks several
    # does so in one order: here it would be the order in which they leave.
    Post.objects.filter(pk__in=[part.post_pk for each in leaving for part in each.parts]).lock_in_order()
    Departure.objects.bulk_create(
        [
            Departure(
                collection=collection,
                post_id=part.post_pk,
                revision=part.revision,
                path=part.path,
                commit=commit,
                head=head,
            )
            for each, commit in zip(leaving, commits, strict=True)
            for part in each.parts
        ],
        batch_size=_BATCH,
    )
    for each, commit in zip(leaving, commits, strict=True):
        images = [image.pk for part in each.parts for image in part.images]
        if images:
            Image.objects.filter(pk__in=images).update(commit=commit)


def sent(collection: Collection, *, moves_head: bool = True) -> list[Outcome]:
    """Note that git has all that departed, and the last commit of it as the collection's head.

    The head stays where something below it was not imported yet: without `moves_head`. Gives an outcome (unsaved,
    without a sync) for each. A post that was cleared anew meanwhile stays pending.
    """
    outcomes = []
    with transaction.atomic():
        departures = list(collection.departures.select_related("revision").defer("revision__text").order_by("pk"))
        pks = [each.post_id for each in departures]
        # Locked first and read then, as `situations.lock` does.
        Post.objects.filter(pk__in=pks).lock_in_order()
        posts = Post.objects.select_related("cleared", "git_text").in_bulk(pks)
        carried: dict[str, list[uuid.UUID]] = {}
        for each in departures:
            post, revision = posts[each.post_id], each.revision
            facts = {"commit": each.commit}
            if post.git_path not in ("", each.path):
                facts["old_path"] = post.git_path
            before = post.git_text if post.git_blob else None
            outcome = Outcome(post=post, path=each.path, result=Outcome.Result.SENT, facts=facts)
            outcome.before, outcome.after = before, revision
            outcomes.append(outcome)
            if revision is None:
                note_in_git(post, NOT_IN_GIT)
            else:
                if (post.git_blob, post.git_path, post.git_text) != (revision.blob, each.path, revision):
                    carried.setdefault(each.commit, []).append(revision.pk)
                note_in_git(post, GitText(revision.blob, each.path, revision.says_draft), revision)
        store(posts.values())
        # What stood there and could not be read has been written over.
        written = [each.path for each in departures]
        Problem.objects.filter(collection=collection, path__in=written, key="").delete()
        for commit, revisions in carried.items():
            Revision.objects.filter(pk__in=revisions).update(commit=commit)
        if departures and moves_head:
            # What was the first push into an empty repository leaves nothing in it that is not known here.
            collection.head_globs = collection.head_globs if collection.head else collection.globs
            collection.head = departures[0].head
            collection.save(update_fields=["head", "head_globs"])
        # Git keeps their bytes from now on.
        _departed_images(collection).update(sent_at=timezone.now(), data=b"")
        stayed(collection)
    return outcomes


def stayed(collection: Collection) -> None:
    """Forget what departed: git has not got it, or we have noted that it has."""
    collection.departures.all().delete()
    _departed_images(collection).update(commit="")


def _departed_images(collection: Collection) -> QuerySet[Image]:
    return Image.objects.filter(collection=collection).waiting().exclude(commit="")


def _bulk_step(post: Post, by_hand: Container[int]) -> Sync | None:
    text = post.present if post.removed else post.cleared
    return text.bulk_step if text is not None and post.pk not in by_hand else None


def _outgoing_batch(posts: Sequence[Post]) -> list[Outgoing]:
    writers = _writers(posts)
    removers = _who_last("remove", [post for post in posts if post.removed])
    movers = _who_last("move", [post for post in posts if post.git_path not in ("", post.path)])
    return [
        _removal(post, removers.get(post.pk)) if post.removed else _text(post, writers[post.pk], movers.get(post.pk))
        for post in posts
    ]


def _writers(posts: Iterable[Post]) -> dict[int, list[Revision]]:
    """What people made of each post's cleared text since git last had a text of it, newest first.

    What a merge keeps beside the post's own texts is newer than what people wrote here, so it does not count.
    """
    made: dict[int, list[Revision]] = {post.pk: [] for post in posts}
    had = {
        post.pk: post.git_text.number
        for post in posts
        if post.git_text and post.cleared and not post.git_text.beside and post.git_text.number <= post.cleared.number
    }
    left = Revision.objects.filter(post=OuterRef("post"), beside=False, number__lte=OuterRef("post__cleared__number"))
    newest = left.exclude(commit="").order_by("-number").values("number")[:1]
    rows = (
        Revision.objects.filter(post__in=list(made), beside=False, whence__in=(*_WRITTEN, *_STEPS))
        .filter(number__lte=F("post__cleared__number"), number__gt=Coalesce(Subquery(newest), 0))
        .exclude(by=None)
        .select_related("by__profile")
        .defer("text")
    )
    for row in rows.order_by("-number"):
        if row.number > had.get(row.post_id, 0):
            made[row.post_id].append(row)
    for post in posts:
        # Where one person wrote all that there is, and no merge took it apart, nothing need be read.
        if post.cleared and (post.cleared.beside or len({row.by_id for row in made[post.pk]}) > 1):
            made[post.pk] = _of_what_leaves(post, post.cleared, made[post.pk])
    return made


def _of_what_leaves(post: Post, cleared: Revision, made: Sequence[Revision]) -> list[Revision]:
    """Those of `made` that wrote a part of the text that leaves.

    A merge brings theirs to the cleared text without later edits, which nobody has reviewed: they are older than it.
    """
    if not made:
        return []
    own = Revision.objects.filter(post=post, beside=False, number__lte=cleared.number).order_by("number")
    history = [own.filter(number__lt=made[-1].number).last(), *own.filter(number__gte=made[-1].number)]
    texts = [document_of(row) for row in history]
    wrote = {history[place] for place in contributions(document_of(post.git_text), texts, document_of(cleared))}
    found = [row for row in made if row in wrote]
    return found or ([] if cleared.beside else list(made))


def _who_last(step: str, posts: Sequence[Post]) -> dict[int, User]:
    """Who last took `step` with each of `posts`."""
    if not posts:
        return {}
    events = Event.objects.filter(post__in=posts, transition=step).select_related("by__profile").order_by("at")
    return {event.post_id: event.by for event in events if event.by}


def _text(post: Post, made: Sequence[Revision], mover: User | None) -> Outgoing:
    revision = post.cleared
    if revision is None:
        raise ValueError(post.pk)
    wrote = [row for row in made if row.whence in _WRITTEN] or list(made)[:1]
    people = {row.by.pk: row.by for row in wrote if row.by is not None}
    if mover is not None and not people:
        people = {mover.pk: mover}
    # What a merge wrote has whoever pushed as its author, who did not write what leaves.
    nobody = "Evergreen" if revision.whence == Whence.MERGE else revision.author_name or "Evergreen"
    author, *others = [commit_identity(person) for person in people.values()] or [(nobody, _committer()[1])]
    trailers = [f"Co-authored-by: {name} <{email}>" for name, email in others]
    if post.approved_by is not None and not revision.says_draft:
        trailers.append(_reviewed_by(post.approved_by))
    subject = f"{_verb(post, revision)} {_one_line(str(post))}"
    return Outgoing((_part(post),), subject, author, revision.at, tuple(trailers))


def _step(step: Sync, posts: Sequence[Post]) -> Outgoing:
    """All that one bulk step wrote, by whoever made it."""
    texts = [post.present if post.removed else post.cleared for post in posts]
    written = [revision for revision in texts if revision is not None]
    by = next((revision.by for revision in written if revision.by is not None), None)
    what = "bulk step" if step.kind == Sync.Kind.BULK else "sync"
    subject = f"Undo {what} #{step.undoes_id}" if step.undoes_id else f"Bulk step #{step.pk}"
    released_by = step.released_by
    return Outgoing(
        tuple(_part(post) for post in posts),
        subject,
        commit_identity(by) if by else _committer(),
        max(revision.at for revision in written),
        (_reviewed_by(released_by),) if released_by is not None and released_by != by else (),
    )


def _removal(post: Post, by: User | None) -> Outgoing:
    part = Part(post.pk, None, post.git_path, post.git_path)
    return Outgoing(
        (part,), f"Remove {_one_line(str(post))}", commit_identity(by) if by else _committer(), timezone.now()
    )


def _part(post: Post) -> Part:
    if post.removed:
        return Part(post.pk, None, post.git_path, post.git_path)
    same = post.cleared is not None and post.cleared.blob == post.git_blob and post.path == post.git_path
    return Part(post.pk, post.cleared, post.path, post.git_path, text_stays=same)


def _reviewed_by(person: User) -> str:
    name, email = commit_identity(person)
    return f"Reviewed-by: {name} <{email}>"


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


def _committer() -> tuple[str, str]:
    return "Evergreen", f"evergreen@{settings.NO_REPLY_DOMAIN}"
