"""The embedded broker: kombu's queue of files, made safe against reading a message that is still being written.

kombu writes a message into the very file that the worker looks for. A worker that comes in between reads
half of it, and the whole worker process ends by that one error. A torn file (the disk was full, the power went)
has the same effect. Here a message gets its name only when it is complete, and what cannot be read is
dropped: a message is a wake-up, and a lost one costs a minute.
"""

import json
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

import structlog
from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

log = structlog.get_logger(__name__)


class Channel(filesystem.Channel):
    """Puts whole messages, and gets over broken ones."""

    # kombu's two base classes name this argument differently themselves.
    def _put(self, queue: str, payload: object, **options: Any) -> None:  # type: ignore[override]
        """Put `payload` onto `queue`; raise `ChannelError` if the disk does not take it."""
        name = f"{time.monotonic_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg"
        unfinished = Path(self.data_folder_out, f"{name}.unfinished")
        try:
            unfinished.write_text(dumps(payload), encoding="utf-8")
            unfinished.replace(unfinished.with_name(name))
        except OSError as error:
            raise ChannelError(f"Cannot add the message {name!r}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """The next message of `queue`; raise `Empty` if there is none that can be read. Never waits."""
        try:
            return super()._get(queue)
        except (json.JSONDecodeError, UnicodeDecodeError):
            log.warning("a broken message was dropped", queue=queue)
            raise Empty from None


class Transport(filesystem.Transport):
    """kombu's transport with the channel above."""

    Channel = Channel
