"""The sidebar of the admin: what there is, for whoever may see it."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _

from posts.access import is_limited
from posts.bulk_waiting import waiting_for

_VOCABULARIES = (
    ("tag", "sell"),
    ("organisation", "apartment"),
    ("person", "person"),
    ("product", "inventory_2"),
    ("mediawork", "menu_book"),
    ("project", "rocket_launch"),
    ("series", "playlist_play"),
    ("category", "category"),
    ("area", "map"),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of links for this person; a group without any is left out."""
    groups = [
        _group("", [_item(request, _("Home"), "home", "admin:index")]),
        _group(_("Editing"), _editing(request)),
        _group(_("Repository"), _repository(request)),
        _group(_("Vocabularies"), _vocabularies(request), collapsible=True),
        _group(_("Administration"), _administration(request)),
    ]
    return [group for group in groups if group["items"]]


def _group(title: str, items: list[dict[str, Any]], *, collapsible: bool = False) -> dict[str, Any]:
    # Every key that the template asks for: what is not there takes longest to look up.
    return {"title": title, "separator": bool(title), "collapsible": collapsible, "items": items}


def account(request: HttpRequest) -> list[dict[str, Any]]:
    """The links in the menu behind a person's name."""
    if not request.user.is_authenticated:
        return []
    links = [{"title": _("My settings"), "link": reverse("my_settings")}]
    if request.user.has_usable_password():
        links.append({"title": _("Change password"), "link": reverse("admin:password_change")})
    return links


def _editing(request: HttpRequest) -> list[dict[str, Any]]:
    in_queue = request.GET.get("state__exact") == "in_review"
    posts = reverse("admin:posts_post_changelist")
    apart = [reverse("admin:posts_post_calendar"), reverse("admin:posts_post_reports")]
    on_posts = request.path.startswith(posts) and not request.path.startswith(tuple(apart))
    return _allowed(
        request,
        (
            ("posts.view_post", {**_link(_("Posts"), "article", posts), "active": on_posts and not in_queue}),
            (
                "posts.view_post",
                {
                    **_link(_("Review queue"), "rate_review", f"{posts}?state__exact=in_review"),
                    "active": on_posts and in_queue,
                },
            ),
            ("posts.view_post", _item(request, _("Calendar"), "calendar_month", "admin:posts_post_calendar")),
            ("posts.view_conflict", _item(request, _("Conflicts"), "call_split", "admin:posts_conflict_changelist")),
            (
                # Publishers and Administrators, as `posts.admin.reports.may_see_reports` says.
                "posts.publish_post" if request.user.has_perm("posts.publish_post") else "posts.change_collection",
                _item(request, _("Reports"), "bar_chart", "admin:posts_post_reports"),
            ),
            ("posts.view_bulkstep", _bulk_steps(request)),
            ("posts.bulk_post", _item(request, _("Known mishearings"), "hearing", "admin:posts_mishearing_changelist")),
            ("posts.view_problem", _item(request, _("Problems"), "error", "admin:posts_problem_changelist")),
            ("posts.view_post", _item(request, _("Findings"), "fact_check", "admin:posts_finding_changelist")),
        ),
    )


def _bulk_steps(request: HttpRequest) -> dict[str, Any]:
    """With how many of them wait for this person to release them."""
    item = _item(request, _("Bulk steps"), "checklist", "admin:posts_bulkstep_changelist")
    waiting = waiting_for(request.user) if request.user.is_authenticated else 0
    return {**item, "badge": waiting, "badge_variant": "warning"} if waiting else item


def _repository(request: HttpRequest) -> list[dict[str, Any]]:
    return _allowed(
        request,
        (
            ("posts.view_sync", _item(request, _("Syncs"), "sync", "admin:posts_sync_changelist")),
            (
                "posts.view_collection",
                _item(request, _("Collections"), "folder_copy", "admin:posts_collection_changelist"),
            ),
        ),
    )


def _vocabularies(request: HttpRequest) -> list[dict[str, Any]]:
    names = {
        "tag": _("Tags"),
        "organisation": _("Organisations"),
        "person": _("People in posts"),
        "product": _("Products and models"),
        "mediawork": _("Media works and books"),
        "project": _("Projects"),
        "series": _("Series"),
        "category": _("Categories"),
        "area": _("Areas"),
    }
    return _allowed(
        request,
        tuple(
            (
                f"taxonomy.view_{name}",
                _item(request, names[name], icon, f"admin:taxonomy_{name}_changelist"),
            )
            for name, icon in _VOCABULARIES
        ),
    )


def _administration(request: HttpRequest) -> list[dict[str, Any]]:
    if is_limited(request.user):
        return []
    return _allowed(
        request,
        (
            ("auth.view_user", _item(request, _("Users"), "group", "admin:auth_user_changelist")),
            ("auth.view_group", _item(request, _("Roles"), "shield_person", "admin:auth_group_changelist")),
        ),
    )


def _allowed(request: HttpRequest, items: Sequence[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [item for permission, item in items if request.user.has_perm(permission)]


def _item(request: HttpRequest, title: str, icon: str, name: str) -> dict[str, Any]:
    address = _address(name, get_script_prefix())
    here = request.path == address if name == "admin:index" else request.path.startswith(address)
    return {**_link(title, icon, address), "active": here}


@cache
def _address(name: str, prefix: str) -> str:
    """The address of a page that is the same for everybody, below `prefix`; some twenty of them are on every page."""
    return reverse(name)


def _link(title: str, icon: str, address: str) -> dict[str, Any]:
    # The address stands whole in `link`: Unfold takes a string that looks like a module's path for a callback, which
    # a path with slashes never does.
    return {"title": title, "icon": icon, "link": address, "badge": 0}
