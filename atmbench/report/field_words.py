"""Words for what stands in a field: message types, processing and response codes, amounts, times.

What a code means is the dialect's; here it is only said. Sources: iso8583 facts 1.1 and 1.4.
"""

from collections.abc import Callable, Mapping
from typing import Any

from atmbench import money
from atmbench.errors import LocalError
from atmbench.messages.dialect import Dialect, ResponseCode
from atmbench.messages.dialect_file import Value
from atmbench.messages.records import Message, Outcome, Reply, Request
from atmbench.security.dukpt import DukptError
from atmbench.security.dukpt_pin import SERIAL_NUMBER

_VERSIONS = {"0": "ISO 8583:1987", "1": "ISO 8583:1993", "2": "ISO 8583:2003", "9": "private"}
_CLASSES = {
    "1": "authorisation",
    "2": "financial",
    "3": "file action",
    "4": "reversal",
    "5": "reconciliation",
    "6": "administrative",
    "7": "fee",
    "8": "network management",
}
_FUNCTIONS = {
    "0": "request",
    "1": "response",
    "2": "advice",
    "3": "advice response",
    "4": "notification",
    "5": "acknowledgement of a notification",
    "6": "instruction",
    "7": "acknowledgement of an instruction",
}
_ORIGINS = {
    "0": "from the acquirer",
    "1": "from the acquirer, repeated",
    "2": "from the issuer",
    "3": "from the issuer, repeated",
    "4": "from another party",
    "5": "from another party, repeated",
}


def mti_words(mti: str) -> str:
    """What the four digits of a message type say; empty if they are none."""
    if len(mti) != 4 or not mti.isdigit():
        return ""
    words = f"{_CLASSES.get(mti[1], 'reserved')} {_FUNCTIONS.get(mti[2], 'of a reserved function')}"
    return f"{words} {_ORIGINS.get(mti[3], 'from an unknown party')}, {_VERSIONS.get(mti[0], 'unknown version')}"


def sentence(meaning: Request | Reply) -> str:
    """A message in one sentence."""
    if isinstance(meaning, Reply):
        words = f"answer to a {_plain(meaning.purpose)}: {_plain(meaning.outcome)}"
    elif meaning.service is not None and meaning.service is not meaning.purpose:
        words = f"{_plain(meaning.purpose)} of a {_plain(meaning.service)}"
    else:
        words = _plain(meaning.purpose)
    words = f"{words}, terminal {meaning.terminal}, STAN {meaning.stan:06d}"
    if meaning.amount_minor and meaning.currency:
        words += f", {money.display(meaning.amount_minor, meaning.currency)} {meaning.currency}"
    if isinstance(meaning, Request) and meaning.actual_minor is not None and meaning.currency:
        words += f", of which {money.display(meaning.actual_minor, meaning.currency)} stand"
    reason = f", because: {_plain(meaning.reason)}" if isinstance(meaning, Request) and meaning.reason else ""
    return words + reason


class FieldWords:
    """Words for the fields of one message."""

    def __init__(self, dialect: Dialect, message: Message) -> None:
        self._dialect = dialect
        self._roles = dialect.roles.of(message.mti)
        self._is_advice_reply = message.mti[2:3] == "3"
        number = next((number for number, value in self._roles.items() if value is Value.CURRENCY), 0)
        read = dialect.roles.meaning(Value.CURRENCY, message.fields.get(number, ""))
        self._currency = read if isinstance(read, str) else ""
        self._words: Mapping[Value, Callable[[Any], str]] = {
            Value.ACTUAL_AMOUNT: self._amount,
            Value.AMOUNT: self._amount,
            Value.AVAILABLE_BALANCE: lambda read: self._amount(read["available"].amount_minor),
            Value.BALANCES: lambda read: ", ".join(f"{each.kind} {self._amount(each.amount_minor)}" for each in read),
            Value.BUSINESS_DATE: _date,
            Value.CURRENCY: str,
            Value.KEY_SERIAL: self._key_serial,
            Value.LEDGER_BALANCE: lambda read: self._amount(read["ledger"].amount_minor),
            Value.LOCAL_CENTURY_DATE_TIME: _moment,
            Value.LOCAL_DATE: _date,
            Value.LOCAL_DATE_TIME: _moment,
            Value.LOCAL_TIME: _time,
            Value.NETWORK_CODE: _plain,
            Value.NEW_AMOUNT: self._amount,
            Value.ORIGINAL: lambda read: f"{read.mti}, STAN {read.stan:06d}, sent {_moment(read.transmitted)}",
            Value.ORIGINAL_AMOUNT: self._amount,
            Value.PROCESSING_CODE: _service,
            Value.REASON: _plain,
            Value.SETTLEMENT_CENTURY_DATE: _date,
            Value.SETTLEMENT_DATE: _date,
            Value.SETTLEMENT_FULL_DATE: _date,
            Value.STATEMENT: lambda read: f"{len(read)} lines of a statement",
            Value.TRANSMITTED: _moment,
        }

    def field(self, number: int, text: str) -> str:
        """What a field says beside its value; empty where nothing is known of it."""
        value = self._roles.get(number)
        if value is Value.RESPONSE_CODE:
            return response_words(self._dialect.response(text.rstrip()), is_about_advice=self._is_advice_reply)
        words = self._words.get(value) if value else None
        if value is None or words is None:
            return ""
        read = self._dialect.roles.meaning(value, text)
        try:
            return "" if read is None or read == "" else words(read)
        except (AttributeError, TypeError, ValueError, KeyError, LocalError):  # a dialect that reads it as another kind
            return ""

    def _key_serial(self, read: str) -> str:
        rules = self._dialect.security
        if rules is None or rules.dukpt is None:
            return "key serial number"
        try:
            counter = SERIAL_NUMBER[rules.dukpt].parse(read).counter
        except DukptError:
            return f"no key serial number of DUKPT ({rules.dukpt})"
        return f"key serial number of DUKPT ({rules.dukpt}), counter {counter}"

    def _amount(self, read: Any) -> str:
        """Of minor units, or of what stands for one amount with its currency since 2003."""
        currency = self._currency
        if isinstance(read, dict):
            currency = read.get("currency", currency)
            read = next((minor for name, minor in read.items() if name.endswith("_minor")), None)
        if not currency or not isinstance(read, int):
            return ""
        return f"{money.display(read, currency)} {currency}"


def response_words(response: ResponseCode, *, is_about_advice: bool) -> str:
    """What a response code means and what a terminal does on it."""
    words = [_plain(response.outcome)]
    if is_about_advice:
        if response.accepts_advice:
            words.append("the advice is settled")
        else:
            words.append("the advice is sent again" if response.retry_advice else "sending it again is no use")
        return ", ".join(words)
    if response.card == "retain":
        words.append("the card is kept")
    if response.reverse:
        words.append("no cash, and a reversal in case the host has posted")
    elif response.outcome is Outcome.APPROVED:
        words.append("the terminal acts on it")
    else:
        words.append("no cash")
    return ", ".join(words)


def _plain(word: str) -> str:
    return str(word).replace("_", " ")


def _date(text: str) -> str:
    return f"month {text[-4:-2]}, day {text[-2:]}"


def _time(text: str) -> str:
    return f"{text[-6:-4]}:{text[-4:-2]}:{text[-2:]}"


def _moment(text: str) -> str:
    return f"{_date(text[:-6])}, {_time(text)}"


def _service(read: Mapping[str, Any]) -> str:
    words = _plain(read["service"])
    accounts = (read.get("from_account"), read.get("to_account"))
    if all(accounts):
        words += f", from {_plain(accounts[0] or '')} to {_plain(accounts[1] or '')}"
    return words
