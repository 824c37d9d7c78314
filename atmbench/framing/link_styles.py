"""The link layers of serial lines as data: one row for each style, and what a drill may say of a line.

    style    who opens          request           answer                       repeats              rests
    visa-1   ENQ once a second  waits for ENQ     ends the wait; ACK or NAK    NAK, until time out  EOT hangs up
    visa-2   ENQ once a second  waits for ENQ T1  waits for it T2; ACK or NAK  3, then hangs up     EOT, waited for T4

Sources: devices 6.1 (jPOS had it so) and 6.2 (timers, retries and characters of second-generation terminals). What 6.2
does not say is ours: that a host asks once a second, that an ENQ after a block which was not acknowledged asks for it
again, and that a host which gets no answer from its own application asks for the next request after T2.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from atmbench.errors import LocalError
from atmbench.framing.blocks import DISCONNECT, EOT, BlockLayout
from atmbench.framing.dial_up import DialSettings
from atmbench.framing.headers import TpduHeader

REPEATS_MAX = 255
"""Where a style knows no limit (6.1), the bench does: so many repeats of one block end a line."""


class LinkStyle(msgspec.Struct, frozen=True, kw_only=True):
    """How two ends of a serial line take turns. Times in seconds."""

    poll_s: float = 1.0
    """The host asks so often (ENQ) until a request begins."""
    enq_s: float
    """T1: a terminal that has something to send waits so long for ENQ."""
    answer_s: float
    """T2: it waits so long for the answer."""
    ack_s: float = 10.0
    """T3: the host waits so long for the acknowledgement of its answer before it repeats it."""
    eot_s: float
    """T4: the terminal waits so long for the final EOT; 0 for a style without."""
    block_s: float
    """A block must be complete so long after its STX."""
    check_s: float
    """And so long after its ETX."""
    repeats_max: int
    """So often at most one block is repeated, or asked for again."""
    exchange_s: float
    """A host gives an exchange up that takes longer."""
    enq_repeats: bool
    """Whether ENQ asks again for a block that was not acknowledged."""
    hangs_up: bool
    """Whether EOT of the terminal, and the end of its patience, end the call and not only the exchange."""
    end: bytes
    """What says that the call is over."""


STYLES = {
    "visa-1": LinkStyle(
        enq_s=60.0,
        answer_s=60.0,
        eot_s=0.0,
        block_s=10.0,
        check_s=2.0,
        repeats_max=REPEATS_MAX,
        exchange_s=60.0,
        enq_repeats=False,
        hangs_up=True,
        end=EOT,
    ),
    "visa-2": LinkStyle(
        enq_s=15.0,
        answer_s=35.0,
        eot_s=2.0,
        block_s=5.0,
        check_s=5.0,
        repeats_max=3,
        exchange_s=60.0,
        enq_repeats=True,
        hangs_up=False,
        end=DISCONNECT,
    ),
}


class SerialSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line that is a serial line: its port, and how both ends take turns on it."""

    style: Literal["visa-1", "visa-2"] = "visa-2"
    baud: Annotated[int, Meta(ge=50, le=921_600)] = 9600
    """Bits a second; bytes take their time by it on every venue."""
    format: Annotated[str, Meta(pattern="^[5-8][NEOMS][12]$")] = "8N1"
    """Data bits, parity and stop bits of a character."""
    length: Literal["none", "binary2", "bcd2"] = "none"
    """Two bytes of length in front of the body. Without them a body must be text."""
    tpdu: Annotated[str, Meta(pattern="^([0-9]{10})?$")] = ""
    """Ten digits: id, destination and source of a request. Needs a length."""
    dial: DialSettings | None = None
    """A Hayes modem at the port, that dials this number; without it the line is leased."""
    awaits_enq: bool = True
    """Whether the terminal waits to be asked before it sends (6.1: can be switched off)."""

    @property
    def char_s(self) -> float:
        """Seconds that one character takes: start bit, data, parity, stop bits."""
        bits = 1 + int(self.format[0]) + (self.format[1] != "N") + int(self.format[2])
        return bits / self.baud

    @property
    def layout(self) -> BlockLayout:
        """The blocks of this line. Raises LocalError for a TPDU without a length."""
        if self.tpdu and self.length == "none":
            raise LocalError(
                "a serial line has a TPDU and no length; a TPDU is binary: say length: binary2, or leave it out"
            )
        header = TpduHeader(bytes.fromhex(self.tpdu)) if self.tpdu else None
        return BlockLayout(length="" if self.length == "none" else self.length, header=header)
