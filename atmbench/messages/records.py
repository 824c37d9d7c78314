"""What terminal and host say to each other, in words instead of field numbers.

A `Message` is an MTI with numbered fields, as it stands on the wire. A `Request` or a `Reply` is what
it means. The dialect turns one into the other; terminal and host know only the meaning, so that
neither has to change when a bank's dialect moves a field. This module must hold no logic.
"""

import enum

import msgspec


class Purpose(enum.StrEnum):
    """What a message is for. The dialect says which MTI and processing code that is."""

    SIGN_ON = "sign_on"
    SIGN_OFF = "sign_off"
    ECHO = "echo"
    KEY_EXCHANGE = "key_exchange"
    """The terminal asks for new working keys; the answer brings them."""
    CUTOVER = "cutover"
    """The host tells a terminal that the next business day has begun; the only message that a host begins."""
    BALANCE = "balance"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    BILL_PAYMENT = "bill_payment"
    MINI_STATEMENT = "mini_statement"
    DEPOSIT = "deposit"
    PIN_CHANGE = "pin_change"
    COMPLETION = "completion"
    """Advice that a service was completed as approved, or with `actual_minor` (0220)."""
    REVERSAL = "reversal"
    """Advice that a service is to be undone, wholly or down to `actual_minor` (0420)."""


NETWORK = frozenset({Purpose.SIGN_ON, Purpose.SIGN_OFF, Purpose.ECHO, Purpose.KEY_EXCHANGE, Purpose.CUTOVER})
SERVICES = frozenset(
    {
        Purpose.BALANCE,
        Purpose.WITHDRAWAL,
        Purpose.TRANSFER,
        Purpose.BILL_PAYMENT,
        Purpose.MINI_STATEMENT,
        Purpose.DEPOSIT,
        Purpose.PIN_CHANGE,
    }
)
ADVICES = frozenset({Purpose.COMPLETION, Purpose.REVERSAL})
MOVES_MONEY = frozenset({Purpose.WITHDRAWAL, Purpose.TRANSFER, Purpose.BILL_PAYMENT, Purpose.DEPOSIT})


class AccountType(enum.StrEnum):
    """Account types of DE3 (iso8583: processing code, positions 3-4 and 5-6)."""

    DEFAULT = "default"
    SAVINGS = "savings"
    CURRENT = "current"
    CREDIT = "credit"


class Outcome(enum.StrEnum):
    """What a response code means. The dialect holds the codes and what a terminal does on each."""

    APPROVED = "approved"
    PARTIALLY_APPROVED = "partially_approved"
    DECLINED = "declined"
    FORMAT_ERROR = "format_error"
    INVALID_TRANSACTION = "invalid_transaction"
    INVALID_AMOUNT = "invalid_amount"
    CARD_UNKNOWN = "card_unknown"
    RETAIN_CARD = "retain_card"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    NO_ACCOUNT = "no_account"
    EXPIRED_CARD = "expired_card"
    WRONG_PIN = "wrong_pin"
    PIN_TRIES_EXCEEDED = "pin_tries_exceeded"
    NOT_PERMITTED = "not_permitted"
    AMOUNT_LIMIT = "amount_limit"
    COUNT_LIMIT = "count_limit"
    TOO_LATE = "too_late"
    NO_ORIGINAL = "no_original"
    ALREADY_REVERSED = "already_reversed"
    SIGN_ON_NEEDED = "sign_on_needed"
    CUT_OFF = "cut_off"
    HOST_UNAVAILABLE = "host_unavailable"
    DUPLICATE = "duplicate"
    MALFUNCTION = "malfunction"
    MAC_FAILED = "mac_failed"
    """The MAC of the request does not agree."""
    PIN_KEY_FAILED = "pin_key_failed"
    """The PIN block cannot be opened: both ends hold different keys. Says nothing of the PIN."""
    CHIP_FAILED = "chip_failed"
    """The cryptogram of the chip is not accepted."""


class Reason(enum.StrEnum):
    """Why an advice is sent (iso8583: "Who reverses"). The dialect holds code and place of each."""

    NO_ANSWER = "no_answer"
    LATE_ANSWER = "late_answer"
    INVALID_ANSWER = "invalid_answer"
    NOT_DISPENSED = "not_dispensed"
    PARTLY_DISPENSED = "partly_dispensed"
    SUSPECT = "suspect"
    CASH_NOT_TAKEN = "cash_not_taken"
    CARD_NOT_TAKEN = "card_not_taken"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


class Message(msgspec.Struct, frozen=True, gc=False):
    """One ISO 8583 message: `mti` of four digits and the text of each field by its number.

    Binary fields are upper-case hexadecimal. Length prefixes and bitmaps are not in here. `header` is what
    stands before the MTI in dialects that have that; empty stands for the usual one.
    """

    mti: str
    fields: dict[int, str]
    header: str = ""

    def __repr__(self) -> str:
        return f"Message({self.mti}, fields {', '.join(map(str, self.fields))})"


class Original(msgspec.Struct, frozen=True, gc=False):
    """What an advice says of the message it is about (DE90, DE56).

    `transmitted` is empty in dialects that do not name it by that.
    """

    mti: str
    stan: int
    transmitted: str = ""


class Balance(msgspec.Struct, frozen=True, gc=False):
    """One amount of DE54. `kind` is "ledger" or "available"."""

    kind: str
    amount_minor: int


class WrappedKeys(msgspec.Struct, frozen=True, gc=False):
    """New working keys on their way, under the terminal's master key, with their check values. All hexadecimal."""

    pin_key: str
    pin_check: str
    mac_key: str
    mac_check: str

    def __repr__(self) -> str:
        return f"WrappedKeys(pin_check={self.pin_check}, mac_check={self.mac_check})"


class Request(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A request or an advice from a terminal.

    `stan` is the number of this message and `transmitted` its DE7 (MMDDhhmmss); both stay as they are
    when the message is repeated. `local_time` (YYMMDDhhmmss; the century and, in 1987 dialects, the
    year do not travel) is when the customer began, and with `rrn` is kept by every later message of
    the same transaction. `service` is what an advice is about, and equals `purpose` in a request.
    """

    purpose: Purpose
    terminal: str
    stan: int
    transmitted: str
    repeat: bool = False
    service: Purpose | None = None
    local_time: str = ""
    rrn: str = ""
    amount_minor: int = 0
    currency: str = ""
    pan: str = ""
    track2: str = ""
    pin_block: str = ""
    """Encrypted, 16 hexadecimal digits."""
    new_pin_block: str = ""
    """The same of the PIN that a customer wants."""
    key_serial: str = ""
    """Which DUKPT key both are sealed under, in hexadecimal; empty where PIN keys are exchanged."""
    chip: str = ""
    """Chip data (DE55) in hexadecimal."""
    mac_agrees: bool | None = None
    """What the line found; None where messages carry no MAC."""
    from_account: AccountType = AccountType.DEFAULT
    to_account: AccountType = AccountType.DEFAULT
    payee: str = ""
    """Account or biller that a transfer or bill payment goes to (DE103)."""
    approval_code: str = ""
    original: Original | None = None
    actual_minor: int | None = None
    reason: Reason | None = None
    acquirer: str = ""
    merchant: str = ""
    location: str = ""
    business_day: str = ""
    """The day that the sender counts it in, YYMMDD, or MMDD where no year travels; empty where nobody knows of any.
    Kept by every later message of the same transaction."""

    def __repr__(self) -> str:
        return f"Request({self.purpose}, {self.terminal}, stan={self.stan}, amount_minor={self.amount_minor})"


class Reply(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An answer of the host. Echoed values are what the reply itself says, never what was asked.

    `amount_minor` is None if the reply carries no amount.
    """

    purpose: Purpose
    terminal: str
    stan: int
    outcome: Outcome
    code: str
    local_time: str = ""
    rrn: str = ""
    amount_minor: int | None = None
    currency: str = ""
    approval_code: str = ""
    balances: tuple[Balance, ...] = ()
    statement: tuple[str, ...] = ()
    chip: str = ""
    """Chip data (DE55) in hexadecimal."""
    keys: WrappedKeys | None = None
    business_day: str = ""
    """The day that the host counts it in, as in a request."""
    day_advanced: bool = False
    """That is another day than the request said."""
    card_accepts: bool | None = None
    """What the customer's chip says to the answer; None if it was not asked."""
