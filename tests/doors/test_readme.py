"""The README is true today: what it shows is what happens."""

import re
from pathlib import Path
from typing import get_args

import pytest

from atmbench.drill.load import parse_drill
from atmbench.facts import AnyFact, KeysLoaded
from atmbench.faults.all import AnyFault
from atmbench.run.runner import run_drill
from atmbench.run.source import Source, find_drill

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def block_with(text: str) -> list[str]:
    """The lines of the indented block that holds a text, as long as they are indented."""
    blocks: list[str] = re.findall(r"(?:^    .*\n)+", README, flags=re.MULTILINE)
    return next(block for block in blocks if text in block).splitlines()


def squeezed(line: str) -> str:
    return " ".join(line.split())


@pytest.mark.parametrize(
    ("begins", "plant", "expect"),
    [
        ("PASS  replication-lag-failover", [], "PASS"),
        ("FAIL  replication-lag-failover", ["forget-unknown-reversal"], "FAIL"),
    ],
)
def test_the_first_two_runs_print_what_is_shown(begins: str, plant: list[str], expect: str) -> None:
    result = run_drill(find_drill("replication-lag-failover"), plant=plant)
    printed = {squeezed(line) for line in result.report.splitlines()}
    shown = [squeezed(line) for line in block_with(begins) if line.strip() not in ("", "...")]
    assert result.audit.status == expect
    assert [line for line in shown if line not in printed] == []


def test_the_drill_in_ten_lines_is_one_and_passes() -> None:
    lines = block_with("drill: my-first-cut")
    assert len(lines) == 10
    text = "\n".join(line.removeprefix("    ") for line in lines)
    result = run_drill(Source(parse_drill(text, "README"), text, "README"))
    assert result.audit.status == "PASS", result.report


def test_the_dialect_in_ten_lines_is_one_and_a_drill_passes_in_it(tmp_path: Path) -> None:
    lines = block_with("extends: base24-atm")
    assert len(lines) == 10
    (tmp_path / "mine.yaml").write_text("\n".join(line.removeprefix("    ") for line in lines))
    result = run_drill(find_drill("partial-and-retract", dialect=str(tmp_path / "mine.yaml")))
    assert result.audit.status == "PASS", result.report


def test_all_families_are_named() -> None:
    listed = " ".join(README.split())
    for name in ("1987", "1993", "CMF", "BASE24", "Postilion", "NIBSS", "AS 2805"):
        assert name in listed


def test_the_two_lines_of_security_make_the_same_drill_a_secure_one() -> None:
    lines = [*block_with("drill: my-first-cut"), *block_with("security: {mac: true, chips: true")]
    text = "\n".join(line.removeprefix("    ") for line in lines)
    loaded: list[AnyFact] = []
    result = run_drill(Source(parse_drill(text, "README"), text, "README"), reader=loaded.append)
    assert result.audit.status == "PASS", result.report
    assert sum(isinstance(fact, KeysLoaded) and fact.accepted for fact in loaded) >= 5


def test_all_kinds_of_faults_are_named() -> None:
    kinds = {str(each.__struct_config__.tag) for each in get_args(AnyFault)}
    assert {kind for kind in kinds if f"`{kind}`" not in README} == set()
