"""New working keys, from the host's security module to a terminal's PIN pad: made, wrapped and unwrapped.

Both ends use this module, so that a dialect's rules are read in one place. A key is only ever given as a
`Key` or wrapped. Sources: iso8583 facts 4.4 and 4.5.
"""

from random import Random

from atmbench.errors import LocalError, RemoteError
from atmbench.messages.records import WrappedKeys
from atmbench.messages.security_file import Keys, Security
from atmbench.security.key_exchange import unwrap_bare, unwrap_block, wrap_bare, wrap_block
from atmbench.security.keys import Algorithm, Key, random_key
from atmbench.security.mac import MacKey, MacMethod
from atmbench.security.pin_block import PinFormat
from atmbench.security.tr31 import FILLER_BYTES, KeyUsage

_MAC_USAGE = {
    MacMethod.X9_9: KeyUsage.MAC_ISO_9797_1,
    MacMethod.X9_19: KeyUsage.MAC_ISO_9797_3,
    MacMethod.AES_CMAC: KeyUsage.MAC_CMAC,
    MacMethod.TDES_CMAC: KeyUsage.MAC_CMAC,
    MacMethod.SHA256: KeyUsage.MAC_ISO_9797_3,
}
"""What a key block says of a MAC key. TR-31 knows no letter for the hash of NIBSS, which is no MAC of ISO 9797."""


class KeyDelivery:
    """Working keys as one dialect wants them. Raises LocalError for keys that its PIN format or MAC cannot use."""

    def __init__(self, rules: Security) -> None:
        self._keys: Keys = rules.keys
        self._rule = rules.mac.rule
        self._pin_algorithm = Algorithm.AES if rules.pin_format is PinFormat.ISO_4 else Algorithm.TDES
        self._mac_algorithm = Algorithm.AES if self._rule.method is MacMethod.AES_CMAC else Algorithm.TDES
        self._mac_usage = _MAC_USAGE[self._rule.method]
        because = self._unfit(*self.make(Random(0)))
        if because:
            raise LocalError(f"security.keys of the dialect: {because}; change pin_key_bytes or mac_key_bytes")

    def make(self, rng: Random) -> tuple[Key, Key]:
        """A PIN key and a MAC key that nobody has had before."""
        return (
            random_key(rng, self._keys.pin_key_bytes, self._pin_algorithm),
            random_key(rng, self._keys.mac_key_bytes, self._mac_algorithm),
        )

    def wrap(self, master: Key, pin_key: Key, mac_key: Key, rng: Random) -> WrappedKeys:
        """Both keys under a terminal's master key, with their check values."""
        digits = self._keys.check_digits
        if self._keys.form == "tr-31":
            pin = wrap_block(master, pin_key, KeyUsage.PIN, rng.randbytes(FILLER_BYTES))
            mac = wrap_block(master, mac_key, self._mac_usage, rng.randbytes(FILLER_BYTES))
        else:
            pin, mac = wrap_bare(master, pin_key), wrap_bare(master, mac_key)
        return WrappedKeys(pin, pin_key.check_value[:digits], mac, mac_key.check_value[:digits])

    def unwrap(self, master: Key, wrapped: WrappedKeys) -> tuple[Key, Key]:
        """The PIN key and the MAC key, both fit to be used.

        Raises RemoteError for keys that are damaged, too weak, or not for this master key.
        """
        if self._keys.form == "bare":
            pin_key = unwrap_bare(master, wrapped.pin_key, wrapped.pin_check, self._pin_algorithm)
            mac_key = unwrap_bare(master, wrapped.mac_key, wrapped.mac_check, self._mac_algorithm)
        else:
            pin_key = unwrap_block(master, _block_in(wrapped.pin_key), KeyUsage.PIN)
            mac_key = unwrap_block(master, _block_in(wrapped.mac_key), self._mac_usage)
            for key, check in ((pin_key, wrapped.pin_check), (mac_key, wrapped.mac_check)):
                if not key.has_check_value(check):
                    raise RemoteError("a key block holds a key that has not the check value that came with it")
        because = self._unfit(pin_key, mac_key)
        if because:
            raise RemoteError(f"the keys that came cannot be put to work: {because}")
        return pin_key, mac_key

    def _unfit(self, pin_key: Key, mac_key: Key) -> str:
        """Why keys cannot be used; empty if they can."""
        if pin_key.algorithm is not self._pin_algorithm:
            return f"the PIN key is for {pin_key.algorithm}, PIN blocks need {self._pin_algorithm}"
        if pin_key.is_single_des:
            return "the PIN key has the strength of single DES"
        try:
            MacKey(mac_key, self._rule)
        except LocalError as error:
            return str(error)
        return ""


def _block_in(text: str) -> str:
    """The key block at the head of a field of fixed length: it says its own length after the version letter."""
    length = text[1:5]
    return text[: int(length)] if length.isdigit() and length.isascii() else text
