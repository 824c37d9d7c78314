"""A modelled encrypting PIN pad (EPP): the one place in a terminal where keys and PINs are in the clear.

Its memory survives a power failure, and the DUKPT counter with it. It gives out sealed PIN blocks, and MAC keys that
show only their check values; it must never give out a key or a PIN.
"""

from collections.abc import Callable, Sequence
from functools import partial
from random import Random

import msgspec

from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.pin_results import PinsWanted, SealedPins
from atmbench.devices.roles import MAC_DISAGREES, MacChecked, MacMade, PinsSealed
from atmbench.errors import LocalError, RemoteError
from atmbench.facts import KeysLoaded
from atmbench.messages.key_delivery import KeyDelivery
from atmbench.messages.records import WrappedKeys
from atmbench.messages.security_file import Security
from atmbench.security.dukpt import CounterExhausted, SerialNumber
from atmbench.security.dukpt_pin import InitialKey, pin_key
from atmbench.security.key_ring import KeyPair, KeyRing, renewed, valid
from atmbench.security.keys import Key
from atmbench.security.mac import MacKey
from atmbench.security.pin_block import FILLER_BYTES, seal
from atmbench.terminal import inputs

LOAD_S = 0.1
"""How long a PIN pad takes for two keys. Our choice: no maker's figure was found."""
INPUT_TIME_S = 30.0
"""How long a customer has for a PIN. Our choice."""
GENERATIONS_MAX = 2
"""Keys in use, and those before them."""


class Injected(msgspec.Struct, frozen=True):
    """What was put into a PIN pad in a secure room: its master key and, where keys are not exchanged, working keys."""

    rules: Security
    master: Key
    first_keys: tuple[Key, Key] | None = None
    dukpt: InitialKey | None = None
    """None where PINs are sealed under the PIN key that is exchanged."""


class PinPad:
    """The PIN pad of one terminal."""

    def __init__(
        self,
        injected: Injected,
        *,
        rng: Random,
        agenda: Agenda,
        scene: Scene,
        types_no_pin: Callable[[], bool] = lambda: False,
    ) -> None:
        self._types_no_pin = types_no_pin
        self._rules = injected.rules
        self._delivery = KeyDelivery(injected.rules)
        self._master = injected.master
        self._rng = rng
        self._agenda = agenda
        self._scene = scene
        self._ring: KeyRing = ()
        self._ready: dict[Key, MacKey] = {}
        self._dukpt = injected.dukpt
        self._number: SerialNumber | None = injected.dukpt.number if injected.dukpt is not None else None
        """That of the last DUKPT key that was used."""
        if injected.first_keys is not None:
            self._take(*injected.first_keys, 0.0)

    def load(self, line: str, keys: WrappedKeys, now: float) -> None:
        """Begin to unwrap new keys; KeysLoaded follows."""
        self._agenda.plan(now + LOAD_S, partial(self._loaded, line, keys))

    def _loaded(self, line: str, keys: WrappedKeys, now: float) -> None:
        because = ""
        try:
            self._take(*self._delivery.unwrap(self._master, keys), now)
        except RemoteError as error:
            because = str(error)
        self._scene.tell(
            KeysLoaded(accepted=not because, pin_check=keys.pin_check, mac_check=keys.mac_check, because=because)
        )
        self._scene.give(inputs.KeysLoaded(line, because))

    def _take(self, pin_key: Key, mac_key: Key, now: float) -> None:
        grace_s = self._rules.keys.life.grace_s
        self._ring = renewed(self._ring, KeyPair(pin_key, mac_key), now, grace_s=grace_s, most=GENERATIONS_MAX)
        self._ready = {
            pair.mac: self._ready.get(pair.mac) or MacKey(pair.mac, self._rules.mac.rule) for pair in self._ring
        }

    @property
    def has_used_dukpt(self) -> bool:
        """Whether a PIN was sealed under a DUKPT key, so that one could be used again."""
        return self._number is not None and self._number.counter > 0

    @property
    def is_used_up(self) -> bool:
        """Whether there is no DUKPT key left: then nobody may be asked for a PIN."""
        if self._number is None:
            return False
        try:
            self._number.next()
        except CounterExhausted:
            return True
        return False

    def take_pins(self, wanted: PinsWanted, now: float, sealed: PinsSealed) -> None:
        """As in EncryptingPinPad: at once, if there is a PIN at all. Raises LocalError if there is no key."""
        if self._types_no_pin():
            self._agenda.plan(now + INPUT_TIME_S, partial(sealed, SealedPins(because="the time for the PIN is over")))
        else:
            sealed(self.seal(wanted.pan, *wanted.pins, again=wanted.again), now)

    def seal(self, pan: str, *pins: str, again: bool = False) -> SealedPins:
        """The PIN blocks of what was typed for one message, all under one key.

        With DUKPT it is the next one, which is used up before anything of it comes out; `again` seals under the last
        one once more, as a copy of this PIN pad would. Raises LocalError if there is no key.
        """
        if self._dukpt is not None:
            key, serial = self._dukpt_key(self._dukpt.key, again)
        elif self._ring:
            key, serial = self._ring[0].pin, ""
        else:
            raise LocalError("the PIN pad has no PIN key yet; a terminal without keys must not ask for a PIN")
        style, rng = self._rules.pin_format, self._rng
        blocks = tuple(seal(pin, pan, key, style, rng.randbytes(FILLER_BYTES)) for pin in pins)
        return SealedPins(blocks=blocks, key_serial=serial)

    def _dukpt_key(self, initial: Key, again: bool) -> tuple[Key, str]:
        number = self._number
        assert number is not None, "it comes with the initial key"
        if not (again and self.has_used_dukpt):
            self._number = number = number.next()
        return pin_key(initial, number), number.text

    @property
    def has_keys(self) -> bool:
        """Whether there are working keys."""
        return bool(self._ring)

    def make_mac(self, text: bytes, now: float, made: MacMade) -> None:
        """As in EncryptingPinPad: at once."""
        made(self._ready[self._ring[0].mac].generate(text), "")

    def check_mac(self, text: bytes, mac: bytes, now: float, checked: MacChecked) -> None:
        """As in EncryptingPinPad: at once."""
        agrees = any(key.verify(text, mac) for key in self.mac_keys(now))
        checked("" if agrees else MAC_DISAGREES)

    def mac_keys(self, now: float) -> Sequence[MacKey]:
        """The keys that messages may be sealed with, the current one first; nothing before there are any."""
        return [self._ready[pair.mac] for pair in valid(self._ring, now)]

    def power_fail(self, now: float) -> None:
        """Keys and counters stay."""

    def power_on(self, now: float) -> None:
        """It is ready."""
