"""What the check `counts` finds of whole terminals and sites: no transaction is named, and every figure is."""

import pytest

from atmbench.audit import counts
from atmbench.audit.judge import judge
from atmbench.audit.verdict import Finding, Status, Verdict
from atmbench.facts import AnyFact, CassettesCounted
from tests.audit.builders import CUSTOMER, SITES, Tape, key_of, stamped

KEY = key_of("T01", 118)


def judged(tape: Tape) -> Verdict:
    return tape.judge().verdict("counts")


def found(*says: str) -> tuple[Finding, ...]:
    return tuple(Finding("", each) for each in says)


def test_what_is_wrong_at_a_terminal_or_at_a_site_concerns_no_transaction() -> None:
    tape = Tape()
    tape.out["T01"] += 2000
    tape.deposited["T01"] += 3000
    tape.moves["B"] = {CUSTOMER: -100}
    assert judged(tape).findings == found(
        "T01: 20.00 gone by hand, dispenser saw 0.00 taken",
        "T01: 30.00 in the deposit bin, acceptor saw 0.00",
        "site B: all balances at the end sum to -1.00, not to zero",
        f"site B: balance of {CUSTOMER} is 99,999.00, its entries make it 100,000.00",
        f"account {CUSTOMER}: 100,000.00 at site A, 99,999.00 at site B",
    )


def test_what_cash_accounts_had_at_the_start_is_no_cash_of_this_run() -> None:
    tape = Tape()
    tape.opening["cash:T01"] = 7000
    tape.withdraw(1)
    assert judged(tape).status is Status.PASS
    tape.take(9, key_of("T01", 130), 1000)
    assert judged(tape).findings == found(
        *(f"T01: devices saw 60.00 go out, site {site} has 50.00 on cash:T01" for site in SITES)
    )


def test_a_person_who_was_told_of_a_right_transaction_explains_nothing() -> None:
    tape = Tape(open_exceptions_max=2)
    tape.exception(7, tape.withdraw(1))
    put = key_of("T01", 130)
    tape.ask(10, put, 2000, "deposit")
    tape.send(10, put, 2000)
    tape.post(10.1, put, 2000)
    tape.accept_notes(11, put, 2000)
    tape.exception(12, put)
    assert judged(tape).status is Status.PASS
    tape.deposited["T01"] += 1000
    assert judged(tape).findings == found("T01: 30.00 in the deposit bin, acceptor saw 20.00")


def test_all_of_a_deposit_that_is_in_the_bin_leaves_not_one_unit_to_be_found() -> None:
    tape = Tape(open_exceptions_max=1)
    tape.ask(1, KEY, 5000, "deposit")
    tape.accept_notes(2, KEY, 5000)
    tape.exception(3, KEY)
    history: list[AnyFact] = [fact for fact in tape.play() if not isinstance(fact, CassettesCounted)]
    for t, when, deposited in ((0.0, "start", 0), (100.0, "end", 5001)):
        counted = CassettesCounted(when=when, cassettes={}, values_minor={"a": 1}, deposited={"a": deposited})
        history.append(stamped(t, "T01", counted))
    says = [finding.says for finding in judge(history).verdict("counts").findings]
    assert "T01: 50.01 in the deposit bin, acceptor saw 50.00" in says


def test_accounts_are_told_up_to_the_bound_for_each_site_and_between_sites(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "FINDINGS_MAX", 2)
    tape = Tape()
    tape.moves["B"] = {f"fee:{name}": 100 for name in ("w", "x", "y")} | {"fee:z": -300}
    verdict = judged(tape)
    assert verdict.findings == found(
        *(f"site B: balance of fee:{name} is 1.00, its entries make it 0.00" for name in ("w", "x")),
        *(f"account fee:{name}: 0.00 at site A, 1.00 at site B" for name in ("w", "x")),
    )
    assert verdict.because.startswith("4 totals disagree: site B: balance of fee:w is ")
