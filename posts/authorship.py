"""Who wrote a part of a text since it was last approved (DESIGN §2.9). Pure."""

from collections.abc import Sequence

from posts.document.document import Document

_BODY = "\0body"  # no key of a front matter can hold a NUL


def writers(history: Sequence[tuple[Document, int | None]]) -> frozenset[int]:
    """The people (by key) who wrote a part of the last text of `history` that its first text does not have.

    `history` is in order, each text with who made it as a writer (None: nobody, as a transition or a machine).
    Each front-matter key and the body is looked at by itself; one that reads again as it did before has the
    writers of then, so somebody whose changes are all undone is no writer.
    """
    if not history:
        return frozenset()
    first, starter = history[0]
    seen: dict[str, dict[object, frozenset[int]]] = {}
    current: dict[str, frozenset[int]] = {}
    for document, who in history:
        parts = _parts(document)
        by = frozenset() if who is None else frozenset({who})
        for key in {*parts, *current}:
            value = parts.get(key)
            before = seen.setdefault(key, {} if document is first else {None: frozenset()})
            if value not in before:
                before[value] = current.get(key, frozenset()) | by
            current[key] = before[value]
    unchanged = _parts(first) if starter is None else {}
    last = _parts(history[-1][0])
    return frozenset().union(*(people for key, people in current.items() if last.get(key) != unchanged.get(key)))


def _parts(document: Document) -> dict[str, object]:
    parts: dict[str, object] = {key: repr(value) for key, value in document.values.items()}
    parts[_BODY] = document.body
    return parts
