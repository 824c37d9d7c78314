"""A bench that lives until it is told to heal or to stop, and takes commands of a tester while it runs.

What a tester does is the command of a drill's step, performed at once between two turns of the engine, and told in the
history under the tester's name. Everything else is as in any other run: history, journals, reports. Nothing here may
wait on behalf of somebody who looks on.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec
import trio

from atmbench import __version__
from atmbench.audit.casebook import Casebook
from atmbench.audit.judge import Audit, judge_book
from atmbench.drill.load import check_command
from atmbench.drill.records import DURATION_S_MAX, Step
from atmbench.drill.rules import command_of
from atmbench.drill.session import saved_session
from atmbench.errors import LocalError, VenueError
from atmbench.faults.base import Fault
from atmbench.monitor.figures import Figures
from atmbench.monitor.series import Series
from atmbench.releases.catalogue import known_releases
from atmbench.run.board import Board
from atmbench.run.key_room import GivenKeys
from atmbench.run.ledgers import ledger_at, refused
from atmbench.run.runner import RunResult, prepare, report_run
from atmbench.run.source import Source, replay_command
from atmbench.run.views import BenchView
from atmbench.run.world import World
from atmbench.store.numbered import HistoryReader, NumberedHistory
from atmbench.store.run_directory import DIALECT_FILE
from atmbench.venues.base import Venue
from atmbench.venues.loopback import LoopbackVenue
from atmbench.venues.pace import Pace
from atmbench.venues.virtual import VirtualVenue

FOLLOWED_FLUSH_S = 0.05
"""How often facts are written out while somebody reads along, in seconds of the wall."""
FLUSH_S = 1.0
"""The same while nobody does."""
SPEEDS_MAX = 20
"""So many changes of speed are told in a saved session."""


class CannotNow(LocalError):
    """A command that is well formed cannot be carried out as things are."""


class Done(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of a command: when, and the number of the last fact by then."""

    command: str
    name: str = ""
    """Of the fault that began; empty if none did."""
    t: float
    seq: int


class LiveBench:
    """One run of a drill that somebody talks to. `run` it by `clock`.

    `venue` is "loopback", or "virtual" for memory wires with a clock that runs. `out` is the run directory to create.
    With `to_the_end` healing begins at the drill's time, else when `heal` is called. `ledger` is a pair of databases.
    Raises LocalError or VenueError, as `run_drill`.
    """

    def __init__(
        self,
        source: Source,
        *,
        out: Path,
        venue: str = "loopback",
        seed: int = 1,
        speed: float = 1.0,
        plant: Sequence[str] = (),
        keys: GivenKeys | None = None,
        to_the_end: bool = False,
        ledger: Path | None = None,
    ) -> None:
        keys = keys or GivenKeys()
        self.source = source
        self.seed = seed
        self._place, self._pace = _running(venue, speed)
        self._plant = plant
        self._key_file = keys.file
        self._ledger = str(ledger or "")
        pair = ledger_at(self._place, ledger, source) if ledger is not None else None
        command = replay_command(
            source, venue=venue, seed=seed, speed=speed, plant=plant, keys=keys.file, ledger=self._ledger, door="serve"
        ) + (" --to-the-end" if to_the_end else "")
        self._prepared = prepare(source, self._place, seed=seed, out=out, plant=plant, keys=keys, command=command)
        self.directory = self._prepared.directory
        self._files = ExitStack()
        self.history = NumberedHistory(
            self.directory.history_path, self._files.enter_context(self.directory.open_history())
        )
        self.world = World(
            source.drill,
            venue=self._place,
            seed=seed,
            defects=self._prepared.defects,
            history=self.history,
            keys=keys,
            dialect=source.dialect,
            ledger=pair,
            until_told=not to_the_end,
        )
        self.book, self.board, self._journals = Casebook(), Board(), self.directory.journals()
        self.figures = Figures()
        """What an operator watches, folded from all facts."""
        self.world.recorder.readers += [self.book.add, self.board, self._journals, self.figures.add]
        self.result: RunResult | None = None
        """The verdict, when the run has ended."""
        self._open_ended = msgspec.structs.replace(
            source.drill, heal=msgspec.structs.replace(source.drill.heal, at=DURATION_S_MAX)
        )
        """The drill as far as commands are held against it: its end is not known."""
        self._names = frozenset(step.name for step in source.drill.steps if step.name)
        self._speeds: list[str] = []
        self.is_dismissed = False
        """Whether somebody has said stop once more after the end."""
        self.followers = 0
        """How many read along now."""
        self._ended_at: float | None = None
        self._told = 0
        """Number of the last line on disk that those who wait were told of."""
        self._is_written = False
        """Whether the last fact is on disk."""
        self._news = trio.Event()
        self._nap = trio.CancelScope()

    @property
    def speed(self) -> float:
        """Seconds of the run in one of the wall."""
        return self._pace.rate

    @property
    def clock(self) -> trio.abc.Clock:
        """The clock to run by."""
        return self.world.clock

    async def run(self) -> None:
        """Live to the end, and leave a whole run directory. Raises what the world raises, in groups."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._flush_often)
                await self.world.run()
                nursery.cancel_scope.cancel()
        finally:
            self._ended_at = self.world.now()
            self.close()
        self._pace.set(1.0)
        self.result = self._report()
        self._tell()

    def close(self) -> None:
        """Write down what there is and let go of the files; for a bench that never ran, too."""
        self._flush()
        self._is_written = True
        self._journals.flush()
        self._files.close()

    # --- what a tester does -----------------------------------------------------------------------

    def act(self, step: Step) -> Done:
        """Carry out the command of a step; its trigger does not count.

        Raises CannotNow for what cannot be done as things are, and any other LocalError for what never can.
        """
        name, command = command_of(step)
        check_command(command, self._open_ended)
        if step.name and not isinstance(command, Fault):
            raise LocalError(f"name: found a name for {name}, meant a name with cut or fault only.")
        if step.name in self._names:
            raise LocalError(f"name: the drill has a fault named {step.name!r} itself; choose another.")
        if refusal := self._place.can(name):
            raise CannotNow(refusal)
        if self._ledger and (refusal := refused(command, self.source.drill.host)):
            raise CannotNow(refusal)
        self._demand_running()
        now = self.world.now()
        try:
            fault = self.world.performer.act(step)
        except LocalError as error:
            raise CannotNow(str(error)) from None
        self._flush()
        return Done(command=name, name=fault, t=round(now, 6), seq=self.history.number)

    def heal(self) -> None:
        """Mend everything; the run ends when all has converged. Raises CannotNow if that was begun before."""
        self._demand_running()
        self.world.heal()

    def stop(self) -> None:
        """End at once, whatever is open. Of a run that has ended, nobody wants to know more."""
        self.is_dismissed = self.result is not None
        self.world.stop()

    def set_speed(self, speed: float) -> None:
        """Let the clock run at another speed from now on. Raises LocalError if it is out of bounds."""
        if self.world.phase == "ended":
            raise CannotNow("the run has ended")
        if self._place.name == "loopback" and any(driver.devices.plugs for driver in self.world.drivers.values()):
            raise CannotNow("machines stand in the terminals, and live in a process at the speed they began with")
        self._pace.set(speed)
        if len(self._speeds) < SPEEDS_MAX:
            self._speeds.append(f"From {self.world.now():.3f} s on the clock ran at {speed:g} times real time.")
        self._nap.cancel()

    def _demand_running(self) -> None:
        if self.world.phase == "healing":
            raise CannotNow("the bench heals, and nothing can be done to it until it has ended")
        if self.world.phase == "ended":
            raise CannotNow("the run has ended")

    # --- what a tester sees -----------------------------------------------------------------------

    def view(self) -> BenchView:
        """The bench as a whole."""
        drill = self.source.drill
        self._flush()
        return BenchView(
            drill=drill.drill,
            proves=drill.proves,
            seed=self.seed,
            venue=self._place.name,
            speed=self.speed,
            currency=drill.currency,
            version=__version__,
            state=self.world.phase,
            now=round(self._now(), 6),
            seq=self.history.number,
            terminals=drill.terminals,
            lines={name: line.site for name, line in drill.lines.items()},
            sites=tuple(drill.host.sites),
            releases=known_releases(drill.releases),
            regions=tuple(drill.regions),
            channels=tuple(drill.channels),
            run_directory=str(self.directory.path.absolute()),
            status=self.result.audit.status.value if self.result is not None else None,
        )

    def _now(self) -> float:
        """Seconds of the run; they stand still when it has ended."""
        return self.world.now() if self._ended_at is None else self._ended_at

    def audit(self) -> Audit:
        """The verdict as things stand; of a run that has ended, the last one."""
        self._flush()
        return self.result.audit if self.result is not None else judge_book(self.book)

    def session(self) -> str:
        """The session so far as a drill. Raises CannotNow if it cannot be one."""
        self._flush()
        drill = self.source.drill
        if self.source.dialect_text:
            drill = msgspec.structs.replace(drill, dialect=DIALECT_FILE)
        try:
            return saved_session(drill, self.board.acts, seed=self.seed, until_s=self._now(), remarks=self._not_saved())
        except LocalError as error:
            raise CannotNow(str(error)) from None

    def _not_saved(self) -> list[str]:
        """What a drill cannot say of a session, in words."""
        said = list(self._speeds)
        if said:
            said.append("A speed cannot be saved: give --speed when you run it.")
        if self._plant:
            said.append(f"Planted from outside: {' '.join(f'--plant {name}' for name in self._plant)}.")
        if self.source.dialect_text:
            said.append(f"Its dialect came from a file: {DIALECT_FILE} in the run directory. Put it beside this one.")
        if self._prepared.info.keys:
            said.append("Keys were given from outside, and are not saved.")
        return said

    def refresh(self) -> None:
        """Let the board know all that has happened by now."""
        self._flush()

    def metrics(self) -> Series:
        """All metrics as they are now."""
        self._flush()
        return self.figures.at(self._now())

    # --- who reads along --------------------------------------------------------------------------

    def follow(self, since: int) -> HistoryReader:
        """The facts numbered above `since`. Facts are written out often while there are such readers: `let_go`."""
        self.followers += 1
        self._nap.cancel()
        return HistoryReader(self.history, since)

    def let_go(self, reader: HistoryReader) -> None:
        """A reader has gone."""
        self.followers -= 1
        reader.close()

    async def news(self, within_s: float) -> bool:
        """Wait for something to read, so many seconds of the wall; False if there is nothing new."""
        news = self._news
        with trio.move_on_after(within_s * self._pace.rate):
            await news.wait()
            return True
        return False

    async def _flush_often(self) -> None:
        """By the wall's seconds, whatever speed the clock has: a change of it ends the nap."""
        while True:
            with trio.CancelScope() as self._nap:
                await trio.sleep((FOLLOWED_FLUSH_S if self.followers else FLUSH_S) * self._pace.rate)
            self._flush()

    def _flush(self) -> None:
        if self._is_written:
            return
        self.world.flush()
        if self.history.number != self._told:
            self._tell()

    def _tell(self) -> None:
        self._told = self.history.number
        news, self._news = self._news, trio.Event()
        news.set()

    # --- the end ----------------------------------------------------------------------------------

    def _report(self) -> RunResult:
        info, notice = self._prepared.info, ""
        try:
            path = self.directory.write_session(self.session())
        except LocalError as error:
            notice = f"The session was not saved as a drill: {error}"
        else:
            saved = msgspec.structs.replace(
                self.source, name=str(path), other_dialect="", other_devices="", other_lines=""
            )  # it says all that by itself
            command = replay_command(
                saved,
                venue=self._place.name,
                seed=self.seed,
                plant=self._plant,
                keys=self._key_file,
                ledger=self._ledger,
            )
            info = msgspec.structs.replace(info, command=command)
            self.directory.write_info(info, self.source.text, self.source.dialect_text)
        return report_run(self.directory, self.book, info.command, notice)


def _running(venue: str, speed: float) -> tuple[Venue, Pace]:
    """A venue by its name, with a clock that runs."""
    match venue:
        case "loopback":
            loopback = LoopbackVenue(rate=speed)
            return loopback, loopback.pace
        case "virtual":
            virtual = VirtualVenue(rate=speed)
            assert virtual.pace is not None, "it was given a rate"
            return virtual, virtual.pace
        case _:
            raise VenueError(f"no bench can be talked to in the venue {venue!r}; expected loopback or virtual")
