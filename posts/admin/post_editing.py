"""The form of a post: opened on one revision, saved by `posts.editing`, and given back with all that was typed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from posts import editing, workingcopies
from posts.admin.images import waiting_replacements
from posts.admin.plan_words import saved_while_planned
from posts.admin.post_actions import revision_named
from posts.admin.post_copies import CopyOfForm, form_data, initial_of
from posts.admin.post_findings import MENDED_PROBLEMS, findings_on_the_form, problems_on_the_form
from posts.admin.post_new import PostNew
from posts.admin.post_panel import panel_of
from posts.admin.post_rows import fixed_keys, groups, other_keys
from posts.admin.post_suggestions import suggested_at_fields
from posts.admin.post_typing import Typed, not_judged, typed_into
from posts.admin.post_words import asks_for_care, what_saving_does
from posts.document.document import Document
from posts.document.heads import front_matter_of
from posts.editing import EditForbidden
from posts.forms import BODY, PostForm
from posts.models import Conflict, Post, Revision
from posts.situations import situation_of
from posts.wording import worded, worded_refusals
from posts.workflow import Situation, may_edit


class PostEditing(PostNew):
    """Django's add and change views, with our form in the place of a model form."""

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form of a post, or of a new one."""
        if object_id is None:
            return self.add_page(request)
        if not (object_id.isascii() and object_id.isdecimal()):
            raise Http404(object_id)
        return self._change(request, self.opened(request, int(object_id)))

    # --- A post that is there

    def _change(self, request: Any, post: Post) -> HttpResponse:
        if request.method == "POST":
            if not self.has_change_permission(request, post):
                raise PermissionDenied
            return self._save(request, post)
        situation = situation_of(post, request.user)
        refused = worded_refusals(may_edit(situation))
        if "go_on" in request.GET and not refused:
            return self._go_on(request, post)
        form = PostForm(_document(post.present), initial={"onto": post.present_id}, read_only=bool(refused))
        return self._form_page(request, post, form, read_only=refused, situation=situation)

    def _go_on(self, request: Any, post: Post) -> HttpResponse:
        """The form with what was typed into it before, on the text on which it was typed."""
        copy = workingcopies.copy_of(post, by=request.user)
        if copy is None:
            return HttpResponseRedirect(reverse("admin:posts_post_change", args=[post.pk]))
        onto = copy.onto or post.present
        empty = PostForm(_document(onto))
        form = PostForm(_document(onto), initial={**initial_of(empty, copy.typed), "onto": onto and onto.pk})
        return self._form_page(request, post, form, typed=not_judged(form, form_data(copy.typed)), going_on=True)

    def _save(self, request: Any, post: Post) -> HttpResponse:
        onto = revision_named(post, request.POST.get("onto", ""))
        if onto is None:
            # It is unknown what they looked at: they look at it again, with what they typed still there.
            data = request.POST.copy()
            data["onto"] = str(post.present_id)
            form = PostForm(_document(post.present), data)
            form.add_error(None, worded("text_moved"))
            return self._form_page(request, post, form, status=400)
        typed = typed_into(_document(onto), request.POST)
        form = typed.form
        if typed.document is None:
            return self._form_page(request, post, form, typed=typed)
        try:
            saved, kept = self._edit(request, post, typed.document, onto)
        except EditForbidden as refusal:
            form.add_error(None, worded_refusals(refusal.refusals))
            return self._form_page(request, post, form, typed=typed, status=403)
        if kept is not None:
            settle = HttpResponseRedirect(reverse("admin:posts_conflict_change", args=[kept.pk]))
            return self.without_local_copy(request, settle)
        return self.after_save(request, saved)

    @transaction.atomic
    def _edit(self, request: Any, post: Post, document: Document, onto: Revision) -> tuple[Post, Conflict | None]:
        saved, kept = editing.save_typed(post, document, onto=onto, by=request.user)
        self.forget_copy(request, post)
        if kept is not None:
            told = _("Somebody else saved meanwhile. Nothing of yours is lost: choose here where you both wrote.")
            self.message_user(request, told, messages.WARNING)
        if saved.present_id in (post.present_id, onto.pk):
            if kept is None:
                self.message_user(request, _("Nothing was changed."), messages.INFO)
            return saved, kept
        opened = _document(onto)
        keys = [key for key in {**opened.values, **document.values} if _lines(opened, key) != _lines(document, key)]
        keys += [BODY] if document.body != opened.body else []
        self.log_change(request, saved, [{"changed": {"fields": keys}}])
        if onto.pk == post.present_id:
            told = _("“%(post)s” was saved.")
        elif kept is None:
            told = _("“%(post)s” was saved, together with what others changed in it meanwhile.")
        else:
            told = _("The rest of what you changed in “%(post)s” was saved.")
        self.message_user(request, told % {"post": str(saved)[:80]}, messages.SUCCESS)
        return saved, kept

    def _form_page(
        self,
        request: Any,
        post: Post,
        form: PostForm,
        *,
        read_only: str = "",
        typed: Typed | None = None,
        going_on: bool = False,
        situation: Situation | None = None,
        status: int = 200,
    ) -> HttpResponse:
        findings = findings_on_the_form(post, request.user)
        problems = problems_on_the_form(post, findings["codes"])
        suggested = {} if read_only else suggested_at_fields(post, request.user)
        panel = panel_of(post, request.user, situation)
        live = (post.live and not panel["leaves_the_site"]) or panel["leaves_as_live"]
        saving = what_saving_does(
            post.state,
            live=live,
            pushes_drafts=post.collection.push_drafts,
            scheduled=saved_while_planned(panel["plans"]),
        )
        copy: CopyOfForm | None = None
        if not read_only:
            onto = form["onto"].value() or ""
            careful = asks_for_care(post.state, live=live, scheduled=bool(panel["plans"]))
            warning = saving if careful else ""
            copy = self.copy_of_form(request, post, onto=onto, going_on=going_on, warning=warning)
        rows = groups(form, problems, findings["by_key"], suggested)
        context = {
            **self.shared(form),
            "copy": copy,
            "unsaved": form.is_bound or going_on,
            "groups": rows,
            # The fields behind the title are folded away at first.
            "said_in_details": sum(len(row.problems) for row in rows[0].rows[1:]),
            "findings": findings,
            "mended_problems": MENDED_PROBLEMS,
            "may_mend": not read_only and self.has_change_permission(request, post),
            "read_only": read_only,
            "panel": panel,
            "replacements": waiting_replacements(post),
            "problems": [(problem, worded(problem.code, problem.facts)) for problem in problems],
            "other_keys": other_keys(form.document),
            "typed": typed,
            "front_matter": front_matter_of(form.document) if typed is None or typed.text is None else typed.text,
            "fixed": fixed_keys(form.document),
            "saving": saving,
        }
        return self.page(request, post, "change_form", str(post), context, status)


def _lines(document: Document, key: str) -> str:
    return document.lines_of(key).rstrip()


def _document(revision: Revision | None) -> Document:
    if revision is None:
        raise Http404
    return Document.from_text(revision.text)
