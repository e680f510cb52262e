"""Remarks on a post, its fields and passages: said, answered, settled and opened again (DESIGN §2.9)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from posts import fields
from posts.access import may
from posts.document.document import Document
from posts.document.errors import DocumentError
from posts.errors import EvergreenError
from posts.mentioning import mentioned_in, who_may_be_named
from posts.models import Comment, OutsideLink, Post, Revision
from posts.notifying import called, tell
from posts.passages import Passage, carried_over, found, found_as_shown, plain
from posts.requests import concerned_by
from posts.situations import lock
from posts.workflow import CHANGE_POST, REVIEW_POST

LONGEST = 5_000
"""The most characters of a remark."""
LONGEST_PASSAGE = 20_000
"""The most characters of a passage, or of what is suggested for one."""

_LONGEST_TOLD = 500


class CommentRefused(EvergreenError):
    """What somebody wants to say, or to do with a remark, cannot be as it is; the code says why."""


@dataclass(frozen=True, slots=True)
class About:
    """What a remark is about: a field by its key, or a passage of the body of `onto`, not both; neither: all of it.

    `start` is where the passage begins, if that is known; else it is looked up by its words, `quote`.
    `replacement` is what is suggested in its place (None: nothing is).
    """

    field: str = ""
    quote: str = ""
    start: int | None = None
    onto: Revision | None = None
    replacement: str | None = None


ALL = About()


@dataclass(frozen=True, slots=True)
class Said:
    """By whom a remark is: somebody of the desk, or whoever came by a link under the name that they gave."""

    by: User | None = None
    link: OutsideLink | None = None
    outside_name: str = ""


def may_comment(post: Post, person: User) -> bool:
    """Whether `person` may remark on `post`: who sees it, and may change or review it."""
    return may(person, "posts.view_post", post.collection_id) and any(
        person.has_perm(f"posts.{codename}") for codename in (CHANGE_POST, REVIEW_POST)
    )


@transaction.atomic
def comment(post: Post, text: str, about: About = ALL, *, by: User) -> Comment:
    """Remark on `post`; whom the post concerns, and whoever is named in `text` as @username, is told.

    Raises `CommentRefused`.
    """
    _require_may(post, by)
    return say(post, text, about, Said(by=by))


@transaction.atomic
def say(post: Post, text: str, about: About, said: Said) -> Comment:
    """As `comment`, for a caller that has asked itself whether they may."""
    words = _checked(text, wanted=about.replacement is None)
    if about.replacement is not None and not (about.field or about.quote):
        raise CommentRefused("suggestion_nowhere")
    if about.field and about.quote.strip():
        raise CommentRefused("field_and_passage")
    if len(about.replacement or "") > LONGEST_PASSAGE or len(about.quote) > LONGEST_PASSAGE:
        raise CommentRefused("passage_too_long", limit=LONGEST_PASSAGE)
    post = lock(post)
    onto = about.onto if about.onto is not None and about.onto.post_id == post.pk else post.present
    passage = _anchored(about, onto) if about.quote and not about.field else None
    if about.field and about.replacement is not None:
        _require_suggestible(about.field)
    made = Comment.objects.create(
        post=post,
        by=said.by,
        link=said.link,
        outside_name=said.outside_name,
        at=timezone.now(),
        text=words,
        field=about.field[:200],
        revision=onto,
        start=passage.start if passage else None,
        end=passage.end if passage else None,
        quote=passage.quote if passage else "",
        replacement=plain(about.replacement) if about.replacement is not None else None,
    )
    _tell(made, concerned_by(post))
    return made


@transaction.atomic
def reply(to: Comment, text: str, *, by: User) -> Comment:
    """Answer the remark `to`; everybody of its thread, and whoever is named, is told. Raises `CommentRefused`."""
    root = to.parent or to
    _require_may(root.post, by)
    answer = Comment.objects.create(post=root.post, parent=root, by=by, at=timezone.now(), text=_checked(text))
    said_before = Comment.objects.filter(parent=root).select_related("by")
    _tell(answer, [root.by, *(each.by for each in said_before)])
    return answer


@transaction.atomic
def resolve(remark: Comment, *, by: User) -> Comment:
    """Say that nothing is left to do about `remark`. Raises `CommentRefused`."""
    _require_may(remark.post, by)
    remark = locked(remark)
    if remark.resolved_at is not None:
        raise CommentRefused("remark_settled")
    return settle_remark(remark, None, by=by)


@transaction.atomic
def reopen(remark: Comment, *, by: User) -> Comment:
    """Say that something is left to do about `remark` after all. Raises `CommentRefused`."""
    _require_may(remark.post, by)
    remark = locked(remark)
    remark.resolved_at = remark.resolved_by = remark.applied = None
    remark.save(update_fields=["resolved_at", "resolved_by", "applied"])
    return remark


def settle_remark(remark: Comment, applied: Revision | None, *, by: User) -> Comment:
    """Note that `by` settled `remark`, a locked row; `applied` is the text that its suggestion went into."""
    remark.resolved_at, remark.resolved_by, remark.applied = timezone.now(), by, applied
    remark.save(update_fields=["resolved_at", "resolved_by", "applied"])
    return remark


def locked(remark: Comment) -> Comment:
    """The row as it is now, locked for the rest of the transaction. Raises `CommentRefused` for a reply."""
    now = Comment.objects.select_for_update().get(pk=remark.pk)
    if now.parent_id is not None:
        raise CommentRefused("no_thread")
    return now


def passage_now(remark: Comment, body: str) -> Passage | None:
    """Where the passage of `remark` stands in `body`, a plain text; None if it was changed, or there is none."""
    if remark.start is None or remark.end is None or remark.revision is None:
        return None
    before = Passage(remark.start, remark.end, remark.quote)
    return carried_over(before, body_of(remark.revision), body)


def passages_now(remarks: Sequence[Comment], body: str) -> dict[int, Passage]:
    """Where the passages of `remarks` stand in `body`, by the remark's key, without those that were changed."""
    texts = Revision.objects.in_bulk({each.revision_id for each in remarks if each.start is not None})
    bodies = {pk: body_of(revision) for pk, revision in texts.items()}
    there: dict[int, Passage] = {}
    for each in remarks:
        if each.start is None or each.end is None or each.revision_id is None:
            continue
        now = carried_over(Passage(each.start, each.end, each.quote), bodies[each.revision_id], body)
        if now is not None:
            there[each.pk] = now
    return there


def body_of(revision: Revision | None) -> str:
    """The body of a text as passages are counted in it; "" for one that cannot be read."""
    try:
        return plain(Document.from_text(revision.text).body) if revision is not None else ""
    except DocumentError:
        return ""


def _anchored(about: About, onto: Revision | None) -> Passage:
    body, quote = body_of(onto), plain(about.quote)
    if about.start is not None:
        there = Passage(about.start, about.start + len(quote), quote)
        if there.stands_in(body):
            return there
    several = False
    for seek, words in ((found, quote), (found, quote.strip()), (found_as_shown, quote)):
        passage, more = seek(words, body)
        if passage is not None:
            return passage
        several = several or more
    raise CommentRefused("passage_several" if several else "passage_missing")


def _require_suggestible(key: str) -> None:
    if key in fields.WRITTEN_BY_TRANSITIONS:
        raise CommentRefused("written_by_transitions")
    if key not in fields.BY_KEY:
        raise CommentRefused("suggestion_nowhere")


def _require_may(post: Post, by: User) -> None:
    if not may_comment(post, by):
        raise CommentRefused("no_permission")


def _checked(text: str, *, wanted: bool = True) -> str:
    words = plain(text).replace("\0", "").strip()
    if not words and wanted:
        raise CommentRefused("comment_empty")
    if len(words) > LONGEST:
        raise CommentRefused("comment_too_long", limit=LONGEST)
    return words


def _tell(made: Comment, concerned: Iterable[User | None]) -> None:
    """Tell of `made` whoever is named in it, whoever made the link that it came by, and `concerned`; each once."""
    post, told = made.post, called(made.by) or made.outside_name
    words = (made.text or made.replacement or "")[:_LONGEST_TOLD]
    facts = {"by": told, "text": words, "remark": made.parent_id or made.pk}
    reached: set[int] = set()
    # Outsiders name nobody.
    if made.by is not None and "@" in made.text:
        named = mentioned_in(made.text, who_may_be_named(post))
        reached |= tell(named, "mention", post=post, facts=facts, by=made.by)
    if made.link is not None:
        reached |= tell([made.link.made_by], "outside_remark", post=post, facts=facts)
    code = "replied" if made.parent_id else "remarked" if made.replacement is None else "suggested"
    tell(concerned, code, post=post, facts=facts, by=made.by, but=reached)
