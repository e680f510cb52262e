"""Compile every translation (.po) that changed since its .mo was made; with --check, also refuse faulty ones.

Django's compilemessages needs the gettext programs, which a bare machine does not have; Babel does the same.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ("cms/locale", "cms/unfold_locale")


def sources() -> Iterator[Path]:
    """Every .po file of ours."""
    for locale in LOCALES:
        yield from sorted((ROOT / locale).glob("*/LC_MESSAGES/*.po"))


def faults(catalog: Catalog) -> Iterator[str]:
    """What is wrong in `catalog`: a missing, fuzzy or ill-formed translation, a sentence each."""
    for message, errors in catalog.check():
        for error in errors:
            yield f"line {message.lineno}: {error}: {message.id!r}"
    for message in catalog:
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not all(texts):
            yield f"line {message.lineno}: not translated: {message.id!r}"
        elif message.id and message.fuzzy:
            yield f"line {message.lineno}: fuzzy, look at it and take the mark away: {message.id!r}"


def compile_one(source: Path, *, check: bool) -> list[str]:
    """Write the .mo beside `source` if it is older; give the faults found (none are looked for without `check`)."""
    target = source.with_suffix(".mo")
    if not check and target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return []
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
    with target.open("wb") as file:
        write_mo(file, catalog)
    return list(faults(catalog)) if check else []


def main() -> int:
    """Run from the command line; 1 if a fault was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    found = [
        f"{source.relative_to(ROOT)}: {fault}" for source in sources() for fault in compile_one(source, check=check)
    ]
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
