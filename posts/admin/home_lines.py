"""The lines of the first page's cards: the first few of each list, each from one `Question` that an index answers."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Case, DateField, DateTimeField, IntegerField, QuerySet, When
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from posts.access import Counted
from posts.admin.plan_words import site_time
from posts.admin.post_words import STEPS, overdue
from posts.admin.problems import KINDS
from posts.admin.reading import post_address
from posts.check_words import name_of_finding
from posts.checks import Severity
from posts.models import Conflict, Finding, Post, Problem, Schedule, Whence
from posts.moments import ago, day_of
from posts.notifying import called
from posts.questions import Given, Question
from posts.workflow import State, Transition
from posts.worklists import REVIEW_ORDER, asked_of, theirs

LIMIT = 10
SOON = datetime.timedelta(days=30)
TOLD = tuple(each for each in Severity if each is not Severity.ADVICE)
"""How bad a finding is that is told here; advice is for whoever edits the text."""


@dataclass(frozen=True)
class Line:
    """One thing to act on."""

    title: str
    address: str
    beside: SafeString | str = ""
    label: Any = ""
    colour: str = ""
    confirm: str = ""
    seen: str = ""


_ME = Given("me", IntegerField())
_SINCE = Given("since", DateTimeField())
_DAY = Given("day", DateField())
_POST = ("pk", "title", "path", "changed_at")


def _first(posts: QuerySet[Post], *order: Any) -> QuerySet[Any]:
    return posts.order_by(*order).values_list(*_POST)[: LIMIT + 1]


def _mine_in(state: State, counted: Counted) -> QuerySet[Any]:
    return _first(counted.of(Post.objects.filter(pk__in=theirs(_ME, state=state))), "-changed_at", "-pk")


def _new_and_nobodys(counted: Counted) -> QuerySet[Any]:
    drafts = counted.of(Post.objects.filter(state=State.DRAFT, assignee=None, ever_live=False, created_at__gt=_SINCE))
    return _first(drafts.filter(present__whence=Whence.IMPORT), "-created_at", "-pk")


def _in_review(asked: bool, absent: frozenset[int], counted: Counted) -> QuerySet[Any]:
    waiting, mine = Post.objects.filter(state=State.IN_REVIEW), asked_of(_ME, absent)
    waiting = counted.visible(waiting.filter(mine)) if asked else counted.of(waiting.exclude(mine))
    people = (f"reviewer__{name}" for name in ("first_name", "last_name", "username"))
    rows = waiting.order_by(*REVIEW_ORDER)
    return rows.values_list(*_POST, "submitted_by", "review_due", "reviewer", *people)[: LIMIT + 1]


def _due(counted: Counted) -> QuerySet[Any]:
    posts = counted.of(Post.objects.filter(state=State.EVERGREEN, review_by__lte=_DAY)).order_by("review_by", "pk")
    return posts.values_list("pk", "title", "path", "review_by", "present")[: LIMIT + 1]


def _planned(counted: Counted) -> QuerySet[Any]:
    plans = counted.of(Schedule.objects.open(), "post__collection").order_by("at", "pk")
    return plans.values_list("post", "post__title", "post__path", "post__state", "transition", "at")[: LIMIT + 1]


def _to_settle(conflicts: QuerySet[Conflict]) -> QuerySet[Any]:
    rows = conflicts.order_by("-opened_at", "-pk").values_list("pk", "post__title", "post__path", "opened_at")
    return rows[: LIMIT + 1]


def _found(counted: Counted) -> QuerySet[Any]:
    new = Finding.objects.open().filter(found_at__gte=_SINCE, severity__in=TOLD)
    worst = Case(*(When(severity=each, then=place) for place, each in enumerate(Severity)), output_field=IntegerField())
    rows = counted.of(new, "post__collection").order_by(worst, "-found_at", "-pk")
    return rows.values_list("code", "severity", "post", "post__title", "post__path")[: LIMIT + 1]


def _in_files(counted: Counted) -> QuerySet[Any]:
    # What blocks first; the newest, because the oldest have been seen often enough.
    rows = counted.of(Problem.objects.all()).order_by("-blocks", "-pk")
    return rows.values_list("pk", "path", "line", "code", "blocks")[: LIMIT + 1]


_MINE = Question(_mine_in)
_NEW = Question(_new_and_nobodys)
_IN_REVIEW = Question(_in_review)
_APPROVED = Question(lambda counted: _first(counted.of(Post.objects.filter(state=State.APPROVED)), "changed_at", "pk"))
_OUTSIDE = Question(
    lambda counted: _first(
        counted.of(Post.objects.filter(changed_outside_at__isnull=False)), "-changed_outside_at", "-pk"
    )
)
_UNCHECKED = Question(
    lambda counted: _first(counted.of(Post.objects.filter(unchecked_since__isnull=False)), "unchecked_since", "pk")
)
_DUE = Question(_due)
_PLANNED = Question(_planned)
_HOLDING = Question(lambda counted: _to_settle(counted.of(Conflict.objects.holding(), "post__collection")))
_FORMS = Question(
    lambda counted: _to_settle(
        counted.visible(Conflict.objects.unsettled(), "post__collection").filter(kind=Conflict.Kind.FORM, owner=_ME)
    )
)
_FOUND = Question(_found)
_PROBLEMS = Question(_in_files)


def mine(person: User, state: State, counted: Counted) -> list[Line]:
    """Posts in `state` of which this person wrote the text or asked for the review, or that they work on."""
    return _posts(_MINE.ask(state, counted, me=person.pk))


def new_and_nobodys(since: datetime.datetime, counted: Counted) -> list[Line]:
    """Drafts that came from the repository after `since` and that nobody has in hand or wrote in; newest first."""
    return _posts(_NEW.ask(counted, since=since))


def asked_of_me(person: User, absent: frozenset[int], counted: Counted) -> list[Line]:
    """What waits for a review by this person or by one of the `absent`, for whom they stand in, in its order."""
    return _reviews(_IN_REVIEW.ask(True, absent, counted, me=person.pk), None)


def waiting_for_review(person: User, absent: frozenset[int], counted: Counted) -> list[Line]:
    """What waits for a review by anybody else, in the same order."""
    return _reviews(_IN_REVIEW.ask(False, absent, counted, me=person.pk), person)


def approved(counted: Counted) -> list[Line]:
    """What may be published, the longest waiting first."""
    return _posts(_APPROVED.ask(counted))


def changed_outside(counted: Counted) -> list[Line]:
    """What a push changed while it was live and nobody looked at since, the newest first."""
    return _posts(_OUTSIDE.ask(counted))


def unchecked(counted: Counted) -> list[Line]:
    """What left without a second pair of eyes, the longest waiting first."""
    return _posts(_UNCHECKED.ask(counted))


def _posts(rows: Iterable[tuple[Any, ...]]) -> list[Line]:
    return [Line(title or path, post_address(pk), ago(changed)) for pk, title, path, changed in rows]


def _reviews(rows: Iterable[tuple[Any, ...]], submitter: User | None) -> list[Line]:
    today, lines = timezone.localdate(), []
    for pk, title, path, changed, submitted_by, review_due, reviewer, first, last, username in rows:
        late = overdue(review_due, today)
        label = _("late") if late else ""
        if not late and submitter is not None:
            asked = User(first_name=first, last_name=last, username=username) if reviewer is not None else None
            label = _("yours") if submitted_by == submitter.pk else called(asked)
        beside = _("by %(day)s") % {"day": day_of(review_due)} if review_due else ago(changed)
        address = reverse("admin:posts_post_review", args=[pk])
        lines.append(Line(title or path, address, beside, label, "danger" if late else ""))
    return lines


def evergreens_due(counted: Counted) -> list[Line]:
    """Evergreen posts that are to be looked at again soon, each with a button for "still right"."""
    today = timezone.localdate()
    return [
        Line(
            title or path,
            post_address(pk),
            day_of(review_by),
            _("due") if review_by <= today else "",
            "warning",
            reverse("admin:posts_post_step", args=[pk, Transition.CONFIRM]),
            str(present),
        )
        for pk, title, path, review_by, present in _DUE.ask(counted, day=today + SOON)
    ]


def scheduled(counted: Counted) -> list[Line]:
    """What is to happen next at a date and time."""
    lines = []
    for pk, title, path, state, transition, at in _PLANNED.ask(counted):
        lacks = transition == Transition.PUBLISH and state != State.APPROVED
        label = _("not approved") if lacks else STEPS[transition].button
        lines.append(Line(title or path, post_address(pk), site_time(at), label, "warning" if lacks else ""))
    return lines


def held_back(counted: Counted) -> list[Line]:
    """The newest of the conflicts that hold back their post."""
    return _conflicts(_HOLDING.ask(counted), _("held back"))


def own_forms(person: User, counted: Counted) -> list[Line]:
    """What this person typed onto a text that somebody else had changed meanwhile."""
    return _conflicts(_FORMS.ask(counted, me=person.pk), _("yours"))


def _conflicts(rows: Iterable[tuple[Any, ...]], label: str) -> list[Line]:
    return [
        Line(title or path, reverse("admin:posts_conflict_change", args=[pk]), ago(opened), label, "warning")
        for pk, title, path, opened in rows
    ]


def problems(counted: Counted) -> list[Line]:
    """What is wrong with files."""
    lines = []
    for pk, path, line, code, blocks in _PROBLEMS.ask(counted):
        name = path.rpartition("/")[2]
        place, kind = f"{name}:{line}" if line else name, str(KINDS.get(code, code))
        address = reverse("admin:posts_problem_change", args=[pk])
        lines.append(Line(place, address, kind, _("blocks") if blocks else "", "danger"))
    return lines


def findings(counted: Counted, since: datetime.datetime) -> list[Line]:
    """What texts brought since then, the worst first."""
    colours = {Severity.BREAKS: "danger", Severity.WRONG: "warning"}
    return [
        Line(
            name_of_finding(code),
            reverse("admin:posts_post_findings", args=[pk]),
            (title or path)[:40],
            Finding.Level(severity).label,
            colours.get(Severity(severity), ""),
        )
        for code, severity, pk, title, path in _FOUND.ask(counted, since=since)
    ]
