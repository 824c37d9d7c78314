"""A line with faults on it, and what a seed makes of it. Imported by a process of its own: keep it light."""

from random import Random
from typing import Any

from atmbench.faults.active import ActiveFaults, Plan
from atmbench.faults.all import Delay, FlipBits, GarbleField, Lose, Split
from atmbench.faults.base import Direction, Fault
from atmbench.messages.records import Message
from tests.faults.plain_wire import PlainWire

WIRE = PlainWire()
REQUEST, REPLY = Direction.REQUEST, Direction.REPLY


class Road:
    """A line with faults on it, spoken to in messages."""

    def __init__(self, *faults: Fault, seed: int = 1) -> None:
        self.faults = ActiveFaults(seed)
        for number, fault in enumerate(faults, start=1):
            self.faults.add(f"f{number}", fault, 0.0)

    def send(
        self,
        stan: int = 1,
        *,
        mti: str = "0210",
        code: str = "00",
        terminal: str = "T01",
        line: str = "primary",
        site: str = "A",
        direction: Direction = REPLY,
        now: float = 0.0,
    ) -> Plan | None:
        data = frame(stan, mti, code)
        return self.faults.plan(data, data[2:], mti, terminal, line, site, direction, now, WIRE, now)

    def met(self, **what: Any) -> bool:
        return self.send(**what) is not None


def delivered(plan: Plan | None, now: float = 0.0) -> list[tuple[bytes, float, str]]:
    """What arrives, how long after `now`, and where."""
    assert plan is not None
    return [(each.data, each.at - now, each.to) for each in plan.arrivals]


def frame(stan: int = 1, mti: str = "0210", code: str = "00") -> bytes:
    return WIRE.build(Message(mti, {11: f"{stan:06d}", 39: code}))


def a_history(seed: int) -> str:
    road = Road(
        Lose(probability=0.2),
        FlipBits(probability=0.3, count=2),
        GarbleField(field=39, probability=0.3),
        Delay(delay_s=0.1, jitter_s=1.0),
        Split(pieces=3, probability=0.5),
        seed=seed,
    )
    walk = Random(0)
    lines = []
    for number in range(60):
        terminal, line = walk.choice(["T01", "T02", "T03"]), walk.choice(["primary", "secondary"])
        lines.append(repr(road.send(number, terminal=terminal, line=line, now=0.05 * number)))
    return "\n".join(lines)
