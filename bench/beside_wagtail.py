"""Runs `bench/wagtail/measure.py` with a Python of its own, which has Wagtail."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.places import ROOT
from bench.table import tell

PAGES = 2000
"""In the Wagtail site: it makes some eleven a second, so that more would take too long."""

_FOLDER = ROOT / "bench" / "wagtail"
_SAMPLE = ROOT / "tests" / "samples" / "2026-02-13-market-selloff.md"


def wagtail_site(cache: Path, pages: int = PAGES) -> Path:
    """The folder with the environment and the site of so many pages; made, with minutes, where it is not there yet."""
    files = sorted(path for path in _FOLDER.rglob("*") if path.suffix in (".py", ".txt"))
    state = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:8]
    made = cache / f"wagtail-{pages}-{state}"
    if not made.exists():
        tell(f"a Wagtail site of {pages:,} pages")
        growing = made.with_suffix(".growing")
        shutil.rmtree(growing, ignore_errors=True)
        python = growing / "venv" / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", growing / "venv"], check=True)
        install = [ROOT / ".venv/bin/uv", "pip", "install", "--quiet", "--python", python]
        subprocess.run([*install, "-r", _FOLDER / "requirements.txt"], check=True)
        _measured(growing, python, pages, 1)
        growing.rename(made)
    return made


def wagtail_pages(site: Path, repetitions: int, pages: int = PAGES) -> dict[str, list[dict[str, Any]]]:
    """For each page of the site's admin the seconds of each repetition: on the wall, and of the processor."""
    # An environment must be called by the place where it is, which is another one than where it was made.
    return _measured(site, site / "venv" / "bin" / "python", pages, repetitions)


def _measured(site: Path, python: Path, pages: int, repetitions: int) -> dict[str, list[dict[str, Any]]]:
    environment = {"WAGTAIL_FOLDER": str(site), "BODY_FILE": str(_SAMPLE), "PATH": os.environ["PATH"]}
    command = [python, _FOLDER / "measure.py", str(pages), str(repetitions)]
    told = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, list[dict[str, Any]]] = json.loads(told.stdout.splitlines()[-1])
    return measured
