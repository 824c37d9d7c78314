"""The firmware of the Omron 3S4YR: what each command does, and what it answers. One command at a time.

Source: the maker's Data Transmission Specifications, Rev. A4, 3.2 to 5.18 (facts of devices 2.3). What is left open
there, and what is done here instead, stands in README.md. This module must never know how a text is framed.
"""

import re
from collections.abc import Callable
from functools import partial

from firmware_stubs.card_reader.card import Card
from firmware_stubs.card_reader.contacts import CONTACT_COMMANDS, Contacts
from firmware_stubs.card_reader.machine import Place
from firmware_stubs.card_reader.motion import Body, Motion, Settings
from firmware_stubs.card_reader.reading import one_track, one_track_in_memory, several_tracks, tracks_with_lowest

RESETS = ("00", "01", "02", "04", "05", "06")
WITH_SHUTTER = RESETS[:3]
RESET_PARAMETERS = re.compile(rb"([02-9]?)([ABC]?)")
SWITCHING_S = 0.010
"""The unit answers no sooner (4.1)."""
MONITORING_S = {"W0": 30, "W1": 30, "W2": 10}
"""Insertion, takeout, re-intake (4.9); 0 is for ever."""
WAITS_FOR_RESET = frozenset({"10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "81", "88"})
RETURN_RETRIES = 3
"""4.8, as after power-on."""
FRONT_THROAT_ERRORS = {"long": "20", "short": "21"}
STRIPE_ONLY = ("21", "24", ":2")
FROM_REAR = ("22", ":3")

Handler = Callable[[bytes, float], None]


class Firmware:
    """Everything that needs power. A new one is a reader that has just been switched on."""

    def __init__(self, motion: Motion, body: Body, settings: Settings) -> None:
        self.doing = ""
        """The command under way."""
        self.switching_s = SWITCHING_S
        self.error = "19"
        """Why only Initial Reset is heeded; empty if all is."""
        self.power_fail = "B"
        self._motion = motion
        self._machine = motion.machine
        self._body = body
        self._settings = settings
        self._chip = Contacts(motion, self._finish, self._refuse, settings.press_s)
        self._only_return = False
        self._permits = ""
        self._waits_for = ""
        self._go_on: Callable[[float], None] | None = None
        self._monitoring = dict(MONITORING_S)
        self._commands: dict[str, Handler] = {code: self._plain(self._status) for code in ("10", "11")}
        self._commands |= dict.fromkeys(RESETS, self._reset)
        self._commands |= {code: self._plain(self._permit) for code in (":0", ":1", ":2", ":3")}
        self._commands |= {code: self._plain(self._intake) for code in ("20", "21", "22", "23", "24")}
        self._commands |= {code: self._plain(self._return) for code in ("30", "31", "32")}
        self._commands |= {"90": self._plain(self._await_removal), "42": self._re_intake}
        self._commands |= {code: self._plain(self._re_intake_plain) for code in ("40", "41")}
        self._commands |= dict.fromkeys(("60", "61", "62", "63", "68", "69", "6A"), self._read)
        self._commands |= {code: self._plain(self._captured) for code in ("Q0", "Q1")}
        self._commands |= dict.fromkeys(MONITORING_S, self._set_monitoring)
        self._commands |= dict.fromkeys(CONTACT_COMMANDS, self._contacts)

    # --- given ----------------------------------------------------------------------------------

    def execute(self, command: str, given: bytes, now: float) -> None:
        """Begin a command; its answer follows, at once or later."""
        self.doing = command
        handler = self._commands.get(command)
        if self.error and command not in RESETS:
            self._refuse(self.error, now)
        elif handler is None:
            self._refuse("00", now)
        elif self._only_return and command not in ("00", "04", "30"):
            self._refuse("01", now)
        else:
            handler(given, now)

    def interrupt(self) -> None:
        """Leave the command under way: waits are over, and a card that moves comes to rest where it is."""
        self._motion.stop()
        if self._waits_for == "insertion":
            self._permits = ""
        self.doing = self._waits_for = ""

    def power_off(self) -> None:
        """What the condenser does with a card in the reader (4.1)."""
        self._motion.stop()
        is_free = self._machine.place is not Place.TAKEOUT and not self._broken(with_shutter=self.power_fail == "B")
        if self._settings.has_condenser and is_free:
            if self.power_fail == "B":
                self._motion.rush(Place.TAKEOUT)
            elif self.power_fail == "C":
                self._motion.rush(Place.BIN)

    def card_offered(self, now: float) -> None:
        """Somebody is there with a card."""
        if self._waits_for == "insertion" or (self._permits and not self.doing):
            self._accept(now)

    def card_let_go(self, now: float) -> None:
        """The hand has let go of the card in the slot."""
        if self._waits_for == "re-intake" and self._go_on is not None:
            self._go(self._go_on, now)

    def card_gone(self, now: float) -> None:
        """The card has left the reader by a hand."""
        self._chip.state = ""
        waited, doing = self._waits_for, self.doing
        self._only_return = False
        self._motion.stop()
        if not doing:
            return
        if waited == "removal" or doing in RESETS:
            self._finish(now)
        else:
            self._refuse("60" if doing.startswith("4") else "14", now)

    # --- answers --------------------------------------------------------------------------------

    @property
    def position(self) -> str:
        """RES: where the card is (3.4.1)."""
        codes = {None: "00", Place.TAKEOUT: "01", Place.READ_START: "04"}
        return codes.get(self._machine.place, "02")

    def _finish(self, now: float, data: bytes = b"", state: str = "") -> None:
        self._answer(b"P", state or self.position, data, now)

    def _refuse(self, error: str, now: float) -> None:
        if error in WAITS_FOR_RESET:
            self.error = error
        self._answer(b"N", error, b"", now)

    def _answer(self, judged: bytes, state: str, data: bytes, now: float) -> None:
        command, self.doing, self._waits_for = self.doing, "", ""
        if command:
            self._body.answer(judged + command.encode("ascii") + state.encode("ascii") + data, now)

    def _plain(self, handle: Callable[[float], None]) -> Handler:
        """A command that takes no parameters."""

        def handler(given: bytes, now: float) -> None:
            if given:
                self._refuse("02", now)
            else:
                handle(now)

        return handler

    # --- reset and status -----------------------------------------------------------------------

    def _reset(self, given: bytes, now: float) -> None:
        told = RESET_PARAMETERS.fullmatch(given)
        if told is None:
            self._refuse("02", now)
            return
        self.switching_s = max(1, int(told[1] or b"1")) / 100
        self.power_fail = told[2].decode() or "B"
        self.error, self._chip.state, self._permits, self._only_return = "", "", "", False
        self._motion.after(self._settings.reset_s, now, self._tried)

    def _tried(self, now: float) -> None:
        trouble = self._broken(with_shutter=self.doing in WITH_SHUTTER)
        place = self._machine.place
        to_front = self.doing in ("00", "04")
        if trouble:
            self._refuse(trouble, now)
        elif place is None:
            self._finish(now)
        elif place is Place.TAKEOUT and not to_front and self._machine.is_held:
            self._refuse("64", now)
        else:
            rear = Place.BIN if self.doing in ("01", "05") else Place.INSIDE
            self._carry(Place.TAKEOUT if to_front else rear, now)

    def _broken(self, *, with_shutter: bool) -> str:
        needed = ("sensor", "motor", "encoder", "contact")
        return self._motion.trouble(*needed, *(["shutter"] if with_shutter else []))

    def _carry(self, target: Place, now: float, *, jam: str = "10", retries: int = 0) -> None:
        self._motion.travel(target, now, self._finish, self._refuse, jam=jam, retries=retries)

    def _status(self, now: float) -> None:
        self._finish(now, self._sensors() if self.doing == "11" else b"")

    def _sensors(self) -> bytes:
        """5.1: S0, spare, S2, spare, S4, shutter, stripe, width, contact, activation, motor, spare."""
        card, place = self._machine.card, self._machine.place
        front = place in (Place.TAKEOUT, Place.FRONT_THROAT)
        middle = place in (Place.FRONT_THROAT, Place.READ_START, Place.INSIDE)
        rear = place in (Place.INSIDE, Place.REAR_THROAT)
        stripe = front and card is not None and card.has_stripe
        flags = (front, False, middle, False, rear, self._machine.is_shutter_open, stripe, front)
        return bytes(
            0x30 + flag for flag in (*flags, bool(self._chip.state), self._chip.state == "active", False, False)
        )

    # --- in -------------------------------------------------------------------------------------

    def _permit(self, now: float) -> None:
        if self.doing == ":1":
            self._permits = ""
        elif self._machine.card is not None:
            self._refuse("01", now)
            return
        else:
            self._permits = self.doing
        self._finish(now)
        if self._permits:
            self._accept(now)

    def _intake(self, now: float) -> None:
        if self._machine.card is not None:
            self._refuse("01", now)
            return
        self._permits = self.doing
        self._wait("insertion", "W0", "61", now)
        self._accept(now)

    def _accept(self, now: float) -> None:
        card = self._machine.offered
        permits = self._permits
        if card is None or permits in FROM_REAR or (permits in STRIPE_ONLY and not card.has_stripe):
            return
        self._motion.stop()
        self._waits_for = self._permits = ""
        trouble = self._motion.trouble("shutter")
        if trouble:
            self._refuse(trouble, now)
            return
        self._machine.draw_offered()
        self._machine.is_shutter_open = True
        self._body.keep()
        self._body.tell("card_inserted", card=card.number)
        if card.length in FRONT_THROAT_ERRORS:
            refuse = partial(self._refuse_card, card)
            self._motion.travel(Place.FRONT_THROAT, now, refuse, self._refuse, jam="10")
        else:
            self._carry(Place.INSIDE, now)

    def _refuse_card(self, card: Card, now: float) -> None:
        self._only_return = True
        self._refuse(FRONT_THROAT_ERRORS[card.length], now)

    def _wait(self, what: str, monitor: str, error: str, now: float) -> None:
        self._waits_for = what
        seconds = self._monitoring[monitor]
        if seconds:
            self._motion.after(seconds, now, lambda at: self._time_is_up(error, at))

    def _time_is_up(self, error: str, now: float) -> None:
        if self._waits_for == "insertion":
            self._permits = ""
        self._refuse(error, now)

    def _re_intake_plain(self, now: float) -> None:
        target = Place.INSIDE if self.doing == "40" else Place.BIN
        self._draw_back(now, lambda at: self._carry(target, at, jam="15"))

    def _re_intake(self, given: bytes, now: float) -> None:
        def inside(at: float) -> None:
            self._read(given, at)

        self._draw_back(now, lambda at: self._motion.travel(Place.INSIDE, at, inside, self._refuse, jam="15"))

    def _draw_back(self, now: float, go_on: Callable[[float], None]) -> None:
        if self._machine.place is not Place.TAKEOUT:
            self._refuse("60", now)
        elif self._machine.is_held:
            self._go_on = go_on
            self._wait("re-intake", "W2", "63", now)
        else:
            self._go(go_on, now)

    def _go(self, go_on: Callable[[float], None], now: float) -> None:
        self._motion.stop()
        self._waits_for = ""
        go_on(now)

    # --- out ------------------------------------------------------------------------------------

    def _return(self, now: float) -> None:
        target = {"30": Place.TAKEOUT, "31": Place.BIN, "32": Place.READ_START}[self.doing]
        place = self._machine.place
        if place is None or self._chip.state or (place is Place.TAKEOUT and target is not Place.TAKEOUT):
            self._refuse("01", now)
            return
        self._only_return = False
        self._carry(target, now, retries=RETURN_RETRIES if target is Place.TAKEOUT else 0)

    def _await_removal(self, now: float) -> None:
        if self._machine.place is None:
            self._finish(now)
        elif self._machine.place is Place.TAKEOUT:
            self._wait("removal", "W1", "62", now)
        else:
            self._refuse("01", now)

    def _captured(self, now: float) -> None:
        if self.doing == "Q0":
            self._finish(now, f"{self._motion.counter:03d}".encode())
            return
        self._motion.counter = 0
        self._body.keep()
        self._finish(now)

    def _set_monitoring(self, given: bytes, now: float) -> None:
        if re.fullmatch(rb"[0-9]{2}", given) is None:
            self._refuse("02", now)
            return
        self._monitoring[self.doing] = int(given)
        self._finish(now)

    # --- stripe, and chip -----------------------------------------------------------------------

    def _read(self, given: bytes, now: float) -> None:
        card, command = self._machine.card, self.doing
        if card is None or self._machine.place is Place.TAKEOUT or self._chip.state:
            self._refuse("01", now)
            return
        error, data = "", b""
        if command in ("61", "62", "63"):
            error, data = ("02", b"") if given else one_track(card, int(command[1]))
        elif command == "60":
            error = "02" if given else ""
        else:
            form = {"69": one_track_in_memory, "6A": several_tracks}.get(command, tracks_with_lowest)
            error, data = form(card, given)
        if error:
            self._refuse(error, now)
            return
        answer = partial(self._finish, data=data)
        self._motion.travel(Place.INSIDE, now, answer, self._refuse, jam="10")

    def _contacts(self, given: bytes, now: float) -> None:
        self._chip.execute(self.doing, given, now)
