"""The doors of a form that is open: its working copy, who else has it open, and what others saved meanwhile.

What is kept, and for whom, is decided in `posts.workingcopies` and `posts.presences`.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from posts import editing, fields, workingcopies
from posts.admin.post_actions import revision_named
from posts.admin.post_history import sections
from posts.admin.post_steps import PostSteps
from posts.admin.post_typing import FRONT_MATTER, typed_into
from posts.admin.post_words import name_of
from posts.document.errors import MergeRefused
from posts.document.heads import front_matter_of
from posts.errors import EvergreenError
from posts.forms import BODY, PostForm
from posts.merging import document_of
from posts.models import Post, Revision, WorkingCopy
from posts.moments import clock_of
from posts.presences import note_left, note_presence, others_at
from posts.wording import worded_error

_ALONE, _TOGETHER = 15, 5
"""Seconds between two questions of an open form: more often while somebody else has the post open too."""

_WINDOW = re.compile(r"[0-9a-f]{32}")
_NOT_TYPED = frozenset({"csrfmiddlewaretoken", "onto", "copy_window", "copy_mark"})


@dataclass(frozen=True, slots=True)
class CopyOfForm:
    """What a form must know of its working copy: how to name it, where to send it, and an older one to go on with."""

    window: str
    mark: str
    address: str
    form_address: str
    key: str
    onto: str
    offered: WorkingCopy | None = None
    warning: str = ""


class PostCopies(PostSteps):
    """The form's own scripts ask here; without them the page of the working copy does what they do."""

    # --- For the form

    def copy_of_form(
        self, request: Any, post: Post | None, *, onto: object = "", going_on: bool = False, warning: str = ""
    ) -> CopyOfForm:
        """What the form of `post` (None: a new one), opened on the revision `onto`, knows of its working copy."""
        told = request.POST
        copy = workingcopies.copy_of(post, by=request.user)
        window, mark = _window(request) or uuid.uuid4().hex, ""
        known = told.get("copy_mark", "")
        if copy is not None and (going_on or workingcopies.knows(copy, window=window, mark=known)):
            mark, copy = copy.mark, None
        address, form_address = _addresses(post)
        key = str(post.pk) if post else "new"
        return CopyOfForm(window, mark, address, form_address, key, str(onto), copy, warning)

    def forget_copy(self, request: Any, post: Post | None) -> None:
        """What was typed is saved now: the working copy that the form knew goes."""
        mark = request.POST.get("copy_mark", "")
        workingcopies.drop(post, by=request.user, window=_window(request), mark=mark)

    def without_local_copy(self, request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        """`answer` to a good save, which tells the scripts that this browser's own copy is no longer needed."""
        window = _window(request)
        if window:
            answer.set_cookie("evergreen_saved", window, max_age=60, samesite="Lax", secure=request.is_secure())
        return answer

    # --- Addresses

    def copy_view(self, request: Any, post_id: int) -> HttpResponse:
        """GET shows what was typed and not saved; POST keeps what is typed, and tells what goes on around it."""
        post = self.opened(request, post_id)
        if not self.has_change_permission(request, post):
            raise PermissionDenied
        if request.method != "POST":
            return self._shown(request, post)
        onto = revision_named(post, request.POST.get("onto", ""))
        answer = self._kept(request, post, onto)
        if answer.status_code == 200:
            note_presence(post, by=request.user)
        return answer

    def new_copy_view(self, request: Any) -> HttpResponse:
        """Keep what is typed into the form of a new post."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:posts_post_add"))
        return self._kept(request, None, None)

    def drop_copy_view(self, request: Any, post_id: int) -> HttpResponse:
        """Forget what was typed and not saved, and open the form as the post is."""
        return self._dropped(request, self.opened(request, post_id))

    def drop_new_copy_view(self, request: Any) -> HttpResponse:
        """Forget the new post that was begun."""
        return self._dropped(request, None)

    def left_view(self, request: Any, post_id: int) -> HttpResponse:
        """The form of this post was closed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        note_left(self.opened(request, post_id), by=request.user)
        return JsonResponse({})

    def bring_in_view(self, request: Any, post_id: int) -> HttpResponse:
        """What was typed together with what others saved since, for the fields of the open form. Saves nothing."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        post = self.opened(request, post_id)
        if not self.has_change_permission(request, post):
            raise PermissionDenied
        onto = revision_named(post, request.POST.get("onto", ""))
        if onto is None:
            raise BadRequest
        typed = typed_into(document_of(onto), form_data(_typed(request)))
        form = typed.form
        try:
            if typed.document is None:
                raise EvergreenError("correct_first")
            together, clashes = editing.brought_in(post, typed.document, onto=onto)
        except (EvergreenError, MergeRefused) as error:
            told = _("The rest can be brought together when you save.") if isinstance(error, MergeRefused) else ""
            return JsonResponse({"said": told or worded_error(error)}, status=409)
        said = _("What was saved meanwhile is in the form now. Nothing of yours was lost; save when you are done.")
        if clashes:
            labels = _(", ").join(str(form.fields[key].label) if key in form.fields else key for key in clashes)
            said = _("All but this is in the form now: %(fields)s. You both changed that; when you save, you choose.")
            said %= {"fields": labels}
        return JsonResponse(
            {
                "fields": {
                    **fields.read(together)[0],
                    BODY: together.body,
                    FRONT_MATTER: front_matter_of(together),
                },
                # Where something clashes, saving must still know on which text it was typed.
                "onto": str(onto.pk if clashes else post.present_id),
                "seen": str(post.present_id),
                "said": said,
            }
        )

    # --- What they do

    def _kept(self, request: Any, post: Post | None, onto: Revision | None) -> HttpResponse:
        told = request.POST
        if told.get("person", str(request.user.pk)) != str(request.user.pk):
            said = _("Somebody else is logged in here now. What you type is kept in this browser for you.")
            return JsonResponse({"why": "person", "said": said}, status=409)
        answer: dict[str, Any] = {}
        if "typed" in told:
            window, mark = _window(request), told.get("copy_mark", "")
            try:
                copy = workingcopies.keep(post, _typed(request), by=request.user, onto=onto, window=window, mark=mark)
            except EvergreenError as error:
                return JsonResponse({"why": error.code, "said": worded_error(error)}, status=409)
            answer = {"mark": copy.mark, "kept_at": clock_of(timezone.now())}
        if post is not None:
            answer |= _around(request, post, onto)
        return JsonResponse(answer)

    def _dropped(self, request: Any, post: Post | None) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if workingcopies.drop(post, by=request.user, mark=request.POST.get("mark", "")):
            self.message_user(request, _("What you had typed was dropped."))
        return HttpResponseRedirect(_addresses(post)[1])

    def _shown(self, request: Any, post: Post) -> HttpResponse:
        copy = workingcopies.copy_of(post, by=request.user)
        if copy is None:
            return HttpResponseRedirect(_addresses(post)[1])
        opened = document_of(copy.onto or post.present)
        typed = typed_into(opened, form_data(copy.typed))
        context: dict[str, Any] = {"copy": copy, "address": _addresses(post)[0], "form_address": _addresses(post)[1]}
        if typed.document is not None:
            context |= {"sections": sections(opened.text, typed.document.text)}
        else:
            said = [str(each) for errors in typed.form.errors.values() for each in errors]
            context["error"] = " ".join([*(remark.words for remark in typed.wrong), *said])
        return self.page(request, post, "working_copy_page", _("Typed, not saved"), context)


def form_data(typed: Mapping[str, list[str]]) -> MultiValueDict[str, str]:
    """What was typed, as a form takes it."""
    return MultiValueDict({name: list(values) for name, values in typed.items()})


def initial_of(form: PostForm, typed: Mapping[str, list[str]]) -> dict[str, Any]:
    """What was typed, as the initial values of a form with the fields of `form`: it is shown, and not yet judged."""
    data = form_data(typed)
    shown = {}
    for name, field in form.fields.items():
        if name in data and name not in _NOT_TYPED:
            shown[name] = field.widget.value_from_datadict(data, {}, name)
    return shown


def _typed(request: HttpRequest) -> dict[str, list[str]]:
    """The fields as the form's script sends them: JSON of lists of text by name."""
    try:
        told = json.loads(request.POST.get("typed", ""))
    except ValueError as error:
        raise BadRequest from error
    if not isinstance(told, dict):
        raise BadRequest
    for values in told.values():
        if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
            raise BadRequest
    return {name: values for name, values in told.items() if name not in _NOT_TYPED}


def _window(request: HttpRequest) -> str:
    """The browser's window that the form says it is in; "" for none or nonsense."""
    told = request.POST.get("copy_window", "")
    return told if _WINDOW.fullmatch(told) else ""


def _around(request: Any, post: Post, onto: Revision | None) -> dict[str, Any]:
    """Who else has the post open, and what was saved since the form was opened, each as a piece of the page."""
    others = others_at(post, by=request.user)
    present = post.present
    known = {str(onto.pk) if onto else "", request.POST.get("seen", "")}
    newer = present if present is not None and str(present.pk) not in known else None
    now = timezone.now()
    words: dict[str, Any] = {"others": [(name_of(each.person), each.since) for each in others]}
    if newer is not None:
        words |= {
            "newer": newer,
            "mine": newer.by_id == request.user.pk,
            "seconds": max(1, int((now - newer.at).total_seconds())),
            "may_bring_in": onto is not None,
        }
    return {
        "next": _TOGETHER if others else _ALONE,
        "present": [each.person_id for each in others],
        "presence": render_to_string("admin/posts/post/presence.html", words) if others else "",
        "newer": render_to_string("admin/posts/post/newer.html", words) if newer else "",
        "newer_key": str(newer.pk) if newer else "",
    }


def _addresses(post: Post | None) -> tuple[str, str]:
    """Of the working copy, and of the form."""
    if post is None:
        return reverse("admin:posts_post_new_copy"), reverse("admin:posts_post_add")
    return reverse("admin:posts_post_copy", args=[post.pk]), reverse("admin:posts_post_change", args=[post.pk])
