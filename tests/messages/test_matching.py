"""Keys: one name per transaction, whoever tells it."""

from atmbench.messages.matching import STAN_MAX, next_stan, transaction_key
from atmbench.messages.records import Purpose
from tests.messages.samples import DIALECT, REVERSAL, SIGN_ON, WITHDRAWAL


def test_year_or_no_year_is_one_transaction() -> None:
    assert transaction_key("T07", 118, "251123203000") == transaction_key("T07", 118, "1123203000")
    assert transaction_key("T07", 118, "1123203000") != transaction_key("T08", 118, "1123203000")


def test_the_stan_rolls_from_its_largest_to_one() -> None:
    assert next_stan(118) == 119
    assert next_stan(STAN_MAX) == 1


def test_class_terminal_and_stan_make_the_key() -> None:
    keys = [DIALECT.request_key(request) for request in (SIGN_ON, WITHDRAWAL, REVERSAL)]
    assert [(key.mti_class, key.terminal, key.stan) for key in keys] == [
        ("08", "T0000007", 1),
        ("02", "T07", 118),
        ("04", "T07", 119),
    ]
    assert SIGN_ON.purpose is Purpose.SIGN_ON
