"""What a dialect file may say of PIN blocks, MACs and working keys. Data only.

Sources: iso8583 facts 1.1 (repeat digit), 1.11 (life of keys), 4.2, 4.4, 4.6, 4.7.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from atmbench.messages.layout_file import Record, Size
from atmbench.security.dukpt_pin import DukptKind
from atmbench.security.key_ring import KeyLife
from atmbench.security.mac import MacRule
from atmbench.security.pin_block import PinFormat


class MacUse(Record, frozen=True, kw_only=True):
    """How messages are sealed with a MAC: the last field, 64 or with a secondary bitmap 128.

    It covers all bytes from the MTI (or from the bitmap) to the byte before it; its own bit is set. A header is not
    covered.
    """

    rule: MacRule = MacRule()
    ignores_repeat_digit: bool = False
    """The MTI counts as that of the first sending: 0221 has the MAC of 0220 (AS2805)."""
    covers: Literal["from_mti", "from_bitmap"] = "from_mti"
    """Where the bytes begin that the MAC is made over. A change of it is a change that no layout shows."""
    network_messages: bool = False
    """Whether messages of class 8 are sealed too. They are not where the first of them must bring the keys."""


class KeyPart(Record, frozen=True, kw_only=True):
    """A piece of the field that brings new keys: a value in hexadecimal, or zeros."""

    size: Size
    value: Literal["pin_key", "pin_check", "mac_key", "mac_check"] | None = None


class Keys(Record, frozen=True, kw_only=True):
    """How a terminal gets its working keys: wrapped under its master key, in the reply to a key exchange."""

    parts: tuple[KeyPart, ...]
    """The field that a template calls `keys`."""
    form: Literal["bare", "tr-31"] = "bare"
    pin_key_bytes: Annotated[int, Meta(ge=8, le=32)] = 16
    mac_key_bytes: Annotated[int, Meta(ge=8, le=32)] = 16
    check_digits: Annotated[int, Meta(ge=4, le=16)] = 6
    life: KeyLife = KeyLife()


class Security(Record, frozen=True, kw_only=True):
    """The security of a line of this dialect. A drill says which of it is on."""

    pin_format: PinFormat = PinFormat.ISO_0
    mac: MacUse = msgspec.field(default_factory=MacUse)
    keys: Keys
    dukpt: DukptKind | None = None
    """Which DUKPT a PIN may be sealed under; None where nothing is known of it. Where its key serial number stands, the
    templates say (`key_serial`)."""
