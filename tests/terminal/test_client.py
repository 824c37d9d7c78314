"""A client of online or mobile banking: a terminal core without card, cash and paper."""

from random import Random

from atmbench.messages.dialect import load_dialect
from atmbench.messages.records import Outcome, Purpose
from atmbench.terminal.core import Terminal
from atmbench.terminal.effects import EjectCard, PrintReceipt, RetainCard, ShowScreen
from atmbench.terminal.inputs import LinkUp, PoweredOn
from atmbench.terminal.states import State
from tests.playbook import Play, like
from tests.terminal.cast import answer, asked, change, clock_text, sends, sent, withdrawal

SETTINGS = change(cassettes=())
TRANSFER, BALANCE = Purpose.TRANSFER, Purpose.BALANCE


def opened() -> Play:
    client = Terminal(
        "W01",
        SETTINGS,
        ("online", "online-2"),
        "NGN",
        {},
        Random(1),
        clock_text,
        responses=load_dialect("iso87-ascii").response,
        is_client=True,
    )
    play = Play(client).given(PoweredOn())
    return answer(play.given(LinkUp("online"), after_s=0.1), Purpose.SIGN_ON, line="online")


def shown(play: Play) -> list[ShowScreen]:
    return [effect for effect in play.all if isinstance(effect, ShowScreen)]


def test_a_transfer_is_done_without_a_card_and_the_next_may_begin_soon() -> None:
    play = opened().given(asked(TRANSFER, 5000), after_s=1).expect(sends(TRANSFER, "online"))
    assert sent(play, TRANSFER).track2 == ""
    answer(play, TRANSFER, line="online").expect(like(ShowScreen, screen="done"))
    play.wait(5).never(EjectCard, RetainCard, PrintReceipt)
    assert isinstance(play.core, Terminal)
    assert play.core.state is State.READY


def test_a_transfer_without_an_answer_is_reversed_as_everywhere() -> None:
    play = opened().given(asked(TRANSFER, 5000), after_s=1).wait(40)
    play.expect(sends(Purpose.REVERSAL)).expect(like(ShowScreen, screen="no_answer"))


def test_a_card_that_is_to_be_kept_is_none() -> None:
    play = opened().given(asked(BALANCE), after_s=1)
    answer(play, BALANCE, Outcome.RETAIN_CARD, line="online").expect(like(ShowScreen, screen="declined"))
    play.wait(5).never(RetainCard, EjectCard)


def test_cash_cannot_be_had() -> None:
    play = opened().given(withdrawal(), after_s=1).wait(5).never(sends(Purpose.WITHDRAWAL), EjectCard)
    assert play.count(like(ShowScreen, screen="cannot_pay")) == 1


def test_no_screen_speaks_of_cards_notes_or_machines() -> None:
    for outcome in Outcome:
        play = opened().given(asked(TRANSFER, 5000), after_s=1)
        answer(play, TRANSFER, outcome, line="online").wait(5)
        for screen in shown(play):
            words = " ".join(screen.lines).lower()
            assert not any(word in words for word in ("card", "machine", "receipt", "insert", "chip")), screen
