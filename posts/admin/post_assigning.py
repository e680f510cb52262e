"""The doors to who works on a post: the buttons of its panel, and the same for many from the list."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import action
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from posts.admin.reading import asking
from posts.assigning import AssignmentRefused, assign, can_work
from posts.models import Post
from posts.notifying import called
from posts.questions import RowQuestion
from posts.wording import worded_error

MOST = 500
NOBODY = "nobody"


class PostAssigning(ModelAdmin):
    """Take, give to, release."""

    def has_assign_permission(self, request: HttpRequest) -> bool:
        """For the action's place in the menu."""
        return request.user.has_perm("posts.change_post")

    def assign_view(self, request: HttpRequest, post_id: int) -> HttpResponse:
        """Let the person named by `to` work on one post; "nobody" releases it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        post = get_object_or_404(Post.objects.only("title", "path", "collection"), pk=post_id)
        if request.method == "POST" and not self.has_assign_permission(request):
            raise PermissionDenied
        told = request.POST.get("to", "")
        person = None if told == NOBODY else _person(told)
        if request.method != "POST" or (person is None and told != NOBODY):
            if request.method == "POST":
                self.message_user(request, gettext("Choose a person first."), messages.WARNING)
            return self._back(post)
        try:
            assign([post], person, by=asking(request))
        except AssignmentRefused as refusal:
            self.message_user(request, worded_error(refusal), messages.WARNING)
        else:
            said = gettext("It is now with: %(name)s") % {"name": called(person) or gettext("nobody")}
            self.message_user(request, said, messages.SUCCESS)
        return self._back(post)

    def _back(self, post: Post) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:posts_post_change", args=[post.pk]))

    @action(description=_("Give to somebody…"), permissions=["assign"])
    def assign_posts(self, request: Any, queryset: QuerySet[Post]) -> HttpResponse | None:
        """Ask to whom, then let them work on the chosen posts."""
        posts = list(queryset.order_by("-date", "-pk")[: MOST + 1])
        if len(posts) > MOST:
            told = ngettext("Choose at most %(most)s post.", "Choose at most %(most)s posts.", MOST)
            self.message_user(request, told % {"most": MOST}, messages.ERROR)
            return None
        told_to = request.POST.get("to", "")
        person = None if told_to == NOBODY else _person(told_to)
        if person is None and told_to != NOBODY:
            return self._ask_to_whom(request, posts)
        try:
            changed = assign(posts, person, by=asking(request))
        except AssignmentRefused as refusal:
            self.message_user(request, worded_error(refusal), messages.WARNING)
            return None
        said = ngettext("%(count)s post is now with: %(name)s", "%(count)s posts are now with: %(name)s", len(changed))
        name = called(person) or gettext("nobody")
        self.message_user(request, said % {"count": len(changed), "name": name}, messages.SUCCESS)
        return None

    def _ask_to_whom(self, request: HttpRequest, posts: list[Post]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Give to somebody"),
            "posts": posts[:20],
            "more": len(posts) - 20,
            "pks": [post.pk for post in posts],
            "people": people_to_choose(*sorted({post.collection_id for post in posts})),
            "checkbox": ACTION_CHECKBOX_NAME,
            "list_url": request.get_full_path(),
            "mine": asking(request).pk,
        }
        return TemplateResponse(request, "admin/posts/post/assign.html", context)


_ABLE = RowQuestion(User, can_work)


def people_to_choose(*collections: int) -> list[tuple[int, str]]:
    """Whoever may be given a post of all these collections: key and name. A query for each."""
    able = [{person.pk: called(person) for person in _ABLE.ask(each)} for each in collections]
    return [(pk, name) for pk, name in able[0].items() if all(pk in others for others in able[1:])]


def _person(told: str) -> User | None:
    """The person with this key, who may be anybody; whether they may is asked by the service."""
    if not (told.isascii() and told.isdecimal() and len(told) < 19):
        return None
    return User.objects.filter(pk=int(told)).first()
