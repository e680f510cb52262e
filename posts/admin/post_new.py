"""The form of a new post: from a template or from nothing, at a path that is suggested."""

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
from posts.admin.post_rows import Row, groups, other_keys
from posts.admin.post_steps import is_ours
from posts.admin.reading import asking
from posts.composing import suggested_path
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
        if request.method == "POST":
            form = NewPostForm(
                request.POST, by=request.user, template=_template(request, request.POST.get("template", ""))
            )
        elif going_on:
            form = self._begun(request)
        else:
            form = _blank(request)
        if form.is_bound and form.is_valid():
            try:
                return self.after_save(request, self._create(request, form))
            except EditForbidden as refusal:
                raise PermissionDenied from refusal
            except EvergreenError as error:
                blame(form, error)
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
            "other_keys": other_keys(form.document),
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

    def _begun(self, request: Any) -> NewPostForm:
        copy = workingcopies.copy_of(None, by=request.user)
        typed = copy.typed if copy else {}
        template = _template(request, form_data(typed).get("template") or "")
        return NewPostForm(
            by=request.user,
            template=template,
            initial=initial_of(NewPostForm(by=request.user, template=template), typed),
        )

    @transaction.atomic
    def _create(self, request: Any, form: NewPostForm) -> Post:
        given = form.cleaned_data
        start = form.template.document if form.template else None
        post = editing.create(
            given["collection"], given["path"], form.changes(), body=given.get(BODY, ""), start=start, by=request.user
        )
        self.forget_copy(request, None)
        self.log_addition(request, post, [{"added": {}}])
        self.message_user(request, _("“%(post)s” was added.") % {"post": str(post)[:80]}, messages.SUCCESS)
        return post


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
