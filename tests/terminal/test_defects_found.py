"""Planted defects in one terminal's world: a sound terminal passes every check, a spoilt one is found."""

from collections.abc import Callable
from typing import Any

import pytest

from atmbench import facts
from atmbench.drill.commands import CustomerDoes, DispenserDoes, DisturbCustomer, DisturbDispenser
from atmbench.host.settings import HostSettings, PostAt
from atmbench.messages.records import Purpose
from atmbench.terminal import effects
from atmbench.terminal.defects import DEFECTS
from atmbench.terminal.settings import Confirm, TerminalSettings
from tests.terminal.cast import SETTINGS, asked, change, withdrawal
from tests.terminal.rig import Rig

ALWAYS = change(confirm=Confirm.ALWAYS)
STAYS = change(failover={"missed_replies": 99})
DEPOSIT = asked(Purpose.DEPOSIT, deposit_notes={1000: 3, 5000: 1})
Trouble = Callable[[Rig], None]


def dispenser(does: DispenserDoes, notes: int = 0) -> Trouble:
    return lambda rig: rig.disturb(DisturbDispenser(does=does, notes=notes))


def customer(does: CustomerDoes) -> Trouble:
    return lambda rig: rig.disturb(DisturbCustomer(does=does))


def loses_replies(until_sent: int) -> Trouble:
    """No reply comes before so many reversals were sent."""

    def disturb(rig: Rig) -> None:
        rig.loses = lambda direction, number: (
            direction == "reply"
            and len([sent for sent in rig.facts_of(facts.MessageSent) if sent.purpose == "reversal"]) < until_sent
        )

    return disturb


def power_fails_at(effect: type[effects.Effect]) -> Trouble:
    """Power fails as soon as an effect of this kind was performed."""

    def disturb(rig: Rig) -> None:
        rig.cut_at = effect

    return disturb


def both(*troubles: Trouble) -> Trouble:
    def disturb(rig: Rig) -> None:
        for trouble in troubles:
            trouble(rig)

    return disturb


def power_fails_while_a_reversal_is_stored(rig: Rig) -> None:
    loses_replies(99)(rig)
    power_fails_at(effects.EjectCard)(rig)


SHORT = dispenser(DispenserDoes.SHORT, 1)
REFUSE = dispenser(DispenserDoes.REFUSE)
JAM = dispenser(DispenserDoes.JAM_UNKNOWN, 1)
LEAVES_CASH = customer(CustomerDoes.LEAVES_CASH)

PLAYS: dict[str, tuple[TerminalSettings, Any, Trouble]] = {
    "card-left-not-reversed": (SETTINGS, withdrawal(9000), customer(CustomerDoes.LEAVES_CARD)),
    "dispense-again-on-doubt": (SETTINGS, withdrawal(9000), JAM),
    "drop-suspect": (SETTINGS, withdrawal(9000), JAM),
    "refusal-not-reversed": (SETTINGS, withdrawal(9000), REFUSE),
    "retract-taken-for-paid": (SETTINGS, withdrawal(9000), LEAVES_CASH),
    "reverse-missing-amount": (SETTINGS, withdrawal(9000), SHORT),
    "short-not-reversed": (SETTINGS, withdrawal(9000), SHORT),
    "short-reversed-fully": (SETTINGS, withdrawal(9000), SHORT),
    "complete-asked-amount": (ALWAYS, withdrawal(9000), SHORT),
    "complete-unpaid": (ALWAYS, withdrawal(9000), REFUSE),
    "forget-completion": (ALWAYS, withdrawal(9000), lambda rig: None),
    "count-answered-sendings": (STAYS, withdrawal(9000), loses_replies(3)),
    "original-is-itself": (STAYS, withdrawal(9000), loses_replies(1)),
    "repeat-as-new": (STAYS, withdrawal(9000), loses_replies(2)),
    "repeat-with-new-time": (STAYS, withdrawal(9000), loses_replies(2)),
    "saf-lost-at-power-up": (STAYS, withdrawal(9000), power_fails_while_a_reversal_is_stored),
    "intent-lost-at-power-up": (SETTINGS, withdrawal(9000), power_fails_at(effects.SendMessage)),
    "interrupted-taken-for-paid": (SETTINGS, withdrawal(9000), both(REFUSE, power_fails_at(effects.Dispense))),
    "interrupted-taken-for-unpaid": (SETTINGS, withdrawal(9000), power_fails_at(effects.Dispense)),
    "stan-restarts-at-power-up": (SETTINGS, withdrawal(9000), power_fails_at(effects.Dispense)),
    "keep-card-unanswered": (STAYS, withdrawal(9000), loses_replies(1)),
    "keep-unapproved-notes": (STAYS, DEPOSIT, loses_replies(1)),
}
"""What brings a defect to light: settings, what the customer wants, and what goes wrong."""


def failed(name: str, defects: frozenset[str]) -> set[str]:
    settings, wish, trouble = PLAYS[name]
    host = HostSettings(post_at=PostAt.COMPLETION) if settings.confirm is Confirm.ALWAYS else None
    rig = Rig(settings, host=host, defects=defects).run_until_free()
    trouble(rig)
    rig.customer(wish)
    rig.run(120)
    return {each.check for each in rig.judge(open_exceptions_max=1).verdicts if str(each.status) != "PASS"}


@pytest.mark.parametrize("name", PLAYS)
def test_a_sound_terminal_passes_and_a_spoilt_one_is_found(name: str) -> None:
    assert failed(name, frozenset()) == set()
    assert failed(name, frozenset({name})) & set(DEFECTS[name].found_by)
