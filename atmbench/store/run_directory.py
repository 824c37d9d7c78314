"""The run directory: everything one run leaves behind.

    drill.yaml      the drill as it was read
    dialect.yaml    the dialect, if it came from a file
    run.json        seed, venue, versions, planted defects
    history.jsonl   every fact, one a line
    wire.pcapng     what passed on the lines, on demand
    journals/       the electronic journal of each terminal
    session.drill.yaml  what a tester did while it ran, as a drill
    report.txt      verdicts and stories
    junit.xml       the same for a CI system

The history is appended to while the run goes on, so a run that is killed leaves a readable one. This
module must never judge what it stores.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

import msgspec

from atmbench.errors import LocalError
from atmbench.facts import AnyFact, JournalWritten, read_history

DIALECT_FILE = "dialect.yaml"
"""Where a dialect lies that came from a file."""
RUNS_OF_ONE_NAME_MAX = 10_000
JOURNAL_LINES_HELD_MAX = 50_000
"""Lines of all journals that are kept in memory before they are written."""


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to run it again."""

    drill: str
    seed: int
    venue: str
    version: str
    python: str
    dependencies: dict[str, str]
    defects: tuple[str, ...] = ()
    keys: dict[str, str] = {}
    """Names of keys that were given, with their check values."""
    dialect: str = ""
    command: str
    """The command line that does."""


class RunDirectory:
    """A directory of one run, new or found again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a new one. Raises LocalError if the path is taken by something that is not an empty directory."""
        try:
            path.mkdir(parents=True, exist_ok=True)
            taken = any(path.iterdir())
        except OSError as error:
            raise LocalError(
                f"cannot make the run directory {path}: {error.strerror}; choose another with --out"
            ) from None
        if taken:
            raise LocalError(f"the run directory {path} is not empty; choose another with --out, or delete it")
        (path / "journals").mkdir()
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Find a recorded run again. Raises LocalError if there is no history in it."""
        found = cls(path)
        if not found.history_path.is_file():
            raise LocalError(f"{path} is no run directory: it has no {found.history_path.name}")
        return found

    @property
    def history_path(self) -> Path:
        """Every fact, one a line."""
        return self.path / "history.jsonl"

    @property
    def capture_path(self) -> Path:
        """What passed on the lines; there only if that was asked for."""
        return self.path / "wire.pcapng"

    @property
    def drill_path(self) -> Path:
        """The drill as it was read."""
        return self.path / "drill.yaml"

    def open_history(self) -> BinaryIO:
        """The history file, to append to."""
        return self.history_path.open("ab", buffering=1 << 16)

    def open_capture(self) -> BinaryIO:
        """The file of what passed on the lines, to write to."""
        return self.capture_path.open("wb")

    def history(self) -> Iterator[AnyFact]:
        """The recorded facts. Raises LocalError with the line number if the file is damaged."""
        with self.history_path.open("rb") as file:
            yield from read_history(file)

    def write_info(self, info: RunInfo, drill_text: str, dialect_text: str = "") -> None:
        """Write what is needed to run it again. The text of a dialect that is shipped is not."""
        (self.path / "run.json").write_bytes(msgspec.json.format(msgspec.json.encode(info), indent=2) + b"\n")
        self.drill_path.write_text(drill_text, encoding="utf-8")
        if dialect_text:
            (self.path / DIALECT_FILE).write_text(dialect_text, encoding="utf-8")

    def write_session(self, text: str) -> Path:
        """Write the session as a drill. Raises LocalError if it cannot be written."""
        path = self.path / "session.drill.yaml"
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise LocalError(f"{path} cannot be written: {error.strerror}") from None
        return path

    def read_info(self) -> RunInfo:
        """What `write_info` wrote. Raises LocalError if it cannot be read or is damaged."""
        path = self.path / "run.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=RunInfo)
        except OSError as error:
            raise LocalError(f"{path} cannot be read: {error.strerror}") from None
        except msgspec.MsgspecError as error:
            raise LocalError(
                f"{path} cannot be read: {error}; delete it, and the audit goes by the history alone"
            ) from None

    @property
    def has_info(self) -> bool:
        """Whether anything is said of how it was run. The history alone is enough to judge it."""
        return (self.path / "run.json").exists()

    def write_reports(self, text: str, junit: str) -> None:
        """Write the verdicts in both forms. Raises LocalError if they cannot be written."""
        try:
            (self.path / "report.txt").write_text(text, encoding="utf-8")
            (self.path / "junit.xml").write_text(junit, encoding="utf-8")
        except OSError as error:
            raise LocalError(f"the reports cannot be written into {self.path}: {error.strerror}") from None

    def journals(self) -> "Journals":
        """Where the electronic journals of the terminals go while a run lasts."""
        return Journals(self.path / "journals")


class Journals:
    """The electronic journal of each terminal, one file each. Call it with every fact of a history, in order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: dict[str, list[str]] = {}
        self._held = 0

    def __call__(self, fact: AnyFact) -> None:
        """Keep the line if the fact is one of a journal."""
        if type(fact) is JournalWritten:
            self._lines.setdefault(fact.actor, []).append(fact.line)
            self._held += 1
            if self._held >= JOURNAL_LINES_HELD_MAX:
                self.flush()

    def flush(self) -> None:
        """Write what is held."""
        for terminal, lines in self._lines.items():
            with (self._folder / f"{terminal}.log").open("a", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
        self._lines.clear()
        self._held = 0


def free_path(parent: Path, name: str) -> Path:
    """A path of this name that nothing lies at yet: `name`, or `name-2`, `name-3` ..."""
    for number in range(1, RUNS_OF_ONE_NAME_MAX):
        path = parent / (name if number == 1 else f"{name}-{number}")
        if not path.exists():
            return path
    raise LocalError(f"{parent} holds {RUNS_OF_ONE_NAME_MAX} runs named {name}; delete some")
