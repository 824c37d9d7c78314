"""Power fails after every single effect of a withdrawal: money agrees at all witnesses, or the audit names it."""

from collections.abc import Iterator

import pytest

from atmbench import facts
from atmbench.audit.judge import Audit
from tests.run.stage import Stage, drill_of

EFFECTS_MAX = 200


def failed_after(effect: int, confirm: str, card_before_cash: bool) -> tuple[Stage, Audit]:
    """A withdrawal at ten seconds whose power fails after so many effects, run to its verdict."""
    card_first = str(card_before_cash).lower()
    stage = Stage(
        drill_of(
            f"terminal: {{confirm: {confirm}, card_before_cash: {card_first}, timers: {{echo_s: 600}}}}",
            "steps:",
            f"- {{at: 10, power_fail: {{terminal: T01, after_effect: {effect}}}}}",
            "- {at: 10, withdraw: {terminal: T01, amount: 90.00}}",
            "expect: {approved_min: 0, open_exceptions_max: 1}",
            heal_at=80,
        )
    )
    return stage, stage.run()


def every_failure(confirm: str, card_before_cash: bool) -> Iterator[tuple[Stage, Audit]]:
    """One run per effect, until the transaction is over before the power fails."""
    for effect in range(1, EFFECTS_MAX):
        stage, audit = failed_after(effect, confirm, card_before_cash)
        if not stage.facts_of(facts.PowerFailed):
            return
        yield stage, audit
    pytest.fail(f"a withdrawal of {EFFECTS_MAX} effects has no end")


@pytest.mark.parametrize("card_before_cash", [True, False], ids=["card first", "cash first"])
@pytest.mark.parametrize("confirm", ["negative_only", "always"])
def test_wherever_power_fails_in_a_withdrawal_money_agrees_or_is_named(confirm: str, card_before_cash: bool) -> None:
    cases = 0
    during: set[str] = set()
    outcomes: set[str] = set()
    for stage, audit in every_failure(confirm, card_before_cash):
        cases += 1
        failed = stage.facts_of(facts.PowerFailed)
        told = f"power failed after effect {cases} ({failed[0].during}): {[v for v in audit.verdicts if v.findings]}"
        assert len(failed) == 1, told
        assert audit.status == "PASS", told
        assert len(audit.exceptions) <= 1, told
        during.add(failed[0].during)
        ended = {each.outcome for each in stage.facts_of(facts.TransactionEnded)}
        outcomes |= {"exception"} if audit.exceptions else ended
    assert cases > 20
    assert {f"after {each}" for each in ("SendMessage", "Dispense", "EjectCard", "Remember")} <= during
    assert {"exception", "approved"} <= outcomes
