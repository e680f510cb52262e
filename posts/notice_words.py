"""What a notice says, and where it leads to: said once, for the screen and for mails."""

import re
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from posts.models import Notice
from posts.notice_kinds import KINDS, kind_of
from posts.wording import worded

KIND_WORDS: Mapping[str, tuple[Promise, Promise]] = {
    "assigned": (gettext_lazy("Given to me"), gettext_lazy("A post is given to me, or taken from me.")),
    "asked": (gettext_lazy("Asked to review"), gettext_lazy("Somebody asks me by name to review a post.")),
    "waiting": (gettext_lazy("Review, asked of anybody"), gettext_lazy("Something waits for any of the reviewers.")),
    "remarks": (
        gettext_lazy("Remarks"),
        gettext_lazy("Somebody asks for changes of a post of mine, remarks on it, suggests something or answers me."),
    ),
    "mention": (gettext_lazy("Mentioned"), gettext_lazy("Somebody names me in a comment.")),
    "approval_lost": (
        gettext_lazy("Approval lost"),
        gettext_lazy("An approval that I gave or got no longer stands, because somebody changed the text."),
    ),
    "changed_outside": (
        gettext_lazy("Changed outside"),
        gettext_lazy("Somebody changed a post of mine in the repository while it was on the site."),
    ),
    "conflict": (gettext_lazy("Conflict"), gettext_lazy("A post of mine was changed on both sides.")),
    "schedule_failed": (
        gettext_lazy("Schedule failed"),
        gettext_lazy("What was to happen at a set time could not happen."),
    ),
    "reminder": (gettext_lazy("Reminders"), gettext_lazy("Something of mine is due, such as an evergreen post.")),
    "to_release": (
        gettext_lazy("Bulk steps to release"),
        gettext_lazy("What somebody does to many posts at once waits for me, because some are on the site."),
    ),
    "published": (gettext_lazy("Published"), gettext_lazy("A post of mine was published.")),
    "alert": (
        gettext_lazy("Alerts"),
        gettext_lazy("Something is wrong with the machinery, or old conflicts and problems wait for me."),
    ),
}
"""For each kind what it is called, and when it comes."""

# The names in braces are facts of the notice.
WORDS: Mapping[str, Promise] = {
    "assigned": gettext_lazy("{by} gave it to you."),
    "released": gettext_lazy("{by} took it over from you. It is now with: {to}"),
    "schedule_given": gettext_lazy("{by} gave you what is set for {when} ({zone}). It will be done in your name."),
    "asked": gettext_lazy("{by} asks you to review it."),
    "waiting": gettext_lazy("{by} asks the reviewers to look at it."),
    "remarks": gettext_lazy("{by} asks for changes."),
    "mention": gettext_lazy("{by} mentioned you."),
    "remarked": gettext_lazy("{by} left a remark."),
    "suggested": gettext_lazy("{by} suggests a change."),
    "replied": gettext_lazy("{by} answered a remark of yours, or one that you answered."),
    "outside_remark": gettext_lazy("{by}, who has no account, left a remark by your link."),
    "approval_lost": gettext_lazy("Its approval no longer stands: {by} changed the post."),
    "changed_outside": gettext_lazy("{by} changed it outside of the review. The site shows that already."),
    "conflict": gettext_lazy("It was changed on both sides, by you and by {by}. Choose what stays."),
    "schedule_failed": gettext_lazy("What {by} had set for {when} ({zone}) was not done. {why}"),
    "schedule_waits": gettext_lazy(
        "It was to be published on {when} ({zone}) and is not approved. It is published as soon as it is."
    ),
    "schedule_unapproved": gettext_lazy("It is to be published on {when} ({zone}) and is not approved yet."),
    "review_near": gettext_lazy("Its review-by date is near ({day}). Look whether it is still right."),
    "review_due": gettext_lazy("Its review-by date has come ({day}). Look whether it is still right."),
    "reminder": gettext_lazy("It is due: {why}"),
    "to_release": gettext_lazy("{by} changes posts that the site shows (posts: {count}). That waits for your release."),
    "published": gettext_lazy("{by} published it."),
}
# Said behind the words where the fact is there.
_MORE: Mapping[str, Promise] = {
    "due": gettext_lazy("By {due}."),
    "instead_of": gettext_lazy("You get this because you stand in for {instead_of}."),
}
# What a notice is headed with where its kind has several.
_HEADINGS: Mapping[str, Promise] = {
    "remarks": gettext_lazy("Changes requested"),
    "remarked": gettext_lazy("Remark"),
    "suggested": gettext_lazy("Suggestion"),
    "replied": gettext_lazy("Answer"),
    "outside_remark": gettext_lazy("Remark from outside"),
}
_ABOUT_REMARKS = frozenset({"mention", "remarked", "suggested", "replied", "outside_remark"})
# Read beside what changed, and decided there.
_ABOUT_THE_REVIEW = frozenset({"asked", "asked_again", "waiting", "approval_lost"})
_OF_BULK_STEPS = frozenset({"to_release", "approvals_lost"})
_QUOTED = ("look_at", "note", "text")


def kind_name(name: str) -> str:
    """What the kind `name` is called."""
    return str(KIND_WORDS[name][0]) if name in KINDS else name


def heading_of(notice: Notice) -> str:
    """What kind of thing it tells, in a word or two."""
    heading = _HEADINGS.get(notice.code)
    return str(heading) if heading is not None else kind_name(kind_of(notice.code).name)


def words_of(notice: Notice) -> str:
    """What happened, in the language of whoever reads."""
    facts = {**notice.facts, "by": notice.facts.get("by") or _("the repository")}
    if "why_facts" in facts:
        facts["why"] = worded(str(facts.get("why")), facts["why_facts"])
    count = _number(facts.get("count"))
    if notice.code == "assigned_many":
        said = ngettext("{by} gave you {count} post.", "{by} gave you {count} posts.", count)
    elif notice.code == "asked_many":
        said = ngettext("{by} asks you to review {count} post.", "{by} asks you to review {count} posts.", count)
    elif notice.code == "schedules_given":
        said = ngettext(
            "{by} gave you {count} step that is set for later. It will be done in your name.",
            "{by} gave you {count} steps that are set for later. They will be done in your name.",
            count,
        )
    elif notice.code == "approvals_lost":
        said = ngettext(
            "{by} changed the text of {count} approved post; its approval no longer stands.",
            "{by} changed the texts of {count} approved posts; their approvals no longer stand.",
            count,
        )
    else:
        said = str(WORDS.get(notice.code, gettext_lazy("Something happened to it ({code}).")))
    parts = [said, *(str(words) for fact, words in _MORE.items() if facts.get(fact))]
    return " ".join(_filled(part, {**facts, "code": notice.code}) for part in parts)


def quote_of(notice: Notice) -> str:
    """What somebody wrote with it; "" for nothing."""
    return next((str(notice.facts[name]) for name in _QUOTED if notice.facts.get(name)), "")


def title_of(notice: Notice) -> str:
    """What it is about."""
    if notice.post is not None:
        return " ".join(str(notice.post).split())
    if notice.code in _OF_BULK_STEPS:
        return _("Bulk step in %(collection)s") % {"collection": notice.facts.get("collection", "")}
    return kind_name("asked" if notice.code == "asked_many" else "assigned")


def address_of(notice: Notice, reader: User) -> str:
    """The path of the page that it leads `reader`, whose notice it is, to; "" for none, or none they may open."""
    if not reader.has_perm("posts.view_post"):
        return ""
    told = notice.facts.get("address")
    if isinstance(told, str) and re.match(r"/(?![/\\])", told):
        return told
    posts = reverse("admin:posts_post_changelist")
    match notice.code:
        case "assigned_many":
            return f"{posts}?assignee=me"
        case "asked_many":
            return f"{posts}?state__exact=in_review&reviewer=me"
        case "schedules_given":
            return reverse("admin:posts_post_calendar")
        case code if code in _OF_BULK_STEPS:
            return reverse("admin:posts_bulkstep_change", args=[_number(notice.facts.get("step"))])
    if not notice.post_id:
        return ""
    match notice.code:
        case code if code in _ABOUT_REMARKS:
            remark = _number(notice.facts.get("remark"))
            return reverse("admin:posts_post_comments", args=[notice.post_id]) + (f"#remark-{remark}" if remark else "")
        case code if code in _ABOUT_THE_REVIEW:
            return reverse("admin:posts_post_review", args=[notice.post_id])
        case "schedule_given":
            return reverse("admin:posts_post_schedule", args=[notice.post_id])
        case "conflict":
            conflict = _number(notice.facts.get("conflict"))
            if conflict and reader.has_perm("posts.view_conflict"):
                return reverse("admin:posts_conflict_change", args=[conflict])
    return reverse("admin:posts_post_change", args=[notice.post_id])


def _filled(words: str, facts: Mapping[str, object]) -> str:
    # In one go: a name that somebody typed may itself hold braces.
    return re.sub(r"\{(\w+)\}", lambda found: str(facts.get(found[1], "–")), words)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
