"""What is said to a receipt printer in ESC/POS, and what its status says. Pure.

Facts of devices 4.2 (DLE EOT 1 to 4), 4.3 (commands) and 4.4 (DLE EOT 20 of kiosk printers). GS r 1 is answered when
all that was sent before it is printed and cut, and not while paper is out: Epson TM-U220A manual, page 84.
"""

from typing import Literal, TypeAlias

import msgspec

from atmbench.errors import RemoteError

Profile: TypeAlias = Literal["esc-pos", "kiosk"]

PRINTER, OFFLINE_CAUSE, ERROR_CAUSE, PAPER, FULL = 1, 2, 3, 4, 20
FULL_BYTES = 6
FULL_START = b"\x10\x0f"

RECOVER_AND_CLEAR = b"\x10\x05\x02"
"""DLE ENQ 2: go on after an error that is mended, and forget what waits to be printed. At the end of the paper there is
no error, and many do not obey it (Citizen iDP-3221, HPRT TP80K)."""
TELL_WHEN_DONE = b"\x1dr\x01"
BEGIN = b"\x1b@\x1bt\x00"
"""Settings are lost with power, so each receipt sets them: everything as at first, and code page 0."""
CUT = b"\x1bd\x06\x1dV\x00"
"""Feed six lines, up to the knife, and cut."""
SWEEP = BEGIN + CUT
"""Whatever hangs out is no part of the next receipt."""
CODE_PAGE_0 = "cp437"


class Status(msgspec.Struct, frozen=True):
    """What a printer says of itself, as far as it was asked."""

    offline: bool = False
    cover_open: bool = False
    paper_stop: bool = False
    error: bool = False
    mechanical: bool = False
    cutter: bool = False
    unrecoverable: bool = False
    recoverable: bool = False
    near_end: bool = False
    paper_end: bool = False
    jam: bool = False
    spooling: bool = False
    moving: bool = False

    def __or__(self, other: "Status") -> "Status":
        """What both say."""
        return Status(*(getattr(self, name) or getattr(other, name) for name in self.__struct_fields__))


def query(number: int) -> bytes:
    """DLE EOT n."""
    return bytes([0x10, 0x04, number])


def receipt(lines: tuple[str, ...]) -> bytes:
    """A whole receipt.

    What code page 0 has not, and whatever the printer would take for a command, becomes a question mark.
    """
    printed = b"".join(_line(line) + b"\n" for line in lines)
    return BEGIN + printed + CUT


def _line(text: str) -> bytes:
    safe = "".join(each if each.isprintable() else "?" for each in text)
    return safe.encode(CODE_PAGE_0, "replace")


def is_done(byte: int) -> bool:
    """Whether this is the answer to GS r: bits 4 and 7 are off, 0 and 1 alike, and 2 and 3 never sent.

    No answer to DLE EOT 1 to 4 looks like that, not even with one bit flipped.
    """
    return byte & 0x90 == 0 and byte & 0x0F in (0x00, 0x03)


def read(number: int, answer: bytes) -> Status:
    """What an answer to DLE EOT n says. Raises RemoteError if it cannot be one."""
    if number == FULL:
        return _read_full(answer)
    if len(answer) != 1 or answer[0] & 0x93 != 0x12:
        raise RemoteError(f"{answer.hex(' ')} is no answer to DLE EOT {number}; bits 1 and 4 are on, 0 and 7 off")
    byte = answer[0]
    if number == PRINTER:
        return Status(offline=bool(byte & 0x08))
    if number == OFFLINE_CAUSE:
        return Status(cover_open=bool(byte & 0x04), paper_stop=bool(byte & 0x20), error=bool(byte & 0x40))
    if number == ERROR_CAUSE:
        return Status(
            mechanical=bool(byte & 0x04),
            cutter=bool(byte & 0x08),
            unrecoverable=bool(byte & 0x20),
            recoverable=bool(byte & 0x40),
        )
    return Status(near_end=bool(byte & 0x0C), paper_end=bool(byte & 0x60))


def _read_full(answer: bytes) -> Status:
    if len(answer) != FULL_BYTES or not answer.startswith(FULL_START):
        raise RemoteError(f"{answer.hex(' ')} is no answer to DLE EOT 20; it is 10 0F and four bytes")
    paper, user, recoverable, broken = answer[2:]
    return Status(
        cover_open=bool(user & 0x03),  # or the head is up
        near_end=bool(paper & 0x04),
        paper_end=bool(paper & 0x41),
        jam=bool(recoverable & 0x40),
        recoverable=bool(recoverable & 0x0B),
        cutter=bool(broken & 0x01),
        unrecoverable=bool(broken & 0x4C),
        spooling=bool(user & 0x04),
        moving=bool(user & 0x08),
    )
