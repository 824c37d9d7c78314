"""The driver of the PIN pad against a pad that is played by hand: every byte it says, and what it makes of answers."""

from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from atmbench.devices.pin_pad import Injected
from atmbench.devices.pin_results import EntryBegan, EntryEnded, MacMade, SetUpEnded
from atmbench.devices.szzt_line import Answer, Ask
from atmbench.devices.szzt_pin_pad import SzztSettings
from atmbench.errors import LocalError
from atmbench.facts import DeviceFailed, KeysLoaded
from atmbench.security.dukpt_pin import SERIAL_NUMBER, DukptKind, initial_key
from atmbench.security.keys import Key
from atmbench.security.mac import MacKey, MacMethod, MacRule, pad
from atmbench.security.pin_block import PinFormat
from atmbench.terminal import inputs
from tests.devices.szzt_wiring import MASTER, PAN, RULES, TABLE, Desk, keys_of
from tests.firmware_stubs.pin_pad_play import framed, frames

BLOCK = "0123456789ABCDEF"


# --- golden frames --------------------------------------------------------------------------------


@pytest.mark.parametrize("golden", [each for each in frames() if "asks" in each], ids=lambda golden: golden["name"])
def test_the_driver_says_the_golden_frames_to_the_byte(golden: dict[str, Any]) -> None:
    desk = Desk(settings=SzztSettings(places=((0x40, 0x41), (0x30, 0x31)))).ready()
    _, wrapped = keys_of(1)
    desk.pad.load("primary", wrapped, desk.now)
    desk.expect_proof("10").expect(f"2103032{wrapped.pin_key}", wrapped.pin_check.ljust(16, "0"))
    desk.expect_proof("10").expect(f"2103152{wrapped.mac_key}", wrapped.mac_check.ljust(16, "0"))
    if golden["asks"] == "cancel_entry":
        desk.pad.cancel_entry(desk.now)
    elif golden["asks"] == "begin_entry":
        desk.pad.begin_entry(PAN, desk.now)
        desk.expect("5404", "").expect("5512", "").expect("5035", "")
    else:
        desk.typing().hear(b"****\r").expect_proof("30")
    desk.wait()
    assert desk.said() == bytes.fromhex(golden["host"])


@pytest.mark.parametrize("golden", [each for each in frames() if "means" in each], ids=lambda golden: golden["name"])
def test_the_driver_understands_the_golden_answers(golden: dict[str, Any]) -> None:
    desk, means = Desk().ready().with_keys().typing(), golden["means"]
    desk.hear(b"****\r").expect_proof("32").wait()
    desk.hear(bytes.fromhex(golden["unit"]))
    data = bytes.fromhex(means["data"])
    if means["rtn"] == 0x60 and data:
        assert desk.results[-1] == EntryEnded(block=data[4:].decode(), digits=4)
    elif means["rtn"] == 0x60:
        assert desk.results == [EntryBegan()], "a good answer of another size belongs to something else"
    else:
        ended = desk.results[-1]
        assert isinstance(ended, EntryEnded)
        assert (ended.error, f"{means['rtn']:02X}" in ended.because) == ("keyNotFound", True)
    assert Answer(means["rtn"], data).is_good is (means["rtn"] == 0x60)


# --- keys -----------------------------------------------------------------------------------------


def test_both_keys_are_proved_by_their_check_values_before_either_is_used() -> None:
    desk, (_, wrapped) = Desk().ready(), keys_of(1)
    desk.pad.load("primary", wrapped, desk.now)
    desk.expect_proof("10").expect(f"2103232{wrapped.pin_key}", wrapped.pin_check + "0" * 10)
    assert (desk.pad.has_keys, desk.inputs) == (False, [])
    desk.expect_proof("10").expect(f"2103352{wrapped.mac_key}", wrapped.mac_check + "0" * 10)
    assert desk.pad.has_keys
    assert desk.inputs == [inputs.KeysLoaded("primary")]
    assert desk.facts[-1] == KeysLoaded(accepted=True, pin_check=wrapped.pin_check, mac_check=wrapped.mac_check)


def test_new_keys_go_where_those_in_use_are_not() -> None:
    desk, (_, wrapped) = Desk().ready().with_keys(), keys_of(2)
    desk.pad.load("backup", wrapped, desk.now)
    desk.expect_proof("10").expect(f"2103032{wrapped.pin_key}", wrapped.pin_check + "0" * 10)
    desk.expect_proof("10").expect(f"2103152{wrapped.mac_key}", "0" * 16)
    assert isinstance(desk.inputs[-1], inputs.KeysLoaded)
    assert "compare the master keys" in desk.inputs[-1].because
    assert not desk.pad.has_keys_before(desk.now)
    desk.typing().hear(b"****\r").expect_proof("32")
    assert desk.said() == framed("732 000123456789"), "those before are still in use"


def test_a_repeated_message_of_the_host_loads_nothing_anew() -> None:
    desk, (_, wrapped) = Desk().ready().with_keys(), keys_of(1)
    desk.pad.load("primary", wrapped, desk.now)
    desk.wait()
    assert desk.said() == b""
    assert desk.inputs == [inputs.KeysLoaded("primary")]


@pytest.mark.parametrize(
    ("rtn", "words"), [(0xE2, "no TMK"), (0xEC, "authentication is needed"), (0xE3, "length"), (0xC0, "no better")]
)
def test_keys_that_are_refused_are_told_with_the_reason(rtn: int, words: str) -> None:
    desk, (_, wrapped) = Desk().ready(), keys_of(1)
    desk.pad.load("primary", wrapped, desk.now)
    desk.expect_proof("10").expect(f"2103232{wrapped.pin_key}", bytes([rtn]))
    heard = desk.inputs[-1]
    assert isinstance(heard, inputs.KeysLoaded)
    assert words in heard.because
    assert f"{rtn:02X}" in heard.because
    assert not desk.pad.has_keys


@pytest.mark.parametrize("key", ["0" * 30, "X" * 32, ""])
def test_a_key_that_cannot_be_one_is_not_sent(key: str) -> None:
    desk, (_, wrapped) = Desk().ready(), keys_of(1)
    desk.pad.load("primary", replace(wrapped, pin_key=key), desk.now)
    desk.wait()
    assert desk.said() == b""
    assert isinstance(desk.facts[-1], KeysLoaded)
    assert not desk.facts[-1].accepted


# --- PINs -----------------------------------------------------------------------------------------


def test_a_pin_from_the_first_finger_to_the_block() -> None:
    desk = Desk().ready().with_keys().typing()
    assert desk.results == [EntryBegan()]
    desk.hear(b"*").hear(b"***").hear(b"\r").expect_proof("32")
    desk.expect("732 000123456789", "0004" + BLOCK)
    assert desk.results[1:] == [EntryEnded(block=BLOCK, digits=4)]
    assert BLOCK not in repr(desk.results)
    desk.hear(b"****\r").wait(100)
    assert (desk.said(), len(desk.results)) == (b"", 2)


@pytest.mark.parametrize(("byte", "error"), [(b"\x1b", "cancel"), (b"\x80", "entryTimeout")])
def test_an_entry_that_a_customer_ends_has_no_block(byte: bytes, error: str) -> None:
    desk = Desk().ready().with_keys().typing().hear(b"**" + byte).wait(50)
    ended = desk.results[-1]
    assert isinstance(ended, EntryEnded)
    assert (ended.error, ended.block, desk.said()) == (error, "", b"")
    assert not any(isinstance(each, DeviceFailed) for each in desk.facts)


@pytest.mark.parametrize(
    ("rtn", "error"),
    [
        (0xEE, "entryTimeout"),
        (0xEF, "noPin"),
        (0xE4, "keyNotFound"),
        (0xEC, "accessDenied"),
        (0xED, "accessDenied"),
        (0xEB, "formatNotSupported"),
        (0xE0, "hardwareError"),
    ],
)
def test_what_a_pad_refuses_a_block_with_has_its_name(rtn: int, error: str) -> None:
    desk = (
        Desk().ready().with_keys().typing().hear(b"****\r").expect_proof("32").expect("732 000123456789", bytes([rtn]))
    )
    ended = desk.results[-1]
    assert isinstance(ended, EntryEnded)
    assert (ended.error, ended.block) == (error, "")
    told = [each.error for each in desk.facts if isinstance(each, DeviceFailed)]
    assert told == ([] if error in ("entryTimeout", "noPin") else [error])
    assert desk.pad.has_keys is (error != "keyNotFound")


def test_a_pad_that_says_nothing_after_its_time_is_asked_what_was_typed() -> None:
    desk = Desk().ready().with_keys().typing().wait(32.9)
    assert desk.said() == b""
    desk.wait(0.2).expect_proof("32").expect("732 000123456789", b"\xee").expect("5032", "")
    assert isinstance(desk.results[-1], EntryEnded)
    assert desk.results[-1].error == "entryTimeout"


def test_digits_that_are_hidden_prove_that_the_entry_began() -> None:
    desk = Desk().ready().with_keys()
    desk.pad.begin_entry(PAN, desk.now)
    desk.expect("5404", "").expect("5512", "").expect("5035", "")
    assert desk.said() == framed("600012")
    desk.hear(b"*")
    assert desk.results == [EntryBegan()]
    desk.wait(1)
    assert desk.said() == b"", "to say it again would lose what was typed"
    desk.hear(b"***\r").expect_proof("32")


def test_another_entry_forgets_the_one_before() -> None:
    desk = Desk().ready().with_keys().typing()
    desk.pad.begin_entry(PAN, desk.now)
    desk.hear(b"****\r").expect("5404", "").expect("5512", "")
    desk.pad.begin_entry(PAN, desk.now)
    desk.expect("5035", "").expect("5404", "")
    assert desk.results == [EntryBegan()]


@pytest.mark.parametrize("pan", ["", "123", "40000012345678991234", "400000123456789x"])
def test_a_pan_that_no_block_can_be_bound_to_is_a_mistake_of_ours(pan: str) -> None:
    with pytest.raises(LocalError, match="13 to 19 digits"):
        Desk().ready().with_keys().pad.begin_entry(pan, 0.0)


@pytest.mark.parametrize(("format", "character"), [(1, "!"), (2, '"'), (3, "#")])
def test_other_formats_have_other_characters(format: int, character: str) -> None:
    rules = replace(RULES, pin_format=PinFormat(format))
    desk = Desk(rules).ready().with_keys().typing().hear(b"****\r").expect_proof("32")
    assert desk.said() == framed(f"732{character}000123456789")


@pytest.mark.parametrize("data", ["00xx" + BLOCK, "0004" + "X" * 16])
def test_an_answer_that_is_no_block_is_none(data: str) -> None:
    desk = Desk().ready().with_keys().typing().hear(b"****\r").expect_proof("32").expect("732 000123456789", data)
    assert isinstance(desk.results[-1], EntryEnded)
    assert desk.results[-1].error == "hardwareError"


# --- MACs -----------------------------------------------------------------------------------------


def test_a_mac_is_chained_in_pieces_and_ended_by_the_whole_key() -> None:
    (_, key), _ = keys_of(1)
    desk, text = Desk().ready().with_keys(), bytes(range(256)) * 4 + b"end"
    blocks = pad(text, RULES.mac.rule.padding)
    number = desk.pad.mac(text, desk.now)
    first, left = Key(key.reveal()[:8]), MacKey(Key(key.reveal()[:8]), MacRule(method=MacMethod.X9_9))
    chained = bytes(8)
    for at in (0, 512):
        piece = blocks[at : at + 512]
        desk.expect_proof("33").wait()
        asked = desk.said()[4:-3]
        assert asked[:4] == b"8332"
        assert len(asked) == 4 + 512
        chained = left.generate(blocks[: at + 512])
        assert left.generate(asked[4:]) == chained, f"{len(piece)} bytes go on from those before"
        desk.hear(framed(b"\x60" + chained.hex().upper().encode()))
    last = (int.from_bytes(chained) ^ int.from_bytes(blocks[-8:])).to_bytes(8)
    desk.expect_proof("33").expect(b"833A" + last, key.encipher(last).hex().upper())
    assert desk.results == [MacMade(number=number, mac=MacKey(key, RULES.mac.rule).generate(text))]
    assert first.check_value != key.check_value


def test_the_rule_says_how_much_of_a_mac_is_sent() -> None:
    rules = replace(RULES, mac=replace(RULES.mac, rule=MacRule(kept=4, sent=8)))
    desk = Desk(rules).ready().with_keys()
    desk.pad.mac(b"12345678", desk.now)
    desk.expect_proof("33").expect(b"833A12345678", "0123456789ABCDEF")
    assert desk.results == [MacMade(number=1, mac=bytes.fromhex("0123456700000000"))]


def test_without_a_mac_key_there_is_no_mac() -> None:
    desk = Desk().ready()
    desk.pad.mac(b"text", desk.now)
    desk.pad.mac(b"text", desk.now, before=True)
    desk.wait()
    assert [each.error for each in desk.results if isinstance(each, MacMade)] == ["keyNotFound"] * 2


# --- setting up -----------------------------------------------------------------------------------


def test_a_pad_is_set_up_as_in_a_secure_room() -> None:
    desk = Desk().ready()
    desk.pad.set_up(Injected(RULES, MASTER), desk.now)
    zeros = Key(bytes(16))
    desk.expect("5031", "").expect("10002" + "00" * 16, bytes(8)).expect(":80" + "88" * 16, "")
    wrapped = zeros.encipher(MASTER.reveal()).hex().upper()
    desk.expect_proof("00").expect("2001022" + wrapped, MASTER.encipher(bytes(8)).hex().upper())
    desk.expect("4" + TABLE, "").expect("521E", "")
    assert desk.results == [SetUpEnded()]
    assert not desk.pad.has_keys


def test_a_master_key_that_does_not_arrive_is_told() -> None:
    desk = Desk().ready()
    desk.pad.set_up(Injected(RULES, MASTER), desk.now)
    desk.expect("5031", "").expect("10002" + "00" * 16, b"\xec").expect(":80" + "88" * 16, b"\xfa")
    ended = desk.results[-1]
    assert isinstance(ended, SetUpEnded)
    assert (ended.error, "FA" in ended.because) == ("keyNotFound", True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"keys": replace(RULES.keys, form="tr-31")}, "TR-31"),
        ({"pin_format": PinFormat.ISO_4}, "no PIN block of format 4"),
        ({"mac": replace(RULES.mac, rule=MacRule(method=MacMethod.AES_CMAC))}, "no MACs by aes-cmac"),
    ],
)
def test_what_the_pad_cannot_do_is_said_before_it_is_asked(change: dict[str, Any], words: str) -> None:
    with pytest.raises(LocalError, match=words):
        Desk(replace(RULES, **change))


def test_a_pad_without_dukpt_takes_no_initial_key() -> None:
    dukpt = initial_key(Key(bytes(range(16))), SERIAL_NUMBER[DukptKind.TDES](0xFFFF000001 << 19, 0))
    injected = Injected(RULES, MASTER, dukpt=dukpt)
    with pytest.raises(LocalError, match="knows no DUKPT"):
        Desk().ready().pad.set_up(injected, 0.0)


def test_texts_that_may_hold_a_secret_do_not_show() -> None:
    rng = Random(3).randbytes(4).hex()
    assert rng not in repr(Ask(rng.encode())) + repr(Answer(0x60, rng.encode()))
