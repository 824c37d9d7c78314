"""The shape of every fault: where it is aimed, and what it plans for a frame.

A fault is a frozen record. It decides and never acts: `plan` is a pure function of the frame, of the
frames this fault has met before and of a random source given to it. The cable performs the plan.
"""

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from random import Random
from typing import Annotated, ClassVar, Literal, Protocol

import msgspec
from msgspec import Meta

from atmbench.messages.records import Message

PAST_FRAMES_MAX = 8
"""How many earlier frames a fault may look back on, for each stream it remembers."""
DELAY_S_MAX = 86_400.0
"""No frame is held longer than a day."""

Seconds = Annotated[float, Meta(ge=0, le=DELAY_S_MAX)]
"""A time that a frame is held."""
DialAnswer = Literal["accept", "refuse", "silence", "reset", "close"]
"""What becomes of a dial. "reset" accepts and resets at the first frame, "close" accepts and closes at once."""
Severing = Literal["reset", "close"]
"""How a standing connection ends."""


class Memory(StrEnum):
    """Which earlier frames a fault looks back on."""

    NOTHING = "nothing"
    STREAM = "stream"
    """Those of the same terminal, line and direction."""
    ALL = "all"
    """Those of all terminals."""


class Stage(StrEnum):
    """When a fault has its turn, if several are met by one frame; within a stage, in the order of adding."""

    ROAD = "road"
    """First: is there a way at all?"""
    FRAME = "frame"
    """What happens to whole frames."""
    READS = "reads"
    """Last: how the bytes fall into the receiver's reads. Pieces of a frame are no frames, so nothing comes after."""
    WIRE = "wire"
    """Apart from all these, beneath the link layer of a serial line: it meets blocks and control characters."""
    SITES = "sites"
    """Apart from all lines: between the sites of a host, where journal records travel."""


class Direction(StrEnum):
    """Which way a frame goes."""

    REQUEST = "request"
    """From the terminal to the host."""
    REPLY = "reply"
    """From the host to the terminal."""


class Wire(Protocol):
    """How frames of this line are built: dialect and framing together."""

    def under(self, header: bytes) -> "Wire":
        """The same for frames under a header that a framer gave: what is altered keeps its addresses."""
        ...

    def read(self, body: bytes) -> Message:
        """The message of a body. Raises RemoteError if it is none."""
        ...

    def build(self, message: Message) -> bytes:
        """The framed bytes of a message."""
        ...

    def wrap(self, body: bytes) -> bytes:
        """The framed bytes of a body."""
        ...

    def key(self, body: bytes) -> str:
        """The transaction that a request is about (`messages.matching`); empty if the body is no such request."""
        ...


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One frame on its way, as a fault sees it."""

    data: bytes
    """As on the wire, framing included."""
    body: bytes
    """Without framing; empty if an earlier fault has left bytes that are no whole frame."""
    mti: str
    """Empty if the body is too broken to tell."""
    terminal: str
    """Whom it goes to or comes from, as far as earlier faults have not sent it astray."""
    carrier: str
    """The terminal whose cable carries it; another than `terminal` only if it goes astray."""
    line: str
    site: str
    direction: Direction
    at: float
    """When it would arrive, delays of earlier faults included, in seconds of the clock of the cables."""
    nth: int
    """This is the n-th frame that this fault has met, from 1."""
    wire: Wire

    @property
    def body_at(self) -> int:
        """Where the body begins in `data`."""
        return self.data.find(self.body)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes to hand to the receiver. No delivery at all is a lost frame; two are a duplicate."""

    data: bytes
    delay_s: float = 0.0
    until: float | None = None
    """Arrive at this very instant of the clock of `Frame.at`; `delay_s` does not count then."""
    to: str = ""
    """Another terminal than the frame's own; its line of the same name carries it."""
    what: str = ""
    """What was done, in words, for the history. Never card data."""


def share(name: str) -> float:
    """A number from 0 to below 1 that belongs to a name: the same in every run, and another for another name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=6).digest()) / 2**48


class Fault(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True, omit_defaults=True
):
    """Where a fault is aimed. An empty aim is met by everything; all given parts must be met.

    A subclass adds its own parameters and overrides `plan`, `dial` or `severs`. A wrong aim raises
    ValueError, which msgspec turns into its ValidationError when a file is read.
    """

    when_lost: ClassVar[str] = "lost"
    """What to say if the plan is to deliver nothing."""
    memory: ClassVar[Memory] = Memory.NOTHING
    stage: ClassVar[Stage] = Stage.FRAME
    keeps_order: ClassVar[bool] = False
    """Frames of one stream that this fault meets never overtake each other."""

    line: str = ""
    site: str = ""
    terminal: str = ""
    """A name; a "*" at its end stands for any rest ("T1*")."""
    direction: Direction | None = None
    mti: str = ""
    """Four digits; "x" stands for any digit ("04x0")."""
    fields: dict[int, str] = {}
    """Data elements the message must have; "x" in a text stands for any character ({3: "01xxxx"})."""
    nth: Annotated[int, Meta(ge=1)] | None = None
    """Only the n-th frame that meets the rest of the aim, from 1. `probability` is drawn after that."""
    first: Annotated[int, Meta(ge=1)] | None = None
    """Only the first so many frames that meet the rest of the aim. `probability` is drawn after that."""
    probability: Annotated[float, Meta(ge=0, le=1)] = 1.0
    from_s: Annotated[float, Meta(ge=0)] | None = None
    """Not before this time of the drill."""
    until_s: Annotated[float, Meta(ge=0)] | None = None
    """Not from this time of the drill on."""

    def __post_init__(self) -> None:
        if self.mti and not (len(self.mti) == 4 and all(c in "0123456789x" for c in self.mti)):
            raise ValueError(f"mti is {self.mti!r}; expected four digits, with x for any digit, such as '04x0'")
        if "*" in self.terminal[:-1]:
            raise ValueError(f"terminal is {self.terminal!r}; a * can only stand at the end, as in 'T1*'")
        if self.from_s is not None and self.until_s is not None and self.from_s >= self.until_s:
            raise ValueError(f"from_s {self.from_s} is not before until_s {self.until_s}")

    def plan(self, frame: Frame, past: Sequence[Frame], rng: Random) -> list[Delivery]:
        """What is delivered in place of this frame. The default leaves it alone.

        `past` holds the frames met before, the latest last, as far as `memory` asks for them. LocalError says that
        the fault cannot be applied to this frame: it is then left alone, and the history tells why.
        """
        return [Delivery(data=frame.data)]

    def dial(self) -> DialAnswer:
        """What becomes of a dial that meets the aim."""
        return "accept"

    def severs(self) -> Severing | None:
        """What becomes of standing connections at the instant this fault starts; None leaves them alone."""
        return None
