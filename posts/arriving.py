"""What a file that arrived from git does to its post: taken, known as our own, or held back (DESIGN §2.7, §3)."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.utils import timezone

from posts import fields, workflow
from posts.conflicts import close_conflict, open_conflict
from posts.document.document import Document
from posts.fields import FieldValue, Reading
from posts.models import Collection, Conflict, Event, Outcome, Post, Revision, Whence
from posts.reviewdates import first_review_by
from posts.saving import NOT_IN_GIT, GitText, TextChange, record
from posts.workflow import State

_Result = Outcome.Result


@dataclass(slots=True)
class Arrival:
    """One file of git's as it was read: a document, or the code and facts of why it is none; neither if it is gone."""

    path: str
    old_path: str
    blob: str = ""
    document: Document | None = None
    text: str = ""
    code: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    author_name: str = ""
    author_email: str = ""
    by: User | None = None
    at: datetime.datetime = field(default_factory=timezone.now)
    commit: str = ""
    reading: Reading | None = None

    @property
    def gone(self) -> bool:
        """Whether git has no file there any more."""
        return not self.blob and not self.code


def arrive(
    collection: Collection,
    post: Post | None,
    arrival: Arrival,
    returned: Mapping[tuple[int, str], Revision],
) -> tuple[TextChange | None, Outcome]:
    """Decide what `arrival` does to `post` (None: no post has that place yet).

    Gives the text to write, if there is one, and the outcome to report. What needs no new text is recorded here.
    `returned` holds our own newer texts by post and blob. Runs in the transaction of the caller.
    """
    if arrival.document is None or arrival.code:
        return None, _unreadable(post, arrival)
    if post is None:
        return _new(collection, arrival)
    if post.git_blob == arrival.blob and post.git_path == arrival.path:
        return None, _outcome(post, arrival, _Result.SAME)
    git = GitText(arrival.blob, arrival.path, arrival.document.truthy("draft"))
    place = _place(post, arrival)
    moved = post.git_path not in ("", arrival.path)
    known = returned.get((post.pk, arrival.blob))
    if post.base is not None and post.base.blob == arrival.blob:
        known = post.base
    if known is not None:
        close_conflict(post, at=arrival.at)
        record(post, place, git=git, base=known)
        return None, _outcome(post, arrival, _Result.RENAMED if moved else _Result.SAME)
    if _nothing_of_ours(post):
        close_conflict(post, at=arrival.at)
        change = _taken(post, arrival, git, place)
        return change, _outcome(post, arrival, _Result.RENAMED if moved else _Result.CHANGED)
    kind = Conflict.Kind.TEXT if post.git_blob else Conflict.Kind.CREATED_TWICE
    return None, _hold(post, arrival, kind, git, place)


def vanish(post: Post, *, at: datetime.datetime, by: User | None) -> Outcome:
    """Git has no file of `post` any more: archive it without a write, or hold it if it was changed here."""
    outcome = Outcome(post=post, path=post.git_path or post.path, result=_Result.DELETED)
    if not post.git_path:
        outcome.result = _Result.SAME
    elif post.removed:
        record(post, git=NOT_IN_GIT)
    elif _nothing_of_ours(post) or post.state == State.ARCHIVED:
        close_conflict(post, at=at)
        _import_event(post, State.ARCHIVED, at=at, by=by)
        facts = {"state": State.ARCHIVED, "cleared": None, "approved": None, "approved_by": None}
        record(post, facts, git=NOT_IN_GIT)
    else:
        open_conflict(post, Conflict.Kind.DELETED, at=at)
        record(post, git=NOT_IN_GIT)
        outcome.result = _Result.HELD
    return outcome


def _new(collection: Collection, arrival: Arrival) -> tuple[TextChange, Outcome]:
    post = Post(collection=collection, path=arrival.path)
    git = GitText(arrival.blob, arrival.path, _document(arrival).truthy("draft"))
    state = _mapped(arrival)
    change = _change(post, arrival, git, {"state": state, **_review_by(collection, arrival, state)})
    return change, _outcome(post, arrival, _Result.NEW)


def _taken(post: Post, arrival: Arrival, git: GitText, place: Mapping[str, object]) -> TextChange:
    """Theirs becomes the present text, since there is nothing of ours beside git's."""
    values = _values(arrival)
    flipped = post.draft != values["draft"] or post.status != values["status"] or not post.git_blob
    state = workflow.after_import(
        State(post.state),
        ours_beside_git=False,
        draft_or_status_changed=flipped,
        mapped=_mapped(arrival),
        text_changed=True,
    )
    facts: dict[str, object] = {"state": state, **place}
    if state != State.APPROVED:
        facts |= {"approved": None, "approved_by": None}
    if state == State.EVERGREEN and post.review_by is None:
        facts |= _review_by(post.collection, arrival, state)
    if post.live or not git.says_draft:
        facts["changed_outside_at"] = arrival.at
    _import_event(post, state, at=arrival.at, by=arrival.by)
    return _change(post, arrival, git, facts)


def _change(post: Post, arrival: Arrival, git: GitText, facts: Mapping[str, object]) -> TextChange:
    return TextChange(
        post=post,
        document=_document(arrival),
        whence=Whence.IMPORT,
        by=arrival.by,
        at=arrival.at,
        author_name=arrival.author_name,
        author_email=arrival.author_email,
        commit=arrival.commit,
        becomes_cleared=True,
        git=git,
        facts=facts,
        reading=_reading(arrival),
    )


def _hold(post: Post, arrival: Arrival, kind: str, git: GitText, place: Mapping[str, object]) -> Outcome:
    open_conflict(
        post,
        kind,
        theirs=_document(arrival).text,
        theirs_blob=arrival.blob,
        theirs_author=arrival.author_name,
        theirs_commit=arrival.commit,
        at=arrival.at,
    )
    outside = {"changed_outside_at": arrival.at} if post.live or not git.says_draft else {}
    record(post, {**place, **outside}, git=git)
    return _outcome(post, arrival, _Result.HELD)


def _unreadable(post: Post | None, arrival: Arrival) -> Outcome:
    """The file is a problem; a post that had a readable one is held with both texts."""
    if post is not None and post.git_blob != (arrival.blob or "-"):
        open_conflict(
            post,
            Conflict.Kind.UNREADABLE,
            theirs=arrival.text,
            theirs_blob=arrival.blob,
            theirs_author=arrival.author_name,
            theirs_commit=arrival.commit,
            at=arrival.at,
        )
        # Whether the site still shows it cannot be read: what was live stays so, and nothing leaves unreviewed.
        record(post, git=GitText(arrival.blob, post.git_path or arrival.path, not post.live))
    outcome = _outcome(post, arrival, _Result.PROBLEM)
    outcome.code, outcome.facts = arrival.code, arrival.facts
    return outcome


def _nothing_of_ours(post: Post) -> bool:
    """Whether neither the present text nor the place says anything that git's does not.

    A post that is archived and has no place in git gives way to a new delivery; its history keeps its texts.
    """
    if post.state == State.ARCHIVED and not post.git_blob and not post.pending:
        return True
    return (
        post.base_id is not None
        and post.present_id == post.base_id
        and post.cleared_id in (None, post.base_id)
        and not post.removed
        and post.path == (post.git_path or post.path)
    )


def _place(post: Post, arrival: Arrival) -> dict[str, object]:
    """A rename there is followed, unless the post was given another place here meanwhile."""
    return {"path": arrival.path} if post.path == post.git_path or not post.git_path else {}


def _mapped(arrival: Arrival) -> State:
    values = _values(arrival)
    return workflow.mapped(bool(values["draft"]), str(values["status"]))


def _review_by(collection: Collection, arrival: Arrival, state: State) -> dict[str, object]:
    if state != State.EVERGREEN:
        return {}
    written = fields.day(str(_values(arrival)["date"]))
    today = datetime.datetime.now(tz=datetime.UTC).date()
    return {"review_by": first_review_by(written, collection.review_months, today=today, spread=arrival.path)}


def _import_event(post: Post, state: State, *, at: datetime.datetime, by: User | None) -> None:
    if state != post.state:
        Event.objects.create(
            post=post, transition="import", from_state=post.state, to_state=state, revision=post.present, by=by, at=at
        )


def _values(arrival: Arrival) -> dict[str, FieldValue]:
    return _reading(arrival)[0]


def _reading(arrival: Arrival) -> Reading:
    if arrival.reading is None:
        arrival.reading = fields.read(_document(arrival))
    return arrival.reading


def _document(arrival: Arrival) -> Document:
    if arrival.document is None:
        raise ValueError(arrival.path)
    return arrival.document


def _outcome(post: Post | None, arrival: Arrival, result: str) -> Outcome:
    return Outcome(post=post, path=arrival.path, result=result)
