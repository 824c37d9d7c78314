"""Downtime: for how long nobody at all was served, and what was in the way."""

from atmbench.audit.downtime import Gap
from atmbench.audit.judge import Audit
from atmbench.audit.verdict import Status
from atmbench.facts import (
    BrakeChanged,
    CustomerTurnedAway,
    DialFailed,
    MessageReceived,
    SiteAlarmRaised,
    SiteRoleChanged,
)
from tests.audit.builders import Tape, key_of


def gaps(audit: Audit) -> tuple[Gap, ...]:
    assert audit.downtime is not None
    return audit.downtime


def tape(most_s: float = 0.0) -> Tape:
    return Tape(terminals=("T01", "T02"), downtime_max_s=most_s)


def away(run: Tape, t: float, because: str = "the terminal is out of service") -> None:
    run.add(t, "T02", CustomerTurnedAway(because=because, service="withdrawal"))


def decline(run: Tape, t: float, outcome: str, stan: int, line: str = "primary", after_s: float = 0.1) -> None:
    key = key_of("T01", stan)
    run.ask(t, key)
    run.send(t, key, line=line)
    run.reply(t + after_s, key, outcome=outcome, line=line)
    run.end(t + after_s, key, "declined")


def test_a_drill_that_does_not_ask_is_told_nothing() -> None:
    assert Tape().judge().downtime is None


def test_a_gap_is_from_the_first_customer_in_vain_to_the_next_who_is_served() -> None:
    run = tape(20)
    run.withdraw(10.0)
    away(run, 20.0)
    away(run, 25.0)
    run.withdraw(50.0, stan=130)
    audit = run.judge()
    assert [(gap.from_t, gap.to_t) for gap in gaps(audit)] == [(20.0, 50.04)]
    [finding] = audit.verdict("expected").findings
    assert finding.says == (
        "nobody was served from 20.000 to 50.040 s: 2 customers were turned away (30.040 s; 20 s allowed in all)"
    )


def test_who_was_served_meanwhile_makes_it_no_gap() -> None:
    run = tape()
    run.lost_reply(10.0)
    run.withdraw(15.0, "T02", 7)
    assert gaps(run.judge()) == ()


def test_who_comes_in_the_very_moment_in_which_another_is_served_begins_a_gap() -> None:
    run = tape()
    run.withdraw(10.0)
    away(run, 10.04)
    run.withdraw(50.0, stan=130)
    assert [(gap.from_t, gap.to_t) for gap in gaps(run.judge())] == [(10.04, 50.04)]


def test_a_decline_of_the_customer_is_a_service_and_one_for_the_banks_trouble_is_none() -> None:
    run = tape()
    decline(run, 10.0, "insufficient_funds", 1)
    decline(run, 20.0, "pin_key_failed", 2, "secondary")
    decline(run, 30.0, "insufficient_funds", 3)
    [gap] = gaps(run.judge())
    assert (gap.from_t, gap.to_t) == (20.0, 30.1)
    assert gap.because == ("1 customer was told that site B could not open the PIN: its keys are not the terminals'",)


def test_whoever_got_no_answer_or_none_about_himself_came_in_vain_and_who_still_waits_may_be_served() -> None:
    run = tape()
    for number in range(2):
        run.lost_reply(10.0 + number, stan=1 + 2 * number)
    for number in range(2):
        decline(run, 50.0 + number, "host_unavailable", 11 + number)
    decline(run, 52.0, "sign_on_needed", 13, "third")
    run.ask(60.0, key_of("T02", 1))
    run.reply(60.5, key_of("T02", 1), outcome="host_unavailable")
    run.ask(61.0, key_of("T01", 21))
    run.end(69.0, key_of("T01", 21), "cancelled")
    [gap] = gaps(run.judge())
    assert gap.says == (
        "nobody was served from 10.000 to 52.100 s: 2 customers got no answer; "
        "2 customers were told that site A was not available; 1 customer was told that site third knew of no sign-on"
    )


def test_who_gives_up_in_the_very_moment_in_which_another_is_served_came_in_vain() -> None:
    run = tape()
    run.ask(10.0, key_of("T01", 1))
    run.end(40.0, key_of("T01", 1), "no_answer")
    decline(run, 39.5, "insufficient_funds", 3, after_s=0.5)
    assert [(gap.from_t, gap.to_t) for gap in gaps(run.judge())] == [(10.0, 40.0)]


def test_clients_of_channels_and_what_nobody_began_are_not_looked_at() -> None:
    run = tape()
    run.channels = {"pos": ("P01",)}
    away(run, 10.0)
    key, stray = key_of("P01", 1), key_of("T01", 9)
    for t, outcome in ((20.0, "approved"), (30.0, "host_unavailable")):
        run.ask(t, key)
        run.send(t, key)
        run.reply(t + 1, key, outcome=outcome)
    run.services[stray] = "withdrawal"
    run.send(40.0, stray)
    run.reply(41.0, stray)
    away(run, 50.0)
    [gap] = gaps(run.judge())
    assert gap.says == "nobody was served from 10.000 to 50.000 s: 2 customers were turned away"


def test_under_a_brake_who_gets_cash_or_asks_for_something_else_is_served() -> None:
    run = tape()
    run.add(5.0, "A", BrakeChanged(site="A", on=True, because="x"))
    away(run, 10.0)
    run.withdraw(20.0)
    away(run, 30.0)
    transfer = key_of("T02", 3)
    run.ask(40.0, transfer, service="transfer")
    run.send(40.0, transfer)
    run.reply(40.5, transfer, outcome="insufficient_funds")
    assert [(gap.from_t, gap.to_t) for gap in gaps(run.judge())] == [(10.0, 20.04), (30.0, 40.5)]


def test_a_withdrawal_that_a_brake_stopped_is_no_service_and_a_balance_is() -> None:
    run = tape()
    decline(run, 10.0, "not_permitted", 1)
    run.add(15.0, "A", BrakeChanged(site="A", on=True, because="x"))
    decline(run, 20.0, "not_permitted", 2)
    run.add(30.0, "A", BrakeChanged(site="A", on=False, because="x"))
    decline(run, 40.0, "not_permitted", 3)
    [gap] = gaps(run.judge())
    assert (gap.from_t, gap.to_t) == (20.0, 40.1)
    assert gap.because == ("1 customer was told that site A had stopped all withdrawals",)
    run.ask(25.0, key_of("T01", 9), 0, "balance")
    run.add(25.1, "T01", MessageReceived(
        terminal="T01", line="primary", purpose="balance", mti="0210", stan=9, fields={}, key=key_of("T01", 9),
        code="00", outcome="approved",
    ))  # fmt: skip
    assert [(each.from_t, each.to_t) for each in gaps(run.judge())] == [(20.0, 25.1)]


def test_other_reasons_to_be_turned_away_say_nothing_of_the_bank() -> None:
    run = tape()
    away(run, 20.0, "too many people are waiting")
    assert gaps(run.judge()) == ()


def test_a_gap_without_an_end_goes_to_the_last_customer_in_vain() -> None:
    run = tape()
    run.withdraw(10.0)
    away(run, 20.0)
    away(run, 60.0)
    assert [(gap.from_t, gap.to_t) for gap in gaps(run.judge())] == [(20.0, 60.0)]


def test_a_gap_names_the_active_sites_their_alarms_and_the_lines_that_could_not_be_dialled_from_end_to_end() -> None:
    run = tape()
    run.withdraw(10.0)
    away(run, 20.0)
    for t in (19.0, 20.0, 30.0, 60.0, 61.0):
        run.add(t, "A", SiteRoleChanged(site="A", role="standby", because="by order"))
        run.add(t, "B", SiteRoleChanged(site="B", role="active", because="by order"))
        run.add(t, "B", SiteAlarmRaised(site="B", what="unreached", because="nobody comes"))
        run.add(t, "T01", DialFailed(line="secondary", because=f"refused at {t:g} s"))
    run.add(20.0, "T02", DialFailed(line="third", because="no carrier"))
    away(run, 60.0)
    [gap] = gaps(run.judge())
    assert gap.because == (
        "2 customers were turned away",
        "site B was active from 20.000 s",
        "site B was active from 30.000 s",
        "site B was active from 60.000 s",
        "ALARM of site B at 20.000 s: nobody comes",
        "ALARM of site B at 30.000 s: nobody comes",
        "ALARM of site B at 60.000 s: nobody comes",
        "3 dials over line secondary to site B failed (refused at 60 s)",
        "1 dial over line third to site ? failed (no carrier)",
    )


def test_what_is_allowed_passes_and_is_told() -> None:
    run = tape(60)
    away(run, 20.0)
    away(run, 60.0)
    verdict = run.judge().verdict("expected")
    assert verdict.status is Status.PASS
    assert "nobody served for 40.000 s in 1 gap (60 s allowed)" in verdict.because


def test_what_is_allowed_to_the_last_second_passes() -> None:
    run = tape(40)
    away(run, 20.0)
    away(run, 60.0)
    assert run.judge().verdict("expected").status is Status.PASS


def test_only_the_gaps_that_made_it_too_much_are_findings() -> None:
    run = tape(3)
    for number, (from_t, to_t) in enumerate(((10.0, 12.0), (20.0, 60.0), (70.0, 71.0))):
        away(run, from_t)
        decline(run, to_t - 0.5, "insufficient_funds", 200 + number, after_s=0.5)
    audit = run.judge()
    assert len(gaps(audit)) == 3
    assert [finding.says for finding in audit.verdict("expected").findings] == [
        "nobody was served from 20.000 to 60.000 s: 1 customer was turned away (40.000 s; 3 s allowed in all)"
    ]
