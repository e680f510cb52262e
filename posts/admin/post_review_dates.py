"""The door to an evergreen post's review-by date: another day, for whoever reviews."""

import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from posts.admin.post_steps import PostSteps, back_to
from posts.errors import EvergreenError
from posts.evergreens import check_review_by, set_review_by
from posts.models import Post
from posts.wording import worded_error


class ReviewByForm(forms.Form):
    """One day."""

    day = forms.DateField(
        label=gettext_lazy("Review by"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date", "class": "eg-input"}, format="%Y-%m-%d"),
    )


class PostReviewDates(PostSteps):
    """GET asks for the day, POST sets it."""

    def review_by_view(self, request: Any, post_id: int) -> HttpResponse:
        """The review-by date of one post."""
        post = self.opened(request, post_id)
        try:
            check_review_by(post, by=request.user)
        except EvergreenError as error:
            return self.refused(request, post, [worded_error(error)])
        form = ReviewByForm(request.POST) if request.method == "POST" else ReviewByForm(initial={"day": post.review_by})
        if form.is_valid():
            try:
                self._set_day(request, post, form.cleaned_data["day"])
            except EvergreenError as error:
                form.add_error("day", worded_error(error))
            else:
                return HttpResponseRedirect(back_to(request, post))
        context = {
            "form": form,
            "back": back_to(request, post),
            "next": request.POST.get("next", request.GET.get("next", "")),
        }
        return self.page(request, post, "review_by", _("Review-by date"), context, 400 if form.errors else 200)

    @transaction.atomic
    def _set_day(self, request: Any, post: Post, day: datetime.date) -> None:
        set_review_by(post, day, by=request.user)
        told = _("“%(post)s”: review by %(day)s.") % {"post": str(post)[:80], "day": date_format(day, "DATE_FORMAT")}
        self.log_change(request, post, told)
        self.message_user(request, told, messages.SUCCESS)
