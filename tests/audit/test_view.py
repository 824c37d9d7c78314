"""Check `view`: what customers could see of their accounts, over all channels and both sites."""

from typing import Any

import pytest

from atmbench.audit import host_cases, told
from atmbench.audit.judge import Audit
from atmbench.audit.verdict import Status, Verdict
from tests.audit.builders import CUSTOMER, Tape, key_of

CLIENTS: dict[str, tuple[str, ...]] = {"online": ("W01",), "mobile": ("M01",)}


def tape(**view: Any) -> Tape:
    tape = Tape(view=view)
    tape.channels = CLIENTS
    return tape


def transfer(tape: Tape, t: float, *, sites: tuple[str, ...] = ("A", "B"), stan: int = 7, client: str = "W01") -> str:
    """A transfer that a client is answered for at t + 0.04; the second site has it 0.2 s after the first."""
    key = key_of(client, stan)
    tape.ask(t, key, service="transfer")
    tape.send(t, key, line="online")
    tape.arrive(t + 0.02, key, line="online")
    tape.post(t + 0.02, key, sites=sites)
    tape.reply(t + 0.04, key, line="online")
    tape.end(t + 0.04, key)
    return key


def view(audit: Audit) -> Verdict:
    return audit.verdict("view")


def test_a_run_without_channels_has_no_such_check_unless_it_asks() -> None:
    assert [each.check for each in Tape().judge().verdicts].count("view") == 0
    assert view(Tape(view={}).judge()).status is Status.PASS


def test_a_balance_told_by_a_site_that_knows_everything_is_right() -> None:
    run = tape()
    transfer(run, 10.0)
    run.tell(10.1, key_of("M01", 3), "A")
    run.tell(10.3, key_of("M01", 4), "B")
    assert view(run.judge()).status is Status.PASS


def test_a_balance_without_what_was_answered_before_is_stale() -> None:
    run = tape()
    key = transfer(run, 10.0)
    run.tell(10.1, key_of("M01", 3), "B")
    verdict = view(run.judge())
    assert verdict.status is Status.FAIL
    [finding] = verdict.findings
    assert finding.key == key_of("M01", 3)
    assert f"without 1 transaction that had been answered ({key}), the first 0.060 s before" in finding.says


def test_a_budget_allows_some_of_them_and_an_age() -> None:
    def judged(**budget: Any) -> Status:
        run = tape(**budget)
        transfer(run, 10.0)
        run.tell(10.1, key_of("M01", 3), "B")
        return view(run.judge()).status

    assert judged(stale_balances_max=1) is Status.PASS
    assert judged(stale_balances_max=1, stale_s=0.1) is Status.PASS
    assert judged(stale_balances_max=1, stale_s=0.05) is Status.FAIL


def test_what_nobody_was_answered_for_yet_may_be_missing() -> None:
    run = tape()
    transfer(run, 10.0)
    run.tell(10.03, key_of("M01", 3), "B")
    assert view(run.judge()).status is Status.PASS


def test_another_account_is_no_matter() -> None:
    run = tape()
    transfer(run, 10.0)
    run.tell(10.1, key_of("M01", 3), "B", account="1000000099")
    assert view(run.judge()).status is Status.PASS


def test_where_neither_posting_nor_reversal_has_arrived_the_balance_is_right() -> None:
    run = tape()
    key = key_of("W01", 7)
    run.ask(10.0, key, service="transfer")
    run.send(10.0, key, line="online")
    run.arrive(10.02, key, line="online")
    run.post(10.02, key, sites=("A",))
    run.end(40.0, key, "no_answer")
    run.queue(40.0, key, 8)
    run.send(40.0, key, purpose="reversal", stan=8, line="online")
    run.reverse(40.02, key, sites=("A",))
    run.settle(40.04, key, 8)
    run.tell(45.0, key_of("M01", 3), "B")
    run.post(50.0, key, sites=("B",))
    run.reverse(50.0, key, sites=("B",))
    assert view(run.judge()).status is Status.PASS, view(run.judge()).because


def test_a_reversal_that_was_accepted_and_is_missing_alone_makes_a_balance_stale() -> None:
    run = tape()
    key = key_of("W01", 7)
    run.ask(10.0, key, service="transfer")
    run.send(10.0, key, line="online")
    run.arrive(10.02, key, line="online")
    run.post(10.02, key)
    run.end(40.0, key, "no_answer")
    run.queue(40.0, key, 8)
    run.send(40.0, key, purpose="reversal", stan=8, line="online")
    run.reverse(40.02, key)
    run.settle(40.04, key, 8)
    run.tell(40.1, key_of("M01", 3), "B")
    assert view(run.judge()).status is Status.FAIL


def test_two_postings_of_one_transaction_at_one_site_are_found() -> None:
    run = tape()
    key = transfer(run, 10.0)
    run.post(12.0, key, n="/A1")
    verdict = view(run.judge())
    assert verdict.status is Status.FAIL
    assert "site A has 2 postings of it" in verdict.findings[0].says


def test_the_same_content_under_another_number_is_another_transfer() -> None:
    run = tape()
    transfer(run, 10.0, stan=7)
    transfer(run, 12.0, stan=8)
    assert view(run.judge()).status is Status.PASS


def test_an_answer_over_budget_is_late_in_its_channel_only() -> None:
    run = tape(delay_s={"online": 0.03, "mobile": 1.0})
    key = transfer(run, 10.0)
    transfer(run, 11.0, client="M01")
    verdict = view(run.judge())
    assert [finding.key for finding in verdict.findings] == [key]
    assert "(online) was answered after 0.040 s, 0.03 s allowed" in verdict.findings[0].says


def test_a_request_that_was_never_answered_is_a_finding() -> None:
    run = tape(delay_s={"online": 30.0})
    transfer(run, 11.0)
    key = key_of("W01", 9)
    run.ask(20.0, key, service="balance")
    assert [finding.key for finding in view(run.judge()).findings] == [key]


def test_what_could_not_be_judged_is_unknown() -> None:
    assert view(tape(delay_s={"online": 30.0}).judge()).status is Status.UNKNOWN
    assert view(tape(stale_balances_max=0).judge()).status is Status.UNKNOWN
    run = tape()
    transfer(run, 10.0)
    run.without = ()
    history = run.play()[:-1]
    from atmbench.audit.judge import judge

    assert view(judge(history)).status is Status.UNKNOWN


# --- whole sentences, and the edges -----------------------------------------------------------------


def test_a_run_that_is_right_says_what_was_told_and_who_waited_how_long() -> None:
    run = tape(delay_s={"online": 1.0})
    transfer(run, 10.0)
    transfer(run, 20.0, stan=8)
    run.tell(30.0, key_of("M01", 3), "A")
    run.withdraw(40.0)
    assert view(run.judge()).because == (
        "1 balance told, 0 of them stale; nothing posted twice; atm: 1 answered, the slowest in 0.040 s; "
        "online: 2 answered, the slowest in 0.040 s, 1 s allowed"
    )


def test_stale_balances_are_counted_with_the_oldest_and_each_is_named() -> None:
    run = tape()
    keys = [transfer(run, 10.0 + n, sites=("A",), stan=7 + n) for n in range(4)]
    run.tell(20.0, key_of("M01", 3), "B")
    run.tell(21.0, key_of("M01", 4), "B")
    verdict = view(run.judge())
    first = (
        f"site B told a balance of account {CUSTOMER} at 20.000 s without 4 transactions that had been answered "
        f"({', '.join(keys[:3])}), the first 9.960 s before"
    )
    assert verdict.because.startswith("2 balances told, 2 of them stale (by 10.960 s at most); nothing posted twice; ")
    assert verdict.because.endswith(f": {first}")
    assert [finding.key for finding in verdict.findings] == [key_of("M01", 3), key_of("M01", 4)]
    number = next(n for n, fact in enumerate(run.play(), 1) if getattr(fact, "key", "") == key_of("M01", 3))
    assert (verdict.findings[0].says, verdict.findings[0].facts) == (first, (number,))


def test_a_posting_that_came_twice_is_named_with_both_entries() -> None:
    run = tape()
    key = transfer(run, 10.0)
    run.post(12.0, key, n="/2", sites=("B",))
    verdict = view(run.judge())
    says = f"W01 STAN 000007 transfer: site B has 2 postings of it (post/{key}, post/{key}/2)"
    assert verdict.because.startswith("0 balances told, 0 of them stale; 1 posted twice; online: 1 answered, ")
    numbers = [n for n, fact in enumerate(run.play(), 1) if getattr(fact, "key", "") == key]
    [finding] = verdict.findings
    assert (finding.key, finding.says, finding.facts) == (key, says, (numbers[0], numbers[-1]))


@pytest.mark.parametrize(("told_t", "stale"), [(10.04, False), (10.041, True), (10.219, True), (10.22, False)])
def test_a_balance_is_stale_from_the_answer_until_the_entry_is_there(told_t: float, stale: bool) -> None:
    run = tape()
    transfer(run, 10.0)
    run.tell(told_t, key_of("M01", 3), "B")
    assert bool(view(run.judge()).findings) is stale


def test_what_nobody_was_told_of_makes_no_balance_stale() -> None:
    run = tape()
    key = key_of("W01", 7)
    run.ask(10.0, key, service="transfer")
    run.post(10.02, key, sites=("A",))
    run.reply(10.04, key, outcome="declined")
    run.tell(20.0, key_of("M01", 3), "B")
    assert not view(run.judge()).findings


def test_a_posting_and_its_reversal_that_are_both_missing_make_no_balance_stale() -> None:
    run = tape()
    key = transfer(run, 10.0, sites=("A",))
    run.queue(11.0, key, 8)
    run.reverse(11.1, key, sites=("A",))
    run.settle(11.2, key, 8)
    run.tell(11.05, key_of("M01", 3), "B")
    run.tell(12.0, key_of("M01", 4), "B")
    assert [finding.key for finding in view(run.judge()).findings] == [key_of("M01", 3)]


def test_a_reversal_counts_from_its_acceptance() -> None:
    for told_t, stale in ((11.2, False), (11.3, True)):
        run = tape()
        key = transfer(run, 10.0)
        run.queue(11.0, key, 8)
        run.reverse(11.1, key, sites=("A",))
        run.settle(11.2, key, 8)
        run.tell(told_t, key_of("M01", 3), "B")
        assert bool(view(run.judge()).findings) is stale


def test_other_accounts_and_other_sites_make_no_balance_stale() -> None:
    run = tape()
    transfer(run, 10.0, sites=("A",))
    run.tell(20.0, key_of("M01", 3), "B", account="3000000001")
    run.tell(20.0, key_of("M01", 4), "A")
    run.tell(5.0, key_of("M01", 5), "B")
    assert not view(run.judge()).findings


def test_a_client_who_waited_too_long_or_for_ever_is_named() -> None:
    run = tape(delay_s={"online": 0.04, "mobile": 0.01})
    transfer(run, 10.0)
    late = transfer(run, 20.0, client="M01", stan=9)
    waits = key_of("W01", 20)
    run.ask(30.0, waits, service="transfer")
    run.ask(31.0, key_of("T01", 20), service="transfer")
    verdict = view(run.judge())
    assert [(finding.key, finding.says) for finding in verdict.findings] == [
        (late, "M01 STAN 000009 transfer (mobile) was answered after 0.040 s, 0.01 s allowed"),
        (waits, "W01 STAN 000020 transfer (online) never got a final answer"),
    ]
    numbers = [n for n, fact in enumerate(run.play(), 1) if getattr(fact, "key", "") == late]
    assert verdict.findings[0].facts == (numbers[0], numbers[-1])
    numbers = [n for n, fact in enumerate(run.play(), 1) if getattr(fact, "key", "") == waits]
    assert verdict.findings[1].facts == (numbers[0], numbers[-1])


def test_a_run_in_which_nothing_could_be_judged_says_what() -> None:
    run = tape(delay_s={"online": 1.0}, stale_balances_max=0)
    verdict = view(run.judge())
    assert (verdict.status, verdict.because) == (
        Status.UNKNOWN,
        "no balance was told, so none could be stale; "
        "nobody asked for anything over online, so no delay could be judged",
    )


def test_what_could_not_be_kept_leaves_the_check_unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "BALANCES_MAX", 1)
    monkeypatch.setattr(host_cases, "ENTRIES_MAX", 1)
    run = tape()
    transfer(run, 10.0)
    for t in (20.0, 21.0, 22.0):
        run.tell(t, key_of("M01", 3), "A")
    verdict = view(run.judge())
    assert (verdict.status, verdict.because) == (
        Status.UNKNOWN,
        "2 balances were told that could not be kept; a transaction has more entries than could be kept",
    )
