"""From the list to a bulk step: which fields are to be changed in the chosen posts, or in all that a filter finds."""

from typing import Any

from django.contrib.admin import action
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from posts.admin.bulk_forms import FieldChangesForm
from posts.admin.bulk_words import label_of
from posts.admin.post_chosen import ChosenPosts, of_chosen_posts
from posts.admin.reading import asking
from posts.bulk_proposing import BULK, MOST, propose_fields
from posts.errors import EvergreenError
from posts.field_changes import CHANGEABLE
from posts.models import Post
from posts.wording import worded


class PostBulk(ChosenPosts):
    """The bulk edit of the list. What it does to each post is looked at on the step's own page before it is done."""

    def has_bulk_permission(self, request: HttpRequest) -> bool:
        """For the action's place in the menu."""
        return request.user.has_perm(BULK)

    @action(description=_("Change fields…"), permissions=["bulk"])
    def change_fields(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse:
        """Ask which fields of the chosen posts are to be changed."""
        return self.page_about(request, queryset, "admin:posts_post_fields")

    @of_chosen_posts
    def fields_view(self, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse:
        """GET asks what is to be changed in the posts that the address filters; POST proposes it as a bulk step."""
        form, error = FieldChangesForm(request.POST if request.method == "POST" else None), ""
        if request.method == "POST" and form.is_valid():
            try:
                step = propose_fields(posts, form.asked(), by=asking(request))
            except EvergreenError as refused:
                error = _in_words(refused)
            else:
                return HttpResponseRedirect(reverse("admin:posts_bulkstep_change", args=[step.pk]))
        number = posts.order_by().values("pk")[: MOST + 1].count()
        context: dict[str, Any] = {
            **self.context_of(request, gettext("Change fields")),
            "form": form,
            "groups": form.groups(),
            "media": self.media + form.media,
            "error": error,
            "number": number,
            "most": MOST,
            "too_many": number > MOST,
        }
        return TemplateResponse(request, "admin/posts/post/fields.html", context)


def _in_words(error: EvergreenError) -> str:
    """What is wrong, with the field called as the form calls it."""
    key = error.facts.get("key")
    return worded(error.code, {**error.facts, "key": label_of(str(key)) if key in CHANGEABLE else key})
