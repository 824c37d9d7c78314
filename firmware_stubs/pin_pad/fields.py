"""The data of one command, read from the left. What is too short, too long or no digit is refused as the unit does."""

from firmware_stubs.pin_pad.vault import COMMAND_LENGTH, ILLEGAL_DATA, Refused

_HEX = frozenset(b"0123456789ABCDEFabcdef")


class Fields:
    """What follows a command character."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def is_empty(self) -> bool:
        """Whether all was read."""
        return not self._data

    def take(self, size: int) -> bytes:
        """The next bytes, whatever they are."""
        if len(self._data) < size:
            raise Refused(COMMAND_LENGTH)
        taken, self._data = self._data[:size], self._data[size:]
        return taken

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self._data))

    def number(self) -> int:
        """Two hexadecimal digits."""
        return _bytes(self.take(2))[0]

    def decimal(self, size: int) -> str:
        """Decimal digits."""
        taken = self.take(size)
        if not taken.isdigit():
            raise Refused(ILLEGAL_DATA)
        return taken.decode("ascii")

    def hex(self, *sizes: int) -> bytes:
        """All that is left, which must be hexadecimal digits for so many bytes; any number if no size is given."""
        if sizes and len(self._data) not in {2 * size for size in sizes}:
            raise Refused(COMMAND_LENGTH)
        return _bytes(self.rest())

    def end(self) -> None:
        """Nothing may be left."""
        if self._data:
            raise Refused(COMMAND_LENGTH)


def _bytes(digits: bytes) -> bytes:
    if not _HEX.issuperset(digits) or len(digits) % 2:
        raise Refused(ILLEGAL_DATA)
    return bytes.fromhex(digits.decode("ascii"))
