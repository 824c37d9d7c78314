"""A Bill-to-Bill stub to play with: orders by their bodies in hex, and where its notes are."""

from typing import Any, Self

from firmware_stubs.note_acceptor.link import framed
from firmware_stubs.note_acceptor.recycler import BillToBill
from firmware_stubs.note_acceptor.recycler_settings import RecyclerSettings
from tests.firmware_stubs.note_acceptor_play import Play, piled

UNIT = 1
ACK, ILLEGAL = "00", "30"
RESET, POLL, STACK, STATUS, RECOVERY, EMPTY = "30", "33", "35", "3b", "66", "67"
ENABLE, DISABLE = "34ffffffffffff", "34000000000000"


class RecyclerPlay(Play):
    """A recycler with a clock, initialised and enabled unless it is `raw`."""

    @staticmethod
    def make(settings: dict[str, Any], kept: dict[str, Any] | None) -> BillToBill:
        return BillToBill(RecyclerSettings(**settings), kept)

    def start(self) -> None:
        self.restart()
        assert self.say(ENABLE) == ACK

    def restart(self) -> Self:
        """RESET, until it is disabled."""
        assert self.say(RESET) == ACK
        self.wait(5.0)
        assert self.poll() == "190000"
        return self

    def say(self, body: str, *, acknowledge: bool = False) -> str:
        """The answer to a command, in hex."""
        self.line = b""
        self.hear(framed(UNIT, bytes.fromhex(body))).wait(1.0 if body == RECOVERY else 0.06)
        answer = self.line[3:-2].hex()
        if acknowledge:
            self.hear(framed(UNIT, b"\0"))
        return answer

    def poll(self, *, acknowledge: bool = True) -> str:
        return self.say(POLL, acknowledge=acknowledge)

    def stacks(self, *notes: int) -> Self:
        """Notes are put in and stacked, and each credit is acknowledged."""
        for note in notes:
            self.order("insert_note", value=note).wait(1.5)
            assert self.say(STACK) == ACK
            self.wait(1.5)
            assert self.poll().startswith("81")
        return self

    def cut(self, off_s: float = 1.0) -> Self:
        """Power fails, and returns."""
        self.order("power_off").wait(off_s).order("power_on").wait(1.0)
        return self


def lying(seen: dict[str, Any]) -> dict[str, int]:
    """All notes, wherever they are."""
    notes = piled(seen)
    loose = [seen["channel"], *seen["dispenser"], *seen["exit"]]
    for pile in (*seen["recycling"].values(), loose):
        for note in filter(None, pile):
            notes[str(note)] = notes.get(str(note), 0) + 1
    return notes
