"""The page of a find and replace on which single hits are chosen. The rules are in `posts.replacing`."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from unfold.admin import ModelAdmin

from posts.admin.bulk_words import name_of_part, places_of, saved_with, title_of
from posts.admin.reading import asking, whole_number
from posts.bulk_proposing import BULK
from posts.checks.hits import BODY
from posts.errors import EvergreenError
from posts.models import BulkStep, Post
from posts.replacing import Choice, Hits, Totals, choose, choose_all, hits_of, totals_of
from posts.wording import worded_error

_POSTS, _OF_A_POST, _ALONE = 20, 20, 200
"""Posts on a page, hits of each of them, and hits of one post on a page of its own."""


@dataclass(frozen=True, slots=True)
class HitsRow:
    """One post with those of its hits that are shown."""

    post: Post
    live: bool
    shown: Sequence[tuple[Choice, str]]
    total: int
    ticked: int

    @property
    def numbers(self) -> str:
        """The first and the last of the hits that are shown, for the form."""
        return f"{self.post.pk}:{self.shown[0][0].number}:{self.shown[-1][0].number}"


def hits_address(step: BulkStep) -> str:
    """Where single hits of `step` are chosen; "" for one that has none."""
    return reverse("admin:posts_bulkstep_hits", args=[step.pk]) if step.kind == BulkStep.Kind.REPLACE else ""


def words_of_totals(totals: Totals) -> str:
    """How many hits there are in how many posts and how many are ticked, or how far the counting is."""
    if not totals.complete:
        told = {"done": totals.counted, "rows": totals.rows, "hits": totals.hits}
        return gettext("%(done)s of %(rows)s posts looked through, %(hits)s hits so far") % told
    hits = ngettext("%(count)d hit", "%(count)d hits", totals.hits) % {"count": totals.hits}
    posts = ngettext("in %(count)d post", "in %(count)d posts", totals.posts) % {"count": totals.posts}
    left = totals.hits - totals.ticked
    words = ngettext("%(count)d of them not ticked", "%(count)d of them not ticked", left) % {"count": left}
    return " · ".join([f"{hits} {posts}", *([words] if left else [])])


def list_before(step: BulkStep) -> str:
    """The list of posts that `step` was proposed from, with its filter where the step knows it."""
    whence = step.definition.get("whence", "")
    address = reverse("admin:posts_post_changelist")
    return f"{address}?{whence}" if whence else address


class HitsPage(ModelAdmin):
    """What was found, each with its passage and a tick; what is ticked is kept by every button of the page."""

    def get_urls(self) -> list[URLPattern]:
        """Ours, before Django's own."""
        view = self.admin_site.admin_view(self.hits_view)
        counted = self.admin_site.admin_view(self.counted_view)
        return [
            path("<int:pk>/hits/", view, name="posts_bulkstep_hits"),
            path("<int:pk>/hits/counted/", counted, name="posts_bulkstep_counted"),
            *super().get_urls(),
        ]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def hits_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET shows what was found; POST keeps what is ticked, and goes on to where the button leads."""
        step = self._own_step(request, pk)
        look = reverse("admin:posts_bulkstep_change", args=[step.pk])
        if step.run is not None:
            return HttpResponseRedirect(look)
        if request.method == "POST":
            return self._choose(request, step, look)
        post = whole_number(request.GET.get("post", ""))
        return self._one(request, step, post) if post else self._all(request, step)

    @method_decorator(never_cache)
    @method_decorator(require_safe)
    def counted_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far the counting is, for the page."""
        totals = totals_of(self._own_step(request, pk))
        percent = 100 * totals.counted // totals.rows if totals.rows else 100
        return JsonResponse({"words": words_of_totals(totals), "percent": percent, "complete": totals.complete})

    def _own_step(self, request: HttpRequest, pk: int) -> BulkStep:
        if not (self.has_view_permission(request) and request.user.has_perm(BULK)):
            raise PermissionDenied
        found = BulkStep.objects.select_related("collection", "run", "made_by", "undoes__run")
        step = get_object_or_404(found, pk=pk, kind=BulkStep.Kind.REPLACE)
        if step.made_by_id != request.user.pk:
            raise PermissionDenied
        return step

    def _choose(self, request: HttpRequest, step: BulkStep, look: str) -> HttpResponse:
        told, post = request.POST, whole_number(request.GET.get("post", ""))
        try:
            if post and ("all" in told or "none" in told):
                choose_all(step, post, ticked="all" in told, by=asking(request))
            else:
                choose(step, _shown(told.getlist("shown")), _ticked(told.getlist("hit")), by=asking(request))
        except EvergreenError as error:
            self.message_user(request, worded_error(error), messages.ERROR)
        if "look" in told:
            return HttpResponseRedirect(look)
        page, before = (whole_number(request.GET.get(name, "")) for name in ("page", "from"))
        if "list" in told:
            asked = {"page": before}
        elif "post" in told:
            asked = {"post": whole_number(told["post"]), "from": page}
        else:
            asked = {"post": post, "page": whole_number(told.get("to", "")), "from": before}
        kept = {name: value for name, value in asked.items() if value}
        address = reverse("admin:posts_bulkstep_hits", args=[step.pk])
        return HttpResponseRedirect(f"{address}?{urlencode(kept)}" if kept else address)

    def _all(self, request: HttpRequest, step: BulkStep) -> HttpResponse:
        rows = step.rows.order_by("pk")
        page = Paginator(rows.values_list("pk", flat=True), _POSTS).get_page(request.GET.get("page"))
        shown = [
            _row(each, each.choices)
            for each in hits_of(step, rows.filter(pk__in=list(page.object_list)), most=_OF_A_POST)
        ]
        context = {
            "totals": totals_of(step),
            "rows": [row for row in shown if row.total],
            "without": sum(not row.total for row in shown),
        }
        return self._answer(request, step, page, context)

    def _one(self, request: HttpRequest, step: BulkStep, post: int) -> HttpResponse:
        found = next(hits_of(step, step.rows.filter(post=post)), None)
        if found is None or not found.total:
            raise Http404(post)
        page = Paginator(found.choices, _ALONE).get_page(request.GET.get("page"))
        context = {
            "alone": True,
            "totals": Totals(1, 1, 1, found.total, found.ticked),
            "rows": [_row(found, list(page.object_list))],
        }
        return self._answer(request, step, page, context)

    def _answer(self, request: HttpRequest, step: BulkStep, page: Page, context: dict[str, Any]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "words": words_of_totals(context["totals"]),
            "counted_url": reverse("admin:posts_bulkstep_counted", args=[step.pk]),
            "title": gettext("Choose hit by hit"),
            "opts": self.opts,
            "original": step,
            "step": step,
            "heading": title_of(step),
            "places": places_of(step.definition),
            "by": step.definition["by"],
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
            "known": saved_with(step.definition),
            "cancel": list_before(step),
            **context,
        }
        return TemplateResponse(request, "admin/posts/bulkstep/hits.html", context)


def _row(found: Hits, choices: Sequence[Choice]) -> HitsRow:
    live = found.row.live_base_id is not None
    shown = [(choice, _place(choice)) for choice in choices]
    return HitsRow(found.post, live, shown, found.total, found.ticked)


def _place(choice: Choice) -> str:
    hit = choice.hit
    return gettext("Line %(line)s") % {"line": hit.line} if hit.part == BODY else name_of_part(hit.part)


def _shown(told: Sequence[str]) -> dict[int, range]:
    """The hits that the form showed, by post. Nonsense is left out."""
    shown = {}
    for each in told:
        post, first, last = (*map(whole_number, each.split(":")), 0, 0, 0)[:3]
        shown[post] = range(first, min(last, first + _ALONE) + 1)
    return shown


def _ticked(told: Sequence[str]) -> dict[int, set[int]]:
    ticked: dict[int, set[int]] = defaultdict(set)
    for each in told:
        post, number = (*map(whole_number, each.split(":")), 0, 0)[:2]
        ticked[post].add(number)
    return ticked
