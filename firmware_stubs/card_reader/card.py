"""A card: what is on its stripe and in its chip. Nothing of it but a masked number may be seen outside.

Lengths and track sets are those of the maker's text (4.2, 4.4, 5.2 to 5.4). This module must never put track data
into anything but the answer to a read command.
"""

import re
from collections.abc import Mapping
from typing import Any

from firmware_stubs.errors import OrderError

TRACKS = (1, 2, 3)
TRACK_SETS = {
    "1": (1,),
    "2": (2,),
    "3": (3,),
    "4": (1, 2),
    "5": (1, 3),
    "6": (2, 3),
    "7": (1, 2, 3),
}
"""4.2: no bit mask."""
SET_OF = {tracks: name for name, tracks in TRACK_SETS.items()}

SHAPES = {
    1: re.compile(r"[ -$&->@-_]{1,76}"),
    2: re.compile(r"[0-9=]{1,37}"),
    3: re.compile(r"[0-9=]{1,104}"),
}
"""What may stand between the sentinels of each track; read whole."""

NO_ENCODE = "44"
READ_ERRORS = ("40", "41", "42", "43", "44", "45", "46")
LENGTHS = ("right", "long", "short")
SCRIPT_MAX = 100
APDU_BYTES_MAX = 261
ANSWER_BYTES_MAX = 258
ATR_BYTES_MAX = 33
SHORT_PAN = 13


def masked(number: str) -> str:
    """The first six and last four digits of a card number; of a short one the last four."""
    size = len(number)
    if size >= SHORT_PAN:
        return number[:6] + "*" * (size - 10) + number[-4:]
    shown = 4 if size > 4 else 0
    return "*" * (size - shown) + number[size - shown :]


class Chip:
    """A chip that says what its script says, and to the rest that it does not know the instruction."""

    DEFAULT_ATR = bytes.fromhex("3B00")
    """Direct convention, T=0, nothing more (ISO 7816-3)."""
    UNKNOWN = bytes.fromhex("6D00")
    """Instruction code not supported (ISO 7816-4)."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.atr = _hex(told.get("atr", self.DEFAULT_ATR.hex()), 2, ATR_BYTES_MAX)
        script = told.get("script", {})
        if not isinstance(script, Mapping) or len(script) > SCRIPT_MAX:
            raise OrderError(f"the script of a chip is at most {SCRIPT_MAX} pairs of APDU and answer, both in hex")
        self._script = {
            _hex(apdu, 4, APDU_BYTES_MAX): _hex(answer, 2, ANSWER_BYTES_MAX) for apdu, answer in script.items()
        }

    def answer(self, apdu: bytes) -> bytes:
        """Data, SW1 and SW2."""
        return self._script.get(apdu, self.UNKNOWN)

    def __repr__(self) -> str:
        return f"Chip({len(self._script)} answers)"


class Card:
    """One card. What is not known of a card (its stripe, after a new start of the stub) cannot be read."""

    def __init__(
        self,
        number: str,
        tracks: Mapping[int, str] | None = None,
        unreadable: Mapping[int, str] | None = None,
        chip: Chip | None = None,
        length: str = "right",
    ) -> None:
        self.number = number
        """Masked."""
        self.chip = chip
        self.length = length
        self._tracks = dict(tracks or {})
        self._unreadable = dict(unreadable or {})

    @property
    def has_stripe(self) -> bool:
        """Whether the detector at the slot sees a stripe."""
        return bool(self._tracks) or bool(self._unreadable)

    def spoil(self, track: int, error: str) -> None:
        """From now on this track cannot be read."""
        self._unreadable[track] = error

    def read(self, track: int) -> tuple[str, bytes]:
        """Result ("00", or the error of 3.4.2) and data of one track."""
        if track in self._unreadable:
            return self._unreadable[track], b""
        if track not in self._tracks:
            return NO_ENCODE, b""
        return "00", self._tracks[track].encode("ascii")

    def __repr__(self) -> str:
        return f"Card({self.number or 'no number'})"


def card_of(order: Mapping[str, Any]) -> Card:
    """The card that an order speaks of. Raises OrderError, which never quotes what stands on the card."""
    tracks = {}
    for track in TRACKS:
        data = order.get(f"track{track}")
        if data is None:
            continue
        if not isinstance(data, str) or not SHAPES[track].fullmatch(data):
            raise OrderError(f"track{track} is no text that fits there: {SHAPES[track].pattern}, without sentinels")
        tracks[track] = data
    unreadable = order.get("unreadable", {})
    if not isinstance(unreadable, Mapping) or any(
        name not in ("1", "2", "3") or code not in READ_ERRORS for name, code in unreadable.items()
    ):
        raise OrderError(f"unreadable names tracks and their errors, such as {{'2': '43'}}: {', '.join(READ_ERRORS)}")
    chip = order.get("chip")
    if chip is not None and not isinstance(chip, Mapping):
        raise OrderError("chip is an object with atr and script, both in hex; an empty one will do")
    length = order.get("length", "right")
    if length not in LENGTHS:
        raise OrderError(f"a card has a length of {', '.join(LENGTHS)}")
    return Card(
        masked(tracks.get(2, "").partition("=")[0]),
        tracks,
        {int(name): code for name, code in unreadable.items()},
        None if chip is None else Chip(chip),
        length,
    )


def _hex(text: object, least: int, most: int) -> bytes:
    try:
        data = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        data = b""
    if not least <= len(data) <= most:
        raise OrderError(f"atr, APDUs and answers of a chip are hex of {least} to {most} bytes")
    return data
