"""Conflicts: the list of them, and the page where an editor settles one. What settling does is in `posts.settling`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from posts.access import within
from posts.admin.conflict_form import SettlingForm
from posts.admin.conflict_page import context_of, moved_words, sides_of
from posts.admin.conflict_questions import questions_of
from posts.admin.conflict_texts import panes
from posts.admin.post_words import name_of
from posts.admin.reading import ReadOnlyAdmin, asking, label, post_address
from posts.admin.rooms import CountedRooms
from posts.disputes import OURS, THEIRS, Choice, dispute_of, moved_since
from posts.editing import EditForbidden
from posts.errors import EvergreenError
from posts.models import Conflict, Post
from posts.moments import ago
from posts.settling import refusals_to_settle, settle
from posts.wording import worded, worded_error, worded_refusals

_TEXTS = ("post__collection", "post__present__by", "post__git_text", "base__by", "ours__by", "theirs__by", "settled_by")


class OpenFilter(DropdownFilter):
    """Those that are open, which is what one looks for, or the settled ones."""

    title = _("state")
    parameter_name = "settled"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """What can be chosen."""
        return [("no", _("Open")), ("yes", _("Settled")), ("all", _("Both"))]

    def value(self) -> str:
        """The choice, the open ones by default."""
        return super().value() or "no"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Only what was chosen."""
        return queryset if self.value() == "all" else queryset.filter(settled_at__isnull=self.value() == "no")


@admin.register(Conflict)
class ConflictAdmin(CountedRooms, ReadOnlyAdmin):
    """The list of conflicts, and the page of each: to settle it, or once it is settled to read its texts."""

    room = "post__collection"

    list_display = ("title", "kind", "theirs_author", "since", "shown_state", "collection")
    list_filter = (OpenFilter, ("kind", ChoicesDropdownFilter))
    list_filter_submit = True
    list_select_related = ("post__collection",)
    ordering = ("-opened_at", "-pk")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Also by collection, which the pages of collections link to."""
        return lookup == "post__collection__id__exact" or super().lookup_allowed(lookup, value, request)

    @display(description=_("post"), ordering="post__title")
    def title(self, conflict: Conflict) -> str:
        """The post's title."""
        return str(conflict.post)

    @display(description=_("since"), ordering="opened_at")
    def since(self, conflict: Conflict) -> SafeString | str:
        """How long it has been open."""
        return ago(conflict.opened_at)

    @display(description=_("state"))
    def shown_state(self, conflict: Conflict) -> SafeString:
        """Open or settled."""
        return label(_("settled"), "success") if conflict.settled_at else label(_("open"), "warning")

    @display(description=_("collection"))
    def collection(self, conflict: Conflict) -> str:
        """Where the post is."""
        return conflict.post.collection.name

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the stale forms, which are their writers' own."""
        return super().get_queryset(request).select_related("post__collection").exclude(kind=Conflict.Kind.FORM)

    # --- The page

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """GET shows what is open, POST settles it; a settled one is only read."""
        conflict = _conflict(object_id)
        if not self._may_see(request, conflict):
            raise PermissionDenied
        if conflict is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method == "POST":
            return self._answered(request, conflict)
        if conflict.settled_at is not None:
            context = {"panes": panes(conflict), "settled_by": name_of(conflict.settled_by)}
            return self._page(request, conflict, "texts", context)
        return self._asked(request, conflict)

    def _may_see(self, request: HttpRequest, conflict: Conflict | None) -> bool:
        if conflict is not None and conflict.kind == Conflict.Kind.FORM:
            return conflict.owner_id == asking(request).pk
        return bool(self.has_view_permission(request, conflict))

    def _answered(self, request: HttpRequest, conflict: Conflict) -> HttpResponse:
        if conflict.settled_at is not None:
            return self._settled_already(request, conflict)
        dispute = dispute_of(conflict)
        form = SettlingForm(questions_of(dispute), request.POST)
        refused = refusals_to_settle(dispute, asking(request))
        if refused:
            return self._asked(request, conflict, form, error=worded_refusals(refused), status=403)
        side, _colon, what = request.POST.get("fill", "").partition(":")
        if side in (OURS, THEIRS):
            form.fill(side, [each.name for each in form.questions.values() if _is_filled(form, each.name, what)])
            told = gettext("Nothing is saved yet. Look at what is chosen now, then press Save.")
            return self._asked(request, conflict, form, said=told)
        if not form.is_valid():
            return self._asked(request, conflict, form, error=gettext("See below what is wrong."), status=400)
        try:
            post = self._settle(request, conflict, form.choices())
        except EvergreenError as error:
            return self._not_settled(request, conflict, form, error)
        return self._settled(request, conflict, post)

    @transaction.atomic
    def _settle(self, request: HttpRequest, conflict: Conflict, choices: Mapping[str, Choice]) -> Post:
        post = settle(conflict, choices, pair=request.POST.get("pair", ""), by=asking(request))
        self.log_change(request, conflict, gettext("settled"))
        return post

    def _settled(self, request: HttpRequest, conflict: Conflict, post: Post) -> HttpResponse:
        told: SafeString | str = gettext("“%(post)s” is settled and saved.") % {"post": str(post)[:80]}
        following = (
            within(asking(request), Conflict.objects.holding(), "post__collection").order_by("opened_at", "pk").first()
        )
        if following is not None and self.has_view_permission(request):
            address = reverse("admin:posts_conflict_change", args=[following.pk])
            link = format_html('<a href="{}" class="underline">{}</a>', address, gettext("Settle the next one"))
            told = format_html("{} {}", told, link)
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(post_address(post.pk))

    def _not_settled(
        self, request: HttpRequest, conflict: Conflict, form: SettlingForm, error: EvergreenError
    ) -> HttpResponse:
        if error.code == "settled_already":
            return self._settled_already(request, conflict)
        if error.code == "sides_moved":
            fresh = _conflict(str(conflict.pk)) or conflict
            return self._asked(request, fresh, SettlingForm(questions_of(dispute_of(fresh)), request.POST), status=409)
        if isinstance(error, EditForbidden):
            return self._asked(request, conflict, form, error=worded_refusals(error.refusals), status=403)
        missing = error.facts.get("keys") if error.code == "choice_missing" else None
        if isinstance(missing, list):
            return self._asked(request, conflict, form, missing=missing, error=worded_error(error), status=400)
        return self._asked(request, conflict, form, error=_at_its_line(error), status=400)

    def _settled_already(self, request: HttpRequest, conflict: Conflict) -> HttpResponse:
        self.message_user(request, worded("settled_already"), messages.WARNING)
        return HttpResponseRedirect(reverse("admin:posts_conflict_change", args=[conflict.pk]))

    def _asked(
        self,
        request: HttpRequest,
        conflict: Conflict,
        form: SettlingForm | None = None,
        *,
        missing: Sequence[str] = (),
        error: str = "",
        said: str = "",
        status: int = 200,
    ) -> HttpResponse:
        dispute = dispute_of(conflict)
        if form is None:
            form = SettlingForm(questions_of(dispute))
        moved = ""
        if request.method == "POST":
            told = moved_since(dispute, request.POST.get("pair", ""))
            moved = moved_words(told, *sides_of(dispute, asking(request)))
        questions = list(form.questions.values())
        context = context_of(dispute, questions, form, asking(request), missing)
        context |= {"error": error, "said": said, "moved": moved, "media": self.media + form.media}
        return self._page(request, conflict, "settle", context, status)

    def _page(
        self, request: HttpRequest, conflict: Conflict, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        told = {
            **self.admin_site.each_context(request),
            "title": str(conflict.post),
            "opts": self.opts,
            "original": conflict.post,
            "media": self.media,
            "conflict": conflict,
            "post": conflict.post,
            **context,
        }
        return TemplateResponse(request, f"admin/posts/conflict/{template}.html", told, status=status)


def _conflict(object_id: str) -> Conflict | None:
    """The conflict with its texts and its post; None if there is none."""
    if not (object_id.isascii() and object_id.isdecimal()):
        return None
    return Conflict.objects.select_related(*_TEXTS).filter(pk=int(object_id)).first()


def _is_filled(form: SettlingForm, name: str, what: str) -> bool:
    """Whether a button is about this question: all of them, or the passages that nobody chose yet."""
    return not what or (form.questions[name].is_passage and not form.chosen(name))


def _at_its_line(error: EvergreenError) -> str:
    line = error.facts.get("line")
    said = worded_error(error)
    return gettext("Line %(line)s: %(said)s") % {"line": line, "said": said} if line else said
