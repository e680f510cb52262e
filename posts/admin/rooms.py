"""The lists of the admin as far as whoever asks may see them, and the filter by collection."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RelatedDropdownFilter

from posts.access import collections_of, within
from posts.admin.reading import asking


class OwnRooms(ModelAdmin):
    """Rows of collections: whoever is limited to some sees those of these alone. `room` leads to the collection."""

    room = "collection"
    # Unfold's templates ask for it in each row, and what is not there takes longest to look up.
    list_sections: ClassVar = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What whoever asks may see."""
        return within(asking(request), super().get_queryset(request), self.room)


class CollectionFilter(RelatedDropdownFilter):
    """By collection, of those that whoever asks may see."""

    def field_choices(self, field: Field, request: HttpRequest, model_admin: admin.ModelAdmin) -> Any:
        """The collections to choose from."""
        rooms = collections_of(request.user)
        only = {"pk__in": rooms} if rooms is not None else {}
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=only)
