"""Each planted defect of one site spoils exactly what it says, and money shows it."""

from typing import Any

import pytest

from atmbench.errors import LocalError
from atmbench.facts import TombstoneHit
from atmbench.host.defects import amounts, matching, security
from atmbench.messages.records import AccountType, Outcome, Purpose, Reason
from tests.host.chips import Chipped
from tests.host.dukpt import Counted
from tests.host.play import CURRENT, MASTER, OTHER_PAN, PIN_PAN, SAVINGS, Play, key, sealed


def drill(play: Play, defect: str) -> None:
    """What a fleet does that meets the defect."""
    match defect:
        case "forget-unknown-reversal":
            play.host.set_replication(True, None, 0.0)
            play.withdraw()
            play.host.stop("A", 0.0)
            play.host.promote("B", 0.0, "by order")
            play.sign_on("B")
            assert play.reverse(site="B").outcome is Outcome.APPROVED
            play.host.start("A", 0.0)
            play.host.set_replication(False, None, 0.0)
        case "double-post-repeat":
            play.withdraw()
            play.withdraw(repeat=True)
        case "credit-second-reversal":
            play.withdraw()
            play.reverse()
            play.reverse(repeat=True)
        case "post-late-original":
            play.reverse()
            play.withdraw()
        case "forget-partial":
            play.withdraw()
            play.reverse(actual_minor=2000)
        case "accept-any-mac":
            play.withdraw(mac_agrees=False)
        case "post-copy-without-repeat-digit":
            play.withdraw()
            play.withdraw()
        case "forget-original-after-a-minute":
            play.withdraw()
            play.wait(60.5)
            assert play.reverse().outcome is Outcome.APPROVED
        case "answer-with-another-terminals-answer":
            play.withdraw()
            assert play.withdraw(terminal="T02").reply.terminal == "T02"
        case "reverse-by-stan-alone":
            play.withdraw()
            play.withdraw(terminal="T02", pan=OTHER_PAN)
            play.reverse()
        case _:
            spend(play, defect)
    play.wait()


def spend(play: Play, defect: str) -> None:
    """What a fleet does that meets a defect of amounts."""
    match defect:
        case "partial-as-difference":
            play.withdraw()
            play.reverse(actual_minor=2000)
        case "round-to-whole-units":
            play.serve(Purpose.BILL_PAYMENT, amount_minor=3550, payee="E1")
        case "reverse-to-first-account":
            play.withdraw(from_account=AccountType.SAVINGS)
            play.reverse(from_account=AccountType.SAVINGS)
        case "post-declined":
            assert play.withdraw(amount_minor=60_000).outcome is Outcome.AMOUNT_LIMIT
        case "keep-reversed-deposit":
            play.serve(Purpose.DEPOSIT, amount_minor=5000)
            assert play.reverse(service=Purpose.DEPOSIT).outcome is Outcome.APPROVED
        case "credit-suspect-dispense":
            play.withdraw()
            play.reverse(reason=Reason.SUSPECT)
        case _:
            raise AssertionError(defect)


HOLD = "keep-hold-of-renumbered-completion"
WRONG = {
    "forget-unknown-reversal": (0, -5000),
    "double-post-repeat": (-5000, -10_000),
    "credit-second-reversal": (0, 5000),
    "post-late-original": (0, -5000),
    "forget-partial": (-2000, 0),
    "accept-any-mac": (0, -5000),
    "post-copy-without-repeat-digit": (-5000, -10_000),
    "forget-original-after-a-minute": (0, -5000),
    "answer-with-another-terminals-answer": (-10_000, -5000),
    "reverse-by-stan-alone": (0, -5000),
    "partial-as-difference": (-2000, -3000),
    "round-to-whole-units": (-3550, -3500),
    "reverse-to-first-account": (0, 5000),
    "post-declined": (0, -60_000),
    "keep-reversed-deposit": (0, 5000),
    "credit-suspect-dispense": (-5000, 0),
}
"""What the customer's balance changes by: in a sound host, and with the defect."""


OTHERWISE = {
    "count-unreadable-pin-as-wrong",
    "take-replayed-arqc",
    "take-used-pin-key",
    "forget-pin-changed-elsewhere",
    "forget-pin-tries-elsewhere",
    "keep-limit-used-by-reversed",
    "forget-credit-leg",
    "post-held-amount",
    HOLD,
}
"""Each has a test of its own, here or in test_defects_of_sites.py."""


def test_every_defect_is_looked_at() -> None:
    catalogues = (matching.DEFECTS, amounts.DEFECTS, security.DEFECTS)
    assert {name for each in catalogues for name in each} == WRONG.keys() | OTHERWISE


@pytest.mark.parametrize("defect", WRONG)
def test_the_money_is_right_without_the_defect_and_wrong_with_it_at_both_sites(defect: str) -> None:
    sound, spoilt = Play(), Play(defects=[defect])
    drill(sound, defect)
    drill(spoilt, defect)
    assert (sound.change("A"), spoilt.change("A")) == WRONG[defect]
    assert (sound.change("B"), spoilt.change("B")) == WRONG[defect]


def test_a_late_original_is_approved_and_posted_without_a_word_of_the_tombstone() -> None:
    play = Play(defects=["post-late-original"])
    play.reverse()
    said = play.withdraw()
    assert said.outcome is Outcome.APPROVED
    assert TombstoneHit(key=key(7)) not in said.facts
    assert len(said.entries()) == 1


def test_a_second_credit_of_nothing_is_no_entry() -> None:
    play = Play(defects=["credit-second-reversal"])
    play.withdraw()
    play.reverse(actual_minor=5000)
    assert play.reverse(actual_minor=5000).entries() == []


def test_a_pin_that_cannot_be_read_uses_up_the_tries() -> None:
    for defects, last in (([], Outcome.APPROVED), (["count-unreadable-pin-as-wrong"], Outcome.PIN_TRIES_EXCEEDED)):
        play = Play(defects=defects, pin_tries_max=1)
        first = play.withdraw(1, pan=PIN_PAN, pin_block=sealed("1234", key=MASTER))
        assert first.outcome is (Outcome.WRONG_PIN if defects else Outcome.PIN_KEY_FAILED)
        assert play.withdraw(2, pan=PIN_PAN, pin_block=sealed("1234")).outcome is last


def test_a_copied_chip_is_served() -> None:
    for defects, outcome in (((), Outcome.CHIP_FAILED), (("take-replayed-arqc",), Outcome.APPROVED)):
        card = Chipped(defects=defects)
        card.serve(**card.asks())
        card.chip.atc -= 1
        assert card.serve(**card.asks()).outcome is outcome


def test_a_pin_under_a_key_that_has_served_is_taken() -> None:
    for defects, outcome in (((), Outcome.PIN_KEY_FAILED), (("take-used-pin-key",), Outcome.APPROVED)):
        host = Counted(defects=defects)
        host.withdraw(3)
        assert [host.withdraw(counter).outcome for counter in (3, 1)] == [outcome] * 2


def test_a_defect_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(LocalError, match="forget-unknown-reversal, double-post-repeat"):
        Play(defects=["forget-everything"])


def test_a_completion_with_numbers_of_its_own_leaves_the_hold_beside_the_posting_at_both_sites() -> None:
    play = Play(defects=[HOLD], post_at="completion")
    play.withdraw(amount_minor=5000)
    play.complete(amount_minor=5000, rrn="000000000002")
    play.complete(amount_minor=5000, rrn="000000000002", repeat=True)
    play.wait()
    for site in ("A", "B"):
        assert (play.change(site), play.holds(site)) == (-5000, {CURRENT: 5000})


@pytest.mark.parametrize(("defects", "rrn"), [((), "000000000002"), ((HOLD,), "000000000001")])
def test_a_completion_whose_hold_is_found_takes_its_place(defects: tuple[str, ...], rrn: str) -> None:
    play = Play(defects=defects, post_at="completion")
    play.withdraw(amount_minor=5000)
    play.complete(amount_minor=5000, rrn=rrn)
    play.wait()
    for site in ("A", "B"):
        assert (play.change(site), play.holds(site)) == (-5000, {})


def test_half_a_transfer_stays_with_the_bank() -> None:
    for defects, arrived in (((), 5000), (("forget-credit-leg",), 0)):
        play = Play(defects=defects)
        accounts: dict[str, Any] = {"from_account": AccountType.CURRENT, "to_account": AccountType.SAVINGS}
        play.serve(Purpose.TRANSFER, amount_minor=5000, **accounts)
        play.wait()
        for site in ("A", "B"):
            assert (play.change(site), play.change(site, SAVINGS)) == (-5000, arrived)


def test_what_was_held_is_posted_whatever_came_out() -> None:
    for defects, posted in (((), -2000), (("post-held-amount",), -5000)):
        play = Play(defects=defects, post_at="completion")
        play.withdraw(amount_minor=5000)
        play.complete(amount_minor=5000, actual_minor=2000)
        play.wait()
        assert (play.change("A"), play.change("B"), play.holds("A")) == (posted, posted, {})
