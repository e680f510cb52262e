"""What is the same everywhere, and the only place that reads the environment.

README.md has the table of the variables. A value that cannot be understood raises
`ImproperlyConfigured` with the variable's name, here and at start, not later in a request.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from cms.settings.logs import logging_for

env = environ.Env()

ON = {"1", "true", "on", "yes"}
OFF = {"0", "false", "off", "no", ""}


def flag(name: str, default: bool) -> bool:
    """Whether the variable `name` is on; django-environ would take any odd word for "off"."""
    told = env.str(name, default="on" if default else "off").strip().lower()
    if told not in ON | OFF:
        raise ImproperlyConfigured(f"{name}={told!r} is neither on (1, true, on, yes) nor off (0, false, off, no).")
    return told in ON


def whole_number(name: str, default: int) -> int:
    """The variable `name` as a whole number that is not negative."""
    told = env.str(name, default=str(default)).strip()
    if not told.isascii() or not told.isdigit():
        raise ImproperlyConfigured(f"{name}={told!r} is not a whole number.")
    return int(told)


def site_address(told: str, hosts: list[str], port: int) -> str:
    """The address of this site as others reach it, without a slash at its end; by default the first of `hosts`."""
    if told:
        parts = urlsplit(told)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ImproperlyConfigured(f"SITE_ADDRESS={told!r} must look like https://cms.example.org.")
        return told.rstrip("/")
    host = next((host for host in hosts if host.strip("*.")), "localhost").removeprefix(".")
    return f"http://{host}:{port}" if host in ("localhost", "127.0.0.1", "[::1]") else f"https://{host}"


def folder(path: Path) -> Path:
    """Give `path` back, made if it was missing; an unusable one is a wrong setting, not a crash later."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"The folder {path} (see VAR_DIR) cannot be made: {error.strerror}.") from error
    return path


def database(url: str) -> dict[str, Any]:
    """Django's settings for the database at `url`, for SQLite with what lets web and worker write at once."""
    try:
        found: dict[str, Any] = dict(env.db_url_config(url))
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from error
    options = found.setdefault("OPTIONS", {})
    match found.get("ENGINE"):
        case "django.db.backends.sqlite3":
            # A transaction that starts as a reader and then writes fails at once when another one wrote in
            # between, however long the time-out is: so every transaction takes the write lock when it starts.
            options.setdefault("transaction_mode", "IMMEDIATE")
            options.setdefault("timeout", 20)
            options.setdefault("init_command", "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;")
        case "django.db.backends.postgresql":
            found.setdefault("CONN_MAX_AGE", 60)
            found.setdefault("CONN_HEALTH_CHECKS", True)
            # For `posts.questions` alone. Django has this off for poolers that give a session to several clients, which
            # the locks of `posts.locking` rule out as well.
            options.setdefault("prepare_threshold", 5)
        case _:
            raise ImproperlyConfigured("DATABASE_URL must start with sqlite:// or postgres://.")
    return found


def broker_options(url: str, queue: Path) -> dict[str, Any]:
    """Celery's transport options for the broker at `url`; `queue` is the folder of the embedded one."""
    match url.partition("://")[0]:
        case "filesystem":
            messages = str(folder(queue / "messages"))
            return {
                "data_folder_in": messages,
                "data_folder_out": messages,
                "control_folder": str(folder(queue / "control")),
                "polling_interval": 0.05,
            }
        case "redis" | "rediss":
            # kombu looks for abandoned messages every interval x throttle, by default after an hour.
            return {"visibility_timeout": 600, "unacked_restore_interval": 5, "unacked_restore_throttle": 1}
        case "memory":
            return {"polling_interval": 0.02}
        case _:
            raise ImproperlyConfigured("CELERY_BROKER_URL must be filesystem://, redis://…, rediss://… or memory://.")


# --- Where things are

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = folder(Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).expanduser().resolve())

# --- The site

SECRET_KEY = env.str("SECRET_KEY", default="")
DEBUG = flag("DEBUG", default=False)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
# For the links in mails, which no request tells.
SITE_ADDRESS = site_address(env.str("SITE_ADDRESS", default=""), ALLOWED_HOSTS, whole_number("PORT", default=8000))
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

ROOT_URLCONF = "cms.urls"
WSGI_APPLICATION = "cms.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "cms.site.EvergreenAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "taggit",
    "markdownx",
    "axes",
    "csp",
    "taxonomy",
    "posts",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "posts.middleware.own_language_and_zone",
    "posts.middleware.OwnRooms",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    # Axes answers for a locked login, so it must be the last that sees the response's making.
    "axes.middleware.AxesMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "posts.middleware.bell",
                "posts.middleware.shortcuts",
            ],
        },
    },
]

# Widgets by the same templates: ours draw a list of options, or an input, without an include for each piece.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database

DATABASES = {"default": database(env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'evergreen.sqlite3'}"))}

# Unfold keeps what its palette found for five minutes: by then a post may have another title, or not be theirs to see.
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    # For what is the same on every page: only in {% cache %}, with all that it depends on in its key.
    "pieces": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pieces"},
}

# --- Languages and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
# Unfold ships no Chinese. Its strings are apart, or makemessages would drop them as no longer used.
LOCALE_PATHS = [BASE_DIR / "cms" / "locale", BASE_DIR / "cms" / "unfold_locale"]
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["cms.formats"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

# --- Static files and uploads

STATIC_URL = "static/"
STATIC_ROOT = folder(Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static"))))
MEDIA_URL = "media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

MEGABYTE = 1024 * 1024
# A body may have 5 MB, which a form's encoding of Chinese text makes larger.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * MEGABYTE
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * MEGABYTE
# What one upload of posts may hold, a zip for the most part.
MAX_UPLOAD = 200 * MEGABYTE

# --- Who may come in, and how

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
# Unfold's login page hands no address on when somebody opens it by itself.
LOGIN_REDIRECT_URL = "admin:index"

AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "registration/lockout.html"
# Its pages would be strangers in this admin, and they show what people typed as their name.
AXES_ENABLE_ADMIN = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Unfold's Alpine evaluates the expressions in its attributes, and it sets styles inline.
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "https:", "data:"],
        "frame-src": [SELF, "https://www.youtube-nocookie.com"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    },
}

# --- Mail: EMAIL_URL is smtp://, smtp+tls:// or smtp+ssl://USER:PASSWORD@HOST:PORT, or consolemail://

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="evergreen@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Seconds. A worker waits for it, perhaps the only one.
EMAIL_TIMEOUT = 10

# --- The queue

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(CELERY_BROKER_URL, VAR_DIR / "queue")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# The embedded broker has no broadcast that is worth its files, and nobody steers a worker from afar.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(folder(VAR_DIR / "queue") / "beat-schedule")
# A message that nobody took in time is of no use: the next one says the same. Otherwise they pile up
# while no worker runs.
CELERY_BEAT_SCHEDULE = {
    "sync each collection that is due": {"task": "posts.beat", "schedule": 60.0, "options": {"expires": 60}},
    "wake what waits or was abandoned": {"task": "posts.sweep", "schedule": 15.0, "options": {"expires": 15}},
    "check what was not checked yet": {"task": "posts.check", "schedule": 60.0, "options": {"expires": 60}},
    "mail what people are told": {"task": "posts.mail_notices", "schedule": 30.0, "options": {"expires": 30}},
    "take the steps whose hour has come": {"task": "posts.schedules", "schedule": 60.0, "options": {"expires": 60}},
    "remind of what is to be looked at": {"task": "posts.remind", "schedule": 900.0, "options": {"expires": 900}},
    "tell of what is wrong": {"task": "posts.tell_alerts", "schedule": 60.0, "options": {"expires": 60}},
}

# --- Git

# git starts from an empty environment; these of ours are handed to it if they are set. Whoever keeps a password
# or a key in a place of his own adds GIT_ASKPASS or GIT_SSH_COMMAND.
HANDED_TO_GIT: list[str] = env.list(
    "GIT_VARIABLES", default=["SSH_AUTH_SOCK", "GIT_SSL_CAINFO", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"]
)
GIT_ENVIRONMENT = {name: env.str(name) for name in HANDED_TO_GIT if name in env.ENVIRON}
# Keys, tokens and webhook secrets by name: a collection knows the name alone (posts/credentials.py).
CREDENTIALS = {
    name: value
    for name, value in env.ENVIRON.items()
    if name.startswith(("GIT_TOKEN_", "GIT_USERNAME_", "GIT_SSH_KEY_FILE_", "GIT_KNOWN_HOSTS_FILE_", "HOOK_SECRET_"))
}
# After the @ in the commits of somebody without an e-mail address.
NO_REPLY_DOMAIN = env.str("NO_REPLY_DOMAIN", default="noreply.invalid")

# --- The libraries

TAGGIT_CASE_INSENSITIVE = True

MARKDOWNX_MARKDOWNIFY_FUNCTION = "posts.previewing.render"
MARKDOWNX_UPLOAD_CONTENT_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"]
MARKDOWNX_UPLOAD_MAX_SIZE = 10 * MEGABYTE
MARKDOWNX_SVG_JAVASCRIPT_PROTECTION = True

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Evergreen",
    "SITE_HEADER": "Evergreen",
    "SITE_SUBHEADER": _("Posts, reviewed"),
    "SHOW_VIEW_ON_SITE": False,
    # There is no other site behind this one to return to.
    "SITE_URL": None,
    "SHOW_LANGUAGES": True,
    "SITE_SYMBOL": "eco",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("posts/home_icon.svg")},
    ],
    # A green for what is pressed or chosen, dark enough at 600 that white stands out on it.
    "COLORS": {
        "primary": {
            "50": "oklch(97.9% .021 166.1)",
            "100": "oklch(95% .052 163.1)",
            "200": "oklch(90.5% .093 164.2)",
            "300": "oklch(84.5% .143 165)",
            "400": "oklch(76.5% .177 163.2)",
            "500": "oklch(69.6% .17 162.5)",
            "600": "oklch(50.8% .118 165.6)",
            "700": "oklch(43.2% .095 166.9)",
            "800": "oklch(37.8% .077 168.9)",
            "900": "oklch(32% .065 170)",
            "950": "oklch(26.2% .051 172.6)",
        },
    },
    "STYLES": [
        lambda request: static("posts/evergreen.css"),
        lambda request: static("posts/home.css"),
        lambda request: static("posts/alerts.css"),
        lambda request: static("posts/people.css"),
        lambda request: static("posts/workingcopy.css"),
        lambda request: static("posts/schedule.css"),
        lambda request: static("posts/bulk.css"),
        lambda request: static("posts/looks.css"),
        lambda request: static("posts/terms.css"),
    ],
    "SCRIPTS": [
        lambda request: static("posts/keptcopies.js"),
        lambda request: static("posts/looks.js"),
        lambda request: static("posts/palette.js"),
    ],
    "DASHBOARD_CALLBACK": "posts.admin.home.dashboard",
    "ACCOUNT": {"navigation": "cms.navigation.account"},
    "SIDEBAR": {"navigation": "cms.navigation.sidebar", "show_search": True, "command_search": True},
    "COMMAND": {"search_callback": "posts.admin.palette.found"},
}

LOGGING = logging_for(json=False)
