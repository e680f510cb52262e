"""Syncs of many changed files in a filled database: python -m bench.with_django pushes REMOTE COUNT REPETITIONS

Measured as `bench.syncs` does it.
"""

import json
import sys
from pathlib import Path

from bench.syncs import Bench
from posts.models import Collection


def main() -> None:
    """Print what each repetition took."""
    bench, count, repetitions = Bench(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
    # It is not the brake that is measured.
    Collection.objects.update(brake_files=count)
    told = []
    for number in range(-1, repetitions):  # the first one warms up
        bench.prepare_many(count)
        taken = bench.measured("changed")
        if number >= 0:
            told.append(taken)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
