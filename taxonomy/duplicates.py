"""Names that may mean the same: proposed with the reason, surest first, for somebody to decide. Pure.

Every name is compared with few others only: those with the same levelled form, and those near it in spelling.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein

from taxonomy.words import plain

_LEAST_FOR_NEAR = 5
"""Shorter Latin words that differ by one sign are other words (`Meta` and `Beta`)."""

_LEAST_CHINESE = 3
_KIND = re.compile("(?:大学|学院|银行|银联|公司|集团|证券|基金|保险|科技|日报|时报|晚报)$")
"""What a Chinese name ends with that many have: what is before it is the name (`北京大学` and `南京大学`)."""

_NEAR = 83.0
_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_FIRM = re.compile("inc|incorporated|ltd|limited|corp|corporation|co|company|llc|plc|gmbh|group")
"""What a Latin name of a firm ends with, and is often left out."""

_CHINESE_FIRM = re.compile("(?:股份有限公司|有限责任公司|有限公司|集团公司|公司|集团)$")
_KIND_OF_FIRM = re.compile("(?:上市|跨国|外资|初创|创业|互联网|游戏|房地产|[^\u0000-\u00ff]国|母|子|分|新|老|大|小)$")
"""What is before it says which kind of firm, and names none."""

_NUMERALS = "零〇一二两三四五六七八九十百千甲乙丙丁戊己庚辛上中下前后左右东西南北"
_DESIGNATOR = re.compile(rf"[a-z]|[ivx]+|\w*\d\w*|[{_NUMERALS}]")
"""A word that tells one of a row from the others: `Class A` and `Class B`, `第一季` and `第二季` are two things."""

_NO_WORD = re.compile(r"[^\w#+&]+|_")
"""`C`, `C#` and `C++`, `ATT` and `AT&T` differ by nothing else than a sign."""

_SHORT_PLURAL = re.compile(r"[A-Z]{2}s$")
_DIGITS = re.compile(r"\d+(?:\.\d+)*")
_AMONG_DIGITS = re.compile(r"(?<=\d)[.,](?=\d)")


class Why(StrEnum):
    """Why two names may be the same, surest first."""

    SCRIPT = "script"
    PUNCTUATION = "punctuation"
    PLURAL = "plural"
    FIRM = "firm"
    ORDER = "order"
    SPELLING = "spelling"


_SUREST = {why: place for place, why in enumerate(Why)}


@dataclass(frozen=True, slots=True)
class Named:
    """A term with its names, the first of which is its own, and how many posts have it."""

    pk: int
    names: tuple[str, ...]
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two terms that may be one: `one` is the more used, which the other would be merged into."""

    one: Named
    other: Named
    why: Why
    names: tuple[str, str]


def duplicates(terms: Iterable[Named], apart: Collection[frozenset[int]] = ()) -> list[Duplicate]:
    """Pairs of `terms` that may be the same, surest first and then the most used; none of those kept `apart`."""
    listed = list(terms)
    found: dict[frozenset[int], Duplicate] = {}
    for why, one, other in (*_by_form(listed, apart), *_plurals(listed, apart), *_near(listed)):
        pair = frozenset((one[1].pk, other[1].pk))
        if len(pair) < 2 or pair in apart:
            continue
        had = found.get(pair)
        if had is None or _SUREST[why] < _SUREST[had.why]:
            found[pair] = _pair(why, one, other)
    return sorted(found.values(), key=lambda each: (_SUREST[each.why], -each.other.uses, -each.one.uses, each.names))


_Name = tuple[str, Named]


def _pair(why: Why, one: _Name, other: _Name) -> Duplicate:
    first, second = sorted((one, other), key=lambda name: (-name[1].uses, name[1].pk))
    return Duplicate(first[1], second[1], why, (first[0], second[0]))


def _by_form(terms: Sequence[Named], apart: Collection[frozenset[int]]) -> Iterator[tuple[Why, _Name, _Name]]:
    for why, form in _FORMS.items():
        same: dict[str, list[_Name]] = defaultdict(list)
        for term in terms:
            for name in term.names:
                key = form(name)
                if key:
                    same[key].append((name, term))
        for names in same.values():
            names.sort(key=_most_used_first)
            for place, other in enumerate(names):
                for one in _first_free(names[:place], other, apart):
                    yield why, one, other


def _plurals(terms: Sequence[Named], apart: Collection[frozenset[int]]) -> Iterator[tuple[Why, _Name, _Name]]:
    """Names that are the plural of others, and those of which only the words before the last are."""
    named: dict[str, list[_Name]] = defaultdict(list)
    for term in terms:
        for name in term.names:
            if not _CHINESE.search(name):
                named[_but_the_last_singular(_words(name))].append((name, term))
    for names in named.values():
        names.sort(key=_most_used_first)
    for names in named.values():
        for place, other in enumerate(names):
            for one in _first_free(names[:place], other, apart):
                yield Why.PLURAL, one, other
            for singular in _singulars_of(other[0]):
                for one in _first_free(named.get(singular, ()), other, apart):
                    yield Why.PLURAL, one, other


def _most_used_first(name: _Name) -> tuple[int, int]:
    return -name[1].uses, name[1].pk


def _first_free(names: Iterable[_Name], other: _Name, apart: Collection[frozenset[int]]) -> Iterator[_Name]:
    """The first of `names` that `other` may be the same as, if any.

    Each name goes with one: of ten spellings that makes nine pairs and not forty-five.
    """
    free = (name for name in names if name[1].pk != other[1].pk and frozenset((name[1].pk, other[1].pk)) not in apart)
    yield from islice(free, 1)


def _words(name: str) -> list[str]:
    words = _NO_WORD.sub(" ", _AMONG_DIGITS.sub("p", plain(name))).split()
    return words[1:] if len(words) > 1 and words[0] == "the" else words


def _without_punctuation(name: str) -> str:
    return "".join(_words(name))


def _but_the_last_singular(words: Sequence[str]) -> str:
    return "".join([*map(_one_of_many, words[:-1]), *words[-1:]])


def _singulars_of(name: str) -> list[str]:
    """What `_but_the_last_singular` gives for the names of which `name` may be the plural."""
    words = _words(name)
    if not words:
        return []
    last = words[-1]
    # `AIs` is a plural, `ais` is none.
    found = [last[:-1]] if len(last) == 3 and _SHORT_PLURAL.search(name) else _singulars_of_word(last)
    return [_but_the_last_singular([*words[:-1], each]) for each in found]


def _singulars_of_word(word: str) -> list[str]:
    """The words of which `word` may be the plural: `buses` is one of `bus`, or of `buse`."""
    found = []
    if len(word) > 4 and word.endswith("ies"):
        found.append(word[:-3] + "y")
    if len(word) > 4 and word.endswith(("ches", "shes", "xes", "ses", "zes", "oes")):
        found.append(word[:-2])
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        found.append(word[:-1])
    return found


def _one_of_many(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_firm(name: str) -> str:
    words = _words(name)
    while len(words) > 1 and _FIRM.fullmatch(words[-1]):
        words.pop()
    left = "".join(words)
    bare = _CHINESE_FIRM.sub("", left)
    while bare != left and _CHINESE_FIRM.search(bare):
        bare = _CHINESE_FIRM.sub("", bare)
    is_a_name = len(bare) > 1 and _KIND.sub("", bare) and _KIND_OF_FIRM.sub("", bare)
    return bare if is_a_name else left


def _in_any_order(name: str) -> str:
    words = sorted(_words(name))
    return " ".join(words) if len(words) > 1 else ""


_FORMS = {
    Why.SCRIPT: plain,
    Why.PUNCTUATION: _without_punctuation,
    Why.FIRM: _without_firm,
    Why.ORDER: _in_any_order,
}


def _near(terms: Sequence[Named]) -> Iterator[tuple[Why, _Name, _Name]]:
    """Names that are near in spelling; only those that share a piece are compared at all."""
    names = [(name, term, _without_punctuation(name)) for term in terms for name in term.names]
    by_piece: dict[str, list[int]] = defaultdict(list)
    for at, (_name, _term, form) in enumerate(names):
        for piece in _pieces(form):
            by_piece[piece].append(at)
    seen: set[tuple[int, int]] = set()
    for places in by_piece.values():
        for position, first in enumerate(places):
            for second in places[position + 1 :]:
                if (first, second) in seen:
                    continue
                seen.add((first, second))
                one, other = names[first], names[second]
                if one[1].pk != other[1].pk and _is_near(one[2], other[2]) and not _are_of_a_row(one[0], other[0]):
                    yield Why.SPELLING, one[:2], other[:2]


def _pieces(form: str) -> set[str]:
    """With one sign deleted, two forms that differ by one sign have a piece in common."""
    if len(form) > 60:
        return set()
    if _CHINESE.search(form):
        return {form[:at] + "*" + form[at + 1 :] for at in range(len(form))} if len(form) > 2 else set()
    return {form[:at] + form[at + 1 :] for at in range(len(form))} | {form} if len(form) >= _LEAST_FOR_NEAR else set()


def _are_of_a_row(one: str, other: str) -> bool:
    """Whether the names differ in nothing but what tells one of a row from the others."""
    words, others = _words(one), _words(other)
    if abs(len(words) - len(others)) == 1:
        longer, shorter = sorted((words, others), key=len, reverse=True)
        return longer[:-1] == shorter and _DESIGNATOR.fullmatch(longer[-1]) is not None
    if len(words) != len(others):
        return False
    unlike = [pair for pair in zip(words, others, strict=True) if pair[0] != pair[1]]
    if len(unlike) != 1:
        return False
    if all(_DESIGNATOR.fullmatch(word) for word in unlike[0]):
        return True
    # In a Chinese name it is one sign among others, which no blank sets apart.
    signs = [pair for pair in zip(*unlike[0], strict=False) if pair[0] != pair[1]]
    in_chinese = any(map(_CHINESE.search, unlike[0])) and len(unlike[0][0]) == len(unlike[0][1])
    return in_chinese and len(signs) == 1 and all(_DESIGNATOR.fullmatch(sign) for sign in signs[0])


def _is_near(one: str, other: str) -> bool:
    if one == other or _DIGITS.findall(one) != _DIGITS.findall(other):
        # `GPT-4` and `GPT-5` are near in spelling and two things.
        return False
    if _CHINESE.search(one) or _CHINESE.search(other):
        if min(len(_KIND.sub("", each)) for each in (one, other)) < _LEAST_CHINESE:
            return False
        return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1
    if one[0] != other[0]:
        return False
    if sorted(one) == sorted(other):
        return DamerauLevenshtein.distance(one, other) == 1
    return DamerauLevenshtein.distance(one, other) == 1 and fuzz.ratio(one, other) >= _NEAR
