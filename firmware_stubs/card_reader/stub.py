"""The card reader as one stub: link, firmware and mechanism joined, with power, hands and a wire that fails.

The exchange (maker's text 1.5 and 1.6): a command is acknowledged, and begins only at ENQ; its response is not
acknowledged, and is said again at the next ENQ. While a command is under way only EOT is heeded.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from firmware_stubs.card_reader.card import card_of
from firmware_stubs.card_reader.firmware import RESETS, Firmware
from firmware_stubs.card_reader.link import ACK, NAK, Control, Receiver, control, framed
from firmware_stubs.card_reader.machine import Machine
from firmware_stubs.card_reader.motion import Motion, Settings
from firmware_stubs.core import Act, Core, Order
from firmware_stubs.faults import Stage, damaged

BAUD = 9600
"""The fastest speed but one of those that it finds by itself; 8 data bits, even parity."""
CHARACTER_S = 5.0
"""Between two characters of a text (1.4)."""
SETTLING_S = 0.015
"""So long after error 18, 19 or 71 no Initial Reset is heard (1.5.1, and 3.4.2 note 4)."""
SETTLES_AFTER = ("18", "19", "71")
SAYINGS_MAX = 8
"""A host that does not wait for answers gets no more of them."""


class CardReader(Core):
    """One Omron 3S4YR."""

    device = "card_reader"

    def __init__(self, kept: Mapping[str, Any] | None = None, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        super().__init__(kept)

    def _restore(self, kept: Mapping[str, Any]) -> None:
        self.machine = Machine(kept, bin_cards=self._settings.bin_cards)
        self._motion = Motion(self.machine, self, self._settings, int(kept.get("counter", 0)))
        self._orders |= {
            "insert_card": self._insert_card,
            "take_card": self._take_card,
            "hold_card": lambda order, now: self.machine.hold(True),
            "release_card": self._release_card,
            "remove_card": self._remove_card,
            "empty_bin": self._empty_bin,
            "jam": lambda order, now: self.machine.jam(order),
            "clear_jams": lambda order, now: self.machine.jams.clear(),
            "spoil_cards": lambda order, now: self.machine.spoil(order),
            "break": lambda order, now: self.machine.broken.add(self.machine.part(order)),
            "mend": lambda order, now: self.machine.broken.discard(self.machine.part(order)),
        }
        self._switch_on()

    def _switch_on(self) -> None:
        self._firmware = Firmware(self._motion, self, self._settings)
        self._receiver = Receiver()
        self._command: bytes | None = None
        self._response = b""
        self._heard_at = 0.0
        self._deaf_until = 0.0
        self._sayings = 0
        self._character_due: int | None = None

    def kept(self) -> dict[str, Any]:
        """What lies where, and the captured number."""
        return {**self.machine.kept(), "counter": self._motion.counter}

    def seen(self) -> dict[str, Any]:
        """What somebody at the reader sees. No track data."""
        return {**super().seen(), **self.machine.seen()}

    # --- power ----------------------------------------------------------------------------------

    def _on_power_off(self, now: float) -> None:
        self._firmware.power_off()

    def _on_power_on(self, now: float) -> None:
        self._switch_on()

    # --- the exchange ---------------------------------------------------------------------------

    def _on_bytes(self, data: bytes, now: float) -> None:
        for heard in self._receiver.feed(data):
            if self._firmware.doing:
                self._disturb(heard)
            else:
                self._hear(heard, now)
        self._watch_characters(now)

    def _watch_characters(self, now: float) -> None:
        if self._character_due is not None:
            self._call_off(self._character_due)
            self._character_due = None
        if self._receiver.is_receiving:
            self._character_due = self._later(now + CHARACTER_S, self._character_missing)

    def _character_missing(self, now: float) -> None:
        self._character_due = None
        self._receiver.forget()
        if not self._firmware.doing:
            self._say(control(NAK), now)

    def _disturb(self, heard: bytes | Control) -> None:
        if heard is Control.EOT:
            self._firmware.interrupt()
            self._response = b""

    def _hear(self, heard: bytes | Control, now: float) -> None:
        self._heard_at = now
        if heard is Control.EOT:
            self._command = None
        elif heard is Control.ENQ:
            self._execute(now)
        elif isinstance(heard, Control) or not _is_command(heard):
            self._command = None
            self._say(control(NAK), now)
        else:
            self._enter(heard, now)

    def _enter(self, text: bytes, now: float) -> None:
        """A good command: acknowledged, and waiting for ENQ."""
        code = _code(text)
        faults = self.link_faults
        if (code in RESETS and now < self._deaf_until) or faults.hits(Stage.NO_ACK, code):
            return
        if faults.hits(Stage.NAK, code):
            self._say(control(NAK), now)
            return
        self._command = text
        if not faults.hits(Stage.ACK_LOST, code):
            self._say(control(ACK), now)

    def _execute(self, now: float) -> None:
        text, self._command = self._command, None
        if text is not None:
            self._response = b""
            self._firmware.execute(_code(text), text[3:], now)
        elif self._response:
            self._respond(now)

    def answer(self, text: bytes, now: float) -> None:
        """The firmware has done a command."""
        self._response = text
        if text[:1] == b"N" and text[3:5].decode("ascii") in SETTLES_AFTER:
            self._deaf_until = self._soonest(now) + SETTLING_S
        self._respond(now)

    def _respond(self, now: float) -> None:
        code, frame, faults = _code(self._response), framed(self._response), self.link_faults
        if faults.hits(Stage.ANSWER_LOST, code):
            return
        if faults.hits(Stage.ANSWER_DAMAGED, code):
            frame = damaged(frame)
        late = faults.hits(Stage.ANSWER_LATE, code)
        self._say(frame, now + (late.late_s if late is not None else 0.0))

    def _say(self, data: bytes, now: float) -> None:
        if self._sayings < SAYINGS_MAX:
            self._sayings += 1
            self._later(self._soonest(now), partial(self._said, data))

    def _soonest(self, now: float) -> float:
        """Not before the time for switching from receiving to sending is over."""
        return max(now, self._heard_at + self._firmware.switching_s)

    def _said(self, data: bytes, now: float) -> None:
        self._sayings -= 1
        self._send(data)

    # --- the body of the firmware ---------------------------------------------------------------

    def later(self, at: float, act: Act) -> int:
        """Have something done."""
        return self._later(at, act)

    def call_off(self, number: int) -> None:
        """Have it not done."""
        self._call_off(number)

    def keep(self) -> None:
        """Save what lies where."""
        self._keep()

    def tell(self, event: str, **detail: Any) -> None:
        """Somebody at the machine would see this."""
        self._tell(event, **detail)

    # --- hands ----------------------------------------------------------------------------------

    def _insert_card(self, order: Order, now: float) -> None:
        self.machine.offer(card_of(order))
        self._with_power(self._firmware.card_offered, now)

    def _take_card(self, order: Order, now: float) -> None:
        card, was_inside = self.machine.take()
        if not was_inside:
            self._tell("card_withdrawn", card=card.number)
            return
        self._gone("card_taken", card.number, now)

    def _remove_card(self, order: Order, now: float) -> None:
        self._gone("card_removed", self.machine.remove().number, now)

    def _gone(self, event: str, number: str, now: float) -> None:
        self.machine.is_shutter_open = False
        self._keep()
        self._tell(event, card=number)
        self._with_power(self._firmware.card_gone, now)

    def _release_card(self, order: Order, now: float) -> None:
        self.machine.hold(False)
        self._with_power(self._firmware.card_let_go, now)

    def _empty_bin(self, order: Order, now: float) -> None:
        cards = self.machine.empty_bin()
        self._keep()
        self._tell("bin_emptied", cards=cards)

    def _with_power(self, act: Callable[[float], None], now: float) -> None:
        if self.has_power:
            act(now)


def _is_command(text: bytes) -> bool:
    return len(text) >= 3 and text[:1] == b"C" and all(0x20 < byte < 0x7F for byte in text[1:3])


def _code(text: bytes) -> str:
    return text[1:3].decode("ascii")


def make(settings: Mapping[str, Any], kept: Mapping[str, Any]) -> CardReader:
    """A card reader of settings that JSON can hold. Raises msgspec.ValidationError for others."""
    return CardReader(kept, msgspec.convert(dict(settings), Settings))
