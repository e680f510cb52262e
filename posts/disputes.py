"""What an open conflict asks, and what the answers make of the texts (DESIGN §2.7)."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from posts.document.document import Document
from posts.document.errors import MergeRefused
from posts.document.merge import Conflict as Clash
from posts.document.merge import Merged
from posts.document.values import Value
from posts.errors import EvergreenError
from posts.merging import document_of, leaves_by_itself, leaving, merged
from posts.models import Conflict, Post, Revision

OURS, THEIRS = "ours", "theirs"
FILE = "file"
"""The one question of a conflict that is about the whole file."""
_PASSAGE = "body:"


@dataclass(frozen=True, slots=True)
class Written:
    """A third text: a key's value, or the text of a passage or of the whole file."""

    value: Value


Choice = str | Written
"""`OURS`, `THEIRS`, or something third."""

BY_PARTS = frozenset({Conflict.Kind.TEXT, Conflict.Kind.CREATED_TWICE, Conflict.Kind.FORM})


@dataclass(frozen=True, slots=True)
class Dispute:
    """The texts of a conflict as they are now, and what is open between them.

    `theirs` is None where the other side has no text, or none that can be read; `merged` where the two cannot be
    brought together part by part. `pair` names the exact two texts.
    """

    conflict: Conflict
    base: Document
    ours: Document
    theirs: Document | None
    ours_by: str
    ours_at: datetime.datetime | None
    theirs_by: str
    theirs_at: datetime.datetime | None
    merged: Merged | None
    pair: str

    @property
    def keys(self) -> tuple[Clash, ...]:
        """The front-matter keys that both changed differently."""
        return tuple(each for each in self._clashes if not each.is_body)

    @property
    def body(self) -> Clash | None:
        """The body with its open passages, if there are any."""
        return next((each for each in self._clashes if each.is_body), None)

    @property
    def asks(self) -> tuple[str, ...]:
        """The names of everything that must be chosen."""
        if self.merged is None:
            return (FILE,)
        passages = self.body.passages if self.body is not None else ()
        return (*(each.field for each in self.keys), *(passage_name(number) for number in range(len(passages))))

    @property
    def _clashes(self) -> tuple[Clash, ...]:
        return self.merged.conflicts if self.merged is not None else ()


def passage_name(number: int) -> str:
    """What the choice for an open passage of the body is called, by its place among them."""
    return f"{_PASSAGE}{number}"


def dispute_of(conflict: Conflict) -> Dispute:
    """The texts of `conflict` as they are now; of a stale form what was typed against the post's present text."""
    post = conflict.post
    is_form = conflict.kind == Conflict.Kind.FORM
    ours = conflict.ours if is_form else post.present
    theirs = _theirs(conflict)
    base, here = document_of(conflict.base), document_of(ours)
    there = Document.from_text(theirs.text) if theirs is not None else None
    together = None
    if there is not None and conflict.kind in BY_PARTS:
        try:
            together = merged(base, here, there)
        except MergeRefused:
            together = None
    other = theirs.pk if theirs is not None else conflict.theirs_blob
    return Dispute(
        conflict=conflict,
        base=base,
        ours=here,
        theirs=there,
        ours_by=ours.who if ours is not None else "",
        ours_at=ours.at if ours is not None else None,
        theirs_by=(theirs.who if theirs is not None else "") or conflict.theirs_author,
        theirs_at=(theirs.at if theirs is not None else None) or conflict.theirs_at,
        merged=together,
        pair=f"{ours.pk if ours is not None else ''}:{other}",
    )


def _theirs(conflict: Conflict) -> Revision | None:
    if conflict.kind == Conflict.Kind.FORM:
        return conflict.post.present
    if conflict.theirs is None:
        return None
    # What took the post off the site in spite of the conflict was written onto theirs, and is what git has now.
    return conflict.post.git_text


def moved_since(dispute: Dispute, pair: str) -> dict[str, bool]:
    """Which of the two texts are not those that `pair` names any more."""
    ours, _, theirs = dispute.pair.partition(":")
    seen_ours, _, seen_theirs = pair.partition(":")
    return {OURS: ours != seen_ours, THEIRS: theirs != seen_theirs}


def require_answers(dispute: Dispute, choices: Mapping[str, Choice]) -> None:
    """Raise `EvergreenError("choice_missing")` unless everything that is open was chosen."""
    missing = [name for name in dispute.asks if choices.get(name) not in (OURS, THEIRS) and not _third(choices, name)]
    if missing:
        raise EvergreenError("choice_missing", keys=missing)


def _third(choices: Mapping[str, Choice], name: str) -> bool:
    return isinstance(choices.get(name), Written)


def chosen_sides(dispute: Dispute, choices: Mapping[str, Choice]) -> Document:
    """The merged text with the sides as chosen; ours where something third was written. Raises `MergeRefused`."""
    if dispute.merged is None or dispute.theirs is None:
        return dispute.theirs if choices[FILE] == THEIRS and dispute.theirs is not None else dispute.ours
    taken = [name for name, choice in choices.items() if choice == THEIRS]
    document = merged(dispute.base, dispute.ours, dispute.theirs, theirs_for=taken).document
    if dispute.body is None:
        return document
    texts = [
        passage.theirs if choices[passage_name(number)] == THEIRS else passage.ours
        for number, passage in enumerate(dispute.body.passages)
    ]
    return document.replace({}, body=dispute.body.body_with(texts))


def with_third(dispute: Dispute, choices: Mapping[str, Choice], sides: Document) -> Document:
    """`sides` with whatever third was written. Raises `EditRefused`, and `DocumentError` for a whole file."""
    written = {name: choice.value for name, choice in choices.items() if isinstance(choice, Written)}
    if not written:
        return sides
    if dispute.merged is None:
        return Document.from_text(str(written[FILE]))
    changes = {each.field: written[each.field] for each in dispute.keys if each.field in written}
    if dispute.body is None:
        return sides.replace(changes)
    texts = []
    for number, passage in enumerate(dispute.body.passages):
        choice = choices[passage_name(number)]
        third = str(choice.value) if isinstance(choice, Written) else ""
        texts.append({OURS: passage.ours, THEIRS: passage.theirs}.get(str(choice), third))
    return sides.replace(changes, body=dispute.body.body_with(texts))


def cleared_after(post: Post, dispute: Dispute, choices: Mapping[str, Choice], sides: Document) -> Document | None:
    """What leaves once the conflict is settled so; None: nothing of ours, git keeps theirs.

    What was cleared leaves with what theirs brought. Where it clashes with theirs and something third was written,
    which nobody has reviewed, the site keeps theirs meanwhile. Where the site does not show theirs, because it is a
    draft, that would put on the site what nobody has reviewed: unless ours was chosen throughout, nothing leaves.
    """
    base = dispute.conflict.base
    if dispute.theirs is None or not leaves_by_itself(post, base):
        return None
    others = [name for name in choices if choices[name] != OURS]
    if dispute.merged is None:
        if others:
            return None
        cleared = document_of(post.cleared)
    elif post.cleared_id == post.present_id and not any(_third(choices, name) for name in choices):
        cleared = sides
    else:
        cleared = _giving_way(dispute, document_of(post.cleared), others)
    leaves = leaving(post.cleared, cleared, dispute.theirs)
    if others and dispute.theirs.truthy("draft") and not leaves.surely_draft:
        return None
    return None if leaves == dispute.theirs else leaves


def _giving_way(dispute: Dispute, cleared: Document, names: list[str]) -> Document:
    """`cleared` merged with theirs, which wins in what `names` are about: in all open passages if one of them is."""
    if dispute.theirs is None:
        return cleared
    together = merged(dispute.base, cleared, dispute.theirs, theirs_for=names)
    body = next((each for each in together.conflicts if each.is_body), None)
    if body is None or not any(name.startswith(_PASSAGE) for name in names):
        return together.document
    return together.document.replace({}, body=body.body_with([passage.theirs for passage in body.passages]))
