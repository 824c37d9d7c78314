"""What a dialect file may say: its records, which are also its schema. Data only.

Everything is keyed (fields by number, codes by code, templates by name), so that one dialect can be told
as another with some keys replaced. A file describes what stands where; what a named value is, is in
`values`. This module must hold no rule that needs more than one record.
"""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, field

from atmbench.messages.layout_file import Encoding, FieldLayout, FieldNumber, Header, Mti, MtiStart, Record, Size
from atmbench.messages.records import AccountType, Outcome, Purpose, Reason
from atmbench.messages.security_file import Security
from atmbench.messages.subfield_file import AnySubfields


class Value(StrEnum):
    """The names by which a template asks for a value."""

    ACQUIRER = "acquirer"
    ACTUAL_AMOUNT = "actual_amount"
    AMOUNT = "amount"
    APPROVAL_CODE = "approval_code"
    AVAILABLE_BALANCE = "available_balance"
    """One balance alone in a field, as `single_balance` says. `ledger_balance` is the other."""
    BALANCES = "balances"
    BUSINESS_DATE = "business_date"
    """MMDD of the business day, for a capture or settlement date (DE17, DE15) that stands in every message. Where
    nobody knows of days it is the local date."""
    CHIP = "chip"
    CURRENCY = "currency"
    FUNCTION = "function"
    """Which kind of advice it is, and whether in part: one of `functions`."""
    KEYS = "keys"
    KEY_SERIAL = "key_serial"
    """Key serial number of the DUKPT key that the PIN blocks of the message are sealed under, in hexadecimal."""
    LEDGER_BALANCE = "ledger_balance"
    LOCAL_CENTURY_DATE_TIME = "local_century_date_time"
    """CCYYMMDDhhmmss (DE12 of 2003)."""
    LOCAL_DATE = "local_date"
    LOCAL_DATE_TIME = "local_date_time"
    """YYMMDDhhmmss (DE12 of 1993)."""
    LOCAL_TIME = "local_time"
    LOCATION = "location"
    MERCHANT = "merchant"
    NETWORK_CODE = "network_code"
    NEW_AMOUNT = "new_amount"
    """DE4 of an advice since 1993: what really moved. `original_amount` then says what was asked."""
    NEW_PIN_BLOCK = "new_pin_block"
    ORIGINAL = "original"
    ORIGINAL_AMOUNT = "original_amount"
    """DE30 since 1993: there only if not all of it moved."""
    PAN = "pan"
    PAYEE = "payee"
    PIN_BLOCK = "pin_block"
    PROCESSING_CODE = "processing_code"
    REASON = "reason"
    RESPONSE_CODE = "response_code"
    RRN = "rrn"
    SEQUENCE = "sequence"
    """STAN of the first message of a transaction, left-justified: kept by all later ones (DE37 of BASE24)."""
    SETTLEMENT_CENTURY_DATE = "settlement_century_date"
    """The business day as CCYYMMDD (DE15 of 2003)."""
    SETTLEMENT_DATE = "settlement_date"
    """MMDD of the business day (DE15): there only where the sender knows of one."""
    SETTLEMENT_FULL_DATE = "settlement_full_date"
    """With its year, YYMMDD (DE15 of 1993)."""
    STAN = "stan"
    STATEMENT = "statement"
    TERMINAL = "terminal"
    TRACK2 = "track2"
    TRANSMITTED = "transmitted"


class RequestTemplate(Record, frozen=True, kw_only=True):
    """The message of a terminal: field numbers with the values that stand there."""

    mti: Mti
    constant: dict[FieldNumber, str] = field(default_factory=dict)
    """The same text in every message. Not demanded of a message that is read."""
    mandatory: dict[FieldNumber, Value]
    optional: dict[FieldNumber, Value] = field(default_factory=dict)
    """Stands there if the request has it."""
    header: str = ""
    """In place of the dialect's, where the family tells kinds of message apart by it."""


class ReplyTemplate(Record, frozen=True, kw_only=True):
    """The answer of the host. A value of the reply stands in place of an echoed field of the same number."""

    mti: Mti
    echo: tuple[FieldNumber, ...]
    """Copied from the request; a reply without one of them is not accepted."""
    may_echo: tuple[FieldNumber, ...] = ()
    """Copied from the request if it is there."""
    mandatory: dict[FieldNumber, Value]
    optional: dict[FieldNumber, Value] = field(default_factory=dict)
    header: str = ""
    codes: dict[Outcome, str] = field(default_factory=dict)
    """Codes that are sent here in place of the usual ones: 1993 approves a reversal by 400, a sign-on by 800."""


class Template(Record, frozen=True, kw_only=True):
    """A pair of request and reply, and the purposes it serves."""

    purposes: tuple[Purpose, ...]
    request: RequestTemplate
    reply: ReplyTemplate


class ProcessingCode(Record, frozen=True, kw_only=True):
    """DE3: two digits of type, two of the account it is taken from, two of the account it goes to."""

    services: dict[Purpose, str]
    accounts: dict[AccountType, str]


PartValue = Literal[
    "account",
    "acquirer",
    "amount",
    "available",
    "currency",
    "exponent",
    "kind",
    "ledger",
    "local_century_date_time",
    "local_date",
    "local_date_time",
    "local_time",
    "mti",
    "sequence",
    "sign",
    "stan",
    "transmitted",
]


class Part(Record, frozen=True, kw_only=True):
    """A piece of a composite field: a value, or a constant, or zeros."""

    size: Size
    value: PartValue | None = None
    constant: str = ""
    justify: Literal["right", "left"] = "right"
    """A value stands behind zeros, or (left) before spaces."""
    prefix: Literal["LL", "rest"] | None = None
    """A value of its own length, `size` at most: behind two digits that say it, or (rest) up to the end of the field.
    The last piece only."""


class Balances(Record, frozen=True, kw_only=True):
    """Several balances in one field (DE54): entries of one shape, one after the other.

    With the values `ledger` and `available` in its parts it is one entry that holds both, without a sign (DE44 of
    BASE24); it is left out if one of them is not known or below zero.
    """

    parts: tuple[Part, ...]
    entries_max: Annotated[int, Meta(ge=1, le=20)] = 1
    kinds: dict[Literal["ledger", "available"], str] = field(default_factory=dict)
    credit: str = "C"
    debit: str = "D"


class SingleBalance(Record, frozen=True, kw_only=True):
    """One balance in a field of its own (DE58 and DE59 of AS2805): `sign` and `amount`."""

    parts: tuple[Part, ...]
    credit: str = "C"
    debit: str = "D"


class Statement(Record, frozen=True, kw_only=True):
    """A mini statement: lines with a separator between them."""

    separator: Annotated[str, Meta(min_length=1)]


class Matching(Record, frozen=True, kw_only=True):
    """Fields that a reply must share with its request, beside version and class of the MTI."""

    terminal: FieldNumber
    stan: FieldNumber
    also: tuple[FieldNumber, ...] = ()
    """More of them. Each reply must echo those that its request has."""


class Repeats(Record, frozen=True, kw_only=True):
    """What changes when an advice is sent again. Everything else stays, STAN and local time above all."""

    mti: Literal["next", "same"] = "next"
    """`next`: the last digit of the MTI is raised by one. `same`: a repeat cannot be told from the first sending."""
    transmitted: Literal["kept", "renewed"] = "kept"
    """DE7."""


class Timers(Record, frozen=True, kw_only=True):
    """Waiting times that are usual on lines of this family, in seconds, for drills that do not name them."""

    reply_s: Annotated[float, Meta(gt=0)] | None = None
    network_reply_s: Annotated[float, Meta(gt=0)] | None = None
    echo_s: Annotated[float, Meta(gt=0)] | None = None


Function = Literal["completion", "partial_completion", "reversal", "partial_reversal"]


class ResponseRule(Record, frozen=True, kw_only=True):
    """What one response code means, and what a terminal does on it."""

    outcome: Outcome
    card: Literal["return", "retain"] = "return"
    reverse: bool = False
    accepts_advice: bool = False
    retry_advice: bool = False
    day_advanced: bool = False
    """What a host sends in place of approved if it counts the request in a later business day than that said."""


class Framing(Record, frozen=True, kw_only=True):
    """A framing by its name, and what is not as usual in it. None stands for what is usual with this framing."""

    name: str
    """Such as length2, nac or vap."""
    tpdu: Annotated[str, Meta(pattern="^([0-9]{10})?$")] | None = None
    """Ten digits: id, destination and source of a request. Empty for no TPDU."""
    counts_itself: bool | None = None
    """Whether the length counts its own bytes."""
    destination: Annotated[str, Meta(pattern="^[0-9]{6}$")] | None = None
    """The station a request goes to (vap)."""
    source: Annotated[str, Meta(pattern="^[0-9]{6}$")] | None = None
    """The station it comes from (vap)."""
    bytes_max: Annotated[int, Meta(ge=1)] | None = None
    """Longest body."""
    keep_alive: Literal["ignore", "echo"] = "ignore"
    """What is done about a length of zero."""


class DialectFile(Record, frozen=True, kw_only=True):
    """A whole dialect file."""

    describes: str
    framing: str | Framing
    """A name alone stands for a framing with all as usual."""
    encoding: Encoding
    header: Header | None = None
    fields: dict[FieldNumber, FieldLayout]
    fields_by_mti: dict[MtiStart, dict[FieldNumber, FieldLayout]] = field(default_factory=dict)
    """Fields that travel otherwise in messages whose MTI begins so."""
    subfields: dict[FieldNumber, AnySubfields] = field(default_factory=dict)
    """What is inside of fields."""
    processing_code: ProcessingCode
    network_codes: dict[Purpose, str]
    functions: dict[Function, str] = field(default_factory=dict)
    """DE24 of advices since 1993."""
    templates: dict[str, Template]
    matching: Matching
    repeats: Repeats = Repeats()
    timers: Timers = Timers()
    hidden: tuple[FieldNumber, ...] = ()
    """Fields that may hold card data or keys here, beside those hidden everywhere. Only their length is told."""
    amount: tuple[Part, ...] = ()
    """What stands in a field called `amount` or `new_amount`, if not the number alone."""
    original: tuple[Part, ...] = ()
    actual_amount: tuple[Part, ...] = ()
    original_amount: tuple[Part, ...] = ()
    balances: Balances | None = None
    single_balance: SingleBalance | None = None
    statement: Statement | None = None
    reasons: dict[Reason, str]
    """Code of each reason. Where two share a code, the first is what a host reads."""
    stand_in_reason: str = ""
    """Code of the reason that an advice of an approval in stand-in has, where the family has one."""
    security: Security | None = None
    """None where nothing is known of PINs, MACs and keys; drills then cannot turn them on."""
    responses: dict[str, ResponseRule]
    """The first code of each outcome is the one a host sends."""
