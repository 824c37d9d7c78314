"""What a recording takes of the facts of a run."""

from atmbench import facts
from atmbench.compare import Recording
from atmbench.compare.recording import Kind
from atmbench.facts.base import stamp

KEY = "T01/000002/0105090000"


def heard(*said: tuple[float, str, facts.AnyFact]) -> Recording:
    recording = Recording("a", lambda mti: {})
    for t, actor, fact in said:
        stamp(fact, t, actor)
        recording.add(fact)
    return recording


def sent(mti: str = "0200", *, line: str = "primary", code: str = "", outcome: str = "") -> facts.MessageSent:
    return facts.MessageSent(
        terminal="T01", line=line, purpose="withdrawal", mti=mti, stan=2, fields={"3": "010000"}, key=KEY, code=code,
        outcome=outcome,
    )  # fmt: skip


def got(code: str = "00", *, line: str = "primary") -> facts.MessageReceived:
    return facts.MessageReceived(
        terminal="T01", line=line, purpose="withdrawal", mti="0210", stan=2, fields={"39": code}, key=KEY, code=code
    )


def started() -> facts.TransactionStarted:
    return facts.TransactionStarted(key=KEY, service="withdrawal", stan=2)


def test_an_answer_is_timed_at_the_terminal_from_its_own_request_and_from_when_it_was_wanted() -> None:
    found = heard(
        (1.0, "T01", started()), (1.5, "T01", sent()), (1.7, "A", sent("0210", code="00")), (2.0, "T01", got())
    )
    assert found.answers == {"withdrawal": [(2.0, 0.5)]}
    assert found.waits == {"withdrawal": [(2.0, 1.0)]}


def test_a_repeat_on_another_line_has_a_time_of_its_own_and_the_customer_has_waited_for_both() -> None:
    found = heard(
        (1.0, "T01", started()),
        (1.0, "T01", sent()),
        (9.0, "T01", sent(line="secondary")),
        (9.5, "T01", got(line="secondary")),
    )
    assert found.answers == {"withdrawal": [(9.5, 0.5)]}
    assert found.waits == {"withdrawal": [(9.5, 8.5)]}


def test_an_answer_that_comes_twice_is_timed_once() -> None:
    found = heard((1.0, "T01", sent()), (1.5, "T01", got()), (3.0, "T01", got()))
    assert found.answers == {"withdrawal": [(1.5, 0.5)]}
    assert found.codes == {("0210", "withdrawal"): [(1.5, "00"), (3.0, "00")]}


def test_a_message_is_taken_once_as_the_terminal_sees_it() -> None:
    received = facts.MessageReceived(
        terminal="T01", line="primary", purpose="withdrawal", mti="0200", stan=2, fields={"3": "010000"}
    )
    answer = sent("0210", code="51", outcome="insufficient_funds")
    found = heard((1.0, "T01", sent()), (1.1, "A", received), (1.1, "A", answer), (1.2, "T01", got("51")))
    assert found.messages == {
        Kind("terminal", "0200", "withdrawal", ""): [(("3", "010000"),)],
        Kind("host", "0210", "withdrawal", "51"): [(("39", "51"),)],
    }
    assert found.meanings == {("0210", "withdrawal", "insufficient_funds"): ["51"]}


def test_how_transactions_ended_is_kept_and_who_was_turned_away_is_not() -> None:
    ended = facts.TransactionEnded(key=KEY, outcome="approved", service="withdrawal")
    away = facts.CustomerTurnedAway(because="the terminal has no power", service="withdrawal")
    assert heard((1.0, "T01", ended), (2.0, "T01", away)).outcomes == {"withdrawal": [(1.0, "approved")]}
