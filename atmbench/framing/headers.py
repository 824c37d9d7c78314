"""Headers between the length and the body: addresses of who sends and who shall receive.

They say nothing about the message, so no body holds them; an answer takes them back with the addresses
swapped. Sources: iso8583 facts 3, devices 6.3 (TPDU), jPOS BASE1Header, moov network/vml_header.
"""

from typing import Protocol

import msgspec
from construct import Bytes, Const, Int8ub, Int16ub, Int24ub, Struct

TPDU = Struct("id" / Int8ub, "destination" / Bytes(2), "source" / Bytes(2)).compile()
TPDU_BYTES = 5
BASE1_BYTES = 22
BASE1 = Struct(
    "length" / Const(BASE1_BYTES, Int8ub),
    "format" / Int8ub,
    "text_format" / Int8ub,
    "total_length" / Int16ub,
    "destination" / Bytes(3),
    "source" / Bytes(3),
    "round_trip" / Int8ub,
    "flags" / Int16ub,
    "status" / Int24ub,
    "batch" / Int8ub,
    "reserved" / Bytes(3),
    "user" / Int8ub,
)
"""The Visa BASE I header. That of a reject is longer, and tells by ANOTHER in its format that a second follows."""
ANOTHER = 0x80
ORDINARY = {
    "format": 1,
    "text_format": 2,
    "total_length": BASE1_BYTES,
    "round_trip": 0,
    "flags": 0,
    "status": 0,
    "batch": 0,
    "reserved": bytes(3),
    "user": 0,
}
SESSION_CONTROL = 0x20
"""Upper half of the last reserved byte of a heartbeat."""


class Header(Protocol):
    """One kind of header, with the addresses of the terminal's side."""

    @property
    def least(self) -> int:
        """Bytes of the shortest header."""
        ...

    @property
    def own(self) -> bytes:
        """The header of a request."""
        ...

    def size_in(self, payload: bytes) -> int:
        """Bytes of the header at the beginning of these. Raises ValueError with a sentence if there is none."""
        ...

    def answer_to(self, header: bytes) -> bytes:
        """The header of an answer."""
        ...

    def over(self, header: bytes, body_size: int) -> bytes:
        """The header as it stands before a body of this size."""
        ...

    def is_idle(self, header: bytes) -> bool:
        """Whether what stands under the header is no message but a heartbeat."""
        ...


class TpduHeader(msgspec.Struct, frozen=True):
    """Five bytes: id 60, destination, source. Any id is let pass, and comes back in the answer."""

    own: bytes
    least: int = TPDU_BYTES

    def size_in(self, payload: bytes) -> int:
        """Always the same; the length made sure that so many are there."""
        return TPDU_BYTES

    def answer_to(self, header: bytes) -> bytes:
        """The same id, destination and source swapped."""
        asked = TPDU.parse(header)
        answer: bytes = TPDU.build({"id": asked.id, "destination": asked.source, "source": asked.destination})
        return answer

    def over(self, header: bytes, body_size: int) -> bytes:
        """The header alone: it knows nothing of the body."""
        return header

    def is_idle(self, header: bytes) -> bool:
        """Never."""
        return False


class Base1Header(msgspec.Struct, frozen=True):
    """The BASE I header of VAP; `own` is made by `base1_of`."""

    own: bytes
    least: int = BASE1_BYTES

    def size_in(self, payload: bytes) -> int:
        """As its first byte says; of a reject, that of the header it came with is added."""
        size = _length_at(payload, 0)
        return size + _length_at(payload, size) if payload[1] & ANOTHER else size

    def answer_to(self, header: bytes) -> bytes:
        """What the request said, source and destination swapped; only a reject has more than 22 bytes."""
        asked = BASE1.parse(bytes([BASE1_BYTES]) + header[1:BASE1_BYTES])
        swapped = {"format": asked.format & ~ANOTHER, "destination": asked.source, "source": asked.destination}
        answer: bytes = BASE1.build({**asked, **swapped})
        return answer

    def over(self, header: bytes, body_size: int) -> bytes:
        """With the total length of header and body in its place."""
        return header[:3] + (len(header) + body_size).to_bytes(2, "big") + header[5:]

    def is_idle(self, header: bytes) -> bool:
        """Never: VAP polls by frames of length zero."""
        return False


class ReservedHeader(msgspec.Struct, frozen=True):
    """Two reserved bytes that have no address, but can mark a heartbeat."""

    own: bytes = bytes(2)
    least: int = 2

    def size_in(self, payload: bytes) -> int:
        """Always the same."""
        return self.least

    def answer_to(self, header: bytes) -> bytes:
        """Zeros again."""
        return self.own

    def over(self, header: bytes, body_size: int) -> bytes:
        """The header alone."""
        return header

    def is_idle(self, header: bytes) -> bool:
        """Whether the mark of session control is set."""
        return header[1] & 0xF0 == SESSION_CONTROL


def base1_of(destination: str, source: str) -> Base1Header:
    """The header of requests between two stations of six digits each."""
    stations = {"destination": bytes.fromhex(destination), "source": bytes.fromhex(source)}
    return Base1Header(BASE1.build({**ORDINARY, **stations}))


def _length_at(payload: bytes, at: int) -> int:
    length = payload[at] if at < len(payload) else 0
    if length < BASE1_BYTES:
        raise ValueError(f"a BASE I header says that it has {length} bytes; expected {BASE1_BYTES} or more")
    if at + length > len(payload):
        raise ValueError(f"a BASE I header of {length} bytes was announced; only {len(payload) - at} are in the frame")
    return length
