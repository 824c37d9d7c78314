"""A PIN pad stub to play with: what a host says to it and what fingers do, and what comes of it."""

from collections.abc import Mapping
from functools import reduce
from operator import xor
from typing import Any

from ruamel.yaml import YAML

from atmbench import shipped
from atmbench.security.keys import Key
from firmware_stubs.outcomes import Keep, Outcome, Send, Tell
from firmware_stubs.pin_pad.settings import Settings
from firmware_stubs.pin_pad.stub import PinPad

UID = "88" * 16
ZEROS = "00" * 16
MASTER = "1111111111111111" + "2222222222222222"
WORKING = "0123456789ABCDEF" + "FEDCBA9876543210"
PIN, ACCOUNT, PAN = "1234", "000123456789", "4000001234567899"
GOOD = b"\x60"


def frames() -> list[dict[str, Any]]:
    """The golden frames."""
    loaded: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(shipped.read("frames", "pin_pad.yaml"))
    return loaded


def framed(text: bytes | str) -> bytes:
    """A command as a host frames it."""
    text = text.encode("latin-1") if isinstance(text, str) else text
    counted = b"%03d" % (len(text) if len(text) < 999 else 0) + text + b"\x03"
    return b"\x02" + counted + b"%02X" % reduce(xor, counted)


def under(key: str, blocks: str) -> str:
    """Digits enciphered under digits."""
    return Key.parse(key).encipher(bytes.fromhex(blocks)).hex().upper()


class Play:
    """One pad at a host's serial port. `says` and `tells` give what came since they were last asked."""

    def __init__(self, kept: Mapping[str, Any] | None = None, **settings: Any) -> None:
        self.pad = PinPad(Settings(**settings), kept)
        self.now = 100.0
        self.line = b""
        self.told: list[Tell] = []
        self.outcomes: list[Outcome] = []

    def _perform(self, outcomes: list[Outcome]) -> "Play":
        self.outcomes += outcomes
        for each in outcomes:
            if isinstance(each, Send):
                self.line += each.data
            elif isinstance(each, Tell):
                self.told.append(each)
            else:
                assert isinstance(each, Keep)
        return self

    def hear(self, data: bytes) -> "Play":
        return self._perform(self.pad.on_bytes(data, self.now))

    def order(self, do: str, **rest: Any) -> "Play":
        return self._perform(self.pad.on_order({"do": do, **rest}, self.now))

    def wait(self, seconds: float) -> "Play":
        until = self.now + seconds
        while self.pad.deadline is not None and self.pad.deadline <= until:
            self.now = self.pad.deadline
            self._perform(self.pad.on_time(self.now))
        self.now = until
        return self

    def says(self) -> bytes:
        said, self.line = self.line, b""
        return said

    def tells(self) -> list[Tell]:
        told, self.told = self.told, []
        return told

    def ask(self, text: bytes | str) -> bytes:
        """The text of the answer to a command; empty if there is none."""
        self.says()
        said = self.hear(framed(text)).says()
        if not said:
            return b""
        assert framed(said[4:-3]) == said, "a sound frame"
        return said[4:-3]

    def proves(self, number: str, uid: str = UID) -> "Play":
        """Authenticate for a key, as drivers of the ZT598 do."""
        random = self.ask(":A0" + UID)[1:].decode()
        challenge = self.ask(f":{number}{random}")[1:].decode()
        assert self.ask(":90" + under(uid, challenge)) == GOOD
        return self

    def set_up(self) -> "Play":
        """From the factory to a PIN key 30 and a MAC key 31 under the master key 10."""
        assert self.ask("100" + "02" + ZEROS)[:1] == GOOD
        assert self.ask(":80" + UID) == GOOD
        self.proves("00")
        assert self.ask("20010" + "22" + under(ZEROS, MASTER))[:1] == GOOD
        for number, usage in (("30", "3"), ("31", "5")):
            self.proves("10")
            assert self.ask(f"210{number}{usage}2" + under(MASTER, WORKING))[:1] == GOOD
        self.tells()
        return self

    def types(self, pin: str = PIN, **rest: Any) -> "Play":
        return self.order("type_pin", **{"pin": pin, "every_s": 0.0, **rest})

    def block(self) -> bytes:
        """The answer to command 7, for key 30 and ISO-0."""
        self.proves("30")
        return self.ask(f"730 {ACCOUNT}")
