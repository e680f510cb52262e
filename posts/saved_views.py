"""Saved views of the list of posts: kept, shared and forgotten. What a query may say, the list itself decides."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from posts.errors import EvergreenError
from posts.models import SavedView

MOST = 30
"""Views that one person may keep."""

LONGEST_NAME, _LONGEST_QUERY = 60, 2000
_SHARE = "posts.publish_post"


class ViewRefused(EvergreenError):
    """This view cannot be saved or forgotten by this person."""


def views_of(person: User) -> QuerySet[SavedView]:
    """The views that `person` sees: their own, and those that are shared."""
    return SavedView.objects.filter(Q(owner=person) | Q(shared=True)).order_by("shared", "name", "pk")


@transaction.atomic
def save_view(name: str, query: str, *, shared: bool = False, by: User) -> SavedView:
    """Keep `query` (a query string that the list takes) under `name`; a view of `by` of the same name gives way.

    Raises `ViewRefused`: "view_without_name", "view_name_too_long", "view_without_filter", "too_many_views", and
    "no_permission" for sharing without `publish`.
    """
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise ViewRefused("view_without_name")
    if len(name) > LONGEST_NAME:
        raise ViewRefused("view_name_too_long", limit=LONGEST_NAME)
    if not query or len(query) > _LONGEST_QUERY:
        raise ViewRefused("view_without_filter")
    if shared and not by.has_perm(_SHARE):
        raise ViewRefused("no_permission", permission="publish_post")
    others = SavedView.objects.filter(owner=by).exclude(name=name)
    if others.count() >= MOST:
        raise ViewRefused("too_many_views", most=MOST)
    view, _made = SavedView.objects.update_or_create(
        owner=by, name=name, defaults={"query": query, "shared": shared, "made_at": timezone.now()}
    )
    return view


@transaction.atomic
def forget_view(view: SavedView, *, by: User) -> None:
    """Forget `view`: one's own, or as who may publish a shared one. Raises `ViewRefused`."""
    if view.owner_id != by.pk and not (view.shared and by.has_perm(_SHARE)):
        raise ViewRefused("not_your_view")
    view.delete()
