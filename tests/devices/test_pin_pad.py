"""The PIN pad: which keys it takes, how long the old ones count, and that nothing of them ever comes out."""

from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from atmbench.devices.outfit import Outfit
from atmbench.devices.pin_pad import LOAD_S, Injected, PinPad
from atmbench.errors import LocalError
from atmbench.facts import Fact, KeysLoaded
from atmbench.messages.dialect import load_dialect
from atmbench.messages.key_delivery import KeyDelivery
from atmbench.messages.records import WrappedKeys
from atmbench.messages.security_file import Security
from atmbench.security.key_ring import KeyLife
from atmbench.security.keys import Key
from atmbench.security.pin_block import PinError, unseal
from atmbench.terminal import inputs
from atmbench.terminal.effects import LoadKeys
from atmbench.terminal.inputs import Input
from tests.devices.play import SETTINGS
from tests.security.secrecy import leaks

MASTER, OTHER_MASTER = Key(bytes(range(16))), Key(bytes(range(100, 116)))
PIN, PAN = "1234", "9999990000000014"


def _rules() -> Security:
    rules = load_dialect("iso87-ascii").security
    assert rules is not None
    return replace(rules, keys=replace(rules.keys, life=KeyLife(grace_s=60)))


RULES = _rules()
DELIVERY = KeyDelivery(RULES)


class Pad:
    """A terminal's devices with a PIN pad, and a host that can wrap keys for it."""

    def __init__(self, first_keys: tuple[Key, Key] | None = None) -> None:
        self.devices = Outfit("T01", SETTINGS, "NGN", Random(1), injected=Injected(RULES, MASTER, first_keys))
        self.now = 0.0
        self.rng = Random(2)
        self.heard: list[Input] = []
        self.told: list[Fact] = []
        self.devices.power_on(0.0)

    @property
    def pad(self) -> PinPad:
        assert isinstance(self.devices.pin_pad, PinPad)
        return self.devices.pin_pad

    def load(self, keys: WrappedKeys, line: str = "primary") -> None:
        self.devices.perform(LoadKeys(line, keys), self.now)

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while self.devices.deadline is not None and self.devices.deadline <= until:
            self.now = self.devices.deadline
            given, told = self.devices.on_time(self.now)
            self.heard += given
            self.told += told
        self.now = until

    def changes(self, **damage: Any) -> tuple[Key, Key]:
        """New keys come, perhaps damaged, and are dealt with. Gives what the host meant."""
        pin_key, mac_key = DELIVERY.make(self.rng)
        self.load(replace(DELIVERY.wrap(MASTER, pin_key, mac_key, self.rng), **damage))
        self.wait(LOAD_S)
        return pin_key, mac_key

    def seals_under(self, key: Key) -> bool:
        try:
            return unseal(self.pad.seal(PAN, PIN).blocks[0], PAN, key) == PIN
        except PinError:
            return False

    def checks(self) -> list[str]:
        return [each.key.check_value for each in self.pad.mac_keys(self.now)]


def test_a_new_pin_pad_has_no_keys_and_seals_nothing() -> None:
    pad = Pad()
    assert pad.checks() == []
    with pytest.raises(LocalError, match="no PIN key yet"):
        pad.pad.seal(PAN, PIN)


def test_keys_from_a_secure_room_are_there_from_the_start() -> None:
    keys = DELIVERY.make(Random(9))
    pad = Pad(keys)
    assert pad.seals_under(keys[0])
    assert pad.checks() == [keys[1].check_value]


def test_keys_that_come_are_taken_after_a_while_and_told_by_their_check_values() -> None:
    pad = Pad()
    pin_key, mac_key = DELIVERY.make(pad.rng)
    pad.load(DELIVERY.wrap(MASTER, pin_key, mac_key, pad.rng))
    pad.wait(LOAD_S / 2)
    assert pad.checks() == []
    pad.wait(LOAD_S)
    assert pad.seals_under(pin_key)
    assert pad.heard == [inputs.KeysLoaded("primary")]
    assert pad.told == [KeysLoaded(accepted=True, pin_check=pin_key.check_value, mac_check=mac_key.check_value)]


@pytest.mark.parametrize("part", ["pin_key", "pin_check", "mac_key", "mac_check"])
def test_of_damaged_keys_neither_is_taken_and_those_before_stay_in_use(part: str) -> None:
    pad = Pad()
    pin_key, mac_key = pad.changes()
    pad.changes(**{part: "0" * (32 if part.endswith("key") else 6)})
    assert pad.seals_under(pin_key)
    assert pad.checks() == [mac_key.check_value]
    heard, told = pad.heard[-1], pad.told[-1]
    assert isinstance(heard, inputs.KeysLoaded)
    assert isinstance(told, KeysLoaded)
    assert (heard.because, told.accepted) == (told.because, False)
    assert "check value" in told.because


def test_keys_of_another_terminal_are_not_taken() -> None:
    pad = Pad()
    pad.load(DELIVERY.wrap(OTHER_MASTER, *DELIVERY.make(pad.rng), pad.rng))
    pad.wait(1)
    assert pad.checks() == []
    assert not isinstance(pad.told[-1], KeysLoaded) or not pad.told[-1].accepted


def test_the_old_mac_key_counts_for_its_grace_and_pins_are_sealed_under_the_new_key_only() -> None:
    pad = Pad()
    _, old_mac = pad.changes()
    pad.wait(100)
    new_pin, new_mac = pad.changes()
    assert pad.seals_under(new_pin)
    assert pad.checks() == [new_mac.check_value, old_mac.check_value]
    pad.wait(59.9)
    assert len(pad.checks()) == 2
    pad.wait(0.2)
    assert pad.checks() == [new_mac.check_value]


def test_the_same_keys_again_do_not_end_the_grace_of_those_before() -> None:
    pad = Pad()
    _, old_mac = pad.changes()
    keys = DELIVERY.wrap(MASTER, *DELIVERY.make(pad.rng), pad.rng)
    for _ in range(2):
        pad.load(keys)
        pad.wait(1)
    assert pad.checks() == [keys.mac_check, old_mac.check_value]


def test_power_that_fails_while_keys_are_loaded_leaves_those_before() -> None:
    pad = Pad()
    pin_key, mac_key = pad.changes()
    pad.load(DELIVERY.wrap(MASTER, *DELIVERY.make(pad.rng), pad.rng))
    pad.devices.power_fail(pad.now + LOAD_S / 2)
    pad.wait(10)
    pad.devices.power_on(pad.now)
    pad.wait(10)
    assert pad.seals_under(pin_key)
    assert pad.checks() == [mac_key.check_value]
    assert len(pad.heard) == 1


def test_a_terminal_without_a_pin_pad_loads_no_keys() -> None:
    devices = Outfit("T01", SETTINGS, "NGN", Random(1))
    devices.power_on(0.0)
    with pytest.raises(LocalError, match="LoadKeys"):
        devices.perform(LoadKeys("primary", WrappedKeys("", "", "", "")), 0.0)


def test_nothing_that_comes_out_shows_a_key_or_a_pin() -> None:
    pad = Pad()
    keys = pad.changes()
    pad.changes(pin_check="000000")
    shown = (pad.pad, vars(pad.pad), pad.pad.mac_keys(0), pad.heard, pad.told, Injected(RULES, MASTER))
    assert leaks(repr(shown), [*(key.reveal() for key in (*keys, MASTER)), PIN + "F"]) == []
