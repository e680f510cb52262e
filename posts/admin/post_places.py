"""Two small doors of a post: its path changed, and a change from outside looked at."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from posts import editing
from posts.admin.post_actions import revision_named
from posts.admin.post_steps import PostSteps, in_words
from posts.editing import EditForbidden
from posts.errors import EvergreenError
from posts.models import Post
from posts.reviewing import LookRefused, mark_looked_at
from posts.wording import worded_error


class PostPlaces(PostSteps):
    """What is allowed is decided in `posts.editing` and `posts.reviewing`."""

    def move_view(self, request: Any, post_id: int) -> HttpResponse:
        """The path of a post: GET asks for another one, POST gives it."""
        post = self.opened(request, post_id)
        if not self.has_change_permission(request, post):
            raise PermissionDenied
        context: dict[str, Any] = {"path": post.path, "patterns": post.collection.patterns, "error": ""}
        if request.method == "POST":
            context["path"] = request.POST.get("path", "").strip()
            try:
                self._move(request, post, context["path"])
            except EditForbidden as refusal:
                return self.refused(request, post, in_words(refusal.refusals))
            except EvergreenError as error:
                context["error"] = worded_error(error)
                return self.page(request, post, "move", _("Change the path"), context, 400)
            return HttpResponseRedirect(reverse("admin:posts_post_file", args=[post.pk]))
        return self.page(request, post, "move", _("Change the path"), context)

    @transaction.atomic
    def _move(self, request: Any, post: Post, path: str) -> None:
        before = post.path
        moved = editing.move(post, path, by=request.user)
        if moved.path == before:
            self.message_user(request, _("Nothing was changed."), messages.INFO)
            return
        self.log_change(request, moved, [{"changed": {"fields": ["path"]}}])
        told = _("The path is %(path)s now. The file moves with the next sync.")
        self.message_user(request, told % {"path": moved.path}, messages.SUCCESS)

    def look_view(self, request: Any, post_id: int) -> HttpResponse:
        """Somebody looked at what was changed from outside; names the text that they saw."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        post = self.opened(request, post_id)
        try:
            mark_looked_at(post, by=request.user, looked_at=revision_named(post, request.POST.get("looked_at", "")))
        except LookRefused as refusal:
            return self.refused(request, post, in_words(refusal.refusals))
        self.message_user(request, _("“%(post)s” was looked at.") % {"post": str(post)[:80]}, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:posts_post_change", args=[post.pk]))
