"""A file of git's on its way in: as it was read, by whom and when it was changed."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.utils import timezone

from posts import fields
from posts.document.document import Document
from posts.fields import FieldValue, Reading


@dataclass(slots=True)
class Arrival:
    """One file of git's as it was read: a document, or the code and facts of why it is none; neither if it is gone.

    `earlier_emails` are the addresses of others, known here, who changed it before its author did and since it was last
    read; `co_writers` are the keys of the people behind them.
    """

    path: str
    old_path: str
    blob: str = ""
    document: Document | None = None
    text: str = ""
    code: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    author_name: str = ""
    author_email: str = ""
    by: User | None = None
    earlier_emails: frozenset[str] = frozenset()
    co_writers: Sequence[int] = ()
    at: datetime.datetime = field(default_factory=timezone.now)
    commit: str = ""
    reading: Reading | None = None

    @property
    def gone(self) -> bool:
        """Whether git has no file there any more."""
        return not self.blob and not self.code

    @property
    def parsed(self) -> Document:
        """The document; raises `ValueError` if it is none."""
        if self.document is None:
            raise ValueError(self.path)
        return self.document

    def pushed_by(self) -> list[int]:
        """The keys of all the people who pushed a part of it."""
        return sorted({*self.co_writers, *([self.by.pk] if self.by is not None else [])})

    def add_writers(self, people: Iterable[int]) -> None:
        """Note that `people` pushed parts of it earlier, which were held until now."""
        self.co_writers = sorted({*self.co_writers, *people})

    def read(self) -> Reading:
        """What `fields.read` gives of the document, read once."""
        if self.reading is None:
            self.reading = fields.read(self.parsed)
        return self.reading

    @property
    def values(self) -> dict[str, FieldValue]:
        """Its front matter, each known key as a typed value."""
        return self.read()[0]
