"""Every release of the catalogue is found by name while it is in one place only, and one that fits is not blamed."""

import pytest

from atmbench.audit import release_log
from atmbench.audit.judge import Audit
from atmbench.audit.verdict import Status
from atmbench.releases.catalogue import incompatibilities, release_names, shipped_release
from tests.run.stage import Stage, drill_of

SECURE = {"changed-mac-range", "key-check-omitted"}
COMPATIBLE = sorted(set(release_names()) - set(incompatibilities()))
SMALL = """
host: {promote_after_silence_s: 5}
terminal: {timers: {reply_s: 6}, store_and_forward: {reply_s: 4, first_repeat_s: 2}}
"""
TRAFFIC = """
  - {at: 6, promote: {site: B}}
  - {at: 6, cut: {line: primary, by: close}}
  - {at: 6, fault: {kind: duplicate, line: secondary, terminal: T01, direction: request, mti: "x200", gap_s: 7}}
  - {at: 6, fault: {kind: lose, line: secondary, terminal: T02, direction: reply, mti: "x210", first: 1}}
  - {at: 20, withdraw: {terminal: T01, amount: 20.00}}
  - {at: 21, withdraw: {terminal: T02, amount: 20.00}}
  - {at: 40, withdraw: {terminal: T01, amount: 20.00}}
"""


def canary(name: str, *more: str, expect: str = "{approved_min: 0}", secure: bool = False) -> Audit:
    """Three terminals at a site that has a release before the other; it is rolled back in the end."""
    where = "terminals: {names: [T01]}" if shipped_release(name).side == "terminal" else "site: B"
    return Stage(
        drill_of(
            SMALL,
            f"expect: {expect}",
            "security: {key_life: {seconds: 20, grace_s: 5}}" if secure or name in SECURE else "",
            "steps:",
            f"  - {{at: 5, deploy: {{release: {name}, {where}}}}}",
            TRAFFIC,
            *more,
            f"  - {{at: 80, rollback: {{{where}}}}}",
            "  - {at: 81, mend: {}}",
            terminals=3,
            heal_at=90,
        )
    ).run()


def name_of(release: str) -> str:
    return shipped_release(release).named or release


@pytest.mark.parametrize("name", incompatibilities())
def test_a_release_that_does_not_go_together_is_found_by_its_name_on_one_site(name: str) -> None:
    audit = canary(name)
    verdict = audit.verdict("releases")
    assert verdict.status is Status.FAIL, verdict
    assert {sign.name for sign in audit.book.releases.signs.values()} == {name_of(name)}
    assert all(finding.says.endswith(f": {name_of(name)}") and finding.facts for finding in verdict.findings)


@pytest.mark.parametrize("name", incompatibilities())
def test_a_drill_may_expect_the_name(name: str) -> None:
    audit = canary(name, expect=f"{{approved_min: 0, incompatible: [{name_of(name)}]}}")
    assert audit.verdict("releases").status is Status.PASS, audit.verdict("releases")


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("name", COMPATIBLE)
def test_a_release_that_goes_together_is_not_blamed(name: str, secure: bool) -> None:
    audit = canary(name, secure=secure)
    verdict = audit.verdict("releases")
    assert verdict.status is Status.PASS, verdict
    assert not audit.book.releases.signs


def test_keys_that_a_site_holds_of_before_are_no_fault_of_its_release() -> None:
    shared = "{fact: keys_issued, where: {actor: B}, count: 3}"  # while the answer is on its way
    old = (
        "  - {at: 10, keys: {site: B, old: true, master: true}}",
        f"  - {{after: {shared}, keys: {{site: B, old: false}}}}",
    )
    audit = canary("optional-field", *old, secure=True)
    assert not audit.book.releases.signs, audit.verdict("releases")


NOISE = [
    "{kind: flip_bits, line: secondary, count: 2}",
    "{kind: drop_field, line: secondary, field: 49, direction: request}",
    "{kind: garble_field, line: secondary, field: 11, direction: reply}",
    "{kind: swap, line: secondary, mti: x210}",
    "{kind: stale, line: secondary, direction: reply}",
]


@pytest.mark.parametrize("fault", NOISE)
def test_what_a_fault_alters_is_not_put_down_to_a_release(fault: str) -> None:
    audit = canary("optional-field", f"  - {{at: 38, fault: {fault}}}", secure=True)
    assert not audit.book.releases.signs


def test_old_keys_of_a_site_are_not_put_down_to_a_release() -> None:
    audit = canary("optional-field", "  - {at: 6, keys: {site: B, old: true}}", secure=True)
    assert not audit.book.releases.signs


def test_a_name_that_was_to_be_found_and_was_not_fails() -> None:
    verdict = canary("optional-field", expect="{approved_min: 0, incompatible: [time-zone]}").verdict("releases")
    assert verdict.status is Status.FAIL
    assert "time-zone was to be found, and was not" in verdict.because


def test_a_name_that_was_to_be_found_where_nothing_was_deployed_fails() -> None:
    audit = Stage(drill_of("expect: {approved_min: 0, incompatible: [time-zone]}", heal_at=20)).run()
    assert audit.verdict("releases").status is Status.FAIL
    assert "time-zone was to be found, and was not" in audit.verdict("releases").because


def test_a_name_that_is_known_by_now_is_not_found_too_late_at_another_site() -> None:
    steps = (
        "  - {at: 50, deploy: {release: time-zone, site: A}}",
        "  - {at: 50, promote: {site: A}}",
        "  - {at: 50, mend: {}}",
        "  - {at: 50, cut: {line: secondary, by: close}}",
        "  - {at: 60, withdraw: {terminal: T01, amount: 20.00}}",
    )
    audit = canary("time-zone", *steps, expect="{approved_min: 0, incompatible: [time-zone]}")
    assert {sign.site for sign in audit.book.releases.signs.values()} == {"A", "B"}
    assert audit.verdict("releases").status is Status.PASS, audit.verdict("releases")


def test_a_site_that_has_a_release_no_more_is_none_that_it_has_spread_to() -> None:
    steps = (
        "  - {at: 2, deploy: {release: time-zone, site: A}}",
        "  - {at: 4, rollback: {site: A}}",
    )
    audit = canary("time-zone", *steps, expect="{approved_min: 0, incompatible: [time-zone]}")
    assert audit.book.releases.signs
    assert not audit.verdict("releases").findings


def test_a_name_that_comes_after_the_second_site_has_it_is_too_late() -> None:
    expect = "{approved_min: 0, incompatible: [time-zone]}"
    verdict = canary("time-zone", "  - {at: 7, deploy: {release: time-zone, site: A}}", expect=expect).verdict(
        "releases"
    )
    assert verdict.status is Status.FAIL
    assert "site A has release time-zone since 7.000 s" in verdict.because


def test_a_release_that_nobody_has_talked_to_has_proven_nothing() -> None:
    steps = "steps: [{at: 5, deploy: {release: optional-field, site: B}}]"
    verdict = Stage(drill_of(steps, heal_at=20)).run().verdict("releases")
    assert verdict.status is Status.UNKNOWN


def test_a_run_without_a_deployment_has_no_such_check() -> None:
    audit = Stage(drill_of(heal_at=20)).run()
    assert "releases" not in [verdict.check for verdict in audit.verdicts]


def test_each_name_of_the_log_stands_in_the_catalogue() -> None:
    names = {
        value for key, value in vars(release_log).items() if key.isupper() and isinstance(value, str) and "-" in value
    }
    assert names == {name_of(name) for name in incompatibilities()}


@pytest.mark.parametrize(
    ("earlier", "later", "hours"),
    [
        ("0105090000", "0105100000", 1),
        ("0105000000", "0104230000", -1),
        ("0105090000", "0105090000", 0),
        ("0105090000", "0105093000", 0),
        ("0105090000", "0106090000", 0),
        ("1231233000", "0101003000", 0),
        ("0105000000", "0105140000", 14),
        ("0105140000", "0105000000", -14),
        ("0105000000", "0105150000", 0),
        ("garbage", "0105090000", 0),
    ],
)
def test_hours_between_are_whole_and_those_of_a_zone(earlier: str, later: str, hours: int) -> None:
    assert release_log.hours_between(earlier, later) == hours
