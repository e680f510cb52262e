"""sync NAME: one whole sync in the foreground."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from posts.git import GitError
from posts.management.output import EXIT_PROBLEMS, DoorCommand, report
from posts.syncing import preview_sync, sync
from posts.wording import worded, worded_error


class Command(DoorCommand):
    help = "Bring in what is new in the repository, and send what waits here."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen, and do none of it.")

    def handle(self, *args: Any, **options: Any) -> None:
        collection = self.collection(options["name"])
        try:
            if options["dry_run"]:
                outcomes = [outcome for batch in preview_sync(collection) for outcome in batch]
                status = report(self, outcomes, options, dry_run=True)
            else:
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
