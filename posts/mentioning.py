"""Whom a remark names as @username, and who is offered while such a name is being typed (DESIGN §2.9)."""

import re
from collections.abc import Iterator

from django.contrib.auth.models import User

from posts.models import Post
from posts.people import people_who_may
from taxonomy.slugs import slug_of

MOST_OFFERED = 8
"""A list that is read at one glance."""

_SIGN_OF_NAME = re.compile(r"[A-Za-z0-9_]")


def who_may_be_named(post: Post) -> list[User]:
    """Whoever may see `post`: nobody else is told of a remark on it. One query."""
    return list(people_who_may("posts.view_post", post.collection_id))


def mentioned_in(text: str, people: list[User]) -> list[User]:
    """Those of `people` whose username stands in `text` behind an @ that is no part of a mail address."""
    by_name = {person.get_username().lower(): person for person in people}
    names = sorted(by_name, key=len, reverse=True)
    told: dict[int, User] = {}
    lower = text.lower()
    for sign in re.finditer("@", lower):
        if sign.start() and _SIGN_OF_NAME.match(lower[sign.start() - 1]):
            continue
        name = next((name for name in names if lower.startswith(name, sign.end())), None)
        if name is not None and not _SIGN_OF_NAME.match(lower[sign.end() + len(name) :][:1]):
            told[by_name[name].pk] = by_name[name]
    return list(told.values())


def offered(typed: str, people: list[User]) -> list[User]:
    """Those of `people` who may be meant by `typed`, the likeliest first, at most `MOST_OFFERED`; for "" the first.

    A name is found by its beginning, by that of any of its words, by Chinese signs within it, and by its sound:
    王小明 by "wangxiao" and by "wxm".
    """
    wanted = _joined(typed)
    ranks = ((_rank(wanted, person), place) for place, person in enumerate(people))
    found = sorted((rank, place) for rank, place in ranks if rank is not None)
    return [people[place] for _, place in found[:MOST_OFFERED]]


def _rank(wanted: str, person: User) -> int | None:
    """How near `wanted` is to the names of `person`, 0 is nearest; None if it is none of them."""
    if _joined(person.get_username()).startswith(wanted):
        return 0
    names = [_joined(name) for name in _orders(person)]
    if any(name.startswith(wanted) for name in names):
        return 1
    words = person.get_full_name().split()
    if any(each.startswith(wanted) for word in words for each in (_joined(word), slug_of(word).replace("-", ""))):
        return 2
    sounds = [slug_of(name).split("-") for name in _orders(person)]
    if any("".join(sound).startswith(wanted) for sound in sounds):
        return 3
    if any("".join(syllable[:1] for syllable in sound).startswith(wanted) for sound in sounds):
        return 4
    # Two letters of Latin stand in half of all names; a Chinese sign tells more.
    return 5 if not wanted.isascii() and any(wanted in name for name in names) else None


def _orders(person: User) -> Iterator[str]:
    """The name with the family name last, and first."""
    yield f"{person.first_name} {person.last_name}"
    yield f"{person.last_name} {person.first_name}"


def _joined(name: str) -> str:
    return "".join(name.split()).casefold()
