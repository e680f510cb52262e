"""Compile every template of ours, so that a slip in one is found before somebody opens its page."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.template import TemplateSyntaxError
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("templates", "posts/templates", "taxonomy/templates")


def names() -> Iterator[str]:
    """Every template's name, as a view would ask for it."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file():
                yield str(path.relative_to(ROOT / folder))


def main() -> int:
    """Run from the command line; 1 if a template does not compile."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")
    django.setup()
    broken = 0
    for name in names():
        try:
            get_template(name)
        except TemplateSyntaxError as error:
            broken += 1
            print(f"{name}: {error}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
