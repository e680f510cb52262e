"""Texts and names as words to search by: whole Latin words, and pairs of neighbours of Chinese signs. Pure.

What is written is never changed: this is a form for matching alone. Pairs find words of two signs, which no blank
sets apart (`../shared/research/stack.md` §6).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from operator import add

LONGEST_WORD = 100
"""In signs; of a longer one (an address, a checksum) the start stands for the whole."""

_LONGEST_JOINED = 8
_LATIN_STARTS = "~"
_FIRST_PLANE = "\uffff"
CJK = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3041-\u309f\u30a1-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Chinese signs and their neighbours, which are written without blanks: for use within the brackets of a pattern."""

_CHINESE = re.compile(rf"[{CJK}]")
_LATIN = rf"[^\W_{CJK}]"
_RUN = re.compile(rf"([{CJK}]+)|({_LATIN}+)")
# A sign with its neighbour, or the last of a run alone; the start of a Latin word, whatever its length.
_WORD = re.compile(rf"(?=([{CJK}]{{1,2}}|{_LATIN}{{1,{LONGEST_WORD}}}))(?:[{CJK}]|{_LATIN}+)")


Run = tuple[str, str]
"""Neighbouring signs: Chinese ones, or else a Latin word."""


def _dictionary(name: str) -> dict[str, list[str]]:
    """For each sign of a dictionary of OpenCC the signs that it can become, the commonest first."""
    lines = files("opencc").joinpath(f"dictionary/{name}.txt").read_text(encoding="utf-8").splitlines()
    told = (line.partition("\t") for line in lines)
    return {sign: forms.split() for sign, _tab, forms in told if len(sign) == 1 and forms.strip()}


_TO_SIMPLIFIED, _TO_TRADITIONAL = _dictionary("TSCharacters"), _dictionary("STCharacters")

TRADITIONAL: Mapping[str, str] = {sign: forms[0] for sign, forms in _TO_SIMPLIFIED.items() if forms[0] != sign}
"""Each Traditional sign that has a Simplified form of its own, with that form."""

_IN_USE_ELSEWHERE = {
    form for name in ("TWVariants", "HKVariants") for forms in _dictionary(name).values() for form in forms
}
_ONE_WAY = {sign for sign, forms in _TO_SIMPLIFIED.items() if sign not in forms}
_OTHER_WAY = {sign for sign, forms in _TO_TRADITIONAL.items() if sign not in forms} - _IN_USE_ELSEWHERE

TRADITIONAL_ALONE: frozenset[str] = frozenset(_ONE_WAY - _OTHER_WAY)
"""Signs that are written in Traditional texts and in no Simplified one."""

SIMPLIFIED_ALONE: frozenset[str] = frozenset(_OTHER_WAY - _ONE_WAY)
"""Signs that are written in Simplified texts and in no Traditional one, be it of Taiwan or of Hong Kong."""


# The commonest signs that NFKC changes. A text without any is taken as it is, and that is five times as fast.
_FULL_WIDTH = tuple((sign, unicodedata.normalize("NFKC", sign)) for sign in "，：；！？（）％\u3000")
# Texts have few Traditional signs: to look for them is twice as fast as to look up each sign. A class of signs is
# looked up fast in the first plane alone.
_TRADITIONAL = re.compile(f"[{''.join(sign for sign in TRADITIONAL if sign <= _FIRST_PLANE)}]")
_RARE = re.compile(f"[^\\0-{_FIRST_PLANE}]")


# Latin letters with an accent, and the accents of those that have no letter of their own.
_ACCENTED = re.compile("[\u00e0-\u024f\u0300-\u036f\u1e00-\u1eff]")
_JOINS_ANOTHER = re.compile("[\u0300-\u036f\u1100-\u11ff\u3099\u309a\uff9e\uff9f]")
_OF_NO_ACCENT = {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"}


def plain(text: str) -> str:
    """`text` with full width, case, accents and Traditional signs levelled: `ＡＩ Café 台積電` is `ai cafe 台积电`."""
    for sign, narrow in _FULL_WIDTH:
        text = text.replace(sign, narrow)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    folded = _ACCENTED.sub(_without_accent, folded)
    return _RARE.sub(_simplified_sign, _TRADITIONAL.sub(_simplified_sign, folded))


def is_level_with(text: str, levelled: str) -> bool:
    """Whether each sign of `levelled`, which `plain` made of `text`, stands where the one stood that it was made of."""
    # What becomes fewer signs may make up for what becomes more.
    return len(text) == len(levelled) and not _JOINS_ANOTHER.search(text)


def words_of(text: str) -> list[str]:
    """The words of `text` in order: a Latin word whole; of a Chinese run each pair, then its last sign alone."""
    return words_in(plain(text))


def words_in(levelled: str) -> list[str]:
    """The words of a text that is levelled already (as `said_in` gives it, say), as `words_of` gives them."""
    return _WORD.findall(levelled)


def runs_of(text: str) -> list[Run]:
    """The runs of `text`, levelled."""
    return _RUN.findall(plain(text))


def said_in(text: str) -> str:
    """The runs of `text`, levelled, each between blanks: they say a phrase where `Phrase.in_a_text` is part of this."""
    return _said(runs_of(text))


def words_said(said: str) -> set[str]:
    """Of what `said_in` gave the words that `words_in` gives, each once.

    Texts say the same again and again, so each run is taken apart once. That is several times as fast.
    """
    words: set[str] = set()
    for run in set(said.split()):
        if run[0] == _LATIN_STARTS:
            words.add(run[1:])
        else:
            words.update(map(add, run, run[1:]))
            words.add(run[-1])
    return words


def joints_in(said: str) -> set[str]:
    """Of what `said_in` gave, for each two runs that follow one another, where the one ends and the other begins.

    As one word; none beside a long word, which alone tells enough.
    """
    runs = said.split()
    joints = set()
    for before, behind in set(pairwise(runs)):
        end = before[1:] if before[0] == _LATIN_STARTS else before[-1]
        start = behind[1:] if behind[0] == _LATIN_STARTS else behind[0]
        if len(end) <= _LONGEST_JOINED and len(start) <= _LONGEST_JOINED:
            joints.add(f"{end}~{start}")
    return joints


def searched_as(name: str) -> str:
    """The words of a term's name in one line, each between blanks, as `Phrase.in_a_name` is looked for."""
    return f" {' '.join(words_of(name))} "


@dataclass(frozen=True, slots=True)
class Phrase:
    """Runs of signs that must follow one another, and nothing but blanks and punctuation between them (see `ways`).

    Of the last one only the start is known if it is `open`: a Chinese sign alone, or a word that is being typed.
    """

    runs: tuple[str, ...]
    open: bool = False

    @property
    def ways(self) -> tuple["Phrase", ...]:
        """The ways in which a text may say it: as it is, and with Chinese runs that follow one another as one run.

        Chinese has no blanks: who types `美股 暴跌` means `美股暴跌` as well as `美股，暴跌`.
        """
        runs: list[str] = []
        for run in self.runs:
            if runs and _is_chinese(run) and _is_chinese(runs[-1]):
                runs[-1] += run
            else:
                runs.append(run)
        if len(runs) == len(self.runs):
            return (self,)
        return self, Phrase(tuple(runs), open=len(runs[-1]) == 1 if _is_chinese(runs[-1]) else self.open)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that stand one after the other wherever the phrase does."""
        words = words_in(_said(self._runs))
        last = self.runs[-1]
        # The text's run need not end where the phrase does, and so need not have the last sign alone.
        return tuple(words[:-1] if _is_chinese(last) and len(last) > 1 else words)

    @property
    def joints(self) -> tuple[str, ...]:
        """What `joints_in` gives for every text that has the phrase."""
        runs = self._runs[:-1] if self.open and self._runs[-1][1] else self._runs
        return tuple(sorted(joints_in(_said(runs))))

    @property
    def in_a_text(self) -> str:
        """The part of `said_in` that a text has which holds the phrase."""
        ends_anywhere = self.open or self._runs[-1][0]
        said = _said(self._runs).lstrip()
        return said.rstrip() if ends_anywhere else said

    @property
    def _runs(self) -> list[Run]:
        return [(run, "") if _is_chinese(run) else ("", run) for run in self.runs]

    @property
    def in_a_name(self) -> str:
        """The part of `searched_as` that a name has which holds the phrase."""
        return f" {' '.join(self.words)}" + ("" if self.open else " ")


def phrase_of(text: str, *, unfinished: bool = False) -> Phrase | None:
    """What to look for to find `text`; None if it holds neither letter nor digit.

    `unfinished` is for what is still being typed: its last Latin word may go on.
    """
    runs = tuple(chinese or latin[:LONGEST_WORD] for chinese, latin in runs_of(text))
    if not runs:
        return None
    return Phrase(runs, open=len(runs[-1]) == 1 if _is_chinese(runs[-1]) else unfinished)


def passages(text: str, phrase: Phrase) -> Iterator[tuple[int, int]]:
    """Where in `text` `phrase` stands: start and end of each place, in signs of `text`."""
    pattern = re.compile("|".join(map(_pattern, phrase.ways)))
    levelled = plain(text)
    if is_level_with(text, levelled):
        yield from (found.span() for found in pattern.finditer(levelled))
        return
    # Levelling made signs more or fewer: then each sign is levelled by itself, to know where it came from.
    pieces, origins = [], []
    for at, sign in enumerate(text):
        piece = plain(sign)
        pieces.append(piece)
        origins.extend([at] * len(piece))
    for found in pattern.finditer("".join(pieces)):
        end = origins[found.end() - 1] + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1  # the accent of the last letter
        yield origins[found.start()], end


def _is_chinese(run: str) -> bool:
    return _CHINESE.match(run) is not None


def _said(runs: Iterable[Run]) -> str:
    # The mark is where a Latin word begins: it is found as a whole, a Chinese run in any part of it.
    return f" {' '.join([chinese or _LATIN_STARTS + latin[:LONGEST_WORD] for chinese, latin in runs])} "


@cache
def _bare(sign: str) -> str:
    if "\u0300" <= sign <= "\u036f":
        return ""
    letter = unicodedata.normalize("NFD", sign)[0]
    return letter if letter.isascii() else _OF_NO_ACCENT.get(sign, sign)


def _without_accent(found: re.Match[str]) -> str:
    return _bare(found[0])


def _simplified_sign(found: re.Match[str]) -> str:
    return TRADITIONAL.get(found[0], found[0])


def _pattern(phrase: Phrase) -> str:
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
    return f"(?:{before_it}{written}{behind_it})"
