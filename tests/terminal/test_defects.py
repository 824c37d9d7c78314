"""Planted defects do what they say, and only when they are asked for."""

import pytest

from atmbench import facts
from atmbench.errors import LocalError
from atmbench.messages.records import Purpose
from atmbench.terminal.defects import DEFECTS
from atmbench.terminal.effects import Dispense, EjectCard, Forget
from tests.playbook import like
from tests.terminal.cast import answer, change, opened, sent, terminal, withdrawal
from tests.terminal.rig import Rig


def planted(name: str) -> frozenset[str]:
    assert name in DEFECTS
    return frozenset({name})


def test_an_unknown_defect_is_refused() -> None:
    with pytest.raises(LocalError, match="no terminal has a defect 'greed'"):
        terminal(defects=frozenset({"greed"}))


def test_dispense_on_late_reply() -> None:
    play = opened(defects=planted("dispense-on-late-reply")).given(withdrawal(), after_s=1).wait(30)
    answer(play, Purpose.WITHDRAWAL).expect_acts(like(Dispense, key=play.find(facts.TransactionStarted).key))


def test_forget_reversal() -> None:
    play = opened(defects=planted("forget-reversal")).given(withdrawal(), after_s=1).wait(30)
    play.expect(like(facts.TransactionEnded, outcome="no_answer")).never(like(facts.AdviceQueued))


def test_ignore_reply_amount() -> None:
    play = opened(defects=planted("ignore-reply-amount")).given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL, amount_minor=50000).expect_acts(EjectCard)


def test_reuse_stan() -> None:
    play = opened(defects=planted("reuse-stan")).given(withdrawal(), after_s=1)
    assert sent(play, Purpose.WITHDRAWAL).stan == sent(play, Purpose.SIGN_ON).stan


def test_saf_drops_at_cap() -> None:
    settings = change(store_and_forward={"attempts_max": 1}, failover={"missed_replies": 99})
    play = opened(settings, defects=planted("saf-drops-at-cap")).given(withdrawal(), after_s=1).wait(46)
    play.expect(Forget("saf/000001")).never(like(facts.ExceptionOpened))


def fails_the_audit(defect: str, rig: Rig) -> bool:
    return str(rig.judge(300).status) == "FAIL"


def test_the_audit_finds_a_forgotten_reversal() -> None:
    for defects, found in ((frozenset[str](), False), (planted("forget-reversal"), True)):
        rig = Rig(defects=defects).run_until_free()
        rig.loses = lambda direction, number: direction == "reply"
        rig.customer(withdrawal())
        rig.run(31)
        assert fails_the_audit("forget-reversal", rig) is found
