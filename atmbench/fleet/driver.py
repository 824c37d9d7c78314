"""The driver: performs what one terminal's core decides, over that terminal's cables and devices.

Everything the core asks for is carried out at once, in order, in one go: there is no await between a
decision and its effects. An alarm of the timetable rings for the next deadline. The driver must never
decide anything about money; it carries, and it records what it carried.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

import trio

from atmbench.devices.outfit import Outfit
from atmbench.drill.commands import DisturbCustomer, DisturbDispenser, HandDoes
from atmbench.errors import LocalError, RemoteError, VenueError
from atmbench.facts import (
    CustomerTurnedAway,
    DialFailed,
    Fact,
    JournalWritten,
    LineLost,
    LineUp,
    PowerFailed,
    PowerRestored,
    ScreenShown,
    StepRefused,
)
from atmbench.facts.terminal import DOORS_SHUT
from atmbench.fleet.arrivals import Arrivals
from atmbench.fleet.messenger import Messenger
from atmbench.fleet.orders import out_of_service
from atmbench.links.cable import Cable
from atmbench.links.timetable import Timetable
from atmbench.terminal import effects, inputs
from atmbench.terminal.core import Terminal
from atmbench.terminal.states import HEEDS_CANCEL, State

WAITING_CUSTOMERS_MAX = 10
"""Customers in front of one terminal; the next one goes away."""

OUT_OF_PIN_KEYS = "the PIN pad has used up its DUKPT keys and must be given a new initial key"

Memory = dict[str, Any]


MakeCore = Callable[[Memory], Terminal]
"""Builds a fresh core over what non-volatile memory holds, as power-up does."""


class Driver:
    """One terminal in the world: core, memory, devices, cables and the customers in front of it.

    `now` gives seconds of the run. `record(actor, fact)` puts a fact into the history. A core that is
    None has no power.
    """

    def __init__(
        self,
        name: str,
        *,
        make_core: MakeCore,
        devices: Outfit,
        messenger: Messenger,
        record: Callable[[str, Fact], None],
        now: Callable[[], float],
        timetable: Timetable,
    ) -> None:
        self.name = name
        self.devices = devices
        self.memory: Memory = {}
        self.core: Terminal | None = None
        self.cables: dict[str, Cable] = {}
        self.arrivals: Arrivals | None = None
        self.waiting: deque[inputs.TransactionAsked] = deque()
        self._make_core = make_core
        self._messenger = messenger
        self._record = partial(record, name)
        self._now = now
        for plug in devices.plugs:
            plug.turn = self._device_turn
            plug.refused = self._step_refused
        self._nursery: trio.Nursery | None = None
        self._alarm = timetable.alarm(self._on_time)
        self._offset = 0.0
        self._dials: dict[str, trio.CancelScope] = {}
        self._power_fails_at_next: int | None = None
        self._power_fails_after: int | None = None
        self._restore_after_s = 0.0
        self._power_back_at = inf
        self._performers: dict[type, Callable[[Any], None]] = {
            effects.SendMessage: self._send_message,
            effects.AnswerHost: self._answer_host,
            effects.Dial: self._dial,
            effects.HangUp: self._hang_up,
            effects.Remember: self._remember,
            effects.Forget: self._forget,
            effects.Record: self._record_fact,
            effects.ShowScreen: self._show_screen,
            effects.WriteJournal: self._write_journal,
        }

    # --- life -----------------------------------------------------------------------------------

    def start(self, nursery: trio.Nursery, power_on_at: float) -> None:
        """Begin to live, in this nursery: power comes at the given time of the run."""
        self._nursery = nursery
        self._power_back_at = power_on_at
        self._offset = trio.current_time() - self._now()
        self._alarm.set(self._offset + self._next_deadline())

    def give(self, given: inputs.Input) -> None:
        """Hand an input to the core and perform what it asks for."""
        if self.core is None:
            return
        now = self._now()
        self._perform(self.core.on_input(given, now), now)
        self._after_turn()

    def pending(self) -> tuple[str, ...]:
        """What is still open at this terminal, in words."""
        if self.core is None:
            return (f"{self.name} has no power",)
        at_the_door = ("a customer's card is going in",) if self.devices.is_letting_in else ()
        return tuple(f"{self.name}: {what}" for what in self.core.pending() + at_the_door)

    def _next_deadline(self) -> float:
        earliest = self._power_back_at
        for part in (self.core, self.devices, self.arrivals):
            deadline = part.deadline if part is not None else None
            if deadline is not None and deadline < earliest:
                earliest = deadline
        return earliest

    def _on_time(self) -> None:
        now = self._now()
        if self._power_back_at <= now:
            self._power_on(now)
        deadline = self.devices.deadline
        if deadline is not None and deadline <= now:
            self._perform_heard(*self.devices.on_time(now), now)
            self._call_back()
        if self.core is not None and self.core.deadline is not None and self.core.deadline <= now:
            self._perform(self.core.on_time(now), now)
        if self.arrivals is not None and self.arrivals.deadline is not None and self.arrivals.deadline <= now:
            self._customer_comes(self.arrivals.next())
        self._after_turn()

    def _device_turn(self, act: Callable[[float], None]) -> None:
        """A device has been heard: its driver makes something of it, and the core something of that."""
        now = self._now()
        act(now)
        self._perform_heard(*self.devices.take(), now)
        self._call_back()
        self._after_turn()

    def _step_refused(self, because: str) -> None:
        """A machine cannot do what a step wants of it: the drill means something else."""
        self._record(StepRefused(command="machine", because=because))

    def _call_back(self) -> None:
        """Whoever waited for a device is told, now that its turn is over."""
        for call in self.devices.take_calls():
            call()

    def _perform_heard(self, given: list[inputs.Input], facts: list[Fact], now: float) -> None:
        for fact in facts:
            self._record(fact)
        for each in given:
            if self.core is None:
                continue
            if isinstance(each, inputs.TransactionAsked):
                self._begin_session(self.core, each, now)
            else:
                self._perform(self.core.on_input(each, now), now)

    def _begin_session(self, core: Terminal, asked: inputs.TransactionAsked, now: float) -> None:
        """The card is inside. While it went in the core may have become unable to serve anybody."""
        if core.is_free:
            self._power_fails_after, self._power_fails_at_next = self._power_fails_at_next, None
        else:
            self.devices.turn_away(now)
        self._perform(core.on_input(asked, now), now)

    def _after_turn(self) -> None:
        if self.waiting:
            self._serve_waiting()
        self._alarm.set(self._offset + self._next_deadline())

    # --- customers ------------------------------------------------------------------------------

    def customer_comes(self, asked: inputs.TransactionAsked) -> None:
        """A customer steps up: served now, after those already waiting, or turned away."""
        self._customer_comes(asked)
        self._after_turn()

    def _customer_comes(self, asked: inputs.TransactionAsked) -> None:
        if self.core is None:
            self._record(CustomerTurnedAway(because="the terminal has no power", service=asked.service))
        elif self.core.state is State.CLOSED:
            self._record(CustomerTurnedAway(because=out_of_service(self.core), service=asked.service))
        elif self.devices.is_out_of_pin_keys:
            self._record(CustomerTurnedAway(because=OUT_OF_PIN_KEYS, service=asked.service))
        elif len(self.waiting) >= WAITING_CUSTOMERS_MAX:
            self._record(CustomerTurnedAway(because="too many people are waiting", service=asked.service))
        else:
            self.waiting.append(asked)

    def _serve_waiting(self) -> None:
        while self.waiting and self.core is not None and self.core.is_free and not self.devices.is_letting_in:
            if self.devices.is_out_of_pin_keys:
                self._turn_away(OUT_OF_PIN_KEYS)
                return
            now = self._now()
            self.devices.customer_comes(self.waiting.popleft(), now)
            self._perform_heard(*self.devices.take(), now)
        if self.waiting and (self.core is None or self.core.state is State.CLOSED):
            self._turn_away(out_of_service(self.core, "the terminal went out of service"))

    def expect(self, arrivals: Arrivals | None) -> None:
        """These customers come by themselves from now on, and no others."""
        self.arrivals = arrivals
        self._after_turn()

    def use_hand(self, does: HandDoes) -> None:
        """A hand does something here. Raises LocalError if there is nothing to take, or nobody heeds it."""
        if does is not HandDoes.CANCELS:
            self._device_turn(partial(self.devices.customer.take_by_hand, does))
            return
        if self.core is None or self.core.state not in HEEDS_CANCEL:
            raise LocalError(f"nobody is served at {self.name} whose cancel would be heeded now")
        self.give(inputs.CustomerCancelled())

    def let_nobody_in(self) -> None:
        """No customer comes from now on, and who waits goes away; one who is being served is served to the end."""
        if self.arrivals is not None:
            self.arrivals.stop()
        self._turn_away(DOORS_SHUT)

    def _turn_away(self, because: str) -> None:
        for asked in self.waiting:
            self._record(CustomerTurnedAway(because=because, service=asked.service))
        self.waiting.clear()

    # --- power ----------------------------------------------------------------------------------

    def fail_power(self, restore_after_s: float, after_effect: int | None = None) -> None:
        """Take the power away now, or right after the n-th effect of the next transaction."""
        self._restore_after_s = restore_after_s
        if after_effect is None:
            self._power_off(f"while {self.core.state}" if self.core is not None else "again")
            self._after_turn()
        else:
            self._power_fails_at_next = after_effect

    def restore_power(self) -> None:
        """Give the power back now, and forget a failure that has not come yet."""
        self._power_fails_at_next = self._power_fails_after = None
        if self.core is None:
            self._power_on(self._now())
            self._after_turn()

    def _power_off(self, during: str) -> None:
        now = self._now()
        self.core = None
        self._messenger.power_fail()
        for scope in self._dials.values():
            scope.cancel()
        self._dials.clear()
        for cable in self.cables.values():
            cable.hang_up()
        self._record(PowerFailed(during=during))
        for fact in self.devices.power_fail(now):
            self._record(fact)
        self._power_back_at = now + self._restore_after_s

    def _power_on(self, now: float) -> None:
        self._power_back_at = inf
        for fact in self.devices.power_on(now):
            self._record(fact)
        intent = self.memory.get("intent")
        stored = sum(1 for slot in self.memory if slot.startswith("saf/"))
        self._record(PowerRestored(open_transaction=getattr(intent, "key", ""), stored_messages=stored))
        self.core = self._make_core(self.memory)
        self._perform(self.core.on_input(inputs.PoweredOn(), now), now)

    # --- effects --------------------------------------------------------------------------------

    def _perform(self, asked: list[effects.Effect], now: float) -> None:
        performers = self._performers
        for effect in asked:
            perform = performers.get(type(effect))
            if perform is not None:
                perform(effect)
            else:
                for fact in self.devices.perform(effect, now):
                    self._record(fact)
            if self._power_fails_after is not None and self._counts_down(effect):
                return

    def _counts_down(self, effect: effects.Effect) -> bool:
        """One more effect since the power was told to fail; True if this was the last."""
        assert self._power_fails_after is not None
        self._power_fails_after -= 1
        if self._power_fails_after > 0:
            return False
        self._power_fails_after = None
        self._power_off(f"after {type(effect).__name__}")
        return True

    def _send_message(self, effect: effects.SendMessage) -> None:
        self._messenger.send(effect, self._post)

    def _answer_host(self, effect: effects.AnswerHost) -> None:
        self._messenger.answer(effect, self._post)

    def _post(self, line: str, body: bytes) -> None:
        self.cables[line].send(body)

    def _dial(self, effect: effects.Dial) -> None:
        assert self._nursery is not None
        scope = self._dials[effect.line] = trio.CancelScope()
        self._nursery.start_soon(self._run_line, effect.line, scope, name=f"{self.name}/{effect.line}")

    def _hang_up(self, effect: effects.HangUp) -> None:
        if scope := self._dials.pop(effect.line, None):
            scope.cancel()
            self._record(DialFailed(line=effect.line, because="nobody had answered when the terminal gave up"))
        self._messenger.forget(effect.line)
        self.cables[effect.line].hang_up()

    def _remember(self, effect: effects.Remember) -> None:
        self.memory[effect.slot] = effect.record

    def _forget(self, effect: effects.Forget) -> None:
        self.memory.pop(effect.slot, None)

    def _record_fact(self, effect: effects.Record) -> None:
        self._record(effect.fact)

    def _show_screen(self, effect: effects.ShowScreen) -> None:
        self._record(ScreenShown(screen=effect.screen, lines=effect.lines, states=effect.states))

    def _write_journal(self, effect: effects.WriteJournal) -> None:
        self._record(JournalWritten(line=effect.line, key=effect.key))
        for fact in self.devices.perform(effect, self._now()):
            self._record(fact)

    # --- lines ----------------------------------------------------------------------------------

    async def _run_line(self, line: str, scope: trio.CancelScope) -> None:
        """One connection, from the dial to its end. How long a dial may take is the core's matter: it hangs up."""

        def on_up() -> None:
            self._dials.pop(line, None)
            self._record(LineUp(line=line))
            self.give(inputs.LinkUp(line))

        with scope:
            try:
                await self.cables[line].connect_and_run(on_up)
            except VenueError as error:
                if self._dials.get(line) is scope:
                    del self._dials[line]
                    self._record(DialFailed(line=line, because=str(error)))
                    self.give(inputs.DialFailed(line, str(error)))

    def on_body(self, line: str, body: bytes) -> None:
        """A body arrived on a line."""
        self._messenger.hear(line, body, self.give)
        if self._messenger.is_checking:
            self._after_turn()  # the PIN pad was asked for something, and the core has been told nothing

    def on_refused_frame(self, line: str, error: RemoteError) -> None:
        """Bytes arrived that are no frame. They change nothing; the core may want to know why."""
        self._messenger.hear_refused(line, error, len(error.raw), self.give)

    def on_lost(self, line: str, because: str) -> None:
        """A connection broke that the terminal did not end."""
        self._messenger.lose(line, partial(self._lose, line, because))

    def _lose(self, line: str, because: str) -> None:
        self._record(LineLost(line=line, because=because))
        self.give(inputs.LinkLost(line, because))

    @property
    def active_line(self) -> str:
        """The line this terminal uses for its customers now; empty if none."""
        return self.core.active_line if self.core is not None else ""

    def disturb(self, command: DisturbDispenser | DisturbCustomer) -> None:
        """Tell devices or customers of this terminal to misbehave."""
        self.devices.disturb(command)
