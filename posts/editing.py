"""An editor's change onto the revision that they opened; a revision restored; a new post (DESIGN §2.8–2.10)."""

from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from posts import fields, workflow
from posts.document import Document, merge
from posts.document.errors import MergeRefused
from posts.errors import EvergreenError
from posts.models import Collection, Event, Post, Revision, Whence
from posts.paths import matcher, path_key, why_unsafe
from posts.saving import TextChange, write
from posts.situations import lock, may_clear_drafts, permissions_of, text_on_site
from posts.waking import ask_for_sync
from posts.workflow import Refusal, Situation, State, Transition

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
    _require_may_edit(post, by)
    if onto is not None and onto.post_id != post.pk:
        raise EvergreenError("text_moved")
    document = _present(post)
    opened = Document.from_text(onto.text) if onto is not None and onto.pk != post.present_id else document
    asked = fields.changes_onto(opened, changes)
    edited = opened.replace(asked, body=body, key_order=fields.KEY_ORDER)
    return _store(post, _carried_over(opened, edited, document), Whence.EDIT, by)


@transaction.atomic
def edit_text(post: Post, document: Document, *, by: User, whence: Whence = Whence.UPLOAD) -> Post:
    """Make `document` the present text as an ordinary edit; `draft` and `status` stay as they are (DESIGN §2.10).

    Raises `EditForbidden`, `EditRefused`.
    """
    post = lock(post)
    _require_may_edit(post, by)
    now = _present(post)
    keep = {key: now.values.get(key) for key in fields.WRITTEN_BY_TRANSITIONS if key in now.keys}
    return _store(post, document.replace(keep, key_order=fields.KEY_ORDER), whence, by)


def restore_revision(post: Post, revision: Revision, *, by: User) -> Post:
    """Bring back the text of `revision` as an ordinary edit. Raises `EditForbidden`, `EditRefused`."""
    return edit_text(post, Document.from_text(revision.text), by=by, whence=Whence.RESTORE)


@transaction.atomic
def create(collection: Collection, path: str, changes: Mapping[str, object], *, body: str = "", by: User) -> Post:
    """A new post at `path`, a draft in the style of the customer's files. Raises `EvergreenError`, `EditRefused`."""
    if not by.has_perm("posts.add_post"):
        raise EditForbidden((Refusal("no_permission", {"permission": "add_post"}),))
    require_free_place(collection, path)
    empty = {each.key: [] if each.kind is fields.Kind.TERMS else "" for each in fields.FIELDS}
    asked = {**empty, **{key: value for key, value in changes.items() if key not in fields.WRITTEN_BY_TRANSITIONS}}
    document = Document.from_text(_TEMPLATE).replace({**asked, "draft": True, "status": "draft"}, body=body)
    return create_from(collection, path, document, Whence.EDIT, by=by)


def require_free_place(collection: Collection, path: str) -> None:
    """Raise `EvergreenError` unless a new post of `collection` may stand at `path`."""
    unsafe = why_unsafe(path)
    if unsafe:
        raise EvergreenError(unsafe, path=path)
    if not matcher(collection.patterns).fullmatch(path):
        raise EvergreenError("outside_globs", path=path, globs=collection.patterns)
    if Post.objects.filter(collection=collection, path_key=path_key(path)).exists():
        raise EvergreenError("path_taken", path=path)


def create_from(collection: Collection, path: str, document: Document, whence: Whence, *, by: User | None) -> Post:
    """A new post with the text of `document`, a draft in state whatever it says (DESIGN §2.10)."""
    post = Post(collection=collection, path=path)
    clears = document.surely_draft and may_clear_drafts(post)
    write([TextChange(post, document, whence, by=by, becomes_cleared=clears, facts={"state": State.DRAFT})])
    if post.pending:
        ask_for_sync(collection)
    return post


def _present(post: Post) -> Document:
    if post.present is None:
        raise EvergreenError("no_text", path=post.path)
    return Document.from_text(post.present.text)


def _require_may_edit(post: Post, by: User) -> None:
    refusals = workflow.may_edit(Situation(state=State(post.state), permissions=permissions_of(by)))
    if refusals:
        raise EditForbidden(refusals)


def _carried_over(opened: Document, edited: Document, present: Document) -> Document:
    """What an editor made of the text that they opened, on the text as it is now: the one merge (DESIGN §2.8)."""
    if opened is present:
        return edited
    try:
        merged = merge(opened, edited, present, term_lists=fields.TERM_LISTS)
    except MergeRefused as refused:
        raise StaleEdit([key for key in edited.keys if edited.values[key] != opened.values.get(key)]) from refused
    if merged.conflicts:
        raise StaleEdit([conflict.field for conflict in merged.conflicts])
    return merged.document


def _store(post: Post, document: Document, whence: Whence, by: User) -> Post:
    now = _present(post)
    if document == now:
        return post
    touched = [key for key in fields.WRITTEN_BY_TRANSITIONS if document.values.get(key) != now.values.get(key)]
    if touched or document.truthy("draft") != now.truthy("draft"):
        raise EditForbidden((Refusal("written_by_transitions", {"keys": sorted(touched) or ["draft"]}),))
    shown = text_on_site(post)
    facts: dict[str, object] = {"approved": None, "approved_by": None}
    clears = False
    if shown is not None and shown.blob == document.blob_id:
        # An edit that ends at the live text is "discard changes" (DESIGN §3).
        state = State.EVERGREEN if document.values.get("status") == "evergreen" else State.PUBLISHED
        _note_discarded(post, state, by)
    else:
        state = workflow.after_edit(State(post.state))
        clears = document.surely_draft and may_clear_drafts(post)
    write([TextChange(post, document, whence, by=by, becomes_cleared=clears, facts={**facts, "state": state})])
    if post.pending:
        ask_for_sync(post.collection)
    return post


def _note_discarded(post: Post, state: State, by: User) -> None:
    Event.objects.create(
        post=post,
        transition=Transition.DISCARD_CHANGES,
        from_state=post.state,
        to_state=state,
        revision=text_on_site(post),
        by=by,
        at=timezone.now(),
    )
