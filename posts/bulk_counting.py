"""What a proposal of many posts would do to all of them, counted by a worker while it is looked at page by page."""

import datetime
from collections import defaultdict

from django.db.models import Count, Q
from django.utils import timezone

from posts.bulk_planning import plan, whole_rows
from posts.bulk_proposing import COUNTED_AT_ONCE
from posts.models import BulkPost, BulkStep
from posts.waking import wake_for_plans

_BATCH = 50
_FORGOTTEN_AFTER = datetime.timedelta(minutes=1)


def count_planned(pk: int) -> None:
    """Note for each post of the step with key `pk` what the step would do to it, if it is still a proposal."""
    proposals = BulkStep.objects.filter(pk=pk, run=None).select_related("collection", "made_by", "undoes__undoes")
    # Asked before each batch: a step that was started, or given up, is counted no further.
    while (step := proposals.first()) is not None:
        rows = list(step.rows.filter(planned="").order_by("pk")[:_BATCH])
        if not rows:
            return
        planned = defaultdict(list)
        for each in plan(step, whole_rows(rows), by=step.made_by):
            planned[each.what].append(each.row.pk)
        for what, pks in planned.items():
            BulkPost.objects.filter(pk__in=pks).update(planned=what)


def planned_of(step: BulkStep) -> dict[str, int]:
    """To how many posts of `step` what would be done (`bulk_planning.What`), as far as it was counted. One query."""
    counted = step.rows.exclude(planned="").order_by().values_list("planned").annotate(number=Count("pk"))
    return dict(counted)


def wake_forgotten_plans() -> None:
    """Wake a worker again for the proposals that should have been counted by now."""
    old = BulkStep.objects.filter(run=None, made_at__lt=timezone.now() - _FORGOTTEN_AFTER)
    old = old.exclude(kind=BulkStep.Kind.REPLACE)
    old = old.annotate(number=Count("rows"), left=Count("rows", filter=Q(rows__planned="")))
    for step in old.filter(number__gt=COUNTED_AT_ONCE, left__gt=0):
        wake_for_plans(step)
