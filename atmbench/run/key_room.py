"""Keys that are put into both ends before a run, as in a secure room: given ones, or made from the seed.

A key that is given has one of these names: TMK (master key), TPK and TAK (PIN and MAC key at the start, where
none are exchanged), each for all terminals or, as TMK_T01, for one; PVK (PIN verification), IMK (chips), BDK (base
derivation key of DUKPT, from which each terminal gets its initial key). What is not given is a test key of the
emulated bank, the same for the same seed. No key leaves the machine.
"""

from collections.abc import Mapping
from random import Random

import msgspec

from atmbench.devices.holder import Holder
from atmbench.devices.pin_pad import Injected
from atmbench.drill.names import terminal_names
from atmbench.drill.places import everybody
from atmbench.drill.records import Drill
from atmbench.errors import LocalError
from atmbench.host.security_module import DukptBase, SecurityModule
from atmbench.host.settings import Card
from atmbench.messages.dialect import Dialect
from atmbench.messages.key_delivery import KeyDelivery
from atmbench.messages.records import SERVICES
from atmbench.messages.security_file import Security
from atmbench.security.dukpt_pin import ALGORITHM, SERIAL_NUMBER, DukptKind, InitialKey, initial_key
from atmbench.security.emv import CryptogramVersion
from atmbench.security.emv_card import ChipCard
from atmbench.security.emv_issuer import ChipIssuer
from atmbench.security.key_ring import KeyLife
from atmbench.security.keys import Algorithm, Key, random_key

CHIP_VERSION = CryptogramVersion.CVN18
"""Its answer does not bind the response code, which has two, three or four characters by dialect."""
DOUBLE_LENGTH = 16
KEY_SET = {DukptKind.TDES: 0xFFFF000001 << 19, DukptKind.AES: 0x00000001 << 32}
"""What key serial numbers begin with, before the number of the terminal: a key set of the bench's own."""


class GivenKeys(msgspec.Struct, frozen=True):
    """Keys by name, and the file they were read from (empty if they came otherwise)."""

    keys: Mapping[str, Key] = {}
    file: str = ""

    def check_values(self) -> dict[str, str]:
        """What of them may be told."""
        return {name: key.check_value for name, key in sorted(self.keys.items())}


class KeyRoom:
    """All keys of one run.

    Raises LocalError if the drill wants security that its dialect does not know, or for a given key of no use.
    """

    def __init__(self, drill: Drill, dialect: Dialect, seed: int, given: GivenKeys | None = None) -> None:
        if dialect.security is None:
            raise LocalError(f"the dialect {dialect.name} says nothing of PINs, MACs and keys (security:)")
        self._drill = drill
        self._seed = seed
        self._given = (given or GivenKeys()).keys
        _check_names(self._given, drill)
        self.dialect = dialect
        self.rules = _rules(dialect.security, drill)
        self._delivery = KeyDelivery(self.rules)
        self._exchanges = drill.security is not None
        with_chips = drill.security is not None and drill.security.chips
        self._issuer = ChipIssuer(self._key("IMK"), CHIP_VERSION) if with_chips else None
        self._dukpt = self._dukpt_base() if drill.security is not None and drill.security.dukpt else None

    @property
    def key_life(self) -> KeyLife | None:
        """When terminals ask for new keys; None if they never do."""
        return self.rules.keys.life if self._exchanges else None

    @property
    def seals(self) -> bool:
        """Whether messages carry a MAC."""
        return self._drill.security is not None and self._drill.security.mac

    def injected(self, terminal: str) -> Injected:
        """What is in the PIN pad of a terminal at the start."""
        return Injected(self.rules, self._master(terminal), self._first_keys(terminal), self._initial_key(terminal))

    def security_module(self) -> SecurityModule:
        """The host's side of it."""
        return SecurityModule(
            self._drill.host.sites,
            self.rules,
            master=self._master,
            rng=Random(f"{self._seed}/security-module"),
            terminals=frozenset(everybody(self._drill)),
            first_keys=None if self._exchanges else self._made,
            pin_key=self._key("PVK"),
            pin_check=self._drill.host.pin_check,
            issuer=self._issuer,
            dukpt=self._dukpt,
            service_codes={service: self.dialect.service_code(service) for service in sorted(SERVICES)},
        )

    def holders(self, cards: tuple[Card, ...]) -> Mapping[str, Holder]:
        """All customers by PAN: their PINs, and the chips in their cards."""
        return {card.pan: Holder(card.pin or "", self._chip(card)) for card in cards}

    def _chip(self, card: Card) -> ChipCard | None:
        return None if self._issuer is None else ChipCard(self._issuer.card_key(card.pan), CHIP_VERSION)

    def _first_keys(self, terminal: str) -> tuple[Key, Key] | None:
        return None if self._exchanges else self._made(terminal)

    def _made(self, terminal: str) -> tuple[Key, Key]:
        pin_key, mac_key = self._delivery.make(Random(f"{self._seed}/{terminal}/first-keys"))
        return self._of(terminal, "TPK") or pin_key, self._of(terminal, "TAK") or mac_key

    def _master(self, terminal: str) -> Key:
        return self._of(terminal, "TMK") or self._derived(f"{terminal}/TMK")

    def _initial_key(self, terminal: str) -> InitialKey | None:
        return None if self._dukpt is None else initial_key(self._dukpt.key, self._dukpt.number_of(terminal))

    def _dukpt_base(self) -> DukptBase:
        lacks, kind = self.dialect.lack_of_dukpt, self.rules.dukpt
        if lacks or kind is None:
            raise LocalError(f"the dialect {self.dialect.name} has no place for DUKPT; take {lacks}")
        names = everybody(self._drill)
        numbers = {name: SERIAL_NUMBER[kind](KEY_SET[kind] | at, 0) for at, name in enumerate(names, start=1)}
        base = self._given.get("BDK") or self._derived("BDK", ALGORITHM[kind])
        try:
            initial_key(base, numbers[names[0]])
        except LocalError as error:
            raise LocalError(
                f"the key BDK does not fit the dialect {self.dialect.name} (dukpt: {kind}): {error}"
            ) from None
        return DukptBase(base, numbers.__getitem__)

    def _of(self, terminal: str, name: str) -> Key | None:
        return self._given.get(f"{name}_{terminal}") or self._given.get(name)

    def _key(self, name: str) -> Key:
        return self._given.get(name) or self._derived(name)

    def _derived(self, name: str, algorithm: Algorithm = Algorithm.TDES) -> Key:
        return random_key(Random(f"{self._seed}/keys/{name}"), DOUBLE_LENGTH, algorithm)


def _check_names(given: Mapping[str, Key], drill: Drill) -> None:
    of_terminals = ("TMK", "TPK", "TAK")
    known = {*of_terminals, "PVK", "IMK", "BDK"}
    known |= {f"{name}_{terminal}" for name in of_terminals for terminal in everybody(drill)}
    for name in given:
        if name not in known:
            raise LocalError(
                f"the key {name} was given and is of no use; a drill knows {', '.join(of_terminals)} (of all "
                f"terminals, or of one as in TMK_{terminal_names(drill.terminals)[0]}), PVK, IMK and BDK"
            )


def needs_keys(drill: Drill) -> bool:
    """Whether a drill uses PINs, MACs or chips at all."""
    return drill.security is not None or drill.cards.pins


def _rules(rules: Security, drill: Drill) -> Security:
    """The dialect's rules, with the life of keys that the drill wants."""
    if drill.security is None or drill.security.key_life is None:
        return rules
    life = drill.security.key_life
    return msgspec.structs.replace(rules, keys=msgspec.structs.replace(rules.keys, life=life))
