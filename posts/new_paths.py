"""Where a new post goes: a slug from its title, and a path by the collection's pattern. Pure."""

import datetime
import re
import unicodedata

from pypinyin import lazy_pinyin

from posts.paths import is_too_long

_LONGEST_SLUG = 80
_PART = re.compile(r"\{([^{}]*)\}")
_DATE_FORMAT = re.compile(r"^date:(?:[-_./]?%[Ymd])+$")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_OF_A_FORMAT = {"%Y": "{:04}", "%m": "{:02}", "%d": "{:02}"}


def slug_of(title: str, *, pinyin: bool) -> str:
    """`title` as a part of an address: small letters and digits of any language, with hyphens between words.

    With `pinyin` Chinese is written by its sound, `mei-gu-bao-die`. "" where the title has no letter and no digit.
    """
    text = unicodedata.normalize("NFKC", title)
    if pinyin:
        text = _HAN.sub(lambda found: f" {' '.join(lazy_pinyin(found.group()))} ", text)
    words = re.sub(r"[^\w\s-]|_", " ", re.sub(r"['’]", "", text.lower()))
    slug = re.sub(r"[-\s]+", "-", words).strip("-")
    if len(slug) <= _LONGEST_SLUG:
        return slug
    cut = slug[:_LONGEST_SLUG]
    # Whole words, unless that would leave next to nothing of a title without blanks.
    whole = cut.rpartition("-")[0] if slug[_LONGEST_SLUG] != "-" else cut
    return (whole if len(whole) > _LONGEST_SLUG // 2 else cut).strip("-")


def why_bad_path_pattern(pattern: str) -> str | None:
    """What makes `pattern` unfit: "slug", "braces", or the part in braces that is none; else None."""
    if re.search(r"[{}]", _PART.sub("", pattern)):
        return "braces"
    named = _PART.findall(pattern)
    unknown = [name for name in named if name != "slug" and not _DATE_FORMAT.match(name)]
    if unknown:
        return unknown[0] or "braces"
    return None if "slug" in named else "slug"


def wants_date(pattern: str) -> bool:
    """Whether a path by `pattern` cannot be made without a date."""
    return any(name.startswith("date:") for name in _PART.findall(pattern))


def filled(pattern: str, slug: str, date: datetime.date | None) -> str:
    """The path by `pattern`; "" if it wants a date and there is none, or there is no slug."""
    if not slug or (date is None and wants_date(pattern)):
        return ""
    return _PART.sub(
        lambda found: slug if found[1] == "slug" else _dated(found[1].removeprefix("date:"), date), pattern
    )


def fitting(pattern: str, slug: str, date: datetime.date | None, ending: str = "") -> str:
    """As much of `slug` as leaves room for `ending` in a path by `pattern`; "" if there is none."""
    kept = slug
    while kept and is_too_long(filled(pattern, kept + ending, date)):
        kept = kept[:-1].rstrip("-")
    return kept


def pattern_of_glob(glob: str, *, dated: bool) -> str:
    """The pattern that `glob`, a collection's first one, suggests: in its folder, by date if `dated`, and slug."""
    fixed = re.split(r"[*?\[]", glob, maxsplit=1)[0]
    ending = re.search(r"\.[\w.]+$", glob)
    name = "{date:%Y-%m-%d}-{slug}" if dated else "{slug}"
    return f"{fixed[: fixed.rfind('/') + 1]}{name}{ending.group() if ending else '.md'}"


def _dated(form: str, date: datetime.date | None) -> str:
    if date is None:
        return ""
    # strftime leaves out the zeros of an early year on some systems.
    told = {"%Y": date.year, "%m": date.month, "%d": date.day}
    plain = form.removeprefix("date:")
    return re.sub(r"%[Ymd]", lambda found: _OF_A_FORMAT[found[0]].format(told[found[0]]), plain)
