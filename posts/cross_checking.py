"""The posts of a collection compared with one another, after something of them changed: long work of its own."""

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from posts.checking import catch_up, left_unchecked, renew
from posts.checks import VERSION, Finding
from posts.checks.site import Row, compare
from posts.heartbeats import give_back_turn, keep_turn, take_turn
from posts.models import CheckedText, Collection, ComparedPosts, Post
from posts.models import Finding as FoundRow
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


def not_compared_yet(collection: Collection) -> bool:
    """Whether the posts of `collection` have still to be compared with one another, as they are now."""
    return not ComparedPosts.objects.filter(collection=collection, stamp=_stamp(collection)).exists()


def keep_posts_checked(limit: int) -> int:
    """Check at most `limit` posts that were not, and compare those of each collection that is wholly checked.

    Those that new names of terms concern are among them.

    Gives how many were checked. What is left is for the next time.
    """
    ask_again_for_names()
    done = 0
    for collection in Collection.objects.order_by("pk"):
        if done < limit:
            done += catch_up(collection, limit - done)
        if not left_unchecked(collection):
            compare_posts(collection)
    return done


def compare_posts(collection: Collection) -> bool:
    """Compare the posts of `collection`, unless nothing of them changed since; gives whether it was done.

    Archived posts are left out: nobody builds them. Not for use inside a transaction, which would lock others out.
    """
    stamp = _stamp(collection)
    last = ComparedPosts.objects.filter(collection=collection).first()
    if last is not None and last.stamp == stamp:
        return False
    now = timezone.now()
    found: dict[int, list[Finding]] = {}
    off = set(collection.codes_off)
    for post, finding in compare(_rows(collection)):
        if finding.code not in off:
            found.setdefault(post, []).append(finding)
    had = FoundRow.objects.filter(post__collection=collection, among_posts=True)
    pks = sorted({*found, *had.values_list("post", flat=True)})
    for start in range(0, len(pks), _BATCH):
        batch = pks[start : start + _BATCH]
        fresh = batch if last is not None else ()
        with transaction.atomic():
            # Another worker at the same waits here, and then finds these rows made.
            Post.objects.filter(pk__in=batch).lock_in_order()
            renew({pk: found.get(pk, []) for pk in batch}, among_posts=True, at=now, fresh=fresh)
    ComparedPosts.objects.update_or_create(collection=collection, defaults={"stamp": stamp, "at": now})
    return True


def _rows(collection: Collection) -> list[Row]:
    rows = CheckedText.objects.filter(post__collection=collection).exclude(post__state=State.ARCHIVED)
    told = rows.order_by("post").values_list("post", "path", "source", "title", "summary", "address", "sketch")
    return [Row(*values[:6], bytes(values[6])) for values in told]


def _stamp(collection: Collection) -> str:
    archived = Count("pk", filter=Q(post__state=State.ARCHIVED))
    told = CheckedText.objects.filter(post__collection=collection).aggregate(Max("at"), Count("pk"), archived=archived)
    return f"{VERSION} {told['at__max']} {told['pk__count']} {told['archived']}"
