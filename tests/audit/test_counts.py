import msgspec
import pytest

from atmbench.audit.judge import judge
from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import AnyFact, CashTaken, CassettesCounted, EntryPosted, LedgerCounted
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
    assert [each.says for each in verdict.findings] == ["site A: 3 records never reached the other site"]


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
