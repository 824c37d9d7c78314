"""Bytes and messages: what the codec carries, and everything it must refuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError, RemoteError
from atmbench.messages.codec import MESSAGE_BYTES_MAX, Codec, DecodeFailed, EncodeFailed
from atmbench.messages.layout_file import Content, FieldLayout
from atmbench.messages.records import Message, Reply, Request
from tests.messages.samples import DIALECT, PAN, REVERSAL, TRACK2, WITHDRAWAL, requests

CODEC = Codec(DIALECT)
GOOD = CODEC.encode(DIALECT.request_message(WITHDRAWAL))
ALPHABETS = {Content.N: "0123456789", Content.Z: "0123456789=D", Content.B: "0123456789ABCDEF"}
CARD_DATA = (PAN, TRACK2, WITHDRAWAL.pin_block)


def content(layout: FieldLayout) -> st.SearchStrategy[str]:
    size = layout.size * 2 if layout.type is Content.B else layout.size
    if layout.type is Content.XN:
        return st.builds("{}{:0{}d}".format, st.sampled_from("CD"), st.integers(0, 10**8 - 1), st.just(size - 1))
    alphabet = ALPHABETS.get(layout.type) or st.characters(min_codepoint=32, max_codepoint=126)
    return st.text(alphabet, min_size=0 if layout.prefix else size, max_size=min(size, 60) if layout.prefix else size)


NUMBERS = st.sets(st.sampled_from(sorted(DIALECT.fields)), max_size=25)
MESSAGES = NUMBERS.flatmap(
    lambda numbers: st.builds(
        Message,
        st.text("0123456789", min_size=4, max_size=4),
        st.fixed_dictionaries({number: content(DIALECT.fields[number]) for number in sorted(numbers)}),
    )
)


def reading(raw: bytes) -> Request | Reply | RemoteError:
    """What bytes mean, or why they mean nothing. Any other error is ours and fails the test."""
    try:
        message = CODEC.decode(raw)
        if DIALECT.is_reply(message.mti):
            return DIALECT.read_reply(message)
        return DIALECT.read_request(message)
    except RemoteError as error:
        return error


@given(MESSAGES)
def test_what_was_encoded_is_decoded(message: Message) -> None:
    before = dict(message.fields)
    raw = CODEC.encode(message)
    assert message.fields == before
    assert CODEC.decode(raw) == message
    assert CODEC.encode(CODEC.decode(raw)) == raw


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_a_remote_error(raw: bytes) -> None:
    got = reading(raw)
    assert not isinstance(got, DecodeFailed) or (got.raw == raw and 0 <= (got.position or 0) <= len(raw))


@given(
    requests,
    st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=0, max_size=3)), min_size=1, max_size=4),
    st.booleans(),
)
def test_damaged_messages_are_read_or_refused(request_: Request, damage: list[tuple[int, bytes]], cut: bool) -> None:
    raw = CODEC.encode(DIALECT.request_message(request_))
    for place, junk in damage:
        start = place % len(raw)
        raw = raw[:start] + junk + raw[start + (0 if cut else len(junk)) :]
    got = reading(raw)
    assert not isinstance(got, RemoteError) or got.field


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=1))
def test_no_error_quotes_card_data(place: int, junk: bytes) -> None:
    for raw in (GOOD[:place], GOOD[:place] + junk + GOOD[place + 1 :], GOOD[:place] + junk + GOOD[place:]):
        got = reading(raw)
        said = str(got) if isinstance(got, RemoteError) else ""
        for secret in CARD_DATA:
            assert not any(secret[start : start + 5] in said for start in range(len(secret) - 4))


def test_a_cut_message_says_where_and_keeps_what_worked() -> None:
    with pytest.raises(DecodeFailed) as caught:
        CODEC.decode(GOOD[:-3])
    error = caught.value
    assert (error.field, error.position) == ("52", len(GOOD) - 16)
    assert error.partial is not None
    assert (error.partial.mti, error.partial.fields[11], error.partial.fields[49]) == ("0200", "000118", "566")
    assert 52 not in error.partial.fields


def replaced(at: int, new: bytes) -> bytes:
    return GOOD[:at] + new + GOOD[at + len(new) :]


REFUSED = [
    (b"", "t"),
    (b"0200", "p"),
    (replaced(0, b"02X0"), "t"),
    (replaced(0, b"02\xb20"), "t"),
    (replaced(4, b" 7 2 3 8 "), "p"),
    (replaced(4, b"ZZ"), "p"),
    (b"0200" + b"4000000000000000" + b" 9" + b"123456789", "2"),
    (b"0200" + b"4000000000000000" + b"+9" + b"123456789", "2"),
    (replaced(20, b"17"), "32"),
    (replaced(20, b"-1"), "2"),
    (replaced(20, b"99"), "2"),
    (replaced(22, b"98765432176543A5"), "2"),
    (replaced(38, b"O12000"), "3"),
    (replaced(GOOD.index(TRACK2.encode()), b"x"), "35"),
    (replaced(GOOD.index(b"LAGOS"), b"\x00"), "43"),
    (replaced(len(GOOD) - 1, b"G"), "52"),
    (GOOD + b"0", "52"),
    (b"0800" + b"8000000000000000" + b"8000000000000000" + b"0" * 16, "1"),
    (b"0800" + b"8000000000000000" + b"8000000000000000" + b"8000000000000000", "1"),
    (b"0" * (MESSAGE_BYTES_MAX + 1), ""),
]


@pytest.mark.parametrize(("raw", "field"), REFUSED)
def test_bytes_that_break_the_layout_name_the_field(raw: bytes, field: str) -> None:
    with pytest.raises(DecodeFailed) as caught:
        CODEC.decode(raw)
    assert caught.value.field == field


def test_our_own_checks_name_the_place_too() -> None:
    with pytest.raises(DecodeFailed) as caught:
        CODEC.decode(replaced(38, b"O12000"))
    assert caught.value.position == 38
    assert caught.value.partial == Message("0200", {2: PAN})


def test_binary_fields_are_upper_case() -> None:
    lower = GOOD[:-16] + GOOD[-16:].lower()
    assert CODEC.decode(lower) == CODEC.decode(GOOD)


def test_an_empty_field_of_variable_length_is_carried() -> None:
    message = Message("0420", {2: "", 3: "180000"})
    assert CODEC.decode(CODEC.encode(message)) == message


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (Message("200", {}), "t"),
        (Message("02A0", {}), "t"),
        (Message("0200", {129: "1"}), "129"),
        (Message("0200", {65: "1"}), "65"),
        (Message("0200", {4: "-00000000500"}), "4"),
        (Message("0200", {4: "5000"}), "4"),
        (Message("0200", {11: "1000000"}), "11"),
        (Message("0200", {28: "E00000000"}), "28"),
        (Message("0200", {41: "TOO-LONG-1"}), "41"),
        (Message("0200", {43: "LAGOS\n".ljust(40)}), "43"),
        (Message("0200", {43: "\u1eccYO".ljust(40)}), "43"),
        (Message("0200", {3: "\u0660" * 6}), "3"),
        (Message("0200", {48: "x" * 1000}), "48"),
        (Message("0200", {52: "0412ac89abcdef67"}), "52"),
        (Message("0200", dict.fromkeys(range(105, 115), "x" * 999)), ""),
    ],
)
def test_what_the_dialect_cannot_carry_is_our_fault(message: Message, field: str) -> None:
    with pytest.raises(EncodeFailed) as caught:
        CODEC.encode(message)
    assert isinstance(caught.value, LocalError)
    assert caught.value.field == field


def test_the_longest_real_message_has_room() -> None:
    assert len(CODEC.encode(DIALECT.request_message(REVERSAL))) * 4 < MESSAGE_BYTES_MAX
