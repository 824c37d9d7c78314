"""Card data out of a capture: bytes in, bytes of the same length out, with what nobody may see overwritten.

Lengths and structure stay, so a dissector still reads every message that the bench itself can read. What
the bench cannot read is not shown at all, but for its first bytes. Dry, and blind to what a message is
for. It must never be given a switch to turn it off.
"""

from collections.abc import Sequence

from atmbench.errors import AtmbenchError
from atmbench.framing.base import FrameError, Framer
from atmbench.framing.blocks import ETX, BlockFramer, lrc
from atmbench.messages.codec import Codec
from atmbench.messages.masking import HIDDEN, PAN, mask_pan
from atmbench.messages.records import Message

PRIVATE = frozenset({48, *range(60, 64), *range(120, 128)})
"""Private fields are covered too: it is there that networks put new keys and new PIN blocks."""
FILLING = "9"
"""Stands for every hidden character of a message. It may stand in any field; at a star, Wireshark would call the
message malformed and read no further."""
BLANK = b"*"
"""Stands for every byte of what cannot be read."""
SHOWN_BYTES = 4
"""So much is shown of a body that cannot be read: the MTI, where the dialect writes it as text."""

CHECK_BYTES = 2
"""ETX and LRC of a block."""

_COVERED = HIDDEN | PRIVATE | {PAN}


def covered(body: bytes, codec: Codec) -> bytes:
    """The body of a message with PAN, tracks, PIN block, keys, chip data, MACs and private fields overwritten.

    A body that does not come out the same when it is read and written again is blanked: nobody knows what
    is where in it.
    """
    try:
        message = codec.decode(body)
        sensitive = codec.sensitive(message.mti)
        shown, other = (codec.encode(_filled(message, filling, sensitive)) for filling in (FILLING, "0"))
    except AtmbenchError:
        return _blanked(body)
    if len(shown) != len(body):
        return _blanked(body)
    hides = (one != another for one, another in zip(shown, other, strict=True))
    if any(not hidden and one != real for hidden, one, real in zip(hides, shown, body, strict=True)):
        return _blanked(body)
    return shown


def _filled(message: Message, filling: str, sensitive: frozenset[int]) -> Message:
    fields = dict(message.fields)
    for number in (_COVERED | sensitive).intersection(fields):
        text = fields[number]
        fields[number] = mask_pan(text).replace("*", filling) if number == PAN else filling * len(text)
    return Message(message.mti, fields)


def _blanked(body: bytes, head_bytes: int = 0) -> bytes:
    shown = head_bytes + SHOWN_BYTES
    return body[:shown] + BLANK * (len(body) - shown)


class Cover:
    """Covers one direction of one connection. A byte comes out when the frame that it belongs to is complete."""

    __slots__ = ("_codec", "_early", "_framer", "_has_check", "_head_bytes", "_is_unreadable", "_rest")

    def __init__(self, framer: Framer, codec: Codec) -> None:
        self._framer = framer
        self._codec = codec
        self._head_bytes = framer.wrap(b"?").index(b"?")
        self._has_check = isinstance(framer, BlockFramer)
        """A check over what is covered would tell something of it: it is made anew."""
        self._rest = b""
        """Bytes of a frame that is not complete."""
        self._early = 0
        """So many of them have come out already, blanked."""
        self._is_unreadable = False

    def feed(self, data: bytes) -> bytes:
        """What comes out with these bytes, in the order of the stream."""
        if self._is_unreadable:
            return BLANK * len(data)
        self._rest += data
        try:
            bodies: Sequence[bytes] = self._framer.feed(data)
        except FrameError as error:
            self._is_unreadable = True
            return self._take(error.bodies, None) + self.give_up()
        return self._take(bodies, self._framer.pending)

    def give_up(self) -> bytes:
        """Let out, blanked, what waits for the rest of its frame."""
        early, self._early = self._early, len(self._rest)
        return _blanked(self._rest, self._head_bytes)[early:]

    def _take(self, bodies: Sequence[bytes], pending: int | None) -> bytes:
        """Cover whole bodies, show the lengths between them, and keep the last `pending` bytes, or all that follows."""
        parts: list[bytes] = []
        position = 0
        for body in bodies:
            start = self._rest.index(body, position + self._head_bytes)
            shown = covered(body, self._codec)
            parts += self._rest[position:start], shown
            position = start + len(body)
            if self._has_check:
                parts.append(ETX + lrc(self._rest[start - self._head_bytes + 1 : start] + shown + ETX))
                position += CHECK_BYTES
        end = position if pending is None else len(self._rest) - pending
        parts.append(self._rest[position:end])
        out = b"".join(parts)[self._early :]
        self._early = max(0, self._early - end)
        self._rest = self._rest[end:]
        return out
