"""The keys of a PIN pad, and a PIN while it is typed (facts of devices 3.3). A PIN is lost with the power.

No repr, event or answer shows a digit that was typed for a PIN: on the wire each is the same byte.
"""

from enum import StrEnum

import msgspec

KEYS = (*"123", "cancel", *"456", "clear", *"789", "blank", ".", "0", "00", "enter", *"acegbdfh")
"""Names of the keys, in the order of the table that command 4 loads."""
KINDS = {"cancel": "cancel", "clear": "clear", "enter": "enter"} | dict.fromkeys("0123456789", "digit")
"""What may be told of a key that was pressed; all others are "other"."""


def first_table(double_zero: int) -> bytes:
    """What each key sends before a table is loaded."""
    return b"123\x1b456\x08789\x07.0" + bytes([double_zero]) + b"\x0dACEGBDFH"


class Mode(StrEnum):
    """What keys do."""

    OFF = "off"
    PLAIN = "plain"
    PIN = "pin"


class Stage(StrEnum):
    """What has become of the last PIN entry."""

    NONE = "none"
    TYPING = "typing"
    TYPED = "typed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"


class Rules(msgspec.Struct, frozen=True):
    """How a PIN is typed. `at_max`: as in the settings. `mask`: what a hidden digit sends."""

    least: int
    most: int
    mask: int
    can_step_back: bool
    at_max: str


class Entry:
    """One PIN entry. Shows how far it has come, never what was typed."""

    def __init__(self, rules: Rules) -> None:
        self.stage = Stage.TYPING
        self._rules = rules
        self._digits = ""

    def __repr__(self) -> str:
        return f"Entry({self.stage}, {len(self._digits)} digits)"

    @property
    def pin(self) -> str:
        """What was typed; empty if there is no PIN. For the cipher only."""
        return self._digits if self.stage is Stage.TYPED else ""

    def end(self, stage: Stage) -> None:
        """It is over; nothing of it stays unless it was typed to the end."""
        self.stage = stage
        if stage is not Stage.TYPED:
            self._digits = ""

    def press(self, name: str, table: bytes) -> bytes:
        """A key was pressed; gives what is sent for it. Keys that mean nothing here are dead."""
        key = table[KEYS.index(name) :][:1]
        if name in KINDS and KINDS[name] == "digit":
            return self._type(name, table)
        if name == "clear":
            self._digits = self._digits[:-1] if self._rules.can_step_back else ""
            return key
        if name == "cancel":
            self.end(Stage.CANCELLED)
            return key
        if name == "enter" and len(self._digits) >= self._rules.least:
            self.end(Stage.TYPED)
            return key
        return b""

    def _type(self, digit: str, table: bytes) -> bytes:
        rules = self._rules
        if len(self._digits) >= rules.most:
            return b""
        self._digits += digit
        sent = bytes([rules.mask])
        if len(self._digits) == rules.most and rules.at_max != "wait":
            self.end(Stage.TYPED)
            if rules.at_max == "enter":
                sent += table[KEYS.index("enter") :][:1]
        return sent
