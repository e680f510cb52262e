"""Alerts on the screen: each with its words, whom it concerns, and the buttons that help."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from posts.admin.reading import list_where, post_address
from posts.alert_words import posts_waiting, remedy_of, server_words_of, speaker_of, title_of
from posts.alerts import OF_SYNC, Alert, Code, current_alerts, visible_to, why_unsent
from posts.models import Post
from posts.moments import ago

_MOST = 12

_ICONS = {
    Code.MACHINERY: "power_off",
    Code.DISK_FULL: "hard_drive",
    Code.HOST_KEY: "gpp_maybe",
    Code.CREDENTIALS: "key_off",
    Code.UNREACHABLE: "cloud_off",
    Code.BRAKE: "pan_tool",
    Code.BUILD: "public_off",
    Code.STALE: "hourglass_empty",
    Code.SCHEDULES: "event_busy",
    Code.CONFLICTS: "call_split",
    Code.PROBLEMS: "error",
    Code.NOBODY: "notifications_off",
}
# What heals by itself, or harms nothing but what it names, does not shout.
_COLOURS = {
    Code.UNREACHABLE: "orange",
    Code.REJECTED: "orange",
    Code.BRAKE: "orange",
    Code.STALE: "orange",
    Code.SCHEDULES: "orange",
    Code.CONFLICTS: "orange",
    Code.PROBLEMS: "orange",
    Code.NOBODY: "blue",
}
# Where the settings of the collection are the place to look.
_IN_SETTINGS = {Code.CREDENTIALS, Code.NO_REPOSITORY, Code.BRANCH, Code.UNREACHABLE}

_SYNC_NOW = gettext_lazy("Sync now")


@dataclass(frozen=True)
class Button:
    """Where an alert leads: a link, or a form that is sent (`posts`)."""

    words: Any
    icon: str
    address: str
    posts: bool = False


@dataclass(frozen=True)
class ShownAlert:
    """One alert as the first page shows it."""

    collection: str
    title: str
    remedy: str
    colour: str
    icon: str
    since: SafeString | str
    waiting: str
    server_words: str
    speaker: str
    open: bool
    files: list[str]
    posts: list[tuple[str, str]]
    more: int
    buttons: list[Button]


@dataclass(frozen=True)
class ShownAlerts:
    """The first of the alerts that a person can act on, and how many more there are."""

    shown: list[ShownAlert]
    more: int


def shown_alerts(person: User) -> ShownAlerts:
    """What `person` can act on, the gravest first."""
    alerts = list(_without_echoes(visible_to(person, current_alerts())))
    return ShownAlerts([_shown(alert, person) for alert in alerts[:_MOST]], max(0, len(alerts) - _MOST))


def unsent_because(post: Post) -> str:
    """Why the changes of `post` cannot be sent now; "" where they can, or where there are none."""
    alert = why_unsent(post) if post.pending else None
    return title_of(alert) if alert is not None else ""


def _without_echoes(alerts: list[Alert]) -> Iterator[Alert]:
    """That nothing was synced for an hour says nothing new beside the reason for it."""
    explained = {alert.collection for alert in alerts if alert.code in OF_SYNC}
    stopped = any(alert.code == Code.MACHINERY for alert in alerts)
    for alert in alerts:
        if alert.code != Code.STALE or not (stopped or alert.collection in explained):
            yield alert


def _shown(alert: Alert, person: User) -> ShownAlert:
    files = [str(path) for path in _listed(alert.facts.get("files"))]
    return ShownAlert(
        collection=alert.collection.name if alert.collection is not None else "",
        title=title_of(alert),
        remedy=remedy_of(alert),
        colour=_COLOURS.get(alert.code, "red"),
        icon=_ICONS.get(alert.code, "report"),
        since=ago(alert.since) if alert.since is not None else "",
        waiting=posts_waiting(alert) if alert.code in OF_SYNC else "",
        server_words=server_words_of(alert),
        speaker=speaker_of(alert),
        open=alert.code == Code.REFUSED,
        files=files,
        posts=[(str(post), post_address(post.pk)) for post in alert.posts],
        more=max(0, alert.count - len(alert.posts) - len(files)),
        buttons=list(_buttons(alert, person)),
    )


def _buttons(alert: Alert, person: User) -> Iterator[Button]:
    collection = alert.collection.pk if alert.collection is not None else 0
    may_sync = person.has_perm("posts.sync_collection")
    match alert.code:
        case Code.CONFLICTS:
            address = list_where("conflict", post__collection__id__exact=collection)
            yield Button(_("See the conflicts"), "call_split", address)
        case Code.PROBLEMS:
            address = list_where("problem", collection__id__exact=collection, blocks="yes")
            yield Button(_("See the problems"), "error", address)
        case Code.NOBODY:
            yield Button(_("My settings"), "settings", reverse("my_settings"))
            if person.has_perm("auth.change_user"):
                yield Button(_("Users"), "group", reverse("admin:auth_user_changelist"))
        case Code.BRAKE | Code.UNRELATED:
            yield Button(_("Look at it"), "pan_tool", reverse("admin:posts_sync_change", args=[alert.run]))
        case Code.STALE if may_sync:
            yield _sync_now(collection)
        case code if code in OF_SYNC:
            if may_sync:
                yield _sync_now(collection)
            if code in _IN_SETTINGS and person.has_perm("posts.change_collection"):
                address = reverse("admin:posts_collection_change", args=[collection])
                yield Button(_("Settings of the collection"), "settings", address)
            yield Button(_("The last sync"), "sync_problem", reverse("admin:posts_sync_change", args=[alert.run]))


def _sync_now(collection: int) -> Button:
    return Button(_SYNC_NOW, "sync", reverse("admin:posts_collection_sync", args=[collection]), posts=True)


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
