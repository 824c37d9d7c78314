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
CUT = b"\x1bd\x06\x1dV\x00"
"""Feed six lines, up to the knife, and cut."""
SUBSTITUTE = "?"
"""Stands on paper for what the code page has not, and for whatever the printer would take for a command."""


class CodePage(msgspec.Struct, frozen=True):
    """A code page: its number in ESC t, which differs from maker to maker, and the Python codec of it."""

    number: int
    codec: str


CODE_PAGES = {0: CodePage(0, "cp437"), 15: CodePage(15, "iso8859-15")}
"""Those that facts of devices 4.3 tell of. Page 0 has no euro, page 15 has."""
CODE_PAGE = CODE_PAGES[0]


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


def begin(page: CodePage = CODE_PAGE) -> bytes:
    """Settings are lost with power, so each receipt sets them: everything as at first, and the code page."""
    return b"\x1b@\x1bt" + bytes([page.number])


def sweep(page: CodePage = CODE_PAGE) -> bytes:
    """Whatever hangs out is no part of the next receipt."""
    return begin(page) + CUT


def roll(lines: tuple[str, ...], page: CodePage = CODE_PAGE) -> bytes:
    """Lines on a roll that nobody cuts: a journal."""
    return begin(page) + b"".join(_line(line, page) + b"\n" for line in lines)


def receipt(lines: tuple[str, ...], page: CodePage = CODE_PAGE) -> bytes:
    """A whole receipt."""
    return roll(lines, page) + CUT


def _line(text: str, page: CodePage) -> bytes:
    safe = "".join(each if each.isprintable() else SUBSTITUTE for each in text)
    return safe.encode(page.codec, "replace")  # Python's own substitute is the question mark, too


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
