"""The page of one term: its posts, its other names, what stands beside it, and its use over time."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.text import capfirst

from posts.admin.reading import post_address, posts_where
from posts.moments import month_of
from posts.term_uses import companions_of, key_of, months_of, posts_of
from taxonomy.models import Term
from taxonomy.terms import categories_of

_SHOWN_POSTS = 50
_SHOWN_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Bar:
    """One month of the use: what it is called, how many posts, and how high it stands, of a hundred."""

    words: str
    number: int
    height: int


def page_of(term: Term, by: User) -> dict[str, Any]:
    """What the page of `term` shows to `by` beside its form. The number of queries is the same for every term."""
    shown = list(posts_of(term, by=by)[:_SHOWN_POSTS])
    months = months_of(term, most=_SHOWN_MONTHS, by=by)
    highest = max((number for _month, number in months), default=1)
    return {
        "term_posts": [(post_address(post.pk), post) for post in shown],
        "term_post_count": posts_of(term, by=by).count() if len(shown) == _SHOWN_POSTS else len(shown),
        "term_posts_url": posts_address(term),
        "term_aliases": [(term_address(alias), alias) for alias in term.aliases.all()],
        "term_categories": [(term_address(each), each) for each in categories_of(term)],
        "term_companions": [
            (term_address(each), each, capfirst(str(each._meta.verbose_name)), number)
            for each, number in companions_of(term, by=by)
        ],
        "term_months": [Bar(month_of(month), number, round(100 * number / highest)) for month, number in months],
    }


def posts_address(term: Term) -> str:
    """The list of posts, filtered by `term`."""
    return posts_where(**{f"{key_of(type(term))}__id__exact": term.pk})


def term_address(term: Term) -> str:
    """The page of `term`."""
    return reverse(f"admin:taxonomy_{term._meta.model_name}_change", args=[term.pk])
