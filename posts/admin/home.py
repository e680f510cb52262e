"""The first page: what waits for this person, and nothing that they cannot act on."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Case, F, IntegerField, Q, QuerySet, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from posts.access import Counted, is_limited, within
from posts.admin.alerts import shown_alerts
from posts.admin.collections import run_address, with_counts
from posts.admin.home_charts import by_state, last_weeks
from posts.admin.home_lately import lately
from posts.admin.home_news import last_visit, new_from_outside, wants_introduction
from posts.admin.notices import unseen_notices
from posts.admin.plan_words import site_time
from posts.admin.post_panel import step_address
from posts.admin.post_words import STEPS, overdue
from posts.admin.problems import KINDS
from posts.admin.reading import RUN_COLOURS, ago, asking, list_where, post_address, posts_where
from posts.check_words import name_of_finding
from posts.checks import Severity
from posts.models import Collection, Conflict, Finding, Post, Problem, Schedule, Sync
from posts.notifying import called
from posts.requests import stands_in_for
from posts.workflow import State, Transition

LIMIT = 10
_SOON = datetime.timedelta(days=30)


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


@dataclass(frozen=True)
class Card:
    """Things of one kind to act on, the first of them, and where all of them are."""

    title: str
    icon: str
    address: str
    lines: list[Line] = field(default_factory=list)

    @property
    def more(self) -> bool:
        """Whether there are more than are shown."""
        return len(self.lines) > LIMIT

    @property
    def shown(self) -> list[Line]:
        """What is shown."""
        return self.lines[:LIMIT]

    @property
    def count(self) -> str:
        """How many, as far as was counted."""
        return f"{LIMIT}+" if self.more else str(len(self.lines))


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the first page shows to whoever asks; the number of queries does not depend on the number of posts."""
    person = request.user
    collections, counted = _collections(person), Counted(person)
    context.update(
        title=_("Home"),
        alerts=shown_alerts(asking(request)),
        notices=unseen_notices(asking(request)),
        cards=[card for card in _cards(person, last_visit(request), counted) if card.lines],
        welcome=wants_introduction(asking(request)),
        states=by_state(counted) if person.has_perm("posts.view_post") else [],
        work=last_weeks(asking(request)) if person.has_perm("posts.view_event") else None,
        collections=collections,
        practice=next((each for each in collections if each.practice), None),
        run_colours=RUN_COLOURS,
        events=lately(asking(request), counted),
        may_connect=person.has_perm("posts.add_collection") and not is_limited(person),
        may_sync=person.has_perm("posts.sync_collection"),
        has_posts=any(collection.post_count for collection in collections),
    )
    return context


def _cards(person: Any, before: datetime.datetime, counted: Counted) -> Iterable[Card]:
    """What waits, by what this person may do: `yield` keeps what they may not from being asked for."""
    if person.has_perm("posts.change_post"):
        yield Card(_("Not saved yet: somebody else had saved meanwhile"), "edit_off", "", _own_forms(person))
        yield Card(
            _("Changes were asked for"),
            "edit_note",
            posts_where(state__exact=State.CHANGES_REQUESTED),
            _posts(_mine(person, State.CHANGES_REQUESTED, counted)),
        )
        yield Card(
            _("Your drafts"),
            "draft",
            posts_where(state__exact=State.DRAFT),
            _posts(_mine(person, State.DRAFT, counted)),
        )
    if person.has_perm("posts.submit_post"):
        yield Card(
            _("New from the repository, and nobody’s"),
            "fiber_new",
            posts_where(untouched=1, assignee="nobody"),
            _posts(new_from_outside(before, counted)),
        )
    if person.has_perm("posts.review_post"):
        waiting = within(person, Post.objects.filter(state=State.IN_REVIEW))
        mine = Q(reviewer__in=stands_in_for(person))
        yield Card(
            _("You are asked to review"),
            "assignment_ind",
            posts_where(state__exact=State.IN_REVIEW, reviewer="me"),
            _reviews(waiting.filter(mine)),
        )
        yield Card(
            _("Waiting for review"),
            "rate_review",
            posts_where(state__exact=State.IN_REVIEW),
            _reviews(counted.of(waiting.exclude(mine & Q(reviewer__isnull=False))), submitter=person),
        )
    if person.has_perm("posts.publish_post"):
        yield Card(
            _("Approved, waiting for publication"),
            "task_alt",
            posts_where(state__exact=State.APPROVED),
            _posts(counted.of(Post.objects.filter(state=State.APPROVED)).order_by("changed_at", "pk")),
        )
    if person.has_perm("posts.review_post"):
        yield Card(
            _("Changed in the repository, not looked at"),
            "published_with_changes",
            posts_where(outside=1),
            _posts(
                counted.of(Post.objects.filter(changed_outside_at__isnull=False)).order_by("-changed_outside_at", "-pk")
            ),
        )
        yield Card(
            _("Published, not yet checked by a second person"),
            "visibility",
            posts_where(unchecked_since__isnull="False"),
            _posts(counted.of(Post.objects.filter(unchecked_since__isnull=False)).order_by("unchecked_since", "pk")),
        )
    if person.has_perm("posts.change_post") and person.has_perm("posts.view_conflict"):
        yield Card(_("Changed on both sides"), "call_split", list_where("conflict"), _conflicts(counted))
    if person.has_perm("posts.review_post"):
        yield Card(
            _("Evergreen, to be looked at again soon"),
            "eco",
            posts_where(state__exact=State.EVERGREEN, review_by__lte=timezone.localdate() + _SOON),
            _evergreen(counted),
        )
    if person.has_perm("posts.change_post"):
        yield Card(
            _("Found by the checks since your last visit"),
            "fact_check",
            list_where("finding", found_at__gte=before.isoformat()),
            _findings(counted, before),
        )
        yield Card(_("Scheduled"), "schedule", reverse("admin:posts_post_calendar"), _scheduled(counted))
    if person.has_perm("posts.change_post") and person.has_perm("posts.view_problem"):
        yield Card(_("Problems in files"), "error", list_where("problem"), _problems(counted))


def _mine(person: User, state: State, counted: Counted) -> QuerySet[Post]:
    """Posts in `state` of which this person wrote the text or asked for the review, or that they work on."""
    mine = Post.objects.filter(Q(present__by=person) | Q(submitted_by=person) | Q(assignee=person), state=state)
    return counted.of(mine).order_by("-changed_at", "-pk")


def _review_address(pk: int) -> str:
    return reverse("admin:posts_post_review", args=[pk])


def _reviews(posts: QuerySet[Post], submitter: User | None = None) -> list[Line]:
    """What waits for a review: what is due first, then what waits longest."""
    today, lines = timezone.localdate(), []
    rows = posts.select_related("reviewer").order_by(F("review_due").asc(nulls_last=True), "changed_at", "pk")
    names = ("title", "path", "changed_at", "submitted_by", "review_due")
    people = ("reviewer__first_name", "reviewer__last_name", "reviewer__username")
    for post in rows.only(*names, *people)[: LIMIT + 1]:
        late = overdue(post.review_due, today)
        label = _("late") if late else ""
        if not late and submitter is not None:
            label = _("yours") if post.submitted_by_id == submitter.pk else called(post.reviewer)
        day = date_format(post.review_due, "DATE_FORMAT") if post.review_due else ""
        beside = _("by %(day)s") % {"day": day} if day else ago(post.changed_at)
        lines.append(Line(str(post), _review_address(post.pk), beside, label, "danger" if late else ""))
    return lines


def _posts(posts: QuerySet[Post]) -> list[Line]:
    rows = posts.only("title", "path", "changed_at", "live")[: LIMIT + 1]
    return [Line(str(post), post_address(post.pk), ago(post.changed_at)) for post in rows]


def _evergreen(counted: Counted) -> list[Line]:
    today = timezone.localdate()
    posts = counted.of(Post.objects.filter(state=State.EVERGREEN, review_by__lte=today + _SOON)).order_by(
        "review_by", "pk"
    )
    lines = []
    for post in posts.only("title", "path", "review_by", "present_id")[: LIMIT + 1]:
        due = post.review_by is not None and post.review_by <= today
        lines.append(
            Line(
                str(post),
                post_address(post.pk),
                date_format(post.review_by, "DATE_FORMAT") if post.review_by else "",
                _("due") if due else "",
                "warning",
                step_address(post, Transition.CONFIRM),
                str(post.present_id),
            )
        )
    return lines


def _scheduled(counted: Counted) -> list[Line]:
    plans = counted.of(Schedule.objects.open(), "post__collection").select_related("post").order_by("at", "pk")
    return [
        Line(
            str(plan.post),
            post_address(plan.post_id),
            site_time(plan.at),
            _("not approved") if _lacks_approval(plan) else STEPS[plan.transition].button,
            "warning" if _lacks_approval(plan) else "",
        )
        for plan in plans.only("transition", "at", "post__title", "post__path", "post__state")[: LIMIT + 1]
    ]


def _lacks_approval(plan: Schedule) -> bool:
    return plan.transition == Transition.PUBLISH and plan.post.state != State.APPROVED


def _conflicts(counted: Counted) -> list[Line]:
    return _to_settle(counted.of(Conflict.objects.holding(), "post__collection"), _("held back"))


def _own_forms(person: User) -> list[Line]:
    return _to_settle(within(person, Conflict.objects.forms_of(person.pk), "post__collection"), _("yours"))


def _to_settle(conflicts: QuerySet[Conflict], label: str) -> list[Line]:
    return [
        Line(
            str(each.post),
            reverse("admin:posts_conflict_change", args=[each.pk]),
            ago(each.opened_at),
            label,
            "warning",
        )
        for each in conflicts.select_related("post").order_by("-opened_at", "-pk")[: LIMIT + 1]
    ]


def _problems(counted: Counted) -> list[Line]:
    # What blocks first; the newest, because the oldest have been seen often enough.
    rows = counted.of(Problem.objects.all()).order_by("-blocks", "-pk").only("path", "line", "code", "blocks")
    return [
        Line(
            _place(problem),
            reverse("admin:posts_problem_change", args=[problem.pk]),
            str(KINDS.get(problem.code, problem.code)),
            _("blocks") if problem.blocks else "",
            "danger",
        )
        for problem in rows[: LIMIT + 1]
    ]


def _findings(counted: Counted, since: datetime.datetime) -> list[Line]:
    """What texts brought since then, the worst first; advice is for whoever edits the text."""
    new = Finding.objects.new(since).exclude(severity=Severity.ADVICE)
    found = counted.of(new, "post__collection")
    worst = Case(*(When(severity=each, then=place) for place, each in enumerate(Severity)), output_field=IntegerField())
    rows = found.select_related("post").order_by(worst, "-found_at", "-pk")
    colours = {Severity.BREAKS: "danger", Severity.WRONG: "warning"}
    return [
        Line(
            name_of_finding(row.code),
            reverse("admin:posts_post_findings", args=[row.post_id]),
            str(row.post)[:40],
            Finding.Level(row.severity).label,
            colours.get(Severity(row.severity), ""),
        )
        for row in rows.only("code", "severity", "post__title", "post__path")[: LIMIT + 1]
    ]


def _place(problem: Problem) -> str:
    name = problem.path.rpartition("/")[2]
    return f"{name}:{problem.line}" if problem.line else name


def _collections(person: Any) -> list[Any]:
    """The collections with how they are, and the address of each one's newest run."""
    if not person.has_perm("posts.view_collection"):
        return []
    collections: list[Any] = list(
        with_counts(within(person, Collection.objects.order_by("practice", "name"), "pk"))[:LIMIT]
    )
    for collection in collections:
        collection.synced_ago = ago(collection.synced_at)
        collection.posts_address = posts_where(collection__id__exact=collection.pk)
        if collection.newest_pk is not None:
            collection.newest_label = Sync.State(collection.newest_state).label
            collection.newest_colour = RUN_COLOURS[collection.newest_state]
            collection.newest_address = run_address(collection.newest_pk)
    return collections
