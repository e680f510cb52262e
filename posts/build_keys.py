"""What the keys that tell the site how to build a page are compared with, to see which of them somebody set here."""

from collections.abc import Mapping, Sequence

from django.db.models import OuterRef, Subquery

from posts.checks.markup import is_of_the_build
from posts.document.document import Document
from posts.models import Collection, Post, PostTemplate, Revision, Whence
from posts.situations import text_on_site

_DELIVERS = (Whence.IMPORT, Whence.UPLOAD)


def texts_before(posts: Sequence[Post], documents: Mapping[int, Document]) -> dict[int, Document | None]:
    """For each of `posts` what the site shows of it, else what the pipeline delivered last; None for neither.

    The pipeline is whoever brings texts in and is nobody here. `documents` are the present texts by the posts' keys, as
    far as they were read already. Takes one query at most.
    """
    before: dict[int, Document | None] = {}
    left = []
    for post in posts:
        shown = text_on_site(post) or (post.present if post.present and _delivered(post.present) else None)
        if shown is None:
            before[post.pk] = None
            left.append(post.pk)
        elif post.present and shown.blob == post.present.blob and post.pk in documents:
            before[post.pk] = documents[post.pk]
        else:
            before[post.pk] = Document.from_text(shown.text)
    if left:
        newest = Revision.objects.filter(post=OuterRef("pk"), whence__in=_DELIVERS, by=None).order_by("-number")
        texts = Post.objects.filter(pk__in=left).values_list("pk", Subquery(newest.values("text")[:1]))
        before |= {pk: Document.from_text(text) for pk, text in texts if text is not None}
    return before


def usual_values(collection: Collection) -> frozenset[tuple[str, str]]:
    """What posts that are made here may tell the build: what a template does, and the layouts of live posts."""
    live = Post.objects.filter(collection=collection, live=True).exclude(layout="").order_by()
    layouts = {("layout", layout) for layout in live.values_list("layout", flat=True).distinct()}
    templates = PostTemplate.objects.filter(collection=collection).values_list("text", flat=True)
    said = (pair for text in templates for pair in Document.from_text(text).values.items())
    return frozenset(layouts | {(key, str(value)) for key, value in said if is_of_the_build(key)})


def _delivered(revision: Revision) -> bool:
    return revision.whence in _DELIVERS and revision.by_id is None
