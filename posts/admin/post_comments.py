"""The page of what is said about a post: its text with the passages marked, remarks, and links for people outside."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from posts import fields
from posts.admin.comment_threads import lines_marked, remarks_context
from posts.admin.post_actions import revision_named
from posts.admin.post_steps import PostSteps, is_ours
from posts.commenting import About, body_of, comment, may_comment, reopen, reply, resolve
from posts.errors import EvergreenError
from posts.mentioning import offered, who_may_be_named
from posts.models import Comment, OutsideLink, Post
from posts.outside_links import MOST_DAYS, make_link, may_make_link, why_closed, withdraw_link
from posts.requests import concerned_by
from posts.suggesting import apply_suggestion
from posts.wording import worded_error

_A_LINK_LASTS = datetime.timedelta(days=14)
_VERBS: Mapping[str, Callable[[Comment, QueryDict, User], object]] = {
    "answer": lambda remark, sent, by: reply(remark, sent.get("text", ""), by=by),
    "settle": lambda remark, _sent, by: resolve(remark, by=by),
    "reopen": lambda remark, _sent, by: reopen(remark, by=by),
    "apply": lambda remark, _sent, by: apply_suggestion(remark, by=by),
}


class PostComments(PostSteps):
    """The doors to `posts.commenting`, `posts.suggesting` and `posts.outside_links`."""

    def comments_view(self, request: Any, post_id: int) -> HttpResponse:
        """GET shows the text and what is said about it; POST adds a remark."""
        post = self.opened(request, post_id)
        if request.method != "POST":
            return self._comments(request, post)
        if not may_comment(post, request.user):
            raise PermissionDenied
        try:
            made = comment(post, request.POST.get("text", ""), about_sent(post, request.POST), by=request.user)
        except EvergreenError as error:
            return self._comments(request, post, error=worded_error(error), status=400)
        self.message_user(request, _("Your remark was added."), messages.SUCCESS)
        return HttpResponseRedirect(f"{_back(request, post)}#remark-{made.pk}")

    def remark_view(self, request: Any, post_id: int, number: int, verb: str) -> HttpResponse:
        """POST answers, settles, opens again or applies one remark."""
        post = self.opened(request, post_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not may_comment(post, request.user):
            raise PermissionDenied
        if verb not in _VERBS:
            raise Http404(verb)
        remark = get_object_or_404(Comment, pk=number, post=post, parent=None)
        try:
            _VERBS[verb](remark, request.POST, request.user)
        except EvergreenError as error:
            if verb == "answer":
                return self._comments(request, post, answer_error=worded_error(error), answered=remark, status=400)
            self.message_user(request, worded_error(error), messages.ERROR)
        else:
            self.message_user(request, _said(verb, remark), messages.SUCCESS)
        return HttpResponseRedirect(f"{_back(request, post)}#remark-{remark.pk}")

    def people_view(self, request: Any, post_id: int) -> HttpResponse:
        """GET tells who may be meant by what is typed behind an @: their usernames and names, the likeliest first."""
        post = self.opened(request, post_id)
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        if not may_comment(post, request.user):
            raise PermissionDenied
        concerned = {person.pk for person in concerned_by(post) if person is not None}
        # Naming oneself tells nobody.
        others = [person for person in who_may_be_named(post) if person.pk != request.user.pk]
        others.sort(key=lambda person: person.pk not in concerned)
        found = offered(request.GET.get("q", "")[:150], others)
        return JsonResponse({"people": [{"username": each.username, "name": each.get_full_name()} for each in found]})

    def make_link_view(self, request: Any, post_id: int) -> HttpResponse:
        """POST makes a link for somebody without an account, and shows it this once."""
        post = self.opened(request, post_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not may_make_link(post, request.user):
            raise PermissionDenied
        try:
            day = datetime.date.fromisoformat(request.POST.get("last_day", ""))
        except ValueError:
            day = datetime.date.min
        may_suggest = "may_suggest" in request.POST
        try:
            link, token = make_link(post, request.POST.get("for", ""), day, may_suggest=may_suggest, by=request.user)
        except EvergreenError as error:
            return self._comments(request, post, link_error=worded_error(error), status=400)
        address = request.build_absolute_uri(reverse("outside", args=[token]))
        return self._comments(request, post, made=link, address=address)

    def withdraw_link_view(self, request: Any, post_id: int, number: int) -> HttpResponse:
        """POST makes a link open nothing any more."""
        post = self.opened(request, post_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not may_make_link(post, request.user):
            raise PermissionDenied
        link = get_object_or_404(OutsideLink, pk=number, post=post)
        try:
            withdraw_link(link, by=request.user)
        except EvergreenError as error:
            self.message_user(request, worded_error(error), messages.WARNING)
        return HttpResponseRedirect(f"{reverse('admin:posts_post_comments', args=[post.pk])}#cm-links")

    def _comments(
        self,
        request: Any,
        post: Post,
        *,
        error: str = "",
        answer_error: str = "",
        answered: Comment | None = None,
        link_error: str = "",
        made: OutsideLink | None = None,
        address: str = "",
        status: int = 200,
    ) -> HttpResponse:
        told = remarks_context(post, request.user, back=_asked_back(request))
        passages = {thread.remark.pk: thread.passage for thread in told["threads_open"] if thread.passage is not None}
        may_link = may_make_link(post, request.user)
        today = timezone.localdate()
        context = {
            **told,
            "lines": list(lines_marked(body_of(post.present), passages)),
            "remark_error": error,
            "remark_typed": request.POST if error else {},
            "answer_error": answer_error,
            "answered": answered,
            "answer_typed": request.POST.get("text", "") if answered else "",
            "may_link": may_link,
            "links": [(link, why_closed(link)) for link in _links(post)] if may_link else [],
            "link_error": link_error,
            "link_typed": request.POST if link_error else {},
            "made": made,
            "address": address,
            "first_day": today.isoformat(),
            "last_day": (today + datetime.timedelta(days=MOST_DAYS)).isoformat(),
            "usual_day": (today + _A_LINK_LASTS).isoformat(),
        }
        answer = self.page(request, post, "remarks", _("Remarks"), context, status)
        if address:
            answer["Cache-Control"] = "no-store"
        return answer


def about_sent(post: Post, sent: QueryDict) -> About:
    """What a form says that a remark is about."""
    start, key = sent.get("start", ""), sent.get("field", "")
    return About(
        field=key if key in fields.BY_KEY else "",
        quote=sent.get("quote", ""),
        start=int(start) if start.isascii() and start.isdecimal() and len(start) < 9 else None,
        onto=revision_named(post, sent.get("onto", "")),
        replacement=sent.get("replacement", "") if "suggests" in sent else None,
    )


def _links(post: Post) -> list[Any]:
    links = OutsideLink.objects.filter(post=post).select_related("made_by")
    opened = Count("visits", filter=Q(visits__remark=False))
    left = Count("visits", filter=Q(visits__remark=True))
    found = list(links.annotate(opened=opened, left=left, last=Max("visits__at")))
    makers: dict[int, User] = {}
    for link in found:
        # What they may do is asked for once then, however many they made.
        link.post, link.made_by = post, makers.setdefault(link.made_by_id, link.made_by)
    return found


def _said(verb: str, remark: Comment) -> str:
    """What was done with a remark, for the page that comes then."""
    match verb:
        case "answer":
            return _("Your answer was added.")
        case "settle":
            return _("The remark is settled.")
        case "reopen":
            return _("The remark is open again.")
    return _("The suggestion of %(name)s is in the text now, as your edit.") % {"name": remark.who}


def _back(request: Any, post: Post) -> str:
    return _asked_back(request) or reverse("admin:posts_post_comments", args=[post.pk])


def _asked_back(request: Any) -> str:
    """The page of ours that a form came from, if it says so."""
    told = request.POST.get("next", "")
    return str(told) if told and is_ours(request, told) else ""
