"""From the list to a bulk step that mends one kind of fault in the chosen posts, or in all that a filter finds."""

from typing import Any

from django.contrib.admin import action
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from posts.admin.bulk_words import kind_of_fault
from posts.admin.post_chosen import ChosenPosts, of_chosen_posts
from posts.admin.reading import asking
from posts.bulk_proposing import propose_mending
from posts.check_words import CHECK_WORDS
from posts.checks.mends import MENDABLE
from posts.errors import EvergreenError
from posts.models import Finding, Post, Problem
from posts.wording import worded_error


class PostMending(ChosenPosts):
    """What mending does to each post is looked at on the step's own page before it is done."""

    @action(description=_("Mend…"), permissions=["bulk"])
    def mend_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse:
        """Ask what is to be mended in the chosen posts."""
        return self.page_about(request, queryset, "admin:posts_post_mend_many")

    @of_chosen_posts
    def mend_many_view(self, request: HttpRequest, posts: QuerySet[Post]) -> HttpResponse:
        """GET tells what can be mended in the posts that the address filters; POST proposes it as a bulk step."""
        error = ""
        if request.method == "POST":
            try:
                code = request.POST.get("code", "")
                step = propose_mending(with_fault(posts, code), code, by=asking(request))
            except EvergreenError as refused:
                error = worded_error(refused)
            else:
                return HttpResponseRedirect(reverse("admin:posts_bulkstep_change", args=[step.pk]))
        context: dict[str, Any] = {
            **self.context_of(request, gettext("Mend")),
            "kinds": _kinds(posts),
            "error": error,
        }
        return TemplateResponse(request, "admin/posts/post/mend_many.html", context, status=400 if error else 200)


def with_fault(posts: QuerySet[Post], code: str) -> QuerySet[Post]:
    """Those of `posts` in which there is something of this kind to mend."""
    rows: Any = Finding.objects.filter(code=code, has_fix=True, dismissal=None)
    if code not in CHECK_WORDS:
        rows = Problem.objects.filter(code=code)
    return posts.filter(pk__in=rows.values("post"))


def _kinds(posts: QuerySet[Post]) -> list[dict[str, Any]]:
    """What can be mended in `posts`: its code and name, and in how many posts and places."""
    mendable = Finding.objects.filter(code__in=MENDABLE, has_fix=True, dismissal=None, post__in=posts)
    problems = Problem.objects.filter(code__in=MENDABLE, post__in=posts)
    told = {}
    for rows in (mendable, problems):
        counted = rows.order_by().values("code").annotate(posts=Count("post", distinct=True), places=Count("pk"))
        told.update({row["code"]: row for row in counted})
    return [{**told[code], "name": kind_of_fault(code)} for code in MENDABLE if code in told]
