"""What a running bench shows of itself: records that a control plane gives out as they are.

The views are made when somebody asks, from the actors as they are and from the board of what facts told. Nothing here
may change anything.
"""

from typing import Any, Literal

import msgspec

from atmbench.facts.lines import is_upon
from atmbench.fleet.driver import Driver
from atmbench.run.board import Board
from atmbench.run.world import World
from atmbench.terminal.memory import CLOSED, INTENT, STORED

NO_POWER = "no_power"
"""The state of a terminal without power; all others are those of a session."""

Phase = Literal["running", "healing", "ended"]


class BenchView(msgspec.Struct, frozen=True, kw_only=True):
    """The bench as a whole."""

    drill: str
    proves: str
    seed: int
    venue: str
    speed: float
    """Seconds of the run in one second of the wall."""
    currency: str
    version: str
    state: Phase
    now: float
    """Seconds of the run."""
    seq: int
    """Number of the last fact."""
    terminals: int
    lines: dict[str, str]
    """Line to the site it leads to, in order of preference."""
    sites: tuple[str, ...]
    releases: tuple[str, ...]
    """Those that can be deployed, by name: what runs at the start, the drill's own, those that are shipped."""
    regions: tuple[str, ...]
    channels: tuple[str, ...]
    run_directory: str
    status: Literal["PASS", "FAIL", "UNKNOWN"] | None
    """The verdict, when the run has ended."""


class CassetteView(msgspec.Struct, frozen=True, kw_only=True):
    """One cassette of a dispenser."""

    notes: int
    value_minor: int
    """What one of its notes is worth."""


class TerminalView(msgspec.Struct, frozen=True, kw_only=True):
    """One terminal."""

    terminal: str
    state: str
    """Where its session is; "no_power" without power."""
    has_power: bool
    line: str
    """The line it uses for its customers now; empty if none."""
    screen: str
    waiting: int
    """Customers in front of it who wait."""
    stored_messages: int
    """Messages that a host must still be told."""
    cassettes: dict[str, CassetteView]
    closed_by_order: bool


class TerminalLineView(msgspec.Struct, frozen=True, kw_only=True):
    """One line as its terminal sees it."""

    up: bool
    signed_on: bool


class TerminalDetail(TerminalView, frozen=True, kw_only=True):
    """One terminal from near by."""

    screen_lines: tuple[str, ...]
    journal: tuple[str, ...]
    """The last lines of its electronic journal."""
    open_key: str
    """The transaction that is open; empty if none is."""
    lines: dict[str, TerminalLineView]


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of all terminals."""

    line: str
    site: str
    terminals_up: int
    """Terminals whose connection stands."""
    terminals_active: int
    """Terminals that use it for their customers."""
    faults: tuple[str, ...]
    """Active faults that may meet it."""


class ReplicationView(msgspec.Struct, frozen=True, kw_only=True):
    """What a site tells the others."""

    paused: bool
    lag_s: float
    waiting: int
    """Records that have not reached every other site."""


class SiteView(msgspec.Struct, frozen=True, kw_only=True):
    """One data centre of the host."""

    site: str
    role: str
    is_up: bool
    release: str
    """What it runs."""
    business_day: str
    """The one that it is in, YYMMDD."""
    core_is_up: bool
    """Whether its core, which keeps the accounts, is there."""
    is_braked: bool
    """Whether it approves no withdrawal."""
    replication: ReplicationView
    ledger_minor: int
    """Cash that its ledger says terminals have paid out, less what they took in."""
    entries: int


class FaultView(msgspec.Struct, frozen=True, kw_only=True):
    """One active fault."""

    name: str
    kind: str
    detail: dict[str, Any]
    started: float
    touched: int
    """Frames that it has disturbed."""


def view_terminal(driver: Driver, board: Board) -> TerminalView:
    """A terminal as it is now."""
    return TerminalView(**_terminal(driver, board))


def view_terminal_closely(driver: Driver, board: Board) -> TerminalDetail:
    """The same from near by."""
    seen = board.terminal(driver.name)
    return TerminalDetail(
        **_terminal(driver, board),
        screen_lines=seen.screen_lines,
        journal=tuple(seen.journal),
        open_key=getattr(driver.memory.get(INTENT), "key", ""),
        lines={
            line: TerminalLineView(up=cable.is_up, signed_on=cable.is_up and line in seen.signed_on)
            for line, cable in driver.cables.items()
        },
    )


def _terminal(driver: Driver, board: Board) -> dict[str, Any]:
    core, dispenser = driver.core, driver.devices.dispenser
    return {
        "terminal": driver.name,
        "state": NO_POWER if core is None else str(core.state),
        "has_power": core is not None,
        "line": driver.active_line,
        "screen": board.terminal(driver.name).screen,
        "waiting": len(driver.waiting),
        "stored_messages": sum(slot.startswith(STORED) for slot in driver.memory),
        "cassettes": {
            name: CassetteView(notes=notes, value_minor=dispenser.values_minor.get(name, 0))
            for name, notes in dispenser.lying().cassettes.items()
        },
        "closed_by_order": core.is_ordered_out if core is not None else CLOSED in driver.memory,
    }


def view_lines(world: World, board: Board) -> list[LineView]:
    """All lines, in order of preference."""
    drivers = world.drivers.values()
    return [
        LineView(
            line=line,
            site=settings.site,
            terminals_up=sum(driver.cables[line].is_up for driver in drivers if line in driver.cables),
            terminals_active=sum(driver.active_line == line for driver in drivers),
            faults=tuple(
                name
                for name, fault in board.faults.items()
                if is_upon(fault.detail, line, settings.site, settings.carrier)
            ),
        )
        for line, settings in world.drill.lines.items()
    ]


def view_sites(world: World, board: Board) -> list[SiteView]:
    """All sites."""
    host = world.switch.host
    views = []
    for site in host.sites:
        ledger = board.ledgers.get(site)
        role = host.role(site)
        core_is_up, is_braked = host.risk(site)
        replication = ReplicationView(
            paused=host.replication.is_paused,
            lag_s=host.replication.lag_s,
            waiting=host.replication.unsent(site),
        )
        views.append(
            SiteView(
                site=site,
                role=role,
                is_up=role != "down",
                release=world.rollout.runs_at(site),
                business_day=host.days.of(site),
                core_is_up=core_is_up,
                is_braked=is_braked,
                replication=replication,
                ledger_minor=ledger.cash_minor if ledger is not None else 0,
                entries=ledger.entries if ledger is not None else 0,
            )
        )
    return views


def view_faults(board: Board) -> list[FaultView]:
    """All active faults, in the order in which they began."""
    return [
        FaultView(name=name, kind=seen.kind, detail=seen.detail, started=seen.started, touched=seen.touched)
        for name, seen in board.faults.items()
    ]
