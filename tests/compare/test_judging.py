"""What two recordings differ in: planted differences, and chance, which is none."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.compare import Comparison, Recording, Settings, compare
from atmbench.compare.recording import About, Kind

SETTINGS = Settings(alpha=0.001, timing_percent=5)
KIND = Kind("host", "0210", "withdrawal", "00")


def empty(name: str) -> Recording:
    recording = Recording(name, lambda mti: {})
    recording.about = About(name=name, drill="d", venue="virtual", currency="NGN", is_complete=True)
    return recording


def both(change: Callable[[Recording, bool], None], settings: Settings = SETTINGS) -> Comparison:
    a, b = empty("a"), empty("b")
    change(a, False)
    change(b, True)
    return compare(a, b, settings)


def heard(texts: list[str]) -> list[tuple[float, str]]:
    return [(float(second), text) for second, text in enumerate(texts)]


def timed(base_s: float, size: int, rng: Random, spread: float = 0.1) -> list[tuple[float, float]]:
    return [(float(second), base_s * rng.uniform(1 - spread, 1 + spread)) for second in range(size)]


@given(st.integers(0, 10_000))
def test_two_draws_of_one_thing_do_not_differ(seed: int) -> None:
    rng = Random(seed)

    def draw(run: Recording, _: bool) -> None:
        run.answers = {purpose: timed(0.2, rng.randint(20, 200), rng) for purpose in ("withdrawal", "balance")}
        run.outcomes = {"withdrawal": heard(rng.choices(["approved", "declined", "no_answer"], [90, 8, 2], k=300))}
        run.codes = {("0210", "withdrawal"): heard(rng.choices(["00", "51", "55", "14"], [90, 7, 2, 1], k=300))}
        run.messages = {KIND: [(("54", rng.choice("AB")),) for _ in range(300)]}

    assert both(draw).differences == ()


def test_a_tenth_slower_is_found_where_a_tenth_matters() -> None:
    def draw(run: Recording, after: bool) -> None:
        run.answers = {"withdrawal": timed(0.22 if after else 0.2, 200, Random(after))}

    (found,) = both(draw).differences
    assert (found.about, found.what) == ("timings", "withdrawal, from sending to the answer")
    assert both(draw, Settings(alpha=0.001, timing_percent=20)).is_none


def test_two_constant_times_are_different_without_a_test() -> None:
    def draw(run: Recording, after: bool) -> None:
        run.answers = {"withdrawal": [(float(t), 0.22 if after else 0.2) for t in range(3)]}

    (found,) = both(draw).differences
    assert found.p == 0


def test_one_long_queue_is_one_witness() -> None:
    def draw(run: Recording, after: bool) -> None:
        run.answers = {"sign_on": [(t / 10, 5.0 + after + t / 100) for t in range(100)]}

    found = both(draw)
    assert found.is_none
    assert found.untold == 1


def test_whoever_was_lost_in_one_long_queue_is_one_witness_too() -> None:
    def draw(run: Recording, after: bool) -> None:
        run.answers = {"withdrawal": [(0.0, 30.0)]}
        run.outcomes = {"withdrawal": heard(["no_answer" if after and t < 30 else "approved" for t in range(100)])}

    assert both(draw).is_none


def test_one_outage_is_one_witness() -> None:
    def draw(run: Recording, after: bool) -> None:
        lost = range(40, 80) if after else range(50, 60)
        run.outcomes = {"withdrawal": heard(["no_answer" if t in lost else "approved" for t in range(100)])}

    assert both(draw).is_none


def test_a_run_that_serves_nobody_any_more_is_found() -> None:
    def draw(run: Recording, after: bool) -> None:
        run.outcomes = {"withdrawal": heard(["no_answer" if after else "approved"] * 20)}

    (found,) = both(draw).differences
    assert (found.about, found.change, found.p) == ("outcomes", "approved -> no_answer", 0)


@pytest.mark.parametrize(("served", "found"), [(60, False), (40, True)])
def test_a_run_that_serves_less_than_half_is_found(served: int, found: bool) -> None:
    def draw(run: Recording, after: bool) -> None:
        run.outcomes = {"withdrawal": heard(["approved"] * (served if after else 100))}

    assert [each.what for each in both(draw).differences] == ["transactions approved, of all services"] * found


def test_a_rare_code_that_takes_the_place_of_another_is_found() -> None:
    def draw(run: Recording, after: bool) -> None:
        run.good = {"00"}
        codes = ["00", "00", "00", "00", "61" if after else "51"] * 20
        run.codes = {("0210", "withdrawal"): heard(codes), ("0210", "balance"): heard(["00"] * 20)}

    (found,) = both(draw).differences
    assert (found.about, found.what, found.b) == ("codes", "0210 withdrawal", "00 80, 61 20 (of 100)")


def test_two_answers_with_one_meaning_and_another_code_are_enough() -> None:
    def draw(run: Recording, after: bool) -> None:
        run.meanings = {
            ("0210", "withdrawal", "insufficient_funds"): ["61" if after else "51"] * 2,
            ("0210", "balance", "insufficient_funds"): ["61" if after else "51"],
        }

    (found,) = both(draw).differences
    assert (found.what, found.change) == ("0210 withdrawal that means insufficient funds", "51 -> 61")


def test_a_code_that_changes_in_the_middle_of_a_run_is_found() -> None:
    def draw(run: Recording, after: bool) -> None:
        run.meanings = {("0210", "withdrawal", "insufficient_funds"): ["51"] * 15 + ["61" if after else "51"] * 25}

    (found,) = both(draw).differences
    assert (found.a, found.b) == ("51 (all 40)", "61 25, 51 15 (of 40)")


def test_a_field_that_came_is_told_with_what_it_says() -> None:
    def draw(run: Recording, after: bool) -> None:
        run.messages = {KIND: [(("39", "00"), ("60", "SW 02"))[: 1 + after]] * 40}

    (found,) = both(draw).differences
    assert (found.field, found.a, found.b) == ("60", "(absent) (all 40)", "SW 02 (all 40)")
    assert both(draw, Settings(alpha=0.001, timing_percent=5, volatile=frozenset({"60"}))).is_none


def test_another_text_and_another_pattern_of_a_field_are_found() -> None:
    rng = Random(1)

    def draw(run: Recording, after: bool) -> None:
        run.messages = {
            KIND: [(("32", "99" if after else "11"), ("38", f"{rng.randrange(10**6):0{6 + after}}")) for _ in range(40)]
        }

    found = both(draw).differences
    assert [(each.field, each.change) for each in found] == [("32", "11 -> 99"), ("38", "9(6) -> 9(7)")]


def test_what_one_run_has_often_and_the_other_never_is_found() -> None:
    def draw(run: Recording, after: bool) -> None:
        run.types = {} if after else {("host", "echo"): ["0810"] * 20, ("host", "sign_off"): ["0810"] * 19}

    (found,) = both(draw).differences
    assert (found.what, found.a, found.b) == ("echo from the host", "0810 (all 20)", "none")


def test_runs_that_cannot_be_compared_fairly_are_named() -> None:
    def draw(run: Recording, after: bool) -> None:
        if after:
            run.about = About(name="b", drill="other", venue="virtual", currency="NGN", is_complete=True, stopped=True)

    assert both(draw).unlike == ("the drill of a is d, that of b is other", "b was stopped before its end")
