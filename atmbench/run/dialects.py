"""Where dialects come from: those that are shipped, by name, and files of a tester's own.

The messages room never opens a file; this is the place that does it for dialects.
"""

from pathlib import Path

import msgspec

from atmbench.datafile import Loaded
from atmbench.drill.records import Drill
from atmbench.errors import LocalError
from atmbench.messages.dialect import Dialect, dialect_names, load_dialect, parse_dialect, shipped_dialect

SUFFIX = ".yaml"
"""What ends so is a file, all else the name of a shipped dialect."""
DIALECT_BYTES_MAX = 1_000_000


class FoundDialect(msgspec.Struct, frozen=True):
    """A dialect and, if it came from a file, the text of that file."""

    dialect: Dialect
    text: str = ""


def find_dialect(name: str, folder: Path | None = None) -> FoundDialect:
    """A shipped dialect by its name, or a file that ends in .yaml.

    A file is looked for in `folder` first, then here; a file that it extends lies beside it. Raises LocalError if there
    is none, DataFileError if it is wrong.
    """
    if not name.endswith(SUFFIX):
        if name not in dialect_names():
            listed = ", ".join(dialect_names())
            raise LocalError(f"there is no dialect {name!r}; shipped are {listed}; a file of your own ends in {SUFFIX}")
        return FoundDialect(load_dialect(name))
    path = Path(name)
    if folder is not None and (folder / path).is_file():
        path = folder / path
    text = _read(path)

    def find(other: str) -> str:
        return _read(path.parent / other) if other.endswith(SUFFIX) else shipped_dialect(other)

    return FoundDialect(parse_dialect(text, name, find=find), text)


def with_timers(loaded: Loaded[Drill], dialect: Dialect) -> Drill:
    """The drill with the waiting times of a dialect, where its file names none of its own."""
    drill = loaded.value
    usual = {
        key: value
        for key, value in msgspec.structs.asdict(dialect.timers).items()
        if value is not None and not loaded.says(("terminal", "timers", key))
    }
    if not usual:
        return drill
    timers = msgspec.structs.replace(drill.terminal.timers, **usual)
    return msgspec.structs.replace(drill, terminal=msgspec.structs.replace(drill.terminal, timers=timers))


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > DIALECT_BYTES_MAX:
            raise LocalError(f"{path} has more than {DIALECT_BYTES_MAX} bytes; that is no dialect")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise LocalError(f"cannot read the dialect {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise LocalError(f"{path} is not UTF-8 text; a dialect is a YAML file") from None
