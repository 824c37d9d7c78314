"""Data files: what a text means, and the exact sentence for each way to get it wrong."""

import pickle
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from atmbench.datafile import CHARACTERS_MAX, NODES_MAX, DataFileError, load, load_with_lines


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Shape(msgspec.Struct, frozen=True, tag_field="kind"):
    name: str = ""


class Circle(Shape, frozen=True, tag="circle"):
    radius: float = 1.0


class Square(Shape, frozen=True, tag="square"):
    side: Annotated[int, Meta(ge=1, le=9)] = 1

    def __post_init__(self) -> None:
        if self.side == 4:
            raise ValueError("a side of 4 is unlucky; expected another")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    loud: bool = False


class Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    amount: str = ""
    mti: str = ""
    count: Annotated[int, Meta(ge=1)] | None = None
    ratio: float = 0.0
    is_open: bool = False
    colour: Colour = Colour.RED
    by: Literal["hand", "post"] = "hand"
    code: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "ABC"
    names: tuple[str, ...] = ()
    pair: tuple[int, str] = (0, "")
    two: Annotated[list[int], Meta(max_length=2)] = []
    fields: dict[int, str] = {}
    where: dict[str, str | int | bool] = {}
    shape: Circle | Square | None = None
    options: Options | None = None
    anything: Any = None


def paper(text: str) -> Paper:
    return load(f"title: t\n{text}\n", Paper, name="p.yaml")


# --- what a text means ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("50.00", "50.00"),
        ('"50.00"', "50.00"),
        ("50", "50"),
        ("1e3", "1e3"),
        ("no", "no"),
        ("2026-01-05T09:00:00", "2026-01-05T09:00:00"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("0.50", "0.50"),
        ("'true'", "true"),
        ('"0200"', "0200"),
        (".inf", ".inf"),
    ],
)
def test_text_is_kept_as_it_was_written(text: str, meant: str) -> None:
    assert paper(f"amount: {text}").amount == meant


def test_values_are_what_their_place_says() -> None:
    given = """
count: 0x10
ratio: 3
is_open: True
colour: blue
by: post
names: [a, 2, 3.50]
pair: [1, 2]
fields: {2: abc, 39: "00"}
where: {stan: 5, approved: true, terminal: T01, amount: 1.50}
shape: {kind: square, side: 3}
anything: {a: [1, 1.5, x, null, false, "7"]}
"""
    read = paper(given)

    assert (read.count, read.ratio, read.is_open, read.colour, read.by) == (16, 3.0, True, Colour.BLUE, "post")
    assert read.names == ("a", "2", "3.50")
    assert read.pair == (1, "2")
    assert read.fields == {2: "abc", 39: "00"}
    assert read.where == {"stan": 5, "approved": True, "terminal": "T01", "amount": "1.50"}
    assert read.shape == Square(side=3)
    assert read.anything == {"a": [1, 1.5, "x", None, False, "7"]}


def test_null_is_none_where_none_is_allowed() -> None:
    assert paper("count: null").count is None
    assert paper("shape: ~").shape is None


def test_an_alias_stands_for_what_it_names() -> None:
    assert paper("shape: &s {kind: circle, radius: 2}\nanything: *s").anything == {"kind": "circle", "radius": 2}


def test_lines_of_a_record_can_be_asked_for() -> None:
    loaded = load_with_lines("title: t\nshape:\n  kind: circle\n  radius: 2\nnames:\n- a\n- b\n", Paper, name="p")

    assert loaded.line(("shape",)) == 2
    assert loaded.line(("shape", "radius")) == 4
    assert loaded.line(("names", 1)) == 7
    assert loaded.line(("shape", "colour")) == 2, "of the nearest part that was written"
    assert loaded.line(()) == 1


# --- what is wrong ----------------------------------------------------------------------------------

WRONG = [
    ("amount: true", "line 2: found true for 'amount', meant text in quotes: \"true\"."),
    ("amount: null", "line 2: found null for 'amount', meant text in quotes: \"null\"."),
    ("amount: [1]", "line 2: found a list for 'amount', meant text."),
    ("amount: {a: 1}", "line 2: found a mapping for 'amount', meant text."),
    ("amount:", "line 2: found nothing for 'amount', meant text."),
    ("mti: 0200", "line 2: found an MTI without quotes (0200) for 'mti', meant text in quotes: \"0200\"."),
    ("mti: 1200", "line 2: found an MTI without quotes (1200) for 'mti', meant text in quotes: \"1200\"."),
    ("amount: 007", "line 2: found digits without quotes (007) for 'amount', meant text in quotes: \"007\"."),
    ("where: {mti: 0200}", "line 2: found an MTI without quotes (0200) for 'mti', meant text in quotes: \"0200\"."),
    ("anything: 0200", "line 2: found an MTI without quotes (0200) for 'anything', meant text in quotes: \"0200\"."),
    ("where: {0200: a}", "line 2: found an MTI without quotes (0200) as a key, meant text in quotes: \"0200\"."),
    ("count: 010", "line 2: found digits without quotes (010) for 'count', meant 10, without the leading zero."),
    ("count: '5'", "line 2: found '5' in quotes for 'count', meant a whole number of at least 1."),
    ("count: 5.0", "line 2: found 5.0 for 'count', meant a whole number of at least 1."),
    ("count: 0", "line 2: found 0 for 'count', meant a whole number of at least 1."),
    (f"count: {'9' * 30}", f"line 2: found '{'9' * 30}' for 'count', meant a whole number of at least 1."),
    ("ratio: .nan", "line 2: found '.nan' for 'ratio', meant a number."),
    ("is_open: yes", "line 2: found 'yes' for 'is_open', meant true or false."),
    ("colour: rde", "line 2: found 'rde' for 'colour', meant 'red' perhaps (one of red, blue)."),
    ("colour: green", "line 2: found 'green' for 'colour', meant one of red, blue."),
    ("by: pots", "line 2: found 'pots' for 'by', meant 'post' perhaps (one of hand, post)."),
    ("code: abc", "line 2: found 'abc' for 'code', meant text of the form ^[A-Z]{3}$."),
    ("names: a", "line 2: found 'a' for 'names', meant a list."),
    ("names: [a, [b]]", "line 2: found a list as item 2 of 'names', meant text."),
    ("pair: [1]", "line 2: found 1 items for 'pair', meant 2."),
    ("two: [1, 2, 3]", "line 2: found 3 items for 'two', meant at most 2."),
    ("fields: {a: b}", "line 2: found 'a' as a key, meant a whole number."),
    ("shape: {side: 2}", "line 2: found no key 'kind' in 'shape', meant kind: with one of circle, square."),
    ("shape: {kind: sqare}", "line 2: found 'sqare' for 'kind', meant 'square' perhaps (one of circle, square)."),
    ("shape: {kind: circle, side: 2}", "line 2: found the key 'side' in 'shape', meant one of name, radius."),
    ("shape: {kind: square, side: 4}", "line 2: a side of 4 is unlucky; expected another."),
    ("options:", "line 2: found nothing for 'options', meant a mapping (loud), {} at least."),
    ("colur: red", "line 2: found the key 'colur' at the top, meant 'colour'."),
    ("title: u", "line 2: found the key 'title' again, meant it once (it stands in line 1 too)."),
    ("<<: {a: b}", "line 2: found the key '<<' at the top, meant one of title, amount, mti, count, ratio, is_open, "
     "colour, by, code, names, pair, two, fields, where, shape, options, anything."),
    ("shape:\n\tkind: circle", "line 3: found a tab, meant spaces (YAML does not indent with tabs)."),
    ("amount: a: b", "line 2: found a ':' where no key can be, meant 'key: value' with keys of one level in one "
     "column, or quotes around text that holds ': '."),
    ("amount: 'a", "line 3: found the end of the file inside quotes, meant a closing quote."),
    ("amount: @a", "line 2: found a sign that begins nothing in YAML, meant quotes around text that begins with it."),
    ("amount: !!str a", "line 2: found the tag tag:yaml.org,2002:str, meant a value without a tag."),
    ("amount: *a", "line 2: found *a, meant an anchor &a further up."),
    ("anything: &a [*a]", "line 2: found *a inside itself, meant a value that ends."),
    ("? [a]\n: b", "line 2: found a list or a mapping as a key, meant a word."),
    ("--- \na: b", "line 2: found a second document ('---'), meant one document in a file."),
    ("amount: \x07", "line 2: found the character U+0007, meant printable text."),
    (f"anything: {'[' * 40}", "line 2: found more than 32 levels inside one another, meant a flatter file."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), WRONG, ids=[text[:20] for text, _ in WRONG])
def test_a_wrong_file_is_one_sentence(text: str, says: str) -> None:
    with pytest.raises(DataFileError) as raised:
        paper(text)

    assert str(raised.value) == f"p.yaml, {says}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: found an empty file, meant keys with values."),
        ("# only a comment\n", "line 1: found an empty file, meant keys with values."),
        ("{}", "line 1: found no key 'title' at the top, meant title: with text."),
        ("\n\namount: 5\n", "line 3: found no key 'title' at the top, meant title: with text."),
    ],
)
def test_a_file_that_lacks_something(text: str, says: str) -> None:
    with pytest.raises(DataFileError) as raised:
        load(text, Paper, name="p.yaml")

    assert str(raised.value) == f"p.yaml, {says}"


def test_a_bomb_of_aliases_is_refused() -> None:
    levels = ["l0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"l{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    with pytest.raises(DataFileError, match=f"aliases that repeat too much, meant at most {NODES_MAX}"):
        load("\n".join(levels), dict[str, Any], name="bomb")


def test_a_chain_of_aliases_is_no_way_around_the_depth() -> None:
    levels = ["l0: &a0 [x]", *(f"l{n}: &a{n} [*a{n - 1}]" for n in range(1, 100))]

    with pytest.raises(DataFileError, match="aliases that repeat too much"):
        load("\n".join(levels), dict[str, Any], name="chain")


def test_a_huge_file_is_refused_unread() -> None:
    with pytest.raises(DataFileError, match=f"found {CHARACTERS_MAX + 1} characters"):
        load("a" * (CHARACTERS_MAX + 1), Paper, name="huge")


def test_the_error_says_where_and_survives_a_process_border() -> None:
    with pytest.raises(DataFileError) as raised:
        paper("count: x")

    copy = pickle.loads(pickle.dumps(raised.value))
    assert (copy.name, copy.line, str(copy)) == ("p.yaml", 2, str(raised.value))


_SIGNS = "[]{}:,-?#&*!|>'\"%@` \n\t\r~<."
_BITS = [*_SIGNS, "a", "0200", "title:", "shape:", "kind:", "\n  ", "- ", "---", "...", "%YAML 1.2\n"]


def line_of_error(text: str) -> int | None:
    try:
        load(text, Paper, name="p.yaml")
    except DataFileError as error:
        return error.line
    return None


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_BITS), max_size=40).map("".join)))
def test_no_text_raises_anything_else(text: str) -> None:
    line = line_of_error(text)
    assert line is None or 1 <= line <= len(text) + 2


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f\x80-\x9f"), max_size=20))
def test_quoted_text_comes_back_as_it_is(text: str) -> None:
    printable = "".join(c for c in text if c.isprintable())
    quoted = printable.replace("'", "''")

    assert paper(f"amount: '{quoted}'").amount == printable
