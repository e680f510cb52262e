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
from posts.admin.images import waiting_replacements
from posts.admin.post_actions import revision_named
from posts.admin.post_panel import panel_of
from posts.admin.post_rows import Row, fixed_keys, groups, other_keys
from posts.admin.post_steps import PostSteps
from posts.admin.post_typing import Typed, blame, typed_into
from posts.admin.post_words import what_saving_does
from posts.document.document import Document
from posts.document.heads import front_matter_of
from posts.editing import EditForbidden
from posts.errors import EvergreenError
from posts.forms import BODY, NewPostForm, PostForm
from posts.models import Collection, Conflict, Post, Problem, Revision
from posts.situations import situation_of
from posts.wording import worded, worded_refusals
from posts.workflow import may_edit


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
            return HttpResponseRedirect(reverse("admin:posts_conflict_change", args=[kept.pk]))
        return self._saved(request, saved)

    @transaction.atomic
    def _edit(self, request: Any, post: Post, document: Document, onto: Revision) -> tuple[Post, Conflict | None]:
        saved, kept = editing.save_typed(post, document, onto=onto, by=request.user)
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
        typed: Typed | None = None,
        status: int = 200,
    ) -> HttpResponse:
        about = Q(post=post) | Q(collection=post.collection_id, path=post.path)
        problems = list(Problem.objects.filter(about).order_by("line", "pk"))
        panel = panel_of(post, request.user)
        live = post.live or panel["leaves_as_live"]
        context = {
            **self._shared(form),
            "groups": groups(form, problems),
            "read_only": read_only,
            "panel": panel,
            "replacements": waiting_replacements(post),
            "problems": [(problem, worded(problem.code, problem.facts)) for problem in problems],
            "other_keys": other_keys(form.document),
            "typed": typed,
            "front_matter": front_matter_of(form.document) if typed is None or typed.text is None else typed.text,
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
                blame(form, error)
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


def _lines(document: Document, key: str) -> str:
    return document.lines_of(key).rstrip()


def _document(revision: Revision | None) -> Document:
    if revision is None:
        raise Http404
    return Document.from_text(revision.text)
