"""The doors to a post's two days: until when its review is asked for, and when an evergreen is looked at again."""

import datetime
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from posts.admin.post_steps import PostSteps, back_to
from posts.errors import EvergreenError
from posts.evergreens import check_review_by, set_review_by
from posts.models import Post
from posts.moments import day_of
from posts.requests import refusals_to_set_due, set_review_due
from posts.wording import worded_error, worded_refusals


class DayForm(forms.Form):
    """One day."""

    day = forms.DateField(
        label=gettext_lazy("Day"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date", "class": "eg-input"}, format="%Y-%m-%d"),
    )


class PostReviewDates(PostSteps):
    """GET asks for the day, POST sets it."""

    def review_by_view(self, request: Any, post_id: int) -> HttpResponse:
        """When an evergreen post is to be looked at again."""
        post = self.opened(request, post_id)
        try:
            check_review_by(post, by=request.user)
        except EvergreenError as error:
            return self.refused(request, post, [worded_error(error)])
        words = {
            "title": _("Review-by date"),
            "icon": "eco",
            "says": _(
                "By this day somebody looks whether the post is still right. Whoever answers for it is reminded a week "
                "before and on the day."
            ),
        }
        return self._day(request, post, post.review_by, words, lambda day: told_review_by(_set_by(request, post, day)))

    def review_due_view(self, request: Any, post_id: int) -> HttpResponse:
        """Until when the review is asked for."""
        post = self.opened(request, post_id)
        if reasons := refusals_to_set_due(post, by=request.user):
            return self.refused(request, post, [worded_refusals(reasons)])
        words = {
            "title": _("To be reviewed by"),
            "icon": "rate_review",
            "says": _("Until this day the review is asked for. Whoever it is asked of is told."),
        }
        return self._day(request, post, post.review_due, words, lambda day: told_due(_set_due(request, post, day)))

    def _day(
        self,
        request: Any,
        post: Post,
        now: datetime.date | None,
        words: dict[str, str],
        set_day: Callable[[datetime.date], str],
    ) -> HttpResponse:
        form = DayForm(request.POST) if request.method == "POST" else DayForm(initial={"day": now})
        if form.is_valid():
            try:
                self._set_day(request, post, form.cleaned_data["day"], set_day)
            except EvergreenError as error:
                form.add_error("day", worded_error(error))
            else:
                return HttpResponseRedirect(back_to(request, post))
        context = {
            "form": form,
            "words": words,
            "back": back_to(request, post),
            "next": request.POST.get("next", request.GET.get("next", "")),
        }
        return self.page(request, post, "day", words["title"], context, 400 if form.errors else 200)

    @transaction.atomic
    def _set_day(self, request: Any, post: Post, day: datetime.date, set_day: Callable[[datetime.date], str]) -> None:
        told = set_day(day)
        self.log_change(request, post, told)
        self.message_user(request, told, messages.SUCCESS)


def told_review_by(post: Post) -> str:
    """That `post` has another review-by date."""
    return _("“%(post)s”: review by %(day)s.") % {"post": str(post)[:80], "day": day_of(post.review_by)}


def told_due(post: Post) -> str:
    """That the review of `post` is asked for until another day."""
    return _("“%(post)s”: the review is asked for until %(day)s.") % {
        "post": str(post)[:80],
        "day": day_of(post.review_due),
    }


def _set_by(request: Any, post: Post, day: datetime.date) -> Post:
    return set_review_by(post, day, by=request.user)


def _set_due(request: Any, post: Post, day: datetime.date) -> Post:
    return set_review_due(post, day, by=request.user)
