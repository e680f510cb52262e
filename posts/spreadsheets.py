"""Tables as CSV that a spreadsheet opens as text and nothing else. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
"""Without it Excel takes UTF-8 for the computer's own encoding, and Chinese for nonsense."""

_BEGINS_A_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


def csv_of(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """The table as CSV with a BOM; a text that a spreadsheet would compute is marked as text by an apostrophe."""
    told = io.StringIO()
    writer = csv.writer(told, lineterminator="\r\n")
    for row in [header, *rows]:
        writer.writerow([_cell(value) for value in row])
    return BOM + told.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = str(value).replace("\0", "")
    return f"'{text}" if text.lstrip(" \u3000")[:1] in _BEGINS_A_FORMULA and text.strip() else text
