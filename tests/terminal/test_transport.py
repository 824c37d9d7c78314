"""Notes that a dispense left in the transport: purged before anybody else is served, whatever happens meanwhile."""

from typing import Any

import pytest

from atmbench import facts
from atmbench.drill.commands import DispenserDoes, DisturbDispenser
from atmbench.messages.records import Purpose
from atmbench.terminal.core import Terminal
from atmbench.terminal.effects import Dispense, Forget, PurgeNotes, QueryDispenser, Remember, RetractNotes, WriteJournal
from atmbench.terminal.inputs import (
    CardTaken,
    CashRetracted,
    CashTaken,
    DispenseEnded,
    DispenserReported,
    NotesPurged,
    PoweredOn,
)
from atmbench.terminal.memory import Intent, Stage, Unpurged
from atmbench.terminal.settings import Cassette
from atmbench.terminal.states import State
from tests.playbook import Play, like
from tests.terminal.cast import answer, change, memory_of, opened, sends, terminal, withdrawal
from tests.terminal.rig import Rig

TENS = change(cassettes=(Cassette("10.00", 100),), timers={"echo_s": 1000.0})


def core(play: Play) -> Terminal:
    assert isinstance(play.core, Terminal)
    return play.core


def ended(status: str, notes: dict[str, int] | None = None) -> Play:
    """The dispenser was asked for five notes and says how that ended."""
    play = opened(TENS).given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL).given(CardTaken(), after_s=1)
    key = play.find(Dispense).key
    return play.given(DispenseEnded(key=key, status=status, notes=notes or {}), after_s=2)


def purged(play: Play, notes: dict[str, int] | None, after_s: float = 2.0) -> Play:
    return play.given(NotesPurged(key=play.find(PurgeNotes).key, notes_rejected=notes), after_s=after_s)


def remembered(slot: str) -> Any:
    return like(Remember, slot=slot)


def test_what_was_presented_in_full_needs_no_purge() -> None:
    play = ended("presented", {"1": 5}).given(CashTaken("x"), after_s=1)
    play.never(PurgeNotes, remembered("unpurged"))
    assert core(play)._transport.is_clear


def test_a_short_dispense_is_purged_once_its_notes_are_booked() -> None:
    play = ended("short", {"1": 3})
    play.expect(
        like(Remember, record=like(Intent, stage=Stage.PRESENTED)), remembered("counters"), remembered("unpurged")
    ).expect_acts(PurgeNotes)
    purged(play, {"1": 2}).expect(
        like(WriteJournal, line="09:00:06 000002 TRANSPORT PURGED 2 NOTES"), Forget("unpurged")
    )
    assert memory_of(play)["counters"].notes == {"1": 95}


@pytest.mark.parametrize("status", ["refused", "unknown"])
def test_a_purge_is_remembered_before_the_transaction_is_forgotten(status: str) -> None:
    play = ended(status).expect(remembered("unpurged"), PurgeNotes, Forget("intent"))
    play.never(Forget("unpurged"))


def test_notes_of_an_unknown_dispense_come_off_the_count_once() -> None:
    play = ended("unknown").expect(PurgeNotes, RetractNotes)
    purged(play, {"1": 4})
    assert memory_of(play)["counters"].notes == {"1": 95}


def test_notes_that_nobody_counted_are_journalled_so() -> None:
    purged(ended("unknown"), None).expect(like(WriteJournal, line="09:00:06 000002 TRANSPORT PURGED UNCOUNTED"))


def test_nobody_is_served_before_the_transport_is_clear() -> None:
    play = ended("refused").wait(5.5)
    answer(play, Purpose.REVERSAL)
    assert core(play).state is State.READY
    assert not core(play).is_free
    assert core(play).pending() == ("notes may lie in the dispenser's transport",)
    play.given(withdrawal(), after_s=1).expect_acts().expect(facts.CustomerTurnedAway)
    purged(play, {})
    assert core(play).is_free
    play.given(withdrawal(), after_s=1).expect_acts(sends(Purpose.WITHDRAWAL))


def test_a_dispenser_that_does_not_answer_keeps_the_terminal_closed_and_is_asked_again() -> None:
    play = ended("refused").wait(6)
    answer(play, Purpose.REVERSAL).wait(58).expect(
        like(WriteJournal, line="09:01:04 000002 TRANSPORT NOT PURGED, NO ANSWER"),
        PurgeNotes,
        like(facts.StateChanged, new="closed"),
    )
    play.wait(60)
    assert play.count(PurgeNotes) == 3
    assert core(play).state is State.CLOSED
    purged(play, {}).expect(like(facts.StateChanged, new="ready"))
    assert core(play).is_free


def test_the_answer_of_another_order_clears_nothing() -> None:
    play = ended("refused").given(NotesPurged(key="T07/000001/0105090000", notes_rejected={}), after_s=1)
    play.never(Forget("unpurged"))
    assert core(play).pending()[-1] == "notes may lie in the dispenser's transport"


def test_a_purge_that_a_power_failure_interrupted_is_asked_for_again() -> None:
    memory = memory_of(ended("refused"))
    assert "intent" not in memory
    play = Play(terminal(TENS, memory)).given(PoweredOn()).expect(PurgeNotes(memory["unpurged"].key))
    purged(play, {}).expect(Forget("unpurged"))


@pytest.mark.parametrize("stage", ["moving", "refused", "idle", "presented", "taken"])
def test_recovery_purges_whatever_the_dispenser_remembers(stage: str) -> None:
    play = opened(TENS).given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL).given(CardTaken(), after_s=1)
    key = play.find(Dispense).key
    again = Play(terminal(TENS, memory_of(play))).given(PoweredOn()).expect(QueryDispenser(key)).never(PurgeNotes)
    notes = {"1": 2} if stage in ("presented", "taken") else {}
    again.given(DispenserReported(key=key, stage=stage, notes=notes), after_s=0.2)
    is_counted = stage == "moving"
    again.expect(like(Remember, record=like(Unpurged, key=key, is_counted=is_counted)), PurgeNotes(key))
    again.given(CashRetracted(key=key, notes_counted=None), after_s=0.2)
    purged(again, {"1": 3}).expect(Forget("unpurged"))
    assert memory_of(again).get("counters", like(object)) is not None


@pytest.mark.parametrize("does", [DispenserDoes.SHORT, DispenserDoes.JAM_UNKNOWN])
def test_with_real_devices_the_next_customer_gets_his_cash_and_the_books_are_right(does: DispenserDoes) -> None:
    rig = Rig(TENS).run_until_free()
    rig.disturb(DisturbDispenser(does=does, notes=2))
    rig.customer(withdrawal())
    rig.run(0.5)
    rig.run_until_free().customer(withdrawal())
    rig.run(60)
    assert [fact.outcome for fact in rig.facts_of(facts.TransactionEnded)][1:] == ["approved"]
    assert sum(fact.amount_minor for fact in rig.facts_of(facts.CashPurged)) == 3000
    assert rig.memory["counters"].notes == rig.devices.dispenser.lying().cassettes
    verdicts = {verdict.check: str(verdict.status) for verdict in rig.judge(open_exceptions_max=1).verdicts}
    assert verdicts["money"] == verdicts["counts"] == "PASS"
