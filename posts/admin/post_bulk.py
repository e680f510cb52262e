"""From the list to a bulk step: which fields are to be changed in the chosen posts, or in all that a filter finds."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import action
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from posts.admin.bulk_forms import FieldChangesForm
from posts.admin.bulk_words import label_of
from posts.admin.reading import asking
from posts.bulk import BULK, MOST, propose_fields
from posts.errors import EvergreenError
from posts.field_changes import CHANGEABLE
from posts.models import Post
from posts.wording import worded


class PostBulk(ModelAdmin):
    """The bulk edit of the list. What it does to each post is looked at on the step's own page before it is done."""

    def has_bulk_permission(self, request: HttpRequest) -> bool:
        """For the action's place in the menu."""
        return request.user.has_perm(BULK)

    @action(description=_("Change fields…"), permissions=["bulk"])
    def change_fields(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse:
        """Ask which fields of the chosen posts are to be changed."""
        pks = ",".join(str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True))
        return HttpResponseRedirect(f"{reverse('admin:posts_post_fields')}?{urlencode({'id__in': pks})}")

    def fields_view(self, request: HttpRequest) -> HttpResponse:
        """GET asks what is to be changed in the posts that the address filters; POST proposes it as a bulk step."""
        if not (self.has_view_permission(request) and request.user.has_perm(BULK)):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            self.message_user(request, gettext("The list has no such filter. Choose the posts again."), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:posts_post_changelist"))
        form, error = FieldChangesForm(request.POST if request.method == "POST" else None), ""
        if request.method == "POST" and form.is_valid():
            try:
                step = propose_fields(found, form.asked(), by=asking(request))
            except EvergreenError as refused:
                error = _in_words(refused)
            else:
                return HttpResponseRedirect(reverse("admin:posts_bulkstep_change", args=[step.pk]))
        number = found.order_by().values("pk")[: MOST + 1].count()
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": gettext("Change fields"),
            "opts": self.opts,
            "form": form,
            "groups": form.groups(),
            "media": self.media + form.media,
            "error": error,
            "number": number,
            "most": MOST,
            "too_many": number > MOST,
            "back": f"{reverse('admin:posts_post_changelist')}?{request.GET.urlencode()}",
        }
        return TemplateResponse(request, "admin/posts/post/fields.html", context)


def _in_words(error: EvergreenError) -> str:
    """What is wrong, with the field called as the form calls it."""
    key = error.facts.get("key")
    return worded(error.code, {**error.facts, "key": label_of(str(key)) if key in CHANGEABLE else key})
