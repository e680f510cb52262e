"""The form of a new post: from a template or from nothing, at a path that is suggested."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from posts import editing, workingcopies
from posts.access import within
from posts.admin.post_blame import blame
from posts.admin.post_copies import PostCopies, form_data, initial_of
from posts.admin.post_history import sections
from posts.admin.post_rows import Row, fixed_keys, groups, other_keys
from posts.admin.post_steps import is_ours
from posts.admin.post_typing import Typed, all_wrong, both_views, not_judged, typed_into
from posts.admin.reading import asking
from posts.composing import suggested_path
from posts.document.document import Document
from posts.document.heads import front_matter_of
from posts.editing import EditForbidden
from posts.errors import EvergreenError
from posts.forms import BODY, NewPostForm, PostForm
from posts.models import Collection, Post, PostTemplate


class PostNew(PostCopies):
    """Django's add view, with our form; `posts.editing` makes the post."""

    def add_page(self, request: Any) -> HttpResponse:
        """The form of a new post; POST makes it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        going_on = request.method != "POST" and "go_on" in request.GET
        typed: Typed | None = None
        if request.method == "POST":
            form, typed = _placed(request)
            if typed.document is not None:
                try:
                    return self.after_save(request, self._create(request, form, typed.document))
                except EditForbidden as refusal:
                    raise PermissionDenied from refusal
                except EvergreenError as error:
                    blame(form, error)
        elif going_on:
            form, typed = self._begun(request)
        else:
            form = _blank(request)
        context = {
            **self.admin_site.each_context(request),
            **self.shared(form),
            "opts": self.opts,
            "title": _("New post"),
            "groups": groups(form),
            "adding": True,
            "copy": self.copy_of_form(request, None, going_on=going_on),
            "unsaved": form.is_bound or going_on,
            "templates": within(request.user, PostTemplate.objects.select_related("collection")).order_by(
                "collection__name", "name"
            ),
            "template": form.template,
            "typed": typed,
            "front_matter": front_matter_of(form.document) if typed is None or typed.text is None else typed.text,
            "other_keys": other_keys(form.document),
            "fixed": fixed_keys(form.document),
            "no_collection": not within(request.user, Collection.objects.all(), "pk").exists(),
            "saving": _("The post is a draft at first. The site shows it once it is approved and published."),
        }
        return TemplateResponse(request, "admin/posts/post/change_form.html", context)

    def path_view(self, request: HttpRequest) -> HttpResponse:
        """A path for the title, date and collection that stand in the form."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        asked = request.GET.get("collection", "")
        number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else 0
        collection = within(request.user, Collection.objects.filter(pk=number), "pk").first()
        if collection is None:
            return JsonResponse({"path": ""})
        return JsonResponse(
            {"path": suggested_path(collection, request.GET.get("date", ""), request.GET.get("title", ""))}
        )

    def new_front_matter_view(self, request: HttpRequest) -> HttpResponse:
        """The form of a new post as it was sent, as the text of its front matter and as fields. Saves nothing."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        # Where the post will stand has no say in what it says.
        return JsonResponse(both_views(_typed(request, PostForm)))

    def new_changes_view(self, request: HttpRequest) -> HttpResponse:
        """The whole file that Save would make if it was pressed now, and where; saves nothing."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        typed, placed = _typed(request, PostForm), _placed(request)[0]
        wrong = list(all_wrong(typed))
        wrong += [
            f"{placed[key].label}: {error}" for key in ("collection", "path") for error in placed.errors.get(key, ())
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("What will change"),
            "wrong": wrong,
            "saving": sections("", typed.document.text) if typed.document is not None else None,
            "new": True,
            "path": "" if "path" in placed.errors else placed.cleaned_data.get("path", ""),
        }
        template = "will_change_part" if request.headers.get("X-Requested-With") else "will_change"
        return TemplateResponse(request, f"admin/posts/post/{template}.html", context)

    def shared(self, form: PostForm) -> dict[str, Any]:
        """What the form of a post and that of a new one both show."""
        return {
            "form": form,
            "body": Row(form[BODY], BODY),
            "media": form.media,
            "unsaved": form.is_bound,
            "list_url": reverse("admin:posts_post_changelist"),
        }

    def after_save(self, request: HttpRequest, post: Post) -> HttpResponse:
        """Where somebody finds themselves when the post is saved."""
        if (then := request.POST.get("then", "")) and is_ours(request, then):
            return self.without_local_copy(request, HttpResponseRedirect(then))
        if "_continue" in request.POST:
            there = HttpResponseRedirect(reverse("admin:posts_post_change", args=[post.pk]))
            return self.without_local_copy(request, there)
        return self.without_local_copy(request, self.response_post_save_change(request, post))

    def _begun(self, request: Any) -> tuple[NewPostForm, Typed]:
        copy = workingcopies.copy_of(None, by=request.user)
        data = form_data(copy.typed if copy else {})
        template = _template(request, data.get("template") or "")
        empty = NewPostForm(by=request.user, template=template)
        form = NewPostForm(by=request.user, template=template, initial=initial_of(empty, copy.typed if copy else {}))
        return form, not_judged(form, data)

    @transaction.atomic
    def _create(self, request: Any, form: NewPostForm, document: Document) -> Post:
        collection, path = form.cleaned_data["collection"], form.cleaned_data["path"]
        start = form.template.document if form.template else None
        post = editing.create_typed(collection, path, document, start=start, by=request.user)
        self.forget_copy(request, None)
        self.log_addition(request, post, [{"added": {}}])
        self.message_user(request, _("“%(post)s” was added.") % {"post": str(post)[:80]}, messages.SUCCESS)
        return post


def _typed(request: HttpRequest, make: Callable[[Document, Any], PostForm]) -> Typed:
    """What was typed into the form, which was opened on a template or on nothing."""
    template = _template(request, request.POST.get("template", ""))
    opened = editing.new_document(template.document if template else None)
    return typed_into(opened, request.POST, make, is_blank=template is None)


def _placed(request: HttpRequest) -> tuple[NewPostForm, Typed]:
    """The same, with where the post is to stand."""
    template = _template(request, request.POST.get("template", ""))

    def made(document: Document, data: Any) -> NewPostForm:
        return NewPostForm(data, by=asking(request), template=template, document=document)

    typed = _typed(request, made)
    assert isinstance(typed.form, NewPostForm)
    return typed.form, typed


def _blank(request: HttpRequest) -> NewPostForm:
    """A form with what the address names: a template, or a collection and a title."""
    template = _template(request, request.GET.get("template", ""))
    told = {name: request.GET[name] for name in ("collection", "title") if request.GET.get(name)}
    return NewPostForm(by=asking(request), template=template, initial=told)


def _template(request: HttpRequest, told: str) -> PostTemplate | None:
    known = told.isascii() and told.isdecimal() and len(told) < 10
    return _templates(request).filter(pk=int(told)).first() if known else None


def _templates(request: HttpRequest) -> QuerySet[PostTemplate]:
    return within(asking(request), PostTemplate.objects.select_related("collection"))
