"""Known mishearings: saved, changed and forgotten, so that the checks find them in new texts and in the old ones."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import reduce
from operator import or_

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from posts.access import is_limited, may, within
from posts.checking import rules_of
from posts.checks.hits import BODY, Exchange, exchange_of
from posts.errors import EvergreenError
from posts.models import BulkStep, CheckedText, Collection, Mishearing, Post, Revision

_ASKED_AT_ONCE = 50
"""So many words a database is asked for in one question."""

_MAY = "posts.bulk_post"  # Whoever may change many posts at once may say what is misheard in them.


class Known(StrEnum):
    """Where an exchange is to be known as a mishearing from now on."""

    NO = "no"
    IN_THE_COLLECTION = "collection"
    EVERYWHERE = "all"


class MishearingRefused(EvergreenError):
    """This cannot be saved as a known mishearing."""


def may_have(exchange: Exchange, *, live: bool = False) -> Q:
    """The posts that may have the words of `exchange`, as a database finds them: more rather than fewer.

    `live`: also those of which only the text on the site has them.
    """
    if not exchange.anchor:
        return Q()
    lookup = "contains" if exchange.match_case else "icontains"
    texts = Q(pk=OuterRef("present"))
    if live:
        texts |= Q(pk=OuterRef("cleared")) | Q(pk=OuterRef("git_text"))
    in_text = Revision.objects.filter(texts, **{f"text__{lookup}": exchange.anchor})
    # In the file, quotes and line breaks may stand within a title or a summary.
    columns = (Q(**{f"{key}__{lookup}": exchange.anchor}) for key in ("title", "summary"))
    found = Q(Exists(in_text))
    for column in columns:
        found |= column
    return found


@transaction.atomic
def remember(exchange: Exchange, collection: Collection | None, *, by: User) -> Mishearing:
    """Save `exchange` for `collection`, or for all; what was saved for the same words there is changed to it.

    Raises `MishearingRefused`.
    """
    row = Mishearing.objects.filter(find=exchange.find, collection=collection).first()
    row = row or Mishearing(find=exchange.find, collection=collection)
    row.by, row.active = exchange.by, True
    row.in_title, row.in_summary, row.in_body = (part in exchange.parts for part in ("title", "summary", BODY))
    row.match_case, row.whole_words, row.everywhere = exchange.match_case, exchange.whole_words, exchange.everywhere
    return keep(row, by=by)


@transaction.atomic
def remember_asked(step: Mapping[str, object], collection: Collection, *, by: User) -> Mishearing | None:
    """Save what the definition of a find and replace in `collection` asks to be known; None if it asks for nothing.

    Raises `MishearingRefused`.
    """
    known = Known(str(step.get("known") or Known.NO))
    if known is Known.NO:
        return None
    return remember(exchange_of(step), collection if known is Known.IN_THE_COLLECTION else None, by=by)


@transaction.atomic
def look_for_asked(undo: BulkStep, *, by: User) -> None:
    """Look no more for what a find and replace made known that `undo`, done by `by`, takes back; or again.

    What was saved otherwise since stays as it is, as does what counts everywhere where `by` may not enter everywhere.
    """
    root, again = undo.root
    known = Known(str(root.definition.get("known") or Known.NO))
    if known is Known.NO or (known is Known.EVERYWHERE and is_limited(by)):
        return
    where = undo.collection if known is Known.IN_THE_COLLECTION else None
    row = Mishearing.objects.filter(find=root.definition["find"], collection=where, active=not again).first()
    if row is not None and row.exchange == exchange_of(root.definition):
        row.active = again
        _changing(row.save, [row])


@transaction.atomic
def keep(row: Mishearing, *, by: User) -> Mishearing:
    """Save `row`, which was made or changed by `by`.

    Raises `MishearingRefused` ("no_permission", "mishearing_twice") and `BadExchange`.
    """
    _require(row, by)
    require_sense(row)
    had = Mishearing.objects.filter(pk=row.pk).first()
    row.made_by, row.made_at = by, timezone.now()
    _changing(row.save, [row] if had is None else [row, had])
    return row


@transaction.atomic
def forget(rows: Iterable[Mishearing], *, by: User) -> None:
    """Look for `rows` no more, and for good. Raises `MishearingRefused`."""
    going = list(rows)
    for row in going:
        _require(row, by)
    _changing(Mishearing.objects.filter(pk__in=[row.pk for row in going]).delete, going)


def require_sense(row: Mishearing) -> None:
    """Refuse a row that makes no sense, or of whose words another says already what is meant.

    Raises `MishearingRefused` ("mishearing_twice") and `BadExchange`.
    """
    exchange_of(row.exchange.as_data())
    if Mishearing.objects.filter(find=row.find, collection=row.collection).exclude(pk=row.pk).exists():
        raise MishearingRefused("mishearing_twice", words=row.find)


def open_to(by: User) -> "QuerySet[Mishearing]":
    """What is known in the collections that `by` may enter, and in all."""
    rows = Mishearing.objects.all()
    mine = within(by, Collection.objects.all(), "pk")
    return rows.filter(Q(collection=None) | Q(collection__in=mine)) if is_limited(by) else rows


def may_keep(row: Mishearing, by: User) -> bool:
    """Whether `by` may save or forget `row`; one of all collections is for who may enter all of them."""
    everywhere = row.collection_id is None and is_limited(by)
    return may(by, _MAY, row.collection_id) and not everywhere


def _require(row: Mishearing, by: User) -> None:
    if not may_keep(row, by):
        raise MishearingRefused("no_permission", permission="bulk_post")


def _changing(change: Callable[[], object], rows: Sequence[Mishearing]) -> None:
    """Do `change`; of what was checked before, only the texts that may have the words of `rows` are checked anew."""
    collections = list(Collection.objects.order_by("pk"))
    stamps = [rules_of(collection).stamp for collection in collections]
    exchanges = [row.exchange for row in rows]
    change()
    if not 0 < len(exchanges) <= _ASKED_AT_ONCE or not all(exchange.anchor for exchange in exchanges):
        return  # Then all texts are checked anew.
    words = reduce(or_, map(may_have, exchanges))
    for collection, before in zip(collections, stamps, strict=True):
        after = rules_of(collection).stamp
        if after != before:
            checked = CheckedText.objects.filter(post__collection=collection, stamp=before)
            untouched = checked.exclude(post__in=Post.objects.filter(words, collection=collection))
            untouched.update(stamp=after)
