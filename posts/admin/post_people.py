"""The filters of the list of posts by who works on them, whom a review is asked of, and until when."""

import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from posts.admin.post_filters import YesNoFilter
from posts.admin.reading import asking
from posts.assigning import can_work
from posts.models import Post
from posts.notifying import called
from posts.requests import can_review
from posts.standing_in import stands_in_for
from posts.worklists import asked_of, theirs

_WEEK = datetime.timedelta(days=7)


class PersonFilter(DropdownFilter):
    """Posts by a person in one of their columns: oneself, nobody, or somebody."""

    column = ""
    nobody: Any = _("nobody")

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        self._asking = asking(request).pk
        super().__init__(request, *args)

    def people(self) -> QuerySet[User]:
        """Who may be chosen."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What can be chosen."""
        people = [(str(person.pk), called(person)) for person in self.people() if person.pk != request.user.pk]
        return [("me", _("me")), ("nobody", self.nobody), *people]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        """Only what was chosen."""
        value = self.value() or ""
        if value == "me":
            return queryset.filter(**{self.column: self._asking})
        if value == "nobody":
            return queryset.filter(**{f"{self.column}__isnull": True})
        return queryset.filter(**{self.column: int(value)}) if value.isdecimal() and len(value) < 19 else queryset


class Assignee(PersonFilter):
    """Who works on it."""

    title = _("assignee")
    parameter_name = "assignee"
    column = "assignee"

    def people(self) -> QuerySet[User]:
        """Who may work on posts."""
        return can_work(None)


class Reviewer(PersonFilter):
    """Whom the review is asked of."""

    title = _("reviewer")
    parameter_name = "reviewer"
    column = "reviewer"
    nobody = _("any reviewer")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What can be chosen; whoever stands in for somebody is asked in their place."""
        me, *others = super().lookups(request, model_admin)
        return [me, ("others", _("anybody else than me")), *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        """Only what was chosen."""
        if self.value() not in ("me", "others"):
            return super().queryset(request, queryset)
        asked = asked_of(self._asking, stands_in_for(self._asking))
        return queryset.filter(asked) if self.value() == "me" else queryset.exclude(asked)

    def people(self) -> QuerySet[User]:
        """Who may review."""
        return can_review(None)


class Mine(YesNoFilter):
    """Whether whoever asks wrote the text, asked for its review, or works on it."""

    title = _("mine")
    parameter_name = "mine"

    def narrowed(self, request: HttpRequest, queryset: QuerySet[Any], *, so: bool) -> QuerySet[Any]:
        """By the rule of the first page."""
        mine = Q(pk__in=theirs(request.user.pk))
        return queryset.filter(mine) if so else queryset.exclude(mine)


class Due(DropdownFilter):
    """Until when the review is asked for."""

    title = _("review due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What can be chosen."""
        return [("late", _("late")), ("week", _("in the next seven days")), ("any", _("with a day"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        """Only what was chosen."""
        today = timezone.localdate()
        match self.value():
            case "late":
                return queryset.filter(review_due__lt=today)
            case "week":
                return queryset.filter(review_due__gte=today, review_due__lte=today + _WEEK)
            case "any":
                return queryset.filter(review_due__isnull=False)
        return queryset
