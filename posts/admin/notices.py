"""Notices on the screen: what one person is told once, until they have seen it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from posts.admin.post_words import STEPS
from posts.admin.reading import ago, post_address
from posts.models import Notice
from posts.wording import worded

_MOST = 10

# The names in braces are facts of the notice.
WORDS: Mapping[str, Promise] = {
    "approval_lost": gettext_lazy("Its approval no longer stands: {by} changed the text."),
    "schedule_failed": gettext_lazy("“{step}” was set for {when} ({zone}) by {by} and was not done. {why}"),
    "schedule_waits": gettext_lazy(
        "It was to be published on {when} ({zone}) and is not approved. It is published as soon as it is."
    ),
    "schedule_unapproved": gettext_lazy("It is to be published on {when} ({zone}) and is not approved yet."),
    "review_near": gettext_lazy("Its review-by date is near ({day}). Look whether it is still right."),
    "review_due": gettext_lazy("Its review-by date has come ({day}). Look whether it is still right."),
}


@dataclass(frozen=True)
class ShownNotice:
    """One notice as the first page shows it."""

    pk: int
    title: str
    address: str
    words: str
    when: SafeString | str


@dataclass(frozen=True)
class ShownNotices:
    """The newest of a person's unseen notices, and whether there are more."""

    shown: list[ShownNotice]
    more: bool

    @property
    def count(self) -> str:
        """How many, as far as was counted."""
        return f"{len(self.shown)}+" if self.more else str(len(self.shown))


def unseen_notices(person: User) -> ShownNotices:
    """What `person` has not seen yet, the newest first."""
    notices = Notice.objects.filter(person=person, seen_at=None).select_related("post").order_by("-pk")
    rows = list(notices.only("code", "facts", "at", "post__title", "post__path")[: _MOST + 1])
    may_see_posts = person.has_perm("posts.view_post")
    shown = [
        ShownNotice(
            notice.pk,
            str(notice.post) if notice.post is not None else "",
            post_address(notice.post.pk) if notice.post is not None and may_see_posts else "",
            words_of(notice),
            ago(notice.at),
        )
        for notice in rows[:_MOST]
    ]
    return ShownNotices(shown, len(rows) > _MOST)


def words_of(notice: Notice) -> str:
    """What happened, in the language of whoever reads."""
    words = str(WORDS.get(notice.code, gettext_lazy("Something happened to it ({code}).")))
    by = str(notice.facts.get("by") or "") or _("the repository")
    step = STEPS.get(str(notice.facts.get("step", "")))
    facts = {
        "code": notice.code,
        "by": by,
        "step": str(step.button) if step else "",
        "why": worded(str(notice.facts["why"]), notice.facts.get("why_facts")) if "why" in notice.facts else "",
        **{name: str(notice.facts.get(name, "")) for name in ("when", "zone", "day")},
    }
    # In one go: what stands in a name is not looked through again.
    return re.sub(r"\{(\w+)\}", lambda found: facts.get(found[1], found[0]), words)
