"""What the checks found in a post: its page, and the doors to mend a finding, to dismiss it and to take that back."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from posts.admin.post_actions import revision_named
from posts.admin.post_history import sections
from posts.admin.post_steps import PostSteps, in_words
from posts.admin.post_words import name_of
from posts.check_words import CHECK_WORDS, name_of_finding
from posts.checks import Severity
from posts.checks.bodies import Body
from posts.cross_checking import not_checked_yet
from posts.editing import EditForbidden
from posts.errors import EvergreenError
from posts.finding_facts import facts_for
from posts.mending import dismiss, mend, mended, recall_dismissal, refusals_to_dismiss
from posts.merging import document_of
from posts.models import CheckedText, Finding, Post, Problem
from posts.situations import findings_in_the_way, situation_of
from posts.wording import worded, worded_error, worded_refusals
from posts.workflow import may_edit

SEVERITY_COLOURS = {Severity.BREAKS: "red", Severity.WRONG: "orange", Severity.DOUBT: "blue", Severity.ADVICE: "grey"}
_ORDER = list(Severity)
_MOST_SHOWN = 6
_OF_A_DATE = ("not_a_date", "wrong_kind")
MENDED_PROBLEMS = ("list_as_text", "scalar_for_list")
"""What the checks can mend of what the form says as a problem of the file."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding as a page shows it; `others` are the further ones of its kind that are not shown by themselves."""

    row: Finding
    facts: Mapping[str, Any]
    name: str
    says: str
    label: str
    colour: str
    dismissed_by: str = ""
    others: int = 0

    @property
    def passage(self) -> str:
        """What stands in the text. Of a likeness it is which other post that is: this is in `facts`, if anywhere."""
        return "" if self.row.among_posts else self.row.passage


def findings_of(post: Post, reader: Any) -> list[Shown]:
    """All findings of `post` as `reader` may read them, the worst first; what was dismissed comes last."""
    rows = Finding.objects.filter(post=post).select_related("dismissal__by")
    placed = sorted(
        rows, key=lambda row: (row.dismissal is not None, _ORDER.index(Severity(row.severity)), row.line or 0)
    )
    return [_shown(row, reader) for row in placed]


def findings_on_the_form(post: Post, reader: Any) -> dict[str, Any]:
    """What the form of a post shows: one of each kind with how many more there are, at most some; and how many in all.

    Findings of a field are at the field besides: `by_key`.
    """
    found = [each for each in findings_of(post, reader) if each.row.dismissal is None]
    kinds: dict[str, list[Shown]] = {}
    for each in found:
        kinds.setdefault(each.row.code, []).append(each)
    firsts = [_with_others(same) for same in kinds.values()]
    by_key: dict[str, list[str]] = {}
    for each in found:
        if each.row.key:
            by_key.setdefault(each.row.key, []).append(each.says)
    return {
        "shown": firsts[:_MOST_SHOWN],
        "count": len(found),
        "counts": [(each.label, each.colour, count) for each, count in _by_severity(found)],
        "all_shown": len(firsts) <= _MOST_SHOWN,
        "by_key": by_key,
        "codes": {each.row.code for each in found},
        "not_checked": not_checked_yet(Post.objects.filter(pk=post.pk)).exists(),
        "lines_before": Body(document_of(post.present)).lines_before if post.present else 0,
        "in_the_way": bool(findings_in_the_way(post)),
    }


def problems_on_the_form(post: Post, found: Container[str]) -> list[Problem]:
    """The problems in the file of `post`, but for what a finding of the codes `found` says of the date, and graver."""
    about = Q(post=post) | Q(collection=post.collection_id, path=post.path)
    said_already = _OF_A_DATE if "date_stops_build" in found else ()
    problems = Problem.objects.filter(about).order_by("line", "pk")
    return [each for each in problems if each.key != "date" or each.code not in said_already]


def _by_severity(found: Sequence[Shown]) -> list[tuple[Shown, int]]:
    """The first finding of each severity, and how many there are of it."""
    counts = Counter(each.row.severity for each in found)
    firsts = {each.row.severity: each for each in reversed(found)}
    return [(firsts[severity], counts[severity]) for severity in _ORDER if severity in counts]


def _shown(row: Finding, reader: Any) -> Shown:
    facts = facts_for(reader, row.facts)
    colour = SEVERITY_COLOURS[Severity(row.severity)]
    by = name_of(row.dismissal.by) if row.dismissal else ""
    label = str(Finding.Level(row.severity).label)
    return Shown(row, facts, name_of_finding(row.code), worded(row.code, facts), label, colour, by)


def _with_others(same: Sequence[Shown]) -> Shown:
    first = same[0]
    return replace(first, dismissed_by="", others=len(same) - 1)


class PostFindings(PostSteps):
    """GET shows, POST does. What may be done is decided in `posts.mending`."""

    def findings_view(self, request: Any, post_id: int) -> HttpResponse:
        """All that the checks found in a post, with what was dismissed."""
        post = self.opened(request, post_id)
        found = findings_of(post, request.user)
        checked = CheckedText.objects.filter(post=post).first()
        context = {
            "open_ones": [each for each in found if each.row.dismissal is None],
            "dismissed": [each for each in found if each.row.dismissal is not None],
            "may_edit": not may_edit(situation_of(post, request.user)),
            "checked": checked,
            "is_current": checked is not None and checked.revision_id == post.present_id,
        }
        return self.page(request, post, "findings", _("Checks"), context)

    def mend_view(self, request: Any, post_id: int, code: str) -> HttpResponse:
        """Mend all findings of one kind, or one of them (`?finding=`): GET shows the lines, POST changes them."""
        post = self.opened(request, post_id)
        if not self.has_change_permission(request, post):
            raise PermissionDenied
        refused = may_edit(situation_of(post, request.user))
        if refused:
            return self.refused(request, post, in_words(refused))
        if code not in CHECK_WORDS and code not in MENDED_PROBLEMS:
            raise Http404(code)
        only = self._named(post, request.GET.get("finding", ""), code)
        if request.method == "POST":
            return self._mended(request, post, code, only)
        try:
            text = mended(post, code, only=only).text
        except EvergreenError as error:
            return self.refused(request, post, [worded_error(error)], status=409)
        context = {
            "name": name_of_finding(code) if code in CHECK_WORDS else "",
            "says": worded(code, facts_for(request.user, only.facts) if only else {}),
            "only": only,
            "sections": sections(post.present.text if post.present else "", text),
        }
        return self.page(request, post, "mend", _("Mend"), context)

    def dismiss_view(self, request: Any, post_id: int, number: int) -> HttpResponse:
        """Dismiss one finding: GET asks for the reason, POST takes it."""
        post = self.opened(request, post_id)
        if not self.has_change_permission(request, post):
            raise PermissionDenied
        finding = Finding.objects.select_related("post").filter(post=post, pk=number).first()
        if finding is None and request.method == "POST":
            gone = _("The text was changed meanwhile, and this finding is not there any more.")
            return self.refused(request, post, [gone], status=409)
        if finding is None:
            raise Http404(number)
        refused = refusals_to_dismiss(post, finding, request.user)
        if refused:
            return self.refused(request, post, in_words(refused))
        error = ""
        if request.method == "POST":
            try:
                dismiss(finding, reason=request.POST.get("reason", "").replace("\r\n", "\n"), by=request.user)
            except EditForbidden as refusal:
                return self.refused(request, post, in_words(refusal.refusals))
            except EvergreenError as missing:
                error = worded_error(missing)
            else:
                self.message_user(request, _("It is dismissed for as long as this passage stays."), messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:posts_post_findings", args=[post.pk]))
        context = {"finding": _shown(finding, request.user), "error": error}
        return self.page(request, post, "dismiss", _("Dismiss"), context, 400 if error else 200)

    def recall_view(self, request: Any, post_id: int, number: int) -> HttpResponse:
        """Take the dismissal of one finding back."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        post = self.opened(request, post_id)
        finding = get_object_or_404(Finding.objects.select_related("post"), post=post, pk=number)
        try:
            recall_dismissal(finding, by=request.user)
        except EditForbidden as refusal:
            return self.refused(request, post, in_words(refusal.refusals))
        self.message_user(request, _("The finding counts again."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:posts_post_findings", args=[post.pk]))

    def _named(self, post: Post, told: str, code: str) -> Finding | None:
        """The finding that the address names; None if it names none. Raises 404 for one that is not there any more."""
        if not told:
            return None
        pk = int(told) if told.isascii() and told.isdecimal() and len(told) < 18 else 0
        return get_object_or_404(Finding, post=post, code=code, pk=pk)

    def _mended(self, request: Any, post: Post, code: str, only: Finding | None) -> HttpResponse:
        onto = revision_named(post, request.POST.get("onto", ""))
        if onto is None:
            return self.refused(request, post, [worded("text_moved")], status=409)
        try:
            self._mend(request, post, code, only, onto=onto, by=request.user)
        except EditForbidden as refusal:
            return self.refused(request, post, [worded_refusals(refusal.refusals)])
        except EvergreenError as error:
            return self.refused(request, post, [worded_error(error)], status=409)
        return HttpResponseRedirect(reverse("admin:posts_post_change", args=[post.pk]))

    @transaction.atomic
    def _mend(self, request: Any, post: Post, code: str, only: Finding | None, *, onto: Any, by: User) -> None:
        saved = mend(post, code, only=only, onto=onto, by=by)
        self.log_change(request, saved, [{"changed": {"fields": [only.key if only and only.key else code]}}])
        self.message_user(request, _("“%(post)s” was mended.") % {"post": str(saved)[:80]}, messages.SUCCESS)
