"""Two lines to one site: going back from one to the other costs no customer anything."""

import pytest

from atmbench.drill.load import parse_drill
from atmbench.facts import LineChosen, MessageReceived, SignedOff, SignedOn, TransactionEnded
from tests.run.stage import Stage

DRILL = """
drill: two-lines
proves: Two lines to one site are two ways into one house.
terminals: 4
lines: {primary: {site: A}, secondary: {site: A}}
terminal:
  timers: {reply_s: 10, network_reply_s: 5, echo_s: 15}
  failover: {missed_replies: 1, fail_back_after_s: 10, fail_back_echoes: 2, probe_s: 3}
  store_and_forward: {reply_s: 8, first_repeat_s: 2, most_s: 10}
workload: {every_s: 2, amounts: [20.00, 50.00]}
steps:
  - {at: 20, name: road, cut: {line: primary, by: silence}}
  - {at: 50, mend: {name: road}}
heal: {at: 130, within_s: 60}
expect: {approved_min: 40, failover: {fail_back_s: 60}}
"""


@pytest.fixture(scope="module")
def stage() -> Stage:
    stage = Stage(parse_drill(DRILL, "two-lines"))
    audit = stage.run()
    assert audit.status == "PASS", [verdict.because for verdict in audit.verdicts]
    return stage


def test_no_customer_is_declined_after_the_sign_off_on_the_line_that_is_left(stage: Stage) -> None:
    assert len(stage.facts_of(LineChosen, line="primary")) == 4
    assert len(stage.facts_of(SignedOff, line="secondary", answered=True)) == 4
    assert stage.facts_of(TransactionEnded, outcome="declined") == []


def test_nobody_signs_on_again_after_he_has_gone_back(stage: Stage) -> None:
    for back in stage.facts_of(LineChosen, line="primary"):
        assert [each for each in stage.facts_of(SignedOn, actor=back.actor) if each.t > back.t] == []


def test_the_site_does_not_name_a_line_that_it_cannot_know(stage: Stage) -> None:
    assert {each.line for each in stage.facts_of(MessageReceived, actor="A")} == {"primary or secondary"}
