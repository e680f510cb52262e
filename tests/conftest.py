"""What all tests may ask for: private servers, a browser, a worker; and how the tests are sorted."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import TestCase

import pytest
from celery import current_app
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from cms.settings.base import broker_options
from tests.restoring import as_it_is_now
from tests.servers import Worker, celery_worker, postgres, redis_server

# The same Chromium without the parts that draw a window: it takes a third less time.
CHROMIUM = Path("/usr/bin/chromium-headless-shell")
# Without these Chromium tries to reach its maker's servers, which a test machine need not be able to.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DATABASE_FIXTURES = {
    "db",
    "transactional_db",
    "django_db_reset_sequences",
    "django_db_serialized_rollback",
    "live_server",
}

# The modules with the tests that take longest, the longest first.
LONGEST = (
    "test_every_step.py",
    "test_every_url.py",
    "test_any_order.py",
    "test_two_workers.py",
    "test_screens.py",
    "test_translations.py",
    "test_crashes.py",
    "test_walks.py",
)

hypothesis_settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# In CI the same examples each time: a failure there must be somebody's change, not luck.
hypothesis_settings.register_profile("ci", hypothesis_settings.get_profile("default"), derandomize=True)
hypothesis_settings.register_profile("long", hypothesis_settings.get_profile("default"), max_examples=5000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))


def touches_database(item: pytest.Item) -> bool:
    """Whether the test asks for the database in any of the ways it can."""
    asked = set(getattr(item, "fixturenames", ()))
    cls = getattr(item, "cls", None)
    is_test_case = isinstance(cls, type) and issubclass(cls, TestCase) and hasattr(cls, "databases")
    return bool(asked & DATABASE_FIXTURES) or item.get_closest_marker("django_db") is not None or is_test_case


# Pages whose services are tried on both databases by tests of their own, what is about git, mails or signatures, and
# what asks the database nothing that it may answer in its own way. `make soak` tries these on PostgreSQL as well.
PAGES = frozenset(
    {
        *("test_alerts.py", "test_brake.py", "test_doors.py", "test_preview_blocks.py", "test_previewing.py"),
        *("test_rehearsing.py", "test_site_addresses.py", "test_telling.py"),
        *("test_admin_bulk.py", "test_admin_conflicts.py", "test_admin_findings.py", "test_admin_images.py"),
        *("test_admin_previews.py", "test_admin_replacing.py", "test_admin_runs.py", "test_admin_schedules.py"),
        *("test_admin_terms.py", "test_lineage.py", "test_own_page.py", "test_palette.py", "test_review_page.py"),
        *("test_saved_views.py", "test_typing.py", "test_comments.py", "test_composing.py", "test_images.py"),
        *("test_practice.py", "test_returned_files.py", "test_term_tables.py", "test_working_copies.py"),
        *("test_commands.py", "test_limits.py", "test_notices.py"),
        *("test_builds.py", "test_credentials.py", "test_hooks.py", "test_mailing.py", "test_transports.py"),
    }
)
WALKS = frozenset(
    {"test_any_order.py", "test_every_step.py", "test_every_url.py", "test_queries_of_pages.py", "test_translations.py"}
)


def is_the_same_on_any_database(item: pytest.Item) -> bool:
    """Whether the test is a journey in the browser, but for the main one, of a page, or a walk over all of them."""
    if item.path.parent.name == "journeys":
        return item.path.name != "test_the_main_job.py"
    return item.path.name in PAGES | WALKS


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what touches the database: `-m database` is what runs once more on PostgreSQL.

    What is about the production pair runs there alone, and a longer round in the browser or pictures only if asked for.
    The longest come first.
    """
    for item in items:
        if touches_database(item):
            item.add_marker(pytest.mark.database)
        if is_the_same_on_any_database(item):
            item.add_marker(pytest.mark.once)
    left_out = set()
    if connection.vendor == "sqlite":
        left_out.add("production")
    if not os.environ.get("LONGER_JOURNEYS"):
        left_out.add("longer")
    if not os.environ.get("SCREENS"):
        left_out.add("screens")
    elsewhere = [item for item in items if any(item.get_closest_marker(name) for name in left_out)]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in elsewhere]
    # A long test that begins last is waited for by all other processors.
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


def pytest_collection_finish() -> None:
    """Spare the collector what stays until the end: looking through it again and again took a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def var_dir(settings: Settings, tmp_path: Path) -> Path:
    """VAR_DIR, a fresh one for each test: the mirrors and uploads of one are not another's."""
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    settings.MEDIA_ROOT = settings.VAR_DIR / "media"
    return settings.VAR_DIR


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """English at first: a page that an earlier test asked for in Chinese leaves its language in this thread."""
    with translation.override("en"):
        yield


# --- The database


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test's database, migrated; a test that commits leaves it to the next one as it was then."""
    with django_db_blocker.unblock():
        give_back = as_it_is_now()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: give_back())
        yield


# --- Servers


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a private PostgreSQL, whatever database the tests themselves are on."""
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a private Redis."""
    with redis_server() as url:
        yield url


def database_url() -> str:
    """The URL of the database that the running test writes into, for another process."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    return f"postgres://{told['USER']}@{told['HOST']}:{told['PORT']}/{told['NAME']}"


def reset_pools() -> None:
    """Make Celery in this process forget its connections, so that it sees a changed broker."""
    current_app._pool = None
    current_app.amqp._producer_pool = None


@pytest.fixture
def worker_environment(
    request: pytest.FixtureRequest, transactional_db: None, var_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """What a worker must be told to work for this test; this process sends its messages to the same broker.

    On SQLite that is the embedded broker, on PostgreSQL a real Redis: the two pairs that are supported.
    """
    on_sqlite = connection.vendor == "sqlite"
    broker = "filesystem://" if on_sqlite else request.getfixturevalue("redis_url")
    environment = {"DATABASE_URL": database_url(), "CELERY_BROKER_URL": broker, "VAR_DIR": str(var_dir)}
    options = current_app.conf.broker_transport_options
    # Celery reads this variable again at each connection, before its own settings.
    monkeypatch.setenv("CELERY_BROKER_URL", broker)
    current_app.conf.broker_transport_options = broker_options(broker, var_dir / "queue")
    reset_pools()
    yield environment
    current_app.conf.broker_transport_options = options
    reset_pools()


@pytest.fixture
def worker(worker_environment: dict[str, str], tmp_path: Path) -> Iterator[Worker]:
    """A real Celery worker process on this test's database."""
    with celery_worker(worker_environment, tmp_path / "worker.log") as started:
        yield started


# --- The browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    # Playwright keeps an event loop in this thread, at which Django refuses all queries to be safe.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def a_browser(chromium: Browser, *, phone: bool = False) -> Iterator[Page]:
    """A page in a fresh profile. A script's error or a breach of the content security policy in it fails the test.

    So does one in any further tab that is opened in it. A `phone` has a small screen, and fingers for a mouse.
    """
    width, height = (360, 800) if phone else (1400, 900)
    context = chromium.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", is_mobile=phone, has_touch=phone
    )
    context.set_default_timeout(15_000)
    wrong: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            wrong.append(message.text)

    context.on("console", heard)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    try:
        yield context.new_page()
    finally:
        context.close()
    assert not wrong


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """The browser of whoever the test is about."""
    with a_browser(chromium) as opened:
        yield opened


@pytest.fixture
def another_browser(chromium: Browser) -> Iterator[Page]:
    """Somebody else's browser."""
    with a_browser(chromium) as opened:
        yield opened


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A small phone."""
    with a_browser(chromium, phone=True) as opened:
        yield opened
