"""A drill as a typed record: the whole file format. Data only; `drill.load` reads files into it."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from atmbench.drill.alert_records import Monitoring
from atmbench.drill.commands import (
    ChangeWorkload,
    CutOver,
    Deploy,
    DisturbCustomer,
    DisturbDispenser,
    Mend,
    OrderMachine,
    OrderPosting,
    OrderService,
    PowerFail,
    Promote,
    Reconcile,
    RollBack,
    SetBrake,
    SetCapacity,
    SetCore,
    SetKeys,
    SetReplication,
    StartSite,
    StepClock,
    StopSite,
    SwitchPower,
    Transact,
    UseHand,
    Withdraw,
)
from atmbench.drill.expectations import Expectations
from atmbench.faults.all import AnyFault, Cut
from atmbench.framing.link_styles import SerialSettings
from atmbench.host.settings import HostSettings
from atmbench.messages.layout_file import FieldNumber
from atmbench.messages.records import Purpose
from atmbench.messages.wall_clock import OFFSET_S_MAX
from atmbench.releases.records import RELEASES_MAX, Release
from atmbench.security.key_ring import KeyLife
from atmbench.terminal.settings import Identity, TerminalSettings

TERMINALS_MAX = 10_000
STEPS_MAX = 1_000
DURATION_S_MAX = 7 * 86_400.0
REPEATS_MAX = 100_000
"""So often at most one step may come `every` so many seconds."""
CUSTOMERS_PER_S_MAX = 10_000.0
"""So many customers a second at most may come, to all terminals together, where no end of it is known."""
CLIENTS_MAX = 10_000
"""Clients of one channel."""
CUSTOMERS_MAX = 10_000_000
"""So many customers at most may come by themselves, to all terminals together."""
EXPIRY = "3012"
"""YYMM on every test card."""
SEED_MAX = 2**63 - 1
YEAR_MAX = 2000 + int(EXPIRY[:2])
"""The last in which a drill may begin."""
NAME_CHARACTERS_MAX = 80
"""The name of a drill becomes part of a folder's."""

Seconds = Annotated[float, Meta(ge=0)]
UtcOffset = Annotated[int, Meta(ge=-OFFSET_S_MAX, le=OFFSET_S_MAX)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Root of all parts of a drill file: a key nobody knows is an error, never ignored."""


class Population(_Part, frozen=True, kw_only=True):
    """Cards and accounts. Each card has a current and a savings account of its own unless they are shared."""

    cards: Annotated[int, Meta(ge=1, le=1_000_000)] = 100
    opening_balance: str = "1000.00"
    bin: str = "999999"
    """First six digits of all test PANs. 999999 is no issuer's."""
    is_test_range: bool = False
    """Whether the issuer has given this BIN for tests. Only test cards are captured; 999999 always is one."""
    accounts_shared_by: Annotated[int, Meta(ge=1)] = 1
    """So many cards draw on one account: makes terminals race for one balance."""
    pins: bool = False
    """Whether customers enter a PIN and the host checks it."""


def _only_withdrawals() -> dict[Purpose, int]:
    return {Purpose.WITHDRAWAL: 100}


class Workload(_Part, frozen=True, kw_only=True):
    """Customers that come by themselves."""

    every_s: Annotated[float, Meta(gt=0)] = 60.0
    """Mean time between two customers at one terminal; exponential, drawn per terminal."""
    mix: dict[Purpose, Annotated[int, Meta(ge=0)]] = msgspec.field(default_factory=_only_withdrawals)
    """Weights of the services."""
    amounts: tuple[str, ...] = ("20.00", "50.00", "100.00")
    per_terminal_max: int | None = None
    """No more than so many customers at one terminal."""
    from_s: Seconds = 0.0
    until_s: Seconds | None = None
    """No new customer from this time on; None is when the heal phase begins."""


class ChannelSettings(_Part, frozen=True, kw_only=True):
    """A channel beside the ATMs, such as online banking: clients that draw on the same cards and accounts.

    Each client is a terminal core without card, cash and paper. It dials the lines that name its channel alone.
    """

    clients: Annotated[int, Meta(ge=1, le=CLIENTS_MAX)] = 1
    prefix: Annotated[str, Meta(pattern="^([A-Z]{1,3})?$")] = ""
    """What the names of its clients begin with. Empty is W for `online`, M for `mobile`: W01, M01."""
    workload: Workload | None = None
    """Who comes by himself, at each client. No withdrawals and no deposits."""
    pos: dict[FieldNumber, str] = {}
    """Data elements that say where a request comes from, such as 18, 22 and 25, in place of what the dialect always
    sends of an ATM; empty text leaves one out."""
    result_s: Annotated[float, Meta(gt=0)] = 1.0
    """How long a customer looks at what came of it before the next one may begin at the same client."""
    identity: Identity | None = None
    """What its clients say of themselves and their owner; None is what the ATMs say."""


class After(_Part, frozen=True, kw_only=True):
    """A trigger: the n-th fact of a kind, counted from the start of the run."""

    fact: str
    """Kind of fact as in history.jsonl, for example "cash_presented"."""
    where: dict[str, str | int | bool] = msgspec.field(default_factory=dict)
    """Values the fact must have, for example {terminal: T01}. "actor" may be named too.

    An x in an MTI stands for any digit: "x210" is 0210 and 1210."""
    count: Annotated[int, Meta(ge=1)] = 1
    delay_s: Seconds = 0.0


class Step(_Part, frozen=True, kw_only=True):
    """One act: exactly one trigger (`at`, `after`, `every`) and exactly one command."""

    at: Seconds | None = None
    after: After | None = None
    every: Annotated[float, Meta(gt=0)] | None = None
    from_s: Seconds = 0.0
    """With `every`: when it begins; the first time is one period later."""
    times: Annotated[int, Meta(ge=1, le=REPEATS_MAX)] | None = None
    """With `every`: how often at most."""
    name: str = ""
    """With `cut` and `fault`: a name to mend it by."""

    cut: Cut | None = None
    fault: AnyFault | None = None
    mend: Mend | None = None
    withdraw: Withdraw | None = None
    transact: Transact | None = None
    hand: UseHand | None = None
    power_fail: PowerFail | None = None
    power: SwitchPower | None = None
    service: OrderService | None = None
    dispenser: DisturbDispenser | None = None
    machine: OrderMachine | None = None
    customer: DisturbCustomer | None = None
    workload: ChangeWorkload | None = None
    promote: Promote | None = None
    stop_site: StopSite | None = None
    start_site: StartSite | None = None
    replication: SetReplication | None = None
    reconcile: Reconcile | None = None
    keys: SetKeys | None = None
    deploy: Deploy | None = None
    rollback: RollBack | None = None
    capacity: SetCapacity | None = None
    posting: OrderPosting | None = None
    core: SetCore | None = None
    brake: SetBrake | None = None
    clock: StepClock | None = None
    cutover: CutOver | None = None


class SecuritySettings(_Part, frozen=True, kw_only=True):
    """Security of the lines. With this part, terminals ask their host for working keys when they sign on."""

    mac: bool = True
    """Messages are sealed with a MAC, as the dialect says."""
    chips: bool = False
    """Cards have chips: cryptograms are made, checked and answered."""
    dukpt: bool = False
    """Each PIN is sealed under a DUKPT key of its own; the key serial number goes where the dialect has a place for it.
    MAC keys are exchanged as ever."""
    key_life: KeyLife | None = None
    """None takes what the dialect says."""


class Heal(_Part, frozen=True, kw_only=True):
    """The end of a drill: everything is mended at `at`, and the world must converge within the budget."""

    at: Annotated[float, Meta(gt=0)]
    within_s: Annotated[float, Meta(gt=0)] = 300.0


class LineSettings(_Part, frozen=True, kw_only=True):
    """What lies between terminals and a site in the virtual venue. On loopback the real network is used."""

    site: str
    latency_s: Seconds = 0.02
    jitter_s: Seconds = 0.005
    channel: str = ""
    """The channel whose clients alone dial this line; empty for the ATMs."""
    carrier: str = ""
    """The network operator whose cables it uses: `cut: {carrier: ...}` cuts all lines of one. Empty: not stated."""
    serial: SerialSettings | None = None
    """A serial line with a link layer in place of TCP: in memory, or a pseudo-terminal for each call on loopback."""


def _two_lines() -> dict[str, LineSettings]:
    return {"primary": LineSettings(site="A"), "secondary": LineSettings(site="B")}


class Devices(_Part, frozen=True, kw_only=True):
    """Which machines stand in the terminals. What is not modelled is driven byte by byte over a serial line."""

    dispenser: Literal["modelled", "lcdm-4000"] = "modelled"
    """Puloon LCDM-4000: four cassettes."""
    last_status_survives: bool = False
    """Whether an emulated LCDM-4000 knows after a power failure what its last dispense came to. No document says what
    a real one does; where it does not, a dispense that power failed in is suspect."""

    printer: Literal["modelled", "esc-pos"] = "modelled"
    """A receipt printer with the real-time status of ESC/POS."""
    journal_printer: Literal["none", "esc-pos"] = "none"
    """Such a printer for the journal. `terminal: {needs_journal_paper: true}` serves nobody while it cannot print."""
    code_page: Literal[0, 15] = 0
    """Of such printers: 0 is PC437, 15 is ISO 8859-15 and has a euro. What a page lacks becomes a question mark."""
    note_acceptor: Literal["modelled", "ccnet", "bill-to-bill"] = "modelled"
    """CashCode machines with CCNET. A validator's escrow holds one note, so a deposit is one note; a Bill-to-Bill
    recycler holds up to 20 in a cassette until the host has answered."""
    card_reader: Literal["modelled", "omron-3s4yr"] = "modelled"
    """A motorised reader Omron V2X/V3 (3S4YR)."""
    pin_pad: Literal["modelled", "zt598"] = "modelled"
    """An encrypting PIN pad SZZT ZT598. It is there only if cards have PINs or messages MACs; it knows keys that come
    bare, PIN blocks of formats 0 to 3, MACs X9.9 and X9.19, and no DUKPT."""


OUTFITS = {
    "modelled": Devices(),
    "serial": Devices(
        dispenser="lcdm-4000",
        printer="esc-pos",
        note_acceptor="ccnet",
        card_reader="omron-3s4yr",
        pin_pad="zt598",
    ),
}
"""Words for all machines of a terminal at once. "serial" has a machine wherever there is a driver of one, and leaves
those that a drill names itself."""


LINES: dict[str, SerialSettings | None] = {"tcp": None, "serial": SerialSettings(length="binary2")}
"""Words for all lines of a drill at once. With a length, a block carries the messages of any dialect."""


class Drill(_Part, frozen=True, kw_only=True):
    """A drill: who is there, what customers do, what goes wrong, and what must hold at the end."""

    drill: str
    proves: str
    """One line: what a passing run has shown."""
    seed: Annotated[int, Meta(ge=0, le=SEED_MAX)] = 1
    """What all that is random is drawn from, unless the command line says another."""
    terminals: Annotated[int, Meta(ge=1, le=TERMINALS_MAX)] = 10
    starts_at: str = "2026-01-05T09:00:00"
    """Local date and time at the start of the run, as terminals print and send it. Its date is the first business
    day."""
    utc_offset_s: UtcOffset = 0
    """How far that local time is ahead of UTC, in seconds: 3600 in Lagos. DE7 is in UTC, DE12 and DE13 are local."""
    utc_offsets_s: dict[str, UtcOffset] = {}
    """Sites, terminals, regions or channels in another zone, by name: `{B: 0, north: 7200}`. Of two that name one
    terminal the later counts."""
    currency: str = "NGN"
    dialect: str = "iso87-ascii"
    """A shipped dialect by its name, or a file of your own that ends in .yaml, beside the drill or where you are."""
    lines: dict[str, LineSettings] = msgspec.field(default_factory=_two_lines)
    """In order of preference."""
    channels: dict[str, ChannelSettings] = {}
    """Online and mobile banking, by name: more who post to the same accounts."""
    regions: dict[str, tuple[str, ...]] = {}
    """Name to terminals, for orders that concern all of them: `north: [T01, T02]`, or `[T1*]` for all that begin so."""
    terminal: TerminalSettings = TerminalSettings()
    devices: Devices = Devices()
    host: HostSettings = HostSettings()
    releases: Annotated[dict[str, Release], Meta(max_length=RELEASES_MAX)] = msgspec.field(default_factory=dict)
    """Releases of the drill's own, by name, beside those that are shipped. What runs at the start is called N."""
    cards: Population = Population()
    security: SecuritySettings | None = None
    """None: messages carry no MAC; PINs, if cards have any, are sealed under keys that were put in before."""
    workload: Workload | None = None
    monitoring: Monitoring | None = None
    """Alert rules that are evaluated while the drill runs; `expect: {alerts: ...}` says which must fire."""
    steps: Annotated[tuple[Step, ...], Meta(max_length=STEPS_MAX)] = ()
    heal: Heal
    expect: Expectations = Expectations()
    defects: tuple[str, ...] = ()
    """Known bugs to plant, by name."""
    fails: tuple[str, ...] = ()
    """Checks that fail, and no others do: the drill shows a design that does not hold. Its verdict is FAIL all the
    same; under pytest it passes if it fails so."""
