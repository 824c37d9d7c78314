"""PIN keys of DUKPT, of either kind, as both ends of a line derive them.

A terminal has an initial key and counts; a host has the base key, and takes the counter from what is sent.
Sources: iso8583 facts 4.7.
"""

from enum import StrEnum

import msgspec

from atmbench.security import dukpt_aes, dukpt_tdes
from atmbench.security.dukpt import SerialNumber
from atmbench.security.dukpt_aes import AesSerialNumber, AesUse
from atmbench.security.dukpt_tdes import TdesSerialNumber, TdesUse
from atmbench.security.keys import Algorithm, Key


class DukptKind(StrEnum):
    """Which DUKPT a line speaks."""

    TDES = "tdes"
    """X9.24-1: key serial numbers of 10 bytes, PIN blocks of formats 0, 1 and 3."""
    AES = "aes"
    """X9.24-3: key serial numbers of 12 bytes, PIN blocks of format 4, sealed under keys of 16 bytes."""


SERIAL_NUMBER: dict[DukptKind, type[SerialNumber]] = {DukptKind.TDES: TdesSerialNumber, DukptKind.AES: AesSerialNumber}
ALGORITHM = {DukptKind.TDES: Algorithm.TDES, DukptKind.AES: Algorithm.AES}
"""What base keys and PIN keys are for."""


class InitialKey(msgspec.Struct, frozen=True):
    """What a device is given: its own key, and the serial number that it counts on from."""

    key: Key
    number: SerialNumber


def initial_key(base: Key, number: SerialNumber) -> InitialKey:
    """What the device of a serial number is given. Raises LocalError for a base key that is not of its kind."""
    if isinstance(number, AesSerialNumber):
        return InitialKey(dukpt_aes.initial_key(base, number), number)
    assert isinstance(number, TdesSerialNumber), "there are two kinds"
    return InitialKey(dukpt_tdes.initial_key(base, number), number)


def pin_key(initial: Key, number: SerialNumber) -> Key:
    """The key that a PIN is sealed under at this count."""
    if isinstance(number, AesSerialNumber):
        return dukpt_aes.working_key(initial, number, AesUse.PIN)
    assert isinstance(number, TdesSerialNumber), "there are two kinds"
    return dukpt_tdes.working_key(initial, number, TdesUse.PIN)
