"""The mutation test of the audit kills what a test looks at, and says what nothing looks at."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import mutate
from tools._mutant_session import Outcome
from tools._mutants import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[2]

MODULE = """
LIMIT = 3

class Box:
    def room(self, used, spare=1):
        return LIMIT - used + spare

def doubled(number):
    return number * 2
"""


def mutant(module: str, change: str) -> Mutant:
    return Mutant(f"atmbench/audit/{module}.py", "f", change, "")


@pytest.fixture
def mutants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Mutant]:
    monkeypatch.chdir(ROOT)  # mutmut reads its settings there
    (tmp_path / "box.py").write_text(MODULE)
    return list(mutants_of(tmp_path / "box.py"))


def test_a_mutant_is_named_by_its_function_and_its_lines(mutants: list[Mutant]) -> None:
    names = [each.name for each in mutants]
    assert "box.py Box.room: `return LIMIT - used + spare` -> `return LIMIT + used + spare`" in names
    assert "box.py doubled: `return number * 2` -> `return number * 3`" in names
    assert "box.py Box.room: `def room(self, used, spare=1):` -> `def room(self, used, spare=2):`" in names


def test_a_planted_mutant_changes_what_others_have_imported_already(mutants: list[Mutant]) -> None:
    namespace = type(sys)("box")
    exec(MODULE, vars(namespace))
    doubled, box = namespace.doubled, namespace.Box()
    next(each for each in mutants if each.change.endswith("`return number * 3`")).plant(namespace)
    next(each for each in mutants if each.change.endswith("spare=2):`")).plant(namespace)
    assert (doubled(5), box.room(1)) == (15, 4)


def test_a_survivor_must_be_explained_and_an_explained_one_must_survive(capsys: pytest.CaptureFixture[str]) -> None:
    mutants = [mutant("book", "`a` -> `b`"), mutant("book", "`a` -> `c`"), *[mutant("cards", "`a` -> `d`")] * 98]
    outcomes = [Outcome.SURVIVED, Outcome.KILLED, *[Outcome.KILLED] * 98]
    known = {mutants[0].name: "why", "days.py f: `x` -> `y`": "of a module that was not tried"}
    assert mutate.judge(mutants, outcomes, known) == 0
    assert mutate.judge(mutants, outcomes, {}) == 1
    assert f"survived: {mutants[0].name}" in capsys.readouterr().out
    assert mutate.judge(mutants, outcomes, {**known, mutants[1].name: "why"}) == 1
    assert f"is killed or gone: {mutants[1].name}" in capsys.readouterr().out


def test_too_few_killed_fail_though_all_are_explained() -> None:
    mutants = [mutant("book", f"`a` -> `{number}`") for number in range(10)]
    outcomes = [Outcome.SURVIVED, *[Outcome.KILLED] * 8, Outcome.TIMED_OUT]
    assert mutate.judge(mutants, outcomes, {mutants[0].name: "why"}) == 1


def test_the_table_has_a_line_for_each_module_and_one_for_all() -> None:
    mutants = [mutant("book", "1"), mutant("book", "2"), mutant("cards", "3"), mutant("cards", "4")]
    outcomes = [Outcome.SURVIVED, Outcome.KILLED, Outcome.KILLED, Outcome.TIMED_OUT]
    lines = [line.split() for line in mutate.table(mutants, outcomes).splitlines()]
    assert lines[1:] == [
        ["book", "2", "1", "0", "1", "50.0%"],
        ["cards", "2", "1", "1", "0", "100.0%"],
        ["all", "4", "2", "1", "1", "75.0%"],
    ]


@pytest.mark.full
@pytest.mark.parametrize(
    ("tests", "code", "says"), [("test_verdict", 0, "100.0% killed"), ("test_days", 1, "survived: ")]
)
def test_a_module_is_tried_with_its_tests_and_with_others(tests: str, code: int, says: str) -> None:
    tried = subprocess.run(
        [sys.executable, "tools/mutate.py", "--tests", f"tests/audit/{tests}.py", "verdict"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (tried.returncode, says in tried.stdout) == (code, True), tried.stdout + tried.stderr
