"""What a command, a fault or the name of a fact must fit in the world of a drill: names, amounts, numbers.

Each rule is a generator of broken rules with the path of the part that breaks it. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping

from atmbench import money
from atmbench.datafile import Path, meant_key
from atmbench.drill.broken import Broken, anybody_rules, at_least_rules, known_rules, terminal_rules
from atmbench.drill.choosing import amiss_in
from atmbench.drill.commands import (
    ChangeWorkload,
    Chosen,
    Command,
    CustomerDoes,
    CutOver,
    Deploy,
    DispenserDoes,
    DisturbCustomer,
    DisturbDispenser,
    Mend,
    OrderMachine,
    OrderPosting,
    OrderService,
    PowerFail,
    Promote,
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
from atmbench.drill.dates import days_ahead, is_date
from atmbench.drill.fault_rules import fault_rules
from atmbench.drill.names import fact_kinds
from atmbench.drill.places import places
from atmbench.drill.records import CUSTOMERS_PER_S_MAX, Drill
from atmbench.errors import LocalError
from atmbench.faults.base import Fault
from atmbench.host.capacity_settings import Sickness, SiteCapacity
from atmbench.host.settings import Replicates
from atmbench.messages.moments import DAYS_AHEAD_MAX
from atmbench.messages.records import MOVES_MONEY, SERVICES, Purpose
from atmbench.releases.catalogue import known_releases

NEEDS_A_MACHINE = frozenset({Purpose.WITHDRAWAL, Purpose.DEPOSIT})
"""Services of cash, which no client has."""


def broken_by_command(command: Command | Fault, drill: Drill, path: Path) -> Iterator[Broken]:
    """The rules that one command breaks in the world of a drill."""
    if isinstance(command, Fault):
        yield from fault_rules(command, drill, path)
    elif isinstance(command, (Withdraw, Transact)):
        yield from _customer(command, drill, path)
    elif isinstance(command, (Promote, StopSite, StartSite)):
        yield from known_rules(command.site, drill.host.sites, "site", (*path, "site"))
    elif isinstance(command, SetKeys):
        yield from known_rules(command.site, drill.host.sites, "site", (*path, "site"))
        if drill.security is None:
            yield Broken(path, "keys in a drill that exchanges none", "a part `security:` in this drill")
        if command.master and not command.old:
            yield Broken((*path, "master"), "master keys of a site that knows all keys", "master with old: true only")
    elif isinstance(command, (SetCore, SetBrake)):
        yield from known_rules(command.site, drill.host.sites, "site", (*path, "site"))
        if isinstance(command, SetCore) and drill.host.replicates is Replicates.BALANCES:
            yield Broken(path, "a core that misses balances of the other site", "host: {replicates: entries} with it")
    elif isinstance(command, SetCapacity):
        yield from _capacity(command, drill, path)
    elif isinstance(command, OrderPosting):
        yield from known_rules(command.site, drill.host.sites, "site", (*path, "site"))
        if drill.host.batch is None:
            yield Broken(path, "a posting process in a drill whose host posts at once", "host: {batch: {every_s: ...}}")
    elif isinstance(command, Mend):
        if command.line:
            yield from known_rules(command.line, drill.lines, "line", (*path, "line"))
    elif isinstance(command, SetReplication):
        if command.paused is None and command.lag_s is None:
            yield Broken(path, "neither paused nor lag_s", "at least one of them")
        yield from at_least_rules(command.lag_s, 0, (*path, "lag_s"))
    elif isinstance(command, OrderMachine):
        yield from terminal_rules(command.terminal, drill, (*path, "terminal"))
        if "do" in command.values:
            yield Broken((*path, "with", "do"), "do among its values", "do beside `with`")
        if command.device == "modem":
            yield from _modem(command.line, drill, path)
        elif command.line:
            yield Broken((*path, "line"), f"a line of a {command.device}", "a line with device: modem only")
        elif getattr(drill.devices, command.device, "modelled") == "modelled":
            yield Broken(
                (*path, "device"),
                f"{command.device}, which is modelled",
                "a machine that `devices:` of the drill names",
            )
    elif isinstance(command, OrderService):
        yield from _order(command, drill, path)
    elif isinstance(command, (PowerFail, DisturbDispenser, DisturbCustomer)):
        yield from _disturbance(command, drill, path)
    elif isinstance(command, (UseHand, SwitchPower)):
        yield from anybody_rules(command.terminal, drill, (*path, "terminal"))
    elif isinstance(command, ChangeWorkload):
        yield from _change(command, drill, path)
    elif isinstance(command, (Deploy, RollBack)):
        yield from _release(command, drill, path)
    elif isinstance(command, CutOver):
        yield from _cut_over(command, drill, path)
    elif isinstance(command, StepClock):
        yield from _clock(command, drill, path)


def _cut_over(command: CutOver, drill: Drill, path: Path) -> Iterator[Broken]:
    if command.site:
        yield from known_rules(command.site, drill.host.sites, "site", (*path, "site"))
    if command.to and not is_date(command.to):
        yield Broken((*path, "to"), repr(command.to), "a date from 2000 to 2099 such as 2026-01-08")
    elif command.to and not 0 < days_ahead(command.to, drill.starts_at) <= DAYS_AHEAD_MAX:
        meant = f"a day after the first one ({drill.starts_at[:10]}), and at most {DAYS_AHEAD_MAX} days after it"
        yield Broken((*path, "to"), command.to, meant)


def _clock(command: StepClock, drill: Drill, path: Path) -> Iterator[Broken]:
    if command.of:
        yield from known_rules(command.of, places(drill), "place with a clock", (*path, "of"))
    if not command.step_s:
        yield Broken((*path, "step_s"), "no step", "seconds by which the clock is set ahead, or (below 0) back")


def _release(command: Deploy | RollBack, drill: Drill, path: Path) -> Iterator[Broken]:
    if bool(command.site) == (command.terminals is not None):
        found = "a site and terminals" if command.site else "neither a site nor terminals"
        yield Broken(path, found, "exactly one of site and terminals")
    elif command.site:
        yield from known_rules(command.site, drill.host.sites, "site", (*path, "site"))
    elif command.terminals is not None:
        yield from _chosen(command.terminals, drill, (*path, "terminals"))
    if isinstance(command, Deploy):
        yield from known_rules(command.release, known_releases(drill.releases), "release", (*path, "release"))


def _chosen(chosen: Chosen, drill: Drill, path: Path) -> Iterator[Broken]:
    if chosen.region is not None and chosen.region not in drill.regions:
        yield from known_rules(chosen.region, drill.regions, "region", (*path, "region"))
    elif amiss := amiss_in(chosen, drill):
        yield Broken(path, *amiss)


def _change(command: ChangeWorkload, drill: Drill, path: Path) -> Iterator[Broken]:
    """The fleet's customers from a moment on. Amounts are held against the notes by the rules of steps."""
    if command.every_s and drill.terminals / command.every_s > CUSTOMERS_PER_S_MAX:
        found = f"{command.every_s:g} for 'every_s', which brings {drill.terminals / command.every_s:.3g} customers/s"
        yield Broken((*path, "every_s"), found, f"at most {CUSTOMERS_PER_S_MAX:,.0f} customers a second in all")
    if command.mix is not None:
        yield from mix_rules(command.mix, drill, (*path, "mix"))
    if command.amounts is not None:
        if not command.amounts:
            yield Broken((*path, "amounts"), "no amount", "at least one")
        for index, amount in enumerate(command.amounts):
            yield from amount_rules(amount, drill, (*path, "amounts", index))


def _capacity(command: SetCapacity, drill: Drill, path: Path) -> Iterator[Broken]:
    yield from known_rules(command.site, drill.host.sites, "site", (*path, "site"))
    if drill.host.capacity is None:
        yield Broken(path, "a capacity in a drill whose host answers at once", "a part `capacity:` in its `host:`")
    given = [getattr(command, name) for name in SiteCapacity.__struct_fields__]
    if command.usual == any(each is not None for each in given):
        found = "usual and something else" if command.usual else "nothing that changes"
        yield Broken(path, found, "usual: true, or one of rate_per_s, servers, queue_max and sick")
    if command.sick is not None:
        yield from sickness_rules(command.sick, (*path, "sick"))


def sickness_rules(sick: Sickness, path: Path) -> Iterator[Broken]:
    """How long a sick site holds requests up."""
    from_s, to_s = sick.delay_s
    if to_s < from_s:
        yield Broken((*path, "delay_s"), f"from {from_s:g} to {to_s:g} s", "the shorter time first")


def _modem(line: str, drill: Drill, path: Path) -> Iterator[Broken]:
    dialled = [name for name, each in drill.lines.items() if each.serial is not None and each.serial.dial is not None]
    if not dialled or (line and line not in dialled):
        meant = f"one of those that are dialled ({', '.join(dialled)})" if dialled else "serial: {dial: {number: ...}}"
        yield Broken((*path, "line"), f"{line or 'no line'} with a modem", meant)


def _customer(command: Withdraw | Transact, drill: Drill, path: Path) -> Iterator[Broken]:
    if isinstance(command, Withdraw) or command.service in NEEDS_A_MACHINE:
        yield from terminal_rules(command.terminal, drill, (*path, "terminal"))
    else:
        yield from anybody_rules(command.terminal, drill, (*path, "terminal"))
    if isinstance(command, Transact) and command.service not in SERVICES:
        meant = f"a service ({', '.join(sorted(SERVICES))})"
        yield Broken((*path, "service"), repr(str(command.service)), meant)
    if isinstance(command, Transact):
        yield from service_rules(command.service, drill, (*path, "service"))
    moves_money = isinstance(command, Withdraw) or command.service in MOVES_MONEY
    yield from amount_rules(command.amount, drill, (*path, "amount"), least=1 if moves_money else 0)
    yield from at_least_rules(command.card, 1, (*path, "card"))
    if isinstance(command, Transact) and command.wrong_pin and not drill.cards.pins:
        yield Broken(
            (*path, "wrong_pin"), "a wrong PIN of cards without one", "cards that have one (cards: {pins: true})"
        )
    if command.card is not None and command.card > drill.cards.cards:
        yield Broken((*path, "card"), f"card {command.card}", f"a number up to {drill.cards.cards} (cards: cards)")


def _disturbance(command: PowerFail | DisturbDispenser | DisturbCustomer, drill: Drill, path: Path) -> Iterator[Broken]:
    if isinstance(command, PowerFail) or (command.terminal and isinstance(command, DisturbCustomer)):
        yield from anybody_rules(command.terminal, drill, (*path, "terminal"))
    elif command.terminal:
        yield from terminal_rules(command.terminal, drill, (*path, "terminal"))
    if isinstance(command, PowerFail):
        yield from at_least_rules(command.after_effect, 1, (*path, "after_effect"))
        yield from at_least_rules(command.restore_after_s, 0, (*path, "restore_after_s"))
        return
    yield from at_least_rules(command.times, 1, (*path, "times"))
    has_chips = drill.security is not None and drill.security.chips
    if isinstance(command, DisturbCustomer) and command.does is CustomerDoes.REPLAYS_CHIP and not has_chips:
        yield Broken((*path, "does"), "a chip that is copied", "cards that have one (security: {chips: true})")
    has_dukpt = drill.security is not None and drill.security.dukpt
    if isinstance(command, DisturbCustomer) and command.does is CustomerDoes.REPLAYS_PIN_KEY and not has_dukpt:
        yield Broken((*path, "does"), "a PIN key that is used again", "PINs under DUKPT (security: {dukpt: true})")
    if isinstance(command, DisturbDispenser):
        yield from at_least_rules(command.notes, 0, (*path, "notes"))
        if command.does is DispenserDoes.REFUSE and command.notes:
            yield Broken((*path, "notes"), f"{command.notes} notes", "none with does: refuse (try does: short)")


# --- parts of commands and of drills ---------------------------------------------------------------


def amount_rules(text: str, drill: Drill, path: Path, least: int = 1) -> Iterator[Broken]:
    """A text must be an amount in the currency of the drill, of at least so many minor units."""
    try:
        amount_minor = money.parse(text, drill.currency)
    except LocalError:
        meant = f"an amount in {drill.currency} such as {money.display(5000, drill.currency)}"
        yield Broken(path, repr(text), meant)
    else:
        if amount_minor < least:
            yield Broken(path, repr(text), "an amount of more than nothing" if least else "no amount below nothing")


def mix_rules(mix: Mapping[Purpose, int], drill: Drill, path: Path) -> Iterator[Broken]:
    """Weights of services: customers can ask for each, and for at least one."""
    for service, weight in mix.items():
        if service not in SERVICES:
            meant = f"a service ({', '.join(sorted(SERVICES))})"
            yield Broken((*path, str(service)), repr(str(service)), meant)
        elif weight:
            yield from service_rules(service, drill, (*path, str(service)))
    if not any(mix.values()):
        yield Broken(path, "no weight above 0", "at least one service that customers ask for")


def service_rules(service: Purpose, drill: Drill, path: Path) -> Iterator[Broken]:
    """Customers can only ask for what their cards are made for."""
    if service is Purpose.PIN_CHANGE and not drill.cards.pins:
        yield Broken(path, "a PIN change of cards without a PIN", "cards that have one (cards: {pins: true})")


def fact_rules(kind: str, where: dict[str, str | int | bool], path: Path) -> Iterator[Broken]:
    """A kind of fact must exist, and a `where` compare its fields with values they can have."""
    kinds = fact_kinds()
    if kind not in kinds:
        yield from known_rules(kind, kinds, "kind of fact", (*path, "fact"))
        return
    fields = kinds[kind]
    for name, value in where.items():
        wanted = fields.get(name)
        if name not in fields:
            yield Broken((*path, "where", name), f"{name!r}", f"a field of {kind}: {meant_key(name, fields)}")
        elif wanted is None:
            yield Broken((*path, "where", name), f"a list or a mapping of {kind}", "a field with one value")
        elif type(value) is not wanted and not (wanted is float and type(value) is int):
            words = {str: "text", int: "a whole number", bool: "true or false", float: "a number"}
            yield Broken((*path, "where", name), f"{value!r}", words[wanted])


def _order(command: OrderService, drill: Drill, path: Path) -> Iterator[Broken]:
    """At most one thing is ordered out or back, and it exists."""
    known: dict[str, Iterable[str]] = {
        "region": drill.regions,
        "channel": drill.channels,
        "line": drill.lines,
        "site": drill.host.sites,
    }
    named = [key for key in ("terminal", *known) if getattr(command, key)]
    if len(named) > 1:
        found = f"{' and '.join(named)} in one order"
        yield Broken(path, found, f"one of terminal, {', '.join(known)}, or none for all")
    if command.terminal:
        yield from anybody_rules(command.terminal, drill, (*path, "terminal"))
    for key, names in known.items():
        if getattr(command, key):
            yield from known_rules(getattr(command, key), names, key, (*path, key))
    if command.open and command.because:
        yield Broken((*path, "because"), "a reason to be back in service", "because with open: false only")
