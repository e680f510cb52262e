"""The list of known mishearings. What is looked for and how is said by `posts.mishearings`."""

from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, QuerySet
from django.forms import CharField, ModelForm
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from posts.access import within
from posts.admin.bulk_words import places_of
from posts.admin.post_words import name_of
from posts.admin.reading import asking
from posts.admin.rooms import CollectionFilter
from posts.bulk_proposing import BULK
from posts.errors import EvergreenError
from posts.mishearings import forget, keep, may_keep, open_to, require_sense
from posts.models import Collection, Mishearing
from posts.moments import ago
from posts.wording import worded_error


class MishearingForm(ModelForm):
    """Says beside the fields what `posts.mishearings` would refuse."""

    class Meta:
        model = Mishearing
        fields = (
            *("find", "by", "collection", "active"),
            *("in_title", "in_summary", "in_body", "match_case", "whole_words", "everywhere"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever may only look at it has a form without fields.
        for name in {"find", "by"} & self.fields.keys():
            # Blanks at the ends are meant, as in the form of find and replace.
            cast(CharField, self.fields[name]).strip = False

    def clean(self) -> dict[str, Any]:
        """What makes no sense is said before it is saved."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                require_sense(Mishearing(pk=self.instance.pk, **cleaned))
            except EvergreenError as error:
                raise ValidationError(worded_error(error), code=error.code) from error
        return cleaned


@admin.register(Mishearing)
class MishearingAdmin(ModelAdmin):
    """For whoever may change many posts at once."""

    form = MishearingForm
    fieldsets = (
        (None, {"fields": ("find", "by", "collection", "active")}),
        (_("Where it is looked for"), {"fields": ("in_title", "in_summary", "in_body")}),
        (_("How"), {"fields": ("match_case", "whole_words", "everywhere")}),
    )
    list_display = ("heard", "by", "places", "collection", "active", "who", "when")
    list_display_links = ("heard",)
    list_filter = ("active", ("collection", CollectionFilter))
    list_filter_submit = True
    list_select_related = ("collection", "made_by")
    list_per_page = 50
    search_fields = ("find", "by")
    ordering = ("find", "pk")

    @display(description=_("what is heard"), ordering="find")
    def heard(self, row: Mishearing) -> str:
        """The words."""
        return row.find

    @display(description=_("where and how"))
    def places(self, row: Mishearing) -> str:
        """Where it is looked for, and how."""
        return places_of(row.exchange.as_data())

    @display(description=_("saved by"))
    def who(self, row: Mishearing) -> str:
        """Who saved it last."""
        return name_of(row.made_by)

    @display(description=_("saved"), ordering="made_at")
    def when(self, row: Mishearing) -> SafeString | str:
        """How long ago that was."""
        return ago(row.made_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mishearing]:
        """Those of the collections that whoever asks may enter, and those of all."""
        rows: QuerySet[Mishearing] = super().get_queryset(request)
        return rows.filter(pk__in=open_to(asking(request)).values("pk"))

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Of the collections, those that whoever asks may enter."""
        if db_field.name == "collection":
            kwargs["queryset"] = within(asking(request), Collection.objects.order_by("name"), "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Mishearing, form: Any, change: bool) -> None:
        """By the service, so that the texts are checked anew."""
        keep(obj, by=asking(request))

    def delete_model(self, request: HttpRequest, obj: Mishearing) -> None:
        """By the service, so that the texts are checked anew."""
        forget([obj], by=asking(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Mishearing]) -> None:
        """By the service, so that the texts are checked anew."""
        forget(queryset, by=asking(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may change many posts at once."""
        return request.user.has_perm(BULK)

    def has_view_permission(self, request: HttpRequest, obj: Mishearing | None = None) -> bool:
        """Whoever may change many posts at once."""
        return request.user.has_perm(BULK)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may change many posts at once."""
        return request.user.has_perm(BULK)

    def has_change_permission(self, request: HttpRequest, obj: Mishearing | None = None) -> bool:
        """Whoever may change many posts at once, where it is looked for."""
        return request.user.has_perm(BULK) and (obj is None or may_keep(obj, asking(request)))

    def has_delete_permission(self, request: HttpRequest, obj: Mishearing | None = None) -> bool:
        """As for changing it."""
        return self.has_change_permission(request, obj)
