"""These tests need no Django, no settings and no folder: they run in a bare pytest too."""

import pytest


@pytest.fixture(autouse=True)
def var_dir() -> None:
    """Instead of the fixture for the whole suite, which needs Django's settings."""


@pytest.fixture(autouse=True)
def english() -> None:
    """Likewise: nothing is worded here."""
