"""The single writer: a document becomes a revision, the columns and term links that index it, and its problems.

Everything that changes a post's text, columns, state or bookkeeping goes through `write` or `record`, inside the
caller's transaction (DESIGN §2.3). The two derived facts, `pending` and `live`, are settled here and nowhere else.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from posts import fields
from posts.document.document import Document
from posts.fields import FieldValue, Kind, Reading
from posts.image_uses import note_again, note_texts
from posts.models import LINKS, Collection, Post, Problem, Revision, Sync, Whence
from posts.paths import path_key
from posts.search_index import Entry, index_texts
from posts.storing import insert_rows, insert_values, update_rows
from posts.term_changes import filed
from posts.workflow import State
from taxonomy.models import VOCABULARIES, Term
from taxonomy.terms import find_or_create, moved_names

_BATCH = 500
_SINGLE_TERMS = tuple(each for each in fields.FIELDS if each.kind is Kind.TERM)
_PLAIN = tuple(each.key for each in fields.FIELDS if each.kind in (Kind.TEXT, Kind.LONG_TEXT))


@dataclass(frozen=True, slots=True)
class GitText:
    """What git holds of a post: blob and path (both "" for nothing), and whether that text says it is a draft."""

    blob: str = ""
    path: str = ""
    says_draft: bool = True


NOT_IN_GIT = GitText()


@dataclass(slots=True)
class TextChange:
    """One text to store: of which post (unsaved for a new one), whence, by whom, and what it becomes.

    `co_writers` are the keys of people who wrote a part of it before `by` did, and have no text of their own here.
    A text that is `beside` is kept for the record: the other side of a merge, which the post never says itself.
    `git` is what git holds from now on: this very text. `facts` are further attributes of the post (its state, its
    approval) that change with the text. `reading` is what `fields.read` gives of the document, if it is known already.
    """

    post: Post
    document: Document
    whence: Whence
    by: User | None = None
    co_writers: Sequence[int] = ()
    at: datetime.datetime = field(default_factory=timezone.now)
    author_name: str = ""
    author_email: str = ""
    commit: str = ""
    becomes_present: bool = True
    beside: bool = False
    bulk_step: Sync | None = None
    becomes_cleared: bool = False
    git: GitText | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    reading: Reading | None = None


def write(changes: Sequence[TextChange]) -> list[Revision]:
    """Store `changes` in order, and give their revisions.

    Takes a constant number of queries for all the new posts together, and one more for each that exists.
    The caller holds the transaction and, for posts that exist, the lock on their rows.
    """
    # Of several texts that one post gets in a row, the last is what its columns and terms are the index of.
    newest = {id(change.post): change for change in changes if change.becomes_present}
    present = list(newest.values())
    moved = [change.post.pk for change in changes if _moves(change.post, change.facts)]
    readings = _readings(present)
    names = _terms([readings[id(change)][0] for change in present])
    revisions = _new_revisions(changes)
    created: dict[int, Post] = {}
    for change, revision in zip(changes, revisions, strict=True):
        post = change.post
        if post.pk is None:
            post.path_key, post.created_at = path_key(post.path), timezone.now()
            created[id(post)] = post
        if newest.get(id(post)) is change:
            _set_columns(post, readings[id(change)][0], names)
        if change.becomes_present:
            post.present, post.present_by = revision, change.by
            post.changed_at = change.at
        if change.becomes_cleared:
            post.cleared = revision
        _set(post, change.facts, change.git, revision if change.git else None)
    insert_rows(list(created.values()))
    for change, revision in zip(changes, revisions, strict=True):
        revision.post = change.post
    insert_rows(revisions)
    store({id(change.post): change.post for change in changes if id(change.post) not in created}.values())
    existing = [change for change in present if id(change.post) not in created]
    _relink(present, existing, readings, names)
    _renew_problems(present, existing, readings)
    entries = [
        _entry(change, revision, readings[id(change)])
        for change, revision in zip(changes, revisions, strict=True)
        if newest.get(id(change.post)) is change
    ]
    index_texts(entries, had=[change.post.pk for change in existing])
    note_texts([revision for revision in revisions if revision.post_id not in moved])
    if moved:
        note_again(moved)
    return revisions


def record(
    post: Post,
    facts: Mapping[str, object] | None = None,
    *,
    git: GitText | None = None,
    git_text: Revision | None = None,
) -> Post:
    """Change what is known of `post` without a new text: its state, approval, cleared text, or what git holds.

    `facts` are attributes of the post. `git_text` is the revision that git holds now; without one the last text
    that was read there stays.
    """
    moved = _moves(post, facts or {})
    _set(post, facts or {}, git, git_text)
    post.save()
    if moved:
        note_again([post.pk])
    return post


def note_in_git(post: Post, git: GitText, git_text: Revision | None = None) -> None:
    """Note on `post` what git holds of it, and that revision: as `record`, but stored by `store` for many at once."""
    _set(post, {}, git, git_text)


def store(posts: Iterable[Post]) -> None:
    """Store what was noted on `posts`, locked rows each of which is among them once."""
    changed = list(posts)
    for post in changed:
        post.path_key = path_key(post.path)
    update_rows(changed)


def note_built(built: Mapping[int, str], *, at: datetime.datetime) -> None:
    """Note what of each post a build of `at` put on the site: by the post's key, the blob or "" for nothing.

    What was there before keeps its time. The caller holds the transaction.
    """
    pks = sorted(built)
    for start in range(0, len(pks), _BATCH):
        batch = pks[start : start + _BATCH]
        Post.objects.filter(pk__in=batch).lock_in_order()
        changed = []
        for post in Post.objects.only("pk", "built_blob", "built_at").filter(pk__in=batch):
            if post.built_blob != built[post.pk]:
                post.built_blob = built[post.pk]
                post.built_at = at if post.built_blob else None
                changed.append(post)
        Post.objects.bulk_update(changed, ["built_blob", "built_at"])


def note_all_built(collection: Collection, *, at: datetime.datetime) -> None:
    """Note that a build of `at` put on the site what git has of every post of `collection`, but for its drafts."""
    posts = Post.objects.filter(collection=collection)
    posts.filter(live=True).exclude(built_blob=F("git_blob")).update(built_blob=F("git_blob"), built_at=at)
    posts.filter(live=False).exclude(built_blob="").update(built_blob="", built_at=None)


def erase(collection: Collection) -> None:
    """Take `collection` away with its posts and all their texts: for the practice collection alone.

    The caller holds the transaction, and has taken away what else held on to them.
    """
    posts = Post.objects.filter(collection=collection)
    index_texts([], had=list(posts.values_list("pk", flat=True)))
    posts.update(state=State.DRAFT, present=None, present_by=None, cleared=None, git_text=None, approved=None)
    Revision.objects.filter(post__collection=collection).delete()
    posts.delete()
    Sync.objects.filter(collection=collection).delete()
    collection.delete()


def move_links(vocabulary: type[Term], old: int, new: int) -> None:
    """Let every post that has the term `old` have `new`, which `old` has become another name for.

    The caller holds the transaction, and has made the one an alias of the other.
    """
    for each in fields.FIELDS:
        if not each.vocabulary or VOCABULARIES[each.vocabulary] is not vocabulary:
            continue
        link = LINKS.get(each.key)
        if link is None:
            Post.objects.filter(**{each.key: old}).update(**{each.key: new})
            continue
        had = link.objects.filter(tag=new).values("content_object")
        # Where a post has both, the text says which of them comes first.
        both = link.objects.filter(tag=old, content_object__in=had).values("content_object")
        reindex(Post.objects.filter(pk__in=both))
        link.objects.filter(tag=old).update(tag=new)


def reindex(posts: QuerySet[Post]) -> None:
    """Link `posts` once more to the terms that their present texts name, after a vocabulary has changed.

    The caller holds the transaction.
    """
    pks = list(posts.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), _BATCH):
        batch = pks[start : start + _BATCH]
        Post.objects.filter(pk__in=batch).lock_in_order()
        found = Post.objects.select_related("present").filter(pk__in=batch).order_by("pk")
        present = [
            TextChange(each, Document.from_text(each.present.text), Whence.BULK) for each in found if each.present
        ]
        readings = _readings(present)
        names = _terms([readings[id(change)][0] for change in present])
        for change in present:
            for each in _SINGLE_TERMS:
                name = str(readings[id(change)][0][each.key])
                setattr(change.post, f"{each.key}_id", names.get(each.vocabulary, {}).get(name))
        Post.objects.bulk_update([change.post for change in present], [each.key for each in _SINGLE_TERMS])
        _relink(present, present, readings, names)


def _moves(post: Post, facts: Mapping[str, object]) -> bool:
    return post.pk is not None and facts.get("path", post.path) != post.path


def _set(post: Post, facts: Mapping[str, object], git: GitText | None, git_text: Revision | None) -> None:
    for name, value in facts.items():
        setattr(post, name, value)
    if git is not None:
        post.git_blob, post.git_path = git.blob, git.path
        post.git_text = git_text or post.git_text
        post.live = bool(git.blob) and not git.says_draft
    if post.state not in (State.IN_REVIEW, State.CHANGES_REQUESTED):
        # Whoever was asked is asked no more; a writer who was told to change something will ask the same again.
        post.reviewer = None
    if post.state != State.IN_REVIEW:
        post.review_due = None
    cleared = post.cleared
    leaving = cleared is not None and not cleared.says_draft
    post.ever_live = post.ever_live or post.live or leaving
    if post.removed:
        post.pending = bool(post.git_path)
    else:
        post.pending = cleared is not None and (cleared.blob != post.git_blob or post.path != post.git_path)


def _new_revisions(changes: Sequence[TextChange]) -> list[Revision]:
    known = [change.post.pk for change in changes if change.post.pk]
    last: dict[int, int] = {}
    if known:
        rows = Revision.objects.filter(post__in=known).values("post").annotate(last=Max("number"))
        last = {row["post"]: row["last"] for row in rows}
    numbers = {id(change.post): last.get(change.post.pk or 0, 0) for change in changes}
    revisions = []
    for change in changes:
        numbers[id(change.post)] += 1
        revisions.append(
            Revision(
                number=numbers[id(change.post)],
                text=change.document.text,
                blob=change.git.blob if change.git else change.document.blob_id,
                says_draft=change.document.truthy("draft"),
                whence=change.whence,
                by=change.by,
                co_writers=_others(change) if change.co_writers else None,
                author_name=change.author_name[:200],
                author_email=change.author_email[:254],
                at=change.at,
                commit=change.commit,
                beside=change.beside,
                bulk_step=change.bulk_step,
            )
        )
    return revisions


def _others(change: TextChange) -> list[int] | None:
    return [pk for pk in change.co_writers if change.by is None or pk != change.by.pk] or None


def _entry(change: TextChange, revision: Revision, reading: Reading) -> Entry:
    values = reading[0]
    return Entry(change.post.pk, revision.pk, str(values["title"]), str(values["summary"]), change.document.body)


def _readings(changes: Sequence[TextChange]) -> dict[int, Reading]:
    """What each text says, with every name in the vocabulary that it belongs to."""
    moved = moved_names()
    read = {id(change): change.reading or fields.read(change.document) for change in changes}
    return {key: (filed(values, moved), faults) for key, (values, faults) in read.items()} if moved else read


def _terms(readings: Sequence[Mapping[str, FieldValue]]) -> dict[str, dict[str, int]]:
    """For each vocabulary the primary key behind every name that the readings use."""
    # Always in the same order: two workers that make the same new terms must not wait for each other in a circle.
    wanted: dict[str, dict[str, None]] = {each.vocabulary: {} for each in fields.FIELDS if each.vocabulary}
    for values in readings:
        for each in fields.FIELDS:
            value = values[each.key]
            if each.kind is Kind.TERMS and isinstance(value, list):
                wanted[each.vocabulary].update(dict.fromkeys(value))
            elif each.kind is Kind.TERM and value and not fields.is_too_long(str(value)):
                wanted[each.vocabulary][str(value)] = None
    return {name: find_or_create(VOCABULARIES[name], found) for name, found in wanted.items() if found}


def _set_columns(post: Post, values: Mapping[str, FieldValue], names: Mapping[str, Mapping[str, int]]) -> None:
    for key in _PLAIN:
        setattr(post, key, values[key])
    post.draft = bool(values["draft"])
    post.date = fields.day(str(values["date"]))
    for each in _SINGLE_TERMS:
        setattr(post, f"{each.key}_id", names.get(each.vocabulary, {}).get(str(values[each.key])))


def _relink(
    present: Sequence[TextChange],
    existing: Sequence[TextChange],
    readings: Mapping[int, Reading],
    names: Mapping[str, Mapping[str, int]],
) -> None:
    pks = [change.post.pk for change in existing]
    for key, link in LINKS.items():
        vocabulary = fields.BY_KEY[key].vocabulary
        had: dict[int, list[int]] = defaultdict(list)
        if pks:
            rows = link.objects.filter(content_object__in=pks).order_by("position")
            for post_pk, term_pk in rows.values_list("content_object_id", "tag_id"):
                had[post_pk].append(term_pk)
        gone, made = [], []
        for change in present:
            value = readings[id(change)][0][key]
            listed = value if isinstance(value, list) else []
            terms = list(dict.fromkeys(names[vocabulary][name] for name in listed if name in names[vocabulary]))
            if terms == had.get(change.post.pk, []):
                continue
            if change.post.pk in had:
                gone.append(change.post.pk)
            made += [(change.post.pk, pk, place) for place, pk in enumerate(terms)]
        if gone:
            link.objects.filter(content_object__in=gone).delete()
        columns = [link._meta.get_field(name).column for name in ("content_object", "tag", "position")]
        if made:
            insert_values(link._meta.db_table, columns, made)


def _renew_problems(
    present: Sequence[TextChange],
    existing: Sequence[TextChange],
    readings: Mapping[int, Reading],
) -> None:
    if existing:
        Problem.objects.filter(post__in=[change.post for change in existing]).exclude(key="").delete()
    found = [
        Problem(
            collection_id=change.post.collection_id,
            post=change.post,
            path=change.post.path,
            code=fault.code,
            key=fault.key,
            line=fault.line,
            facts=fault.facts,
        )
        for change in present
        for fault in readings[id(change)][1]
    ]
    if found:
        Problem.objects.bulk_create(found, batch_size=_BATCH)
