"""An editor's change onto the revision that they opened; a revision restored; a new post (DESIGN §2.8–2.10)."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from posts import fields, replacements, workflow
from posts.access import may
from posts.agreeing import settle_if_agreed
from posts.approvals import without_approval
from posts.checking import check_post
from posts.composing import require_own_address
from posts.document.document import Document
from posts.document.errors import MergeRefused
from posts.errors import EvergreenError
from posts.events import record_event
from posts.merging import document_of, merged
from posts.models import BulkStep, Collection, Conflict, Post, Revision, Whence
from posts.notifying import called
from posts.paths import matcher, path_key, why_unsafe
from posts.places import change_place
from posts.saving import TextChange, write
from posts.situations import lock, may_clear_drafts, permissions_of, text_on_site
from posts.term_changes import moved_out, names_in, written_out
from posts.waking import ask_for_sync
from posts.workflow import PUBLISH_POST, Refusal, Situation, State, Transition
from taxonomy.terms import moved_names, own_names

_TEMPLATE = "---\n" + "".join(f"{each.key}:\n" for each in fields.FIELDS) + "---\n"


class EditForbidden(EvergreenError):
    """This person may not make this change; `refusals` says why."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(refusals[0].code, **refusals[0].facts)
        self.refusals = refusals


class StaleEdit(EvergreenError):
    """Somebody else changed the same keys meanwhile; `keys` names them ("body" among them for the body)."""

    def __init__(self, keys: list[str]) -> None:
        super().__init__("changed_meanwhile", keys=keys)
        self.keys = keys


@transaction.atomic
def edit(
    post: Post, changes: Mapping[str, object], *, body: str | None = None, onto: Revision | None = None, by: User
) -> Post:
    """Write `changes` (known or unknown key to typed value) and `body` into the present text of `post`.

    `onto` is the revision that the editor opened (default: the present one). If the post moved on since, what the
    editor changed is merged into it. Gives the post as it is now; a change of nothing writes nothing.
    Raises `EditForbidden`, `StaleEdit`, `EditRefused`.
    """
    post = lock(post)
    require_may_edit(post, by)
    opened, edited = _edited(post, changes, body, onto)
    return store(post, _carried_over(opened, edited, _present(post)), Whence.EDIT, by)


def brought_in(post: Post, document: Document, *, onto: Revision) -> tuple[Document, tuple[str, ...]]:
    """`document`, typed into a form that was opened on `onto`, with what others saved since; nothing is written.

    Gives the text, and the keys ("body" for the body) that both changed differently: there it has what was typed.
    Raises `MergeRefused` where the two cannot be brought together part by part.
    """
    together = merged(document_of(_own(post, onto)), document, _present(post))
    return together.document, tuple(conflict.field for conflict in together.conflicts)


@transaction.atomic
def edit_text(
    post: Post, document: Document, *, by: User, whence: Whence = Whence.UPLOAD, onto: Revision | None = None
) -> tuple[Post, Conflict | None]:
    """Make `document` the present text as an ordinary edit; `draft` and `status` stay as they are (DESIGN §2.10).

    `onto` is the revision that `document` was made from (default: the present one); if the post moved on since, the
    two are merged as `save_typed` does it, with the same result. Raises `EditForbidden`, `EditRefused`.
    """
    post = lock(post)
    require_may_edit(post, by)
    made_from = onto or post.present
    opened = document_of(made_from)
    keep = {key: opened.values.get(key) for key in fields.WRITTEN_BY_TRANSITIONS if key in opened.keys}
    edited = document.replace(keep, key_order=fields.KEY_ORDER)
    return _saved_or_kept(post, made_from, opened, edited, whence, by)


@transaction.atomic
def save_typed(post: Post, document: Document, *, onto: Revision, by: User) -> tuple[Post, Conflict | None]:
    """Save `document`, which `by` made of the text of `onto`, and never throw any of it away.

    What cannot be merged with what others saved meanwhile is kept as a conflict of `by` alone to settle; everything
    else is saved. Gives the post as it is now, and that conflict. Raises
    `EditForbidden`, also where `draft` or `status` is another one (DESIGN §2.10).
    """
    post = lock(post)
    require_may_edit(post, by)
    opened = document_of(_own(post, onto))
    require_same_decisions(opened, document)
    return _saved_or_kept(post, onto, opened, document, Whence.EDIT, by)


def foreseen(post: Post, document: Document, *, onto: Revision) -> Document:
    """The text that `post` would have if `document`, made of `onto`, was saved now. Raises `StaleEdit`."""
    return _finished(post, _carried_over(document_of(_own(post, onto)), document, _present(post)))


def require_same_decisions(opened: Document, edited: Document) -> None:
    """Raise `EditForbidden` if `edited` says something else than `opened` in a key that transitions alone write."""
    for key in sorted(fields.WRITTEN_BY_TRANSITIONS):
        same = opened.values.get(key) == edited.values.get(key) and (key in opened.keys) == (key in edited.keys)
        if not same or opened.truthy(key) != edited.truthy(key):
            line = edited.line_of(key)
            raise EditForbidden((Refusal("written_by_transitions", {"keys": [key], "line": line}),))


@transaction.atomic
def keep_beside(post: Post, document: Document, *, by: User) -> Conflict:
    """Keep `document`, of which nobody knows which text it started from, for `by` to compare with the present text.

    Every difference is a conflict then; nothing of the post is changed. Raises `EditForbidden`.
    """
    post = lock(post)
    require_may_edit(post, by)
    return _kept_form(post, None, document, by)


def restore_revision(
    post: Post, revision: Revision, *, by: User, onto: Revision | None = None
) -> tuple[Post, Conflict | None]:
    """Bring back the text of `revision` as an ordinary edit onto `onto`, the text that was compared with it.

    Gives and raises what `edit_text` does.
    """
    return edit_text(post, Document.from_text(revision.text), by=by, whence=Whence.RESTORE, onto=onto)


@transaction.atomic
def move(post: Post, path: str, *, by: User) -> Post:
    """Give `post` another place in its collection; it leaves as one commit that renames the file (DESIGN §2.13).

    The address of a post on the site hangs on its path, so of a live post this needs `publish`. So do the images and
    links that its text names beside its own file, so an approval that waits for the publication is lost. Raises
    `EditForbidden`, and `EvergreenError` where no post may stand at `path`.
    """
    post = lock(post)
    require_may_edit(post, by)
    if path == post.path:
        return post
    if (post.live or post.ever_live) and PUBLISH_POST not in permissions_of(by, post.collection_id):
        raise EditForbidden((Refusal("no_permission", {"permission": PUBLISH_POST}),))
    require_free_place(post.collection, path, of=post)
    require_own_address(post.collection, path, post.date, of=post, by=by)
    facts: dict[str, object] = {}
    if post.state == State.APPROVED:
        facts = {**without_approval(post, because_of=called(by), by=by), "state": workflow.after_edit(State.APPROVED)}
    change_place(post, path, by=by, at=timezone.now(), facts=facts)
    if post.pending:
        ask_for_sync(post.collection)
    return post


@transaction.atomic
def create(
    collection: Collection,
    path: str,
    changes: Mapping[str, object],
    *,
    body: str = "",
    start: Document | None = None,
    by: User,
) -> Post:
    """A new post at `path`, a draft, with `changes` made to `start`, by default a file in the customer's style.

    Raises `EvergreenError`, `EditRefused`.
    """
    blank = new_document(start)
    asked = {key: value for key, value in changes.items() if key not in fields.WRITTEN_BY_TRANSITIONS}
    changes = fields.changes_onto(blank, asked)
    if start is None:
        document = filled(blank, changes, body=body)
    else:
        document = blank.replace(changes, body=body, key_order=fields.KEY_ORDER)
    return create_typed(collection, path, document, start=start, by=by)


def new_document(start: Document | None = None) -> Document:
    """What a new post begins as: `start` as a draft, by default a file in the customer's style without any value."""
    empty: dict[str, object] = {}
    if start is None:
        start = Document.from_text(_TEMPLATE)
        empty = {each.key: [] if each.kind is fields.Kind.TERMS else "" for each in fields.FIELDS}
    return start.replace({**empty, "draft": True, "status": "draft"}, key_order=fields.KEY_ORDER)


def filled(blank: Document, changes: Mapping[str, object], *, body: str | None = None) -> Document:
    """`blank`, a file without any value, with `changes`: not in the quotes in which its empty texts stand."""
    bare = blank.replace({key: None for key in changes if blank.values.get(key) == ""})
    return bare.replace(changes, body=body, key_order=fields.KEY_ORDER)


@transaction.atomic
def create_typed(
    collection: Collection, path: str, document: Document, *, start: Document | None = None, by: User
) -> Post:
    """A new post at `path` with the text of `document`, which `by` made of `new_document(start)`.

    Raises `EvergreenError`; `EditForbidden` also where `draft` or `status` is another one (DESIGN §2.10).
    """
    if not may(by, "posts.add_post", collection.pk):
        raise EditForbidden((Refusal("no_permission", {"permission": "add_post"}),))
    require_same_decisions(new_document(start), document)
    require_free_place(collection, path)
    require_own_address(collection, path, fields.day(str(fields.read_one(document, "date") or "")), by=by)
    return create_from(collection, path, document, Whence.EDIT, by=by)


def require_free_place(collection: Collection, path: str, *, of: Post | None = None) -> None:
    """Raise `EvergreenError` unless a post of `collection`, a new one or `of`, may stand at `path`."""
    unsafe = why_unsafe(path)
    if unsafe:
        raise EvergreenError(unsafe, path=path)
    if not matcher(collection.patterns).fullmatch(path):
        raise EvergreenError("outside_globs", path=path, globs=collection.patterns)
    there = Post.objects.filter(collection=collection, path_key=path_key(path))
    if any(post != of for post in there.only("pk")):
        raise EvergreenError("path_taken", path=path)
    # Until its own file has left, the file there is another post's: both would go under one name in git.
    if any(post != of for post in Post.objects.filter(collection=collection, git_path=path).only("pk")):
        raise EvergreenError("place_not_left", path=path)


def create_from(collection: Collection, path: str, document: Document, whence: Whence, *, by: User | None) -> Post:
    """A new post with the text of `document`, a draft in state whatever it says (DESIGN §2.10)."""
    post = Post(collection=collection, path=path)
    clears = document.surely_draft and may_clear_drafts(post)
    write([TextChange(post, document, whence, by=by, becomes_cleared=clears, facts={"state": State.DRAFT})])
    check_post(post)
    if post.pending:
        ask_for_sync(collection)
    return post


def _present(post: Post) -> Document:
    if post.present is None:
        raise EvergreenError("no_text", path=post.path)
    return Document.from_text(post.present.text)


def require_may_edit(post: Post, by: User) -> None:
    """Raise `EditForbidden` unless `by` may change the text of `post`."""
    refusals = workflow.may_edit(Situation(state=State(post.state), permissions=permissions_of(by, post.collection_id)))
    if refusals:
        raise EditForbidden(refusals)


def _edited(
    post: Post, changes: Mapping[str, object], body: str | None, onto: Revision | None
) -> tuple[Document, Document]:
    """The text that an editor opened, and what they made of it."""
    opened = document_of(_own(post, onto)) if onto is not None and onto.pk != post.present_id else _present(post)
    return opened, opened.replace(fields.changes_onto(opened, changes), body=body, key_order=fields.KEY_ORDER)


def _own(post: Post, revision: Revision) -> Revision:
    if revision.post_id != post.pk:
        raise EvergreenError("text_moved")
    return revision


def _carried_over(opened: Document, edited: Document, present: Document) -> Document:
    """What an editor made of the text that they opened, on the text as it is now: the one merge (DESIGN §2.8)."""
    if opened == present:
        return edited
    try:
        together = merged(opened, edited, present)
    except MergeRefused as refused:
        raise StaleEdit([key for key in edited.keys if edited.values[key] != opened.values.get(key)]) from refused
    if together.conflicts:
        raise StaleEdit([conflict.field for conflict in together.conflicts])
    return together.document


def _finished(post: Post, edited: Document) -> Document:
    """What was typed into the form of `post`, with terms under their own names where the collection wants that.

    A text that nobody changed stays as it is.
    """
    if edited == _present(post) or post.collection.aliases != Collection.Aliases.WRITE_OUT:
        return edited
    edited = moved_out(edited, moved_names())
    return written_out(edited, own_names(names_in(edited)))


def _saved_or_kept(
    post: Post, onto: Revision | None, opened: Document, edited: Document, whence: Whence, by: User
) -> tuple[Post, Conflict | None]:
    present = _present(post)
    try:
        together = _carried_over(opened, edited, present)
        return store(post, _finished(post, together) if whence == Whence.EDIT else together, whence, by), None
    except StaleEdit:
        kept = _kept_form(post, onto, edited, by)
    try:
        # What the others wrote stays where both wrote: the rest of what was typed goes in.
        without_clashes = merged(opened, present, edited).document
    except MergeRefused:
        return post, kept
    return store(post, without_clashes, whence, by), kept


def _kept_form(post: Post, onto: Revision | None, edited: Document, by: User) -> Conflict:
    """The text as it was typed, kept beside the post's own until whoever typed it settles it (DESIGN §2.8)."""
    again = Conflict.objects.forms_of(by.pk).filter(post=post, base=onto, ours__blob=edited.blob_id).first()
    if again is not None:
        return again
    [typed] = write([TextChange(post, edited, Whence.EDIT, by=by, becomes_present=False, beside=True)])
    return Conflict.objects.create(
        post=post, kind=Conflict.Kind.FORM, base=onto, ours=typed, owner=by, opened_at=timezone.now()
    )


def store(post: Post, document: Document, whence: Whence, by: User, *, co_writers: Sequence[int] = ()) -> Post:
    """Make `document` the present text of `post`, a locked row; what leaves, and the state, follow from it.

    `co_writers` is what `TextChange` takes. A text that is as it was writes nothing. Raises `EditForbidden` for a
    change of `draft` or `status`.
    """
    if document == _present(post):
        return post
    change = text_change(post, document, whence, by)
    change.co_writers = co_writers
    write([change])
    check_post(post)
    settle_if_agreed(post, by=by)
    if post.pending:
        ask_for_sync(post.collection)
    return post


def text_change(
    post: Post,
    document: Document,
    whence: Whence,
    by: User,
    *,
    is_held: bool | None = None,
    bulk_step: BulkStep | None = None,
) -> TextChange:
    """What `saving` is to write, so that `document` becomes the present text of `post`, a locked row, by an edit.

    Tells those whose approval it takes away, of a `bulk_step` once, so it must be written then. `is_held` is what
    `may_clear_drafts` takes. Raises `EditForbidden` as `store` does.
    """
    now = _present(post)
    touched = [key for key in fields.WRITTEN_BY_TRANSITIONS if document.values.get(key) != now.values.get(key)]
    if touched or document.truthy("draft") != now.truthy("draft"):
        raise EditForbidden((Refusal("written_by_transitions", {"keys": sorted(touched) or ["draft"]}),))
    shown = text_on_site(post)
    facts = without_approval(post, because_of=called(by), by=by, bulk_step=bulk_step)
    clears = False
    if shown is not None and shown.blob == document.blob_id and not replacements.waits(post):
        # An edit that ends at the live text is "discard changes" (DESIGN §3).
        state = State.EVERGREEN if document.values.get("status") == "evergreen" else State.PUBLISHED
        _note_discarded(post, state, by)
    else:
        state = workflow.after_edit(State(post.state))
        clears = document.surely_draft and may_clear_drafts(post, is_held=is_held)
    return TextChange(post, document, whence, by=by, becomes_cleared=clears, facts={**facts, "state": state})


def _note_discarded(post: Post, state: State, by: User) -> None:
    record_event(post, Transition.DISCARD_CHANGES, by=by, to_state=state, revision=text_on_site(post))
