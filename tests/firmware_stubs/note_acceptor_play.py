"""A validator stub to play with: what its line says, what its machine tells, and where its notes are."""

from typing import Any, Self

from ruamel.yaml import YAML

from atmbench import shipped
from firmware_stubs.note_acceptor.settings import Settings
from firmware_stubs.note_acceptor.stub import NoteAcceptor
from firmware_stubs.outcomes import Keep, Outcome, Send

ACK = bytes.fromhex("020306 00 C282")
NAK = bytes.fromhex("020306 FF BA8D")
ILLEGAL = bytes.fromhex("020306 30 41B3")
RESET = bytes.fromhex("020306 30 41B3")
POLL = bytes.fromhex("020306 33 DA81")
ENABLE = bytes.fromhex("02030C 34 FFFFFF FFFFFF FEF7")
DISABLE = bytes.fromhex("02030C 34 000000 000000 170C")
STACK = bytes.fromhex("020306 35 ECE4")
RETURN = bytes.fromhex("020306 36 77D6")
HOLD = bytes.fromhex("020306 38 093F")
TABLE = bytes.fromhex("020306 41 4FD1")
NOTE = 5_000
"""What a note of type 2 is worth."""


def frames() -> list[dict[str, Any]]:
    """The golden frames."""
    loaded: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(shipped.read("frames", "note_acceptor.yaml"))
    return loaded


def piled(seen: dict[str, Any]) -> dict[str, int]:
    """All notes, wherever they are."""
    notes: dict[str, int] = {}
    for place in ("bezel", "validator", "stacker"):
        if seen[place]:
            notes[str(seen[place])] = notes.get(str(seen[place]), 0) + 1
    for pile in ("cassette", "cleared", "taken"):
        for value, number in seen[pile].items():
            notes[value] = notes.get(value, 0) + number
    return notes


class Play:
    """A stub with a clock, initialised and enabled unless it is `raw`."""

    def __init__(self, *, raw: bool = False, kept: dict[str, Any] | None = None, **settings: Any) -> None:
        self.core = self.make(settings, kept)
        self.now = 100.0
        self.line = b""
        self.told: list[tuple[str, Any]] = []
        self.written: dict[str, Any] = {}
        if not raw:
            self.start()

    @staticmethod
    def make(settings: dict[str, Any], kept: dict[str, Any] | None) -> NoteAcceptor:
        return NoteAcceptor(Settings(**settings), kept)

    def start(self) -> None:
        assert self.ask(RESET) == ACK
        self.wait(5.0)
        assert self.ask(ENABLE) == ACK

    def _perform(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Send):
                self.line += outcome.data
            elif isinstance(outcome, Keep):
                self.written = self.core.kept()
            else:
                self.told.append((outcome.event, outcome.detail.get("note")))

    def hear(self, data: bytes) -> Self:
        self._perform(self.core.on_bytes(data, self.now))
        return self

    def order(self, do: str, **rest: Any) -> Self:
        self._perform(self.core.on_order({"do": do, **rest}, self.now))
        return self

    def wait(self, duration_s: float) -> Self:
        end = self.now + duration_s
        while self.core.deadline is not None and self.core.deadline <= end:
            self.now = self.core.deadline
            self._perform(self.core.on_time(self.now))
        self.now = end
        return self

    def ask(self, frame: bytes) -> bytes:
        """The answer to a command, not acknowledged."""
        self.line = b""
        self.hear(frame).wait(0.01)
        return self.line

    def poll(self, *, acknowledge: bool = True) -> str:
        """The state that it reports, in hex."""
        answer = self.ask(POLL)
        if acknowledge:
            self.hear(ACK)
        return answer[3:-2].hex()

    def polls(self, duration_s: float) -> list[str]:
        """What it reports every 200 ms, each state once."""
        said: list[str] = []
        end = self.now + duration_s
        while self.now < end:
            state = self.poll()
            said += [state] if said[-1:] != [state] else []
            self.wait(0.19)
        return said

    @property
    def seen(self) -> dict[str, Any]:
        return self.core.seen()
