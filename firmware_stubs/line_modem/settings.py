"""How one modem is built and set up. What devices 6.5 does not say is a setting; the README says whence its default."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from firmware_stubs.errors import OrderError

Seconds = Annotated[float, Meta(ge=0)]
Byte = Annotated[int, Meta(ge=0, le=255)]

REGISTERS = {0: 0, 1: 0, 2: 43, 3: 13, 4: 10, 5: 8, 6: 2, 7: 30, 8: 2, 10: 14, 11: 95, 12: 50, 25: 5}
"""S-registers and what they hold after power-on, ATZ included."""
CODES = {
    "OK": 0,
    "CONNECT": 1,
    "RING": 2,
    "NO CARRIER": 3,
    "ERROR": 4,
    "CONNECT 1200": 5,
    "NO DIALTONE": 6,
    "BUSY": 7,
    "NO ANSWER": 8,
    "CONNECT 2400": 10,
}
"""What ATV0 says for each result; a CONNECT of another speed is said as CONNECT."""
SPEED_UNSAID_BPS = 300
"""The first modems had this speed only, so CONNECT alone means it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One modem, its telephone line and who is at the other end. Times are in seconds."""

    line_bps: Annotated[int, Meta(ge=50, le=56_000)] = 2400
    """Speed of the telephone line, both ways; a character has ten bits."""
    registers: dict[str, Byte] = {}
    """S-registers that begin otherwise than Hayes has it, by their numbers: {"7": 50}."""
    codes: dict[str, Byte] = {}
    """Numbers of results that are otherwise than Hayes has it."""
    dialtone_word: Literal["NO DIALTONE", "NO DIAL TONE"] = "NO DIALTONE"
    unanswered_word: Literal["NO ANSWER", "NO CARRIER"] = "NO ANSWER"
    """What is said when nobody has lifted within S7 seconds."""
    dtr_word: Literal["", "OK", "NO CARRIER"] = "NO CARRIER"
    """What is said when DTR has ended a call; empty is nothing."""
    obeys_dtr: bool = True
    """Whether a call ends when DTR drops, and none is made or answered while it is low."""
    aborts_on_key: bool = True
    """Whether any character from the terminal ends an attempt to connect."""
    echo: bool = True
    """ATE after power-on and ATZ; ATQ0, ATV1 and ATX4 are not settings."""
    line_max: Annotated[int, Meta(ge=10, le=1_000)] = 40
    """Characters of a command line behind AT; a longer one is an ERROR."""
    result_s: Seconds = 0.05
    boot_s: Seconds = 1.0
    """How long it is deaf after power-on."""
    dialtone_s: Seconds = 5.0
    """It waits so long for a dial tone that does not come."""
    busy_s: Seconds = 2.0
    """From the last digit until a busy tone is known as one."""
    answer_s: Seconds = 3.0
    """From the last digit until the far end lifts."""
    training_s: Seconds = 3.0
    """From then until both modems have agreed."""
    ring_every_s: Annotated[float, Meta(ge=0.1)] = 6.0
    pulse_gap_s: Seconds = 0.7
    """Between digits that are dialled by pulses, ten a second."""
    phone_book: dict[str, str] = {}
    """Number dialled to what answers: `line`, or `socket://127.0.0.1:PORT`. Empty: `line` answers every number."""

    def check(self) -> None:
        """Raises OrderError for a register, a result or an entry of the phone book that there is not."""
        _demand_known(self.registers, {str(number) for number in REGISTERS}, "register")
        _demand_known(self.codes, set(CODES), "result")
        for number, place in self.phone_book.items():
            if place != LINE:
                port_of(number, place)

    def register_values(self) -> dict[int, int]:
        """The registers after power-on."""
        return REGISTERS | {int(number): value for number, value in self.registers.items()}

    def code(self, word: str) -> int:
        """The number of a result."""
        codes = CODES | self.codes
        if word.startswith("CONNECT"):
            return codes.get(word, codes["CONNECT"])
        return codes["NO DIALTONE" if word == "NO DIAL TONE" else word]


LINE = "line"
"""In the phone book: whoever sits at the port of the telephone line."""
SOCKET = "socket://"
HERE = ("127.0.0.1", "localhost")


def _demand_known(told: dict[str, int], known: set[str], what: str) -> None:
    for name in told:
        if name not in known:
            raise OrderError(f"there is no {what} {name!r}; there are {', '.join(sorted(known))}")


def port_of(number: str, place: str) -> tuple[str, int]:
    """Host and port behind an entry of the phone book. Raises OrderError unless it is on this machine."""
    host, colon, port = place.removeprefix(SOCKET).rpartition(":")
    if not place.startswith(SOCKET) or not colon or host not in HERE or not port.isascii() or not port.isdigit():
        raise OrderError(f"{place!r} cannot be called as {number}; say {LINE}, or {SOCKET}127.0.0.1:PORT")
    if not 0 < int(port) < 65_536:
        raise OrderError(f"{place!r} cannot be called as {number}; ports are 1 to 65535")
    return host, int(port)
