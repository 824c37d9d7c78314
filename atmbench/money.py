"""Amounts of money as integers of minor units, and what ISO 4217 says of a currency.

An amount is an `int` named `..._minor` everywhere in the bench. This module is the only place that
turns text into such an integer and back. It must never touch a float.
"""

from functools import lru_cache

from iso4217 import Currency

from atmbench.errors import LocalError

AMOUNT_MINOR_MAX = 999_999_999_999
"""Largest amount that fits DE4 of ISO 8583:1987 (n12)."""


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """Number of minor digits of an ISO 4217 currency: 2 for NGN, 0 for JPY, 3 for KWD.

    Raises LocalError for a code that ISO 4217 does not list.
    """
    digits = _currency(currency).exponent
    return 0 if digits is None else int(digits)


@lru_cache(maxsize=256)
def numeric(currency: str) -> str:
    """The three-digit code of a currency, as DE49 carries it: "566" for NGN."""
    return f"{int(_currency(currency).number):03d}"


@lru_cache(maxsize=256)
def alphabetic(number: str) -> str:
    """The three-letter code of a three-digit one: "NGN" for "566".

    Raises LocalError for a number that ISO 4217 does not list.
    """
    for currency in Currency:
        if f"{currency.number or 0:03d}" == number:
            return str(currency.code)
    raise LocalError(f"currency number {number!r} is not in ISO 4217; expected three digits such as 566 (NGN)")


def parse(text: str, currency: str) -> int:
    """Minor units of a decimal text: `parse("50.00", "NGN")` is 5000.

    Raises LocalError if the text is no plain decimal, has more digits than the currency, or is too large.
    """
    digits = exponent(currency)
    sign, unsigned = (-1, text[1:]) if text.startswith("-") else (1, text)
    whole, _, part = unsigned.partition(".")
    if not (whole.isascii() and whole.isdigit()) or (part and not (part.isascii() and part.isdigit())):
        raise LocalError(f"{text!r} is not an amount; expected digits such as {display(5000, currency)!r}")
    if len(part) > digits:
        raise LocalError(f"{text!r} has {len(part)} digits after the point; {currency} has {digits}")
    scale: int = 10**digits
    minor = int(whole) * scale + int(part.ljust(digits, "0") or "0")
    if minor > AMOUNT_MINOR_MAX:
        raise LocalError(f"{text!r} {currency} is more than a message can carry ({AMOUNT_MINOR_MAX} minor units)")
    return sign * minor


def display(amount_minor: int, currency: str) -> str:
    """Decimal text of an amount: `display(5000, "NGN")` is "50.00"."""
    digits = exponent(currency)
    if not digits:
        return str(amount_minor)
    text = str(abs(amount_minor)).rjust(digits + 1, "0")
    return f"{'-' if amount_minor < 0 else ''}{text[:-digits]}.{text[-digits:]}"


def _currency(code: str) -> Currency:
    try:
        return Currency(code)
    except ValueError:
        raise LocalError(f"currency {code!r} is not in ISO 4217; expected three letters such as NGN") from None
