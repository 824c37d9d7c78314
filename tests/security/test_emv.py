"""Chip cryptograms: published vectors, then a card and its issuer talking."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyemv import ac, kd

from atmbench.errors import LocalError
from atmbench.security.emv import (
    ATC_MAX,
    CryptogramVersion,
    arpc_1,
    arpc_2,
    cryptogram,
    icc_key,
    session_key,
    transaction_key,
)
from atmbench.security.emv_card import ChipCard, terminal_data
from atmbench.security.emv_issuer import CheckedRequest, ChipError, ChipFault, ChipIssuer, ChipRequest
from atmbench.security.keys import Key
from atmbench.security.quiet import deprecated_name
from atmbench.security.tlv import build
from tests.security.secrecy import leaks, refusal, shown

MASTER = Key.parse("0123456789ABCDEFFEDCBA9876543210")
CVN10, CVN18 = CryptogramVersion
PAN = "9999990000000014"
DATA = bytes.fromhex("0123456789ABCDEF" * 2)
TERMINAL = terminal_data(
    amount="000000004000",
    currency="124",
    country="124",
    date="191105",
    transaction_type="01",
    unpredictable=bytes.fromhex("52BF4585"),
)
VERSIONS = pytest.mark.parametrize("version", list(CryptogramVersion))


# --- published vectors (iso8583 facts 4.8; pyemv's own tests) ---------------------------------------


def test_card_and_session_key_are_the_published_ones() -> None:
    card_key = icc_key(MASTER, "9901234567890123", "45", CVN10)
    assert card_key.has_check_value("1DA5")
    assert session_key(card_key, bytes.fromhex("1234567890123456")).has_check_value("0995")


@pytest.mark.parametrize(
    ("pan", "sequence", "check_value"),
    [
        ("1234567890123456", "00", "BAB0"),
        ("12345678901234567", "45", "0BAF"),
        ("123456789012345679", "00", "C2F3"),
        ("000000000000000005", "23", "DD73"),
    ],
)
def test_card_keys_by_option_b_are_the_published_ones(pan: str, sequence: str, check_value: str) -> None:
    assert icc_key(MASTER, pan, sequence, CVN18).has_check_value(check_value)


def test_cryptograms_and_answers_are_the_published_ones() -> None:
    card_key = icc_key(MASTER, "9901234567890123", "45", CVN10)
    key = session_key(card_key, bytes.fromhex("1234567890123456"))
    arqc = cryptogram(key, DATA, CVN18)
    assert arqc.hex().upper() == "4B46013359B7A58B"
    assert arpc_1(card_key, arqc, bytes(2)).hex().upper() == "F8C9CECAABD55AD1"
    assert arpc_2(key, arqc, bytes(4)).hex().upper() == "7DFB1188"
    assert arpc_2(key, arqc, bytes(4), bytes.fromhex("1234567890ABCDEF")).hex().upper() == "4962B76C"
    padded_with_zeros = cryptogram(key, DATA + b"\x01", CVN10)
    assert padded_with_zeros.hex().upper() == "2E141C6BC4A20DA8"
    assert arpc_1(card_key, padded_with_zeros, bytes(2)).hex().upper() == "16A49AAB314B9262"


@pytest.mark.parametrize(
    ("version", "issuer_data", "arqc", "answer"),
    [
        (CVN10, "06010A03A06010", "29CCA15AE665FA2E", "28993816AFAE4AEB3030"),
        (CVN18, "06011203A0B800", "7A788EA6B8A3E733", "9AF514C100000000"),
    ],
)
def test_a_whole_transaction_is_the_published_one(
    version: CryptogramVersion, issuer_data: str, arqc: str, answer: str
) -> None:
    """The card of pyemv's vectors has card verification results of its own, so its request is put together here."""
    own = {"82": "1800", "9F36": "001C", "9F10": issuer_data, "9F26": arqc, "9F27": "80"}
    chip = build(TERMINAL | {tag: bytes.fromhex(value) for tag, value in own.items()})
    issuer = ChipIssuer(MASTER, version)
    checked = issuer.check(request(chip, pan="1234567890123456"), last_atc=0x1B)
    assert checked.atc == 0x1C
    assert issuer.answer(checked, "00").hex().upper() == answer


@VERSIONS
@given(master=st.binary(min_size=16, max_size=16), data=st.binary(max_size=60), atc=st.integers(0, ATC_MAX))
def test_pyemv_computes_the_same(version: CryptogramVersion, master: bytes, data: bytes, atc: int) -> None:
    card_key = icc_key(Key(master), PAN, "00", version)
    key = transaction_key(card_key, version, atc.to_bytes(2))
    padding = ac.PaddingType.VISA if version is CVN10 else ac.PaddingType.EMV
    arqc = cryptogram(key, data or b"\0", version)
    with deprecated_name():
        assert version is CVN10 or kd.derive_common_sk(card_key.reveal(), atc.to_bytes(2) + bytes(6)) == key.reveal()
        assert ac.generate_ac(key.reveal(), data or b"\0", padding) == arqc
        assert ac.generate_arpc_1(key.reveal(), arqc, b"00") == arpc_1(key, arqc, b"00")
        assert ac.generate_arpc_2(key.reveal(), arqc, bytes(4)) == arpc_2(key, arqc, bytes(4))


# --- a card and its issuer --------------------------------------------------------------------------


def request(chip: bytes, **other: str) -> ChipRequest:
    says = {"pan": PAN, "amount": "000000004000", "processing_code": "011000", "currency": "124"} | other
    return ChipRequest(chip=chip, **says)


def card_of(issuer: ChipIssuer, version: CryptogramVersion, atc: int = 0) -> ChipCard:
    return ChipCard(issuer.card_key(PAN), version, atc=atc)


def fault(issuer: ChipIssuer, asked: ChipRequest, last_atc: int = 0) -> ChipFault:
    with pytest.raises(ChipError) as caught:
        issuer.check(asked, last_atc)
    assert caught.value.field == "55"
    assert not leaks(str(caught.value), [PAN, MASTER.reveal()])
    return caught.value.fault


@VERSIONS
def test_issuer_and_card_believe_each_other(version: CryptogramVersion) -> None:
    issuer = ChipIssuer(MASTER, version)
    card = card_of(issuer, version)
    last_atc = 0
    for turn in range(1, 4):
        checked = issuer.check(request(build(card.request(TERMINAL))), last_atc)
        last_atc = checked.atc
        assert last_atc == turn == card.atc
        assert card.accepts(issuer.answer(checked, "00"))


@VERSIONS
def test_an_answer_is_taken_once_and_only_if_it_is_to_the_request(version: CryptogramVersion) -> None:
    issuer = ChipIssuer(MASTER, version)
    card = card_of(issuer, version)
    assert not card.accepts(bytes(10))
    answer = issuer.answer(issuer.check(request(build(card.request(TERMINAL))), 0), "00")
    assert card.accepts(answer)
    assert not card.accepts(answer)
    card.request(TERMINAL)
    assert not card.accepts(answer)


@VERSIONS
def test_every_flipped_bit_of_an_answer_is_seen(version: CryptogramVersion) -> None:
    issuer = ChipIssuer(MASTER, version)
    card = card_of(issuer, version)
    for bit in range(64):
        answer = issuer.answer(issuer.check(request(build(card.request(TERMINAL))), 0), "00")
        assert not card.accepts((int.from_bytes(answer) ^ 1 << bit).to_bytes(len(answer)))


@VERSIONS
@pytest.mark.parametrize("length", [0, 1, 7, 9, 17, 20])
def test_an_answer_of_a_wrong_length_is_none(version: CryptogramVersion, length: int) -> None:
    card = card_of(ChipIssuer(MASTER, version), version)
    card.request(TERMINAL)
    assert not card.accepts(bytes(length))


@VERSIONS
def test_every_flipped_bit_of_what_the_card_signed_is_seen(version: CryptogramVersion) -> None:
    issuer = ChipIssuer(MASTER, version)
    values = card_of(issuer, version).request(TERMINAL)
    for tag, value in values.items():
        for bit in range(8 * len(value)):
            altered = (int.from_bytes(value) ^ 1 << bit).to_bytes(len(value))
            asked = request(build(values | {tag: altered}), **saying_the_same(tag, altered))
            assert fault_or_none(issuer, asked) is not None or not_signed(version, tag, bit), (tag, bit)


def saying_the_same(tag: str, value: bytes) -> dict[str, str]:
    """Fields of a message that agree with an altered tag, so that nothing but the cryptogram can tell."""
    if tag == "9C":
        return {"processing_code": f"{value.hex()}1000"}
    return {"9F02": {"amount": value.hex()}, "5F2A": {"currency": value.hex()[1:]}}.get(tag, {})


def not_signed(version: CryptogramVersion, tag: str, bit: int) -> bool:
    """The lower bits of 9F27; in CVN 10 also the length and the key index at the beginning of 9F10."""
    return (tag == "9F27" and bit < 6) or (version is CVN10 and tag == "9F10" and bit >= 40)


def fault_or_none(issuer: ChipIssuer, asked: ChipRequest) -> ChipFault | None:
    try:
        issuer.check(asked, 0)
    except ChipError as error:
        return error.fault
    return None


@VERSIONS
def test_a_request_that_comes_again_is_a_replay(version: CryptogramVersion) -> None:
    issuer = ChipIssuer(MASTER, version)
    asked = request(build(card_of(issuer, version, atc=6).request(TERMINAL)))
    assert issuer.check(asked, last_atc=6).atc == 7
    assert fault(issuer, asked, last_atc=7) is ChipFault.REPLAY
    assert fault(issuer, asked, last_atc=8) is ChipFault.REPLAY


def test_the_message_must_say_what_the_card_signed() -> None:
    issuer = ChipIssuer(MASTER, CVN10)
    chip = build(card_of(issuer, CVN10).request(TERMINAL))
    assert fault(issuer, request(chip, amount="000000400000")) is ChipFault.AMOUNT
    assert fault(issuer, request(chip, processing_code="311000")) is ChipFault.TRANSACTION_TYPE
    assert fault(issuer, request(chip, currency="840")) is ChipFault.CURRENCY
    assert fault(issuer, request(chip, pan="9999990000000022")) is ChipFault.CRYPTOGRAM
    assert fault(issuer, request(chip, sequence="01")) is ChipFault.CRYPTOGRAM
    assert fault(ChipIssuer(Key(bytes(range(16))), CVN10), request(chip)) is ChipFault.CRYPTOGRAM
    assert fault(ChipIssuer(MASTER, CVN18), request(chip)) is ChipFault.OTHER_VERSION


def test_chip_data_must_be_there_whole() -> None:
    issuer = ChipIssuer(MASTER, CVN18)
    values = card_of(issuer, CVN18).request(TERMINAL)
    for tag, left in itertools.product(values, (None, b"", b"\0")):
        some = values | {tag: left} if left is not None else {t: v for t, v in values.items() if t != tag}
        seen = fault_or_none(issuer, request(build(some)))
        assert seen in (ChipFault.INCOMPLETE, ChipFault.TRANSACTION_TYPE, ChipFault.NOT_ASKED), (tag, left)
    assert fault(issuer, request(build(values)[:-1])) is ChipFault.UNREADABLE
    assert fault(issuer, request(build(values | {"9F27": b"\x40"}))) is ChipFault.NOT_ASKED


@given(st.binary(max_size=80))
def test_any_chip_data_is_refused_with_a_fault(chip: bytes) -> None:
    assert fault_or_none(ChipIssuer(MASTER, CVN10), request(chip)) in (ChipFault.UNREADABLE, ChipFault.INCOMPLETE)


def test_a_worn_out_card_is_dead() -> None:
    card = card_of(ChipIssuer(MASTER, CVN18), CVN18, atc=ATC_MAX - 1)
    assert card.request(TERMINAL)["9F36"] == b"\xff\xff"
    with pytest.raises(LocalError, match="65535 transactions"):
        card.request(TERMINAL)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "4000"},
        {"amount": "00000000400x"},
        {"currency": "USD"},
        {"country": "24"},
        {"date": "1911"},
        {"transaction_type": "1"},
        {"unpredictable": b""},
        {"verification": bytes(6)},
    ],
)
def test_a_terminal_gives_what_the_tags_can_hold(wrong: dict[str, str]) -> None:
    right = {
        "amount": "000000004000",
        "currency": "566",
        "country": "566",
        "date": "191105",
        "transaction_type": "01",
        "unpredictable": bytes(4),
    }
    with pytest.raises(LocalError, match=r"^tag \w+ has \d+ (digits|bytes); "):
        terminal_data(**(right | wrong))  # type: ignore[arg-type]


def test_keys_and_answers_of_wrong_sizes_are_our_fault() -> None:
    for refused in (
        lambda: icc_key(Key(bytes(8)), PAN, "00", CVN10),
        lambda: icc_key(MASTER, "12345", "00", CVN10),
        lambda: icc_key(MASTER, PAN, "0", CVN10),
        lambda: session_key(MASTER, bytes(7)),
        lambda: arpc_1(MASTER, bytes(8), bytes(3)),
        lambda: arpc_2(MASTER, bytes(8), bytes(3)),
        lambda: arpc_2(MASTER, bytes(8), bytes(4), bytes(9)),
        lambda: ChipIssuer(MASTER, CVN10).answer(CheckedRequest(atc=1, arqc=bytes(8), key=MASTER), "0"),
    ):
        assert not leaks(refusal(refused, LocalError), [MASTER.reveal(), PAN])


def test_cards_issuers_and_requests_show_no_key_and_no_card_data() -> None:
    issuer = ChipIssuer(MASTER, CVN10)
    card = card_of(issuer, CVN10)
    asked = request(build(card.request(TERMINAL) | {"5A": bytes.fromhex(PAN)}))
    for value in (card, issuer, issuer.check(asked, 0)):
        for text in itertools.islice(shown(value), 4):
            assert not leaks(text, [MASTER.reveal(), issuer.card_key(PAN).reveal(), PAN])
    assert PAN not in repr(asked)
    assert repr(card) == "ChipCard(cvn10, atc=1)"
