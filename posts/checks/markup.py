"""HTML that does not come through, and what Eleventy would run as a program."""

import re
from collections.abc import Iterator

from posts.checks.bodies import Body, blanked_at, paired
from posts.checks.findings import Context, Finding, Severity
from posts.document.document import Document
from posts.previewing import is_dropped

_TEMPLATE = re.compile(r"\{\{|\{%|\{#")
# After another brace it is part of something else.
_RAW = re.compile(r"(?<!\{)\{%-?\s*(end)?raw\s*-?%\}")
_OF_THE_BUILD = re.compile(
    r"permalink(?:BypassOutputDir)?|layout|pagination|dynamicPermalink|templateEngineOverride|eleventy\w*|override:.*",
    re.DOTALL,
)


def dropped_html(body: Body) -> Iterator[Finding]:
    """Elements that the sanitiser takes out, or of which it takes out what they would do."""
    for element in body.elements:
        if is_dropped(element.tag, element.attributes):
            yield Finding(
                "html_dropped",
                Severity.WRONG,
                line=body.line_at(element.start),
                passage=body.text[element.start : element.end][:200],
                facts={"tag": element.tag},
            )


def template_syntax(body: Body) -> Iterator[Finding]:
    """`{{`, `{%` and `{#`, in code too, but not within `raw`: Eleventy runs a body before it is Markdown.

    Its own language for Markdown, Liquid, knows no `{#`; where a site chose Nunjucks, that is a comment.
    """
    marks = [
        (*mark.span(), None if mark[1] else "raw", "raw" if mark[1] else None) for mark in _RAW.finditer(body.text)
    ]
    for found in _TEMPLATE.finditer(blanked_at(body.text, paired(marks))):
        comment = found[0] == "{#"
        yield Finding(
            "template_comment" if comment else "template_syntax",
            Severity.ADVICE if comment else Severity.BREAKS,
            line=body.line_at(found.start()),
            passage=body.around(found.start(), found.end(), 20),
            facts={"sign": found[0]},
        )


def is_of_the_build(key: str) -> bool:
    """Whether a key tells Eleventy how to build the page, or what to merge into its data."""
    return _OF_THE_BUILD.fullmatch(key) is not None


def keys_of_the_build(document: Document, context: Context) -> Iterator[Finding]:
    """Keys that say how the site is built, with another value than the site has, or else the pipeline delivered."""
    had = context.before.values if context.before else {}
    for key in sorted(filter(is_of_the_build, {*document.values, *had})):
        # A key without a value says nothing, like none.
        said, was = ("" if value is None else value for value in (document.values.get(key), had.get(key)))
        usual = context.before is None and (key, str(said)) in context.usual
        if said != was and not usual:
            passage = str(said)[:200]
            yield Finding(
                "build_key_changed", Severity.DOUBT, key[:40], document.line_of(key), passage, {"key": key[:100]}
            )
