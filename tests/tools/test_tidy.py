"""Each rule of tools/tidy.py fires on a planted break, and is silent on the nearest thing that is right.

That the tree itself is clean is a step of tools/test of its own.
"""

from pathlib import Path

import pytest

from tools import tidy

DOC = '"""A room."""\n'


def found_in(path: str, text: str) -> list[str]:
    return [str(violation) for violation in tidy.check_file(path, text)]


@pytest.mark.parametrize(
    ("path", "text", "line", "words"),
    [
        ("atmbench/money.py", DOC + "#\n" * 400, 1, "401 lines, 400 are allowed"),
        ("atmbench/money.py", DOC + "def f() -> None:\n" + "    pass\n" * 70, 2, "f has 71 lines, 70 are allowed"),
        ("atmbench/fleet/x.py", DOC + "import time\ntime.sleep(1)\n", 3, "time.sleep is banned here: await trio.sleep"),
        ("atmbench/fleet/x.py", DOC + "import time as t\nt.time()\n", 3, "time.time is banned here: take `now`"),
        ("atmbench/fleet/x.py", DOC + "from time import monotonic\nf(monotonic)\n", 3, "time.monotonic is banned here"),
        (
            "atmbench/fleet/x.py",
            DOC + "import datetime\ndatetime.datetime.now()\n",
            3,
            "datetime.datetime.now is banned",
        ),
        ("tests/host/x.py", "from datetime import datetime\ndatetime.now()\n", 2, "datetime.datetime.now is banned"),
        ("tests/host/x.py", "print(1)\n", 1, "print is banned here: return the text"),
        ("atmbench/report/text.py", DOC + 'open("x")\n', 2, "open is banned here: take the text as an argument"),
        ("atmbench/facts/wire.py", DOC + 'with open("x") as f: pass\n', 2, "open is banned here"),
        ("atmbench/fleet/x.py", DOC + "import random\nrandom.choice([1])\n", 3, "random.choice shares one generator"),
        ("atmbench/fleet/x.py", DOC + "from random import randint\nrandint(1, 2)\n", 3, "random.randint shares one"),
        ("tests/host/x.py", "from random import Random\nRandom()\n", 2, "random.Random() without a seed"),
        ("atmbench/fleet/x.py", DOC + "try:\n    f()\nexcept Exception:\n    pass\n", 4, "name the exceptions"),
        ("atmbench/fleet/x.py", DOC + "try:\n    f()\nexcept:\n    pass\n", 4, "name the exceptions"),
        ("tests/host/x.py", "try:\n    f()\nexcept (OSError, BaseException):\n    pass\n", 3, "name the exceptions"),
        ("atmbench/fleet/x.py", "X = 1\n", 1, "no module docstring"),
        ("atmbench/host/x.py", DOC + "class A:\n    amount_minor: float = 0\n", 3, "amount_minor is no int"),
        ("atmbench/host/x.py", DOC + "def f(a_minor: float | None) -> None: ...\n", 2, "a_minor is no int"),
        ("atmbench/host/x.py", DOC + "def fee_minor() -> float: ...\n", 2, "fee_minor is no int"),
        ("tests/host/test_x.py", "def test_nothing() -> None:\n    f()\n", 1, "test_nothing proves nothing"),
        ("tests/host/test_x.py", "async def test_nothing() -> None:\n    f()\n", 1, "test_nothing proves nothing"),
        ("README.md", "# A bench\n\nTO" + "DO: write it\n", 3, "a leftover marker"),
        ("atmbench/host/x.py", DOC + "X = 1  # FIX" + "ME later\n", 2, "a leftover marker"),
        ("tools/demo", "# X" + "XX what now\n", 1, "a leftover marker"),
        ("atmbench/host/x.py", DOC + "def f(:\n", 2, "not Python"),
    ],
)
def test_a_planted_break_is_found_where_it_stands(path: str, text: str, line: int, words: str) -> None:
    violations = found_in(path, text)
    assert len(violations) == 1
    assert violations[0].startswith(f"{path}:{line}: ")
    assert words in violations[0]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("atmbench/money.py", DOC + "#\n" * 399),
        ("atmbench/money.py", DOC + "def f() -> None:\n" + "    pass\n" * 69),
        ("atmbench/fleet/x.py", DOC + "import trio\nnow = trio.current_time()\n"),
        ("atmbench/fleet/x.py", DOC + "def f(clock: Clock) -> None:\n    clock.time()\n"),
        ("tools/bench.py", DOC + "import time\nprint(time.monotonic())\n"),
        ("atmbench/store/x.py", DOC + 'open("x")\n'),
        ("atmbench/fleet/x.py", DOC + "import random\nrng = random.Random(7)\nrng.choice([1])\n"),
        ("atmbench/audit/x.py", DOC + "try:\n    f()\nexcept Exception:\n    pass\n"),
        ("atmbench/fleet/x.py", DOC + "try:\n    f()\nexcept OSError:\n    pass\n"),
        ("atmbench/links/x.py", DOC + "try:\n    f()\nexcept BaseException:\n    g()\n    raise\n"),
        ("atmbench/fleet/__init__.py", ""),
        ("atmbench/host/x.py", DOC + "class A:\n    amount_minor: int | None = None\n    t: float = 0\n"),
        ("tests/host/test_x.py", "def test_it() -> None:\n    assert f()\n"),
        ("atmbench/host/x.py", DOC + 'NO_CURRENCY = "X' + 'XX"\n'),
    ],
)
def test_what_is_right_is_left_alone(path: str, text: str) -> None:
    assert found_in(path, text) == []


def test_every_rule_has_a_reason() -> None:
    assert [rule.__name__ for rule in tidy.PYTHON_RULES if not rule.__doc__] == []


def test_the_tree_is_read_with_git_and_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for path in ("atmbench/x.py", "atmbench/__pycache__/x.pyc", "notes/plan.md", ".venv/lib/x.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("X = 1\n")
    assert [str(violation) for violation in tidy.check_tree(tmp_path)] == [
        "notes:1: not in the plan of the top level: move it into a room, or into .gitignore",
        "atmbench/x.py:1: no module docstring: say what this room is for and what it must never do",
    ]
