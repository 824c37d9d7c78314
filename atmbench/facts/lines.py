"""Faults, connections and the choice of a line. Data only."""

from collections.abc import Mapping
from typing import Any

import msgspec

from atmbench.facts.base import Fact


class FaultStarted(Fact, frozen=True, kw_only=True):
    """A fault applies to every frame from this instant on."""

    name: str
    kind: str
    detail: dict[str, Any] = msgspec.field(default_factory=dict)


def is_upon(detail: Mapping[str, Any], line: str, site: str, carrier: str = "") -> bool:
    """Whether a fault or command with this detail may strike a line of this site; what it does not name it means."""
    is_on_line = detail.get("line", "") in ("", line) and detail.get("site", "") in ("", site)
    return is_on_line and detail.get("carrier", "") in ("", carrier)


class FaultEnded(Fact, frozen=True, kw_only=True):
    """A fault was mended."""

    name: str


class FrameDisturbed(Fact, frozen=True, kw_only=True):
    """A fault touched one frame."""

    name: str
    kind: str
    terminal: str
    line: str
    direction: str
    what: str
    mti: str = ""
    key: str = ""
    """The transaction of a request that names another one now; empty if it still names its own, or none."""
    became: str = ""
    """The transaction that it names now."""
    unnoticed: bool = False
    """On a serial line: a block was altered, and its check (LRC) agrees all the same."""


class LineUp(Fact, frozen=True, kw_only=True):
    """A connection stands. This says nothing of the health of the line."""

    line: str


class LineLost(Fact, frozen=True, kw_only=True):
    """A connection is gone: reset, closed, or given up."""

    line: str
    because: str


class DialFailed(Fact, frozen=True, kw_only=True):
    """A connection could not be made."""

    line: str
    because: str


class CallFailed(Fact, frozen=True, kw_only=True):
    """A modem of a terminal tried in vain: to call, or to be told to hang up. Another try may follow."""

    line: str
    why: str
    """no_modem, refused, no_dialtone, busy, no_answer, no_carrier or no_result."""
    because: str


class LineSuspected(Fact, frozen=True, kw_only=True):
    """A reply did not come in time on this line."""

    line: str
    missed: int


class LineChosen(Fact, frozen=True, kw_only=True):
    """The failover policy moved a terminal to another line."""

    line: str
    previous: str
    because: str


class SignedOn(Fact, frozen=True, kw_only=True):
    """A host accepted the sign-on of a terminal on this line."""

    line: str


class SignedOff(Fact, frozen=True, kw_only=True):
    """A terminal has signed off on this line and hangs up. Not answered: it gave up waiting, or the line was lost."""

    line: str
    answered: bool
