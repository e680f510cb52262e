"""Who changed each file in a range of commits: its author, who did so last, and those known here who did before."""

from dataclasses import replace
from functools import cached_property

from posts.git import Change, LoggedCommit, Repository
from posts.models import Collection
from posts.people import known_addresses

_NOBODY: frozenset[str] = frozenset()


class Authors:
    """The authors of what differs between two commits (`before` None: all that `after` has). Raises `GitError`."""

    def __init__(self, collection: Collection, repository: Repository, before: str | None, after: str) -> None:
        self._collection = collection
        self._commits: list[LoggedCommit] = []
        self._of: dict[bytes, int] = {}
        self._earlier: dict[bytes, frozenset[str]] = {}
        self._shared: dict[frozenset[str], frozenset[str]] = {}  # the same few people, for very many files
        self._later: dict[bytes, bytes] = {}  # what a file is called at the end
        for commit in repository.log(before, after):
            self._note(commit)

    def of(self, path: bytes) -> LoggedCommit | None:
        """The newest commit of the range that changed `path`; else the newest at all."""
        if not self._commits:
            return None
        return self._commits[self._of.get(path, 0)]

    def earlier(self, change: Change) -> frozenset[str]:
        """The addresses (small letters) of those known here who changed the file in the range before its author did."""
        found = self._earlier.get(change.path, _NOBODY)
        if change.old_path is None:
            return found
        found |= self._earlier.get(change.old_path, _NOBODY)
        last = self._of.get(change.old_path)
        return found if last is None else found | self._known(self._commits[last])

    def _note(self, commit: LoggedCommit) -> None:
        new = []
        for path in commit.paths:
            end = self._later.get(path, path) if self._later else path
            newest = self._of.get(end)
            if newest is not None and self._commits[newest].author_email != commit.author_email:
                self._note_earlier(end, commit)
            if path not in self._of:
                new.append(path)
        for old, path in commit.renames:
            self._later[old] = self._later.get(path, path)
        if new or not self._commits:
            self._of.update(dict.fromkeys(new, len(self._commits)))
            self._commits.append(replace(commit, paths=(), renames=()))

    def _note_earlier(self, path: bytes, commit: LoggedCommit) -> None:
        known = self._known(commit)
        if known:
            together = self._earlier.get(path, _NOBODY) | known
            self._earlier[path] = self._shared.setdefault(together, together)

    def _known(self, commit: LoggedCommit) -> frozenset[str]:
        return frozenset({commit.author_email.lower()}) & self._addresses

    @cached_property
    def _addresses(self) -> frozenset[str]:
        """Asked for only where a file has several authors, which most have not."""
        return known_addresses(self._collection)
