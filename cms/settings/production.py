"""Settings for a real site: they refuse to start rather than run unsafely."""

from django.core.exceptions import ImproperlyConfigured

from cms.settings import base
from cms.settings.base import *  # noqa: F403
from cms.settings.logs import logging_for

SHORTEST_KEY = 50
NEVER_A_KEY = ("insecure", "change", "secret", "example", "default")


def refuse_unsafe(secret_key: str, debug: bool, hosts: list[str]) -> None:
    """Raise `ImproperlyConfigured` for what must not face the world."""
    if not secret_key:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'."
        )
    if len(secret_key) < SHORTEST_KEY or len(set(secret_key)) < 10 or secret_key.lower().startswith(NEVER_A_KEY):
        raise ImproperlyConfigured(
            f"SECRET_KEY is a default one or too easy to guess: it needs {SHORTEST_KEY} random characters."
        )
    if debug:
        raise ImproperlyConfigured("DEBUG is on: pages would show settings and source to whoever meets an error.")
    if not hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS is not set. Name the hosts that the site answers for, with commas.")


refuse_unsafe(base.SECRET_KEY, base.DEBUG, base.ALLOWED_HOSTS)

# --- TLS. BEHIND_TLS_PROXY says that a proxy of ours sets X-Forwarded-Proto and drops a visitor's own.

SECURE_SSL_REDIRECT = base.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if base.flag("BEHIND_TLS_PROXY", default=False) else None
SECURE_HSTS_SECONDS = base.whole_number("SECURE_HSTS_SECONDS", default=3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = base.flag("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = base.flag("SECURE_HSTS_PRELOAD", default=False)
# Subdomains and preload lists bind sites other than this one: the owner of the domain decides.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

STORAGES = {
    **base.STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LOGGING = logging_for(json=True)
