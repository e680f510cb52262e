"""Find and replace over many posts, proposed as a bulk step: each hit is shown, and single ones are left alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from posts.bulk import BULK, BulkRefused, held, propose
from posts.bulk_planning import left_alone
from posts.checks.hits import Exchange, Hit, exchange_of, hits
from posts.merging import document_of
from posts.mishearings import may_have, remember
from posts.models import BulkPost, BulkStep, Post

AT_ONCE = 200
"""Of so many posts the hits are counted while somebody waits; of more, page by page."""


class Known(StrEnum):
    """Where an exchange is to be known as a mishearing from now on."""

    NO = "no"
    IN_THE_COLLECTION = "collection"
    EVERYWHERE = "all"


@dataclass(frozen=True, slots=True)
class Choice:
    """One hit of a post: its number in the post, whether it is to be exchanged, and whether the site's text alone,
    which is another than the present one, has it."""

    number: int
    hit: Hit
    ticked: bool
    on_site: bool


@dataclass(frozen=True, slots=True)
class Hits:
    """The hits of one post of a step."""

    row: BulkPost
    post: Post
    choices: Sequence[Choice]

    @property
    def ticked(self) -> int:
        """How many of them are to be exchanged."""
        return sum(choice.ticked for choice in self.choices)


@transaction.atomic
def propose_replacing(
    posts: QuerySet[Post], asked: Mapping[str, object], *, by: User, known: Known = Known.NO
) -> BulkStep:
    """A step that makes the exchange that `asked` tells (`Exchange.as_data`) in those of `posts` that have its words.

    With `known`, it is saved as a known mishearing besides. Raises `BadExchange`, and `BulkRefused`:
    "words_not_found", and what `propose` does.
    """
    exchange = exchange_of(asked)
    if not by.has_perm(BULK):
        raise BulkRefused("no_permission", permission="bulk_post")
    found = posts.filter(may_have(exchange, live=True))
    if not found.exists():
        raise BulkRefused("words_not_found", words=exchange.find)
    step = propose(found, BulkStep.Kind.REPLACE, exchange.as_data(), by=by)
    if step.rows.count() <= AT_ONCE:
        # A database finds the words in links, in code and within longer words, too.
        without = [each.row.pk for each in hits_of(step, step.rows.order_by("pk")) if not each.choices]
        step.rows.filter(pk__in=without).delete()
        if not step.rows.exists():
            raise BulkRefused("words_not_found", words=exchange.find)
    if known is not Known.NO:
        remember(exchange, step.collection if known is Known.IN_THE_COLLECTION else None, by=by)
    return step


def hits_of(step: BulkStep, rows: QuerySet[BulkPost]) -> list[Hits]:
    """The hits in the posts of `rows` of `step`, in their order; in one query. A post may have none."""
    exchange = exchange_of(step.definition)
    whole = rows.select_related("post", "base", "live_base")
    return [Hits(row, row.post, _choices(row, exchange)) for row in whole]


@transaction.atomic
def choose(
    step: BulkStep, shown: Mapping[int, Collection[int]], ticked: Mapping[int, Collection[int]], *, by: User
) -> None:
    """Of the hits `shown`, numbers by post, exchange those that are `ticked`, and leave the others alone.

    Raises `BulkRefused`: "not_your_step", "begun_already".
    """
    step = held(step, by=by)
    chosen = hits_of(step, step.rows.filter(post__in=list(shown)).order_by("pk"))
    for each in chosen:
        asked, on = set(shown[each.post.pk]), set(ticked.get(each.post.pk, ()))
        left = dict.fromkeys(left_alone(each.row.choice))
        for choice in each.choices:
            if choice.number in asked and choice.number in on:
                left.pop(choice.hit.mark, None)
            elif choice.number in asked:
                left[choice.hit.mark] = None
        each.row.choice = {"leaving": list(left)} if left else {}
    BulkPost.objects.bulk_update([each.row for each in chosen], ["choice"], batch_size=200)


@transaction.atomic
def choose_all(step: BulkStep, post: int, *, ticked: bool, by: User) -> None:
    """Exchange all hits of the post with this key, or none. Raises `BulkRefused`."""
    step = held(step, by=by)
    for each in hits_of(step, step.rows.filter(post=post)):
        marks = [choice.hit.mark for choice in each.choices]
        each.row.choice = {} if ticked else {"leaving": marks}
        each.row.save(update_fields=["choice"])


def _choices(row: BulkPost, exchange: Exchange) -> list[Choice]:
    left = set(left_alone(row.choice))
    found = [(hit, False) for hit in hits(document_of(row.base), exchange)]
    if row.live_base is not None and row.live_base.blob != row.base.blob:
        known = {hit.mark for hit, _live in found}
        live = hits(document_of(row.live_base), exchange)
        found += [(hit, True) for hit in live if hit.mark not in known]
    return [Choice(number, hit, hit.mark not in left, live) for number, (hit, live) in enumerate(found)]
