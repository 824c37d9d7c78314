"""What an import must not pull in, proved in a fresh interpreter: contracts read the source, this reads sys.modules."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def loaded_by(module: str) -> set[str]:
    """Top-level names of all modules that a fresh interpreter holds after importing one."""
    code = f"import {module}, sys; sys.stdout.write(' '.join(sorted({{m.partition('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_package_itself_is_cheap() -> None:
    outside = loaded_by("atmbench") - loaded_by("sys") - set(sys.stdlib_module_names)
    assert outside == {"atmbench"}


@pytest.mark.parametrize("door", ["atmbench.pytest_plugin", "atmbench.cli"])
def test_no_door_loads_the_console(door: str) -> None:
    assert "textual" not in loaded_by(door)


@pytest.mark.parametrize("door", ["atmbench.pytest_plugin", "atmbench.cli"])
def test_no_door_loads_a_server_or_a_loop_before_it_is_needed(door: str) -> None:
    assert loaded_by(door).isdisjoint({"anyio", "asyncio", "httpx", "hypercorn", "starlette", "trio"})


def test_firmware_stubs_load_nothing_of_the_bench() -> None:
    assert "atmbench" not in loaded_by("firmware_stubs")
