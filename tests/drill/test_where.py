"""Facts that a drill means."""

import pytest

from atmbench.drill.where import fact_fits
from atmbench.facts import ReplyIgnored

LATE = ReplyIgnored(actor="T01", line="primary", reason="late", mti="1210", stan=7, key="k", approved=True)


@pytest.mark.parametrize(
    ("where", "fits"),
    [
        ({}, True),
        ({"reason": "late", "stan": 7}, True),
        ({"reason": "late", "stan": 8}, False),
        ({"actor": "T01", "approved": True}, True),
        ({"no_such_value": "late"}, False),
        ({"mti": "1210"}, True),
        ({"mti": "x210"}, True),
        ({"mti": "x2xx"}, True),
        ({"mti": "x430"}, False),
        ({"mti": "x21"}, False),
        ({"reason": "xate"}, False),
    ],
)
def test_all_values_must_fit_and_an_x_in_an_mti_is_any_digit(where: dict[str, str | int | bool], fits: bool) -> None:
    assert fact_fits(LATE, where) is fits
