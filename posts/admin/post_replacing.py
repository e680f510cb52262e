"""From the list to a find and replace in the chosen posts, or in all that a filter or a search finds."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import action
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminSelectWidget

from posts.admin.bulk_words import name_of_part
from posts.admin.post_chosen import ChosenPosts, of_chosen_posts
from posts.admin.post_mending import with_fault
from posts.admin.reading import asking, whole_number
from posts.bulk_proposing import MOST, propose_mending
from posts.checks.hits import LONGEST, PARTS
from posts.checks.mends import KNOWN_MISHEARING
from posts.errors import EvergreenError
from posts.mishearings import Known, open_to
from posts.models import Mishearing, Post
from posts.replacing import propose_replacing
from posts.widgets import text_input
from posts.wording import worded_error

_PLAIN = frozenset('":-')
"""Signs with which a search asks for more than words."""

_MOST_SAVED = 500


def _parts() -> list[tuple[str, str]]:
    return [(part, name_of_part(part)) for part in PARTS]


class ReplaceForm(forms.Form):
    """What is looked for and what comes in its place; whether that makes sense is said by `posts.checks.hits`."""

    find = forms.CharField(label=_("Find"), required=False, strip=False, widget=text_input(autocomplete="off"))
    by = forms.CharField(label=_("Replace by"), required=False, strip=False, widget=text_input(autocomplete="off"))
    parts = forms.MultipleChoiceField(
        label=_("Where"), choices=_parts, required=False, widget=forms.CheckboxSelectMultiple
    )
    match_case = forms.BooleanField(label=_("Letter case counts"), required=False)
    whole_words = forms.BooleanField(label=_("Whole words only"), required=False)
    everywhere = forms.BooleanField(label=_("Also in links and code"), required=False)
    known = forms.ChoiceField(
        label=_("Known mishearing"),
        choices=[
            (Known.NO, _("Do not save it")),
            (Known.IN_THE_COLLECTION, _("Save it for this collection")),
            (Known.EVERYWHERE, _("Save it for all collections")),
        ],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )


class PostReplacing(ChosenPosts):
    """What is found is shown hit by hit, on a page of the bulk step, before anything is done."""

    @action(description=_("Find and replace…"), permissions=["bulk"])
    def replace_in_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse:
        """Ask what is to be replaced in the chosen posts."""
        return self.page_about(request, queryset, "admin:posts_post_replace")

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    @of_chosen_posts
    def replace_view(self, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse:
        """GET asks what is to be replaced in the posts that the address filters; POST proposes it as a bulk step."""
        saved = open_to(asking(request)).filter(active=True)
        if "all" in request.POST:
            return self._mend_what_is_known(request, posts)
        taken = saved.filter(pk=whole_number(request.POST.get("saved", ""))).first() if "take" in request.POST else None
        told = request.POST if request.method == "POST" and "take" not in request.POST else None
        form, error = ReplaceForm(told, initial=_as_saved(taken) if taken else _initial(request)), ""
        if form.is_bound and not form.is_valid():
            error = " ".join(str(each) for errors in form.errors.values() for each in errors)
        elif form.is_bound:
            known, whence = Known(form.cleaned_data["known"] or Known.NO), request.GET.urlencode()
            try:
                step = propose_replacing(posts, form.cleaned_data, by=asking(request), known=known, whence=whence)
            except EvergreenError as refused:
                error = worded_error(refused)
            else:
                return HttpResponseRedirect(reverse("admin:posts_bulkstep_hits", args=[step.pk]))
        number = posts.order_by().values("pk")[: MOST + 1].count()
        context: dict[str, Any] = {
            **self.context_of(request, gettext("Find and replace")),
            "form": form,
            "error": error,
            "number": number,
            "most": MOST,
            "many": number > MOST,
            "saved": saved[:_MOST_SAVED],
            "taken": taken,
            "known_url": reverse("admin:posts_mishearing_changelist"),
        }
        return TemplateResponse(request, "admin/posts/post/replace.html", context, status=400 if error else 200)

    def _mend_what_is_known(self, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse:
        """Propose to mend all that is known to be misheard, where the checks found it in `posts`."""
        found = with_fault(posts, KNOWN_MISHEARING)
        try:
            step = propose_mending(found, KNOWN_MISHEARING, by=asking(request))
        except EvergreenError as refused:
            said = worded_error(refused) if found.exists() else gettext("No known mishearing was found in these posts.")
            self.message_user(request, said, messages.WARNING)
            return HttpResponseRedirect(request.get_full_path())
        return HttpResponseRedirect(reverse("admin:posts_bulkstep_change", args=[step.pk]))


def _as_saved(row: Mishearing) -> dict[str, Any]:
    return {**row.exchange.as_data(), "known": Known.NO}


def _initial(request: HttpRequest) -> dict[str, Any]:
    """What a reader means by saying nothing; words that were searched for are those to be replaced."""
    searched = request.GET.get("q", "").strip()
    find = "" if _PLAIN & set(searched) else searched[:LONGEST]
    return {"find": find, "parts": list(PARTS), "match_case": True, "whole_words": True}
