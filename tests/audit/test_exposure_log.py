"""What counts as approved, as above the balance, and as heard of by a core, to the last unit and the last instant."""

from collections.abc import Callable

import msgspec
import pytest

from atmbench.audit import exposure, exposure_log
from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import (
    AnyFact,
    CoreAdvised,
    ExceptionOpened,
    HoldPlaced,
    LedgerCounted,
    MessageSent,
    SiteRebuilt,
    StandInApproved,
)
from tests.audit.builders import CUSTOMER, Tape, key_of
from tests.audit.stand_ins import (
    alert,
    answered,
    batched,
    brake,
    core,
    figures,
    of_the_bank,
    replay,
    rich,
    says,
    stand_in,
    verdict,
)

KEY = key_of("T01", 1)
BRAKED = [f"{KEY} was approved at a site whose brake was on"]


def alone(key: str, minor: int = 5000, account: str = CUSTOMER) -> StandInApproved:
    return StandInApproved(key=key, account=account, amount_minor=minor)


def undo(tape: Tape, t: float, key: str, actual: int = 0, site: str = "A") -> None:
    """A terminal tells a site that of an approval only so much came out."""
    stan = int(key.split("/")[1])
    tape.queue(t, key, stan + 1, actual=actual)
    answer = MessageSent(
        terminal="T01", line="primary", purpose="reversal", mti="0430", stan=stan + 1, fields={}, key=key,
        outcome="approved",
    )  # fmt: skip
    tape.add(t + 0.1, site, answer)


def approved_before(tape: Tape) -> None:
    """A withdrawal is asked for at 10 s and answered, and nothing is posted."""
    tape.ask(10, KEY)
    tape.send(10, KEY)
    tape.arrive(10.02, KEY)
    tape.reply(10.04, KEY)


@pytest.mark.parametrize("fact", [alone(KEY), core(up=False), alert(), brake(on=False)])
def test_whatever_tells_of_cores_brakes_or_stand_in_asks_for_the_check(fact: AnyFact) -> None:
    tape = Tape()
    for is_used in (False, True):
        book = tape.judge().book
        assert (book.exposure.is_used, exposure.is_asked(book)) == (is_used, is_used)
        tape.add(10, "A", fact)


def test_a_balance_is_what_was_there_and_moved_without_what_waits() -> None:
    tape = rich(10_001)
    tape.withdraw(10, stan=100)
    first = stand_in(tape, 20, 1)
    replay(tape, 30, first)
    tape.add(31, "A", answered(first, stands_in=False))
    stand_in(tape, 40, 3, minor=2)
    seen = figures(tape)
    assert (seen.above, seen.total_minor, seen.worst_account, seen.worst_minor, seen.first_t) == (
        1, 1, CUSTOMER, 1, 40.02,
    )  # fmt: skip


@pytest.mark.parametrize(("approved_minor", "above_minor"), [(5000, 5000), (1, 1)])
def test_an_account_that_a_site_does_not_know_has_nothing(approved_minor: int, above_minor: int) -> None:
    tape = rich(50_000)
    tape.add(10, "A", alone(KEY, approved_minor, account="3000000001"))
    tape.ask(10, KEY)
    tape.take(11, KEY)
    assert figures(tape).total_minor == above_minor
    tape.without = (LedgerCounted,)
    assert figures(tape).total_minor == above_minor


@pytest.mark.parametrize(
    ("goes_on", "above_minor"),
    [
        (lambda tape: None, 9000),
        (lambda tape: tape.post(20, KEY, 10_000, sites=("B",)), 9000),
        (lambda tape: undo(tape, 20, KEY, actual=4000, site="B"), 9000),
        (lambda tape: undo(tape, 20, KEY, actual=4000), 3000),
        (lambda tape: undo(tape, 20, KEY), 0),
    ],
    ids=["nothing", "the other site posts it", "the other hears of less", "its site hears of less", "of nothing"],
)
def test_an_approval_in_stand_in_waits_until_its_own_site_hears_of_it(
    goes_on: Callable[[Tape], None], above_minor: int
) -> None:
    """Of 110.00, 100.00 are approved, and then 100.00 again."""
    tape = rich(11_000)
    stand_in(tape, 10, 1, minor=10_000, taken=False)
    goes_on(tape)
    stand_in(tape, 30, 5, minor=10_000)
    assert figures(tape).total_minor == above_minor


def test_what_a_core_was_told_again_gives_nothing_back_for_the_second_time() -> None:
    tape = rich(10_000)
    key = stand_in(tape, 10, 1)
    tape.add(20, "A", CoreAdvised(key=key, purpose="completion", mti="0220"))
    for number in range(2):
        tape.add(21 + number, "A", CoreAdvised(key=key, purpose="completion", mti="0221", repeat=True))
        tape.add(21 + number, "A", answered(key))
    undo(tape, 25, key)
    stand_in(tape, 30, 5, minor=15_000)
    seen = figures(tape)
    assert (seen.repeats, seen.total_minor) == (2, 5000)


def test_the_first_word_of_a_core_counts() -> None:
    tape = rich(50_000)
    key = stand_in(tape, 10, 1)
    tape.add(20, "A", answered(key))
    tape.add(21, "A", answered(key, "insufficient_funds"))
    seen = figures(tape)
    assert (seen.taken, seen.refused, seen.refused_minor) == (1, {}, 0)


def test_a_core_that_takes_it_again_after_another_has_is_named() -> None:
    tape = rich(50_000)
    key = stand_in(tape, 10, 1)
    for t, site in enumerate(("A", "B", "A"), 20):
        tape.add(t, site, answered(key))
    assert says(tape) == [f"{key}, approved in stand-in at site A (50.00), was taken by a core 2 times"]


def test_a_core_that_takes_it_again_after_another_site_was_rebuilt_is_named() -> None:
    tape = rich(50_000)
    key = stand_in(tape, 10, 1)
    tape.add(20, "A", answered(key))
    tape.add(25, "B", SiteRebuilt(site="B", like="A"))
    assert says(tape) == []
    tape.add(30, "A", answered(key))
    assert says(tape) == [f"{key}, approved in stand-in at site A (50.00), was taken by a core 2 times"]


def test_a_rebuilt_site_forgets_nothing_of_what_another_approved() -> None:
    tape = rich(50_000)
    key = stand_in(tape, 10, 1, taken=False)
    tape.add(25, "B", SiteRebuilt(site="B", like="A"))
    assert says(tape) == [f"{key}, approved in stand-in at site A (50.00), never reached a core"]


# --- postings --------------------------------------------------------------------------------------


def test_a_shortage_of_the_smallest_coin_is_above_the_balance() -> None:
    tape = rich(4_999)
    tape.withdraw(10)
    assert figures(tape).total_minor == 1


def test_what_is_posted_after_its_answer_was_approved_by_then() -> None:
    tape = rich(2_000)
    approved_before(tape)
    tape.take(12, KEY)
    tape.post(16, KEY)
    seen = figures(tape)
    assert (seen.first_t, seen.worst_account, seen.worst_minor) == (10.04, CUSTOMER, 3000)


def test_what_a_bank_pays_itself_is_above_no_balance() -> None:
    tape = rich(50_000)
    tape.ask(10, KEY)
    tape.entry(10, "A", of_the_bank(KEY, f"post/{KEY}", "posting"))
    tape.take(11, KEY)
    assert figures(tape).above == 0


def test_only_a_posting_of_a_withdrawal_is_an_approval() -> None:
    tape = rich(50_000)
    reversed_later, deposit = tape.lost_reply(10, stan=1), key_of("T01", 7)
    tape.add(20, "A", brake(True))
    tape.ask(21, deposit, service="deposit")
    tape.post(22, deposit)
    assert says(tape) == [], f"{reversed_later} was reversed at 40.02 s"


def held(tape: Tape) -> None:
    tape.add(10.02, "A", HoldPlaced(key=KEY, account=CUSTOMER, amount_minor=5000))


@pytest.mark.parametrize(
    ("shown_by", "found"),
    [
        (lambda tape: None, BRAKED),
        (held, []),
        (lambda tape: tape.present(13, KEY), []),
        (lambda tape: tape.queue(15, KEY, 2, purpose="completion", actual=5000), []),
        (lambda tape: tape.queue(15, KEY, 2, purpose="reversal"), BRAKED),
        (lambda tape: tape.add(15, "A", answered(KEY, stands_in=False)), []),
        (lambda tape: tape.add(15, "A", answered(key_of("T01", 9), stands_in=False)), BRAKED),
    ],
    ids=["nothing", "a hold", "notes", "a completion", "a reversal", "a core", "a core that heard of another"],
)
def test_a_posting_under_the_brake_is_an_approval_unless_something_shows_one_before(
    shown_by: Callable[[Tape], None], found: list[str]
) -> None:
    tape = rich(50_000)
    approved_before(tape)
    tape.add(11, "A", brake(True))
    shown_by(tape)
    tape.post(16, KEY)
    assert says(tape) == found


def test_a_hold_that_the_other_site_told_of_is_no_approval_though_the_request_comes_as_well() -> None:
    tape = rich(50_000)
    tape.add(5, "B", brake(True, "B"))
    approved_before(tape)
    held(tape)
    tape.arrive(10.1, KEY, "B", line="secondary")
    tape.add(10.2, "B", HoldPlaced(key=KEY, account=CUSTOMER, amount_minor=5000))
    assert says(tape) == []


# --- batches ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on_t", "off_t", "found"), [(10.0, 50.0, BRAKED), (10.01, 50.0, []), (5.0, 10.05, BRAKED), (5.0, 10.04, [])]
)
def test_a_batch_posts_what_was_approved_under_a_brake_that_was_on_from_request_to_answer(
    on_t: float, off_t: float, found: list[str]
) -> None:
    tape = rich(50_000)
    entry = batched(tape, 10, 1)
    tape.add(on_t, "A", brake(True))
    tape.add(off_t, "A", brake(False))
    tape.entry(60, "A", entry)
    assert says(tape) == found


def test_of_what_was_never_answered_nobody_knows_when_it_was_approved() -> None:
    tape = rich(50_000)
    tape.add(5, "A", brake(True))
    entry = batched(tape, 10, 1)
    tape.facts = [fact for fact in tape.facts if getattr(fact, "mti", "") != "0210"]
    tape.entry(60, "A", entry)
    assert says(tape) == []


def test_the_last_notes_of_a_batch_are_those_of_whom_it_takes_above_the_balance() -> None:
    """Of three customers the first had not enough, the second took his cash later, and the third none at all."""
    tape = rich(2_000)
    entries = [batched(tape, t, stan) for t, stan in ((0.25, 1), (1.0, 3), (2.0, 5))]
    tape.facts = [fact for fact in tape.facts if fact.t < 3]
    tape.take(0.75, entries[0].key, 5000)
    tape.take(1.75, entries[1].key, 5000)
    for entry, account in zip(entries, (CUSTOMER, "2000000001", CUSTOMER), strict=True):
        tape.entry(60, "A", msgspec.structs.replace(entry, legs={account: -5000, "cash:T01": 5000}))
    seen = figures(tape)
    assert (seen.first_t, seen.total_minor) == (0.29, 3000)
    assert seen.last_note_s == pytest.approx(0.75 - 0.29)


# --- bounds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("bound", ["ABOVE_MAX", "STOOD_IN_MAX"])
def test_what_is_more_than_can_be_kept_makes_the_check_unsure(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposure_log, bound, 1)
    tape = rich(0)
    for number in range(3):
        key = stand_in(tape, 10 + 10 * number, 1 + 2 * number)
        replay(tape, 60 + number, key)
    assert verdict(tape) == Verdict("exposure", Status.UNKNOWN, "2 withdrawals more than are kept")
    tape.add(90, "A", answered(KEY))
    assert verdict(tape).status is Status.FAIL, "what is found stands, whatever more there was"
    assert says(tape) == [f"{KEY}, approved in stand-in at site A (50.00), was taken by a core 2 times"]


def test_of_alerts_brakes_and_whom_they_should_have_stopped_only_the_first_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exposure_log, "BRAKED_MAX", 2)
    tape = rich(50_000)
    for number in range(3):
        tape.add(5 + number, "A", alert())
        tape.add(5 + number, "A", brake(True))
        tape.withdraw(10 + 10 * number, stan=1 + number)
    assert says(tape) == [f"{key_of('T01', 1 + n)} was approved at a site whose brake was on" for n in range(2)]
    log = tape.judge().book.exposure
    assert [alert.t for alert in log.alerts] == [5, 6]
    assert figures(tape).stops == ("on at site A at 5.000 s", "on at site A at 6.000 s")


def test_a_refusal_of_which_somebody_was_told_is_a_loss_and_no_finding() -> None:
    tape = rich(0)
    key = stand_in(tape, 10, 1)
    replay(tape, 30, key, "insufficient_funds")
    tape.add(30, "A", ExceptionOpened(kind="stand_in_refused", key=key, terminal="T01", because="x"))
    assert verdict(tape).because == (
        "1 approval in stand-in (50.00), each told to a core once and 1 refused (50.00, paid by the bank), "
        "1 withdrawal above the balance, 50.00 in all, 50.00 of one account, last notes after 2.980 s"
    )
