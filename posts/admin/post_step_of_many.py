"""Steps of the review over several posts: first what each would do is shown, then each is taken by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import action
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from posts.admin.post_actions import revision_named
from posts.admin.post_chosen import all_are_chosen
from posts.admin.post_history import Section, sections
from posts.admin.post_words import STEPS, state_label
from posts.errors import EvergreenError
from posts.models import Post, Revision
from posts.reviewing import TransitionRefused, perform
from posts.situations import situation_of, text_on_site
from posts.wording import worded, worded_error, worded_refusals
from posts.workflow import Transition, refusals, target

MOST = 400
"""So many at once: each is two fields of the form that asks first, and a form has at most a thousand."""


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
    def submit_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        """Submit the chosen posts."""
        return self._each(request, queryset, Transition.SUBMIT)

    @action(description=_("Approve"), permissions=["review"])
    def approve_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        """Approve the chosen posts, each in the text that the list was showing."""
        return self._each(request, queryset, Transition.APPROVE)

    @action(description=_("Publish"), permissions=["publish"])
    def publish_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        """Publish the chosen posts."""
        return self._each(request, queryset, Transition.PUBLISH)

    @action(description=_("Unpublish"), permissions=["publish"])
    def unpublish_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        """Take the chosen posts off the site."""
        return self._each(request, queryset, Transition.UNPUBLISH)

    @action(description=_("Archive"), permissions=["publish"])
    def archive_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        """Archive the chosen posts."""
        return self._each(request, queryset, Transition.ARCHIVE)

    @action(description=_("Still right (confirm)"), permissions=["review"])
    def confirm_posts(self, request: HttpRequest, queryset: QuerySet[Post]) -> HttpResponse | None:
        """Say of the chosen evergreen posts that they are still right."""
        return self._each(request, queryset, Transition.CONFIRM)

    def _each(self, request: HttpRequest, queryset: QuerySet[Post], step: Transition) -> HttpResponse | None:
        posts = list(queryset.order_by("pk")[: MOST + 1])
        if len(posts) > MOST:
            told = ngettext("Choose at most %(most)s post.", "Choose at most %(most)s posts.", MOST)
            self.message_user(request, told % {"most": MOST}, messages.ERROR)
            return None
        if "sure" not in request.POST:
            return self._asked_first(request, posts, step)
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
        return None

    def _asked_first(self, request: HttpRequest, posts: Sequence[Post], step: Transition) -> HttpResponse:
        """What the step would do to each post, and what stands in its way; nothing is done yet."""
        whole = Post.objects.select_related("collection", "present", "cleared", "git_text").in_bulk(
            [post.pk for post in posts]
        )
        across = all_are_chosen(request)
        rows = [_foreseen(request, whole[post.pk], step, across=across) for post in posts]
        possible = sum(not row.why_not for row in rows)
        context = {
            **self.admin_site.each_context(request),
            "title": STEPS[step].button,
            "opts": self.opts,
            "words": STEPS[step],
            "action": request.POST.get("action", ""),
            "rows": sorted(rows, key=lambda row: not row.why_not),
            "possible": possible,
            "refused": len(rows) - possible,
            "grave": step in (Transition.UNPUBLISH, Transition.ARCHIVE),
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/posts/post/step_of_many.html", context)

    @transaction.atomic
    def _take(self, request: Any, post: Post, step: Transition, seen: Revision | None) -> None:
        taken = perform(post, step, by=request.user, looked_at=seen)
        self.log_change(request, taken, str(STEPS[step].done))

    def _tell(self, request: HttpRequest, post: Post, why: str) -> None:
        told = gettext("“%(post)s”: %(why)s") % {"post": str(post)[:80], "why": why}
        self.message_user(request, told, messages.WARNING)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One of the chosen posts: the text that was seen, what the step makes of its state, or why it cannot be taken."""

    post: Post
    seen: str
    before: str
    after: str
    why_not: str
    sections: Sequence[Section]


def _foreseen(request: Any, post: Post, step: Transition, *, across: bool) -> Foreseen:
    # Of all that are found the list showed one page: what is looked at is what this page shows of each.
    seen = post.present if across else _seen(request, post)
    situation = situation_of(post, request.user, looked_at=seen)
    refused = refusals(step, situation)
    why_not = worded_refusals(refused) if refused else ""
    if step is Transition.APPROVE and seen is None:
        why_not = worded("text_moved")
    shown = text_on_site(post)
    parts = sections(shown.text, post.present.text) if shown and post.present and not why_not else []
    return Foreseen(
        post,
        str(seen.pk) if seen is not None else "",
        state_label(post.state),
        "" if why_not else state_label(target(step, situation)),
        why_not,
        parts if step in (Transition.SUBMIT, Transition.APPROVE, Transition.PUBLISH) else [],
    )


def _seen(request: HttpRequest, post: Post) -> Revision | None:
    """The revision of `post` that the list showed when the boxes were ticked."""
    return revision_named(post, request.POST.get(f"seen-{post.pk}", ""))
