"""What the named values of a template are: how each is taken from a request or a reply, and read back.

Sources: iso8583 facts 1.3 (DE3), 1.5 (layouts), 1.6 (DE90, DE95), 1.7 (reasons). A taker gives "" for a
value that is absent, and leaves padding to the template, which knows the size. A reader raises Unreadable
and never quotes content. A value whose description the file leaves out does not exist in that dialect.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec

from atmbench import money
from atmbench.messages import moments
from atmbench.messages.amounts import ActualAmountField, AmountField, OriginalAmountField, read_currency
from atmbench.messages.composites import digits, number
from atmbench.messages.dialect_file import DialectFile, Value
from atmbench.messages.key_field import KeyField
from atmbench.messages.originals import OriginalField
from atmbench.messages.records import Message, Reply, Request
from atmbench.messages.reply_fields import BalanceField, SingleBalanceField, StatementField
from atmbench.messages.responses import Responses
from atmbench.messages.what_for import Functions, NetworkCodes, ProcessingCodes, Reasons

TakeFromRequest = Callable[[Request], str]
TakeFromReply = Callable[[Reply, Message], str]


class Reader(msgspec.Struct, frozen=True):
    """How a value is read. `attribute` is what it sets; empty if `read` gives a dict of several (or of none).

    A value that is not `in_reply` says nothing in a reply: it may stand there, and is not read.
    """

    attribute: str
    read: Callable[[str], Any]
    in_reply: bool = True


class Values:
    """All named values of one dialect."""

    def __init__(self, file: DialectFile, name: str, responses: Responses) -> None:
        self.responses = responses
        processing = ProcessingCodes(file.processing_code, name)
        network = NetworkCodes(file.network_codes)
        reasons = Reasons(file.reasons, name)
        amount = AmountField(file.amount, f"{name}: amount")
        keys = KeyField(file, name)
        self.of_request: dict[Value, TakeFromRequest] = {
            **{value: attrgetter(value.value) for value in _PLAIN},
            Value.AMOUNT: amount.take if file.amount else _amount,
            Value.BUSINESS_DATE: moments.business_date,
            Value.CURRENCY: _currency,
            Value.LOCAL_CENTURY_DATE_TIME: moments.local_century_date_time,
            Value.LOCAL_DATE: moments.local_date,
            Value.LOCAL_DATE_TIME: moments.local_date_time,
            Value.LOCAL_TIME: moments.local_time,
            Value.NETWORK_CODE: network.take,
            Value.NEW_AMOUNT: amount.take_new,
            Value.PROCESSING_CODE: processing.take,
            Value.REASON: reasons.take,
            Value.SEQUENCE: _sequence,
            Value.SETTLEMENT_CENTURY_DATE: moments.settlement_century_date,
            Value.SETTLEMENT_DATE: moments.settlement_date,
            Value.SETTLEMENT_FULL_DATE: moments.settlement_full_date,
            Value.STAN: _stan,
        }
        self.of_reply: dict[Value, TakeFromReply] = {
            Value.AMOUNT: amount.take_reply if file.amount else _reply_amount,
            Value.APPROVAL_CODE: _reply_approval_code,
            Value.CHIP: _reply_chip,
            Value.CURRENCY: _reply_currency,
            Value.KEYS: keys.take,
            Value.RESPONSE_CODE: lambda reply, _to: responses.code_of(reply, {}),
            Value.SETTLEMENT_CENTURY_DATE: lambda reply, _to: moments.settlement_century_date(reply),
            Value.SETTLEMENT_DATE: lambda reply, _to: moments.settlement_date(reply),
            Value.SETTLEMENT_FULL_DATE: lambda reply, _to: moments.settlement_full_date(reply),
        }
        self.readers: dict[Value, Reader] = {
            **{value: Reader(value.value, str.rstrip) for value in _PLAIN},
            Value.AMOUNT: Reader("", amount.read) if file.amount else Reader("amount_minor", number),
            Value.BUSINESS_DATE: Reader("business_day", moments.read_date),
            Value.CURRENCY: Reader("currency", read_currency),
            Value.KEYS: Reader("keys", keys.read),
            Value.LOCAL_CENTURY_DATE_TIME: Reader("local_time", moments.read_century_date_time),
            Value.LOCAL_DATE: Reader("local_date", moments.read_date),
            Value.LOCAL_DATE_TIME: Reader("local_time", moments.read_date_time),
            Value.LOCAL_TIME: Reader("local_time", moments.read_time),
            Value.NETWORK_CODE: Reader("purpose", network.read),
            Value.NEW_AMOUNT: Reader("", amount.read, in_reply=False),
            Value.PROCESSING_CODE: Reader("", processing.read),
            Value.REASON: Reader("reason", reasons.read),
            Value.RESPONSE_CODE: Reader("code", str.rstrip),
            Value.SEQUENCE: Reader("", _checked(digits)),
            Value.SETTLEMENT_CENTURY_DATE: Reader("business_day", moments.read_century_date),
            Value.SETTLEMENT_DATE: Reader("business_day", moments.read_date),
            Value.SETTLEMENT_FULL_DATE: Reader("business_day", moments.read_full_date),
            Value.STAN: Reader("stan", number),
            Value.TRACK2: Reader("track2", _read_track2),
            Value.TRANSMITTED: Reader("transmitted", moments.read_moment),
        }
        self._add_composites(file, amount, name)

    def _add_composites(self, file: DialectFile, amount: AmountField, name: str) -> None:
        if file.original:
            original = OriginalField(file.original, f"{name}: original")
            self.of_request[Value.ORIGINAL] = original.take
            self.readers[Value.ORIGINAL] = Reader("original", original.read)
        if file.actual_amount:
            actual = ActualAmountField(file.actual_amount, f"{name}: actual_amount")
            self.of_request[Value.ACTUAL_AMOUNT] = actual.take
            self.readers[Value.ACTUAL_AMOUNT] = Reader("actual_minor", actual.read)
        if file.original_amount:
            asked = OriginalAmountField(file.original_amount, f"{name}: original_amount")
            self.of_request[Value.ORIGINAL_AMOUNT] = asked.take
            self.readers[Value.ORIGINAL_AMOUNT] = Reader("", asked.read, in_reply=False)
        if file.functions:
            functions = Functions(file.functions, name)
            self.of_request[Value.FUNCTION] = functions.take
            self.readers[Value.FUNCTION] = Reader("", functions.read, in_reply=False)
        if file.balances is not None:
            balances = BalanceField(file, file.balances, amount, name)
            self.of_reply[Value.BALANCES] = balances.take
            self.readers[Value.BALANCES] = Reader("balances", balances.read)
        if file.single_balance is not None:
            for value, kind in ((Value.LEDGER_BALANCE, "ledger"), (Value.AVAILABLE_BALANCE, "available")):
                single = SingleBalanceField(file.single_balance, kind, f"{name}: single_balance")
                self.of_reply[value] = single.take
                self.readers[value] = Reader("", single.read)
        if file.statement is not None:
            statement = StatementField(file.statement.separator)
            self.of_reply[Value.STATEMENT] = statement.take
            self.readers[Value.STATEMENT] = Reader("statement", statement.read)


_PLAIN = (
    Value.ACQUIRER,
    Value.APPROVAL_CODE,
    Value.CHIP,
    Value.KEY_SERIAL,
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


def _stan(request: Request) -> str:
    return str(request.stan)


def _sequence(request: Request) -> str:
    original = request.original
    return str(request.stan if original is None else original.stan)


def _reply_amount(reply: Reply, _to: Message) -> str:
    return "" if reply.amount_minor is None else str(reply.amount_minor)


def _reply_approval_code(reply: Reply, _to: Message) -> str:
    return reply.approval_code


def _reply_chip(reply: Reply, _to: Message) -> str:
    return reply.chip


def _reply_currency(reply: Reply, _to: Message) -> str:
    return reply.currency and money.numeric(reply.currency)


def _read_track2(text: str) -> str:
    """The separator of BCD is D."""
    return text.rstrip().replace("D", "=")


def _checked(read: Callable[[str], object]) -> Callable[[str], dict[str, Any]]:
    """A reader that looks at a value and keeps nothing of it."""

    def check(text: str) -> dict[str, Any]:
        read(text.rstrip())
        return {}

    return check
