"""The checklist before publishing on the screen: its ticks on a post, and its settings on a collection."""

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from posts.checklist import Demand, Item, demands, ticks
from posts.models import Post
from posts.situations import checklist_facts
from posts.wording import CHECKLIST

_LEVELS = [
    (Demand.OFF, _("not demanded")),
    (Demand.ADVICE, _("advice")),
    (Demand.BLOCKING, _("stops submitting and publishing")),
]
FIELDS = tuple(f"checklist_{item}" for item in Item)
"""The names of the fields of a collection's form, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class ShownTick:
    """One line of the list."""

    words: str
    blocks: bool
    done: bool


def ticks_of(post: Post) -> list[ShownTick]:
    """The list for `post`, in words; nothing where its collection demands nothing."""
    demanded = demands(post.collection.checklist)
    if not demanded:
        return []
    return [
        ShownTick(capfirst(str(CHECKLIST[tick.item])), tick.demand is Demand.BLOCKING, tick.done)
        for tick in ticks(demanded, checklist_facts(post))
    ]


class ChecklistForm(forms.ModelForm):
    """A choice for each thing that can be demanded, kept in the collection's `checklist`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        demanded = demands(self.instance.checklist)
        for item, name in zip(Item, FIELDS, strict=True):
            self.initial.setdefault(name, demanded.get(item, Demand.OFF))

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        told = {item.value: self.cleaned_data.get(name) for item, name in zip(Item, FIELDS, strict=True)}
        found = {item: str(level) for item, level in told.items() if level and level != Demand.OFF}
        if any(name in self.cleaned_data for name in FIELDS):
            self.instance.checklist = found


def _choice(item: Item) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=cast(str, CHECKLIST[item]),
        choices=_LEVELS,
        required=False,
        initial=Demand.OFF,
        widget=UnfoldAdminSelectWidget,
    )


# Declared from the list itself, so that what is added there has its setting.
for _item, _name in zip(Item, FIELDS, strict=True):
    ChecklistForm.base_fields[_name] = ChecklistForm.declared_fields[_name] = _choice(_item)
