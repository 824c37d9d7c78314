"""What only replies carry: balances (DE54) and a mini statement.

Source: iso8583 facts 1.5. A balance entry names the account type that the request's processing code
took from, and the currency of the request.
"""

from atmbench.errors import LocalError
from atmbench.messages.composites import Composite, Unreadable, digits, number
from atmbench.messages.dialect_file import DialectFile, Value
from atmbench.messages.records import Balance, Message, Reply


class BalanceField:
    """Entries of account type, kind of amount, currency, sign and amount."""

    def __init__(self, file: DialectFile, name: str) -> None:
        layout = file.balances
        self._parts = Composite(layout.parts, f"{name}: balances")
        self._entries_max = layout.entries_max
        self._kinds = {str(kind): code for kind, code in layout.kinds.items()}
        self._kind_of_code = {code: kind for kind, code in layout.kinds.items()}
        self._credit, self._debit = layout.credit, layout.debit
        self._processing_code = _field_of(file, Value.PROCESSING_CODE, name)
        self._currency = _field_of(file, Value.CURRENCY, name)

    def take(self, reply: Reply, to: Message) -> str:
        """The field for a reply to a message. Raises LocalError for too many balances or an unknown kind."""
        if not reply.balances:
            return ""
        if len(reply.balances) > self._entries_max:
            raise LocalError(f"{len(reply.balances)} balances do not fit; at most {self._entries_max}")
        account = to.fields.get(self._processing_code, "")[2:4]
        currency = to.fields.get(self._currency, "")
        return "".join(self._entry(balance, account, currency) for balance in reply.balances)

    def _entry(self, balance: Balance, account: str, currency: str) -> str:
        if balance.kind not in self._kinds:
            raise LocalError(f"a balance of kind {balance.kind!r} was given; expected {' or '.join(self._kinds)}")
        return self._parts.compose(
            {
                "account": account,
                "kind": self._kinds[balance.kind],
                "currency": currency,
                "sign": self._debit if balance.amount_minor < 0 else self._credit,
                "amount": str(abs(balance.amount_minor)),
            }
        )

    def read(self, text: str) -> tuple[Balance, ...]:
        """The balances, without the kinds of amount that this dialect does not name."""
        size = self._parts.size
        if len(text) % size:
            raise Unreadable(f"has {len(text)} characters, expected a multiple of {size}")
        balances = []
        for start in range(0, len(text), size):
            values = self._parts.read(text[start : start + size])
            amount_minor = number(values["amount"])
            digits(values["currency"])
            if values["sign"] == self._debit:
                amount_minor = -amount_minor
            elif values["sign"] != self._credit:
                raise Unreadable(f"has a sign that is neither {self._credit} nor {self._debit}")
            kind = self._kind_of_code.get(values["kind"])
            if kind is not None:
                balances.append(Balance(kind, amount_minor))
        return tuple(balances)


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
