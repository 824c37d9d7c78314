"""Two run directories, read and held against each other: what `atmbench compare` does."""

from pathlib import Path

from atmbench.compare import Comparison, Recording, Settings, compare
from atmbench.compare.judging import unlike
from atmbench.errors import LocalError
from atmbench.messages.dialect import Dialect
from atmbench.run.dialects import find_dialect
from atmbench.store.run_directory import DIALECT_FILE, RunDirectory


def compare_runs(a: Path, b: Path, settings: Settings, *, at_any_rate: bool = False) -> Comparison:
    """Compare the run at `a`, before a change, with that at `b`, after it.

    Raises LocalError if there is no run, or its history is damaged; also if the two are no fair comparison, unless
    `at_any_rate`.
    """
    names = (a.name, b.name) if a.name != b.name else (str(a), str(b))
    dialect = _dialect(RunDirectory.open(a))  # of both: what varies is to be the same in both
    one, other = (_recording(path, name, dialect) for path, name in zip((a, b), names, strict=True))
    against = unlike(one.about, other.about)
    if against and not at_any_rate:
        raise LocalError(f"{'; '.join(against)}; run the same drill twice, or compare them all the same with --any")
    return compare(one, other, settings, lambda field: _name(dialect, field))


def _recording(path: Path, name: str, dialect: Dialect) -> Recording:
    recording, directory = Recording(name, dialect.roles.of), RunDirectory.open(path)
    try:
        for fact in directory.history():
            recording.add(fact)
    except LocalError as error:
        raise LocalError(f"{path}: {error}") from None
    return recording


def _dialect(directory: RunDirectory) -> Dialect:
    """The dialect of a run: as it was then, if it came from a file that needs no other."""
    named = directory.read_info().dialect
    if (directory.path / DIALECT_FILE).is_file():
        try:
            return find_dialect(DIALECT_FILE, directory.path).dialect
        except LocalError:
            pass  # it extends a file that lies where it came from
    return find_dialect(named).dialect


def _name(dialect: Dialect, field: str) -> str:
    layout = dialect.fields.get(int(field)) if field.isdigit() else None
    return layout.name if layout is not None else {"t": "message type"}.get(field, "")
