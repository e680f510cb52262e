"""A file of git's on its way in: as it was read, by whom and when it was changed."""

import datetime
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.utils import timezone

from posts import fields
from posts.document.document import Document
from posts.fields import FieldValue, Reading


@dataclass(slots=True)
class Arrival:
    """One file of git's as it was read: a document, or the code and facts of why it is none; neither if it is gone."""

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

    def read(self) -> Reading:
        """What `fields.read` gives of the document, read once."""
        if self.reading is None:
            self.reading = fields.read(self.parsed)
        return self.reading

    @property
    def values(self) -> dict[str, FieldValue]:
        """Its front matter, each known key as a typed value."""
        return self.read()[0]
