"""connect NAME URL: a collection on a git remote."""

import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from posts.git import GitError
from posts.locking import try_connection
from posts.management.output import EXIT_USAGE, DoorCommand
from posts.models import Collection
from posts.wording import worded_error


class Command(DoorCommand):
    help = "Connect a collection with a branch of a git repository (a path, ssh or https), after trying to reach it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("url")
        parser.add_argument("--branch", default="main")
        parser.add_argument("--credentials", help="The name of the credentials in the server's environment.")
        parser.add_argument("--glob", action="append", help="Which files are posts; may be given more than once.")

    def handle(self, *args: Any, **options: Any) -> None:
        url = str(Path(options["url"]).resolve()) if Path(options["url"]).exists() else options["url"]
        collection = Collection(name=options["name"], url=url, branch=options["branch"])
        collection.credentials = options["credentials"] or ""
        if options["glob"]:
            collection.globs = "\n".join(options["glob"])
        known = Collection.objects.filter(name=collection.name, url=url, branch=collection.branch).first()
        if known is not None:
            collection = known
            if options["glob"] and known.patterns != options["glob"]:
                raise CommandError(f"“{known.name}” is connected already, with other patterns.", returncode=EXIT_USAGE)
            if options["credentials"] is not None:
                known.credentials = options["credentials"]
        try:
            collection.full_clean()
            head = try_connection(collection)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=EXIT_USAGE) from error
        except GitError as error:
            raise CommandError(worded_error(error), returncode=EXIT_USAGE) from error
        collection.save()
        if options["json"]:
            self.stdout.write(json.dumps({"collection": collection.name, "head": head or ""}))
        else:
            self.stdout.write(
                f"“{collection.name}” is connected. Bring its posts in with the command: sync {collection.name}"
            )
