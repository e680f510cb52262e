"""What was done lately, by whom and to which post: steps, edits, bulk steps and what came from the repository."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from posts.access import Counted
from posts.admin.bulk_words import title_of
from posts.admin.post_words import done, name_of
from posts.admin.reading import post_address
from posts.models import BulkStep, Event, Revision, Whence
from posts.moments import ago
from posts.questions import Question

SHOWN = 10

# Of each kind so many are read, so that the first page costs the same however much was done in one go.
_READ = 60
_NOT_BY_HAND = (Whence.IMPORT, Whence.TRANSITION, Whence.BULK)
_NAMES = ("first_name", "last_name", "username")


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was done; `who` is "" for the repository itself."""

    at: datetime.datetime
    who: str
    step: str
    title: str
    address: str

    @property
    def when(self) -> SafeString | str:
        """How long ago."""
        return ago(self.at)


def lately(person: User, counted: Counted) -> list[Done]:
    """What was done lately, the newest first, as far as `person` may see it. Five queries at most."""
    if not (person.has_perm("posts.view_event") and person.has_perm("posts.view_post")):
        return []
    found = [*_steps(counted), *_edits(counted), *_pushes(counted)]
    if person.has_perm("posts.view_bulkstep"):
        found += _bulk_steps(counted)
    return sorted(found, key=attrgetter("at"), reverse=True)[:SHOWN]


def _steps(counted: Counted) -> Iterator[Done]:
    for at, pk, title, path, by, *names, transition in _STEPS.ask(counted):
        yield Done(at, _called(by, names), done(transition), title or path, post_address(pk))


def _edits(counted: Counted) -> Iterator[Done]:
    """What somebody wrote here: one line for each person and post, with the newest of their saves."""
    seen = set()
    for at, pk, title, path, by, *names in _WRITTEN.ask(counted):
        if (by, pk) not in seen:
            seen.add((by, pk))
            yield Done(at, _called(by, names), _("edited"), title or path, post_address(pk))


def _pushes(counted: Counted) -> Iterator[Done]:
    """What came from the repository: one line for each author's texts that lie one after the other."""
    for author, texts in groupby(_PUSHED.ask(counted), key=itemgetter(0)):
        (_author, at, pk, title, path), *others = texts
        more = len({row[2] for row in others} - {pk})
        named = title or path
        if more:
            said = ngettext("%(post)s, and %(more)s more", "%(post)s, and %(more)s more", more)
            named = said % {"post": named, "more": more}
        yield Done(at, author or _("the repository"), _("changed in the repository"), named, post_address(pk))


def _bulk_steps(counted: Counted) -> Iterator[Done]:
    started = [pk for [pk] in _STARTED.ask(counted)]
    steps: QuerySet[Any] = BulkStep.objects.filter(pk__in=started).select_related("made_by", "undoes", "run")
    for step in steps.order_by("-run") if started else ():
        address = reverse("admin:posts_bulkstep_change", args=[step.pk])
        yield Done(step.run.asked_at, name_of(step.made_by), _("bulk step"), title_of(step), address)


_POST = ("post", "post__title", "post__path")
_BY = ("by", *(f"by__{name}" for name in _NAMES))


def _taken(counted: Counted) -> QuerySet[Any]:
    events = counted.of(Event.objects.all(), "post__collection").order_by("-at", "-pk")
    return events.values_list("at", *_POST, *_BY, "transition")[:SHOWN]


def _written(counted: Counted) -> QuerySet[Any]:
    # Said so, SQLite reads them in the order of their index: it would sort all that are of certain kinds.
    written = Revision.objects.filter(by__isnull=False, beside=False).exclude(whence__in=_NOT_BY_HAND)
    return counted.of(written, "post__collection").order_by("-at").values_list("at", *_POST, *_BY)[:_READ]


def _pushed(counted: Counted) -> QuerySet[Any]:
    pushed = counted.of(Revision.objects.filter(whence=Whence.IMPORT), "post__collection").order_by("-at")
    return pushed.values_list("author_name", "at", *_POST)[:_READ]


def _started(counted: Counted) -> QuerySet[Any]:
    started: QuerySet[Any] = counted.of(BulkStep.objects.filter(run__isnull=False)).order_by("-run")
    return started.values_list("pk")[:SHOWN]


_STEPS, _WRITTEN, _PUSHED, _STARTED = (Question(each) for each in (_taken, _written, _pushed, _started))


def _called(by: int | None, names: Iterable[str]) -> str:
    if by is None:
        return _("the repository")
    return name_of(User(**dict(zip(_NAMES, names, strict=True))))
