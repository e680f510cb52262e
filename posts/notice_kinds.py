"""The kinds of things that somebody is told, and how each is told where nobody wished otherwise. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Mailing(StrEnum):
    """When a notice is mailed."""

    NOW = "now"
    DAILY = "daily"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind: its name, whether it is shown in here and when it is mailed unless somebody wished otherwise.

    A request goes to the stand-in as well while its reader is away.
    """

    name: str
    shown: bool = True
    mailing: Mailing = Mailing.NOW
    request: bool = False


_KINDS = (
    NoticeKind("assigned", request=True),
    NoticeKind("asked", request=True),
    # The queue on the first page shows it to every reviewer anyway.
    NoticeKind("waiting", shown=False, mailing=Mailing.OFF),
    NoticeKind("remarks", request=True),
    NoticeKind("mention", request=True),
    NoticeKind("approval_lost"),
    NoticeKind("changed_outside", mailing=Mailing.DAILY),
    NoticeKind("conflict"),
    NoticeKind("schedule_failed"),
    NoticeKind("reminder", mailing=Mailing.DAILY, request=True),
    NoticeKind("to_release"),
    NoticeKind("published", mailing=Mailing.OFF),
    # Alerts are computed and stand on the first page as long as they last; they are no notices (posts/telling.py).
    NoticeKind("alert", mailing=Mailing.OFF),
)
KINDS: Mapping[str, NoticeKind] = {kind.name: kind for kind in _KINDS}
"""Every kind that a person can have a wish about, in the order in which they are shown."""

# Codes of notices that are not named as their kind.
_KIND_OF: Mapping[str, str] = {
    "assigned_many": "assigned",
    "released": "assigned",
    "schedule_given": "assigned",
    "schedules_given": "assigned",
    "asked_again": "asked",
    "asked_many": "asked",
    "approvals_lost": "approval_lost",
    "schedule_waits": "schedule_failed",
    "schedule_unapproved": "schedule_failed",
    "review_near": "reminder",
    "review_due": "reminder",
    "remarked": "remarks",
    "suggested": "remarks",
    "replied": "remarks",
    "outside_remark": "remarks",
}


def kind_of(code: str) -> NoticeKind:
    """The kind that a notice with `code` is of; one that is not known is shown and not mailed."""
    name = _KIND_OF.get(code, code)
    return KINDS.get(name) or NoticeKind(name, mailing=Mailing.OFF)
