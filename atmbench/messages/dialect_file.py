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


class Value(StrEnum):
    """The names by which a template asks for a value."""

    ACQUIRER = "acquirer"
    ACTUAL_AMOUNT = "actual_amount"
    AMOUNT = "amount"
    APPROVAL_CODE = "approval_code"
    BALANCES = "balances"
    CHIP = "chip"
    CURRENCY = "currency"
    KEYS = "keys"
    LOCAL_DATE = "local_date"
    LOCAL_TIME = "local_time"
    LOCATION = "location"
    MERCHANT = "merchant"
    NETWORK_CODE = "network_code"
    NEW_PIN_BLOCK = "new_pin_block"
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


class RequestTemplate(Record, frozen=True, kw_only=True):
    """The message of a terminal: field numbers with the values that stand there."""

    mti: Mti
    constant: dict[FieldNumber, str] = field(default_factory=dict)
    """The same text in every message. Not demanded of a message that is read."""
    mandatory: dict[FieldNumber, Value]
    optional: dict[FieldNumber, Value] = field(default_factory=dict)
    """Stands there if the request has it."""


class ReplyTemplate(Record, frozen=True, kw_only=True):
    """The answer of the host. A value of the reply stands in place of an echoed field of the same number."""

    mti: Mti
    echo: tuple[FieldNumber, ...]
    """Copied from the request; a reply without one of them is not accepted."""
    may_echo: tuple[FieldNumber, ...] = ()
    """Copied from the request if it is there."""
    mandatory: dict[FieldNumber, Value]
    optional: dict[FieldNumber, Value] = field(default_factory=dict)


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
    header: Header | None = None
    fields: dict[FieldNumber, FieldLayout]
    fields_by_mti: dict[MtiStart, dict[FieldNumber, FieldLayout]] = field(default_factory=dict)
    """Fields that travel otherwise in messages whose MTI begins so."""
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
    security: Security | None = None
    """None where nothing is known of PINs, MACs and keys; drills then cannot turn them on."""
    responses: dict[str, ResponseRule]
    """The first code of each outcome is the one a host sends."""
