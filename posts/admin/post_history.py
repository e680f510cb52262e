"""The history of a post: its revisions and events, their differences, and a text of the past brought back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from posts import editing
from posts.admin.plan_words import how_it_was_planned
from posts.admin.post_actions import revision_named
from posts.admin.post_steps import PostSteps, in_words
from posts.admin.post_words import done, name_of, noted, state_label
from posts.conflicts import held
from posts.differences import Difference, difference
from posts.document.document import Document
from posts.document.errors import DocumentError
from posts.editing import EditForbidden
from posts.errors import EvergreenError
from posts.models import Event, Post, Revision, Whence
from posts.situations import situation_of
from posts.taken_home import note_taken
from posts.wording import worded_error
from posts.workflow import may_edit

_A_PAGE = 50
_OFFERED = 200
_LINE_ENDS = {"CRLF": r"\r\n", "LF": r"(?<!\r)\n", "CR": r"\r(?!\n)"}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a file, with what changed in it."""

    title: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class ToCompare:
    """The texts that are offered for a comparison, by number, the newest first, and what is said of each.

    `has_more`: there are others, which are named by their number.
    """

    offered: list[tuple[int, str]]
    newest: int
    has_more: bool


class PostHistory(PostSteps):
    """Pages about the texts of a post. Django's own history, which knows no texts, gives way to them."""

    def history_view(self, request: Any, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Revisions and events in one time line, newest first."""
        if not (object_id.isascii() and object_id.isdecimal()):
            raise Http404(object_id)
        post = self.opened(request, int(object_id))
        page = Paginator(_moments(post), _A_PAGE).get_page(request.GET.get("page"))
        context = {
            "page": page,
            "may_restore": not may_edit(situation_of(post, request.user)),
            "to_compare": _to_compare(post),
            "from_number": max(0, (post.present.number if post.present else 0) - 1),
            "to_number": post.present.number if post.present else 0,
        }
        return self.page(request, post, "history", _("History"), context)

    def difference_view(self, request: Any, post_id: int) -> HttpResponse:
        """What changed between two revisions, by number (0: nothing); by default what the last one changed."""
        post = self.opened(request, post_id)
        newest = post.present.number if post.present else 0
        to = _number(request.GET.get("to"), newest)
        start = _number(request.GET.get("from"), to - 1)
        old, new = _revision(post, start), _revision(post, to)
        context = {
            "old": old,
            "new": new,
            "sections": sections(old.text if old else "", new.text if new else ""),
            "to_compare": _to_compare(post, start, to),
            "from_number": start,
            "to_number": to,
        }
        return self.page(request, post, "difference", _("Difference"), context)

    def revision_view(self, request: Any, post_id: int, number: int) -> HttpResponse:
        """The exact text of one revision, as a file."""
        post = self.opened(request, post_id)
        revision = get_object_or_404(Revision, post=post, number=number)
        answer = HttpResponse(revision.text.encode(), content_type="text/markdown; charset=utf-8")
        note_taken([(post.pk, revision.pk)], by=request.user)
        name = post.path.rpartition("/")[2]
        answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
        return answer

    def restore_view(self, request: Any, post_id: int, number: int) -> HttpResponse:
        """Bring a text of the past back as an edit: GET shows what would change, POST does it."""
        post = self.opened(request, post_id)
        if not self.has_change_permission(request, post):
            raise PermissionDenied
        revision = get_object_or_404(Revision, post=post, number=number)
        refused = may_edit(situation_of(post, request.user))
        if refused:
            return self.refused(request, post, in_words(refused))
        if request.method == "POST":
            return self._restored(request, post, revision)
        context = {"revision": revision, "sections": sections(post.present.text if post.present else "", revision.text)}
        return self.page(request, post, "restore", _("Restore"), context)

    def file_view(self, request: Any, post_id: int) -> HttpResponse:
        """The file to the letter, and what the next commit will change in the repository."""
        post = self.opened(request, post_id)
        in_git = text_in_git(post)
        text = post.present.text if post.present else ""
        leaves = post.cleared.text if post.pending and post.cleared and not post.removed else None
        context = {
            "text": text,
            "size": len(text.encode()),
            "line_ends": _line_ends(text),
            "ends_with_one": text.endswith(("\n", "\r")),
            "in_git": in_git,
            "commit": sections(in_git or "", leaves) if leaves is not None else None,
            "present": sections(in_git or "", text) if text != in_git else None,
            "same": leaves == text,
            "conflict": held(post),
        }
        return self.page(request, post, "file", _("The file as it will be written"), context)

    def _restored(self, request: Any, post: Post, revision: Revision) -> HttpResponse:
        try:
            self._restore(request, post, revision)
        except EditForbidden as refusal:
            return self.refused(request, post, in_words(refusal.refusals))
        except EvergreenError as error:
            return self.refused(request, post, [worded_error(error)], status=409)
        return HttpResponseRedirect(reverse("admin:posts_post_change", args=[post.pk]))

    @transaction.atomic
    def _restore(self, request: Any, post: Post, revision: Revision) -> None:
        onto = revision_named(post, request.POST.get("onto", ""))
        restored, kept = editing.restore_revision(post, revision, by=request.user, onto=onto)
        if kept is not None:
            told = _("Somebody changed the same parts meanwhile: choose what to keep under “Conflicts”.")
            self.message_user(request, told, messages.WARNING)
        if restored.present_id == post.present_id:
            self.message_user(request, _("The post has this text already."), messages.INFO)
            return
        self.log_change(request, restored, _("restored text %(number)s") % {"number": revision.number})
        told = _("The text of revision %(number)s was brought back.") % {"number": revision.number}
        self.message_user(request, told, messages.SUCCESS)


def _to_compare(post: Post, *chosen: int) -> ToCompare:
    """The newest texts; of those before the first, what was `chosen`, and what is more than a save, within bounds."""
    known = post.revisions.order_by("-number").values_list("number", "whence")
    found = list(known[:_OFFERED])
    newest = found[0][0] if found else 0
    if len(found) == _OFFERED:
        before = known.filter(number__lt=found[-1][0])
        stepped = Event.objects.filter(post=post, revision__isnull=False).values("revision")
        found += before.filter(~Q(whence=Whence.EDIT) | Q(pk__in=stepped))[:_OFFERED]
        found += before.filter(number__in=(1, *chosen))
    offered = dict(sorted(set(found), reverse=True))
    labels = {number: "" if whence == Whence.EDIT else Whence(whence).label for number, whence in offered.items()}
    return ToCompare([(number, str(label)) for number, label in labels.items()], newest, newest > len(offered))


def sections(old: str, new: str) -> list[Section]:
    """What differs, in the front matter and in the body; nothing for a part that is the same."""
    old_head, old_body = _split(old)
    new_head, new_body = _split(new)
    first = old_head.count("\n") + 1, new_head.count("\n") + 1
    found = [
        Section(_("Front matter"), difference(old_head, new_head)),
        Section(_("Text"), difference(old_body, new_body, first=first)),
    ]
    return [section for section in found if section.difference]


def text_in_git(post: Post) -> str | None:
    """The text that the repository has of `post`; None where it has none, or it is not known here."""
    if not post.git_blob or post.git_text is None or post.git_text.blob != post.git_blob:
        return None
    return post.git_text.text


def _split(text: str) -> tuple[str, str]:
    try:
        document = Document.from_text(text)
    except DocumentError:
        return "", text
    return document.head, document.body


def _moments(post: Post) -> list[dict[str, Any]]:
    """Revisions (without their texts) and events, newest first; a step stands above the text that it wrote."""
    revisions = list(Revision.objects.filter(post=post).select_related("by").defer("text").order_by("number"))
    events = Event.objects.filter(post=post).select_related("by", "revision", "schedule").defer("revision__text")
    moments = [*_of_revisions(post, revisions), *_of_events(events)]
    moments.sort(key=lambda moment: (moment["at"], moment["is_step"], moment["number"]), reverse=True)
    return list(_folded(moments))


def _folded(moments: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Texts that one person saved on one day as one moment, the newest; what is a milestone stands by itself."""
    for (_which, _day, foldable), group in groupby(moments, _of_one_day):
        newest, *earlier = group
        if foldable and earlier:
            yield {**newest, "earlier": earlier, "since": earlier[-1]["before"]}
        else:
            yield from (newest, *earlier)


def _of_one_day(moment: dict[str, Any]) -> tuple[object, ...]:
    return moment.get("who_saved"), timezone.localdate(moment["at"]), moment.get("who_saved") is not None


def _of_revisions(post: Post, revisions: list[Revision]) -> Iterator[dict[str, Any]]:
    own = 0
    for revision in revisions:
        before = own
        own = own if revision.beside else revision.number
        yield {
            "at": revision.at,
            "is_step": False,
            "who": name_of(revision.by) or revision.author_name,
            "what": revision.get_whence_display(),
            "who_saved": _who_saved(post, revision),
            "number": revision.number,
            "before": before,
            "beside": revision.beside,
            "commit": revision.commit,
            "is_present": revision.pk == post.present_id,
            "is_in_git": bool(post.git_blob) and revision.blob == post.git_blob,
            "is_approved": revision.pk == post.approved_id,
        }


def _who_saved(post: Post, revision: Revision) -> object:
    """Whose save this is, where it is nothing but a save: sent, approved or brought from elsewhere it is more."""
    if revision.beside or revision.whence != Whence.EDIT or revision.pk == post.approved_id:
        return None
    return revision.by_id


def _of_events(events: Any) -> Iterator[dict[str, Any]]:
    for event in events:
        yield {
            "at": event.at,
            "is_step": True,
            "number": 0,
            "who": name_of(event.by),
            "what": done(event.transition),
            "from": state_label(event.from_state),
            "to": state_label(event.to_state),
            "moved": event.from_state != event.to_state,
            "note": noted(event.transition, event.note, event.facts),
            "planned": how_it_was_planned(getattr(event, "schedule", None)),
            "of": event.revision.number if event.revision else None,
        }


def _line_ends(text: str) -> str:
    """The names of the line ends that `text` uses."""
    return ", ".join(name for name, end in _LINE_ENDS.items() if re.search(end, text))


def _number(told: str | None, default: int) -> int:
    if told is None or told == "":
        return default
    if not (told.isascii() and told.isdecimal() and len(told) < 9):
        raise Http404(told)
    return int(told)


def _revision(post: Post, number: int) -> Revision | None:
    return None if number <= 0 else get_object_or_404(Revision.objects.select_related("by"), post=post, number=number)
