"""A vocabulary as a file: to take away, and to bring in after a look at what it would change."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget

from posts.admin.reading import asking
from posts.errors import EvergreenError
from posts.term_tables import LARGEST, Line, TablePlan, What, bring_in, columns_of, plan_table, read_table, table_of
from posts.wording import worded, worded_error

_SHOWN = 300
_FILE = {"id": "eg-table", "accept": ".csv,.tsv,.txt,text/csv", "required": True}
_WHAT = {
    What.NEW: (_("new"), "green"),
    What.CHANGED: (_("changed"), "blue"),
    What.SAME: (_("as it is"), "grey"),
    What.REFUSED: (_("left out"), "red"),
}
_COLUMNS = {
    "slug": _("slug"),
    "aliases": _("aliases"),
    "order": _("order"),
    "area": _("area"),
    "approved": _("approved"),
}


class TermTables(ModelAdmin):
    """The two pages of it; what a line does is decided in `posts.term_tables`."""

    def get_urls(self) -> list[URLPattern]:
        """Ours, before Django's own."""
        view, name = self.admin_site.admin_view, self.opts.model_name
        return [
            path("table/", view(self.table_view), name=f"taxonomy_{name}_table"),
            path("bring-in/", view(self.bring_in_view), name=f"taxonomy_{name}_bring_in"),
            *super().get_urls(),
        ]

    def tables_of(self, request: HttpRequest) -> dict[str, str]:
        """The ways to the two, for whoever may go them."""
        name = self.opts.model_name
        told = {"table_url": reverse(f"admin:taxonomy_{name}_table")}
        return told | ({"bring_in_url": reverse(f"admin:taxonomy_{name}_bring_in")} if self._may(request) else {})

    @method_decorator(require_safe)
    def table_view(self, request: HttpRequest) -> HttpResponse:
        """The file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        answer = HttpResponse(table_of(self.model, by=asking(request)), content_type="text/csv; charset=utf-8")
        name = f"{self.opts.model_name}-{timezone.localdate().isoformat()}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def bring_in_view(self, request: HttpRequest) -> HttpResponse:
        """GET asks for a file; POST shows what it would change, and with `mark` does what was shown."""
        if not self._may(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request, {})
        try:
            sent = request.FILES.get("file")
            text = read_table(sent.read(LARGEST + 1)) if sent is not None else request.POST.get("text", "")
            if "mark" in request.POST and sent is None:
                done = bring_in(self.model, text, mark=request.POST["mark"], by=asking(request))
                self.message_user(request, _done(done), messages.SUCCESS)
                return HttpResponseRedirect(reverse(f"admin:taxonomy_{self.opts.model_name}_changelist"))
            return self._page(request, _shown(plan_table(self.model, text, by=asking(request)), text))
        except EvergreenError as error:
            return self._page(request, {"error": worded_error(error)}, status=400)

    def _may(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def _page(self, request: HttpRequest, shown: dict[str, Any], status: int = 200) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Bring in a table"),
            "opts": self.opts,
            "columns": columns_of(self.model),
            "file": UnfoldAdminFileFieldWidget().render("file", None, _FILE),
            "back": reverse(f"admin:taxonomy_{self.opts.model_name}_changelist"),
            **shown,
        }
        return TemplateResponse(request, "admin/posts/term/bring_in.html", context, status=status)


def _shown(plan: TablePlan, text: str) -> dict[str, Any]:
    """What would change, what is refused first."""
    order = (What.REFUSED, What.NEW, What.CHANGED)
    lines = [line for what in order for line in plan.of(what)]
    return {
        "plan": plan,
        "text": text,
        "counts": [(*_WHAT[what], len(plan.of(what))) for what in (*order, What.SAME) if plan.of(what)],
        "lines": [_row(line) for line in lines[:_SHOWN]],
        "more": max(0, len(lines) - _SHOWN),
        "possible": bool(plan.of(What.NEW) or plan.of(What.CHANGED)),
    }


def _row(line: Line) -> dict[str, Any]:
    words, colour = _WHAT[line.what]
    sets = [(_COLUMNS[column], before, after) for column, (before, after) in line.sets.items()]
    said = worded(line.code, line.facts) if line.code else ""
    return {"number": line.number, "name": line.name, "words": words, "colour": colour, "sets": sets, "said": said}


def _done(plan: TablePlan) -> str:
    new, changed = len(plan.of(What.NEW)), len(plan.of(What.CHANGED))
    parts = [
        ngettext("%(count)d term is new", "%(count)d terms are new", new) % {"count": new},
        ngettext("%(count)d was changed", "%(count)d were changed", changed) % {"count": changed},
    ]
    return gettext("%(new)s, %(changed)s.") % {"new": parts[0], "changed": parts[1]}
