"""What the answer of a mail server is about: one mail, or whatever else would be sent as well. Pure."""

from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

_GOES_AWAY = 421
_BEFORE_ANY_MAIL = (SMTPConnectError, SMTPHeloError, SMTPAuthenticationError)


def is_of_one_mail(error: Exception) -> bool:
    """Whether `error`, met while a mail was sent, is that mail's alone: a full mailbox, an address that is none.

    Otherwise the server is away, or wants nothing from us: all others would meet the same.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return _GOES_AWAY not in {code for code, _words in error.recipients.values()}
    if isinstance(error, SMTPResponseException):
        return not isinstance(error, _BEFORE_ANY_MAIL) and error.smtp_code != _GOES_AWAY
    return isinstance(error, ValueError)
