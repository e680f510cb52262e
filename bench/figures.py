"""What is measured, in which order, and the lines of the table that come of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.beside_wagtail import wagtail_pages
from bench.corpus import corpus, remote_on
from bench.places import Place, Places, child
from bench.table import Figure, milliseconds, tell

MEGABYTE = 1024 * 1024
_CASES = {"nothing": "sync, nothing new", "changed": "sync, one changed file", "edited": "sync, one post to push"}
_PAGES = {
    "home": "the home page",
    "list": "the list's first page",
    "form": "the edit form",
    "review": "the review page",
    "compare": "two texts compared",
    "preview": "the preview of 180 KB",
}
_CLOCKS = {"": "wall", ", processors' time": "cpu"}
"""By the clock on the wall, as a person waits; and what the processors did, which a busy machine hardly changes."""
_SIZES = {"all": "posts of all sizes", "article": "long articles"}
_LIKE = 1.5
_LIKE_WITH_MANY = 1.3
_AS_MUCH_MEMORY = 1.1
_AS_MANY = 1.01
"""Of queries. Of a thousand one more is another batch, and no sign that the cost grows."""
_LIKE_BY_HAND = 20
_MOST_FROM_KEY = {"15 KB": 0.15, "180 KB": 0.5, "180 KB with footnotes": 0.5}
_INDEX_TAKES = {"SQLite": 1, "PostgreSQL": 5}


Taken = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Filled:
    """A database after a first import, with the remote that it came from."""

    place: Place
    remote: Path
    told: Mapping[str, Any]


def documents(posts: Path) -> list[Figure]:
    """The document core."""
    tell("documents")
    told = child("documents", posts)
    lines = (
        ("parse / compose", "parse", "compose", 2),
        ("parse + edit + gate / compose", "edit", "compose", 5),
        ("parse + edit + gate / python-frontmatter", "edit", "frontmatter", 2),
    )
    return [_in_turns(name, told[ours], told[yardstick], bound) for name, ours, yardstick, bound in lines]


def _in_turns(name: str, ours: Sequence[float], yardstick: Sequence[float], bound: float) -> Figure:
    ratio = median(one / other for one, other in zip(ours, yardstick, strict=True))
    return Figure(name, milliseconds(median(ours)), milliseconds(median(yardstick)), ratio, bound)


def merges(posts: Path) -> list[Figure]:
    """The merge beside git's own, from bytes to bytes, by the processors' time."""
    tell("merges")
    figures = []
    for kind, told in child("merges", posts).items():
        one = _in_turns("", told["ours"], told["git"], 1)
        name = f"merge, {_SIZES[kind]} ({told['bytes'][0] / 1024:.0f} KB) / git merge-file"
        words = f"{one.ours}, {1 / median(told['ours']):,.0f} a second"
        figures.append(Figure(name, words, one.yardstick, one.ratio, one.bound))
    return figures


class Imports:
    """First imports, and the databases that they leave."""

    def __init__(self, places: Places, folder: Path, cache: Path) -> None:
        self._places, self._folder, self._cache = places, folder, cache
        self._remotes = 0

    def filled(self, kind: str, count: int) -> Filled:
        """A new database with the first import of `count` posts."""
        self._remotes += 1
        remote = remote_on(corpus(count, self._cache), self._folder / f"remote-{self._remotes}.git")
        place = self._places.new(kind)
        tell(f"first import of {count:,} posts into {kind}")
        return Filled(place, remote, place.run("first_import", remote))

    def figures(self, count: int, rounds: int, large: Mapping[str, Filled]) -> list[Figure]:
        """Time, memory and size, the yardstick taken before and after each import."""
        posts = corpus(count, self._cache)
        yardsticks = [child("yardstick", posts)]
        runs: dict[str, list[Mapping[str, Any]]] = {kind: [] for kind in self._places.kinds}
        for _ in range(rounds):
            for kind, told in runs.items():
                one = self.filled(kind, count)
                told.append(one.told)
                self._places.forget(one.place)
                yardsticks.append(child("yardstick", posts))
        files = yardsticks[0]
        figures = []
        for kind, told in runs.items():
            name = f"first import, {kind} / read + compose"
            for clock, key in _CLOCKS.items():
                best, bare = (min(one[key] for one in part) for part in (told, yardsticks))
                words = f"{best:.1f} s, {best / files['files'] * 1000:.2f} ms a post"
                figures.append(Figure(f"{name}{clock}", words, f"{bare:.2f} s", best / bare, 10))
        for kind, told in runs.items():
            small, big = max(one["peak"] for one in told), large[kind].told["peak"]
            name, words = f"peak memory, {kind}", f"{big / MEGABYTE:.0f} MB"
            figures.append(Figure(f"{name} / 250 MB", words, "250 MB", big / MEGABYTE / 250, 1))
            at = f"{name}, {large[kind].told['posts']:,} / {count:,} posts"
            figures.append(Figure(at, words, f"{small / MEGABYTE:.0f} MB", big / small, _AS_MUCH_MEMORY))
        for kind, told in runs.items():
            size, of_files = told[0]["bytes"], files["bytes"]
            words, shown = f"{size / MEGABYTE:.0f} MB", f"{of_files / MEGABYTE:.0f} MB"
            figures.append(Figure(f"database size, {kind} / the files", words, shown, size / of_files, 2))
        return figures


def syncs(small: Filled, large: Filled, rounds: int, repetitions: int) -> list[Figure]:
    """Our part of small syncs, in turns in a small and in a large database."""
    told: dict[int, dict[str, list[dict[str, float]]]] = {id(small): {}, id(large): {}}
    for _ in range(rounds):
        for one in (small, large):
            tell(f"syncs with {one.told['posts']:,} posts in {one.place.kind}")
            for case, taken in one.place.run("syncs", one.remote, repetitions).items():
                told[id(one)].setdefault(case, []).extend(taken)
    figures = []
    for case, name in _CASES.items():
        large_runs, small_runs = (told[id(one)][case] for one in (large, small))
        git = milliseconds(median(each["git"] for each in large_runs))
        name = f"{name}, {_sizes(small, large)}"
        figures += _compared(name, large_runs, small_runs, f" (git {git})")
    return figures


def pushes(small: Filled, large: Filled, count: int, rounds: int, repetitions: int) -> list[Figure]:
    """Our part of syncs of `count` changed files, in turns in a smaller and in a large database."""
    told: dict[int, list[dict[str, float]]] = {id(small): [], id(large): []}
    for _ in range(rounds):
        for one in (small, large):
            tell(f"syncs of {count:,} changed files with {one.told['posts']:,} posts in {one.place.kind}")
            told[id(one)] += one.place.run("pushes", one.remote, count, repetitions)
    git = milliseconds(median(each["git"] for each in told[id(large)]))
    name = f"sync, {count:,} changed files, {_sizes(small, large)}"
    return _compared(name, told[id(large)], told[id(small)], f" (git {git})", _LIKE_WITH_MANY)


def pages(small: Filled, large: Filled, rounds: int, repetitions: int, site: Path | None = None) -> list[Figure]:
    """Pages of the admin, in turns in a small and in a large database, and between them those of a Wagtail site."""
    told: dict[int, dict[str, Any]] = {id(small): {}, id(large): {}}
    of_wagtail: dict[str, list[Taken]] = {}
    for _ in range(rounds):
        for one in (small, large):
            tell(f"pages with {one.told['posts']:,} posts in {one.place.kind}")
            for page, taken in one.place.run("pages", repetitions).items():
                told[id(one)].setdefault(page, []).append(taken)
        if site is not None:
            for page, seconds in wagtail_pages(site, repetitions).items():
                of_wagtail.setdefault(page, []).extend(seconds)
    figures = []
    for page, name in _PAGES.items():
        parts = [told[id(one)][page] for one in (large, small)]
        failures = [taken for runs in parts for taken in runs if isinstance(taken, str)]
        if failures:
            figures.append(Figure(f"{name}, {_sizes(small, large)}", failures[0], bound=_LIKE))
            continue
        of_large, of_small = ([each for taken in runs for each in taken] for runs in parts)
        figures += _compared(f"{name}, {_sizes(small, large)}", of_large, of_small)
        if page in of_wagtail:
            beside = f"{name}, {small.place.kind}, {small.told['posts']:,} posts / Wagtail, as many pages"
            figures += _on_both_clocks(beside, of_small, of_wagtail[page], bound=1)
    return figures


def searches(large: Filled, queries: int) -> list[Figure]:
    """Searches in a large database, and building its index anew beside the first import, which builds it as well."""
    tell(f"searches with {large.told['posts']:,} posts in {large.place.kind}")
    told = large.place.run("searches", queries)
    taken, at = told["queries"], f"{large.place.kind}, {large.told['posts']:,} posts"
    scan = milliseconds(median(told["scans"]))
    figures = []
    for name, place, most in (("the middle", 0.5, 0.05), ("the 99th of 100", 0.99, 0.2)):
        one = taken[min(len(taken) - 1, int(len(taken) * place))]
        words = f"{milliseconds(one)} (reading the texts: {scan})"
        figures.append(Figure(f"search, {name} of {queries}, {at}", words, milliseconds(most), one / most, 1))
    built, imported = told["built"], large.told["wall"]
    bound = _INDEX_TAKES[large.place.kind]
    name = f"building the search index, {at} / the first import"
    return [*figures, Figure(name, f"{built:.1f} s", f"{imported:.1f} s", built / imported, bound)]


def texts(posts: Path) -> list[Figure]:
    """The checks and the suggestions of terms beside rendering the same texts, by the processors' time."""
    tell("checks and suggestions")
    told = child("texts", posts)
    figures = []
    for name, key, bound in (("checks of a text", "check", 3), ("terms suggested from a text", "suggest", 1)):
        one = _in_turns(f"{name} / rendering it", told[key], told["render"], bound)
        words = f"{one.ours}, {1 / median(told[key]):,.0f} a second"
        figures.append(Figure(one.name, words, one.yardstick, one.ratio, one.bound))
    return figures


def keystrokes(small: Filled, repetitions: int) -> list[Figure]:
    """From a key stroke to the fresh preview in a browser, beside the time that may be taken."""
    tell("key strokes in the editor")
    told = small.place.run("keystrokes", repetitions)
    return [
        Figure(
            f"from a key to the preview, {size}",
            f"{milliseconds(median(taken))}, at most {milliseconds(max(taken))}",
            milliseconds(_MOST_FROM_KEY[size]),
            median(taken) / _MOST_FROM_KEY[size],
            1,
        )
        for size, taken in told.items()
    ]


def terms(large: Filled, count: int) -> list[Figure]:
    """A merge of a term of about `count` posts in a large database, beside `sed` and one commit."""
    tell(f"a merge of a term with {large.told['posts']:,} posts in {large.place.kind}")
    told = large.place.run("terms", large.remote, count)
    name = f"merge of a term of {told['posts']:,} posts, {large.place.kind} / sed + commit"
    figures = []
    for clock, key in _CLOCKS.items():
        ours, by_hand = told["ours"][key], told["by_hand"][key]
        words = f"{milliseconds(ours)}, {milliseconds(ours / told['posts'])} a post"
        figures.append(Figure(f"{name}{clock}", words, milliseconds(by_hand), ours / by_hand, _LIKE_BY_HAND))
    return figures


def _compared(
    name: str, large: Sequence[Taken], small: Sequence[Taken], more: str = "", bound: float = _LIKE
) -> list[Figure]:
    """What the same work takes in a large and in a small database: both clocks, and the queries."""
    figures = _on_both_clocks(name, large, small, more, bound)
    counts = [sorted({int(each["queries"]) for each in runs}) for runs in (large, small)]
    shown = [" or ".join(map(str, each)) for each in counts]
    return [*figures, Figure(f"{name}, queries", shown[0], shown[1], counts[0][-1] / counts[1][-1], _AS_MANY)]


def _on_both_clocks(
    name: str, ours: Sequence[Taken], yardstick: Sequence[Taken], more: str = "", bound: float = _LIKE
) -> list[Figure]:
    figures = []
    for clock, key in _CLOCKS.items():
        one, other = (median(each[key] for each in runs) for runs in (ours, yardstick))
        figures.append(Figure(f"{name}{clock}", milliseconds(one) + more, milliseconds(other), one / other, bound))
    return figures


def _sizes(small: Filled, large: Filled) -> str:
    return f"{large.place.kind}, {large.told['posts']:,} / {small.told['posts']:,} posts"
