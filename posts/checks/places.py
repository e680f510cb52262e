"""Where a finding stands, so that one of several with the same passage is known again: by the signs beside it.

What somebody dismissed is one place: the same words elsewhere in the text are looked at by themselves.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b

from posts.checks.findings import Finding

_DIGITS = 8
_LONGEST_LINE = 10_000
_BESIDE = 12
"""Signs before and behind a passage that it is known again by."""


def placed(text: str, found: Sequence[Finding]) -> list[Finding]:
    """`found` in the file `text`, each with the place of its line. What has no line has no place."""
    flat = text.replace("\r\n", "\n").replace("\r", "\n")
    starts = [0]
    for line in flat.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    from_here: Counter[tuple[str, str, int]] = Counter()
    told: Counter[tuple[str, str, str]] = Counter()
    result = []
    for each in found:
        if each.line is None or not each.passage or each.line >= len(starts):
            result.append(each)
            continue
        here = (each.code, each.mark, each.line)
        begins = starts[each.line - 1]
        near = begins + _LONGEST_LINE + len(each.passage)
        start = max(flat.find(each.passage, max(from_here[here], begins), near), begins)
        end = start + len(each.passage)
        from_here[here] = end
        place = _digest(flat[max(0, start - _BESIDE) : start]) + _digest(flat[end : end + _BESIDE])
        told[each.code, each.mark, place] += 1
        number = told[each.code, each.mark, place]
        result.append(replace(each, place=place if number == 1 else f"{place}.{number}"))
    return result


def likenesses(place: str) -> tuple[str, str, str]:
    """By what a place is known again, surest first: all of it, what is before the passage, what is behind it."""
    return place, place[:_DIGITS], place[_DIGITS : 2 * _DIGITS]


def _digest(beside: str) -> str:
    return blake2b(beside.encode(errors="surrogatepass"), digest_size=_DIGITS // 2).hexdigest()


def token(mark: str, place: str) -> str:
    """What stands in the choice of a bulk step for a place that is left alone: `place` "" for wherever `mark` is."""
    return f"{place}@{mark}"


def without(found: Iterable[Finding], left: Collection[str]) -> list[Finding]:
    """Those of `found`, of one text, that no token of `left` is about.

    A place that this text does not have, since it is another text than the one that was looked at, may be any that has
    the passage: then all of them are left alone, and nothing is guessed.
    """
    places: dict[str, set[str]] = defaultdict(set)
    for each in left:
        place, there_is_one, mark = each.partition("@")
        place, mark = (place, mark) if there_is_one else ("", each)
        places[mark].add(place)
    listed = list(found)
    there = {mark: {each.place for each in listed if each.mark == mark} for mark in places}
    anywhere = {mark for mark, wanted in places.items() if "" in wanted or not wanted <= there[mark]}
    return [each for each in listed if each.mark not in anywhere and each.place not in places.get(each.mark, ())]
