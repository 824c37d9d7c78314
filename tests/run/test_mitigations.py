"""What a drill shows to hold does not hold without the mitigation, and the audit says why."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from atmbench.audit.exposure import exposure_of
from atmbench.audit.judge import CHECKS, Audit, failed_otherwise
from atmbench.drill.commands import OrderService, PostingDoes, Promote, SetCore
from atmbench.drill.expectations import CHECKS as NAMED
from atmbench.drill.records import Drill, Step
from atmbench.host.batch_settings import Batch, Replay
from atmbench.host.risk_settings import StandIn
from atmbench.host.settings import Alarms, Confirms, EntryDay, Fencing, OffTime, Replicates
from atmbench.report.summary import summary
from atmbench.run.runner import run_drill
from atmbench.run.source import Source, find_drill
from atmbench.terminal.settings import AgesBy, Unanswered

pytestmark = pytest.mark.full

Change = Callable[[Drill], Drill]
SEEDS = (1, pytest.param(2, marks=pytest.mark.full), pytest.param(3, marks=pytest.mark.full))
COMES_BACK = (1, pytest.param(3, marks=pytest.mark.full), pytest.param(4, marks=pytest.mark.full))
"""Seeds of standby-asleep in which somebody who has drawn all he had comes once more. In 3 of 40 nobody does."""


def host(**settings: object) -> Change:
    return lambda drill: replace(drill, host=replace(drill.host, **settings))


def planted(defect: str) -> Change:
    return lambda drill: replace(drill, defects=(defect,))


def saf(**settings: object) -> Change:
    def change(drill: Drill) -> Drill:
        stored = replace(drill.terminal.store_and_forward, **settings)
        return replace(drill, terminal=replace(drill.terminal, store_and_forward=stored))

    return change


def terminal(**settings: object) -> Change:
    return lambda drill: replace(drill, terminal=replace(drill.terminal, **settings))


def healed_at(at: float, *, without: tuple[str, ...]) -> Change:
    def change(drill: Drill) -> Drill:
        left = tuple(each for each in drill.steps if all(getattr(each, name) is None for name in without))
        return replace(drill, steps=left, heal=replace(drill.heal, at=at))

    return change


def without(step: str) -> Change:
    return lambda drill: replace(drill, steps=tuple(each for each in drill.steps if getattr(each, step) is None))


without_brake = host(brake=None)


def judged(name: str, change: Change, seed: int = 1) -> Audit:
    found = find_drill(name)
    return run_drill(Source(change(found.drill), found.text, found.name), seed=seed).audit


def failed(audit: Audit) -> dict[str, str]:
    return {verdict.check: verdict.because for verdict in audit.verdicts if verdict.status != "PASS"}


@pytest.mark.parametrize("seed", SEEDS)
def test_without_fencing_two_sites_post_at_a_time(seed: int) -> None:
    found = failed(judged("split-brain", host(fencing=Fencing.NONE), seed))
    assert set(found) == {"replication", "expected"}, "all entries are right; they were made by two at a time"
    assert "made while two sites posted, 0 allowed" in found["replication"]
    assert "both posted from 25." in found["replication"]
    assert "promotion_refused where site=B: 0 seen" in found["expected"]


@pytest.mark.parametrize("seed", SEEDS)
def test_without_fencing_sites_that_replicate_balances_lose_postings(seed: int) -> None:
    audit = judged("split-brain", host(fencing=Fencing.NONE, replicates=Replicates.BALANCES), seed)
    found = failed(audit)
    assert "not what its entries come to" in found["replication"]
    assert "counts" in found


@pytest.mark.parametrize("seed", COMES_BACK)
def test_a_standby_that_does_not_look_takes_over_with_an_old_book(seed: int) -> None:
    found = failed(judged("standby-asleep", host(promotion_behind_max=None), seed))
    assert list(found) == ["expected"]
    assert "below zero, 0 allowed: " in found["expected"]
    assert "promotion_refused" in found["expected"]


@pytest.mark.parametrize("seed", SEEDS)
def test_without_reconciliation_the_first_entry_that_is_missing_is_named(seed: int) -> None:
    audit = judged("records-lost", without("reconcile"), seed)
    found = failed(audit)
    assert {"money", "replication"} <= set(found) <= {"money", "counts", "replication", "reversals", "expected"}
    lost = next(fact for fact in audit.book.cases.values() if fact.key in found["replication"])
    assert f"the first to diverge: site B lacks post/{lost.key} (withdrawal of " in found["replication"]
    assert audit.verdict("replication").findings[0].key == lost.key


@pytest.mark.parametrize("seed", SEEDS)
def test_without_synchronous_replication_what_the_destroyed_site_had_said_is_lost(seed: int) -> None:
    audit = judged("primary-destroyed", host(confirms=Confirms.AT_ONCE), seed)
    found = failed(audit)
    assert "money" in found
    lost = [audit.book.cases[finding.key] for finding in audit.verdict("money").findings]
    assert lost
    assert all(case.taken_minor and not case.entries for case in lost), "cash for which there is no entry any more"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_host_that_matches_completions_by_their_own_numbers_shows_purchases_pending_and_cleared(seed: int) -> None:
    audit = judged("pending-and-cleared", planted("keep-hold-of-renumbered-completion"), seed)
    found = failed(audit)
    assert {"money", "holds"} <= set(found), "the customer was debited once and could use the money less than once"
    assert "counted together with the posting: T0" in found["holds"]
    first = audit.verdict("holds").findings[0]
    assert audit.book.cases[first.key].taken_minor


@pytest.mark.parametrize("seed", SEEDS)
def test_a_completion_that_keeps_the_number_of_its_request_is_found_even_so(seed: int) -> None:
    def change(drill: Drill) -> Drill:
        keeps = replace(drill.terminal, own_rrn_in_completions=False)
        return replace(drill, terminal=keeps, defects=("keep-hold-of-renumbered-completion",))

    audit = judged("pending-and-cleared", change, seed)
    assert "counted together" not in audit.verdict("holds").because


@pytest.mark.parametrize("seed", SEEDS)
def test_a_posting_process_that_replays_blindly_posts_the_day_twice(seed: int) -> None:
    audit = judged("posting-position-lost", host(batch=Batch(every_s=10, items=20, replay=Replay.BLINDLY)), seed)
    found = failed(audit)
    assert {"money", "counts", "posting"} <= set(found)
    first = audit.verdict("posting").findings[0]
    assert first.says.startswith(f"site B posted post/{first.key} (withdrawal of "), "B was resumed first"
    assert " again at 100." in first.says


@pytest.mark.parametrize("seed", SEEDS)
def test_a_posting_process_that_goes_on_at_the_end_skips_what_it_had_left(seed: int) -> None:
    def change(drill: Drill) -> Drill:
        steps = tuple(
            replace(step, posting=replace(step.posting, does=PostingDoes.RESUME_AT_END))
            if step.posting is not None and step.posting.does is PostingDoes.RESUME
            else step
            for step in drill.steps
        )
        return replace(drill, steps=steps)

    audit = judged("posting-position-lost", change, seed)
    assert {"money", "counts", "replication", "posting"} <= set(failed(audit))
    assert " 0 skipped" not in audit.verdict("posting").because


@pytest.mark.parametrize("seed", SEEDS)
def test_a_posting_process_that_is_too_slow_for_its_backlog_is_told(seed: int) -> None:
    audit = judged("posting-position-lost", host(batch=Batch(every_s=10, items=8)), seed)
    assert list(failed(audit)) == ["posting"]
    assert " s, 60 s allowed" in audit.verdict("posting").findings[0].says


@pytest.mark.parametrize("seed", [1, 6])
def test_requests_that_are_asked_again_at_the_other_site_keep_their_day(seed: int) -> None:
    def repeats(drill: Drill) -> Drill:
        failover = replace(drill.terminal.failover, repeats_request=True)
        return replace(drill, terminal=replace(drill.terminal, failover=failover))

    audit = judged("day-change-in-flight", repeats, seed)
    assert audit.status == "PASS", failed(audit)


@pytest.mark.parametrize("seed", [1, 2])
def test_sites_that_go_by_their_own_day_book_one_transaction_in_two(seed: int) -> None:
    found = failed(judged("day-change-in-flight", host(entry_day=EntryDay.OWN), seed))
    assert list(found) == ["days"]
    assert "is in business days 260105 and 260106 at site B: they do not balance" in found["days"]


def test_messages_that_age_by_the_clock_are_given_up_when_it_is_set_ahead() -> None:
    audit = judged("clock-stepped", saf(ages_by=AgesBy.CLOCK))
    found = failed(audit)
    assert {"money", "expected"} <= set(found) <= {"money", "expected", "reversals"}
    assert "exception_opened" in found["expected"]
    says = [each.because for each in audit.exceptions]
    assert says
    assert all("was given up: it is older than 3600 s" in each for each in says), "told, and not dropped in silence"


def test_a_host_that_goes_by_its_clock_refuses_good_requests() -> None:
    found = failed(judged("clock-stepped", host(off_time=OffTime.REFUSE)))
    assert list(found) == ["expected"]
    assert "transmitted_off_time where actor=A, refused=False: 0 seen" in found["expected"]


def test_the_outage_as_it_was_names_the_first_entry_that_the_backup_lacked() -> None:
    found = find_drill("bank-outage-2023-as-it-was")
    audit = run_drill(found, seed=1).audit
    lost = audit.verdict("replication").findings[0]
    assert lost.says.startswith(f"site B lacks post/{lost.key} (")
    assert "at site A at 10." in lost.says
    assert "all balances at the end sum to" in audit.verdict("counts").because
    assert audit.verdict("releases").status == "PASS", "the update had a name after half a second"


@pytest.mark.parametrize("seed", SEEDS)
def test_without_limits_in_stand_in_empty_accounts_are_drawn_up_to_the_daily_limit(seed: int) -> None:
    found = failed(judged("stand-in", host(stand_in=StandIn(owner="card operations")), seed))
    assert set(found) == {"exposure", "money"}, "and more open exceptions than are allowed"
    assert "withdrawals above the balance: " in found["exposure"]
    assert "2000.00 allowed" in found["exposure"]
    assert "100.00 allowed" in found["exposure"], "of one account, too"


def test_without_stand_in_nobody_is_served_while_the_core_is_away() -> None:
    audit = judged("stand-in", host(stand_in=None))
    assert list(failed(audit)) == ["expected"]
    assert audit.verdict("exposure").because.startswith("0 withdrawals above the balance")


def test_a_core_that_goes_in_stand_in_is_taken_over_from_and_nothing_is_lost_or_doubled() -> None:
    back = next(step for step in find_drill("stand-in").drill.steps if step.at == 180)
    promote = (Step(at=120, core=SetCore(site="B", up=False)), Step(at=130, promote=Promote(site="B")))
    steps = (*promote, replace(back, core=SetCore(site="B", up=True)), replace(back, at=200))
    audit = judged("stand-in", lambda drill: replace(drill, steps=(*drill.steps[:2], *steps)))
    assert list(failed(audit)) == ["expected"], "no advice had to be sent again, and that is all"
    sites = {stood.site for stood in audit.book.exposure.stood.values()}
    assert sites == {"A", "B"}
    assert {stood.times for stood in audit.book.exposure.stood.values()} == {1}


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_brake_a_lost_check_of_balances_pays_everybody(seed: int) -> None:
    found = failed(judged("balance-check-lost", host(brake=None), seed))
    assert set(found) == {"exposure", "expected"}
    assert "1000.00 allowed" in found["exposure"]
    assert "no alert after the first withdrawal above the balance" in found["exposure"]


def test_the_figures_and_the_owner_are_in_what_a_run_leaves() -> None:
    found = find_drill("stand-in")
    result = run_drill(found, seed=1)
    assert "(owner: card operations)" in " ".join(result.report.split())
    values = summary(result.audit)
    assert values["exposure"]["stood_in"] == values["exposure"]["taken"] + sum(values["exposure"]["refused"].values())
    assert values["exceptions"][0]["owner"] == "card operations"
    braked = run_drill(find_drill("balance-check-lost"), seed=1).audit.verdict("exposure").because
    assert "brake on at site A at " in braked


def test_a_brake_that_only_warns_stops_nothing() -> None:
    brake = find_drill("balance-check-lost").drill.host.brake
    assert brake is not None
    audit = judged("balance-check-lost", host(brake=replace(brake, stops_after_s=None)))
    says = [finding.says for finding in audit.verdict("exposure").findings]
    assert any(each.startswith("withdrawals above the balance: ") for each in says)
    assert any(each.startswith("notes came out for such withdrawals until ") for each in says)
    assert not any("alert" in each for each in says)


def test_an_operator_who_takes_the_site_out_of_service_bounds_it_too() -> None:
    stop = Step(at=85, service=OrderService(open=False, site="A", because="Withdrawals are paused."))
    audit = judged("balance-check-lost", lambda drill: replace(without_brake(drill), steps=(*drill.steps[:-1], stop)))
    unbounded = judged("balance-check-lost", without_brake)
    assert exposure_of(audit.book).total_minor < exposure_of(unbounded.book).total_minor / 2


def test_a_run_that_fails_otherwise_than_it_says_is_told() -> None:
    audit = judged("records-lost", without("reconcile"))
    assert failed_otherwise(audit, ("money", "replication", "view")).startswith("view passed and counts")
    assert failed_otherwise(audit, tuple(failed(audit))) == ""


def test_checks_that_a_drill_can_name_are_those_of_the_audit() -> None:
    assert set(NAMED) == {
        *CHECKS,
        "holds",
        "posting",
        "releases",
        "cards",
        "view",
        "exposure",
        "days",
        "customers_informed",
        "alerts",
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_hold_down_sites_take_over_from_each_other_over_and_over(seed: int) -> None:
    found = failed(judged("site-flapping", host(hold_down_s=None), seed))
    assert list(found) == ["expected"]
    assert "site_role_changed where role=active: 5 seen, at most 2 allowed" in found["expected"]


@pytest.mark.parametrize("seed", SEEDS)
def test_terminals_that_keep_the_card_of_whoever_gets_no_answer_are_named(seed: int) -> None:
    audit = judged("cards-kept", terminal(card_unanswered=Unanswered.KEEP), seed)
    assert "cards" in failed(audit)
    unanswered = [case for case in audit.book.cases.values() if case.outcome == "no_answer"]
    named = {finding.key for finding in audit.verdict("cards").findings if finding.key}
    assert named == {case.key for case in unanswered}
    assert f", {len(unanswered)} for no reason (2 allowed in all): T" in failed(audit)["cards"]


@pytest.mark.parametrize("seed", SEEDS)
def test_two_lines_of_one_carrier_fall_together_and_are_named_beforehand(seed: int) -> None:
    def one_carrier(drill: Drill) -> Drill:
        return replace(drill, lines={name: replace(line, carrier="north") for name, line in drill.lines.items()})

    found = failed(judged("shared-carrier", one_carrier, seed))
    assert {"failover", "expected"} <= set(found)
    assert "lines primary and secondary share the carrier north: they fall together" in found["expected"]
    assert "first_approval" in found["failover"]


def test_a_site_that_stays_dark_lets_customers_wait_for_their_money_and_each_is_named() -> None:
    audit = judged("primary-cut", healed_at(300.0, without=("start_site", "promote")))
    found = failed(audit)
    assert "expected" in found
    late = [each for each in audit.verdict("expected").findings if "money was wrong for 2" in each.says]
    assert len(late) >= 2
    assert all(", account ******" in each.says and each.says.endswith("; 150 s allowed") for each in late)
    assert audit.verdict("money").status == "PASS", "it came right in the end"


SWITCH_OVER = "site-switch-over-old-keys"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_switch_over_that_fails_is_told_with_what_was_in_the_way(seed: int) -> None:
    for name, says in (
        ("site-switch-over-wrong-route", "no terminal has reached it for 30 s"),
        (SWITCH_OVER, "its keys are not those of the terminals"),
    ):
        audit = judged(name, lambda drill: drill, seed)
        [finding] = audit.verdict("expected").findings
        assert finding.says.startswith("nobody was served from 4"), "the alarm was there, and nobody was half served"
        assert f"{says}; " in finding.says


@pytest.mark.parametrize("seed", SEEDS)
def test_without_an_alarm_a_site_with_old_keys_goes_on_sending_everybody_away(seed: int) -> None:
    audit = judged(SWITCH_OVER, host(alarms=None), seed)
    says = [finding.says for finding in audit.verdict("expected").findings]
    assert any(each.startswith("site_alarm_raised where site=B, what=security: 0 seen") for each in says)
    assert any("outcome=pin_key_failed, mti=x210: " in each and ", at most 15 allowed" in each for each in says)


def test_without_a_look_at_who_comes_a_site_that_nobody_reaches_says_nothing() -> None:
    audit = judged("site-switch-over-wrong-route", host(alarms=Alarms()))
    says = [finding.says for finding in audit.verdict("expected").findings]
    assert "site_alarm_raised where site=B, what=unreached: 0 seen, at least 1 wanted" in says
