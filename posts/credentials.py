"""Credentials by name: a collection says the name, and the server's environment, or a file that it names, the rest.

A key, token or secret is read when it is needed and kept nowhere: so a renewed file counts at once, and the database,
addresses, logs, reports and errors never hold one.
"""

import os
import re
from pathlib import Path

from django.conf import settings

from posts.git import GitError
from posts.git_address import protocol_of
from posts.git_credentials import key_environment, token_environment
from posts.models import Collection

_USERNAME = "x-access-token"
"""What GitHub wants beside an app's token; there and at GitLab, Gitea and Forgejo any name goes with a person's."""

_LONGEST_FILE = 64 * 1024


def environment_for(collection: Collection) -> dict[str, str]:
    """What git may know of ours to reach the remote of `collection`.

    Raises `GitError("credentials_missing")` with the variable that is not set, or whose file cannot be used.
    """
    handed = dict(settings.GIT_ENVIRONMENT)
    if not collection.credentials:
        return handed
    name = collection.credentials.upper()
    match protocol_of(collection.url):
        case "https" | "http":
            return {**handed, **_token(collection.url, name)}
        case "ssh":
            return {**handed, **_key(name)}
    return handed


def hook_secret(name: str, credentials: str = "") -> bytes:
    """The secret that webhooks of the collection called `name` are signed with; empty if there is none.

    It goes by the name of the collection's `credentials`, else by the collection's own in capitals.
    """
    known_as = (credentials or name.replace("-", "_")).upper()
    try:
        return _secret("HOOK_SECRET", known_as).encode()
    except GitError:
        return b""


def hook_secret_variable(collection: Collection) -> str:
    """The name of the environment variable that `hook_secret` looks for."""
    return f"HOOK_SECRET_{(collection.credentials or collection.name.replace('-', '_')).upper()}"


def _token(url: str, name: str) -> dict[str, str]:
    username = settings.CREDENTIALS.get(f"GIT_USERNAME_{name}") or _USERNAME
    token = _secret("GIT_TOKEN", name)
    try:
        return token_environment(url, username, token)
    except GitError:
        raise GitError("credentials_missing", variable=f"GIT_TOKEN_{name}") from None


def _key(name: str) -> dict[str, str]:
    paths = []
    for kind in ("GIT_SSH_KEY_FILE", "GIT_KNOWN_HOSTS_FILE"):
        variable = f"{kind}_{name}"
        path = settings.CREDENTIALS.get(variable, "")
        if path:
            _check_readable(path, variable)
        paths.append(path)
    if not any(paths):
        raise GitError("credentials_missing", variable=f"GIT_SSH_KEY_FILE_{name}")
    return key_environment(*paths)


def _check_readable(path: str, variable: str) -> None:
    try:
        key_environment(path, "")
        readable = Path(path).is_file() and os.access(path, os.R_OK)
    except (GitError, OSError):
        readable = False
    if not readable:
        raise GitError("credentials_missing", variable=variable)


def _secret(kind: str, name: str) -> str:
    """The value of `kind`_`name`, or of the file that `kind`_FILE_`name` names, without the blanks around it."""
    # Of a name that begins with FILE_ nobody could tell which of the two variables is meant.
    if not re.fullmatch(r"(?!FILE_)[A-Z0-9_]+", name):
        raise GitError("credentials_missing", variable=f"{kind}_{name}")
    secret = settings.CREDENTIALS.get(f"{kind}_{name}", "").strip()
    variable = f"{kind}_FILE_{name}"
    if not secret and settings.CREDENTIALS.get(variable):
        try:
            with Path(settings.CREDENTIALS[variable]).open(encoding="utf-8") as file:
                secret = file.read(_LONGEST_FILE).strip()
        except (OSError, ValueError):
            raise GitError("credentials_missing", variable=variable) from None
    if not secret:
        raise GitError("credentials_missing", variable=f"{kind}_{name}")
    return secret
