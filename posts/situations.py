"""What is known of a post and a person, as the facts that the workflow's guards look at."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import BooleanField, ExpressionWrapper, IntegerField, Q, QuerySet, TextField

from posts import replacements
from posts.access import may_enter
from posts.authorship import Stage, writers
from posts.checklist import Facts, Item, demands, missing
from posts.checks import Severity
from posts.conflicts import is_held_back
from posts.document.document import Document
from posts.models import Comment, Event, Finding, Image, Post, PostTag, Problem, Revision, Whence
from posts.questions import Given, Question
from posts.workflow import (
    CHANGE_POST,
    PUBLISH_POST,
    REVIEW_POST,
    SUBMIT_POST,
    SecondEyes,
    Situation,
    State,
    Transition,
)

_PERMISSIONS = (CHANGE_POST, SUBMIT_POST, REVIEW_POST, PUBLISH_POST)
_WRITING = {Whence.EDIT, Whence.UPLOAD, Whence.RESTORE, Whence.IMPORT, Whence.MERGE, Whence.BULK}
_PUSHED = (Whence.IMPORT, Whence.MERGE)
_BY_HAND = (Whence.EDIT, Whence.UPLOAD, Whence.RESTORE)
CHECKED = frozenset({Transition.SUBMIT, Transition.PUBLISH, Transition.MAKE_EVERGREEN})
"""The steps that what the checks found can stand in the way of."""
LEAVING = (Transition.PUBLISH, Transition.MAKE_EVERGREEN, Transition.ROLL_BACK)
"""The steps that put a text on the site: what they wrote was approved."""


def situation_of(
    post: Post, person: User, *, looked_at: Revision | None = None, images_seen: Iterable[int] = (), note: str = ""
) -> Situation:
    """Every fact about `post` and `person` that a guard may look at.

    `looked_at` is the revision that the person saw, where that matters, and `images_seen` the keys of the replacements
    of images that they saw with it. Takes a fixed number of queries.
    """
    site = text_on_site(post)
    earlier = earlier_approved(post)
    in_the_way = findings_in_the_way(post)
    replacers = replacements.replacers(post)
    return Situation(
        state=State(post.state),
        status=post.status,
        live=post.live or _leaves_as_live(post),
        ever_live=post.ever_live,
        in_git=bool(post.git_path) and not post.removed,
        pending=post.pending,
        unlike_git=site is not None
        and post.present is not None
        and (site.blob != post.present.blob or bool(replacers)),
        git_status=_status(site),
        open_conflict=is_held_back(post),
        blocking=tuple(code for [code] in _BLOCKING.ask(collection=post.collection_id, path=post.path)),
        findings=tuple(dict.fromkeys(code for code, _severity in in_the_way)),
        breaks=tuple(dict.fromkeys(code for code, severity in in_the_way if severity == Severity.BREAKS)),
        missing=missing(demands(post.collection.checklist), checklist_facts(post)),
        approval_stands=post.approved_id is not None and post.approved_id == post.present_id,
        earlier_approved=earlier is not None,
        target_status=_status(earlier),
        second_eyes=SecondEyes(post.collection.second_eyes),
        permissions=permissions_of(person, post.collection_id),
        is_writer=person.pk in writers_since_approval(post) or person.pk in replacers.values(),
        is_submitter=person.pk == post.submitted_by_id,
        discarded_by_me=person.pk == post.discarded_by_id,
        text_moved=looked_at is not None and looked_at.pk != post.present_id,
        images_moved=looked_at is not None and set(images_seen) != set(replacers),
        note_given=bool(note.strip()),
    )


_POST = Given("post", IntegerField())
_COLLECTION = Given("collection", IntegerField())


def _in_the_way(severities: tuple[str, ...], codes: tuple[str, ...]) -> QuerySet[Any]:
    blocks = Q(severity__in=severities) | Q(code__in=codes)
    return Finding.objects.filter(blocks, post=_POST, dismissal=None).order_by("pk").values_list("code", "severity")


def _wrote() -> QuerySet[Any]:
    since = ExpressionWrapper(Q(beside=False, number__gt=Given("start", IntegerField())), BooleanField())
    shared = ExpressionWrapper(Q(co_writers__isnull=False), BooleanField())
    texts = Revision.objects.filter(post=_POST, whence__in=_WRITING).exclude(by=None, co_writers__isnull=True)
    return texts.order_by().annotate(since=since, shared=shared).values_list("by", "since", "shared").distinct()


def _twins() -> QuerySet[Any]:
    twins = Post.objects.filter(collection=_COLLECTION, source=Given("source", TextField()), state=State.ARCHIVED)
    return twins.exclude(pk=_POST).exclude(discarded_by=None).values_list("pk")[:1]


# Most posts have nothing of what these ask for: then a form or a review page reads no more of it.
_IN_THE_WAY, _WROTE, _TWINS = Question(_in_the_way), Question(_wrote), Question(_twins)
_TOOK = Question(lambda *steps: Event.objects.filter(post=_POST, transition__in=steps).order_by().values_list("pk")[:1])
_BLOCKING = Question(
    lambda: (
        Problem.objects.filter(collection=_COLLECTION, path=Given("path", TextField()), blocks=True)
        .order_by("code")
        .values_list("code")
    )
)


def findings_in_the_way(post: Post) -> list[tuple[str, str]]:
    """Code and severity of what the checks found, that nobody dismissed and that the collection lets nobody submit."""
    told = post.collection
    found = _IN_THE_WAY.ask(told.blocking_severities, tuple(told.blocking_codes), post=post.pk)
    return [(code, severity) for code, severity in found]


def checklist_facts(post: Post) -> Facts:
    """What the checklist looks at; what the collection does not demand is not asked for."""
    demanded = demands(post.collection.checklist)
    about = Problem.objects.filter(Q(post=post) | Q(collection=post.collection_id, path=post.path))
    return Facts(
        title=post.title,
        summary=post.summary,
        has_date=post.date is not None,
        has_area=post.area_id is not None,
        has_category=post.category_id is not None,
        has_tag=Item.TAG in demanded and PostTag.objects.filter(content_object=post).exists(),
        has_problem=Item.NO_PROBLEM in demanded and about.exists(),
        has_remark=Item.NO_REMARK in demanded and Comment.objects.open().filter(post=post).exists(),
    )


def permissions_of(person: User, collection: int | None) -> frozenset[str]:
    """The codenames, of those that the workflow knows, that `person` holds in the collection with this key.

    None is no collection's: what they hold in one at least.
    """
    if not may_enter(person, collection):
        return frozenset()
    return frozenset(codename for codename in _PERMISSIONS if person.has_perm(f"posts.{codename}"))


def writers_since_approval(post: Post) -> frozenset[int]:
    """The keys of the people who wrote a part of the present text since the last approval (DESIGN §2.9)."""
    approval = _last_approval(post)
    approved = approval.revision if approval is not None else None
    start = approved.number if approved is not None else 0
    wrote = _WROTE.ask(post=post.pk, start=start)
    if not any(since for _by, since, _shared in wrote):
        return frozenset()
    revisions = Revision.objects.filter(post=post)
    if len({by for by, _since, _shared in wrote}) == 1 and not any(shared for _by, _since, shared in wrote):
        # Whatever came back of what lies before the approval or beside is of the same person: it needs not be read.
        revisions = revisions.filter(beside=False, number__gte=start)
    return writers([_stage(revision, approved) for revision in revisions.order_by("number")])


def _stage(revision: Revision, approved: Revision | None) -> Stage:
    return Stage(
        Document.from_text(revision.text),
        _who(revision),
        approved=revision == approved,
        restores=revision.whence == Whence.RESTORE,
        beside=revision.beside,
    )


def _who(revision: Revision) -> frozenset[int]:
    if revision.whence not in _WRITING:
        return frozenset()
    return frozenset(pk for pk in (revision.by_id, *(revision.co_writers or ())) if pk is not None)


def _last_approval(post: Post) -> Event | None:
    """The newest approval that counts: given by somebody else than the writer, and not taken back by the reviewers."""
    if not _TOOK.ask(Transition.APPROVE, post=post.pk):
        return None
    taken_back: set[object] = set()
    events = Event.objects.filter(post=post, transition__in=(Transition.APPROVE, Transition.REQUEST_CHANGES))
    for event in events.select_related("revision").order_by("-pk"):
        if event.transition == Transition.REQUEST_CHANGES:
            taken_back.add(event.revision_id)
        elif event.by_another and event.revision_id not in taken_back:
            return event
    return None


def did_unseen(post: Post, person: User) -> bool:
    """Whether `person` did something about `post` that nobody else has approved, or looked at, since.

    That is: they pushed a change, replaced an image, or wrote what others put on the site as they saw it here; or a
    part of a text that is not yet checked is theirs.
    """
    if post.unchecked_since is not None and person.pk in writers_since_approval(post):
        return True
    seen = _last_seen(post)
    images = Image.objects.filter(post=post, by=person)
    if (images.filter(at__gt=seen.at) if seen is not None else images).exists():
        return True
    # What a post came with is no change.
    number = seen.revision.number if seen is not None and seen.revision is not None else 1
    texts = Revision.objects.filter(post=post, by=person, number__gt=number)
    return texts.filter(Q(whence__in=_PUSHED) | Q(pk=post.git_text_id, whence__in=_BY_HAND)).exists()


def _last_seen(post: Post) -> Event | None:
    """The newest approval, or look at a change that went around the review, by somebody who had no part in it."""
    looks = Event.objects.filter(post=post, transition="look", by_another=True).exclude(revision=None)
    events = [_last_approval(post), looks.select_related("revision").order_by("-pk").first()]
    return max((each for each in events if each is not None), key=lambda event: event.pk, default=None)


def discarded_twin(post: Post) -> Post | None:
    """Another post of the same `source` that somebody discarded: a new delivery of it should say so (DESIGN §3)."""
    if not post.source or post.state == State.ARCHIVED:
        return None
    twins = [pk for [pk] in _TWINS.ask(collection=post.collection_id, source=post.source, post=post.pk)]
    return Post.objects.filter(pk__in=twins).select_related("discarded_by").first() if twins else None


def text_on_site(post: Post) -> Revision | None:
    """The text that the site shows or is about to show: what was published and leaves next, else git's."""
    if _leaves_as_live(post):
        return post.cleared
    return post.git_text if post.live else None


def earlier_approved(post: Post) -> Revision | None:
    """The newest text that a publication here wrote and that is unlike what the site shows now."""
    if not _TOOK.ask(*LEAVING, post=post.pk):
        return None
    shown = text_on_site(post)
    for event in Event.objects.filter(post=post, transition__in=LEAVING).select_related("revision").order_by("-pk"):
        if event.revision is not None and (shown is None or event.revision.blob != shown.blob):
            return event.revision
    return None


def was_let_go(post: Post, blob: str) -> bool:
    """Whether git had the text of `post` with this blob id once, or a step let it go there as what the site shows."""
    texts = Revision.objects.filter(post=post, blob=blob)
    if texts.filter(Q(whence=Whence.IMPORT) | ~Q(commit="")).exists():
        return True
    return Event.objects.filter(post=post, transition__in=LEAVING, revision__in=texts).exists()


def lock(post: Post) -> Post:
    """The row of `post` as it is now, locked for the rest of the transaction, with its texts."""
    # In two steps: joined to rows that another transaction has just replaced, PostgreSQL would give us no texts at all.
    Post.objects.select_for_update().values("pk").get(pk=post.pk)
    return Post.objects.select_related("collection", "present", "cleared", "git_text").get(pk=post.pk)


def may_clear_drafts(post: Post, *, is_held: bool | None = None) -> bool:
    """Whether a saved text that says itself that it is a draft may leave for git by itself (DESIGN §2.5).

    `is_held` is whether an open conflict holds back the post, for who knows it already.
    """
    if not post.collection.push_drafts or post.live or _leaves_as_live(post):
        return False
    if is_held is None:
        is_held = post.pk is not None and is_held_back(post)
    return not is_held


def leaves_the_site(post: Post) -> bool:
    """Whether the next sync takes the text of `post` off the site: it was unpublished, archived or removed."""
    waits = post.live and post.pending
    return waits and (post.removed or (post.cleared is not None and post.cleared.says_draft))


def _leaves_as_live(post: Post) -> bool:
    return post.pending and not post.removed and post.cleared is not None and not post.cleared.says_draft


def _status(revision: Revision | None) -> str:
    if revision is None:
        return ""
    value = Document.from_text(revision.text).values.get("status")
    return value if isinstance(value, str) else ""
