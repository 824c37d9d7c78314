"""Nothing that a fact may show gives a card away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.messages.masking import HIDDEN, mask_pan, masked_fields
from atmbench.messages.records import Message, Request
from tests.messages.samples import DIALECT, PAN, TRACK2, WITHDRAWAL, requests


@pytest.mark.parametrize(
    ("pan", "masked"),
    [
        ("9999990000000014", "999999******0014"),
        ("9999990000000000014", "999999*********0014"),
        ("9999990000014", "999999***0014"),
        ("999999000014", "********0014"),
        ("12345", "*2345"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_a_pan_shows_first_six_and_last_four_at_most(pan: str, masked: str) -> None:
    assert mask_pan(pan) == masked


@given(st.text("0123456789", max_size=28))
def test_masking_keeps_the_length_and_hides_the_middle(pan: str) -> None:
    masked = mask_pan(pan)
    assert len(masked) == len(pan)
    assert sum(shown != "*" for shown in masked) <= 10
    assert len(pan) < 5 or masked.count("*") >= 1


@given(requests)
def test_masked_fields_hold_every_field_and_no_card(request_: Request) -> None:
    message = DIALECT.request_message(request_)
    masked = masked_fields(message)
    assert list(masked) == [str(number) for number in message.fields]
    assert masked.get("2", "") == mask_pan(request_.pan)
    assert not request_.track2 or request_.track2 not in masked.values()
    assert not request_.pin_block or request_.pin_block not in masked.values()
    assert masked["11"] == message.fields[11]


def test_a_whole_withdrawal_leaks_nothing() -> None:
    shown = " ".join(masked_fields(DIALECT.request_message(WITHDRAWAL)).values())
    for secret in (PAN, TRACK2, WITHDRAWAL.pin_block):
        assert not any(secret[start : start + 7] in shown for start in range(len(secret) - 6))


def test_hidden_fields_show_their_length_only() -> None:
    message = Message("0200", dict.fromkeys(sorted(HIDDEN), "SECRETSECRET"))
    assert set(masked_fields(message).values()) == {"(12 hidden)"}
