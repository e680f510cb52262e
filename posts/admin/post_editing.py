"""The form of a post: opened on one revision, saved by `posts.editing`, and given back with all that was typed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from posts import editing
from posts.admin.post_actions import revision_named
from posts.admin.post_findings import MENDED_PROBLEMS, findings_on_the_form
from posts.admin.post_panel import panel_of
from posts.admin.post_rows import Row, fixed_keys, groups, other_keys
from posts.admin.post_steps import PostSteps
from posts.admin.post_words import what_saving_does
from posts.document.document import Document
from posts.document.errors import EditRefused
from posts.editing import EditForbidden
from posts.errors import EvergreenError
from posts.forms import BODY, NewPostForm, PostForm
from posts.models import Collection, Conflict, Post, Problem, Revision
from posts.situations import situation_of
from posts.wording import worded, worded_error, worded_refusals
from posts.workflow import may_edit

_ABOUT_THE_PATH = frozenset(
    {"path_taken", "place_not_left", "outside_globs", "path_outside", "path_length", "path_control_character"}
)
_ABOUT_THE_BODY = frozenset({"body_changed", "body_not_text"})


class PostEditing(PostSteps):
    """Django's add and change views, with our form in the place of a model form."""

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form of a post, or of a new one."""
        if object_id is None:
            return self._add(request)
        if not (object_id.isascii() and object_id.isdecimal()):
            raise Http404(object_id)
        return self._change(request, self.opened(request, int(object_id)))

    # --- A post that is there

    def _change(self, request: Any, post: Post) -> HttpResponse:
        if request.method == "POST":
            if not self.has_change_permission(request, post):
                raise PermissionDenied
            return self._save(request, post)
        refused = worded_refusals(may_edit(situation_of(post, request.user)))
        form = PostForm(_document(post.present), initial={"onto": post.present_id}, read_only=bool(refused))
        return self._form_page(request, post, form, read_only=refused)

    def _save(self, request: Any, post: Post) -> HttpResponse:
        onto = revision_named(post, request.POST.get("onto", ""))
        if onto is None:
            # It is unknown what they looked at: they look at it again, with what they typed still there.
            data = request.POST.copy()
            data["onto"] = str(post.present_id)
            form = PostForm(_document(post.present), data)
            form.add_error(None, worded("text_moved"))
            return self._form_page(request, post, form, status=400)
        form = PostForm(_document(onto), request.POST)
        if not form.is_valid():
            return self._form_page(request, post, form)
        try:
            saved, kept = self._edit(request, post, form, onto)
        except EditForbidden as refusal:
            form.add_error(None, worded_refusals(refusal.refusals))
            return self._form_page(request, post, form, status=403)
        except EditRefused as refusal:
            _blame(form, refusal)
            return self._form_page(request, post, form)
        if kept is not None:
            return HttpResponseRedirect(reverse("admin:posts_conflict_change", args=[kept.pk]))
        return self._saved(request, saved)

    @transaction.atomic
    def _edit(self, request: Any, post: Post, form: PostForm, onto: Revision) -> tuple[Post, Conflict | None]:
        changes, body = form.changes(), form.new_body()
        saved, kept = editing.save_form(post, changes, body=body, onto=onto, by=request.user)
        if kept is not None:
            told = _("Somebody else saved meanwhile. Nothing of yours is lost: choose here where you both wrote.")
            self.message_user(request, told, messages.WARNING)
        if saved.present_id in (post.present_id, onto.pk):
            if kept is None:
                self.message_user(request, _("Nothing was changed."), messages.INFO)
            return saved, kept
        keys = [*changes, *([BODY] if body is not None else [])]
        self.log_change(request, saved, [{"changed": {"fields": keys}}])
        if onto.pk == post.present_id:
            told = _("“%(post)s” was saved.")
        elif kept is None:
            told = _("“%(post)s” was saved, together with what others changed in it meanwhile.")
        else:
            told = _("The rest of what you changed in “%(post)s” was saved.")
        self.message_user(request, told % {"post": str(saved)[:80]}, messages.SUCCESS)
        return saved, kept

    def _saved(self, request: HttpRequest, post: Post) -> HttpResponse:
        if "_continue" in request.POST:
            return HttpResponseRedirect(reverse("admin:posts_post_change", args=[post.pk]))
        answer: HttpResponse = self.response_post_save_change(request, post)
        return answer

    def _form_page(
        self,
        request: Any,
        post: Post,
        form: PostForm,
        *,
        read_only: str = "",
        status: int = 200,
    ) -> HttpResponse:
        about = Q(post=post) | Q(collection=post.collection_id, path=post.path)
        problems = list(Problem.objects.filter(about).order_by("line", "pk"))
        findings = findings_on_the_form(post)
        panel = panel_of(post, request.user)
        live = post.live or panel["leaves_as_live"]
        context = {
            **self._shared(form),
            "groups": groups(form, problems, findings["by_key"]),
            "findings": findings,
            "mended_problems": MENDED_PROBLEMS,
            "may_mend": not read_only and self.has_change_permission(request, post),
            "read_only": read_only,
            "panel": panel,
            "problems": [(problem, worded(problem.code, problem.facts)) for problem in problems],
            "other_keys": other_keys(form.document),
            "fixed": fixed_keys(form.document),
            "saving": what_saving_does(post.state, live=live, pushes_drafts=post.collection.push_drafts),
        }
        return self.page(request, post, "change_form", str(post), context, status)

    def _shared(self, form: PostForm) -> dict[str, Any]:
        return {
            "form": form,
            "body": Row(form[BODY], BODY),
            "media": form.media,
            "unsaved": form.is_bound,
            "list_url": reverse("admin:posts_post_changelist"),
        }

    # --- A new post

    def _add(self, request: Any) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewPostForm(request.POST) if request.method == "POST" else NewPostForm()
        if form.is_bound and form.is_valid():
            try:
                return self._saved(request, self._create(request, form))
            except EditForbidden as refusal:
                raise PermissionDenied from refusal
            except EvergreenError as error:
                _blame(form, error)
        context = {
            **self.admin_site.each_context(request),
            **self._shared(form),
            "opts": self.opts,
            "title": _("New post"),
            "groups": groups(form),
            "adding": True,
            "no_collection": not Collection.objects.exists(),
            "saving": _("The post is a draft at first. The site shows it once it is approved and published."),
        }
        return TemplateResponse(request, "admin/posts/post/change_form.html", context)

    @transaction.atomic
    def _create(self, request: Any, form: NewPostForm) -> Post:
        given = form.cleaned_data
        body = given.get(BODY, "")
        post = editing.create(given["collection"], given["path"], form.changes(), body=body, by=request.user)
        self.log_addition(request, post, [{"added": {}}])
        self.message_user(request, _("“%(post)s” was added.") % {"post": str(post)[:80]}, messages.SUCCESS)
        return post


def _blame(form: PostForm, error: EvergreenError) -> None:
    """Tell an error at the field that it is about."""
    key = str(error.facts.get("key", ""))
    if error.code in _ABOUT_THE_PATH:
        key = "path"
    elif error.code in _ABOUT_THE_BODY:
        key = BODY
    form.add_error(key if key in form.fields else None, worded_error(error))


def _document(revision: Revision | None) -> Document:
    if revision is None:
        raise Http404
    return Document.from_text(revision.text)
