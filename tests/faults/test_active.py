"""Active faults: aim, order, composition, and the same plans for the same seed."""

from collections import Counter
from itertools import pairwise
from timeit import timeit
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atmbench.faults.active import ActiveFaults
from atmbench.faults.all import (
    Cut,
    Delay,
    Duplicate,
    FlipBits,
    LieAboutLength,
    Lose,
    Merge,
    Reorder,
    SetField,
    Split,
    Stale,
    Swap,
    Trickle,
    Truncate,
)
from atmbench.faults.base import Fault
from tests.faults.road import REPLY, REQUEST, WIRE, Road, delivered, frame

# --- nothing to do ---------------------------------------------------------------------------------


def test_without_a_fault_a_frame_is_none_of_our_business() -> None:
    road = Road()
    assert road.faults.is_idle
    assert road.send() is None
    assert not road.faults.silenced("T01", "primary", "A", REPLY, 0.0)
    assert road.faults.dial("T01", "primary", "A", 0.0) == "accept"


def test_the_fast_path_is_fast() -> None:
    faults, data = ActiveFaults(1), frame()
    body = data[2:]
    seconds = min(
        timeit(lambda: faults.plan(data, body, "0210", "T01", "p", "A", REPLY, 0.0, WIRE, 0.0), number=1000)
        for _ in range(5)
    )
    assert seconds / 1000 < 20e-6


# --- aim -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("aim", "met", "passed"),
    [
        ({"line": "primary"}, {"line": "primary"}, {"line": "secondary"}),
        ({"site": "A"}, {"site": "A"}, {"site": "B"}),
        ({"terminal": "T01"}, {"terminal": "T01"}, {"terminal": "T011"}),
        ({"terminal": "T0*"}, {"terminal": "T07"}, {"terminal": "T17"}),
        ({"direction": REQUEST}, {"direction": REQUEST}, {"direction": REPLY}),
        ({"mti": "0210"}, {"mti": "0210"}, {"mti": "0430"}),
        ({"mti": "04x0"}, {"mti": "0430"}, {"mti": "0421"}),
        ({"mti": "xx1x"}, {"mti": "0810"}, {"mti": "0800"}),
        ({"fields": {39: "5x"}}, {"code": "51"}, {"code": "00"}),
        ({"fields": {39: "00", 11: "00000x"}}, {"stan": 7}, {"stan": 17}),
        ({"from_s": 10.0}, {"now": 10.0}, {"now": 9.999}),
        ({"until_s": 10.0}, {"now": 9.999}, {"now": 10.0}),
        ({"line": "primary", "mti": "0210"}, {"mti": "0210"}, {"mti": "0210", "line": "secondary"}),
    ],
)
def test_a_fault_meets_what_it_is_aimed_at(aim: dict[str, Any], met: dict[str, Any], passed: dict[str, Any]) -> None:
    road = Road(Lose(**aim))
    assert road.met(**met)
    assert not road.met(**passed)
    assert road.met(**met)


def test_nth_counts_only_frames_that_meet_the_rest_of_the_aim() -> None:
    road = Road(Lose(nth=2, mti="0210"))
    sent = [{"mti": "0210"}, {"mti": "0810"}, {"mti": "0210"}, {"mti": "0210"}]
    assert [road.met(**each) for each in sent] == [False, False, True, False]


def test_first_ends_by_itself() -> None:
    road = Road(Lose(first=2, terminal="T01"))
    terminals = ["T02", "T01", "T01", "T01"]
    assert [road.met(terminal=each) for each in terminals] == [False, True, True, False]


def test_probability_is_a_share() -> None:
    road = Road(Lose(probability=0.3))
    assert 250 < sum(road.met() for _ in range(1000)) < 350
    assert not any(Road(Lose(probability=0.0)).met() for _ in range(10))


def test_a_broken_body_meets_no_aim_that_needs_to_read_it() -> None:
    faults = ActiveFaults(1)
    faults.add("f", Lose(fields={39: "00"}), 0.0)
    assert faults.plan(b"\0\4junk", b"junk", "", "T01", "primary", "A", REPLY, 0.0, WIRE, 0.0) is None


# --- cuts ------------------------------------------------------------------------------------------


def test_a_cut_takes_frames_at_sending_and_at_arrival() -> None:
    road = Road(Cut(line="primary"))
    plan = road.send()
    assert plan is not None
    assert plan.arrivals == []
    assert plan.facts[0].what == "lost in a cut"
    assert road.faults.silenced("T01", "primary", "A", REPLY, 5.0)
    assert not road.faults.silenced("T01", "secondary", "B", REPLY, 5.0)


def test_a_one_way_cut_lets_the_other_way_through_but_no_dial() -> None:
    road = Road(Cut(direction=REPLY))
    assert road.met(direction=REPLY)
    assert not road.met(direction=REQUEST)
    assert not road.faults.silenced("T01", "primary", "A", REQUEST, 0.0)
    assert road.faults.silenced("T01", "primary", "A", None, 0.0)
    assert road.faults.dial("T01", "primary", "A", 0.0) == "silence"


def test_of_several_cuts_silence_decides_a_dial_and_then_the_first() -> None:
    assert Road(Cut(by="reset"), Cut(by="refusal")).faults.dial("T01", "primary", "A", 0.0) == "reset"
    assert Road(Cut(by="reset"), Cut(by="silence")).faults.dial("T01", "primary", "A", 0.0) == "silence"
    assert Road(Cut(by="reset", site="B")).faults.dial("T01", "primary", "A", 0.0) == "accept"


def test_a_cut_comes_before_every_other_fault_and_leaves_their_counters() -> None:
    road = Road(Duplicate(nth=1), Cut(until_s=5.0))
    assert delivered(road.send(now=1.0)) == []
    assert len(delivered(road.send(now=6.0))) == 2


def test_a_new_cut_touches_only_its_own_lines() -> None:
    road = Road(Cut(line="primary"), Cut(line="secondary", by="reset"))
    assert road.faults.touches("f2", "T01", "secondary", "B", 0.0)
    assert not road.faults.touches("f2", "T01", "primary", "A", 0.0)


# --- composition -----------------------------------------------------------------------------------


def test_each_delivery_of_the_first_fault_is_planned_by_the_next() -> None:
    road = Road(Duplicate(copies=2, gap_s=1.0), Lose(nth=2))
    assert delivered(road.send()) == [(frame(), 0.0, ""), (frame(), 2.0, "")]


def test_delays_add_up() -> None:
    road = Road(Delay(delay_s=1.0), Reorder(hold_s=2.0), Duplicate(gap_s=4.0))
    assert [delay_s for _, delay_s, _ in delivered(road.send())] == [3.0, 7.0]


def test_a_changed_message_is_met_as_what_it_has_become() -> None:
    road = Road(SetField(field="mti", value="0230"), SetField(field=39, value="91", mti="0230"), Lose(mti="0210"))
    plan = road.send()
    assert delivered(plan) == [(frame(mti="0230", code="91"), 0.0, "")]
    assert plan is not None
    assert [(each.kind, each.mti, each.what) for each in plan.facts] == [
        ("set_field", "0210", "MTI 0210 -> 0230"),
        ("set_field", "0230", "DE39 00 -> 91"),
    ]


@pytest.mark.parametrize("damage", [Truncate(keep=10, fix_length=False), LieAboutLength(by=1), Truncate(keep=3)])
def test_what_is_no_message_any_more_has_no_mti_to_aim_at(damage: Fault) -> None:
    road = Road(damage, Lose(mti="0210"), SetField(field=39, value="91"), FlipBits(where="frame"))
    plan = road.send()
    assert len(delivered(plan)) == 1
    assert plan is not None
    assert [each.kind for each in plan.facts] == [damage.__struct_config__.tag, "flip_bits"]


def test_pieces_come_last_whatever_was_added_first() -> None:
    road = Road(Trickle(gap_s=1.0), SetField(field=39, value="91"), Split())
    pieces = delivered(road.send())
    assert b"".join(data for data, _, _ in pieces) == frame(code="91")
    assert len(pieces) == len(frame())


def test_no_frame_is_mixed_into_the_pieces_of_another() -> None:
    road = Road(Split(at=(2,), gap_s=10.0, nth=1), Delay(delay_s=1.0, terminal="T02"))
    assert [delay_s for _, delay_s, _ in delivered(road.send(1))] == [0.0, 10.0]
    assert delivered(road.send(2, now=4.0), 4.0) == [(frame(2), 6.0, "")]
    assert road.send(3, now=4.0, direction=REQUEST) is None
    assert road.send(3, now=4.0, terminal="T03") is None
    assert road.send(4, now=11.0) is None


def test_delayed_frames_keep_their_order_and_others_pass() -> None:
    road = Road(Delay(delay_s=0.0, jitter_s=10.0, mti="0210"))
    due = [delivered(road.send(n, now=0.1 * n))[0][1] for n in range(50)]
    assert all(earlier <= later for earlier, later in pairwise(due))
    assert road.send(mti="0810", now=5.0) is None


def test_a_reordered_frame_is_passed() -> None:
    road = Road(Reorder(hold_s=2.0, nth=1))
    assert delivered(road.send(1)) == [(frame(1), 2.0, "")]
    assert road.send(2, now=1.0) is None


def test_merged_frames_of_a_window_arrive_at_exactly_the_same_instant() -> None:
    road = Road(Merge(window_s=1.0, mti="0210"))
    due = [delivered(road.send(now=n / 1000))[0][1] for n in range(3000)]
    ends = sorted(set(due))
    assert len(ends) == 4
    assert all(abs(later - earlier - 1.0) < 1e-9 for earlier, later in pairwise(ends))
    assert all(n / 1000 < at <= n / 1000 + 1.0 for n, at in enumerate(due))
    assert delivered(road.send(mti="0810", now=2.9999))[0][1] == due[-1], "what follows waits behind them"


def test_no_two_cables_end_their_windows_at_one_instant() -> None:
    road = Road(Merge(window_s=0.01))
    ends = [
        delivered(road.send(terminal=f"T{n:04d}", line=line, direction=direction, now=1000.0))[0][1]
        for n in range(500)
        for line in ("primary", "secondary")
        for direction in (REQUEST, REPLY)
    ]
    assert len(set(ends)) == 2000


def test_a_frame_that_goes_astray_is_merged_at_an_instant_of_the_cable_that_carries_it() -> None:
    road, alone = Road(Swap(), Merge()), Road(Merge())
    road.send(1, terminal="T01")
    [own, astray] = delivered(road.send(2, terminal="T02"))
    [of_t02] = delivered(alone.send(terminal="T02"))
    assert (own[2], astray[2]) == ("", "T01")
    assert own[1] == astray[1] == of_t02[1]


def test_a_frame_that_waits_for_one_on_another_cable_does_not_arrive_with_it() -> None:
    road = Road(Swap(first=2), Delay(delay_s=5.0))
    road.send(1, terminal="T01")
    [_, astray] = delivered(road.send(2, terminal="T02", now=2.0))
    [after] = delivered(road.send(3, terminal="T01", now=1.0))
    assert astray[1] == 7.0
    assert 7.0 < after[1] < 7.0 + 1e-5


def test_swapped_replies_go_to_each_others_terminals() -> None:
    road = Road(Swap())
    assert delivered(road.send(1, terminal="T01")) == []
    assert road.send(5, terminal="T03", direction=REQUEST) is None
    assert delivered(road.send(2, terminal="T02")) == [(frame(1), 0.0, ""), (frame(2), 0.0, "T01")]
    assert delivered(road.send(3, terminal="T02")) == []


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(["T01", "T02", "T03"]), max_size=300))
def test_a_swap_loses_the_last_unpaired_frame_at_most(terminals: list[str]) -> None:
    road = Road(Swap())
    sent, arrived = Counter[bytes](), Counter[bytes]()
    for stan, terminal in enumerate(terminals, start=1):
        sent[frame(stan)] += 1
        for data, _, to in delivered(road.send(stan, terminal=terminal)):
            arrived[data] += 1
            assert to in ("", *terminals)
    lost = sent - arrived
    assert not arrived - sent
    assert lost.total() == len(terminals) % 2


def test_a_fault_after_a_swap_is_aimed_at_the_terminal_that_gets_the_frame() -> None:
    road = Road(Swap(), Lose(terminal="T01"))
    road.send(1, terminal="T01")
    assert delivered(road.send(2, terminal="T02")) == [(frame(1), 0.0, "")]


def test_a_frame_that_goes_astray_stays_astray_when_it_is_disturbed_further() -> None:
    road = Road(Swap(), Delay(delay_s=1.0))
    road.send(1, terminal="T01")
    assert delivered(road.send(2, terminal="T02")) == [(frame(1), 1.0, ""), (frame(2), 1.0, "T01")]


def test_a_stale_reply_comes_from_the_same_terminal_and_line() -> None:
    road = Road(Stale(nth=4))
    for terminal, stan in (("T01", 1), ("T01", 2), ("T02", 3)):
        assert road.send(stan, terminal=terminal) is None
    assert delivered(road.send(4, terminal="T01")) == [(frame(2), 0.0, "")]


def test_a_fault_that_changes_nothing_is_not_told() -> None:
    assert Road(SetField(field=39, value="00"), Truncate(keep=1000), Stale()).send() is None


def test_a_cut_of_a_carrier_meets_all_its_lines_and_no_other() -> None:
    faults = ActiveFaults(1, {"primary": "north", "backup": "north", "secondary": "south"})
    faults.add("gone", Cut(carrier="north", by="refusal"), 0.0)
    answers = [faults.dial("T01", line, "A", 0.0) for line in ("primary", "backup", "secondary", "other")]
    assert answers == ["refuse", "refuse", "accept", "accept"]
    assert faults.touches("gone", "T01", "backup", "B", 0.0)
    faults.remove("gone", 1.0)
    assert faults.dial("T01", "primary", "A", 1.0) == "accept"
