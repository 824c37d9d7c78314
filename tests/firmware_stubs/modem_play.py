"""A modem stub to play with: what it says at its port, what it asks of the network, and what happens to it."""

from typing import Any

from ruamel.yaml import YAML

from atmbench import shipped
from firmware_stubs.line_modem.acts import Act, Connect, HangUp, Pass
from firmware_stubs.line_modem.settings import Settings
from firmware_stubs.line_modem.stub import LineModem
from firmware_stubs.outcomes import Outcome, Send, Tell

NUMBER = "5551234"


def frames() -> dict[str, Any]:
    """The golden exchanges."""
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(shipped.read("frames", "line_modem.yaml"))
    return loaded


class Play:
    """A modem with a clock and a network in which `far` answers, or nobody."""

    def __init__(self, *, kept: dict[str, Any] | None = None, joins: bool = True, **settings: Any) -> None:
        self.core = LineModem(Settings(**settings), kept)
        self.now = 100.0
        self.said = b""
        self.far = b""
        self.acts: list[Act] = []
        self.told: list[str] = []
        self.joins = joins

    def _perform(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Send):
                self.said += outcome.data
            elif isinstance(outcome, Tell):
                self.told.append(outcome.event)
        for act in self.core.acts():
            if isinstance(act, Pass):
                self.far += act.data
            else:
                self.acts.append(act)
            if isinstance(act, Connect):
                self._perform((self.core.line_joined if self.joins else self.core.line_refused)(self.now))

    def hear(self, text: str) -> "Play":
        self._perform(self.core.on_bytes(text.encode("latin-1"), self.now))
        return self

    def from_far(self, data: bytes) -> "Play":
        self._perform(self.core.line_bytes(data, self.now))
        return self

    def far_hangs_up(self) -> "Play":
        self._perform(self.core.line_hung_up(self.now))
        return self

    def order(self, do: str, **rest: Any) -> "Play":
        self._perform(self.core.on_order({"do": do, **rest}, self.now))
        return self

    def wait(self, duration_s: float) -> "Play":
        end = self.now + duration_s
        while self.core.deadline is not None and self.core.deadline <= end:
            self.now = self.core.deadline
            self._perform(self.core.on_time(self.now))
        self.now = end
        return self

    def taken(self) -> str:
        """What it has said since."""
        said, self.said = self.said, b""
        return said.decode("latin-1")

    def ask(self, text: str, duration_s: float = 0.1) -> str:
        """What it says to a command line, echo included."""
        self.said = b""
        return self.hear(text).wait(duration_s).taken()

    def words(self, text: str, duration_s: float = 60.0) -> str:
        """The results alone of a line that is given without echo."""
        lines = self.ask(text, duration_s).replace("\n", "\r").split("\r")
        return " | ".join(each for each in lines if each)

    @property
    def seen(self) -> dict[str, Any]:
        return self.core.seen()

    @property
    def hung_up(self) -> int:
        return sum(isinstance(each, HangUp) for each in self.acts)


def connected(**settings: Any) -> Play:
    """A modem in a call, without echo."""
    play = Play(**settings)
    assert "OK" in play.ask("ATE0\r")
    assert play.ask(f"ATDT{NUMBER}\r", 15.0).startswith("\r\nCONNECT")
    assert play.seen["mode"] == "data"
    return play.wait(2.0)
