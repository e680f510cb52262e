"""A body as the site will show it: Markdown by the site's own rules, then only what may stand in our pages.

The site is built by Eleventy 3, whose Markdown is markdown-it with `html: true` and without indented code blocks.
What that gives is another person's HTML, so nothing of it reaches a page of ours but through nh3.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from posts.errors import EvergreenError

LIMIT = 512 * 1024
"""The size in bytes from which on nothing is rendered: real bodies reach 180 KB, and others want to be served too."""

_DEEPEST = 400
"""So many tags open within one another are shown; browsers show 512 at most, and nh3 takes their square in time."""
_MOST_BRACKETS = 250_000
"""Of brackets, each counted as often as it lies in others: markdown-it looks at each again for all around it."""
_BRACKETS_COUNTED = 100

LINE = "data-line"
"""Where a piece of a block says on which line it begins, counted from the block's first, which is 0."""

_TAGS = (frozenset(nh3.ALLOWED_TAGS) | {"section"}) - {"area", "map"}
_ATTRIBUTES = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()} | {
    "*": {"id", "class", "style", "title", "lang"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "details": {"open"},
    "input": {"checked", "disabled"},
}
_ATTRIBUTES_WITH_LINES = _ATTRIBUTES | {"*": _ATTRIBUTES["*"] | {LINE}}
# A link in the preview must not replace the form, and with it what was typed.
_LINKS_OPEN_BESIDE = {"a": {"target": "_blank"}}
# Of a form only the boxes of a list of tasks are there.
_ONLY_BOXES = {"input": {"type": "checkbox"}}
# An id of ours could be taken over by one in a body; with this before it, it cannot.
_ID_PREFIX = "in-body-"
_CLASS = re.compile(r"language-[\w+#.-]+")
_CLASSES = frozenset(
    {
        *("footnote-ref", "footnotes-sep", "footnotes", "footnotes-list", "footnote-item", "footnote-backref"),
        *("contains-task-list", "task-list-item", "task-list-item-checkbox"),
    }
)
_ALIGNED = {"td", "th"}
_ALIGNMENT = re.compile(r"text-align:\s*(?:left|center|right)\s*;?")

_HANDLER = re.compile(r"on[a-z]+")
_DOING = frozenset({"style", "href", "src", "srcset", "srcdoc", "action", "formaction", "poster", "xlink:href"})

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# It takes what is no tag, too, so that it passes over each character once; a tag ends with its last group.
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)(?:\"[^\"]*\"|'[^']*'|[^'\"<>])*(>?)")
_NEVER_CLOSED = frozenset(
    ("br", "hr", "img", "wbr", "col", "input", "link", "meta", "source", "track", "embed", "base")
)
_CLOSED_BY_ITS_PARENT = frozenset(("li", "p", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "option"))


@dataclass(frozen=True, slots=True)
class Rules:
    """How the site has set its markdown-it; as Eleventy does unless a collection says otherwise."""

    html: bool = True
    linkify: bool = False
    typographer: bool = False
    breaks: bool = False
    footnotes: bool = False
    task_lists: bool = False
    definition_lists: bool = False
    heading_anchors: bool = False


ELEVENTY = Rules()

References = Mapping[str, Mapping[str, str]]
"""Where the links of a body lead that are defined elsewhere in it: label to `href` and `title`."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, `line` lines below the start of its block."""

    line: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a body that can be drawn by itself, from line `start` (the first is 0) to the next one's."""

    start: int
    html: str
    headings: tuple[Heading, ...] = ()


@dataclass(frozen=True, slots=True)
class Blocks:
    """A whole body in pieces, and the definitions of links found in it.

    With `anchors` a heading's address hangs on the headings before it. A piece that starts behind the last line is of
    the footnotes, which are defined and numbered all over the text.
    """

    blocks: tuple[Block, ...]
    references: References
    anchors: bool = False


class TooTangled(EvergreenError):
    """A text in which so much is open within one another that showing it would take minutes: "too_tangled"."""


def render(markdown: str, rules: Rules = ELEVENTY) -> str:
    """`markdown` (a body, without front matter) as sanitised HTML.

    Marks that the site shows as they are (`**真，**她`) are shown so here, too. Raises `TooTangled`.
    """
    machine, environment = _markdown(rules), dict[str, Any]()
    tokens = machine.parse(markdown, environment)
    for _piece in _pieces(tokens):
        pass  # how deep it goes is looked at there
    return _clean(machine.renderer.render(tokens, machine.options, environment), _ATTRIBUTES, rules)


def in_blocks(markdown: str, rules: Rules = ELEVENTY, references: References | None = None) -> Blocks:
    """`markdown` as `render` gives it, in pieces whose HTML stands by itself, with `LINE` in it.

    `markdown` may be some pieces of a larger body; `references` are then the definitions of links in the whole.
    HTML that begins in one paragraph and ends in another (`<details>`) makes one piece of all between. What has
    footnotes, or headings where these have anchors, is right as a whole alone. Raises `TooTangled`.
    """
    machine = _markdown(rules)
    environment: dict[str, Any] = {"references": {label: dict(where) for label, where in (references or {}).items()}}
    found = []
    for tokens in _pieces(machine.parse(markdown, environment)):
        of_notes = tokens[0].type == "footnote_block_open"
        start = markdown.count("\n") + 1 if of_notes else _line(tokens[0])
        for token in tokens:
            if of_notes:
                break
            if token.map and token.nesting >= 0 and token.type not in ("inline", "html_block"):
                token.attrSet(LINE, str(token.map[0] - start))
        html = machine.renderer.render(tokens, machine.options, environment)
        found.append(Block(start, _clean(html, _ATTRIBUTES_WITH_LINES, rules), tuple(_headings(tokens, start))))
    defined = {
        str(label): {"href": str(where.get("href", "")), "title": str(where.get("title", ""))}
        for label, where in environment["references"].items()
    }
    return Blocks(tuple(found), defined, rules.heading_anchors)


@lru_cache(maxsize=1024)
def is_dropped(tag: str, attributes: tuple[tuple[str, str], ...] = ()) -> bool:
    """Whether readers lose an element, or one of its `attributes` that does more than dress it, to the sanitiser.

    That is one that runs something, sets a style, or leads somewhere. A class that is dropped leaves the words alone.
    """
    if tag not in _TAGS:
        return True
    around = "<table><tr>" if tag in _ALIGNED else ""
    return any(
        f" {name}=" not in _clean(f'{around}<{tag} {name}="{escape(value)}">', _ATTRIBUTES, ELEVENTY)
        for name, value in attributes
        if name in _DOING or _HANDLER.fullmatch(name)
    )


@cache
def _markdown(rules: Rules) -> MarkdownIt:
    options = {
        "html": rules.html,
        "linkify": rules.linkify,
        "typographer": rules.typographer,
        "breaks": rules.breaks,
    }
    machine = MarkdownIt("js-default", options).disable("code")
    machine.core.ruler.before("inline", "brackets", _count_brackets)
    if rules.footnotes:
        machine.use(footnote_plugin)
    if rules.task_lists:
        machine.core.ruler.after("inline", "boxes", _draw_boxes)
    if rules.definition_lists:
        machine.use(deflist_plugin)
    if rules.heading_anchors:
        machine.core.ruler.push("headings", _address_headings)
    return machine


def _draw_boxes(state: StateCore) -> None:
    """Make a box of what begins an entry of a list as `[ ]` or `[x]`, as markdown-it-task-lists does.

    The plugins that there are for it, and for the addresses of headings, take the square of a long text in time.
    """
    lists: list[Token] = []
    for at, token in enumerate(state.tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(token)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "inline" and lists and state.tokens[at - 2].type == "list_item_open" and token.children:
            first = token.children[0]
            if first.type == "text" and first.content[:4].lower() in ("[ ] ", "[x] "):
                ticked = ' checked=""' if first.content[1] != " " else ""
                first.content = first.content[3:]
                box = f'<label><input class="task-list-item-checkbox"{ticked} disabled="" type="checkbox">'
                token.children.insert(0, Token("html_inline", "", 0, content=box))
                token.children.append(Token("html_inline", "", 0, content="</label>"))
                state.tokens[at - 2].attrSet("class", "task-list-item")
                lists[-1].attrSet("class", "contains-task-list")


def _address_headings(state: StateCore) -> None:
    """Give each heading the address that markdown-it-anchor gives it."""
    taken: dict[str, int] = {}
    for token, inside in pairwise(state.tokens):
        if token.type == "heading_open":
            slug = quote("-".join(_said(inside).strip().lower().split()), safe="!~*'()")
            address, number = slug, taken.get(slug, 0)
            while address in taken:
                number += 1
                address = f"{slug}-{number}"
            taken[slug], taken[address] = number, taken.get(address, 0)
            token.attrSet("id", address)


def _count_brackets(state: StateCore) -> None:
    counted = 0
    for token in state.tokens:
        depth = 0
        for bracket in re.findall(r"[\[\]]", token.content) if token.type == "inline" else ():
            depth = max(0, depth + (1 if bracket == "[" else -1))
            counted += min(depth, _BRACKETS_COUNTED)
    if counted > _MOST_BRACKETS:
        raise TooTangled("too_tangled")


def _clean(html: str, attributes: dict[str, set[str]], rules: Rules) -> str:
    return nh3.clean(
        html,
        tags=set(_TAGS | {"input", "label"} if rules.task_lists else _TAGS),
        attributes=attributes,
        attribute_filter=_kept,
        set_tag_attribute_values=_LINKS_OPEN_BESIDE | (_ONLY_BOXES if rules.task_lists else {}),
        url_schemes={"http", "https", "mailto"},
        id_prefix=_ID_PREFIX,
    )


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """What stays of an attribute that the list above lets through."""
    if attribute == "style":
        return value if tag in _ALIGNED and _ALIGNMENT.fullmatch(value.strip()) else None
    if attribute == "class":
        return value if value in _CLASSES or (tag == "code" and _CLASS.fullmatch(value)) else None
    if attribute == LINE:
        return value if value.isascii() and value.isdecimal() else None
    if attribute == "href" and value.startswith("#"):
        return f"#{_ID_PREFIX}{value[1:]}" if len(value) > 1 else value
    return value


def _pieces(tokens: Iterable[Token]) -> Iterator[list[Token]]:
    """The tokens of a body, parted wherever neither a block nor a tag of HTML is open; the footnotes are one part."""
    piece: list[Token] = []
    open_tags: list[str] = []
    notes = False
    for token in tokens:
        piece.append(token)
        notes = notes or token.type == "footnote_block_open"
        for each in (token, *(token.children or ())):
            if each.type in ("html_block", "html_inline"):
                _follow(each.content, open_tags)
            if len(open_tags) + each.level > _DEEPEST:
                raise TooTangled("too_tangled")
        if not notes and token.level == 0 and token.nesting <= 0 and not open_tags and token.type != "inline":
            yield piece
            piece = []
    if piece:
        yield piece


def _follow(html: str, open_tags: list[str]) -> None:
    """Keep the list of open tags through a piece of HTML, as a browser does."""
    for closes, name, end in _TAG.findall(_COMMENT.sub("", html)):
        tag = name.lower()
        if not end:
            continue
        if not closes:
            if tag not in _NEVER_CLOSED:
                open_tags.append(tag)
                if len(open_tags) > _DEEPEST:
                    raise TooTangled("too_tangled")
        elif tag in open_tags:
            at = len(open_tags) - 1 - open_tags[::-1].index(tag)
            open_tags[at:] = [inner for inner in open_tags[at + 1 :] if inner not in _CLOSED_BY_ITS_PARENT]


def _line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _headings(tokens: list[Token], start: int) -> Iterator[Heading]:
    for token, inside in pairwise(tokens):
        if token.type == "heading_open":
            yield Heading(_line(token) - start, int(token.tag[1]), _said(inside))


def _said(inside: Token) -> str:
    return "".join(each.content for each in inside.children or () if each.type in ("text", "code_inline"))
