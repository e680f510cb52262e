"""What a file that arrived from git does to its post: taken, merged, known as our own, or held (DESIGN §2.7, §3)."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils import timezone

from posts import fields, pushed_states
from posts.approvals import without_approval
from posts.arrivals import Arrival
from posts.conflicts import Holding, OtherSide, close_conflict, held, open_conflict
from posts.document.document import Document
from posts.document.errors import MergeRefused
from posts.events import record_event
from posts.fields import FieldValue, Reading
from posts.merging import BroughtTogether, bring_together, document_of, leaves_by_itself
from posts.models import Collection, Conflict, Outcome, Post, Revision, Whence
from posts.notifying import tell
from posts.places import change_place
from posts.reviewdates import first_review_by
from posts.saving import NOT_IN_GIT, GitText, TextChange, record
from posts.workflow import State

_Result = Outcome.Result
_ON_SITE = (State.PUBLISHED, State.EVERGREEN)


@dataclass(slots=True)
class Decision:
    """What an arrival leads to: the texts to write, the outcome to report, and the conflict to open once they are."""

    outcome: Outcome
    changes: tuple[TextChange, ...] = ()
    opens: str = ""
    base: Revision | None = None
    open_one: Conflict | None = None
    pushed_by: Sequence[int] = ()


def arrive(
    collection: Collection,
    post: Post | None,
    arrival: Arrival,
    returned: Mapping[tuple[int, str], Revision],
) -> Decision:
    """Decide what `arrival` does to `post` (None: no post has that place yet).

    What needs no new text is recorded here; the rest is for the caller to write, in the same transaction, and then to
    `conclude`. `returned` holds our own newer texts by post and blob.
    """
    if arrival.document is None or arrival.code:
        return Decision(_unreadable(post, arrival))
    if post is None:
        return _new(collection, arrival)
    if post.git_blob == arrival.blob and post.git_path == arrival.path:
        return Decision(_outcome(post, arrival, _Result.SAME))
    git = GitText(arrival.blob, arrival.path, arrival.document.truthy("draft"))
    known, holding = returned.get((post.pk, arrival.blob)), Holding(post)
    if post.git_text is not None and post.git_text.blob == arrival.blob and holding.conflict is None:
        known = post.git_text
    if known is not None and not holding.is_passed and not _gave_way(post):
        return Decision(_recognised(post, arrival, git, known))
    if _nothing_of_ours(post):
        if post.git_text is not None and post.git_text.blob != post.git_blob:
            arrival.add_writers(holding.pushed_by)
        close_conflict(post, at=arrival.at)
        return _taken(post, arrival, git)
    return _merged(post, arrival, git, holding)


def give_back_place(post: Post, arrival: Arrival) -> None:
    """Somebody else's file stands where `post` was to be moved: it stays where git has it."""
    change_place(post, post.git_path, by=None, at=arrival.at)


def conclude(decision: Decision, revisions: list[Revision]) -> Outcome:
    """Finish `decision` now that its texts are the stored `revisions`: open its conflict, and give its outcome."""
    outcome = decision.outcome
    for change, revision in zip(decision.changes, revisions, strict=True):
        if change.becomes_present:
            outcome.after = revision
        if decision.opens and change.git is not None and outcome.post is not None:
            arrived = OtherSide(
                revision,
                blob=revision.blob,
                author=revision.who,
                commit=revision.commit,
                at=revision.at,
                pushed_by=decision.pushed_by,
            )
            conflict = open_conflict(
                outcome.post, decision.opens, arrived, base=decision.base, open_one=decision.open_one
            )
        elif decision.opens:
            conflict.passes = revision
            conflict.save(update_fields=["passes"])
    return outcome


def vanish(post: Post, *, at: datetime.datetime, by: User | None, author: str = "") -> Outcome:
    """Git has no file of `post` any more: archive it without a write, or hold it if it was changed here."""
    outcome = Outcome(post=post, path=post.git_path or post.path, result=_Result.DELETED, before=post.present)
    if not post.git_path:
        outcome.result = _Result.SAME
    elif post.removed:
        close_conflict(post, at=at)
        record(post, git=NOT_IN_GIT)
    elif _nothing_of_ours(post) or post.state == State.ARCHIVED:
        close_conflict(post, at=at)
        outcome.facts = {"state": post.state}
        facts = {"state": State.ARCHIVED, "cleared": None, **without_approval(post, because_of=author, at=at)}
        _import_event(post, State.ARCHIVED, at=at, by=by)
        record(post, facts, git=NOT_IN_GIT)
    else:
        open_conflict(
            post, Conflict.Kind.DELETED, OtherSide(author=author, at=at), base=post.git_text, open_one=held(post)
        )
        record(post, _back_to_review(post, at=at, by=author), git=NOT_IN_GIT)
        outcome.result = _Result.HELD
    return outcome


def _new(collection: Collection, arrival: Arrival) -> Decision:
    post = Post(collection=collection, path=arrival.path)
    git = GitText(arrival.blob, arrival.path, arrival.parsed.truthy("draft"))
    state = _mapped(arrival.values)
    change = _theirs(post, arrival, git, {"state": state, **_review_by(collection, arrival, state)})
    return Decision(_outcome(post, arrival, _Result.NEW), (change,))


def _recognised(post: Post, arrival: Arrival, git: GitText, known: Revision) -> Outcome:
    """Our own text comes back: what was sent before a crash, say. What was cleared before it has left as well."""
    close_conflict(post, at=arrival.at)
    facts = _place(post, arrival)
    if post.cleared is None or post.cleared.number < known.number:
        facts["cleared"] = known
        if not git.says_draft:
            # Nothing here let it go: somebody else put on the site what they saw here.
            facts |= _put_on_the_site(post, arrival, known)
    elif not git.says_draft and post.state not in _ON_SITE and post.present_id == post.cleared_id == known.pk:
        # Others set the repository back to it: nothing unreviewed stands beside what the site shows.
        facts |= _put_on_the_site(post, arrival, known)
    moved = post.git_path not in ("", arrival.path)
    outcome = _outcome(post, arrival, _Result.RENAMED if moved else _Result.SAME)
    record(post, facts, git=git, git_text=known)
    return outcome


def _put_on_the_site(post: Post, arrival: Arrival, known: Revision) -> dict[str, object]:
    facts = _outside(post, arrival)
    if known.pk == post.present_id:
        state = _mapped(arrival.values)
        _import_event(post, state, at=arrival.at, by=arrival.by)
        facts |= {"state": state, **without_approval(post, because_of=arrival.author_name, at=arrival.at)}
    return facts


def _taken(post: Post, arrival: Arrival, git: GitText) -> Decision:
    """Theirs becomes the present text, since there is nothing of ours beside git's."""
    values = arrival.values
    state = pushed_states.after_import(
        State(post.state),
        ours_beside_git=False,
        draft_or_status_changed=post.draft != values["draft"] or post.status != values["status"] or not post.git_blob,
        mapped=_mapped(values),
        text_changed=True,
    )
    if not git.says_draft and state not in _ON_SITE:
        # What was changed here the push has as well: nothing unreviewed stands beside what the site shows.
        state = _mapped(values)
    # A file that was removed here and is delivered anew must not be removed once more.
    facts: dict[str, object] = {"state": state, "removed": False, **_place(post, arrival)}
    if state != State.APPROVED:
        facts |= without_approval(post, because_of=arrival.author_name, at=arrival.at)
    if state == State.EVERGREEN and post.review_by is None:
        facts |= _review_by(post.collection, arrival, state)
    if post.live or not git.says_draft:
        facts |= _outside(post, arrival)
    _import_event(post, state, at=arrival.at, by=arrival.by)
    moved = post.git_path not in ("", arrival.path)
    outcome = _outcome(post, arrival, _Result.RENAMED if moved else _Result.CHANGED)
    return Decision(outcome, (_theirs(post, arrival, git, facts),))


def _merged(post: Post, arrival: Arrival, git: GitText, holding: Holding) -> Decision:
    """Both sides have something new: brought together field by field, or held where they clash."""
    # What was pushed before, and is held, stands in what arrives now, whoever pushed this.
    arrival.add_writers(holding.pushed_by)
    base = holding.conflict.base if holding.conflict is not None else post.git_text
    if post.removed:
        return _held(post, arrival, git, Conflict.Kind.DELETED, base, holding)
    try:
        together = bring_together(post, base, arrival.parsed)
    except MergeRefused:
        return _held(post, arrival, git, Conflict.Kind.UNMERGEABLE, base, holding)
    if together.conflicts:
        kind = Conflict.Kind.TEXT if base is not None else Conflict.Kind.CREATED_TWICE
        return _held(post, arrival, git, kind, base, holding)
    close_conflict(post, at=arrival.at)
    if together.present == arrival.parsed:
        return _taken(post, arrival, git)
    return _brought_together(post, arrival, git, base, together)


def _brought_together(
    post: Post, arrival: Arrival, git: GitText, base: Revision | None, together: BroughtTogether
) -> Decision:
    read = fields.read(together.present)
    before, theirs = fields.read(document_of(base))[0], arrival.values
    state = pushed_states.after_import(
        State(post.state),
        ours_beside_git=True,
        draft_or_status_changed=any(before[key] != theirs[key] for key in ("draft", "status")),
        mapped=_mapped(read[0]),
        text_changed=True,
    )
    if state in _ON_SITE and together.present != together.cleared:
        state = State.DRAFT  # what nobody reviewed stands beside what the site shows
    facts: dict[str, object] = {"state": state, **_place(post, arrival)}
    if state != State.APPROVED:
        facts |= without_approval(post, because_of=arrival.author_name, at=arrival.at)
    if post.live or not git.says_draft or not together.cleared.truthy("draft"):
        facts |= _outside(post, arrival)
    _import_event(post, state, at=arrival.at, by=arrival.by)
    leaves_theirs = together.cleared == arrival.parsed
    changes = [_theirs(post, arrival, git, facts, beside=True, leaves=leaves_theirs)]
    merge = _ours_with_theirs(post, arrival, together.present, reading=read)
    if not leaves_theirs and together.cleared != together.present:
        cleared = _ours_with_theirs(post, arrival, together.cleared)
        cleared.becomes_present, cleared.beside, cleared.becomes_cleared = False, True, True
        # What a bulk step did leaves with it as one, with theirs below it.
        cleared.bulk_step = post.cleared.bulk_step if post.cleared else None
        changes.append(cleared)
    elif not leaves_theirs:
        merge.becomes_cleared = True
        merge.bulk_step = post.cleared.bulk_step if post.cleared else None
    return Decision(_outcome(post, arrival, _Result.MERGED), (*changes, merge))


def _held(post: Post, arrival: Arrival, git: GitText, kind: str, base: Revision | None, holding: Holding) -> Decision:
    """Both texts stay as they are; theirs is kept beside ours until somebody settles it."""
    outside = _outside(post, arrival) if post.live or not git.says_draft else {}
    facts = {**_place(post, arrival), **outside, **_back_to_review(post, at=arrival.at, by=arrival.author_name)}
    passing = holding.is_passed
    nothing_leaves = not passing and not post.removed and not leaves_by_itself(post, base)
    changes = [_theirs(post, arrival, git, facts, beside=True, leaves=nothing_leaves)]
    if passing:
        # What takes the post off the site leaves in spite of the conflict, and so it is written onto what is there now.
        keep = document_of(post.cleared).values
        off = {key: keep[key] for key in fields.WRITTEN_BY_TRANSITIONS if key in keep}
        taken_off = _ours_with_theirs(post, arrival, arrival.parsed.replace(off, key_order=fields.KEY_ORDER))
        taken_off.becomes_present, taken_off.beside, taken_off.becomes_cleared = False, True, True
        changes.append(taken_off)
    outcome = _outcome(post, arrival, _Result.HELD)
    return Decision(outcome, tuple(changes), kind, base, holding.conflict, arrival.pushed_by())


def _theirs(
    post: Post,
    arrival: Arrival,
    git: GitText,
    facts: Mapping[str, object],
    *,
    beside: bool = False,
    leaves: bool = True,
) -> TextChange:
    """Git's text as a revision: the post's own, or kept beside it."""
    return TextChange(
        post=post,
        document=arrival.parsed,
        whence=Whence.IMPORT,
        by=arrival.by,
        co_writers=arrival.co_writers,
        at=arrival.at,
        author_name=arrival.author_name,
        author_email=arrival.author_email,
        commit=arrival.commit,
        becomes_present=not beside,
        beside=beside,
        becomes_cleared=leaves,
        git=git,
        facts=facts,
        reading=None if beside else arrival.read(),
    )


def _ours_with_theirs(
    post: Post, arrival: Arrival, document: Document, *, reading: Reading | None = None
) -> TextChange:
    """A merged text: what is new in it came from whoever pushed."""
    return TextChange(
        post=post,
        document=document,
        whence=Whence.MERGE,
        by=arrival.by,
        co_writers=arrival.co_writers,
        at=arrival.at,
        author_name=arrival.author_name,
        author_email=arrival.author_email,
        reading=reading,
    )


def _unreadable(post: Post | None, arrival: Arrival) -> Outcome:
    """The file is a problem; a post that had a readable one is held with both texts."""
    if post is not None and post.git_blob != (arrival.blob or "-"):
        other = OtherSide(
            None,
            arrival.text,
            arrival.blob,
            author=arrival.author_name,
            commit=arrival.commit,
            at=arrival.at,
            pushed_by=arrival.pushed_by(),
        )
        open_conflict(post, Conflict.Kind.UNREADABLE, other, base=post.git_text, open_one=held(post))
        # Whether the site still shows it cannot be read: what was live stays so, and nothing leaves unreviewed.
        record(
            post,
            _back_to_review(post, at=arrival.at, by=arrival.author_name),
            git=GitText(arrival.blob, post.git_path or arrival.path, not post.live),
        )
    outcome = _outcome(post, arrival, _Result.PROBLEM)
    outcome.code, outcome.facts = arrival.code, arrival.facts
    return outcome


def _nothing_of_ours(post: Post) -> bool:
    """Whether neither the present text nor the place says anything that git's does not."""
    if _gave_way(post):
        return True
    return (
        post.git_text_id is not None
        and post.present_id == post.git_text_id
        and post.cleared_id in (None, post.git_text_id)
        and not post.removed
        and post.path == (post.git_path or post.path)
    )


def _gave_way(post: Post) -> bool:
    """Whether it is archived and has no place in git: a new delivery replaces it; its history keeps its texts."""
    return post.state == State.ARCHIVED and not post.git_blob and not post.pending


def _back_to_review(post: Post, *, at: datetime.datetime, by: str) -> dict[str, object]:
    """An approved text that the repository moved on beside is not approved any more; everything else stays."""
    if post.state != State.APPROVED:
        return {}
    _import_event(post, State.IN_REVIEW, at=at, by=None)
    return {"state": State.IN_REVIEW, **without_approval(post, because_of=by, at=at)}


def _outside(post: Post, arrival: Arrival) -> dict[str, object]:
    """That `post` was changed outside of the review while it was on the site; who works on it is told."""
    wrote = post.present.by if post.present is not None else None
    tell(
        [post.assignee, post.submitted_by, wrote],
        "changed_outside",
        post=post,
        facts={"by": arrival.author_name},
        at=arrival.at,
        by=arrival.by,
    )
    return {"changed_outside_at": arrival.at}


def _place(post: Post, arrival: Arrival) -> dict[str, object]:
    """A rename there is followed, unless the post was given another place here meanwhile."""
    return {"path": arrival.path} if post.path == post.git_path or not post.git_path else {}


def _mapped(values: Mapping[str, FieldValue]) -> State:
    return pushed_states.mapped(bool(values["draft"]), str(values["status"]))


def _review_by(collection: Collection, arrival: Arrival, state: State) -> dict[str, object]:
    if state != State.EVERGREEN:
        return {}
    written = fields.day(str(arrival.values["date"]))
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    return {"review_by": first_review_by(written, collection.review_months, today=today, spread=arrival.path)}


def _import_event(post: Post, state: State, *, at: datetime.datetime, by: User | None) -> None:
    if state != post.state:
        record_event(post, "import", by=by, at=at, to_state=state)


def _outcome(post: Post | None, arrival: Arrival, result: str) -> Outcome:
    facts: dict[str, object] = {}
    if post is not None and post.git_path not in ("", arrival.path):
        facts["old_path"] = post.git_path
    return Outcome(post=post, path=arrival.path, result=result, before=post.present if post else None, facts=facts)
