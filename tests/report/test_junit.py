from xml.etree import ElementTree

import msgspec

from atmbench.audit.judge import CHECKS, judge
from atmbench.audit.verdict import Finding, Status, Verdict
from atmbench.facts import RunEnded
from atmbench.report import junit, text
from atmbench.report.story import stories
from tests.audit.builders import Tape
from tests.report.small import WRONG, small


def suite_of(xml: str) -> ElementTree.Element:
    suite = ElementTree.fromstring(xml).find("testsuite")
    assert suite is not None
    return suite


def test_one_case_per_check_and_failures_hold_their_stories() -> None:
    audit = judge(small())
    suite = suite_of(junit.render(audit, stories(small(), text.keys_to_tell(audit)), replay="atmbench run small"))
    assert [case.get("name") for case in suite.iter("testcase")] == list(CHECKS)
    failed = {verdict.check for verdict in audit.verdicts if verdict.status is Status.FAIL}
    assert {case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None} == failed
    assert suite.get("failures") == str(len(failed))
    failure = suite.find("testcase[@name='money']/failure")
    assert failure is not None
    assert failure.get("message") == audit.verdict("money").because
    assert failure.text is not None
    assert WRONG in failure.text
    assert "customer took 50.00" in failure.text
    assert suite.findtext("system-out") == "replay: atmbench run small"


def test_unknown_is_an_error() -> None:
    tape = Tape()
    tape.without = (RunEnded,)
    suite = suite_of(junit.render(judge(tape.play())))
    assert suite.get("errors") == str(len(CHECKS))
    assert suite.get("failures") == "0"


def test_seed_venue_and_defects_are_properties() -> None:
    suite = suite_of(junit.render(judge(small())))
    properties = {each.get("name"): each.get("value") for each in suite.iter("property")}
    assert properties == {"seed": "7", "venue": "virtual", "version": "0.1.0", "defects": "double-post-repeat"}


def test_bytes_of_a_peer_cannot_break_the_document() -> None:
    audit = judge(small())
    dirty = Verdict("money", Status.FAIL, "odd \x00 & <bytes>", (Finding("k", "\x1b[31m ]]>"),))
    suite = suite_of(junit.render(msgspec.structs.replace(audit, verdicts=(dirty,))))
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "odd ? & <bytes>"


def test_an_empty_history_has_a_document() -> None:
    assert suite_of(junit.render(judge([]))).get("errors") == str(len(CHECKS))
