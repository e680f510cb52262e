"""Measure everything and print one table: python -m bench [--posts N] [--only PART...] [--quick]"""

import argparse
import os
import platform
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import cache as once
from functools import partial
from pathlib import Path

from bench.beside_wagtail import PAGES, wagtail_site
from bench.corpus import corpus
from bench.figures import Imports, documents, keystrokes, merges, pages, pushes, searches, syncs, terms, texts
from bench.places import ROOT, places
from bench.table import Figure, printed, tell

OF_DATABASES = ("imports", "syncs", "pushes", "pages", "searches", "terms")
WITHOUT_DATABASE = ("documents", "merges", "texts")
PARTS = (*WITHOUT_DATABASE, *OF_DATABASES, "keystrokes")


def main() -> int:
    """Print the table; the exit status says whether every bound was kept."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--posts", type=int, default=10_000, metavar="N", help="also a tenth, a fifth, a half and five times as many"
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure some parts alone")
    parser.add_argument("--quick", action="store_true", help="a few posts: does it work? The figures say little")
    options = parser.parse_args()
    count = 400 if options.quick else max(1500, options.posts)
    started = time.monotonic()
    cache = Path(os.environ.get("VAR_DIR") or ROOT / "var") / "bench"
    for size in (count, count // 10, count // 5, count // 2, count * 5):
        tell(f"a corpus of {size:,} posts")
        corpus(size, cache)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=cache) as made:
        figures: list[Figure] = []
        failed = []
        for name, part in _parts(count, Path(made), cache, options.only, quick=options.quick):
            try:
                figures += (measured := part())
            except Exception:  # one part that fails must not take the figures of all others with it
                traceback.print_exc()
                failed.append(name)
            else:
                tell(f"so far, of {name}:\n{printed(measured)}")
    print(f"{count:,} posts, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(printed(figures))
    tell(f"took {time.monotonic() - started:.0f} s{''.join(f'; {name} FAILED' for name in failed)}")
    return int(bool(failed) or any(figure.verdict == "MISS" for figure in figures))


def _parts(
    count: int, folder: Path, cache: Path, only: Sequence[str], *, quick: bool
) -> Iterator[tuple[str, Callable[[], list[Figure]]]]:
    """The parts that were asked for, one after the other; the databases are filled when the first part needs them."""
    rounds = 1 if quick else 3
    posts = corpus(count, cache)
    for name, measure in (("documents", documents), ("merges", merges), ("texts", texts)):
        if name in only:
            yield name, partial(measure, posts)
    if set(only) <= set(WITHOUT_DATABASE):
        return
    with places(folder) as made:
        imports = Imports(made, folder, cache)
        filled = once(imports.filled)

        def of_kind(name: str, kind: str) -> list[Figure]:
            large = filled(kind, count * 5)
            match name:
                case "syncs":
                    return syncs(filled(kind, count // 10), large, rounds, 2 if quick else 5)
                case "pushes":
                    return pushes(filled(kind, count // 2), large, count // 10, min(rounds, 2), 1 if quick else 2)
                case "pages":
                    # A site of another size says nothing of ours, and the quick run has no time to make one.
                    beside = kind == "SQLite" and count // 5 == PAGES
                    site = wagtail_site(cache) if beside else None
                    return pages(filled(kind, count // 5), large, rounds, 3 if quick else 7, site)
                case "searches":
                    return searches(large, 20 if quick else 300)
            return terms(large, count // 2)

        if "imports" in only:
            large = {kind: filled(kind, count * 5) for kind in made.kinds}
            yield "imports", partial(imports.figures, count, rounds, large)
        for name in OF_DATABASES[1:]:
            for kind in made.kinds if name in only else ():
                yield f"{name}, {kind}", partial(of_kind, name, kind)
        if "keystrokes" in only:
            yield "keystrokes", lambda: keystrokes(filled("SQLite", count // 10), 5 if quick else 30)


if __name__ == "__main__":
    raise SystemExit(main())
