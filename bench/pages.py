"""Pages of the admin, by Django's test client: python -m bench.with_django pages REPETITIONS"""

import json
import logging
import sys

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.test import Client
from django.urls import reverse

from bench.clock import Clock
from bench.counting import Queries, server_process
from bench.places import ROOT
from posts.editing import edit
from posts.heartbeats import note_heartbeat
from posts.merging import document_of
from posts.models import Post
from posts.reviewing import perform
from posts.workflow import State, Transition

_LARGE_BODY = 180 * 1000
_SAMPLE = ROOT / "tests" / "samples" / "2026-02-13-market-selloff.md"
_SIGNS = 6600


def main() -> None:
    """Print, for each page, the seconds and queries of each repetition, or why it could not be measured."""
    logging.disable(logging.INFO)
    repetitions = int(sys.argv[1])
    reader, writer = (_person(name) for name in ("reader", "writer"))
    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    submitted, opened = _submitted(writer), _articles()[1]
    # As on a site at work: after two minutes without a sign of a worker, pages ask what it may be busy with.
    note_heartbeat()
    addresses = {
        "home": reverse("admin:index"),
        "list": reverse("admin:posts_post_changelist"),
        "form": reverse("admin:posts_post_change", args=[opened.pk]),
        "review": reverse("admin:posts_post_review", args=[submitted.pk]),
        "compare": reverse("admin:posts_post_difference", args=[submitted.pk]),
    }
    told = {name: _measured(client, address, repetitions) for name, address in addresses.items()}
    # The same text in every database: posts differ in what there is to draw.
    text = (_SAMPLE.read_text(encoding="utf-8").rpartition("---\n")[2] + "\n\n") * 1000
    content = text.encode()[:_LARGE_BODY].decode(errors="ignore")
    told["preview"] = _measured(client, reverse("preview_blocks", args=[0]), repetitions, {"content": content})
    print(json.dumps(told))


def _person(name: str) -> User:
    return User.objects.get_or_create(username=name, defaults={"is_superuser": True, "is_staff": True})[0]


def _articles() -> QuerySet[Post]:
    """Live posts that are as long as the text that Wagtail's pages have, or hardly longer, the shortest first."""
    sized = Post.objects.filter(live=True, problems=None).annotate(signs=Length("present__text"))
    return sized.filter(signs__gte=_SIGNS).order_by("signs", "path")


def _submitted(writer: User) -> Post:
    """A live post with a changed text that waits for its review."""
    waiting = Post.objects.filter(live=True, state=State.IN_REVIEW).first()
    if waiting is not None:
        return waiting
    post = _articles()[0]
    text = f"{document_of(post.present).body}\n\n又补一句。\n"
    return perform(edit(post, {}, body=text, by=writer), Transition.SUBMIT, by=writer)


def _measured(client: Client, url: str, repetitions: int, posted: dict[str, str] | None = None) -> object:
    taken, server = [], server_process()
    for number in range(-2, repetitions):
        with Queries() as queries:
            clock = Clock(server)
            try:
                answer = client.get(url) if posted is None else client.post(url, posted)
            except Exception as error:  # the page is somebody else's work: the table says that it fails
                return f"{type(error).__name__}: {error}"[:100]
            spent = clock.spent()
        if answer.status_code != 200:
            return f"answers {answer.status_code}"
        if number >= 0:
            taken.append({"cpu": spent.ours, "wall": spent.wall, "queries": queries.count})
    return taken


if __name__ == "__main__":
    main()
