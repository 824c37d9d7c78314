"""Runs of real drills compared: nothing between two seeds, and each planted difference, whatever the seed."""

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result

from atmbench.cli import atmbench
from atmbench.compare import Comparison, Settings
from atmbench.drill.load import parse_drill
from atmbench.errors import LocalError
from atmbench.run.compare import compare_runs
from atmbench.run.runner import run_drill
from atmbench.run.source import Source, find_drill

SETTINGS = Settings(alpha=0.001, timing_percent=5)
SHOP = """
drill: shop
proves: nothing
terminals: 10
workload: {every_s: 6, mix: {withdrawal: 70, balance: 20, transfer: 10}, amounts: [20.00, 50.00, 100.00]}
cards: {cards: 50, opening_balance: "150.00"}
host: {capacity: {rate_per_s: 50, servers: 10, service_times: fixed}}
heal: {at: 120}
"""
RELEASE = """
releases: {N+1: {dialect: %s}}
steps:
- {at: 0, deploy: {release: N+1, site: A}}
- {at: 0, deploy: {release: N+1, terminals: {percent: 100}}}
"""
CODE = RELEASE % '{responses: {"58": {outcome: insufficient_funds}}}'
CODE_LATER = CODE.replace("at: 0", "at: 50")
NEW_ECHO = RELEASE % "{templates: {service: {reply: {may_echo: [2, 7, 25, 32, 42, 103]}}}}"
NEW_FIELD = RELEASE % '{templates: {service: {request: {constant: {60: "SW 02"}}}}}'
LOWER_LIMIT = """
releases: {N+1: {host: {daily_limit: "60.00"}}}
steps: [{at: 0, deploy: {release: N+1, site: A}}]
"""
OTHER_TEXT = RELEASE % '{templates: {service: {request: {constant: {25: "08"}}}}}'
SEEDS = [(1, 2), *(pytest.param(seeds, marks=pytest.mark.full) for seeds in combinations((1, 2, 3, 4, 5), 2))]
STOCK = ("all-quiet", "every-service", "primary-cut", "release-canary", "retry-storm", "stand-in")

Run = Callable[[str, int], Path]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run directory of a drill and a seed; the drill is a text, or the name of a stock drill."""
    kept: dict[tuple[str, int], Path] = {}

    def directory(drill: str, seed: int) -> Path:
        if (drill, seed) not in kept:
            kept[drill, seed] = out = tmp_path_factory.mktemp("run") / f"seed-{seed}"
            is_text = "\n" in drill
            source = Source(parse_drill(drill, "shop"), drill, "shop") if is_text else find_drill(drill)
            run_drill(source, seed=seed, out=out)
        return kept[drill, seed]

    return directory


def told(found: Comparison) -> set[tuple[str, str, str]]:
    return {(each.about, each.what, each.change) for each in found.differences}


@pytest.mark.parametrize("seeds", SEEDS)
def test_between_two_seeds_nothing_differs(run: Run, seeds: tuple[int, int]) -> None:
    one, other = (run(SHOP, seed) for seed in seeds)
    found = compare_runs(one, other, SETTINGS)
    assert told(found) == set()
    assert found.compared > 50
    assert found.untold < 20


@pytest.mark.full
@pytest.mark.parametrize("drill", STOCK)
def test_between_two_seeds_of_a_stock_drill_nothing_differs(run: Run, drill: str) -> None:
    for one, other in combinations((1, 2, 3, 4, 5), 2):
        found = compare_runs(run(drill, one), run(drill, other), SETTINGS)
        assert told(found) == set(), f"seeds {one} and {other}"


def test_a_host_that_is_a_tenth_slower_is_found_in_every_service(run: Run) -> None:
    slower = SHOP.replace("rate_per_s: 50", "rate_per_s: 45")
    found = compare_runs(run(SHOP, 1), run(slower, 3), SETTINGS)
    assert {about for about, _, _ in told(found)} == {"timings"}
    assert {"withdrawal, from sending to the answer", "balance, from sending to the answer"} <= {
        what for _, what, _ in told(found)
    }


def test_one_changed_response_code_is_found_and_nothing_else(run: Run) -> None:
    found = compare_runs(run(SHOP, 1), run(SHOP + CODE, 3), SETTINGS)
    assert ("codes", "0210 withdrawal that means insufficient funds", "51 -> 58") in told(found)
    assert {each.about for each in found.differences} <= {"codes"}


def test_a_code_that_changes_in_the_middle_of_a_run_is_found(run: Run) -> None:
    found = compare_runs(run(SHOP, 1), run(SHOP + CODE_LATER, 3), SETTINGS)
    assert "0210 withdrawal that means insufficient funds" in {each.what for each in found.differences}


@pytest.mark.parametrize(
    ("release", "field", "change"),
    [
        (NEW_FIELD, "60", "(absent) -> SW 02"),
        (OTHER_TEXT, "25", "02 -> 08"),
        (NEW_ECHO, "25", "(absent) -> 02"),
    ],
)
def test_one_changed_field_is_found_and_nothing_else(run: Run, release: str, field: str, change: str) -> None:
    found = compare_runs(run(SHOP, 1), run(SHOP + release, 3), SETTINGS)
    assert {(each.about, each.field, each.change) for each in found.differences} == {("fields", field, change)}


def test_other_outcomes_of_a_service_are_found(run: Run) -> None:
    found = compare_runs(run(SHOP, 1), run(SHOP + LOWER_LIMIT, 3), SETTINGS)
    assert {(about, what) for about, what, _ in told(found)} >= {
        ("outcomes", "withdrawal"),
        ("codes", "0210 withdrawal"),
    }


@pytest.mark.full
@pytest.mark.parametrize("seed", range(1, 11))
def test_the_three_planted_differences_are_found_whatever_the_seeds(run: Run, seed: int) -> None:
    slower = SHOP.replace("rate_per_s: 50", "rate_per_s: 45")
    for drill, about in ((slower, "timings"), (SHOP + CODE, "codes"), (SHOP + NEW_FIELD, "fields")):
        found = compare_runs(run(SHOP, seed), run(drill, 100 + seed), SETTINGS)
        assert {each.about for each in found.differences} == {about}


@pytest.mark.full
@pytest.mark.parametrize("drill", ["all-quiet", "every-service", "primary-cut"])
def test_a_slower_line_is_found_in_a_stock_drill(run: Run, drill: str) -> None:
    lines = "lines: {primary: {site: A, latency_s: 0.0225}, secondary: {site: B, latency_s: 0.0225}}\n"
    found = compare_runs(run(drill, 1), run(find_drill(drill).text + lines, 5), SETTINGS)
    assert {each.about for each in found.differences} == {"timings"}


# --- the command ----------------------------------------------------------------------------------


def asked(*words: str | Path) -> Result:
    return CliRunner().invoke(atmbench, ["compare", *map(str, words)])


def test_the_exit_code_says_whether_anything_differs(run: Run) -> None:
    same = asked(run(SHOP, 1), run(SHOP, 2))
    assert same.exit_code == 0
    assert same.stdout.startswith("SAME  seed-1 and seed-2: ")
    other = asked(run(SHOP, 1), run(SHOP + NEW_FIELD, 3))
    assert other.exit_code == 1
    assert "DE60 reserved private 60 of 0200 balance from the terminal, 0200 " in other.stdout
    assert "      A  (absent) (all " in other.stdout
    assert "      B  SW 02 (all " in other.stdout
    assert asked(run(SHOP, 1), run(SHOP + NEW_FIELD, 3), "--volatile", "60").exit_code == 0


def test_programs_get_the_same_as_json(run: Run) -> None:
    found = json.loads(asked(run(SHOP, 1), run(SHOP + CODE, 3), "--json").stdout)
    assert (found["same"], found["a"]["seed"], found["b"]["seed"]) == (False, 1, 3)
    assert {"51 -> 58"} == {each["change"] for each in found["differences"] if each["change"]}


def test_runs_of_other_drills_are_refused_unless_that_is_meant(run: Run) -> None:
    other = run(SHOP.replace("drill: shop", "drill: market"), 1)
    with pytest.raises(LocalError, match=r"the drill of .* is shop, that of .* is market; run the same .* with --any"):
        compare_runs(run(SHOP, 1), other, SETTINGS)
    found = asked(run(SHOP, 1), other, "--any")
    assert found.exit_code == 0
    assert "No fair comparison: the drill of " in found.stdout


def test_a_run_without_an_end_is_refused(run: Run, tmp_path: Path) -> None:
    whole, broken = run(SHOP, 1), tmp_path / "broken"
    copytree(whole, broken)
    history = broken / "history.jsonl"
    history.write_bytes(history.read_bytes()[:-200])
    with pytest.raises(LocalError, match="broken was stopped before its end"):
        compare_runs(whole, broken, SETTINGS)


def test_what_is_no_run_is_misuse(run: Run, tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="no run directory"):
        compare_runs(run(SHOP, 1), tmp_path, SETTINGS)
