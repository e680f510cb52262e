"""Every page takes as many queries for 10,000 posts as for 10, and no more than the table beside it allows.

The addresses come from the resolver, as in `test_every_url`: a page that the table does not name fails.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from posts.heartbeats import note_heartbeat
from posts.models import Comment, Event, Finding, Revision, Sync
from tests.posts.crowds import crowd
from tests.posts.test_every_url import OTHERS, Site, addresses
from tests.posts.worlds import person

TABLE = Path(__file__).with_name("queries_of_pages.txt")
FEW, MANY = 10, 10_000
GROWS = {"/admin/posts/sync/<int:pk>/undo/"}
"""It decides post by post for the hundred of its page, and asks once for each: so up to a page, and no further."""


def pages(site: Site) -> Iterator[tuple[str, str]]:
    """Each address with a label; one post stands for all, one step for all steps, one vocabulary for the nine."""
    tried = set()
    for route, pattern in addresses(get_resolver().url_patterns):
        label = site.label(route)
        for case, address in site.cases(route, pattern):
            ours = case in (label, f"{route} others", f"{route} archive others")
            if ours and label not in tried and "logout" not in route:
                tried.add(label)
                yield label, address


def counts(client: Client, asked: dict[str, str]) -> dict[str, int]:
    """How many queries each page takes that answers with a page; whatever it writes is taken back."""
    found = {}
    for label, address in asked.items():
        with transaction.atomic():
            # However slow this machine is: after two minutes without one, pages look for a worker that is busy.
            note_heartbeat()
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(address)
            if answer.status_code == 200:
                found[label] = len(queries)
            transaction.set_rollback(True)
    return found


def lengthen(site: Site, times: int) -> None:
    """More of everything that the page of one post lists."""
    post = site.world.post(OTHERS)
    kept = {name: getattr(post.present, name) for name in ("text", "blob", "says_draft", "whence", "by", "at")}
    start = post.revisions.count() + 1
    Revision.objects.bulk_create(
        [Revision(post=post, number=start + number, beside=True, **kept) for number in range(times)]
    )
    kinds: tuple[Any, ...] = (Comment, Event, Finding)
    for kind in kinds:
        row = kind.objects.filter(post=post).first()
        fields = [field.attname for field in kind._meta.concrete_fields if not field.primary_key]
        kind.objects.bulk_create([kind(**{name: getattr(row, name) for name in fields}) for _ in range(times)])


@pytest.mark.django_db
def test_every_page_takes_as_many_queries_for_10000_posts_as_for_10(tmp_path: Path) -> None:
    site = Site(tmp_path)
    asked = dict(pages(site))
    somebody = person("all", "Publisher", "Curator", "Administrator")
    told: dict[str, Any] = {
        "by": somebody,
        "steps": [site.bulk, site.replacing],
        "runs": [site.sync, site.preview, site.download, Sync.objects.get(kind="step")],
    }
    post = site.world.post(OTHERS)
    Comment.objects.create(post=post, by=somebody, at=post.changed_at, text="意见", revision=post.present)
    crowd(site.world.collection, range(FEW), **told)
    lengthen(site, 3)
    client = Client()
    client.force_login(somebody)
    client.get("/admin/")
    # Django asks for each of these once in the life of a process.
    ContentType.objects.get_for_models(*apps.get_models())
    few = counts(client, asked)
    crowd(site.world.collection, range(FEW, MANY), **told)
    lengthen(site, 30)
    many = counts(client, asked)
    changed = {label: (count, many.get(label)) for label, count in few.items() if count != many.get(label)}
    assert {label: told for label, told in changed.items() if label not in GROWS} == {}
    rows = (line.rsplit("  ", 1) for line in TABLE.read_text().splitlines() if not line.startswith("#"))
    allowed = {label.strip(): int(most) for label, most in rows}
    assert set(allowed) == set(many), "the table and the pages that there are"
    assert {label: count for label, count in few.items() if count > allowed[label]} == {}
