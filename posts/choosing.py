"""A sync of chosen files only: what of the two sides it takes, and what it leaves to the next whole one.

Files that others changed and nobody chose are not imported, so the head that counts as seen stays where it was, and
nothing is written onto such a file: its text here waits until theirs was looked at.
"""

from collections.abc import Container, Sequence
from itertools import islice

from posts.exporting import Outgoing, Part
from posts.git import Repository
from posts.importing import changes_of, paths_of
from posts.models import Collection, Post, Sync
from posts.waking import ask_for_sync


def chosen_paths(run: Sync) -> frozenset[str] | None:
    """The paths that `run` is about; None for a whole sync."""
    return frozenset(map(str, run.selection)) if run.selection else None


def chosen_of(
    leaving: Sequence[Outgoing], collection: Collection, repository: Repository, head: str | None, only: Container[str]
) -> list[Outgoing]:
    """What of `leaving` was chosen, and has nothing of others below it that was not imported."""
    left: set[str] = set()
    if head is not None and head != collection.seen:
        for change in changes_of(collection, repository, collection.seen, head):
            if not any(path in only for path in paths_of(change)):
                left.update(paths_of(change))

    def wanted(part: Part) -> bool:
        places = {path for path in (part.path, part.old_path) if path}
        return any(path in only for path in places) and not places & left

    return [each for outgoing in leaving if (each := outgoing.of(wanted)) is not None]


def nothing_left_below(collection: Collection, repository: Repository, last: str) -> bool:
    """Whether all that `last` has and the head that counts as seen has not is what departed from here."""
    if collection.head and not repository.knows(collection.head):
        return False
    ours = collection.departures.values("commit").distinct().count()
    return len(list(islice(repository.log(collection.head or None, last), ours + 1))) <= ours


def ask_for_what_joined(run: Sync) -> None:
    """What was cleared while `run` waited took it for a whole sync: ask for one."""
    later = Post.objects.filter(collection=run.collection_id, cleared__at__gt=run.asked_at)
    if run.selection and later.outgoing().exists():
        ask_for_sync(run.collection)
