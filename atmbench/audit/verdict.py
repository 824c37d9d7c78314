"""Verdicts: what a check says, in three values, with the figures and findings behind it.

Source of the three values: Jepsen's checkers. A thing that could not be judged is UNKNOWN, never PASS.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

FINDINGS_MAX = 1_000
"""Findings one verdict keeps. The sentence of the verdict always gives the full number."""


class Status(StrEnum):
    """What a check, or all of them together, came to."""

    PASS = "PASS"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong.

    `key` names the transaction, and is empty if none is concerned. `facts` are the numbers of facts in
    the history, from 1: the lines of history.jsonl.
    """

    key: str
    says: str
    facts: tuple[int, ...] = ()


class Verdict(msgspec.Struct, frozen=True):
    """What one check says: `because` is a plain sentence with figures."""

    check: str
    status: Status
    because: str
    findings: tuple[Finding, ...] = ()


def merge(statuses: Iterable[Status]) -> Status:
    """One status of many: any FAIL is FAIL, else any UNKNOWN is UNKNOWN, else PASS. None at all is UNKNOWN."""
    seen = set(statuses)
    if Status.FAIL in seen:
        return Status.FAIL
    if Status.UNKNOWN in seen or not seen:
        return Status.UNKNOWN
    return Status.PASS


def judged(check: str, passed: str, failed: str, findings: list[Finding]) -> Verdict:
    """FAIL with the sentence `failed` if there are findings, else PASS with the sentence `passed`."""
    if findings:
        return Verdict(check, Status.FAIL, failed, tuple(findings[:FINDINGS_MAX]))
    return Verdict(check, Status.PASS, passed)


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 transaction", "10,000 transactions"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(words: Iterable[str], most: int = 5) -> str:
    """The first few words, and how many are left: "T01, T02 and 3 more"."""
    every = list(words)
    if len(every) <= most:
        return ", ".join(every)
    return f"{', '.join(every[:most])} and {len(every) - most:,} more"
