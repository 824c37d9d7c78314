"""Where drills come from, and how to name and repeat a run of one."""

import shlex
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import msgspec

from atmbench.drill.load import parse_drill
from atmbench.drill.records import Drill
from atmbench.drill.stock import stock_drill_text, stock_drills
from atmbench.errors import LocalError

DRILL_SUFFIX = ".drill.yaml"
DRILL_BYTES_MAX = 1_000_000


class Source(msgspec.Struct, frozen=True):
    """A drill as it was found: the record, its text, and the name to run it by."""

    drill: Drill
    text: str
    name: str


def find_drill(name: str) -> Source:
    """A drill file by its path, or a stock drill by its name.

    Raises LocalError if there is neither, DataFileError if the file is wrong.
    """
    path = Path(name)
    if path.suffix or (path.exists() and not path.is_dir()):
        text = _read(path)
    elif name in (names := [each.name for each in stock_drills()]):
        text = stock_drill_text(name)
    elif path.is_dir():
        raise LocalError(f"{name!r} is a folder; a drill is a file, or the name of a stock drill (`atmbench drills`)")
    else:
        near = get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}?" if near else "`atmbench drills` lists those that are shipped"
        raise LocalError(f"there is no drill {name!r}: no file of that name, and no stock drill; {hint}")
    return Source(parse_drill(text, name), text, name)


def run_name(source: Source, venue: str, seed: int) -> str:
    """The usual name of a run directory."""
    return f"{source.drill.drill}-{venue}-{seed}"


def replay_command(source: Source, *, venue: str, seed: int, speed: float = 1.0, plant: Sequence[str] = ()) -> str:
    """The command line that runs it again."""
    words = ["atmbench", "run", source.name, "--seed", str(seed), "--venue", venue]
    if speed != 1.0:
        words += ["--speed", f"{speed:g}"]
    for defect in plant:
        words += ["--plant", defect]
    return shlex.join(words)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            found = file.read(DRILL_BYTES_MAX + 1)  # a device or a pipe has no size to ask for
    except OSError as error:
        raise LocalError(f"cannot read the drill {path}: {error.strerror}") from None
    if len(found) > DRILL_BYTES_MAX:
        raise LocalError(f"{path} has more than {DRILL_BYTES_MAX:,} bytes; that is no drill")
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError:
        raise LocalError(f"{path} is not UTF-8 text; a drill is a YAML file") from None
