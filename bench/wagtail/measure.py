"""Pages of Wagtail's admin, by Django's test client: measure.py PAGES REPETITIONS, with Wagtail's own Python.

Makes the site with so many published pages first, where it is not there yet. `WAGTAIL_FOLDER` says where it is kept,
and `BODY_FILE` what every page has to say.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "site"))
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"

import django

django.setup()

from blog.models import PostPage  # noqa: E402
from django.contrib.auth.models import Group, User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from wagtail.models import Page  # noqa: E402

_REVIEWED, _EDITED = "p11", "p10"


def main() -> None:
    """Print, for each page, the seconds that each repetition took."""
    pages, repetitions = int(sys.argv[1]), int(sys.argv[2])
    writer, reviewer = _people()
    root = Page.objects.get(depth=2)
    _fill(root, writer, pages)
    reviewed, edited = _submitted(writer), PostPage.objects.get(slug=_EDITED)
    client = Client()
    client.force_login(reviewer)
    compared = reverse("wagtailadmin_pages:revisions_compare", args=[reviewed.pk, "live", "latest"])
    addresses = {
        "home": reverse("wagtailadmin_home"),
        "list": reverse("wagtailadmin_explore", args=[root.pk]),
        "form": reverse("wagtailadmin_pages:edit", args=[edited.pk]),
        "review": reverse("wagtailadmin_pages:edit", args=[reviewed.pk]),
        "compare": compared,
    }
    print(json.dumps({name: _measured(client, address, repetitions) for name, address in addresses.items()}))


def _people() -> tuple[User, User]:
    call_command("migrate", verbosity=0)
    people = []
    for name in ("writer", "reviewer"):
        person, _ = User.objects.get_or_create(username=name, is_superuser=True, is_staff=True)
        person.groups.add(Group.objects.get(name="Moderators"))
        people.append(person)
    return people[0], people[1]


def _fill(root: Page, owner: User, pages: int) -> None:
    body = Path(os.environ["BODY_FILE"]).read_text(encoding="utf-8")
    there = PostPage.objects.count()
    for number in range(there, pages):
        page = PostPage(title=f"美股暴跌与AI产业震荡：第{number}期", slug=f"p{number}", body=body, owner=owner)
        page.tags.add("美股", "ai-disruption")
        root.add_child(instance=page)
        page.save_revision(user=owner).publish()
        if number % 200 == 0:
            print(f"bench: Wagtail makes its page {number:,}", file=sys.stderr, flush=True)


def _submitted(writer: User) -> PostPage:
    """A live page with a changed text that waits for its review."""
    page = PostPage.objects.get(slug=_REVIEWED)
    if not page.workflow_in_progress:
        changed = page.get_latest_revision_as_object()
        changed.body += "\n\n又补一句。\n"
        changed.save_revision(user=writer)
        page.refresh_from_db()
        page.get_workflow().start(page, writer)
    return PostPage.objects.get(slug=_REVIEWED)


def _measured(client: Client, address: str, repetitions: int) -> list[dict[str, Any]]:
    taken = []
    for number in range(-2, repetitions):
        wall, cpu = time.perf_counter(), time.process_time()
        answer = client.get(address)
        spent = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        if answer.status_code != 200:
            raise SystemExit(f"{address} answers {answer.status_code}")
        if number >= 0:
            taken.append(spent)
    return taken


if __name__ == "__main__":
    main()
