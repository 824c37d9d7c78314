"""Each sign that two releases do not go together, from facts that show it, and the nearest thing that does not."""

from typing import Any

import pytest

from atmbench.audit import release_log
from atmbench.audit.release_log import Deployment, ReleaseLog, Sign
from atmbench.facts import (
    ReleaseDeployed,
    ReleaseRolledBack,
    ReplyIgnored,
)
from tests.audit.builders import stamped
from tests.audit.releasing import (
    KEY,
    RELEASED,
    Told,
    disturbed,
    got,
    log_of,
    refused,
    sent,
    signs,
)

# --- where what runs --------------------------------------------------------------------------------


def test_a_deployment_lasts_until_the_next_at_its_place() -> None:
    log = log_of(
        got(6.0),
        got(7.0),
        (8.0, "B", ReleaseDeployed(release="newer", side="host", before="new")),
        got(9.0),
        (10.0, "B", ReleaseRolledBack(release="N", side="host", before="newer")),
        got(11.0),
    )
    assert log.deployments == [
        Deployment("B", "host", "new", 5.0, 2, until=8.0, heard=2),
        Deployment("B", "host", "newer", 8.0, 5, until=10.0, heard=1),
    ]
    assert log.is_used
    assert not ReleaseLog().is_used


def test_deployments_are_kept_up_to_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_log, "DEPLOYMENTS_MAX", 2)
    again = [(6.0 + n, "A", ReleaseDeployed(release=f"r{n}", side="host", before="N")) for n in range(3)]
    assert [each.release for each in log_of(*again).deployments] == ["new", "r0"]


# --- what a site reads ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "found"),
    [
        (KEY, []),
        ("", []),
        (
            "T01/000119/0105090012",
            [("changed-original-layout", "it takes reversals of {} for those of other transactions")],
        ),
        ("T01/000118/0105100012", [("time-zone", "it reads local times of {} as 1 h later")]),
        ("T01/000118/0105070012", [("time-zone", "it reads local times of {} as 2 h earlier")]),
        ("T01/000118/0105090013", []),
    ],
)
def test_what_a_site_takes_a_message_to_be_about(key: str, found: list[tuple[str, str]]) -> None:
    of = "terminals of release N"
    expected = [(name, f"site B with release new: {says.format(of)}") for name, says in found]
    assert signs(sent(10.0), got(10.1, key=key)) == expected


def test_a_sign_keeps_where_and_when_it_was_first_seen_and_how_often() -> None:
    later = [each for n in range(3) for each in (sent(20.0 + n, 200 + n), got(20.1 + n, 200 + n, key="T01/000119/x"))]
    log = log_of(sent(10.0), got(10.1, key="T01/000118/0105100012"), *later)
    zone, original = log.signs.values()
    says = "site B with release new: it reads local times of terminals of release N as 1 h later"
    assert zone == Sign("time-zone", "host", "new", "B", says, 10.1, 4, KEY, 1)
    assert (original.name, original.times, original.t, original.fact, original.key) == (
        "changed-original-layout",
        3,
        20.1,
        6,
        KEY,
    )


def test_signs_are_kept_up_to_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_log, "SIGNS_MAX", 1)
    odd = (sent(10.0), got(10.1, key="T01/000118/0105100012"), sent(11.0, 119), got(11.1, 119, key="T01/000001/x"))
    assert len(log_of(*odd).signs) == 1


def test_without_a_release_there_is_nothing_to_put_a_sign_down_to() -> None:
    odd = (sent(10.0), got(10.1, actor="A", key="T01/000118/0105100012"))
    assert signs(*odd) == []
    [(name, says)] = signs(*odd, deployed="T01")
    assert (name, says) == (
        "time-zone",
        "site A with release N: it reads local times of terminals of release new as 1 h later",
    )


@pytest.mark.parametrize(("t", "is_seen"), [(70.0, False), (70.1, True)])
def test_what_a_fault_has_altered_shows_nothing_for_a_minute(t: float, is_seen: bool) -> None:
    odd = (sent(t), got(t, key="T01/000118/0105100012"))
    assert bool(signs(disturbed(10.0), *odd)) is is_seen
    assert signs(disturbed(t, "duplicate"), *odd)
    assert signs(disturbed(t, terminal="T02"), *odd)
    assert signs(disturbed(t, line="primary"), *odd)


def test_a_terminal_whose_name_was_garbled_may_have_any_name() -> None:
    says = "site B with release new: it reads local times of terminals of release N as 1 h later"
    log = log_of(sent(10.0, key="T/1/000118/0105090012"), got(10.1, key="T/1/000118/0105100012"))
    assert [(sign.name, sign.says) for sign in log.signs.values()] == [("time-zone", says)]


def test_without_its_beginning_a_history_tells_nothing_of_sites() -> None:
    log = ReleaseLog()
    told = (sent(10.0), refused(11.0), refused(11.0, "T01"), got(12.0, key="T01/000119/0105090012"))
    for number, (t, actor, fact) in enumerate((*told, (13.0, "B", RELEASED), *told), 1):
        log.add(stamped(t, actor, fact), number)
    what = "it takes reversals of terminals of release N for those of other transactions"
    assert list(log.signs.values()) == [
        Sign(release_log.ORIGINAL, "host", "new", "B", f"site B with release new: {what}", 12.0, 9, KEY)
    ]


def test_a_cutover_shows_nothing() -> None:
    assert signs(sent(10.0, purpose="cutover"), got(10.1, key="T01/000119/x")) == []
    assert signs(sent(10.0), got(10.1, purpose="cutover", key="T01/000119/x")) == []


# --- what a terminal reads --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "outcome", "is_seen"), [("05", "approved", True), ("05", "not_sure", False), ("00", "approved", False)]
)
def test_a_code_that_means_one_thing_here_and_another_there_is_named(code: str, outcome: str, is_seen: bool) -> None:
    answer = sent(10.0, actor="B", code="05", outcome="not_sure")
    read = got(10.1, actor="T01", code=code, outcome=outcome)
    says = "site B with release new: its code 05 means not sure, and approved to terminals of release N"
    assert signs(answer, read) == ([("new-response-code", says)] if is_seen else [])


def test_an_answer_that_cannot_be_read_is_named_by_where_it_stops() -> None:
    says = "site B with release new: its answers cannot be read by terminals of release N; they stop at DE48"
    assert signs(refused(10.0, "T01", position=7)) == [("longer-field", says)]
    assert signs(refused(10.0, "T01")) == [("", says)]
    assert signs(refused(10.0, "T01", line="unknown")) == []
    assert signs(disturbed(9.0), refused(10.0, "T01")) == []


def test_an_answer_that_fits_no_request_is_named() -> None:
    def ignored(reason: str = "unmatched", stan: int = 118, line: str = "secondary") -> Told:
        return 10.0, "T01", ReplyIgnored(line=line, reason=reason, mti="0210", stan=stan)

    says = "site B with release new: its answers fit no request of terminals of release N: they carry another STAN"
    assert signs(ignored()) == [("other-matching-key", says)]
    assert signs(ignored("late")) == []
    assert signs(ignored(line="unknown")) == []
    assert signs(sent(9.0), ignored()) == []
    assert signs(sent(9.0, actor="B"), ignored()) == [("other-matching-key", says)]
    assert signs(disturbed(9.0), ignored()) == []


# --- what a site refuses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "name", "what"),
    [
        (
            {"value": "original"},
            "changed-original-layout",
            "it cannot read DE48 in messages of {}, which names the original",
        ),
        (
            {"value": "original", "position": 3},
            "changed-original-layout",
            "it cannot read DE48 in messages of {}, which names the original",
        ),
        ({"value": "reason"}, "reversal-reason-moved", "reversals of {} are refused: it wants their reason in DE48"),
        ({"value": "reason", "field": "4"}, "", "it takes DE4 of {} for something else"),
        ({}, "new-mandatory-field", "{} are refused for DE48, which they do not send"),
        ({"position": 3}, "longer-field", "it cannot read messages of {}; it stops at DE48"),
        ({"field": "4"}, "", "it takes DE4 of {} for something else"),
    ],
)
def test_what_a_site_refuses_is_named_by_what_it_wanted(values: dict[str, Any], name: str, what: str) -> None:
    says = f"site B with release new: {what.format('terminals of release N')}"
    log = log_of(sent(10.0, fields={"4": "1"}), refused(10.1, **values))
    assert [(sign.name, sign.says, sign.key) for sign in log.signs.values()] == [(name, says, KEY)]


def test_a_site_that_stops_elsewhere_too_reads_something_as_too_long() -> None:
    log = log_of(
        sent(10.0), refused(10.1, position=3), sent(11.0, 119), refused(11.1, value="original", position=5, field="90")
    )
    assert [sign.name for sign in log.signs.values()] == ["longer-field"]
    original = (sent(11.0, 119), refused(11.1, value="original", position=5, field="90"))
    log = log_of(sent(10.0), refused(10.1), *original)
    assert [sign.name for sign in log.signs.values()] == ["new-mandatory-field", "changed-original-layout"]
    of_a = (sent(10.0, 117, line="primary"), refused(10.1, "A", position=3))
    log = log_of((6.0, "A", ReleaseDeployed(release="newer", side="host", before="N")), *of_a, *original)
    assert [(sign.name, sign.site) for sign in log.signs.values()] == [
        ("longer-field", "A"),
        ("changed-original-layout", "B"),
    ]


def test_a_frame_that_cannot_be_read_is_the_oldest_that_was_not_read() -> None:
    log = log_of(sent(10.0), sent(11.0, 119, key="second"), got(11.5), refused(12.0))
    assert [sign.key for sign in log.signs.values()] == ["second"]
    log = log_of(sent(10.0), sent(11.0, 119, key="second"), refused(12.0), refused(12.0, position=3))
    assert [(sign.name, sign.key) for sign in log.signs.values()] == [
        ("new-mandatory-field", KEY),
        ("longer-field", "second"),
    ]
    assert signs(sent(10.0), refused(70.1)) == []
    assert len(signs(sent(10.0), refused(70.0))) == 1
    assert signs(refused(10.0)) == []
    assert signs(sent(10.0, line="primary"), refused(10.1)) == []
    assert signs(disturbed(9.0), sent(10.0), refused(10.1)) == []


def test_messages_are_remembered_up_to_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_log, "MESSAGES_KEPT_MAX", 2)
    late = "T01/000118/0105100012"
    assert signs(sent(10.0), sent(11.0, 119), got(12.0, key=late)) != []
    assert signs(sent(10.0), sent(11.0, 119), sent(11.1, 120), got(12.0, key=late)) == []
    assert signs(sent(10.0), sent(11.0, 119), sent(11.1, 118), sent(11.2, 120), got(12.0, key=late)) != []
