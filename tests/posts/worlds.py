"""A small world for tests: a real bare remote, a collection on it, and people with roles."""

import datetime
from collections.abc import Mapping
from pathlib import Path

from django.contrib.auth.models import Group, User

from posts import fields
from posts.consistency import Disagreement, check_collection
from posts.editing import save_typed
from posts.locking import repository_of
from posts.merging import document_of
from posts.models import Collection, Conflict, Outcome, Post, Revision, Schedule, Sync
from posts.scheduling import fire
from posts.syncing import sync
from tests.posts.remotes import BareRemote

POST = """---
author: 小翠時政財經
date: '2026-02-13'
layout: post.njk
tags:
  - market-volatility
  - ai-disruption
title: {title}
summary: 本期节目深入分析股市动向。
draft: {draft}
category: investment-assets
area: finance-wealth
people: []
companies_orgs:
  - OpenAI
  - 台积电
status: {status}
---
{body}"""


def post_text(
    title: str = "美股暴跌", *, draft: str = "true", status: str = "evergreen", body: str = "正文。\n"
) -> str:
    """A post in the style of the customer's files."""
    return POST.format(title=title, draft=draft, status=status, body=body)


def with_orgs(title: str, *names: str, **facts: str) -> str:
    """Such a post with these organisations."""
    listed = "".join(f"  - {name}\n" for name in names)
    return post_text(title, **facts).replace("  - OpenAI\n  - 台积电\n", listed)


def person(username: str, *roles: str) -> User:
    """A member of staff with `roles`."""
    user = User.objects.create_user(
        username, f"{username}@example.org", "secret", first_name=username.title(), is_staff=True
    )
    user.groups.add(*(group_of(role) for role in roles))
    return user


def group_of(role: str) -> Group:
    """The group that the migrations made for `role`."""
    return Group.objects.get(name=role)


class World:
    """One remote and its collection; nothing is synced before it is asked for."""

    def __init__(self, folder: Path, name: str = "site", **settings: object) -> None:
        self.remote = BareRemote(folder / f"{name}.git")
        self.collection = Collection(name=name, url=self.remote.url, **settings)
        self.collection.full_clean()
        self.collection.save()

    def sync(self, state: str | None = None) -> Sync:
        """Sync in the foreground; with `state`, check that it ended so."""
        run = sync(Collection.objects.get(pk=self.collection.pk))
        assert state is None or run.state == state, (run.state, run.error_code, run.error_facts, self.outcomes(run))
        return run

    def outcomes(self, run: Sync) -> dict[str, str]:
        """What a run did with each file."""
        return dict(Outcome.objects.filter(sync=run).values_list("path", "result"))

    def post(self, path: str) -> Post:
        """The post at `path`, fresh from the database, with its collection and texts."""
        return Post.objects.select_related("collection", "present", "cleared", "git_text").get(
            collection=self.collection, path=path
        )

    def disagreements(self) -> list[Disagreement]:
        """What `check_posts` would say."""
        return list(check_collection(Collection.objects.get(pk=self.collection.pk), repository_of(self.collection)))

    def text_in_git(self, path: str) -> str:
        """The file as the remote has it."""
        return self.remote.read(path).decode()


def save_form(
    post: Post, changes: Mapping[str, object], *, body: str | None = None, onto: Revision, by: User
) -> tuple[Post, Conflict | None]:
    """Save what was typed into the fields of a form that was opened on `onto`, as the admin does."""
    opened = document_of(onto)
    typed = opened.replace(fields.changes_onto(opened, changes), body=body, key_order=fields.KEY_ORDER)
    return save_typed(post, typed, onto=onto, by=by)


def fire_due(*, now: datetime.datetime) -> list[Schedule]:
    """What the workers do that `wake_due` wakes, one after the other; gives what became of each."""
    fired = (fire(pk, now=now) for pk in list(Schedule.objects.due(now).values_list("pk", flat=True)))
    return [schedule for schedule in fired if schedule is not None]
