"""Fields that hold amounts: DE4, DE30 and DE95.

Sources: iso8583 facts 1.6 (what of a partial reversal stands where) and 2.2 (amounts with currency and exponent in
2003). 1987 leaves DE4 as it was and adds DE95; since 1993 DE4 is the new amount and DE30 the old one.
"""

from collections.abc import Sequence
from typing import Any

from atmbench import money
from atmbench.errors import LocalError
from atmbench.messages.composites import Composite, Unreadable, number
from atmbench.messages.dialect_file import Part
from atmbench.messages.records import Message, Reply, Request


def read_currency(text: str) -> str:
    """The three letters of a currency number (DE49). Raises Unreadable."""
    try:
        return money.alphabetic(text)
    except LocalError:
        raise Unreadable("is no currency number of ISO 4217") from None


class AmountField:
    """An amount: the number alone, or with its currency and exponent where the dialect has parts for them."""

    def __init__(self, parts: Sequence[Part], name: str) -> None:
        self._name = name
        self._parts = Composite(parts, name) if parts else None
        self.has_currency = self._parts is not None and "currency" in self._parts.values
        if self._parts is not None and "amount" not in self._parts.values:
            raise LocalError(f"{name}: no part holds the amount")

    def take(self, request: Request) -> str:
        """What was asked for."""
        return self.text(request.amount_minor, request.currency)

    def take_new(self, request: Request) -> str:
        """What really moved, or what was asked for if that is all the same."""
        actual_minor = request.actual_minor
        return self.text(request.amount_minor if actual_minor is None else actual_minor, request.currency)

    def take_reply(self, reply: Reply, _to: Message) -> str:
        """The amount of a reply; empty if it has none of its own."""
        return "" if reply.amount_minor is None else self.text(reply.amount_minor, reply.currency)

    def text(self, amount_minor: int, currency: str) -> str:
        """The field. Raises LocalError for an amount without the currency that it needs."""
        if self._parts is None:
            return str(amount_minor)
        values = {"amount": str(amount_minor)}
        if self.has_currency:
            if not currency:
                raise LocalError(f"{self._name}: an amount travels with its currency, and none was given")
            values["currency"] = money.numeric(currency)
            values["exponent"] = str(money.exponent(currency))
        return self._parts.compose(values)

    def read(self, text: str) -> dict[str, Any]:
        """`amount_minor`, and `currency` if it is in here. Raises Unreadable."""
        if self._parts is None:
            return {"amount_minor": number(text)}
        values = self._parts.read(text)
        amount_minor = number(values["amount"])
        if not self.has_currency:
            return {"amount_minor": amount_minor}
        currency = read_currency(values["currency"])
        if values.get("exponent", str(money.exponent(currency))) != str(money.exponent(currency)):
            raise Unreadable(f"has an exponent that {currency} does not have")
        return {"amount_minor": amount_minor, "currency": currency}

    def currency_number(self, text: str) -> str:
        """The currency as it stands in a field; empty if the field is not as it should be."""
        if self._parts is None or len(text) != self._parts.size:
            return ""
        return self._parts.read(text).get("currency", "")


class OriginalAmountField:
    """DE30 since 1993: what was asked for, if not all of it moved."""

    def __init__(self, parts: Sequence[Part], name: str) -> None:
        self._field = AmountField(parts, name)

    def take(self, request: Request) -> str:
        """The field; empty if all of it moved, or none."""
        return "" if request.actual_minor is None else self._field.take(request)

    def read(self, text: str) -> dict[str, Any]:
        """`original_minor`."""
        return {"original_minor": self._field.read(text)["amount_minor"]}


class ActualAmountField:
    """DE95: what really came out, if that is not what was asked."""

    def __init__(self, parts: Sequence[Part], name: str) -> None:
        self._parts = Composite(parts, name)

    def take(self, request: Request) -> str:
        """The field; empty if nothing is known but what was asked."""
        return "" if request.actual_minor is None else self._parts.compose({"amount": str(request.actual_minor)})

    def read(self, text: str) -> int:
        """Minor units."""
        return number(self._parts.read(text)["amount"])
