"""Which known terms a text mentions, and where: all names of all vocabularies in one pass. Pure.

Case, width and script are levelled, but for abbreviations, which are words of everyday in other letters (`Who said`)
wherever no Chinese stands around them. The longest name at a place counts; a Latin name stands between word borders, a
Chinese one anywhere.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import ahocorasick

from taxonomy.words import is_level_with, plain

_WORD = re.compile(r"[^\W_]")
_CHINESE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_BLANKS = re.compile(r"\s+")
_APOSTROPHES = str.maketrans("’‘ʼ", "'''")
_AROUND = 24
_MOST_PLACES = 3

# Case and width are levelled for finding; of these a term of two signs or fewer would be found in nearly every text.
_LEAST_LATIN, _LEAST_CHINESE = 2, 2
_LONGEST_ABBREVIATION = 5
_SHORT = 3
"""Capitals alone, and no more than these, are a word of everyday in small letters: IT, US, AI."""


@dataclass(frozen=True, slots=True)
class TermName:
    """A name that a term is known by: its vocabulary, the term's key and own name, and this name of it."""

    vocabulary: str
    pk: int
    term: str
    name: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A term that a text mentions: how often, under which name first, and passages (before, the name, after)."""

    vocabulary: str
    pk: int
    term: str
    name: str
    count: int
    passages: tuple[tuple[str, str, str], ...]


class Finder:
    """All names of the vocabularies, ready to be found; making it takes long, asking it does not."""

    def __init__(self, names: Iterable[TermName]) -> None:
        meant: dict[str, dict[tuple[str, int], TermName]] = defaultdict(dict)
        for name in names:
            form = _form(name.name)
            if _is_long_enough(form):
                meant[form].setdefault((name.vocabulary, name.pk), name)
        self._automaton = ahocorasick.Automaton()
        for form, terms in meant.items():
            self._automaton.add_word(form, (len(form), tuple(terms.values())))
        self._empty = not meant
        if meant:
            self._automaton.make_automaton()

    def mentions(self, text: str, seen: str | None = None) -> list[Mention]:
        """The terms that `text` mentions, the most often mentioned first. One name may mean several terms.

        `seen` is `text` with blanks, sign for sign, where no name counts: in code and addresses, say.
        """
        if self._empty or not text:
            return []
        levelled, origins = _levelled(text if seen is None else seen)
        places: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
        names: dict[tuple[str, int], TermName] = {}
        for start, end, terms in _longest(self._found(levelled)):
            span = origins[start], origins[end - 1] + 1
            for term in terms:
                if _is_abbreviation(term.name) and not _says_abbreviation(text, *span):
                    continue
                places[term.vocabulary, term.pk].append(span)
                names.setdefault((term.vocabulary, term.pk), term)
        found = [
            Mention(*key, names[key].term, names[key].name, len(spans), _passages(text, spans))
            for key, spans in places.items()
        ]
        return sorted(found, key=lambda each: (-each.count, each.term, each.vocabulary))

    def _found(self, levelled: str) -> Iterator[tuple[int, int, tuple[TermName, ...]]]:
        for last, (length, terms) in self._automaton.iter(levelled):
            start, end = last + 1 - length, last + 1
            if _borders(levelled, start, end):
                yield start, end, terms


def unmentioned(
    listed: Mapping[str, Sequence[str]], aliases: Mapping[tuple[str, str], Sequence[str]], text: str
) -> list[tuple[str, str]]:
    """Of the names `listed` for each vocabulary those that `text` never mentions, under no name in `aliases`."""
    places = {(vocabulary, name): at for at, (vocabulary, name) in enumerate(_pairs(listed))}
    names = [
        TermName(vocabulary, at, name, each)
        for (vocabulary, name), at in places.items()
        for each in {name, *aliases.get((vocabulary, name), ())}
    ]
    found = {mention.pk for mention in Finder(names).mentions(text)}
    # What is too short to be looked for is not said to be missing.
    sought = {name.pk for name in names if _is_long_enough(_form(name.name))}
    return [pair for pair, at in places.items() if at in sought and at not in found]


def _pairs(listed: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    for vocabulary, names in listed.items():
        for name in names:
            yield vocabulary, name


def _form(name: str) -> str:
    return _BLANKS.sub(" ", _plain(name)).strip()


def _plain(text: str) -> str:
    return plain(text).translate(_APOSTROPHES)


def _is_long_enough(form: str) -> bool:
    if _CHINESE.search(form):
        return len(form) >= _LEAST_CHINESE
    return len(form) >= _LEAST_LATIN and any(sign.isalpha() for sign in form)


def _levelled(text: str) -> tuple[str, Sequence[int]]:
    """`text` as it is searched, and for each sign of that where in `text` it comes from."""
    levelled = _plain(text).replace("\n", " ").replace("\t", " ")
    if is_level_with(text, levelled):
        return levelled, range(len(text))
    pieces, origins = [], []
    for at, sign in enumerate(text):
        piece = _plain(sign)
        pieces.append(" " if sign in "\n\t" else piece)
        origins.extend([at] * len(pieces[-1]))
    return "".join(pieces), origins


def _is_abbreviation(name: str) -> bool:
    return len(name) <= _LONGEST_ABBREVIATION and name.isascii() and name.isalpha() and name.isupper()


def _says_abbreviation(text: str, start: int, end: int) -> bool:
    """Whether what stands there in `text` is an abbreviation: in capitals, or among Chinese, where it is no word."""
    said = text[start:end]
    if said.isupper():
        return True
    if said.islower() and len(said) <= _SHORT:
        return False
    before, behind = text[max(0, start - 2) : start], text[end : end + 2]
    if _CHINESE.match(before[-1:]) or _CHINESE.match(behind[:1]):
        return True
    return bool(_CHINESE.match(before.rstrip()[-1:]) and _CHINESE.match(behind.lstrip()[:1]))


def _borders(text: str, start: int, end: int) -> bool:
    """Whether what stands there is no part of a longer Latin word or number."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if after == "." and text[end - 1].isdigit() and text[end + 1 : end + 2].isdigit():
        return False
    # `C` is not named by `C#`, but `AI` is by `#AI`.
    return not (_goes_on(before, text[start]) or _goes_on(after, text[end - 1], "#+"))


def _goes_on(beside: str, sign: str, more: str = "") -> bool:
    if not beside or _CHINESE.match(sign) or _CHINESE.match(beside):
        return False
    return bool(_WORD.match(sign) and (_WORD.match(beside) or beside in more))


def _longest(
    found: Iterable[tuple[int, int, tuple[TermName, ...]]],
) -> Iterator[tuple[int, int, tuple[TermName, ...]]]:
    """The longest of those that begin first; none that overlaps one before."""
    end_before = 0
    for start, end, terms in sorted(found, key=lambda each: (each[0], -each[1])):
        if start >= end_before:
            yield start, end, terms
            end_before = end


def _passages(text: str, spans: Sequence[tuple[int, int]]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (
            ("…" if start > _AROUND else "") + _line(text[max(0, start - _AROUND) : start]),
            text[start:end],
            _line(text[end : end + _AROUND]) + ("…" if end + _AROUND < len(text) else ""),
        )
        for start, end in spans[:_MOST_PLACES]
    )


def _line(text: str) -> str:
    return _BLANKS.sub(" ", text)
