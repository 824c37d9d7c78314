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
    if path.suffix or path.exists():
        text = _read(path)
    elif name in (names := [each.name for each in stock_drills()]):
        text = stock_drill_text(name)
    else:
        near = get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}?" if near else "`atmbench drills` lists those that are shipped"
        raise LocalError(f"there is no drill {name!r}: no file of that name, and no stock drill; {hint}")
    return Source(parse_drill(text, name), text, name)


def run_name(source: Source, venue: str, seed: int) -> str:
    """The usual name of a run directory."""
    return f"{source.drill.drill}-{venue}-{seed}"


def replay_command(
    source: Source, *, venue: str, seed: int, speed: float = 1.0, plant: Sequence[str] = (), keys: str = ""
) -> str:
    """The command line that runs it again."""
    words = ["atmbench", "run", source.name, "--seed", str(seed), "--venue", venue]
    if speed != 1.0:
        words += ["--speed", f"{speed:g}"]
    for defect in plant:
        words += ["--plant", defect]
    if keys:
        words += ["--keys", keys]
    return shlex.join(words)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > DRILL_BYTES_MAX:
            raise LocalError(f"{path} has more than {DRILL_BYTES_MAX} bytes; that is no drill")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise LocalError(f"cannot read the drill {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise LocalError(f"{path} is not UTF-8 text; a drill is a YAML file") from None
