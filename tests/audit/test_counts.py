from typing import Any

import msgspec
import pytest

from atmbench.audit.counts import HandCount, count_by_hand, missing_counts
from atmbench.audit.judge import judge
from atmbench.audit.verdict import Finding, Status, Verdict
from atmbench.facts import AnyFact, CashReturned, CashTaken, CassettesCounted, EntryPosted, LedgerCounted
from tests.audit.builders import CUSTOMER, Tape, key_of, stamped

KEY = key_of("T01", 118)


def counts(history: list[AnyFact]) -> Verdict:
    return judge(history).verdict("counts")


def changed_end(history: list[AnyFact], site: str, **balances: int) -> list[AnyFact]:
    """The history with other balances at the end of one site."""
    changed: list[AnyFact] = []
    for fact in history:
        if isinstance(fact, LedgerCounted) and (fact.site, fact.when) == (site, "end"):
            other = msgspec.structs.replace(fact, balances={**fact.balances, **balances})
            changed.append(stamped(fact.t, fact.actor, other))
        else:
            changed.append(fact)
    return changed


def test_three_witnesses_agree() -> None:
    tape = Tape(terminals=("T01", "T02"))
    tape.withdraw(1)
    tape.withdraw(1, "T02", 7, 2000)
    verdict = counts(tape.play())
    assert verdict.status is Status.PASS
    assert verdict.because == ("2 terminals by hand, dispensers and ledgers of 2 sites agree: 70.00 out, 0.00 in")


def test_notes_missing_by_hand() -> None:
    tape = Tape()
    tape.withdraw(1)
    tape.out["T01"] += 1000
    verdict = counts(tape.play())
    assert verdict.status is Status.FAIL
    assert verdict.findings[0].says == "T01: 60.00 gone by hand, dispenser saw 50.00 taken"


def test_rejected_and_retracted_notes_did_not_leave() -> None:
    tape = Tape()
    start = CassettesCounted(when="start", cassettes={"1": 100}, values_minor={"1": 1000})
    end = CassettesCounted(
        when="end", cassettes={"1": 90}, values_minor={"1": 1000}, rejected={"1": 7}, retracted={"1": 3}
    )
    tape.without = (CassettesCounted,)
    history = [*tape.play(), stamped(0, "T01", start), stamped(100, "T01", end)]
    assert counts(history).status is Status.PASS


def test_deposit_bin_against_acceptor() -> None:
    tape = Tape()
    tape.deposited["T01"] = 2000
    assert counts(tape.play()).findings[0].says == "T01: 20.00 in the deposit bin, acceptor saw 0.00"


def test_notes_left_in_the_escrow_are_explained_by_an_exception() -> None:
    tape = Tape(open_exceptions_max=1)
    tape.ask(1, KEY, 0, "deposit")
    tape.send(1, KEY, 2000)
    tape.exception(2, KEY)
    tape.deposited["T01"] = 2000
    assert counts(tape.play()).status is Status.PASS


@pytest.mark.parametrize(("left_minor", "status"), [(4000, Status.PASS), (5000, Status.FAIL)])
def test_an_exception_explains_no_more_than_what_neither_went_into_the_bin_nor_back(
    left_minor: int, status: Status
) -> None:
    tape = Tape(open_exceptions_max=1)
    tape.ask(1, KEY, 0, "deposit")
    tape.send(1, KEY, 6000)
    tape.accept_notes(2, KEY, 2000)
    tape.exception(2, KEY)
    tape.deposited["T01"] += left_minor
    assert counts(tape.play()).status is status


def test_a_value_nobody_knows_is_unknown() -> None:
    tape = Tape()
    tape.without = (CassettesCounted,)
    start = CassettesCounted(when="start", cassettes={"upper": 5}, values_minor={})
    end = CassettesCounted(when="end", cassettes={"upper": 5}, values_minor={})
    verdict = counts([*tape.play(), stamped(0, "T01", start), stamped(100, "T01", end)])
    assert verdict.status is Status.UNKNOWN
    assert "'upper'" in verdict.because


@pytest.mark.parametrize("kind", [LedgerCounted, CassettesCounted])
def test_missing_counts_are_unknown_and_named(kind: type) -> None:
    tape = Tape()
    tape.withdraw(1)
    tape.without = (kind,)
    verdict = counts(tape.play())
    assert verdict.status is Status.UNKNOWN
    expected = "balances of site A at the start" if kind is LedgerCounted else "notes of T01 at the start"
    assert expected in verdict.because


def test_balance_without_an_entry() -> None:
    tape = Tape()
    tape.withdraw(1)
    history = tape.play()
    for site in ("A", "B"):
        history = changed_end(history, site, **{CUSTOMER: 9_994_000, "cash:T01": 6000})
    says = [finding.says for finding in counts(history).findings]
    assert "T01: devices saw 50.00 go out, site A has 60.00 on cash:T01" in says
    assert f"site B: balance of {CUSTOMER} is 99,940.00, its entries make it 99,950.00" in says


def test_sites_that_differ_in_one_account() -> None:
    tape = Tape()
    tape.withdraw(1)
    verdict = counts(changed_end(tape.play(), "B", **{CUSTOMER: 9_994_900, "2000000001": 10_000_100}))
    assert verdict.status is Status.FAIL
    assert f"account {CUSTOMER}: 99,950.00 at site A, 99,949.00 at site B" in [each.says for each in verdict.findings]


def test_a_ledger_that_does_not_sum_to_zero() -> None:
    tape = Tape()
    verdict = counts(changed_end(tape.play(), "B", **{CUSTOMER: 10_000_001}))
    assert "site B: all balances at the end sum to 0.01, not to zero" in [each.says for each in verdict.findings]


def test_records_that_were_never_replicated() -> None:
    tape = Tape()
    tape.without = (LedgerCounted,)
    ledgers = [tape.ledger(0, "A", "start"), tape.ledger(0, "B", "start"), tape.ledger(100, "B", "end")]
    ahead = msgspec.structs.replace(tape.ledger(100, "A", "end"), unreplicated=3)
    verdict = counts([*tape.play(), *ledgers, ahead])
    assert verdict.findings == (Finding("", "site A: 3 records never reached the other site"),)


def test_an_entry_that_does_not_balance() -> None:
    tape = Tape()
    entry = EntryPosted(entry="e1", kind="posting", key=KEY, service="withdrawal", legs={CUSTOMER: -1}, origin="A")
    tape.entry(1, "A", entry)
    assert "site A: entry e1 sums to -0.01, not to zero" in [each.says for each in counts(tape.play()).findings]


def test_the_same_entry_twice_at_one_site() -> None:
    tape = Tape()
    key = tape.withdraw(1)
    tape.post(2, key, sites=("B",))
    assert f"site B: entry post/{key} was applied twice" in [each.says for each in counts(tape.play()).findings]


def test_cash_that_no_transaction_explains() -> None:
    tape = Tape()
    tape.out["T01"] += 1000
    tape.add(5, "T01", CashTaken(key="", amount_minor=1000))
    verdict = counts(tape.play())
    assert verdict.status is Status.FAIL
    assert verdict.findings[0].says == "T01: devices saw 10.00 go out, site A has 0.00 on cash:T01"


def test_an_exception_explains_its_own_difference_and_no_more() -> None:
    tape = Tape(open_exceptions_max=1)
    tape.request(1, KEY)
    tape.reply(1.04, KEY)
    tape.present(4, KEY)
    tape.retract(34, KEY)
    tape.end(34, KEY, "retracted")
    tape.exception(34, KEY)
    assert counts(tape.play()).status is Status.PASS
    tape.moves["A"]["cash:T01"] += 100
    tape.moves["A"][CUSTOMER] -= 100
    assert counts(tape.play()).status is Status.FAIL


# --- the figures themselves -------------------------------------------------------------------------


def by_hand(**counts: dict[str, int]) -> HandCount:
    """A count by hand, of `NAME_start` and `NAME_end`, where a cassette's notes are worth 10.00."""
    usual: dict[str, Any] = {"cassettes": {}, "values_minor": {"1": 1000, "2": 2000}}
    start = {name.removesuffix("_start"): notes for name, notes in counts.items() if name.endswith("_start")}
    end = {name.removesuffix("_end"): notes for name, notes in counts.items() if name.endswith("_end")}
    return count_by_hand(
        CassettesCounted(when="start", **(usual | start)),
        CassettesCounted(when="end", **(usual | {"values_minor": {}} | end)),
    )


def test_what_was_in_the_bins_before_is_taken_off() -> None:
    counted = by_hand(
        cassettes_start={"1": 10, "2": 10},
        cassettes_end={"1": 3, "2": 8},
        rejected_start={"1": 2},
        rejected_end={"1": 3},
        retracted_start={"1": 1},
        retracted_end={"1": 4},
        deposited_start={"500": 2},
        deposited_end={"500": 6, "1000": 1},
    )
    assert counted == HandCount(7000, 3000, 1000, 3000)


def test_a_hand_count_that_is_more_than_a_note_away_is_told_in_whole_sentences() -> None:
    tape = Tape(terminals=("T01", "T02", "T03"))
    for terminal in tape.terminals:
        tape.out[terminal] += 1000
    verdict = counts(tape.play())
    says = [f"{terminal}: 10.00 gone by hand, dispenser saw 0.00 taken" for terminal in tape.terminals]
    assert [(finding.key, finding.says) for finding in verdict.findings] == [("", each) for each in says]
    assert verdict.because == f"3 totals disagree: {says[0]}; {says[1]}"


def without(history: list[AnyFact], kind: type, **values: str) -> list[AnyFact]:
    return [f for f in history if not (isinstance(f, kind) and all(getattr(f, n) == v for n, v in values.items()))]


@pytest.mark.parametrize("when", ["start", "end"])
def test_one_missing_count_is_named_and_judged_nowhere(when: str) -> None:
    tape = Tape()
    tape.withdraw(1)
    history = tape.play()
    verdict = counts(without(history, CassettesCounted, when=when))
    assert (verdict.status, verdict.because) == (Status.UNKNOWN, f"1 count missing: notes of T01 at the {when}")
    verdict = counts(without(history, LedgerCounted, site="B", when=when))
    assert (verdict.status, verdict.because) == (Status.UNKNOWN, f"1 count missing: balances of site B at the {when}")


@pytest.mark.parametrize("seen", ["presented", "taken", "accepted"])
def test_a_terminal_that_was_never_counted_must_have_been_if_its_devices_saw_notes(seen: str) -> None:
    tape = Tape()
    verb = {"presented": tape.present, "taken": tape.take, "accepted": tape.accept_notes}[seen]
    verb(5, KEY)
    verdict = counts(without(tape.play(), CassettesCounted))
    missing = "notes of T01 at the start, notes of T01 at the end"
    assert missing in verdict.because or verdict.status is Status.FAIL
    assert missing_counts(judge(without(tape.play(), CassettesCounted)).book, ("A", "B")) == missing.split(", ")


def test_a_terminal_without_notes_needs_no_count() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    assert counts(without(tape.play(), CassettesCounted)).status is Status.PASS


@pytest.mark.parametrize(("left_minor", "fails"), [(1, False), (2000, False), (2001, True), (0, False), (-1, True)])
def test_what_was_left_in_the_escrow_may_be_found_to_the_last_unit(left_minor: int, fails: bool) -> None:
    tape = Tape(open_exceptions_max=1)
    tape.ask(1, KEY, 5000, "deposit")
    tape.accept_notes(2, KEY, 2000)
    tape.add(3, "T01", CashReturned(key=KEY, amount_minor=1000))
    tape.exception(3, KEY)
    history = without(tape.play(), CassettesCounted)
    values = {"a": 1}
    start = CassettesCounted(when="start", cassettes={}, values_minor=values, deposited={"a": 5000})
    end = CassettesCounted(when="end", cassettes={}, values_minor=values, deposited={"a": 7000 + left_minor})
    verdict = counts([*history, stamped(0, "T01", start), stamped(100, "T01", end)])
    assert any("in the deposit bin" in each.says for each in verdict.findings) is fails


@pytest.mark.parametrize("other", ["terminal", "service", "nobody told"])
def test_an_escrow_elsewhere_explains_nothing(other: str) -> None:
    tape = Tape(terminals=("T01", "T02"), open_exceptions_max=1)
    key = key_of("T02", 118) if other == "terminal" else KEY
    tape.ask(1, key, 5000, "withdrawal" if other == "service" else "deposit")
    if other != "nobody told":
        tape.exception(3, key)
    tape.deposited["T01"] = 2000
    assert "T01: 20.00 in the deposit bin, acceptor saw 0.00" in [each.says for each in counts(tape.play()).findings]


def test_deposits_of_which_more_was_seen_than_was_asked_leave_nothing_for_others() -> None:
    tape = Tape(open_exceptions_max=2)
    for key, asked, accepted in ((KEY, 2000, 5000), (key_of("T01", 130), 4000, 0)):
        tape.ask(1, key, asked, "deposit")
        tape.accept_notes(2, key, accepted)
        tape.exception(3, key)
    tape.deposited["T01"] += 4000
    assert [each.says for each in counts(tape.play()).findings if "bin" in each.says] == []


def test_what_exceptions_explain_is_said_where_it_is_not_enough() -> None:
    tape = Tape(terminals=("T01", "T02"), open_exceptions_max=2)
    for stan in (118, 130):
        key = key_of("T01", stan)
        tape.request(stan, key)
        tape.exception(stan + 5, key)
    tape.end_t = 300
    tape.take(290, "T01/000200/x", 2000)
    tape.accept_notes(290, "T01/000201/x", 1000)
    says = [each.says for each in counts(tape.play()).findings]
    assert says == [
        f"T01: devices saw 10.00 go out, site {site} has 100.00 on cash:T01 (100.00 explained by exceptions)"
        for site in ("A", "B")
    ]


def test_an_account_that_one_side_does_not_have_counts_as_empty_there() -> None:
    tape = Tape()
    history = changed_end(tape.play(), "B", new=500, other=-500)
    assert [each.says for each in counts(history).findings] == [
        "site B: balance of new is 5.00, its entries make it 0.00",
        "site B: balance of other is -5.00, its entries make it 0.00",
        "account new: 0.00 at site A, 5.00 at site B",
        "account other: 0.00 at site A, -5.00 at site B",
    ]
    history = changed_end(tape.play(), "A", new=500, other=-500)
    assert "account new: 5.00 at site A, 0.00 at site B" in [each.says for each in counts(history).findings]


def test_an_account_that_is_gone_at_the_end_is_told_with_nothing_on_it() -> None:
    history = []
    for fact in Tape().play():
        changed = fact
        if isinstance(fact, LedgerCounted) and (fact.site, fact.when) == ("A", "end"):
            balances = {name: amount for name, amount in fact.balances.items() if name != CUSTOMER}
            changed = stamped(fact.t, fact.actor, msgspec.structs.replace(fact, balances=balances))
        history.append(changed)
    says = [each.says for each in counts(history).findings]
    assert f"site A: balance of {CUSTOMER} is 0.00, its entries make it 100,000.00" in says
    assert f"account {CUSTOMER}: 0.00 at site A, 100,000.00 at site B" in says


def test_findings_on_entries_name_their_transaction_and_their_facts() -> None:
    tape = Tape()
    key = tape.withdraw(1)
    tape.post(2, key, sites=("B",))
    odd = EntryPosted(entry="e1", kind="posting", key=key, service="withdrawal", legs={CUSTOMER: -1}, origin="A")
    tape.entry(3, "A", odd)
    history = tape.play()
    numbers = [number for number, fact in enumerate(history, 1) if getattr(fact, "key", "") == key]
    at = next(number for number, fact in enumerate(history, 1) if getattr(fact, "entry", "") == "e1")
    found = {each.says: each for each in counts(history).findings}
    twice = found[f"site B: entry post/{key} was applied twice"]
    assert (twice.key, twice.facts) == (key, (numbers[0], numbers[-1]))
    unbalanced = found["site A: entry e1 sums to -0.01, not to zero"]
    assert (unbalanced.key, unbalanced.facts) == (key, (at,))
