"""The page on which a conflict is settled: who did what, the questions, the answers so far."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q
from django.forms import BoundField
from django.utils.translation import gettext as _

from posts.admin.conflict_form import SettlingForm
from posts.admin.conflict_questions import Question, Stretch, settled_stretches
from posts.admin.post_history import sections
from posts.disputes import FILE, OURS, THEIRS, Dispute
from posts.models import Conflict, Problem
from posts.settling import refusals_to_settle
from posts.wording import worded, worded_refusals
from posts.workflow import PUBLISH_POST


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two who changed the post: what they are called here, what they did, and when."""

    side: str
    title: str
    did: str
    all_button: str
    rest_button: str
    at: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """A question with the answer so far."""

    number: int
    question: Question
    chosen: str
    third: BoundField | None
    moved: bool
    missing: bool
    focused: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """What can become of a whole file."""

    value: str
    title: str
    does: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a file cannot be read, with its line as far as it is known."""

    words: str
    line: int | None
    text: str


def context_of(
    dispute: Dispute, questions: Sequence[Question], form: SettlingForm, person: User, missing: Sequence[str] = ()
) -> dict[str, Any]:
    """Everything the page shows."""
    conflict = dispute.conflict
    ours, theirs = sides_of(dispute, person)
    first_missing = next((each.name for each in questions if each.name in missing), None)
    rows = [
        Row(
            number,
            question,
            chosen=form.chosen(question.name),
            third=form[f"text:{question.name}"] if question.has_third else None,
            moved=question.name in form.moved,
            missing=question.name in missing,
            focused=question.name == first_missing,
        )
        for number, question in enumerate(questions)
    ]
    passages = [row for row in rows if row.question.is_passage]
    is_file = [question.name for question in questions] == [FILE]
    return {
        "conflict": conflict,
        "dispute": dispute,
        "form": form,
        "sides": (ours, theirs),
        "ours": ours,
        "theirs": theirs,
        "explanation": _explanation(dispute, ours, theirs, person),
        "refused": reasons(dispute, person),
        "rows": rows,
        "keys": [row for row in rows if not row.question.is_passage and not is_file],
        "passages": passages,
        "body": list(_body(dispute, passages)),
        "open_count": len(rows),
        "chosen_count": sum(bool(row.chosen) for row in rows),
        "file": rows[0] if is_file else None,
        "options": _options(dispute, ours, theirs) if is_file else [],
        "faults": list(_faults(conflict)) if conflict.kind == Conflict.Kind.UNREADABLE else [],
        "sections": _whole_difference(dispute) if is_file else [],
        "nothing_open": not questions,
    }


def sides_of(dispute: Dispute, person: User) -> tuple[Side, Side]:
    """Who changed the post here, and who is the other."""
    conflict = dispute.conflict
    is_form = conflict.kind == Conflict.Kind.FORM
    present = conflict.post.present
    mine = is_form or (present is not None and present.by_id == person.pk)
    here = dispute.ours_by or _("The text here")
    there = dispute.theirs_by or (_("The text as it is now") if is_form else _("Somebody outside"))
    everything, rest = _("Everything from %(name)s"), _("The rest from %(name)s")
    ours = Side(
        OURS,
        _("Yours") if mine else here,
        _("typed here, not saved yet") if is_form else _("saved here"),
        _("All mine") if mine else everything % {"name": here},
        _("The rest: mine") if mine else rest % {"name": here},
        dispute.ours_at,
    )
    if is_form:
        did = _("saved here meanwhile")
    elif conflict.kind == Conflict.Kind.DELETED and dispute.theirs is None:
        did = _("deleted outside")
    else:
        did = _("changed outside")
    buttons = everything % {"name": there}, rest % {"name": there}
    return ours, Side(THEIRS, there, did, *buttons, dispute.theirs_at)


def reasons(dispute: Dispute, person: User) -> str:
    """Why this person can only read it; "" for somebody who may settle it."""
    refusals = refusals_to_settle(dispute, person)
    if refusals and all(refusal.facts.get("permission") == PUBLISH_POST for refusal in refusals):
        return _("This decides whether the post is on the site, which takes somebody who may publish. Ask a Publisher.")
    return worded_refusals(refusals)


def moved_words(moved: dict[str, bool], ours: Side, theirs: Side) -> str:
    """Which side changed while somebody was choosing, and by whom."""
    told = []
    if moved[OURS]:
        told.append(_("%(name)s: %(did)s, while you were choosing.") % {"name": ours.title, "did": ours.did})
    if moved[THEIRS]:
        told.append(_("%(name)s: %(did)s, while you were choosing.") % {"name": theirs.title, "did": theirs.did})
    return " ".join(told)


def _explanation(dispute: Dispute, ours: Side, theirs: Side, person: User) -> list[str]:
    """What happened, and what is to be done about it."""
    conflict, kind = dispute.conflict, Conflict.Kind
    names = {"ours": dispute.ours_by or _("Somebody"), "theirs": theirs.title}
    by_you = conflict.post.present is not None and conflict.post.present.by_id == person.pk
    waits = _("Until it is settled, this post is not sent anywhere; every other post goes its way.")
    keeps = _("What you do not choose stays in the history.")
    if conflict.kind == kind.FORM:
        if conflict.base_id is None:
            first = _("Nobody knows which text yours was made from, so every difference between the two is shown.")
        else:
            first = _("While you were writing, %(theirs)s saved the same part of this post. Nothing you typed is lost.")
        return [first % names, _("Only you can settle this; the post stays as it is until you do."), keeps]
    if conflict.kind == kind.DELETED and dispute.theirs is None:
        return [_("%(theirs)s deleted this post outside, while it was being changed here.") % names, waits]
    if conflict.kind == kind.DELETED:
        return [_("This post was removed here, and %(theirs)s changed it outside since.") % names, waits]
    if conflict.kind == kind.UNREADABLE:
        return [_("%(theirs)s changed this post outside, and it cannot be read any more.") % names, waits]
    if dispute.merged is None:
        first = (
            _("You and %(theirs)s both changed this post, and the two cannot be brought together part by part.")
            if by_you
            else _(
                "%(ours)s and %(theirs)s both changed this post, and the two cannot be brought together part by part."
            )
        )
        return [first % names, keeps, waits]
    if conflict.kind == kind.CREATED_TWICE:
        first = (
            _("You made this post here, and %(theirs)s made one in the same place outside.")
            if by_you
            else _("%(ours)s made this post here, and %(theirs)s made one in the same place outside.")
        )
        return [first % names, _("What only one of the two says is in it already."), keeps, waits]
    first = (
        _("You and %(theirs)s changed the same part of this post, each differently.")
        if by_you
        else _("%(ours)s and %(theirs)s changed the same part of this post, each differently.")
    )
    return [first % names, _("Everything else that either of the two wrote is in it already."), keeps, waits]


def _body(dispute: Dispute, passages: Sequence[Row]) -> Iterator[tuple[list[Stretch], Row | None]]:
    """The body in order: settled text, or an open passage."""
    pieces = dispute.body.pieces if dispute.body is not None else ()
    for piece in settled_stretches(pieces):
        yield ([], passages[piece]) if isinstance(piece, int) else (piece, None)


def _options(dispute: Dispute, ours: Side, theirs: Side) -> list[Option]:
    conflict, kind = dispute.conflict, Conflict.Kind
    if conflict.kind == kind.DELETED and dispute.theirs is None:
        return [
            Option(OURS, _("Keep the post"), _("Its file is sent again with the next sync.")),
            Option(THEIRS, _("Let it go"), _("The post is archived. Its history is kept, and it can be brought back.")),
        ]
    if conflict.kind == kind.DELETED:
        keep = _("Keep it as %(name)s has it") % {"name": theirs.title}
        return [
            Option(OURS, _("Remove it all the same"), _("Its file goes with the next sync. The history is kept.")),
            Option(THEIRS, keep, _("The post is here again, with that text.")),
        ]
    if conflict.kind == kind.UNREADABLE:
        return [Option(OURS, _("Keep the text here"), _("It is sent in the place of the one that cannot be read."))]
    take = _("Take the whole text of %(name)s")
    mine = _("Take my whole text")
    return [
        Option(OURS, mine if ours.title == _("Yours") else take % {"name": ours.title}, ours.did),
        Option(THEIRS, take % {"name": theirs.title}, theirs.did),
    ]


def _faults(conflict: Conflict) -> Iterator[Fault]:
    post = conflict.post
    lines = conflict.unreadable.replace("\r\n", "\n").split("\n")
    about = Q(post=post) | Q(collection=post.collection_id, path=post.path)
    for problem in Problem.objects.filter(about, blocks=True).order_by("line", "pk"):
        text = lines[problem.line - 1] if problem.line and problem.line <= len(lines) else ""
        yield Fault(worded(problem.code, problem.facts), problem.line, text)


def _whole_difference(dispute: Dispute) -> list[Any]:
    """What the two whole texts differ in: for a deleted post, what was changed in it last."""
    if dispute.theirs is None:
        return list(sections(dispute.base.text, dispute.ours.text))
    if dispute.conflict.kind == Conflict.Kind.DELETED:
        return list(sections(dispute.base.text, dispute.theirs.text))
    return list(sections(dispute.ours.text, dispute.theirs.text))
