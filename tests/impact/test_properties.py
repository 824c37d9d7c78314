"""Whatever a history holds, the sums of its impact agree with each other and with the audit's own figures."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from atmbench.audit.judge import judge
from atmbench.audit.money import reconcile
from atmbench.facts import CustomerTurnedAway, PowerFailed, PowerRestored, RunEnded, StateChanged
from atmbench.impact.causes import NOT_SERVED, Cause
from atmbench.impact.impact import impact_of_history
from tests.audit.builders import Tape, key_of

TERMINALS = ("T01", "T02", "W01")
TIMES = st.floats(0, 89).map(lambda t: round(t, 3))
VERBS = ("ask", "send", "post", "reverse", "reply", "take", "end", "queue", "settle", "exception", "accept_notes")
OUTCOMES = ("approved", "declined", "no_answer", "suspect", "cancelled", "interrupted", "not_dispensed")
STATES = ("ready", "closed", "authorising", "recovering", "parting")


@st.composite
def tapes(draw: st.DrawFn) -> Tape:
    """Transactions in which anything may be missing, come twice, or stand in the wrong order."""
    tape = Tape(terminals=TERMINALS)
    tape.channels = {"online": ("W01",)}
    for stan in range(1, draw(st.integers(1, 5)) + 1):
        key = key_of(draw(st.sampled_from(TERMINALS)), stan)
        tape.services[key] = draw(st.sampled_from(("withdrawal", "deposit", "transfer")))
        for verb in draw(st.lists(st.sampled_from(VERBS), max_size=9)):
            play(tape, verb, draw(TIMES), key, draw)
    for terminal in TERMINALS:
        for t in draw(st.lists(TIMES, max_size=5)):
            tape.add(t, terminal, draw(happenings()))
    if draw(st.booleans()):
        tape.without = (RunEnded,)
    return tape


def happenings() -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(StateChanged, old=st.just(""), new=st.sampled_from(STATES), because=st.just("")),
        st.builds(CustomerTurnedAway, because=st.just("closed"), service=st.sampled_from(("withdrawal", "transfer"))),
        st.builds(PowerFailed, during=st.just("ready")),
        st.builds(PowerRestored),
    )


def play(tape: Tape, verb: str, t: float, key: str, draw: st.DrawFn) -> None:
    match verb:
        case "ask":
            tape.ask(t, key, service=tape.services[key])
        case "end" | "reply":
            getattr(tape, verb)(t, key, outcome=draw(st.sampled_from(OUTCOMES)))
        case "post" | "reverse":
            sites = draw(st.sampled_from((("A", "B"), ("A",), ("B",))))
            getattr(tape, verb)(t, key, sites=sites, n=str(draw(st.integers(0, 2))))
        case "queue" | "settle":
            getattr(tape, verb)(t, key, 500 + draw(st.integers(0, 9)))
        case _:
            getattr(tape, verb)(t, key)


@given(tapes())
def test_sums_agree_with_each_other(tape: Tape) -> None:
    found = impact_of_history(tape.play())
    records = found.customers
    assert found.touched == len(records) == found.touched_transactions + found.turned_away
    assert found.touched_transactions <= found.transactions
    assert found.cards <= found.touched_transactions
    assert sum(each.asked for each in found.services) == found.transactions + found.turned_away
    assert sum(each.touched for each in found.services) == found.touched
    not_served = sum(not NOT_SERVED.isdisjoint(each.causes) for each in records)
    assert sum(each.not_served for each in found.services) == not_served
    for cause in Cause:
        assert found.causes.get(cause.value, 0) == sum(cause in each.causes for each in records)
    for part in ("without_service", "money_wrong", "delayed", "waiting"):
        total_s = sum(getattr(each.lost, f"{part}_s") for each in records)
        assert abs(getattr(found.minutes, part) * 60 - total_s) < 1e-3
    assert abs(found.minutes.lost * 60 - sum(each.lost.seconds for each in records)) < 1e-3
    assert abs(sum(each.lost_s for each in found.services) - found.minutes.lost * 60) < 1e-3


@given(tapes())
def test_the_whole_of_what_one_lost_is_no_less_than_a_part_and_no_more_than_all_parts(tape: Tape) -> None:
    for each in impact_of_history(tape.play()).customers:
        lost = each.lost
        parts = (lost.without_service_s, lost.money_wrong_s, lost.delayed_s, lost.waiting_s)
        assert max(parts) - 1e-5 <= lost.seconds <= sum(parts) + 1e-5
        assert min(parts) >= 0


@given(tapes())
def test_wrong_money_is_what_the_audit_says(tape: Tape) -> None:
    history = tape.play()
    found, audit = impact_of_history(history), judge(history)
    assert found.made_good == audit.made_good
    wronged = [each for each in found.customers if Cause.MONEY_WRONG in each.causes]
    customers = audit.made_good.customers if audit.made_good is not None else 0
    assert len(wronged) == sum(each.money is not None for each in found.customers) == customers
    if not found.is_complete:
        assert Cause.BOOKS_DIFFER.value not in found.causes
    else:
        result = reconcile(audit.book)
        disagree = {case.key for case in (*result.wrong, *result.named)}
        assert {each.key for each in found.customers if Cause.BOOKS_DIFFER in each.causes} == disagree


@given(tapes())
def test_the_time_of_terminals_adds_up(tape: Tape) -> None:
    found = impact_of_history(tape.play())
    for each in (*found.terminals, *found.fleet):
        assert abs(sum(each.states.values()) - each.observed_s) < 1e-4
        assert each.availability is None or 0 <= each.availability <= 1
        assert each.longest_out_s <= each.out_of_service_s + 1e-5
    assert sum(each.terminals for each in found.fleet) == len(found.terminals)
    for name in ("in_service_s", "out_of_service_s", "in_vain_s"):
        assert (
            abs(sum(getattr(each, name) for each in found.terminals) - sum(getattr(each, name) for each in found.fleet))
            < 1e-4
        )
