"""The posts of a site compared with one another, after something of them changed: long work of its own."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from posts.checking import catch_up, left_unchecked, renew
from posts.checks import VERSION, Finding
from posts.checks.site import Row, compare
from posts.heartbeats import give_back_turn, keep_turn, take_turn
from posts.models import CheckedText, Collection, ComparedPosts, Post
from posts.models import Finding as FoundRow
from posts.sites import sites
from posts.term_seeking import ask_again_for_names
from posts.workflow import State

_BATCH = 200
_CHECKED_IN_A_TURN = 200
_TURN = "checks"


def check_what_came(limit: int) -> bool:
    """Check what was not, one worker at a time, and at most about `limit` posts; gives whether there may be more."""
    turn = take_turn(_TURN)
    done = 0
    try:
        while turn is not None and done < limit:
            checked = keep_posts_checked(_CHECKED_IN_A_TURN)
            done += checked
            if checked < _CHECKED_IN_A_TURN:
                return False
            turn = keep_turn(_TURN, turn)
        # Without the turn: whoever has it goes on until nothing is left.
        return turn is not None
    finally:
        if turn is not None:
            give_back_turn(_TURN, turn)


def not_checked_yet(posts: QuerySet[Post]) -> QuerySet[Post]:
    """Those of `posts` whose present text the checks have still to look at: nothing is known of it."""
    looked_at = CheckedText.objects.filter(post=OuterRef("pk"), revision=OuterRef("present")).exclude(stamp="")
    return posts.exclude(present=None).filter(~Exists(looked_at))


def not_compared_yet(collections: Iterable[Collection]) -> bool:
    """Whether posts of `collections` have still to be compared with one another, or with others of their site."""
    return any(not _is_compared(site, _stamp(site)) for site in sites(of=collections))


def keep_posts_checked(limit: int) -> int:
    """Check at most `limit` posts that were not, and compare those of each site that is wholly checked.

    Those that new names of terms concern are among them.

    Gives how many were checked. What is left is for the next time.
    """
    ask_again_for_names()
    done = 0
    for site in sites():
        for collection in site:
            if done < limit:
                done += catch_up(collection, limit - done)
        if not any(map(left_unchecked, site)):
            compare_posts(site)
    return done


def check_wholly(collections: Iterable[Collection]) -> None:
    """Check what was not of `collections`, and of all that is on one site with them, and compare these posts.

    Not for use inside a transaction, which would lock others out.
    """
    for site in sites(of=collections):
        for collection in site:
            catch_up(collection)
        compare_posts(site)


def compare_posts(site: Sequence[Collection]) -> bool:
    """Compare the posts of `site`, collections that are built together, unless nothing of them changed since.

    Gives whether it was done. Archived posts are left out: nobody builds them. Not for use inside a transaction, which
    would lock others out.
    """
    stamp = _stamp(site)
    if _is_compared(site, stamp):
        return False
    now = timezone.now()
    rows = _rows(site)
    rooms, off = {row.post: row.room for row in rows}, {each.pk: set(each.codes_off) for each in site}
    found: dict[int, list[Finding]] = {}
    for post, finding in compare(rows):
        if finding.code not in off[rooms[post]]:
            found.setdefault(post, []).append(finding)
    before = FoundRow.objects.filter(post__collection__in=site, among_posts=True)
    had = dict(before.values_list("post", "post__collection"))
    rooms = {**had, **rooms}
    surveyed = set(ComparedPosts.objects.filter(collection__in=site).values_list("collection", flat=True))
    pks = sorted({*found, *had})
    for start in range(0, len(pks), _BATCH):
        batch = pks[start : start + _BATCH]
        fresh = {pk for pk in batch if rooms[pk] in surveyed}
        with transaction.atomic():
            # Another worker at the same waits here, and then finds these rows made.
            Post.objects.filter(pk__in=batch).lock_in_order()
            renew({pk: found.get(pk, []) for pk in batch}, among_posts=True, at=now, fresh=fresh)
    for collection in site:
        ComparedPosts.objects.update_or_create(collection=collection, defaults={"stamp": stamp, "at": now})
    return True


def _rows(site: Sequence[Collection]) -> list[Row]:
    names = {collection.pk: collection.name for collection in site}
    rows = CheckedText.objects.filter(post__collection__in=site).exclude(post__state=State.ARCHIVED).order_by("post")
    told = ("post", "path", "source", "title", "summary", "address", "sketch", "post__collection")
    return [
        Row(post, path, source, title, summary, address, bytes(sketch), room, names[room])
        for post, path, source, title, summary, address, sketch, room in rows.values_list(*told)
    ]


def _is_compared(site: Sequence[Collection], stamp: str) -> bool:
    return ComparedPosts.objects.filter(collection__in=site, stamp=stamp).count() == len(site)


def _stamp(site: Sequence[Collection]) -> str:
    """What the posts of `site` are now: of each collection its name, which findings say, and when its texts changed."""
    archived = Count("pk", filter=Q(post__state=State.ARCHIVED))
    texts = CheckedText.objects.filter(post__collection__in=site).order_by().values_list("post__collection")
    told = {room: of for room, *of in texts.annotate(Max("at"), Count("pk"), archived=archived)}
    said = [(each.pk, each.name, [str(part) for part in told.get(each.pk, ())]) for each in site]
    return f"{VERSION} {blake2b(repr(said).encode(), digest_size=16).hexdigest()}"
