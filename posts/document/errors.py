"""What can be wrong with a document, and why an edit of one is refused: as data, without prose.

The wording (with its remedy, in the reader's language) is made at the door from the code and its facts.
A test there asks for a wording for each of `DOCUMENT_CODES` and `EDIT_CODES`.
"""

from posts.errors import EvergreenError

# Each code of DocumentError, with the facts it carries beside `line` and `column`:
#
# broken_yaml            detail     the YAML parser refuses it; `detail` is libyaml's own words
# duplicate_key          key        a key stands twice in one mapping; js-yaml refuses the whole file then
# not_a_mapping                     the front matter is a list or a single value, not `key: value` lines
# fence_not_closed                  a `---` opens the front matter and no later line starts with `---`
# fence_unclear                     the readers in the field disagree where it ends: `----`, `---foo`, a lone CR
# not_utf8                          bytes that are not UTF-8
# nul                               a NUL byte
# too_large              size, limit
# front_matter_language  language   `---js`, `---toml`, ...: Eleventy would run or read it otherwise
# too_many_aliases       limit      aliases that would blow up when they are resolved (billion laughs)
# recursive_alias                   an anchor that contains its own alias
# too_deep               limit      lists and mappings nested deeper than any post needs
DOCUMENT_CODES = (
    "broken_yaml",
    "duplicate_key",
    "not_a_mapping",
    "fence_not_closed",
    "fence_unclear",
    "not_utf8",
    "nul",
    "too_large",
    "front_matter_language",
    "too_many_aliases",
    "recursive_alias",
    "too_deep",
)

# Each code of EditRefused, with its facts:
#
# reads_back_wrong    key          no way of writing the value read back as asked, everything else unchanged
# anchor_in_use       key          the old value carries an anchor (`&name`) that another place refers to
# flow_mapping        key          the front matter is one `{...}`: no line where a new key could go
# nested_items        key          the old list holds lists or mappings that the new one would drop
# unsupported_value   key          not text, yes/no, whole number, date, nothing, or a list of text
# unusual_key         key          a key that cannot be written on one line, or whose value has no colon before it
# body_changed                     the new body would be read as front matter, or moves where the front matter ends
# fence_inside        line         a line of the new front matter begins with ---, which would end it
# body_not_text                    the new body holds a NUL or half a surrogate pair
# result_too_large    size, limit  the edited document would pass the limit of DocumentError("too_large")
EDIT_CODES = (
    "reads_back_wrong",
    "anchor_in_use",
    "flow_mapping",
    "nested_items",
    "unsupported_value",
    "unusual_key",
    "body_changed",
    "fence_inside",
    "body_not_text",
    "result_too_large",
)

# Each code of MergeRefused, with its facts. The three texts are then a conflict of the whole file (DESIGN §2.1).
#
# merge_in_braces              both changed a front matter that is one `{...}`: it has no lines to merge
# merge_unreadable     detail  what comes out of the merge cannot be read; `detail` is the code of DocumentError
# merge_reads_wrong    key     it can be read, but this key (or "body") would say something else than either side
MERGE_CODES = ("merge_in_braces", "merge_unreadable", "merge_reads_wrong")


class DocumentError(EvergreenError):
    """A document that cannot be read. `line` (of the file) and `column` (in characters) count from 1."""

    def __init__(self, code: str, line: int | None = None, column: int | None = None, **facts: object) -> None:
        super().__init__(code, line=line, column=column, **facts)
        self.line = line
        self.column = column


class EditRefused(EvergreenError):
    """An edit that is not made, because its result could not be vouched for. The document is as it was."""


class MergeRefused(EvergreenError):
    """A merge whose result could not be vouched for: somebody must look at the whole texts."""
