"""Every address × every role × own and others' posts × GET and POST, against one table of expected answers.

The addresses come from the resolver: one that the table does not name fails. An answer is a letter:
2 a page, 3 a redirect, L to the login, F forbidden, N not found, M method not allowed, B bad request.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from posts import (
    assigning,
    bulk,
    bulk_proposing,
    commenting,
    editing,
    many_proposing,
    many_running,
    replacing,
    reviewing,
    saved_views,
)
from posts.checks.hits import exchange_of
from posts.cross_checking import keep_posts_checked
from posts.limiting import limit
from posts.mishearings import remember
from posts.models import Conflict, Finding, Mishearing, Notice, Outcome, Post, Problem, Sync
from posts.workflow import Transition
from taxonomy.models import VOCABULARIES
from tests.posts.worlds import World, group_of, person, post_text

ROLES = ("nobody", "staff", "Writer", "Reviewer", "Publisher", "Curator", "Administrator")
STRANGERS = ("nobody", "staff")
PLACES = ("own", "others", "live")
OWN, OTHERS, LIVE = "src/posts/own.md", "src/posts/others.md", "src/posts/live.md"
EXPECTED = Path(__file__).with_name("every_url.txt")


def addresses(patterns: list[URLPattern | URLResolver], route: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Every route that the site answers, with its pattern."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route + str(pattern.pattern))
        else:
            yield route + str(pattern.pattern), pattern


def letter(response: HttpResponse) -> str:
    """The answer as one letter."""
    if response.status_code in (301, 302):
        return "L" if "/admin/login/" in response["Location"] else "3"
    return {200: "2", 202: "2", 400: "B", 403: "F", 404: "N", 405: "M", 409: "C", 422: "U"}[response.status_code]


class Site:
    """The rows that the addresses point at, and who asks."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, "hidden-room")
        self.world.remote.commit(
            {
                OWN: post_text("自己的"),
                OTHERS: post_text("别人的"),
                LIVE: post_text("在线的", draft="false", status="published"),
                "src/posts/bad.md": "---\ntitle: [\n---\n",
            }
        )
        self.sync = self.world.sync()
        self.people = {role: person(role.lower(), role) for role in ROLES[2:]}
        self.people["staff"] = person("staff")
        keep_posts_checked(100)
        author = person("author", "Writer")
        editing.edit(self.world.post(OTHERS), {"title": "别人改的"}, by=author)
        reviewing.perform(self.world.post(OTHERS), "submit", by=author)
        live = self.world.post(LIVE)
        Conflict.objects.create(
            post=live, kind="text", base=live.git_text, theirs=live.git_text, opened_at=timezone.now()
        )
        self.download = Sync.objects.create(
            collection=self.world.collection,
            kind="download",
            state="done",
            asked_by=author,
            asked_at=timezone.now(),
            ended_at=timezone.now(),
        )
        self.download.file.save("x.zip", ContentFile(b"PK\5\6" + b"\0" * 18))
        self.preview = Sync.objects.create(
            collection=self.world.collection, kind="preview", state="done", asked_by=author, asked_at=timezone.now()
        )
        self.bulk = bulk_proposing.propose_fields(
            Post.objects.filter(path=LIVE), [{"key": "tags", "do": "add", "values": ["fed"]}], by=self.people["Curator"]
        )
        bulk.start(self.bulk, by=self.people["Curator"])
        exchange: dict[str, object] = {"find": "正文", "by": "本文", "parts": ["body"]}
        self.replacing = replacing.propose_replacing(
            Post.objects.filter(path=OTHERS), exchange, by=self.people["Curator"]
        )
        remember(exchange_of(exchange), None, by=self.people["Curator"])
        self.many = many_proposing.propose_step(Post.objects.filter(path=LIVE), "submit", by=self.people["Publisher"])
        many_running.start_step(self.many, by=self.people["Publisher"])
        self.view = saved_views.save_view("草稿", "state__exact=draft", shared=True, by=self.people["Publisher"])
        self.file = Outcome.objects.create(sync=self.preview, path=OTHERS, result="sent", post=live)
        for name in VOCABULARIES:
            VOCABULARIES[name].objects.get_or_create(name=f"术语 {name}", slug=f"term-{name}")

    def own(self, role: str) -> None:
        """Make the post OWN one that the person of this role wrote and submitted."""
        self.__dict__.pop("first", None)
        post = self.world.post(OWN)
        if role in ("Writer", "Reviewer", "Publisher"):
            editing.edit(post, {"title": f"{role} 写的"}, by=self.people[role])
            reviewing.perform(self.world.post(OWN), "submit", by=self.people[role])

    @cached_property
    def first(self) -> dict[str, int]:
        """The key of one row of each kind, as they are when they are first asked for."""
        return {
            "collection": self.world.collection.pk,
            "conflict": Conflict.objects.get().pk,
            "finding": Finding.objects.first().pk,
            "problem": Problem.objects.filter(blocks=True).get().pk,
            "sync": self.download.pk,
            "user": self.people["staff"].pk,
            "bulkstep": self.bulk.pk,
            "mishearing": Mishearing.objects.get().pk,
            "group": group_of("Writer").pk,
            **{name: model.objects.order_by("pk").last().pk for name, model in VOCABULARIES.items()},
        }

    def cases(self, route: str, pattern: URLPattern) -> Iterator[tuple[str, str]]:
        """For each way to fill the route: a label for the table and the address."""
        places = {"own": OWN, "others": OTHERS, "live": LIVE}
        if "/posts/post/" in route and ("<path:object_id>" in route or "<int:post_id>" in route):
            for label, path in places.items():
                post = self.world.post(path)
                filled = route.replace("<path:object_id>", str(post.pk)).replace("<int:post_id>", str(post.pk))
                if "/findings/<int:number>/" in filled:
                    filled = filled.replace("<int:number>", str(Finding.objects.filter(post=post).first().pk))
                filled = filled.replace("<int:number>", "1").replace("<slug:verb>", "settle")
                filled = filled.replace("<slug:code>", "list_as_text")
                if "<slug:transition>" in filled:
                    for step in [*Transition, "approve_and_publish", "nonsense"]:
                        address = filled.replace("<slug:transition>", str(step))
                        yield f"{route} {step} {label}", f"{address}?looked_at={post.present_id}"
                else:
                    yield f"{route} {label}", filled
            return
        yield self.label(route), self._filled(route)

    def label(self, route: str) -> str:
        """How the table names the route: one row stands for all vocabularies."""
        for name in VOCABULARIES:
            route = route.replace(f"/admin/taxonomy/{name}/", "/admin/taxonomy/*/")
        return route

    def _filled(self, route: str) -> str:
        first = dict(self.first)
        if "/sync/<int:pk>/undo/" in route:
            first["sync"] = self.sync.pk
        if "/sync/<int:pk>/preview/" in route or "/sync/<int:pk>/chosen/" in route:
            first["sync"] = self.preview.pk
            route = route.replace("<int:number>", str(self.file.pk))
        if "/hits/" in route:
            first["bulkstep"] = self.replacing.pk
        route = route.replace("/views/<int:pk>/", f"/views/{self.view.pk}/")
        route = route.replace("/many/<int:pk>/<slug:verb>/", f"/many/{self.many.pk}/stop/")
        route = route.replace("/many/<int:pk>/", f"/many/{self.many.pk}/")
        model = route.split("/")[3] if route.count("/") > 3 else ""
        for parameter in ("<path:object_id>", "<int:pk>", "<id>"):
            route = route.replace(parameter, str(first.get(model, 0)))
        route = route.replace("<slug:vocabulary>", "tag").replace("<int:collection>", str(first["collection"]))
        route = route.replace("<slug:verb>", "withdraw")
        content_type = ContentType.objects.get_for_model(Post).pk
        route = route.replace("<path:content_type_id>", str(content_type))
        route = route.replace("^(?P<app_label>posts|auth|taxonomy)/$", "posts/").replace("(?P<url>.*)$", "nowhere/")
        return route


def answers(site: Site) -> dict[str, str]:
    """The row of each address: its letters for GET and for POST, role by role."""
    rows: dict[str, list[str]] = {}
    for role in ROLES:
        client = Client(raise_request_exception=True)
        with transaction.atomic():
            site.own(role)
            if role != "nobody":
                client.force_login(site.people[role])
            asked: dict[str, tuple[str, str]] = {}
            for route, pattern in addresses(get_resolver().url_patterns):
                # All vocabularies answer alike: whoever may change them asks each, the others the first with the page.
                if role != "Curator" and site.label(route) in asked:
                    continue
                of_any_post: dict[str, tuple[str, str]] = {}
                for label, address in site.cases(route, pattern):
                    # Who may see no post is told the same of each: one stands for all, at every step.
                    step, _, place = label.rpartition(" ")
                    told = of_any_post.get(step) or (_ask(client, "get", address), _ask(client, "post", address))
                    assert asked.setdefault(label, told) == told, (label, address, role)
                    if role in STRANGERS and place in PLACES:
                        of_any_post[step] = told
            for label, told in asked.items():
                rows.setdefault(label, []).append("".join(told))
            transaction.set_rollback(True)
    return {label: " ".join(told) for label, told in rows.items()}


def _ask(client: Client, method: str, address: str) -> str:
    """One request, taken back again."""
    with transaction.atomic():
        cookies = client.cookies.output()
        data = (
            {"note": "请改", "sure": "on", "looked_at": address.partition("looked_at=")[2]} if method == "post" else {}
        )
        told = letter(getattr(client, method)(address.partition("?")[0], data))
        transaction.set_rollback(True)
        if client.cookies.output() != cookies and "logout" in address and "sessionid" in cookies:
            client.cookies.load(cookies.replace("Set-Cookie: ", ""))
        return told


@pytest.mark.django_db
def test_every_address_answers_every_role_as_the_table_says(tmp_path: Path) -> None:
    found = answers(Site(tmp_path))
    table = dict(
        line.rsplit("  ", 1) for line in EXPECTED.read_text().splitlines() if line and not line.startswith("#")
    )
    expected = {label.strip(): told for label, told in table.items()}
    assert set(found) - set(expected) == set(), "addresses that the table does not name"
    assert {label: (found.get(label), told) for label, told in expected.items() if found.get(label) != told} == {}


SECRETS = (
    "自己的",
    "别人的",
    "别人改的",
    "在线的",
    "own.md",
    "others.md",
    "live.md",
    "bad.md",
    "草稿要点",
    "hidden-room",
)
"""What stands in the collection that the limited person may not enter."""

ASKED = (
    "/admin/search/?s=在线&extended=1",
    "/admin/posts/post/find/?q=在线",
    "/admin/posts/post/?q=在线",
    "/admin/posts/post/?collection__id__exact={collection}",
    "/admin/posts/post/?state__exact=in_review",
    "/admin/posts/post/add/?collection={collection}",
    "/admin/posts/post/calendar/?collection={collection}",
    "/admin/posts/post/reports/?report=waiting",
    "/admin/posts/post/reports/?report=waiting&collection={collection}&format=csv",
    "/admin/posts/post/commit/?id={commit}",
    "/admin/posts/sync/?collection__id__exact={collection}",
    "/admin/posts/conflict/?settled=all",
    "/admin/posts/finding/?dismissed=1",
    "/admin/taxonomy/organisation/{term}/change/",
)
"""Lists and searches that would find it."""


@pytest.mark.django_db
def test_whoever_is_limited_to_another_collection_finds_no_door_to_this_one(tmp_path: Path) -> None:
    site = Site(tmp_path)
    other = World(tmp_path, "other").collection
    limited = person("limited", "Publisher", "Curator", "Administrator")
    live = site.world.post(LIVE)
    commenting.comment(live, "草稿要点 @limited", by=site.people["Publisher"])
    assigning.assign([live], limited, by=site.people["Publisher"])
    limit(limited, [other], by=User.objects.create_superuser("boss"))
    client = Client()
    client.force_login(limited)
    open_doors, told, tried = [], [], set()
    for route, pattern in addresses(get_resolver().url_patterns):
        for label, address in site.cases(route, pattern):
            # One post stands for all of this room, one step for all, and one vocabulary for the nine.
            if site.label(route) in tried:
                continue
            tried.add(site.label(route))
            for method in ("get", "post") if _is_of_a_row(route) else ("get",):
                answer = _answer(client, method, address)
                if _is_of_a_row(route) and answer.status_code != 404:
                    open_doors.append((method, label, answer.status_code))
                told += [(method, label, secret) for secret in SECRETS if secret in text_of(answer)]
    known = {
        "collection": site.world.collection.pk,
        "commit": site.world.remote.head(),
        "term": VOCABULARIES["organisation"].objects.get(name="OpenAI").pk,
    }
    free = Client()
    free.force_login(person("free", "Publisher", "Curator", "Administrator"))
    mute = []
    for address in (each.format(**known) for each in ASKED):
        # What was asked for is said again by the page; everything else was found.
        secrets = [secret for secret in SECRETS if secret not in address]
        there, elsewhere = (text_of(_answer(each, "get", address)) for each in (free, client))
        told += [(address, secret) for secret in secrets if secret in elsewhere]
        mute += [] if any(secret in there for secret in secrets) else [address]
    assert mute == [], "these tell nobody anything, so they prove nothing"
    assert open_doors == []
    assert told == []
    assert not Notice.objects.filter(person=limited).exists()
    assert site.world.post(LIVE).assignee is None


def _is_of_a_row(route: str) -> bool:
    """Whether an address names something of a collection by its key."""
    named = ("post", "collection", "conflict", "sync", "bulkstep", "finding", "problem")
    of_model = route.split("/")[3] if route.startswith("/admin/posts/") else ""
    apart = ":vocabulary" in route or "/views/" in route
    return route.startswith("/preview/") or (of_model in named and "<" in route and not apart)


def _answer(client: Client, method: str, address: str) -> HttpResponse:
    """One request, taken back again."""
    with transaction.atomic():
        data = {"sure": "on", "note": "请改", "content": "x"} if method == "post" else {}
        answer = getattr(client, method)(address, data)
        transaction.set_rollback(True)
    if "logout" in address:
        client.force_login(User.objects.get(username="limited"))
    return answer


def text_of(answer: HttpResponse) -> str:
    """What an answer says, where it says something."""
    return "" if answer.streaming else answer.content.decode(errors="replace")


def test_the_people_of_the_table_have_one_role_each(db: None) -> None:
    assert not User.objects.filter(is_superuser=True).exists()
