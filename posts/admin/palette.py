"""The command palette (Ctrl K): a post, a term, a page, by what is typed."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.dataclasses import SearchResult

from posts.access import Counted
from posts.admin.post_search import query_of
from posts.admin.reading import asking, post_address, posts_where
from posts.models import Post
from posts.search_queries import LONGEST_QUERY
from posts.searching import nearest
from posts.workflow import State
from taxonomy.models import VOCABULARIES
from taxonomy.names import normal
from taxonomy.terms import search

_POSTS, _TERMS = 8, 5


def found(request: HttpRequest, typed: str) -> list[SearchResult]:
    """What `typed` may mean for whoever asks: pages first, then posts, then terms."""
    return [*_pages(request, typed), *_posts(request, typed), *_terms(request, typed)]


def _pages(request: HttpRequest, typed: str) -> Iterator[SearchResult]:
    person = asking(request)
    wanted = normal(typed)
    for title, icon, address, permission in _all_pages():
        if wanted in normal(title) and (not permission or person.has_perm(permission)):
            yield SearchResult(title=title, description=_("page"), link=address, icon=icon)


def _all_pages() -> Iterable[tuple[str, str, str, str]]:
    return (
        (_("Home"), "home", reverse("admin:index"), ""),
        (_("New post"), "add", reverse("admin:posts_post_add"), "posts.add_post"),
        (_("Review queue"), "rate_review", posts_where(state__exact=State.IN_REVIEW), "posts.review_post"),
        (_("Conflicts"), "call_split", reverse("admin:posts_conflict_changelist"), "posts.view_conflict"),
        (_("Problems"), "error", reverse("admin:posts_problem_changelist"), "posts.view_problem"),
        (_("Syncs"), "sync", reverse("admin:posts_sync_changelist"), "posts.view_sync"),
        (_("Collections"), "folder_copy", reverse("admin:posts_collection_changelist"), "posts.view_collection"),
        (_("My settings"), "settings", reverse("my_settings"), ""),
    )


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
