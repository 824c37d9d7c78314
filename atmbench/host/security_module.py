"""The host's security module (HSM): keys of terminals, PINs and chip cryptograms, for all sites.

Working keys are shared by the sites as long as they talk; a site that holds old keys is a fault of its
own (iso8583 facts 7.2, F18). Nothing here decides about money, and no key, PIN or clear block leaves it:
what comes out is wrapped keys, MAC keys that show only a check value, and answers to yes-or-no questions.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from random import Random

import msgspec

from atmbench.errors import LocalError
from atmbench.host.settings import PinCheck
from atmbench.messages.key_delivery import KeyDelivery
from atmbench.messages.records import Purpose, WrappedKeys
from atmbench.messages.security_file import Security
from atmbench.security.dukpt import DukptError, SerialNumber
from atmbench.security.dukpt_pin import initial_key
from atmbench.security.dukpt_pin import pin_key as dukpt_pin_key
from atmbench.security.emv_issuer import CheckedRequest, ChipIssuer, ChipRequest
from atmbench.security.key_ring import KeyPair, KeyRing, renewed, valid
from atmbench.security.keys import Key, random_key
from atmbench.security.mac import MacKey
from atmbench.security.pin_block import PinError, unseal
from atmbench.security.pin_check import Ibm3624, pvv, verify_pvv

MAC_KEYS_KEPT_MAX = 40_000
"""Keys made ready for MACs: those in use and those in their grace, for each terminal of the largest fleet."""
ANSWERS_KEPT_MAX = 4
"""Last key exchanges of a terminal whose repeat brings the same keys, and changes nothing, even if it is an old one."""
GENERATIONS_MAX = 5
"""Pairs of keys that are remembered of a terminal, whether or not their grace is over.

Not only the pair before counts for its grace: if the answer to an exchange was lost, the terminal still works with
older keys and has asked again, and keys that it never got must not cut short those that it uses.
"""
OLD_MASTER_BYTES = 16
"""Length of a master key that a site holds and no terminal has any more: TDES and AES both know it."""
PVV_DIGITS = 4
"""A PVV knows no other PINs (iso8583 facts 4.3)."""


class DukptBase(msgspec.Struct, frozen=True):
    """The key that all initial keys come from, and which device stands in which terminal."""

    key: Key
    number_of: Callable[[str], SerialNumber]
    """The serial number that a terminal began with."""


class SecurityModule:
    """Keys and secrets of the host.

    `master` gives the master key of a terminal. `first_keys` gives the PIN key and the MAC key that were put into a
    terminal and here before the run; without it terminals must ask for keys. `pin_key` derives PIN references, and
    `issuer` checks chips; None where no card has a PIN or a chip. `service_codes` are those of the dialect (DE3).
    `terminals` are those of the bank, the only ones that get keys; None takes every name. With `dukpt` PINs are sealed
    under its keys, and never under a PIN key that was exchanged.
    """

    def __init__(
        self,
        sites: Sequence[str],
        rules: Security,
        *,
        master: Callable[[str], Key],
        rng: Random,
        terminals: Collection[str] | None = None,
        first_keys: Callable[[str], tuple[Key, Key]] | None = None,
        pin_key: Key | None = None,
        pin_check: PinCheck = PinCheck.OFFSET,
        issuer: ChipIssuer | None = None,
        dukpt: DukptBase | None = None,
        service_codes: Mapping[Purpose, str] | None = None,
    ) -> None:
        self._rules = rules
        self._delivery = KeyDelivery(rules)
        self._master = master
        self._terminals = terminals
        self._first_keys = first_keys
        self._rng = rng
        self._held: dict[str, dict[str, KeyRing]] = {site: {} for site in sites}
        self._newest: dict[str, KeyRing] = {}
        """What terminals were given last, by whichever site."""
        self._old: set[str] = set()
        self._old_masters: set[str] = set()
        self._delivered: dict[str, dict[int, WrappedKeys]] = {}
        """By terminal and STAN, the oldest first."""
        self._mac_keys: dict[Key, MacKey] = {}
        self._pin_key = pin_key
        self._is_pvv = pin_check is PinCheck.PVV
        self._natural = Ibm3624()
        self._issuer = issuer
        self._dukpt = dukpt
        self._service_codes = service_codes or {}

    # --- working keys -----------------------------------------------------------------------------

    def knows(self, terminal: str) -> bool:
        """Whether this is a terminal of the bank."""
        return self._terminals is None or terminal in self._terminals

    def given_before(self, terminal: str, stan: int) -> WrappedKeys | None:
        """What an exchange of this terminal was answered with, if this is its repeat."""
        return self._delivered.get(terminal, {}).get(stan)

    def exchange(self, site: str, terminal: str, stan: int, now: float) -> WrappedKeys:
        """New working keys for a terminal, known to this site and all others that do not hold old ones."""
        pin_key, mac_key = self._delivery.make(self._rng)
        before = self._newest.get(terminal) or self._of(site, terminal)
        self._newest[terminal] = newest = self._renewed(before, KeyPair(pin_key, mac_key), now)
        for name, held in self._held.items():
            if name not in self._old:
                held[terminal] = newest
            elif name == site:
                held[terminal] = self._renewed(held.get(terminal, ()), newest[0], now)
        master = self._master(terminal)
        if site in self._old_masters:
            master = random_key(self._rng, OLD_MASTER_BYTES, master.algorithm)
        keys = self._delivery.wrap(master, pin_key, mac_key, self._rng)
        answers = self._delivered.setdefault(terminal, {})
        answers[stan] = keys
        if len(answers) > ANSWERS_KEPT_MAX:
            del answers[next(iter(answers))]
        return keys

    def hold_old_keys(self, site: str, *, with_master: bool = False) -> None:
        """From now on this site has the keys of before, and does not hear of new ones that others give out.

        `with_master`: the terminals' master keys, too. What it gives out then no PIN pad can open.
        """
        if with_master:
            self._old_masters.add(site)
        held = self._held[site]
        for terminal in held:
            newest = self._newest.get(terminal, ())
            pin_key, mac_key = (newest[1].pin, newest[1].mac) if len(newest) > 1 else self._delivery.make(self._rng)
            held[terminal] = (KeyPair(pin_key, mac_key),)
        self._old.add(site)

    def share_keys(self, site: str) -> None:
        """Bring the site level: it knows every newest key again and hears of new ones."""
        self._old_masters.discard(site)
        if site in self._old:
            self._held[site].update(self._newest)
            self._old.remove(site)

    def mac_keys(self, site: str, terminal: str, now: float) -> tuple[MacKey, ...]:
        """The keys that a message of this terminal may be sealed with, the current one first."""
        return tuple(self._mac_key(pair.mac) for pair in valid(self._of(site, terminal), now))

    def _of(self, site: str, terminal: str) -> KeyRing:
        """What a site holds for a terminal; nothing before it has asked for keys."""
        held = self._held[site]
        known = held.get(terminal, ())
        if not known and self._first_keys is not None and self.knows(terminal):
            known = held[terminal] = (KeyPair(*self._first_keys(terminal)),)
        return known

    def _renewed(self, known: KeyRing, new: KeyPair, now: float) -> KeyRing:
        return renewed(known, new, now, grace_s=self._rules.keys.life.grace_s, most=GENERATIONS_MAX)

    def _mac_key(self, key: Key) -> MacKey:
        ready = self._mac_keys.get(key)
        if ready is None:
            if len(self._mac_keys) >= MAC_KEYS_KEPT_MAX:
                del self._mac_keys[next(iter(self._mac_keys))]
            ready = self._mac_keys[key] = MacKey(key, self._rules.mac.rule)
        return ready

    # --- PINs -------------------------------------------------------------------------------------

    @property
    def uses_dukpt(self) -> bool:
        """Whether each PIN has a key of its own."""
        return self._dukpt is not None

    def dukpt_number(self, terminal: str, text: str, last: int) -> SerialNumber:
        """The serial number of the key that a terminal sealed a PIN under; `last` is the highest counter seen of it.

        Raises DukptError for text that is none, that of another terminal's device, and a counter not above the last.
        """
        assert self._dukpt is not None, "asked only where it is used"
        if not self.knows(terminal):
            raise DukptError("the terminal is none of the bank's, and has no key serial number")
        device = self._dukpt.number_of(terminal)
        number = device.parse(text)
        number.check_newer(msgspec.structs.replace(device, counter=last))
        return number

    def open_pin(
        self, site: str, terminal: str, block: str, pan: str, now: float, number: SerialNumber | None = None
    ) -> str:
        """The PIN of a sealed block, under the DUKPT key of a serial number if there is one.

        Raises PinError if no key of this terminal opens it.
        """
        if number is not None:
            assert self._dukpt is not None, "only it has serial numbers"
            key = dukpt_pin_key(initial_key(self._dukpt.key, number).key, number)
            return unseal(block, pan, key, self._rules.pin_format)
        pairs = valid(self._of(site, terminal), now)
        if not pairs:
            raise PinError("the PIN block cannot be opened: this terminal has not asked for keys yet", field="52")
        *others, last = pairs
        for pair in others:
            try:
                return unseal(block, pan, pair.pin, self._rules.pin_format)
            except PinError:
                continue
        return unseal(block, pan, last.pin, self._rules.pin_format)

    def reference(self, pan: str, pin: str) -> str:
        """What is stored of a PIN: an IBM 3624 offset or a Visa PVV."""
        key = self._need_pin_key()
        return pvv(key, pan, pin) if self._is_pvv else self._natural.offset(key, pan, pin)

    def takes(self, pin: str) -> bool:
        """Whether this bank can keep what it needs of such a PIN."""
        return not self._is_pvv or len(pin) == PVV_DIGITS

    def is_pin(self, pan: str, pin: str, reference: str) -> bool:
        """Whether this is the PIN of a stored reference."""
        key = self._need_pin_key()
        if self._is_pvv:
            return len(pin) == PVV_DIGITS and verify_pvv(key, pan, pin, reference)
        return len(pin) == len(reference) and self._natural.verify(key, pan, pin, reference)

    def _need_pin_key(self) -> Key:
        if self._pin_key is None:
            raise LocalError("a card has a PIN, and the host's security module was given no key to verify PINs")
        return self._pin_key

    # --- chips ------------------------------------------------------------------------------------

    @property
    def checks_chips(self) -> bool:
        """Whether cards of this host have chips."""
        return self._issuer is not None

    def service_code(self, service: Purpose) -> str:
        """The first two digits of the processing code of a service, which the chip has signed."""
        return self._service_codes.get(service, "")

    def check_chip(self, request: ChipRequest, last_atc: int) -> CheckedRequest:
        """Accept the cryptogram of a request. Raises security.emv_issuer.ChipError."""
        assert self._issuer is not None, "asked only where cards have chips"
        return self._issuer.check(request, last_atc)

    def answer_chip(self, checked: CheckedRequest) -> bytes:
        """Issuer authentication data (tag 91) for an accepted cryptogram."""
        assert self._issuer is not None, "asked only where cards have chips"
        return self._issuer.answer(checked, "00")
