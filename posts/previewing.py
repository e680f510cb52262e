"""A body as the site will show it: Markdown by the site's own rules, then only what may stand in our pages.

The site is built by Eleventy 3, whose Markdown is markdown-it with `html: true` and without indented code blocks.
What that gives is another person's HTML, so nothing of it reaches a page of ours but through nh3.
"""

import re

import nh3
from markdown_it import MarkdownIt

LIMIT = 512 * 1024
"""The size in bytes from which on nothing is rendered: real bodies reach 180 KB, and others want to be served too."""

_MARKDOWN = MarkdownIt("js-default", {"html": True}).disable("code")

_TAGS = frozenset(nh3.ALLOWED_TAGS) - {"area", "map"}
_ATTRIBUTES = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()} | {
    "*": {"id", "class", "style", "title", "lang"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "details": {"open"},
}
# A link in the preview must not replace the form, and with it what was typed.
_LINKS_OPEN_BESIDE = {"a": {"target": "_blank"}}
# An id of ours could be taken over by one in a body; with this before it, it cannot.
_ID_PREFIX = "in-body-"
_CLASS = re.compile(r"language-[\w+#.-]+")
_ALIGNED = {"td", "th"}
_ALIGNMENT = re.compile(r"text-align:\s*(?:left|center|right)\s*;?")


def render(markdown: str) -> str:
    """`markdown` (a body, without front matter) as sanitised HTML.

    Marks that the site shows as they are (`**真，**她`) are shown so here, too.
    """
    return nh3.clean(
        _MARKDOWN.render(markdown),
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        set_tag_attribute_values=_LINKS_OPEN_BESIDE,
        url_schemes={"http", "https", "mailto"},
        id_prefix=_ID_PREFIX,
    )


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """What stays of an attribute that the list above lets through."""
    if attribute == "style":
        return value if tag in _ALIGNED and _ALIGNMENT.fullmatch(value.strip()) else None
    if attribute == "class":
        return value if tag == "code" and _CLASS.fullmatch(value) else None
    if attribute == "href" and value.startswith("#"):
        return f"#{_ID_PREFIX}{value[1:]}" if len(value) > 1 else value
    return value
