"""The check `view` at its limits: what lasts just as long as is allowed, and from when a customer has waited."""

from typing import Any

import pytest

from atmbench.audit.verdict import Verdict
from tests.audit.builders import Tape, key_of

KEY, OTHER = key_of("W01", 7), key_of("W01", 8)


def tape(**view: Any) -> Tape:
    tape = Tape(view=view)
    tape.channels = {"online": ("W01",)}
    return tape


def judged(tape: Tape) -> Verdict:
    return tape.judge().verdict("view")


def says(tape: Tape) -> list[str]:
    return [finding.says for finding in judged(tape).findings]


def asked(tape: Tape, t: float, key: str = KEY) -> None:
    """A client begins, and asks a second later."""
    tape.ask(t - 1, key, service="transfer")
    tape.send(t, key, line="online")


def test_a_run_with_channels_is_asked_what_their_customers_saw() -> None:
    run = Tape()
    run.channels = {"online": ("W01",)}
    assert judged(run).because == "0 balances told, 0 of them stale; nothing posted twice"


@pytest.mark.parametrize(("stale_s", "found"), [(0.5, 0), (0.4, 1)])
def test_a_balance_may_be_just_as_old_as_is_allowed(stale_s: float, found: int) -> None:
    run = tape(stale_balances_max=1, stale_s=stale_s)
    asked(run, 10.0)
    run.post(10.0, KEY, sites=("A",))
    run.reply(10.5, KEY, line="online")
    run.tell(11.0, key_of("W01", 3), "B")
    assert len(says(run)) == found
    assert judged(run).because.startswith("1 balance told, 1 of them stale (by 0.500 s at most); ")


def test_a_balance_that_is_told_in_the_instant_in_which_an_entry_comes_has_it() -> None:
    for told_t, found in ((11.5, 1), (12.0, 0)):
        run = tape()
        asked(run, 10.0)
        run.post(10.0, KEY, sites=("A",))
        run.post(12.0, KEY, sites=("B",))
        run.reply(10.5, KEY, line="online")
        run.tell(told_t, key_of("W01", 3), "B")
        assert len(says(run)) == found


def test_a_posting_that_comes_without_its_reversal_makes_a_balance_wrong_from_that_instant() -> None:
    for told_t, found in ((11.5, 0), (12.0, 1), (14.0, 0)):
        run = tape()
        asked(run, 1.0)
        run.post(1.0, KEY, sites=("A",))
        run.end(9.0, KEY, "no_answer")
        run.queue(9.0, KEY, 8)
        run.reverse(10.0, KEY, sites=("A",))
        run.settle(10.5, KEY, 8)
        run.post(12.0, KEY, sites=("B",))
        run.reverse(14.0, KEY, sites=("B",))
        run.tell(told_t, key_of("W01", 3), "B")
        assert len(says(run)) == found


@pytest.mark.parametrize(("budget_s", "is_late"), [(0.5, False), (0.4, True)])
def test_customers_wait_from_the_request_to_its_answer(budget_s: float, is_late: bool) -> None:
    run = tape(delay_s={"online": budget_s})
    asked(run, 10.0)
    run.reply(10.5, KEY, line="online")
    run.end(11.0, KEY)
    late = f"W01 STAN 000007 transfer (online) was answered after 0.500 s, {budget_s:g} s allowed"
    assert says(run) == ([late] if is_late else [])


def test_customers_who_were_told_that_no_answer_came_have_waited_until_then() -> None:
    run = tape(delay_s={"online": 29.0})
    run.ask(10.0, OTHER, service="balance")
    unsent = key_of("W01", 6)
    run.ask(5.0, unsent, service="transfer")
    run.end(8.0, unsent, "host_unavailable")
    asked(run, 20.0)
    run.end(50.0, KEY, "no_answer")
    assert says(run) == [
        "W01 STAN 000007 transfer (online) was answered after 30.000 s, 29 s allowed",
        "W01 STAN 000008 balance (online) never got a final answer",
    ]
    assert "; online: 2 answered, the slowest in 30.000 s, 29 s allowed: W01 STAN 000007 " in judged(run).because
