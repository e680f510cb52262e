"""Celery's doors: each finds its row, claims it and calls the work. Task names are a wire format."""

from celery import shared_task

from posts.building import take_in_build, wake_forgotten_builds
from posts.bulk_counting import count_planned, wake_forgotten_plans
from posts.bulk_proposing import forget_old_proposals
from posts.bulk_running import perform_bulk
from posts.cross_checking import check_what_came
from posts.evergreens import remind
from posts.heartbeats import note_heartbeat
from posts.illustrating import forget_unused_images
from posts.image_uses import catch_up as count_images
from posts.mailing import mail_notices as mail
from posts.many_proposing import foresee_all, forget_old_steps, wake_forgotten_proposals
from posts.many_running import perform_step
from posts.presences import forget_absent
from posts.rehearsing import forget_old_previews, perform_preview
from posts.replacing import count_hits_of, wake_forgotten_counts
from posts.runs import ask_for_due_syncs, claim, wake_forgotten
from posts.scheduling import fire, wake_due, warn_of_unapproved
from posts.search_index import catch_up
from posts.syncing import perform_sync
from posts.telling import tell_alerts as tell
from posts.transfers import forget_old_files, perform_download, perform_upload
from posts.undoing import perform_undo
from posts.waking import wake_for_checks

_INDEXED_A_MINUTE = 2000
_CHECKED_AT_ONCE = 2000


@shared_task(name="posts.sync")
def sync(pk: int) -> None:
    """Do the sync with key `pk`, if it still waits."""
    run = claim(pk)
    if run is not None:
        perform_sync(run)


@shared_task(name="posts.import")
def import_upload(pk: int) -> None:
    """Do the upload with key `pk`, if it still waits."""
    run = claim(pk)
    if run is not None:
        perform_upload(run)


@shared_task(name="posts.export")
def export_download(pk: int) -> None:
    """Do the download with key `pk`, if it still waits."""
    run = claim(pk)
    if run is not None:
        perform_download(run)


@shared_task(name="posts.preview")
def preview(pk: int) -> None:
    """Do the preview with key `pk`, if it still waits."""
    run = claim(pk)
    if run is not None:
        perform_preview(run)


@shared_task(name="posts.undo")
def undo(pk: int) -> None:
    """Do the undo with key `pk`, if it still waits."""
    run = claim(pk)
    if run is not None:
        perform_undo(run)


@shared_task(name="posts.bulk")
def bulk(pk: int) -> None:
    """Do the bulk step of the run with key `pk`, if it still waits."""
    run = claim(pk)
    if run is not None:
        perform_bulk(run)


@shared_task(name="posts.step")
def step(pk: int) -> None:
    """Take the step of many posts of the run with key `pk`, if it still waits."""
    run = claim(pk)
    if run is not None:
        perform_step(run)


@shared_task(name="posts.foresee")
def foresee(pk: int) -> None:
    """Look at what the step of many posts with key `pk` would do to each, if it is still proposed."""
    foresee_all(pk)


@shared_task(name="posts.count_hits")
def count_hits(pk: int) -> None:
    """Count the hits of the find and replace with key `pk`, if it is still looked at."""
    count_hits_of(pk)


@shared_task(name="posts.count_planned")
def count_plans(pk: int) -> None:
    """Count what the proposal with key `pk` would do to its posts, if it is still looked at."""
    count_planned(pk)


@shared_task(name="posts.build")
def build(pk: int) -> None:
    """Note on the posts what the build with key `pk` put on the site, if that is still to be done."""
    take_in_build(pk)


@shared_task(name="posts.beat")
def beat() -> None:
    """Ask for a sync of each collection that is due, and tidy up."""
    ask_for_due_syncs()
    forget_old_files()
    forget_old_previews()
    forget_old_proposals()
    forget_old_steps()
    wake_forgotten_counts()
    wake_forgotten_plans()
    wake_forgotten_proposals()
    catch_up(_INDEXED_A_MINUTE)
    count_images(_INDEXED_A_MINUTE)
    forget_unused_images()


@shared_task(name="posts.check")
def check() -> None:
    """Check the posts that an import brought, and compare them with one another."""
    if check_what_came(_CHECKED_AT_ONCE):
        wake_for_checks()


@shared_task(name="posts.sweep")
def sweep() -> None:
    """Say that beat and a worker are there, and wake a worker again for what waits too long or whose worker died."""
    note_heartbeat()
    wake_forgotten()
    wake_forgotten_builds()
    forget_absent()


@shared_task(name="posts.tell_alerts")
def tell_alerts() -> None:
    """Mail what is wrong, once, to those who want to know."""
    note_heartbeat()
    tell()


@shared_task(name="posts.mail_notices")
def mail_notices() -> None:
    """Mail what people are told and want by mail."""
    mail()


@shared_task(name="posts.schedules")
def schedules() -> None:
    """Wake a worker for each step whose hour has come, and warn of those that still lack an approval."""
    wake_due()
    warn_of_unapproved()


@shared_task(name="posts.remind")
def remind_of_evergreens() -> None:
    """Remind of the evergreen posts that are to be looked at."""
    remind()


@shared_task(name="posts.fire_schedule")
def fire_schedule(pk: int) -> None:
    """Take the step of the schedule with key `pk`, if it is still due."""
    fire(pk)
