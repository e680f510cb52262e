"""Pages of the admin, by Django's test client: python -m bench.with_django pages REPETITIONS"""

import json
import logging
import sys

from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, reverse

from bench.clock import Clock
from bench.counting import Queries, server_process
from posts.models import Post

_LARGE_BODY = 180 * 1000


def main() -> None:
    """Print, for each page, the seconds and queries of each repetition, or why it could not be measured."""
    logging.disable(logging.INFO)
    client = Client()
    user, _ = User.objects.get_or_create(username="bench", defaults={"is_superuser": True, "is_staff": True})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    post = Post.objects.filter(problems=None).order_by("path")[10]
    told: dict[str, object] = {}
    for name, address, arguments in (
        ("list", "admin:posts_post_changelist", []),
        ("form", "admin:posts_post_change", [post.pk]),
    ):
        try:
            url = reverse(address, args=arguments)
        except NoReverseMatch:
            told[name] = "there is no such page"
            continue
        told[name] = _measured(client, url, int(sys.argv[1]))
    text = (post.present.text.rpartition("---\n")[2] + "\n\n") * 1000
    content = text.encode()[:_LARGE_BODY].decode(errors="ignore")
    told["preview"] = _measured(client, reverse("preview_blocks", args=[0]), int(sys.argv[1]), {"content": content})
    print(json.dumps(told))


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
