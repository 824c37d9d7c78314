"""Schedules: variants of a drill in what customers do, what goes wrong and when. Pure: bytes in, a drill out.

Who is there stays as the base has it: lines, host, security, devices, channels, releases at the start, cards. Its own
steps, customers and budgets go, and a schedule takes their place. Whatever is drawn, a sound system must pass: the
rules that hold of any run (money, counts, reversals, replication ...) stay.
"""

from collections.abc import Iterator, Sequence

import msgspec

from atmbench.drill.commands import Transact, Withdraw
from atmbench.drill.expectations import Expectations, ViewBudgets
from atmbench.drill.records import Drill, Heal, Step, Workload
from atmbench.drill.rules import command_of
from atmbench.explore.dice import Dice
from atmbench.explore.stage import Stage, heal_times_of, sizes_of
from atmbench.explore.troubles import BEFORE_HEAL_S, IT, TELLS_A_PERSON, Act, troubles_of
from atmbench.messages.records import Purpose

HEAD_BYTES = 47
ACT_BYTES = 37
"""So many bytes decide the frame of a schedule, and one act. Odd sizes: see `dice`."""
ACTS_MAX = 12
ACTS_JOINED_MAX = 24
LATEST = 64
SEEDS = 251
"""Seeds of runs are drawn from so many: what counts is the schedule."""
WITHIN_S = 900.0
"""From healing to rest: stored messages may wait a minute for each of many sendings. A run ends when it is at rest."""
CARDS_MAX = 20
"""A card with a PIN and a chip costs as much to make as a customer."""
OPEN_S = 2.5
"""Terminals are open by then."""
MEETS_S = (0.5, -0.1, 2.0, -2.0, 6.0)
"""From the beginning of a trouble to the customer who comes with it."""
ANY_NUMBER = 1_000_000
"""A limit that does not limit."""
SERVICES = (Purpose.WITHDRAWAL, Purpose.DEPOSIT, Purpose.BALANCE, Purpose.TRANSFER, Purpose.BILL_PAYMENT)
RECORD_LOSERS = frozenset({"lose_record", "alter_record", "ignore_records"})
"""Faults after which books differ until they are reconciled."""


class Schedule(msgspec.Struct, frozen=True):
    """What makes a drill of a base: a value, for a process of another worker too."""

    terminals: int
    seed: int
    heal_at: float
    workload: Workload | None
    acts: tuple[Act, ...]
    """Customers, and troubles with their ends."""


def schedule_of(base: Drill, kept: Sequence[Schedule], head: bytes, acts: Sequence[bytes]) -> Schedule:
    """The schedule that bytes say. With `kept` ones, half are a change of one of these."""
    dice = Dice(head)
    if kept and dice.one_in(2):
        return _changed(base, _joined(_one_of(kept, dice), _one_of(kept, dice)), dice, acts)
    terminals, heal_at = dice.of(sizes_of(base)), dice.of(heal_times_of(base))
    stage = Stage(base, terminals, heal_at)
    workload = _workload(dice, stage) if dice.one_in(3) else None
    drawn = tuple(_act(Dice(each), stage) for each in acts)
    return Schedule(terminals, 1 + dice.below(SEEDS), heal_at, workload, drawn)


def drill_of(base: Drill, schedule: Schedule) -> Drill:
    """The drill of a schedule. Steps that could not be carried out, whatever came of the others, are left out."""
    steps = tuple(_without_refused(_named(schedule.acts)))
    drill = msgspec.structs.replace(
        base,
        seed=schedule.seed,
        terminals=schedule.terminals,
        cards=msgspec.structs.replace(base.cards, cards=min(base.cards.cards, CARDS_MAX)),
        workload=schedule.workload,
        steps=steps,
        heal=Heal(at=schedule.heal_at, within_s=max(WITHIN_S, base.heal.within_s)),
        fails=(),
    )
    expect = Expectations(
        approved_min=0,
        open_exceptions_max=exceptions_allowed(drill, base.expect.open_exceptions_max),
        view=ViewBudgets(stale_balances_max=ANY_NUMBER) if base.channels else None,
    )
    return msgspec.structs.replace(drill, expect=expect)


def exceptions_allowed(drill: Drill, otherwise: int) -> int:
    """How many transactions of a drill may end as open exceptions: any number, once a step can bring one about."""
    told = any(command_of(step)[0] in TELLS_A_PERSON for step in drill.steps)
    return ANY_NUMBER if told or drill.host.stand_in is not None else otherwise


def is_fair(drill: Drill) -> bool:
    """Whether a sound system must pass, as far as the steps show.

    Books that were made to differ are reconciled after the last such fault, and whoever had to be told may be.
    """
    if drill.expect.open_exceptions_max < exceptions_allowed(drill, 0):
        return False
    unequal_from = max((_at(step) for step in drill.steps if _loses(step)), default=None)
    if unequal_from is None:
        return True
    names = {step.name for step in drill.steps if _loses(step)}
    mended = [_at(step) for step in drill.steps if step.mend is not None and step.mend.name in names]
    last = max([unequal_from, *mended])
    is_over = len(mended) == len(names)
    return is_over and any(step.reconcile is not None and _at(step) >= last for step in drill.steps)


def _at(step: Step) -> float:
    return step.at or 0.0


def _loses(step: Step) -> bool:
    return step.fault is not None and str(step.fault.__struct_config__.tag) in RECORD_LOSERS


# --- drawing -------------------------------------------------------------------------------------


def _act(dice: Dice, stage: Stage) -> Act:
    """A customer or a trouble, half and half. Most troubles come with a customer whom they meet."""
    if not dice.one_in(2):
        return (_customer(dice, stage, dice.of(stage.terminals), dice.moment(OPEN_S, stage.heal_at - 1.0)),)
    trouble = dice.of(troubles_of(stage.base, stage))(dice, stage)
    if not dice.below(4):
        return trouble
    at = min(max(OPEN_S, _at(trouble[0]) + dice.of(MEETS_S)), stage.heal_at - BEFORE_HEAL_S)
    return (*trouble, _customer(dice, stage, _terminal_of(trouble[0]) or dice.of(stage.terminals), round(at, 1)))


def _terminal_of(step: Step) -> str:
    """The terminal that a step is aimed at; empty if it is none, or all of them."""
    return getattr(command_of(step)[1], "terminal", "")


def _customer(dice: Dice, stage: Stage, terminal: str, at: float) -> Step:
    card = 1 + dice.below(stage.cards)
    service = dice.of((Purpose.WITHDRAWAL, *services_of(stage.base)))
    if service is Purpose.WITHDRAWAL:
        return Step(at=at, withdraw=Withdraw(terminal=terminal, amount=dice.of(stage.amounts), card=card))
    amount = stage.note if service is Purpose.DEPOSIT else dice.of(stage.amounts)
    if service in (Purpose.BALANCE, Purpose.PIN_CHANGE):
        amount = "0"
    wrong_pin = stage.base.cards.pins and dice.one_in(8)
    return Step(
        at=at,
        transact=Transact(terminal=terminal, service=service, amount=amount, card=card, wrong_pin=wrong_pin),
    )


def services_of(base: Drill) -> tuple[Purpose, ...]:
    """What customers of a drawn drill ask for."""
    return (*SERVICES, Purpose.PIN_CHANGE) if base.cards.pins else SERVICES


def _workload(dice: Dice, stage: Stage) -> Workload:
    mix = dict.fromkeys(services_of(stage.base), 10)
    mix[Purpose.WITHDRAWAL] = 60
    return Workload(every_s=dice.of((10.0, 20.0, 5.0)), mix=mix, amounts=stage.amounts)


def _one_of(kept: Sequence[Schedule], dice: Dice) -> Schedule:
    """One that was kept; half of the time of the latest, which touched what had not come up in many runs."""
    number = dice.below(256) * 256 + dice.below(256)
    return kept[-1 - number % min(len(kept), LATEST)] if dice.one_in(2) else kept[number % len(kept)]


def _joined(one: Schedule, other: Schedule) -> Schedule:
    """One, with all that happens in the other beside it, as far as the other fits into it."""
    if other.heal_at > one.heal_at or other.terminals > one.terminals:
        return one
    return msgspec.structs.replace(one, acts=(*one.acts, *other.acts)[:ACTS_JOINED_MAX])


def _changed(base: Drill, kept: Schedule, dice: Dice, acts: Sequence[bytes]) -> Schedule:
    """One that was kept: some of its acts, new ones beside them, and now and then another seed."""
    stage = Stage(base, kept.terminals, kept.heal_at)
    stays = tuple(act for act in kept.acts if dice.below(4))
    new = tuple(_act(Dice(each), stage) for each in acts[: max(1, ACTS_MAX - len(stays))])
    seed = 1 + dice.below(SEEDS) if dice.one_in(2) else kept.seed
    return msgspec.structs.replace(kept, seed=seed, acts=(*stays, *new[: 1 + dice.below(4)]))


# --- from acts to steps --------------------------------------------------------------------------


def _named(acts: Sequence[Act]) -> list[Step]:
    """The steps of all acts in the order of their times, each fault under a name of its own."""
    steps: list[Step] = []
    for number, act in enumerate(acts, start=1):
        for step in act:
            if step.name == IT:
                step = msgspec.structs.replace(step, name=f"trouble-{number}")
            elif step.mend is not None and step.mend.name == IT:
                mend = msgspec.structs.replace(step.mend, name=f"trouble-{number}")
                step = msgspec.structs.replace(step, mend=mend)
            steps.append(step)
    return sorted(steps, key=lambda step: (_at(step), step.reconcile is not None))


def _without_refused(steps: list[Step]) -> Iterator[Step]:
    """A dark site is not promoted, not isolated and ends no day, and one that is apart is not promoted."""
    dark: set[str] = set()
    apart: set[str] = set()
    for step in steps:
        if step.stop_site is not None:
            dark.add(step.stop_site.site)
        elif step.start_site is not None:
            dark.discard(step.start_site.site)
        elif (step.promote is not None and step.promote.site in dark | apart) or (
            step.cutover is not None and dark | apart
        ):
            continue
        elif step.service is not None and step.service.site:
            if step.service.site in dark and not step.service.open:
                continue
            (apart.discard if step.service.open else apart.add)(step.service.site)
        yield step
