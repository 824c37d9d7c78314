"""What the check `releases` says, word for word, of releases that were deployed and of signs that they disagree."""

from typing import Any

import pytest

from atmbench.audit.verdict import Finding, Status, Verdict
from atmbench.facts import (
    FrameRefused,
    MessageReceived,
    MessageSent,
    ReleaseDeployed,
    ReleaseRolledBack,
)
from tests.audit.builders import Tape, key_of

KEY = key_of("T01", 118)
TOO_LONG = "site B with release new: its answers cannot be read by terminals of release N; they stop at DE48"
ODD = "site B with release new: its answers cannot be read by terminals of release N; they stop at DE4"


def deploy(tape: Tape, t: float, place: str, release: str = "new") -> None:
    side = "terminal" if place.startswith("T") else "host"
    tape.add(t, place, ReleaseDeployed(release=release, side=side, before="N"))


def roll_back(tape: Tape, t: float, site: str) -> None:
    tape.add(t, site, ReleaseRolledBack(release="N", side="host", before="new"))


def read(tape: Tape, t: float, place: str) -> None:
    """A place reads a message that shows nothing."""
    got = MessageReceived(terminal="T01", line="secondary", purpose="echo", mti="0800", stan=1, fields={})
    tape.add(t, place, got)


def misread(tape: Tape, t: float, field: str = "48", position: int | None = None) -> None:
    """T01 cannot read an answer of site B. Without a position nothing in the catalogue shows so."""
    tape.add(t, "T01", FrameRefused(line="secondary", because="x", size=9, field=field, position=position))


def other_code(tape: Tape, t: float, stan: int) -> str:
    """T01 takes a decline of site B for an approval."""
    key = key_of("T01", stan)
    answer: dict[str, Any] = {
        "terminal": "T01",
        "line": "secondary",
        "purpose": "echo",
        "mti": "0810",
        "stan": stan,
        "fields": {},
    }
    tape.add(t, "B", MessageSent(**answer, key=key, code="05", outcome="declined"))
    tape.add(t + 0.1, "T01", MessageReceived(**answer, key=key, code="05", outcome="approved"))
    return key


OTHER_CODE = "site B with release new: its code 05 means declined, and approved to terminals of release N"


def verdict(tape: Tape) -> Verdict:
    return tape.judge().verdict("releases")


def number(tape: Tape, t: float, actor: str) -> int:
    """The line of a fact in the history."""
    return 1 + [(fact.t, fact.actor) for fact in tape.play()].index((t, actor))


# --- nothing has shown ------------------------------------------------------------------------------


def test_where_a_release_ran_and_what_it_has_read_is_told() -> None:
    tape = Tape(terminals=("T01", "T02", "T03"))
    deploy(tape, 5, "B")
    for t in (6.0, 7.0):
        read(tape, t, "B")
    assert verdict(tape) == Verdict(
        "releases", Status.PASS, "new at site B: 2 messages read there, and nothing that does not go together"
    )
    for terminal in ("T01", "T02"):
        deploy(tape, 8, terminal, "card")
        read(tape, 9, terminal)
    deploy(tape, 8, "A", "card")
    deploy(tape, 8, "T03", "new")
    for place in ("A", "T03"):
        read(tape, 10, place)
    where = "new at site B, card at site A, card at 2 terminals and 1 more"
    assert verdict(tape).because == f"{where}: 6 messages read there, and nothing that does not go together"


def test_a_single_message_that_one_terminal_has_read_is_told() -> None:
    tape = Tape()
    deploy(tape, 5, "T01")
    read(tape, 6, "T01")
    assert verdict(tape).because == ("new at 1 terminal: 1 message read there, and nothing that does not go together")


def test_deployments_that_met_no_message_are_told_and_prove_nothing() -> None:
    tape = Tape(terminals=("T01", "T02"))
    deploy(tape, 5, "B")
    unproven = "1 deployment met no message, and so no proof: new at site B"
    assert verdict(tape) == Verdict("releases", Status.UNKNOWN, unproven)
    for terminal in ("T01", "T02"):
        deploy(tape, 6, terminal)
    unproven = "2 deployments met no message, and so no proof: new at site B, new at terminals"
    assert verdict(tape).because == unproven
    read(tape, 7, "T02")
    unproven = "1 deployment met no message, and so no proof: new at site B"
    assert verdict(tape).because == unproven, "one of the terminals is enough"
    read(tape, 7, "B")
    roll_back(tape, 8, "B")
    deploy(tape, 9, "B")
    assert verdict(tape).status is Status.PASS, "a site that has it a second time has proven it the first time"


# --- something has ----------------------------------------------------------------------------------


def test_signs_that_nobody_expected_are_findings_with_their_names() -> None:
    tape = Tape()
    deploy(tape, 5, "B")
    read(tape, 6, "B")
    first = other_code(tape, 10, 118)
    other_code(tape, 11, 119)
    misread(tape, 12, position=3)
    misread(tape, 13, "4")
    findings = (
        Finding(first, f"{OTHER_CODE} (2 times): new-response-code", (number(tape, 10.1, "T01"),)),
        Finding("", f"{TOO_LONG}: longer-field", (number(tape, 12, "T01"),)),
        Finding("", f"{ODD}: not in the catalogue", (number(tape, 13, "T01"),)),
    )
    three = ", ".join(each.says for each in findings)
    assert verdict(tape) == Verdict("releases", Status.FAIL, f"3 findings: {three}", findings)


def test_names_that_were_to_be_found_and_were_not_are_findings() -> None:
    tape = Tape(incompatible=("time-zone",))
    missing = Finding("", "time-zone was to be found, and was not")
    assert verdict(tape) == Verdict("releases", Status.FAIL, f"1 finding: {missing.says}", (missing,))
    tape = Tape(incompatible=("longer-field", "time-zone", "changed-mac-range"))
    deploy(tape, 5, "B")
    for t in (6.0, 7.0):
        misread(tape, t)
    misread(tape, 8, position=3)
    other_code(tape, 9, 118)
    found = verdict(tape)
    assert [each.says for each in found.findings] == [
        f"{TOO_LONG} (2 times): not in the catalogue",
        f"{OTHER_CODE}: new-response-code",
        "time-zone was to be found, and was not",
        "changed-mac-range was to be found, and was not",
    ]
    assert found.because == f"4 findings: {', '.join(each.says for each in found.findings[:3])} and 1 more"


def test_names_that_were_expected_are_told_with_their_times() -> None:
    tape = Tape(incompatible=("longer-field", "new-response-code"))
    deploy(tape, 5, "B")
    read(tape, 6, "B")
    other_code(tape, 7, 118)
    misread(tape, 8, position=3)
    told = [f"{OTHER_CODE}: new-response-code at 7.100 s", f"{TOO_LONG}: longer-field at 8.000 s"]
    assert verdict(tape) == Verdict("releases", Status.PASS, f"named before it spread: {', '.join(told)}")
    deploy(tape, 9, "T01", "card")
    read(tape, 9.5, "T01")
    other_code(tape, 10, 119)
    misread(tape, 11, position=3)
    told += [each.replace("release N", "release card") for each in told]
    told[2] = told[2].replace("7.1", "10.1")
    found = verdict(tape)
    assert found.status is Status.PASS
    assert found.because == f"named before it spread: {', '.join(told[:3])} and 1 more"


# --- too late ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deployed_t", "back_t", "is_late"),
    [
        (7.0, None, True),
        (12.0, None, True),
        (12.5, None, False),
        (7.0, 12.5, True),
        (7.0, 12.0, False),
    ],
)
def test_a_release_that_another_site_has_when_it_shows_has_spread(
    deployed_t: float, back_t: float | None, is_late: bool
) -> None:
    tape = Tape(incompatible=("longer-field",))
    deploy(tape, 5, "B")
    deploy(tape, deployed_t, "A")
    for site in ("A", "B"):
        read(tape, 13, site)
    if back_t is not None:
        roll_back(tape, back_t, "A")
    misread(tape, 12, position=3)
    says = f"longer-field shows at 12.000 s only, and site A has release new since {deployed_t:.3f} s"
    facts = (number(tape, 12, "T01"), number(tape, deployed_t, "A"))
    assert verdict(tape).findings == ((Finding("", says, facts),) if is_late else ())


def test_each_name_that_shows_too_late_is_told_once_and_one_that_has_no_name_too() -> None:
    tape = Tape(incompatible=("longer-field",))
    deploy(tape, 5, "B")
    deploy(tape, 7, "A")
    for t in (10.0, 14.0):
        misread(tape, t, position=3)
        misread(tape, t + 1)
    spread = "and site A has release new since 7.000 s"
    assert [each.says for each in verdict(tape).findings] == [
        f"{TOO_LONG} (2 times): not in the catalogue",
        f"longer-field shows at 10.000 s only, {spread}",
        f"something without a name shows at 11.000 s only, {spread}",
    ]


@pytest.mark.parametrize(("place", "release"), [("A", "other"), ("T02", "new"), ("B", "new")])
def test_only_another_site_with_the_same_release_counts(place: str, release: str) -> None:
    tape = Tape(terminals=("T01", "T02"), incompatible=("longer-field",))
    deploy(tape, 5, "B")
    deploy(tape, 7, place, release)
    for each in ("B", place):
        read(tape, 8, each)
    misread(tape, 10, position=3)
    assert verdict(tape).status is Status.PASS, verdict(tape)


def test_what_terminals_have_is_tried_at_one_site_after_the_other() -> None:
    tape = Tape(incompatible=("longer-field",))
    deploy(tape, 5, "T01", "card")
    deploy(tape, 6, "A", "card")
    for place in ("A", "T01"):
        read(tape, 8, place)
    misread(tape, 10, position=3)
    says = "site B with release N: its answers cannot be read by terminals of release card; they stop at DE48"
    assert verdict(tape).because == f"named before it spread: {says}: longer-field at 10.000 s"
