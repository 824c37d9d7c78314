import pytest

from atmbench.audit.terminals import ODDITIES_MAX
from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import LineUp, MessageReceived, MessageSent, PowerFailed, ReplyIgnored, RunEnded
from tests.audit.builders import Tape, key_of, stamped

KEY = key_of("T01", 118)
STRANGE = MessageReceived(
    terminal="T02", line="primary", purpose="key_exchange", mti="0810", stan=118, fields={}, outcome="approved"
)
"""An answer to somebody else."""


def sequence(tape: Tape) -> Verdict:
    return tape.judge().verdict("sequence")


def says(tape: Tape) -> list[str]:
    verdict = sequence(tape)
    assert (verdict.status is Status.FAIL) == bool(verdict.findings)
    return [finding.says for finding in verdict.findings]


def echo(tape: Tape, t: float, stan: int, terminal: str = "T01") -> None:
    sent = MessageSent(terminal=terminal, line="primary", purpose="echo", mti="0800", stan=stan, fields={"70": "301"})
    tape.add(t, terminal, sent)


def test_figures_of_a_right_history() -> None:
    tape = Tape()
    echo(tape, 0.5, 117)
    tape.withdraw(1)
    tape.lost_reply(10, stan=119)
    assert sequence(tape).because == (
        "4 messages of 1 terminal in order: STANs rise, 0 repeats equal their first sending, "
        "1 dispense each on a matched approval, 0 ignored replies without effect"
    )


def test_stans_roll_over() -> None:
    tape = Tape()
    tape.withdraw(1, stan=999_999)
    tape.withdraw(10, stan=1)
    assert says(tape) == []


@pytest.mark.parametrize("second", [117, 118, 0])
def test_a_stan_that_does_not_rise(second: int) -> None:
    tape = Tape()
    tape.withdraw(1, stan=118)
    echo(tape, 10, second)
    assert len(says(tape)) == 1
    assert f"{second:06d}" in says(tape)[0] or second == 0


def test_two_terminals_may_use_the_same_stan() -> None:
    tape = Tape(terminals=("T01", "T02"))
    tape.withdraw(1, "T01", 118)
    tape.withdraw(1, "T02", 118)
    assert says(tape) == []


def test_a_stan_is_given_when_an_advice_is_stored_not_when_it_leaves() -> None:
    """The line is down: sign-on gets a later STAN and goes out before the stored reversal."""
    tape = Tape()
    tape.request(1, KEY)
    tape.end(31, KEY, "no_answer")
    tape.queue(31, KEY, 119)
    echo(tape, 35, 120)
    tape.send(36, KEY, purpose="reversal", stan=119)
    tape.reverse(36.02, KEY)
    tape.settle(36.04, KEY, 119)
    assert says(tape) == []


def test_a_whole_round_of_stans_uses_one_again() -> None:
    tape = Tape()
    for number, stan in enumerate((2, 400_000, 800_000, 1)):
        echo(tape, 1 + number, stan)
    assert says(tape) == []
    echo(tape, 6, 2)
    assert says(tape) == ["T01 uses STAN 000002 a second time in this run"]


def repeated(tape: Tape, fields: dict[str, str], mti: str = "0421", attempts: int = 2) -> None:
    tape.request(1, KEY)
    tape.end(31, KEY, "no_answer")
    tape.queue(31, KEY, 119)
    tape.send(31, KEY, purpose="reversal", stan=119, fields={"4": "000000005000", "7": "0105090042"})
    tape.send(46, KEY, purpose="reversal", stan=119, mti=mti, fields=fields)
    tape.reverse(46.02, KEY)
    tape.settle(46.04, KEY, 119, attempts=attempts)


def test_a_repeat_equals_its_first_sending() -> None:
    tape = Tape()
    repeated(tape, {"4": "000000005000", "7": "0105090042"})
    assert says(tape) == []
    assert "1 repeat equals its first sending" in sequence(tape).because


def test_a_repeat_that_differs() -> None:
    tape = Tape()
    repeated(tape, {"4": "000000005000", "7": "0105090059", "12": "090059"})
    assert says(tape) == ["T01 repeated the reversal with STAN 000119, and fields 7, 12 differ from its first sending"]


def test_a_sending_that_was_not_counted() -> None:
    tape = Tape()
    repeated(tape, {"4": "000000005000", "7": "0105090042"}, "0420", attempts=1)
    assert says(tape) == [
        "T01 counts 1 sending of the reversal with STAN 000119, and 2 left it: it counts only those that are answered"
    ]


def test_a_power_failure_between_counting_and_sending_is_no_breach() -> None:
    tape = Tape()
    repeated(tape, {"4": "000000005000", "7": "0105090042"}, attempts=3)
    assert says(tape) == []


def test_an_advice_that_was_not_stored_first() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.end(31, KEY, "no_answer")
    tape.send(31, KEY, purpose="reversal", stan=119)
    assert says(tape) == ["T01 sent a reversal (STAN 000119) that was not in store-and-forward"]


def test_money_is_asked_for_while_a_reversal_is_stored() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.end(31, KEY, "no_answer")
    tape.queue(31, KEY, 119)
    tape.withdraw(40, stan=120)
    assert says(tape) == [
        "T01 sent a withdrawal request (STAN 000120) while the reversal with STAN 000119 was still stored"
    ]


@pytest.mark.parametrize("kind", ["advice_given_up", "memory_lost"])
def test_an_advice_given_up_is_stored_no_more(kind: str) -> None:
    tape = Tape(open_exceptions_max=1)
    tape.request(1, KEY)
    tape.end(31, KEY, "no_answer")
    tape.queue(31, KEY, 119)
    tape.exception(39, KEY, kind)
    tape.withdraw(40, stan=120)
    assert says(tape) == []


@pytest.mark.parametrize("power_failed", [True, False])
def test_an_accepted_advice_comes_back_only_by_a_power_failure(power_failed: bool) -> None:
    """Power fails after the answer was recorded and before the message was erased from memory."""
    tape = Tape()
    tape.lost_reply(1)
    if power_failed:
        tape.add(32, "T01", PowerFailed(during="Record"))
    tape.send(40, KEY, purpose="reversal", stan=119, mti="0421")
    expected = [] if power_failed else ["T01 sent a reversal (STAN 000119) that was not in store-and-forward"]
    assert says(tape) == expected


def test_a_request_sent_twice_as_it_was_is_no_new_message() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.send(2, KEY, line="secondary")
    tape.reply(3, KEY)
    assert says(tape) == []


def test_one_stan_for_two_messages() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.send(2, KEY, 9000)
    assert says(tape) == ["T01 sent a withdrawal message with STAN 000118, which belongs to another message"]


# --- cash ---------------------------------------------------------------------------------------


def test_cash_without_a_reply() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.present(4, KEY)
    assert says(tape) == ["T01 presented cash with no reply for STAN 000118"]


def test_cash_on_a_decline() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.reply(1.04, KEY, outcome="insufficient_funds")
    tape.present(4, KEY)
    assert says(tape) == ["T01 presented cash with only replies it ignored or that declined for STAN 000118"]


def test_cash_on_an_ignored_approval() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.reply(1.04, KEY)
    tape.ignore(1.04, KEY, "other_transaction")
    tape.present(4, KEY)
    tape.end(5, KEY)
    assert says(tape) == [
        "T01 presented cash with only replies it ignored or that declined for STAN 000118",
        "T01 ended STAN 000118 as approved and had ignored every reply to it",
    ]


def test_cash_on_the_reply_of_another_terminal() -> None:
    tape = Tape(terminals=("T01", "T02"))
    tape.request(1, KEY)
    tape.reply(1.04, KEY, at="T02")
    tape.present(4, KEY)
    assert says(tape) == ["T01 presented cash with no reply for STAN 000118"]


def test_cash_on_a_reply_over_another_amount() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.reply(1.04, KEY, 50_000)
    tape.present(4, KEY)
    assert says(tape) == ["T01 presented 50.00 of 50.00 asked for, on a reply over 500.00"]


def test_more_cash_than_approved() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.reply(1.04, KEY)
    tape.present(4, KEY, 6000)
    assert says(tape) == ["T01 presented 60.00 of 50.00 asked for, on a reply over 50.00"]


@pytest.mark.parametrize(("presented", "right"), [(3000, True), (5000, False)])
def test_a_partial_approval_covers_the_lower_amount(presented: int, right: bool) -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.reply(1.04, KEY, 3000, "partially_approved")
    tape.present(4, KEY, presented)
    assert (says(tape) == []) is right


def test_less_cash_than_approved_is_no_breach() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.reply(1.04, KEY, 0)
    tape.present(4, KEY, 3000)
    assert says(tape) == []


def test_cash_after_the_reversal_was_stored() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.reply(1.04, KEY)
    tape.queue(31, KEY, 119)
    tape.present(32, KEY)
    assert says(tape) == ["T01 presented cash after it had stored its reversal"]


def test_cash_after_the_end() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.reply(1.04, KEY)
    tape.end(31, KEY, "cancelled")
    tape.present(32, KEY)
    assert says(tape) == ["T01 presented cash after it had ended the transaction"]


def test_ended_as_approved_without_a_reply() -> None:
    tape = Tape()
    tape.ask(1, KEY, 5000, "transfer")
    tape.send(1, KEY)
    tape.end(2, KEY)
    assert says(tape) == ["T01 ended STAN 000118 as approved and had no reply to it"]


def test_a_duplicate_that_is_ignored_leaves_the_first_reply_valid() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.reply(1.04, KEY)
    tape.reply(1.50, KEY)
    tape.ignore(1.50, KEY, "unmatched")
    tape.present(4, KEY)
    assert says(tape) == []


def test_the_reply_to_another_terminal_that_is_ignored_in_the_same_instant_leaves_it_valid() -> None:
    """A fault may bring the answer of somebody's key exchange in one read with ours, and both may have one STAN."""
    tape = Tape(terminals=("T01", "T02"))
    tape.request(1, KEY)
    tape.reply(1.04, KEY)
    tape.add(1.04, "T01", STRANGE)
    tape.add(1.04, "T01", ReplyIgnored(line="primary", reason="other_terminal", mti="0810", stan=118, approved=True))
    tape.present(4, KEY)
    assert says(tape) == []


def test_garbage_after_a_reply_leaves_it_valid() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.reply(1.04, KEY)
    tape.add(1.04, "T01", ReplyIgnored(line="primary", reason="unreadable"))
    tape.add(2.00, "T01", STRANGE)
    tape.add(2.00, "T01", ReplyIgnored(line="primary", reason="unmatched"))
    tape.present(4, KEY)
    assert says(tape) == []


def test_a_breach_counts_in_a_history_without_end() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.present(4, KEY)
    tape.without = (RunEnded,)
    assert sequence(tape).status is Status.FAIL


def test_breaches_of_one_terminal_are_bounded_and_counted() -> None:
    tape = Tape()
    for number in range(ODDITIES_MAX + 20):
        echo(tape, 1 + number / 10, 5)
    verdict = sequence(tape)
    assert len(verdict.findings) == ODDITIES_MAX
    assert verdict.because.startswith(f"{ODDITIES_MAX + 19} breaches")


# --- who has been let in ---------------------------------------------------------------------------


def answer(tape: Tape, t: float, outcome: str, purpose: str = "sign_on") -> None:
    got = MessageReceived(
        terminal="T01", line="primary", purpose=purpose, mti="0810", stan=1, fields={}, outcome=outcome
    )
    tape.add(t, "T01", got)


def asked_over(tape: Tape, t: float = 20.0) -> None:
    tape.ask(t, KEY)
    tape.send(t, KEY)


NOT_LET_IN = (
    "T01 sent a withdrawal (STAN 000118) over line primary, where no host had let it in, or one had sent it away"
)


def test_nothing_is_sent_over_a_new_connection_before_a_host_has_accepted_the_sign_on() -> None:
    tape = Tape()
    tape.add(1.0, "T01", LineUp(line="primary"))
    echo(tape, 2.0, 5)
    asked_over(tape)
    assert says(tape) == [NOT_LET_IN]


@pytest.mark.parametrize("outcome", ["approved", "declined"])
def test_an_accepted_sign_on_lets_a_terminal_in_until_it_connects_again(outcome: str) -> None:
    tape = Tape()
    tape.add(1.0, "T01", LineUp(line="primary"))
    answer(tape, 2.0, outcome)
    asked_over(tape)
    assert says(tape) == ([] if outcome == "approved" else [NOT_LET_IN])
    tape.facts.insert(2, stamped(3.0, "T01", LineUp(line="primary")))
    assert says(tape) == [NOT_LET_IN]


@pytest.mark.parametrize("is_ignored", [True, False])
def test_a_host_that_sends_a_terminal_away_has_not_let_it_in_any_more(is_ignored: bool) -> None:
    tape = Tape()
    tape.add(1.0, "T01", LineUp(line="primary"))
    answer(tape, 2.0, "approved")
    answer(tape, 3.0, "host_unavailable", "balance")
    if is_ignored:
        tape.add(3.0, "T01", ReplyIgnored(line="primary", reason="late"))
    asked_over(tape)
    assert says(tape) == ([] if is_ignored else [NOT_LET_IN])
