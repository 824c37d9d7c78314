"""The PIN pad of a terminal by a driver and a stub, joined: what is asked is called back once, or not at all."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from atmbench.devices.pin_pad import Injected
from atmbench.devices.pin_results import PinsWanted, SealedPins
from atmbench.devices.roles import MAC_DISAGREES
from atmbench.devices.szzt_role import SET_UP_AGAIN_S, SzztRole
from atmbench.errors import LocalError
from atmbench.security.dukpt_pin import initial_key
from atmbench.security.dukpt_tdes import TdesSerialNumber
from atmbench.security.keys import Key
from atmbench.security.mac import MacKey
from atmbench.security.pin_block import unseal
from atmbench.terminal.inputs import KeysLoaded, KeysLost
from firmware_stubs.pin_pad.settings import Settings
from firmware_stubs.pin_pad.stub import PinPad
from tests.devices.szzt_wiring import MASTER, PAN, RULES, Keys, keys_of
from tests.devices.wiring import Joined
from tests.security.secrecy import leaks

TEXT = b"0200" + bytes(range(100))
FIRST, _ = keys_of(9)
BAD_MAC = bytes(8)


class Booth(Joined):
    """A terminal's PIN pad. What was called back is in `pins`, `macs` and `checked`."""

    def __init__(self, first_keys: Keys | None = FIRST, *, types_after_s: float | None = 0.5, **stub: Any) -> None:
        core = PinPad(Settings(answer_s=0.05, **stub))
        core.on_order({"do": "power_off"}, 0.0)
        super().__init__(core)
        self.types_after_s = types_after_s
        self.role = SzztRole(
            Injected(RULES, MASTER, first_keys),
            port=self.wire,
            machine=self.wire,
            agenda=self.agenda,
            scene=self.scene,
            types_after_s=lambda: self.types_after_s,
        )
        self.wire.driver = self.role.driver
        self.pins: list[SealedPins] = []
        self.macs: list[tuple[bytes, str]] = []
        self.checked: list[str] = []

    def power_on(self) -> "Booth":
        self.scene.has_power = True
        self.role.power_on(self.now)
        return self.waits(10)

    def power_fail(self) -> None:
        self.scene.has_power = False
        self.agenda.drop_electronics()
        self.role.power_fail(self.now)
        self.scene.take_calls()
        self.settle()

    def waits(self, seconds: float) -> "Booth":
        """Calls come when the devices' turn is over, as a terminal's driver makes them."""
        for _ in range(round(seconds * 20)):
            self.wait(0.05)
            for call in self.scene.take_calls():
                call()
        return self

    def take(self, *pins: str, wait_s: float = 45) -> list[SealedPins]:
        self.role.take_pins(PinsWanted(pan=PAN, pins=pins), self.now, lambda sealed, now: self.pins.append(sealed))
        self.waits(wait_s)
        return self.pins

    def make(self, text: bytes = TEXT, wait_s: float = 30) -> list[tuple[bytes, str]]:
        self.role.make_mac(text, self.now, lambda mac, because: self.macs.append((mac, because)))
        self.waits(wait_s)
        return self.macs

    def check(self, mac: bytes, text: bytes = TEXT, wait_s: float = 30) -> list[str]:
        self.role.check_mac(text, mac, self.now, self.checked.append)
        self.waits(wait_s)
        return self.checked

    def load(self, number: int) -> Keys:
        keys, wrapped = keys_of(number)
        self.role.load("primary", wrapped, self.now)
        self.waits(20)
        return keys

    def order(self, do: str, **rest: Any) -> None:
        self.wire.order(do, **rest)
        self.settle()
        assert self.wire.refused == []


def mac_under(keys: Keys, text: bytes = TEXT) -> bytes:
    return MacKey(keys[1], RULES.mac.rule).generate(text)


def opened(sealed: SealedPins, key: Key = FIRST[0]) -> list[str]:
    return [unseal(block, PAN, key) for block in sealed.blocks]


# --- PINs -----------------------------------------------------------------------------------------


def test_a_customer_types_a_pin_and_its_block_is_called_back() -> None:
    [sealed] = Booth().power_on().take("4271")
    assert opened(sealed) == ["4271"]
    assert (sealed.because, sealed.key_serial) == ("", "")


def test_both_pins_of_a_change_are_typed_one_after_the_other() -> None:
    [sealed] = Booth().power_on().take("4271", "99998888")
    assert opened(sealed) == ["4271", "99998888"]


def test_a_customer_who_types_nothing_is_told_of_when_the_time_is_over() -> None:
    booth = Booth(types_after_s=None).power_on()
    assert booth.take("4271", wait_s=25) == []
    [sealed] = booth.waits(15).pins
    assert (sealed.blocks, "time" in sealed.because) == ((), True)


def test_a_customer_who_presses_cancel_has_no_block() -> None:
    booth = Booth(types_after_s=None).power_on()
    booth.take("4271", wait_s=2)
    booth.order("press", keys=["4", "2", "cancel"])
    [sealed] = booth.waits(5).pins
    assert sealed == SealedPins(because="the customer pressed cancel")


def test_one_who_cancels_at_the_new_pin_has_none_either() -> None:
    booth = Booth().power_on()
    booth.take("4271", "5555", wait_s=2.3)
    booth.types_after_s = None
    booth.order("press", keys=["cancel"])
    sealed = booth.waits(45).pins
    assert [each.blocks for each in sealed] == [()]


def test_a_pad_that_was_pulled_out_is_told_of_as_it_happens() -> None:
    booth = Booth(types_after_s=None).power_on()
    booth.take("4271", wait_s=3)
    booth.order("unplug")
    [sealed] = booth.waits(1).pins
    assert "not plugged in" in sealed.because
    booth.order("plug")
    booth.types_after_s = 0.5
    assert opened(booth.waits(5).take("4271")[-1]) == ["4271"]


def test_keys_that_are_gone_are_told_of_and_asked_for() -> None:
    booth = Booth().power_on()
    booth.order("refuse", command="7", rtn="E4")
    [sealed] = booth.take("4271")
    assert "no key of that number" in sealed.because
    assert [each for each in booth.heard() if isinstance(each, KeysLost)] == [KeysLost(sealed.because)]
    assert not booth.role.has_keys
    keys = booth.load(1)
    assert KeysLoaded("primary") in booth.heard()
    assert opened(booth.take("4271")[-1], keys[0]) == ["4271"]


# --- MACs -----------------------------------------------------------------------------------------


def test_macs_are_made_in_the_order_they_were_asked_for() -> None:
    booth = Booth().power_on()
    texts = [TEXT, b"", bytes(700)]
    for text in texts:
        booth.make(text, wait_s=0)
    assert booth.macs == []
    assert booth.waits(30).macs == [(mac_under(FIRST, text), "") for text in texts]


def test_a_mac_is_taken_under_the_key_in_use_and_for_a_grace_under_the_one_before() -> None:
    booth = Booth().power_on()
    assert booth.check(mac_under(FIRST)) == [""]
    new = booth.load(1)
    assert booth.check(mac_under(new))[1:] == [""]
    assert booth.check(mac_under(FIRST))[2:] == [""]
    assert booth.waits(60).check(mac_under(FIRST))[3:] == [MAC_DISAGREES]


@pytest.mark.parametrize("mac", [BAD_MAC, b"", mac_under(FIRST)[:7], mac_under(FIRST) + b"\0"])
def test_any_other_mac_is_not(mac: bytes) -> None:
    booth = Booth().power_on()
    booth.load(1)
    assert booth.check(mac) == [MAC_DISAGREES]


def test_a_pad_that_cannot_be_asked_agrees_with_nothing() -> None:
    booth = Booth().power_on()
    booth.order("unplug")
    for mac in (mac_under(FIRST), b""):
        booth.check(mac, wait_s=1)
    assert len(booth.checked) == 2
    assert all("PIN pad" in because for because in booth.checked)
    [(mac, because)] = booth.make(wait_s=1)
    assert (mac, "PIN pad" in because) == (b"", True)


# --- set-up and power -----------------------------------------------------------------------------


def test_it_is_set_up_once_and_keeps_its_keys_when_power_fails() -> None:
    booth = Booth().power_on()
    keys = booth.load(1)
    booth.power_fail()
    booth.waits(3).power_on()
    assert booth.make() == [(mac_under(keys), "")]


def test_a_set_up_that_came_to_nothing_is_done_again() -> None:
    booth = Booth()
    booth.order("unplug")
    booth.power_on()
    assert not booth.role.has_keys
    booth.order("plug")
    booth.waits(SET_UP_AGAIN_S + 10)
    assert booth.make() == [(mac_under(FIRST), "")]


def test_nobody_is_called_after_power_failed() -> None:
    booth = Booth().power_on()
    booth.take("4271", wait_s=1)
    booth.make(wait_s=0.1)
    booth.check(BAD_MAC, wait_s=0.1)
    booth.power_fail()
    booth.waits(3).power_on().waits(60)
    assert (booth.pins, booth.macs, booth.checked) == ([], [], [])
    assert opened(booth.take("4271")[-1]) == ["4271"]


@given(fails_after_s=st.floats(0, 12), stage=st.sampled_from(["answer_lost", "answer_damaged", "no_ack"]))
def test_what_is_called_back_is_true_whenever_power_fails_and_whatever_gets_lost(
    fails_after_s: float, stage: str
) -> None:
    booth = Booth().power_on()
    booth.order("link_fault", at=stage, times=2)
    booth.take("4271", wait_s=0)
    booth.make(wait_s=0)
    booth.check(mac_under(FIRST), wait_s=0)
    booth.waits(fails_after_s)
    booth.power_fail()
    booth.waits(1).power_on()
    assert all(sealed.because or opened(sealed) == ["4271"] for sealed in booth.pins)
    assert all(because or mac == mac_under(FIRST) for mac, because in booth.macs)
    assert set(booth.checked) <= {""}
    assert max(len(booth.pins), len(booth.macs), len(booth.checked)) <= 1
    assert (booth.make()[-1], booth.check(BAD_MAC)[-1]) == ((mac_under(FIRST), ""), MAC_DISAGREES)


# --- what it cannot do ----------------------------------------------------------------------------


def _refused(change: Callable[[Injected], Injected]) -> str:
    booth = Booth()
    with pytest.raises(LocalError) as caught:
        SzztRole(
            change(Injected(RULES, MASTER)),
            port=booth.wire,
            machine=None,
            agenda=booth.agenda,
            scene=booth.scene,
            types_after_s=lambda: None,
        )
    return str(caught.value)


def test_rules_that_a_zt598_cannot_keep_are_refused_with_a_way_out() -> None:
    dukpt = initial_key(Key(bytes(range(16))), TdesSerialNumber.parse("FFFF9876543210E00000"))
    says = [
        _refused(lambda injected: replace(injected, dukpt=dukpt)),
        _refused(lambda injected: replace(injected, rules=replace(RULES, keys=replace(RULES.keys, form="tr31")))),
    ]
    assert all("ZT598" in each and "modelled" in each for each in says)


# --- secrets --------------------------------------------------------------------------------------


def test_nothing_of_it_shows_a_pin_or_a_key() -> None:
    booth = Booth().power_on()
    booth.take("427193", wait_s=1.5)
    shown = f"{vars(booth.role)!r} {booth.wire.happened!r} {booth.facts!r}"
    assert "427193" not in shown
    assert leaks(shown, [MASTER.reveal(), *(key.reveal() for key in FIRST)]) == []
