"""Where a new post goes: a path by its collection's pattern, and an address on the site that is its own."""

import datetime
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

from django.contrib.auth.models import User

from posts import fields
from posts.access import may_enter
from posts.checks.site import address_key
from posts.errors import EvergreenError
from posts.models import Collection, Post
from posts.new_paths import filled, fitting, pattern_of_glob, slug_of, wants_date
from posts.paths import path_key
from posts.site_addresses import address_on_site, without_date
from posts.sites import built_together

_LONGEST_NUMBER = "-99999"


def suggested_path(collection: Collection, date: str, title: str) -> str:
    """A path for a new post with this `title` and `date`, by the collection's pattern; "" where it cannot be made.

    Its slug is no other post's in the collection, nor is its address another's on the site: `-2` is put behind it.
    """
    slug = slug_of(title, pinyin=collection.slugs == Collection.Slugs.PINYIN)
    day = fields.day(date)
    pattern = collection.path_pattern or pattern_of_glob(next(iter(collection.patterns), ""), dated=day is not None)
    if not filled(pattern, slug, day) or not fitting(pattern, slug, day, _LONGEST_NUMBER):
        return ""
    # Every numbered slug begins with this, however long its number makes it.
    rivals = list(_rivals(collection, fitting(pattern, slug, day, _LONGEST_NUMBER)))
    slugs = {without_date(PurePosixPath(path).stem).casefold() for where, path, _ in rivals if where == collection}
    addresses = {address for each in rivals if (address := _address(*each))}
    number = 1
    while True:
        ending = "" if number == 1 else f"-{number}"
        numbered = fitting(pattern, slug, day, ending) + ending
        path = filled(pattern, numbered, day)
        if numbered.casefold() not in slugs and _address(collection, path, day) not in addresses:
            return path
        number += 1


def why_no_path(collection: Collection, date: str, title: str) -> str:
    """The code of why `suggested_path` has nothing to suggest."""
    pattern = collection.path_pattern
    if title.strip() and pattern and wants_date(pattern) and fields.day(date) is None:
        return "path_wants_date"
    return "path_wants_title"


def require_own_address(
    collection: Collection, path: str, date: datetime.date | None, *, of: Post | None = None, by: User
) -> None:
    """Raise `EvergreenError` if another post than `of` would have the address that `path` gives on the site.

    Two pages with one address fail the whole build of the site (DESIGN §6). Where the other post is in a collection
    that is closed to `by`, its path is not told.
    """
    address = _address(collection, path, date)
    if not address:
        return
    for where, other, day in _rivals(collection, without_date(PurePosixPath(path).stem), of=of):
        if _address(where, other, day) == address:
            if may_enter(by, where.pk):
                raise EvergreenError("address_taken", path=path, other=other, address=address)
            raise EvergreenError("address_taken_elsewhere", path=path, address=address)


def has_page(collection: Collection, address: str, named: str) -> bool:
    """Whether a post of the site of `collection` has its page at `address`: a decoded path, without a last slash.

    `named` is what of the post's path stands in it (`named_at`).
    """
    for where, path, date in _rivals(collection, named):
        page = address_on_site("https://site", where.post_url, path, date).removeprefix("https://site")
        if page and unquote(address_key(page)) == address:
            return True
    return False


def _rivals(
    collection: Collection, slug: str, *, of: Post | None = None
) -> Iterator[tuple[Collection, str, datetime.date | None]]:
    """The posts of the same site whose path has `slug` in it: collection, path and date of each."""
    where = {each.pk: each for each in built_together(collection)}
    rows = Post.objects.filter(collection__in=where, path_key__contains=path_key(slug), removed=False)
    if of is not None:
        rows = rows.exclude(pk=of.pk)
    for pk, path, date in rows.order_by().values_list("collection", "path", "date"):
        yield where[pk], path, date


def _address(collection: Collection, path: str, date: datetime.date | None) -> str:
    return address_on_site(collection.site_url, collection.post_url, path, date)
