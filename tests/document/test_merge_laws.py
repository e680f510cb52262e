"""What holds for every merge, by Hypothesis and over posts of the real styles with traps among them."""

import contextlib
import random
import re
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from posts.document import Document, merge
from posts.document.errors import DocumentError, EditRefused, MergeRefused
from posts.document.merge import Merged
from posts.document.merge_bodies import sentences
from posts.document.values import Value
from tests.corpus.make_corpus import Maker
from tests.document.rewriting import AWKWARD, KEY_ORDER, random_change
from tests.document.traps import TRAPS

MODERATE = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
CORPUS_POSTS = 60

EMPTY = (None, "", "[]", [])

# --- Three documents, the second and third made of the first by edits

words = st.sampled_from([f"词{number}" for number in range(40)])
ends = st.sampled_from(["。", "！", "? ", ". ", "\n", "\n\n", "\n- "])
# The number makes each sentence of a base one that stands there once; repeated ones are in the corpus below.
bodies = st.lists(st.tuples(words, ends), max_size=12).map(
    lambda parts: "".join(f"{word}第{place}{end}" for place, (word, end) in enumerate(parts))
)
values = st.one_of(st.sampled_from(AWKWARD), words, st.booleans(), st.none(), st.lists(words, max_size=4, unique=True))
keys = st.sampled_from(["title", "tags", "people", "summary", "draft", "unknown"])
changes = st.dictionaries(keys, values, max_size=3)


@dataclass(frozen=True)
class Three:
    """A base and what two people made of it. `mine` and `other` are in every sentence and item that one added."""

    base: Document
    ours: Document
    theirs: Document


def with_body_edit(document: Document, data: st.DataObject, name: str) -> Document:
    parts = sentences(document.body)
    for number in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(parts)))
        what = data.draw(st.sampled_from(["insert", "replace", "delete"]))
        if what == "delete":
            del parts[place : place + 2]
        else:
            parts[place : place + (what == "replace")] = [f"{name}{number}。"]
    return document.replace({}, body="".join(parts))


def with_edits(document: Document, data: st.DataObject, name: str) -> Document:
    wanted = data.draw(changes)
    tags = document.values.get("tags")
    if isinstance(tags, list) and data.draw(st.booleans()):
        wanted["tags"] = [*tags, f"{name}标签"]
    if data.draw(st.booleans()):
        wanted[f"added_{name}"] = f"{name}值"
    with contextlib.suppress(EditRefused):
        document = document.replace(wanted)
    with contextlib.suppress(EditRefused):
        document = with_body_edit(document, data, name)
    text = document.text
    if data.draw(st.booleans()):  # another order of the keys, another line end, a comment
        entries = document.entries
        lines = data.draw(st.permutations([text[entry.lead : entry.end] for entry in entries]))
        text = text[: entries[0].lead] + "".join(lines) + text[entries[-1].end :] if entries else text
    if data.draw(st.integers(0, 9)) == 0:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    try:
        return Document.from_text(text)
    except DocumentError:
        return document


@st.composite
def threes(draw: st.DrawFn) -> Three:
    data = draw(st.data())
    if draw(st.integers(0, 3)):
        values_of_base = draw(st.fixed_dictionaries({"title": words, "tags": st.lists(words, unique=True)}))
        base = Document.from_text(draw(bodies)).replace({**values_of_base, **draw(changes)})
    else:
        base = Document.from_text(draw(st.sampled_from(list(TRAPS.values()))))
    return Three(base, with_edits(base, data, "甲"), with_edits(base, data, "乙"))


def merge_of(three: Three) -> Merged:
    try:
        return merge(three.base, three.ours, three.theirs)
    except MergeRefused:
        assume(False)
        raise


@MODERATE
@given(threes())
def test_what_one_side_alone_did_is_the_merge_to_the_byte(three: Three) -> None:
    base, ours, theirs = three.base, three.ours, three.theirs
    assert bytes(merge(base, ours, base).document) == bytes(ours)
    assert bytes(merge(base, base, theirs).document) == bytes(theirs)
    assert bytes(merge(base, ours, ours).document) == bytes(ours)
    assert (
        not merge(base, ours, base).conflicts + merge(base, base, theirs).conflicts + merge(base, ours, ours).conflicts
    )


@MODERATE
@given(threes())
def test_merging_the_result_again_changes_nothing(three: Three) -> None:
    assert_at_rest(three, merge_of(three))


def assert_at_rest(three: Three, result: Merged) -> None:
    """Not where the body is in conflict: ours alone cannot tell what theirs did beside what it took out."""
    again = merge(three.base, result.document, three.theirs)
    if not any(conflict.is_body for conflict in result.conflicts):
        assert again.document.text == result.document.text
        assert {conflict.field for conflict in again.conflicts} <= {conflict.field for conflict in result.conflicts} | {
            "body"
        }


@MODERATE
@given(threes())
def test_the_other_way_round_the_values_are_the_same_and_the_conflicts_mirrored(three: Three) -> None:
    one = merge_of(three)
    other = merge_of(Three(three.base, three.theirs, three.ours))
    assert_mirrored(one, other)


def assert_mirrored(one: Merged, other: Merged) -> None:
    assert {c.field: (c.base, c.ours, c.theirs) for c in one.conflicts} == {
        c.field: (c.base, c.theirs, c.ours) for c in other.conflicts
    }
    open_fields = {conflict.field for conflict in one.conflicts}
    here, there = one.document.values, other.document.values
    for key in {*here, *there} - open_fields:
        assert without_order(here[key]) == without_order(there[key])
    if "body" not in open_fields:
        assert plain_body(one.document) == plain_body(other.document)


def without_order(value: Value) -> object:
    return Counter(map(repr, value)) if isinstance(value, list) else value


def plain_body(document: Document) -> str:
    return document.body.removeprefix("\ufeff").replace("\r\n", "\n")


@MODERATE
@given(threes())
def test_what_one_side_alone_added_is_in_the_result_or_in_a_conflict(three: Three) -> None:
    assert_nothing_lost(three, merge_of(three))


def assert_nothing_lost(three: Three, result: Merged) -> None:
    told = "".join(f"{conflict.ours}{conflict.theirs}" for conflict in result.conflicts)
    open_fields = {conflict.field for conflict in result.conflicts if not conflict.is_body}
    for side, other in ((three.ours, three.theirs), (three.theirs, three.ours)):
        for sentence in sentences(plain_body(side)):
            if sentence not in three.base.body and sentence not in other.body:
                assert sentence in plain_body(result.document) or sentence in told
        for key in set(side.values) - open_fields:
            was, value, now = three.base.values.get(key), side.values[key], result.document.values.get(key)
            if value == was:
                continue
            if isinstance(value, list) and isinstance(now, list):
                # A list that was written as its only item is one.
                old = was if isinstance(was, list) else [was]
                assert all(item in now for item in value if item not in old)
            else:
                assert value == now or value in EMPTY


@MODERATE
@given(threes())
def test_the_lines_of_a_key_that_neither_changed_are_the_same_bytes(three: Three) -> None:
    result = merge_of(three).document
    assert_same_lines(three, result)


def assert_same_lines(three: Three, result: Document) -> None:
    for key in three.base.keys:
        lines = three.base.lines_of(key)
        if lines == three.ours.lines_of(key) == three.theirs.lines_of(key):
            assert result.lines_of(key) == lines


# --- Posts in the styles of the real repository, three in ten of them with a trap


def random_edit(rng: random.Random, document: Document, name: str) -> Document:
    for _ in range(rng.randrange(4)):
        key, value = random_change(rng, document)
        try:
            document = document.replace({key: value}, key_order=KEY_ORDER)
        except EditRefused:
            continue
    parts = sentences(document.body)
    for number in range(rng.randrange(3)):
        place = rng.randrange(len(parts) + 1)
        written = f"{name}{number}写的第{rng.randrange(10**6)}句。"
        cut = rng.choice([0, 0, 1, 3])
        parts[place : place + cut] = [written] if cut < 3 else []
    body = "".join(parts) + rng.choice(["", "", "", f"\n\n{name}的末段{rng.randrange(10**6)}。\n"])
    return restyled(rng, document.replace({}, body=body), name)


def restyled(rng: random.Random, document: Document, name: str) -> Document:
    text, kind = document.text, rng.random()
    lines = [text[entry.lead : entry.end] for entry in document.entries]
    if kind < 0.05:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    elif kind < 0.08:
        text = "\ufeff" + text.removeprefix("\ufeff")
    elif kind < 0.1:
        text = document.body
    elif kind < 0.2 and lines:
        if kind < 0.15:
            rng.shuffle(lines)
        elif kind < 0.18:
            del lines[rng.randrange(len(lines))]
        else:
            lines.insert(rng.randrange(len(lines)), f"# {name}\n")
        text = text[: document.entries[0].lead] + "".join(lines) + text[document.entries[-1].end :]
    elif kind < 0.3:
        text = re.sub(r"^(\w+): ([^'\"\n\[>|&*]+)$", r'\1: "\2"', text, flags=re.MULTILINE)
    try:
        return Document.from_text(text)
    except DocumentError:
        return document


@pytest.mark.parametrize("seed", range(6))
def test_all_laws_over_posts_of_the_real_styles(seed: int) -> None:
    rng = random.Random(seed)
    maker = Maker(seed, 0.3, 0)
    in_conflict = 0
    for _ in range(CORPUS_POSTS):
        _, _, data = maker.post()
        base = Document.parse(data)
        three = Three(base, random_edit(rng, base, "甲"), random_edit(rng, base, "乙"))
        result = merge(three.base, three.ours, three.theirs)  # which is never refused here
        in_conflict += bool(result.conflicts)
        assert Document.parse(bytes(result.document)).values == result.document.values
        assert_at_rest(three, result)
        assert_mirrored(result, merge(base, three.theirs, three.ours))
        assert_nothing_lost(three, result)
        assert_same_lines(three, result.document)
    assert 0 < in_conflict < CORPUS_POSTS / 2
