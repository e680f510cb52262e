"""Tables as CSV that a spreadsheet opens as text and nothing else, and back. Pure."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

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


def read_csv(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table as they were before `csv_of`, each with the line on which it begins.

    Columns are parted by commas, semicolons or tabs, as the first line has them: spreadsheets write all three. Raises
    `csv.Error` for what is no such table.
    """
    lines = io.StringIO(text.removeprefix(BOM), newline="")
    first = lines.readline()
    lines.seek(0)
    delimiter = max(",;\t", key=first.count)
    reader, begins = csv.reader(lines, delimiter=delimiter, strict=True), 1
    for row in reader:
        yield begins, [_plain(cell) for cell in row]
        begins = reader.line_num + 1


def _plain(cell: str) -> str:
    text = cell.strip()
    return text[1:].strip() if text[:1] == "'" and text[1:].lstrip(" \u3000")[:1] in _BEGINS_A_FORMULA else text


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = str(value).replace("\0", "")
    return f"'{text}" if text.lstrip(" \u3000")[:1] in _BEGINS_A_FORMULA and text.strip() else text
