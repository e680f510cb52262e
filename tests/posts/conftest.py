"""Fixtures for everything about posts."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from tests.posts.mail_servers import FailingServer
from tests.posts.worlds import World, person


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:
    """A remote without a commit, and a collection on it."""
    return World(tmp_path)


@pytest.fixture
def writer(db: None) -> User:
    """Somebody who writes and submits."""
    return person("wen", "Writer")


@pytest.fixture
def reviewer(db: None) -> User:
    """Somebody who reviews."""
    return person("rui", "Reviewer")


@pytest.fixture
def publisher(db: None) -> User:
    """Somebody who publishes."""
    return person("pan", "Publisher")


@pytest.fixture
def curator(db: None) -> User:
    """Somebody who brings order into the terms and into many posts."""
    return person("cai", "Curator")


@pytest.fixture
def server(settings: Settings) -> type[FailingServer]:
    """A mail server that does not fail yet."""
    settings.EMAIL_BACKEND = f"{FailingServer.__module__}.FailingServer"
    FailingServer.failure, FailingServer.only = None, ()
    return FailingServer
