"""A host of hand-written bytes in front of the card reader stub: sends a text, says ENQ, and reads what comes."""

from functools import reduce
from operator import xor
from typing import Any

from firmware_stubs.card_reader.motion import Settings
from firmware_stubs.card_reader.stub import CardReader
from firmware_stubs.outcomes import Outcome, Send, Tell

ENQ, EOT, ACK, NAK = b"\x10\x05", b"\x10\x04", b"\x10\x06", b"\x10\x15"
TRACK2 = "9999990000001234=30121010000000000"


def frame(text: bytes) -> bytes:
    """Written down once more, so that a slip in the stub's own framing is seen."""
    return b"\x10\x02" + text.replace(b"\x10", b"\x10\x10") + b"\x10\x03" + bytes([reduce(xor, text, 0x03)])


class Host:
    """Talks to a stub, and keeps what is told."""

    def __init__(self, stub: CardReader | None = None) -> None:
        self.stub = stub or CardReader(settings=Settings(leg_s=0.25))
        self.now = 0.0
        self.told: list[str] = []
        self.outcomes: list[Outcome] = []

    def _hear(self, outcomes: list[Outcome]) -> bytes:
        self.outcomes += outcomes
        self.told += [outcome.event for outcome in outcomes if isinstance(outcome, Tell)]
        return b"".join(outcome.data for outcome in outcomes if isinstance(outcome, Send))

    def send(self, data: bytes) -> None:
        assert self._hear(self.stub.on_bytes(data, self.now)) == b""

    def wait(self, seconds: float) -> bytes:
        end, heard = self.now + seconds, b""
        while self.stub.deadline is not None and self.stub.deadline <= end:
            self.now = self.stub.deadline
            heard += self._hear(self.stub.on_time(self.now))
        self.now = end
        return heard

    def begin(self, text: str | bytes) -> None:
        """Command, ACK, ENQ."""
        self.send(frame(text.encode() if isinstance(text, str) else text))
        assert self.wait(0.02) == ACK
        self.send(ENQ)

    def end(self, seconds: float = 20.0) -> bytes:
        """The text of the response that comes within this time."""
        heard = self.wait(seconds)
        assert heard[:2] == b"\x10\x02", heard
        text = heard[2:-3].replace(b"\x10\x10", b"\x10")
        assert frame(text) == heard
        return text

    def ask(self, text: str | bytes, seconds: float = 20.0) -> str:
        self.begin(text)
        return self.end(seconds).decode("latin-1")

    def order(self, do: str, **rest: Any) -> None:
        assert self._hear(self.stub.on_order({"do": do, **rest}, self.now)) == b""

    def heard_of(self) -> list[str]:
        told, self.told = self.told, []
        return told


def ready(**settings: Any) -> Host:
    """A reader after Initial Reset, without a card."""
    host = Host(CardReader(settings=Settings(leg_s=0.25, **settings)))
    assert host.ask("C02") == "P0200"
    return host


def with_card(**card: Any) -> Host:
    """A reader with a card inside."""
    host = ready()
    host.order("insert_card", **{"track2": TRACK2, **card})
    assert host.ask("C20") == "P2002"
    host.heard_of()
    return host
