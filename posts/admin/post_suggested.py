"""From the list to a bulk step that adds terms which the chosen posts, or all that a filter finds, mention."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import action
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from posts.admin.bulk_words import label_of
from posts.admin.not_checked import tell_what_is_not_checked, words_for_not_checked
from posts.admin.post_chosen import ChosenPosts, of_chosen_posts
from posts.admin.reading import asking
from posts.cross_checking import not_checked_yet
from posts.errors import EvergreenError
from posts.models import Post
from posts.term_changes import KEY_OF
from posts.term_listing import ignore_all, propose_suggested
from posts.term_suggesting import Term, not_for_all, suggested_for
from posts.wording import worded_error

_BY_THE_CHECKS = {"suggested", "findings", "found"}
"""The filters that go by what the checks found."""


class PostSuggested(ChosenPosts):
    """What adding does to each post is looked at on the step's own page before it is done."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; where it goes by what the checks found, with what they have still to look at."""
        if request.method == "GET" and _BY_THE_CHECKS & request.GET.keys():
            tell_what_is_not_checked(self, request)
        return super().changelist_view(request, extra_context)

    @action(description=_("Add suggested terms…"), permissions=["bulk"])
    def add_suggested(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse:
        """Ask which of the terms that the chosen posts mention are to be added."""
        return self.page_about(request, queryset, "admin:posts_post_suggested")

    @action(description=_("Remove terms that are never mentioned…"), permissions=["bulk"])
    def remove_unmentioned(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse:
        """Ask which of the terms that the chosen posts list and never mention are to be taken out."""
        return self.page_about(request, queryset, "admin:posts_post_unmentioned")

    @of_chosen_posts
    def suggested_view(self, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse:
        """GET tells what the posts that the address filters mention; POST proposes a bulk step, or ignores terms."""
        return self._suggested(request, posts, listed=False)

    @of_chosen_posts
    def unmentioned_view(self, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse:
        """The same of what the posts list and never mention."""
        return self._suggested(request, posts, listed=True)

    def _suggested(self, request: HttpRequest, posts: QuerySet[Post], *, listed: bool) -> HttpResponse:
        error = ""
        if request.method == "POST":
            try:
                return self._done(request, posts, listed=listed)
            except EvergreenError as refused:
                error = worded_error(refused)
        found = suggested_for(posts, listed=listed)
        terms = {(each.vocabulary, each.pk) for each in found}
        context: dict[str, Any] = {
            **self.context_of(request, gettext("Terms never mentioned") if listed else gettext("Suggested terms")),
            "listed": listed,
            "terms": [(label_of(KEY_OF[each.vocabulary]), each) for each in found],
            "not_checked": words_for_not_checked(not_checked_yet(posts).count()),
            "ticked": request.POST.getlist("term"),
            "error": error,
            "may_never": bool(terms - not_for_all(asking(request), terms)),
        }
        return TemplateResponse(request, "admin/posts/post/suggested_many.html", context, status=400 if error else 200)

    def _done(self, request: HttpRequest, posts: QuerySet[Post], *, listed: bool) -> HttpResponse:
        terms = _terms(request.POST.getlist("term"))
        if "never" in request.POST:
            number = ignore_all(terms, by=asking(request))
            said = ngettext("%(count)d term is suggested no more.", "%(count)d terms are suggested no more.", number)
            self.message_user(request, said % {"count": number}, messages.SUCCESS)
            return HttpResponseRedirect(request.get_full_path())
        step = propose_suggested(posts, terms, listed=listed, by=asking(request))
        return HttpResponseRedirect(reverse("admin:posts_bulkstep_change", args=[step.pk]))


def _terms(told: list[str]) -> list[Term]:
    """The terms that were ticked; nonsense is left out."""
    pairs = (each.partition(" ") for each in told)
    return [(name, int(pk)) for name, _blank, pk in pairs if pk.isascii() and pk.isdecimal() and len(pk) < 19]
