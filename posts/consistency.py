"""Proof that columns, text and git agree: what `check_posts` looks at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from posts import fields
from posts.document.document import Document
from posts.document.errors import DocumentError
from posts.fields import Kind
from posts.git import Repository
from posts.image_addresses import MediaPlace, images_in
from posts.models import LINKS, Collection, Conflict, ImageUse, Post, Revision, SearchedText
from posts.paths import matcher
from posts.term_changes import Moved, filed
from taxonomy.models import VOCABULARIES
from taxonomy.names import normal
from taxonomy.terms import moved_names

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two things that should say the same and do not: a code, the post's path, and what each says."""

    code: str
    path: str
    facts: dict[str, object] = field(default_factory=dict)


def check_collection(collection: Collection, repository: Repository | None) -> Iterator[Disagreement]:
    """Compare the posts of `collection` with their texts and, at the last head seen, with the mirror.

    Posts that are pending or held by a conflict are not compared with git, which they are meant to differ from.
    """
    moved = moved_names()
    for posts in _batches(collection):
        for post in posts:
            yield from _check_text(post, moved)
        yield from _check_terms(posts, moved)
        yield from _check_search(posts)
        if collection.media_place is not None and collection.images_counted:
            yield from _check_images(posts, collection.media_place)
    if repository is not None and collection.head:
        yield from _check_git(collection, repository)


def _batches(collection: Collection) -> Iterator[list[Post]]:
    last = 0
    while True:
        found = Post.objects.filter(collection=collection, pk__gt=last).order_by("pk")
        posts = list(found.select_related("present", "cleared", "git_text", "series", "category", "area")[:_BATCH])
        if not posts:
            return
        yield posts
        last = posts[-1].pk


def _check_text(post: Post, moved: Moved) -> Iterator[Disagreement]:
    if post.present is None:
        yield Disagreement("no_text", post.path)
        return
    try:
        document = Document.from_text(post.present.text)
    except DocumentError as error:
        yield Disagreement("text_unreadable", post.path, {"code": error.code})
        return
    if document.blob_id != post.present.blob:
        yield Disagreement("blob_wrong", post.path)
    values = filed(fields.read(document)[0], moved)
    for each in fields.FIELDS:
        if each.kind is Kind.TERMS:
            continue
        if not _same(each, post, values[each.key]):
            yield Disagreement("column_differs", post.path, {"key": each.key})
    cleared = post.cleared
    differs = cleared is not None and (cleared.blob != post.git_blob or post.path != post.git_path)
    if post.pending != (bool(post.git_path) if post.removed else differs):
        yield Disagreement("pending_wrong", post.path)


def _same(each: fields.Field, post: Post, value: object) -> bool:
    if each.kind is Kind.DATE:
        return post.date == fields.day(str(value))
    if each.kind is Kind.TERM:
        term = getattr(post, each.key)
        names = {term.key, *(alias.key for alias in term.aliases.all())} if term is not None else {""}
        return normal(str(value)) in names or (term is None and fields.is_too_long(str(value)))
    return getattr(post, each.key) == value


def _check_terms(posts: Sequence[Post], moved: Moved) -> Iterator[Disagreement]:
    read = {
        post.pk: filed(fields.read(Document.from_text(post.present.text))[0], moved) for post in posts if post.present
    }
    for key, link in LINKS.items():
        vocabulary = VOCABULARIES[fields.BY_KEY[key].vocabulary]
        linked: dict[int, list[int]] = {post.pk: [] for post in posts}
        rows = link.objects.filter(content_object__in=posts).order_by("position")
        for post_pk, term_pk in rows.values_list("content_object_id", "tag_id"):
            linked[post_pk].append(term_pk)
        listed = {pk: values[key] for pk, values in read.items()}
        keys = {normal(name) for names in listed.values() if isinstance(names, list) for name in names}
        known = vocabulary.objects.filter(key__in=keys).values_list("key", "pk", "alias_of_id")
        pks = {term_key: alias_of or pk for term_key, pk, alias_of in known}
        for post in posts:
            names = listed.get(post.pk, [])
            wanted = dict.fromkeys(pks.get(normal(name)) for name in names) if isinstance(names, list) else {}
            if list(wanted) != linked[post.pk]:
                yield Disagreement("terms_differ", post.path, {"key": key})


def _check_search(posts: Sequence[Post]) -> Iterator[Disagreement]:
    searched = dict(SearchedText.objects.filter(post__in=posts).values_list("post_id", "revision_id"))
    for post in posts:
        if searched.get(post.pk) != post.present_id:
            yield Disagreement("search_differs", post.path)


def _check_images(posts: Sequence[Post], place: MediaPlace) -> Iterator[Disagreement]:
    kept: dict[object, set[str]] = {}
    for revision, path in ImageUse.objects.filter(post__in=posts).values_list("revision", "path"):
        kept.setdefault(revision, set()).add(path)
    for post in posts:
        texts: list[Revision | None] = [post.present, post.cleared, post.git_text]
        if any(images_in(each.text, place, post.path) != kept.get(each.pk, set()) for each in texts if each):
            yield Disagreement("images_differ", post.path)


def _check_git(collection: Collection, repository: Repository) -> Iterator[Disagreement]:
    ours = matcher(collection.patterns)
    held = set(Conflict.objects.holding().filter(post__collection=collection).values_list("post_id", flat=True))
    in_git = {
        path: (blob, pk)
        for path, blob, pk in Post.objects.filter(collection=collection)
        .exclude(git_path="")
        .values_list("git_path", "git_blob", "pk")
    }
    problems = set(collection.problems.filter(blocks=True).values_list("path", flat=True))
    for change in repository.changes(None, collection.head):
        path = change.path.decode("utf-8", "replace")
        if not ours.fullmatch(path):
            continue
        blob, pk = in_git.pop(path, ("", 0))
        if blob != change.blob and pk not in held and path not in problems:
            yield Disagreement("git_differs", path)
    for path, (_blob, pk) in in_git.items():
        if pk not in held:
            yield Disagreement("not_in_git", path)
