"""HTML that does not come through, and what Eleventy would run as a program."""

import re
from collections.abc import Iterator

from posts.checks.bodies import Body
from posts.checks.findings import Context, Finding, Severity
from posts.document.document import Document

_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)\b([^<>]*)>")
_HANDLER = re.compile(r"\son[a-z]+\s*=|javascript:", re.IGNORECASE)
_DROPPED = frozenset(
    {"script", "style", "iframe", "object", "embed", "form", "input", "button", "textarea", "select", "option", "link"}
    | {"meta", "base", "svg", "math", "applet", "frame", "frameset", "noscript", "template", "title", "head", "body"}
    | {"html"}
)
_TEMPLATE = re.compile(r"\{\{|\{%|\{#")
_RUNS_IN = frozenset(
    {"permalink", "layout", "eleventyComputed", "pagination", "eleventyImport", "templateEngineOverride"}
)


def dropped_html(body: Body) -> Iterator[Finding]:
    """Tags that a site takes out, or that would run something in the reader's browser."""
    for tag in _TAG.finditer(body.without_code):
        name = tag[1].lower()
        if name in _DROPPED or _HANDLER.search(tag[2]):
            if tag[0].startswith("</"):
                continue
            yield Finding(
                "html_dropped",
                Severity.WRONG,
                line=body.line_at(tag.start()),
                passage=tag[0][:200],
                facts={"tag": name},
            )


def template_syntax(body: Body) -> Iterator[Finding]:
    """`{{`, `{%` and `{#`, in code too: Eleventy runs a body as a template before it is Markdown."""
    for found in _TEMPLATE.finditer(body.text):
        yield Finding(
            "template_syntax",
            Severity.BREAKS,
            line=body.line_at(found.start()),
            passage=body.around(found.start(), found.end(), 20),
            facts={"sign": found[0]},
        )


def keys_of_the_build(document: Document, context: Context) -> Iterator[Finding]:
    """Keys that say how the site is built, with another value than the site has now."""
    if context.before is None:
        return
    for key in sorted(_RUNS_IN):
        if document.values.get(key) != context.before.values.get(key):
            said = str(document.values.get(key, ""))[:200]
            yield Finding("build_key_changed", Severity.DOUBT, key, document.line_of(key), said, {"key": key})


def javascript_front_matter(document: Document) -> Iterator[Finding]:
    """`---js` is run, not read."""
    if re.match(r"\ufeff?---\s*(?:js|javascript|json|toml)\b", document.text):
        yield Finding("front_matter_runs", Severity.BREAKS, line=1, passage=document.text[:20].split("\n")[0])
