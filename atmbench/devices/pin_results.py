"""What a PIN pad is asked for, and what it tells whoever asked, when it is ready. Data only.

A model seals a PIN and gives a MAC at once; a machine needs a customer's fingers and its own time. No repr here shows
a PIN or a PIN block.
"""

from typing import TypeAlias

import msgspec


class PinsWanted(msgspec.Struct, frozen=True, kw_only=True):
    """The PINs that one customer enters for one message: the PIN, and at a change the new one after it.

    `pins` is what the customer has in mind. A real pad is not told: whoever stands there types.
    """

    pan: str
    pins: tuple[str, ...]
    again: bool = False
    """Whether they are to be sealed under the DUKPT key that was used last, as a copy of the PIN pad would."""

    def __repr__(self) -> str:
        return f"PinsWanted({len(self.pins)})"


class SealedPins(msgspec.Struct, frozen=True, kw_only=True):
    """PIN blocks of one message and the serial number of the DUKPT key they are under, empty if it is none.

    Or none, and `because` says why.
    """

    blocks: tuple[str, ...] = ()
    key_serial: str = ""
    because: str = ""

    def __repr__(self) -> str:
        return f"SealedPins({self.because or len(self.blocks)})"


class EntryBegan(msgspec.Struct, frozen=True):
    """The keys hide what is typed now: a customer may type the PIN."""


class EntryEnded(msgspec.Struct, frozen=True, kw_only=True):
    """There is a PIN block, or none will come of this entry.

    `error` is empty, or a name of XFS4IoT: cancel and entryTimeout are the customer's doing; noPin, keyNotFound,
    accessDenied, deviceNotReady, fraudAttempt and others the machine's.
    """

    block: str = ""
    """Sealed, in upper-case hexadecimal."""
    digits: int = 0
    """How many the pad says the PIN has."""
    error: str = ""
    because: str = ""

    def __repr__(self) -> str:
        shown = "" if self.error else "a PIN block of 16 digits"
        return f"EntryEnded({shown or self.error})"


class MacMade(msgspec.Struct, frozen=True, kw_only=True):
    """The MAC that was asked for under this number, as it is sent; empty with an `error` as of XFS4IoT."""

    number: int
    mac: bytes = b""
    error: str = ""
    because: str = ""


class SetUpEnded(msgspec.Struct, frozen=True, kw_only=True):
    """The pad holds its UID, its master key and first working keys; or not, and why."""

    error: str = ""
    because: str = ""


PinResult: TypeAlias = EntryBegan | EntryEnded | MacMade | SetUpEnded
