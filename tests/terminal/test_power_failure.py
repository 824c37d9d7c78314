"""Power failure after every single effect of a session: the audit must find nothing wrong, wherever it struck."""

from collections.abc import Callable
from typing import Any

import pytest

from atmbench import facts
from atmbench.drill.commands import CustomerDoes, DispenserDoes, DisturbCustomer, DisturbDispenser
from atmbench.messages.records import Purpose
from atmbench.terminal import effects
from atmbench.terminal.settings import Confirm, TerminalSettings
from tests.terminal.cast import SETTINGS, asked, change, withdrawal
from tests.terminal.rig import Rig

ALWAYS = change(confirm=Confirm.ALWAYS)
CASH_FIRST = change(card_before_cash=False)


def no_trouble(rig: Rig) -> None:
    pass


def loses_the_reply(rig: Rig) -> None:
    rig.loses = lambda direction, number: direction == "reply" and not rig.facts_of(facts.AdviceQueued)


def does(what: DispenserDoes | CustomerDoes, notes: int = 0) -> Callable[[Rig], None]:
    def disturb(rig: Rig) -> None:
        if isinstance(what, DispenserDoes):
            rig.disturb(DisturbDispenser(does=what, notes=notes))
        else:
            rig.disturb(DisturbCustomer(does=what))

    return disturb


SESSIONS: dict[str, tuple[TerminalSettings, Any, Callable[[Rig], None]]] = {
    "withdrawal": (SETTINGS, withdrawal(9000), no_trouble),
    "cash first": (CASH_FIRST, withdrawal(9000), no_trouble),
    "confirmed": (ALWAYS, withdrawal(9000), no_trouble),
    "no answer": (SETTINGS, withdrawal(9000), loses_the_reply),
    "refused": (SETTINGS, withdrawal(9000), does(DispenserDoes.REFUSE)),
    "short": (SETTINGS, withdrawal(9000), does(DispenserDoes.SHORT, 1)),
    "short, confirmed": (ALWAYS, withdrawal(9000), does(DispenserDoes.SHORT, 1)),
    "unknown": (SETTINGS, withdrawal(9000), does(DispenserDoes.JAM_UNKNOWN, 1)),
    "cash left": (SETTINGS, withdrawal(9000), does(CustomerDoes.LEAVES_CASH)),
    "card left": (SETTINGS, withdrawal(9000), does(CustomerDoes.LEAVES_CARD)),
    "cancelled": (SETTINGS, withdrawal(9000), does(CustomerDoes.CANCELS)),
    "transfer": (SETTINGS, asked(Purpose.BILL_PAYMENT, 2500, payee="1000000001"), no_trouble),
    "balance": (SETTINGS, asked(Purpose.BALANCE), no_trouble),
    "pin change": (SETTINGS, asked(Purpose.PIN_CHANGE), no_trouble),
    "deposit": (SETTINGS, asked(Purpose.DEPOSIT, deposit_notes={1000: 3, 5000: 1}), no_trouble),
    "deposit, no answer": (SETTINGS, asked(Purpose.DEPOSIT, deposit_notes={1000: 3}), loses_the_reply),
}


def played(name: str, cut_after: int | None, seed: int, second_cut: int | None = None) -> Rig:
    settings, wish, trouble = SESSIONS[name]
    rig = Rig(settings, seed=seed).run_until_free()
    trouble(rig)
    rig.cut_after = cut_after
    rig.customer(wish)
    if second_cut is not None:
        while rig.core is not None and rig.now < 300:
            rig.run(0.5)
        rig.cut_after = second_cut
    rig.run(120)
    return rig


def proven(rig: Rig, what: str) -> None:
    judgement = rig.judge(open_exceptions_max=1)
    for verdict in judgement.verdicts:
        if verdict.check in ("money", "reversals", "sequence", "convergence", "counts"):
            story = "\n".join(f"{fact.t:9.3f} {fact.actor} {fact!r}" for fact in rig.history)
            assert str(verdict.status) == "PASS", f"{what}: {verdict}\n{story}"
    assert "intent" not in rig.memory
    assert not any(slot.startswith("saf/") for slot in rig.memory)


@pytest.mark.parametrize("name", SESSIONS)
def test_the_session_itself_is_right(name: str) -> None:
    rig = played(name, None, 1)
    assert len(rig.facts_of(facts.TransactionEnded)) == 1
    proven(rig, name)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(2, 10))])
@pytest.mark.parametrize("name", SESSIONS)
def test_power_may_fail_after_any_effect(name: str, seed: int) -> None:
    before = len(Rig(SESSIONS[name][0]).run_until_free().performed)
    steps = len(played(name, None, 1).performed) - before
    assert steps > 10
    for step in range(1, min(steps, 45) + 1):
        rig = played(name, step, seed)
        dispensed = sum(isinstance(effect, effects.Dispense) for effect in rig.performed)
        assert dispensed <= 1, f"{name}, power failed after effect {step}"
        proven(rig, f"{name}, power failed after effect {step}, seed {seed}")
