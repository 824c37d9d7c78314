"""Whole worlds whose PIN pad is a machine: messages wait for their MACs, and no order is lost by that."""

import pytest

from atmbench import facts
from atmbench.drill.load import parse_drill
from tests.run.stage import Stage

HEAD = """
drill: pads
proves: nothing
terminals: 2
devices: {pin_pad: zt598}
terminal:
  timers: {reply_s: 10, network_reply_s: 5, echo_s: 600}
  failover: {missed_replies: 4, fail_back: false}
  store_and_forward: {reply_s: 8, first_repeat_s: 2, most_s: 10}
cards: {cards: 50, pins: true}
security: {mac: true}
workload: {every_s: 1000000000}
heal: {at: 100, within_s: 100}
expect: {approved_min: 0}
"""


def staged(*steps: str) -> Stage:
    """A world with these steps, lived to its end; its money adds up."""
    stage = Stage(parse_drill(HEAD + "steps:\n" + "\n".join(f"  - {step}" for step in steps), "pads"))
    assert stage.run().status == "PASS"
    return stage


def test_a_message_leaves_when_its_mac_is_made_and_its_answer_counts_when_its_mac_is_checked() -> None:
    stage = staged("{at: 10, withdraw: {terminal: T01, amount: 50.00}}")
    [started] = stage.facts_of(facts.TransactionStarted)
    [sent] = stage.facts_of(facts.MessageSent, actor="T01", purpose="withdrawal")
    [answered] = stage.facts_of(facts.MessageSent, actor="A", purpose="withdrawal")
    [received] = stage.facts_of(facts.MessageReceived, actor="T01", purpose="withdrawal")
    assert started.t > 11, "a PIN takes its time"
    assert 0.3 < sent.t - started.t < 2
    assert 0.3 < received.t - answered.t < 2
    assert stage.outcomes() == ["approved"]


@pytest.mark.parametrize("kind", ["{kind: duplicate, first: 1}", "{kind: merge}", "{kind: reorder, first: 1}"])
def test_answers_are_taken_in_the_order_they_came(kind: str) -> None:
    """Echoes carry no MAC, so they could overtake an answer that is being checked."""
    fault = kind.replace("}", ", direction: reply, line: primary}")
    stage = staged(
        f"{{at: 5, fault: {fault}}}",
        "{at: 10, withdraw: {terminal: T01, amount: 50.00}}",
        "{at: 10, withdraw: {terminal: T02, amount: 50.00}}",
    )
    assert stage.outcomes() == ["approved", "approved"]


def test_an_answer_that_was_altered_is_refused_after_it_was_checked_under_both_keys() -> None:
    stage = staged(
        '{at: 5, fault: {kind: set_field, field: 38, value: "999999", mti: x210, direction: reply, first: 1}}',
        "{at: 10, withdraw: {terminal: T01, amount: 50.00}}",
    )
    [refused] = stage.facts_of(facts.FrameRefused, actor="T01")
    assert refused.because == "the MAC of the answer does not agree with any key of this terminal"
    assert stage.outcomes() == ["no_answer"]


def test_a_line_that_breaks_while_an_answer_is_checked_breaks_after_it() -> None:
    """The terminal hears of things in the order in which they happened to it."""
    stage = staged(
        "{at: 10, withdraw: {terminal: T01, amount: 50.00}}",
        "after: {fact: message_sent, where: {actor: A, purpose: withdrawal}, delay_s: 0.2}\n"
        "    cut: {line: primary, by: reset}\n    name: away",
        "{at: 40, mend: {name: away}}",
    )
    [received] = stage.facts_of(facts.MessageReceived, actor="T01", purpose="withdrawal")
    lost = stage.facts_of(facts.LineLost, actor="T01")
    assert received.t <= lost[0].t
    assert stage.outcomes() == ["approved"]


def test_power_that_fails_while_a_mac_is_made_leaves_nothing_half_sent() -> None:
    stage = staged(
        "{at: 10, withdraw: {terminal: T01, amount: 50.00}}",
        "after: {fact: transaction_started, where: {actor: T01}, delay_s: 0.2}\n"
        "    power_fail: {terminal: T01, restore_after_s: 5}",
    )
    assert stage.facts_of(facts.MessageSent, actor="T01", purpose="withdrawal") == []
    assert len(stage.facts_of(facts.AdviceAccepted, actor="T01", purpose="reversal")) == 1
    assert stage.facts_of(facts.EntryPosted) == []


def test_what_cannot_be_sealed_is_not_sent_and_told() -> None:
    stage = staged(
        "{at: 10, withdraw: {terminal: T01, amount: 50.00}}",
        "after: {fact: transaction_started, where: {actor: T01}, delay_s: 0.2}\n"
        "    machine: {terminal: T01, device: pin_pad, do: unplug}",
        "{at: 60, machine: {terminal: T01, device: pin_pad, do: plug}}",
    )
    told = stage.facts_of(facts.MessageNotSent, actor="T01")
    assert (told[0].purpose, told[0].because) == ("withdrawal", "the PIN pad is not plugged in")
    assert stage.outcomes() == ["no_answer"]
