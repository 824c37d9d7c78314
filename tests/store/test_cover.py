"""No card in a capture: what is hidden, what stays readable, and that lengths never change."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from atmbench.framing.registry import framer
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import parse_dialect
from atmbench.messages.masking import HIDDEN, mask_pan
from atmbench.messages.records import Message, Request
from atmbench.store.cover import BLANK, FILLING, PRIVATE, SHOWN_BYTES, Cover, covered
from tests.messages.samples import APPROVAL, DIALECT, PAN, REVERSAL, SIGN_ON, TRACK2, WITHDRAWAL, requests

CODEC = Codec(DIALECT)
WRAP = framer("length2").wrap
NINES = mask_pan(PAN).replace("*", FILLING)

BODIES = [CODEC.encode(DIALECT.request_message(each)) for each in (SIGN_ON, WITHDRAWAL, REVERSAL)]
SECRETS = (PAN, TRACK2, WITHDRAWAL.pin_block)


def shows(raw: bytes, secret: str, at_most: int = 6) -> bool:
    """Whether more than so many characters in a row of a secret stand in the bytes."""
    size = at_most + 1
    return any(secret[start : start + size].encode() in raw for start in range(len(secret) - size + 1))


def cover() -> Cover:
    return Cover(framer("length2"), CODEC)


# --- one body --------------------------------------------------------------------------------------


def test_a_withdrawal_shows_everything_but_the_card() -> None:
    message = DIALECT.request_message(WITHDRAWAL)
    shown = CODEC.decode(covered(CODEC.encode(message), CODEC))
    hidden = {2: NINES, 35: FILLING * len(TRACK2), 52: FILLING * 16}
    assert shown == Message(message.mti, {**message.fields, **hidden})


def test_what_holds_no_card_is_left_as_it_is() -> None:
    reply = DIALECT.reply_message(DIALECT.request_message(SIGN_ON), APPROVAL)
    for body in (BODIES[0], CODEC.encode(reply)):
        assert covered(body, CODEC) == body


def test_what_a_dialect_hides_is_overwritten_too() -> None:
    codec = Codec(parse_dialect("extends: iso87-ascii\nhidden: [59]\n", "mine"))
    message = Message("0200", {11: "000118", 59: "key serial number"})
    shown = codec.decode(covered(codec.encode(message), codec))
    assert shown.fields == {11: "000118", 59: FILLING * 17}


@pytest.mark.parametrize("number", sorted(HIDDEN | PRIVATE))
def test_every_hidden_field_is_overwritten(number: int) -> None:
    layout = DIALECT.fields[number]
    text = "ABCDEF01" * 2 if layout.type == "b" else "5" * min(layout.size, 16)
    body = CODEC.encode(Message("0200", {3: "010000", number: text}))
    shown = covered(body, CODEC)
    assert CODEC.decode(shown).fields == {3: "010000", number: FILLING * len(text)}


@given(requests)
def test_covering_keeps_length_and_meaning_and_hides_every_secret(request_: Request) -> None:
    body = CODEC.encode(DIALECT.request_message(request_))
    shown = covered(body, CODEC)
    assert len(shown) == len(body)
    read = DIALECT.read_request(CODEC.decode(shown))
    assert (read.purpose, read.stan, read.amount_minor) == (request_.purpose, request_.stan, request_.amount_minor)
    assert read.pan == mask_pan(request_.pan).replace("*", FILLING)
    assert set(read.track2) | set(read.pin_block) <= {FILLING}


@given(
    st.sampled_from(BODIES[1:]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=3),
    st.integers(0, 400),
)
def test_a_damaged_body_gives_no_card_away(body: bytes, damages: list[tuple[int, int]], keep: int) -> None:
    damaged = bytearray(body)
    for at, value in damages:
        damaged[at % len(body)] = value
    raw = bytes(damaged[: max(1, keep)])
    shown = covered(raw, CODEC)
    assert len(shown) == len(raw)
    assert not any(shows(shown, secret) for secret in SECRETS)


def test_an_unreadable_body_shows_its_first_bytes() -> None:
    cut = BODIES[1][:60]
    assert covered(cut, CODEC) == b"0200" + BLANK * 56
    assert covered(b"02", CODEC) == b"02"


def test_a_body_that_reads_but_would_be_written_otherwise_is_not_believed() -> None:
    body = CODEC.encode(Message("0200", {3: "010000", 52: "ABCDEF0123456789"}))
    needless = body[:4] + b"A0" + body[6:20] + b"0" * 16 + body[20:]  # a secondary bitmap that announces nothing
    assert CODEC.decode(needless) == CODEC.decode(body)
    assert covered(needless, CODEC) == b"0200" + BLANK * (len(needless) - SHOWN_BYTES)


# --- a stream --------------------------------------------------------------------------------------

STREAM = b"".join(map(WRAP, BODIES)) + b"\0\0" + WRAP(BODIES[0])
COVERED = b"".join(WRAP(covered(body, CODEC)) for body in BODIES) + b"\0\0" + WRAP(BODIES[0])


@given(st.lists(st.integers(1, 300), min_size=1, max_size=60))
def test_bytes_come_out_the_same_however_they_come_in(sizes: list[int]) -> None:
    one, out, rest = cover(), b"", STREAM
    while rest:
        for size in sizes:
            out += one.feed(rest[:size])
            rest = rest[size:]
            assert COVERED.startswith(out)
    assert out == COVERED
    assert one.give_up() == b""


@given(st.lists(st.tuples(st.integers(1, 80), st.booleans()), min_size=1, max_size=60))
def test_who_does_not_wait_gets_blanks_of_the_same_length(steps: list[tuple[int, bool]]) -> None:
    assume(any(gives_up for _, gives_up in steps))
    one, out, fed = cover(), b"", 0
    for size, gives_up in steps:
        out += one.feed(STREAM[fed : fed + size])
        fed = min(len(STREAM), fed + size)
        if gives_up:
            out += one.give_up()
            assert len(out) == fed
    out += one.feed(STREAM[fed:])
    assert len(out) == len(STREAM)
    assert all(got == real or bytes([got]) == BLANK for got, real in zip(out, COVERED, strict=True))
    assert not any(shows(out, secret) for secret in SECRETS)


def test_an_unfinished_frame_shows_its_length_and_its_first_bytes() -> None:
    one = cover()
    frame = WRAP(BODIES[1])
    assert one.feed(frame[:100]) == b""
    assert one.give_up() == frame[: 2 + SHOWN_BYTES] + BLANK * (98 - SHOWN_BYTES)
    assert one.give_up() == b""
    assert one.feed(frame[100:]) == WRAP(covered(BODIES[1], CODEC))[100:]


def test_behind_a_length_that_lies_nothing_is_shown() -> None:
    one = cover()
    lie = WRAP(BODIES[0]) + b"\xff\xff" + BODIES[1]
    assert one.feed(lie) == WRAP(BODIES[0]) + b"\xff\xff0200" + BLANK * (len(BODIES[1]) - SHOWN_BYTES)
    assert one.feed(WRAP(BODIES[1])) == BLANK * (len(BODIES[1]) + 2)
    assert one.give_up() == b""


def test_a_length_that_lies_a_little_gives_no_card_away() -> None:
    for lie in range(-60, 60):
        one = cover()
        size = len(BODIES[1]) + lie
        raw = size.to_bytes(2) + BODIES[1] + WRAP(BODIES[2]) + WRAP(BODIES[0])
        out = one.feed(raw) + one.give_up()
        assert len(out) == len(raw)
        assert not any(shows(out, secret) for secret in SECRETS), lie
        assert not re.search(rb"\d{13,}=", out)
