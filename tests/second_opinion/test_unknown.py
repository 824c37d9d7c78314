"""What cannot be judged is unknown and never right; what does not matter is passed over."""

import pytest

from atmbench.facts import AnyFact, CassettesCounted, Converged, LedgerCounted, MessageReceived, MessageSent, RunEnded
from atmbench.second_opinion import Opinion, Standing, opine
from tests.audit.builders import Tape
from tests.audit.wrongs import KEY


def judged(tape: Tape) -> Opinion:
    return opine(tape.play())


@pytest.mark.parametrize("missing", [RunEnded, LedgerCounted, Converged])
def test_an_incomplete_history_is_unknown_and_not_right(missing: type[AnyFact]) -> None:
    tape = Tape()
    tape.withdraw(1)
    tape.without = (missing,)
    assert judged(tape).standing is Standing.UNKNOWN


def test_a_transaction_that_its_terminal_forgot_is_judged_by_what_the_devices_saw() -> None:
    tape = Tape()
    tape.request(1, KEY)
    opinion = judged(tape)
    assert opinion.standing is Standing.FAIL
    assert {objection.key for objection in opinion.objections} >= {KEY}


def test_no_history_at_all_is_unknown() -> None:
    assert opine([]).standing is Standing.UNKNOWN


def test_a_message_of_a_transaction_that_is_not_known_is_passed_over() -> None:
    tape = Tape()
    tape.withdraw(1)
    for kind in (MessageSent, MessageReceived):
        tape.add(2, "T01", kind(terminal="T01", line="primary", purpose="echo", mti="0800", stan=1, fields={}))
    assert judged(tape).standing is Standing.PASS


@pytest.mark.parametrize("counted", [CassettesCounted])
def test_without_a_count_by_hand_the_ledgers_are_still_judged(counted: type[AnyFact]) -> None:
    tape = Tape()
    tape.withdraw(1)
    tape.without = (counted,)
    assert judged(tape).standing is Standing.PASS
