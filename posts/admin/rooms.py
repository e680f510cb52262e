"""The lists of the admin as far as whoever asks may see them, and the filter by collection."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.views import ChangeList

from posts.access import Counted, collections_of, within
from posts.admin.reading import asking


class OwnRooms(ModelAdmin):
    """Rows of collections: whoever is limited to some sees those of these alone. `room` leads to the collection."""

    room = "collection"
    # Unfold's templates ask for it in each row, and what is not there takes longest to look up.
    list_sections: ClassVar = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What whoever asks may see."""
        return within(asking(request), super().get_queryset(request), self.room)


class CountedList(ChangeList):
    """A list of what counts as work: what is there for practice is in it where its collection is chosen."""

    root_queryset: QuerySet[Any]

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """As Django does; before anything is searched for, since of what is found only the nearest come back."""
        if not self.shows_practice():
            self.root_queryset = Counted(request.user).of(self.root_queryset, self.model_admin.room)
        return super().get_queryset(request, exclude_parameters)

    def shows_practice(self) -> bool:
        """Whether it is asked for something of which it does not matter whether it counts."""
        return bool(self.params.get(f"{self.model_admin.room}__id__exact"))


class CountedRooms(OwnRooms):
    """As `OwnRooms`, with a list of what counts as work."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list, without what is there for practice."""
        return CountedList


class CollectionFilter(RelatedDropdownFilter):
    """By collection, of those that whoever asks may see."""

    def field_choices(self, field: Field, request: HttpRequest, model_admin: admin.ModelAdmin) -> Any:
        """The collections to choose from."""
        rooms = collections_of(request.user)
        only = {"pk__in": rooms} if rooms is not None else {}
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=only)
