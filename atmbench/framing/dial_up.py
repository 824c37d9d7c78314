"""Dialling a host by a Hayes modem as data: the words of results, the waits, and what a drill may say of a call.

Source: devices 6.5 (jPOS drove its modems so). Ours is what it does not say: how often a number is tried and how long
is waited between, the silence before `+++` where there is no DTR to drop, and how the end of a call is told from data.
"""

import re
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

ATTENTION = b"AT\r"
ESCAPE = b"+++"
ATTENTION_S = 0.25
"""From AT until the reset is sent, whatever is said."""
RESET_S = 1.0
RESET_AGAIN_S = 10.0
"""The modem has so long for OK: the first time, and behind an escape."""
DTR_S = 1.5
"""DTR low, and high again, so long each, to bring a modem back to its commands."""
GUARD_S = 1.5
"""Silence around `+++`. 6.5 has the wait behind it; before it a port without DTR is as silent."""
SETTLE_S = 0.5
"""From CONNECT until the line is used."""
HANG_UP_LOW_S = 5.0
HANG_UP_HIGH_S = 1.5
QUIET_S = 0.5
"""NO CARRIER in a stream of data is the modem's word only if nothing comes behind it for so long."""
LINE_BYTES_MAX = 80
"""A line that is longer is no result."""
HELD_BYTES_MAX = 4_096
"""What the host may send while the line settles."""


class Why(StrEnum):
    """Why a call did not come to stand."""

    NO_MODEM = "no_modem"
    """The modem never said OK."""
    REFUSED = "refused"
    """It refused the command to dial."""
    NO_DIALTONE = "no_dialtone"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    NO_CARRIER = "no_carrier"
    NO_RESULT = "no_result"
    """It did not say in time how the call went."""


RESULTS = {
    "NO CARRIER": Why.NO_CARRIER,
    "ERROR": Why.REFUSED,
    "NO DIALTONE": Why.NO_DIALTONE,
    "NO DIAL TONE": Why.NO_DIALTONE,
    "BUSY": Why.BUSY,
    "NO ANSWER": Why.NO_ANSWER,
}
"""What ends a try. OK and RING say nothing of a call."""
OK = "OK"
CONNECT = re.compile(r"CONNECT(?: (\d{1,6})\b.*)?")
NO_CARRIER_AT_END = re.compile(rb"(?:^|[\r\n])NO CARRIER\r\n?$")
TAIL_BYTES = 16
"""So many last bytes of a stream can hold that."""


class DialSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line that is dialled."""

    number: Annotated[str, Meta(pattern="^[0-9A-D*#,]{1,24}$")]
    """As the exchange takes it; a comma is a pause."""
    prefix: Annotated[str, Meta(pattern="^AT[A-Z0-9=]{0,30}D[TP]?$")] = "ATB0M1X4L1DT"
    """What stands before the number."""
    reset: Annotated[str, Meta(pattern="^AT[A-Z0-9&=]{1,38}$")] = "ATE1Q0V1H0"
    """Must switch words on (Q0, V1) and hang up (H0)."""
    tries: Annotated[int, Meta(ge=1, le=10)] = 3
    """So often at most one call is tried."""
    pause_s: Annotated[float, Meta(ge=0, le=600)] = 5.0
    """Between two tries."""
    result_s: Annotated[float, Meta(gt=0, le=600)] = 45.0
    """So long is waited for how a call went."""
    line_bps: Annotated[int, Meta(ge=50, le=56_000)] = 2400
    """Speed of the emulated telephone line."""
    modem_lines: bool = False
    """Whether the port has DTR and carrier detect. A pseudo-terminal has neither."""

    @property
    def dial(self) -> bytes:
        """The command that dials."""
        return f"{self.prefix}{self.number}\r".encode("ascii")

    def because(self, why: Why) -> str:
        """A failed try in a sentence: whose fault it is, and what to look at."""
        number = self.number
        return {
            Why.NO_MODEM: f"the modem does not say OK to {self.reset} within {RESET_AGAIN_S:g} s; "
            "see that it is on, and that this is its port and speed",
            Why.REFUSED: f"the modem refuses {self.prefix}{number} as an ERROR; see prefix and number",
            Why.NO_DIALTONE: "the modem hears no dial tone; see that its telephone line is plugged in and alive",
            Why.BUSY: f"the number {number} of the host is busy",
            Why.NO_ANSWER: f"nobody answers at the number {number} of the host",
            Why.NO_CARRIER: f"the modem got no carrier from the number {number} of the host; see that a modem answers",
            Why.NO_RESULT: f"the modem did not say within {self.result_s:g} s what became of the call to {number}",
        }[why]
