"""Whose card is where, and what its customer saw: the figures, and how they are said."""

import pytest

from atmbench.audit import card_log
from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import CardEjected, CardRetained, CardTaken, DeviceFailed, ReplyIgnored, ScreenShown
from tests.audit.builders import Tape, key_of

NAMES = [f"T01 STAN {stan:06d} withdrawal" for stan in (118, 119, 120, 121, 122)]


def cards(tape: Tape) -> Verdict:
    return tape.judge().verdict("cards")


def show(tape: Tape, t: float, screen: str, terminal: str = "T01") -> None:
    tape.add(t, terminal, ScreenShown(screen=screen, lines=("words",)))


def keep(tape: Tape, t: float, key: str, terminal: str = "T01") -> None:
    tape.add(t, terminal, CardRetained(because="x", key=key))


def visit(tape: Tape, t: float, stan: int, *screens: str, outcome: str = "") -> str:
    """A customer for five seconds, before whom these screens are shown at the end."""
    key = key_of("T01", stan)
    tape.ask(t, key)
    tape.send(t, key)
    show(tape, t, "please_wait")
    if outcome:
        tape.reply(t + 0.5, key, outcome=outcome)
    tape.end(t + 1, key, "declined")
    for screen in screens:
        show(tape, t + 2, screen)
    return key


def test_every_reason_is_counted_and_said() -> None:
    tape = Tape()
    for n in range(2):
        keep(tape, 2.5 + 10 * n, visit(tape, 1 + 10 * n, 118 + n, "card_kept", outcome="retain_card"))
    for n in range(3):
        key = visit(tape, 31 + 5 * n, 130 + n, "declined")
        tape.add(34.0 + 5 * n, "T01", CardEjected(key=key))
        keep(tape, 34.5 + 5 * n, key)
    for n in range(4):
        key = visit(tape, 51 + 5 * n, 140 + n, "declined")
        tape.add(54.0 + 5 * n, "T01", DeviceFailed(device="card_reader", error="x", because="jam", key=key))
        keep(tape, 54.5 + 5 * n, key)
    for n in range(5):
        keep(tape, 74.5 + 3 * n, visit(tape, 71 + 3 * n, 150 + n, "declined"))
    show(tape, 89.0, "welcome")
    verdict = cards(tape)
    named = ", ".join(f"T01 STAN 000{150 + n} withdrawal" for n in range(3))
    assert verdict.because == (
        "14 cards kept: 2 that the host had asked for, 3 that nobody took, 4 by a reader or a power that failed, "
        f"5 for no reason: {named} and 2 more; 14 customers saw how it ended"
    )
    kept = [n for n, fact in enumerate(tape.play(), 1) if isinstance(fact, CardRetained)][-5:]
    assert [finding.facts for finding in verdict.findings] == [(number,) for number in kept]


def test_customers_who_were_not_told_are_counted_and_named() -> None:
    tape = Tape()
    keys = [visit(tape, 1 + 10 * n, 118 + n, "take_card") for n in range(2)]
    visit(tape, 30, 125, "declined")
    show(tape, 40.0, "welcome")
    show(tape, 41.0, "closed")
    tape.expect["cards_kept_max"] = 7
    verdict = cards(tape)
    assert verdict.because == (
        "0 cards kept: 0 that the host had asked for, 0 that nobody took, 0 by a reader or a power that failed, "
        "0 for no reason (7 allowed in all); 1 customer saw how it ended, 2 did not"
    )
    assert [finding.key for finding in verdict.findings] == keys
    last = max(n for n, fact in enumerate(tape.play(), 1) if getattr(fact, "key", "") == keys[0])
    assert verdict.findings[0].facts == (last,)


def test_more_than_are_named_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_log, "NAMED_MAX", 2)
    tape = Tape()
    for n in range(4):
        keep(tape, 4.0 + 10 * n, visit(tape, 1 + 10 * n, 118 + n, "take_card"))
    show(tape, 80.0, "welcome")
    log = tape.judge().book.cards
    assert (len(log.without_reason), log.without_reason_beyond, log.number_without_reason) == (2, 2, 4)
    assert (len(log.untold), log.untold_beyond) == (2, 2)
    assert cards(tape).because.endswith(
        "4 for no reason: " + ", ".join(NAMES[:2]) + "; 0 customers saw how it ended, 4 did not"
    )


def test_cards_that_the_host_wanted_kept_and_gave_back_are_named_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_log, "NAMED_MAX", 2)
    tape = Tape()
    keys = []
    for n in range(5):
        keys.append(visit(tape, 1 + 10 * n, 118 + n, "declined", outcome="retain_card"))
        tape.add(5.0 + 10 * n, "T01", CardEjected(key=keys[-1]))
    show(tape, 80.0, "welcome")
    verdict = cards(tape)
    assert ", 5 given back that the host had asked for; " in verdict.because
    numbers = [n for n, fact in enumerate(tape.play(), 1) if isinstance(fact, CardEjected)]
    says = "{}: the customer got back the card that the host had asked for"
    assert [(each.key, each.says, each.facts) for each in verdict.findings] == [
        (key, says.format(name), (number,)) for key, name, number in zip(keys[:2], NAMES, numbers, strict=False)
    ]


def test_a_card_may_be_given_back_that_no_valid_answer_asks_for() -> None:
    tape = Tape(cards_kept_max=0)
    tape.add(6.0, "T01", CardEjected(key=visit(tape, 1, 118, "take_cash", outcome="approved")))
    key = visit(tape, 11, 119, "declined", outcome="retain_card")
    tape.add(11.5, "T01", ReplyIgnored(line="primary", reason="late", mti="0210", stan=119, key=key, approved=False))
    tape.add(16.0, "T01", CardEjected(key=key))
    tape.facts.sort(key=lambda fact: fact.t)
    assert cards(tape).findings == ()


def test_a_card_is_given_back_also_where_nobody_told_that_its_customer_came() -> None:
    tape = Tape()
    key = key_of("T01", 118)
    tape.services[key] = "withdrawal"
    tape.send(1, key)
    tape.reply(2, key, outcome="retain_card")
    tape.add(3.0, "T01", CardEjected(key=key))
    assert [finding.key for finding in cards(tape).findings] == [key]


def test_a_run_that_goes_on_is_not_judged_while_nothing_is_wrong() -> None:
    tape = Tape(cards_kept_max=5)
    tape.without = (type(tape.play()[-1]),)
    assert cards(tape).status is Status.UNKNOWN
    keep(tape, 5.0, visit(tape, 1, 118, "declined"))
    assert cards(tape).status is Status.FAIL


def test_as_many_cards_as_are_allowed_are_not_too_many() -> None:
    for most, status in ((1, Status.PASS), (0, Status.FAIL)):
        tape = Tape(cards_kept_max=most)
        keep(tape, 5.0, visit(tape, 1, 118, "card_kept", outcome="retain_card"))
        assert cards(tape).status is status
    assert [(finding.key, finding.says) for finding in cards(tape).findings] == [("", "1 card kept, 0 allowed")]


def test_a_card_of_nobody_that_is_known_is_named_by_its_terminal() -> None:
    tape = Tape()
    tape.add(5.0, "T02", CardRetained(because="dip", key=""))
    assert [finding.says for finding in cards(tape).findings] == ["T02 kept its customer's card for no reason (dip)"]


def test_an_answer_that_was_ignored_asks_for_no_card() -> None:
    tape = Tape()
    key = visit(tape, 1, 118, "declined", outcome="retain_card")
    tape.add(1.5, "T01", ReplyIgnored(line="primary", reason="late", mti="0210", stan=118, key=key, approved=False))
    tape.facts.sort(key=lambda fact: fact.t)
    keep(tape, 5.0, key)
    assert cards(tape).status is Status.FAIL


def test_a_decline_that_does_not_ask_for_the_card_asks_for_none() -> None:
    tape = Tape()
    keep(tape, 5.0, visit(tape, 1, 118, "declined", outcome="insufficient_funds"))
    assert cards(tape).status is Status.FAIL


def test_a_card_that_was_taken_or_kept_lies_in_the_slot_no_more() -> None:
    for gone in (CardTaken(key=key_of("T01", 118)), CardRetained(because="x", key=key_of("T01", 118))):
        tape = Tape()
        key = visit(tape, 1, 118, "declined")
        tape.add(4.0, "T01", CardTaken(key=key))
        tape.add(5.0, "T01", CardEjected(key=key))
        tape.add(6.0, "T01", gone)
        keep(tape, 7.0, key)
        assert cards(tape).status is Status.FAIL


def test_a_reader_that_fails_before_anybody_came_may_keep_a_card_and_another_device_may_not() -> None:
    for device, status in (("card_reader", Status.PASS), ("printer", Status.FAIL)):
        tape = Tape()
        tape.add(1.0, "T01", DeviceFailed(device=device, error="x", because="jam", key=""))
        tape.add(2.0, "T01", CardRetained(because="x", key=""))
        assert cards(tape).status is status


def test_a_history_without_screens_says_nothing_of_who_was_told() -> None:
    tape = Tape(cards_kept_max=0)
    key = key_of("T01", 118)
    tape.ask(1, key)
    tape.end(2, key)
    show(tape, 3.0, "welcome")
    assert (cards(tape).status, tape.judge().book.cards.told) == (Status.PASS, 0)


def test_whose_transaction_goes_on_has_not_left() -> None:
    tape = Tape(cards_kept_max=0)
    key = key_of("T01", 118)
    tape.ask(1, key)
    show(tape, 1.0, "please_wait")
    tape.services[key_of("T01", 117)] = "withdrawal"
    tape.end(2, key_of("T01", 117))
    show(tape, 3.0, "welcome")
    assert (cards(tape).status, tape.judge().book.cards.told) == (Status.PASS, 0)


def test_the_next_customer_finds_the_one_before_gone() -> None:
    tape = Tape()
    visit(tape, 1, 118, "take_card")
    visit(tape, 10, 119, "declined")
    visit(tape, 20, 120, "declined")
    assert [finding.key for finding in cards(tape).findings] == [key_of("T01", 118)]
    assert tape.judge().book.cards.told == 1
