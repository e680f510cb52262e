"""practice: make the practice collection, or make it anew; its posts are there at once."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from posts.errors import EvergreenError
from posts.management.output import EXIT_PROBLEMS, EXIT_USAGE, DoorCommand
from posts.practice import make_practice, practice_collection
from posts.syncing import sync
from posts.wording import worded_error


class Command(DoorCommand):
    help = "Make the practice collection, where new people try everything and nothing reaches a site."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anew", action="store_true", help="Make it anew, and take away all that was done in the old one."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if practice_collection() is not None and not options["anew"]:
            raise CommandError("There is one already. With --anew it is made anew.", returncode=EXIT_USAGE)
        try:
            made = make_practice(by=None)
        except EvergreenError as error:
            raise CommandError(worded_error(error), returncode=EXIT_PROBLEMS) from error
        sync(made)
        if options["json"]:
            self.stdout.write(json.dumps({"collection": made.name, "posts": made.posts.count()}))
        else:
            self.stdout.write(f"“{made.name}” is there, with {made.posts.count()} posts to practise with.")
