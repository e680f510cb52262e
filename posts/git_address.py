"""Which addresses and which names of branches git may be given. Runs nothing.

An address can be a program to git (`ext::sh -c …`), an option (`--upload-pack=…`), or bear a password that then
stands in process lists, logs and error messages. So only what is known to be harmless passes.
"""

import ipaddress
import re
from urllib.parse import SplitResult, unquote, urlsplit

from posts.git_process import GitError

_LONGEST_URL = 2000
_LONGEST_BRANCH = 240
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_LIKE_SCP = re.compile(rf"(?:(?P<user>[A-Za-z0-9_][A-Za-z0-9._+-]*)@)?(?:{_HOST}|\[[0-9A-Fa-f:.]+\]):(?P<path>[^:-].*)")
_SSH_AUTHORITY = re.compile(
    rf"(?:[A-Za-z0-9_][A-Za-z0-9._+-]*(?P<password>:[^@]*)?@)?(?:{_HOST}|\[[0-9A-Fa-f:.]+\])(?::\d{{1,5}})?"
)
_WEB_AUTHORITY = re.compile(rf"(?:{_HOST}|\[[0-9A-Fa-f:.]+\])(?::\d{{1,5}})?")
_FORBIDDEN_IN_BRANCH = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|[./]$|^[-./]")


def check_url(url: str) -> None:
    """Refuse an address that is not the full path of a folder, `file://`, ssh, https, or http on the loopback.

    Raises `GitError`: `protocol_not_allowed` for another way of transport, `bad_url` for what is no address or
    has a user or a password for a web server in it.
    """
    protocol_of(url)


def protocol_of(url: str) -> str:
    """The name by which git knows the way to `url`: file, ssh, https or http; raises as `check_url` does."""
    if not url or len(url) > _LONGEST_URL or _CONTROL.search(url) or url.startswith("-") or url != url.strip():
        raise GitError("bad_url")
    if url.startswith("/"):
        return "file"
    if re.match(r"[A-Za-z0-9+.-]*::", url):
        raise GitError("protocol_not_allowed")
    if "://" in url:
        return _protocol_with_authority(url)
    scp = _LIKE_SCP.fullmatch(url)
    # `user:password@host:path` would be a host named like the user.
    if scp and (scp["user"] or "@" not in scp["path"]):
        return "ssh"
    raise GitError("bad_url")


def check_branch(branch: str) -> None:
    """Refuse what `git check-ref-format --branch` refuses; raises `GitError` with the code `bad_branch`."""
    if (
        not branch
        or len(branch.encode(errors="replace")) > _LONGEST_BRANCH
        or branch in ("@", "HEAD")
        or _CONTROL.search(branch)
        or _FORBIDDEN_IN_BRANCH.search(branch)
    ):
        raise GitError("bad_branch")


def _protocol_with_authority(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise GitError("bad_url") from None
    # git decodes a percent sign wherever it stands, so what hides behind one counts.
    if _CONTROL.search(unquote(url, errors="replace")):
        raise GitError("bad_url")
    match parts.scheme if url.startswith(f"{parts.scheme}://") else "":
        case "file":
            fits = not parts.netloc and len(parts.path) > 1
        case "ssh":
            authority = _SSH_AUTHORITY.fullmatch(parts.netloc)
            fits = authority is not None and not authority["password"] and _leads_somewhere(parts)
        case "https":
            fits = _is_for_the_web(parts)
        case "http":
            fits = _is_for_the_web(parts)
            if fits and not _is_loopback(parts.hostname or ""):
                raise GitError("protocol_not_allowed")
        case _:
            raise GitError("protocol_not_allowed")
    if not fits:
        raise GitError("bad_url")
    return parts.scheme


def _is_for_the_web(parts: SplitResult) -> bool:
    # No user either: it may be a token. Nor a query, which may hold one, and which no git server wants.
    return bool(_WEB_AUTHORITY.fullmatch(parts.netloc)) and not parts.query and _leads_somewhere(parts)


def _leads_somewhere(parts: SplitResult) -> bool:
    return len(parts.path) > 1 and not unquote(parts.path).startswith("/-")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
