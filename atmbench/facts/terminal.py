"""What a terminal did and showed. Data only."""

from atmbench.facts.base import Fact
from atmbench.facts.statements import Statement


class StateChanged(Fact, frozen=True, kw_only=True):
    """The terminal moved in its transition table."""

    old: str
    new: str
    because: str


class TransactionStarted(Fact, frozen=True, kw_only=True):
    """A customer asked for something and the terminal gave it a STAN."""

    key: str
    service: str
    stan: int
    amount_minor: int = 0
    card: str = ""
    """Masked PAN."""


class TransactionEnded(Fact, frozen=True, kw_only=True):
    """The terminal is done with a customer.

    `outcome` is one of: approved, declined, no_answer, not_dispensed, short, cancelled, retracted, suspect,
    interrupted.
    """

    key: str
    outcome: str
    service: str = ""
    code: str = ""
    day: str = ""
    """Business day that the terminal counts it in, as its host told (MMDD or YYMMDD); empty where it knows of none."""


OUT_OF_SERVICE = "out of service"
"""What a reason says that is the terminal's, whether by order or not."""
BY_ORDER = f"{OUT_OF_SERVICE} by order: "
"""How a reason begins that is an operator's, in the words that customers read."""


DOORS_SHUT = "the drill lets nobody begin any more"
"""A reason that is no terminal's and no bank's: the time for customers is over."""


class CustomerTurnedAway(Fact, frozen=True, kw_only=True):
    """A customer came and the terminal could not begin."""

    because: str
    service: str = ""


class ScreenShown(Fact, frozen=True, kw_only=True):
    """What the customer sees."""

    screen: str
    lines: tuple[str, ...]
    states: Statement | None = None
    """What of it can be true or false; None if nothing can."""


class ReceiptPrinted(Fact, frozen=True, kw_only=True):
    """What the customer takes home."""

    key: str
    lines: tuple[str, ...]
    states: Statement | None = None
    """As of a screen."""


class JournalWritten(Fact, frozen=True, kw_only=True):
    """One line of the terminal's electronic journal."""

    line: str
    key: str = ""


class AdviceQueued(Fact, frozen=True, kw_only=True):
    """A reversal or completion is in store-and-forward, and has not been sent yet."""

    key: str
    purpose: str
    stan: int
    amount_minor: int
    reason: str = ""
    actual_minor: int | None = None
    """What really came out, if it is not nothing (DE95)."""


class AdviceAccepted(Fact, frozen=True, kw_only=True):
    """A valid answer ended a stored message."""

    key: str
    purpose: str
    stan: int
    code: str
    attempts: int


class ExceptionOpened(Fact, frozen=True, kw_only=True):
    """Something a person must settle.

    `kind` is one of: suspect_dispense, suspect_deposit, advice_given_up, memory_lost, stand_in_refused.
    """

    kind: str
    key: str
    terminal: str
    because: str
    owner: str = ""
    """Who that person is, where it is known."""


class BusinessDayTaken(Fact, frozen=True, kw_only=True):
    """The terminal counts in another business day from now on."""

    day: str
    """As its host told it: MMDD or YYMMDD."""
    before: str
    line: str
    announced: bool
    """By a message of the host; else an answer to a request said so."""


class PowerFailed(Fact, frozen=True, kw_only=True):
    """The terminal lost power. `during` says in which state it was, or after which effect."""

    during: str


class PowerRestored(Fact, frozen=True, kw_only=True):
    """The terminal is back, with what its non-volatile memory held."""

    open_transaction: str = ""
    stored_messages: int = 0
