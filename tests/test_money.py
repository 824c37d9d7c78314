"""Amounts are integers of minor units, with as many decimals as ISO 4217 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency

from atmbench import money
from atmbench.errors import LocalError

CURRENCIES = sorted(currency.code for currency in Currency)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("50.00", "NGN", 5000),
        ("50", "NGN", 5000),
        ("0.5", "NGN", 50),
        ("-0.01", "NGN", -1),
        ("50", "JPY", 50),
        ("1.234", "KWD", 1234),
        ("9999999999.99", "NGN", money.AMOUNT_MINOR_MAX),
    ],
)
def test_text_becomes_minor_units(text: str, currency: str, minor: int) -> None:
    assert money.parse(text, currency) == minor


@given(st.integers(-money.AMOUNT_MINOR_MAX, money.AMOUNT_MINOR_MAX), st.sampled_from(CURRENCIES))
def test_what_is_displayed_is_parsed(minor: int, currency: str) -> None:
    assert money.parse(money.display(minor, currency), currency) == minor


@pytest.mark.parametrize(
    "text", ["", "-", ".", ".5", "+5", "--5", "1e3", "1_000", "5,00", "5.0.0", " 5", "\u0665", "5.\u0660"]
)
def test_what_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(LocalError):
        money.parse(text, "NGN")


@pytest.mark.parametrize(("text", "currency"), [("0.001", "NGN"), ("0.5", "JPY"), ("10000000000.00", "NGN")])
def test_what_the_currency_or_a_message_cannot_carry_is_refused(text: str, currency: str) -> None:
    with pytest.raises(LocalError):
        money.parse(text, currency)


def test_negative_amounts_keep_their_sign_below_one() -> None:
    assert money.display(-5, "NGN") == "-0.05"
    assert money.display(-5, "JPY") == "-5"
    assert money.display(-5, "KWD") == "-0.005"


def test_numbers_and_letters_name_the_same_currency() -> None:
    for code in CURRENCIES:
        assert money.alphabetic(money.numeric(code)) == code
    assert (money.numeric("NGN"), money.numeric("AUD")) == ("566", "036")


@pytest.mark.parametrize("number", ["000", "56", "0566", "NGN", ""])
def test_an_unknown_number_is_refused(number: str) -> None:
    with pytest.raises(LocalError):
        money.alphabetic(number)


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(LocalError):
        money.exponent("XQQ")
