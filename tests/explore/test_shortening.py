"""Ways to make a drill shorter, each driven by what is good and what is not."""

from collections.abc import Callable

import pytest

from atmbench.drill.load import parse_drill
from atmbench.drill.records import Drill
from atmbench.explore.failures import weight
from atmbench.explore.shortening import (
    Way,
    default_settings,
    drop_steps,
    fewer_cards,
    fewer_terminals,
    plain_expectations,
    rounder_times,
    simpler_steps,
    sooner,
)
from atmbench.terminal.settings import TerminalSettings

LONG = parse_drill(
    """
drill: long
proves: something
terminals: 4
host: {replication_lag_s: 3}
terminal: {timers: {reply_s: 12}}
cards: {cards: 30, opening_balance: "500.00"}
steps:
- {at: 11.3, withdraw: {terminal: T03, amount: "50.00", card: 7}}
- {at: 12.7, name: gone, cut: {line: primary, terminal: T03, by: reset}}
- {at: 20.1, stop_site: {site: B}}
- {at: 33.3, start_site: {site: B}}
- {at: 40.2, transact: {terminal: T02, service: transfer, amount: "20.00"}}
- {at: 41.9, mend: {name: gone}}
heal: {at: 90}
expect: {open_exceptions_max: 5, approved_min: 0}
""",
    "long",
)


def driven(way: Way, drill: Drill, is_good: Callable[[Drill], bool]) -> Drill:
    """What a way comes to."""
    try:
        proposed = next(way)
        while True:
            good = is_good(proposed)
            drill = proposed if good else drill
            proposed = way.send(good)
    except StopIteration:
        return drill


def commands(drill: Drill) -> list[str]:
    return [next(name for name in step.__struct_fields__[6:] if getattr(step, name)) for step in drill.steps]


def test_steps_go_until_only_those_that_count_are_left() -> None:
    short = driven(drop_steps(LONG), LONG, lambda drill: {"cut", "withdraw"} <= set(commands(drill)))
    assert commands(short) == ["withdraw", "cut"]


def test_a_mend_goes_with_its_fault_and_a_start_with_its_stop() -> None:
    short = driven(drop_steps(LONG), LONG, lambda drill: "cut" not in commands(drill) or "stop_site" in commands(drill))
    assert commands(short) == []


def test_one_terminal_is_enough_for_all_that_are_named() -> None:
    short = driven(fewer_terminals(LONG), LONG, lambda drill: True)
    assert short.terminals == 1
    assert [getattr(step.withdraw or step.cut or step.transact, "terminal", "") for step in short.steps] == [
        "T01",
        "T01",
        "",
        "",
        "T01",
        "",
    ]


def test_two_terminals_that_must_differ_stay_two() -> None:
    short = driven(fewer_terminals(LONG), LONG, lambda drill: drill.terminals > 1)
    assert short.terminals == 2
    assert {step.withdraw.terminal for step in short.steps if step.withdraw} == {"T02"}


def test_cards_settings_and_expectations_go_back_to_what_is_usual() -> None:
    drill = LONG
    usual = TerminalSettings()
    for way in (fewer_cards, default_settings(usual), plain_expectations):
        drill = driven(way(drill), drill, lambda drill: True)
    assert (drill.host, drill.terminal, drill.cards.opening_balance) == (type(drill.host)(), usual, "1000.00")
    assert drill.cards.cards == 1
    assert drill.expect.open_exceptions_max == 0


def test_a_setting_that_counts_stays_beside_those_that_go() -> None:
    short = driven(default_settings(TerminalSettings())(LONG), LONG, lambda drill: drill.terminal.timers.reply_s == 12)
    assert short.terminal.timers.reply_s == 12
    assert short.host.replication_lag_s == 0.2


def test_times_become_round_and_come_as_soon_as_can_be() -> None:
    short = LONG
    for way in (sooner, rounder_times):
        short = driven(way(short), short, lambda drill: (drill.steps[1].at or 0) - (drill.steps[0].at or 0) >= 1)
    assert [step.at for step in short.steps[:2]] == [0.0, 1.0]
    assert short.heal.at < 10


def test_a_step_says_no_more_than_it_must() -> None:
    short = driven(simpler_steps(LONG), LONG, lambda drill: any(step.name for step in drill.steps))
    cut, withdraw = short.steps[1].cut, short.steps[0].withdraw
    assert cut is not None
    assert (cut.line, cut.terminal, cut.by) == ("", "", "silence")
    assert withdraw is not None
    assert (withdraw.amount, withdraw.card) == ("10.00", None)


@pytest.mark.parametrize("way", [drop_steps, fewer_terminals, fewer_cards, plain_expectations])
def test_whatever_is_left_out_weighs_less(way: Callable[[Drill], Way]) -> None:
    assert weight(driven(way(LONG), LONG, lambda drill: True)) < weight(LONG)
