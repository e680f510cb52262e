"""Folders and zips of posts: read without trust, written byte for byte."""

import json
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from posts.document.document import LIMIT
from posts.errors import EvergreenError
from posts.paths import why_unsafe

LARGEST_TOTAL = 2 * 1024 * 1024 * 1024
MOST_FILES = 200_000
MANIFEST = ".evergreen.json"
"""In a download: the blob id of each file, so that an upload is known by the text it started from (DESIGN §2.10)."""

_SKIPPED_FOLDERS = {".git", "node_modules", "__MACOSX"}


class ArchiveError(EvergreenError):
    """The folder or zip as a whole cannot be read or written."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file: its path inside the source, and its bytes or the code of why they are not read."""

    path: str
    data: bytes = b""
    code: str = ""
    facts: dict[str, object] = field(default_factory=dict)


def files_in(source: Path) -> Iterator[FoundFile]:
    """Every file of a folder, a zip, or the one Markdown file that `source` is, in the order of the paths.

    Symlinks, names that lead out of the source, files over 5 MB and what a zip claims or really holds beyond its
    limits come with a code in place of their bytes. Raises `ArchiveError` if `source` itself cannot be read.
    """
    if source.is_dir():
        return _in_folder(source)
    if not source.is_file():
        raise ArchiveError("source_missing", path=str(source))
    if zipfile.is_zipfile(source):
        return _in_zip(source)
    return iter([_one_file(source)])


def manifest_of(files: Iterable[FoundFile]) -> dict[str, str]:
    """The blob ids that a download noted, by path; empty without a manifest, or with one that is not ours."""
    for found in files:
        if found.path == MANIFEST and not found.code:
            try:
                noted = json.loads(found.data)
            except (ValueError, RecursionError):
                return {}
            blobs = noted.get("blobs") if isinstance(noted, dict) else None
            if isinstance(blobs, dict):
                return {path: blob for path, blob in blobs.items() if isinstance(blob, str)}
    return {}


def write_folder(destination: Path, files: Iterable[tuple[str, bytes, str]]) -> int:
    """Write `files` (path, bytes, blob id) under the folder `destination`, with a manifest; gives their number.

    The folder must be missing or empty, so that nothing is written over. Raises `ArchiveError`.
    """
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise ArchiveError("destination_not_empty", path=str(destination))
    blobs = {}
    for path, data, blob in files:
        if why_unsafe(path):
            raise ArchiveError("path_outside", path=path)
        target = destination / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        blobs[path] = blob
    destination.mkdir(parents=True, exist_ok=True)
    (destination / MANIFEST).write_text(_manifest(blobs), encoding="utf-8")
    return len(blobs)


def write_zip(destination: Path, files: Iterable[tuple[str, bytes, str]]) -> int:
    """The same as a zip, which must not be there yet."""
    if destination.exists():
        raise ArchiveError("destination_not_empty", path=str(destination))
    destination.parent.mkdir(parents=True, exist_ok=True)
    blobs = {}
    with zipfile.ZipFile(destination, "x", zipfile.ZIP_DEFLATED) as archive:
        for path, data, blob in files:
            archive.writestr(path, data)
            blobs[path] = blob
        archive.writestr(MANIFEST, _manifest(blobs))
    return len(blobs)


def _manifest(blobs: dict[str, str]) -> str:
    return json.dumps({"blobs": blobs}, ensure_ascii=False, indent=0, sort_keys=True)


def _one_file(source: Path) -> FoundFile:
    return _read(source, source.name)


def _in_folder(source: Path) -> Iterator[FoundFile]:
    for folder, folders, names in os.walk(source):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS and name not in links)
        for name in sorted([*names, *links]):
            file = Path(folder) / name
            yield _read(file, file.relative_to(source).as_posix())


def _read(file: Path, path: str) -> FoundFile:
    if file.is_symlink():
        return FoundFile(path, code="symlink")
    try:
        path.encode()
    except UnicodeEncodeError:
        return FoundFile(path.encode("utf-8", "replace").decode(), code="path_not_utf8")
    if not file.is_file():
        return FoundFile(path, code="no_file")
    if file.stat().st_size > LIMIT:
        return FoundFile(path, code="too_large", facts={"limit": LIMIT})
    unsafe = why_unsafe(path)
    if unsafe:
        return FoundFile(path, code=unsafe)
    return FoundFile(path, file.read_bytes())


def _in_zip(source: Path) -> Iterator[FoundFile]:
    try:
        with zipfile.ZipFile(source) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MOST_FILES or sum(member.file_size for member in members) > LARGEST_TOTAL:
                raise ArchiveError("zip_too_large", files=len(members), limit=LARGEST_TOTAL)
            seen: set[str] = set()
            for member in sorted(members, key=lambda member: member.filename):
                if _SKIPPED_FOLDERS & set(member.filename.split("/")):
                    continue
                yield _member(archive, member, seen)
    except (zipfile.BadZipFile, OSError) as error:
        raise ArchiveError("zip_broken", detail=str(error)[:200]) from error


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, seen: set[str]) -> FoundFile:
    path = member.filename
    if stat.S_ISLNK(member.external_attr >> 16):
        return FoundFile(path, code="symlink")
    unsafe = why_unsafe(path)
    if unsafe:
        return FoundFile(path.replace("\0", ""), code=unsafe)
    if path in seen:
        return FoundFile(path, code="twice_in_zip")
    seen.add(path)
    if member.flag_bits & 0x1:
        return FoundFile(path, code="encrypted")
    if member.file_size > LIMIT:
        return FoundFile(path, code="too_large", facts={"limit": LIMIT})
    try:
        with archive.open(member) as stream:
            # The size that a zip claims is only a claim: no more is unpacked than a post may hold.
            data = stream.read(LIMIT + 1)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, EOFError, OSError) as error:
        return FoundFile(path, code="unreadable_in_zip", facts={"detail": str(error)[:200]})
    if len(data) > LIMIT:
        return FoundFile(path, code="too_large", facts={"limit": LIMIT})
    return FoundFile(path, data)
