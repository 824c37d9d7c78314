"""One way of a call: bytes take their time on it, and may break or be garbled behind a count of them. Pure."""

from firmware_stubs.line_modem.call_faults import CallFault, Trouble, garbled

PIECE_BYTES = 16
"""Bytes arrive in pieces of so many at most, each when its last byte is there."""
WAITING_BYTES_MAX = 4_096
"""What is sent faster than the line carries is lost beyond this: there is no flow control."""


class Traffic:
    """Bytes that are under way. `char_s` is the time of a character."""

    def __init__(self, char_s: float, faults: list[CallFault]) -> None:
        self._char_s = char_s
        self._faults = [(0, fault) for fault in faults]
        self._waiting = bytearray()
        self._carried = 0
        self.moving = 0
        """Bytes of the piece that is on the line; 0 if it is at rest."""

    def add_fault(self, fault: CallFault) -> None:
        """Have the line do something wrong from here on."""
        self._faults.append((self._carried, fault))

    def put(self, data: bytes) -> int:
        """Send bytes; gives how many of them are lost."""
        room = WAITING_BYTES_MAX - len(self._waiting)
        self._waiting += data[:room]
        return max(0, len(data) - room)

    @property
    def has_more(self) -> bool:
        """Whether bytes are under way."""
        return bool(self._waiting)

    def begin(self) -> float | None:
        """Put the next piece on the line: how long it takes, or None if there is none or one is there already."""
        if self.moving or not self._waiting:
            return None
        self.moving = min(PIECE_BYTES, len(self._waiting))
        return self.moving * self._char_s

    def arrived(self) -> tuple[bytes, bool]:
        """The piece is there: what comes out, and whether the line has broken behind it."""
        piece = bytes(self._waiting[: self.moving])
        del self._waiting[: self.moving]
        self.moving = 0
        before = self._carried
        self._carried += len(piece)
        is_broken = False
        for since, fault in self._faults:
            first = since + fault.after_bytes - before
            if fault.what is Trouble.CARRIER_LOST and first <= len(piece):
                piece, is_broken = piece[: max(0, first)], True
            elif fault.what is Trouble.GARBLED:
                last = first + fault.bytes if fault.bytes else len(piece)
                piece = _with_garbled(piece, first, last)
        return piece, is_broken


def _with_garbled(piece: bytes, first: int, last: int) -> bytes:
    first, last = max(0, min(first, len(piece))), max(0, min(last, len(piece)))
    return piece[:first] + garbled(piece[first:last]) + piece[last:] if first < last else piece
