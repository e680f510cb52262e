"""The review page of a post: what changed, who may decide, and the decision, one key away from the next post."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from posts.admin.comment_threads import remarks_context
from posts.admin.conflict_questions import label_of
from posts.admin.images import images_shown, waiting_replacements
from posts.admin.post_actions import revision_named
from posts.admin.post_panel import AT_ONCE, GRAVE, StepButton, asked_of, beyond_role, step_address
from posts.admin.post_steps import PostSteps, in_words
from posts.admin.post_words import APPROVE_AND_PUBLISH, BESIDE, STATE_COLOURS, STEPS, name_of, state_label
from posts.admin.reading import whole_number
from posts.comparing import Comparison, FieldChange, compare, whole
from posts.conflicts import is_held_back
from posts.errors import EvergreenError
from posts.looks import first_delivered, last_looked_at, note_look, place_in_queue, would_lose_approval
from posts.models import Event, Post, Revision
from posts.models.post import PostState
from posts.previewing import LIMIT, TooTangled, render
from posts.requests import refusals_to_set_due
from posts.reviewing import TransitionRefused, refusals_to_look
from posts.situations import situation_of, text_on_site
from posts.wording import worded, worded_error, worded_refusals
from posts.workflow import CHANGE_POST, Situation, State, Transition, may_approve_and_publish, offered, refusals

_LAYOUTS = ("line", "side")
_FORMS = ("markdown", "rendered")
_COOKIE = "review_view"
_A_YEAR = 365 * 24 * 60 * 60
_APPROVING = frozenset({Transition.APPROVE, APPROVE_AND_PUBLISH})
_MOVED = frozenset({"text_moved", "images_moved"})
_HERE = frozenset({*_APPROVING, Transition.REQUEST_CHANGES, Transition.SUBMIT, Transition.WITHDRAW})
_LEADING_ON = (Transition.SUBMIT, Transition.PUBLISH, Transition.MAKE_EVERGREEN, Transition.CONFIRM)
_KEYS = {Transition.APPROVE: "a", APPROVE_AND_PUBLISH: "u", Transition.REQUEST_CHANGES: "r"}

_BASES: dict[str, Promise] = {
    "live": gettext_lazy("the live text"),
    "delivered": gettext_lazy("the text as it was delivered"),
    "looked": gettext_lazy("what I looked at last"),
    "whole": gettext_lazy("nothing (the whole text)"),
}


@dataclass(frozen=True, slots=True)
class Base:
    """A text that the present one can be compared with."""

    name: str
    label: Promise
    revision: Revision | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """A button of the page, and the key that leads to it."""

    button: StepButton
    here: bool
    key: str


class PostReview(PostSteps):
    """The page where a text is read and decided on. What may be decided is the workflow's business."""

    def review_view(self, request: Any, post_id: int) -> HttpResponse:
        """GET shows what changed and remembers that it was looked at; POST takes the decision on that very text."""
        post = self.opened(request, post_id)
        if request.method == "POST":
            return self._decided(request, post)
        return self._review(request, post)

    def _decided(self, request: Any, post: Post) -> HttpResponse:
        step = request.POST.get("step", "")
        if step not in _HERE:
            return self._review(request, post, error=_("Choose one of the buttons."), status=400)
        looked_at = revision_named(post, request.POST.get("looked_at", ""))
        if looked_at is None and step in _APPROVING:
            return self._review(request, post, error=worded("text_moved"), status=409)
        # Decided on, it is in the queue no more, and the next one would not be known.
        after = place_in_queue(post, request.user).after
        try:
            self._perform(request, post, step, looked_at)
        except TransitionRefused as refusal:
            codes = {each.code for each in refusal.refusals}
            if "text_moved" in codes <= _MOVED:
                seen = Revision.objects.select_related("by").get(pk=looked_at.pk) if looked_at else None
                return self._review(request, self.opened(request, post.pk), moved_from=seen, status=409)
            status = 409 if codes <= _MOVED else 403
            return self._review(request, post, error=" ".join(in_words(refusal.refusals)), status=status)
        except EvergreenError as error:
            return self._review(request, post, error=worded_error(error), status=409)
        told = _("“%(post)s”: %(done)s.") % {"post": str(post)[:80], "done": STEPS[step].done}
        self.message_user(request, told, messages.SUCCESS)
        here = reverse("admin:posts_post_review", args=[post.pk])
        return HttpResponseRedirect(f"{here}?{urlencode({'next': after})}" if after else here)

    def _review(
        self,
        request: Any,
        post: Post,
        *,
        moved_from: Revision | None = None,
        error: str = "",
        status: int = 200,
    ) -> HttpResponse:
        person: User = request.user
        situation = situation_of(post, person)
        replaced = waiting_replacements(post)
        bases = _bases(post, person, request.GET.get("with", ""), differs=bool(replaced))
        layout, form = _view(request)
        base = next(each for each in bases if each.chosen)
        compared = _compared(post, moved_from if moved_from is not None else base.revision, form)
        decisions = list(_decisions(post, situation))
        place = place_in_queue(post, person, onward=whole_number(request.GET.get("next", "")))
        note_look(post, by=person)
        event = Event.objects.filter(post=post).exclude(transition__in=BESIDE).select_related("by").first()
        context = {
            "bases": [(each, _address(post, each.name, layout, form)) for each in bases],
            "base": base,
            "moved_from": moved_from,
            "compared": compared,
            "replacements": replaced,
            "fields": [(label_of(each.key), each) for each in _shown(compared)],
            "layout": layout,
            "form": form,
            "layouts": [(each, _address(post, base.name, each, form)) for each in _LAYOUTS],
            "forms": [(each, _address(post, base.name, layout, each)) for each in _FORMS],
            "decisions": decisions,
            "takes_note": any(each.here and not each.button.refused for each in decisions),
            "state": state_label(post.state),
            "colour": STATE_COLOURS.get(post.state, "grey"),
            "may_request_changes": any(
                each.button.name == Transition.REQUEST_CHANGES and not each.button.refused for each in decisions
            ),
            "asked": asked_of(post),
            "may_set_due": not refusals_to_set_due(post, by=person),
            "submitted_by": name_of(post.submitted_by),
            "approved_by": name_of(post.approved_by),
            "last_note": event.note if event else "",
            "last_by": name_of(event.by) if event else "",
            "conflict": is_held_back(post),
            "may_edit": CHANGE_POST in situation.permissions and post.state != State.ARCHIVED,
            "would_lose_approval": would_lose_approval(situation),
            "may_look": not refusals_to_look(post, person),
            "before": reverse("admin:posts_post_review", args=[place.before]) if place.before else "",
            "after": reverse("admin:posts_post_review", args=[place.after]) if place.after else "",
            "others": place.others,
            **remarks_context(post, person, back=reverse("admin:posts_post_review", args=[post.pk])),
            "error": error,
            "note": request.POST.get("note", ""),
        }
        answer = self.page(request, post, "review", _("Review"), context, status)
        if "layout" in request.GET or "as" in request.GET:
            told = f"{layout}.{form}"
            answer.set_cookie(_COOKIE, told, _A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure())
        return answer


def _bases(post: Post, person: User, asked: str, *, differs: bool) -> list[Base]:
    """What the text can be compared with, one of them chosen: what was asked for, else what leads on from before.

    `differs` is whether something beside the text differs from what is live.
    """
    blob = post.present.blob if post.present else ""
    looked, second_round = last_looked_at(post, person)
    live = text_on_site(post)
    there = {"live": live, "delivered": first_delivered(post), "looked": looked}
    found: dict[str, Revision | None] = {name: text for name, text in there.items() if text is not None}
    if second_round and looked is not None and looked.blob != blob:
        chosen = "looked"
    else:
        chosen = "live" if live is not None and (live.blob != blob or differs) else "whole"
    if asked == "whole" or asked in found:
        chosen = asked
    found["whole"] = None
    return [Base(name, _BASES[name], text, name == chosen) for name, text in found.items()]


def _compared(post: Post, base: Revision | None, form: str) -> Comparison:
    text = post.present.text if post.present else ""
    # What is too large to be rendered is read as Markdown.
    rendered = _as_on_site(post) if form == "rendered" and len(text.encode()) <= LIMIT else None
    try:
        return _read(text, base, rendered)
    except TooTangled:
        return _read(text, base, None)


def _as_on_site(post: Post) -> Callable[[str], str]:
    rules, with_images = post.collection.markdown_rules, images_shown(post.collection, post)
    return lambda body: with_images(render(body, rules))


def _read(text: str, base: Revision | None, rendered: Callable[[str], str] | None) -> Comparison:
    return whole(text, render=rendered) if base is None else compare(base.text, text, render=rendered)


def _shown(compared: Comparison) -> Iterator[FieldChange]:
    """What there is to see of the front matter: what says nothing in either text is left out."""
    words = {"draft": {"true": _("not on the site (a draft)"), "false": _("on the site")}, "status": _states()}
    for each in compared.fields:
        if each.chips or each.line:
            yield _in_words(each, words[each.key]) if each.key in words else each


def _states() -> dict[str, str]:
    return {name: str(label) for name, label in PostState.choices}


def _in_words(change: FieldChange, words: dict[str, str]) -> FieldChange:
    """What a key of the review says, as it is called everywhere else."""
    return replace(
        change,
        old=tuple(replace(part, text=words.get(part.text, part.text)) for part in change.old),
        new=tuple(replace(part, text=words.get(part.text, part.text)) for part in change.new),
        line=tuple(replace(piece, text=words.get(piece.text, piece.text)) for piece in change.line),
    )


def _view(request: Any) -> tuple[str, str]:
    """In one column or two, and as Markdown or as the site shows it: as asked, else as last time."""
    kept = request.COOKIES.get(_COOKIE, "").partition(".")
    layout, form = request.GET.get("layout", kept[0]), request.GET.get("as", kept[2])
    return (layout if layout in _LAYOUTS else _LAYOUTS[0]), (form if form in _FORMS else _FORMS[0])


def _address(post: Post, base: str, layout: str, form: str) -> str:
    asked = urlencode({"with": base, "layout": layout, "as": form})
    return f"{reverse('admin:posts_post_review', args=[post.pk])}?{asked}"


def _decisions(post: Post, situation: Situation) -> Iterator[Decision]:
    """In a review whether it can be approved, and why not; and what else this person's role ever takes from here."""
    if post.state == State.IN_REVIEW:
        if not beyond_role(may_approve_and_publish(situation)):
            yield _decision(post, APPROVE_AND_PUBLISH, worded_refusals(may_approve_and_publish(situation)))
        yield _decision(post, Transition.APPROVE, worded_refusals(refusals(Transition.APPROVE, situation)))
    leading = {*_LEADING_ON, Transition.REQUEST_CHANGES, Transition.WITHDRAW}
    for offer in offered(situation):
        if offer.transition in leading and not beyond_role(offer.refusals):
            yield _decision(post, offer.transition, worded_refusals(offer.refusals))


def _decision(post: Post, step: str, refused: str) -> Decision:
    main = step == APPROVE_AND_PUBLISH or step in _LEADING_ON
    button = StepButton(
        str(step), STEPS[step], step_address(post, step), refused, step in AT_ONCE, step in GRAVE, main and not refused
    )
    return Decision(button, step in _HERE, _KEYS.get(step, ""))
