"""The environment that git is started in, and the token that it may hold."""

import base64
import os
from collections.abc import Mapping
from urllib.parse import quote

SSH = (
    "ssh -oBatchMode=yes -oStrictHostKeyChecking=yes -oConnectTimeout=30"
    " -oServerAliveInterval=15 -oServerAliveCountMax=8"
)
"""How git starts ssh: it never asks, and knows its hosts."""

TOKEN_VARIABLE = "EVERGREEN_GIT_TOKEN"  # noqa: S105
"""Under this name the environment may hold a token (`posts/git_credentials.py`): no words of git's ever show it."""

_SHORTEST = 8


def environment_of_git(protocol: str, extra: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a git that may use `protocol` alone.

    From nothing: a GIT_DIR, a proxy or a credential helper that the server process happens to have is not for us.
    Whoever runs the site may hand some in as `extra`, but not undo what keeps git from asking and from reading.
    """
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "GIT_ASKPASS": "/bin/false",
        "GIT_SSH_COMMAND": SSH,
        **extra,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": protocol,
    }


def forms_of_token(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The ways in which a server may repeat the token of `environment`, if it has one.

    As it is, as an address has it, and as HTTP sends it: in base64 behind a name and a colon, so at each of its three
    places, without the ends, which depend upon what stands around.
    """
    token = environment.get(TOKEN_VARIABLE, "")
    if not token:
        return ()
    shifted = (base64.b64encode(b"-" * shift + token.encode())[4 if shift else 0 :] for shift in range(3))
    coded = (each.rstrip(b"=")[:-1].decode() for each in shifted)
    return tuple(dict.fromkeys((token, quote(token, safe=""), *(each for each in coded if len(each) >= _SHORTEST))))
