"""The first page: what waits for this person, and nothing that they cannot act on."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from posts.access import Counted, is_limited
from posts.admin import home_lines
from posts.admin.alerts import shown_alerts
from posts.admin.collections import run_address
from posts.admin.home_charts import Stock, by_state, last_weeks, stock_of
from posts.admin.home_lately import lately
from posts.admin.home_lines import LIMIT, Line
from posts.admin.home_news import last_visit, wants_introduction
from posts.admin.notices import unseen_notices
from posts.admin.reading import RUN_COLOURS, asking, list_where, posts_where
from posts.models import Collection, Sync
from posts.moments import ago
from posts.questions import Question
from posts.standing_in import stands_in_for
from posts.workflow import State


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
    person = asking(request)
    counted = Counted(person)
    stock = stock_of(counted)
    collections = _collections(person, counted, stock)
    context.update(
        title=_("Home"),
        alerts=shown_alerts(person),
        notices=unseen_notices(person),
        cards=[card for card in _cards(person, last_visit(request), counted) if card.lines],
        welcome=wants_introduction(person),
        states=by_state(stock, counted) if person.has_perm("posts.view_post") else [],
        work=last_weeks(counted) if person.has_perm("posts.view_event") else None,
        collections=collections[:LIMIT],
        more_collections=max(len(collections) - LIMIT, 0),
        practice=next((each for each in collections if each.practice), None),
        run_colours=RUN_COLOURS,
        events=lately(asking(request), counted),
        may_connect=person.has_perm("posts.add_collection") and not is_limited(person),
        may_sync=person.has_perm("posts.sync_collection"),
        has_posts=any(collection.post_count for collection in collections),
    )
    return context


def _cards(person: User, before: datetime.datetime, counted: Counted) -> Iterable[Card]:
    """What waits, by what this person may do: `yield` keeps what they may not from being asked for."""
    if person.has_perm("posts.change_post"):
        forms = home_lines.own_forms(person, counted)
        yield Card(_("Not saved yet: somebody else had saved meanwhile"), "edit_off", "", forms)
        yield Card(
            _("Changes were asked for"),
            "edit_note",
            posts_where(state__exact=State.CHANGES_REQUESTED, mine=1),
            home_lines.mine(person, State.CHANGES_REQUESTED, counted),
        )
        yield Card(
            _("Your drafts"),
            "draft",
            posts_where(state__exact=State.DRAFT, mine=1),
            home_lines.mine(person, State.DRAFT, counted),
        )
    if person.has_perm("posts.submit_post"):
        yield Card(
            _("New from the repository, and nobody’s"),
            "fiber_new",
            posts_where(untouched=1, assignee="nobody", created_at__gt=before.isoformat()),
            home_lines.new_and_nobodys(before, counted),
        )
    if person.has_perm("posts.review_post"):
        absent = stands_in_for(person.pk)
        yield Card(
            _("You are asked to review"),
            "assignment_ind",
            posts_where(state__exact=State.IN_REVIEW, reviewer="me"),
            home_lines.asked_of_me(person, absent, counted),
        )
        yield Card(
            _("Waiting for review"),
            "rate_review",
            posts_where(state__exact=State.IN_REVIEW, reviewer="others"),
            home_lines.waiting_for_review(person, absent, counted),
        )
    if person.has_perm("posts.publish_post"):
        yield Card(
            _("Approved, waiting for publication"),
            "task_alt",
            posts_where(state__exact=State.APPROVED),
            home_lines.approved(counted),
        )
    if person.has_perm("posts.review_post"):
        yield Card(
            _("Changed in the repository, not looked at"),
            "published_with_changes",
            posts_where(outside=1),
            home_lines.changed_outside(counted),
        )
        yield Card(
            _("Published, not yet checked by a second person"),
            "visibility",
            posts_where(unchecked_since__isnull="False"),
            home_lines.unchecked(counted),
        )
    if person.has_perm("posts.change_post") and person.has_perm("posts.view_conflict"):
        conflicts = home_lines.held_back(counted)
        yield Card(_("Changed on both sides"), "call_split", list_where("conflict"), conflicts)
    if person.has_perm("posts.review_post"):
        yield Card(
            _("Evergreen, to be looked at again soon"),
            "eco",
            posts_where(state__exact=State.EVERGREEN, review_by__lte=timezone.localdate() + home_lines.SOON),
            home_lines.evergreens_due(counted),
        )
    if person.has_perm("posts.change_post"):
        yield Card(
            _("Found by the checks since your last visit"),
            "fact_check",
            list_where("finding", found_at__gte=before.isoformat(), severity__in=",".join(home_lines.TOLD)),
            home_lines.findings(counted, before),
        )
        yield Card(_("Scheduled"), "schedule", reverse("admin:posts_post_calendar"), home_lines.scheduled(counted))
    if person.has_perm("posts.change_post") and person.has_perm("posts.view_problem"):
        yield Card(_("Problems in files"), "error", list_where("problem"), home_lines.problems(counted))


def _newest_runs(counted: Counted) -> QuerySet[Any]:
    newest = Sync.objects.filter(collection=OuterRef("pk")).order_by("-pk")
    rows = counted.visible(Collection.objects.order_by("practice", "name"), "pk").annotate(
        newest_pk=Subquery(newest.values("pk")[:1]), newest_state=Subquery(newest.values("state")[:1])
    )
    return rows.values_list("pk", "name", "practice", "synced_at", "newest_pk", "newest_state")


_COLLECTIONS = Question(_newest_runs)


@dataclass(frozen=True, slots=True)
class ShownCollection:
    """A collection with how it is, and the address of its newest run, if there is one."""

    pk: int
    name: str
    practice: bool
    synced_at: datetime.datetime | None
    newest_pk: int | None
    newest_state: str
    post_count: int

    @property
    def synced_ago(self) -> SafeString | str:
        """How long ago the last sync went through."""
        return ago(self.synced_at)

    @property
    def posts_address(self) -> str:
        """Where its posts are listed."""
        return posts_where(collection__id__exact=self.pk)

    @property
    def newest_label(self) -> str:
        """What became of the newest run."""
        return str(Sync.State(self.newest_state).label)

    @property
    def newest_colour(self) -> str:
        """The colour of that."""
        return RUN_COLOURS[self.newest_state]

    @property
    def newest_address(self) -> str:
        """Where the newest run is."""
        return run_address(self.newest_pk) if self.newest_pk is not None else ""


def _collections(person: User, counted: Counted, stock: Stock) -> list[ShownCollection]:
    if not person.has_perm("posts.view_collection"):
        return []
    return [
        ShownCollection(pk, name, practice, synced_at, newest_pk, newest_state, stock.of(pk))
        for pk, name, practice, synced_at, newest_pk, newest_state in _COLLECTIONS.ask(counted)
    ]
