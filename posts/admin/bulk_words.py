"""What a bulk step is and does, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from posts.admin.problems import KINDS
from posts.bulk_planning import What
from posts.check_words import name_of_finding
from posts.checks.hits import BODY
from posts.field_changes import Do, FieldChange, field_changes
from posts.mishearings import Known
from posts.models import BulkStep, Outcome, Post

PLANNED = {
    What.CHANGED: (_("changes"), "info"),
    What.SAME: (_("stays as it is"), ""),
    What.REFUSED: (_("not possible"), "danger"),
}
"""For each thing that can become of a post: a word for it, and its colour."""

_LONGEST = 60


def label_of(key: str) -> str:
    """What a field is called on the screen."""
    return str(capfirst(getattr(Post._meta.get_field(key), "verbose_name", key)))


def name_of_part(part: str) -> str:
    """What a part of a post is called that words are looked for in."""
    return gettext("Text") if part == BODY else label_of(part)


def title_of(step: BulkStep) -> str:
    """What `step` is, in a line."""
    if step.undoes is not None:
        return gettext("Undo: %(step)s") % {"step": title_of(step.undoes)}
    said = lines_of(step)
    more = len(said) - 1
    if not more:
        return said[0]
    words = ngettext("%(first)s, and %(count)s more", "%(first)s, and %(count)s more", more)
    return words % {"first": said[0], "count": more}


def lines_of(step: BulkStep) -> list[str]:
    """What `step` does, a line for each change."""
    if step.undoes is not None:
        return [gettext("Takes back what bulk step %(number)s did.") % {"number": step.undoes.run_id}]
    if step.kind == BulkStep.Kind.TERMS:
        return [_term_line(step.definition)]
    if step.kind == BulkStep.Kind.MEND:
        return [gettext("Mend: %(name)s") % {"name": kind_of_fault(str(step.definition.get("code", "")))}]
    if step.kind == BulkStep.Kind.SUGGESTED:
        listed = bool(step.definition.get("listed"))
        return [_addition_line(each, listed=listed) for each in step.definition["terms"]]
    if step.kind == BulkStep.Kind.REPLACE:
        return [_exchange_line(step.definition)]
    return [_line(change) for change in field_changes(step.definition.get("changes", []))]


def kind_of_fault(code: str) -> str:
    """What a finding of the checks, or a problem in a file, is called."""
    return str(KINDS.get(code) or name_of_finding(code))


def counted(counts: dict[str, int]) -> list[tuple[str, int]]:
    """How many posts came out how, in words, what matters first."""
    names = (
        (Outcome.Result.HELD, gettext("not changed")),
        (Outcome.Result.CHANGED, gettext("changed")),
        (Outcome.Result.SAME, gettext("as they were")),
    )
    return [(name, counts[result]) for result, name in names if counts.get(result)]


def _line(change: FieldChange) -> str:
    told = {"field": label_of(change.key), "old": _short([change.old]), "new": _short(change.values)}
    if change.do is Do.ADD:
        return gettext("%(field)s: add %(new)s") % told
    if change.do is Do.REMOVE:
        return gettext("%(field)s: remove %(new)s") % told
    if change.do is Do.REPLACE:
        words = gettext("%(field)s: %(old)s → %(new)s") if change.values else gettext("%(field)s: take out %(old)s")
        return words % told
    return (gettext("%(field)s: set to %(new)s") if change.values else gettext("%(field)s: empty")) % told


def _addition_line(told: Mapping[str, Any], *, listed: bool) -> str:
    words = gettext("%(field)s: add %(new)s where the text mentions it")
    if listed:
        words = gettext("%(field)s: remove %(new)s where the text never mentions it")
    return words % {"field": label_of(told["key"]), "new": _short([told["name"]])}


def _term_line(definition: Mapping[str, Any]) -> str:
    told = {
        "field": label_of(definition["key"]),
        "old": _short([definition["name"]]),
        "new": _short(definition["into"]),
    }
    match definition["do"]:
        case "merge":
            return gettext("%(field)s: merge %(old)s into %(new)s") % told
        case "split":
            return gettext("%(field)s: split %(old)s into %(new)s") % told
        case "move":
            told["into"] = label_of(definition["into_key"])
            return gettext("%(field)s: move %(old)s to %(into)s") % told
        case "delete":
            return _deletion_line(definition, told)
        case "approve":
            return _approval_line(definition)
    if definition["into"] == [definition["name"]]:
        return gettext("%(field)s: write %(old)s wherever another name for it stands") % told
    return gettext("%(field)s: rename %(old)s to %(new)s") % told


def _approval_line(definition: Mapping[str, Any]) -> str:
    number = len(definition["terms"])
    words = ngettext(
        "%(field)s: mark %(count)s term as looked at", "%(field)s: mark %(count)s terms as looked at", number
    )
    return words % {"field": label_of(definition["key"]), "count": number}


def _deletion_line(definition: Mapping[str, Any], told: Mapping[str, str]) -> str:
    number = len(definition.get("terms", ()))
    if number < 2:
        return gettext("%(field)s: delete %(old)s") % told
    words = ngettext("%(field)s: delete %(count)s term", "%(field)s: delete %(count)s terms", number)
    return words % {"field": told["field"], "count": number}


def _exchange_line(definition: Mapping[str, Any]) -> str:
    told = {"old": _short([definition["find"]]), "new": _short([definition["by"]])}
    return (gettext("Replace %(old)s by %(new)s") if definition["by"] else gettext("Take out %(old)s")) % told


def places_of(definition: Mapping[str, Any]) -> str:
    """Where a find and replace looks, and how, in a line."""
    parts = [name_of_part(part) for part in definition["parts"]]
    how = [
        gettext("letter case counts") if definition["match_case"] else gettext("in any letter case"),
        gettext("whole words") if definition["whole_words"] else gettext("also within words"),
        gettext("also in links and code") if definition["everywhere"] else gettext("not in links and code"),
    ]
    return " · ".join([gettext(", ").join(parts), *how])


def saved_with(definition: Mapping[str, Any]) -> str:
    """What else starting a find and replace does, in a line; "" for nothing."""
    match definition.get("known"):
        case Known.IN_THE_COLLECTION:
            return gettext("It is saved as a known mishearing of this collection when the posts are changed.")
        case Known.EVERYWHERE:
            return gettext("It is saved as a known mishearing of all collections when the posts are changed.")
    return ""


def saved_words(definition: Mapping[str, Any]) -> str:
    """That a find and replace, which was started, was saved as a known mishearing; "" if it was not."""
    words = gettext("“%(find)s” is saved as a known mishearing.") % {"find": definition.get("find", "")}
    return words if saved_with(definition) else ""


def _short(values: Sequence[str]) -> str:
    shown = gettext("”, “").join(each if len(each) <= _LONGEST else f"{each[:_LONGEST]}…" for each in values)
    return gettext("“%(value)s”") % {"value": shown}
