"""Releases that are not taken back, or not tried at one site first, are found by the audit; and so are hasty orders."""

import msgspec

from atmbench.audit.judge import Audit
from atmbench.drill.commands import Deploy
from atmbench.drill.records import Step
from atmbench.releases.catalogue import shipped_release
from atmbench.run.runner import run_drill
from atmbench.run.source import Source, find_drill


def judged(name: str, **changes: object) -> Audit:
    found = find_drill(name)
    return run_drill(Source(msgspec.structs.replace(found.drill, **changes), found.text, found.name), seed=1).audit


def without(name: str, step: str) -> Audit:
    drill = find_drill(name).drill
    return judged(name, steps=tuple(each for each in drill.steps if getattr(each, step) is None))


def failed(audit: Audit) -> dict[str, str]:
    return {verdict.check: verdict.because for verdict in audit.verdicts if verdict.status != "PASS"}


def test_without_a_rollback_terminals_of_the_old_release_stay_shut_out() -> None:
    found = failed(without("release-collision", "rollback"))
    assert set(found) == {"expected"}
    assert "transactions were approved, at least 20 wanted" in found["expected"]


def test_a_release_that_both_sites_get_at_once_is_named_too_late() -> None:
    both = tuple(Step(at=20, deploy=Deploy(release="new-mandatory-field", site=site)) for site in ("A", "B"))
    found = failed(judged("release-collision", steps=both))
    assert "releases" in found
    assert "shows at 20.047 s only, and site B has release new-mandatory-field since 20.000 s" in found["releases"]


def test_stored_messages_that_the_old_release_cannot_read_are_named() -> None:
    found = failed(judged("upgrade-in-steps", releases={"N+1": shipped_release("changed-original-layout")}))
    assert set(found) == {"releases"}
    assert "site A with release N: it cannot read DE90 in messages of terminals of release N+1" in found["releases"]


def test_sites_that_change_places_without_a_pause_tell_stale_balances() -> None:
    found = failed(without("two-channels-one-customer", "service"))
    assert "site B told a balance of account" in found["view"]


def test_customers_of_a_containment_that_was_never_ordered_read_nothing() -> None:
    found = failed(without("containment", "service"))
    assert set(found) == {"expected"}
    assert "customer_turned_away where because=out of service by order" in found["expected"]
