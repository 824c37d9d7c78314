"""Whole worlds whose PINs are under DUKPT keys: doubled requests, sites with old keys, keys that run out."""

import pytest
from msgspec.structs import replace

from atmbench import facts
from atmbench.audit.judge import Audit
from atmbench.devices.pin_pad import PinPad
from atmbench.drill.load import parse_drill
from atmbench.messages.dialect import Dialect, load_dialect, parse_dialect
from tests.run.stage import Stage

AES = """
extends: iso87-ascii
describes: DUKPT with AES, the number in DE120
fields: {52: {size: 16}}
security: {pin_format: 4, dukpt: aes, keys: {pin_key_bytes: 16}}
templates: {service: {request: {optional: {120: key_serial}}}}
"""
DIALECTS = {
    "nibss": load_dialect("nibss"),
    "iso93-bcd": load_dialect("iso93-bcd"),
    "AES": parse_dialect(AES, "aes"),
}


def stage(*lines: str, dialect: Dialect | None = None, mac: bool = True) -> Stage:
    """A world with DUKPT, one customer every few seconds, and these steps."""
    head = f"""
drill: dukpt
proves: nothing
terminals: 2
dialect: nibss
terminal:
  timers: {{reply_s: 6, network_reply_s: 3, echo_s: 10}}
  failover: {{missed_replies: 2, fail_back: false}}
  store_and_forward: {{reply_s: 5, first_repeat_s: 1, most_s: 5}}
host: {{promote_after_silence_s: 3}}
cards: {{cards: 300, pins: true}}
security: {{mac: {str(mac).lower()}, dukpt: true, key_life: {{seconds: 7, grace_s: 20}}}}
workload: {{every_s: 4, amounts: [20.00, 50.00], mix: {{withdrawal: 80, pin_change: 20}}}}
heal: {{at: 60}}
"""
    text = head + "\n".join(["steps:", *lines] if lines else [])
    return Stage(parse_drill(text, "dukpt"), dialect=dialect or DIALECTS["nibss"])


def passed(world: Stage) -> Audit:
    audit = world.run()
    assert audit.status == "PASS", [(verdict.because, verdict.findings) for verdict in audit.verdicts]
    return audit


def refused(world: Stage) -> list[tuple[str, str]]:
    return [(each.actor, each.what) for each in world.facts_of(facts.SecurityRefused)]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_sites_change_and_keys_are_exchanged_and_nobody_is_refused(dialect: Dialect) -> None:
    world = stage("- {at: 30, promote: {site: B}}", dialect=dialect)
    passed(world)
    assert refused(world) == []
    for site in ("A", "B"):
        approved = world.facts_of(facts.MessageSent, actor=site, purpose="withdrawal", outcome="approved")
        assert len(approved) >= 5
    assert len(world.facts_of(facts.KeysLoaded, accepted=True)) >= 8


@pytest.mark.parametrize("lag_s", [0, 30])
def test_a_failover_before_counters_have_replicated_refuses_nobody(lag_s: int) -> None:
    world = stage(
        f"- {{at: 5, replication: {{lag_s: {lag_s}}}}}",
        "- {at: 20, stop_site: {site: A, by: silence}}",
        "- {at: 40, start_site: {site: A}}",
        "- {at: 45, promote: {site: A}}",
        "- {at: 50, replication: {lag_s: 0}}",
    )
    passed(world)
    assert refused(world) == []


def test_a_doubled_request_is_answered_from_store_and_its_key_is_not_missed() -> None:
    world = stage("- {at: 10, fault: {kind: duplicate, direction: request, mti: x200}}")
    passed(world)
    assert refused(world) == []
    assert len(world.facts_of(facts.RepeatAnswered, purpose="withdrawal")) >= 10


def test_a_request_that_comes_late_after_its_reversal_changes_nothing() -> None:
    world = stage("- {at: 15, fault: {kind: delay, direction: request, mti: x200, first: 2, delay_s: 20}}")
    passed(world)
    assert refused(world) == []
    assert len(world.facts_of(facts.TombstoneHit)) == 2


def test_a_site_that_has_missed_the_keys_opens_pins_all_the_same() -> None:
    world = stage("- {at: 20, keys: {site: B, old: true}}", "- {at: 20.5, promote: {site: B}}", mac=False)
    passed(world)
    assert refused(world) == []


def test_an_old_serial_number_in_a_new_request_is_refused_and_moves_no_money() -> None:
    """Without a MAC, whoever is on the line may put it there."""
    number = world_number("T01", 1)
    world = stage(
        f"- {{at: 30, fault: {{kind: set_field, field: 62, value: {number}, direction: request, mti: x200, "
        "terminal: T01, first: 1}}",
        mac=False,
    )
    passed(world)
    [refusal] = world.facts_of(facts.SecurityRefused)
    assert (refusal.what, refusal.terminal) == ("key_serial", "T01")
    assert refusal.because.startswith("the key counter is 1, and ")
    assert not [each for each in world.facts_of(facts.EntryPosted) if each.key == refusal.key]


def test_the_serial_number_of_another_terminal_is_refused() -> None:
    number = world_number("T02", 3)
    fault = f"{{kind: set_field, field: 62, value: {number}, direction: request, mti: x200, terminal: T01, first: 1}}"
    world = stage(f"- {{at: 30, fault: {fault}}}", mac=False)
    passed(world)
    [refusal] = world.facts_of(facts.SecurityRefused)
    assert "another device" in refusal.because


def test_a_terminal_that_runs_out_of_keys_serves_nobody_and_says_why() -> None:
    world = stage()
    pad = world.driver.devices.pin_pad
    assert isinstance(pad, PinPad)
    assert pad._number is not None
    pad._number = replace(pad._number, counter=0b1_1111_1111_0110_0000_0000)
    passed(world)
    ended = world.facts_of(facts.TransactionEnded, actor="T01")
    turned_away = world.facts_of(facts.CustomerTurnedAway, actor="T01")
    assert 1 <= len(ended) < 10
    assert {each.because for each in turned_away} == {
        "the PIN pad has used up its DUKPT keys and must be given a new initial key"
    }
    assert world.facts_of(facts.TransactionStarted, actor="T01")[-1].t < turned_away[0].t
    assert len(world.facts_of(facts.TransactionEnded, actor="T02")) > len(ended)


def world_number(terminal: str, counter: int) -> str:
    """The key serial number of a terminal at a count."""
    pad = stage().world.drivers[terminal].devices.pin_pad
    assert isinstance(pad, PinPad)
    assert pad._number is not None
    return replace(pad._number, counter=counter).text
