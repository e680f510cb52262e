"""The page on which everything that is one person's is handed over to another."""

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from posts.admin.mine_forms import HandOverForm
from posts.admin.reading import asking, post_address, posts_where
from posts.assigning import AssignmentRefused
from posts.handing_over import OF_ANYBODY, STAYS, Holding, can_take_over, hand_over, holdings, may_hand_over, staying
from posts.notifying import called
from posts.wording import worded_error

HOLDINGS: dict[str, tuple[Promise, str]] = {
    "assigned": (gettext_lazy("Posts being worked on"), "assignee"),
    "drafts": (gettext_lazy("Drafts of their own, and what is to be changed"), ""),
    "evergreens": (gettext_lazy("Evergreen posts that they answer for"), ""),
    "asked": (gettext_lazy("Reviews asked for"), "reviewer"),
    OF_ANYBODY: (gettext_lazy("Asked of any reviewer instead"), ""),
    "scheduled": (gettext_lazy("Steps set for later"), ""),
    STAYS: (gettext_lazy("Steps set for later that stay"), ""),
}
"""For each kind of thing that can be handed over what it is called, and the filter of the list that shows all."""

SAID_WITH: dict[str, Promise] = {
    "asked": gettext_lazy(
        "Where the person whom you choose wrote or submitted the text, the review is asked of any reviewer instead."
    ),
    "scheduled": gettext_lazy("They are done in the name of the person whom you choose then."),
    STAYS: gettext_lazy(
        "Whoever set them may not take them any more, and you may not either. They stay as they are, and at their hour "
        "they are refused unless somebody who may sets another time."
    ),
}
"""What becomes of some kinds beyond being given to whoever is chosen."""


def hand_over_page(request: HttpRequest, person: User, back: str) -> HttpResponse:
    """What is `person`'s and to whom it may go; a POST hands it over and leads to `back`. Raises 403."""
    by = asking(request)
    if not may_hand_over(person, by=by):
        raise PermissionDenied
    held, stays = holdings(person, by=by), staying(person, by=by)
    form = HandOverForm(
        request.POST if request.method == "POST" and held else None, people=can_take_over(person, by=by)
    )
    if form.is_valid():
        to = form.cleaned_data["to"]
        try:
            given = hand_over(person, to, by=by)
        except AssignmentRefused as refusal:
            form.add_error("to", worded_error(refusal))
        else:
            told = " · ".join(f"{_title(kind)}: {count}" for kind, count in given.items())
            messages.success(request, _("Handed over to %(name)s. %(what)s") % {"name": called(to), "what": told})
            return HttpResponseRedirect(back)
    may_see = by.has_perm("posts.view_post")
    context = {
        **admin.site.each_context(request),
        "title": _("Hand everything over"),
        "subtitle": called(person),
        "whose": called(person),
        "own": person.pk == by.pk,
        "inactive": not person.is_active,
        "form": form,
        "back": back,
        "holdings": [_shown(holding, person, may_see) for holding in held],
        "staying": [_shown(stays, person, may_see)] if stays is not None else [],
    }
    return render(request, "admin/hand_over.html", context, status=400 if form.errors else 200)


def _my_hand_over(request: HttpRequest) -> HttpResponse:
    return hand_over_page(request, asking(request), reverse("my_settings"))


def of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """What is anybody's, for who may change people."""
    person = get_object_or_404(User, pk=pk)
    return hand_over_page(request, person, reverse("admin:auth_user_change", args=[pk]))


def _shown(holding: Holding, person: User, may_see: bool) -> dict[str, object]:
    return {
        "title": _title(holding.kind),
        "count": holding.count,
        "said": SAID_WITH.get(holding.kind, ""),
        "posts": [(str(post), post_address(post.pk) if may_see else "") for post in holding.posts],
        "more": holding.count - len(holding.posts),
        "address": _list_address(holding.kind, person) if may_see else "",
    }


def _title(kind: str) -> str:
    return str(HOLDINGS[kind][0]) if kind in HOLDINGS else kind


def _list_address(kind: str, person: User) -> str:
    filtered_by = HOLDINGS[kind][1] if kind in HOLDINGS else ""
    return posts_where(**{filtered_by: person.pk}) if filtered_by else ""


my_hand_over_view = admin.site.admin_view(_my_hand_over)
