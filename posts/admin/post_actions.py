"""Steps of the review over several posts: each by itself, and what became of each is told."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.admin import action
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from posts.admin.post_words import STEPS
from posts.errors import EvergreenError
from posts.models import Post, Revision
from posts.reviewing import TransitionRefused, perform
from posts.wording import worded, worded_error, worded_refusals
from posts.workflow import Transition

MOST = 200


def in_words(error: EvergreenError) -> str:
    """An error of a verb, with every reason of a refusal."""
    return worded_refusals(error.refusals) if isinstance(error, TransitionRefused) else worded_error(error)


class PostActions(ModelAdmin):
    """The bulk actions of the list. What may be done is decided post by post, as for the buttons."""

    def has_submit_permission(self, request: HttpRequest) -> bool:
        """For the action's place in the menu."""
        return request.user.has_perm("posts.submit_post")

    def has_review_permission(self, request: HttpRequest) -> bool:
        """For the action's place in the menu."""
        return request.user.has_perm("posts.review_post")

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """For the action's place in the menu."""
        return request.user.has_perm("posts.publish_post")

    @action(description=_("Submit for review"), permissions=["submit"])
    def submit_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        """Submit the chosen posts."""
        self._each(request, queryset, Transition.SUBMIT)

    @action(description=_("Approve"), permissions=["review"])
    def approve_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        """Approve the chosen posts, each in the text that the list was showing."""
        self._each(request, queryset, Transition.APPROVE)

    @action(description=_("Publish"), permissions=["publish"])
    def publish_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        """Publish the chosen posts."""
        self._each(request, queryset, Transition.PUBLISH)

    @action(description=_("Still right (confirm)"), permissions=["review"])
    def confirm_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        """Say of the chosen evergreen posts that they are still right."""
        self._each(request, queryset, Transition.CONFIRM)

    def _each(self, request: HttpRequest, queryset: QuerySet[Post], step: Transition) -> None:
        posts = list(queryset.order_by("pk")[: MOST + 1])
        if len(posts) > MOST:
            told = ngettext("Choose at most %(most)s post.", "Choose at most %(most)s posts.", MOST)
            self.message_user(request, told % {"most": MOST}, messages.ERROR)
            return
        done = 0
        for post in posts:
            seen = _seen(request, post)
            if step is Transition.APPROVE and seen is None:
                self._tell(request, post, worded("text_moved"))
                continue
            try:
                self._take(request, post, step, seen)
            except EvergreenError as error:
                self._tell(request, post, in_words(error))
            else:
                done += 1
        if done:
            told = ngettext("%(count)s post: %(done)s.", "%(count)s posts: %(done)s.", done)
            self.message_user(request, told % {"count": done, "done": STEPS[step].done}, messages.SUCCESS)

    @transaction.atomic
    def _take(self, request: Any, post: Post, step: Transition, seen: Revision | None) -> None:
        taken = perform(post, step, by=request.user, looked_at=seen)
        self.log_change(request, taken, str(STEPS[step].done))

    def _tell(self, request: HttpRequest, post: Post, why: str) -> None:
        told = gettext("“%(post)s”: %(why)s") % {"post": str(post)[:80], "why": why}
        self.message_user(request, told, messages.WARNING)


def _seen(request: HttpRequest, post: Post) -> Revision | None:
    """The revision of `post` that the list showed when the boxes were ticked."""
    return revision_named(post, request.POST.get(f"seen-{post.pk}", ""))


def revision_named(post: Post, key: str) -> Revision | None:
    """The revision of `post` with this key, without its text; None for one of another post or nonsense."""
    try:
        pk = uuid.UUID(key)
    except ValueError:
        return None
    return Revision.objects.filter(post=post, pk=pk).defer("text").first()
