"""A mail server that fails as a test says."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend


class FailingServer(EmailBackend):
    """A mail server that fails as `failure` says, for the addresses in `only` or for all."""

    failure: Exception | None = None
    only: Sequence[str] = ()

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:  # type: ignore[override]
        """Take the mails, or fail."""
        concerned = not self.only or any(address in self.only for message in messages for address in message.to)
        if FailingServer.failure is not None and concerned:
            raise FailingServer.failure
        return super().send_messages(messages)
