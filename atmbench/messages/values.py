"""What the named values of a template are: how each is taken from a request or a reply, and read back.

Sources: iso8583 facts 1.3 (DE3), 1.5 (layouts), 1.6 (DE90, DE95), 1.7 (reasons). A taker gives "" for a
value that is absent, and leaves padding to the template, which knows the size. A reader raises Unreadable
and never quotes content.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec

from atmbench import money
from atmbench.errors import LocalError
from atmbench.messages.composites import Composite, Unreadable, digits, number
from atmbench.messages.dialect_file import DialectFile, Value
from atmbench.messages.key_field import KeyField
from atmbench.messages.records import Message, Original, Reply, Request
from atmbench.messages.reply_fields import BalanceField, StatementField
from atmbench.messages.responses import Responses
from atmbench.messages.what_for import NetworkCodes, ProcessingCodes, Reasons

TakeFromRequest = Callable[[Request], str]
TakeFromReply = Callable[[Reply, Message], str]


class Reader(msgspec.Struct, frozen=True):
    """How a value is read. `attribute` is what it sets; empty if `read` gives a dict of several."""

    attribute: str
    read: Callable[[str], Any]


class Values:
    """All named values of one dialect."""

    def __init__(self, file: DialectFile, name: str, responses: Responses) -> None:
        processing = ProcessingCodes(file.processing_code, name)
        network = NetworkCodes(file.network_codes)
        reasons = Reasons(file.reasons, name)
        original = _OriginalField(Composite(file.original, f"{name}: original"))
        actual = _ActualAmountField(Composite(file.actual_amount, f"{name}: actual_amount"))
        balances = BalanceField(file, name)
        statement = StatementField(file.statement.separator)
        keys = KeyField(file, name)
        self.of_request: dict[Value, TakeFromRequest] = {
            **{value: attrgetter(value.value) for value in _PLAIN},
            Value.ACTUAL_AMOUNT: actual.take,
            Value.AMOUNT: _amount,
            Value.CURRENCY: _currency,
            Value.LOCAL_DATE: _local_date,
            Value.LOCAL_TIME: _local_time,
            Value.NETWORK_CODE: network.take,
            Value.ORIGINAL: original.take,
            Value.PROCESSING_CODE: processing.take,
            Value.REASON: reasons.take,
            Value.STAN: _stan,
        }
        self.of_reply: dict[Value, TakeFromReply] = {
            Value.AMOUNT: _reply_amount,
            Value.APPROVAL_CODE: _reply_approval_code,
            Value.BALANCES: balances.take,
            Value.CHIP: _reply_chip,
            Value.CURRENCY: _reply_currency,
            Value.KEYS: keys.take,
            Value.RESPONSE_CODE: lambda reply, to: reply.code or responses.code(reply.outcome),
            Value.STATEMENT: statement.take,
        }
        self.readers: dict[Value, Reader] = {
            **{value: Reader(value.value, str.rstrip) for value in _PLAIN},
            Value.ACTUAL_AMOUNT: Reader("actual_minor", actual.read),
            Value.AMOUNT: Reader("amount_minor", number),
            Value.BALANCES: Reader("balances", balances.read),
            Value.CURRENCY: Reader("currency", read_currency),
            Value.KEYS: Reader("keys", keys.read),
            Value.LOCAL_DATE: Reader("local_date", read_date),
            Value.LOCAL_TIME: Reader("local_time", read_time),
            Value.NETWORK_CODE: Reader("purpose", network.read),
            Value.ORIGINAL: Reader("original", original.read),
            Value.PROCESSING_CODE: Reader("", processing.read),
            Value.REASON: Reader("reason", reasons.read),
            Value.RESPONSE_CODE: Reader("code", str.rstrip),
            Value.STAN: Reader("stan", number),
            Value.STATEMENT: Reader("statement", statement.read),
            Value.TRANSMITTED: Reader("transmitted", read_moment),
        }


_PLAIN = (
    Value.ACQUIRER,
    Value.APPROVAL_CODE,
    Value.CHIP,
    Value.LOCATION,
    Value.MERCHANT,
    Value.NEW_PIN_BLOCK,
    Value.PAN,
    Value.PAYEE,
    Value.PIN_BLOCK,
    Value.RRN,
    Value.TERMINAL,
    Value.TRACK2,
    Value.TRANSMITTED,
)
"""Values that stand in the message as they stand in the attribute of the same name."""


def _amount(request: Request) -> str:
    return str(request.amount_minor)


def _currency(request: Request) -> str:
    return request.currency and money.numeric(request.currency)


def _local_date(request: Request) -> str:
    return request.local_time[-10:-6]


def _local_time(request: Request) -> str:
    return request.local_time[-6:]


def _stan(request: Request) -> str:
    return str(request.stan)


def _reply_amount(reply: Reply, _to: Message) -> str:
    return "" if reply.amount_minor is None else str(reply.amount_minor)


def _reply_approval_code(reply: Reply, _to: Message) -> str:
    return reply.approval_code


def _reply_chip(reply: Reply, _to: Message) -> str:
    return reply.chip


def _reply_currency(reply: Reply, _to: Message) -> str:
    return reply.currency and money.numeric(reply.currency)


def read_currency(text: str) -> str:
    """The three letters of a currency number (DE49). Raises Unreadable."""
    try:
        return money.alphabetic(text)
    except LocalError:
        raise Unreadable("is no currency number of ISO 4217") from None


def read_date(text: str) -> str:
    """MMDD. Raises Unreadable for a month or day that no year has."""
    digits(text)
    if len(text) != 4 or not ("01" <= text[:2] <= "12" and "01" <= text[2:] <= "31"):
        raise Unreadable("is no date MMDD")
    return text


def read_time(text: str) -> str:
    """The clock, hhmmss. Raises Unreadable."""
    digits(text)
    if len(text) != 6 or text > "235959" or text[2:4] > "59" or text[4:] > "59":
        raise Unreadable("is no time hhmmss")
    return text


def read_moment(text: str) -> str:
    """MMDDhhmmss (DE7). Raises Unreadable."""
    read_date(text[:4])
    read_time(text[4:])
    return text


class _OriginalField:
    """DE90: the message that an advice is about."""

    def __init__(self, parts: Composite) -> None:
        self._parts = parts

    def take(self, request: Request) -> str:
        original = request.original
        if original is None:
            return ""
        return self._parts.compose(
            {
                "mti": original.mti,
                "stan": str(original.stan),
                "transmitted": original.transmitted,
                "acquirer": request.acquirer,
            }
        )

    def read(self, text: str) -> Original:
        values = self._parts.read(text)
        return Original(digits(values["mti"]), number(values["stan"]), read_moment(values["transmitted"]))


class _ActualAmountField:
    """DE95: what really came out, if that is not what was asked."""

    def __init__(self, parts: Composite) -> None:
        self._parts = parts

    def take(self, request: Request) -> str:
        return "" if request.actual_minor is None else self._parts.compose({"amount": str(request.actual_minor)})

    def read(self, text: str) -> int:
        return number(self._parts.read(text)["amount"])
