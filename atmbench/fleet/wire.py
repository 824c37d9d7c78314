"""How frames of one dialect are built and read: what faults need to alter a message and keep it valid."""

from copy import copy

import msgspec

from atmbench.errors import RemoteError
from atmbench.fleet.switch import key_of
from atmbench.framing.base import Framer
from atmbench.framing.blocks import BlockFramer
from atmbench.framing.layouts import FramingSettings
from atmbench.framing.link_styles import SerialSettings
from atmbench.framing.registry import framer
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect
from atmbench.messages.records import Message


class DialectWire:
    """Codec and framing of a dialect in one hand (`faults.base.Wire`).

    Raises LocalError if the framing that the dialect names is not there or cannot be as it says.
    """

    def __init__(self, dialect: Dialect, codec: Codec, serial: SerialSettings | None = None) -> None:
        """`serial` is given for a serial line, whose blocks stand in place of the framing of the dialect."""
        self._dialect = dialect
        self._codec = codec
        self._serial = serial
        self._framing = msgspec.convert(dialect.framing, FramingSettings, from_attributes=True)
        self._wrap = self.make_framer().wrap
        self._header = b""

    def make_framer(self) -> Framer:
        """A fresh framer for one connection."""
        return framer(self._framing) if self._serial is None else BlockFramer(self._serial.layout)

    def under(self, header: bytes) -> "DialectWire":
        """The same wire for frames under this header."""
        if header == self._header:
            return self
        other = copy(self)
        other._header = header
        return other

    def mti(self, body: bytes) -> str:
        """The MTI of a body without reading the rest of it; empty if it does not begin with one."""
        return self._codec.mti(body)

    def read(self, body: bytes) -> Message:
        """The message of a body. Raises RemoteError if it is none."""
        return self._codec.decode(body)

    def build(self, message: Message) -> bytes:
        """The framed bytes of a message."""
        return self._wrap(self._codec.encode(message), self._header)

    def wrap(self, body: bytes) -> bytes:
        """The framed bytes of a body."""
        return self._wrap(body, self._header)

    def key(self, body: bytes) -> str:
        """The transaction that a request is about; empty if the body is no such request."""
        try:
            return key_of(self._dialect.read_request(self._codec.decode(body)))
        except RemoteError:
            return ""
