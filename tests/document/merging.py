"""What the tests of the merge share: merging texts, and making three of one."""

from posts.document import Document, merge
from posts.document.merge import Conflict, Merged


def merged(base: str, ours: str, theirs: str, **options: object) -> Merged:
    """The merge of three texts. What holds for every merge is looked at on the way."""
    result = merge(*map(Document.from_text, (base, ours, theirs)), **options)
    assert Document.from_text(result.document.text).values == result.document.values
    assert not any(marker in result.document.text for marker in ("<<<<<<<", "=======", ">>>>>>>"))
    again = merge(Document.from_text(base), result.document, Document.from_text(theirs), **options)
    assert again.document.text == result.document.text
    assert len({conflict.field for conflict in result.conflicts}) == len(result.conflicts)
    return result


def cleanly(base: str, ours: str, theirs: str, **options: object) -> str:
    """The merged text of what merges without a conflict."""
    result = merged(base, ours, theirs, **options)
    assert result.conflicts == ()
    return result.document.text


def conflict_of(base: str, ours: str, theirs: str) -> Conflict:
    """The one conflict of a merge; the merged text has ours in its place."""
    (conflict,) = merged(base, ours, theirs).conflicts
    return conflict
