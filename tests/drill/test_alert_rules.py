"""Monitoring in drill files: what it may say, and the sentence for each broken rule."""

import re

import pytest

from atmbench.datafile import DataFileError
from atmbench.drill.load import parse_drill

HEAD = "drill: d\nproves: it holds\nworkload: {}\nheal: {at: 10}\n"
AGE = "atmbench_replication_oldest_age_seconds"
GOOD = f"monitoring: {{alerts: {{late: {{metric: {AGE}, where: {{site: B}}, above: 5}}}}}}\n"


def test_a_rule_and_what_is_expected_of_it() -> None:
    drill = parse_drill(HEAD + GOOD + "expect: {alerts: {late: {within_s: 8}}}\n", "d.yaml")
    assert drill.monitoring is not None
    assert (drill.monitoring.every_s, drill.monitoring.alerts["late"].above) == (1.0, 5.0)
    assert drill.expect.alerts["late"].within_s == 8


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("{metric: atmbench_nothing, above: 1}", "found metric 'atmbench_nothing'"),
        (f"{{metric: {AGE}}}", "found above and below, or neither, meant exactly one of them"),
        (f"{{metric: {AGE}, above: 1, below: 2}}", "found above and below, or neither, meant exactly one of them"),
        (f"{{metric: {AGE}, above: 1, where: {{line: primary}}}}", f"found label of {AGE} 'line'"),
        ("{metric: atmbench_response_seconds, above: 1}", "found a histogram, which has no one value"),
        (f"{{metric: {AGE}, above: 1, increase_s: 10}}", "found the growth of a gauge, meant a counter"),
        (
            "{metric: atmbench_reversals_total, above: 1, increase_s: 0.5}",
            "found 0.5 s, meant between one evaluation (1 s) and 10,000 of them",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_said_to_be_so(rule: str, says: str) -> None:
    with pytest.raises(DataFileError, match=re.escape(says)):
        parse_drill(f"{HEAD}monitoring: {{alerts: {{late: {rule}}}}}\n", "d.yaml")


@pytest.mark.parametrize(
    ("before", "wanted", "says"),
    [
        ("", "{never: true}", "found an alert where nothing watches"),
        (GOOD, "{}", "found never with times, or neither, meant never: true, or within_s"),
        (GOOD, "{never: true, within_s: 3}", "found never with times, or neither"),
        (GOOD, "{cleared_s: 3}", "found no time in which it must fire, meant within_s beside it"),
    ],
)
def test_an_expectation_that_cannot_be_is_said_to_be_so(before: str, wanted: str, says: str) -> None:
    with pytest.raises(DataFileError, match=re.escape(says)):
        parse_drill(f"{HEAD}{before}expect: {{alerts: {{late: {wanted}}}}}\n", "d.yaml")
