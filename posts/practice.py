"""The practice collection: a real one on a repository of our own that no site is built from, made, and made anew.

Everything works in it as anywhere else, syncs with it. Whoever makes it anew takes all away that was done there: it is
the one place whose history is not kept.
"""

import shutil
import uuid
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from posts.errors import EvergreenError
from posts.git_commits import NewCommit
from posts.git_seeding import make_bare
from posts.locking import sole_writer
from posts.models import (
    BulkPost,
    BulkStep,
    CheckedText,
    Collection,
    Comment,
    Conflict,
    Departure,
    Download,
    Event,
    Finding,
    Outcome,
    OutsideLink,
    Schedule,
    WorkingCopy,
)
from posts.saving import erase
from posts.waking import ask_for_sync

NAME = "practice"
_SAMPLES = Path(__file__).parent / "practice_posts"
_PLACE = "src/posts/practice"
_BRANCH = "main"

# In this order: each may hold on to what comes after it.
_OF_A_COLLECTION = (
    (WorkingCopy, "post__collection"),
    (Download, "post__collection"),
    (Departure, "collection"),
    (Schedule, "post__collection"),
    (Event, "post__collection"),
    (Finding, "post__collection"),
    (CheckedText, "post__collection"),
    (Conflict, "post__collection"),
    (Outcome, "sync__collection"),
    (BulkPost, "step__collection"),
    (BulkStep, "collection"),
)


class PracticeRefused(EvergreenError):
    """The practice collection cannot be made, or not by whoever asks; the code says why."""


def practice_collection() -> Collection | None:
    """The practice collection, if there is one."""
    return Collection.objects.filter(practice=True).order_by("pk").first()


def make_practice(*, by: User | None) -> Collection:
    """Make the practice collection with its few posts, or make it anew; gives it, its first sync asked for.

    For superusers, and for whoever is at the server's own console (None). Raises `PracticeRefused`, and `GitError`:
    `busy` while it is being synced.
    """
    if by is not None and not by.is_superuser:
        raise PracticeRefused("no_permission")
    old = practice_collection()
    if old is not None:
        _take_away(old)
    folder = settings.VAR_DIR / "practice" / f"{uuid.uuid4().hex[:12]}.git"
    make_bare(folder, _BRANCH)
    made = Collection.objects.create(
        name=_free_name(),
        url=str(folder),
        branch=_BRANCH,
        practice=True,
        second_eyes=Collection.SecondPair.OFF,
        machine_authors=_address(),
        path_pattern=f"{_PLACE}/{{date:%Y-%m-%d}}-{{slug}}.md",
        media_folder="src/assets/images",
        media_url="/assets/images",
        sync_minutes=60,
    )
    _put_in_the_samples(made)
    with transaction.atomic():
        ask_for_sync(made, by=by)
    return made


def _free_name() -> str:
    taken = set(Collection.objects.filter(name__startswith=NAME).values_list("name", flat=True))
    return next(name for number in range(1, 100) if (name := f"{NAME}-{number}" if number > 1 else NAME) not in taken)


def _address() -> str:
    return f"evergreen@{settings.NO_REPLY_DOMAIN}"


def _put_in_the_samples(collection: Collection) -> None:
    files = tuple((f"{_PLACE}/{file.name}".encode(), file.read_bytes()) for file in sorted(_SAMPLES.glob("*.md")))
    us = ("Evergreen", _address())
    commit = NewCommit("Posts to practise with", *us, timezone.now(), *us, files)
    with sole_writer(collection, wait=10) as repository:
        repository.fetch()
        repository.push(repository.commit(None, [commit]))


def _take_away(collection: Collection) -> None:
    with sole_writer(collection, wait=0) as repository:
        with transaction.atomic():
            Comment.objects.filter(post__collection=collection).exclude(parent=None).delete()
            Comment.objects.filter(post__collection=collection).delete()
            OutsideLink.objects.filter(post__collection=collection).delete()
            for model, to in _OF_A_COLLECTION:
                model._default_manager.filter(**{to: collection}).delete()
            erase(collection)
        shutil.rmtree(repository.folder, ignore_errors=True)
    own = Path(collection.url)
    if own.is_relative_to(settings.VAR_DIR / "practice"):
        shutil.rmtree(own, ignore_errors=True)
