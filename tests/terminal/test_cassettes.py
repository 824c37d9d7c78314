"""The note mix: exact, even, never more than there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.terminal.cassettes import Cassettes
from atmbench.terminal.memory import Counters
from atmbench.terminal.settings import Cassette, TerminalSettings


def cassettes(*holds: tuple[str, int], notes_max: int = 40) -> Cassettes:
    made = tuple(Cassette(value, notes) for value, notes in holds)
    return Cassettes(TerminalSettings(cassettes=made, notes_per_dispense_max=notes_max), "NGN", None)


def test_all_cassettes_empty_at_the_same_pace() -> None:
    notes = cassettes(("10.00", 200), ("20.00", 200), ("50.00", 200))
    for number in range(150):
        mix = notes.mix((2000, 5000, 10000)[number % 3])
        assert mix is not None
        notes.take_off(mix, str(number))
        left = notes.counters.notes.values()
        assert max(left) - min(left) <= 12


def test_any_exact_mix_will_do_where_the_even_one_does_not_come_out() -> None:
    assert cassettes(("20.00", 100), ("50.00", 100)).mix(6000) == {"1": 3}
    assert cassettes(("20.00", 100), ("50.00", 1)).mix(11000) == {"1": 3, "2": 1}


@pytest.mark.parametrize("amount_minor", [0, -1000, 1500, 3000, 1_000_000])
def test_what_cannot_be_paid_is_not_paid(amount_minor: int) -> None:
    assert cassettes(("20.00", 100), ("50.00", 100)).mix(amount_minor) is None


def test_no_bundle_is_thicker_than_the_exit() -> None:
    assert cassettes(("10.00", 100), notes_max=10).mix(11_000) is None
    assert cassettes(("10.00", 100), ("50.00", 100), notes_max=10).mix(50_000) == {"2": 10}


def test_amounts_that_can_be_paid_instead() -> None:
    notes = cassettes(("20.00", 100), ("50.00", 100))
    assert notes.near(3000) == (2000, 4000)
    assert notes.near(500) == (2000,)
    assert cassettes(("10.00", 3)).near(9_000_000) == (3000,)
    assert cassettes(("10.00", 2000), ("50.00", 2000)).near(500_000) == (200_000,)
    assert cassettes(("10.00", 0)).near(1000) == ()


def test_an_order_is_taken_off_once_and_never_below_nothing() -> None:
    notes = cassettes(("10.00", 5))
    assert notes.take_off({"1": 3}, "a")
    assert not notes.take_off({"1": 3}, "a")
    notes.take_off({"1": 3, "9": 1}, "b")
    assert notes.counters.notes == {"1": 0}


@given(
    st.lists(st.tuples(st.sampled_from([500, 1000, 2000, 5000, 7000]), st.integers(0, 60)), min_size=1, max_size=4),
    st.integers(-10, 400),
    st.integers(1, 40),
)
def test_a_mix_is_exact_and_there(holds: list[tuple[int, int]], units: int, notes_max: int) -> None:
    made = tuple(Cassette(f"{value // 100}.00", 60) for value, _ in holds)
    counters = Counters(notes={str(at): held for at, (_, held) in enumerate(holds, start=1)})
    notes = Cassettes(TerminalSettings(cassettes=made, notes_per_dispense_max=notes_max), "NGN", counters)
    amount_minor = units * 500
    mix = notes.mix(amount_minor)
    if mix is not None:
        assert notes.value_minor(mix) == amount_minor
        assert sum(mix.values()) <= notes_max
        assert all(0 < number <= counters.notes[name] for name, number in mix.items())
    elif amount_minor > 0:
        reachable = {(0, 0)}
        for value, held in holds:
            reachable |= {(a + value * n, c + n) for a, c in reachable for n in range(1, min(held, notes_max - c) + 1)}
        assert not any(amount == amount_minor for amount, _ in reachable)
