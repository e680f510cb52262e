"""Whether a delivery is from somebody who knows the secret: the ways in which git servers sign their webhooks. Pure."""

import hashlib
import hmac
from collections.abc import Mapping

_SIGNED = ("X-Hub-Signature-256", "X-Gitea-Signature", "X-Forgejo-Signature", "X-Gogs-Signature")
_SHOWN = "X-Gitlab-Token"


def is_authentic(headers: Mapping[str, str], body: bytes, secret: bytes) -> bool:
    """Whether one of `headers` proves that the sender knows `secret`; an empty secret proves nothing.

    GitHub, Gitea and Forgejo sign the body (HMAC-SHA-256 in hexadecimal), GitLab shows the secret itself. It takes
    the same time whatever is wrong.
    """
    digest = hmac.new(secret or b"-", body, hashlib.sha256).hexdigest().encode()
    right = False
    for name in _SIGNED:
        told = _bytes(headers.get(name, "")).strip().removeprefix(b"sha256=").lower()
        right |= hmac.compare_digest(told, digest)
    # Digests of both, so that not even the secret's length shows.
    told = hashlib.sha256(_bytes(headers.get(_SHOWN, ""))).digest()
    right |= hmac.compare_digest(told, hashlib.sha256(secret).digest())
    return right and bool(secret)


def _bytes(header: str) -> bytes:
    # A header's characters are bytes (PEP 3333).
    return header.encode("latin-1", "replace")
