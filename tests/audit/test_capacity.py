"""What the audit makes of sites with a stated capacity."""

from typing import Any

import pytest

from atmbench.audit import capacity
from atmbench.audit.capacity import MostInASecond
from atmbench.audit.verdict import Status
from atmbench.facts import (
    AnyFact,
    CapacityStated,
    MessageReceived,
    MessageSent,
    RequestsCounted,
    RequestShed,
    SiteRoleChanged,
)
from tests.audit.builders import Tape, key_of


def stated(rate_per_s: float = 5.0, answers: float = 1.0, role: str = "active") -> CapacityStated:
    return CapacityStated(site="A", role=role, rate_per_s=rate_per_s, servers=1, queue_max=10, answers=answers)


def counted(**values: int) -> RequestsCounted:
    usual: dict[str, Any] = {"arrived": 0, "served": 0, "in_vain": 0, "shed": 0, "inside": 0, "deepest": 0}
    return RequestsCounted(site="A", **(usual | values))


def came(stan: int, purpose: str = "echo", terminal: str = "T01") -> MessageReceived:
    return MessageReceived(terminal=terminal, line="primary", purpose=purpose, mti="0800", stan=stan, fields={})


def went(stan: int, purpose: str = "echo", terminal: str = "T01") -> MessageSent:
    return MessageSent(terminal=terminal, line="primary", purpose=purpose, mti="0810", stan=stan, fields={})


def shed(stan: int, because: str = "full") -> RequestShed:
    return RequestShed(site="A", terminal="T01", purpose="echo", stan=stan, because=because, waited_s=0.5)


def tape_of(*facts: tuple[float, AnyFact], **budgets: float) -> Tape:
    tape = Tape(capacity=budgets)
    tape.add(0, "A", stated())
    for t, fact in facts:
        tape.add(t, "A", fact)
    return tape


SLOW: list[tuple[float, AnyFact]] = [(float(n), came(n)) for n in range(10)] + [(n + 2.0, went(n)) for n in range(10)]
STORM: list[tuple[float, AnyFact]] = [(9.0 + n / 20, came(n, "sign_on", f"T{n % 5}")) for n in range(15)]
CASES: list[tuple[list[tuple[float, AnyFact]], dict[str, float], str]] = [
    (SLOW, {"p99_answer_s": 1.9}, "site A: p99 of answers 2.000 s, 1.9 s allowed"),
    (SLOW, {"p99_answer_s": 2.1}, ""),
    ([(1.0, shed(1)), (1.0, shed(2, "stale"))], {"sheds_max": 1}, "site A: requests shed 2, 1 allowed"),
    ([(1.0, shed(1)), (1.0, shed(2, "stale"))], {"sheds_max": 2}, ""),
    ([(90.0, counted(deepest=7))], {"waiting_max": 6}, "site A: requests waiting 7, 6 allowed"),
    ([(90.0, counted(in_vain=7))], {"in_vain_max": 6}, "site A: requests served in vain 7, 6 allowed"),
    (STORM, {"sign_ons_per_s_max": 9}, "site A: sign-ons in a second 10, 9 allowed"),
    (STORM, {"sign_ons_per_s_max": 10}, ""),
    (
        [(10.0, stated(answers=0.3)), (19.0, SiteRoleChanged(site="A", role="standby", because="x"))],
        {"isolate_s": 8},
        "site A: on duty after it was impaired 9.000 s, 8 s allowed",
    ),
    ([(10.0, stated(rate_per_s=1.0))], {"isolate_s": 8}, "site A: on duty after it was impaired inf s, 8 s allowed"),
    ([(10.0, stated(rate_per_s=1.0, role="standby"))], {"isolate_s": 8}, ""),
]


@pytest.mark.parametrize(("facts", "budgets", "found"), CASES)
def test_a_limit_is_judged_and_what_is_beyond_it_is_said(
    facts: list[tuple[float, AnyFact]], budgets: dict[str, float], found: str
) -> None:
    verdict = tape_of(*facts, **budgets).judge().verdict("expected")
    assert [finding.says for finding in verdict.findings] == ([found] if found else [])


def test_reversals_for_want_of_an_answer_are_counted() -> None:
    tape = tape_of(reversals_max=0)
    tape.lost_reply(20)
    tape.withdraw(40, stan=300)
    audit = tape.judge()
    assert audit.load is not None
    assert audit.load.reversals == 1
    says = "reversals for want of an answer 1, 0 allowed"
    assert [finding.says for finding in audit.verdict("expected").findings] == [says]


def test_an_answer_to_what_was_shed_is_no_answer_time() -> None:
    load = tape_of((1.0, came(1)), (9.0, shed(1)), (9.0, went(1))).judge().load
    assert load is not None
    assert (load.sites[0].requests, load.sites[0].answered, load.sites[0].shed) == (1, 0, {"full": 1})


def test_limits_without_a_capacity_are_a_finding_and_without_limits_nothing_is_judged() -> None:
    tape = Tape(capacity={"sheds_max": 0})
    assert tape.judge().verdict("expected").status is Status.FAIL
    assert tape.judge().load is None
    plain = Tape()
    plain.add(0, "A", stated())
    plain.add(1, "A", shed(1))
    assert plain.judge().verdict("expected").status is Status.PASS


def test_what_came_before_a_site_said_anything_is_not_looked_at() -> None:
    tape = Tape()
    tape.ask(1, key_of("T01", 118))
    tape.send(1, key_of("T01", 118))
    tape.arrive(1, key_of("T01", 118))
    assert tape.judge().load is None


# --- the figures themselves -------------------------------------------------------------------------


def test_every_figure_of_a_site_is_told() -> None:
    told = RequestsCounted(
        site="A", arrived=9, served=5, in_vain=2, shed=3, inside=1, deepest=4, waited_p50_s=0.5, waited_p99_s=1.5
    )
    came_and_went: list[tuple[float, AnyFact]] = [(1.0, came(1)), (1.5, went(1)), (2.0, came(2)), (5.0, went(2))]
    sheds: list[tuple[float, AnyFact]] = [
        (6.0, RequestShed(site="A", terminal="T01", purpose="echo", stan=3, because="stale", waited_s=2.5)),
        (6.0, RequestShed(site="A", terminal="T01", purpose="echo", stan=4, because="full", waited_s=1.5)),
        (6.1, RequestShed(site="A", terminal="T01", purpose="echo", stan=5, because="full", waited_s=0.1)),
    ]
    tape = tape_of(*came_and_went, *sheds, (90.0, told))
    tape.add(10.0, "A", stated(rate_per_s=1.0))
    tape.add(12.0, "A", SiteRoleChanged(site="A", role="standby", because="x"))
    load = tape.judge().load
    assert load is not None
    [site] = load.sites
    assert (site.site, site.rate_per_s, site.servers, site.queue_max) == ("A", 5.0, 1, 10)
    assert (site.requests, site.most_per_s, site.sign_ons_per_s, site.answered) == (2, 1, 0, 2)
    assert site.p50_s == pytest.approx(0.5, rel=0.01)
    assert (site.p99_s, site.longest_s) == (3.0, 3.0)
    assert (site.waited_p50_s, site.waited_p99_s, site.deepest, site.in_vain) == (0.5, 1.5, 4, 2)
    assert (site.shed, site.sheds, site.longest_shed_s) == ({"full": 2, "stale": 1}, 3, 2.5)
    assert (site.impaired_t, site.isolated_t, site.isolate_s) == (10.0, 12.0, 2.0)


def test_a_site_that_counted_nothing_has_nothing_to_tell() -> None:
    load = tape_of().judge().load
    assert load is not None
    [site] = load.sites
    assert (site.deepest, site.in_vain, site.longest_shed_s, site.sheds, site.p99_s) == (0, 0, 0.0, 0, None)
    assert site.isolate_s is None


def test_answers_of_a_site_that_gave_none_are_within_any_limit() -> None:
    assert tape_of(p99_answer_s=0.5).judge().verdict("expected").findings == ()


def test_a_second_is_less_than_one_second() -> None:
    seconds = MostInASecond()
    for t in (0.0, 1.0, 1.5, 1.999, 2.0):
        seconds.add(t)
    assert (seconds.count, seconds.most) == (5, 3)


def test_requests_that_are_never_answered_are_forgotten_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "UNANSWERED_MAX", 2)
    load = tape_of((1.0, came(1)), (2.0, came(2)), (3.0, came(3)), (4.0, went(1)), (5.0, went(2)), (5.0, went(3)))
    found = load.judge().load
    assert found is not None
    assert (found.sites[0].answered, found.sites[0].longest_s) == (2, 3.0)


def test_a_site_that_states_the_same_again_is_not_impaired() -> None:
    found = tape_of((10.0, stated())).judge().load
    assert found is not None
    assert found.sites[0].impaired_t is None


def test_only_reversals_of_what_was_not_answered_in_time_are_counted() -> None:
    tape = tape_of()
    for stan, purpose, reason in (
        (118, "reversal", "no_answer"),
        (130, "reversal", "late_answer"),
        (140, "reversal", "suspect"),
        (150, "completion", "no_answer"),
    ):
        tape.ask(20, key_of("T01", stan))
        tape.queue(30, key_of("T01", stan), stan + 1, reason, purpose=purpose)
    found = tape.judge().load
    assert found is not None
    assert found.reversals == 2


def test_a_finding_on_a_limit_concerns_no_transaction() -> None:
    findings = tape_of((1.0, shed(1)), sheds_max=0).judge().verdict("expected").findings
    assert [finding.key for finding in findings] == [""]


def test_one_slow_answer_of_two_hundred_is_the_longest_and_not_the_99th_of_a_hundred() -> None:
    answers = [(came(n), went(n), 9.0 if n == 7 else 1.0) for n in range(200)]
    facts = [
        (0.1 * n + wait, fact) for n, (ask, answer, s) in enumerate(answers) for wait, fact in ((0, ask), (s, answer))
    ]
    load = tape_of(*facts).judge().load
    assert load is not None
    assert load.sites[0].p99_s == pytest.approx(1.0, rel=0.01)
    assert load.sites[0].longest_s == pytest.approx(9.0)
