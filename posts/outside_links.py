"""Links by which people without an account read one post and remark on it: made, opened, withdrawn, each use noted."""

import datetime
import hashlib
import secrets

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from posts.commenting import About, CommentRefused, Said, say
from posts.errors import EvergreenError
from posts.events import record_event
from posts.models import Comment, OutsideLink, OutsideVisit, Post
from posts.situations import permissions_of
from posts.workflow import SUBMIT_POST, State

MOST_DAYS = 90
"""For how long a link can be good."""
MOST_VISITS = 120
MOST_REMARKS = 20
"""How often an hour one link is opened, and how many remarks come by it."""
LONGEST_NAME = 80

_HOUR = datetime.timedelta(hours=1)
_TOKEN_BYTES = 32


class LinkRefused(EvergreenError):
    """A link cannot be made so, is not good (any more), or is used too often; the code says which."""


def may_make_link(post: Post, person: User) -> bool:
    """Whether `person` may let people without an account read `post`: who may submit it."""
    return person.has_perm("posts.view_post") and SUBMIT_POST in permissions_of(person, post.collection_id)


@transaction.atomic
def make_link(
    post: Post, name: str, last_day: datetime.date, *, may_suggest: bool, by: User
) -> tuple[OutsideLink, str]:
    """A link to `post` for `name`, good up to the end of `last_day`; and its secret, which is kept nowhere.

    Raises `LinkRefused`.
    """
    _require_may(post, by)
    if post.state == State.ARCHIVED:
        raise LinkRefused("restore_first")
    name = " ".join(name.replace("\0", "").split())[:LONGEST_NAME]
    if not name:
        raise LinkRefused("name_missing")
    today = timezone.localdate()
    if not today <= last_day <= today + datetime.timedelta(days=MOST_DAYS):
        raise LinkRefused("link_days", days=MOST_DAYS)
    ends = datetime.datetime.combine(
        last_day + datetime.timedelta(days=1), datetime.time(), timezone.get_current_timezone()
    )
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    link = OutsideLink.objects.create(
        post=post,
        digest=_digest(token),
        name=name,
        may_suggest=may_suggest,
        ends_at=ends,
        made_by=by,
        made_at=timezone.now(),
    )
    record_event(post, "make_link", by=by, facts={"to": name, "link": link.pk})
    return link, token


@transaction.atomic
def withdraw_link(link: OutsideLink, *, by: User) -> OutsideLink:
    """Make `link` open nothing any more. Raises `LinkRefused`."""
    _require_may(link.post, by)
    if not OutsideLink.objects.filter(pk=link.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        raise LinkRefused("link_withdrawn")
    record_event(link.post, "withdraw_link", by=by, facts={"to": link.name, "link": link.pk})
    link.refresh_from_db(fields=["withdrawn_at"])
    return link


def why_closed(link: OutsideLink) -> str:
    """Why `link` does not open its post now: "withdrawn", "ended", "archived", "maker"; nothing where it does.

    It opens for as long as whoever made it could make it: it lends nothing that they have not.
    """
    if link.withdrawn_at is not None:
        return "withdrawn"
    if timezone.now() >= link.ends_at:
        return "ended"
    if link.post.state == State.ARCHIVED:
        return "archived"
    return "" if may_make_link(link.post, link.made_by) else "maker"


def opened(token: str, *, place: str) -> OutsideLink:
    """The link with this secret, its post with its text; noted as a visit from `place`. Raises `LinkRefused`."""
    link = good_link(token)
    _note(link, place, MOST_VISITS, remark=False)
    return link


@transaction.atomic
def remark(token: str, name: str, text: str, about: About, *, place: str) -> Comment:
    """What somebody who came by a link says, under the name that they give.

    Raises `LinkRefused`, `CommentRefused`.
    """
    link = good_link(token)
    name = " ".join(name.replace("\0", "").split())[:LONGEST_NAME]
    if not name:
        raise CommentRefused("own_name_missing")
    if about.replacement is not None and not link.may_suggest:
        raise CommentRefused("no_permission")
    # The row of the link is the turn: who comes at the same moment is counted as well.
    OutsideLink.objects.select_for_update().get(pk=link.pk)
    _note(link, place, MOST_REMARKS, remark=True, name=name)
    return say(link.post, text, about, Said(link=link, outside_name=name))


def good_link(token: str) -> OutsideLink:
    """The link with this secret, its post with its text; no visit is noted. Raises `LinkRefused`."""
    links = OutsideLink.objects.select_related("post__collection", "post__present", "made_by")
    link = links.filter(digest=_digest(token)).first()
    closed = why_closed(link) if link is not None else ""
    if closed == "archived":
        raise LinkRefused("link_archived")
    if link is None or closed or link.post.present is None:
        raise LinkRefused("link_over")
    return link


def _note(link: OutsideLink, place: str, most: int, *, remark: bool, name: str = "") -> None:
    lately = OutsideVisit.objects.filter(link=link, remark=remark, at__gt=timezone.now() - _HOUR)
    if lately.count() >= most:
        raise LinkRefused("link_used_often")
    there = hashlib.sha256(f"{settings.SECRET_KEY}:{place}".encode()).hexdigest()
    OutsideVisit.objects.create(link=link, at=timezone.now(), remark=remark, name=name, place=there)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _require_may(post: Post, by: User) -> None:
    if not may_make_link(post, by):
        raise LinkRefused("no_permission")
