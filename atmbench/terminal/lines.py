"""The lines of a terminal: how far the connection of each has come, and which an operator has taken out of service.

A line knows nothing of other lines; which one is used is decided in `failover`.
"""

from collections.abc import Mapping
from enum import StrEnum

from atmbench.terminal.outstanding import NEVER


class LineState(StrEnum):
    """How far a line is. An open connection alone is worth nothing: only a signed-on line carries customers."""

    DOWN = "down"
    DIALLING = "dialling"
    SIGNING_ON = "signing_on"
    GETTING_KEYS = "getting_keys"
    """A host is there, but without working keys that it has too nothing can be said."""
    SIGNED_ON = "signed_on"
    SIGNING_OFF = "signing_off"
    """Nothing else is said on it; hung up when the host has answered, or was given the time to."""


class Line:
    """A line by its name.

    `deadline` is when a dial has failed, or the next echo is due. `echoes` counts answered ones in a row while the
    line is on probation. `signs_on_again`: the MAC of its sign-on failed, and is tried once more with other keys.
    `has_signed_on`: at some time, over this connection or an earlier one.
    """

    __slots__ = ("deadline", "echoes", "has_signed_on", "name", "signs_on_again", "state")

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = LineState.DOWN
        self.deadline = NEVER
        self.echoes = 0
        self.signs_on_again = False
        self.has_signed_on = False

    @property
    def is_signed_on(self) -> bool:
        """Whether a host has accepted this terminal on this line."""
        return self.state is LineState.SIGNED_ON

    def fall(self) -> None:
        """Nothing stands any more."""
        self.state = LineState.DOWN
        self.deadline = NEVER
        self.echoes = 0
        self.signs_on_again = False


class Lines:
    """All lines of a terminal in order of preference, and why some are out of service: the last order about each."""

    def __init__(self, names: tuple[str, ...], out: Mapping[str, str]) -> None:
        self._by_name = {name: Line(name) for name in names}
        self.in_order = tuple(self._by_name.values())
        self.out = dict(out)
        """Line to what customers are told of it; empty for the usual words. Changed by `duty` only."""

    def __getitem__(self, name: str) -> Line:
        return self._by_name[name]

    def is_out(self, name: str) -> bool:
        """Whether a line is out of service by order."""
        return name in self.out

    def next_after(self, line: Line) -> Line | None:
        """The next line that is in service, in turn; None if all are out."""
        at = self.in_order.index(line) + 1
        return next((each for each in (*self.in_order[at:], *self.in_order[:at]) if not self.is_out(each.name)), None)
