"""What editors and other people do to a text, drawn by number: each new word is unlike any other that was ever written.

A word such as `m17q` tells where it came from and where it went: that is how a test sees that nothing was lost.
"""

import re
from collections.abc import Iterator

from posts import fields
from posts.document.document import Document
from posts.document.errors import DocumentError, EditRefused

WORD = re.compile(r"m\d+q")
_SENTENCE = re.compile(r"[^。\n]+。?")
PLAIN = ("title", "summary", "guest", "author")
LISTS = ("tags", "companies_orgs")
TEXT = """---
title: 题目{0}
author: 小翠
date: '2026-02-13'
tags:
  - {1}
  - 股市
summary: 简介{2}
companies_orgs:
  - {3}
draft: {draft}
status: {status}
---
开头{4}。第二句{5}。第三句{6}。

中间一段{7}。还有一句{8}。

结尾{9}。
"""


def words(text: str | bytes) -> frozenset[str]:
    """The words of ours that stand in `text`."""
    return frozenset(WORD.findall(text.decode("utf-8", "replace") if isinstance(text, bytes) else text))


def counted() -> Iterator[str]:
    """New words, one after the other."""
    number = 0
    while True:
        number += 1
        yield f"m{number}q"


def new_text(word: Iterator[str], *, draft: str = "true", status: str = "draft") -> str:
    """A whole file of new words."""
    return TEXT.format(*(next(word) for _ in range(10)), draft=draft, status=status)


def readable(data: bytes) -> Document | None:
    """The document, or None where it is none."""
    try:
        return Document.parse(data)
    except DocumentError:
        return None


# --- What editors do


def change(document: Document, kind: int, place: int, word: Iterator[str]) -> tuple[dict[str, object], str | None]:
    """One change of `document` as a form sends it: values by key, and the body."""
    new = next(word)
    if kind % 8 < 2:
        return {PLAIN[place % len(PLAIN)]: f"新的{new}"}, None
    if kind % 8 == 2:
        key = LISTS[place % len(LISTS)]
        had = fields.read_one(document, key)
        items = list(had) if isinstance(had, list) else []
        if items and place % 3 == 0:
            items.pop(place % len(items))
        return {key: [*items[: place % 2], new, *items[place % 2 :]]}, None
    if kind % 8 == 3:
        # A word of its own for each place: the test could not tell which of the two went.
        return {PLAIN[place % len(PLAIN)]: f"新的{new}"}, reworded(document.body, kind // 8, place, next(word))
    if kind == 4:
        return {"guest": ""}, None
    return {}, reworded(document.body, kind // 8, place, new)


def reworded(body: str, how: int, place: int, new: str) -> str:
    """`body` with one sentence replaced, added or taken out, or a paragraph added or taken out."""
    found = list(_SENTENCE.finditer(body))
    if not found or how % 6 == 0:
        return f"{body.rstrip()}\n\n又一段{new}。\n" if body.strip() else f"重写{new}。\n"
    at = found[place % len(found)]
    if how % 6 == 1 and len(found) > 1:
        return body[: at.start()] + body[at.end() :]
    if how % 6 == 2:
        return body[: at.end()] + f"插入{new}。" + body[at.end() :]
    if how % 6 == 3:
        return f"最前{new}。\n\n{body}"
    return body[: at.start()] + f"改写{new}。" + body[at.end() :]


# --- What other people push

DRAFTS = ("true", "false", "'false'", "no", "True")
STATUSES = ("published", "evergreen", "draft", "archived")


def pushed(text: str, kind: int, place: int, word: Iterator[str]) -> str:
    """The file `text` as somebody with an editor of their own leaves it."""
    if kind % 12 < 6:
        document = Document.from_text(text)
        changes, body = change(document, kind // 12, place, word)
        try:
            return document.replace(changes, body=body).text
        except EditRefused:
            return text
    lines = text.split("\n")
    keys = [number for number, line in enumerate(lines) if re.match(r"[a-z_]+:", line) and number < _end(lines)]
    at = keys[place % len(keys)] if keys else 1
    if kind % 12 == 6:
        return "\n".join(map(_requoted, lines))
    if kind % 12 == 7:
        return (
            "\n".join([*lines[:at], f"extra_{place % 4}: 别的{next(word)}", *lines[at:]])
            if _free(lines, place)
            else re.sub(rf"(?m)^extra_{place % 4}: .*$", f"extra_{place % 4}: 别的{next(word)}", text)
        )
    if kind % 12 == 8:
        return "\n".join([*lines[:at], f"# 注{next(word)}", *lines[at:]])
    if kind % 12 == 9:
        end = next((number for number in keys if number > at), _end(lines))
        return "\n".join([lines[0], *lines[at:end], *lines[1:at], *lines[end:]])
    if kind % 12 == 10:
        return re.sub(r"(?m)^draft: .*$", f"draft: {DRAFTS[place % len(DRAFTS)]}", text)
    return re.sub(r"(?m)^status: .*$", f"status: {STATUSES[place % len(STATUSES)]}", text)


def broken(text: str, kind: int, word: Iterator[str]) -> bytes:
    """The file as no reader can read it."""
    if kind % 3 == 0:
        return re.sub(r"(?m)^title: .*$", f'title: "坏{next(word)}', text).encode()
    if kind % 3 == 1:
        return text.encode() + b"\xff"
    return f"---\ntitle: {next(word)}\n".encode()


def _end(lines: list[str]) -> int:
    return next((number for number, line in enumerate(lines) if number and line.strip() == "---"), 0)


def _free(lines: list[str], place: int) -> bool:
    return not any(line.startswith(f"extra_{place % 4}:") for line in lines)


def _requoted(line: str) -> str:
    found = re.fullmatch(r"(title|summary|author|guest): ([^'\"\[{#>|&*!%@`]+)", line)
    return f'{found[1]}: "{found[2]}"' if found else line
