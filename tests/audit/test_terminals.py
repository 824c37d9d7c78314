"""What a terminal's log notes as it goes by: each breach with its transaction and the facts that show it."""

from typing import Any

import pytest

from atmbench.audit import terminals
from atmbench.audit.cases import Advice, Answer, Case
from atmbench.audit.terminals import LineEvent, Oddity, TerminalLog
from atmbench.facts import CashPresented, MessageReceived, MessageSent, ReplyIgnored, TransactionEnded
from atmbench.messages.matching import STAN_MAX
from tests.audit.builders import key_of, stamped

KEY, OTHER = key_of("T01", 118), key_of("T01", 119)


def sent(stan: int, key: str = KEY, purpose: str = "withdrawal", **fields: str) -> MessageSent:
    return MessageSent(terminal="T01", line="primary", purpose=purpose, mti="0200", stan=stan, fields=fields, key=key)


def stored(stan: int = 119, fact: int = 4, key: str = KEY, purpose: str = "reversal") -> Advice:
    return Advice(key, purpose, stan, 1.0, fact)


def case_of(*answers: Answer, asked_minor: int = 5000, **values: Any) -> Case:
    return Case(KEY, "T01", 118, 1, 1, answers=answers, asked_minor=asked_minor, **values)


def answer(outcome: str = "approved", amount_minor: int = 5000, *, ignored: bool = False) -> Answer:
    return Answer(1.0, "primary", outcome, amount_minor, 118, ignored)


def presented(case: Case, minor: int = 5000) -> list[Oddity]:
    log = TerminalLog("T01")
    log.cash_presented(CashPresented(key=KEY, notes={}, amount_minor=minor), case, 9, str)
    assert log.presentations == 1
    return log.oddities


# --- STANs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("stan", [0, STAN_MAX + 1])
def test_a_stan_that_is_none_is_noted(stan: int) -> None:
    log = TerminalLog("T01")
    log.started(KEY, stan, 7)
    assert log.oddities == [Oddity(KEY, f"T01 gave out STAN {stan}, which is not within 1 to 999,999", (7,))]


@pytest.mark.parametrize("stan", [1, STAN_MAX])
def test_a_terminal_may_begin_with_any_stan(stan: int) -> None:
    log = TerminalLog("T01")
    log.started(KEY, stan, 7)
    assert (log.oddities, log.stan, log.stan_travel) == ([], stan, 1)


@pytest.mark.parametrize(("last", "stan"), [(118, 117), (118, 118), (1, terminals.STAN_WINDOW + 2)])
def test_a_stan_that_goes_back_is_noted(last: int, stan: int) -> None:
    log = TerminalLog("T01")
    log.started(KEY, last, 3)
    log.queued(stored(stan, key=OTHER), 7)
    assert log.oddities == [Oddity(OTHER, f"T01 gave out STAN {stan:06d} after {last:06d}", (7,))]


@pytest.mark.parametrize(("last", "stan"), [(118, 119), (STAN_MAX, 1), (1, terminals.STAN_WINDOW + 1)])
def test_a_stan_ahead_of_the_last_is_none(last: int, stan: int) -> None:
    log = TerminalLog("T01")
    log.started(KEY, last, 3)
    log.started(OTHER, stan, 7)
    assert (log.oddities, log.stan) == ([], stan)


def test_all_stans_may_be_used_once_and_none_a_second_time() -> None:
    log = TerminalLog("T01")
    log.take_stan(1, KEY, 1)
    for stan in (400_000, 800_000, STAN_MAX):
        log.take_stan(stan, KEY, 2)
    assert (log.oddities, log.stan_travel) == ([], STAN_MAX)
    log.take_stan(1, OTHER, 3)
    assert log.oddities == [Oddity(OTHER, "T01 uses STAN 000001 a second time in this run", (3,))]


def test_a_request_that_left_before_its_transaction_was_told_takes_no_second_stan() -> None:
    log = TerminalLog("T01")
    log.message_sent(sent(118), 1)
    log.started(KEY, 118, 2)
    assert log.oddities == []
    log.started(OTHER, 118, 3)
    assert log.oddities == [Oddity(OTHER, "T01 gave out STAN 000118 after 000118", (3,))]


def test_stans_that_were_given_to_requests_which_are_never_sent_are_forgotten_oldest_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(terminals, "UNSENT_MAX", 2)
    log = TerminalLog("T01")
    for stan in (1, 2, 3):
        log.started(key_of("T01", stan), stan, stan)
    assert log.unsent == {2: key_of("T01", 2), 3: key_of("T01", 3)}


def test_breaches_beyond_those_that_are_kept_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminals, "ODDITIES_MAX", 1)
    log = TerminalLog("T01")
    for number in (1, 2, 3):
        log.odd(KEY, "odd", number, number + 1)
    assert log.oddities == [Oddity(KEY, "odd", (1, 2))]
    assert log.oddities_beyond == 2


def came(outcome: str, purpose: str) -> MessageReceived:
    return MessageReceived(
        terminal="T01", line="primary", purpose=purpose, mti="0810", stan=1, fields={}, outcome=outcome
    )


# --- messages -------------------------------------------------------------------------------------


def test_money_that_is_asked_for_while_something_is_stored_is_noted_with_what_waits() -> None:
    log = TerminalLog("T01")
    log.started(OTHER, 118, 2)
    log.queued(stored(119, fact=4), 4)
    log.message_sent(sent(118, OTHER), 8)
    says = "T01 sent a withdrawal request (STAN 000118) while the reversal with STAN 000119 was still stored"
    assert log.oddities == [Oddity(OTHER, says, (4, 8))]


def test_the_same_message_again_is_a_repeat_and_another_with_its_stan_is_a_breach() -> None:
    log = TerminalLog("T01")
    log.started(KEY, 118, 1)
    log.message_sent(sent(118, **{"4": "1"}), 2)
    for _ in range(2):
        log.message_sent(sent(118, **{"4": "1"}), 3)
    assert (log.sent, log.repeats, log.oddities) == (3, 2, [])
    log.message_sent(sent(118, **{"4": "2"}), 4)
    says = "T01 sent a withdrawal message with STAN 000118, which belongs to another message"
    assert log.oddities == [Oddity(KEY, says, (4,))]
    assert (log.sent, log.repeats) == (4, 2)


def test_a_message_that_no_transaction_announced_takes_the_next_stan() -> None:
    log = TerminalLog("T01")
    log.started(KEY, 118, 1)
    log.message_sent(sent(120, "", "echo"), 2)
    log.message_sent(sent(119, OTHER, "echo"), 3)
    assert log.oddities == [Oddity(OTHER, "T01 gave out STAN 000119 after 000120", (3,))]


@pytest.mark.parametrize(("stan", "purpose"), [(120, "reversal"), (119, "completion")])
def test_an_advice_that_was_not_stored_is_noted(stan: int, purpose: str) -> None:
    log = TerminalLog("T01")
    log.queued(stored(119), 1)
    log.message_sent(sent(stan, KEY, purpose), 5)
    says = f"T01 sent a {purpose} (STAN {stan:06d}) that was not in store-and-forward"
    assert log.oddities == [Oddity(KEY, says, (5,))]


@pytest.mark.parametrize(
    ("again", "differ"),
    [
        ({"4": "1", "11": "x", "90": "y"}, ""),
        ({"4": "1", "11": "z", "90": "y"}, "field 11 differ"),
        ({"4": "2", "90": "z", "11": "x"}, "fields 4, 90 differ"),
        ({"4": "1", "11": "x", "90": "y", "128": "m"}, "field 128 differ"),
    ],
)
def test_a_repeated_advice_must_look_as_it_did_at_first(again: dict[str, str], differ: str) -> None:
    log, advice = TerminalLog("T01"), stored(119, fact=3)
    log.queued(advice, 3)
    log.message_sent(sent(119, KEY, "reversal", **{"4": "1", "11": "x", "90": "y"}), 5)
    log.message_sent(sent(119, OTHER, "reversal", **again), 6)
    log.message_sent(sent(119, OTHER, "reversal", **{"4": "1", "11": "x", "90": "y"}), 7)
    assert (advice.sendings, log.repeats, log.sent) == (3, 2, 3)
    says = f"T01 repeated the reversal with STAN 000119, and {differ} from its first sending"
    assert log.oddities == ([Oddity(KEY, says, (3, 6))] if differ else [])


@pytest.mark.parametrize(("attempts", "counts"), [(0, ""), (1, "1 sending"), (2, "2 sendings"), (3, ""), (4, "")])
def test_a_terminal_that_counts_fewer_sendings_of_an_advice_than_left_it_is_noted(attempts: int, counts: str) -> None:
    """Who says nothing of sendings has counted none wrongly."""
    log, advice = TerminalLog("T01"), stored(119, fact=3)
    log.queued(advice, 3)
    for number in (5, 6, 7):
        log.message_sent(sent(119, KEY, "reversal"), number)
    log.accepted(advice, attempts, 8)
    says = (
        f"T01 counts {counts} of the reversal with STAN 000119, and 3 left it: it counts only those that are answered"
    )
    assert log.oddities == ([Oddity(KEY, says, (3, 8))] if counts else [])


@pytest.mark.parametrize("outcome", ["", "host_unavailable", "sign_on_needed"])
def test_what_is_sent_over_a_line_without_being_let_in_there_is_noted(outcome: str) -> None:
    """Nobody has let it in since it connected, or the host who did has sent it away."""
    log = TerminalLog("T01")
    log.line_up("primary")
    if outcome:
        log.answered(came("approved", "sign_on"))
        log.answered(came(outcome, "echo"))
    log.started(KEY, 118, 1)
    log.message_sent(sent(119, "", "sign_on"), 4)
    log.message_sent(sent(118), 5)
    which = "T01 sent a withdrawal (STAN 000118) over line primary"
    assert log.oddities == [Oddity(KEY, f"{which}, where no host had let it in, or one had sent it away", (5,))]


def test_an_advice_may_come_back_only_if_power_failed_after_it_was_settled() -> None:
    log = TerminalLog("T01")
    log.power_failures = 1
    log.queued(stored(119), 1)
    log.settled(119)
    log.settled(119)
    log.message_sent(sent(119, KEY, "reversal"), 2)
    assert len(log.oddities) == 1
    log.power_failures = 2
    log.message_sent(sent(119, KEY, "reversal"), 3)
    assert len(log.oddities) == 1


def test_what_was_settled_long_ago_cannot_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminals, "SETTLED_MAX", 1)
    log, first, second = TerminalLog("T01"), stored(119), stored(120)
    for number, advice in enumerate((first, second)):
        log.queued(advice, number)
        advice.fields = {"4": "1"}
        log.settled(advice.stan)
    assert (list(log.settled_lately), first.fields, second.fields) == ([120], None, {"4": "1"})


@pytest.mark.parametrize(
    ("stan", "reason", "t", "ignored"),
    [
        (118, "late", 1.0, True),
        (0, "late", 1.0, True),
        (1, "late", 1.0, False),
        (118, "unreadable", 1.0, False),
        (118, "late", 1.001, True),
    ],
)
def test_what_is_ignored_is_the_reply_that_came_last(stan: int, reason: str, t: float, ignored: bool) -> None:
    log = TerminalLog("T01")
    log.last_answer = answer()
    for _ in range(2):
        log.reply_ignored(stamped(t, "T01", ReplyIgnored(line="primary", reason=reason, mti="0210", stan=stan)))
    assert (log.last_answer.ignored, log.ignored) == (ignored, 2)


# --- cash -----------------------------------------------------------------------------------------


def test_cash_on_a_matched_approval_is_right() -> None:
    assert presented(case_of(answer())) == []
    assert presented(case_of(answer(amount_minor=0))) == []
    assert presented(case_of(answer("partially_approved", 2000)), 2000) == []
    assert presented(case_of(answer("declined"), answer())) == []


@pytest.mark.parametrize(
    ("case", "what"),
    [
        (case_of(answer(), ended_t=0.5), "ended the transaction"),
        (case_of(answer(), advices=(stored(),)), "stored its reversal"),
    ],
)
def test_cash_after_the_end_is_noted(case: Case, what: str) -> None:
    assert presented(case) == [Oddity(KEY, f"T01 presented cash after it had {what}", (9,))]


@pytest.mark.parametrize(
    ("answers", "came"),
    [
        ((), "no reply"),
        ((answer("declined"),), "only replies it ignored or that declined"),
        ((answer(ignored=True),), "only replies it ignored or that declined"),
    ],
)
def test_cash_without_an_approval_is_noted(answers: tuple[Answer, ...], came: str) -> None:
    assert presented(case_of(*answers)) == [Oddity(KEY, f"T01 presented cash with {came} for STAN 000118", (9,))]


@pytest.mark.parametrize(
    ("reply", "minor"),
    [
        (answer(amount_minor=4000), 4000),
        (answer("partially_approved", 6000), 5000),
        (answer("partially_approved", 2000), 3000),
        (answer(), 6000),
    ],
)
def test_more_cash_than_was_approved_is_noted(reply: Answer, minor: int) -> None:
    says = f"T01 presented {minor} of 5000 asked for, on a reply over {reply.amount_minor}"
    assert presented(case_of(reply), minor) == [Oddity(KEY, says, (9,))]


@pytest.mark.parametrize(
    ("answers", "why"),
    [((), "had no reply to it"), ((answer(ignored=True),), "had ignored every reply to it"), ((answer(),), "")],
)
def test_an_approval_that_never_came_is_noted(answers: tuple[Answer, ...], why: str) -> None:
    log = TerminalLog("T01")
    log.unsent[118] = KEY
    log.ended(TransactionEnded(key=KEY, outcome="approved", service="withdrawal"), case_of(*answers), 9)
    assert log.oddities == ([Oddity(KEY, f"T01 ended STAN 000118 as approved and {why}", (9,))] if why else [])
    assert log.unsent == {}


# --- lines ----------------------------------------------------------------------------------------


def test_a_line_that_stays_sick_is_noted_once_between_two_faults_and_again_after_anything_else() -> None:
    log = TerminalLog("T01")
    for t, what, line, epoch in (
        (1.0, "sick", "primary", 0),
        (2.0, "sick", "primary", 0),
        (3.0, "sick", "primary", 1),
        (4.0, "chosen", "secondary", 1),
        (5.0, "sick", "primary", 1),
        (6.0, "sick", "secondary", 1),
    ):
        log.line_event(t, what, line, epoch)
    assert [event.t for event in log.line_events] == [1.0, 3.0, 4.0, 5.0, 6.0]


def test_line_events_beyond_those_that_are_kept_are_lost_and_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminals, "LINE_EVENTS_MAX", 1)
    log = TerminalLog("T01")
    log.line_event(1.0, "chosen", "primary", 0)
    assert not log.line_events_lost
    log.line_event(2.0, "chosen", "secondary", 0)
    assert (log.line_events, log.line_events_lost) == ([LineEvent(1.0, "chosen", "primary")], True)
