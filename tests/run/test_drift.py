"""Two hosts, one set of probes: equal ones show nothing, and what has grown apart is found and named."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from atmbench.audit.drift import Drift
from atmbench.cli import atmbench
from atmbench.drill.load import parse_drill
from atmbench.drill.records import Drill
from atmbench.errors import LocalError
from atmbench.messages.dialect import dialect_names, load_dialect
from atmbench.releases.catalogue import release_names
from atmbench.run.drift import drift, find_subject, release_at, usual_drill
from atmbench.run.probes import Probes

SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.full) for seed in (0, 2, 3))]
DIALECT = load_dialect("iso87-ascii")
APART = """
drill: apart
proves: nothing
workload: {every_s: 60}
heal: {at: 60}
releases:
  lacks-a-bin: {host: {lacks_bins: ["999998"]}}
  other-limit: {host: {daily_limit: "300.00"}}
  stolen-as-36: {dialect: {responses: {"36": {outcome: retain_card, card: retain}}}}
steps:
- {at: 10, deploy: {release: other-limit, site: B}}
- {at: 20, deploy: {release: time-zone, site: B}}
- {at: 30, rollback: {site: B}}
"""


def drill() -> Drill:
    return parse_drill(APART, "apart")


def compared(a: str, b: str, *, probes: int = 500, seed: int = 1, volatile: tuple[int, ...] = ()) -> Drift:
    subjects = [find_subject(word, drill(), DIALECT) for word in (a, b)]
    return drift(subjects[0], subjects[1], probes=probes, seed=seed, volatile=volatile)


@pytest.mark.parametrize("seed", SEEDS)
def test_equal_hosts_give_equal_answers(seed: int) -> None:
    assert compared("N", "N", seed=seed).is_none
    assert compared("A", "optional-field", seed=seed).is_none


def test_one_field_in_one_kind_of_answer_is_found_among_five_hundred() -> None:
    found = compared("N", "stolen-as-36")
    (difference,) = found.differences
    assert (difference.field, difference.a, difference.b) == ("39", "04", "36")
    assert difference.probes == found.differing < 50
    assert "card 3 of 999999" in difference.says
    assert [each.partition(" (")[0] for each in found.named] == ["other response code: 04 at N is 36 at stolen-as-36"]


@pytest.mark.parametrize(
    ("release", "says"),
    [
        ("lacks-a-bin", "missing BIN: lacks-a-bin knows no card of 999998"),
        ("time-zone", "time zone: local times of time-zone are 1 h ahead of those of N"),
        ("other-limit", "other limit: other-limit refuses for its amount limit what the other approves"),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_known_kinds_of_drift_are_named_from_either_side(release: str, says: str, seed: int) -> None:
    assert [each for each in compared("N", release, seed=seed).named if each.startswith(says)]
    assert compared(release, "N", seed=seed).named


NOT_IN_AN_ANSWER = {"optional-field", "changed-mac-range", "key-check-omitted", "longer-field-at-terminals"}
"""These show in messages of terminals, MACs or keys only, which are not probed."""


@pytest.mark.parametrize("name", sorted(set(release_names()) - NOT_IN_AN_ANSWER))
def test_a_release_that_does_not_go_together_shows_before_it_is_deployed(name: str) -> None:
    assert not compared("N", name).is_none


def test_the_sites_of_a_drill_have_what_its_steps_put_there() -> None:
    assert (release_at("A", drill()), release_at("B", drill())) == ("N", "other-limit")
    found = compared("A", "B")
    assert (found.a, found.b) == ("site A", "site B")
    assert not found.is_none


def test_a_field_is_left_out_only_if_it_is_declared_and_the_response_code_never() -> None:
    usual = compared("N", "time-zone")
    assert usual.volatile == {"38": "each host counts its own approvals"}
    assert {"12", "13"} <= {each.field for each in usual.differences}
    assert not {"12", "13"} & {each.field for each in compared("N", "time-zone", volatile=(12, 13)).differences}
    with pytest.raises(LocalError, match="DE39 is the response code, which is what drift is about"):
        compared("N", "N", volatile=(39,))


def test_the_same_seed_gives_the_same_probes_and_another_others() -> None:
    first, again, other = (Probes(seed, DIALECT, "NGN").take(50) for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("dialect", dialect_names())
def test_hosts_of_any_dialect_can_be_asked(dialect: str) -> None:
    base, spoken = usual_drill("", dialect)
    one = find_subject("N", base, spoken)
    assert drift(one, one, probes=80, seed=1).is_none


def test_hosts_with_a_stated_capacity_are_asked_without_a_queue() -> None:
    base, spoken = usual_drill("sick-primary", "")
    one, other = (find_subject(word, base, spoken) for word in ("A", "B"))
    assert drift(one, other, probes=100, seed=1).is_none


def test_a_word_that_means_nothing_is_one_sentence() -> None:
    with pytest.raises(LocalError, match="'N\\+9' is no site, release, dialect or drill; there are the sites A, B"):
        find_subject("N+9", drill(), DIALECT)


def test_the_command_says_it_as_text_and_as_json(tmp_path: Path) -> None:
    file = tmp_path / "apart.drill.yaml"
    file.write_text(APART, encoding="utf-8")
    run = CliRunner()
    same = run.invoke(atmbench, ["drift", "N", "N", "--probes", "50"])
    assert (same.exit_code, same.stdout.splitlines()[0]) == (0, "SAME  N and N: 50 probes, no answer differs")
    text = run.invoke(atmbench, ["drift", "A", "lacks-a-bin", "--drill", str(file)])
    assert text.exit_code == 1
    assert "missing BIN: lacks-a-bin knows no card of 999998" in text.stdout
    told = json.loads(run.invoke(atmbench, ["drift", "A", "lacks-a-bin", "--drill", str(file), "--json"]).stdout)
    assert told["same"] is False
    assert told["differences"][0]["field"]
    assert "9999980000" not in text.stdout, "a PAN is masked"
