"""How a host knows a PIN without storing it: IBM 3624 offsets and Visa PVVs.

Sources: iso8583 facts 4.3. psec does the arithmetic. A PIN must never appear in an error; an offset and a PVV may
be seen, since they are stored beside the account.
"""

import hmac

import msgspec
from psec import pin as psec_pin

from atmbench.errors import LocalError
from atmbench.security.keys import Algorithm, Key
from atmbench.security.quiet import deprecated_name

DECIMALS = "0123456789012345"
"""The common table: A to F become 0 to 5."""
PAN_DIGITS_MAX = 19


class Ibm3624(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an issuer derives natural PINs: which digits of the PAN it takes, and how digits are made decimal.

    All methods raise LocalError for a PIN or offset that has not 4 to 16 digits, a PAN that has no such part, a
    wrong table, and a key that is not for TDES.
    """

    table: str = DECIMALS
    """Decimal digit for each of the hexadecimal digits 0 to F."""
    start: int = 0
    """Position in the PAN, from 0, of the first digit that is taken."""
    length: int = 16
    """How many digits are taken."""
    pad: str = "F"
    """Hexadecimal digit that fills up to 16."""

    def natural_pin(self, key: Key, pan: str, digits: int = 4) -> str:
        """The PIN that the key gives this PAN."""
        return self.pin(key, pan, "0" * digits)

    def pin(self, key: Key, pan: str, offset: str) -> str:
        """The PIN that belongs to an offset; it has as many digits."""
        self._check(key, offset, pan)
        with deprecated_name():
            return psec_pin.generate_ibm3624_pin(
                key.reveal(), self.table, offset, pan, self.start, self.length, self.pad
            )

    def offset(self, key: Key, pan: str, pin: str) -> str:
        """What is stored for a customer who has chosen this PIN."""
        self._check(key, pin, pan)
        with deprecated_name():
            return psec_pin.generate_ibm3624_offset(
                key.reveal(), self.table, pin, pan, self.start, self.length, self.pad
            )

    def verify(self, key: Key, pan: str, pin: str, offset: str) -> bool:
        """Whether this is the PIN, compared in constant time. A PIN of another length is not."""
        return hmac.compare_digest(self.pin(key, pan, offset).encode(), pin.encode())

    def _check(self, key: Key, digits: str, pan: str) -> None:
        _check_key(key)
        if not (len(self.table) == 16 and _is_decimal(self.table) and len(self.pad) == 1 and self.pad in _HEX):
            raise LocalError("the 3624 table has 16 decimal digits and the pad is one hexadecimal digit; not so here")
        if not (4 <= len(digits) <= 16 and _is_decimal(digits)):
            raise LocalError("a 3624 PIN or offset has 4 to 16 digits; something else was given")
        taken = pan[self.start : self.start + self.length] if self.start >= 0 else ""
        if not (_is_decimal(pan) and len(pan) <= PAN_DIGITS_MAX and 1 <= len(taken) == self.length <= 16):
            raise LocalError(f"the PAN has no {self.length} digits from position {self.start}, as the 3624 rule wants")


def pvv(key: Key, pan: str, pin: str, key_index: int = 1) -> str:
    """The PIN verification value that is stored for a customer: 4 digits.

    `key_index` (PVKI) is 0 to 9. Raises LocalError unless the PIN has 4 digits and the PAN at least 12.
    """
    _check_key(key)
    if not (len(pin) == 4 and _is_decimal(pin) and len(pan) >= 12 and _is_decimal(pan) and 0 <= key_index <= 9):
        raise LocalError("a PVV needs a PIN of 4 digits, a PAN of at least 12 and a key index from 0 to 9")
    with deprecated_name():
        return psec_pin.generate_visa_pvv(key.reveal(), str(key_index), pin, pan)


def verify_pvv(key: Key, pan: str, pin: str, stored: str, key_index: int = 1) -> bool:
    """Whether this PIN has the stored value, compared in constant time. One other PIN in some 10,000 has it too."""
    return hmac.compare_digest(pvv(key, pan, pin, key_index).encode(), stored.encode())


_HEX = frozenset("0123456789ABCDEFabcdef")


def _is_decimal(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _check_key(key: Key) -> None:
    if key.algorithm is not Algorithm.TDES:
        raise LocalError(f"a PIN verification key is for {Algorithm.TDES}; got one for {key.algorithm}")
