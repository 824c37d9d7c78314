"""Whose money it is: a request that a site got otherwise than it was sent is named, though the sums agree."""

import pytest

from atmbench.drill.load import parse_drill
from atmbench.run.runner import RunResult, run_drill
from atmbench.run.source import Source

DRILL = """
drill: altered
proves: a request that was altered on its way is found
terminals: 2
workload: {{every_s: 10, mix: {{{service}: 1}}}}
steps:
  - {{at: 1, fault: {{kind: set_field, direction: request, mti: "0200", field: {field}, value: "{value}"}}}}
heal: {{at: 60, within_s: 100}}
"""


def run(service: str, field: int, value: str) -> RunResult:
    text = DRILL.format(service=service, field=field, value=value)
    return run_drill(Source(parse_drill(text, "altered"), text, "altered"))


@pytest.mark.parametrize(
    ("service", "field", "value"),
    [
        ("withdrawal", 2, "9999990000000014"),
        ("withdrawal", 3, "011000"),
        ("transfer", 3, "401020"),
        ("bill_payment", 103, "1000000099"),
    ],
)
def test_money_of_somebody_else_is_found(service: str, field: int, value: str) -> None:
    money = run(service, field, value).audit.verdict("money")
    assert money.status == "FAIL"
    assert all(f"got another DE{field} than was sent" in finding.says for finding in money.findings)


def test_a_field_that_names_no_money_may_differ() -> None:
    assert run("withdrawal", 18, "6010").audit.verdict("money").status == "PASS"


@pytest.mark.parametrize(("field", "value"), [(11, "000999"), (12, "235959"), (13, "1231")])
def test_a_request_under_another_name_is_told_from_the_customer_to_what_the_site_did(field: int, value: str) -> None:
    report = run("withdrawal", field, value).report
    findings = report[report.index("FINDINGS of money") :]
    story = findings[: findings.index("\n  - ", findings.index("\n  - ") + 1)]
    parts = ("asked, STAN", "sent 0200", f"(set_field) on primary, 0200 request: DE{field}", "got 0200", "posted:")
    places = [story.find(part) for part in parts]
    assert -1 not in places, story
    assert places == sorted(places), story
