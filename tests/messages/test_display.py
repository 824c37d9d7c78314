"""What may be shown to whoever looks at a message."""

import pytest

from atmbench.messages.codec import Codec, Reading
from atmbench.messages.dialect import Dialect, load_dialect, parse_dialect
from atmbench.messages.display import Display, is_luhn, shape
from atmbench.messages.records import Message
from atmbench.messages.subfields import Subfield
from tests.messages.samples import DIALECT, PAN, TRACK2, WITHDRAWAL


def display_of(message: Message, dialect: Dialect = DIALECT) -> Display:
    return Display(dialect, Codec(dialect).read(Codec(dialect).encode(message)))


def test_a_card_that_the_message_tells_is_hidden_everywhere_in_it() -> None:
    display = display_of(DIALECT.request_message(WITHDRAWAL))
    assert display.field(2, PAN) == "987654******4325"
    assert display.field(35, TRACK2) == "(34 hidden)"
    assert display.field(60, f"of {PAN}!") == "of 987654******4325!"
    assert display.field(102, PAN) == "987654******4325"
    assert display.part(Subfield("1", PAN)) == "987654******4325"


def test_a_track_alone_tells_its_card() -> None:
    display = display_of(Message("0200", {35: TRACK2, 61: "x"}))
    assert display.field(61, PAN) == "987654******4325"


def test_what_looks_like_a_card_is_hidden_where_anything_may_stand() -> None:
    display = display_of(Message("0200", {11: "000001"}))
    assert display.field(61, "4111111111111111") == "411111******1111"
    assert display.field(61, "0004111111111111111") == "000411111******1111"
    assert display.field(61, "4111111111111111=2912201") == "(24 hidden)"
    assert display.field(61, "4111111111111112") == "4111111111111112"
    assert display.field(90, "020000011811231930000000012345600000000000") == (
        "020000011811231930000000012345600000000000"
    )


def test_parts_show_what_their_dialect_says() -> None:
    display = display_of(Message("0200", {11: "000001"}))
    assert display.part(Subfield("5A", PAN, shown="length")) == "(16 hidden)"
    assert display.part(Subfield("5A", PAN, shown="pan")) == "987654******4325"
    assert display.part(Subfield("F0", "secret", (Subfield("1", "x"),))) == ""


def reading(raw: bytes) -> Reading:
    return Codec(DIALECT).read(raw)


def test_of_a_message_in_doubt_no_long_number_is_shown() -> None:
    raw = Codec(DIALECT).encode(DIALECT.request_message(WITHDRAWAL))
    display = Display(DIALECT, reading(raw[:-1]))
    assert display.is_doubtful
    assert not display.is_astray
    assert display.field(4, "000000005000") == "000000005000"
    assert display.field(37, "532719000118") == "53********18"
    assert display.field(42, "ATMBENCH0000001") == "ATMBENCH0000001"
    assert display.field(61, "AB12CD34") == "AB****34"


def test_of_a_message_read_astray_only_the_shape_is_shown() -> None:
    raw = Codec(DIALECT).encode(DIALECT.request_message(WITHDRAWAL))
    display = Display(DIALECT, reading(raw[:38] + b"x" + raw[38:-9]))
    assert display.is_astray
    assert display.field(11, "000118") == "999999"
    assert display.field(2, PAN) == "(16 hidden)"
    assert shape("Ab-1 \x00") == "AA-9 ."


def test_luhn() -> None:
    assert is_luhn("4111111111111111")
    assert not is_luhn("4111111111111112")
    assert not is_luhn("0000000000000000")


# --- what a dialect hides -------------------------------------------------------------------------


def test_a_dialect_hides_more_and_never_less() -> None:
    mine = parse_dialect("extends: iso87-ascii\nhidden: [60]\n", "mine")
    for mti in ("0200", "0810", "0999"):
        assert mine.sensitive(mti) == DIALECT.sensitive(mti) | {60}
        assert {2, 35, 45, 52, 55, 64, 128} <= mine.sensitive(mti)
    none = parse_dialect("extends: iso87-ascii\nhidden: []\n", "mine")
    assert none.sensitive("0200") == DIALECT.sensitive("0200")


def test_keys_are_hidden_where_they_travel_and_statements_are_not() -> None:
    assert 48 in DIALECT.sensitive("0810")
    assert 48 not in DIALECT.sensitive("0210")
    assert 48 in DIALECT.sensitive("0899")
    assert 53 in load_dialect("nibss").sensitive("0810")


@pytest.mark.parametrize(("name", "number"), [("postilion", 127), ("base24-atm", 126), ("postilion-termapp-b", 48)])
def test_a_field_with_a_secret_part_is_hidden_as_a_whole_where_facts_are_recorded(name: str, number: int) -> None:
    dialect = load_dialect(name)
    assert dialect.subfields[number].hides
    assert number in dialect.sensitive("0200")
