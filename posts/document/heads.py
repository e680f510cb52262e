"""The front matter of a document as a text that somebody may edit, and put back."""

from posts.document.bodies import body_with_own_line_ends, normalised
from posts.document.document import Document
from posts.document.errors import DocumentError, EditRefused
from posts.document.spans import split

FIRST_LINE = 2
"""The line of the file on which the text between the fences begins."""


def front_matter_of(document: Document) -> str:
    """What stands between the fences of `document`, with line feeds; "" without fences."""
    fences = split(document.text)
    return normalised(document.text[fences.start : fences.end]) if fences else ""


def with_front_matter(document: Document, typed: str) -> Document:
    """`document` with `typed` between its fences; it is given fences if it has none. Its body stays as it is.

    Line ends are the browser's and make no difference. Raises DocumentError with the line of the file, and EditRefused
    (fence_inside) where a line of `typed` would end the front matter.
    """
    wanted = normalised(typed)
    if wanted and not wanted.endswith("\n"):
        wanted += "\n"
    if wanted == front_matter_of(document):
        return document
    fences = split(document.text)
    if fences is None:
        mark = "\ufeff" if document.text.startswith("\ufeff") else ""
        fence = "---" + document.newline
        before, had, behind = mark + fence, "", fence + document.text.removeprefix(mark)
    else:
        before, behind = document.text[: fences.start], document.text[fences.end :]
        had = document.text[fences.start : fences.end]
    block = body_with_own_line_ends(had, wanted, document.newline)
    for number, line in enumerate(wanted.split("\n"), FIRST_LINE):
        if line.startswith("---"):
            raise EditRefused("fence_inside", line=number)
    text = before + block + behind
    found = split(text)
    if found is None or found.end != len(before) + len(block):
        raise DocumentError("fence_unclear", 1, 1)
    return Document.from_text(text)
