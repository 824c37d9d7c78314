"""Builds the terminals of a world: each a driver with its core, devices, guard and cables.

Each actor gets a random source of its own, named after it. This module must never start anything.
"""

from collections.abc import Callable, Mapping
from functools import partial
from random import Random

import msgspec

from atmbench.defects import Planted
from atmbench.devices.client import CLIENT
from atmbench.devices.fittings import fitted
from atmbench.devices.holder import Holder
from atmbench.devices.outfit import Fitted, Outfit
from atmbench.drill.places import first_day, lines_of
from atmbench.drill.records import Drill
from atmbench.faults.active import ActiveFaults
from atmbench.faults.base import Direction
from atmbench.fleet.driver import Driver, Memory
from atmbench.fleet.guard import Guard
from atmbench.fleet.messenger import Messenger
from atmbench.fleet.wire import DialectWire
from atmbench.links.cable import Cable
from atmbench.links.medium import Medium
from atmbench.links.serial_dialer import SerialDialer
from atmbench.links.stream import Dialer
from atmbench.links.tapped import TappedDialer
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect
from atmbench.messages.records import Purpose
from atmbench.messages.sealed_codec import SealedCodec
from atmbench.messages.wall_clock import WallClock
from atmbench.run.channels import client_dialect, client_settings
from atmbench.run.key_room import KeyRoom
from atmbench.run.modems import Modems
from atmbench.run.recorder import Recorder
from atmbench.store.capture import Capture
from atmbench.terminal.cabinet import Habits
from atmbench.terminal.core import Terminal
from atmbench.terminal.defects import DEFECTS
from atmbench.terminal.settings import TerminalSettings
from atmbench.venues.base import Venue


class Kind(msgspec.Struct, frozen=True):
    """What terminals of one kind have in common: the ATMs, or the clients of a channel."""

    settings: TerminalSettings
    dialect: Dialect
    devices: Fitted
    lines: tuple[str, ...]
    """Those that they dial, in order of preference."""
    is_client: bool = False


class Surroundings(msgspec.Struct, frozen=True):
    """What all terminals of a world have in common."""

    drill: Drill
    venue: Venue
    seed: int
    defects: Planted
    recorder: Recorder
    now: Callable[[], float]
    clock_of: Callable[[str], WallClock]
    """The wall clock of a terminal."""
    dialect: Dialect
    codec: Codec
    wires: Mapping[str, DialectWire]
    """Line to how its messages look on the wire."""
    faults: ActiveFaults
    modems: Modems
    capture: Capture | None = None
    room: KeyRoom | None = None
    holders: Mapping[str, Holder] = {}
    sealed: SealedCodec | None = None


class DriverBuilder:
    """Makes drivers. `drivers` are those made so far, by name."""

    def __init__(self, around: Surroundings) -> None:
        self.drivers: dict[str, Driver] = {}
        self.messengers: dict[str, Messenger] = {}
        self._around = around
        self._power_ups: dict[str, int] = {}

    def fleet(self) -> Kind:
        """What the ATMs are."""
        drill = self._around.drill
        return Kind(drill.terminal, self._around.dialect, fitted(drill.devices), lines_of(drill))

    def clients(self, channel: str) -> Kind:
        """What the clients of a channel are."""
        drill, dialect = self._around.drill, self._around.dialect
        settings = drill.channels[channel]
        own = client_dialect(settings, dialect)
        return Kind(client_settings(drill, settings), own, CLIENT, lines_of(drill, channel), is_client=True)

    def build(self, name: str, kind: Kind) -> Driver:
        """One terminal, without power, and with all its lines."""
        around = self._around
        devices = Outfit(
            name,
            kind.settings,
            around.drill.currency,
            Random(f"{around.seed}/{name}/devices"),
            injected=around.room.injected(name) if around.room is not None else None,
            fitted=kind.devices,
        )
        messenger = self.messengers[name] = Messenger(
            name,
            kind.dialect,
            around.codec,
            partial(around.recorder.record, name),
            now=around.now,
            guard=self._guard(name, kind, devices),
        )
        driver = self.drivers[name] = Driver(
            name,
            make_core=partial(self._make_core, name, kind),
            devices=devices,
            messenger=messenger,
            record=around.recorder.record,
            now=around.now,
            timetable=around.venue.timetable,
        )
        driver.cables = {line: self._cable(driver, line) for line in kind.lines}
        return driver

    def _guard(self, name: str, kind: Kind, devices: Outfit) -> Guard | None:
        if devices.pin_pad is None:
            return None
        around = self._around
        guard = Guard(
            devices.pin_pad,
            around.holders,
            kind.dialect,
            around.sealed,
            country=kind.settings.identity.country,
            rng=Random(f"{around.seed}/{name}/guard"),
            is_copied=devices.customer.holds_copied_chip,
            replays_pin_key=devices.customer.replays_pin_key,
            defects=around.defects,
        )
        devices.ask_pins_by(guard.ask_pin)
        return guard

    def _make_core(self, name: str, kind: Kind, memory: Memory) -> Terminal:
        # A random source of its own per power-up: what a core drew before it died must not matter.
        self._power_ups[name] = ups = self._power_ups.get(name, 0) + 1
        around, messenger, clock = self._around, self.messengers[name], self._around.clock_of(name)
        return Terminal(
            name,
            kind.settings,
            kind.lines,
            around.drill.currency,
            memory,
            Random(f"{around.seed}/{name}/{ups}"),
            clock.local,
            utc_text=clock.universal,
            responses=messenger.response,
            request_key=messenger.request_key,
            key_life=around.room.key_life if around.room is not None else None,
            habits=Habits(
                signs_off=messenger.dialect.has(Purpose.SIGN_OFF),
                renews_transmitted=messenger.dialect.renews_transmitted,
            ),
            defects=around.defects.within(DEFECTS),
            first_day=self._first_day(messenger.dialect),
            is_client=kind.is_client,
        )

    def _first_day(self, dialect: Dialect) -> str:
        """The business day at the start, for terminals that will hear of another one."""
        drill = self._around.drill
        knows = dialect.has(Purpose.CUTOVER) and any(step.cutover is not None for step in drill.steps)
        return first_day(drill) if knows else ""

    def _cable(self, driver: Driver, line: str) -> Cable:
        around = self._around
        settings, wire = around.drill.lines[line], around.wires[line]
        record = partial(around.recorder.record, f"{driver.name}/{line}")
        return Cable(
            driver.name,
            line,
            settings.site,
            venue=self._dialer(driver, line),
            faults=around.faults,
            wire=wire,
            make_framer=wire.make_framer,
            seed=around.seed,
            latency_s=settings.latency_s,
            jitter_s=settings.jitter_s,
            now=around.now,
            on_body=partial(driver.on_body, line),
            on_refused_frame=partial(driver.on_refused_frame, line),
            on_lost=partial(driver.on_lost, line),
            record=record,
            route=self._route,
            mti_of=wire.mti,
        )

    def _dialer(self, driver: Driver, line: str) -> Dialer:
        """What a cable dials by: the venue, or a serial line or a modem over it; tapped if a capture is made."""
        around = self._around
        settings, wire = around.drill.lines[line], around.wires[line]
        dialer: Dialer = around.venue
        if settings.serial is not None:
            medium = Medium(
                driver.name,
                line,
                settings.site,
                settings.serial,
                faults=around.faults,
                now=around.now,
                record=partial(around.recorder.record, f"{driver.name}/{line}"),
                key_of=wire.key,
            )
            if settings.serial.dial is None:
                dialer = SerialDialer(around.venue, line, medium)
            else:
                tell = partial(around.recorder.record, driver.name)
                dialer = around.modems.dialer(driver.name, line, medium, settings.latency_s, tell)
        if around.capture is not None:
            dialer = TappedDialer(dialer, around.capture.tap(driver.name, line, settings.site, wire.make_framer))
        return dialer

    def _route(self, terminal: str, line: str, direction: Direction, data: bytes) -> None:
        """Carry what a fault sent astray to another terminal's cable."""
        if terminal in self.drivers and line in self.drivers[terminal].cables:
            self.drivers[terminal].cables[line].take_astray(direction, data)
