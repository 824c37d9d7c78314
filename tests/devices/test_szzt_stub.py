"""The driver of the PIN pad and the stub of one, joined: keys, PINs and MACs as a host checks them, in all weathers."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.devices.pin_results import EntryEnded
from atmbench.devices.states import DeviceState
from atmbench.devices.szzt_pin_pad import SzztSettings
from atmbench.facts import DeviceFailed, DeviceStateChanged, KeysLoaded
from atmbench.security.keys import Key
from atmbench.security.mac import MacKey
from atmbench.security.pin_block import PinError, unseal
from atmbench.terminal import inputs
from tests.devices.szzt_wiring import MASTER, PAN, PIN, RULES, Bench, keys_of
from tests.security.secrecy import leaks

TEXT = b"0200" + bytes(range(200))
STAGES = ("no_ack", "answer_lost", "answer_damaged", "answer_late")


def mac_under(key: Key, text: bytes = TEXT) -> bytes:
    return MacKey(key, RULES.mac.rule).generate(text)


def opens(ended: EntryEnded, key: Key) -> bool:
    """Whether a block is the customer's PIN under this key."""
    try:
        return unseal(ended.block, PAN, key) == PIN
    except PinError:
        return False


def states(bench: Bench) -> list[str]:
    return [each.state for each in bench.told() if isinstance(each, DeviceStateChanged)]


# --- all well -------------------------------------------------------------------------------------


def test_keys_a_pin_and_macs_from_a_blank_pad_to_the_host() -> None:
    bench = Bench().set_up()
    pin_key, mac_key = bench.load(1)
    assert bench.heard() == [inputs.KeysLoaded("primary")]
    ended = bench.types()
    assert (opens(ended, pin_key), ended.digits) == (True, len(PIN))
    assert bench.mac(TEXT).mac == mac_under(mac_key)
    for size in (0, 1, 8, 9, 512, 513, 1100):
        assert bench.mac(bytes(size)).mac == mac_under(mac_key, bytes(size))


def test_first_keys_may_come_from_the_secure_room() -> None:
    keys, _ = keys_of(9)
    bench = Bench().set_up(first_keys=keys)
    assert opens(bench.types(), keys[0])
    assert bench.mac(TEXT).mac == mac_under(keys[1])


def test_the_old_mac_key_counts_for_its_grace_and_pins_go_under_the_new_one() -> None:
    bench = Bench().set_up()
    old, new = bench.load(1), bench.load(2)
    assert bench.mac(TEXT, before=True).mac == mac_under(old[1])
    assert bench.mac(TEXT).mac == mac_under(new[1])
    assert opens(bench.types(), new[0])
    bench.wait(60)
    assert bench.mac(TEXT, before=True).error == "keyNotFound"


def test_damaged_keys_leave_those_before_at_work() -> None:
    bench = Bench().set_up()
    pin_key, mac_key = bench.load(1)
    _, wrapped = keys_of(2)
    for part in ("pin_key", "pin_check", "mac_key", "mac_check"):
        damaged = {part: ("0" * 32) if part.endswith("key") else "000000"}
        bench.forget().pad.load("backup", type(wrapped)(**{**fields(wrapped), **damaged}), bench.now)
        bench.wait(30)
        told = [each for each in bench.told() if isinstance(each, KeysLoaded)]
        assert [(each.accepted, "check value" in each.because) for each in told] == [(False, True)]
        assert opens(bench.types(), pin_key)
        assert bench.mac(TEXT).mac == mac_under(mac_key)


def fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


def test_orders_wait_for_each_other() -> None:
    bench = Bench().set_up()
    _, mac_key = bench.load(1)
    bench.pad.begin_entry(PAN, bench.now)
    numbers = [bench.pad.mac(TEXT + bytes([each]), bench.now) for each in range(5)]
    bench.wait(60)
    macs = {getattr(each, "number", 0): getattr(each, "mac", b"") for each in bench.results}
    assert [macs[number] for number in numbers] == [mac_under(mac_key, TEXT + bytes([each])) for each in range(5)]
    assert any(isinstance(each, EntryEnded) and each.block for each in bench.results)


def test_more_orders_than_have_room_are_refused() -> None:
    bench = Bench().set_up()
    bench.load(1)
    for _ in range(60):
        bench.pad.mac(TEXT, bench.now)
    bench.wait(200)
    errors = [getattr(each, "error", "") for each in bench.results]
    assert (errors.count(""), errors.count("deviceNotReady")) == (50, 10)


# --- customers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "error"),
    [(["1", "2", "cancel"], "cancel"), (["1", "2", "3", "enter"], "entryTimeout"), (["1"], "entryTimeout")],
)
def test_a_customer_who_types_no_pin_gives_no_block(keys: list[str], error: str) -> None:
    bench = Bench().set_up()
    bench.load(1)
    bench.typist = partial(bench.wire.order, "press", keys=keys, after_s=1.0)
    ended = bench.types()
    assert (ended.error, ended.block) == (error, "")


def test_an_entry_that_is_cancelled_elsewhere_is_over() -> None:
    bench = Bench().set_up()
    pin_key, _ = bench.load(1)
    typist, bench.typist = bench.typist, None
    bench.pad.begin_entry(PAN, bench.now)
    bench.wait(5)
    bench.pad.cancel_entry(bench.now)
    bench.wait(5)
    assert [getattr(each, "error", "") for each in bench.results[-1:]] == ["cancel"]
    assert bench.stub.seen()["input"] == "off"
    bench.typist = typist
    assert opens(bench.types(), pin_key)


@pytest.mark.parametrize("at_max", ["wait", "enter", "silent"])
def test_however_a_full_pin_ends_there_is_a_block(at_max: str) -> None:
    bench = Bench(SzztSettings(pin_max=len(PIN)), at_max=at_max).set_up()
    pin_key, _ = bench.load(1)
    assert opens(bench.types(), pin_key)


@pytest.mark.parametrize("byte", [0x80, 0x81])
def test_whatever_byte_says_that_time_is_over_it_is_found_out(byte: int) -> None:
    bench = Bench(timed_out=byte).set_up()
    bench.load(1)
    bench.typist = None
    assert bench.types().error == "entryTimeout"


# --- the wire -------------------------------------------------------------------------------------

Use = Callable[[Bench], bool]


def _loads(bench: Bench) -> bool:
    keys = bench.load(2)
    return [each for each in bench.heard() if isinstance(each, inputs.KeysLoaded)] == [
        inputs.KeysLoaded("primary")
    ] and bench.mac(TEXT).mac == mac_under(keys[1])


def _types(bench: Bench) -> bool:
    return opens(bench.types(), keys_of(1)[0][0])


def _macs(bench: Bench) -> bool:
    return bench.mac(TEXT).mac == mac_under(keys_of(1)[0][1])


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("use", "command"),
    [
        (_loads, "2"),
        (_loads, ":"),
        (_types, "5"),
        (_types, "6"),
        (_types, ":"),
        (_types, "7"),
        (_macs, ":"),
        (_macs, "8"),
    ],
)
@pytest.mark.parametrize("times", [1, 2])
def test_a_wire_that_fails_now_and_then_changes_nothing(stage: str, use: Use, command: str, times: int) -> None:
    bench = Bench().set_up()
    bench.load(1)
    bench.forget().order("link_fault", at=stage, command=command, times=times, late_s=1.3)
    assert use(bench)
    assert DeviceState.OFFLINE not in states(bench)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("after", range(8))
def test_each_proof_of_a_block_may_be_lost(stage: str, after: int) -> None:
    bench = Bench().set_up()
    bench.load(1)
    bench.order("link_fault", at=stage, after=after, late_s=1.7)
    assert _types(bench)


@pytest.mark.parametrize("command", ["6", "7", ":"])
def test_a_wire_that_is_dead_for_long_gives_no_block_and_an_honest_end(command: str) -> None:
    bench = Bench().set_up()
    pin_key, _ = bench.load(1)
    bench.forget().order("link_fault", at="answer_lost", command=command, times=40)
    ended = bench.types(90)
    if ended.block:
        assert command == "6", "hidden digits prove that it was heard"
        assert opens(ended, pin_key)
    else:
        assert ended.error == "deviceNotReady"
        told = bench.told()
        assert "offline" in [each.state for each in told if isinstance(each, DeviceStateChanged)]
        assert "deviceNotReady" in [each.error for each in told if isinstance(each, DeviceFailed)]
    bench.order("clear_link_faults").wait(30)
    assert bench.pad.state is DeviceState.ONLINE
    assert opens(bench.types(), pin_key)


def test_an_entry_that_began_unheard_is_not_begun_again_over_typed_digits() -> None:
    bench = Bench().set_up()
    pin_key, _ = bench.load(1)
    bench.typist = None
    bench.order("link_fault", at="answer_lost", command="6", times=3)
    bench.pad.begin_entry(PAN, bench.now)
    bench.wait(0.5)
    bench.order("type_pin", pin=PIN, every_s=0.3)
    bench.wait(60)
    ended = bench.results[-1]
    assert isinstance(ended, EntryEnded)
    assert opens(ended, pin_key)


# --- thieves, plugs -------------------------------------------------------------------------------


def test_a_pad_that_was_tampered_with_has_no_keys_any_more() -> None:
    bench = Bench().set_up()
    bench.load(1)
    bench.order("tamper")
    assert bench.mac(TEXT).error == "fraudAttempt"
    assert bench.types().error == "deviceNotReady"
    assert states(bench)[-1] == "fraudAttempt"
    bench.order("repair").wait(10)
    assert bench.pad.state is DeviceState.ONLINE
    assert not bench.pad.has_keys
    assert bench.types().error == "keyNotFound"
    keys = bench.set_up_again().load(3)
    assert opens(bench.types(), keys[0])


def test_a_pad_out_of_its_place_says_so_until_it_is_back() -> None:
    bench = Bench().set_up()
    pin_key, _ = bench.load(1)
    bench.forget().order("remove")
    assert bench.types().error == "fraudAttempt"
    bench.order("install").wait(10)
    assert states(bench) == ["fraudAttempt", "online"]
    assert opens(bench.types(), pin_key)


def test_a_pad_that_is_pulled_out_and_plugged_in_goes_on() -> None:
    bench = Bench().set_up()
    pin_key, _ = bench.load(1)
    bench.forget().pad.begin_entry(PAN, bench.now)
    bench.wait(0.7)
    bench.order("unplug")
    assert [getattr(each, "error", "") for each in bench.results] == ["", "deviceNotReady"]
    bench.wait(20)
    assert bench.types().error == "deviceNotReady"
    bench.order("plug").wait(10)
    assert states(bench) == ["noDevice", "starting", "online"]
    assert opens(bench.types(), pin_key)


@pytest.mark.parametrize("rtn", ["E0", "E4", "E5", "EC", "ED", "EE", "EF", "F8", "FB", "FE", "C0"])
@pytest.mark.parametrize("command", ["6", "7", "5"])
def test_whatever_a_pad_refuses_with_an_entry_ends_once_with_a_name(command: str, rtn: str) -> None:
    bench = Bench().set_up()
    bench.load(1)
    bench.order("refuse", command=command, rtn=rtn)
    ended = bench.types()
    assert not ended.block
    assert ended.error
    assert bench.pad.state is DeviceState.ONLINE


# --- power ----------------------------------------------------------------------------------------


def at_any_time(bench: Bench, fails_at: float, is_off_for: float) -> None:
    bench.wait(fails_at)
    bench.power_fail()
    bench.wait(is_off_for)
    bench.power_on()
    bench.wait(20)


@given(st.floats(0, 1.5), st.floats(0.1, 30))
def test_power_that_fails_while_keys_are_loaded_leaves_one_pair_at_work(fails_at: float, is_off_for: float) -> None:
    bench = Bench().set_up()
    old = bench.load(1)
    new, wrapped = keys_of(2)
    bench.forget().pad.load("primary", wrapped, bench.now)
    at_any_time(bench, fails_at, is_off_for)
    was_accepted = any(isinstance(each, KeysLoaded) and each.accepted for each in bench.told())
    at_work = new if was_accepted else old
    assert bench.mac(TEXT).mac == mac_under(at_work[1])
    assert opens(bench.types(), at_work[0])
    keys = bench.load(3)
    assert opens(bench.types(), keys[0])


@given(st.floats(0, 4), st.floats(0.1, 60))
def test_power_that_fails_in_an_entry_ends_it_without_a_word(fails_at: float, is_off_for: float) -> None:
    bench = Bench().set_up()
    pin_key, _ = bench.load(1)
    bench.pad.begin_entry(PAN, bench.now)
    bench.wait(fails_at)
    bench.power_fail()
    known = list(bench.results)
    bench.wait(is_off_for)
    bench.power_on()
    bench.wait(60)
    assert bench.results == known
    assert opens(bench.types(), pin_key)


@given(
    st.lists(
        st.tuples(st.sampled_from(STAGES), st.sampled_from(["", "5", "6", "7", ":", "2", "8"]), st.integers(0, 12)),
        max_size=6,
    ),
    st.floats(0.05, 3),
)
def test_whatever_the_wire_does_no_block_and_no_mac_is_wrong(faults: list[tuple[str, str, int]], late_s: float) -> None:
    bench = Bench().set_up()
    old = bench.load(1)
    for stage, command, after in faults:
        bench.order("link_fault", at=stage, command=command, after=after, late_s=late_s)
    new, wrapped = keys_of(2)
    bench.forget().pad.load("primary", wrapped, bench.now)
    ended, made = bench.types(200), bench.mac(TEXT)
    loaded = [each for each in bench.heard() if isinstance(each, inputs.KeysLoaded)]
    assert len(loaded) == 1
    at_work = old if loaded[0].because else new
    assert ended.error or opens(ended, at_work[0])
    assert made.error or made.mac == mac_under(at_work[1])


# --- secrecy --------------------------------------------------------------------------------------


def test_nothing_of_a_driver_shows_a_key_a_pin_or_what_is_on_the_line() -> None:
    bench = Bench().set_up()
    keys = bench.load(1)
    ended = bench.types()
    pad = bench.pad
    unit = pad._unit
    shown = (pad, vars(pad), vars(unit), vars(unit.line), bench.results, bench.told(), bench.heard(), ended)
    secrets: list[bytes | str] = [*(key.reveal() for key in (*keys, MASTER)), PIN, ended.block]
    assert leaks(repr(shown), secrets) == []
    assert leaks(repr(bench.wire.happened) + repr(bench.wire.seen), secrets) == []
    said = b"".join(data for way, data in bench.wire.said if way == "<")
    assert PIN.encode() not in said
