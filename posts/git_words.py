"""What git says beside its answers: how far it is, and why it failed."""

import os
import re
from typing import IO

LONGEST_WORDS = 2000
_RECEIVED = re.compile(rb"(?:Receiving|Unpacking) objects:\s+(\d+)%")
_LINE = 200


def tail(words: IO[bytes]) -> str:
    """The end of `words`, which says why; what comes before it is progress."""
    # Twice the length, as characters may have several bytes.
    words.seek(max(0, words.seek(0, os.SEEK_END) - 4 * LONGEST_WORDS))
    return re.sub(r"[^\r\n]*\r(?!\n)", "", words.read().decode(errors="replace"))


def percent_received(words: IO[bytes], length: int) -> int | None:
    """How much of what it fetches git has, by the newest of its `length` bytes of words; None if it doesn't say."""
    # Read without moving the place at which git writes on: it is the same file to both.
    found = _RECEIVED.findall(os.pread(words.fileno(), _LINE, max(0, length - _LINE)))
    return int(found[-1]) if found else None


def fit_to_show(words: str) -> str:
    """`words` without credentials and control characters, and not too long."""
    words = re.sub(r"(https?://)[^\s'\"]*@", r"\1***@", words, flags=re.IGNORECASE)
    words = re.sub(r"(://)[^\s'\"/@:]*:[^\s'\"]*@", r"\1***@", words)
    # Servers colour what they say; and PostgreSQL's JSON takes no NUL.
    words = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", words)
    words = re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]+", " ", words)
    return words.strip()[-LONGEST_WORDS:]
