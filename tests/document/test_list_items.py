"""Of a list one item is renamed or taken out: nothing else of the text changes, by Hypothesis."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from posts.document.document import Document

MODERATE = settings(max_examples=300, deadline=None)
NAMES = ["台积电", "Meta", "C#", "AT&T", "a b", "x:y", "3.5", "OpenAI"]
NEW = "TSMC"

comments = st.sampled_from(["", " # eins", "  # a, b", "\t# ]", " #"])
above = st.sampled_from(["", "", "# about it\n", "\n", "\n  # two\n# lines\n"])
quotes = st.sampled_from(["", "'", '"'])


@dataclass(frozen=True, slots=True)
class Piece:
    """An item as it is written: what stands above it, its quote, its name (None: a null), what stands behind it."""

    above: str
    quote: str
    name: str | None
    behind: str

    @property
    def written(self) -> str:
        """The scalar; null is `~`."""
        return "~" if self.name is None else f"{self.quote}{self.name}{self.quote}"


lists = st.lists(
    st.builds(Piece, above, quotes, st.sampled_from([*NAMES, None]), comments),
    min_size=2,
    max_size=5,
    unique_by=lambda piece: piece.name,
)
frames = st.tuples(st.sampled_from(["", "\ufeff"]), st.sampled_from(["\n", "\r\n"]))


def in_block(pieces: list[Piece], margin: str) -> str:
    """The pieces as a block list."""
    return "k: # list\n" + "".join(f"{each.above}{margin}- {each.written}{each.behind}\n" for each in pieces)


def in_flow(pieces: list[Piece], lead: str, trailing: str) -> str:
    """The pieces as a flow list of a line each."""
    lines = [
        f"{lead}{each.above.replace(chr(10), chr(10) + lead)}{each.written}"
        f"{',' if each is not pieces[-1] else trailing}{each.behind}\n"
        for each in pieces
    ]
    return "k: [\n" + "".join(lines) + "]\n"


def with_commas_first(pieces: list[Piece], margin: str) -> str:
    """The pieces as a flow list whose lines begin with the commas."""
    lines = [f"{',' if number else ' '} {each.written}{each.behind}\n{margin}" for number, each in enumerate(pieces)]
    return f"k: [{''.join(lines)}]\n"


def remarks(text: str) -> list[str]:
    """All comments of a text without `#` in its names."""
    return sorted(line[line.index("#") :].rstrip() for line in text.splitlines() if "#" in line)


def framed(text: str, frame: tuple[str, str]) -> Document:
    """A file with the list between two keys."""
    mark, newline = frame
    whole = f"---\n# top\na: 'x' # y\n{text}# below\nz: 1\n---\n正文\n"
    return Document.from_text(mark + whole.replace("\n", newline))


def with_one(pieces: list[Piece], place: int, name: str) -> list[Piece]:
    """`pieces` with another name at `place`."""
    one = pieces[place]
    return [*pieces[:place], Piece(one.above, one.quote, name, one.behind), *pieces[place + 1 :]]


@MODERATE
@given(lists, frames, st.sampled_from(["", "  "]), st.data())
def test_an_item_of_a_block_list_is_renamed_and_nothing_else(
    pieces: list[Piece], frame: tuple[str, str], margin: str, data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from([n for n, each in enumerate(pieces) if each.name is not None]))
    there = framed(in_block(pieces, margin), frame)
    renamed = with_one(pieces, place, NEW)
    after = there.replace({"k": [each.name for each in renamed]})
    assert after.text == framed(in_block(renamed, margin), frame).text
    assert after.replace({"k": [each.name for each in pieces]}).values == there.values


@MODERATE
@given(lists, frames, st.sampled_from(["", "  "]), st.data())
def test_an_item_taken_out_of_a_block_list_takes_its_line_along_and_nothing_else(
    pieces: list[Piece], frame: tuple[str, str], margin: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(pieces) - 1))
    there = framed(in_block(pieces, margin), frame)
    after = there.replace({"k": [each.name for each in pieces if each is not pieces[place]]})
    gone = pieces[place]
    line = f"{margin}- {gone.written}{gone.behind}\n".replace("\n", frame[1])
    assert after.text == there.text.replace(line, "", 1)


@MODERATE
@given(lists, frames, st.sampled_from(["", "  ", "\t"]), st.sampled_from(["", ",", " ,"]), st.data())
def test_an_item_of_a_flow_list_is_renamed_and_nothing_else(
    pieces: list[Piece], frame: tuple[str, str], lead: str, trailing: str, data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from([n for n, each in enumerate(pieces) if each.name is not None]))
    there = framed(in_flow(pieces, lead, trailing), frame)
    renamed = with_one(pieces, place, NEW)
    after = there.replace({"k": [each.name for each in renamed]})
    assert after.text == framed(in_flow(renamed, lead, trailing), frame).text


@MODERATE
@given(lists, frames, st.sampled_from(["", "  "]), st.sampled_from(["", ",", " ,"]), st.data())
def test_an_item_taken_out_of_a_flow_list_costs_no_other_its_comment(
    pieces: list[Piece], frame: tuple[str, str], lead: str, trailing: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(pieces) - 1))
    there = framed(in_flow(pieces, lead, trailing), frame)
    after = there.replace({"k": [each.name for each in pieces if each is not pieces[place]]})
    rest = [each for each in pieces if each is not pieces[place]]
    assert after.values["k"] == [each.name for each in rest]
    kept = [line for each in rest for line in (*each.above.split("\n"), each.behind) if "#" in line]
    kept += [line for line in pieces[place].above.split("\n") if "#" in line]
    text = after.text
    for line in kept:
        assert text.count(line.strip()) >= sum(line.strip() in one for one in kept if one == line)
        assert line.strip() in text


plain_lists = st.lists(
    st.builds(Piece, st.just(""), quotes, st.sampled_from([*(name for name in NAMES if name != "C#"), None]), comments),
    min_size=2,
    max_size=5,
    unique_by=lambda piece: piece.name,
)


@MODERATE
@given(plain_lists, frames, st.sampled_from([" ", "      "]), st.data())
def test_a_flow_list_with_its_commas_first_keeps_its_shape(
    pieces: list[Piece], frame: tuple[str, str], margin: str, data: st.DataObject
) -> None:
    there = framed(with_commas_first(pieces, margin), frame)
    place = data.draw(st.sampled_from([n for n, each in enumerate(pieces) if each.name is not None]))
    renamed = with_one(pieces, place, NEW)
    assert (
        there.replace({"k": [each.name for each in renamed]}).text
        == framed(with_commas_first(renamed, margin), frame).text
    )
    longer = [*pieces, Piece("", "", NEW, "")]
    asked = [each.name for each in longer]
    after = there.replace({"k": asked})
    if {each.quote for each in pieces} == {""}:
        assert after.text == framed(with_commas_first(longer, margin), frame).text
    assert (after.values["k"], remarks(after.text)) == (asked, remarks(there.text))


@MODERATE
@given(plain_lists, frames, st.sampled_from(["commas first", "a line each", "in a line"]), st.data())
def test_a_flow_list_never_gains_a_comment_and_loses_none_of_what_stays(
    pieces: list[Piece], frame: tuple[str, str], shape: str, data: st.DataObject
) -> None:
    if shape == "in a line":
        last = len(pieces) - 1
        text = "k: [" + ", ".join(each.written for each in pieces) + f"{pieces[last].behind}\n  ]\n"
    else:
        text = with_commas_first(pieces, "  ") if shape == "commas first" else in_flow(pieces, "  ", "")
    there = framed(text, frame)
    items = data.draw(st.permutations([*(each.name for each in pieces), NEW]))[: data.draw(st.integers(1, 6))]
    after = there.replace({"k": items})
    assert after.values["k"] == items
    had, has = remarks(there.text), remarks(after.text)
    assert all(has.count(each) <= had.count(each) for each in set(has))
    assert "\r\n" not in frame[1] or "\n" not in after.text.replace("\r\n", "")
    if items == [each.name for each in pieces] or items[:-1] == [each.name for each in pieces]:
        assert has == had
