import itertools

import pytest

from atmbench.audit.book import Book
from atmbench.audit.casebook import Casebook
from atmbench.audit.judge import CHECKS, judge, judge_book, judge_one
from atmbench.audit.verdict import FINDINGS_MAX, Finding, Status, Verdict, count, judged, listed, merge
from atmbench.errors import LocalError
from atmbench.facts import RunEnded, RunStarted
from tests.audit.builders import Tape

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN


@pytest.mark.parametrize("statuses", list(itertools.product(Status, repeat=3)))
def test_any_fail_fails_and_any_unknown_spoils_a_pass(statuses: tuple[Status, ...]) -> None:
    expected = FAIL if FAIL in statuses else UNKNOWN if UNKNOWN in statuses else PASS
    assert merge(statuses) is expected


def test_nothing_judged_is_unknown() -> None:
    assert merge([]) is UNKNOWN


def test_findings_are_bounded() -> None:
    verdict = judged("x", "good", "bad", [Finding("k", "wrong")] * (FINDINGS_MAX + 5))
    assert (verdict.status, len(verdict.findings)) == (FAIL, FINDINGS_MAX)


def test_numbers_in_words() -> None:
    assert [count(1, "reply", "replies"), count(1200, "fact")] == ["1 reply", "1,200 facts"]
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"


def test_a_check_that_raises_is_unknown_with_its_text() -> None:
    def broken(book: Book) -> Verdict:
        raise ZeroDivisionError("by naught")

    def misused(book: Book) -> Verdict:
        raise LocalError("the history is of another version")

    audit = judge_book(Casebook(), {"broken": broken, "misused": misused})
    assert [verdict.status for verdict in audit.verdicts] == [UNKNOWN, UNKNOWN]
    assert audit.verdict("broken").because == "the check itself failed: ZeroDivisionError: by naught"
    assert audit.verdict("misused").because == "the history is of another version"
    assert audit.status is UNKNOWN


def test_a_right_history_passes_every_check() -> None:
    tape = Tape(approved_min=1)
    tape.withdraw(1, stan=118)
    tape.lost_reply(20, stan=119)
    audit = tape.judge()
    assert {verdict.check: verdict.status for verdict in audit.verdicts} == dict.fromkeys(CHECKS, PASS)
    assert audit.status is PASS


@pytest.mark.parametrize("check", CHECKS)
def test_an_empty_history_proves_nothing(check: str) -> None:
    assert judge_one(check, CHECKS[check], Casebook()).status is UNKNOWN


@pytest.mark.parametrize("check", CHECKS)
def test_a_run_without_an_end_proves_nothing(check: str) -> None:
    tape = Tape()
    tape.withdraw(1)
    tape.without = (RunEnded,)
    verdict = tape.judge().verdict(check)
    assert verdict.status is UNKNOWN
    assert "no RunEnded" in verdict.because


def test_a_run_without_a_beginning_has_no_figures() -> None:
    tape = Tape()
    tape.withdraw(1)
    tape.without = (RunStarted,)
    audit = tape.judge()
    assert (audit.status, audit.totals, audit.failover) == (UNKNOWN, None, None)


def test_expectations_of_another_version_are_unknown() -> None:
    tape = Tape()
    broken = [RunStarted(drill="d", proves="p", seed=1, venue="virtual", version="9", currency="NGN",
                         expect={"no_such": 1}, lines={"primary": "A"})]  # fmt: skip
    tape.without = (RunStarted,)
    verdict = judge([*broken, *tape.play()]).verdict("expected")
    assert verdict.status is UNKNOWN
    assert "no_such" in verdict.because


def test_a_verdict_keeps_its_name_its_sentence_and_so_many_findings() -> None:
    findings = [Finding("", str(number)) for number in range(FINDINGS_MAX + 1)]
    verdict = judged("money", "right", "wrong", findings)
    assert (verdict.check, verdict.status, verdict.because) == ("money", Status.FAIL, "wrong")
    assert verdict.findings == tuple(findings[:FINDINGS_MAX])
    assert judged("money", "right", "wrong", []) == Verdict("money", Status.PASS, "right")


def test_a_list_of_words_ends_with_how_many_are_left() -> None:
    words = ["a", "b", "c", "d", "e", "f", "g"]
    assert listed(words[:5]) == "a, b, c, d, e"
    assert listed(words[:6]) == "a, b, c, d, e and 1 more"
    assert listed(words, 2) == "a, b and 5 more"
