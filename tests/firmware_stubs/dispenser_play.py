"""A dispenser stub to play with: what its line says, what its machine tells, and where its notes are."""

from typing import Any

from ruamel.yaml import YAML

from atmbench import shipped
from firmware_stubs.dispenser.settings import Notes, Settings
from firmware_stubs.dispenser.stub import Dispenser
from firmware_stubs.outcomes import Keep, Outcome, Send, Tell

ACK, NAK, EOT = b"\x06", b"\x15", b"\x04"
PILES = ("cassettes", "path", "exit", "rejected", "retracted", "taken")


def frames() -> list[dict[str, Any]]:
    """The golden frames."""
    loaded: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(shipped.read("frames", "dispenser.yaml"))
    return loaded


def command(*body: int, unit: int = 0x30) -> bytes:
    """A command with its check, put together here and not by the stub."""
    frame = bytes([0x04, unit, 0x02, *body, 0x03])
    check = 0
    for byte in frame:
        check ^= byte
    return frame + bytes([check])


STATUS, PURGE, RESET, LAST_STATUS = command(0x50), command(0x51), command(0x44), command(0x55)


def dispense(*notes: int, code: int = 0x52) -> bytes:
    """DISPENSE so many from cassettes 1, 2, 3, 4."""
    wanted = [*notes, 0, 0, 0][:4]
    return command(code, *(0x20 + number for number in wanted), *[0x20] * 11)


def total(seen: dict[str, Any]) -> Notes:
    """All notes, wherever they are."""
    notes: Notes = {}
    for pile in PILES:
        for name, number in seen[pile].items():
            notes[name] = notes.get(name, 0) + number
    return notes


class Play:
    """A stub with a clock. `line` is what it has said, `told` what its machine has told, since they were last read."""

    def __init__(self, *, kept: dict[str, Any] | None = None, **settings: Any) -> None:
        self.core = Dispenser(Settings(**settings), kept)
        self.now = 100.0
        self.line = b""
        self.told: list[Tell] = []
        self.written: dict[str, Any] = {}
        """What was kept last."""

    def _perform(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Send):
                self.line += outcome.data
            elif isinstance(outcome, Keep):
                self.written = self.core.kept()
            else:
                self.told.append(outcome)

    def hear(self, data: bytes) -> "Play":
        self._perform(self.core.on_bytes(data, self.now))
        return self

    def order(self, do: str, **rest: Any) -> "Play":
        self._perform(self.core.on_order({"do": do, **rest}, self.now))
        return self

    def wait(self, duration_s: float = 120.0) -> "Play":
        end = self.now + duration_s
        while self.core.deadline is not None and self.core.deadline <= end:
            self.now = self.core.deadline
            self._perform(self.core.on_time(self.now))
        self.now = end
        return self

    def says(self) -> bytes:
        said, self.line = self.line, b""
        return said

    def tells(self) -> list[Tell]:
        told, self.told = self.told, []
        return told

    def ask(self, frame: bytes) -> bytes:
        """A command, heard and answered: the answer's frame, acknowledged."""
        assert self.hear(frame).says() == ACK
        answer = self.wait().says()
        assert self.hear(ACK).says() == (EOT if frame[1] == 0x30 else b"")
        return answer

    def result(self, frame: bytes) -> tuple[int, Notes, Notes]:
        """Error code, notes out and rejects, of an LCDM-4000's answer."""
        answer = self.ask(frame)
        at = 5 if answer[3] == 0x55 else 4
        counts = {str(n + 1): (answer[at + 2 + 3 * n] - 0x20, answer[at + 3 + 3 * n] - 0x20) for n in range(4)}
        out = {name: each[0] for name, each in counts.items() if each[0]}
        return answer[at] - 0x20, out, {name: each[1] for name, each in counts.items() if each[1]}

    @property
    def seen(self) -> dict[str, Any]:
        return self.core.seen()
