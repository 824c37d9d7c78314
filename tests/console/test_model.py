"""What facts become on the screens, as transcripts: given these facts, expect these figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench import facts
from atmbench.console import model as model_module
from atmbench.console.model import Model
from atmbench.console.model_alerts import ALERTS_MAX, Grade
from atmbench.console.model_series import BINS_MAX, counts, levels, peaks
from atmbench.console.model_trace import Filter, is_reply, parse_filter
from atmbench.facts import AnyFact
from tests.console.tell import at, begun, exchange, message, told, withdrawal

KEY = "T01/000007/1"


def powered(t: float = 0.0, terminal: str = "T01") -> AnyFact:
    return at(t, terminal, facts.PowerRestored())


# --- terminals ------------------------------------------------------------------------------------


def test_a_terminal_is_off_until_it_has_power_and_closed_until_it_says_otherwise() -> None:
    counted = at(0.0, "T01", facts.CassettesCounted(when="start", cassettes={"1": 9}, values_minor={"1": 1000}))
    assert not told(begun(), counted).terminals.by_name["T01"].has_power
    terminal = told(begun(), counted, powered(0.5)).terminals.by_name["T01"]
    assert (terminal.has_power, terminal.is_in_service) == (True, False)
    opened = at(1.0, "T01", facts.StateChanged(old="closed", new="ready", because="signed on to a host"))
    terminal = told(begun(), counted, powered(0.5), opened).terminals.by_name["T01"]
    assert (terminal.state, terminal.state_t, terminal.is_in_service, terminal.is_busy) == ("ready", 1.0, True, False)


def test_power_takes_lines_screen_and_customer_with_it() -> None:
    terminal = told(
        begun(),
        powered(),
        at(1.0, "T01", facts.LineUp(line="primary")),
        at(1.0, "T01", facts.SignedOn(line="primary")),
        at(1.0, "T01", facts.ScreenShown(screen="welcome", lines=("Welcome.",))),
        *withdrawal(2.0)[:1],
        at(3.0, "T01", facts.PowerFailed(during="dispensing")),
    ).terminals.by_name["T01"]
    assert not terminal.has_power
    assert (terminal.lines_up, terminal.signed_on, terminal.screen_lines, terminal.key) == (set(), set(), (), "")
    assert terminal.because == "power failed: dispensing"


def test_a_cable_speaks_for_its_terminal() -> None:
    model = told(begun(), powered(), at(1.0, "T01/primary", facts.LineUp(line="primary")))
    assert list(model.terminals.by_name) == ["T01"]
    assert model.terminals.by_name["T01"].line == "primary"


def test_cassettes_are_what_was_counted_less_what_was_presented() -> None:
    counted = at(0.0, "T01", facts.CassettesCounted(when="start", cassettes={"1": 9}, values_minor={"1": 5000}))
    assert told(begun(), counted, *withdrawal(1.0)).terminals.by_name["T01"].cassettes == {"1": 8}


def test_stored_messages_are_there_until_they_are_accepted_or_given_up() -> None:
    def queued(stan: int, key: str = KEY) -> AnyFact:
        return at(5.0, "T01", facts.AdviceQueued(key=key, purpose="reversal", stan=stan, amount_minor=5000))

    model = told(begun(), powered(), queued(8), queued(9, "T01/000006/1"))
    assert model.terminals.stored == 2
    model.add(at(6.0, "T01", facts.AdviceAccepted(key=KEY, purpose="reversal", stan=8, code="00", attempts=1)))
    assert list(model.terminals.by_name["T01"].stored) == [9]
    given_up = facts.ExceptionOpened(kind="advice_given_up", key="T01/000006/1", terminal="T01", because="why")
    model.add(at(7.0, "T01", given_up))
    assert (model.terminals.stored, model.terminals.by_name["T01"].exceptions) == (0, 1)


def test_outcomes_are_counted_by_terminal() -> None:
    model = told(begun(), powered(), *withdrawal(1.0))
    model.add(at(9.0, "T01", facts.TransactionEnded(key="T01/000008/1", outcome="no_answer")))
    terminal = model.terminals.by_name["T01"]
    assert (terminal.approved, terminal.not_served, terminal.outcome, terminal.outcome_t) == (1, 1, "no_answer", 9.0)


def test_a_line_is_suspected_until_the_next_reply_over_it() -> None:
    up = at(0.5, "T01", facts.LineUp(line="primary"))
    suspected = at(1.0, "T01", facts.LineSuspected(line="primary", missed=1))
    model = told(begun(), powered(), up, suspected)
    assert model.terminals.by_name["T01"].missed == 1
    model.add_all(exchange(2.0))
    assert model.terminals.by_name["T01"].missed == 0


# --- lines and sites ------------------------------------------------------------------------------


def test_lines_know_who_is_on_them_and_which_faults_may_strike_them() -> None:
    cut = facts.FaultStarted(name="c1", kind="cut", detail={"line": "primary", "by": "silence"})
    dark = facts.FaultStarted(name="dark-B", kind="cut", detail={"site": "B"})
    everywhere = facts.FaultStarted(name="d", kind="delay", detail={"delay_s": 2})
    model = told(
        begun(),
        powered(),
        at(1.0, "T01", facts.LineUp(line="primary")),
        at(1.0, "T01", facts.LineUp(line="secondary")),
        *(at(2.0, "conductor", each) for each in (cut, dark, everywhere)),
    )
    primary, secondary = model.lines.lines(model.terminals.by_name.values())
    assert (primary.site, primary.up, primary.active) == ("A", 1, 1)
    assert (secondary.site, secondary.up, secondary.active) == ("B", 1, 0)
    assert [fault.name for fault in primary.faults] == ["c1", "d"]
    assert [fault.name for fault in secondary.faults] == ["dark-B", "d"]
    model.add(at(3.0, "conductor", facts.FaultEnded(name="c1")))
    assert [fault.name for fault in model.lines.upon("primary")] == ["d"]


def test_a_fault_counts_the_frames_it_met() -> None:
    touched = facts.FrameDisturbed(
        name="d", kind="delay", terminal="T01", line="primary", direction="reply", what="held"
    )
    model = told(
        begun(),
        at(1.0, "conductor", facts.FaultStarted(name="d", kind="delay", detail={"delay_s": 2.0, "line": "primary"})),
        at(2.0, "T01/primary", touched),
    )
    assert (model.lines.faults["d"].touched, model.lines.faults["d"].says) == (1, "delay, delay s 2.0")


def test_the_first_site_is_active_until_something_else_is_said() -> None:
    model = told(begun())
    assert {site.name: site.role for site in model.lines.sites.values()} == {"A": "active", "B": "standby"}
    model.add(at(5.0, "A", facts.SiteRoleChanged(site="A", role="down", because="stopped")))
    assert not model.lines.sites["A"].is_up


def test_a_core_that_goes_and_a_brake_that_stops_a_site_are_alerts() -> None:
    model = told(
        begun(),
        at(1.0, "A", facts.CoreChanged(site="A", up=False)),
        at(2.0, "A", facts.CoreChanged(site="A", up=True)),
        at(3.0, "A", facts.BrakeAlert(site="A", rule="total.above_balance", seen=2, most=1)),
        at(4.0, "A", facts.BrakeChanged(site="A", on=True, because="by order")),
    )
    assert [alert.text for alert in model.alerts.latest] == [
        "the core of site A is away",
        "the core of site A is back",
        "site A approves too much (total.above balance)",
        "site A stops withdrawals: by order",
    ]


def test_replication_is_told_by_entries_that_come_at_the_other_site() -> None:
    history = withdrawal(1.0)
    model = told(begun(), *history[:2])
    assert (model.lines.sites["A"].waiting, model.lines.sites["B"].waiting) == (0, 1)
    model.add(history[2])
    assert model.lines.sites["B"].waiting == 0
    assert model.lines.sites["B"].lag_s == pytest.approx(1.0)


def test_an_entry_that_both_sites_make_waits_nowhere() -> None:
    def made(site: str, origin: str, t: float) -> AnyFact:
        legs = {"1": 5000, "cash:T01": -5000}
        return at(
            t,
            site,
            facts.EntryPosted(entry="rev/x", kind="reversal", key=KEY, service="withdrawal", legs=legs, origin=origin),
        )

    model = told(begun(), made("A", "B", 5.0), made("B", "B", 5.0))
    assert [site.waiting for site in model.lines.sites.values()] == [0, 0]


# --- money ----------------------------------------------------------------------------------------


def test_while_a_withdrawal_is_under_way_its_witnesses_differ_and_then_agree() -> None:
    history = withdrawal(1.0)
    model = told(begun(), *history[:2])
    assert (model.money.difference_minor("A"), model.money.difference_minor("B")) == (5000, 0)
    assert list(model.money.unsettled) == [KEY]
    model.add_all(history[2:])
    assert (model.money.difference_minor("A"), model.money.difference_minor("B")) == (0, 0)
    assert (model.money.unsettled, model.money.devices_minor) == ({}, 5000)


def test_cash_that_no_ledger_knows_stays_unsettled() -> None:
    history = [fact for fact in withdrawal(1.0) if not isinstance(fact, facts.EntryPosted)]
    model = told(begun(), *history)
    assert [case.cash_minor for case in model.money.unsettled.values()] == [5000]


def test_a_transaction_without_money_is_settled_when_it_ends() -> None:
    history = withdrawal(1.0)
    declined = at(2.0, "T01", facts.TransactionEnded(key=KEY, outcome="declined"))
    assert told(begun(), history[0], declined).money.unsettled == {}


def test_a_stored_reversal_keeps_a_transaction_open() -> None:
    queued = at(2.0, "T01", facts.AdviceQueued(key=KEY, purpose="reversal", stan=8, amount_minor=5000))
    ended = at(2.0, "T01", facts.TransactionEnded(key=KEY, outcome="no_answer"))
    accepted = at(4.0, "T01", facts.AdviceAccepted(key=KEY, purpose="reversal", stan=8, code="00", attempts=1))
    model = told(begun(), withdrawal(1.0)[0], queued, ended)
    assert list(model.money.unsettled) == [KEY]
    model.add(accepted)
    assert model.money.unsettled == {}


# --- rates ----------------------------------------------------------------------------------------


def test_response_times_are_those_at_the_terminal() -> None:
    model = told(begun(), *exchange(1.0))
    assert model.rates.response_most_s.bins[1] == pytest.approx(0.5)
    assert model.rates.responses.bins[1] == 1


def test_a_series_over_any_time_keeps_its_bound_and_its_sum() -> None:
    series = counts()
    for second in range(10_000):
        series.add(second, 1)
    assert len(series.bins) <= BINS_MAX
    assert sum(series.bins) == 10_000
    assert max(series.per_s()) == 1.0


def test_a_level_stays_until_it_is_told_otherwise_and_a_peak_does_not() -> None:
    level, peak = levels(), peaks()
    for series in (level, peak):
        series.add(0.5, 3)
        series.reach(3.5)
    assert (level.bins, peak.bins) == ([3, 3, 3, 3], [3, 0, 0, 0])


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 9))))
def test_no_series_grows_or_loses_anything(told_values: list[tuple[float, int]]) -> None:
    series = counts()
    for t, value in sorted(told_values):
        series.add(t, value)
    assert len(series.bins) <= BINS_MAX
    assert sum(series.bins) == sum(value for _, value in told_values)


# --- trace ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("", Filter()),
        ("t01", Filter(terminal="T01")),
        ("T01 0210 91", Filter(terminal="T01", mti="0210", code="91")),
        ("x21x secondary both", Filter(mti="x21x", line="secondary", witness="both")),
        ("code:N7 odd", Filter(code="N7", is_mishap=True)),
        ("nobody", Filter(terminal="nobody")),
    ],
)
def test_a_filter_is_what_a_tester_types(text: str, expect: Filter) -> None:
    found = parse_filter(text, ["T01", "T02"], ["primary", "secondary"])
    assert found == expect
    assert parse_filter(found.says, ["T01", "T02"], ["primary", "secondary"]) == expect


def test_a_filter_shows_what_terminals_saw_unless_sites_are_asked_for() -> None:
    model = told(begun(), *exchange(1.0), *exchange(2.0, 8, "T02", code="51"))
    actors = [entry.fact.actor for entry in model.trace.chosen(Filter())]
    assert actors == ["T01", "T01", "T02", "T02"]
    assert len(model.trace.chosen(Filter(witness="site"))) == 4
    assert len(model.trace.chosen(Filter(witness="both"))) == 8
    assert [entry.fact.t for entry in model.trace.chosen(Filter(code="51"))] == [2.5]
    assert [entry.fact.t for entry in model.trace.chosen(Filter(mti="x20x"))] == [1.0, 2.0]
    assert [entry.fact.t for entry in model.trace.chosen(Filter(is_mishap=True))] == [2.5]


def test_request_and_reply_are_found_from_either_of_them() -> None:
    model = told(begun(), *exchange(1.0), *exchange(2.0, 8), *exchange(3.0))
    second = [entry for entry in model.trace.entries if entry.fact.t >= 2.9]
    for entry in second:
        assert model.trace.exchange(entry) == second


def test_a_repeat_is_an_exchange_of_its_own() -> None:
    model = told(begun(), message(1.0, "T01", "0420", sent=True), *exchange(9.0))
    first, *rest = model.trace.entries
    assert model.trace.exchange(first) == [first]
    assert model.trace.exchange(rest[-1]) == rest


@pytest.mark.parametrize(
    ("mti", "expect"), [("0200", False), ("0210", True), ("1430", True), ("0421", False), ("", False)]
)
def test_replies_are_known_by_their_type(mti: str, expect: bool) -> None:
    assert is_reply(mti) is expect


# --- alerts, transactions, stories, audit ---------------------------------------------------------


def test_what_happens_to_many_in_a_moment_is_one_alert() -> None:
    def moved(t: float, terminal: str) -> AnyFact:
        return at(t, terminal, facts.LineChosen(line="secondary", previous="primary", because="2 replies missing"))

    model = told(begun(), *(moved(10.0 + n, f"T{n:02d}") for n in range(1, 7)), moved(90.0, "T01"))
    first, second = model.alerts.latest
    assert first.text == "moved from primary to secondary: T01, T02 and 4 more"
    assert (second.text, second.grade) == ("moved from primary to secondary: T01", Grade.WARN)


def test_the_first_choice_of_a_line_is_no_alert() -> None:
    chosen = at(1.0, "T01", facts.LineChosen(line="primary", previous="", because="the first"))
    assert not told(begun(), chosen).alerts.latest


def test_alerts_are_bounded() -> None:
    ends = [at(float(n), "conductor", facts.FaultEnded(name=f"f{n}")) for n in range(2 * ALERTS_MAX)]
    assert len(told(begun(), *ends).alerts.latest) == ALERTS_MAX


def test_a_story_is_told_from_the_recent_facts() -> None:
    model = told(begun(), *withdrawal(1.0))
    lines = model.story(KEY)
    assert " ".join(lines[0].split()) == "1.000 T01 withdrawal 50.00 asked, STAN 000007, card 999999******0001"
    assert model.story("T09/000001/1") == []


def test_currency_and_sites_are_known_when_the_beginning_is_long_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "RECENT_MAX", 6)
    model = told(begun(), *withdrawal(1.0))
    assert "site A" in model.story(KEY)[1]
    assert "50.00" in model.story(KEY)[0]


def test_the_audit_is_that_of_the_casebook() -> None:
    audit = told(begun(), *withdrawal(1.0)).audit()
    assert audit is not None
    assert audit.totals is not None
    assert audit.totals.taken_minor == 5000
    assert audit.verdict("convergence").status == "UNKNOWN"  # it has not ended


def test_too_many_transactions_are_for_the_bench_to_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "CASES_MAX", 2)
    model = told(begun(), *(fact for n in range(3) for fact in withdrawal(n, n + 1)))
    assert model.audit() is None
    assert model.money.devices_minor == 15_000


def test_facts_that_were_missed_leave_nothing_to_audit() -> None:
    model = told(begun(), *withdrawal(1.0))
    model.missed(10)
    assert model.audit() is None
    assert model.count == 17


def test_transactions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "TRANSACTIONS_MAX", 2)
    model = told(begun(), *(withdrawal(float(n), n + 1)[0] for n in range(3)))
    assert list(model.transactions) == ["T01/000002/1", "T01/000003/1"]


def test_the_phase_is_told_by_the_run() -> None:
    model = Model()
    phases = [model.phase]
    for fact in (
        begun(),
        at(5.0, "conductor", facts.HealStarted(within_s=9)),
        at(6.0, "conductor", facts.RunEnded(because="done")),
    ):
        model.add(fact)
        phases.append(model.phase)
    assert phases == ["waiting", "running", "healing", "ended"]


def test_what_befell_a_reply_is_told_with_its_exchange_and_with_no_later_one() -> None:
    def held(t: float) -> AnyFact:
        return at(
            t,
            "T01/primary",
            facts.FrameDisturbed(
                name="d", kind="delay", terminal="T01", line="primary", direction="reply", what="held", mti="0210"
            ),
        )

    first = [*exchange(1.0)[:3], held(1.3), exchange(1.0)[3]]
    second = [*exchange(2.0, 8)[:3], held(2.3), exchange(2.0, 8)[3]]
    model = told(begun(), *first, *second, held(9.0))
    opened = next(entry for entry in model.trace.entries if entry.fact.t == 1.0)
    assert [entry.fact for entry in model.trace.exchange(opened)] == first
