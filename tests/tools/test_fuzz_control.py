"""The fuzzer of the control plane, a few questions of each operation, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.full
def test_every_operation_answers_as_its_document_says() -> None:
    command = [sys.executable, "tools/fuzz_control.py", "--examples", "2"]
    done = subprocess.run(command, cwd=ROOT, env=None, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        0, "fuzz_control: every answer is one that the document tells of"
    ), done.stdout + done.stderr  # fmt: skip
