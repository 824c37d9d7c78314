"""Planning: when the frames of one cable are due, and what the active faults make of them.

Latency is drawn here, order is kept here, and plans become deliveries that the courier holds. This
module must never perform a delivery.
"""

from collections.abc import Callable
from math import inf
from random import Random

from atmbench.errors import RemoteError
from atmbench.facts import Fact
from atmbench.faults.active import ActiveFaults, Arrival
from atmbench.faults.base import Direction, Wire
from atmbench.links.courier import Courier
from atmbench.links.held import INBOUND, OUTBOUND, Kind

JITTER_S_MIN = 1e-5
"""Modelled lines jitter at least so much: two cables never act at one instant, or replay would break."""

_REQUEST, _REPLY = Direction.REQUEST, Direction.REPLY
_KINDS = {_REQUEST: OUTBOUND, _REPLY: INBOUND}


class Planning:
    """The plans of one cable. `latency_s` and `jitter_s` count only if `is_modelled`; `now` gives seconds of the run.

    All other times are those of the clock by which couriers deliver.
    """

    def __init__(
        self,
        terminal: str,
        line: str,
        site: str,
        *,
        faults: ActiveFaults,
        wire: Wire,
        seed: int,
        is_modelled: bool,
        latency_s: float,
        jitter_s: float,
        now: Callable[[], float],
        record: Callable[[Fact], None],
        mti_of: Callable[[bytes], str] | None,
    ) -> None:
        self._terminal = terminal
        self._line = line
        self._site = site
        self._faults = faults
        self._wire = wire
        self._is_modelled = is_modelled
        self._latency_s = latency_s
        self._jitter_s = max(jitter_s, JITTER_S_MIN)
        self._random = Random(f"{seed}/{terminal}/{line}/latency").random
        self._now = now
        self._record = record
        self._mti_of = mti_of or self._read_mti
        self.begin()

    def begin(self) -> None:
        """A new connection: nothing is under way."""
        self._dues = {_REQUEST: -inf, _REPLY: -inf}
        """When the last frame of a direction is due, faults apart: later frames are not due before."""
        self._floors = self._dues.copy()
        """When the last piece of a frame that comes in pieces is due: nothing may be mixed into it."""
        self._floors_held_by: dict[Direction, tuple[str, ...]] = {_REQUEST: (), _REPLY: ()}

    def due(self, now: float) -> float:
        """When something that leaves now arrives."""
        return now + self._latency_s + self._jitter_s * self._random() if self._is_modelled else now

    def next_due(self, direction: Direction, now: float) -> float:
        """When a frame that leaves now arrives, if no fault meets it: not before those sent earlier."""
        due, last = self.due(now), self._dues[direction]
        if due < last:
            due = last
        self._dues[direction] = due
        floor = self._floors[direction]
        return due if due > floor else floor

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to plan, since no fault is active."""
        return self._faults.is_idle

    def is_silenced(self, direction: Direction) -> bool:
        """Whether a cut swallows what arrives now."""
        faults = self._faults
        return not faults.is_idle and faults.silenced(self._terminal, self._line, self._site, direction, self._now())

    def disturbs(self, courier: Courier, data: bytes, body: bytes, direction: Direction, wire: Wire) -> bool:
        """Let the active faults plan for a frame for which `next_due` was just asked; False if none touches it.

        `wire` builds frames like this one.
        """
        plan = self._faults.plan(
            data=data,
            body=body,
            mti=self._mti_of(body),
            terminal=self._terminal,
            line=self._line,
            site=self._site,
            direction=direction,
            now=self._now(),
            wire=wire,
            due=self._dues[direction],
        )
        if plan is None:
            return False
        for fact in plan.facts:
            self._record(fact)
        remark = "; ".join(f"{each.name}: {each.what}" for each in plan.facts)
        if direction is _REPLY:
            courier.remark(_REPLY, remark)  # it came unharmed
        floor = self._floors[direction]
        kind = Kind.IN if direction is _REPLY else Kind.OUT
        for each in plan.arrivals:
            at = max(each.at, floor)
            if each.to:
                courier.push(at, Kind.ASTRAY, each.data, f"{direction} {each.to}", each.held_by)
            else:
                courier.push(at, kind, each.data, remark if kind is Kind.OUT else "", each.held_by)
        if len(plan.arrivals) > 1 and _is_in_pieces(plan.arrivals, data):
            self._keep_whole(courier, plan.arrivals, direction)
        return True

    def release(self, courier: Courier, now: float) -> None:
        """Make due now, one latency apart, what no active fault holds any more."""
        due, is_held = self.due(now), self._faults.holds
        floors = {}
        for direction, kinds in _KINDS.items():
            self._dues[direction] = min(self._dues[direction], due)
            if not is_held(self._floors_held_by[direction]):
                self._floors[direction] = min(self._floors[direction], due)
            floors.update(dict.fromkeys(kinds, self._floors[direction]))
        courier.hasten(due, is_held, floors)

    def _keep_whole(self, courier: Courier, pieces: list[Arrival], direction: Direction) -> None:
        first, last = (max(each.at, self._floors[direction]) for each in (pieces[0], pieces[-1]))
        self._floors[direction], self._floors_held_by[direction] = last, pieces[-1].held_by
        courier.keep_whole(_KINDS[direction], first, last, len(pieces))

    def _read_mti(self, body: bytes) -> str:
        try:
            return self._wire.read(body).mti
        except RemoteError:
            return ""


def _is_in_pieces(arrivals: list[Arrival], data: bytes) -> bool:
    """Whether a plan hands out one frame piece by piece."""
    return not any(each.to for each in arrivals) and b"".join(each.data for each in arrivals) == data
