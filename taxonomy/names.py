"""The one normal form of a term's name, for matching only: what is written is never changed."""

import re
import unicodedata

_BLANKS = re.compile(r"\s+")


def normal(name: str) -> str:
    """`name` in the form under which two spellings are one term: NFKC, case folded, blanks collapsed and trimmed."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())).strip()
