"""Totals of a run: every figure of every witness, and none that is not known."""

import pytest

from atmbench.audit.counts import HandCount
from atmbench.audit.judge import judge
from atmbench.audit.totals import SiteTotals, Totals
from atmbench.facts import CassettesCounted, CustomerTurnedAway, LedgerCounted, PowerFailed
from tests.audit.builders import Tape, key_of

DEPOSIT, CLIENT = key_of("T02", 5), key_of("W01", 9)


def totals(tape: Tape) -> Totals:
    found = tape.judge().totals
    assert found is not None
    return found


def deposit(tape: Tape, t: float, key: str = DEPOSIT, minor: int = 3000) -> None:
    tape.ask(t, key, minor, "deposit")
    tape.send(t, key, minor)
    tape.post(t + 0.1, key, minor)
    tape.reply(t + 0.2, key, minor)
    tape.accept_notes(t + 1, key, minor)
    tape.end(t + 1, key)


def run() -> Tape:
    """Two withdrawals and one without a reply, one that is retracted and one that never ends, and a deposit."""
    tape = Tape(terminals=("T01", "T02"))
    tape.withdraw(1, minor=5000)
    tape.withdraw(8, stan=120, minor=4000)
    tape.lost_reply(20, "T01", 130, 2000)
    late = key_of("T01", 140)
    tape.request(55, late, 1000)
    tape.reply(55.1, late, 1000)
    tape.present(56, late, 1000)
    tape.retract(70, late, 1000)
    tape.end(70, late, "retracted")
    tape.reversal(70, late, 141, 1000)
    tape.ask(80, key_of("T02", 1))
    deposit(tape, 5)
    deposit(tape, 12, key_of("T02", 6), 2000)
    for t, terminal in ((3.0, "T01"), (4.0, "T02"), (5.0, "T02")):
        tape.add(t, terminal, CustomerTurnedAway(because="closed"))
        tape.add(t, terminal, PowerFailed(during="idle"))
    return tape


def test_every_figure_of_a_run_is_added_up() -> None:
    assert totals(run()) == Totals(
        outcomes={"deposit": {"approved": 2}, "withdrawal": {"approved": 2, "no_answer": 1, "open": 1, "retracted": 1}},
        by_channel={},
        turned_away=3,
        approved_minor=9000,
        taken_minor=9000,
        retracted_minor=1000,
        accepted_minor=5000,
        hand=HandCount(9000, 5000, 0, 1000),
        sites=(SiteTotals("A", 9000, 5000, 4000, 8, 2), SiteTotals("B", 9000, 5000, 4000, 8, 2)),
        messages=8,
        advices=2,
        power_failures=3,
    )


def test_services_and_outcomes_stand_in_the_order_of_their_names() -> None:
    found = totals(run()).outcomes
    assert list(found) == ["deposit", "withdrawal"]
    assert list(found["withdrawal"]) == ["approved", "no_answer", "open", "retracted"]


def test_channels_are_told_apart_where_there_are_any() -> None:
    tape = run()
    tape.channels = {"web": ("W01",)}
    tape.ask(40, CLIENT, 700, "transfer")
    tape.end(41, CLIENT, "declined")
    found = totals(tape).by_channel
    assert list(found) == ["atm", "web"]
    assert found["web"] == {"transfer": {"declined": 1}}
    assert found["atm"] == totals(run()).outcomes


def test_what_a_terminal_never_began_is_no_transaction_of_its() -> None:
    tape = Tape()
    key = key_of("T01", 7)
    tape.services[key] = "withdrawal"
    tape.post(5, key)
    found = totals(tape)
    assert found.outcomes == {}
    assert [site.entries for site in found.sites] == [1, 1]


def without(tape: Tape, kind: type, **values: str) -> Totals:
    """The totals of a history that lacks the facts of a kind with these values."""
    history = [
        fact
        for fact in tape.play()
        if not (isinstance(fact, kind) and all(getattr(fact, name) == value for name, value in values.items()))
    ]
    found = judge(history).totals
    assert found is not None
    return found


def test_rejected_notes_are_counted_by_hand() -> None:
    tape = Tape(terminals=("T01", "T02"))
    for t, terminal, counted in (
        (0.0, "T01", CassettesCounted(when="start", cassettes={"1": 9}, values_minor={"1": 1000}, rejected={"1": 1})),
        (99.0, "T01", CassettesCounted(when="end", cassettes={"1": 4}, values_minor={"1": 1000}, rejected={"1": 3})),
        (0.0, "T02", CassettesCounted(when="start", cassettes={"1": 9}, values_minor={"1": 1000}, retracted={"1": 2})),
        (99.0, "T02", CassettesCounted(when="end", cassettes={"1": 5}, values_minor={"1": 1000}, retracted={"1": 5})),
    ):
        tape.add(t, terminal, counted)
    plain = [fact for fact in tape.play() if not isinstance(fact, CassettesCounted) or fact in tape.facts]
    found = judge(plain).totals
    assert found is not None
    assert found.hand == HandCount(4000, 0, 2000, 3000)


@pytest.mark.parametrize("when", ["start", "end"])
def test_figures_by_hand_need_every_count(when: str) -> None:
    assert without(run(), CassettesCounted, actor="T02", when=when).hand is None


@pytest.mark.parametrize("when", ["start", "end"])
def test_cash_accounts_need_both_counts_of_balances(when: str) -> None:
    found = without(run(), LedgerCounted, site="A", when=when)
    assert [site.cash_accounts_minor for site in found.sites] == [None, 4000]


def test_each_site_is_told_for_itself_and_less_what_its_cash_accounts_had_at_the_start() -> None:
    tape = Tape()
    tape.opening["cash:T01"] = 7000
    key = key_of("T01", 118)
    tape.ask(1, key)
    tape.post(1.02, key, sites=("A",))
    tape.reverse(2, key, sites=("B",))
    assert totals(tape).sites == (SiteTotals("A", 5000, 0, 5000, 1, 0), SiteTotals("B", -5000, 0, -5000, 1, 1))
