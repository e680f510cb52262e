"""What is asked of the reviewers with a submission, and who is told of the steps of a review."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from posts import replacements
from posts.access import may
from posts.errors import EvergreenError
from posts.events import record_event
from posts.models import Event, Post
from posts.notifying import called, settle, tell
from posts.people import people_who_may
from posts.saving import record
from posts.situations import lock, permissions_of, writers_since_approval
from posts.workflow import CHANGE_POST, REVIEW_POST, Refusal, SecondEyes, State, Transition

_LONGEST_REMARK = 500


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked with a submission: of whom (None: of every reviewer), by when, and what to look at."""

    reviewer: User | None = None
    due: datetime.date | None = None
    look_at: str = ""

    def facts(self) -> dict[str, object]:
        """As an event keeps it."""
        return {
            "reviewer": called(self.reviewer),
            "due": self.due.isoformat() if self.due else "",
            "look_at": self.look_at.strip(),
        }


def can_review(collection: int | None) -> QuerySet[User]:
    """Whoever may be asked to review in the collection with this key (None: in any), by name: one query."""
    return people_who_may(f"posts.{REVIEW_POST}", collection)


def could_approve(post: Post, reviewer: User, submitter: User | None) -> bool:
    """Whether `reviewer` could approve the text of `post`, submitted by `submitter`, as far as it is theirs to say."""
    if not (reviewer.is_active and may(reviewer, f"posts.{REVIEW_POST}", post.collection_id)):
        return False
    if post.collection.second_eyes == SecondEyes.OFF:
        return True
    if reviewer == submitter or reviewer.pk in replacements.replacers(post).values():
        return False
    return reviewer.pk not in writers_since_approval(post)


def refusals_to_ask(post: Post, request: Request, *, by: User) -> tuple[Refusal, ...]:
    """Why `by` may not submit `post` with `request`. Empty: they may."""
    reasons = []
    if request.reviewer is not None and not could_approve(post, request.reviewer, by):
        reasons.append(Refusal("cannot_review", {"name": called(request.reviewer)}))
    if request.due is not None and request.due < timezone.localdate():
        reasons.append(Refusal("due_passed"))
    return tuple(reasons)


def asked_before(post: Post, *, by: User) -> Request:
    """The request of a submission that names nobody: of whom it was asked before, if they may approve it still."""
    reviewer = post.reviewer
    return Request(reviewer if reviewer is not None and could_approve(post, reviewer, by) else None)


def request_of(post: Post) -> Event | None:
    """The submission that `post` is in review by, with what was asked; None for a post that is not in review."""
    if post.state != State.IN_REVIEW:
        return None
    submissions = Event.objects.filter(post=post, transition=Transition.SUBMIT)
    return submissions.select_related("by").order_by("-pk").first()


def concerned_by(post: Post) -> list[User | None]:
    """Whom a step with `post` concerns: who submitted it, who works on it, who wrote last."""
    return [post.submitted_by, post.assignee, post.present.by if post.present is not None else None]


def tell_of_step(
    post: Post,
    step: Transition,
    concerned: Sequence[User | None],
    request: Request | None,
    note: str,
    *,
    by: User,
) -> None:
    """Tell those whom `step` with `post` concerns; `concerned` are `concerned_by` before it was taken."""
    facts: dict[str, object] = {"by": called(by)}
    if step is not Transition.SUBMIT and post.state != State.IN_REVIEW:
        settle(post, ("asked", "waiting"))
    if step is Transition.SUBMIT and request is not None:
        settle(post, ("remarks",))
        facts |= {"due": request.due.isoformat() if request.due else "", "look_at": request.look_at.strip() or note}
        if request.reviewer is not None:
            tell([request.reviewer], "asked", post=post, facts=facts, by=by)
        else:
            _ask_anybody(post, facts, by)
    elif step is Transition.REQUEST_CHANGES:
        tell(concerned, "remarks", post=post, facts={**facts, "note": note[:_LONGEST_REMARK]}, by=by)
    elif step in (Transition.PUBLISH, Transition.MAKE_EVERGREEN):
        tell(concerned, "published", post=post, facts=facts, by=by)


def ask_anybody(posts: Iterable[Post], *, by: User) -> None:
    """Tell every reviewer that those of `posts` that are in review wait for any of them now."""
    for post in posts:
        if post.state == State.IN_REVIEW:
            _ask_anybody(post, {"by": called(by), "due": _due(post), "look_at": ""}, by)


def ask_again(posts: Iterable[Post], reviewer: User, *, by: User) -> None:
    """Tell `reviewer` that they are asked in the place of somebody else."""
    for post in posts:
        tell([reviewer], "asked", post=post, facts={"by": called(by), "due": _due(post), "look_at": ""}, by=by)


def refusals_to_set_due(post: Post, *, by: User) -> tuple[Refusal, ...]:
    """Why `by` may not say until when the review of `post` is asked for. Empty: they may."""
    if CHANGE_POST not in permissions_of(by, post.collection_id):
        return (Refusal("no_permission", {"permission": CHANGE_POST}),)
    return () if post.state == State.IN_REVIEW else (Refusal("not_in_review"),)


@transaction.atomic
def set_review_due(post: Post, day: datetime.date, *, by: User) -> Post:
    """Ask for the review of `post` until `day`; noted in its history, and whoever it is asked of is told.

    Raises EvergreenError("no_permission"), ("not_in_review") or ("due_passed").
    """
    post = lock(post)
    for refusal in refusals_to_set_due(post, by=by):
        raise EvergreenError(refusal.code, **refusal.facts)
    if day < timezone.localdate():
        raise EvergreenError("due_passed")
    if day == post.review_due:
        return post
    before = post.review_due.isoformat() if post.review_due else "–"
    record_event(post, "review_due", by=by, note=f"{before} → {day.isoformat()}")
    post = record(post, {"review_due": day})
    if post.reviewer is not None:
        ask_again([post], post.reviewer, by=by)
    return post


def _ask_anybody(post: Post, facts: dict[str, object], by: User) -> None:
    if not post.collection.practice:
        tell(can_review(post.collection_id), "waiting", post=post, facts=facts, by=by)


def _due(post: Post) -> str:
    return post.review_due.isoformat() if post.review_due else ""
