"""Find and replace over many posts, proposed as a bulk step: each hit is shown, and single ones are left alone."""

import datetime
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from posts.bulk_planning import LEAVING, LEAVING_ON_SITE, left_alone
from posts.bulk_proposing import BULK, BulkRefused, locked_proposal, propose
from posts.checks.hits import Exchange, Hit, Searched, exchange_of, hits
from posts.merging import document_of
from posts.mishearings import Known, may_have, may_keep
from posts.models import BulkPost, BulkStep, Mishearing, Post
from posts.waking import wake_for_hits

AT_ONCE = 200
"""Of so many posts the hits are counted while somebody waits; of more, by a worker."""

_BATCH = 20
_FORGOTTEN_AFTER = datetime.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Choice:
    """One hit of a post: its number in the post, whether it is to be exchanged, and whether it is of the site's text,
    which is another than the present one, by itself."""

    number: int
    hit: Hit
    ticked: bool
    on_site: bool


@dataclass(frozen=True, slots=True)
class Hits:
    """The hits of one post of a step: some or all, and how many there are and how many are to be exchanged."""

    row: BulkPost
    post: Post
    choices: Sequence[Choice]
    total: int
    ticked: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The hits of a step as far as they were counted: in `posts`, of which so many are `ticked`; `counted` of `rows`
    were looked through."""

    rows: int
    counted: int
    posts: int
    hits: int
    ticked: int

    @property
    def complete(self) -> bool:
        """Whether all were."""
        return self.counted == self.rows


@transaction.atomic
def propose_replacing(
    posts: QuerySet[Post], asked: Mapping[str, object], *, by: User, known: Known = Known.NO, whence: str = ""
) -> BulkStep:
    """A step that makes the exchange that `asked` tells (`Exchange.as_data`) in those of `posts` that have its words.

    With `known`, it is saved as a known mishearing when the step is started. `whence` is the filter of the list that
    it was asked from. Raises `BadExchange`, and `BulkRefused`: "words_not_found", and what `propose` does.
    """
    exchange = exchange_of(asked)
    if not by.has_perm(BULK):
        raise BulkRefused("no_permission", permission="bulk_post")
    if known is Known.EVERYWHERE and not may_keep(Mishearing(collection=None), by):
        raise BulkRefused("no_permission", permission="bulk_post")
    found = posts.filter(may_have(exchange, live=True))
    if not found.exists():
        raise BulkRefused("words_not_found", words=exchange.find)
    definition = {**exchange.as_data(), "known": known.value, "whence": whence}
    step = propose(found, BulkStep.Kind.REPLACE, definition, by=by)
    if step.rows.count() > AT_ONCE:
        wake_for_hits(step)
        return step
    count_hits(step)
    if not step.rows.exists():
        raise BulkRefused("words_not_found", words=exchange.find)
    return step


def count_hits(step: BulkStep) -> None:
    """Count the hits of `step` where that was not done, and let go of the posts without any.

    A database finds the words in links, in code and within longer words, too.
    """
    while _count_some(step.pk):
        pass


def count_hits_of(pk: int) -> None:
    """Count the hits of the step with key `pk`, if it is still a proposal."""
    step = BulkStep.objects.filter(pk=pk, run=None, kind=BulkStep.Kind.REPLACE).first()
    if step is not None:
        count_hits(step)


def wake_forgotten_counts() -> None:
    """Wake a worker again for the proposals whose hits should have been counted by now."""
    old = BulkStep.objects.filter(run=None, kind=BulkStep.Kind.REPLACE, made_at__lt=timezone.now() - _FORGOTTEN_AFTER)
    for step in old.filter(Exists(BulkPost.objects.filter(step=OuterRef("pk"), hits=None))):
        wake_for_hits(step)


def totals_of(step: BulkStep) -> Totals:
    """How many hits `step` has, as far as they were counted. One query."""
    told = step.rows.aggregate(
        rows=Count("pk"),
        counted=Count("hits"),
        posts=Count("pk", filter=Q(hits__gt=0)),
        hits=Coalesce(Sum("hits"), 0),
        ticked=Coalesce(Sum("ticked"), 0),
    )
    return Totals(**told)


@transaction.atomic
def _count_some(pk: int) -> bool:
    """Count the hits of some posts of the step with this key; gives whether there may be more."""
    # Whoever ticks hits of these at this moment waits, and then counts them anew.
    step = BulkStep.objects.select_for_update(of=("self",)).filter(pk=pk, run=None).first()
    if step is None:
        return False
    rows = step.rows.filter(hits=None).order_by("pk")
    counted = list(hits_of(step, rows.filter(pk__in=list(rows.values_list("pk", flat=True)[:_BATCH])), most=0))
    for each in counted:
        each.row.hits, each.row.ticked = each.total, each.ticked
    BulkPost.objects.bulk_update([each.row for each in counted], ["hits", "ticked"])
    if len(counted) == _BATCH:
        return True
    step.rows.filter(hits=0).delete()
    return False


def hits_of(step: BulkStep, rows: QuerySet[BulkPost], *, most: int | None = None) -> Iterator[Hits]:
    """The hits in the posts of `rows` of `step`, in their order, each with its choices or only the first `most`.

    In one query, and a few texts at a time. A post may have none.
    """
    exchange = exchange_of(step.definition)
    for row in _with_texts(rows):
        yield _hits(row, exchange, most)


@transaction.atomic
def choose(
    step: BulkStep, shown: Mapping[int, Collection[int]], ticked: Mapping[int, Collection[int]], *, by: User
) -> None:
    """Of the hits `shown`, numbers by post, exchange those that are `ticked`, and leave the others alone.

    Raises `BulkRefused`: "no_permission", "not_your_step", "begun_already".
    """
    step = locked_proposal(step, by=by)
    chosen = list(hits_of(step, step.rows.filter(post__in=list(shown)).order_by("pk")))
    for each in chosen:
        asked, on = set(shown[each.post.pk]), set(ticked.get(each.post.pk, ()))
        each.row.choice = _leaving(
            each, [one for one in each.choices if not (one.number in on if one.number in asked else one.ticked)]
        )
    BulkPost.objects.bulk_update([each.row for each in chosen], ["choice", "hits", "ticked"], batch_size=200)


@transaction.atomic
def choose_all(step: BulkStep, post: int, *, ticked: bool, by: User) -> None:
    """Exchange all hits of the post with this key, or none.

    Raises `BulkRefused`: "no_permission", "not_your_step", "begun_already".
    """
    step = locked_proposal(step, by=by)
    for each in list(hits_of(step, step.rows.filter(post=post))):
        each.row.choice = _leaving(each, [] if ticked else each.choices)
        each.row.save(update_fields=["choice", "hits", "ticked"])


def _with_texts(rows: QuerySet[BulkPost]) -> Iterator[BulkPost]:
    return rows.select_related("post", "base", "live_base").iterator(chunk_size=_BATCH)


def _is_other_on_site(row: BulkPost) -> bool:
    return row.live_base is not None and row.live_base.blob != row.base.blob


def _hits(row: BulkPost, exchange: Exchange, most: int | None) -> Hits:
    left, searched = set(left_alone(row.choice)), Searched(document_of(row.base))
    if not left and not _is_other_on_site(row):
        places = list(searched.places(exchange))
        first = enumerate(searched.told(islice(places, most)))
        choices = [Choice(number, hit, ticked=True, on_site=False) for number, hit in first]
        return Hits(row, row.post, choices, len(places), len(places))
    found = [(hit, hit.mark not in left, False) for hit in searched.hits(exchange)]
    if _is_other_on_site(row):
        there, left_there = hits(document_of(row.live_base), exchange), left_alone(row.choice, on_site=True)
        # Where a passage stands more often in one of the two, nobody can say which is which.
        here, on_site = (Counter(hit.passage for hit in each) for each in ([hit for hit, _, _ in found], there))
        own = (hit for hit in there if here[hit.passage] != on_site[hit.passage])
        found += [(hit, hit.mark not in left_there, True) for hit in own]
    choices = [Choice(number, *each) for number, each in enumerate(found[:most])]
    return Hits(row, row.post, choices, len(found), sum(ticked for _hit, ticked, _on_site in found))


def _leaving(found: Hits, left: Sequence[Choice]) -> dict[str, list[str]]:
    """What is kept of the choice in a post whose choices `found` has all: the marks of what is `left` in each text."""
    found.row.hits, found.row.ticked = found.total, found.total - len(left)
    if not left:
        return {}
    choice = {LEAVING: [each.hit.mark for each in left if not each.on_site]}
    if _is_other_on_site(found.row):
        own = {each.hit.passage for each in found.choices if each.on_site}
        there = [each.hit.mark for each in left if each.on_site or each.hit.passage not in own]
        choice[LEAVING_ON_SITE] = there
    return choice
