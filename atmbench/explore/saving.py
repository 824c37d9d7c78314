"""Found drills as files that anybody runs again: `atmbench run` gives the same history with no more said.

It must never overwrite a file that says something else.
"""

import hashlib
import re
from pathlib import Path

import msgspec

from atmbench.drill.load import parse_drill
from atmbench.drill.records import Drill
from atmbench.drill.writing import drill_text
from atmbench.errors import LocalError
from atmbench.explore.failures import Failure
from atmbench.messages.dialect import load_dialect

SUFFIX = ".drill.yaml"
HASH_DIGITS = 8
NAME_MAX = 60


def named(failure: Failure, base: str) -> Drill:
    """The drill of a failure under a name of its own: how it fails, and a hash of what it says."""
    way = re.sub(r"[^A-Za-z0-9]+", "-", failure.way).strip("-")[:NAME_MAX]
    plain = msgspec.structs.replace(failure.drill, drill=way, proves="nothing", fails=())
    digest = hashlib.sha256(text_of(plain).encode()).hexdigest()[:HASH_DIGITS]
    return msgspec.structs.replace(plain, drill=f"{way}-{digest}", proves=_proves(failure, base))


def _proves(failure: Failure, base: str) -> str:
    what = "the bench crashed" if failure.is_crash else f"the check {failure.way} failed"
    return f"Found by exploring {base}: {what}. It passes when that is mended."


def text_of(drill: Drill) -> str:
    """The text of its file. Raises LocalError if it cannot be written."""
    return drill_text(drill, timers=msgspec.structs.asdict(load_dialect(drill.dialect).timers))


def save(drill: Drill, folder: Path) -> Path:
    """Write a drill into a folder, which is made if it is not there; its path. Raises LocalError if it cannot be."""
    text = text_of(drill)
    assert parse_drill(text, drill.drill) == drill, "drill_text saw to it"
    path = folder / f"{drill.drill}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LocalError(f"cannot write {path}: {error.strerror}") from None
    return path
