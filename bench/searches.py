"""Searches in a database that holds a first import: python -m bench.with_django searches QUERIES

The yardstick is what a search without an index would be: the same words by LIKE over the texts.
"""

import json
import random
import sys

from django.db import transaction

from bench.clock import Clock
from bench.counting import server_process
from posts.admin.paging import rows_counted
from posts.models import Post, Revision
from posts.search_index import catch_up, forget_all
from posts.search_queries import parse
from posts.searching import nearest

_PAGE = 50
_COUNTED = rows_counted(1, _PAGE) + 1
_SCANS = 5


def main() -> None:
    """Print the seconds of each query, of some scans, and of building the index anew."""
    asked = _queries(int(sys.argv[1]))
    server = server_process()
    taken, found = [], 0
    for words in [asked[0], *asked]:
        clock = Clock(server)
        query = parse(words)
        shown = nearest(Post.objects.all(), query, _COUNTED)
        found += shown.order_by().values("pk")[:_COUNTED].count()
        list(shown.only("title", "path")[:_PAGE])
        taken.append(clock.spent().wall)
    scans = []
    for words in asked[:_SCANS]:
        clock = Clock(server)
        list(Revision.objects.filter(text__contains=words).values_list("pk", flat=True)[:_PAGE].iterator())
        scans.append(clock.spent().wall)
    clock = Clock(server)
    with transaction.atomic():
        forget_all()
    catch_up()
    built = clock.spent().wall
    print(json.dumps({"queries": sorted(taken[1:]), "scans": sorted(scans), "built": built, "found": found}))


def _queries(count: int) -> list[str]:
    """Words out of the texts themselves: two to four signs in a row, a Latin word, and two of them together."""
    chance = random.Random(1)
    pks = list(Post.objects.order_by("pk").values_list("present", flat=True))
    texts = list(Revision.objects.filter(pk__in=chance.sample(pks, min(200, len(pks)))).values_list("text", flat=True))
    asked: list[str] = []
    while len(asked) < count:
        parts = []
        for _ in range(chance.choice((1, 1, 2))):
            text = chance.choice(texts)
            start = chance.randrange(len(text))
            part = text[start : start + chance.choice((2, 2, 3, 4, 8))].split()
            parts.append(part[0] if part else "")
        words = " ".join(parts)
        if parse(words).wanted and not parse(words).conditions and not parse(words).faults:
            asked.append(words)
    return asked


if __name__ == "__main__":
    main()
