"""What a dialect file may say: its records, which are also its schema. Data only.

Everything is keyed (fields by number, codes by code, templates by name), so that one dialect can be told
as another with some keys replaced. A file describes what stands where; what a named value is, is in
`values`. This module must hold no rule that needs more than one record.
"""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from atmbench.messages.records import AccountType, Outcome, Purpose, Reason

Mti = Annotated[str, Meta(pattern="^[0-9]{4}$")]
FieldNumber = Annotated[int, Meta(ge=2, le=128)]
Size = Annotated[int, Meta(ge=1, le=999)]


class Content(StrEnum):
    """What may stand in a field, by the letters of ISO 8583."""

    N = "n"
    """Digits."""
    XN = "x+n"
    """C or D, then digits."""
    AN = "an"
    """Letters and digits; other printable characters are let pass, as in practice."""
    ANS = "ans"
    """Printable characters."""
    Z = "z"
    """Track data: digits and separators."""
    B = "b"
    """Bytes. The size counts bytes."""


class Prefix(StrEnum):
    """How many digits of length stand before a field of variable length."""

    LL = "LL"
    LLL = "LLL"


class Value(StrEnum):
    """The names by which a template asks for a value."""

    ACQUIRER = "acquirer"
    ACTUAL_AMOUNT = "actual_amount"
    AMOUNT = "amount"
    APPROVAL_CODE = "approval_code"
    BALANCES = "balances"
    CURRENCY = "currency"
    LOCAL_DATE = "local_date"
    LOCAL_TIME = "local_time"
    LOCATION = "location"
    MERCHANT = "merchant"
    NETWORK_CODE = "network_code"
    ORIGINAL = "original"
    PAN = "pan"
    PAYEE = "payee"
    PIN_BLOCK = "pin_block"
    PROCESSING_CODE = "processing_code"
    REASON = "reason"
    RESPONSE_CODE = "response_code"
    RRN = "rrn"
    STAN = "stan"
    STATEMENT = "statement"
    TERMINAL = "terminal"
    TRACK2 = "track2"
    TRANSMITTED = "transmitted"


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Root of the records below."""


class Encoding(Record, frozen=True, kw_only=True):
    """How text, bytes, bitmaps and length prefixes travel."""

    text: Literal["ascii"]
    binary: Literal["hex"]
    """Upper-case hexadecimal text, two characters for each byte."""
    bitmap: Literal["hex"]
    length: Literal["ascii"]


class FieldLayout(Record, frozen=True, kw_only=True):
    """One data element: fixed length if it has no prefix, else at most `size`."""

    name: str
    type: Content
    size: Size
    prefix: Prefix | None = None


class RequestTemplate(Record, frozen=True, kw_only=True):
    """The message of a terminal: field numbers with the values that stand there."""

    mti: Mti
    constant: dict[FieldNumber, str] = {}
    """The same text in every message. Not demanded of a message that is read."""
    mandatory: dict[FieldNumber, Value]
    optional: dict[FieldNumber, Value] = {}
    """Stands there if the request has it."""


class ReplyTemplate(Record, frozen=True, kw_only=True):
    """The answer of the host. A value of the reply stands in place of an echoed field of the same number."""

    mti: Mti
    echo: tuple[FieldNumber, ...]
    """Copied from the request; a reply without one of them is not accepted."""
    may_echo: tuple[FieldNumber, ...] = ()
    """Copied from the request if it is there."""
    mandatory: dict[FieldNumber, Value]
    optional: dict[FieldNumber, Value] = {}


class Template(Record, frozen=True, kw_only=True):
    """A pair of request and reply, and the purposes it serves."""

    purposes: tuple[Purpose, ...]
    request: RequestTemplate
    reply: ReplyTemplate


class ProcessingCode(Record, frozen=True, kw_only=True):
    """DE3: two digits of type, two of the account it is taken from, two of the account it goes to."""

    services: dict[Purpose, str]
    accounts: dict[AccountType, str]


class Part(Record, frozen=True, kw_only=True):
    """A piece of a composite field: a value, right-justified after zeros, or a constant."""

    size: Size
    value: Literal["mti", "stan", "transmitted", "acquirer", "amount", "account", "kind", "currency", "sign"] | None = (
        None
    )
    constant: str = ""


class Balances(Record, frozen=True, kw_only=True):
    """DE54: entries of one shape, one after the other."""

    parts: tuple[Part, ...]
    entries_max: int
    kinds: dict[Literal["ledger", "available"], str]
    credit: str
    debit: str


class Statement(Record, frozen=True, kw_only=True):
    """A mini statement: lines with a separator between them."""

    separator: Annotated[str, Meta(min_length=1)]


class Matching(Record, frozen=True, kw_only=True):
    """Fields that a reply must share with its request, beside version and class of the MTI."""

    terminal: FieldNumber
    stan: FieldNumber


class ResponseRule(Record, frozen=True, kw_only=True):
    """What one response code means, and what a terminal does on it."""

    outcome: Outcome
    card: Literal["return", "retain"] = "return"
    reverse: bool = False
    accepts_advice: bool = False
    retry_advice: bool = False


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
    fields: dict[FieldNumber, FieldLayout]
    processing_code: ProcessingCode
    network_codes: dict[Purpose, str]
    templates: dict[str, Template]
    matching: Matching
    original: tuple[Part, ...]
    actual_amount: tuple[Part, ...]
    balances: Balances
    statement: Statement
    reasons: dict[Reason, str]
    """Code of each reason. Where two share a code, the first is what a host reads."""
    responses: dict[str, ResponseRule]
    """The first code of each outcome is the one a host sends."""
