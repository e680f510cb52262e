"""From terms to a bulk step: rename, merge, split, move, delete, approve. The rules are in `posts.retagging`."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.decorators import action

from posts.access import may_enter
from posts.admin.reading import asking
from posts.admin.term_page import term_address
from posts.bulk_proposing import BULK, MOST
from posts.errors import EvergreenError
from posts.models import BulkStep, Collection
from posts.renaming import TermsRefused
from posts.retagging import (
    propose_approval,
    propose_delete,
    propose_merge,
    propose_move,
    propose_rename,
    propose_split,
    vocabularies_to_move_to,
)
from posts.term_changes import takes_a_list
from posts.term_uses import collections_of, key_of
from posts.widgets import NameSelect, NamesSelect
from posts.wording import worded_error
from taxonomy.models import VOCABULARIES, Term
from taxonomy.terms import named


class TermSteps(ModelAdmin):
    """What may be done with one term in all its posts; each is looked at on the step's own page first."""

    actions: ClassVar = ["mark_looked_at"]

    def get_urls(self) -> list[URLPattern]:
        """Ours, before Django's own."""
        name = self.opts.model_name
        view = self.admin_site.admin_view(self.step_view)
        return [path("<int:pk>/all/<slug:verb>/", view, name=f"taxonomy_{name}_all"), *super().get_urls()]

    def steps_of(self, request: HttpRequest, term: Term, told: QueryDict | None = None) -> dict[str, Any]:
        """What a page needs to offer the steps; nothing to whom they are not allowed.

        `told` is what was sent for a step that was refused: it stands there again.
        """
        if term.alias_of_id is not None or not self._may(request):
            return {}
        name, in_use = self.opts.model_name or "", _in_use(term, asking(request))
        names = {each.pk: each.name for each in Collection.objects.filter(pk__in=in_use)} if len(in_use) > 1 else {}
        told = told or QueryDict()
        into, parts = NameSelect(name), NamesSelect(name)
        into_attrs = {"id": "eg-term-into", "aria-label": _("Merge into")}
        parts_attrs = {"id": "eg-term-parts", "aria-label": _("Split into")}
        return {
            "term_steps": {
                verb: reverse(f"admin:taxonomy_{name}_all", args=[term.pk, verb])
                for verb in ("rename", "merge", "split", "move", "spell", "delete")
            },
            "term_into": into.render("into", told.getlist("into"), into_attrs),
            "term_parts": parts.render("parts", told.getlist("parts"), parts_attrs),
            "term_typed": told.get("name", ""),
            "term_vocabulary": told.get("vocabulary", ""),
            "term_collection": told.get("collection", ""),
            "term_in_use": bool(in_use),
            "term_may_delete": self.has_delete_permission(request, term),
            "term_too_many": sum(in_use.values()) > MOST,
            "term_has_aliases": term.aliases.exists(),
            "term_listed": takes_a_list(key_of(type(term))),
            "term_collections": [(str(pk), names[pk], in_use[pk]) for pk in in_use if pk in names],
            "term_vocabularies": [
                (each._meta.model_name, capfirst(str(each._meta.verbose_name_plural)))
                for each in vocabularies_to_move_to(term)
            ],
        }

    @method_decorator(require_POST)
    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Propose what was asked, and go to where it is looked at; without any collection it is done at once."""
        if not self._may(request):
            raise PermissionDenied
        term = get_object_or_404(self.model, pk=pk)
        try:
            step = self._proposed(request, term, verb)
        except EvergreenError as error:
            return self._refused(request, term, worded_error(error))
        if step is not None:
            return HttpResponseRedirect(reverse("admin:posts_bulkstep_change", args=[step.pk]))
        self.message_user(request, _("Done. No post had it, so no file changes."), messages.SUCCESS)
        return HttpResponseRedirect(reverse(f"admin:taxonomy_{self.opts.model_name}_changelist"))

    @action(description=gettext_lazy("Mark as looked at"), permissions=["change"])
    def mark_looked_at(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Propose to take the mark off many terms: shown first with their use, and undone as one."""
        try:
            step = propose_approval(queryset, by=asking(request))
        except EvergreenError as error:
            self.message_user(request, worded_error(error), messages.ERROR)
            return None
        if step is None:
            self.message_user(request, _("Done. No post had it, so no file changes."), messages.SUCCESS)
            return None
        return HttpResponseRedirect(reverse("admin:posts_bulkstep_change", args=[step.pk]))

    def _refused(self, request: HttpRequest, term: Term, error: str) -> HttpResponse:
        """Why a step was not proposed, where it was asked for: with all that was typed, of whatever length."""
        if request.POST.get("back") == "duplicates":
            self.message_user(request, error, messages.ERROR)
            return HttpResponseRedirect(reverse(f"admin:taxonomy_{self.opts.model_name}_duplicates"))
        context = {
            **self.admin_site.each_context(request),
            **self.steps_of(request, term, request.POST),
            "title": str(term),
            "opts": self.opts,
            "original": term,
            "media": self.media,
            "error": error,
            "back": term_address(term),
        }
        return TemplateResponse(request, "admin/posts/term/refused.html", context, status=400)

    def _proposed(self, request: HttpRequest, term: Term, verb: str) -> BulkStep | None:
        told, by = request.POST, asking(request)
        collection = _collection(told.get("collection", ""))
        match verb:
            case "rename":
                return propose_rename(term, told.get("name", ""), by=by, collection=collection)
            case "spell":
                return propose_rename(term, term.name, by=by, collection=collection)
            case "merge":
                names = [each for each in told.getlist("into") if each.strip()]
                into = named(type(term), names[0]) if names else None
                if into is None:
                    raise TermsRefused("no_such_term" if names else "term_name_missing", name="".join(names[:1])[:100])
                return propose_merge(term, into, by=by, collection=collection)
            case "split":
                # The choice of names sends an empty one as well.
                names = [each for each in told.getlist("parts") if each.strip()]
                return propose_split(term, names, by=by, collection=collection)
            case "move":
                vocabulary = VOCABULARIES.get(told.get("vocabulary", ""))
                if vocabulary is None:
                    raise TermsRefused("same_term")
                return propose_move(term, vocabulary, by=by, collection=collection)
            case "delete":
                return propose_delete(term, by=by, collection=collection)
        raise Http404(verb)

    def _may(self, request: HttpRequest) -> bool:
        return request.user.has_perm(BULK) and self.has_change_permission(request)

    @property
    def media(self) -> forms.Media:
        """With what the choice of a name needs."""
        return super().media + NameSelect("tag").media


def _in_use(term: Term, by: User) -> dict[int, int]:
    """For each collection with posts that have `term`, of those that `by` may change, how many."""
    return {pk: number for pk, number in collections_of(term).items() if may_enter(by, pk)}


def _collection(told: str) -> Collection | None:
    if not (told.isascii() and told.isdecimal() and len(told) < 19):
        return None
    return Collection.objects.filter(pk=int(told)).first()
