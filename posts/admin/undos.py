"""Undoing a run: the page that asks first and says what becomes of each post, and what a run's page says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from posts.admin.post_history import Section, sections
from posts.admin.post_words import name_of, state_label
from posts.admin.reading import ReadOnlyAdmin, asking
from posts.models import Post, Sync
from posts.reverting import What
from posts.undoing import Planned, UndoRefused, ask_for_undo, can_be_undone, concerned, plan, undo_of, why_not
from posts.wording import worded, worded_error

_A_PAGE = 100
_TITLES: dict[str, tuple[Promise, str]] = {
    What.NOTHING: (_("as it was"), ""),
    What.TEXT: (_("changed back"), "info"),
    What.REMOVED: (_("deleted"), "warning"),
    What.BROUGHT_BACK: (_("brought back"), "success"),
    What.REFUSED: (_("not undone"), "danger"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One post of the run, and what undoing does to it, in words."""

    post: Post
    short: Promise
    colour: str
    words: str
    has_difference: bool


class UndoPages(ReadOnlyAdmin):
    """The pages about undoing, beside those of runs."""

    def get_urls(self) -> list[URLPattern]:
        """Ours, before the others."""
        view = self.admin_site.admin_view
        return [path("<int:pk>/undo/", view(self.undo_view), name="posts_sync_undo"), *super().get_urls()]

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET shows what undoing the run does to each post, and which cannot be undone; POST does it."""
        if not (request.user.has_perm("posts.publish_post") and request.user.has_perm("posts.view_sync")):
            raise PermissionDenied
        run = get_object_or_404(Sync.objects.select_related("collection", "asked_by"), pk=pk)
        if request.method == "POST":
            return self._undone(request, run)
        refused = why_not(run, asking(request))
        if refused is not None:
            self.message_user(request, worded_error(refused), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:posts_sync_change", args=[pk]))
        page = Paginator(concerned(run), _A_PAGE).get_page(request.GET.get("page"))
        planned = list(plan(run, list(page.object_list)))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Undo %(run)s") % {"run": run},
            "opts": self.opts,
            "original": run,
            "run": run,
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
            "rows": [_row(each) for each in planned],
            "possible": sum(map(can_be_undone, planned)),
            "begun": undo_of(run),
            **_chosen(planned, request.GET.get("post", "")),
        }
        return TemplateResponse(request, "admin/posts/sync/undo.html", context)

    def undo_context(self, request: HttpRequest, run: Sync) -> dict[str, Any]:
        """What the page of `run` says of undoing: by whom it was undone, what it undoes, whether it may be undone."""
        undo = undo_of(run)
        return {
            "undone_by": undo,
            "undone_by_name": name_of(undo.asked_by) if undo else "",
            "may_undo": why_not(run, asking(request)) is None,
        }

    def _undone(self, request: HttpRequest, run: Sync) -> HttpResponse:
        try:
            undo = ask_for_undo(run, by=asking(request))
        except UndoRefused as refused:
            self.message_user(request, worded_error(refused), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:posts_sync_change", args=[run.pk]))
        return HttpResponseRedirect(reverse("admin:posts_sync_change", args=[undo.pk]))


def _row(planned: Planned) -> Row:
    decided, post = planned.reversal, planned.post
    short, colour = _TITLES[decided.what]
    words = []
    if decided.what is What.REFUSED:
        words.append(worded(decided.code, decided.facts))
    elif decided.what is What.REMOVED:
        words.append(gettext("Its file is deleted in the repository. The post is archived here and keeps its history."))
    elif decided.what is What.BROUGHT_BACK:
        words.append(gettext("Its file comes back at its place."))
    elif decided.what is What.TEXT and decided.path != post.path:
        words.append(gettext("It moves back to %(path)s.") % {"path": decided.path})
    if decided.what is not What.REFUSED and decided.code:
        words.append(worded(decided.code, decided.facts))
    elif decided.what is What.TEXT and post.live and decided.leaves is not None:
        words.append(gettext("The site shows the text from before with the next build."))
    if decided.what is not What.REFUSED and decided.state != post.state:
        states = {"before": state_label(post.state), "after": state_label(decided.state)}
        words.append(gettext("State: %(before)s → %(after)s.") % states)
    differs = can_be_undone(planned) and bool(_texts(planned))
    return Row(post, short, colour, " ".join(words), differs)


def _texts(planned: Planned) -> tuple[str, str] | None:
    """The text that undoing changes and what it becomes: what the site shows, where that is another one."""
    decided, post = planned.reversal, planned.post
    before = post.present.text if post.present else ""
    after = decided.present.text if decided.present is not None else before
    if before == after and decided.leaves is not None and post.git_text is not None:
        before, after = post.git_text.text, decided.leaves.text
    return (before, after) if before != after else None


def _chosen(planned: Sequence[Planned], asked: str) -> dict[str, Any]:
    """The exact difference of the one post whose fold was opened."""
    if not asked:
        return {}
    chosen = next((each for each in planned if str(each.post.pk) == asked), None)
    if chosen is None:
        raise Http404(asked)
    texts = _texts(chosen)
    found: list[Section] = sections(*texts) if texts else []
    return {"chosen": chosen.post, "sections": found}
