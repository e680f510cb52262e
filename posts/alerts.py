"""Alerts: what is wrong now, computed from the rows as they are and never stored, so that each ends with its cause."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, DateTimeField, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from posts.access import may_enter
from posts.heartbeats import last_heartbeat
from posts.models import Build, Collection, Conflict, Outcome, Post, Problem, Profile, Schedule, Sync
from posts.people import people_who_may
from posts.questions import Given, Question, RowQuestion
from posts.runs import some_worker_is_busy

NAMED = 3
"""How many of the posts concerned are named; all are counted."""

SYNC_COLLECTION = "posts.sync_collection"
CHANGE_POST = "posts.change_post"

_SILENCE = datetime.timedelta(minutes=2)
_PATIENCE = datetime.timedelta(minutes=10)
_HOUR = datetime.timedelta(hours=1)
_DAY = datetime.timedelta(days=1)


class Code(StrEnum):
    """The kinds of alerts, the gravest first: they are shown in this order."""

    MACHINERY = "machinery"
    DISK_FULL = "disk_full"
    HOST_KEY = "host_key"
    CREDENTIALS = "refused_credentials"
    NO_REPOSITORY = "no_repository"
    UNRELATED = "unrelated_history"
    BRANCH = "branch_missing"
    UNREACHABLE = "unreachable"
    REFUSED = "push_refused"
    REJECTED = "push_rejected"
    FAILED = "sync_failed"
    BUILD = "build_failed"
    BRAKE = "brake"
    STALE = "nothing_synced"
    SCHEDULES = "schedules_not_done"
    CONFLICTS = "old_conflicts"
    PROBLEMS = "blocking_problems"
    NOBODY = "nobody_told"


OF_SYNC = frozenset(
    {
        Code.DISK_FULL,
        Code.HOST_KEY,
        Code.CREDENTIALS,
        Code.NO_REPOSITORY,
        Code.UNRELATED,
        Code.BRANCH,
        Code.UNREACHABLE,
        Code.REFUSED,
        Code.REJECTED,
        Code.FAILED,
        Code.BRAKE,
    }
)
"""What the newest sync of a collection ran into: nothing of it comes in or goes out."""

OF_EDITORS = frozenset({Code.SCHEDULES, Code.CONFLICTS, Code.PROBLEMS})
"""What whoever may change posts can mend."""

# What is the same to whoever reads must not be told twice.
_SAME: Mapping[str, Code] = {"timeout": Code.UNREACHABLE, "credentials_missing": Code.CREDENTIALS}


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that is wrong now. `key` names it for as long as it lasts; `facts` go into its words.

    `posts` are the first few that it concerns, of `count`; `run` is the key of the sync that met it. `newest` grows
    whenever something new joins it, which is then worth telling again.
    """

    code: Code
    collection: Collection | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    since: datetime.datetime | None = None
    posts: tuple[Post, ...] = ()
    count: int = 0
    run: int | None = None
    newest: int = 0

    @property
    def key(self) -> str:
        """The name by which it is known to be the same one."""
        return f"{self.code}:{self.collection.pk}" if self.collection is not None else str(self.code)


def current_alerts() -> list[Alert]:
    """All that is wrong now, the gravest first. Takes a fixed number of queries, whatever the number of posts.

    Where nothing is wrong one question tells so, and only what it points at is looked into.
    """
    now = timezone.now()
    signs = Signs(*_SIGNS.ask(day_ago=now - _DAY, patience=now - _PATIENCE)[0])
    collections = _WITH_NEWEST_SYNC.ask()
    alerts = [
        *_machinery(collections),
        *(_syncs(collections) if signs.failed else ()),
        *(_builds(collections) if signs.failed_build else ()),
        *_stale(collections),
        *(_schedules(collections) if signs.missed or signs.refused else ()),
        *(_conflicts(collections) if signs.old_conflict else ()),
        *(_problems(collections) if signs.blocking else ()),
        *(_nobody_told(collections) if not signs.told else ()),
    ]
    order = list(Code)
    return sorted(alerts, key=lambda alert: order.index(alert.code))


def visible_to(person: User, alerts: Iterable[Alert]) -> list[Alert]:
    """Those of `alerts` that `person` can act on: all of them, or what concerns an editor's work, or none.

    Nothing of a collection that they may not enter.
    """
    here = [alert for alert in alerts if alert.collection is None or may_enter(person, alert.collection.pk)]
    if person.has_perm(SYNC_COLLECTION):
        return here
    return [alert for alert in here if alert.code in OF_EDITORS and person.has_perm(CHANGE_POST)]


def why_unsent(post: Post) -> Alert | None:
    """What keeps the changes of `post`, a pending one, from being sent now; None if nothing is known to."""
    collections = list(_with_newest_sync(Collection.objects.filter(pk=post.collection_id)))
    return next((alert for alert in [*_machinery(collections), *_syncs(collections, named=False)]), None)


# --- The newest sync


def _telling_syncs() -> QuerySet[Sync]:
    """The ended syncs of an outer collection that tell something, the newest first."""
    ended = Sync.objects.filter(kind=Sync.Kind.SYNC, collection=OuterRef("pk"), ended_at__isnull=False)
    # Whoever stops a sync by hand learns nothing of the remote.
    return ended.exclude(state=Sync.State.STOPPED, error_code__in=("", "stopped")).order_by("-pk")


def _with_newest_sync(collections: QuerySet[Collection]) -> QuerySet[Collection]:
    """With the key of the newest ended sync that tells something, and since when none went through."""
    telling = _telling_syncs()
    collections = collections.annotate(
        newest_pk=Subquery(telling.values("pk")[:1]),
        good_pk=Coalesce(Subquery(telling.filter(error_code="").values("pk")[:1]), 0),
    )
    first = Sync.objects.filter(kind=Sync.Kind.SYNC, collection=OuterRef("pk"), pk__gt=OuterRef("good_pk"))
    first = first.exclude(error_code__in=("", "stopped")).order_by("pk")
    return collections.annotate(failing_since=Subquery(first.values("ended_at")[:1]))


_WITH_NEWEST_SYNC = RowQuestion(
    Collection,
    lambda: _with_newest_sync(Collection.objects.filter(practice=False)),
    "newest_pk",
    "good_pk",
    "failing_since",
)


def _syncs(collections: Sequence[Collection], *, named: bool = True) -> Iterator[Alert]:
    newest = Sync.objects.exclude(error_code="").in_bulk([_of(collection, "newest_pk") for collection in collections])
    failing = [collection for collection in collections if _of(collection, "newest_pk") in newest]
    waiting = _first_of_each(Post.objects.outgoing().filter(collection__in=failing)) if named else {}
    for collection in failing:
        run = newest[_of(collection, "newest_pk")]
        posts, count = waiting.get(collection.pk, ((), 0))
        yield Alert(
            _code_of(run.error_code),
            collection,
            {"branch": collection.branch, **run.error_facts, "error": run.error_code},
            _of(collection, "failing_since") or run.ended_at,
            posts,
            count,
            run.pk,
        )


def _code_of(error_code: str) -> Code:
    known = _SAME.get(error_code, error_code)
    return Code(known) if known in OF_SYNC else Code.FAILED


def _stale(collections: Sequence[Collection]) -> Iterator[Alert]:
    """Collections that no sync went through for an hour, or for twice the time that theirs may be apart."""
    now = timezone.now()
    for collection in collections:
        patience = max(_HOUR, 2 * datetime.timedelta(minutes=collection.sync_minutes))
        since = collection.synced_at or collection.created_at
        if now - since > patience:
            yield Alert(Code.STALE, collection, {"ever": collection.synced_at is not None}, since)


# --- Worker and beat


def _machinery(collections: Sequence[Collection]) -> Iterator[Alert]:
    """Beat asks every few seconds and a worker answers: without an answer one of the two is away."""
    if not collections:
        return
    since = last_heartbeat() or min(collection.created_at for collection in collections)
    if timezone.now() - since > _SILENCE and not some_worker_is_busy():
        yield Alert(Code.MACHINERY, None, {}, since)


# --- Files, texts and the site


def _problems(collections: Sequence[Collection]) -> Iterator[Alert]:
    blocking = _blocking()
    files = dict(blocking.order_by().values_list("collection").annotate(Count("path", distinct=True)))
    rows = blocking.filter(collection__in=files).annotate(
        place=Window(RowNumber(), partition_by=F("collection"), order_by=[F("path").asc(), F("pk").asc()])
    )
    shown = list(rows.filter(place__lte=2 * NAMED).order_by("path", "pk").select_related("post"))
    for collection in collections:
        if collection.pk in files:
            mine = [problem for problem in shown if problem.collection_id == collection.pk]
            paths = list(dict.fromkeys(problem.path for problem in mine if problem.post is None))[:NAMED]
            posts = {problem.post_id: problem.post for problem in mine if problem.post is not None}
            yield Alert(
                Code.PROBLEMS,
                collection,
                {"files": paths},
                None,
                tuple(posts.values())[: NAMED - len(paths)],
                files[collection.pk],
            )


def _conflicts(collections: Sequence[Collection]) -> Iterator[Alert]:
    old = _opened_before(timezone.now() - _DAY)
    spans = old.order_by().values_list("post__collection").annotate(Min("opened_at"), Max("pk"))
    told = {pk: (oldest, newest) for pk, oldest, newest in spans}
    found = _first_of_each(Post.objects.filter(pk__in=old.values("post")))
    for collection in collections:
        if collection.pk in found:
            posts, count = found[collection.pk]
            since, newest = told.get(collection.pk, (None, 0))
            yield Alert(Code.CONFLICTS, collection, {}, since, posts, count, newest=newest)


def _schedules(collections: Sequence[Collection]) -> Iterator[Alert]:
    """Steps that were refused at their hour, or are not done though it has long come."""
    missed, refused = _missed(timezone.now() - _PATIENCE), _refused()
    found = _first_of_each(Post.objects.filter(Q(pk__in=missed.values("post")) | Q(pk__in=refused.values("post"))))
    for collection in collections:
        if collection.pk in found:
            posts, count = found[collection.pk]
            yield Alert(Code.SCHEDULES, collection, {}, None, posts, count)


def _builds_of() -> QuerySet[Build]:
    """The builds of an outer collection, the newest first."""
    return Build.objects.filter(collection=OuterRef("pk")).order_by("-pk")


def _builds(collections: Sequence[Collection]) -> Iterator[Alert]:
    """The newest build of the site failed: with the posts that were sent since the last one that went well."""
    builds = _builds_of()
    good = builds.filter(ok=True)
    told = Collection.objects.annotate(
        build_pk=Subquery(builds.values("pk")[:1]),
        good_commit=Subquery(good.values("commit")[:1]),
        good_at=Subquery(good.values("at")[:1]),
    )
    # A build that went well held what was sent up to its commit, however late its answer came.
    reached = Sync.objects.filter(collection=OuterRef("pk"), after=OuterRef("good_commit"), ended_at__isnull=False)
    told = told.annotate(good_until=Coalesce(Subquery(reached.order_by("pk").values("ended_at")[:1]), "good_at"))
    until = dict(told.values_list("build_pk", "good_until"))
    failed = {build.collection_id: build for build in Build.objects.filter(pk__in=[*until], ok=False)}
    suspects = Q(pk__in=[])
    for pk, build in failed.items():
        sent = Outcome.objects.filter(sync__collection=pk, result=Outcome.Result.SENT)
        if until[build.pk] is not None:
            sent = sent.filter(sync__ended_at__gt=until[build.pk])
        suspects |= Q(collection=pk, pk__in=sent.values("post"))
    found = _first_of_each(Post.objects.filter(suspects)) if failed else {}
    for collection in collections:
        if collection.pk in failed:
            build = failed[collection.pk]
            posts, count = found.get(collection.pk, ((), 0))
            yield Alert(
                Code.BUILD, collection, {"words": build.log, "commit": build.commit[:10]}, build.at, posts, count
            )


# --- Who is told


def people_told() -> QuerySet[User]:
    """Whoever gets alerts by mail: active, of the staff, with an address, and because they want it."""
    wants = Profile.objects.want_alerts()
    return User.objects.filter(is_active=True, is_staff=True, pk__in=wants.values("person")).exclude(email="")


def _able_and_told() -> QuerySet[User]:
    able = people_who_may(SYNC_COLLECTION, None)
    return people_told().filter(pk__in=able.order_by().values("pk"))


def _nobody_told(collections: Sequence[Collection]) -> Iterator[Alert]:
    """That nobody who can act on all alerts gets them; before the first collection there is nothing to tell."""
    if collections:
        yield Alert(Code.NOBODY)


# --- Whether anything is wrong at all


@dataclass(frozen=True, slots=True)
class Signs:
    """What there is that an alert may come of; each may still turn out to be none."""

    failed: bool
    failed_build: bool
    missed: bool
    refused: bool
    old_conflict: bool
    blocking: bool
    told: bool


def _blocking() -> QuerySet[Problem]:
    return Problem.objects.filter(blocks=True)


def _opened_before(moment: Any) -> QuerySet[Conflict]:
    return Conflict.objects.holding().filter(opened_at__lte=moment)


def _missed(moment: Any) -> QuerySet[Schedule]:
    return Schedule.objects.open().filter(at__lte=moment)


def _refused() -> QuerySet[Schedule]:
    return Schedule.objects.filter(state=Schedule.State.REFUSED)


def _signs() -> QuerySet[Any]:
    day_ago, patience = (Given(name, DateTimeField()) for name in ("day_ago", "patience"))
    collections = Collection.objects.filter(practice=False).annotate(
        error=Subquery(_telling_syncs().values("error_code")[:1]), good=Subquery(_builds_of().values("ok")[:1])
    )
    signs = (
        collections.exclude(error__in=("",)).exclude(error=None),
        collections.filter(good=False),
        _missed(patience),
        _refused(),
        _opened_before(day_ago),
        _blocking(),
        _able_and_told(),
    )
    # One row of any table that always has some.
    one = ContentType.objects.order_by("pk")[:1]
    return one.values_list(*(Exists(each.order_by()) for each in signs))


_SIGNS = Question(_signs)


# --- Counting


def _first_of_each(posts: QuerySet[Post]) -> dict[int, tuple[tuple[Post, ...], int]]:
    """For each collection the first few of `posts`, newest change first, and how many there are: one query."""
    numbered = posts.annotate(
        place=Window(RowNumber(), partition_by=F("collection"), order_by=[F("changed_at").desc(), F("pk").desc()]),
        all_of_them=Window(Count("pk"), partition_by=F("collection")),
    )
    found: dict[int, tuple[tuple[Post, ...], int]] = {}
    for post in numbered.filter(place__lte=NAMED).order_by("place").only("collection", "title", "path"):
        before = found.get(post.collection_id, ((), 0))[0]
        found[post.collection_id] = ((*before, post), _of(post, "all_of_them"))
    return found


def _of(row: object, name: str) -> Any:
    """What a query computed beside the columns of `row`."""
    return getattr(row, name)
