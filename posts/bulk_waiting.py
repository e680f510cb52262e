"""How many bulk steps wait for somebody's release: asked on every page."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import IntegerField, Q, QuerySet

from posts.access import collections_of
from posts.models import BulkStep, Sync
from posts.questions import Given, Question
from posts.workflow import PUBLISH_POST, SecondEyes


def waiting_for(person: User) -> int:
    """How many bulk steps wait for a release that `person` may give. One query, or none."""
    if not person.has_perm(f"posts.{PUBLISH_POST}"):
        return 0
    return len(_TO_RELEASE.ask(collections_of(person), person=person.pk))


def _to_release(rooms: frozenset[int] | None) -> QuerySet[Any]:
    by_another = ~Q(made_by=Given("person", IntegerField())) | ~Q(collection__second_eyes=SecondEyes.BEFORE)
    waiting = BulkStep.objects.filter(by_another, run__state=Sync.State.TO_RELEASE)
    return (waiting if rooms is None else waiting.filter(collection__in=rooms)).order_by().values_list("pk")


_TO_RELEASE = Question(_to_release)
