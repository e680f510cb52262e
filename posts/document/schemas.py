"""What type a plain (unquoted) scalar has, for each of the readers in the field.

YAML 1.1 is what PyYAML, Ruby and python-frontmatter read; YAML 1.2 is what the site reads: gray-matter with
js-yaml 3, newer tools with js-yaml 4. `Schema.type_of` is exact and serves the gate and the site's truth;
`may_be_typed` is deliberately wider and serves the writer: when in doubt, quote.
"""

import re
from dataclasses import dataclass

BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
"""What both YAML 1.1 and 1.2 call a boolean."""

NULLS = frozenset({"", "~", "null", "Null", "NULL"})

_TIMESTAMP = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?"
)
_TIMESTAMP_FORM = re.compile(_TIMESTAMP)


def is_timestamp(text: str) -> bool:
    """Whether `text` has the form of a YAML date or date-time (not whether the day exists)."""
    return _TIMESTAMP_FORM.fullmatch(text) is not None


@dataclass(frozen=True)
class Schema:
    """The implicit types of one family of readers."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]

    def type_of(self, literal: str) -> str:
        """`null`, `bool`, `int`, `float`, `timestamp`, `merge`, `value` or `str`."""
        for name, pattern in self.patterns:
            if pattern.fullmatch(literal):
                return name
        return "str"


def _schema(**patterns: str) -> Schema:
    return Schema(tuple((name, re.compile(pattern)) for name, pattern in patterns.items()))


# https://yaml.org/type/ as written there, and besides it what PyYAML's resolver takes.
YAML_1_1 = _schema(
    null=r"|~|null|Null|NULL",
    bool=r"y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
    int=(
        r"[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
        r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"
    ),
    float=(
        r"[-+]?(?:[0-9][0-9_]*)?\.[0-9_.]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    ),
    timestamp=_TIMESTAMP,
    merge=r"<<",
    value=r"=",
)

# https://yaml.org/spec/1.2.2/#103-core-schema, and besides it what js-yaml 3 and 4 take (their default schema
# has timestamps and the merge key; 3 has sexagesimal numbers and octals without the `o`).
YAML_1_2 = _schema(
    null=r"|~|null|Null|NULL",
    bool=r"true|True|TRUE|false|False|FALSE",
    int=(
        r"[-+]?[0-9][0-9_]*|[-+]?0b[01_]+|[-+]?0o[0-7_]+|[-+]?0x[0-9a-fA-F_]+"
        r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"
    ),
    float=(
        r"[-+]?(?:[0-9][0-9_]*)(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|[-+]?\.[0-9_]+(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    ),
    timestamp=_TIMESTAMP,
    merge=r"<<",
)


def is_text_everywhere(literal: str) -> bool:
    """Whether every reader takes the plain scalar `literal` as a string."""
    return YAML_1_1.type_of(literal) == "str" and YAML_1_2.type_of(literal) == "str"


_MAY_BE_TYPED = re.compile(
    r"[-+]?[0-9.][0-9_.,:+-]*(?:[eE][-+]?[0-9_.]*)?"  # numbers, sexagesimals, versions, 2024-01
    r"|[-+]?0[xXoObB][0-9a-fA-F_]*"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?"  # dates, and what follows one with a time
    r"|[-+]?\.(?:inf|nan)"
    r"|y|n|yes|no|true|false|on|off|null|none|~|=|<<|[-+.]+",
    re.IGNORECASE,
)


def may_be_typed(literal: str) -> bool:
    """Whether some reader might take the plain scalar `literal` as anything but a string."""
    return not literal or _MAY_BE_TYPED.fullmatch(literal) is not None


_NOT_A_NUMBER = frozenset({".nan", ".NaN", ".NAN"})


def is_true_on_the_site(literal: str) -> bool:
    """The truth of a plain scalar as js-yaml resolves it and JavaScript then takes it.

    False for nothing, null, false, zero in any spelling and not-a-number. `no` is a string there, so it is true.
    """
    if literal in NULLS or BOOLEANS.get(literal) is False or literal in _NOT_A_NUMBER:
        return False
    return not _is_zero(literal)


def _is_zero(literal: str) -> bool:
    """Whether js-yaml makes zero of `literal`: in base 60 too, and where a number is too small to be told."""
    if YAML_1_2.type_of(literal) not in ("int", "float"):
        return False
    digits = literal.replace("_", "").lstrip("+-").lower()
    if ":" in digits or digits[:2] in ("0x", "0b", "0o"):
        return not digits.removeprefix("0b").strip("0x:.o")
    try:
        return float(digits) == 0
    except ValueError:
        return False
