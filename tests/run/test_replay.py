"""The same seed gives the same history, byte for byte, in this process and in any other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.run.replay import digests

ROOT = Path(__file__).resolve().parents[2]
RUNS = ["primary-cut:1", "primary-cut:2", "dispense-answer-lost:1"]
LONG_DRILLS = (
    "power-fail-at-dispense",
    "both-sites-lost",
    "secure-primary-cut",
    "dukpt-primary-cut",
    "noisy-serial-lines",
    "bank-outage-2023",
)
LONG_RUNS = [f"{drill}:3" for drill in LONG_DRILLS]


@pytest.fixture(scope="module")
def here() -> list[str]:
    return digests(RUNS)


def in_a_process_of_its_own(hash_seed: str, runs: list[str]) -> list[str]:
    command = [sys.executable, "-m", "tests.run.replay", *runs]
    env = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_run_repeats_in_one_process(here: list[str]) -> None:
    assert digests(RUNS) == here


@pytest.mark.full
@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_a_run_repeats_in_another_process_whatever_the_hash_seed(here: list[str], hash_seed: str) -> None:
    assert in_a_process_of_its_own(hash_seed, RUNS) == here


@pytest.mark.full
def test_more_runs_repeat_in_another_process() -> None:
    assert in_a_process_of_its_own("7", LONG_RUNS) == digests(LONG_RUNS)


def test_another_seed_is_another_history(here: list[str]) -> None:
    without_the_seed_itself = {line.split()[2] for line in here}
    assert len(without_the_seed_itself) == len(RUNS)
