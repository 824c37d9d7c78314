"""Where drills come from, and how to name and repeat a run of one."""

import shlex
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import msgspec

from atmbench.datafile import DataFileError, Loaded
from atmbench.devices.szzt_pin_pad import lacks
from atmbench.drill.load import check_drill, load_drill
from atmbench.drill.records import LINES, OUTFITS, Devices, Drill, LineSettings
from atmbench.drill.stock import stock_drill_names, stock_drill_text
from atmbench.errors import LocalError
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect
from atmbench.releases.speech import Speech
from atmbench.run.channels import demand_sendable
from atmbench.run.dialects import find_dialect, with_timers
from atmbench.run.rollout import prepare_release, releases_named

DRILL_SUFFIX = ".drill.yaml"
DRILL_BYTES_MAX = 1_000_000


class Source(msgspec.Struct, frozen=True):
    """A drill as it was found: the record, its text, and the name to run it by.

    `dialect` is that of the drill (None: ask for it by its name), with its text if it came from a file. `other_dialect`
    is the name of one that was asked for in place of the drill's own.
    """

    drill: Drill
    text: str
    name: str
    dialect: Dialect | None = None
    dialect_text: str = ""
    other_dialect: str = ""
    other_devices: str = ""
    """As `other_dialect`, of the machines in the terminals."""
    other_lines: str = ""
    """As `other_dialect`, of what the lines are."""


def find_drill(name: str, *, dialect: str = "", devices: str = "", lines: str = "") -> Source:
    """A drill file by its path, or a stock drill by its name. `dialect` is another one than the drill's own.

    `devices` is a word of `drill.records.OUTFITS`, for other machines in the terminals than the drill's own, and
    `lines` one of `drill.records.LINES`, for other lines; those that are serial already stay as they are for "serial".

    Raises LocalError if there is no such drill or dialect, DataFileError if a file is wrong.
    """
    path = Path(name)
    text = _text_of(path, name)
    loaded = load_drill(text, name)
    wanted = dialect or loaded.value.dialect
    try:
        found = find_dialect(wanted, None if dialect else path.parent)
    except DataFileError:
        raise
    except LocalError as error:
        if dialect:
            raise
        raise loaded.wrong(("dialect",), repr(wanted), f"a dialect that can be used ({error})") from None
    lacks = found.dialect.lack_of_dukpt
    if loaded.value.security is not None and loaded.value.security.dukpt and lacks:
        what = f"dukpt: true in the dialect {wanted}, which has no place for it"
        raise loaded.wrong(("security", "dukpt"), what, f"{lacks}; a dialect file of your own may say it")
    for channel, settings in loaded.value.channels.items():
        try:
            demand_sendable(loaded.value, settings, found.dialect)
        except LocalError as error:
            meant = f"messages that clients can send in the dialect {wanted} ({error})"
            raise loaded.wrong(("channels", channel), f"channel {channel!r}", meant) from None
    _demand_releases(loaded, found.dialect, wanted)
    drill = msgspec.structs.replace(with_timers(loaded, found.dialect), dialect=wanted)
    if devices:
        drill = msgspec.structs.replace(drill, devices=_outfit(devices, drill, found.dialect))
    if lines:
        drill = msgspec.structs.replace(drill, lines=_other_lines(drill, lines))
        check_drill(drill)
    return Source(drill, text, name, found.dialect, found.text, dialect, devices, lines)


def _demand_releases(loaded: Loaded[Drill], dialect: Dialect, name: str) -> None:
    """Each release of a drill can be laid over its dialect. Raises DataFileError for the first that cannot."""
    base = Speech(dialect, Codec(dialect))
    for release, path in releases_named(loaded.value).items():
        try:
            prepare_release(release, loaded.value, base)
        except LocalError as error:
            meant = f"a release that can be laid over the dialect {name} ({error})"
            raise loaded.wrong(path, f"release {release!r}", meant) from None


def _other_lines(drill: Drill, name: str) -> dict[str, LineSettings]:
    if name not in LINES:
        raise LocalError(f"there are no lines {name!r}; expected one of {', '.join(LINES)}")
    serial = LINES[name]
    return {  # what the drill says of a serial line is still said
        line: msgspec.structs.replace(each, serial=serial and (each.serial or serial))
        for line, each in drill.lines.items()
    }


def _outfit(name: str, drill: Drill, dialect: Dialect) -> Devices:
    """All modelled, or a machine in the place of every model that it can stand for; the drill's own machines stay."""
    if name not in OUTFITS:
        raise LocalError(f"there are no devices {name!r}; expected one of {', '.join(OUTFITS)}")
    outfit, modelled = OUTFITS[name], OUTFITS["modelled"]
    if outfit == modelled:
        return outfit
    with_dukpt = drill.security is not None and drill.security.dukpt
    if dialect.security is not None and lacks(dialect.security, with_dukpt=with_dukpt):
        outfit = msgspec.structs.replace(outfit, pin_pad="modelled")
    own = drill.devices
    kept = {
        field: value for field in own.__struct_fields__ if (value := getattr(own, field)) != getattr(modelled, field)
    }
    return msgspec.structs.replace(outfit, **kept)


def _text_of(path: Path, name: str) -> str:
    if path.suffix or (path.exists() and not path.is_dir()):
        return _read(path)
    if name in (names := stock_drill_names()):
        return stock_drill_text(name)
    if path.is_dir():
        raise LocalError(f"{name!r} is a folder; a drill is a file, or the name of a stock drill (`atmbench drills`)")
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}?" if near else "`atmbench drills` lists those that are shipped"
    raise LocalError(f"there is no drill {name!r}: no file of that name, and no stock drill; {hint}")


def run_name(source: Source, venue: str, seed: int) -> str:
    """The usual name of a run directory."""
    return f"{source.drill.drill}-{venue}-{seed}"


def replay_command(
    source: Source,
    *,
    venue: str,
    seed: int,
    speed: float = 1.0,
    plant: Sequence[str] = (),
    keys: str = "",
    ledger: str = "",
    door: str = "run",
) -> str:
    """The command line that runs it again, by this command of ours."""
    words = ["atmbench", door, source.name, "--seed", str(seed), "--venue", venue]
    if speed != 1.0:
        words += ["--speed", f"{speed:g}"]
    if source.other_dialect:
        words += ["--dialect", source.other_dialect]
    if source.other_devices:
        words += ["--devices", source.other_devices]
    if source.other_lines:
        words += ["--lines", source.other_lines]
    for defect in plant:
        words += ["--plant", defect]
    if keys:
        words += ["--keys", keys]
    if ledger:
        words += ["--ledger", ledger]
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
