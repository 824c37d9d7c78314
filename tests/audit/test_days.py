"""Check `days`: one transaction, one day, at all sites and at its terminal; and each day balances."""

from msgspec.structs import replace

from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import BusinessDayBegan, BusinessDayCounted, BusinessDayTaken, EntryPosted, TransactionEnded
from tests.audit.builders import SITES, Tape, stamped

SECOND = "260106"
FIFTY = 5000


def tape() -> Tape:
    """A run whose first day, the fifth of January, ends at 50 s."""
    tape = Tape()
    for site in SITES:
        tape.add(50.0, site, BusinessDayBegan(day=SECOND, before="260105", because="by order"))
    return tape


def dated(tape: Tape, day: str, *, kind: str = "", site: str = "", key: str = "") -> None:
    """Entries are in this day."""
    for number, fact in enumerate(tape.facts):
        wanted = isinstance(fact, EntryPosted) and kind in ("", fact.kind) and site in ("", fact.actor)
        if isinstance(fact, EntryPosted) and wanted and key in ("", fact.key):
            tape.facts[number] = stamped(fact.t, fact.actor, replace(fact, day=day))


def ended(tape: Tape, day: str) -> None:
    """Terminals say this day."""
    for number, fact in enumerate(tape.facts):
        if isinstance(fact, TransactionEnded):
            tape.facts[number] = stamped(fact.t, fact.actor, replace(fact, day=day))


def judged(tape: Tape, first: int = 0, second: int = 0, counted: dict[str, int] | None = None) -> Verdict:
    """The verdict, where sites count so much cash in either day. `counted` are other counts of the first day."""
    for site in SITES:
        for day, cash in (("260105", (counted or {}).get(site, first)), (SECOND, second)):
            count = BusinessDayCounted(day=day, entries=1, reversals=0, cash={"cash:T01": cash})
            tape.add(tape.end_t, site, count)
    return tape.judge().verdict("days")


def test_a_run_in_which_no_day_ends_has_no_such_check() -> None:
    assert "days" not in [each.check for each in Tape().judge().verdicts]


def test_days_that_balance_pass_with_their_figures() -> None:
    run = tape()
    run.withdraw(10.0, stan=7)
    key = run.withdraw(60.0, stan=9, minor=2000)
    dated(run, SECOND, key=key)
    verdict = judged(run, FIFTY, 2000)
    assert verdict.status is Status.PASS, verdict
    assert "2 business days, out of terminals: 260105 50.00, 260106 20.00; 2 sites compared" in verdict.because


def test_a_reversal_of_the_old_day_in_the_new_one_passes_in_the_day_of_its_posting() -> None:
    run = tape()
    run.lost_reply(30.0, stan=7)
    verdict = judged(run)
    assert verdict.status is Status.PASS, verdict
    assert "2 entries were made in a day that was over" in verdict.because


def test_a_reversal_in_its_own_day_is_found() -> None:
    run = tape()
    key = run.lost_reply(30.0, stan=7)
    dated(run, SECOND, kind="reversal")
    verdict = judged(run, FIFTY, -FIFTY)
    assert verdict.status is Status.FAIL
    assert verdict.findings[0].key == key
    assert "is in business days 260105 and 260106 at site A: they do not balance" in verdict.because


def test_sites_with_one_transaction_in_two_days_are_found() -> None:
    run = tape()
    run.withdraw(10.0)
    dated(run, SECOND, site="B")
    verdict = judged(run, FIFTY)
    assert verdict.status is Status.FAIL
    assert "is in business day 260105 at site A and 260106 at site B" in verdict.findings[0].says


def test_a_terminal_that_counts_in_another_day_is_found() -> None:
    run = tape()
    run.withdraw(10.0)
    ended(run, "0106")
    verdict = judged(run, FIFTY)
    assert verdict.status is Status.FAIL
    assert verdict.findings[0].says.endswith("is in business day 260105 at site A, and in 0106 at its terminal")
    totals = [finding.says for finding in verdict.findings if not finding.key]
    assert "business day 260105: site A has 50.00 out of terminals, and terminals have 0.00" in totals


def test_a_site_whose_own_count_differs_is_found() -> None:
    run = tape()
    run.withdraw(10.0)
    verdict = judged(run, FIFTY, counted={"B": 0})
    assert verdict.status is Status.FAIL
    assert [each.says for each in verdict.findings] == ["site B counts 0.00 in business day 260105, and posted 50.00"]


def test_a_history_without_an_end_is_unknown() -> None:
    run = tape()
    run.without = (type(run.play()[-1]),)
    assert run.judge().verdict("days").status is Status.UNKNOWN


def test_a_transaction_in_a_day_that_was_over_at_its_terminal_is_named() -> None:
    run = tape()
    taken = BusinessDayTaken(day="0106", before="260105", line="primary", announced=True)
    run.add(50.02, "T01", taken)
    key = run.withdraw(60.0, stan=9)
    ended(run, "0105")
    verdict = judged(run, FIFTY)
    assert verdict.status is Status.FAIL
    says = f"{key} is in business day 260105, and its terminal was in 260106 already"
    assert [finding.says for finding in verdict.findings] == [says]


def test_what_was_asked_for_before_the_day_ended_may_be_in_it() -> None:
    run = tape()
    run.withdraw(49.99, stan=9)
    run.add(50.02, "T01", BusinessDayTaken(day="0106", before="260105", line="primary", announced=True))
    ended(run, "0105")
    assert judged(run, FIFTY).status is Status.PASS
