"""Check `view`: what customers could see of their accounts, over all channels and both sites."""

from typing import Any

from atmbench.audit.judge import Audit
from atmbench.audit.verdict import Status, Verdict
from tests.audit.builders import Tape, key_of

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
