"""import_posts SOURCE --collection NAME: a folder or a zip into posts."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from posts.archives import ArchiveError, files_in, manifest_of
from posts.management.output import EXIT_USAGE, DoorCommand, report
from posts.transfers import upload_now
from posts.uploading import upload
from posts.wording import worded_error


class Command(DoorCommand):
    help = "Bring in the posts of a folder or a zip, laid out as in the repository. New ones are drafts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path)
        parser.add_argument("--collection", required=True)
        parser.add_argument(
            "--user", help="The person whose edit it is; without one, posts that exist are not changed."
        )
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen, and do none of it.")

    def handle(self, *args: Any, **options: Any) -> None:
        collection = self.collection(options["collection"])
        by = self.person(options["user"]) if options["user"] else None
        progress = self.progress(options)
        try:
            if options["dry_run"]:
                manifest = manifest_of(files_in(options["source"]))
                batches = upload(collection, files_in(options["source"]), by=by, manifest=manifest, dry_run=True)
                outcomes = [outcome for batch in batches for outcome in batch]
            else:
                run = upload_now(collection, options["source"], by=by, progress=progress)
                outcomes = list(run.outcomes.order_by("pk"))
        except ArchiveError as error:
            raise CommandError(worded_error(error), returncode=EXIT_USAGE) from error
        progress.over()
        status = report(self, outcomes, options, dry_run=options["dry_run"])
        if status:
            raise SystemExit(status)
