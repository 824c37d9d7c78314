"""The framings as data: one row for each, and what settings change in it.

    name        length                 counts         around the body
    length2     2 bytes                body           (PostChannel)
    length3     3 bytes                body           (CMFChannel)
    length4     4 bytes                body           (RawChannel)
    ascii4      4 ASCII digits         body           (ASCIIChannel)
    hex4        4 hexadecimal chars    body           (HEXChannel, with a TPDU)
    bcd2        2 bytes of BCD         body           (BCDChannel)
    amex        2 bytes                itself, body   (AmexChannel)
    nac         2 bytes                TPDU, body     TPDU (NACChannel)
    ncc         2 bytes of BCD         TPDU, body     TPDU (NCCChannel)
    cs          2 bytes, then 00 00    body           (CSChannel)
    gicc        00 00, then 2 bytes    body           (GICCChannel)
    rbp         D0 4A, 2 bytes, 00 00  body           (RBPChannel); a record in several blocks is refused
    visa        2 bytes, at most 2048  body           two reserved bytes that can mark a heartbeat (moov)
    vap         2 bytes, then 00 00    header, body   BASE I header (VAPChannel)
    base24_tcp  2 bytes                body, ETX      ETX behind the body (BASE24TCPChannel)
    base24      none                                  ETX behind the body, at most 4096 with it (BASE24Channel)

Bytes of a length are big-endian. Source: iso8583 facts 3. Not here: gzip (its length is that of what comes
out, and to unpack is not bounded by what came in), XML and PAD (only a parser of the body finds the end),
X.25 (silence ends a packet, and a dry room has no clock).
"""

from functools import lru_cache
from typing import Literal

import msgspec

from atmbench.errors import LocalError
from atmbench.framing.base import FRAME_BYTES_MAX
from atmbench.framing.headers import Header, ReservedHeader, TpduHeader, base1_of
from atmbench.framing.heads import LENGTHS, Head

ETX = b"\x03"


class FramingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A framing by its name, and what is not as usual in it. None stands for what is usual."""

    name: str = "length2"
    tpdu: str | None = None
    """Ten digits: id, destination and source of a request. Empty for no TPDU."""
    counts_itself: bool | None = None
    """Whether the length counts its own bytes."""
    destination: str | None = None
    """Six digits: the station a request goes to (vap)."""
    source: str | None = None
    """Six digits: the station it comes from (vap)."""
    bytes_max: int | None = None
    """Longest body."""
    keep_alive: Literal["ignore", "echo"] = "ignore"
    """What is done about a length of zero. If both ends echo, one keep-alive goes to and fro for ever."""


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around a body."""

    length: str = ""
    """A key of LENGTHS; empty if `trailer` alone ends a frame."""
    lead: bytes = b""
    """Constant bytes before the length."""
    tail: bytes = b""
    """Constant bytes behind the length, not counted by it."""
    tail_is_free: bool = False
    """The peer may have other bytes there."""
    counts: int = 0
    """What the length counts beside all that follows `tail`."""
    header: Header | None = None
    trailer: bytes = b""
    bytes_max: int = FRAME_BYTES_MAX
    echoes: bool = False

    @property
    def is_plain(self) -> bool:
        """Nothing but a length stands around the body, except perhaps a TPDU."""
        return not (self.lead or self.tail or self.trailer or isinstance(self.header, ReservedHeader))


USUAL_TPDU = TpduHeader(bytes.fromhex("6000030000"))
LAYOUTS = {
    "length2": Layout(length="binary2"),
    "length3": Layout(length="binary3"),
    "length4": Layout(length="binary4"),
    "ascii4": Layout(length="digits4"),
    "hex4": Layout(length="hex4"),
    "bcd2": Layout(length="bcd2"),
    "amex": Layout(length="binary2", counts=2),
    "nac": Layout(length="binary2", header=USUAL_TPDU),
    "ncc": Layout(length="bcd2", header=USUAL_TPDU),
    "cs": Layout(length="binary2", tail=bytes(2)),
    "gicc": Layout(length="binary2", lead=bytes(2)),
    "rbp": Layout(length="binary2", lead=b"\xd0\x4a", tail=bytes(2)),
    "visa": Layout(length="binary2", header=ReservedHeader(), counts=-2, bytes_max=2_048),
    "vap": Layout(length="binary2", tail=bytes(2), tail_is_free=True, header=base1_of("000000", "000000")),
    "base24_tcp": Layout(length="binary2", trailer=ETX),
    "base24": Layout(trailer=ETX, bytes_max=4_095),
}


@lru_cache(maxsize=64)
def layout_of(settings: FramingSettings) -> Layout:
    """The layout that settings ask for. Raises LocalError for an unknown framing or a setting it has no use for."""
    layout = LAYOUTS.get(settings.name)
    if layout is None:
        raise LocalError(f"there is no framing {settings.name!r}; there is: {', '.join(LAYOUTS)}")
    layout = _with_header(layout, settings)
    counts = layout.counts
    if settings.counts_itself is not None:
        if not (layout.length and layout.is_plain):
            raise _useless("counts_itself", settings, "its length stands not alone before the body")
        counts = LENGTHS[layout.length].size if settings.counts_itself else 0
    echoes = settings.keep_alive == "echo"
    if echoes and (counts or not layout.length):
        raise _useless("keep_alive: echo", settings, "no length of it can be zero")
    bytes_max = layout.bytes_max if settings.bytes_max is None else settings.bytes_max
    if not 1 <= bytes_max <= layout.bytes_max:
        raise LocalError(f"bytes_max of framing {settings.name} is {bytes_max}; expected 1 to {layout.bytes_max}")
    return msgspec.structs.replace(layout, counts=counts, echoes=echoes, bytes_max=bytes_max)


@lru_cache(maxsize=64)
def head_of(layout: Layout) -> Head:
    """The heads of a layout that has a length."""
    around = (layout.header.least if layout.header else 0) + len(layout.trailer)
    return Head(
        LENGTHS[layout.length],
        lead=layout.lead,
        tail=layout.tail,
        tail_is_free=layout.tail_is_free,
        counts=layout.counts,
        least=around,
        most=min(around + layout.bytes_max, LENGTHS[layout.length].most - layout.counts),
    )


def _with_header(layout: Layout, settings: FramingSettings) -> Layout:
    stations = (settings.destination, settings.source)
    if settings.name == "vap":
        destination, source = (_digits("station", each or "000000", 6) for each in stations)
        layout = msgspec.structs.replace(layout, header=base1_of(destination, source))
    elif stations != (None, None):
        raise _useless("destination and source", settings, "only the header of vap has stations")
    if settings.tpdu is not None:
        if not (layout.length and layout.is_plain):
            raise _useless("tpdu", settings, "it has no place for one")
        header = TpduHeader(bytes.fromhex(_digits("tpdu", settings.tpdu, 10))) if settings.tpdu else None
        layout = msgspec.structs.replace(layout, header=header)
    return layout


def _digits(what: str, text: str, size: int) -> str:
    if not (len(text) == size and text.isascii() and text.isdigit()):
        raise LocalError(f"a {what} of a framing is {text!r}; expected {size} digits")
    return text


def _useless(what: str, settings: FramingSettings, because: str) -> LocalError:
    return LocalError(f"framing {settings.name} does not know the setting {what}: {because}; leave it out")
