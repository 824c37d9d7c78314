"""Whole worlds with everything on: keys change, lines fall and power fails at the worst moments."""

import pytest

from atmbench import facts
from atmbench.drill.load import parse_drill
from atmbench.messages.dialect import Dialect, load_dialect, parse_dialect
from tests.run.stage import Stage

BLOCKS = """
  keys:
    form: tr-31
    parts:
      - {value: pin_key, size: 88}
      - {value: pin_check, size: 6}
      - {value: mac_key, size: 88}
      - {value: mac_check, size: 6}
"""
SEALED_ALL = "  mac: {network_messages: true}\n"
HEAD = "extends: iso87-ascii\ndescribes: a test\nsecurity:\n"
DIALECTS = {
    "bare keys": load_dialect("iso87-ascii"),
    "key blocks": parse_dialect(f"{HEAD}{BLOCKS}", "blocks"),
    "all sealed": parse_dialect(f"{HEAD}{SEALED_ALL}", "sealed"),
    "all sealed, key blocks": parse_dialect(f"{HEAD}{SEALED_ALL}{BLOCKS}", "both"),
}
EVERY_DIALECT = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)


def played(*lines: str, life: str = "{grace_s: 30}", heal_at: float = 60.0, dialect: Dialect | None = None) -> Stage:
    """A world with PINs, MACs and chips, one customer every few seconds, and these steps; judged, and passed."""
    head = f"""
drill: secure
proves: nothing
terminals: 2
terminal:
  timers: {{reply_s: 6, network_reply_s: 3, echo_s: 10}}
  failover: {{missed_replies: 2, fail_back: false}}
  store_and_forward: {{reply_s: 5, first_repeat_s: 1, most_s: 5}}
host: {{promote_after_silence_s: 3}}
cards: {{cards: 300, pins: true}}
security: {{mac: true, chips: true, key_life: {life}}}
workload: {{every_s: 4, amounts: [20.00, 50.00]}}
heal: {{at: {heal_at}}}
"""
    stage = Stage(parse_drill(head + "\n".join(["steps:", *lines] if lines else []), "secure"), dialect=dialect)
    audit = stage.run()
    assert audit.status == "PASS", [(verdict.because, verdict.findings) for verdict in audit.verdicts]
    return stage


def refused(stage: Stage) -> list[tuple[str, str]]:
    return [(each.actor, each.what) for each in stage.facts_of(facts.SecurityRefused)]


@EVERY_DIALECT
def test_keys_change_and_sites_change_and_nobody_is_refused(dialect: Dialect) -> None:
    stage = played("- {at: 30, promote: {site: B}}", life="{seconds: 7, uses: 5, grace_s: 20}", dialect=dialect)
    assert refused(stage) == []
    assert stage.facts_of(facts.FrameRefused) == []
    assert len(stage.facts_of(facts.KeysLoaded, accepted=True)) >= 12
    assert {each.actor for each in stage.facts_of(facts.KeysIssued)} == {"A", "B"}


@EVERY_DIALECT
def test_a_site_with_old_keys_refuses_and_is_repaired_by_an_exchange(dialect: Dialect) -> None:
    stage = played("- {at: 20, keys: {site: B, old: true}}", "- {at: 20.5, promote: {site: B}}", dialect=dialect)
    assert set(refused(stage)) == {("B", "mac")}
    assert len(stage.facts_of(facts.KeysIssued, actor="B")) >= 2
    last_refusal = max(each.t for each in stage.facts_of(facts.SecurityRefused))
    approved = stage.facts_of(facts.MessageSent, actor="B", purpose="withdrawal", outcome="approved")
    assert len([each for each in approved if each.t > last_refusal]) >= 5


@pytest.mark.parametrize("lost", ["request", "reply"])
@pytest.mark.parametrize("by", ["silence", "reset"])
def test_a_failover_in_the_middle_of_an_exchange(lost: str, by: str) -> None:
    """The primary dies when it has the question, or when it has changed the keys and nobody knows."""
    trigger = (
        "{fact: message_sent, where: {purpose: key_exchange, actor: T01}, count: 3}"
        if lost == "request"
        else "{fact: keys_issued, where: {terminal: T01}, count: 3}"
    )
    stage = played(f"- {{after: {trigger}, stop_site: {{site: A, by: {by}}}}}", life="{seconds: 7, grace_s: 30}")
    assert refused(stage) == []
    assert stage.facts_of(facts.KeysLoaded, actor="T01", accepted=True)[-1].t > 20


def test_both_sites_are_lost_while_keys_change() -> None:
    stage = played(
        "- {after: {fact: keys_issued, where: {terminal: T01}, count: 3}, cut: {by: silence}}",
        "- {at: 40, mend: {}}",
        life="{seconds: 7, grace_s: 60}",
        heal_at=80,
    )
    assert refused(stage) == []


def test_a_withdrawal_whose_mac_is_damaged_leaves_a_tombstone_and_the_next_is_served() -> None:
    stage = played(
        "- {at: 20, fault: {kind: garble_field, field: 64, direction: request, mti: '0200', terminal: T01, first: 1}}"
    )
    [refusal] = stage.facts_of(facts.SecurityRefused)
    assert (refusal.what, refusal.terminal) == ("mac", "T01")
    assert [each.key for each in stage.facts_of(facts.TombstoneLaid, actor="A")] == [refusal.key]
    assert [each.code for each in stage.facts_of(facts.TransactionEnded, key=refusal.key)] == ["63"]
    assert len(stage.facts_of(facts.KeysLoaded, actor="T01")) == 2, "it asked for keys at once"


def test_an_answer_whose_mac_is_damaged_is_none_and_the_withdrawal_is_reversed() -> None:
    stage = played(
        "- {at: 20, fault: {kind: garble_field, field: 64, direction: reply, mti: '0210', terminal: T01, first: 1}}"
    )
    [refusal] = stage.facts_of(facts.FrameRefused)
    assert "the MAC of the answer does not agree" in refusal.because
    assert [each.reason for each in stage.facts_of(facts.AdviceQueued)] == ["invalid_answer"]
    assert stage.facts_of(facts.TransactionEnded, outcome="no_answer")


def test_a_reversal_stored_before_a_change_of_keys_is_sealed_with_those_after_it() -> None:
    """It waits for a line until its first keys are past every grace."""
    stage = played(
        "- {at: 15, fault: {kind: lose, direction: reply, mti: '0210', terminal: T01, first: 1}}",
        "- {at: 15, fault: {kind: lose, direction: request, mti: '042x', terminal: T01, first: 3}}",
        life="{seconds: 3, grace_s: 2}",
    )
    assert refused(stage) == []
    [accepted] = stage.facts_of(facts.AdviceAccepted)
    assert accepted.attempts >= 2


@pytest.mark.parametrize("at", [20.0 + step * 0.02 for step in range(12)])
def test_power_that_fails_around_an_exchange_leaves_a_terminal_that_works(at: float) -> None:
    stage = played(
        "- {at: 20, keys: {site: A, old: true}}",
        "- {at: 20.01, withdraw: {terminal: T01, amount: 50.00}}",
        f"- {{at: {at}, power_fail: {{terminal: T01, restore_after_s: 3}}}}",
    )
    approved = stage.facts_of(facts.MessageSent, actor="A", terminal="T01", purpose="withdrawal", outcome="approved")
    assert [each for each in approved if each.t > 30]


@pytest.mark.parametrize("effect", range(1, 45, 2))
def test_power_that_fails_in_a_withdrawal_with_pin_mac_and_chip(effect: int) -> None:
    played(
        f"- {{at: 20, power_fail: {{terminal: T01, after_effect: {effect}}}}}",
        "expect: {open_exceptions_max: 1}",
        life="{uses: 2, grace_s: 30}",
    )
