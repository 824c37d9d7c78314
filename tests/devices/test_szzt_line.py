"""The line to a PIN pad, as its driver keeps it: starting, silence, damage, and what comes late."""

import pytest

from atmbench.devices.pin_results import EntryBegan, EntryEnded, MacMade
from atmbench.devices.states import DeviceState
from atmbench.facts import DeviceFailed, DeviceStateChanged
from tests.devices.szzt_wiring import PAN, TABLE, Desk
from tests.firmware_stubs.pin_pad_play import framed

BLOCK = "0123456789ABCDEF"


# --- starting -------------------------------------------------------------------------------------


def test_a_pad_is_looked_at_before_anything_is_asked_of_it() -> None:
    desk = Desk()
    desk.power_on().pad.begin_entry(PAN, 0.0)
    assert desk.wire.ordered == ["power_on"]
    assert desk.state() is DeviceState.STARTING
    desk.expect("I", "0" * 22).expect("N0", "000").expect("4" + TABLE, "").expect("521E", "").wait()
    assert desk.state() is DeviceState.ONLINE
    assert desk.facts[:2] == [
        DeviceStateChanged(device="pin_pad", state="starting"),
        DeviceStateChanged(device="pin_pad", state="online"),
    ]
    ended = desk.results[0]
    assert isinstance(ended, EntryEnded)
    assert "must not ask for a PIN" in ended.because, "there is no key yet"


def test_a_pad_that_stays_silent_is_offline_and_asked_until_it_is_back() -> None:
    desk = Desk().power_on()
    desk.pad.begin_entry(PAN, 0.0)
    desk.wait(7.9)
    assert (desk.state(), desk.results) == (DeviceState.STARTING, [])
    desk.wait(3)
    assert desk.state() is DeviceState.OFFLINE
    assert isinstance(desk.results[0], EntryEnded)
    assert desk.results[0].error == "deviceNotReady"
    said = desk.said()
    assert said == framed("I") * (len(said) // len(framed("I")))
    desk.wait(2)
    desk.said()
    while not desk.said():
        desk.wait(0.1)
    desk.hear(framed(b"\x60" + b"0" * 22)).expect("N0", "000").expect("4" + TABLE, "").expect("521E", "")
    assert desk.state() is DeviceState.ONLINE


@pytest.mark.parametrize("rtn", [b"\xdd", b"\xff"])
def test_a_pad_that_was_attacked_says_so_and_is_asked_again(rtn: bytes) -> None:
    desk = Desk().ready().with_keys()
    assert desk.pad.mac(b"text", desk.now) == 1
    desk.expect(":A0" + "88" * 16, rtn)
    assert desk.state() is DeviceState.FRAUD_ATTEMPT
    made = desk.results[-1]
    assert isinstance(made, MacMade)
    assert (made.number, made.mac, made.error) == (1, b"", "fraudAttempt")
    assert desk.pad.mac(b"text", desk.now) == 2
    assert desk.results[-1] is made, "whoever asks is answered later"
    desk.wait()
    assert desk.results[-1] == MacMade(number=2, error="deviceNotReady", because="the PIN pad is fraudAttempt")
    desk.wait(1).expect("I", "0" * 22).expect("N0", "001").expect("4" + TABLE, "").expect("521E", "")
    desk.expect(":A0" + "88" * 16, "0" * 32).expect(":32" + "0" * 32, b"\xe4")
    assert desk.state() is DeviceState.ONLINE
    assert not desk.pad.has_keys
    failed = [each.error for each in desk.facts if isinstance(each, DeviceFailed)]
    assert failed == ["fraudAttempt", "keyNotFound", "fraudAttempt"]


# --- the line -------------------------------------------------------------------------------------


def test_a_command_is_sent_five_times_a_second_apart() -> None:
    desk = Desk().ready().with_keys()
    desk.pad.cancel_entry(desk.now)
    desk.wait()
    for _ in range(4):
        assert desk.said() == framed("5032")
        desk.wait(0.9)
        assert desk.said() == b""
        desk.wait(0.1)
    assert desk.said() == framed("5032")
    desk.wait(1)
    assert desk.state() is DeviceState.OFFLINE


@pytest.mark.parametrize(
    "damaged",
    [b"\x02001\x60\x0353", b"\x02001\x60\x0452", b"\x02x01\x60\x0352", b"\x020000000\x0333", b"\x02000x001\x60\x0352"],
)
def test_a_damaged_answer_is_asked_for_again_and_its_rest_is_no_key(damaged: bytes) -> None:
    desk = Desk().ready().with_keys().typing()
    desk.pad.cancel_entry(desk.now)
    desk.wait()
    desk.said()
    desk.hear(damaged)
    assert desk.said() == framed("5032")
    desk.hear(b"\r\x1b\r" + framed(b"\x60"))
    assert desk.results == [EntryBegan(), EntryEnded(error="cancel", because="the entry was cancelled")]


def test_an_answer_in_pieces_between_keys_is_one_answer() -> None:
    desk = Desk().ready().with_keys()
    desk.pad.begin_entry(PAN, desk.now)
    desk.wait()
    desk.said()
    for byte in b"AB" + framed(b"\x60") + b"C":
        desk.hear(bytes([byte]))
    assert desk.said() == framed("5512")


def test_a_long_answer_has_four_more_digits() -> None:
    desk = Desk().power_on()
    desk.wait()
    counted = b"0001000" + b"\x60" + b"x" * 999 + b"\x03"
    check = 0
    for byte in counted:
        check ^= byte
    desk.hear(b"\x02" + counted + b"%02X" % check)
    assert desk.said() == framed("I"), "too long for an answer to I: dropped, and no damage"
    desk.hear(framed(b"\x60" + b"0" * 22))
    assert desk.said() == framed("N0")


def test_an_answer_that_comes_late_is_not_taken_for_the_next() -> None:
    desk = Desk().ready().with_keys().typing()
    desk.hear(b"****\r").wait()
    desk.said()
    desk.wait(1)
    assert desk.said() == b"", "after silence it waits for what may still come"
    desk.hear(framed(b"\x60" + b"F" * 32)).wait(1)
    assert desk.said() == framed(":A0" + "88" * 16)
    desk.hear(framed(b"\x60" + b"A" * 20))
    assert desk.said() == b"", "that was no random number"
    desk.hear(framed(b"\x60" + b"0" * 32))
    assert desk.said() == framed(":32" + "0" * 32)


def test_noise_without_end_is_bounded() -> None:
    desk = Desk().ready().with_keys()
    for _ in range(30):
        desk.hear(b"\x020009999" + b"x" * 1000)
    assert len(desk.pad._unit.line._heard) <= 12_000
