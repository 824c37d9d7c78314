"""Withdrawals as transcripts: the good way, and each row of "Who reverses" (iso8583 facts 1.10)."""

import pytest

from atmbench.errors import LocalError
from atmbench.facts import (
    AdviceQueued,
    CustomerTurnedAway,
    ExceptionOpened,
    ReplyIgnored,
    StateChanged,
    TransactionEnded,
)
from atmbench.messages.records import Outcome, Purpose, Reason
from atmbench.terminal.core import Terminal
from atmbench.terminal.effects import (
    Dispense,
    EjectCard,
    Forget,
    PrintReceipt,
    PurgeNotes,
    Remember,
    RetainCard,
    RetractNotes,
    SendMessage,
    ShowScreen,
)
from atmbench.terminal.inputs import (
    CardTaken,
    CashRetracted,
    CashTaken,
    CustomerCancelled,
    DispenseEnded,
    Input,
    ReplyUnreadable,
)
from atmbench.terminal.memory import Intent, Stage
from atmbench.terminal.settings import Cassette, Confirm
from atmbench.terminal.states import State
from tests.playbook import Play, like
from tests.terminal.cast import PAN, answer, asked, change, memory_of, opened, sends, sent, withdrawal

WITHDRAWAL, REVERSAL, COMPLETION = Purpose.WITHDRAWAL, Purpose.REVERSAL, Purpose.COMPLETION
CASH_FIRST = change(card_before_cash=False)


def reversal(reason: Reason, actual_minor: int | None = None) -> object:
    return like(AdviceQueued, purpose=REVERSAL, reason=reason, amount_minor=5000, actual_minor=actual_minor)


def dispensing(play: Play, amount_minor: int = 5000) -> Play:
    play.given(withdrawal(amount_minor), after_s=1)
    return answer(play, WITHDRAWAL).given(CardTaken(), after_s=2).expect_acts(like(Dispense))


def order(play: Play) -> Dispense:
    found: Dispense = play.find(Dispense)
    return found


def ends(play: Play, status: str, notes: dict[str, int] | None = None) -> Play:
    asked_for = order(play)
    moved = asked_for.notes if notes is None else notes
    return play.given(DispenseEnded(key=asked_for.key, status=status, notes=moved), after_s=3)


def state(play: Play) -> State:
    assert isinstance(play.core, Terminal)
    return play.core.state


def test_the_good_way_card_first() -> None:
    play = opened()
    play.given(withdrawal(), after_s=1).expect(
        like(Remember, slot="stan"),
        like(Remember, slot="intent", record=like(Intent, stage=Stage.AUTHORISING)),
        sends(WITHDRAWAL, "primary", amount_minor=5000, track2=f"{PAN}=3012"),
    )
    answer(play, WITHDRAWAL).expect_acts(EjectCard).expect(like(ShowScreen, screen="take_card"))
    play.given(CardTaken(), after_s=2).expect(
        like(Remember, slot="intent", record=like(Intent, stage=Stage.DISPENSING)), Dispense
    )
    ends(play, "presented").expect(like(Remember, record=like(Intent, stage=Stage.PRESENTED))).expect_acts()
    key = order(play).key
    play.given(CashTaken(key), after_s=2).expect_acts().expect(
        like(TransactionEnded, key=key, outcome="approved", code="00"),
        Forget("intent"),
        PrintReceipt,
        like(StateChanged, new="ready"),
    )
    assert len(play.all) - 12 <= 30
    assert memory_of(play).keys() == {"stan", "counters"}


def test_the_good_way_cash_first() -> None:
    play = opened(CASH_FIRST)
    play.given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL).expect_acts(Dispense)
    ends(play, "presented").given(CashTaken(order(play).key), after_s=2).expect_acts(EjectCard)
    play.given(CardTaken(), after_s=1).expect_acts().never(like(AdviceQueued))
    assert state(play) is State.READY


def test_no_card_data_but_the_masked_pan_is_told_or_remembered() -> None:
    play = dispensing(opened())
    ends(play, "presented").given(CashTaken(order(play).key), after_s=2)
    for effect in play.all:
        if not isinstance(effect, SendMessage | Remember):
            assert PAN not in repr(effect)
        if isinstance(effect, Remember):
            assert "=3012" not in str(effect.record)


@pytest.mark.parametrize(
    ("confirm", "queued"), [(Confirm.ALWAYS, 1), (Confirm.NEGATIVE_ONLY, 0), (Confirm.NONE, 0)], ids=str
)
def test_a_completion_follows_only_where_it_is_wanted(confirm: Confirm, queued: int) -> None:
    play = dispensing(opened(change(confirm=confirm)))
    ends(play, "presented").given(CashTaken(order(play).key), after_s=2)
    assert play.count(sends(COMPLETION, actual_minor=None, repeat=False)) == queued
    if queued:
        assert sent(play, COMPLETION).approval_code == "123456"
        play.expect(like(Remember, slot="saf/000001"), Forget("intent"), sends(COMPLETION))


# --- rows of 1.10 ----------------------------------------------------------------------------------


def test_no_answer_is_reversed_in_full() -> None:
    play = opened().given(withdrawal(), after_s=1)
    play.wait(30).expect(
        like(Remember, slot="saf/000001"),
        reversal(Reason.NO_ANSWER),
        like(TransactionEnded, outcome="no_answer"),
        Forget("intent"),
        EjectCard,
        like(Remember, slot="saf/000001"),
        sends(REVERSAL, repeat=False, actual_minor=None),
    ).never(Dispense)
    request, first = sent(play, WITHDRAWAL), sent(play, REVERSAL)
    assert first.original is not None
    assert (first.original.mti, first.original.stan) == ("0200", request.stan)
    assert first.original.transmitted == request.transmitted
    assert (first.local_time, first.rrn, first.stan) == (request.local_time, request.rrn, request.stan + 1)
    assert (first.track2, first.pin_block) == ("", "")
    screen = play.find(like(ShowScreen, screen="no_answer"))
    assert "No cash was paid out." in screen.lines
    assert not any("funds" in line or "enough" in line for line in screen.lines)


def test_an_approval_that_comes_too_late_dispenses_nothing_and_is_reversed_once() -> None:
    play = opened().given(withdrawal(), after_s=1).wait(30)
    answer(play, WITHDRAWAL).expect(like(ReplyIgnored, reason="late", approved=True)).expect_acts()
    assert play.count(like(AdviceQueued)) == 1
    play.never(Dispense)


def test_an_unreadable_reply_leaves_the_deadline_and_names_the_reason() -> None:
    play = opened().given(withdrawal(), after_s=1)
    play.given(ReplyUnreadable("primary", "MAC is wrong"), after_s=1).expect_acts().expect(
        like(ReplyIgnored, reason="unreadable")
    )
    play.wait(29).expect(reversal(Reason.INVALID_ANSWER)).never(Dispense)


def test_a_dispenser_that_moves_no_note() -> None:
    play = dispensing(opened())
    ends(play, "refused", {}).expect(
        reversal(Reason.NOT_DISPENSED), like(TransactionEnded, outcome="not_dispensed"), sends(REVERSAL)
    )
    play.wait(5)
    assert state(play) is State.READY
    assert memory_of(play).get("counters") is None


def test_a_short_dispense_is_reversed_down_to_what_came_out() -> None:
    play = dispensing(opened(change(cassettes=(Cassette("10.00", 100),))))
    ends(play, "short", {"1": 3}).expect_acts(PurgeNotes(order(play).key))
    play.given(CashTaken(order(play).key), after_s=1).expect(
        reversal(Reason.PARTLY_DISPENSED, 3000),
        like(TransactionEnded, outcome="short"),
        sends(REVERSAL, actual_minor=3000),
    )


def test_a_short_dispense_is_confirmed_as_what_came_out_where_completions_are_wanted() -> None:
    play = dispensing(opened(change(cassettes=(Cassette("10.00", 100),), confirm=Confirm.ALWAYS)))
    ends(play, "short", {"1": 3}).given(CashTaken(order(play).key), after_s=1).expect(
        sends(COMPLETION, actual_minor=3000)
    )
    play.never(sends(REVERSAL))


def test_an_unknown_dispense_is_suspect_and_the_exit_is_cleared() -> None:
    play = dispensing(opened())
    ends(play, "unknown", {}).expect(
        reversal(Reason.SUSPECT),
        like(ExceptionOpened, kind="suspect_dispense"),
        like(TransactionEnded, outcome="suspect"),
        Forget("intent"),
        RetractNotes,
        sends(REVERSAL, reason=Reason.SUSPECT, actual_minor=None),
    )
    play.given(CashRetracted(key=order(play).key, notes_counted=None), after_s=2)
    assert play.count(like(AdviceQueued)) == 1
    assert state(play) is State.PARTING


def test_a_silent_dispenser_is_suspect() -> None:
    play = dispensing(opened())
    play.wait(60).expect(reversal(Reason.SUSPECT), like(ExceptionOpened), RetractNotes)
    answer(play, REVERSAL).wait(60.5)
    assert state(play) is State.PARTING


def test_cash_that_is_not_taken_and_cannot_be_counted_is_suspect() -> None:
    play = dispensing(opened())
    ends(play, "presented").wait(30).expect_acts(RetractNotes)
    play.given(CashRetracted(key=order(play).key, notes_counted=None), after_s=2).expect(
        reversal(Reason.SUSPECT), like(ExceptionOpened), like(TransactionEnded, outcome="suspect")
    )


@pytest.mark.parametrize(("counted", "actual_minor"), [(5, None), (2, 3000)])
def test_cash_that_is_not_taken_but_counted_is_reversed_exactly(counted: int, actual_minor: int | None) -> None:
    play = dispensing(opened(change(cassettes=(Cassette("10.00", 100),))))
    ends(play, "presented").wait(30)
    play.given(CashRetracted(key=order(play).key, notes_counted={"1": counted}), after_s=2).expect(
        reversal(Reason.CASH_NOT_TAKEN, actual_minor), like(TransactionEnded, outcome="retracted")
    )
    play.never(like(ExceptionOpened))


def test_a_hand_that_is_faster_than_the_retract_keeps_the_cash() -> None:
    play = dispensing(opened())
    ends(play, "presented").wait(30).given(CashTaken(order(play).key), after_s=1).expect(
        like(TransactionEnded, outcome="approved")
    )
    play.never(like(AdviceQueued))


def test_cash_of_another_order_says_nothing_of_this_one() -> None:
    play = dispensing(opened())
    ends(play, "presented").given(CashTaken("T07/000001/0105085900"), after_s=1).expect_acts()
    assert state(play) is State.PRESENTING


def test_a_customer_who_cancels_while_the_host_thinks() -> None:
    play = opened().given(withdrawal(), after_s=1)
    play.given(CustomerCancelled(), after_s=1).expect(
        reversal(Reason.CANCELLED), like(TransactionEnded, outcome="cancelled"), EjectCard, sends(REVERSAL)
    )
    answer(play, WITHDRAWAL).expect(like(ReplyIgnored, reason="late")).expect_acts()
    assert play.count(like(AdviceQueued)) == 1


def test_a_customer_who_cancels_after_the_approval() -> None:
    play = opened().given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL).given(CustomerCancelled(), after_s=1).expect(reversal(Reason.CANCELLED))
    play.given(CardTaken(), after_s=1).never(Dispense)
    assert state(play) is State.READY


def test_a_card_that_is_not_taken_stops_the_cash() -> None:
    play = opened().given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL).wait(30).expect(reversal(Reason.CARD_NOT_TAKEN), RetainCard).never(Dispense)


# --- answers that are no plain approval ------------------------------------------------------------


def test_a_decline_moves_nothing_and_returns_the_card() -> None:
    play = opened().given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL, Outcome.INSUFFICIENT_FUNDS).expect_acts(EjectCard).expect(
        like(TransactionEnded, outcome="declined", code="51")
    )
    play.never(like(AdviceQueued), RetainCard)


def test_a_card_is_kept_only_when_the_code_says_so() -> None:
    play = opened().given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL, Outcome.RETAIN_CARD).expect_acts(RetainCard).wait(5)
    assert state(play) is State.READY


def test_a_code_that_leaves_the_host_in_doubt_is_reversed() -> None:
    play = opened().given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL, Outcome.MALFUNCTION).expect(reversal(Reason.INVALID_ANSWER), EjectCard)


def test_an_approval_after_a_decline_is_reversed_as_late() -> None:
    play = opened().given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL, Outcome.INSUFFICIENT_FUNDS)
    answer(play, WITHDRAWAL).expect(like(ReplyIgnored, reason="late", approved=True), reversal(Reason.LATE_ANSWER))
    answer(play, WITHDRAWAL)
    assert play.count(like(AdviceQueued)) == 1
    play.never(Dispense)


def test_the_same_approval_twice_is_not_reversed() -> None:
    play = dispensing(opened())
    answer(play, WITHDRAWAL).expect(like(ReplyIgnored, reason="late")).expect_acts()
    play.never(like(AdviceQueued))


def test_a_partial_approval_is_reversed_unless_it_may_be_taken() -> None:
    play = opened().given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL, Outcome.PARTIALLY_APPROVED, amount_minor=3000).expect(reversal(Reason.INVALID_ANSWER))
    play.never(Dispense)

    play = opened(change(accept_partial_approval=True)).given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL, Outcome.PARTIALLY_APPROVED, amount_minor=3000).given(CardTaken(), after_s=1)
    ends(play, "presented").given(CashTaken(order(play).key), after_s=1).expect(
        like(TransactionEnded, outcome="approved")
    )
    play.never(like(AdviceQueued))


def test_an_amount_that_the_notes_cannot_make_is_refused_before_anything_is_sent() -> None:
    play = opened().given(withdrawal(5500), after_s=1)
    play.expect_acts(EjectCard).expect(CustomerTurnedAway, like(ShowScreen, screen="cannot_pay"))
    assert any("50.00 NGN or 60.00 NGN" in line for line in play.find(ShowScreen).lines)
    play.never(sends(WITHDRAWAL), like(Remember, slot="intent"))


def test_a_terminal_that_is_busy_or_closed_turns_customers_away() -> None:
    play = opened().given(withdrawal(), after_s=1)
    play.given(asked(Purpose.BALANCE), after_s=1).expect_acts().expect(like(CustomerTurnedAway, because="it is busy"))


def test_a_lower_approval_that_the_notes_cannot_make_is_reversed() -> None:
    play = opened(change(accept_partial_approval=True, cassettes=(Cassette("50.00", 100),))).given(
        withdrawal(), after_s=1
    )
    answer(play, WITHDRAWAL, Outcome.PARTIALLY_APPROVED, amount_minor=3000).expect(reversal(Reason.NOT_DISPENSED))
    play.never(Dispense)


def test_more_than_was_approved_in_the_exit_is_suspect() -> None:
    play = dispensing(opened(change(cassettes=(Cassette("10.00", 100),))))
    ends(play, "presented", {"1": 6}).expect(reversal(Reason.SUSPECT), RetractNotes)


def test_a_retract_that_counts_nothing_means_that_the_customer_has_it_all() -> None:
    play = dispensing(opened())
    ends(play, "presented").wait(30)
    play.given(CashRetracted(key=order(play).key, notes_counted={}), after_s=2).expect(
        like(TransactionEnded, outcome="approved")
    )
    play.never(like(AdviceQueued))


def test_a_retract_without_an_end_is_suspect() -> None:
    play = dispensing(opened())
    ends(play, "presented").wait(30).expect_acts(RetractNotes)
    play.wait(60).expect(reversal(Reason.SUSPECT), like(ExceptionOpened))


def test_what_is_no_input_is_a_mistake() -> None:
    with pytest.raises(LocalError, match="no input"):
        opened().core.on_input(Input(), 1.0)
