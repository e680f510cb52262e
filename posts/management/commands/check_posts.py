"""check_posts: the database against the texts against git."""

import json
from typing import Any

from django.core.management.base import CommandParser

from posts.consistency import check_collection
from posts.locking import repository_of
from posts.management.output import EXIT_PROBLEMS, DoorCommand
from posts.models import Collection, Problem
from posts.wording import worded


class Command(DoorCommand):
    help = "Prove that columns, texts and git agree, and list the problems of the files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--collection", help="Only this one.")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["collection"]
        collections = [self.collection(name)] if name else list(Collection.objects.all())
        found = [
            {"collection": collection.name, "path": each.path, "code": each.code, **each.facts}
            for collection in collections
            for each in check_collection(collection, repository_of(collection, offline=True))
        ]
        problems = (
            Problem.objects.filter(collection__in=collections).select_related("collection").order_by("path", "line")
        )
        if options["json"]:
            listed = list(problems.values("path", "line", "code", "key", "blocks"))
            self.stdout.write(json.dumps({"disagreements": found, "problems": listed}, ensure_ascii=False))
        else:
            for each in found:
                self.stdout.write(
                    f"{each['collection']}: {each['path']}: {each['code']} {each.get('key', '')}".rstrip()
                )
            for problem in problems:
                place = f"{problem.path}:{problem.line}" if problem.line else problem.path
                self.stdout.write(f"{problem.collection.name}: {place}: {worded(problem.code, problem.facts)}")
            self.stdout.write(f"Disagreements: {len(found)}, problems: {len(problems)}.")
        if found or problems.filter(blocks=True).exists():
            raise SystemExit(EXIT_PROBLEMS)
