"""Runs a drill: drill + venue + seed -> history -> verdicts -> run directory. Every door calls this.

It must never print, and never decide a verdict itself.
"""

import platform
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from importlib.metadata import version as installed_version
from pathlib import Path

import msgspec
import trio

from atmbench import __version__
from atmbench.audit.casebook import Casebook
from atmbench.audit.judge import Audit, judge_book
from atmbench.drill import commands
from atmbench.drill.alert_defects import DEFECTS as ALERT_DEFECTS
from atmbench.errors import AtmbenchError, LocalError, VenueError
from atmbench.facts import AnyFact
from atmbench.host.defects import DEFECTS as HOST_DEFECTS
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import load_dialect
from atmbench.releases.speech import Speech
from atmbench.report import junit, text
from atmbench.report.story import stories
from atmbench.run.key_room import GivenKeys, KeyRoom, needs_keys
from atmbench.run.ledgers import ledger_at
from atmbench.run.population import demand_test_cards
from atmbench.run.rollout import prepare_releases
from atmbench.run.source import Source, replay_command
from atmbench.run.world import World
from atmbench.store.run_directory import RunDirectory, RunInfo
from atmbench.terminal.defects import DEFECTS as TERMINAL_DEFECTS
from atmbench.venues.base import Venue
from atmbench.venues.loopback import LoopbackVenue
from atmbench.venues.virtual import VirtualVenue

VENUES = ("virtual", "loopback")
DEFECTS = HOST_DEFECTS | TERMINAL_DEFECTS | ALERT_DEFECTS
"""Known bugs that can be planted, by name, each with what it does and where it was seen."""

_RECORDED_DEPENDENCIES = ("trio", "pyiso8583", "construct", "msgspec", "ruamel.yaml", "psec", "pyemv", "cryptography")


class RunResult(msgspec.Struct, frozen=True):
    """What a run came to: its audit, the report as text, and where it lies (None if it was not kept)."""

    audit: Audit
    report: str
    directory: Path | None
    unwritten: str = ""
    """Why the reports could not be written beside the history, if so."""


def run_drill(
    source: Source,
    *,
    venue: str | Venue = "virtual",
    seed: int = 1,
    speed: float = 1.0,
    out: Path | None = None,
    plant: Sequence[str] = (),
    reader: Callable[[AnyFact], None] | None = None,
    capture: bool = False,
    keys: GivenKeys | None = None,
    ledger: Path | None = None,
) -> RunResult:
    """Run a drill to its verdict.

    `venue` is the name of one of ours, or a venue of your own; it serves one run. `out` is the run
    directory to create; None keeps nothing. `plant` names defects on top of the drill's
    own. `speed` is how much faster than the wall the clock of `loopback` runs. `reader` sees each fact.
    With `capture` the run directory gets what passed on the lines, card data covered; only test cards are.
    `ledger` is a pair of databases for the ledgers (see `store.postgres_pair`); without it they are in memory.
    `keys` are put into terminals and host before the run; what is not given is made from the seed.
    Raises LocalError, VenueError or RemoteError, one at a time and never in a group.
    """
    if capture:
        _refuse_capture(source, out)
    if out is None:
        with tempfile.TemporaryDirectory(prefix="atmbench-") as folder:
            result = run_drill(
                source,
                venue=venue,
                seed=seed,
                speed=speed,
                out=Path(folder) / "run",
                plant=plant,
                reader=reader,
                keys=keys,
                ledger=ledger,
            )
        return RunResult(result.audit, result.report, None)
    place = make_venue(venue, speed=speed) if isinstance(venue, str) else venue
    keys = keys or GivenKeys()
    pair = ledger_at(place, ledger, source) if ledger is not None else None
    command = replay_command(
        source, venue=place.name, seed=seed, speed=speed, plant=plant, keys=keys.file, ledger=str(ledger or "")
    )
    prepared = prepare(source, place, seed=seed, out=out, plant=plant, keys=keys, command=command)
    directory = prepared.directory
    book, journals = Casebook(), directory.journals()
    with ExitStack() as files:
        world = World(
            source.drill,
            venue=place,
            seed=seed,
            defects=prepared.defects,
            history=files.enter_context(directory.open_history()),
            capture=files.enter_context(directory.open_capture()) if capture else None,
            keys=keys,
            dialect=source.dialect,
            ledger=pair,
        )
        world.recorder.readers += [book.add, journals]
        if reader is not None:
            world.recorder.readers.append(reader)
        try:
            _live(world)
        finally:
            journals.flush()
    return report_run(directory, book, command, world.capture.notice if world.capture is not None else "")


class Prepared(msgspec.Struct, frozen=True):
    """What a run needs beside its world: a run directory that says how it is run, and the defects to plant."""

    directory: RunDirectory
    defects: frozenset[str]
    info: RunInfo


def prepare(
    source: Source, place: Venue, *, seed: int, out: Path, plant: Sequence[str], keys: GivenKeys, command: str
) -> Prepared:
    """Refuse what cannot be run, then make the run directory. `command` is the command line that runs it again.

    Raises LocalError or VenueError.
    """
    defects = _known((*source.drill.defects, *plant))
    _refuse_unable(place, source)
    _refuse_keys(source, seed, keys)
    _refuse_releases(source)
    directory = RunDirectory.create(out)
    info = _info(source, place.name, seed, defects, keys, command)
    directory.write_info(info, source.text, source.dialect_text)
    return Prepared(directory, defects, info)


def audit_directory(path: Path) -> RunResult:
    """Judge a recorded run again, from its history alone.

    The reports are written there again if they can be: an archive may be read-only. Raises LocalError if there is
    no run at `path` or its history is damaged.
    """
    directory = RunDirectory.open(path)
    book = Casebook()
    for fact in directory.history():
        book.add(fact)
    return report_run(directory, book, directory.read_info().command if directory.has_info else "")


def make_venue(name: str, *, speed: float = 1.0) -> Venue:
    """A venue by its name. Raises LocalError if there is none of that name."""
    match name:
        case "virtual":
            return VirtualVenue()
        case "loopback":
            return LoopbackVenue(rate=speed)
        case _:
            raise LocalError(f"there is no venue {name!r}; expected one of {', '.join(VENUES)}")


def _live(world: World) -> None:
    """Let a world live to its end. What was recorded is on disk even if it dies."""
    try:
        trio.run(world.run, clock=world.clock)
    except BaseExceptionGroup as group:
        raise only_one(group) from None
    finally:
        world.flush()
        if world.capture is not None:
            world.capture.close()


def only_one(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What a group of tasks died of: the only error in it, or the first of ours, or the group if it holds bugs."""
    leaves = list(_leaves(group))
    ours = [leaf for leaf in leaves if isinstance(leaf, AtmbenchError)]
    if len(leaves) == 1 or len(ours) == len(leaves):
        return leaves[0]
    if any(isinstance(leaf, KeyboardInterrupt) for leaf in leaves):
        return KeyboardInterrupt()
    return group


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for each in group.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each


def report_run(directory: RunDirectory, book: Casebook, command: str, notice: str = "") -> RunResult:
    """Judge a run and write the reports into its directory. `notice` is what else the reader must know."""
    audit = judge_book(book)
    told = stories(directory.history(), text.keys_to_tell(audit), book)
    report = text.render(audit, told, replay=command, notice=notice)
    try:
        directory.write_reports(report, junit.render(audit, told, replay=command))
    except LocalError as error:
        return RunResult(audit, report, directory.path, str(error))
    return RunResult(audit, report, directory.path)


def _known(defects: Sequence[str]) -> frozenset[str]:
    for name in defects:
        if name not in DEFECTS:
            raise LocalError(f"there is no defect {name!r} to plant; known are {', '.join(sorted(DEFECTS))}")
    return frozenset(defects)


def _refuse_capture(source: Source, out: Path | None) -> None:
    if out is None:
        raise LocalError("a capture lies in the run directory, and none is kept: say where, with out or --atm-out")
    demand_test_cards(source.drill)


def _refuse_unable(venue: Venue, source: Source) -> None:
    """Ask the venue before the run; all that it cannot do is said at once."""
    refusals = []
    for number, step in enumerate(source.drill.steps, start=1):
        for name in step.__struct_fields__:
            command = getattr(step, name)
            if isinstance(command, commands.Command) and (refusal := venue.can(name)):
                refusals.append(f"step {number}: {refusal}")
    if refusals:
        raise VenueError(f"{source.name} cannot run on {venue.name}: {'; '.join(refusals)}")


def _refuse_keys(source: Source, seed: int, keys: GivenKeys) -> None:
    """What a key room would refuse is refused before there is a run directory."""
    drill = source.drill
    if needs_keys(drill):
        KeyRoom(drill, source.dialect or load_dialect(drill.dialect), seed, keys)
    elif keys.file:
        raise LocalError(f"{source.name} uses no keys; give none, or add `security:` or `cards: {{pins: true}}` to it")


def _refuse_releases(source: Source) -> None:
    dialect = source.dialect or load_dialect(source.drill.dialect)
    if source.drill.releases or any(step.deploy is not None for step in source.drill.steps):
        prepare_releases(source.drill, Speech(dialect, Codec(dialect)))


def _info(source: Source, venue: str, seed: int, defects: frozenset[str], keys: GivenKeys, command: str) -> RunInfo:
    return RunInfo(
        drill=source.drill.drill,
        seed=seed,
        venue=venue,
        version=__version__,
        python=platform.python_version(),
        dependencies={name: installed_version(name) for name in _RECORDED_DEPENDENCIES},
        defects=tuple(sorted(defects)),
        keys=keys.check_values(),
        dialect=source.drill.dialect,
        command=command,
    )
