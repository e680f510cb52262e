"""The search box of the list of posts, and what is found as one types."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from posts.access import Counted
from posts.admin.paging import page_asked_for, rows_counted
from posts.admin.reading import post_address
from posts.document.document import Document
from posts.models import Post, Revision
from posts.models.post import PostState
from posts.search_passages import marked, passage
from posts.search_queries import LONGEST_QUERY, Query, parse
from posts.searching import by_nearness, found_by, nearest
from posts.wording import worded

_AS_TYPED = 8


def query_of(text: str, *, unfinished: bool = False) -> Query:
    """What was typed, in the language of whoever asks."""
    return parse(text, states={str(label).lower(): value for value, label in PostState.choices}, unfinished=unfinished)


class PostSearch:
    """Django's search of the list, by our index."""

    list_per_page: int

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Post], search_term: str
    ) -> tuple[QuerySet[Post], bool]:
        """What is found, the nearest first unless an order was chosen; what was not understood is said."""
        query = query_of(search_term)
        for code, facts in query.faults:
            messages.warning(request, worded(code, facts))
        if query.is_empty:
            return queryset, False
        if "o" in request.GET:
            return found_by(queryset, query), False
        if _is_the_list(request):
            most = rows_counted(page_asked_for(request), self.list_per_page) + 1
            return nearest(queryset, query, most), False
        return by_nearness(found_by(queryset, query), query), False

    def find_view(self, request: Any) -> HttpResponse:
        """The nearest few posts to what is being typed, as JSON."""
        if not request.user.has_perm("posts.view_post"):
            raise PermissionDenied
        query = query_of(request.GET.get("q", "")[: LONGEST_QUERY + 1], unfinished=True)
        posts = []
        if query.wanted or query.conditions or query.days:
            near = nearest(Counted(request.user).of(Post.objects.all()), query, _AS_TYPED)
            posts = list(near.only("title", "path", "state", "date", "live")[:_AS_TYPED])
        return JsonResponse(
            {
                "posts": [
                    {
                        "title": str(post),
                        "path": post.path,
                        "state": post.get_state_display(),
                        "address": post_address(post.pk),
                    }
                    for post in posts
                ],
                "faults": [worded(code, facts) for code, facts in query.faults],
            }
        )


def note_passages(posts: list[Any], query: Query) -> None:
    """Give each of `posts` its title with the hits marked, and the passage that says what was searched for."""
    phrases = [each.phrase for each in query.wanted if each.where in ("", "title", "summary", "body")]
    if not phrases:
        return
    texts = Revision.objects.only("text").in_bulk([post.present_id for post in posts])
    for post in posts:
        post.marked_title = _marks(marked(post.title, phrases)) if post.title else ""
        revision = texts.get(post.present_id)
        if revision is None:
            continue
        document = Document.from_text(revision.text)
        pieces = passage(str(document.values.get("summary") or ""), phrases) or passage(document.body, phrases)
        post.passage = _marks(pieces)


def _is_the_list(request: HttpRequest) -> bool:
    """Whether pages are shown. Whatever does something with what is found needs all of it."""
    asked = request.resolver_match
    return request.method == "GET" and asked is not None and asked.url_name == "posts_post_changelist"


def _marks(pieces: list[tuple[str, bool]]) -> SafeString:
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", piece) if hit else piece,) for piece, hit in pieces)
    )
