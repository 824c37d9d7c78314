"""Faults of serial wires: what each makes of blocks and control characters, whom it meets, and what is told of it."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.faults.active import ActiveFaults
from atmbench.faults.all import (
    BadParity,
    CablePulled,
    CarrierDrop,
    Cut,
    DoubleControl,
    Lose,
    LoseControl,
    NakStorm,
    Noise,
    SlowCharacters,
    WrongBaud,
)
from atmbench.faults.base import Direction, Fault
from atmbench.faults.strikes import Place, UnitPlan
from atmbench.faults.wires import Unit, WireFault
from atmbench.framing.blocks import ACK, DISCONNECT, ENQ, EOT, NAK, Block, BlockFramer, BlockLayout, UnitReader
from tests.faults.plain_wire import PlainWire

LAYOUT = BlockLayout()
BLOCK = BlockFramer(LAYOUT).wrap(b"0200 50.00 of card 9999990000000017")
REQUEST, REPLY = Direction.REQUEST, Direction.REPLY


def key_of(data: bytes) -> str | None:
    """The amount stands for a transaction."""
    units = UnitReader(LAYOUT).feed(data)
    if len(units) == 1 and isinstance(units[0], Block) and units[0].raw == data:
        return units[0].payload[5:10].decode()
    return None


class Wire:
    """A wire with faults on it."""

    def __init__(self, *faults: Fault, seed: int = 1, line_format: str = "8N1") -> None:
        self.faults = ActiveFaults(seed)
        self.line_format = line_format
        for number, fault in enumerate(faults, start=1):
            self.faults.add(f"f{number}", fault, 0.0)

    def send(
        self, data: bytes = BLOCK, *, terminal: str = "T01", direction: Direction = REQUEST, now: float = 0.0
    ) -> UnitPlan | None:
        unit = Unit(data=data, data_bits=int(self.line_format[0]), has_parity=self.line_format[1] != "N")
        return self.faults.strike(unit, Place(terminal, "primary", "A", direction), now, key_of)

    def arrived(self, data: bytes = BLOCK) -> bytes:
        plan = self.send(data)
        return data if plan is None else plan.data


def test_noise_inverts_one_bit_of_each_character_that_it_hits() -> None:
    plan = Wire(Noise(rate=1.0)).send()
    assert plan is not None
    assert all((was ^ now).bit_count() == 1 for was, now in zip(BLOCK, plan.data, strict=True))
    assert plan.facts[0].what == f"{len(BLOCK)} characters hit by noise"


def test_noise_of_one_bit_passes_the_check_whenever_it_hits_twice() -> None:
    wire, hit_twice, noticed = Wire(Noise(rate=0.02, bit=0)), 0, 0
    for _ in range(500):
        plan = wire.send()
        if plan is None:
            continue
        hits = sum(was != now for was, now in zip(BLOCK, plan.data, strict=True))
        is_whole = key_of(plan.data) is not None
        if BLOCK[0] == plan.data[0] and BLOCK[-2] == plan.data[-2]:  # STX and ETX are no part of what adds up
            assert is_whole == (hits % 2 == 0)
        hit_twice += is_whole
        noticed += not is_whole
        assert plan.facts[0].unnoticed == is_whole
    assert hit_twice > 20
    assert noticed > 100


def test_with_parity_a_hit_is_noticed_by_the_receiver() -> None:
    assert set(Wire(Noise(rate=1.0), line_format="8E1").arrived()) == {0}


def test_bad_parity_needs_a_parity_bit() -> None:
    assert set(Wire(BadParity(rate=1.0), line_format="7E1").arrived()) == {0}
    assert Wire(BadParity(rate=1.0)).send() is None


@pytest.mark.parametrize("fault", [WrongBaud(), CablePulled()], ids=["wrong_baud", "cable_pulled"])
@pytest.mark.parametrize("unit", [BLOCK, ENQ, DISCONNECT])
def test_silence_takes_every_unit(fault: Fault, unit: bytes) -> None:
    plan = Wire(fault).send(unit)
    assert plan is not None
    assert plan.data == b""
    assert not plan.drops_carrier


def test_a_pulled_cable_lets_no_dial_through_and_a_wrong_baud_rate_does() -> None:
    assert Wire(CablePulled(line="primary")).faults.dial("T01", "primary", "A", 0.0) == "silence"
    assert Wire(CablePulled(line="secondary")).faults.dial("T01", "primary", "A", 0.0) == "accept"
    assert Wire(WrongBaud()).faults.dial("T01", "primary", "A", 0.0) == "accept"
    assert Wire(WrongBaud(), Cut(by="refusal")).faults.dial("T01", "primary", "A", 0.0) == "refuse"


@pytest.mark.parametrize(
    ("control", "met"), [("any", [ENQ, ACK, NAK, EOT]), ("ENQ", [ENQ]), ("ACK", [ACK]), ("NAK", [NAK]), ("EOT", [EOT])]
)
def test_controls_are_lost_and_doubled_as_aimed_and_blocks_are_not(control: str, met: list[bytes]) -> None:
    units = [BLOCK, ENQ, ACK, NAK, EOT, DISCONNECT]
    lose, double = Wire(LoseControl(control=control)), Wire(DoubleControl(control=control, copies=2))  # type: ignore[arg-type]
    assert [lose.arrived(unit) for unit in units] == [b"" if unit in met else unit for unit in units]
    assert [double.arrived(unit) for unit in units] == [unit * 3 if unit in met else unit for unit in units]


def test_a_nak_storm_turns_acknowledgements_into_refusals() -> None:
    storm = Wire(NakStorm(copies=3))
    assert [storm.arrived(unit) for unit in (ACK, NAK, ENQ, BLOCK)] == [NAK * 3, NAK, ENQ, BLOCK]


def test_the_carrier_drops_in_the_middle_of_a_block() -> None:
    plan = Wire(CarrierDrop(nth=2)).send(ENQ)
    assert plan is None
    wire = Wire(CarrierDrop(nth=2))
    assert wire.send() is None
    plan = wire.send()
    assert plan is not None
    assert plan.drops_carrier
    assert plan.data == BLOCK[: len(BLOCK) // 2]


def test_slow_characters_are_the_same_characters() -> None:
    plan = Wire(SlowCharacters(gap_s=0.5)).send()
    assert plan is not None
    assert (plan.data, plan.gap_s) == (BLOCK, 0.5)


def test_several_faults_strike_one_after_the_other_until_nothing_is_left() -> None:
    plan = Wire(SlowCharacters(gap_s=0.1, of="all"), DoubleControl(), CarrierDrop(of="all")).send(ENQ)
    assert plan is not None
    assert (plan.data, plan.gap_s, plan.drops_carrier) == (ENQ, 0.1, True)
    assert [fact.kind for fact in plan.facts] == ["slow_characters", "double_control", "carrier_drop"]
    plan = Wire(LoseControl(), DoubleControl()).send(ENQ)
    assert plan is not None
    assert [fact.kind for fact in plan.facts] == ["lose_control"]


def test_a_request_that_names_another_transaction_behind_a_good_check_is_told_with_both() -> None:
    wire = Wire(Noise(rate=0.05, bit=0))
    told = [fact for _ in range(3000) if (plan := wire.send()) is not None for fact in plan.facts]
    renamed = [fact for fact in told if fact.became]
    assert renamed
    assert all(fact.key == "50.00" and fact.became != "50.00" and fact.unnoticed for fact in renamed)
    assert any(fact.unnoticed and not fact.became for fact in told)
    wire = Wire(Noise(rate=0.05, bit=0))
    answers = [plan for _ in range(3000) if (plan := wire.send(direction=REPLY)) is not None]
    assert not any(fact.became for plan in answers for fact in plan.facts)


@given(seed=st.integers(0, 2**32), format_=st.sampled_from(["8N1", "8E1", "7E1"]), unit=st.binary(min_size=1))
def test_whatever_strikes_no_fault_invents_characters_that_do_not_fit(seed: int, format_: str, unit: bytes) -> None:
    bits = int(format_[0])
    unit = bytes(byte & (1 << bits) - 1 for byte in unit)
    for fault in (Noise(rate=0.3), BadParity(rate=0.3), SlowCharacters(), CarrierDrop(of="all"), DoubleControl()):
        arrived = Wire(fault, seed=seed, line_format=format_).arrived(unit)
        assert all(byte >> bits == 0 for byte in arrived)
        assert len(arrived) <= 2 * len(unit)


def test_the_same_seed_strikes_the_same_way_whoever_else_is_struck() -> None:
    def history(*others: str) -> list[bytes]:
        wire = Wire(Noise(rate=0.01), seed=7)
        arrived = []
        for _ in range(50):
            for other in others:
                wire.send(terminal=other)
            plan = wire.send()
            arrived.append(BLOCK if plan is None else plan.data)
        return arrived

    assert history() == history("T02", "T03")
    assert history() != [BLOCK] * 50


def test_wire_faults_are_aimed_and_counted_as_all_faults() -> None:
    wire = Wire(LoseControl(terminal="T0*", direction=REQUEST, first=2, from_s=5, until_s=10))
    sent = [
        wire.send(ENQ, now=1),
        wire.send(ENQ, now=5, direction=REPLY),
        wire.send(ENQ, now=5, terminal="T11"),
        wire.send(BLOCK, now=5),
        wire.send(ENQ, now=5),
        wire.send(ENQ, now=6),
        wire.send(ENQ, now=7),
        wire.send(ENQ, now=10),
    ]
    assert [plan is not None for plan in sent] == [False] * 4 + [True, True] + [False] * 2


def test_each_level_has_its_own_faults() -> None:
    wire = Wire(WrongBaud())
    assert wire.faults.plan(BLOCK, BLOCK[1:], "0200", "T01", "primary", "A", REQUEST, 0.0, PlainWire(), 0.0) is None
    assert not wire.faults.silenced("T01", "primary", "A", REQUEST, 0.0)
    assert Wire(Lose()).send() is None


@pytest.mark.parametrize("wrong", [{"mti": "0200"}, {"fields": {3: "01xxxx"}}])
def test_a_wire_fault_cannot_be_aimed_at_messages(wrong: dict[str, object]) -> None:
    for kind in (Noise, BadParity, WrongBaud, SlowCharacters, LoseControl, DoubleControl, NakStorm, CarrierDrop):
        with pytest.raises(ValueError, match="a wire knows no messages"):
            kind(**wrong)  # type: ignore[arg-type]


def test_a_pulled_cable_takes_all_or_nothing() -> None:
    with pytest.raises(ValueError, match="lets nothing through"):
        CablePulled(probability=0.5)


def test_a_rate_out_of_bounds_is_refused_when_it_is_added() -> None:
    with pytest.raises(LocalError, match="out of bounds"):
        Wire(Noise(rate=1.5))


def test_a_fault_that_does_nothing_of_its_own_leaves_units_alone() -> None:
    fault, unit = WireFault(), Unit(data=BLOCK, data_bits=8, has_parity=False)
    assert fault.can_strike(unit)
    assert fault.strike(unit, Random(1)) is None
