"""The command `atmbench console` and the bench that it starts."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from atmbench.cli_console import console, start_bench
from atmbench.console.attach import answers
from atmbench.console.bench_process import BenchProcess, free_port
from atmbench.errors import AtmbenchError, LocalError, VenueError
from tests.console.play import attached, press
from tests.console.small_bench import SmallBench
from tests.console.tell import begun


@pytest.mark.parametrize("words", [[], ["primary-cut", "--replay", "x"], ["--attach", "http://x", "--replay", "x"]])
def test_one_source_is_wanted_and_no_more(words: list[str]) -> None:
    result = CliRunner().invoke(console, words)
    assert result.exit_code == 2
    assert "say one of DRILL, --attach URL or --replay RUN_DIR" in result.output


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1", "http//127.0.0.1", ""])
def test_an_address_that_is_none_is_said(url: str) -> None:
    result = CliRunner().invoke(console, ["--attach", url])
    assert result.exit_code == 2
    assert "meant the address of a bench" in result.output


def test_a_folder_that_is_no_run_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(console, ["--replay", str(tmp_path)])
    assert isinstance(result.exception, LocalError)
    assert "is no run directory" in str(result.exception)


def test_a_token_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    words = ["--attach", "http://127.0.0.1:1", "--token-file", str(tmp_path / "none")]
    result = CliRunner().invoke(console, words)
    assert isinstance(result.exception, LocalError)
    assert "cannot be read" in str(result.exception)


def test_a_mistake_in_the_drill_is_told_before_a_bench_is_started() -> None:
    with pytest.raises(AtmbenchError, match="there is no drill 'primary-cat'"):
        start_bench("primary-cat", venue="loopback", speed=1.0, seed=1, out=None)


def test_a_bench_that_does_not_start_is_told_with_its_words() -> None:
    bench = BenchProcess(["no-such-drill"])
    with pytest.raises(VenueError, match=r"(?s)the bench did not start:.*there is no drill 'no-such-drill'"):
        bench.wait_until_ready(answers)
    assert bench.end() == (2, "")


def test_where_nobody_listens_nobody_answers() -> None:
    assert not answers(f"http://127.0.0.1:{free_port()}", 0.0)


@pytest.mark.full
def test_a_bench_answers_and_writes_its_run_down_when_it_is_ended(tmp_path: Path) -> None:
    bench = start_bench("all-quiet", venue="loopback", speed=5.0, seed=3, out=tmp_path / "run")
    code, report = bench.end()
    assert code in (1, 3)  # it was stopped, so it proves nothing
    assert "Seed: 3" in report
    assert (tmp_path / "run" / "history.jsonl").exists()


def test_a_console_with_a_bench_of_its_own_asks_before_it_quits() -> None:
    async def go() -> list[object]:
        process = BenchProcess(["--help"])
        found: list[object] = []
        try:
            async with attached(SmallBench([begun()]), process=process) as (app, pilot):
                await press(pilot, "q", "n")
                found.append(app.is_running)
                await press(pilot, "q", "escape")
                found.append(app.is_running)
                await pilot.press("q", "s")
            found.append(app.return_value)
        finally:
            process.end()
        return found

    assert asyncio.run(go()) == [True, True, 0]
