"""The filters of the list of posts."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RadioFilter, RelatedDropdownFilter
from unfold.contrib.filters.forms import HorizontalRadioForm

from posts.check_words import kinds_of_findings
from posts.models import LINKS, Finding, Post, SuggestedTerm, Whence
from posts.models.post import MAY_DIFFER
from posts.workflow import State

NEW_FOR = datetime.timedelta(days=7)
"""For how long a finding is new: what was written in the last week."""


class TermFilter(RelatedDropdownFilter):
    """One term of a vocabulary; an alias is no choice of its own."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        """The terms in the order of their vocabulary."""
        ordering = field.related_model._meta.ordering
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to={"alias_of": None})


class YesNoFilter(RadioFilter):
    """Whether something is so of a post; `fact` is a boolean column, or a mark of `with_marks`."""

    form_class = HorizontalRadioForm
    fact = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Yes and no."""
        return [("1", _("Yes")), ("0", _("No"))]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """The form of the filter; its words are no noun, so Unfold's "By …" would not do."""
        for choice in super().choices(changelist):
            choice["form"].fields[self.parameter_name].label = capfirst(self.title)
            yield choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        """The posts of which it is so, or is not; all without a choice."""
        return self.narrowed(request, queryset, so=self.value() == "1") if self.value() in ("0", "1") else queryset

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], *, so: bool) -> QuerySet[Any]:
        """Those of `queryset` of which it is so, or is not."""
        return queryset.filter(**{self.fact: so})


class Live(YesNoFilter):
    title = _("live")
    parameter_name = "live__exact"
    fact = "live"


class Pending(YesNoFilter):
    title = _("waits to be sent")
    parameter_name = "pending__exact"
    fact = "pending"


class ChangedSinceLive(YesNoFilter):
    title = _("changed since live")
    parameter_name = "changed"
    fact = "changed_since_live"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        """As marked; an index has the few posts that can be meant."""
        asked = super().queryset(request, queryset)
        return asked.filter(MAY_DIFFER) if self.value() == "1" else asked


class HasProblem(YesNoFilter):
    title = _("with problems")
    parameter_name = "problem"
    fact = "has_problem"


class HasFinding(DropdownFilter):
    """By how bad the worst is that the checks found and nobody dismissed, or by whether something is new."""

    title = _("what the checks found")
    parameter_name = "findings"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Anything, something new, or something of one severity."""
        beside = [("any", _("anything")), ("new", _("new within a week")), ("none", _("nothing found"))]
        return [*beside[:2], *Finding.Level.choices, *beside[2:]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        """The posts of which it is so."""
        found = Finding.objects.filter(post=OuterRef("pk"), dismissal=None)
        match self.value():
            case "any":
                return queryset.filter(Exists(found))
            case "none":
                return queryset.filter(~Exists(found))
            case "new":
                return queryset.filter(Exists(found.filter(found_at__gte=timezone.now() - NEW_FOR)))
            case severity if severity in Finding.Level.values:
                return queryset.filter(Exists(found.filter(severity=severity)))
        return queryset


class HasFindingOf(DropdownFilter):
    """By one kind of finding."""

    title = _("kind of finding")
    parameter_name = "found"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every kind: which of them occur, only a look at all findings would tell."""
        return kinds_of_findings()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        """The posts with such a finding."""
        if not self.value():
            return queryset
        return queryset.filter(Exists(Finding.objects.filter(post=OuterRef("pk"), dismissal=None, code=self.value())))


class Suggested(DropdownFilter):
    """By what the vocabularies make of the text: terms that it mentions, or never does."""

    title = _("suggested terms")
    parameter_name = "suggested"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Both ways, and neither."""
        return [
            ("missing", _("mentions terms that it does not list")),
            ("unmentioned", _("lists terms that it never mentions")),
            ("none", _("neither")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        """The posts of which it is so."""
        rows = SuggestedTerm.objects.filter(post=OuterRef("pk"))
        match self.value():
            case "missing":
                return queryset.filter(Exists(rows.filter(listed=False)))
            case "unmentioned":
                return queryset.filter(Exists(rows.filter(listed=True)))
            case "none":
                return queryset.filter(~Exists(rows))
        return queryset


class HasConflict(YesNoFilter):
    title = _("with an open conflict")
    parameter_name = "conflict"
    fact = "has_conflict"


class ChangedOutside(YesNoFilter):
    """A push changed the post while it was live, and nobody looked since."""

    title = _("changed outside")
    parameter_name = "outside"

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], *, so: bool) -> QuerySet[Any]:
        """By whether there is such a moment."""
        return queryset.filter(changed_outside_at__isnull=not so)


class HasSummary(YesNoFilter):
    """Whether it has a summary."""

    title = _("has a summary")
    parameter_name = "summary"

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], *, so: bool) -> QuerySet[Any]:
        """By the text of the summary."""
        return queryset.exclude(summary="") if so else queryset.filter(summary="")


class HasOrganisation(YesNoFilter):
    """Whether it names an organisation."""

    title = _("has an organisation")
    parameter_name = "organisation"

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], *, so: bool) -> QuerySet[Any]:
        """By whether there is a link to one."""
        links = Exists(LINKS["companies_orgs"].objects.filter(content_object=OuterRef("pk")))
        return queryset.filter(links if so else ~links)


class Untouched(YesNoFilter):
    """A draft as the pipeline delivered it: nobody here changed it yet."""

    title = _("new, untouched")
    parameter_name = "untouched"

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], *, so: bool) -> QuerySet[Any]:
        """By the state and by whence the present text is."""
        untouched = {"state": State.DRAFT, "present__whence": Whence.IMPORT, "ever_live": False}
        return queryset.filter(**untouched) if so else queryset.exclude(**untouched)
