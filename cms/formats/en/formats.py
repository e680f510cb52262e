"""The same in every language."""

from cms.formats import *  # noqa: F403 (Django reads the names from this module)
