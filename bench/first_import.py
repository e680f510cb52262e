"""One first import into an empty database: python -m bench.with_django first_import REMOTE

The mirror is fetched before, so that what is timed is a whole sync but the copying of git's objects.
"""

import json
import resource
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from bench.clock import Clock
from bench.counting import Queries, server_process
from posts.locking import sole_writer
from posts.models import Collection, Post
from posts.syncing import sync


def main() -> None:
    """Print the time, the peak memory and the database's size in bytes."""
    collection = Collection.objects.create(name="bench", url=sys.argv[1])
    with sole_writer(collection, wait=0) as repository:
        repository.fetch()
    clock = Clock(server_process())
    with Queries() as queries:
        run = sync(collection)
    spent = clock.spent()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    posts = Post.objects.count()
    if run.state not in ("done", "partly") or not posts:
        raise SystemExit(f"the import ended as {run.state}: {run.error_code} {run.error_facts}")
    told = {"wall": spent.wall, "cpu": spent.total, "peak": peak, "posts": posts, "bytes": _size()}
    print(json.dumps({**told, "queries": queries.count}))


def _size() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    name = Path(settings.DATABASES["default"]["NAME"])
    return sum(file.stat().st_size for file in name.parent.glob(f"{name.name}*"))


if __name__ == "__main__":
    main()
