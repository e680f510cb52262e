"""Notices on the screen: what one person is told, on the first page until they have seen it, and all of it."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import IntegerField, QuerySet
from django.utils.safestring import SafeString

from posts.models import Notice
from posts.moments import ago
from posts.notice_words import address_of, heading_of, quote_of, title_of, words_of
from posts.questions import Given, Question

_MOST = 10
_MOST_LISTED = 50


@dataclass(frozen=True)
class ShownNotice:
    """One notice as a page shows it."""

    pk: int
    title: str
    address: str
    words: str
    quote: str
    kind: str
    when: SafeString | str
    seen: bool


@dataclass(frozen=True)
class ShownNotices:
    """The newest of a person's notices, and whether there are more."""

    shown: list[ShownNotice]
    more: bool

    @property
    def count(self) -> str:
        """How many, as far as was counted."""
        return f"{len(self.shown)}+" if self.more else str(len(self.shown))

    @property
    def last(self) -> int:
        """The key of the oldest that is shown."""
        return self.shown[-1].pk

    @property
    def any_unseen(self) -> bool:
        """Whether one of those shown was not seen yet."""
        return any(not notice.seen for notice in self.shown)


_UNSEEN = Question(
    lambda: (
        Notice.objects.filter(person=Given("person", IntegerField()), seen_at=None, shown=True)
        .order_by("-pk")
        .values_list("pk")[: _MOST + 1]
    )
)


def unseen_notices(person: User) -> ShownNotices:
    """What `person` has not seen yet, the newest first."""
    # Mostly there are none: then the question that is put into SQL once is all.
    unseen = [pk for [pk] in _UNSEEN.ask(person=person.pk)]
    return _shown(person, Notice.objects.filter(pk__in=unseen), _MOST) if unseen else ShownNotices([], False)


def notices_before(person: User, before: int | None) -> ShownNotices:
    """All that `person` was told, seen or not, the newest first; older than the one with the key `before`."""
    notices = Notice.objects.filter(person=person)
    return _shown(person, notices if before is None else notices.filter(pk__lt=before), _MOST_LISTED)


def _shown(person: User, notices: QuerySet[Notice], most: int) -> ShownNotices:
    notices = notices.filter(shown=True).select_related("post").order_by("-pk")
    rows = list(notices.only("code", "facts", "at", "seen_at", "post__title", "post__path")[: most + 1])
    shown = [
        ShownNotice(
            notice.pk,
            title_of(notice),
            address_of(notice, person),
            words_of(notice),
            quote_of(notice),
            heading_of(notice),
            ago(notice.at),
            notice.seen_at is not None,
        )
        for notice in rows[:most]
    ]
    return ShownNotices(shown, len(rows) > most)
