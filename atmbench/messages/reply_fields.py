"""What only replies carry: balances (DE54, DE44, DE58 and DE59) and a mini statement.

Source: iso8583 facts 1.5. A balance entry names the account type that the request's processing code
took from, and the currency of the request.
"""

from atmbench import money
from atmbench.errors import LocalError
from atmbench.messages.amounts import AmountField
from atmbench.messages.composites import Composite, Unreadable, digits, number
from atmbench.messages.dialect_file import Balances, DialectFile, SingleBalance, Value
from atmbench.messages.records import Balance, Message, Reply


class BalanceField:
    """Entries of account type, kind of amount, currency, sign and amount; or one entry with both amounts."""

    def __init__(self, file: DialectFile, layout: Balances, amount: AmountField, name: str) -> None:
        self._parts = Composite(layout.parts, f"{name}: balances")
        self._entries_max = layout.entries_max
        self._kinds = {str(kind): code for kind, code in layout.kinds.items()}
        self._kind_of_code = {code: kind for kind, code in self._kinds.items()}
        self._credit, self._debit = layout.credit, layout.debit
        self._holds_both = {"ledger", "available"} <= self._parts.values
        if not self._holds_both and not {"kind", "sign", "amount"} <= self._parts.values:
            raise LocalError(f"{name}: balances needs the parts kind, sign and amount, or ledger and available")
        self._processing_code = _field_of(file, Value.PROCESSING_CODE, name)
        self._amount = amount
        self._currency = _field_of(file, Value.AMOUNT if amount.has_currency else Value.CURRENCY, name)

    def take(self, reply: Reply, to: Message) -> str:
        """The field for a reply to a message. Raises LocalError for too many balances or an unknown kind."""
        if not reply.balances:
            return ""
        if self._holds_both:
            return self._both(reply)
        if len(reply.balances) > self._entries_max:
            raise LocalError(f"{len(reply.balances)} balances do not fit; at most {self._entries_max}")
        account = to.fields.get(self._processing_code, "")[2:4]
        number_ = to.fields.get(self._currency, "")
        if self._amount.has_currency:
            number_ = self._amount.currency_number(number_)
        return "".join(self._entry(balance, account, number_) for balance in reply.balances)

    def _both(self, reply: Reply) -> str:
        known = {balance.kind: balance.amount_minor for balance in reply.balances}
        if any(known.get(kind, -1) < 0 for kind in ("ledger", "available")):
            return ""
        return self._parts.compose({kind: str(amount_minor) for kind, amount_minor in known.items()})

    def _entry(self, balance: Balance, account: str, currency: str) -> str:
        if balance.kind not in self._kinds:
            raise LocalError(f"a balance of kind {balance.kind!r} was given; expected {' or '.join(self._kinds)}")
        values = {
            "account": account,
            "kind": self._kinds[balance.kind],
            "currency": currency,
            "sign": self._debit if balance.amount_minor < 0 else self._credit,
            "amount": str(abs(balance.amount_minor)),
        }
        if "exponent" in self._parts.values:
            values["exponent"] = str(money.exponent(money.alphabetic(currency)))
        return self._parts.compose(values)

    def read(self, text: str) -> tuple[Balance, ...]:
        """The balances, without the kinds of amount that this dialect does not name."""
        size = self._parts.size
        if self._holds_both:
            values = self._parts.read(text)
            return tuple(Balance(kind, number(values[kind])) for kind in ("ledger", "available"))
        if len(text) % size:
            raise Unreadable(f"has {len(text)} characters, expected a multiple of {size}")
        balances = []
        for start in range(0, len(text), size):
            values = self._parts.read(text[start : start + size])
            digits(values.get("currency", "0"))
            amount_minor = _signed(values["sign"], number(values["amount"]), self._credit, self._debit)
            kind = self._kind_of_code.get(values["kind"])
            if kind is not None:
                balances.append(Balance(kind, amount_minor))
        return tuple(balances)


class SingleBalanceField:
    """One balance of one kind."""

    def __init__(self, layout: SingleBalance, kind: str, name: str) -> None:
        self._parts = Composite(layout.parts, name)
        self._credit, self._debit = layout.credit, layout.debit
        self._kind = kind
        if self._parts.values != {"sign", "amount"}:
            raise LocalError(f"{name}: it is made of sign and amount, and of constants")

    def take(self, reply: Reply, _to: Message) -> str:
        """The field for a reply; empty if the reply has no balance of this kind."""
        for balance in reply.balances:
            if balance.kind == self._kind:
                sign = self._debit if balance.amount_minor < 0 else self._credit
                return self._parts.compose({"sign": sign, "amount": str(abs(balance.amount_minor))})
        return ""

    def read(self, text: str) -> dict[str, Balance]:
        """The balance, under `ledger` or `available`."""
        values = self._parts.read(text)
        amount_minor = _signed(values["sign"], number(values["amount"]), self._credit, self._debit)
        return {self._kind: Balance(self._kind, amount_minor)}


def _signed(sign: str, amount_minor: int, credit: str, debit: str) -> int:
    if sign == debit:
        return -amount_minor
    if sign != credit:
        raise Unreadable(f"has a sign that is neither {credit} nor {debit}")
    return amount_minor


class StatementField:
    """Lines of text with a separator between them."""

    def __init__(self, separator: str) -> None:
        self._separator = separator

    def take(self, reply: Reply, _to: Message) -> str:
        """The field for a reply. Raises LocalError for a line that holds the separator."""
        if not reply.statement:
            return ""
        if any(self._separator in line for line in reply.statement):
            raise LocalError(f"a statement line holds the separator {self._separator!r}; leave it out")
        return self._separator.join(reply.statement)

    def read(self, text: str) -> tuple[str, ...]:
        """The lines."""
        return tuple(text.split(self._separator)) if text else ()


def _field_of(file: DialectFile, wanted: Value, name: str) -> int:
    for template in file.templates.values():
        for number_, value in template.request.mandatory.items():
            if value is wanted:
                return number_
    raise LocalError(f"{name}: no request has a mandatory {wanted}; balances need it")
