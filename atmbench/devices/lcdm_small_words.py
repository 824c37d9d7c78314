"""What a terminal says to an LCDM-1000 or LCDM-2000 and understands of it (facts of devices 1.3 and 1.4). Pure.

They cannot be asked what became of the last command: if no repeat of the answer comes, nobody knows.
"""

from collections.abc import Mapping

from atmbench.devices.lcdm_words import (
    CASH_UNIT,
    COUNT,
    GOOD,
    HARDWARE,
    JAMMED,
    Meaning,
    Result,
    Says,
    Status,
    some,
    unheard_of,
)
from atmbench.devices.roles import Notes
from atmbench.errors import RemoteError

PURGE, DISPENSE, STATUS, DISPENSE_BOTH = 0x44, 0x45, 0x46, 0x56

CHK, DIV, EJT, EXIT, NEAR_END = 0b0011, 0b1100, 0b1_0000, 0b10_0000, 0b100_0000

MEANINGS: dict[int, Meaning] = {
    0x30: GOOD,
    0x31: Meaning(Says.COUNTS, JAMMED, "normal stop"),
    0x32: Meaning(Says.COUNTS, CASH_UNIT, "pick-up error"),
    0x33: Meaning(Says.COUNTS, JAMMED, "jam at CHK", is_fault=True),
    0x34: Meaning(Says.UNKNOWN, COUNT, "overflow bill"),
    0x35: Meaning(Says.UNKNOWN, HARDWARE, "jam at EXIT or EJT", is_fault=True),
    0x36: Meaning(Says.COUNTS, JAMMED, "jam at DIV", is_fault=True),
    0x37: Meaning(Says.NOTHING, "invalidData", "undefined command"),
    0x38: Meaning(Says.COUNTS, CASH_UNIT, "the cassette is empty"),
    0x3A: Meaning(Says.UNKNOWN, HARDWARE, "counting error between CHK3,4 and DIV", is_fault=True),
    0x3B: Meaning(Says.NOTHING, "invalidDenomination", "note request error"),
    0x3C: Meaning(Says.UNKNOWN, HARDWARE, "counting error between DIV and EJT", is_fault=True),
    0x3D: Meaning(Says.UNKNOWN, HARDWARE, "counting error between EJT and EXIT", is_fault=True),
    0x3F: Meaning(Says.NOTHING, HARDWARE, "the reject tray is missing", is_fault=True),
    0x40: Meaning(Says.COUNTS, CASH_UNIT, "the lower cassette is empty"),
    0x41: Meaning(Says.UNKNOWN, HARDWARE, "motor stop", is_fault=True),
    0x42: Meaning(Says.COUNTS, JAMMED, "jam at DIV", is_fault=True),
    0x43: Meaning(Says.UNKNOWN, HARDWARE, "timeout from DIV to EJT", is_fault=True),
    0x44: Meaning(Says.COUNTS, "notDispensable", "too many rejects"),
    0x45: Meaning(Says.NOTHING, CASH_UNIT, "a cassette is not recognised"),
    0x46: Meaning(Says.NOTHING, CASH_UNIT, "the lower cassette is not recognised"),
    0x47: Meaning(Says.UNKNOWN, HARDWARE, "dispensing timeout", is_fault=True),
    0x48: Meaning(Says.UNKNOWN, HARDWARE, "jam at EJT", is_fault=True),
    0x49: Meaning(Says.NOTHING, HARDWARE, "diverter solenoid error", is_fault=True),
    0x4A: Meaning(Says.NOTHING, HARDWARE, "SOL sensor error", is_fault=True),
    0x4B: Meaning(Says.UNKNOWN, COUNT, "the quantity differs between the sensors"),
    0x4C: Meaning(Says.COUNTS, JAMMED, "jam at CHK3,4", is_fault=True),
    0x4E: Meaning(Says.UNKNOWN, HARDWARE, "purge error", is_fault=True),
    0x4F: Meaning(Says.UNKNOWN, HARDWARE, "a note was seen by a sensor of the other cassette", is_fault=True),
    0x50: Meaning(Says.COUNTS, JAMMED, "timeout from CHK to DIV", is_fault=True),
}
"""What an error says about the notes is our choice, by where it happens, as in 7.3 for the LCDM-4000."""


class LcdmSmallWords:
    """The LCDM-1000 with one cassette, or the LCDM-2000 with two."""

    unit = 0x50
    ends_with_eot = False
    notes_max = 60
    status = bytes([STATUS])
    purge = bytes([PURGE])
    reset: bytes | None = None
    last_status: bytes | None = None

    def __init__(self, *, has_two: bool) -> None:
        self.names: tuple[str, ...] = ("1", "2") if has_two else ("1",)
        self.lengths: Mapping[int, int] = {STATUS: 10, PURGE: 7, DISPENSE: 14, DISPENSE_BOTH: 21}

    def dispense(self, notes: Notes) -> bytes:
        """Two digits for each cassette."""
        code = DISPENSE_BOTH if len(self.names) == 2 else DISPENSE
        return bytes([code]) + b"".join(b"%02d" % notes.get(name, 0) for name in self.names)

    def read_status(self, body: bytes) -> Status:
        """Bits that are set mean that something is there, or (of tray and cassettes) that something is missing."""
        one, two = body[3], body[4]
        path = bool(one & (CHK | DIV | EJT))
        if len(self.names) == 1:
            return Status(bool(one & EXIT), path, ("1",) if two & 0b10 else (), ("1",) if one & NEAR_END else ())
        missing = tuple(name for name, bit in (("1", 0b010), ("2", 0b100)) if two & bit)
        near_end = tuple(name for name, is_low in (("1", one & NEAR_END), ("2", two & 0b10_0000)) if is_low)
        return Status(bool(one & EXIT), path or bool(two & 0b1_1000), missing, near_end)

    def read_result(self, body: bytes) -> Result:
        """A purge says only how it ended."""
        if body[0] == PURGE:
            return Result(body[1])
        if body[0] == DISPENSE:
            return Result(body[5], some({"1": _number(body[3:5])}), some({"1": _number(body[7:9])}))
        out = {"1": _number(body[3:5]), "2": _number(body[7:9])}
        return Result(body[9], some(out), some({"1": _number(body[12:14]), "2": _number(body[14:16])}))

    def meaning(self, error: int) -> Meaning:
        """The lists of 1.3 and 1.4."""
        return MEANINGS.get(error) or unheard_of(error)


def _number(digits: bytes) -> int:
    if not digits.isdigit():
        raise RemoteError("the dispenser's answer has a count that is no number", raw=digits)
    return int(digits)
