"""Uploads and downloads as runs: with a row, progress, a stop and a report (DESIGN §4, "long work is a row")."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from posts.access import may, may_enter
from posts.archives import MANIFEST, ArchiveError, files_in, manifest_of, write_zip
from posts.document.document import LIMIT
from posts.downloading import count_of, texts_of
from posts.models import Collection, Outcome, Post, Sync
from posts.paths import matcher
from posts.runs import Progress, Stopped, advance, end, never_left_running, note, verdict
from posts.taken_home import forget_old, note_taken, path_at_home
from posts.uploading import upload
from posts.waking import wake

_REPORT_EVERY = 100
SYNC, CHANGE = "posts.sync_collection", "posts.change_post"
_KEEP_FILES = datetime.timedelta(days=7)


@transaction.atomic
def ask_for_upload(collection: Collection, files: Sequence[File], *, folder: str = "", by: User) -> list[Sync]:
    """Keep `files` and make the runs that a worker will do: one for each zip, one for all Markdown files together.

    A Markdown file whose name just one post has is that post's; every other one goes into `folder`. What a file is
    its content says, not its name. Whoever may not sync the collection may bring back single files of posts alone that
    they took home (`only_returns`). Raises `ArchiveError`, with the file's `name`, and then keeps none of them.
    """
    _require_may_enter(collection, by)
    if not by.has_perm(CHANGE):
        raise ArchiveError("no_permission")
    if sum(file.size for file in files) > settings.MAX_UPLOAD:
        raise ArchiveError("upload_too_large", name=str(files[0].name), megabytes=settings.MAX_UPLOAD // 1024**2)
    zips = [file for file in files if _is_zip(file)]
    if zips and only_returns(collection, by):
        raise ArchiveError("only_returned_files", name=str(zips[0].name))
    texts = {str(file.name): _markdown(file) for file in files if file not in zips}
    runs = [Sync(collection=collection, kind=Sync.Kind.UPLOAD, asked_by=by, asked_at=timezone.now()) for _ in zips]
    for run, file in zip(runs, zips, strict=True):
        run.file.save(f"{uuid.uuid4().hex}.zip", file, save=False)
    if texts:
        run = Sync(collection=collection, kind=Sync.Kind.UPLOAD, asked_by=by, asked_at=timezone.now())
        run.file.name = f"runs/{uuid.uuid4().hex}.zip"
        places = _places(collection, texts, folder, by)
        # A loose file says nothing of the text that it started from, so its blob id stays empty.
        write_zip(Path(settings.MEDIA_ROOT) / run.file.name, ((places[name], texts[name], "") for name in texts))
        runs.append(run)
    for run in runs:
        run.save()
        wake(run)
    return runs


def only_returns(collection: Collection, person: User) -> bool:
    """Whether `person` may bring nothing into `collection` but files of its posts that they took home."""
    return not may(person, SYNC, collection.pk)


@transaction.atomic
def ask_for_download(collection: Collection, pks: Sequence[int], *, by: User) -> Sync:
    """Make the run that packs posts (those in `pks`, or all) into a zip. Raises `ArchiveError`."""
    _require_may_enter(collection, by)
    run = Sync.objects.create(
        collection=collection,
        kind=Sync.Kind.DOWNLOAD,
        asked_by=by,
        asked_at=timezone.now(),
        selection=list(pks),
    )
    wake(run)
    return run


def upload_now(collection: Collection, source: Path, *, by: User | None, progress: Progress | None = None) -> Sync:
    """Bring in `source` (a folder, a zip or a file on this machine) in the foreground; gives the run.

    Raises `ArchiveError` if the source as a whole cannot be taken.
    """
    now = timezone.now()
    run = Sync.objects.create(
        collection=collection,
        kind=Sync.Kind.UPLOAD,
        state=Sync.State.RUNNING,
        asked_by=by,
        asked_at=now,
        started_at=now,
    )
    try:
        upload_from(run, source, by=by, progress=progress)
    except ArchiveError as error:
        end(run, Sync.State.FAILED, code=error.code, facts=error.facts)
        raise
    end(run, verdict(run))
    return run


def forget_old_files() -> None:
    """Delete what was uploaded or packed more than a week ago; the report of the run stays."""
    old = Sync.objects.filter(ended_at__lt=timezone.now() - _KEEP_FILES).exclude(file="")
    for run in old:
        run.file.delete(save=True)
    forget_old()


def perform_upload(run: Sync, *, progress: Progress | None = None) -> Sync:
    """Do the upload that `run`, a claimed row, stands for. A run that is taken up again goes on where it was."""
    by = run.asked_by
    # Asked once more: a role may have been taken away since.
    only = by is not None and only_returns(run.collection, by)
    source = Path(run.file.path)
    return _perform(run, lambda: upload_from(run, source, by=by, only_returned=only, progress=progress))


def perform_download(run: Sync, *, progress: Progress | None = None) -> Sync:
    """Pack the zip that `run`, a claimed row, stands for."""
    return _perform(run, lambda: _pack(run, progress))


def upload_from(
    run: Sync, source: Path, *, by: User | None, only_returned: bool = False, progress: Progress | None
) -> None:
    """Bring in `source`, noting each file in the report of `run`; raises `ArchiveError`, `Stopped`."""
    ours = matcher(run.collection.patterns)
    manifest: dict[str, str] = {}
    total = 0
    for found in files_in(source):
        if found.path == MANIFEST:
            manifest = manifest_of([found])
        total += ours.fullmatch(found.path) is not None
    if not total:
        raise ArchiveError("nothing_matches", globs=run.collection.patterns)
    advance(run, progress, step=Sync.Step.IMPORT, total=total)
    Outcome.objects.filter(sync=run).delete()
    files = files_in(source)
    for outcomes in upload(run.collection, files, by=by, manifest=manifest, only_returned=only_returned):
        note(run, outcomes, progress)


def _require_may_enter(collection: Collection, by: User) -> None:
    if not may_enter(by, collection.pk):
        raise ArchiveError("no_permission")


def _is_zip(file: File) -> bool:
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    return start in (b"PK\x03\x04", b"PK\x05\x06")


def _markdown(file: File) -> bytes:
    """The bytes of a Markdown file. Raises `ArchiveError` for what is none."""
    name = str(file.name)
    if not name.lower().endswith(".md"):
        raise ArchiveError("upload_type", name=name)
    if file.size > LIMIT:
        raise ArchiveError("too_large", name=name, limit=LIMIT)
    data = file.read()
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise ArchiveError("not_utf8", name=name) from error
    if b"\0" in data:
        raise ArchiveError("nul", name=name)
    return data


def _places(collection: Collection, texts: Mapping[str, bytes], folder: str, by: User) -> Mapping[str, str]:
    """The path for each file: of the one post that has its name, or that `by` took home; else in `folder`.

    Raises `ArchiveError` for a file that is none of these, where nothing else may come in.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for path in Post.objects.filter(collection=collection).values_list("path", flat=True).iterator(chunk_size=5000):
        name = path.rpartition("/")[2]
        if name in texts:
            found[name].append(path)
    returns = only_returns(collection, by)
    inside = f"{folder.strip('/')}/" if folder.strip("/") else ""
    places = {}
    for name, data in texts.items():
        if len(found[name]) == 1 and not returns:
            places[name] = found[name][0]
            continue
        taken = path_at_home(collection, name, data.decode(), by=by)
        if taken is None and returns:
            raise ArchiveError("not_taken_home", name=name)
        places[name] = taken or f"{inside}{name}"
    return places


@never_left_running
def _perform(run: Sync, work) -> Sync:  # type: ignore[no-untyped-def]
    try:
        work()
    except Stopped:
        end(run, Sync.State.STOPPED)
    except ArchiveError as error:
        end(run, Sync.State.FAILED, code=error.code, facts=error.facts)
    else:
        end(run, verdict(run))
    return run


def _pack(run: Sync, progress: Progress | None) -> None:
    advance(run, progress, step=Sync.Step.EXPORT, total=count_of(run.collection, run.selection))
    folder = Path(settings.MEDIA_ROOT) / "runs"
    name = f"{run.collection.name}-{run.pk}-{uuid.uuid4().hex[:8]}.zip"
    target = folder / name
    try:
        write_zip(target, _counted(run, progress))
    except Stopped:
        target.unlink(missing_ok=True)
        raise
    run.file.name = f"runs/{name}"


def _counted(run: Sync, progress: Progress | None) -> Iterator[tuple[str, bytes, str]]:
    taken: list[tuple[int, uuid.UUID]] = []
    for each in texts_of(run.collection, run.selection):
        yield each.path, each.data, each.blob
        taken.append((each.post, each.revision))
        run.done += 1
        if run.done % _REPORT_EVERY == 0:
            advance(run, progress)
            taken = _noted(run, taken)
    _noted(run, taken)


def _noted(run: Sync, taken: list[tuple[int, uuid.UUID]]) -> list[tuple[int, uuid.UUID]]:
    """Remember what whoever asked has at home then, for a file that comes back without its archive."""
    if run.asked_by is not None:
        note_taken(taken, by=run.asked_by)
    return []
