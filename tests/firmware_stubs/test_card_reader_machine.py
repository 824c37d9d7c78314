"""The mechanism of the Omron 3S4YR stub: jams, power, hands, and what nobody may see, as transcripts."""

from typing import Any

import pytest

from firmware_stubs.card_reader.stub import CardReader
from firmware_stubs.errors import OrderError
from firmware_stubs.outcomes import Keep
from tests.firmware_stubs.reader_host import TRACK2, Host, ready, with_card

# --- what goes wrong inside -----------------------------------------------------------------------


def test_after_a_jam_only_initial_reset_is_heeded() -> None:
    host = with_card()
    host.order("jam", at="front_throat", times=4)
    assert host.ask("C30") == "N3010"
    assert host.heard_of() == ["card_stuck"] * 4, "three retries"
    assert host.ask("C11") == "N1110"
    assert host.ask("C00") == "P0001"


def test_a_jam_at_the_rear_has_its_own_error() -> None:
    host = with_card()
    host.order("jam", at="bin")
    assert host.ask("C31") == "N3116"
    assert host.stub.seen()["place"] == "rear_throat"
    assert host.ask("C02") == "P0202"
    host.order("clear_jams")
    assert host.ask("C31") == "P3100"


def test_a_full_bin_jams_the_rear() -> None:
    host = ready(bin_cards=0)
    host.order("insert_card", track2=TRACK2)
    host.ask("C20")
    assert host.ask("C31") == "N3116"


@pytest.mark.parametrize(
    ("part", "error"), [("shutter", "11"), ("sensor", "12"), ("motor", "13"), ("encoder", "17"), ("contact", "81")]
)
def test_what_is_broken_is_found_by_initial_reset(part: str, error: str) -> None:
    host = ready()
    host.order("break", part=part)
    assert host.ask("C02") == f"N02{error}"
    host.order("mend", part=part)
    assert host.ask("C02") == "P0200"


def test_a_card_of_a_wrong_length_can_only_go_back() -> None:
    host = ready()
    host.order("insert_card", track2=TRACK2, length="short")
    assert host.ask("C20") == "N2021"
    assert host.ask("C62") == "N6201"
    assert host.ask("C30") == "P3001"


def test_a_hand_is_faster_than_the_rollers() -> None:
    host = with_card()
    host.ask("C30")
    host.begin("C41")
    host.order("take_card")
    assert host.end() == b"N4160"
    host.order("insert_card", track2=TRACK2)
    host.begin("C20")
    host.wait(0.1)
    host.order("take_card")
    assert host.end() == b"N2014"
    assert host.ask("C02") == "P0200"


def test_a_reset_cannot_draw_in_a_card_that_is_held() -> None:
    host = with_card()
    host.ask("C30")
    host.order("hold_card")
    assert host.ask("C02") == "N0264"
    assert host.ask("C01") == "N0164"
    host.order("release_card")
    assert host.ask("C02") == "P0202"


# --- power ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handling", "place", "told"),
    [("A", "inside", []), ("B", "takeout", ["card_presented"]), ("C", None, ["card_captured"])],
)
def test_a_condenser_moves_the_card_once_more(handling: str, place: str | None, told: list[str]) -> None:
    host = with_card()
    host.ask(f"C020{handling}")
    host.order("power_off")
    assert host.stub.seen()["place"] == place
    assert host.heard_of() == told


def test_without_a_condenser_it_stays() -> None:
    host = ready(has_condenser=False)
    host.order("insert_card", track2=TRACK2)
    host.ask("C20")
    host.order("power_off")
    assert host.stub.seen()["place"] == "inside"


def test_power_fails_in_the_middle_of_a_move() -> None:
    host = with_card()
    host.ask("C020A")
    host.begin("C31")
    host.wait(0.3)
    host.order("power_off")
    assert host.stub.seen()["place"] == "rear_throat"
    assert host.wait(10) == b""
    host.order("power_on")
    assert host.ask("C11") == "N1119"
    assert host.ask("C02") == "P0202"
    assert host.ask("C62") == f"P6202{TRACK2}"


def test_a_hand_takes_a_card_in_the_dark() -> None:
    host = with_card()
    host.ask("C30")
    host.order("power_off")
    host.order("take_card")
    host.order("power_on")
    assert host.ask("C02") == "P0200"


def test_a_new_process_knows_where_the_card_is_but_not_what_is_on_it() -> None:
    host = with_card()
    host.ask("C31")
    host.order("insert_card", track2=TRACK2)
    host.ask("C20")
    after = Host(CardReader(host.stub.kept()))
    assert after.ask("C02") == "P0202"
    assert after.ask("CQ0") == "PQ002001"
    assert after.ask("C62") == "N6244"
    assert host.stub.kept() == {"place": "inside", "card": "999999******1234", "binned": 1, "counter": 1}


def test_what_moved_is_kept_before_it_is_told() -> None:
    host = with_card()
    host.outcomes.clear()
    host.ask("C30")
    kinds = [type(outcome).__name__ for outcome in host.outcomes]
    assert kinds == ["Send", "Keep", "Keep", "Keep", "Tell", "Send"]
    assert Keep() in host.outcomes


# --- hands ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "order",
    [
        {"do": "insert_card", "track2": "9999990000001234D3012"},
        {"do": "insert_card", "track2": 9999990000001234},
        {"do": "insert_card", "track2": TRACK2, "unreadable": {"2": "99"}},
        {"do": "insert_card", "track2": TRACK2, "length": "odd"},
        {"do": "insert_card", "track2": TRACK2, "chip": {"atr": "zz"}},
        {"do": "insert_card", "track2": TRACK2, "chip": {"script": {"00": "9000"}}},
        {"do": "take_card"},
        {"do": "hold_card"},
        {"do": "remove_card"},
        {"do": "jam", "at": "nowhere"},
        {"do": "jam", "at": "bin", "times": 0},
        {"do": "break", "part": "heart"},
    ],
)
def test_what_cannot_be_done_is_refused_without_card_data(order: dict[str, Any]) -> None:
    with pytest.raises(OrderError) as refused:
        ready().stub.on_order(order, 9.0)
    assert "0000001234" not in str(refused.value)


def test_one_hand_at_a_time() -> None:
    host = ready()
    host.order("insert_card", track2=TRACK2)
    with pytest.raises(OrderError, match="with a card already"):
        host.order("insert_card", track2=TRACK2)
    host.order("take_card")
    assert host.heard_of() == ["card_withdrawn"]


def test_an_operator_takes_a_stuck_card_out() -> None:
    host = with_card()
    host.order("jam", at="inside")
    host.order("remove_card")
    assert host.heard_of() == ["card_removed"]
    assert host.ask("C10") == "P1000"


def test_no_track_data_is_seen_kept_or_told() -> None:
    host = with_card(track1="B9999990000001234^TEST/CARD^3012")
    host.ask("C30")
    host.order("take_card")
    shown = repr([host.stub.seen(), host.stub.kept(), host.stub.machine.card])
    shown += repr([each for each in host.outcomes if type(each).__name__ != "Send"])
    assert "1234" in shown
    assert "0000001234" not in shown
    assert "TEST/CARD" not in shown
