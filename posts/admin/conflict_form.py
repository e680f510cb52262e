"""The answers to a conflict's questions as they come from the page, and as `posts.settling` takes them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from posts.admin.conflict_questions import Question
from posts.disputes import OURS, THEIRS, Choice, Written
from posts.document.values import Value
from posts.fields import BY_KEY, Kind
from posts.forms import field_for, wrong_date, wrong_names
from posts.widgets import text_area

THIRD = "third"
_SIDES = (OURS, THEIRS, THIRD)


class NamesInLines(forms.CharField):
    """Names of a key that we know no vocabulary for, one on a line."""

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The lines that have something on them."""
        return [line.strip() for line in _plain(str(value or "")).split("\n") if line.strip()]


class SettlingForm(forms.Form):
    """For each question a choice and a third text; both may be missing until it is saved.

    Choices are taken over by name where the texts are still those that were seen, and passages, whose numbers can
    change, by their texts. `moved` has the names of the questions of which a text changed meanwhile; there a choice of
    the side that changed is not taken over, because nobody saw what it says now.
    """

    def __init__(self, questions: Sequence[Question], data: Any = None) -> None:
        self.questions = {question.name: question for question in questions}
        self.moved: set[str] = set()
        self.answers = self._carried_over(data) if data is not None else MultiValueDict[str, str]()
        super().__init__(self.answers if data is not None else None)
        for question in questions:
            self.fields[f"choice:{question.name}"] = forms.ChoiceField(
                choices=[(side, side) for side in _SIDES], required=False
            )
            if question.has_third:
                field = _third_field(question)
                field.initial = question.third
                self.fields[f"text:{question.name}"] = field

    def chosen(self, name: str) -> str:
        """Which side was chosen; "" for none yet."""
        told = self.answers.get(f"choice:{name}", "")
        question = self.questions[name]
        return told if told in _SIDES and (told != THIRD or question.has_third) else ""

    def fill(self, side: str, names: Sequence[str]) -> None:
        """Choose `side` for each of `names`; nothing is saved by it. What was typed stays in its place."""
        for name in names:
            self.answers[f"choice:{name}"] = side

    def choices(self) -> dict[str, Choice]:
        """What was chosen, by the names of the questions. For a form that is valid."""
        found: dict[str, Choice] = {}
        for name, question in self.questions.items():
            chosen = self.chosen(name)
            if chosen == THIRD:
                found[name] = Written(self._written(question))
            elif chosen:
                found[name] = chosen
        return found

    def clean(self) -> dict[str, Any]:
        """Look at the third texts that were chosen; the others count for nothing."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name, question in self.questions.items():
            field = f"text:{name}"
            if self.chosen(name) != THIRD:
                self.errors.pop(field, None)
                continue
            for error in _wrong(question, cleaned.get(field)):
                self.add_error(field, error)
        return cleaned

    def _written(self, question: Question) -> Value:
        value = self.cleaned_data.get(f"text:{question.name}", "")
        if not isinstance(value, str):
            return list(value)
        text = _plain(value)
        start, end = question.margins
        return start + text.strip("\n") + end if text.strip("\n") and question.is_passage else text

    def _carried_over(self, data: Any) -> MultiValueDict[str, str]:
        """`data` by the names of today's questions."""
        carried: MultiValueDict[str, str] = MultiValueDict()
        for name, question in self.questions.items():
            told = self._name_before(data, question)
            if told is None or f"text:{told}" not in data:
                start = question.third if isinstance(question.third, list) else [question.third or ""]
                carried.setlist(f"text:{name}", [str(each) for each in start])
            if told is None:
                continue
            seen = data.get(f"seen:{told}", "")
            sides = zip(("base", OURS, THEIRS), seen.split("."), question.seen, strict=False)
            changed = [side for side, was, now in sides if was != now]
            choice = data.get(f"choice:{told}", "")
            if seen and changed:
                self.moved.add(name)
            if choice and not (seen and choice in changed):
                carried[f"choice:{name}"] = choice
            if f"text:{told}" in data:
                carried.setlist(f"text:{name}", data.getlist(f"text:{told}"))
        return carried

    def _name_before(self, data: Any, question: Question) -> str | None:
        """The name that `question` had on the page that `data` comes from; None if it was not there."""
        if not question.is_passage:
            return question.name
        by_texts = {told: name for name, told in _passages_seen(data)}
        same = by_texts.get(".".join(question.seen))
        if same is not None:
            return same
        # One whose texts moved on: the one with the same text before, if there was only one and no other has it now.
        begins = question.seen[0] + "."
        alike = [name for name, told in _passages_seen(data) if told.startswith(begins)]
        now = [each for each in self.questions.values() if each.is_passage and each.seen[0] == question.seen[0]]
        return alike[0] if len(alike) == len(now) == 1 else None


def _passages_seen(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in data:
        if field.startswith("seen:body:"):
            yield field.removeprefix("seen:"), data[field]


def _third_field(question: Question) -> forms.Field:
    known = BY_KEY.get(question.key)
    if known is not None:
        return field_for(known, question.third if isinstance(question.third, str) else [])
    rows = 4 if question.is_passage else 16 if not question.key else 2
    if isinstance(question.third, list):
        return NamesInLines(required=False, widget=text_area(rows=3), help_text=_("One name on each line."))
    return forms.CharField(required=False, strip=False, widget=text_area(rows=rows))


def _wrong(question: Question, value: Any) -> Iterator[ValidationError]:
    known = BY_KEY.get(question.key)
    if known is None:
        return
    if known.kind is Kind.DATE and value:
        yield from wrong_date(str(value))
    elif known.kind in (Kind.TERM, Kind.TERMS):
        yield from wrong_names(value if isinstance(value, list) else [value] if value else [])


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
