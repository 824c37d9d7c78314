"""The memory of a PIN pad that must not be seen: key slots, the UID, and who has proved to know it.

It survives a power failure and is wiped when somebody tampers. What is refused is refused by the unit's return byte
(facts of devices 3.4 to 3.6).
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from firmware_stubs.pin_pad import crypto
from firmware_stubs.pin_pad.settings import Settings

UID_KEY, IMK, TMK, TPK, TAK = 0, 1, 2, 3, 5
"""What a key is for, as command 2 says it. 0 is our number for key 00 of the ZT598, that the UID is made with."""
PROTECTING = frozenset({UID_KEY, IMK, TMK})
USAGES = frozenset(range(1, 10))
UID_KEY_NUMBER = 0x00
IMK_NUMBER_ZT588 = 0x80
MASTER = range(0x01, 0x20)
UNDER_MASTER = range(0x10, 0x30)
WORKING = range(0x30, 0x80)
"""Key numbers of the ZT598."""

NO_IMK, NO_TMK, KEY_LENGTH, NO_SUCH_KEY, NO_MATCHING_KEY = 0xE1, 0xE2, 0xE3, 0xE4, 0xE5
COMMAND_LENGTH, ILLEGAL_DATA, WRONG_PARAMETER, NOT_AUTHENTICATED = 0xE8, 0xE9, 0xEB, 0xEC
TIMED_OUT, NO_PIN, TAMPERED, NO_UID, REMOVED = 0xEE, 0xEF, 0xDD, 0xFA, 0xFF
"""Return bytes of facts of devices 3.5."""


class Refused(Exception):
    """The unit does not do it; `rtn` is the byte that it says so with."""

    def __init__(self, rtn: int) -> None:
        super().__init__(f"refused with {rtn:02X}")
        self.rtn = rtn


class Slot(msgspec.Struct, frozen=True):
    """One key, and what it may be used for. Shows its check value only."""

    usage: int
    key: bytes

    def __repr__(self) -> str:
        return f"Slot(usage={self.usage}, check_value={self.check_value})"

    @property
    def check_value(self) -> str:
        """The six digits that people compare."""
        return crypto.check_value(self.key).hex().upper()[:6]


class Vault:
    """Key slots and authentication of one pad. `kept` is what an earlier one has kept."""

    def __init__(self, settings: Settings, kept: Mapping[str, Any]) -> None:
        self._settings = settings
        self._slots = {
            int(number, 16): Slot(slot["usage"], bytes.fromhex(slot["key"]))
            for number, slot in kept.get("keys", {}).items()
        }
        self._uid = bytes.fromhex(kept.get("uid", settings.uid))
        self._numbers = int(kept.get("numbers", 0))
        """Numbers drawn so far: none comes twice, also after a power failure."""
        self.is_tampered = bool(kept.get("tampered", False))
        self.forget_visitor()

    def kept(self) -> dict[str, Any]:
        """All of it, keys too: for a file that only its owner can read."""
        slots = sorted(self._slots.items())
        return {
            "keys": {f"{number:02X}": {"usage": each.usage, "key": each.key.hex()} for number, each in slots},
            "uid": self._uid.hex(),
            "numbers": self._numbers,
            "tampered": self.is_tampered,
        }

    def shown(self) -> dict[str, str]:
        """Key number to check value: what may be seen."""
        return {f"{number:02X}": slot.check_value for number, slot in sorted(self._slots.items())}

    def forget_visitor(self) -> None:
        """Whoever proved something must prove it again."""
        self._random = self._challenge = b""
        self._challenged: int | None = None
        self._authenticated: int | None = None

    def wipe(self) -> None:
        """Everything is gone, as from the factory."""
        self._slots.clear()
        self._uid = bytes.fromhex(self._settings.uid)
        self.forget_visitor()

    def chance(self) -> bytes:
        """16 bytes that were not there before."""
        self._numbers += 1
        return crypto.chance(f"{self._settings.model}/{self._settings.serial}", self._numbers)

    @property
    def is_blank(self) -> bool:
        """Whether there is no key that others could be loaded after."""
        return self._first_number not in self._slots

    @property
    def _is_zt588(self) -> bool:
        return self._settings.profile == "zt588"

    @property
    def _first_number(self) -> int:
        return IMK_NUMBER_ZT588 if self._is_zt588 else UID_KEY_NUMBER

    # --- keys -------------------------------------------------------------------------------------

    def load_plain(self, number: int, usage: int, key: bytes) -> bytes:
        """Take a key in the clear; gives its check value."""
        if self._is_zt588:
            if usage not in USAGES:
                raise Refused(WRONG_PARAMETER)
        elif number == UID_KEY_NUMBER:
            usage = UID_KEY
        elif number in MASTER:
            usage = TMK
        else:
            raise Refused(NO_SUCH_KEY)
        if number == self._first_number:
            if number in self._slots:
                self._check_authenticated(number)
        elif self.is_blank:
            raise Refused(NO_IMK)
        else:
            self._check_authenticated(number, self._first_number)
        return self._take(number, usage, key)

    def load_enciphered(self, under: int, number: int, usage: int, blocks: bytes) -> bytes:
        """Take a key that is under another; gives its check value."""
        if usage not in USAGES:
            raise Refused(WRONG_PARAMETER)
        if not self._is_zt588 and number not in (UNDER_MASTER if usage == TMK else WORKING):
            raise Refused(NO_SUCH_KEY)
        if under not in self._slots:
            raise Refused(NO_TMK)
        return self._take(number, usage, crypto.decipher(self.use(under, PROTECTING), blocks))

    def erase(self, number: int) -> None:
        """Forget one key."""
        if number not in self._slots:
            raise Refused(NO_SUCH_KEY)
        self._check_authenticated(number, self._first_number)
        del self._slots[number]

    def use(self, number: int, usages: frozenset[int]) -> bytes:
        """A key for one of these uses, if whoever asks may use it."""
        slot = self._slots.get(number)
        if slot is None:
            raise Refused(NO_SUCH_KEY)
        if slot.usage not in usages:
            raise Refused(NO_MATCHING_KEY)
        self._check_authenticated(number)
        return slot.key

    def _take(self, number: int, usage: int, key: bytes) -> bytes:
        self._slots[number] = Slot(usage, key)
        return crypto.check_value(key)

    def _check_authenticated(self, *numbers: int) -> None:
        """What was proved under one of these keys is used up by it, where each use needs its own."""
        rule = self._settings.authentication
        if rule == "never":
            return
        if self._authenticated is None or (rule == "every" and self._authenticated not in numbers):
            raise Refused(NOT_AUTHENTICATED)
        if rule == "every":
            self._authenticated = None

    # --- authentication ---------------------------------------------------------------------------

    def draw(self) -> bytes:
        """A random number to be enciphered by a challenge."""
        self.forget_visitor()
        self._random = self._challenge = self.chance()
        return self._random

    def challenge(self, number: int, random: bytes) -> bytes:
        """The random number under a key: what a response is about."""
        slot = self._slots.get(number)
        if slot is None:
            raise Refused(NO_SUCH_KEY)
        if not self._random or random != self._random:
            raise Refused(NOT_AUTHENTICATED)
        self._challenge = crypto.encipher(slot.key, random)
        self._challenged = number
        return self._challenge

    def respond(self, response: bytes) -> bytes:
        """A response under the UID; gives what the unit proves itself by, if it does."""
        if not self._uid:
            raise Refused(NO_UID)
        if self._challenged is None:
            raise Refused(NOT_AUTHENTICATED)
        return self._judge(self._uid, response, self._challenged)

    def respond_by_imk(self, response: bytes) -> bytes:
        """A response to the random number itself, under the IMK (ZT588)."""
        slot = self._slots.get(IMK_NUMBER_ZT588)
        if slot is None or not self._is_zt588:
            raise Refused(NO_IMK)
        return self._judge(slot.key, response, IMK_NUMBER_ZT588)

    def _judge(self, key: bytes, response: bytes, number: int) -> bytes:
        challenge = self._challenge
        self.forget_visitor()
        if not challenge or crypto.decipher(key, response) != challenge:
            raise Refused(NOT_AUTHENTICATED)
        self._authenticated = number
        return crypto.encipher(key, response) if self._settings.proves_itself else b""

    def set_uid(self, uid: bytes) -> None:
        """Write the UID. One that is there may only be changed by whoever knows it."""
        if self._uid and self._authenticated is None:
            raise Refused(NOT_AUTHENTICATED)
        self._uid = uid
        self.forget_visitor()
