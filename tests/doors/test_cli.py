"""The command line from outside: what is printed where, and the exit code."""

import fcntl
import io
import json
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from atmbench.cli import main

SMALL = """
drill: small
proves: two terminals can pay
terminals: 2
workload: {every_s: 10}
heal: {at: 60}
"""


class Shell:
    """Runs the bench in a directory of its own: in this process, or in one of its own where that matters."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "small.drill.yaml").write_text(SMALL)

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        out, talk, code = io.StringIO(), io.StringIO(), -1
        handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
        try:
            with chdir(self.path), redirect_stdout(out), redirect_stderr(talk), given(words):
                main()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        assert code >= 0, "every command ends with an exit code"
        return subprocess.CompletedProcess(words, code, out.getvalue(), talk.getvalue())

    def apart(self, *words: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
        """The same in a process of its own, as a user runs it."""
        return subprocess.run(
            [sys.executable, "-m", "atmbench", *words],
            cwd=self.path,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )


@contextmanager
def given(words: Sequence[str]) -> Iterator[None]:
    """The words of the command line for a while."""
    before, sys.argv = sys.argv, ["atmbench", *words]
    try:
        yield
    finally:
        sys.argv = before


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_a_run_prints_its_verdict_and_leaves_a_run_directory(shell: Shell) -> None:
    done = shell.apart("run", "small.drill.yaml", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("PASS  small")
    assert "run directory: out" in done.stderr
    left = {path.name for path in (shell.path / "out").iterdir()}
    assert left == {"drill.yaml", "run.json", "history.jsonl", "journals", "report.txt", "junit.xml"}
    assert (shell.path / "out" / "report.txt").read_text() == done.stdout


def test_a_second_run_gets_a_directory_of_its_own(shell: Shell) -> None:
    for _ in range(2):
        assert shell("run", "small.drill.yaml").returncode == 0
    assert sorted(path.name for path in (shell.path / "atmbench-runs").iterdir()) == [
        "small-virtual-1",
        "small-virtual-1-2",
    ]


def test_a_drill_has_a_seed_of_its_own_unless_another_is_given(shell: Shell) -> None:
    text = (shell.path / "small.drill.yaml").read_text()
    (shell.path / "seeded.drill.yaml").write_text(f"{text}\nseed: 5\n")
    for words, seed in (((), 5), (("--seed", "3"), 3)):
        assert f"Seed: {seed} " in shell("run", "seeded.drill.yaml", *words).stdout


def test_a_capture_on_demand(shell: Shell) -> None:
    done = shell("run", "small.drill.yaml", "--out", "out", "--capture")
    assert done.returncode == 0, done.stderr
    assert (shell.path / "out" / "wire.pcapng").stat().st_size > 1000
    assert (shell.path / "out" / "report.txt").read_text() == done.stdout


def test_cards_that_may_be_real_are_not_captured(shell: Shell) -> None:
    (shell.path / "real.drill.yaml").write_text(SMALL + 'cards: {bin: "412345"}\n')
    done = shell("run", "real.drill.yaml", "--out", "out", "--capture")
    assert done.returncode == 2
    assert "only test cards may be captured" in done.stderr
    assert not (shell.path / "out").exists()


def test_json_on_request(shell: Shell) -> None:
    done = shell("run", "small.drill.yaml", "--format", "json", "--seed", "5")
    assert json.loads(done.stdout)["status"] == "PASS"


def test_the_audit_of_a_recorded_run_says_the_same(shell: Shell) -> None:
    first = shell("run", "small.drill.yaml", "--out", "out")
    again = shell("audit", "out")
    assert (again.returncode, again.stdout) == (0, first.stdout)


def test_a_second_opinion_is_told_after_the_report_and_the_worse_of_both_counts(shell: Shell) -> None:
    first = shell("run", "small.drill.yaml", "--out", "out")
    both = shell("audit", "out", "--second-opinion")
    assert both.returncode == 0, both.stderr
    assert both.stdout.startswith(first.stdout)
    assert "all as the posting rules want it" in both.stdout[len(first.stdout) :]
    history = shell.path / "out" / "history.jsonl"
    lines = history.read_bytes().splitlines(keepends=True)
    history.write_bytes(b"".join(line for line in lines if not line.startswith(b'{"fact":"cash_taken"')))
    wrong = json.loads(shell("audit", "out", "--second-opinion", "--format", "json").stdout)
    assert (wrong["second_opinion"]["standing"], wrong["second_opinion"]["disagreement"]) == ("FAIL", "")
    assert {"rule", "says", "key", "site", "account"} <= wrong["second_opinion"]["objections"][0].keys()


def test_the_history_alone_is_enough_to_judge_and_an_archive_may_be_read_only(shell: Shell) -> None:
    first = shell("run", "small.drill.yaml", "--out", "out")
    (shell.path / "out" / "run.json").unlink()
    (shell.path / "out" / "report.txt").unlink()
    (shell.path / "out" / "report.txt").mkdir()  # nobody can write there, not even root
    again = shell("audit", "out")
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[:-1] == first.stdout.splitlines()[:-1]
    assert again.stdout.splitlines()[-1] == "  atmbench run small --seed 1 --venue virtual"
    assert "the reports cannot be written into out: Is a directory" in again.stderr


def test_a_folder_of_its_name_does_not_hide_a_stock_drill(shell: Shell) -> None:
    (shell.path / "all-quiet").mkdir()
    assert shell("validate", "all-quiet").returncode == 0


def test_a_speed_that_counts_for_nothing_is_said_aloud(shell: Shell) -> None:
    done = shell("run", "small.drill.yaml", "--speed", "20")
    assert (done.returncode, "--speed" in done.stdout) == (0, False)
    assert "--speed counts on loopback only; virtual is as fast as it can be" in done.stderr


def test_a_killed_run_is_unknown(shell: Shell) -> None:
    shell("run", "small.drill.yaml", "--out", "out")
    history = shell.path / "out" / "history.jsonl"
    history.write_bytes(history.read_bytes()[:-2000])
    done = shell("audit", "out")
    assert done.returncode == 3
    assert done.stdout.startswith("UNKNOWN")


def test_a_planted_bug_fails_the_drill_and_names_transactions(shell: Shell) -> None:
    done = shell("run", "replication-lag-failover", "--plant", "forget-unknown-reversal")
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL")
    assert "STAN 0000" in done.stdout


ECHO = (b"0800822000000080000004000000000000001123192959000001T0000007301").hex()


def test_a_message_is_explained_and_the_exit_code_says_whether_to_its_end(shell: Shell) -> None:
    done = shell("decode", ECHO)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("iso87-ascii, 63 bytes, read to the end\n")
    assert "Meaning: echo, terminal T0000007, STAN 000001" in done.stdout
    assert "not " in done.stdout
    cut = shell("decode", ECHO[:-4], "--dialect", "iso87-ascii")
    assert cut.returncode == 1
    assert "Stopped: field 70" in cut.stdout


def test_a_message_may_lie_in_a_file_or_come_on_standard_input(shell: Shell) -> None:
    (shell.path / "frame.bin").write_bytes(b"\x00\x3f" + bytes.fromhex(ECHO))
    by_name = shell("decode", "frame.bin", "--framing", "length2", "--format", "json")
    assert by_name.returncode == 0, by_name.stderr
    (told,) = json.loads(by_name.stdout)
    assert told["fields"][-1]["says"] == "echo"
    done = subprocess.run(
        [sys.executable, "-m", "atmbench", "decode", "-"], input=bytes.fromhex(ECHO), capture_output=True, check=False
    )
    assert done.returncode == 0
    assert b"given as the bytes themselves" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["decode", ""], "a message of 1 to 8192 bytes was expected"),
        (["decode", ECHO, "--dialect", "nonesuch"], "there is no dialect 'nonesuch'"),
        (["decode", ECHO, "--framing", "nonesuch"], "there is no framing 'nonesuch'"),
        (["decode", ECHO, "--framing", "length2"], "whole frames of length2 were expected"),
        (["run", "nonesuch"], "there is no drill 'nonesuch'"),
        (["run", "nonesuch.drill.yaml"], "cannot read the drill nonesuch.drill.yaml: No such file"),
        (["run", "small.drill.yaml", "--plant", "nonesuch"], "there is no defect 'nonesuch'"),
        (["run", "small.drill.yaml", "--venue", "moon"], "'moon' is not one of"),
        (["run", "small.drill.yaml", "--out", "."], "is not empty"),
        (
            ["run", "small.drill.yaml", "--ledger", "."],
            "virtual keeps a time of its own, and a database takes the time",
        ),
        (
            ["run", "small.drill.yaml", "--venue", "loopback", "--ledger", "."],
            ". is no pair of databases (No such file",
        ),
        (["audit", "."], "no run directory"),
        (["run", "."], "'.' is a folder; a drill is a file, or the name of a stock drill"),
        (["validate", "/dev/zero"], "/dev/zero has more than 1,000,000 bytes; that is no drill"),
        (["validate", "/dev/null"], "/dev/null, line 1: found an empty file, meant keys with values."),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(shell: Shell, words: list[str], says: str) -> None:
    done = shell(*words)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_validate_names_the_line(shell: Shell) -> None:
    assert shell("validate", "small.drill.yaml").returncode == 0
    (shell.path / "wrong.drill.yaml").write_text(SMALL.replace("every_s", "evry_s"))
    done = shell("validate", "wrong.drill.yaml")
    assert done.returncode == 2
    assert "wrong.drill.yaml, line 5" in done.stderr
    assert "every_s" in done.stderr


def test_validate_warns_of_what_two_lines_share(shell: Shell) -> None:
    lines = "lines: {primary: {site: A, carrier: north}, secondary: {site: B, carrier: north}}\n"
    (shell.path / "shared.drill.yaml").write_text(SMALL + lines)
    done = shell("validate", "shared.drill.yaml")
    assert done.returncode == 0
    assert "warning: lines primary and secondary share the carrier north: they fall together" in done.stdout


def test_a_drill_runs_in_another_dialect_and_says_how_to_repeat_that(shell: Shell) -> None:
    (shell.path / "mine.yaml").write_text("extends: nibss\ndescribes: a bank's own\n")
    done = shell("run", "small.drill.yaml", "--dialect", "mine.yaml", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert "--dialect mine.yaml" in done.stdout
    assert "dialect: mine.yaml" in shell("validate", "small.drill.yaml", "--dialect", "mine.yaml").stdout
    wrong = shell("validate", "small.drill.yaml", "--dialect", "mein.yaml")
    assert wrong.returncode == 2
    assert "cannot read the dialect mein.yaml" in wrong.stderr


def test_a_drill_runs_over_other_lines_and_says_how_to_repeat_that(shell: Shell) -> None:
    done = shell("run", "small.drill.yaml", "--lines", "serial", "--out", "out")
    assert done.returncode == 0, done.stdout
    assert "atmbench run small.drill.yaml --seed 1 --venue virtual --lines serial" in done.stdout
    assert shell("audit", "out").stdout == done.stdout
    done = shell("run", "noisy-serial-lines", "--lines", "tcp")
    assert done.returncode == 2
    assert "no line that is serial" in done.stderr


def test_lists_and_schema(shell: Shell) -> None:
    names = (("drills", "primary-cut"), ("defects", "forget-unknown-reversal"), ("dialects", "base24-atm"))
    for listed, name in names:
        lines = shell(listed).stdout.splitlines()
        assert [line for line in lines if line.startswith(f"{name} ")] != []
        assert max(len(line) for line in lines) <= 120
    assert msgspec.json.decode(shell("schema", "--dialect").stdout)["title"] == "atmbench dialect"
    assert msgspec.json.decode(shell("schema").stdout)["$defs"]


LOOK_EVERY_S = 0.05
LOOKS_MAX = 600
ENDS_WITHIN_S = 20


def hears_all_signals() -> None:
    """As a program that is started in a terminal, however these tests were started."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def running(
    path: Path, *, begin: Callable[[], object] = hears_all_signals, **rest: Any
) -> Iterator[subprocess.Popen[str]]:
    """A run on the wall's time that is in full swing, and would go on for a minute."""
    (path / "busy.drill.yaml").write_text(SMALL.replace("every_s: 10", "every_s: 1").replace("at: 60", "at: 600"))
    words = [sys.executable, "-m", "atmbench", "run", "busy.drill.yaml", "--out", "out"]
    words += ["--venue", "loopback", "--speed", "10"]
    with subprocess.Popen(words, cwd=path, text=True, preexec_fn=begin, **rest) as process:  # noqa: PLW1509 - no threads
        try:
            wait_until_it_serves(process, path / "out" / "history.jsonl")
            yield process
        finally:
            process.kill()


def wait_until_it_serves(process: subprocess.Popen[str], history: Path) -> None:
    for _ in range(LOOKS_MAX):
        with suppress(subprocess.TimeoutExpired):
            pytest.fail(f"the run is over already, with exit code {process.wait(LOOK_EVERY_S)}")
        if history.exists() and b"transaction_started" in history.read_bytes():
            return
    pytest.fail("the run does not start")


def check_what_is_left(path: Path) -> None:
    """A run that was stopped has a journal and a history that can be judged: nothing is proven."""
    assert "WITHDRAWAL" in "".join(each.read_text() for each in (path / "out" / "journals").iterdir())
    done = Shell(path)("audit", "out")
    assert (done.returncode, done.stdout[:8]) == (3, "UNKNOWN "), done.stderr


@pytest.mark.parametrize(
    "number", [signal.SIGINT, *(pytest.param(each, marks=pytest.mark.full) for each in (signal.SIGTERM, signal.SIGHUP))]
)
def test_a_run_that_is_stopped_says_so_and_can_be_read(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.send_signal(number)
        out, talk = process.communicate(timeout=ENDS_WITHIN_S)
    assert (process.returncode, out) == (3, "")
    assert "run directory: out\natmbench: stopped from outside" in talk
    assert "Traceback" not in talk
    check_what_is_left(tmp_path)


@pytest.mark.full
def test_a_run_in_the_background_of_a_script_ends_the_same_way(tmp_path: Path) -> None:
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with running(tmp_path, **quiet, begin=partial(signal.signal, signal.SIGINT, signal.SIG_IGN)) as process:
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        process.send_signal(signal.SIGTERM)
        _, talk = process.communicate(timeout=ENDS_WITHIN_S)
    assert (process.returncode, talk.count("Traceback")) == (3, 0)
    check_what_is_left(tmp_path)


@pytest.mark.full
def test_a_run_whose_terminal_window_is_closed_ends_the_same_way(tmp_path: Path) -> None:
    ours, theirs = os.openpty()

    def begin() -> None:
        hears_all_signals()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    with running(tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, begin=begin) as process:
        os.close(theirs)
        os.close(ours)
        assert process.wait(ENDS_WITHIN_S) == 3
    check_what_is_left(tmp_path)


@pytest.mark.full
def test_a_run_under_nohup_does_not_mind_that_the_terminal_goes(tmp_path: Path) -> None:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with running(tmp_path, **quiet, begin=partial(signal.signal, signal.SIGHUP, signal.SIG_IGN)) as process:
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
