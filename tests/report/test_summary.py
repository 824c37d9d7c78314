import json

from atmbench.audit.judge import CHECKS, judge
from atmbench.report.summary import summary
from tests.report.small import SUSPECT, small


def test_a_summary_is_json_and_holds_the_figures() -> None:
    values = json.loads(json.dumps(summary(judge(small()))))
    assert values["status"] == "FAIL"
    assert values["run"]["seed"] == 7
    assert [check["check"] for check in values["checks"]] == list(CHECKS)
    assert [each["key"] for each in values["exceptions"]] == [SUSPECT]
    assert values["totals"]["taken_minor"] == 7000
    switch = next(figure for figure in values["failover"]["figures"] if figure["name"] == "switch")
    assert switch == {
        "name": "switch",
        "seconds": 32.1,
        "terminal": "T07",
        "budget_s": 45.0,
        "missing": [],
        "note": "",
        "status": "PASS",
    }


def test_nothing_is_a_summary_too() -> None:
    values = json.loads(json.dumps(summary(judge([]))))
    assert (values["status"], values["run"], values["totals"], values["failover"]) == ("UNKNOWN", None, None, None)
