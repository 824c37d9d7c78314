from collections.abc import Callable

import pytest

from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import MessageReceived, SecurityRefused, TombstoneLaid
from tests.audit.builders import Tape, key_of
from tests.audit.stand_ins import of_the_bank, replay, stand_in

KEY = key_of("T01", 118)


def reversals(tape: Tape) -> Verdict:
    return tape.judge().verdict("reversals")


def unanswered(tape: Tape) -> None:
    tape.request(1, KEY)
    tape.end(31, KEY, "no_answer")


def test_needed_sent_accepted_applied_once() -> None:
    tape = Tape()
    tape.lost_reply(1)
    verdict = reversals(tape)
    assert verdict.status is Status.PASS
    assert verdict.because.startswith("1 reversal needed, 1 accepted: 1 undid a posting")


def test_never_stored() -> None:
    tape = Tape()
    unanswered(tape)
    verdict = reversals(tape)
    assert verdict.status is Status.FAIL
    assert verdict.findings[0].says == (
        "T01 STAN 000118 withdrawal was sent and ended as no answer, and no reversal was stored"
    )


def test_stored_and_never_sent() -> None:
    tape = Tape()
    unanswered(tape)
    tape.queue(31, KEY, 119)
    assert [each.says for each in reversals(tape).findings] == [
        "T01 STAN 000118 withdrawal ended as no answer, and its reversal (STAN 000119) never left the terminal",
        "the reversal (STAN 000119) of T01 STAN 000118 withdrawal never left the terminal "
        "and was neither accepted nor given up",
    ]


def test_sent_and_never_accepted() -> None:
    tape = Tape()
    unanswered(tape)
    tape.queue(31, KEY, 119)
    tape.send(31, KEY, purpose="reversal", stan=119)
    assert [each.says for each in reversals(tape).findings] == [
        "the reversal (STAN 000119) of T01 STAN 000118 withdrawal was sent 1 time and was neither accepted nor given up"
    ]


@pytest.mark.parametrize("sent", [True, False])
def test_given_up_with_an_exception_is_not_silent_though_it_may_never_have_left(sent: bool) -> None:
    tape = Tape(open_exceptions_max=1)
    unanswered(tape)
    tape.queue(31, KEY, 119)
    if sent:
        tape.send(31, KEY, purpose="reversal", stan=119)
    tape.exception(60, KEY, "advice_given_up")
    assert reversals(tape).status is Status.PASS


def test_a_completion_that_is_never_accepted() -> None:
    tape = Tape()
    key = tape.withdraw(1)
    tape.queue(6, key, 119, "", purpose="completion")
    tape.send(6, key, purpose="completion", stan=119)
    assert reversals(tape).status is Status.FAIL
    tape.settle(7, key, 119, "completion")
    assert reversals(tape).status is Status.PASS


def test_a_transaction_is_reversed_by_one_message() -> None:
    tape = Tape()
    tape.lost_reply(1)
    tape.queue(60, KEY, 120, "late_answer")
    tape.send(60, KEY, purpose="reversal", stan=120)
    tape.settle(61, KEY, 120)
    says = (
        "T01 stored a reversal (STAN 000119) and a reversal (STAN 000120) of T01 STAN 000118 withdrawal, "
        "where one says all"
    )
    assert [each.says for each in reversals(tape).findings] == [says]
    tape.queue(70, KEY, 121, "late_answer")
    tape.send(70, KEY, purpose="reversal", stan=121)
    tape.settle(71, KEY, 121)
    assert [each.says for each in reversals(tape).findings] == [says]


def test_accepted_and_not_applied_at_one_site() -> None:
    tape = Tape()
    unanswered(tape)
    tape.queue(31, KEY, 119)
    tape.send(31, KEY, purpose="reversal", stan=119)
    tape.reverse(31.02, KEY, sites=("A",))
    tape.settle(31.04, KEY, 119)
    assert [each.says for each in reversals(tape).findings] == [
        "site B keeps the posting of T01 STAN 000118 withdrawal although its reversal was accepted"
    ]


def test_applied_twice() -> None:
    tape = Tape()
    tape.lost_reply(1)
    tape.reverse(40, KEY, n="/A1")
    assert [each.says for each in reversals(tape).findings] == [
        "site A reversed T01 STAN 000118 withdrawal 2 times",
        "site B reversed T01 STAN 000118 withdrawal 2 times",
    ]


def test_corrections_between_sites_that_end_right_are_no_double_reversal() -> None:
    tape = Tape()
    tape.lost_reply(1)
    tape.post(41, KEY, 5000, kind="reversal", n="/A3")
    tape.post(42, KEY, -5000, kind="reversal", n="/A4")
    assert reversals(tape).status is Status.PASS


def test_corrections_of_cash_that_was_taken_end_right_where_the_customer_has_paid_for_it() -> None:
    tape = Tape()
    key = tape.withdraw(1)
    tape.reverse(40, key)
    tape.post(41, key, kind="reversal", n="/A2")
    assert reversals(tape).status is Status.PASS
    tape.reverse(42, key, n="/A3")
    assert [each.says for each in reversals(tape).findings] == [
        f"site {site} reversed T01 STAN 000118 withdrawal 3 times" for site in ("A", "B")
    ]


@pytest.mark.parametrize(("outcome", "found"), [("insufficient_funds", 0), ("approved", 2)])
def test_corrections_end_right_where_the_bank_pays_for_what_a_core_has_refused(outcome: str, found: int) -> None:
    """Two cores had decided differently of an approval in stand-in, and the refusal of one of them stands."""
    tape = Tape()
    key = stand_in(tape, 10, 118)
    replay(tape, 40, key, outcome)
    tape.reverse(50, key)
    for site in ("A", "B"):
        tape.entry(50.5, site, of_the_bank(key, "rev/bank", "reversal"))
    assert [each.says for each in reversals(tape).findings] == [
        f"site {site} reversed T01 STAN 000118 withdrawal 2 times" for site in ("A", "B")
    ][:found]


def test_a_site_that_reverses_by_itself_what_it_never_posted_is_told() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.send(1, KEY)
    declined(tape)
    tape.reverse(40, KEY, sites=("B",))
    assert [each.says for each in reversals(tape).findings] == [
        "site B reversed T01 STAN 000118 withdrawal, which it had never posted"
    ]


def test_reversed_what_was_never_posted() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.end(31, KEY, "no_answer")
    tape.reversal(31, KEY, 119)
    assert "site A reversed T01 STAN 000118 withdrawal, which it had never posted" in [
        each.says for each in reversals(tape).findings
    ]


@pytest.mark.parametrize(("tombstone", "status"), [(True, Status.PASS), (False, Status.FAIL)])
def test_an_original_that_never_arrived_leaves_a_tombstone(tombstone: bool, status: Status) -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.end(31, KEY, "no_answer")
    tape.queue(31, KEY, 119)
    tape.send(31, KEY, purpose="reversal", stan=119)
    if tombstone:
        tape.add(31.02, "B", TombstoneLaid(key=KEY, origin="B"))
    tape.settle(31.04, KEY, 119)
    assert reversals(tape).status is status


def test_an_original_that_was_declined_needs_no_tombstone() -> None:
    """The reply was lost; the host knows the original and had posted nothing."""
    tape = Tape()
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.arrive(1.02, KEY)
    tape.end(31, KEY, "no_answer")
    tape.queue(31, KEY, 119)
    tape.send(31, KEY, purpose="reversal", stan=119)
    tape.settle(31.04, KEY, 119)
    assert reversals(tape).status is Status.PASS


def test_in_vain_when_the_customer_has_all_the_cash() -> None:
    tape = Tape()
    key = tape.withdraw(1)
    tape.queue(6, key, 119, "interrupted")
    tape.send(6, key, purpose="reversal", stan=119)
    tape.settle(7, key, 119)
    says = [each.says for each in reversals(tape).findings]
    assert (
        "T01 reversed T01 STAN 000118 withdrawal (STAN 000119, interrupted) although the customer has all the cash"
    ) in says


@pytest.mark.parametrize("reason", ["suspect", "cash_not_taken"])
def test_not_in_vain_where_the_terminal_cannot_know(reason: str) -> None:
    tape = Tape(open_exceptions_max=1)
    tape.request(1, KEY)
    tape.reply(1.04, KEY)
    tape.present(4, KEY)
    tape.take(34, KEY)
    tape.end(34, KEY, "suspect")
    tape.queue(34, KEY, 119, reason)
    tape.send(34, KEY, purpose="reversal", stan=119)
    tape.settle(34.04, KEY, 119)
    assert reversals(tape).status is Status.PASS


def test_in_vain_when_a_transfer_was_done() -> None:
    tape = Tape()
    tape.ask(1, KEY, 5000, "transfer")
    tape.send(1, KEY)
    tape.post(1.02, KEY)
    tape.reply(1.04, KEY)
    tape.end(2, KEY)
    tape.reversal(3, KEY, 119)
    assert "although it had ended it as approved" in reversals(tape).because


def declined(tape: Tape) -> None:
    tape.reply(1.04, KEY, 0, "insufficient_funds")
    tape.end(2, KEY, "declined")


def declined_on_an_ignored_reply(tape: Tape) -> None:
    tape.reply(1.04, KEY, 0, "insufficient_funds")
    tape.ignore(1.04, KEY, "other_amount")
    tape.end(2, KEY, "declined")


def never_ended(tape: Tape) -> None:
    pass


@pytest.mark.parametrize(
    ("ending", "status"),
    [(declined, Status.PASS), (declined_on_an_ignored_reply, Status.FAIL), (never_ended, Status.FAIL)],
)
def test_only_a_matched_decline_needs_no_reversal(ending: Callable[[Tape], None], status: Status) -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.arrive(1.02, KEY)
    ending(tape)
    assert reversals(tape).status is status


def test_cancelled_before_anything_was_sent_needs_none() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.end(2, KEY, "cancelled")
    assert reversals(tape).status is Status.PASS


def test_a_short_dispense_may_be_settled_by_a_completion() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.arrive(1.02, KEY)
    tape.reply(1.04, KEY)
    tape.present(4, KEY, 3000)
    tape.take(5, KEY, 3000)
    tape.end(5, KEY, "short")
    tape.queue(5, KEY, 119, "", actual=3000, purpose="completion")
    tape.send(5, KEY, purpose="completion", stan=119)
    tape.post(5.02, KEY, 3000)
    tape.settle(5.04, KEY, 119, "completion")
    audit = tape.judge()
    assert audit.verdict("reversals").status is Status.PASS
    assert audit.verdict("reversals").because == (
        "1 reversal needed, 0 accepted: 0 undid a posting; 0 came before it, or had none, and are kept as tombstones"
    )
    assert audit.verdict("money").status is Status.PASS


@pytest.mark.parametrize("refused", ["request", "reversal"])
def test_a_reversal_that_is_refused_for_its_mac_does_not_make_the_request_unheard(refused: str) -> None:
    """A declined request is known to the site, and its reversal needs no tombstone; a refused one is not."""
    tape = Tape()
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.arrive(1.02, KEY)
    no = SecurityRefused(what="mac", terminal="T01", because="it does not agree", key=KEY)
    if refused == "request":
        tape.add(1.02, "A", no)
    tape.end(31, KEY, "no_answer")
    tape.queue(31, KEY, 119)
    tape.send(31, KEY, purpose="reversal", stan=119)
    if refused == "reversal":
        got = MessageReceived(
            terminal="T01", line="primary", purpose="reversal", mti="0420", stan=119, fields={}, key=KEY
        )
        tape.add(31.02, "A", got)
        tape.add(31.02, "A", no)
    tape.settle(40, KEY, 119)
    assert reversals(tape).status is (Status.PASS if refused == "reversal" else Status.FAIL)
