"""What the commands have in common: progress, a report in words or JSON, and the exit status."""

import json
import sys
from collections import Counter
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from posts.models import Collection, Outcome, Sync
from posts.wording import worded

EXIT_OK, EXIT_PROBLEMS, EXIT_USAGE = 0, 1, 2
_BAD = (Outcome.Result.PROBLEM, Outcome.Result.HELD)


class DoorCommand(BaseCommand):
    """A command with `--json`: exit status 0 when all went well, 1 with problems, 2 for wrong use (DESIGN §5)."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Add `--json` to every command."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--json", action="store_true", help="Print one JSON object and nothing else.")
        return parser

    def collection(self, name: str) -> Collection:
        """The collection called `name`; wrong use if there is none."""
        try:
            return Collection.objects.get(name=name)
        except Collection.DoesNotExist:
            known = ", ".join(Collection.objects.values_list("name", flat=True)) or "none yet; see the command connect"
            raise CommandError(f"There is no collection “{name}”. Known: {known}.", returncode=EXIT_USAGE) from None

    def person(self, name: str) -> User:
        """The active user called `name`; wrong use if there is none."""
        person = User.objects.filter(username=name, is_active=True).first()
        if person is None:
            raise CommandError(f"There is no active user “{name}”.", returncode=EXIT_USAGE)
        return person

    def progress(self, options: dict[str, Any]) -> "Progress":
        """How to show that a run moves: one line that counts on a terminal, nothing for scripts."""
        return Progress(self.stderr, shown=not options["json"] and sys.stderr.isatty())


class Progress:
    """Called with a run whenever it moved."""

    def __init__(self, stream: Any, *, shown: bool) -> None:
        self.stream, self.shown = stream, shown

    def __call__(self, run: Sync) -> None:
        if self.shown:
            of = f"/{run.total}" if run.total else ""
            self.stream.write(f"\r{run.get_step_display()} {run.done}{of}   ", ending="")
            self.stream.flush()

    def over(self) -> None:
        """End the line."""
        if self.shown:
            self.stream.write("")


def report(command: DoorCommand, outcomes: list[Outcome], options: dict[str, Any], **facts: object) -> int:
    """Print what happened to the files, problems one a line, and give the exit status."""
    counts = Counter(outcome.result for outcome in outcomes)
    bad = [outcome for outcome in outcomes if outcome.result in _BAD]
    if options["json"]:
        files = [
            {"path": each.path, "result": each.result, "code": each.code, "facts": each.facts}
            for each in outcomes
            if each.result != Outcome.Result.SAME
        ]
        command.stdout.write(json.dumps({**facts, "counts": counts, "files": files}, ensure_ascii=False))
    else:
        for outcome in bad:
            command.stdout.write(problem_line(outcome))
        told = ", ".join(f"{Outcome.Result(result).label}: {count}" for result, count in sorted(counts.items()))
        command.stdout.write(told or "Nothing new.")
    return EXIT_PROBLEMS if bad else EXIT_OK


def problem_line(outcome: Outcome) -> str:
    """One line that names the file, the line in it, and the remedy."""
    line = outcome.facts.get("line")
    place = f"{outcome.path}:{line}" if line else outcome.path
    return f"{place}: {worded(outcome.code or 'changed_meanwhile', outcome.facts)}"
