"""Settings for one's own machine, and for `make run`."""

import secrets
from pathlib import Path

from cms.settings import base
from cms.settings.base import *  # noqa: F403


def kept_secret(path: Path) -> str:
    """The secret key in the file `path`, made at the first call so that sessions outlive a restart."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


SECRET_KEY = base.SECRET_KEY or kept_secret(base.VAR_DIR / "secret_key")
ALLOWED_HOSTS = base.ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]

# Static files come straight from the apps: nothing to collect, with DEBUG on and off alike.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = base.DEBUG
