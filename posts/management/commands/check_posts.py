"""check_posts: the database against the texts against git."""

import json
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import F

from posts.checks import Severity
from posts.consistency import check_collection
from posts.cross_checking import check_wholly
from posts.locking import repository_of
from posts.management.output import EXIT_PROBLEMS, DoorCommand
from posts.models import Collection, Finding, Problem
from posts.wording import worded


class Command(DoorCommand):
    help = "Prove that columns, texts and git agree, and list the problems of the files and what the checks find."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--collection", help="Only this one.")
        parser.add_argument("--advice", action="store_true", help="List findings that are mere advice, too.")

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
        findings = self._findings(collections, advice=options["advice"])
        if options["json"]:
            listed = list(problems.values("path", "line", "code", "key", "blocks"))
            told = {"disagreements": found, "problems": listed, "findings": findings}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            for each in found:
                self.stdout.write(
                    f"{each['collection']}: {each['path']}: {each['code']} {each.get('key', '')}".rstrip()
                )
            for problem in problems:
                place = f"{problem.path}:{problem.line}" if problem.line else problem.path
                self.stdout.write(f"{problem.collection.name}: {place}: {worded(problem.code, problem.facts)}")
            for finding in findings:
                place = f"{finding['path']}:{finding['line']}" if finding["line"] else finding["path"]
                self.stdout.write(f"{finding['collection']}: {place}: {worded(finding['code'], finding['facts'])}")
            self.stdout.write(
                f"Disagreements: {len(found)}, problems: {len(problems)}, findings of the checks: {len(findings)}."
            )
        breaks = any(each["severity"] == Severity.BREAKS for each in findings)
        if found or breaks or problems.filter(blocks=True).exists():
            raise SystemExit(EXIT_PROBLEMS)

    def _findings(self, collections: list[Collection], *, advice: bool) -> list[dict[str, Any]]:
        """What the checks find now, the texts that were not checked yet among them, but for what was dismissed."""
        check_wholly(collections)
        rows = Finding.objects.open().filter(post__collection__in=collections)
        if not advice:
            rows = rows.exclude(severity=Severity.ADVICE)
        told = ("code", "severity", "key", "line", "passage", "facts", "has_fix")
        named = {"collection": F("post__collection__name"), "path": F("post__path")}
        return list(rows.order_by("post__path", "line", "pk").values(*told, **named))
