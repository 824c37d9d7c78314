"""Troubles that a schedule is drawn from: each with its end, and only such as a sound system must get over.

A trouble is the steps that belong together. Which a drill can have hangs on the drill; why some are left out stands
beside them. This module must never draw what would rightly fail.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from atmbench.drill.commands import CustomerDoes, DispenserDoes
from atmbench.drill.records import Drill, Step
from atmbench.explore.dice import Dice
from atmbench.explore.stage import Stage
from atmbench.host.batch_settings import Replay

Act = tuple[Step, ...]
"""Steps that belong together, each with a time."""
Drawn = Callable[[Dice, Stage], Act]

IT = "it"
"""What a trouble calls its own fault; a drill has names of its own for each."""
LASTS_S = (10.0, 30.0, 60.0, 3.0, 1.0)
BEFORE_HEAL_S = 0.1
BEGINS_S = 2.0
"""Terminals are switched on in the first second, and sign on then."""
TELLS_A_PERSON = frozenset({"power_fail", "dispenser", "customer", "fault", "core"})
"""Commands after which a sound system may say of a transaction that a person must settle it: notes that nobody could
count, messages that never got an answer, a core that declines what was approved without it."""


def step(at: float, name: str = "", **command: dict[str, Any]) -> Step:
    """A step of a drill, from values as in a file."""
    return msgspec.convert({"at": round(at, 1), "name": name, **command}, Step)


def troubles_of(base: Drill, stage: Stage) -> tuple[Drawn, ...]:
    """The kinds of trouble that a drill can have."""
    host = base.host
    table: tuple[tuple[bool, tuple[Drawn, ...]], ...] = (
        (True, (cut, cut, *6 * (traffic,), damage, reads, altered_request)),
        (True, (power_failure, customer, customer, clock, terminal_out, line_out, brake)),
        (True, (dispenser, dispenser)),
        (stage.has_macs, (flips, false_answer, old_keys)),
        (stage.has_a_pair, (dark_site, dark_site, promotion, promotion, site_out)),
        (stage.has_a_pair, (replication, blocked, swapped_records, lost_records, core_away)),
        (stage.keeps_days, (day_ends,)),
        (host.capacity is not None, (slow_site, sick_site)),
        (host.batch is not None and host.batch.replay is Replay.ONCE, (posting_stops,)),
    )
    return tuple(each for is_there, kinds in table if is_there for each in kinds)


# --- when ----------------------------------------------------------------------------------------


def _begins(dice: Dice, stage: Stage) -> float:
    return dice.moment(BEGINS_S, stage.heal_at - 1.0)


def _soon(dice: Dice, stage: Stage) -> float:
    """When a terminal is told what goes wrong with its next customer: before the first of them, half the time."""
    return BEGINS_S if dice.one_in(2) else _begins(dice, stage)


def _ends(dice: Dice, stage: Stage, begins: float) -> float:
    return min(begins + dice.of(LASTS_S), stage.heal_at - BEFORE_HEAL_S)


def _fault(dice: Dice, stage: Stage, fault: dict[str, Any]) -> Act:
    """A fault from its time to its mending; half of them from the start, so that they meet whoever comes first."""
    begins = BEGINS_S if dice.one_in(2) else _begins(dice, stage)
    ends = stage.heal_at - BEFORE_HEAL_S if dice.one_in(2) else _ends(dice, stage, begins)
    return (step(begins, IT, fault=fault), step(ends, mend={"name": IT}))


def _aim(dice: Dice, stage: Stage, direction: str = "") -> dict[str, Any]:
    """At which messages: of one direction and kind, some or all of them, of one terminal or all."""
    aim: dict[str, Any] = {"direction": direction or dice.of(("reply", "request"))}
    kind = dice.of(("x2xx", "", "x4xx", "x2xx", "", "x1xx", "x8xx"))
    which: dict[str, Any] = dice.of(({"first": 1}, {}, {"nth": 1 + dice.below(4)}, {"probability": 0.3}, {"first": 3}))
    terminal = dice.of(stage.terminals) if dice.one_in(4) else ""
    line = dice.of(stage.lines) if dice.one_in(4) else ""
    return aim | which | _given(mti=kind, terminal=terminal, line=line)


def _given(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


# --- lines ---------------------------------------------------------------------------------------


def cut(dice: Dice, stage: Stage) -> Act:
    """A line or all lines of a site, in all ways; silence also in one direction."""
    by = dice.of(("silence", "reset", "close", "refusal"))
    where = dice.of((*({"line": each} for each in stage.lines), *({"site": each} for each in stage.sites)))
    direction = dice.of(("", "request", "reply")) if by == "silence" else ""
    begins = _begins(dice, stage)
    aimed = {"by": by, **where, **_given(direction=direction, terminal=dice.of(("", *stage.terminals)))}
    return (step(begins, IT, cut=aimed), step(_ends(dice, stage, begins), mend={"name": IT}))


def traffic(dice: Dice, stage: Stage) -> Act:
    """Messages that are lost, doubled, late, overtaken, played back or given to another terminal."""
    kinds: tuple[dict[str, Any], ...] = (
        {"kind": "lose"},
        {"kind": "delay", "delay_s": dice.of((5.0, 12.0, 40.0))},
        {"kind": "reorder", "hold_s": dice.of((12.0, 3.0, 40.0))},
        {"kind": "duplicate", "gap_s": dice.of((0.0, 1.0, 20.0))},
        {"kind": "stale", "instead": dice.of((True, False))},
        {"kind": "swap", "direction": "reply"},
    )
    fault = dice.of(kinds)
    if fault["kind"] == "swap":
        return _fault(dice, stage, fault)
    return _fault(dice, stage, fault | _aim(dice, stage))


def damage(dice: Dice, stage: Stage) -> Act:
    """Bytes that cannot be read as a message. What can be read in spite of it, only a MAC could tell (see `flips`)."""
    kinds: tuple[dict[str, Any], ...] = (
        {"kind": "truncate", "keep": dice.of((20, 5, 50)), "fix_length": dice.of((True, False))},
        {"kind": "lie_about_length", "by": dice.of((1, -1, 40))},
    )
    return _fault(dice, stage, dice.of(kinds) | _aim(dice, stage))


def reads(dice: Dice, stage: Stage) -> Act:
    """The same bytes in other pieces."""
    kinds: tuple[dict[str, Any], ...] = ({"kind": "split"}, {"kind": "trickle"}, {"kind": "merge", "window_s": 3.0})
    return _fault(dice, stage, dice.of(kinds) | _aim(dice, stage))


def flips(dice: Dice, stage: Stage) -> Act:
    """Bits that are inverted. Only with MACs: without, a host posts what it reads, and nobody could know."""
    return _fault(dice, stage, {"kind": "flip_bits"} | _aim(dice, stage))


def altered_request(dice: Dice, stage: Stage) -> Act:
    """Another amount than the terminal asked for. It sees that in the answer, or the host in the MAC."""
    aim = _aim(dice, stage, "request") | {"mti": dice.of(("x200", "x100"))}
    return _fault(dice, stage, {"kind": "set_field", "field": 4, "value": "000000000100"} | aim)


def false_answer(dice: Dice, stage: Stage) -> Act:
    """A decline that says approved. Only with MACs, for the same reason as `flips`."""
    aim = _aim(dice, stage, "reply") | {"mti": dice.of(("x210", "x110"))}
    return _fault(dice, stage, {"kind": "set_field", "field": 39, "value": "00"} | aim)


# --- terminals and who stands before them --------------------------------------------------------


def power_failure(dice: Dice, stage: Stage) -> Act:
    """A terminal loses power, at once or between two effects of the next transaction."""
    fails: dict[str, Any] = {"terminal": dice.of(stage.terminals), "restore_after_s": dice.of((10.0, 1.0, 30.0))}
    if dice.below(4):
        fails["after_effect"] = 1 + dice.below(24)
    return (step(_soon(dice, stage), power_fail=fails),)


def dispenser(dice: Dice, stage: Stage) -> Act:
    """A dispense that is refused, stops short, or of which nobody knows how far it came: the next one."""
    does = dice.of((DispenserDoes.SHORT, DispenserDoes.JAM_UNKNOWN, DispenserDoes.REFUSE))
    notes = 0 if does is DispenserDoes.REFUSE else dice.below(3)
    order = {"terminal": dice.of(stage.terminals), "does": str(does), "notes": notes}
    return (step(_soon(dice, stage), dispenser=order),)


def customer(dice: Dice, stage: Stage) -> Act:
    """A customer who leaves cash or card, cancels, or walks away before the PIN."""
    can = [CustomerDoes.LEAVES_CASH, CustomerDoes.CANCELS, CustomerDoes.LEAVES_CARD]
    if stage.base.cards.pins:
        can.append(CustomerDoes.TYPES_NO_PIN)
    order = {"terminal": dice.of(stage.terminals), "does": str(dice.of(can))}
    return (step(_soon(dice, stage), customer=order),)


def clock(dice: Dice, stage: Stage) -> Act:
    """A wall clock that is set: a little, or by summer time."""
    order = {"of": dice.of((*stage.terminals, *stage.sites)), "step_s": dice.of((3600, -3600, 90, -90))}
    return (step(_begins(dice, stage), clock=order | {"local": dice.of((False, True))}),)


def terminal_out(dice: Dice, stage: Stage) -> Act:
    """A terminal, a region or a channel is out of service by order, and back."""
    base = stage.base
    places = [
        *({"terminal": each} for each in stage.terminals),
        *({"region": each} for each in base.regions),
        *({"channel": each} for each in base.channels),
    ]
    return _out(dice, stage, dice.of(places))


def line_out(dice: Dice, stage: Stage) -> Act:
    """All terminals leave a line."""
    return _out(dice, stage, {"line": dice.of(stage.lines)})


def site_out(dice: Dice, stage: Stage) -> Act:
    """A site is kept apart by order, and back."""
    return _out(dice, stage, {"site": dice.of(stage.sites)})


def _out(dice: Dice, stage: Stage, what: dict[str, str]) -> Act:
    begins = _begins(dice, stage)
    ends = _ends(dice, stage, begins)
    return (step(begins, service={"open": False, **what}), step(ends, service={"open": True, **what}))


# --- sites ---------------------------------------------------------------------------------------


def dark_site(dice: Dice, stage: Stage) -> Act:
    """A site goes dark and comes back with all that it knew. One that is rebuilt has lost what it had not told."""
    site, begins = dice.of(stage.sites), _begins(dice, stage)
    by = dice.of(("silence", "reset", "close", "refusal"))
    back = step(_ends(dice, stage, begins), start_site={"site": site})
    return (step(begins, stop_site={"site": site, "by": by}), back)


def promotion(dice: Dice, stage: Stage) -> Act:
    """A site becomes the active one by order."""
    return (step(_begins(dice, stage), promote={"site": dice.of(stage.sites[::-1])}),)


def replication(dice: Dice, stage: Stage) -> Act:
    """Records between the sites wait, or need longer."""
    begins = _begins(dice, stage)
    if dice.one_in(2):
        return (step(begins, replication={"lag_s": dice.of((8.0, 1.0, 30.0))}),)
    return (step(begins, replication={"paused": True}), step(_ends(dice, stage, begins), replication={"paused": False}))


def blocked(dice: Dice, stage: Stage) -> Act:
    """Nothing passes between the sites, signs of life neither; both ways or one."""
    one, other = stage.sites[0], stage.sites[1]
    way: dict[str, str] = dice.of(({}, {"site": one, "to_site": other}, {"site": other, "to_site": one}))
    return _fault(dice, stage, {"kind": "block_records", **way})


def swapped_records(dice: Dice, stage: Stage) -> Act:
    """A record arrives behind the next one."""
    return _fault(dice, stage, {"kind": "swap_records", **dice.of(({"first": 1}, {}))})


def lost_records(dice: Dice, stage: Stage) -> Act:
    """Records are lost, altered or not applied; then the books are held against each other, and set right.

    Without that, the sites differ at the end, and rightly fail.
    """
    kinds: tuple[dict[str, Any], ...] = (
        {"kind": "lose_record", "first": 1 + dice.below(3)},
        {"kind": "alter_record", "first": 1},
        {"kind": "ignore_records"},
    )
    begins = _begins(dice, stage)
    return (
        step(begins, IT, fault=dice.of(kinds)),
        step(_ends(dice, stage, begins), mend={"name": IT}),
        step(stage.heal_at - BEFORE_HEAL_S, reconcile={}),
    )


def core_away(dice: Dice, stage: Stage) -> Act:
    """The core of a site goes away and comes back."""
    site, begins = dice.of(stage.sites), _begins(dice, stage)
    return (
        step(begins, core={"site": site, "up": False}),
        step(_ends(dice, stage, begins), core={"site": site, "up": True}),
    )


def brake(dice: Dice, stage: Stage) -> Act:
    """A site approves no withdrawal by order, and does so again."""
    site, begins = dice.of(stage.sites), _begins(dice, stage)
    return (
        step(begins, brake={"site": site, "on": True}),
        step(_ends(dice, stage, begins), brake={"site": site, "on": False}),
    )


def day_ends(dice: Dice, stage: Stage) -> Act:
    """The business day ends, at one site or at all."""
    return (step(_begins(dice, stage), cutover=_given(site=dice.of(("", *stage.sites)))),)


def old_keys(dice: Dice, stage: Stage) -> Act:
    """A site has missed an exchange of keys, and knows all again."""
    site, begins = dice.of(stage.sites), _begins(dice, stage)
    return (
        step(begins, keys={"site": site, "old": True}),
        step(_ends(dice, stage, begins), keys={"site": site, "old": False}),
    )


def slow_site(dice: Dice, stage: Stage) -> Act:
    """A site serves less than it could, and then as ever."""
    return _capacity(dice, stage, {"rate_per_s": dice.of((0.5, 2.0))})


def sick_site(dice: Dice, stage: Stage) -> Act:
    """A site holds up some requests, and then none."""
    return _capacity(dice, stage, {"sick": {"answers": 0.3, "delay_s": [5.0, 20.0]}})


def _capacity(dice: Dice, stage: Stage, change: dict[str, Any]) -> Act:
    site, begins = dice.of(stage.sites), _begins(dice, stage)
    return (
        step(begins, capacity={"site": site, **change}),
        step(_ends(dice, stage, begins), capacity={"site": site, "usual": True}),
    )


def posting_stops(dice: Dice, stage: Stage) -> Act:
    """A posting process breaks off and goes on from its position, or from the first entry of the day.

    One that is resumed at the end never posts what came before: that is an operator's mistake.
    """
    site, begins = dice.of(stage.sites), _begins(dice, stage)
    then = dice.of(("resume", "lose_position"))
    ends = _ends(dice, stage, begins)
    return (
        step(begins, posting={"site": site, "does": "break_off"}),
        step(ends, posting={"site": site, "does": then}),
    )
