"""Git's new text and what the database has that git has not, brought together (DESIGN §2.7). Knows no row but the post.

The present and the cleared text are merged each by itself: what was cleared leaves in spite of later, unreviewed
changes, and never with them.
"""

from collections.abc import Collection
from dataclasses import dataclass

from posts import fields
from posts.document import Document, merge
from posts.document.merge import Conflict, Merged
from posts.models import Post, Revision

_NOTHING = Document.from_text("")


@dataclass(frozen=True, slots=True)
class BroughtTogether:
    """The present text and the text that leaves, both with theirs; `cleared` is theirs where nothing of ours leaves."""

    present: Document
    cleared: Document
    conflicts: tuple[Conflict, ...] = ()


def document_of(revision: Revision | None) -> Document:
    """The text of `revision` as a document; an empty one if there is none."""
    return Document.from_text(revision.text) if revision is not None else _NOTHING


def merged(base: Document, ours: Document, theirs: Document, *, theirs_for: Collection[str] = ()) -> Merged:
    """The one merge, with the lists of terms merged item by item; what clashes in `theirs_for` is theirs.

    Texts that began apart have no lists in common: there every difference is a conflict. Raises `MergeRefused`.
    """
    lists = fields.TERM_LISTS if base.text else frozenset()
    return merge(base, ours, theirs, term_lists=lists, theirs_for=theirs_for)


def bring_together(post: Post, base: Revision | None, theirs: Document) -> BroughtTogether:
    """Merge `theirs` into the present and into the cleared text of `post`; `base` is the text last agreed on.

    With `conflicts`, the texts given have ours there. Raises `MergeRefused`.
    """
    before = document_of(base)
    present = merged(before, document_of(post.present), theirs)
    if not leaves_by_itself(post, base):
        cleared = theirs
    elif post.present is not None and post.cleared.blob == post.present.blob:
        cleared = present.document
    else:
        # Only the newest text has a say in what both sides changed: where it agrees with theirs, what was cleared
        # before gives way.
        cleared = merged(before, theirs, document_of(post.cleared)).document
    return BroughtTogether(present.document, leaving(post.cleared, cleared, theirs), present.conflicts)


def leaves_by_itself(post: Post, base: Revision | None) -> bool:
    """Whether the cleared text of `post` has something that neither git nor `base`, the text last agreed on, has."""
    if post.cleared is None or post.cleared_id == post.git_text_id:
        return False
    return base is None or post.cleared.blob != base.blob


def leaving(was_cleared: Revision | None, cleared: Document, theirs: Document) -> Document:
    """What may leave of `cleared`: nothing of ours where a draft that was cleared by its own word is none any more."""
    if was_cleared is not None and was_cleared.says_draft and not cleared.surely_draft:
        return theirs
    return cleared
