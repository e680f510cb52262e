"""What holds for every document and every edit, by Hypothesis."""

import contextlib

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from posts.document.document import Document
from posts.document.errors import DOCUMENT_CODES, EDIT_CODES, DocumentError, EditRefused
from posts.document.schemas import YAML_1_1, YAML_1_2, may_be_typed
from tests.document.rewriting import AWKWARD, KEY_ORDER, read_by_pyyaml
from tests.document.test_corpus import assert_edited
from tests.document.traps import TRAPS

MODERATE = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))

yaml_soup = st.text(alphabet="ab: -#'\"[]{},&*!|>?%@`~\n\r\t \\0<=.中\u2028\x85\ufeff", max_size=60)
pieces = st.sampled_from(
    [
        "a: b", "k: 'x'", "c:", "l:", "  - i", "- j", "# c", "", "  x: y", "f: [p, q]", "m: {r: s}", "t: |", "  text",
        "u: >-", "w: &n v", "v: *n", "<<: {z: 1}", "? q", ": r", "  ", "\t", "long one", "  two", 'd: "e', '  f"',
        "---", "g: !!str",
    ]
)  # fmt: skip
blocks = st.builds(str.join, st.sampled_from(["\n", "\r\n"]), st.lists(pieces, max_size=9))
files = st.one_of(
    st.sampled_from(list(TRAPS.values())),
    st.tuples(st.sampled_from(["", "\ufeff"]), blocks | yaml_soup, st.text(max_size=20)).map(
        lambda parts: f"{parts[0]}---\n{parts[1]}\n---\n{parts[2]}"
    ),
)
texts = st.one_of(st.sampled_from(AWKWARD), st.text(max_size=30), yaml_soup)
wanted = st.one_of(texts, st.booleans(), st.none(), st.integers(-9999, 9999), st.lists(texts, max_size=4))


def document_of(text: str) -> Document:
    try:
        return Document.parse(text.encode())
    except (DocumentError, UnicodeEncodeError):
        assume(False)
        raise


@MODERATE
@given(st.one_of(st.binary(max_size=80), files.map(lambda text: text.encode(errors="surrogatepass"))))
def test_whatever_parses_comes_back_byte_for_byte_and_the_rest_has_a_code(data: bytes) -> None:
    try:
        document = Document.parse(data)
    except DocumentError as error:
        assert error.code in DOCUMENT_CODES
        assert error.line is None or 1 <= error.line <= data.count(b"\n") + 1
        return
    assert bytes(document) == data
    assert document.head + document.body == document.text
    assert set(document.keys) <= set(document.values)
    for key in document.keys:
        line = document.line_of(key)
        assert line is not None and 1 <= line <= data.count(b"\n") + 1
        document.truthy(key)


@MODERATE
@given(files, st.data())
def test_an_edit_reads_back_as_asked_and_a_second_one_like_it_does_nothing(text: str, data: st.DataObject) -> None:
    document = document_of(text)
    key = data.draw(st.sampled_from([*document.keys, "new", "tags"]))
    value = data.draw(wanted)
    try:
        edited = document.replace({key: value}, key_order=KEY_ORDER)
    except EditRefused as refusal:
        assert refusal.code in EDIT_CODES
        return
    assert edited.body.removeprefix("\ufeff") == document.body.removeprefix("\ufeff")
    assert edited.replace({key: value}, key_order=KEY_ORDER) is edited
    assert Document.parse(bytes(edited)).values == edited.values
    now = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    assert edited.values[key] == now
    others = {name: value for name, value in document.values.items() if name != key}
    assert {name: value for name, value in edited.values.items() if name != key} == others


@MODERATE
@given(texts, st.sampled_from(["k: a", "k: 'a'", 'k: "a"', "k: |\n  a", "k: >-\n  a", "k: 'a\n  b'", "k: [a]", ""]))
def test_every_text_can_be_written_and_pyyaml_reads_the_same(text: str, line: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        assume(False)
    document = Document.from_text(f"---\na: 1\n{line}\nz: 2\n---\nBody\n")
    edited = document.replace({"k": [text] if "[" in line else text})
    assert_edited(document, edited, "k", [text] if "[" in line else text)
    assert read_by_pyyaml(edited)["z"] == 2


@MODERATE
@given(files)
def test_replacing_each_value_with_itself_is_the_same_document(text: str) -> None:
    document = document_of(text)
    assert document.replace(dict(document.values), body=document.body) is document


@MODERATE
@given(files, st.text(max_size=40))
def test_a_body_comes_back_but_for_its_line_ends(text: str, body: str) -> None:
    document = document_of(text)
    with contextlib.suppress(EditRefused):
        edited = document.replace({}, body=body)
        assert edited.head.rstrip("\r\n") == document.head.rstrip("\r\n")
        assert edited.replace({}, body=body) is edited


@MODERATE
@given(st.one_of(st.from_regex(r"[-+0-9.:_eExobTZ ]{1,12}", fullmatch=True), st.sampled_from(AWKWARD)))
def test_the_writer_quotes_all_that_a_reader_would_type(text: str) -> None:
    if YAML_1_1.type_of(text) != "str" or YAML_1_2.type_of(text) != "str":
        assert may_be_typed(text)
