"""Response codes: what a terminal does on them, where money or cards depend on it."""

import pytest

from atmbench.messages.records import Outcome
from tests.messages.samples import DIALECT


def test_every_outcome_is_sent_as_a_code_that_means_it() -> None:
    for outcome in Outcome:
        assert DIALECT.response(DIALECT.code(outcome)).outcome is outcome


def test_an_approval_is_no_reason_to_reverse() -> None:
    approved = DIALECT.response("00")
    assert (approved.card, approved.reverse, approved.accepts_advice) == ("return", False, True)


@pytest.mark.parametrize("code", ["ZZ", "", "0", "99", "08", "11", "16"])
def test_an_unknown_approval_is_a_failure_that_is_reversed(code: str) -> None:
    response = DIALECT.response(code)
    assert (response.code, response.outcome, response.reverse) == (code, Outcome.MALFUNCTION, True)
    assert (response.card, response.accepts_advice) == ("return", False)


def test_a_card_is_kept_on_pick_up_codes_only() -> None:
    codes = [f"{number:02d}" for number in range(100)]
    kept = [code for code in codes if DIALECT.response(code).card == "retain"]
    assert kept == ["04", "07", "33", "34", "35", "36", "37", "38", "41", "43", "67"]


@pytest.mark.parametrize("code", ["00", "21", "25", "26", "76", "94"])
def test_codes_that_end_a_stored_advice(code: str) -> None:
    response = DIALECT.response(code)
    assert (response.accepts_advice, response.retry_advice) == (True, False)


@pytest.mark.parametrize("code", ["06", "22", "68", "77", "90", "91", "96"])
def test_codes_after_which_an_advice_is_sent_again(code: str) -> None:
    response = DIALECT.response(code)
    assert (response.accepts_advice, response.retry_advice) == (False, True)


@pytest.mark.parametrize("code", ["10", "32", "68", "94", "96"])
def test_no_cash_on_these_but_the_host_may_have_posted(code: str) -> None:
    assert DIALECT.response(code).reverse


@pytest.mark.parametrize("code", ["05", "51", "54", "55", "61", "90", "91"])
def test_a_plain_decline_leaves_nothing_to_reverse(code: str) -> None:
    assert not DIALECT.response(code).reverse
