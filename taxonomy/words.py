"""Texts and names as words to search by: whole Latin words, and pairs of neighbours of Chinese signs. Pure.

What is written is never changed: this is a form for matching alone. Pairs find words of two signs, which no blank
sets apart (`../shared/research/stack.md` §6).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise

LONGEST_WORD = 100
"""In signs; of a longer one (an address, a checksum) the start stands for the whole."""

_LONGEST_JOINED = 8

_CJK = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3041-\u309f\u30a1-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_CHINESE = re.compile(rf"[{_CJK}]")
_LATIN = rf"[^\W_{_CJK}]"
_RUN = re.compile(rf"([{_CJK}]+)|{_LATIN}+")


def _simplified() -> dict[int, str]:
    """For each Traditional sign the Simplified one that OpenCC puts first, as `str.translate` takes it."""
    table: dict[int, str] = {}
    lines = files("opencc").joinpath("dictionary/TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        traditional, _tab, simplified = line.partition("\t")
        first = simplified.split(" ")[0].strip()
        if len(traditional) == 1 and first and first != traditional:
            table[ord(traditional)] = first
    return table


Run = tuple[str, bool]
"""Neighbouring signs of one kind, and whether they are Chinese."""

_SIMPLIFIED = _simplified()
TRADITIONAL: Mapping[str, str] = {chr(sign): simplified for sign, simplified in _SIMPLIFIED.items()}
"""Each Traditional sign that has a Simplified form of its own, with that form."""


def plain(text: str) -> str:
    """`text` with full width, letter case and Traditional signs levelled: `ＡＩ 台積電` is `ai 台积电`."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return folded.translate(_SIMPLIFIED)


def words_of(text: str) -> list[str]:
    """The words of `text` in order: a Latin word whole; of a Chinese run each pair, then its last sign alone."""
    return words_in(runs_of(text))


def runs_of(text: str) -> list[Run]:
    """The runs of `text`, levelled: a Latin word or neighbouring Chinese signs; each with whether it is Chinese."""
    return [(run[0], run[1] is not None) for run in _RUN.finditer(plain(text))]


def words_in(runs: Iterable[Run]) -> list[str]:
    """The words of `runs` in order, as `words_of` gives them."""
    return [word for run, is_chinese in runs for word in _words_in(run, is_chinese=is_chinese)]


def said_in(runs: Iterable[Run]) -> str:
    """The runs, each between blanks: they say a phrase where `Phrase.in_a_text` is part of this."""
    return f" {' '.join(_marked(run, is_chinese=is_chinese) for run, is_chinese in runs)} "


def joints_in(runs: Iterable[Run]) -> set[str]:
    """For each two runs that follow one another, where the one ends and the other begins, as one word.

    None beside a long word, which alone tells enough.
    """
    return {joint for (before, _), (after, _) in pairwise(runs) if (joint := _joint(before, after))}


def searched_as(name: str) -> str:
    """The words of a term's name in one line, each between blanks, as `Phrase.in_a_name` is looked for."""
    return f" {' '.join(words_of(name))} "


@dataclass(frozen=True, slots=True)
class Phrase:
    """Runs of signs that must follow one another, and nothing but blanks and punctuation between them.

    Of the last one only the start is known if it is `open`: a Chinese sign alone, or a word that is being typed.
    """

    runs: tuple[str, ...]
    open: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words that stand one after the other wherever the phrase does."""
        words: list[str] = []
        for run in self.runs:
            words.extend(_words_in(run, is_chinese=_is_chinese(run)))
        last = self.runs[-1]
        # The text's run need not end where the phrase does, and so need not have the last sign alone.
        return tuple(words[:-1] if _is_chinese(last) and len(last) > 1 else words)

    @property
    def joints(self) -> tuple[str, ...]:
        """What `joints_in` gives for every text that has the phrase."""
        runs = self.runs[:-1] if self.open and not _is_chinese(self.runs[-1]) else self.runs
        return tuple(joint for both in pairwise(runs) if (joint := _joint(*both)))

    @property
    def in_a_text(self) -> str:
        """The part of `said_in` that a text has which holds the phrase."""
        runs = [(run, _is_chinese(run)) for run in self.runs]
        ends_anywhere = self.open or runs[-1][1]
        return " ".join(_marked(run, is_chinese=chinese) for run, chinese in runs) + ("" if ends_anywhere else " ")

    @property
    def in_a_name(self) -> str:
        """The part of `searched_as` that a name has which holds the phrase."""
        return f" {' '.join(self.words)}" + ("" if self.open else " ")


def phrase_of(text: str, *, unfinished: bool = False) -> Phrase | None:
    """What to look for to find `text`; None if it holds neither letter nor digit.

    `unfinished` is for what is still being typed: its last Latin word may go on.
    """
    runs = tuple(run[0] if run[1] is not None else run[0][:LONGEST_WORD] for run in _RUN.finditer(plain(text)))
    if not runs:
        return None
    return Phrase(runs, open=len(runs[-1]) == 1 if _is_chinese(runs[-1]) else unfinished)


def passages(text: str, phrase: Phrase) -> Iterator[tuple[int, int]]:
    """Where in `text` `phrase` stands: start and end of each place, in signs of `text`."""
    pattern = _pattern(phrase)
    levelled = plain(text)
    if len(levelled) == len(text):
        yield from (found.span() for found in pattern.finditer(levelled))
        return
    # Levelling made signs more or fewer: then each sign is levelled by itself, to know where it came from.
    pieces, origins = [], []
    for at, sign in enumerate(text):
        piece = plain(sign)
        pieces.append(piece)
        origins.extend([at] * len(piece))
    for found in pattern.finditer("".join(pieces)):
        yield origins[found.start()], origins[found.end() - 1] + 1


def _is_chinese(run: str) -> bool:
    return _CHINESE.match(run) is not None


def _joint(before: str, after: str) -> str:
    end = before[-1] if _is_chinese(before) else before
    start = after[0] if _is_chinese(after) else after
    return f"{end}~{start}" if max(len(end), len(start)) <= _LONGEST_JOINED else ""


def _marked(run: str, *, is_chinese: bool) -> str:
    # The mark is where a Latin word begins: it is found as a whole, a Chinese run in any part of it.
    return run if is_chinese else f"~{run[:LONGEST_WORD]}"


def _words_in(run: str, *, is_chinese: bool) -> list[str]:
    return [run[at : at + 2] for at in range(len(run))] if is_chinese else [run[:LONGEST_WORD]]


def _pattern(phrase: Phrase) -> re.Pattern[str]:
    """The phrase as a regular expression over levelled text."""
    written = ""
    for run, before in zip(phrase.runs, (None, *phrase.runs), strict=False):
        if before is not None:
            alike = _is_chinese(run) == _is_chinese(before)
            written += r"[\W_]+" if alike else r"[\W_]*"
        written += re.escape(run)
    starts_anywhere, ends_anywhere = _is_chinese(phrase.runs[0]), phrase.open or _is_chinese(phrase.runs[-1])
    before_it = "" if starts_anywhere else rf"(?<!{_LATIN})"
    behind_it = "" if ends_anywhere else rf"(?!{_LATIN})"
    return re.compile(before_it + written + behind_it)
