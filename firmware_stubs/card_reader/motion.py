"""How the firmware moves a card: place by place, in time, with what stops it. One motion or one wait at a time.

What lies where is kept before anybody is told of it. This module must never know which command it moves for.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import msgspec

from firmware_stubs.card_reader.machine import AT_SHUTTER, BIN_CARDS, PARTS, Blocked, Machine, Place

COUNTER_MODULUS = 1000
"""The captured number has three digits (5.6)."""

Act = Callable[[float], None]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not in the maker's text, or is bought with the reader. All are our choice."""

    leg_s: float = 0.2
    """From one place to the next."""
    reset_s: float = 0.5
    """To try shutter, solenoids and motor."""
    press_s: float = 0.2
    has_condenser: bool = True
    """Enough charge to move a card once after power has failed (4.10 P/F condenser)."""
    bin_cards: int = BIN_CARDS


class Body(Protocol):
    """The stub around the firmware: its time, its memory, its witness."""

    def later(self, at: float, act: Act) -> int:
        """Have something done; gives a number to call it off."""
        ...

    def call_off(self, number: int) -> None:
        """Have it not done."""
        ...

    def keep(self) -> None:
        """Save what lies where."""
        ...

    def tell(self, event: str, **detail: Any) -> None:
        """Somebody at the machine would see this."""
        ...

    def answer(self, text: bytes, now: float) -> None:
        """The command is done: send this."""
        ...


class Motion:
    """Moves the card of a machine. `counter` is the captured number, which needs no power."""

    def __init__(self, machine: Machine, body: Body, settings: Settings, counter: int) -> None:
        self.machine = machine
        self.counter = counter
        self._body = body
        self._settings = settings
        self._planned: int | None = None

    def stop(self) -> None:
        """Let go: what moves comes to rest where it is, what waits is over."""
        if self._planned is not None:
            self._body.call_off(self._planned)
            self._planned = None

    def after(self, delay_s: float, now: float, act: Act) -> None:
        """Go on with this after a while; what was planned before is forgotten."""
        self.stop()
        self._planned = self._body.later(now + delay_s, partial(self._due, act))

    def _due(self, act: Act, now: float) -> None:
        self._planned = None
        act(now)

    def trouble(self, *parts: str) -> str:
        """The error of the first of these parts that is broken; empty if none is."""
        return next((PARTS[part] for part in parts if part in self.machine.broken), "")

    def travel(
        self, target: Place, now: float, then: Act, failed: Callable[[str, float], None], *, jam: str, retries: int = 0
    ) -> None:
        """Bring the card to a place, then go on; or fail with an error. A jam before the rear end is error `jam`."""
        place = self.machine.place
        assert place is not None
        needs_shutter = target in AT_SHUTTER or place in AT_SHUTTER
        trouble = self.trouble("motor", "encoder", "sensor", *(["shutter"] if needs_shutter else []))
        if trouble:
            failed(trouble, now)
        elif place is target:
            then(now)
        else:
            self.machine.is_shutter_open = self.machine.is_shutter_open or needs_shutter
            go = partial(self._arrive, target, then, failed, jam, retries)
            self.after(self._settings.leg_s, now, go)

    def _arrive(
        self, target: Place, then: Act, failed: Callable[[str, float], None], jam: str, retries: int, now: float
    ) -> None:
        was = self.machine.place
        try:
            place = self.machine.step(target)
        except Blocked as blocked:
            self._body.tell("card_stuck", at=was, on_the_way_to=blocked.place)
            if retries > 0:
                self.after(1.0, now, partial(self._arrive, target, then, failed, jam, retries - 1))
            else:
                failed("16" if blocked.place in (Place.REAR_THROAT, Place.BIN) else jam, now)
            return
        self.note(was, place)
        if place is target:
            then(now)
        else:
            self.after(self._settings.leg_s, now, partial(self._arrive, target, then, failed, jam, retries))

    def note(self, was: Place | None, place: Place) -> None:
        """Keep and tell that the card is somewhere else."""
        self.machine.is_shutter_open = place in AT_SHUTTER
        if place is Place.BIN:
            self.counter = (self.counter + 1) % COUNTER_MODULUS
        self._body.keep()
        if place is Place.BIN:
            self._body.tell("card_captured", binned=self.machine.binned)
        elif place is Place.TAKEOUT:
            self._body.tell("card_presented")
        elif was is Place.TAKEOUT:
            self._body.tell("card_drawn_in")

    def rush(self, target: Place) -> None:
        """With the last charge of the condenser: as far as the card gets."""
        while self.machine.card is not None and self.machine.place is not target:
            was = self.machine.place
            try:
                place = self.machine.step(target)
            except Blocked as blocked:
                self._body.tell("card_stuck", at=was, on_the_way_to=blocked.place)
                return
            self.note(was, place)
