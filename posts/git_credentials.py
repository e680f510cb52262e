"""What git's environment says about a token or a key: never a command line, a URL, or a file of the mirror."""

import re
import shlex
from urllib.parse import urlsplit

from posts.git_environment import SSH, TOKEN_VARIABLE
from posts.git_process import GitError

_USERNAME_VARIABLE = "EVERGREEN_GIT_USERNAME"
# Its words stand in a process list, so they name the variables alone; printf and test are the shell's own.
_PRINT = f'printf "username=%s\\npassword=%s\\n" "${_USERNAME_VARIABLE}" "${TOKEN_VARIABLE}"'
_HELPER = f'!f() {{ test "$1" = get && {_PRINT}; }}; f'
# To ssh's reading of its options they mean something, and its two options read them differently.
_MEANS_SOMETHING_TO_SSH = re.compile(r'["%$\\\x00-\x1f\x7f]')
_ENDS_A_LINE = re.compile(r"[\x00-\x1f\x7f]")


def token_environment(url: str, username: str, token: str) -> dict[str, str]:
    """For a web server: git gives `username` and `token` to the host of `url` when it asks, and to no other.

    A header of ours would go wherever that host sends git on to; a credential of one host does not. Raises `GitError`
    for a name or token that is none.
    """
    if not token or _ENDS_A_LINE.search(username + token):
        raise GitError("credentials_missing")
    parts = urlsplit(url)
    helper = f"credential.{parts.scheme}://{parts.netloc}.helper"
    return {
        _USERNAME_VARIABLE: username,
        TOKEN_VARIABLE: token,
        "GIT_CONFIG_COUNT": "2",
        # The empty one makes git forget what helpers it may know of besides.
        "GIT_CONFIG_KEY_0": helper,
        "GIT_CONFIG_VALUE_0": "",
        "GIT_CONFIG_KEY_1": helper,
        "GIT_CONFIG_VALUE_1": _HELPER,
    }


def key_environment(key: str, known_hosts: str) -> dict[str, str]:
    """For ssh: the files of the key and of the hosts that are known; "" leaves ssh its own. Raises `GitError`."""
    words = [SSH]
    for path in (key, known_hosts):
        if path and (not path.startswith("/") or _MEANS_SOMETHING_TO_SSH.search(path)):
            raise GitError("credentials_missing")
    if key:
        words += ["-i", shlex.quote(key), "-oIdentitiesOnly=yes"]
    if known_hosts:
        # Quoted twice: for the shell that git starts, and for ssh, to which a blank parts two files.
        words += [shlex.quote(f'-oUserKnownHostsFile="{known_hosts}"'), "-oGlobalKnownHostsFile=/dev/null"]
    return {"GIT_SSH_COMMAND": " ".join(words)}
