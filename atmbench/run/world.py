"""The world of one run: builds the actors of a drill, joins them, and lets them live.

Every actor gets a random source of its own, named after it, so that what one does never shifts what
another draws. The world must never judge what it sees.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from math import inf
from random import Random
from typing import BinaryIO, Literal

import msgspec
import trio

from atmbench import __version__
from atmbench.defects import Planted
from atmbench.drill.alert_defects import DEFECTS as ALERT_DEFECTS
from atmbench.drill.load import terminal_names
from atmbench.drill.places import clients_of, first_day
from atmbench.drill.records import Drill
from atmbench.drill.shared import shared_parts
from atmbench.facts import RunEnded, RunStarted
from atmbench.faults.active import ActiveFaults
from atmbench.fleet.switch import Switch
from atmbench.fleet.wire import DialectWire
from atmbench.framing.link_styles import SerialSettings
from atmbench.host.core import Host
from atmbench.host.defects import DEFECTS as HOST_DEFECTS
from atmbench.links.linked import host_end
from atmbench.links.stream import LinkStream
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect, load_dialect
from atmbench.messages.sealed_codec import SealedCodec
from atmbench.monitor.watch import Watch
from atmbench.releases.speech import Speech
from atmbench.run.between_sites import BetweenSites
from atmbench.run.clocks import Clocks
from atmbench.run.conductor import Conductor
from atmbench.run.core_words import advice_words
from atmbench.run.drivers import DriverBuilder, Surroundings
from atmbench.run.key_room import GivenKeys, KeyRoom, needs_keys
from atmbench.run.modems import Modems
from atmbench.run.performer import Performer
from atmbench.run.population import Customers, Walkers, build_customers
from atmbench.run.recorder import Recorder, Sink
from atmbench.run.rollout import Rollout
from atmbench.run.service_orders import ServiceOrders
from atmbench.run.watching import watch_over
from atmbench.run.workloads import Workloads
from atmbench.store.capture import Capture
from atmbench.store.postgres_pair import Pair
from atmbench.store.postgres_vault import PostgresVault
from atmbench.venues.base import Venue

FLUSH_EVERY_S = 1.0
"""How often the history is written down to the operating system, where time is real."""
POWER_ON_WITHIN_S = 1.0
"""Terminals are switched on at random moments of the first second: no fleet starts as one."""


class World:
    """All actors of one run of a drill, in a venue, from a seed.

    `defects` are known bugs to plant. `history`, if given, is the file that takes every fact, and `capture`
    the one that takes what passes on the lines. `dialect` is that which the drill names; without it the name must be of
    a shipped one. `ledger` is a pair of databases for the ledgers of the sites. With `until_told` healing begins when
    `heal` is called, and not at the drill's time.
    """

    def __init__(
        self,
        drill: Drill,
        *,
        venue: Venue,
        seed: int,
        defects: Iterable[str] = (),
        history: Sink | None = None,
        capture: BinaryIO | None = None,
        keys: GivenKeys | None = None,
        dialect: Dialect | None = None,
        ledger: Pair | None = None,
        until_told: bool = False,
    ) -> None:
        self.phase: Literal["running", "healing", "ended"] = "running"
        self._heal_at = inf if until_told else drill.heal.at
        self._living = trio.CancelScope()
        self.drill = drill
        self.venue = venue
        self.seed = seed
        self.defects = Planted(defects)
        """Those that are planted; it remembers which decisions asked for one."""
        self.recorder = recorder = Recorder(self.now, history)
        self.clock = venue.clock()
        """The clock to run by, and to be asked for the time: dearer ways lead to the same."""
        self._start = 0.0
        self._starts_at = datetime.fromisoformat(drill.starts_at)
        self.clocks = Clocks(drill, recorder.record)
        self._dialect = dialect or load_dialect(drill.dialect)
        self._codec = Codec(self._dialect)
        self._wire = DialectWire(self._dialect, self._codec)
        self.capture = self._capture_into(capture) if capture is not None else None
        self._wires = {
            name: DialectWire(self._dialect, self._codec, line.serial) if line.serial is not None else self._wire
            for name, line in drill.lines.items()
        }
        atms_first = sorted(drill.lines.items(), key=lambda line: bool(line[1].channel))
        self._sites = {name: line.site for name, line in atms_first}
        carriers = {name: line.carrier for name, line in drill.lines.items() if line.carrier}
        self._carriers = carriers
        self.faults = ActiveFaults(seed, carriers)
        customers = build_customers(drill, seed)
        self._room = room = KeyRoom(drill, self._dialect, seed, keys) if needs_keys(drill) else None
        self._holders = room.holders(customers.cards) if room is not None else {}
        sealing = self._dialect.sealing if room is not None and room.seals else None
        self._sealed = SealedCodec(self._codec, sealing) if sealing is not None else None
        speech = Speech(self._dialect, self._codec, self._sealed)
        walkers = Walkers(customers, drill.workload, drill.currency, Random(f"{seed}/walkers"))
        self._workloads = Workloads(drill, seed, walkers, self._heal_at, self._walkers_of_channels(customers))
        self._strike = BetweenSites(self.faults, recorder.record).strike
        self._vault: PostgresVault | None = None
        if ledger is not None:
            source = Random(f"{seed}/ledgers/replication")
            self._vault = PostgresVault(ledger, drill.host, customers.accounts, source, self._strike)
        self.switch = Switch(
            self._make_host(customers),
            lines=self._sites,
            speech=speech,
            make_framer=self._wire.make_framer,
            record=recorder.record,
            now=self.now,
            timetable=venue.timetable,
        )
        self._modems = Modems(venue)
        builder = self._build_drivers()
        self.drivers = builder.drivers
        self.rollout = self._make_rollout(speech, builder)
        self.performer = self._make_performer(walkers)
        self._conductor = self._make_conductor()
        self._watch = self._make_watch()

    def now(self) -> float:
        """Seconds since the run began."""
        return self.clock.current_time() - self._start

    def _build_drivers(self) -> DriverBuilder:
        around = Surroundings(
            drill=self.drill,
            venue=self.venue,
            seed=self.seed,
            defects=self.defects,
            recorder=self.recorder,
            now=self.now,
            clock_of=self.clocks.of,
            dialect=self._dialect,
            codec=self._codec,
            wires=self._wires,
            faults=self.faults,
            modems=self._modems,
            capture=self.capture,
            room=self._room,
            holders=self._holders,
            sealed=self._sealed,
        )
        builder = DriverBuilder(around)
        kind = builder.fleet()
        for name in terminal_names(self.drill.terminals):
            builder.build(name, kind)
        for channel in self.drill.channels:
            kind = builder.clients(channel)
            for name in clients_of(self.drill, channel):
                builder.build(name, kind)
        for name, driver in builder.drivers.items():
            driver.arrivals = self._workloads.of(name)
        return builder

    def _make_rollout(self, speech: Speech, builder: DriverBuilder) -> Rollout:
        return Rollout(
            self.drill,
            seed=self.seed,
            base=speech,
            switch=self.switch,
            drivers=builder.drivers,
            messengers=builder.messengers,
            record=self.recorder.record,
            timetable=self.venue.timetable,
        )

    def _walkers_of_channels(self, customers: Customers) -> dict[str, Walkers]:
        """Each channel has its own amounts, and the same customers."""
        return {
            name: Walkers(customers, channel.workload, self.drill.currency, Random(f"{self.seed}/walkers/{name}"))
            for name, channel in self.drill.channels.items()
        }

    def _make_host(self, customers: Customers) -> Host:
        return Host(
            self.drill.host,
            customers.cards,
            customers.accounts,
            self.drill.currency,
            defects=self.defects.within(HOST_DEFECTS),
            module=self._room.security_module() if self._room is not None else None,
            clock_of=self.clocks.of,
            strike=self._strike,
            seed=str(self.seed),
            rng_of=lambda site: Random(f"{self.seed}/{site}/service"),
            tells_balances=bool(self.drill.channels or self.drill.host.batch or self.drill.expect.view),
            vault=self._vault,
            first_day=first_day(self.drill),
            words=advice_words(self._dialect),
        )

    def _make_performer(self, walkers: Walkers) -> Performer:
        return Performer(
            drivers=self.drivers,
            switch=self.switch,
            faults=self.faults,
            walkers=walkers,
            workloads=self._workloads,
            record=self.recorder.record,
            now=self.now,
            order_modem=self._modems.order,
            service=ServiceOrders(self.drill, self.drivers, self.switch),
            rollout=self.rollout,
            clocks=self.clocks,
        )

    def _make_watch(self) -> Watch | None:
        if self.drill.monitoring is None:
            return None
        watch = Watch(self.drill.monitoring, self.defects.within(ALERT_DEFECTS))
        self.recorder.readers.append(watch.add)
        return watch

    def _make_conductor(self) -> Conductor:
        return Conductor(
            self.drill,
            perform=self.performer.perform,
            heal=self._begin_to_heal,
            pending=self.pending,
            watch=self.recorder.watch,
            record=self.recorder.record,
            now=self.now,
            heal_at=self._heal_at,
        )

    def heal(self) -> None:
        """Mend everything now, and end when all has converged."""
        self._conductor.heal_now()

    def stop(self) -> None:
        """End at once, whatever is still open."""
        self._living.cancel()

    def _begin_to_heal(self) -> None:
        self.phase = "healing"
        self.performer.heal()

    async def run(self) -> None:
        """Live from the first fact to the last."""
        self._start = self.clock.current_time()
        async with trio.open_nursery() as nursery:
            if self._vault is not None:
                await nursery.start(self._vault.run, self.switch.look)
                self._start = self.clock.current_time()
            await self._plug_in(nursery)
            self._record_start()
            nursery.start_soon(self.venue.timetable.run)
            self.switch.start()
            for site in self.drill.host.sites:
                await self.venue.listen(site, partial(self.switch.serve, site), nursery)
            for line, settings in self.drill.lines.items():
                if settings.serial is not None:
                    serve = partial(self._take_call, line, settings.site, settings.serial)
                    await self.venue.listen_serial(line, serve, nursery)
            for name, driver in self.drivers.items():
                driver.start(nursery, Random(f"{self.seed}/{name}/power").uniform(0.0, POWER_ON_WITHIN_S))
            if self._watch is not None:
                nursery.start_soon(watch_over, self._watch, self.recorder, self.now)
            if not self.venue.adds_latency:
                nursery.start_soon(self._flush_often)
            pending, because, stopped = await self._conduct()
            self.phase = "ended"
            self._count("end")
            self.recorder.record("conductor", RunEnded(because=because, pending=pending, stopped=stopped))
            self.recorder.close()
            if self.capture is not None:
                self.capture.close()  # what the bench does to take itself down is no traffic
            nursery.cancel_scope.cancel()

    async def _conduct(self) -> tuple[tuple[str, ...], str, bool]:
        """The drill from its first step to its end: what is still open then, why it ended, and whether by a stop."""
        with self._living:
            pending = await self._conductor.run()
            return pending, "some things are still open" if pending else "the drill is over", False
        return self.pending(), "it was stopped", True

    async def _take_call(self, line: str, site: str, serial: SerialSettings, wire: LinkStream) -> None:
        """A terminal has dialled over a serial line."""
        stream = host_end(wire, serial, self.venue.timetable)
        await self.switch.serve(site, stream, line, self._wires[line].make_framer)

    async def _plug_in(self, nursery: trio.Nursery) -> None:
        """Give every device that is a machine of its own what hangs at its cable."""
        plugs = [plug for driver in self.drivers.values() for plug in driver.devices.plugs]
        if plugs:
            await self.venue.plug_in(plugs, nursery)
        await self._modems.plug_in(nursery)

    async def _flush_often(self) -> None:
        """Where seconds are real, a run that is killed must not lose the last of them."""
        while True:
            await trio.sleep(FLUSH_EVERY_S)
            self.flush()

    def flush(self) -> None:
        """Write facts and packets down to the operating system."""
        self.recorder.flush()
        if self.capture is not None:
            self.capture.flush()

    def pending(self) -> tuple[str, ...]:
        """What is still open anywhere, in words; empty when the world has converged."""
        failover = self.drill.expect.failover
        must_return = failover is not None and failover.fail_back_s is not None
        pending = [*self.switch.host.pending(), *self.rollout.pending()]
        for driver in self.drivers.values():
            pending += driver.pending()
            if must_return and driver.active_line != (preferred := next(iter(driver.cables))):
                pending.append(f"{driver.name} is not back on its {preferred} line")
        return tuple(pending)

    def _record_start(self) -> None:
        drill = self.drill
        self.recorder.record(
            "conductor",
            RunStarted(
                drill=drill.drill,
                proves=drill.proves,
                seed=self.seed,
                venue=self.venue.name,
                version=__version__,
                currency=drill.currency,
                expect=msgspec.to_builtins(drill.expect),
                lines=self._sites,
                defects=tuple(self.defects),
                channels={channel: clients_of(drill, channel) for channel in drill.channels},
                carriers=self._carriers,
                shared=shared_parts(drill),
            ),
        )
        self._count("start")

    def _count(self, when: str) -> None:
        for name in terminal_names(self.drill.terminals):  # clients have no notes that could be counted
            self.recorder.record(name, self.drivers[name].devices.count(when))
        self.switch.perform(self.switch.host.count(when))
        if when == "end":
            self.switch.perform(list(self.switch.host.days.count()))

    def _capture_into(self, file: BinaryIO) -> Capture:
        return Capture(
            file, starts_at=self._starts_at, now=self.now, codec=self._codec, make_framer=self._wire.make_framer
        )
