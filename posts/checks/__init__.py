"""What is wrong or doubtful in a document, with its line and, where one is safe, its mend. Pure: a rule a function."""

from posts.checks.findings import BodyFix, Context, Finding, KeyFix, Severity, fixed
from posts.checks.rules import CODES, VERSION, check
from posts.checks.site import SITE_CODES

__all__ = [
    "CODES",
    "SITE_CODES",
    "VERSION",
    "BodyFix",
    "Context",
    "Finding",
    "KeyFix",
    "Severity",
    "check",
    "fixed",
]
