"""What the pages of runs, problems, conflicts and collections have in common: records that are only read."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from posts.errors import EvergreenError
from posts.models import Post, Sync
from posts.wording import worded

RUN_COLOURS: Mapping[str, str] = {
    Sync.State.WAITING: "info",
    Sync.State.RUNNING: "info",
    Sync.State.DONE: "success",
    Sync.State.NOTHING_NEW: "",
    Sync.State.PARTLY: "warning",
    Sync.State.STOPPED: "warning",
    Sync.State.FAILED: "danger",
    Sync.State.TO_RELEASE: "warning",
}


class ReadOnlyAdmin(ModelAdmin):
    """Rows that the machinery writes: nobody adds, changes or deletes them by hand."""

    actions = None

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Without the button to a history of changes by hand, of which there are none."""
        return super().render_change_form(request, {**context, "show_history": False}, *args, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False


def asking(request: HttpRequest) -> User:
    """Who asks: behind the admin's own door that is always a person."""
    return cast(User, request.user)


def whole_number(told: str) -> int:
    """The number that an address or a form has; 0 for what is none."""
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 19 else 0


def label(text: object, colour: str = "") -> SafeString:
    """`text` as a coloured label."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


def link(address: str, text: object) -> SafeString:
    """A link as Unfold shows them."""
    return format_html('<a href="{}" class="desk-link">{}</a>', address, text)


def posts_where(**filters: object) -> str:
    """The address of the list of posts, filtered."""
    address = reverse("admin:posts_post_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address


def list_where(model: str, **filters: object) -> str:
    """The address of another list of this app, filtered."""
    address = reverse(f"admin:posts_{model}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address


def post_address(pk: int) -> str:
    """The address of a post's page."""
    return reverse("admin:posts_post_change", args=[pk])


def post_link(post: Post) -> SafeString:
    """A link to a post, by its title."""
    return link(post_address(post.pk), post.title or post.path)


def in_words(error: EvergreenError) -> SafeString | str:
    """An error in plain words, with git's own folded away behind them."""
    return worded_with_details(error.code, error.facts)


def worded_with_details(code: str, facts: Mapping[str, object]) -> SafeString | str:
    """The words for `code`, with what git itself said folded away behind them where it says more."""
    said = worded(code, facts)
    words = str(facts.get("words", "")).strip()
    if not words or words in said:
        return said
    return format_html(
        '{}<details class="desk-details"><summary>{}</summary><pre>{}</pre></details>', said, _("What git said"), words
    )
