"""What waits for a person's review, and what they have looked at of it."""

from dataclasses import dataclass, replace

from django.contrib.auth.models import User
from django.utils import timezone

from posts.access import Counted
from posts.models import Event, Look, Post, Revision
from posts.workflow import Situation, Transition, refusals
from posts.worklists import review_queue

_ENDING = (Transition.PUBLISH, Transition.MAKE_EVERGREEN)
"""What ends a review: whatever is submitted afterwards begins another one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post stands in a person's queue: its neighbours, and how many others wait."""

    before: int | None
    after: int | None
    others: int


def note_look(post: Post, *, by: User) -> None:
    """Remember that `by` has the present text of `post` before them; once for each text."""
    if post.present_id is None:
        return
    look = Look(person=by, post=post, revision_id=post.present_id, at=timezone.now())
    Look.objects.bulk_create([look], ignore_conflicts=True)


def last_looked_at(post: Post, person: User) -> tuple[Revision | None, bool]:
    """The newest text of `post` before the present one that `person` looked at, and whether this is a second round.

    It is one where they looked while the text waited for its review, and it was submitted again since. Before the post
    was last published was another review.
    """
    if post.present is None:
        return None, False
    looks = Look.objects.filter(post=post, person=person, revision__number__lt=post.present.number)
    look = looks.select_related("revision__by").order_by("-revision__number").first()
    if look is None:
        return None, False
    steps = Event.objects.filter(post=post, transition__in=(Transition.SUBMIT, *_ENDING)).order_by("-pk")
    submissions = []
    for step, at in steps.values_list("transition", "at"):
        if step != Transition.SUBMIT:
            break
        submissions.append(at)
    return look.revision, bool(submissions) and submissions[-1] < look.at < submissions[0]


def place_in_queue(post: Post, person: User, *, onward: int = 0) -> Place:
    """The neighbours of `post` in the queue of `person`; after the last one the first comes again.

    A post that does not wait for them (any more) is followed by that with the key `onward`, which followed it before
    it was decided on, else by the first. In the practice collection the queue is that of what is there.
    """
    practice = None if Counted(person).counts(post.collection_id) else post.collection_id
    keys = list(review_queue(person, practice=practice).values_list("pk", flat=True))
    others = [pk for pk in keys if pk != post.pk]
    if not others:
        return Place(None, None, 0)
    if post.pk in keys:
        at = keys.index(post.pk)
    elif onward in others:
        at = others.index(onward)
    else:
        at = 0
    return Place(others[at - 1], others[at % len(others)], len(others))


def would_lose_approval(situation: Situation) -> bool:
    """Whether this person may approve now, and could not any more once they had changed the text themselves."""
    if refusals(Transition.APPROVE, situation):
        return False
    return bool(refusals(Transition.APPROVE, replace(situation, is_writer=True)))


def first_delivered(post: Post) -> Revision | None:
    """The text that the post came with from the repository or an upload; None for one that was written here."""
    first = Revision.objects.filter(post=post, beside=False).select_related("by").order_by("number").first()
    return first if first is not None and first.whence in ("import", "upload") else None
