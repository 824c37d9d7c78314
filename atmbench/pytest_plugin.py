"""The pytest door: drill files are tests, and the `bench` fixture runs drills from tests of your own.

    pytest path/to/x.drill.yaml --atm-venue=loopback --atm-seed=7

    def test_no_money_is_lost(bench):
        bench.run("primary-cut")

A drill that does not end as expected fails with its stories and the command that replays it. This
module is loaded in every pytest run of its environment, so it imports nothing heavy until a drill runs.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from atmbench.errors import AtmbenchError, LocalError

if TYPE_CHECKING:
    from atmbench.run.runner import RunResult

DRILL_SUFFIX = ".drill.yaml"


class DrillFailed(AssertionError):
    """A drill ended otherwise than expected. The message is the report: stories and replay command."""


class Bench:
    """Runs drills. One per session; the options --atm-... are its defaults. Without a seed each drill has its own."""

    def __init__(
        self,
        *,
        venue: str,
        seed: int | None,
        speed: float,
        out: Path | None,
        capture: bool = False,
        ledger: Path | None = None,
    ) -> None:
        self.venue = venue
        self.seed = seed
        self.speed = speed
        self.out = out
        self.capture = capture
        self.ledger = ledger

    def run(
        self,
        drill: str | Path,
        *,
        venue: str = "",
        seed: int | None = None,
        plant: Sequence[str] = (),
        expect: str = "PASS",
        ledger: Path | None = None,
    ) -> "RunResult":
        """Run a drill file, or a stock drill by its name, and return what it came to.

        `expect` is the verdict it must end with: "PASS", "FAIL" or "UNKNOWN"; of a drill that says what `fails`, PASS
        means that it fails just so. `ledger` is a pair of databases for the ledgers, on loopback. Raises DrillFailed if
        it ends otherwise, LocalError or VenueError if it cannot run.
        """
        from atmbench.audit.judge import failed_otherwise
        from atmbench.run.runner import run_drill
        from atmbench.run.source import find_drill, run_name
        from atmbench.store.run_directory import free_path

        if expect not in ("PASS", "FAIL", "UNKNOWN"):
            raise LocalError(f"expect is {expect!r}; a drill ends with PASS, FAIL or UNKNOWN")
        source = find_drill(str(drill))
        venue = venue or self.venue
        seed = next((each for each in (seed, self.seed) if each is not None), source.drill.seed)
        result = run_drill(
            source,
            venue=venue,
            seed=seed,
            speed=self.speed if venue == "loopback" else 1.0,
            out=free_path(self.out, run_name(source, venue, seed)) if self.out else None,
            plant=plant,
            capture=self.capture,
            ledger=ledger or self.ledger,
        )
        status = result.audit.status.value
        if source.drill.fails and expect == "PASS":
            otherwise = failed_otherwise(result.audit, source.drill.fails)
            if otherwise:
                meant = ", ".join(source.drill.fails)
                raise DrillFailed(f"{source.drill.drill} means to fail by {meant}: {otherwise}\n\n{result.report}")
            return result
        if status != expect:
            raise DrillFailed(f"{source.drill.drill} ended with {status}, expected {expect}\n\n{result.report}")
        return result


@pytest.fixture(scope="session")
def bench(pytestconfig: pytest.Config) -> Bench:
    """Runs drills with the options --atm-venue, --atm-seed, --atm-speed, --atm-out, ... as defaults."""
    return _bench(pytestconfig)


class DrillItem(pytest.Item):
    """One drill as a test."""

    def runtest(self) -> None:
        """Run the drill; a verdict other than PASS is a failure."""
        _bench(self.config).run(self.path)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """The report or the sentence, without a traceback through the bench."""
        if isinstance(excinfo.value, DrillFailed | AtmbenchError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the drill stands and what it is called."""
        return self.path, None, f"drill {self.name}"


class DrillFile(pytest.File):
    """A *.drill.yaml file, collected as one test."""

    def collect(self) -> Iterator[DrillItem]:
        """The drill of this file."""
        yield DrillItem.from_parent(self, name=self.path.name.removesuffix(DRILL_SUFFIX))


def _bench(config: pytest.Config) -> Bench:
    out, ledger = config.getoption("atm_out"), config.getoption("atm_ledger")
    return Bench(
        venue=config.getoption("atm_venue"),
        seed=config.getoption("atm_seed"),
        speed=config.getoption("atm_speed"),
        out=Path(out) if out else None,
        capture=config.getoption("atm_capture"),
        ledger=Path(ledger) if ledger else None,
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the bench."""
    group = parser.getgroup("atmbench", "ATM failover drills")
    group.addoption("--atm-venue", choices=["virtual", "loopback"], default="virtual", help="where drills run")
    group.addoption("--atm-seed", type=int, help="seed of all drills (default: each drill's own, or 1)")
    group.addoption("--atm-speed", type=float, default=1.0, help="on loopback, how much faster than real time")
    group.addoption("--atm-out", default="", metavar="DIR", help="keep run directories under DIR")
    group.addoption(
        "--atm-ledger",
        default="",
        metavar="PAIR",
        help="on loopback, keep ledgers in this pair of PostgreSQL databases",
    )
    group.addoption(
        "--atm-capture",
        action="store_true",
        help="keep what passed on the lines, of test cards only",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> DrillFile | None:
    """Collect drill files."""
    if file_path.name.endswith(DRILL_SUFFIX):
        return DrillFile.from_parent(parent, path=file_path)
    return None
