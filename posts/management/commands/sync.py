"""sync NAME: one whole sync in the foreground; with --release, one that stopped at the brake is let go on."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from posts.braking import NotLetGoOn, let_go_on, waiting_at_brake
from posts.git import GitError
from posts.management.output import EXIT_PROBLEMS, EXIT_USAGE, DoorCommand, problem_line, report
from posts.management.unified import unified
from posts.models import Collection, Outcome
from posts.rehearsing import preview_sync, sides_of
from posts.syncing import sync
from posts.wording import worded, worded_ahead, worded_error


class Command(DoorCommand):
    help = "Bring in what is new in the repository, and send what waits here."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen, and do none of it.")
        parser.add_argument(
            "--release", action="store_true", help="Let a sync that stopped at the brake go on, once --yes is said."
        )
        parser.add_argument("--user", help="With --release: the Publisher who decides it.")
        parser.add_argument("--yes", action="store_true", help="With --release: yes, all that it lists is meant.")
        parser.add_argument("--diff", action="store_true", help="With --dry-run: show the exact differences as well.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["diff"] and not options["dry_run"]:
            raise CommandError("--diff goes with --dry-run.", returncode=EXIT_USAGE)
        if (options["yes"] or options["user"]) and not options["release"]:
            raise CommandError("--yes and --user go with --release.", returncode=EXIT_USAGE)
        if options["release"] and (options["dry_run"] or not options["user"]):
            raise CommandError("--release needs --user, and goes without --dry-run.", returncode=EXIT_USAGE)
        collection = self.collection(options["name"])
        try:
            if options["dry_run"]:
                ahead: dict[str, object] = {}
                outcomes = [outcome for batch in preview_sync(collection, ahead=ahead) for outcome in batch]
                if options["diff"]:
                    self._differences(outcomes, collection, options)
                status = report(self, outcomes, options, dry_run=True, ahead=ahead)
                if ahead and not options["json"]:
                    self.stdout.write(worded_ahead(ahead))
                status = EXIT_PROBLEMS if ahead else status
            else:
                if options["release"]:
                    self._release(collection, options)
                progress = self.progress(options)
                run = sync(collection, progress=progress)
                progress.over()
                if run.error_code:
                    raise CommandError(worded(run.error_code, run.error_facts), returncode=EXIT_PROBLEMS)
                status = report(self, list(run.outcomes.order_by("pk")), options, state=run.state, run=run.pk)
        except GitError as error:
            raise CommandError(worded_error(error), returncode=EXIT_PROBLEMS) from error
        if not options["json"] and not options["dry_run"] and not collection.posts.exists() and not status:
            self.stdout.write(f"No file of the repository matches the patterns: {', '.join(collection.patterns)}.")
        if status:
            raise SystemExit(status)

    def _release(self, collection: Collection, options: dict[str, Any]) -> None:
        """Say what the sync that waits at the brake would do, and let it go on if that was said to be meant."""
        by, run = self.person(options["user"]), waiting_at_brake(collection)
        if run is None:
            raise CommandError(worded("brake_over"), returncode=EXIT_PROBLEMS)
        if not options["json"]:
            for outcome in run.outcomes.order_by("pk"):
                self.stdout.write(problem_line(outcome))
        if not options["yes"]:
            told = worded(run.error_code, run.error_facts)
            raise CommandError(f"{told} Nothing was let go on: add --yes if all of it is meant.", returncode=EXIT_USAGE)
        try:
            let_go_on(run, by=by)
        except NotLetGoOn as error:
            raise CommandError(worded_error(error), returncode=EXIT_PROBLEMS) from error

    def _differences(self, outcomes: list[Outcome], collection: Collection, options: dict[str, Any]) -> None:
        """Print the difference of each file on each side that changes; for scripts it goes into the file's facts."""
        for outcome in outcomes:
            sides = sides_of(outcome, collection)
            named = (("here", sides.here), ("in the repository", sides.there), ("held back", sides.pushed))
            for side, texts in named:
                told = unified(*texts, old_name=f"{outcome.path} ({side})", new_name=outcome.path) if texts else ""
                if options["json"]:
                    outcome.facts.setdefault("differences", {}).update({side: told} if told else {})
                elif told:
                    self.stdout.write(told)
