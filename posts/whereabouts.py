"""Where a post's texts are: saved here, sent to the repository, on the site. It says no more than is known.

Git's text being public does not put it on the site: only a build that went well does, so without one that was told of
nothing is said to be there.
"""

import datetime
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import F, Q, QuerySet

from posts import fields
from posts.document.document import Document
from posts.models import Build, Collection, Outcome, Post, Revision
from posts.site_addresses import address_on_site


class OnSite(StrEnum):
    """What the last good build has of a post."""

    UNTOLD = "untold"
    """No good build was ever told of."""
    NO = "no"
    """Nothing, and nothing is to be there."""
    YES = "yes"
    """What the repository has."""
    NOT_YET = "not_yet"
    """Not what the repository has: nothing, or an earlier text."""
    STILL = "still"
    """A text, though the repository has nothing for the site any more."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where one post is.

    `sent_at` and `commit` are of the text that the repository has, if it has one; `came` where somebody else brought
    it there. `since` and `address` are of the text that is on the site, which is the present one if `shows_present`.
    `failed` is the newest build, if that could not be made and the post waits for one.
    """

    saved_at: datetime.datetime
    sent_at: datetime.datetime | None
    commit: str
    came: bool
    on_site: OnSite
    since: datetime.datetime | None = None
    shows_present: bool = False
    address: str = ""
    failed: Build | None = None


def whereabouts(post: Post) -> Whereabouts:
    """Where `post` is, with its collection and texts. Takes a fixed number of queries."""
    at, commit, came = _sent(post)
    newest = _newest_build(post.collection)
    told = newest is not None and Build.objects.filter(collection=post.collection).exclude(taken_at=None).exists()
    wanted = post.git_blob if post.live else ""
    if not told:
        on_site = OnSite.UNTOLD
    elif post.built_blob == wanted:
        on_site = OnSite.YES if wanted else OnSite.NO
    else:
        on_site = OnSite.NOT_YET if wanted else OnSite.STILL
    waits = on_site in (OnSite.NOT_YET, OnSite.STILL) or (on_site is OnSite.UNTOLD and bool(wanted))
    there = told and bool(post.built_blob)
    return Whereabouts(
        saved_at=post.changed_at,
        sent_at=at,
        commit=commit,
        came=came,
        on_site=on_site,
        since=post.built_at if there else None,
        shows_present=there and post.present is not None and post.present.blob == post.built_blob,
        address=_address(post) if there else "",
        failed=newest if newest is not None and not newest.ok and waits else None,
    )


def failed_build(collection: Collection) -> tuple[Build, QuerySet[Post]] | None:
    """The newest build of `collection`, if that could not be made, and the posts sent since the last good one.

    None if the newest went well, or none was ever told of. Without a good one, nobody knows which posts those are.
    """
    newest = _newest_build(collection)
    if newest is None or newest.ok:
        return None
    if not Build.objects.filter(collection=collection).exclude(taken_at=None).exists():
        return newest, Post.objects.none()
    changed = Q(live=True) & ~Q(built_blob=F("git_blob")) | Q(live=False) & ~Q(built_blob="")
    return newest, Post.objects.filter(changed, collection=collection)


def latest_builds(collection: Collection, most: int) -> list[Build]:
    """The newest builds of `collection` that were told of, the newest first."""
    return list(Build.objects.filter(collection=collection)[:most])


def _newest_build(collection: Collection) -> Build | None:
    return Build.objects.filter(collection=collection).defer("log").first()


def _sent(post: Post) -> tuple[datetime.datetime | None, str, bool]:
    """When the text that git has came there, by which commit, and whether it did not come from here."""
    text = post.git_text
    if not post.git_path or text is None:
        return None, "", False
    sent = Outcome.objects.filter(post=post, result=Outcome.Result.SENT).select_related("sync").order_by("-pk").first()
    if sent is not None and sent.facts.get("commit") == text.commit:
        return sent.sync.ended_at or sent.sync.started_at or text.at, text.commit, False
    return text.at, text.commit, bool(text.commit)


def _address(post: Post) -> str:
    """Where the site has the post, by the date of the text that is there."""
    collection = post.collection
    if not collection.site_url or not collection.post_url:
        return ""
    date = post.date
    if post.present is None or post.present.blob != post.built_blob:
        text = Revision.objects.filter(post=post, blob=post.built_blob).first() or post.git_text
        if text is not None:
            date = fields.day(str(fields.read(Document.from_text(text.text))[0]["date"]))
    return address_on_site(collection.site_url, collection.post_url, post.git_path or post.path, date)
