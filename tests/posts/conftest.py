"""Fixtures for everything about posts."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

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
