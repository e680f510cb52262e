"""export_posts DESTINATION --collection NAME: posts into a folder or a zip."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from posts.archives import ArchiveError, write_folder, write_zip
from posts.downloading import texts_of
from posts.management.output import EXIT_USAGE, DoorCommand
from posts.wording import worded_error


class Command(DoorCommand):
    help = "Write the present text of every post into a new folder, or into a zip if the name ends in .zip."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("destination", type=Path)
        parser.add_argument("--collection", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        collection = self.collection(options["collection"])
        destination: Path = options["destination"]
        write = write_zip if destination.suffix.lower() == ".zip" else write_folder
        try:
            count = write(destination, ((each.path, each.data, each.blob) for each in texts_of(collection)))
        except ArchiveError as error:
            raise CommandError(worded_error(error), returncode=EXIT_USAGE) from error
        if options["json"]:
            self.stdout.write(json.dumps({"posts": count, "destination": str(destination)}))
        else:
            self.stdout.write(f"{count} posts are in {destination}.")
