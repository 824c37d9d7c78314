"""Check `cards`: no card is kept without a reason, and every customer sees how it ended."""

from atmbench.audit.judge import Audit
from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import CardEjected, CardRetained, CardTaken, DeviceFailed, PowerFailed, ScreenShown
from tests.audit.builders import Tape, key_of

KEY = key_of("T01", 118)


def cards(audit: Audit) -> Verdict:
    return audit.verdict("cards")


def asked(tape: Tape, outcome: str = "no_answer", screen: str = "no_answer") -> None:
    """A customer who asks at 10 s, and whose transaction ends at 20 s."""
    tape.ask(10.0, KEY)
    tape.send(10.0, KEY)
    show(tape, 10.0, "please_wait")
    if outcome == "declined":
        tape.reply(10.1, KEY, outcome="retain_card")
    tape.end(20.0, KEY, outcome)
    show(tape, 20.0, screen)


def show(tape: Tape, t: float, screen: str) -> None:
    tape.add(t, "T01", ScreenShown(screen=screen, lines=("words",)))


def keep(tape: Tape, because: str = "no answer", t: float = 21.0) -> None:
    tape.add(t, "T01", CardRetained(because=because, key=KEY))


def test_a_run_in_which_no_card_is_kept_has_no_such_check_unless_it_asks() -> None:
    tape = Tape()
    asked(tape)
    show(tape, 30.0, "welcome")
    assert all(each.check != "cards" for each in tape.judge().verdicts)
    tape.expect["cards_kept_max"] = 0
    assert cards(tape.judge()).because.endswith("1 customer saw how it ended")


def test_a_card_that_is_kept_for_no_reason_is_named_whatever_the_terminal_says() -> None:
    tape = Tape()
    asked(tape)
    keep(tape, "code 43")
    verdict = cards(tape.judge())
    assert verdict.status is Status.FAIL
    [finding] = verdict.findings
    assert finding.says == "T01 STAN 000118 withdrawal kept its customer's card for no reason (code 43)"
    assert finding.key == KEY
    assert "T01 STAN 000118" in verdict.because


def test_a_card_that_the_host_asked_for_may_be_kept() -> None:
    tape = Tape()
    asked(tape, "declined", "card_kept")
    keep(tape, "code 43")
    verdict = cards(tape.judge())
    assert verdict.status is Status.PASS
    assert verdict.because.startswith("1 card kept: 1 that the host had asked for, 0 that nobody took")


def test_a_card_that_nobody_took_may_be_kept_and_one_that_was_taken_cannot_be() -> None:
    tape = Tape()
    asked(tape)
    tape.add(20.5, "T01", CardEjected(key=KEY))
    keep(tape, t=40.0)
    assert cards(tape.judge()).status is Status.PASS
    tape.add(21.0, "T01", CardTaken(key=KEY))
    assert cards(tape.judge()).status is Status.FAIL


def test_a_reader_that_fails_with_the_card_inside_may_keep_it() -> None:
    tape = Tape()
    asked(tape)
    tape.add(20.5, "T01", DeviceFailed(device="card_reader", error="hardwareError", because="jam", key=KEY))
    keep(tape)
    assert cards(tape.judge()).status is Status.PASS


def test_too_many_cards_are_too_many_for_whatever_reason() -> None:
    tape = Tape(cards_kept_max=0)
    asked(tape, "declined", "card_kept")
    keep(tape)
    assert [each.says for each in cards(tape.judge()).findings] == ["1 card kept, 0 allowed"]


def test_a_customer_who_was_not_told_is_named() -> None:
    tape = Tape()
    asked(tape, screen="take_card")
    show(tape, 25.0, "welcome")
    [finding] = cards(tape.judge()).findings
    assert finding.says == "T01 STAN 000118 withdrawal: no screen told the customer how it ended"


def test_a_card_that_was_inside_when_power_failed_before_the_transaction_is_kept_for_that() -> None:
    tape = Tape()
    tape.add(5.0, "T01", PowerFailed(during="after Remember"))
    tape.add(20.0, "T01", CardRetained(because="it was left in the reader"))
    verdict = cards(tape.judge())
    assert verdict.status is Status.PASS
    assert "1 by a reader or a power that failed" in verdict.because


def test_after_a_power_failure_nobody_stands_there() -> None:
    tape = Tape(cards_kept_max=0)
    asked(tape, screen="take_card")
    tape.add(21.0, "T01", PowerFailed(during="parting"))
    show(tape, 25.0, "welcome")
    assert cards(tape.judge()).status is Status.PASS


def test_the_next_customer_may_come_before_a_forgotten_card_is_kept() -> None:
    tape = Tape(cards_kept_max=1)
    asked(tape)
    tape.add(21.0, "T01", CardEjected(key=KEY))
    tape.withdraw(50.0, stan=130)
    keep(tape, "the card was not taken", 50.5)
    verdict = cards(tape.judge())
    assert verdict.status is Status.PASS, verdict
    assert "1 that nobody took" in verdict.because


def test_a_card_that_lies_in_the_slot_is_no_reason_to_keep_another() -> None:
    tape = Tape()
    tape.add(5.0, "T01", CardEjected(key=key_of("T01", 100)))
    asked(tape)
    keep(tape)
    assert cards(tape.judge()).status is Status.FAIL


def test_a_card_that_the_host_asked_for_may_not_be_given_back() -> None:
    tape = Tape(cards_kept_max=1)
    asked(tape, "declined", "card_kept")
    tape.add(21.0, "T01", CardEjected(key=KEY))
    verdict = cards(tape.judge())
    assert [each.says for each in verdict.findings] == [
        "T01 STAN 000118 withdrawal: the customer got back the card that the host had asked for"
    ]
    assert verdict.because == (
        "0 cards kept: 0 that the host had asked for, 0 that nobody took, 0 by a reader or a power that failed, "
        "0 for no reason, 1 given back that the host had asked for (1 allowed in all); 0 customers saw how it ended"
    )


def test_after_a_power_failure_a_terminal_need_not_know_that_the_host_asked_for_the_card() -> None:
    tape = Tape(cards_kept_max=1)
    asked(tape, "declined", "card_kept")
    tape.add(20.5, "T01", PowerFailed(during="parting"))
    tape.add(31.0, "T01", CardEjected(key=KEY))
    assert cards(tape.judge()).status is Status.PASS
