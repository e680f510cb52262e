"""Measure everything and print one table: python -m bench [--posts N] [--quick]"""

import argparse
import os
import platform
import tempfile
import time
from pathlib import Path

from bench.beside_wagtail import PAGES, wagtail_site
from bench.corpus import corpus
from bench.figures import Filled, Imports, documents, in_order, merges, pages, pushes, searches, syncs, terms, texts
from bench.places import ROOT, places
from bench.table import Figure, printed, tell


def main() -> int:
    """Print the table; the exit status says whether every bound was kept."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--posts", type=int, default=10_000, metavar="N", help="also a tenth, a fifth, a half and five times as many"
    )
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
        figures = _figures(count, Path(made), cache, quick=options.quick)
    print(f"{count:,} posts, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(printed(figures))
    tell(f"took {time.monotonic() - started:.0f} s")
    return int(any(figure.verdict == "MISS" for figure in figures))


def _figures(count: int, folder: Path, cache: Path, *, quick: bool) -> list[Figure]:
    rounds = 1 if quick else 3
    # A site of another size says nothing of ours, and the quick run has no time to make one.
    site = wagtail_site(cache) if count // 5 == PAGES else None
    parts = [documents(corpus(count, cache)), merges(corpus(count, cache)), texts(corpus(count, cache))]
    with places(folder) as made:
        imports = Imports(made, folder, cache)
        large: dict[str, Filled] = {kind: imports.filled(kind, count * 5) for kind in made.kinds}
        small: dict[str, Filled] = {kind: imports.filled(kind, count // 10) for kind in made.kinds}
        shelf: dict[str, Filled] = {kind: imports.filled(kind, count // 5) for kind in made.kinds}
        middle: dict[str, Filled] = {kind: imports.filled(kind, count // 2) for kind in made.kinds}
        parts.append(imports.figures(count, rounds, large))
        for kind in made.kinds:
            parts.append(syncs(small[kind], large[kind], rounds, 2 if quick else 5))
        for kind in made.kinds:
            parts.append(pushes(middle[kind], large[kind], count // 10, min(rounds, 2), 1 if quick else 2))
        for kind in made.kinds:
            parts.append(pages(shelf[kind], large[kind], rounds, 3 if quick else 7, site if kind == "SQLite" else None))
        for kind in made.kinds:
            parts.append(searches(large[kind], 20 if quick else 300))
        for kind in made.kinds:
            parts.append(terms(large[kind], count // 2))
    return in_order(parts)


if __name__ == "__main__":
    raise SystemExit(main())
