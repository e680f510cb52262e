"""The brake: a sync that would change very much at once stops before anything is changed, and asks a Publisher.

So does one that finds an unrelated repository in the place of the one it knew. What was asked for is let go on as far
as the commit that the Publisher saw: what is pushed after it is measured by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from django.contrib.auth.models import User
from django.db import transaction

from posts.access import may
from posts.document.document import LIMIT, Document
from posts.document.errors import DocumentError
from posts.errors import EvergreenError
from posts.git import SUBMODULE, SYMLINK, Change, Repository
from posts.importing import changes_of
from posts.leaving import Leaving, what_leaves
from posts.models import Collection, Outcome, Post, Sync
from posts.paths import matcher
from posts.runs import end
from posts.waking import ask_for_sync

BRAKES = ("brake", "unrelated_history")
"""The codes of a run that stopped here and waits for a Publisher."""

MOST_LISTED = 300
_MOST_NAMED = 20
_ATTEMPTS = 5


class Braked(EvergreenError):
    """One of `BRAKES`: nothing was changed. `head` is what the remote has, `listed` says why of each path."""

    def __init__(self, code: str, head: str, listed: Sequence[tuple[str, str]] = (), **facts: object) -> None:
        super().__init__(code, **facts)
        self.head = head
        self.listed = listed


class NotLetGoOn(EvergreenError):
    """A run cannot be let go on: `no_permission`, `brake_over` or `busy`."""


@dataclass(slots=True)
class _Measure:
    """What one side would do to files that the other has: counted all, named a few of them."""

    changed: int = 0
    deleted: int = 0
    emptied: list[str] = field(default_factory=list)
    listed: list[tuple[str, str]] = field(default_factory=list)

    def note(self, path: str, code: str) -> None:
        if len(self.listed) < MOST_LISTED:
            self.listed.append((path, code))

    def is_too_much_for(self, collection: Collection) -> bool:
        # A text whose whole body goes is gone like a deleted one.
        return self.changed > collection.brake_files or self.deleted + len(self.emptied) > collection.brake_deletions


def check_brake(run: Sync, repository: Repository, head: str) -> None:
    """Let `run` go on to `head`, or raise `Braked`.

    A first import, and one of changed patterns, has nothing to be measured by; a bulk step was looked at already.
    """
    collection = run.collection
    if head == run.released:
        return
    since = collection.seen
    if collection.head and collection.head != head:
        released = run.released if run.released and not repository.contains(run.released, collection.head) else ""
        known = released if released and repository.related(released, head) else collection.head
        if not repository.related(known, head):
            raise Braked("unrelated_history", head)
        since = known if since is not None else None
    incoming, emptied = _Measure(), list[str]()
    if since is not None and since != head:
        incoming, emptied = _incoming(collection, repository, since, head)
    outgoing = _Measure() if run.released else _outgoing(collection)
    stopping = [side for side in (incoming, outgoing) if side.is_too_much_for(collection)]
    if stopping or emptied:
        counted = stopping or [incoming]
        listed = [(path, "would_empty") for path in emptied]
        listed += [each for side in stopping for each in side.listed if each[0] not in emptied]
        raise Braked(
            "brake",
            head,
            listed[:MOST_LISTED],
            files=sum(side.changed for side in counted),
            deletions=sum(side.deleted for side in counted),
            empty=len(emptied) + len(outgoing.emptied),
            emptied=[*emptied, *outgoing.emptied][:_MOST_NAMED],
        )


def stopped_at_brake(run: Sync, brake: Braked) -> Sync:
    """End `run` there, with the list of files; gives the run that asks the Publisher.

    That is the one before if it asks the same: as long as nobody answers, there is a run each minute.
    """
    run.after = brake.head
    ended = Sync.objects.filter(collection=run.collection_id, kind=Sync.Kind.SYNC).exclude(ended_at=None)
    earlier = ended.exclude(pk=run.pk).select_related("collection", "asked_by").order_by("-ended_at").first()
    if earlier is not None and not _asks_the_same(earlier, run, brake):
        earlier = None
    by_itself = run.asked_by_id is None and not run.released and not run.outcomes.exists()
    with transaction.atomic():
        if earlier is None or not by_itself:
            end(run, Sync.State.STOPPED, code=brake.code, facts=brake.facts)
            _list(run, brake.listed)
            return run
        run.delete()
        if earlier.error_facts != brake.facts:
            earlier.error_facts = brake.facts
            earlier.save(update_fields=["error_facts"])
            earlier.outcomes.all().delete()
            _list(earlier, brake.listed)
        return earlier


def _asks_the_same(earlier: Sync, run: Sync, brake: Braked) -> bool:
    stopped = earlier.state == Sync.State.STOPPED and earlier.error_code == brake.code
    return stopped and (earlier.before, earlier.after) == (run.before, run.after)


def brake_ahead(collection: Collection, repository: Repository, head: str) -> Braked | None:
    """What would stop a sync of `collection` to `head` before it changed anything; None if nothing would."""
    try:
        check_brake(Sync(collection=collection), repository, head)
    except Braked as brake:
        return brake
    return None


def waiting_at_brake(collection: Collection) -> Sync | None:
    """The newest sync of `collection` if it stopped at the brake and waits for a Publisher."""
    ended = Sync.objects.filter(collection=collection, kind=Sync.Kind.SYNC).exclude(ended_at=None)
    run = ended.filter(error_code__in=BRAKES).select_related("collection").order_by("-ended_at").first()
    return run if run is not None and waits_at_brake(run) else None


def waits_at_brake(run: Sync) -> bool:
    """Whether `run` stopped at the brake, and nothing was synced since."""
    return run.state == Sync.State.STOPPED and run.error_code in BRAKES and run.collection.head == run.before


def let_go_on(run: Sync, *, by: User) -> Sync:
    """Ask for a sync that may go as far as `run` has seen; gives it, waiting. Raises `NotLetGoOn`."""
    if not may(by, "posts.publish_post", run.collection_id):
        raise NotLetGoOn("no_permission")
    if not waits_at_brake(run):
        raise NotLetGoOn("brake_over")
    for _ in range(_ATTEMPTS):
        with transaction.atomic():
            waiting = ask_for_sync(run.collection, by=by)
            # A worker may have claimed it this very moment, and then knows nothing of this.
            still = Sync.objects.filter(pk=waiting.pk, state=Sync.State.WAITING)
            # All of it is let go on, so what was chosen of it before needs no choice any more.
            if still.update(released=run.after, released_by=by, selection=[]):
                return waiting
    raise NotLetGoOn("busy")


def _incoming(collection: Collection, repository: Repository, since: str, head: str) -> tuple[_Measure, list[str]]:
    """What git would change and delete here, and which files have lost their whole body there."""
    ours = matcher(collection.patterns)
    measure = _Measure()
    changed: list[Change] = []
    for change in changes_of(collection, repository, since, head):
        path = (change.old_path or change.path).decode("utf-8", "replace")
        if change.status == "added" or not ours.fullmatch(path):
            continue
        if change.status == "deleted" or not ours.fullmatch(change.path.decode("utf-8", "replace")):
            measure.deleted += 1
            measure.note(path, "would_delete")
        else:
            measure.changed += 1
            measure.note(path, "would_change")
            if measure.changed <= collection.brake_files and change.mode not in (SYMLINK, SUBMODULE):
                changed.append(change)
    if measure.changed > collection.brake_files:
        return measure, []
    return measure, list(_emptied(repository, changed))


def _emptied(repository: Repository, changed: Sequence[Change]) -> Iterable[str]:
    """The former paths of those that have a body no more."""
    now = repository.read([change.blob for change in changed if change.blob], limit=LIMIT)
    suspect = [change for change, (_, data) in zip(changed, now, strict=True) if data is not None and _bodiless(data)]
    before = repository.read([change.old_blob for change in suspect if change.old_blob], limit=LIMIT)
    texts = dict(before)
    for change in suspect:
        data = texts.get(change.old_blob or "")
        if data is not None and _has_body(data):
            yield (change.old_path or change.path).decode("utf-8", "replace")


def _bodiless(data: bytes) -> bool:
    # Only what ends with a fence, or is blank, is worth reading.
    bare = data.strip()
    if bare and not bare.endswith(b"---"):
        return False
    try:
        return not Document.parse(data).body.strip()
    except DocumentError:
        return False


def _has_body(data: bytes) -> bool:
    try:
        return bool(Document.parse(data).body.strip())
    except DocumentError:
        return False


def _outgoing(collection: Collection) -> _Measure:
    """What this side would change and delete in git, but for bulk steps."""
    measured = [each for each in what_leaves(collection) if each.git_path and each.step is None]
    measure = _Measure(emptied=_emptied_here(collection, measured))
    for each in sorted(measured, key=attrgetter("git_path")):
        measure.changed += not each.removed
        measure.deleted += each.removed
        code = "would_send_empty" if each.git_path in measure.emptied else "would_send"
        measure.note(each.git_path, "would_remove" if each.removed else code)
    return measure


def _emptied_here(collection: Collection, leaving: Sequence[Leaving]) -> list[str]:
    """Where the texts that leave have no body any more and git's have one, as far as that may be too much."""
    if not collection.brake_deletions < len(leaving) <= collection.brake_files:
        return []
    kept = Post.objects.filter(pk__in=[each.pk for each in leaving], removed=False)
    kept = kept.exclude(cleared=None).exclude(git_text=None)
    texts = kept.order_by("git_path").values_list("git_path", "cleared__text", "git_text__text")
    return [path for path, leaves, had in texts if _bodiless(leaves.encode()) and _has_body(had.encode())]


def _list(run: Sync, listed: Sequence[tuple[str, str]]) -> None:
    paths = [path for path, _ in listed]
    posts = dict(Post.objects.filter(collection=run.collection_id, git_path__in=paths).values_list("git_path", "pk"))
    held = Outcome.Result.HELD
    Outcome.objects.bulk_create(
        [Outcome(sync=run, post_id=posts.get(path), path=path, result=held, code=code) for path, code in listed]
    )
