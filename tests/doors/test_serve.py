"""A bench as a user starts it and talks to it: `atmbench serve` in a process of its own, and `atmbench ctl`."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from atmbench.drill.rules import command_of
from atmbench.run.runner import audit_directory, run_drill
from atmbench.run.source import find_drill
from tests.doors.test_cli import SMALL, Shell, hears_all_signals


class Bench:
    """One `atmbench serve`, on a free port."""

    def __init__(self, folder: Path, *words: str, drill: str = SMALL, **env: str) -> None:
        self._shell = Shell(folder)
        (folder / "small.drill.yaml").write_text(
            drill + "expect: {approved_min: 0}\n"
        )  # a tester may be quicker than any customer
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "atmbench", "serve", "small.drill.yaml", "--venue", "virtual", "--speed", "20",
             "--port", "0", "--out", "run", *words],
            cwd=folder, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=hears_all_signals,  # noqa: PLW1509 - no threads
        )  # fmt: skip
        assert self.process.stderr is not None
        said = self.process.stderr.readline()
        found = re.search(r"small.drill.yaml answers at (\S+)", said)
        assert found is not None, said + self.process.stderr.read()
        self.url = found[1]

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def ctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._shell("ctl", "--url", self.url, *words)

    def end(self) -> tuple[int, str, str]:
        out, talk = self.process.communicate(timeout=60)
        return self.process.returncode, out, talk


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Bench(tmp_path) as found:
        yield found


def test_a_session_by_ctl(bench: Bench) -> None:
    status = json.loads(bench.ctl("--json", "status").stdout)
    assert (status["drill"], status["state"]) == ("small", "running")
    cut = bench.ctl("cut", "primary", "--name", "mine")
    assert (cut.returncode, cut.stderr) == (0, "")
    assert re.fullmatch(r"cut mine at \d+\.\d{3} s, fact \d+\n", cut.stdout)
    faults = bench.ctl("faults").stdout.splitlines()
    assert faults[0].split() == ["name", "kind", "detail", "started", "touched"]
    assert faults[1].startswith("mine  cut   line: primary")
    assert bench.ctl("mend", "mine").stdout.startswith("mend at ")
    delay = json.loads(bench.ctl("--json", "fault", "{kind: delay, line: primary, delay_s: 0.1}").stdout)
    assert delay["name"] == "tester-delay-1"
    assert bench.ctl("withdraw", "T01", "50.00", "--card", "3").returncode == 0
    assert bench.ctl("clock", "--", "A", "-3600").stdout.startswith("clock at ")
    assert bench.ctl("cutover", "--to", "2026-01-08").stdout.startswith("cutover at ")
    assert bench.ctl("core", "A", "away").returncode == 0
    assert [each["core_is_up"] for each in json.loads(bench.ctl("--json", "sites").stdout)] == [False, True]
    assert bench.ctl("core", "A", "up").returncode == 0
    assert bench.ctl("brake", "B", "on").stdout.startswith("brake at ")
    assert "a posting process in a drill whose host posts at once" in bench.ctl("posting", "A", "break-off").stderr
    wrong = bench.ctl("withdraw", "T09", "50.00")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert (
        wrong.stderr
        == "atmbench: the bench says (422): terminal: found terminal 'T09', meant T01 to T02 (terminals: 2).\n"
    )
    facts = bench.ctl("facts", "--actor", "tester", "--kind", "step_performed").stdout.splitlines()
    assert [json.loads(line)["command"] for line in facts] == [
        *("mend", "withdraw", "clock", "cutover", "core", "core", "brake")
    ]
    assert bench.ctl("audit").returncode == 3
    saved = bench.ctl("save", "mine.drill.yaml")
    assert (saved.returncode, saved.stderr) == (0, "saved; run it again with: atmbench run mine.drill.yaml\n")
    assert "name: mine" in (bench.folder / "mine.drill.yaml").read_text()

    healed = bench.ctl("heal")
    assert (healed.returncode, healed.stdout) == (0, f"PASS  small; run directory: {bench.folder / 'run'}\n"), healed
    assert httpx.post(f"{bench.url}/v1/stop", trust_env=False).status_code == 202
    code, out, talk = bench.end()
    assert code == 0, talk
    assert out.startswith("PASS  small: every check passed")
    assert "session.drill.yaml --seed 1 --venue virtual" in out
    assert (bench.folder / "run" / "session.drill.yaml").exists()


OPERATED = (
    SMALL
    + """
releases: {N+1: {changes: a field more, dialect: {templates: {service: {request: {constant: {60: "SW 02"}}}}}}}
host: {capacity: {rate_per_s: 50, servers: 4, queue_max: 200}}
regions: {north: [T02]}
"""
)
ACTS = """
deploy N+1 --site B
deploy N+1 --percent 50
deploy optional-field --names T01,T02 --at-once
rollback --prefix T --at-once
rollback --site B
capacity A --sick --answers 0.5 --delay-s 1 2
capacity A --usual
capacity B --rate-per-s 20 --queue-max 50
reconcile --no-repair
reconcile
service out --region north --because closed
service back --region north
stop-site B --by close
start-site B --rebuilt
service out --site B
service back --site B
"""


def test_what_an_operator_does_by_ctl_is_saved_as_steps(tmp_path: Path) -> None:
    with Bench(tmp_path, drill=OPERATED) as bench:
        for act in ACTS.strip().splitlines():
            done = bench.ctl(*act.split())
            assert (done.returncode, done.stderr) == (0, ""), act
        assert bench.ctl("deploy", "time-zone", "--site", "B").returncode == 0
        assert re.search(r"B +standby +yes +time-zone ", bench.ctl("sites").stdout)
        assert bench.ctl("rollback", "--site", "B").returncode == 0
        wrong = bench.ctl("deploy", "N+2", "--site", "A")
        assert "release: found release 'N+2', meant 'N+1'" in wrong.stderr
        assert bench.ctl("capacity", "A", "--answers", "0.5").returncode == 2
        assert bench.ctl("save", "mine.drill.yaml").returncode == 0
    (tmp_path / "wanted.drill.yaml").write_text(OPERATED + WANTED + "expect: {approved_min: 0}\n")
    saved, wanted = (find_drill(str(tmp_path / f"{name}.drill.yaml")).drill for name in ("mine", "wanted"))
    assert [command_of(step) for step in saved.steps] == [command_of(step) for step in wanted.steps]
    assert run_drill(find_drill(str(tmp_path / "mine.drill.yaml"))).audit.verdict("expected").status == "PASS"


WANTED = """
steps:
- {at: 1, deploy: {release: N+1, site: B}}
- {at: 1, deploy: {release: N+1, terminals: {percent: 50}}}
- {at: 1, deploy: {release: optional-field, terminals: {names: [T01, T02]}, when: at_once}}
- {at: 1, rollback: {terminals: {prefix: T}, when: at_once}}
- {at: 1, rollback: {site: B}}
- {at: 1, capacity: {site: A, sick: {answers: 0.5, delay_s: [1, 2]}}}
- {at: 1, capacity: {site: A, usual: true}}
- {at: 1, capacity: {site: B, rate_per_s: 20, queue_max: 50}}
- {at: 1, reconcile: {repair: false}}
- {at: 1, reconcile: {}}
- {at: 1, service: {open: false, region: north, because: closed}}
- {at: 1, service: {open: true, region: north}}
- {at: 1, stop_site: {site: B, by: close}}
- {at: 1, start_site: {site: B, rebuilt: true}}
- {at: 1, service: {open: false, site: B}}
- {at: 1, service: {open: true, site: B}}
- {at: 1, deploy: {release: time-zone, site: B}}
- {at: 1, rollback: {site: B}}
"""


def test_ctrl_c_leaves_a_whole_run_directory(bench: Bench) -> None:
    httpx.post(f"{bench.url}/v1/commands", json={"power": {"terminal": "T02", "on": False}}, trust_env=False)
    with httpx.stream("GET", f"{bench.url}/v1/facts?follow=true", trust_env=False) as answer:
        lines = answer.iter_lines()
        next(lines)
        bench.process.send_signal(signal.SIGINT)
        code, out, talk = bench.end()
        assert json.loads(list(lines)[-1])["fact"] == "run_ended"
    assert code == 3, talk
    assert out.startswith("UNKNOWN  small")
    assert talk.endswith("run directory: run\n")
    run = bench.folder / "run"
    assert audit_directory(run).audit.status.value == "UNKNOWN"
    assert (run / "report.txt").read_text() == out
    assert 'power: {terminal: T02, "on": false}' in (run / "session.drill.yaml").read_text()


def test_a_bench_for_others_asks_for_its_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "atmbench", "serve", "primary-cut", "--host", "0.0.0.0"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 2
    assert refused.stderr.startswith(
        "atmbench: 0.0.0.0 is not loopback, and a bench that others can reach needs a token"
    )
    assert list(tmp_path.iterdir()) == []

    with Bench(tmp_path, ATMBENCH_TOKEN="0123456789abcdef") as bench:
        monkeypatch.setenv("ATMBENCH_TOKEN", "0123456789abcdef")
        assert bench.ctl("status").returncode == 0
        monkeypatch.setenv("ATMBENCH_TOKEN", "fedcba9876543210")
        other = bench.ctl("stop")
        assert (other.returncode, "(401): found another token" in other.stderr) == (2, True)
        bench.process.send_signal(signal.SIGTERM)
        assert bench.end()[0] == 3


def test_where_nobody_answers_ctl_says_so(bench: Bench) -> None:
    bench.process.send_signal(signal.SIGINT)
    bench.end()
    silent = bench.ctl("status")
    assert silent.returncode == 2
    assert silent.stderr.startswith(f"atmbench: no bench answers at {bench.url}: ")


def test_the_curl_lines_of_the_readme_work(bench: Bench) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    lines = [line.strip() for line in readme.splitlines() if line.startswith("    curl ") and "8590" in line]
    assert len(lines) == 11
    for line in lines:
        asked = line.replace("http://127.0.0.1:8590", bench.url).replace("curl", "curl -sS --fail-with-body", 1)
        done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), (line, done.stdout, done.stderr)
        assert done.stdout, line
