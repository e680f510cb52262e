"""What a term's name may hold, and its one normal form, for matching only: what is written is never changed."""

import re
import unicodedata

_BLANKS = re.compile(r"\s+")
_HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
"""Unicode has them for scripts and emoji that need them."""


def normal(name: str) -> str:
    """`name` in the form under which two spellings are one term: NFKC, case folded, blanks collapsed and trimmed."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())).strip()


def has_hidden_signs(name: str) -> bool:
    """Whether `name` has a sign that nobody sees: of control, of no width, of direction, or the end of a line."""
    return any(unicodedata.category(sign) in _HIDDEN and sign not in _JOINERS for sign in name)
