"""The page on which terms are put in order, and categories into areas. The rules are in `posts.term_ordering`."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods
from unfold.admin import ModelAdmin

from posts.admin.reading import asking, posts_where
from posts.errors import EvergreenError
from posts.models import Finding
from posts.term_ordering import ORDERED, Order, may_put_in_order, order_of, places_from, put_in_order
from posts.term_uses import with_uses
from posts.wording import worded_error
from taxonomy.models import VOCABULARIES, Area, Category


def order_address(model: type) -> str:
    """Where the terms of this vocabulary are put in order; categories are on the page of the areas."""
    name = "area" if model is Category else getattr(model, "_meta").model_name  # noqa: B009 (any class has one)
    return reverse(f"admin:taxonomy_{name}_order")


class TermOrder(ModelAdmin):
    """What is dragged or moved by keys is kept by one button; until then nothing is changed."""

    def get_urls(self) -> list[URLPattern]:
        """Ours, before Django's own."""
        if self.model not in ORDERED:
            return super().get_urls()
        view = self.admin_site.admin_view(self.order_view)
        return [path("order/", view, name=f"taxonomy_{self.opts.model_name}_order"), *super().get_urls()]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def order_view(self, request: HttpRequest) -> HttpResponse:
        """GET shows the terms in order; POST keeps the order that the form has."""
        if not may_put_in_order(self.model, asking(request)):
            raise PermissionDenied
        if request.method != "POST":
            return self._order_page(request, order_of(self.model))
        places = places_from(request.POST.get("places", ""))
        try:
            put_in_order(self.model, places, mark=request.POST.get("mark", ""), by=asking(request))
        except EvergreenError as error:
            return self._order_page(request, order_of(self.model, places), error=worded_error(error))
        self.message_user(request, gettext("The order is saved."), messages.SUCCESS)
        return HttpResponseRedirect(request.path)

    def _order_page(self, request: HttpRequest, order: Order, error: str = "") -> HttpResponse:
        names = ("area", "category") if self.model is Area else (self.opts.model_name or "",)
        terms = {
            (name, term.pk): term
            for name in names
            for term in with_uses(VOCABULARIES[name]._default_manager.filter(alias_of=None), by=asking(request))
        }
        against = Finding.objects.open().filter(code="category_of_other_area").values("post").distinct().count()
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": gettext("Put in order"),
            "opts": self.opts,
            "names": [capfirst(str(VOCABULARIES[name]._meta.verbose_name_plural)) for name in names],
            "rows": [_row(place, terms.get(place)) for place in order.places],
            "places": " ".join(f"{name}-{pk}" for name, pk in order.places),
            "mark": order.mark,
            "error": error,
            "against": against if self.model is Area else 0,
            "against_url": posts_where(found="category_of_other_area"),
            "back": reverse(f"admin:taxonomy_{self.opts.model_name}_changelist"),
        }
        return TemplateResponse(request, "admin/posts/term/order.html", context, status=409 if error else 200)


def _row(place: tuple[str, int], term: Any) -> dict[str, Any]:
    name, pk = place
    if term is None:
        return {"place": f"{name}-{pk}", "heads": True, "name": gettext("In no area")}
    return {
        "place": f"{name}-{pk}",
        "heads": name == "area",
        "name": term.name,
        "url": reverse(f"admin:taxonomy_{name}_change", args=[pk]),
        "posts": term.post_count,
        "is_new": term.is_new,
    }
