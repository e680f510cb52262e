"""A whole text mended of one kind of fault, as a bulk step does it: without asking anybody."""

import datetime
from collections.abc import Collection

from posts.checks.findings import Context, fixed
from posts.checks.hits import Exchange
from posts.checks.places import placed, without
from posts.checks.rules import check
from posts.document.document import Document
from posts.fields import KEY_ORDER

KNOWN_MISHEARING = "known_mishearing"

MENDABLE = (
    "list_as_text",
    "scalar_for_list",
    "literal_asterisks",
    "literal_marks",
    "link_not_read",
    "bare_address",
    "half_width_punctuation",
    "full_width_punctuation",
    "invisible_signs",
    "bidirectional_signs",
    "control_signs",
    KNOWN_MISHEARING,
)
"""The codes whose findings can have a mend. Only what is misheard hangs on more than the text itself."""


def mended_of(
    document: Document, code: str, *, leaving: Collection[str] = (), mishearings: tuple[Exchange, ...] = ()
) -> Document:
    """`document` with every finding of `code` mended that has a mend, but for those that `leaving` has a token of.

    The same document if there is nothing to mend. Raises `EditRefused`.
    """
    day = datetime.date.max - datetime.timedelta(days=1)
    found = check(document, Context(path="", today=day, mishearings=mishearings))
    of_kind = placed(document.text, [each for each in found if each.code == code])
    changes, body = fixed(document, without(of_kind, leaving))
    return document if not changes and body is None else document.replace(changes, body=body, key_order=KEY_ORDER)
