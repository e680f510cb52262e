"""The command palette (Ctrl K): a step with the post on the screen, a page, a post, a term, by what is typed."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.dataclasses import SearchResult

from posts.access import Counted, within
from posts.admin.post_panel import step_address
from posts.admin.post_search import query_of
from posts.admin.post_words import APPROVE_AND_PUBLISH, STEPS
from posts.admin.reading import asking, post_address, whole_number
from posts.models import Collection, Post
from posts.search_queries import LONGEST_QUERY
from posts.searching import nearest
from posts.situations import situation_of
from posts.workflow import may_approve_and_publish, offered
from taxonomy.models import VOCABULARIES
from taxonomy.names import normal
from taxonomy.terms import search

_POSTS, _TERMS = 8, 5


def found(request: HttpRequest, typed: str) -> list[SearchResult]:
    """What `typed` may mean for whoever asks: what can be done first, then pages, posts and terms."""
    wanted = normal(typed)
    if not wanted:
        return [*_posts(request, typed), *_terms(request, typed)]
    others = (each for each in (*_actions(request), *_pages(request)) if wanted in normal(each.title))
    return [*_steps(request, wanted), *others, *_posts(request, typed), *_terms(request, typed)]


def _steps(request: HttpRequest, wanted: str) -> Iterator[SearchResult]:
    """The steps that `wanted` may name and this person may take with the post on the screen."""
    named = {step for step, words in STEPS.items() if wanted in normal(str(words.button))}
    # What may be done takes many queries, and most of what is typed names no step.
    post = _on_screen(request) if named else None
    if post is None:
        return
    situation = situation_of(post, asking(request))
    possible = [str(offer.transition) for offer in offered(situation) if not offer.refusals]
    if not may_approve_and_publish(situation):
        possible.append(APPROVE_AND_PUBLISH)
    for step in possible:
        if step in named:
            words = STEPS[step]
            yield SearchResult(
                title=str(words.button), description=str(post), link=step_address(post, step), icon=words.icon
            )


def _actions(request: HttpRequest) -> Iterator[SearchResult]:
    """What else this person may do: a new post, a sync."""
    person = asking(request)
    if person.has_perm("posts.add_post"):
        yield _action(_("New post"), "add", reverse("admin:posts_post_add"))
    if person.has_perm("posts.sync_collection"):
        for collection in within(person, Collection.objects.order_by("name"), "pk").only("name"):
            address = reverse("admin:posts_collection_change", args=[collection.pk])
            yield _action(_("Sync “%(collection)s”…") % {"collection": collection.name}, "sync", address)


def _action(title: str, icon: str, address: str) -> SearchResult:
    return SearchResult(title=title, description=_("action"), link=address, icon=icon)


def _on_screen(request: HttpRequest) -> Post | None:
    """The post whose page the palette was opened on, for somebody who may see it; htmx says on which page it is."""
    try:
        page = resolve(urlsplit(request.headers.get("HX-Current-URL", "")).path)
    except (Resolver404, ValueError):
        return None
    if not (page.url_name or "").startswith("posts_post_") or not asking(request).has_perm("posts.view_post"):
        return None
    key = whole_number(str(page.kwargs.get("post_id", page.kwargs.get("object_id", ""))))
    posts = within(asking(request), Post.objects.select_related("collection", "present", "git_text", "cleared"))
    return posts.filter(pk=key, present__isnull=False).first()


def _pages(request: HttpRequest) -> Iterator[SearchResult]:
    """The pages of the sidebar, and what stands behind a person's name."""
    site: Any = admin.site  # Unfold's
    for group in site.get_sidebar_list(request):
        for item in group["items"]:
            yield SearchResult(title=item["title"], description=_("page"), link=item["link"], icon=item["icon"])
    yield SearchResult(title=_("My settings"), description=_("page"), link=reverse("my_settings"), icon="settings")
    yield SearchResult(title=_("Notices"), description=_("page"), link=reverse("my_notices"), icon="notifications")


def _posts(request: HttpRequest, typed: str) -> Iterator[SearchResult]:
    if not asking(request).has_perm("posts.view_post"):
        return
    query = query_of(typed[: LONGEST_QUERY + 1], unfinished=True)
    if query.is_empty or not (query.wanted or query.conditions or query.days):
        return
    posts = Counted(asking(request)).of(Post.objects.all())
    for post in nearest(posts, query, _POSTS).only("title", "path", "state")[:_POSTS]:
        yield SearchResult(
            title=str(post),
            description=f"{post.get_state_display()} · {post.path}",
            link=post_address(post.pk),
            icon="article",
        )


def _terms(request: HttpRequest, typed: str) -> Iterable[SearchResult]:
    return islice(_all_terms(asking(request), typed), _TERMS)


def _all_terms(person: Any, typed: str) -> Iterator[SearchResult]:
    if not normal(typed):
        return
    for name, vocabulary in VOCABULARIES.items():
        if not person.has_perm(f"taxonomy.view_{name}"):
            continue
        for term in search(vocabulary, typed[:255]).order_by("name")[:_TERMS]:
            yield SearchResult(
                title=term.name,
                description=capfirst(str(vocabulary._meta.verbose_name)),
                link=reverse(f"admin:taxonomy_{name}_change", args=[term.pk]),
                icon="sell",
            )
