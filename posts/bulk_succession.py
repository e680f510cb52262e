"""Which bulk steps are in force: what was undone, and what must be undone first because it builds on another."""

from collections.abc import Iterator, Mapping
from typing import Any

from posts.models import BulkStep, Outcome, Sync
from taxonomy.names import normal


def undo_of(step: BulkStep) -> BulkStep | None:
    """The undo of `step` that stands: asked for, and not undone itself. None if what `step` did is in force.

    An undo that took nothing back, since nobody released it, is none.
    """
    undos = BulkStep.objects.filter(undoes=step).exclude(run=None).select_related("run", "made_by", "undoes")
    return next((undo for undo in undos.order_by("-pk") if _stands(undo)), None)


def took_effect(step: BulkStep) -> bool:
    """Whether `step` changed anything: a post, or a vocabulary."""
    changed = Outcome.objects.filter(sync=step.run_id, result=Outcome.Result.CHANGED)
    return vocabulary_follows(step) or changed.exists()


def vocabulary_follows(step: BulkStep) -> bool:
    """Whether `step` is one of terms, and the vocabulary is as it leaves it."""
    root, forward = step.root
    return root.kind == BulkStep.Kind.TERMS and forward == bool(root.definition.get("rows"))


def built_on(step: BulkStep) -> BulkStep | None:
    """The newest step in force that changed terms after `step` did, and that works on what `step` made of them.

    To undo `step` alone would write names that the other has replaced since. None if there is no such step.
    """
    root, _forward = step.root
    if root.kind != BulkStep.Kind.TERMS or step.run_id is None:
        return None
    return next((each for each in _later(step) if _builds_on(each, step) and _stands(each)), None)


def _later(step: BulkStep) -> Iterator[BulkStep]:
    """The steps of terms that were done, or done again, after `step`; newest first."""
    later = BulkStep.objects.filter(kind__in=(BulkStep.Kind.TERMS, BulkStep.Kind.UNDO), run__gt=step.run_id)
    own, _forward = step.root
    for each in later.select_related("run", "undoes__undoes").order_by("-run"):
        root, forward = each.root
        if root.kind == BulkStep.Kind.TERMS and forward and root.pk != own.pk:
            yield each


def _stands(step: BulkStep) -> bool:
    at_work = step.run is not None and step.run.state in Sync.NOT_OVER
    return (at_work or took_effect(step)) and undo_of(step) is None


def _builds_on(later: BulkStep, step: BulkStep) -> bool:
    after, before = later.root[0].definition, step.root[0].definition
    # To write a term's own name out changes no term: that counts only where both changed a post.
    rows_too = after["vocabulary"] == before["vocabulary"] and after["into"] != [after["name"]]
    if rows_too and (after.get("term") in _terms(before) or before.get("term") in _terms(after)):
        return True
    written = {normal(each) for each in before["into"]}
    if not written & ({normal(each) for each in after["into"]} | set(after["names"])):
        return False
    changed = Outcome.objects.filter(sync=step.run_id, result=Outcome.Result.CHANGED).values("post")
    return Outcome.objects.filter(sync=later.run_id, result=Outcome.Result.CHANGED, post__in=changed).exists()


def _terms(definition: Mapping[str, Any]) -> set[int]:
    return {definition[each] for each in ("term", "target") if each in definition}
