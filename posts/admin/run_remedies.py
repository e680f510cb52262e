"""What can be done about a run that did not go through, as buttons for those who may."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from posts.admin.reading import list_where
from posts.braking import waits_at_brake
from posts.models import Outcome, Sync

# Where the address, the branch or the credentials may be wrong.
_SETTINGS = {
    "unreachable",
    "refused_credentials",
    "host_key",
    "no_repository",
    "branch_missing",
    "rubbish_answer",
    "protocol_not_allowed",
    "bad_url",
    "bad_branch",
    "unrelated_history",
}


@dataclass(frozen=True)
class Remedy:
    """A button: to an address, or (`posts`) as a form that is sent there."""

    title: Any
    icon: str
    address: str
    posts: bool = False


def remedies(run: Sync, counts: Mapping[str, int], user: User) -> list[Remedy]:
    """The buttons for `user` about `run`, whose outcomes were counted; none for one that went through."""
    if run.unfinished or run.kind != Sync.Kind.SYNC:
        return []
    found = []
    if waits_at_brake(run) and user.has_perm("posts.publish_post"):
        address = reverse("admin:posts_sync_release", args=[run.pk])
        found.append(Remedy(_("Go on all the same"), "play_arrow", address))
    if run.state in (Sync.State.FAILED, Sync.State.STOPPED) and user.has_perm("posts.sync_collection"):
        address = reverse("admin:posts_collection_sync", args=[run.collection_id])
        found.append(Remedy(_("Sync now"), "sync", address, posts=True))
    if run.error_code in _SETTINGS and user.has_perm("posts.change_collection"):
        address = reverse("admin:posts_collection_change", args=[run.collection_id])
        found.append(Remedy(_("Settings of the collection"), "settings", address))
    if counts.get(Outcome.Result.PROBLEM) and user.has_perm("posts.view_problem"):
        address = list_where("problem", collection__id__exact=run.collection_id)
        found.append(Remedy(_("Look at the problems"), "report", address))
    if counts.get(Outcome.Result.HELD) and not run.error_code and user.has_perm("posts.view_conflict"):
        found.append(
            Remedy(
                _("Look at the conflicts"),
                "call_split",
                list_where("conflict", post__collection__id__exact=run.collection_id),
            )
        )
    return found
