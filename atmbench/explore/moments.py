"""Every ambiguous moment of a transaction: the axes of the matrix, and the cells that are their product. Pure.

A cell is one moment of one transaction at which one thing goes wrong. `moment_reasons` says of which there can be none,
`moment_drills` makes a drill of every other one. It must never leave out a cell: what is not run has a reason.
Source: user-asks, section 2, row 3: bugs sit at these edges, and testers try two or three by hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import product

import msgspec

from atmbench.errors import LocalError


class Moment(StrEnum):
    """How far a transaction has come when it is struck."""

    BEFORE_SEND = "before-send"
    HALF_SENT = "half-sent"
    """The first half of the request has passed; the rest comes, or would have come, some time after."""
    SENT = "sent"
    """The request is on its way."""
    BEFORE_POSTING = "before-posting"
    """The site has the request, and has decided nothing."""
    AFTER_POSTING = "after-posting"
    """The site has posted, and has not answered: it waits for the other site (synchronous replication)."""
    REPLIED = "replied"
    """The answer is on its way."""
    HALF_REPLY = "half-reply"
    BEFORE_CASH = "before-cash"
    """The terminal has the answer, and no note has moved: the card goes first."""
    DURING_CASH = "during-cash"
    """The dispenser counts out, or the notes of a deposit go into the bin."""
    BEFORE_CONFIRMATION = "before-confirmation"
    """Notes lie in the exit, and the host will be told of them."""
    REVERSAL = "reversal"
    """The reversal is on its way for the first time, or its answer."""
    REPLAY = "replay"
    """A stored reversal or completion that got no answer is sent again."""
    SIGN_ON = "sign-on"
    """The line broke under the answer; the terminal signs on again, with what it has stored."""
    PROMOTION = "promotion"
    """The request is with site A, and site B is made the active one."""


class Fault(StrEnum):
    """What goes wrong at that moment."""

    SILENCE = "silence"
    """The line is cut, and its connections stand."""
    RESET = "reset"
    CLOSE = "close"
    REFUSAL = "refusal"
    LOSE = "lose"
    CORRUPT = "corrupt"
    """What arrives is no message."""
    DUPLICATE = "duplicate"
    DELAY = "delay"
    """By more than the terminal waits."""
    POWER_LOST = "power-lost"
    """Of the terminal, for a few seconds."""
    SITE_LOST = "site-lost"
    """The data centre goes dark."""


class Way(StrEnum):
    """Which way is struck."""

    REQUEST = "request"
    REPLY = "reply"
    BOTH = "both"


class Struck(StrEnum):
    """Which site's line is struck, or the site itself."""

    A = "A"
    """The first site, which is active at the start."""
    B = "B"
    """The second, after it has taken over from A. With `promotion`: the one that is being promoted."""


class Asked(StrEnum):
    """What the customer wants."""

    WITHDRAWAL = "withdrawal"
    SHORT = "short-withdrawal"
    """A withdrawal of which the dispenser pays one note of two."""
    BALANCE = "balance"
    TRANSFER = "transfer"
    BILL_PAYMENT = "bill-payment"
    DEPOSIT = "deposit"
    MINI_STATEMENT = "mini-statement"
    PIN_CHANGE = "pin-change"


class Confirmed(StrEnum):
    """How a host learns what became of its approval."""

    NEGATIVE_ONLY = "negative-only"
    NONE = "none"
    ALWAYS = "always"
    DUAL = "dual"
    """Two messages: the approval places a hold, and the completion posts it."""


class Cell(msgspec.Struct, frozen=True, order=True):
    """One moment, and what goes wrong at it."""

    moment: Moment
    fault: Fault
    way: Way
    site: Struck
    service: Asked
    confirm: Confirmed

    @property
    def name(self) -> str:
        """Its words, with dots between: sent.lose.request.A.withdrawal.none."""
        return ".".join(str(getattr(self, axis)) for axis in AXES)


AXES: Mapping[str, type[StrEnum]] = {
    "moment": Moment,
    "fault": Fault,
    "way": Way,
    "site": Struck,
    "service": Asked,
    "confirm": Confirmed,
}
"""Name of each axis, as a field of Cell, to its values in order."""

Chosen = Mapping[str, frozenset[str]]
"""Axis to the values that are wanted of it; one that is not there wants all."""


def cells(chosen: Chosen | None = None) -> Iterator[Cell]:
    """All cells with the chosen values, in the order of the axes."""
    wanted = chosen or {}
    values = [[each for each in kind if each in wanted.get(axis, frozenset(kind))] for axis, kind in AXES.items()]
    for words in product(*values):
        yield Cell(*words)  # type: ignore[arg-type]  # of each axis one, in the order of the fields


def find_cell(name: str) -> Cell:
    """The cell of a name. Raises LocalError, which says what is wrong with it."""
    words = name.split(".")
    if len(words) != len(AXES):
        meant = ".".join(axis.upper() for axis in AXES)
        raise LocalError(f"there is no cell {name!r}: it has {len(words)} words; expected {meant}")
    return Cell(*(_value(axis, word) for axis, word in zip(AXES, words, strict=True)))  # type: ignore[arg-type]


def chosen_by(given: Sequence[str]) -> Chosen:
    """What a tester wants, as he says it: AXIS=VALUE, or AXIS=VALUE,VALUE. Raises LocalError for what is none."""
    wanted: dict[str, frozenset[str]] = {}
    for text in given:
        axis, equals, words = text.partition("=")
        if not equals or axis not in AXES:
            raise LocalError(f"{text!r} chooses nothing; expected AXIS=VALUE with one of the axes {', '.join(AXES)}")
        values = frozenset(_value(axis, word) for word in words.split(","))
        wanted[axis] = wanted.get(axis, frozenset()) | values
    return wanted


def _value(axis: str, word: str) -> StrEnum:
    kind = AXES[axis]
    if word not in frozenset(kind):
        raise LocalError(f"{axis} has no value {word!r}; expected one of {', '.join(kind)}")
    return kind(word)
