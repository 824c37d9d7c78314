"""Check `days`: one transaction, one day, at all sites and at its terminal; and each day balances."""

from msgspec.structs import replace

from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import BusinessDayBegan, BusinessDayCounted, BusinessDayTaken, EntryPosted, TransactionEnded
from tests.audit.builders import SITES, Tape, key_of, stamped

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
    assert judged(run, FIFTY, 2000) == Verdict(
        "days",
        Status.PASS,
        "2 business days, out of terminals: 260105 50.00, 260106 20.00; 2 sites compared, "
        "0 entries were made in a day that was over",
    )


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


# --- whole sentences, and the edges -----------------------------------------------------------------


def test_findings_name_their_transaction_and_all_of_them_are_kept() -> None:
    run = tape()
    first, second = run.withdraw(10.0, stan=7), run.withdraw(20.0, stan=9)
    dated(run, SECOND, site="B")
    verdict = judged(run, 2 * FIFTY)
    named = [finding for finding in verdict.findings if finding.key]
    assert [finding.key for finding in named] == [first, second]
    numbers = [number for number, fact in enumerate(run.play(), 1) if getattr(fact, "key", "") == first]
    assert named[0].facts == (numbers[0], numbers[-1])
    assert verdict.because.startswith(
        f"{first} is in business day 260105 at site A and 260106 at site B; 2 business days"
    )


def test_cash_of_many_transactions_and_terminals_is_added_up() -> None:
    run = Tape(terminals=("T01", "T02"), open_exceptions_max=2)
    for site in SITES:
        run.add(50.0, site, BusinessDayBegan(day=SECOND, before="260105", because="by order"))
    run.withdraw(10.0, stan=7)
    run.withdraw(12.0, "T02", stan=9, minor=2000)
    put = key_of("T01", 20)
    run.ask(20.0, put, 1000, "deposit")
    run.send(20.0, put, 1000)
    run.post(20.1, put, 1000)
    run.accept_notes(21.0, put, 1000)
    run.end(21.0, put)
    named = key_of("T01", 30)
    run.request(30.0, named, 3000)
    run.end(31.0, named, "suspect")
    run.exception(31.0, named)
    settled = run.withdraw(40.0, stan=40, minor=4000)
    run.exception(46.0, settled)
    for site in SITES:
        counted = BusinessDayCounted(day="260105", entries=5, reversals=0, cash={"cash:T01": 11_000, "cash:T02": 2000})
        run.add(run.end_t, site, counted)
    verdict = run.judge().verdict("days")
    assert verdict.status is Status.PASS, verdict
    assert verdict.because == (
        "2 business days, out of terminals: 260105 60.00, 260106 0.00; 2 sites compared, "
        "0 entries were made in a day that was over"
    )


def test_counts_of_one_day_by_several_facts_are_added_up() -> None:
    run = tape()
    run.withdraw(10.0)
    for site in SITES:
        for cash in (2000, 3000):
            run.add(run.end_t, site, BusinessDayCounted(day="260105", entries=1, reversals=0, cash={"cash:T01": cash}))
    assert run.judge().verdict("days").status is Status.PASS


def test_a_day_that_a_site_did_not_count_counts_as_nothing() -> None:
    run = tape()
    run.withdraw(10.0)
    for site in SITES:
        run.add(run.end_t, site, BusinessDayCounted(day=SECOND, entries=0, reversals=0, cash={}))
    says = [finding.says for finding in run.judge().verdict("days").findings]
    assert says == [f"site {site} counts 0.00 in business day 260105, and posted 50.00" for site in SITES]


def test_an_entry_is_late_from_the_instant_in_which_its_site_began_the_next_day() -> None:
    for t, number in ((49.9, "0 entries were"), (50.0, "1 entry was")):
        run = Tape()
        run.add(50.0, "A", BusinessDayBegan(day=SECOND, before="260105", because="by order"))
        run.add(90.0, "B", BusinessDayBegan(day=SECOND, before="260105", because="by order"))
        key = key_of("T01", 7)
        run.ask(40.0, key)
        run.post(t, key)
        verdict = run.judge().verdict("days")
        assert f"{number} made in a day that was over" in verdict.because
        run.facts = [fact for fact in run.facts if fact.t < 90]  # B never begins it
        assert f"{number} made in a day that was over" in run.judge().verdict("days").because


def test_a_transaction_of_which_the_terminal_says_no_day_is_in_that_of_its_site() -> None:
    run = tape()
    key = run.withdraw(60.0, stan=9, minor=2000)
    dated(run, SECOND, key=key)
    verdict = judged(run, 0, 2000)
    assert verdict.status is Status.PASS
    assert "260105 0.00, 260106 20.00" in verdict.because


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


def test_what_a_terminal_began_in_the_instant_in_which_its_day_ended_may_be_in_either() -> None:
    for t, day, says in (
        (60.0, "0105", []),
        (60.1, "0105", ["{} is in business day 260105, and its terminal was in 260106 already"]),
        (60.1, "0106", ["{} is in business day 260105 at site A, and in 0106 at its terminal"]),
    ):
        run = tape()
        run.add(60.0, "T01", BusinessDayTaken(day="0106", before="260105", line="primary", announced=True))
        key = run.withdraw(t, stan=9)
        ended(run, day)
        found = [finding.says for finding in judged(run, FIFTY).findings if finding.key]
        assert found == [each.format(key) for each in says]


def test_a_day_that_no_site_began_is_compared_with_none() -> None:
    run = tape()
    run.add(50.02, "T01", BusinessDayTaken(day="0107", before="260105", line="primary", announced=True))
    run.withdraw(60.0, stan=9)
    ended(run, "0105")
    assert judged(run, FIFTY).status is Status.PASS
    run = tape()
    run.add(50.02, "T01", BusinessDayTaken(day="0106", before="260105", line="primary", announced=True))
    key = run.withdraw(60.0, stan=9)
    ended(run, "0107")
    verdict = judged(run, FIFTY)
    says = f"{key} is in business day 260105 at site A, and in 0107 at its terminal"
    assert [finding.says for finding in verdict.findings] == [says]
    run = tape()
    run.withdraw(10.0)
    for day, actor in (("260107", "A"), ("260105", "C")):
        run.add(run.end_t, actor, BusinessDayCounted(day=day, entries=1, reversals=0, cash={"cash:T01": 1000}))
    assert judged(run, FIFTY).status is Status.PASS, "of another day, and of a site that nobody knows"


def test_a_day_may_begin_at_one_site_only() -> None:
    run = Tape()
    run.add(50.0, "A", BusinessDayBegan(day=SECOND, before="260105", because="by order"))
    first, second = run.withdraw(10.0, stan=7), run.withdraw(60.0, stan=9)
    dated(run, SECOND, site="A", key=second)
    for site, counts in (("A", {"260105": FIFTY, SECOND: FIFTY}), ("B", {"260105": 2 * FIFTY})):
        for day, cash in counts.items():
            run.add(run.end_t, site, BusinessDayCounted(day=day, entries=1, reversals=0, cash={"cash:T01": cash}))
    verdict = run.judge().verdict("days")
    named = f"{second} is in business day 260106 at site A and 260105 at site B"
    figures = "2 business days, out of terminals: 260105 50.00, 260106 50.00; 2 sites compared"
    assert verdict.because == f"{named}; {figures}, 0 entries were made in a day that was over"
    assert [finding.says for finding in verdict.findings] == [
        named,
        "business day 260105: site B has 100.00 out of terminals, and terminals have 50.00",
        "business day 260106: site B has 0.00 out of terminals, and terminals have 50.00",
    ]
    assert first not in verdict.because


def test_cash_of_what_was_undone_is_in_the_first_day_where_nobody_says_another() -> None:
    run = tape()
    key = run.withdraw(10.0)
    run.reverse(20.0, key)
    says = "business day 260105: site {} has 0.00 out of terminals, and terminals have 50.00"
    assert [finding.says for finding in judged(run).findings] == [says.format(site) for site in SITES]
