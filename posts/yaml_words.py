"""What YAML's own reader says against front matter, in our words: what is wrong, and then what to do.

The reader is libyaml; its messages are parts of its source (scanner.c, parser.c, reader.c), and of PyYAML's composer.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_TAG = _("A value that begins with ! names a kind of value, and this one is not known. Put it in quotation marks.")
_NAME = _("A value cannot begin with & or * alone. Put it in quotation marks.")
_NUMBER = _("After \\x, \\u or \\U no number of a sign follows. Write the sign itself, or two backslashes.")
_OPEN = _("A quotation mark is opened here and never closed. Close it at the end of the value.")
_LONG = _("Nothing else may follow | or > on its line. Begin the text on the next line, indented.")
_ORDER = _("A line that begins with “%” is an order to YAML's reader. Remove it.")

# The first part that is found in a message tells.
_WORDS: tuple[tuple[str, Promise], ...] = (
    (
        "mapping values are not allowed",
        _(
            "A colon stands where none is expected. Put the whole value in quotation marks. If a key begins here, see "
            "that it is not indented, and that the line above has a colon with a space behind it."
        ),
    ),
    (
        "cannot start any token",
        _(
            "No value can begin with this sign: @, ` and % must stand in quotation marks, and lines are indented with "
            "spaces, not with tabs."
        ),
    ),
    ("unexpected end of stream", _OPEN),
    ("unexpected document indicator", _OPEN),
    (
        "unknown escape character",
        _(
            "In double quotation marks a backslash begins a special sign, and there is no such one. Write two "
            "backslashes, or use single quotation marks."
        ),
    ),
    ("hexdecimal number", _NUMBER),
    ("character escape code", _NUMBER),
    (
        "undefined alias",
        _("A value that begins with * repeats another one, and there is none of this name. Put it in quotation marks."),
    ),
    ("while scanning an anchor", _NAME),
    ("while scanning an alias", _NAME),
    ("duplicate anchor", _("Two values have the same name behind their &. Give one of them another name.")),
    (
        "did not find expected key",
        _(
            "This belongs to no key. A value in quotation marks ends with them: within '…' write ' twice. And a key "
            "must begin exactly below the one before it."
        ),
    ),
    (
        "expected '-' indicator",
        _(
            "A line among the items of a list is none itself. Begin each item with “- ”, and let a key begin exactly "
            "below the one before it."
        ),
    ),
    (
        "expected ',' or ']'",
        _("A square bracket is not closed, or a comma is missing between two items. Write the list as [one, two]."),
    ),
    (
        "expected ',' or '}'",
        _("A brace is not closed, or a comma is missing. If the brace is text, put the value in quotation marks."),
    ),
    (
        "expected node content",
        _(
            "A value is expected here, and none can begin with this sign (such as a comma or a closing bracket). Put "
            "it in quotation marks."
        ),
    ),
    (
        "could not find expected ':'",
        _(
            "This line has no colon. Write it as “key: value”, with a space behind the colon. If it goes on with the "
            "line above, indent it."
        ),
    ),
    ("found a tab character", _("The line is indented with a tab. Use spaces.")),
    ("while scanning a block scalar", _LONG),
    ("tag handle", _TAG),
    ("directive", _ORDER),
    ("while scanning a tag", _TAG),
    ("while parsing a tag", _TAG),
    (
        "block sequence entries are not allowed",
        _(
            "A list cannot begin on the line of its key. Put each “- ” on a line of its own below it; if it is text, "
            "put the value in quotation marks."
        ),
    ),
    ("<document start>", _("The keys are not indented alike. Let each begin at the very start of its line.")),
    ("single document", _("A line of --- or ... stands within the front matter. Remove it.")),
    ("control characters are not allowed", _("A sign that nobody sees stands here. Delete it.")),
    ("byte order mark", _("A sign that nobody sees stands before this key. Delete the line, and type it anew.")),
)
_UNKNOWN = _("The YAML of this line cannot be read: correct it. YAML's own words: {detail}")


def yaml_words(detail: str) -> str:
    """What is wrong and what to do, in the language of whoever reads; `detail` is the fact of `broken_yaml`.

    Of what is not known here, with the reader's own words at the end.
    """
    for part, words in _WORDS:
        if part in detail:
            return str(words)
    return str(_UNKNOWN).format(detail=detail)
