"""The page of a vocabulary's likely duplicates: merge them, or say that they are not the same."""

from collections.abc import Container
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from unfold.admin import ModelAdmin

from posts.admin.reading import asking, whole_number
from posts.bulk_proposing import BULK
from posts.errors import EvergreenError
from posts.retagging import keep_apart
from posts.term_reach import out_of_reach
from posts.term_uses import with_uses
from posts.wording import worded_error
from taxonomy.duplicates import Duplicate, Named, Why, duplicates
from taxonomy.terms import kept_apart

_A_PAGE = 50
_WHY = {
    Why.SCRIPT: _("another script, width, letter case or accent"),
    Why.PUNCTUATION: _("other blanks or punctuation"),
    Why.PLURAL: _("singular and plural"),
    Why.FIRM: _("with and without “Inc.”, “公司” and the like"),
    Why.ORDER: _("the same words in another order"),
    Why.SPELLING: _("almost the same spelling"),
}


class TermDuplicates(ModelAdmin):
    """Likely duplicates, computed from the names as they are now."""

    def get_urls(self) -> list[URLPattern]:
        """Ours, before Django's own."""
        view = self.admin_site.admin_view(self.duplicates_view)
        name = f"taxonomy_{self.opts.model_name}_duplicates"
        return [path("duplicates/", view, name=name), *super().get_urls()]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def duplicates_view(self, request: HttpRequest) -> HttpResponse:
        """GET shows the pairs; POST remembers that two are not the same."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        here = reverse(f"admin:taxonomy_{self.opts.model_name}_duplicates")
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            one, other = (
                get_object_or_404(self.model, pk=whole_number(request.POST.get(name, ""))) for name in ("one", "other")
            )
            try:
                keep_apart(one, other, by=asking(request))
            except EvergreenError as refused:
                self.message_user(request, worded_error(refused), messages.ERROR)
            return HttpResponseRedirect(here)
        every = self.model._default_manager.filter(alias_of=None)
        terms = with_uses(every, by=asking(request)).prefetch_related("aliases").order_by("pk")
        named = [
            Named(each.pk, (each.name, *(it.name for it in each.aliases.all())), each.post_count) for each in terms
        ]
        page = Paginator(duplicates(named, kept_apart(self.model)), _A_PAGE).get_page(request.GET.get("page"))
        may_change = self.has_change_permission(request)
        shown = {each.pk for pair in page.object_list for each in (pair.one, pair.other)}
        elsewhere = out_of_reach(self.model, shown, asking(request))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Likely duplicates"),
            "opts": self.opts,
            "pairs": [self._row(pair, elsewhere) for pair in page.object_list],
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
            "may_change": may_change,
            "may_merge": may_change and request.user.has_perm(BULK),
            "back": reverse(f"admin:taxonomy_{self.opts.model_name}_changelist"),
        }
        return TemplateResponse(request, "admin/posts/term/duplicates.html", context)

    def _row(self, pair: Duplicate, elsewhere: Container[int]) -> dict[str, Any]:
        name = self.opts.model_name
        sides = [
            {
                "pk": each.pk,
                "name": each.names[0],
                "by": written if written != each.names[0] else "",
                "uses": each.uses,
                "url": reverse(f"admin:taxonomy_{name}_change", args=[each.pk]),
                "merge": reverse(f"admin:taxonomy_{name}_all", args=[each.pk, "merge"]),
            }
            for each, written in zip((pair.one, pair.other), pair.names, strict=True)
        ]
        may = pair.one.pk not in elsewhere and pair.other.pk not in elsewhere
        return {"why": _WHY[pair.why], "one": sides[0], "other": sides[1], "may": may}
