"""Signs that two releases disagree about keys, MACs and repeats; and to which release a sign is put down."""

from typing import Any

import pytest

from atmbench.audit import release_log
from atmbench.audit.release_log import Sign
from atmbench.facts import (
    ReleaseDeployed,
    RepeatAnswered,
    ReplyIgnored,
    SecurityRefused,
    SiteRebuilt,
    StepPerformed,
)
from tests.audit.releasing import (
    KEY,
    Told,
    disturbed,
    got,
    loaded,
    log_of,
    posted,
    refused,
    sent,
    signs,
)

# --- keys, MACs and repeats -------------------------------------------------------------------------


@pytest.mark.parametrize("shows", ["at the site", "at the terminal"])
def test_macs_that_disagree_with_new_keys_are_named(shows: str) -> None:
    refusal: Told = (30.0, "B", SecurityRefused(what="mac", terminal="T01", because="x"))
    if shows == "at the terminal":
        refusal = refused(30.0, "T01", because="its MAC does not agree")
    keys = (sent(10.0, purpose="key_exchange"), loaded(11.0))
    fresh = (*keys, sent(12.0, 119), got(12.1, 119))
    says = "site B with release new: MACs between it and terminals of release N do not agree, with new keys either"
    assert signs(*fresh, refusal) == [("changed-mac-range", says)]
    assert signs(*keys, refusal) == []
    assert signs(sent(12.0, 119), got(12.1, 119), refusal) == []
    assert signs(*fresh, disturbed(29.0), refusal) == []
    old = (29.0, "conductor", StepPerformed(command="keys", detail={"site": "B", "old": True}))
    assert signs(*fresh, old, refusal) == []
    new = (29.5, "conductor", StepPerformed(command="keys", detail={"site": "B", "old": False}))
    assert signs(*fresh, old, new, refusal) == []
    for t, is_seen in ((89.5, False), (89.6, True)):  # what was made with the old ones may be on its way for a minute
        later = refused(t, "T01", because="its MAC does not agree")
        assert signs(*fresh, old, later) == []
        assert bool(signs(*fresh, old, new, later)) is is_seen
    assert signs(*fresh, (30.0, "B", SecurityRefused(what="chip", terminal="T01", because="x"))) == []


@pytest.mark.parametrize(
    ("asked_t", "loaded_t", "sent_t", "is_seen"),
    [(4.0, 5.0, 6.0, False), (4.0, 5.1, 6.0, True), (4.0, 6.0, 6.0, False), (4.0, 6.0, 6.1, True)],
)
def test_only_what_is_sent_after_new_keys_that_came_after_the_deployment_must_agree(
    asked_t: float, loaded_t: float, sent_t: float, is_seen: bool
) -> None:
    keys = (sent(asked_t, 117, purpose="key_exchange"), loaded(loaded_t))
    refusal: Told = (30.0, "B", SecurityRefused(what="mac", terminal="T01", because="x"))
    assert bool(signs(*keys, sent(sent_t), got(7.0), refusal)) is is_seen
    assert signs(*keys, sent(sent_t), got(7.0, 999), refusal) == [], "the terminal never sent what was read last"


def test_keys_that_were_not_asked_for_show_nothing() -> None:
    assert signs(loaded(11.0, False), deployed="T01") == []
    assert signs(sent(10.0, purpose="key_exchange", line="unknown"), loaded(11.0, False), deployed="T01") == []


def test_keys_without_their_check_are_named() -> None:
    says = "site B with release new: its new keys are refused by terminals of release N: their check is missing"
    asked = sent(10.0, purpose="key_exchange")
    assert signs(asked, loaded(11.0, False)) == [("key-check-omitted", says)]
    assert signs(asked, loaded(11.0)) == []
    assert signs(asked, disturbed(10.5), loaded(11.0, False)) == []
    old = (9.0, "conductor", StepPerformed(command="keys", detail={"site": "B", "old": True}))
    assert signs(asked, old, loaded(11.0, False)) == []
    other = (9.0, "conductor", StepPerformed(command="keys", detail={"site": "A", "old": True}))
    assert signs(asked, other, loaded(11.0, False)) != []


def test_a_second_posting_is_named_unless_it_is_known_for_one() -> None:
    says = "site B with release new: a request that came again later was posted a second time"
    assert signs(posted(10.0), posted(20.0)) == [("duplicate-window-shortened", says)]
    assert signs(posted(10.0), posted(20.0, "A", origin="B")) == []
    assert signs(posted(10.0), posted(20.0, kind="reversal")) == []
    assert signs(posted(10.0), posted(20.0, origin="A")) == []
    repeat: Told = (20.0, "B", RepeatAnswered(key=KEY, purpose="withdrawal"))
    assert signs(posted(10.0), repeat, posted(20.0)) == []
    assert signs(posted(10.0), repeat, posted(20.1)) != []
    assert signs(posted(10.0), (15.0, "conductor", SiteRebuilt(site="B", like="A")), posted(20.0)) == []
    assert signs(posted(10.0), (15.0, "conductor", SiteRebuilt(site="A", like="B")), posted(20.0)) != []


def test_postings_are_remembered_up_to_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_log, "POSTED_MAX", 0)
    assert signs(posted(10.0), posted(20.0)) == []


# --- to whom a sign is put down ---------------------------------------------------------------------


def of_a(*told: Told) -> list[Told]:
    """The same at site A, over its line."""
    return [(t, "A" if actor == "B" else actor, fact) for t, actor, fact in told]


PRIMARY: dict[str, Any] = {"line": "primary"}
WRONG_KEY = "T01/000119/0105090012"


@pytest.mark.parametrize(
    ("told", "name", "says", "key"),
    [
        (
            [sent(10.0, **PRIMARY), got(10.1, key=WRONG_KEY, **PRIMARY)],
            "changed-original-layout",
            "it takes reversals of {} for those of other transactions",
            KEY,
        ),
        (
            [
                sent(10.0, actor="B", code="05", outcome="declined"),
                got(10.1, actor="T01", code="05", outcome="not_sure"),
            ],
            "new-response-code",
            "its code 05 means declined, and not sure to {}",
            KEY,
        ),
        (
            [refused(10.0, "T01", position=7, **PRIMARY)],
            "longer-field",
            "its answers cannot be read by {}; they stop at DE48",
            "",
        ),
        (
            [(10.0, "T01", ReplyIgnored(line="primary", reason="unmatched", mti="0210", stan=118))],
            "other-matching-key",
            "its answers fit no request of {}: they carry another STAN",
            "",
        ),
        (
            [sent(10.0, **PRIMARY), refused(10.1)],
            "new-mandatory-field",
            "{} are refused for DE48, which they do not send",
            KEY,
        ),
        (
            [
                sent(10.0, purpose="key_exchange", **PRIMARY),
                loaded(11.0),
                sent(12.0, 119, **PRIMARY),
                got(12.1, 119, **PRIMARY),
                (13.0, "B", SecurityRefused(what="mac", terminal="T01", because="x")),
            ],
            "changed-mac-range",
            "MACs between it and {} do not agree, with new keys either",
            "",
        ),
        (
            [sent(10.0, purpose="key_exchange", **PRIMARY), loaded(11.0, False)],
            "key-check-omitted",
            "its new keys are refused by {}: their check is missing",
            "",
        ),
    ],
)
def test_where_only_a_terminal_has_a_release_what_shows_at_a_site_is_put_down_to_it(
    told: list[Told], name: str, says: str, key: str
) -> None:
    log = log_of(*of_a(*told), deployed="T01")
    text = f"site A with release N: {says.format('terminals of release new')}"
    t, fact = told[-1][0], 2 + len(told)
    assert list(log.signs.values()) == [Sign(name, "terminal", "new", "A", text, t, fact, key)]


def test_what_shows_to_terminals_of_two_releases_is_two_signs() -> None:
    other = (6.0, "T02", ReleaseDeployed(release="card", side="terminal", before="N"))
    log = log_of(other, *(refused(10.0 + n, terminal) for n in range(2) for terminal in ("T01", "T02", "T03")))
    of = "site B with release new: its answers cannot be read by terminals of release {}; they stop at DE48"
    assert [(sign.says, sign.times) for sign in log.signs.values()] == [(of.format("N"), 4), (of.format("card"), 2)]


def test_a_second_posting_is_put_down_to_its_site_alone() -> None:
    says = "site B with release new: a request that came again later was posted a second time"
    [sign] = log_of(posted(10.0), posted(20.0), posted(30.0)).signs.values()
    assert sign == Sign("duplicate-window-shortened", "host", "new", "B", says, 20.0, 4, KEY, 2)
    assert signs(posted(10.0, "A", origin="A"), posted(20.0, "A", origin="A"), deployed="T01") == []
