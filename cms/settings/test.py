"""Settings for the tests, and for the workers that the tests start."""

import atexit
import os
import shutil
import tempfile

# Before `base` reads it; the processes that a test starts inherit it, so all meet in the same folder.
if "VAR_DIR" not in os.environ:
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="evergreen-test-")
    atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)
os.environ.setdefault("CELERY_BROKER_URL", "memory://")

from cms.settings import base
from cms.settings.base import *  # noqa: F403

SECRET_KEY = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_USE_FINDERS = True
# Looked for when they are asked for: each client of a test would read all of them before its first page.
WHITENOISE_AUTOREFRESH = True

# What the machine has set must not decide whether a test passes.
base.GIT_ENVIRONMENT.clear()
base.CREDENTIALS.clear()

if base.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in real life: an in-memory database cannot be shared with a worker, nor has it WAL.
    base.DATABASES["default"]["TEST"] = {"NAME": str(base.VAR_DIR / "test.sqlite3")}
