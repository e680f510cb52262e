"""What a rule finds, and how a fix is applied."""

import datetime
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from posts.checks.hits import BODY, Exchange, Span, spliced, text_of
from posts.document.document import Document
from posts.image_addresses import MediaPlace


class Severity(StrEnum):
    """How bad it is: the site's build fails; the site shows it wrong; somebody should look; a matter of style."""

    BREAKS = "breaks"
    WRONG = "wrong"
    DOUBT = "doubt"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class BodyFix:
    """`start` to `end` of the body, with line feeds for line ends, become `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class PairFix:
    """What opens something in the body, and what closes it, become others; what is between them stays."""

    opening: BodyFix
    closing: BodyFix


@dataclass(frozen=True, slots=True)
class WordsFix:
    """`start` to `end` of the text that the key has become `text`; what else it says stays."""

    key: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class KeyFix:
    """The key gets this value."""

    key: str
    value: object


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: its code, the key that it is about ("" for the body), its line in the file, and the passage.

    Somebody who dismisses it dismisses it for this passage.
    """

    code: str
    severity: Severity
    key: str = ""
    line: int | None = None
    passage: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    fix: BodyFix | PairFix | WordsFix | KeyFix | None = None
    place: str = ""  # among those with the same passage, by what stands beside it (`posts.checks.places`)

    @property
    def mark(self) -> str:
        """By what one of several findings of a kind is known in its text (`mark_of`)."""
        return mark_of(self.key, self.passage)


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may know beside the document. None for what is not known: then its rules find nothing."""

    path: str
    today: datetime.date
    required: frozenset[str] = frozenset({"title", "date", "summary"})
    categories: frozenset[str] | None = None
    areas: frozenset[str] | None = None
    nesting: Mapping[str, tuple[str, frozenset[str]]] = field(default_factory=dict)  # a category's area, and its names
    other_keys: frozenset[str] = frozenset()  # that the collection knows beside ours
    files: Container[str] | None = None  # paths in the repository, for inner links
    pages: Container[str] | None = None  # addresses that posts have on the site: decoded paths without a last slash
    media: MediaPlace | None = None  # where the site has the repository's images
    site_url: str = ""
    post_url: str = ""  # the pattern of the posts' addresses
    before: Document | None = None  # what the site has, or else the pipeline delivered; None: neither has anything
    usual: frozenset[tuple[str, str]] = frozenset()  # keys of the build with values that a new post may have
    mishearings: tuple[Exchange, ...] = ()  # that the machine is known for
    longest_title: int = 80
    longest_summary: int = 500
    shortest_body: int = 100


def fixed(document: Document, findings: Iterable[Finding]) -> tuple[dict[str, object], str | None]:
    """What to change in `document` for the fixes of `findings`: keys, and the body (None: it stays).

    Fixes of passages that overlap: the first is made, the others are left for another time.
    """
    changes: dict[str, object] = {}
    spans: dict[str, list[Span]] = defaultdict(list)
    for finding in findings:
        if isinstance(finding.fix, KeyFix):
            changes.setdefault(finding.fix.key, finding.fix.value)
        elif isinstance(finding.fix, WordsFix):
            spans[finding.fix.key].append((finding.fix.start, finding.fix.end, finding.fix.text))
        elif isinstance(finding.fix, BodyFix | PairFix):
            parts = (finding.fix,) if isinstance(finding.fix, BodyFix) else (finding.fix.opening, finding.fix.closing)
            spans[BODY] += [(each.start, each.end, each.text) for each in parts]
    mended = {part: spliced(text_of(document, part), found) for part, found in spans.items()}
    body = mended.pop(BODY, None)
    return {**changes, **mended}, body


def mark_of(key: str, passage: str) -> str:
    """By what a finding about `key` ("" for the body) in `passage` is known among those of its kind in one text."""
    return f"{key}:{passage}" if key else passage
