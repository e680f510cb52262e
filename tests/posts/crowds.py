"""Very many rows, quickly: posts with texts, terms and all that pages list of them, put in by the thousand."""

import datetime
from collections.abc import Iterable, Sequence
from itertools import islice, product
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model, OuterRef, Subquery
from django.utils import timezone

from posts.document.document import Document
from posts.models import (
    LINKS,
    BulkPost,
    BulkStep,
    Collection,
    Comment,
    Conflict,
    Event,
    Finding,
    Notice,
    Outcome,
    Post,
    Problem,
    Revision,
    Schedule,
    Sync,
)
from posts.workflow import State
from taxonomy.models import VOCABULARIES
from tests.posts.worlds import post_text

_BATCH = 2000
_STATES = [state for state in State if state not in (State.APPROVED, State.ARCHIVED)]


def crowd(collection: Collection, numbers: range, *, by: User, steps: Sequence[BulkStep], runs: Sequence[Sync]) -> None:
    """Posts with these numbers in all states, each with a text of `by`, and what pages show of a post for each tenth.

    They are rows of `steps` and `runs`, too. The search index and the repository know nothing of them.
    """
    now = timezone.now()
    posts = _put(
        Post(
            collection=collection,
            path=f"src/posts/{number}.md",
            path_key=f"src/posts/{number}.md",
            title=f"文章 {number}",
            summary="摘要",
            source="https://www.youtube.com/watch?v=abcdefghijk",
            date=now.date() - datetime.timedelta(days=number % 900),
            state=_STATES[number % len(_STATES)],
            changed_at=now,
            present_by=by,
            assignee=by if number % 3 else None,
            reviewer=by if number % 5 == 0 else None,
            review_due=now.date() if number % 4 == 0 else None,
            review_by=now.date(),
            changed_outside_at=now,
            unchecked_since=now,
        )
        for number in numbers
    )
    text = post_text("文章")
    blob = Document.from_text(text).blob_id
    kept = {"text": text, "blob": blob, "says_draft": True, "whence": "edit", "by": by, "at": now}
    revisions = _put(Revision(post=post, number=1, **kept) for post in posts)
    mine = Revision.objects.filter(post=OuterRef("pk")).order_by("-number").values("pk")[:1]
    Post.objects.filter(pk__gte=posts[0].pk, pk__lte=posts[-1].pk).update(present=Subquery(mine))
    _put(
        Event(post=post, transition="submit", by=by, at=now - datetime.timedelta(days=post.pk % 50), revision=revision)
        for post, revision in zip(posts, revisions, strict=True)
    )
    _terms(posts)
    tenth = list(zip(posts, revisions, strict=True))[::10]
    for post, revision in tenth:
        post.present = revision
    few = [post for post, _revision in tenth]
    of_post(few, by=by)
    _put(Conflict(post=post, kind="text", base=post.present, theirs=post.present, opened_at=_ago(2)) for post in few)
    _put(
        Schedule(post=post, transition="publish", at=now + datetime.timedelta(hours=1), by=by, made_at=now)
        for post in few
    )
    _put(BulkPost(step=step, post=post, base=post.present) for step, post in product(steps, few))
    _put(Outcome(sync=run, post=post, path=post.path, result="changed") for run, post in product(runs, few))
    _put(
        Sync(collection=collection, kind="sync", state="done", asked_by=by, asked_at=now, ended_at=now) for _post in few
    )


def of_post(posts: Sequence[Post], *, by: User) -> None:
    """What is said of each of `posts`, and what was done with it."""
    now = timezone.now()
    _put(Problem(collection=post.collection, post=post, path=post.path, code="nul", blocks=True) for post in posts)
    _put(Finding(post=post, code="bare_address", severity="doubt", line=1, found_at=now) for post in posts)
    _put(Comment(post=post, by=by, at=now, text="意见", revision=post.present) for post in posts)
    _put(Notice(person=by, post=post, code="remarks", facts={"by": "x"}, at=now) for post in posts)
    _put(Event(post=post, transition="submit", by=by, at=now, revision=post.present) for post in posts)


def _terms(posts: Sequence[Post]) -> None:
    """A term in each vocabulary for each twentieth post, and links of the posts to them."""
    for name, vocabulary in VOCABULARIES.items():
        made = (f"{name}-{post.pk}" for post in posts[::20])
        terms = _put(vocabulary(name=each, slug=each, key=each) for each in made)
        for link in (link for link in LINKS.values() if link._meta.get_field("tag").related_model is vocabulary):
            linked = islice(posts, 0, None, 2)
            _put(
                link(content_object=post, tag=terms[place % len(terms)], position=9)
                for place, post in enumerate(linked)
            )


def _put(rows: Iterable[Any]) -> list[Any]:
    listed: list[Model] = list(rows)
    return type(listed[0])._default_manager.bulk_create(listed, batch_size=_BATCH) if listed else []


def _ago(days: int) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=days)
