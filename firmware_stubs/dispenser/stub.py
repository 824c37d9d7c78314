"""The dispenser: line, firmware and mechanics in one, with what hands can do at it (facts of devices 1.2 to 1.4).

While notes move nothing is heard. The last answer is kept and sent again on NAK, three times in all; a new command
forgets it. Notes are written down as kept before a byte tells of them, so a killed process loses none.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from firmware_stubs.core import Core, Order
from firmware_stubs.dispenser.harms import Harm, Trouble, Troubles
from firmware_stubs.dispenser.lcdm_4000 import Lcdm4000
from firmware_stubs.dispenser.lcdm_small import LcdmSmall
from firmware_stubs.dispenser.link import ACK, EOT, NAK, Command, Link, Sign
from firmware_stubs.dispenser.machine import Machine
from firmware_stubs.dispenser.motion import Motion
from firmware_stubs.dispenser.settings import CASSETTE_NOTES_MAX, Notes, Settings
from firmware_stubs.dispenser.tasks import Firmware, Move, Purge, Restart, Say, Task
from firmware_stubs.errors import KeptError, OrderError
from firmware_stubs.faults import Stage, damaged

TRIES = 3
"""An answer is sent so often in all."""
SENSORS = frozenset({"dvtl", "dvtr", "dvt", "ejt", "exit", "rjt", "sol", "chk1", "chk3"})


class _Answer(msgspec.Struct):
    """The last answer, and how often it has been sent."""

    frame: bytes
    command: str
    then: Callable[[float], None] | None = None
    """What follows its acknowledgement."""
    sent: int = 0
    is_acknowledged: bool = False
    repeat_at: float | None = None
    """When it is sent once more by itself."""


class Dispenser(Core):
    """`kept` is what an earlier one has kept. Raises KeptError if that was another profile."""

    device = "dispenser"

    def __init__(self, settings: Settings | None = None, kept: Mapping[str, Any] | None = None) -> None:
        self._settings = settings or Settings()
        super().__init__(kept)

    def _restore(self, kept: Mapping[str, Any]) -> None:
        settings = self._settings
        if kept.get("profile", settings.profile) != settings.profile:
            raise KeptError(f"what is kept is of an {kept['profile']}, and this is an {settings.profile}; begin anew")
        self._blocked: set[str] = set()
        self._machine = Machine(settings, kept)
        make: Callable[..., Firmware] = Lcdm4000 if settings.profile == "lcdm-4000" else LcdmSmall
        self._firmware = make(settings, self._machine, self._blocked, kept)
        self._troubles = Troubles(self._firmware.harms, self._firmware.words, frozenset(self._firmware.names.values()))
        self._link = Link(self._firmware.unit, settings.frame_s)
        self._is_working = False
        self._is_moving = False
        self._is_drawing_back = False
        self._answer: _Answer | None = None
        self._repeat_is_planned = False
        self._deaf_until = 0.0
        self._orders |= {
            "fault": lambda order, now: self._troubles.add(order),
            "clear_faults": lambda order, now: self._troubles.clear(),
            "take_cash": self._take_cash,
            "draw_back": self._draw_back,
            "remove_cassette": lambda order, now: self._move_cassette(order, is_out=True),
            "insert_cassette": lambda order, now: self._move_cassette(order, is_out=False),
            "fill": self._fill,
            "remove_reject_tray": lambda order, now: self._move_tray(is_out=True),
            "insert_reject_tray": lambda order, now: self._move_tray(is_out=False),
            "clear_path": self._clear_path,
            "block": lambda order, now: self._blocked.add(self._sensor(order)),
            "unblock": lambda order, now: self._blocked.discard(self._sensor(order)),
        }
        if kept:
            self._firmware.power_on()
            if self._machine.exit and not self._machine.is_open:
                self._machine.present()
                self._later(0.0, lambda at: self._tell_presented(is_counted=False))

    def kept(self) -> dict[str, Any]:
        """Where the notes are, and what memory keeps without power."""
        return {"profile": self._settings.profile, **self._machine.kept(), **self._firmware.kept()}

    # --- the line ---------------------------------------------------------------------------------

    def _on_bytes(self, data: bytes, now: float) -> None:
        if now < self._deaf_until:
            return
        for heard in self._link.feed(data, now):
            if self._is_working:
                continue
            if isinstance(heard, Command):
                self._obey(heard, now)
            elif heard is Sign.DAMAGED:
                self._send(bytes([NAK]))
            elif heard is Sign.ACK:
                self._acknowledged(now)
            else:
                self._say(now)

    def _obey(self, command: Command, now: float) -> None:
        name = self._firmware.names.get(command.code, "unknown")
        if self.link_faults.hits(Stage.NO_ACK, name):
            return
        if self.link_faults.hits(Stage.NAK, name):
            self._send(bytes([NAK]))
            return
        trouble = self._troubles.take(name)
        refusal = trouble.code if trouble is not None and trouble.harm is Harm.REFUSED else None
        before = self._firmware.kept()
        task = self._firmware.begin(command, refusal)
        if self._firmware.kept() != before:
            self._keep()
        is_silent = isinstance(task, Restart) and self._settings.reset_style == "silent"
        if not is_silent and not self.link_faults.hits(Stage.ACK_LOST, name):
            self._send(bytes([ACK]))
        self._answer = None
        self._is_working = True
        self._work(task, command.code, name, trouble, now)

    def _work(self, task: Task, code: int, name: str, trouble: Trouble | None, now: float) -> None:
        settings = self._settings
        if isinstance(task, Say):
            self._answer_at(now + settings.quick_s, task.body, name)
        elif isinstance(task, Purge):
            self._later(now + settings.purge_s, lambda at: self._purge(code, name, trouble, at))
        elif isinstance(task, Restart):
            self._restart(code, name, now)
        else:
            self._move(task, code, name, trouble, now)

    def _restart(self, code: int, name: str, now: float) -> None:
        body = bytes([code, 0x20])
        if self._settings.reset_style == "two_responses":
            self._answer_at(
                now + self._settings.quick_s,
                body,
                name,
                then=lambda at: self._answer_at(at + self._settings.reset_s, body, name),
            )
        else:
            self._is_working = False
            self._deaf_until = now + self._settings.reset_s

    def _answer_at(self, at: float, body: bytes, name: str, then: Callable[[float], None] | None = None) -> None:
        late = self.link_faults.hits(Stage.ANSWER_LATE, name)
        answer = _Answer(self._link.answer(body), name, then)
        self._later(at + (late.late_s if late is not None else 0.0), lambda now: self._begin_answer(answer, now))

    def _begin_answer(self, answer: _Answer, now: float) -> None:
        self._is_working = False
        self._answer = answer
        self._say(now)

    def _say(self, now: float) -> None:
        """Send the last answer, once more if it was refused."""
        answer = self._answer
        if answer is None or answer.sent >= TRIES:
            return
        answer.sent += 1
        if not self.link_faults.hits(Stage.ANSWER_LOST, answer.command):
            is_damaged = self.link_faults.hits(Stage.ANSWER_DAMAGED, answer.command)
            self._send(damaged(answer.frame) if is_damaged else answer.frame)
        answer.repeat_at = now + self._settings.repeat_s if answer.sent < self._firmware.repeats else None
        self._plan_repeat()

    def _plan_repeat(self) -> None:
        """One alarm is enough, whatever answers come and go while it waits."""
        answer = self._answer
        if answer is not None and answer.repeat_at is not None and not self._repeat_is_planned:
            self._repeat_is_planned = True
            self._later(answer.repeat_at, self._repeat)

    def _repeat(self, now: float) -> None:
        self._repeat_is_planned = False
        answer = self._answer
        if answer is not None and answer.repeat_at is not None and answer.repeat_at <= now:
            self._say(now)
        else:
            self._plan_repeat()

    def _acknowledged(self, now: float) -> None:
        answer = self._answer
        if answer is None or answer.is_acknowledged:
            return
        if self._firmware.ends_with_eot:
            if self.link_faults.hits(Stage.END_LOST, answer.command):
                return
            self._send(bytes([EOT]))
        answer.is_acknowledged = True
        answer.repeat_at = None
        if answer.then is not None:
            self._is_working = True
            answer.then(now)

    # --- what moves -------------------------------------------------------------------------------

    def _purge(self, code: int, name: str, trouble: Trouble | None, now: float) -> None:
        failure = trouble.code if trouble is not None else None
        machine, had = self._machine, dict(self._machine.exit)
        notes = machine.purge() if failure is None else {}
        body = self._firmware.purged(code, notes, failure)
        self._keep()
        if notes:
            self._tell("purged", notes=notes)
        if machine.exit != had:
            machine.is_open = False
            self._uncover()
        self._answer_at(now, body, name)

    def _move(self, task: Move, code: int, name: str, trouble: Trouble | None, now: float) -> None:
        settings = self._settings
        motion = Motion(
            self._machine, task.wanted, trouble, notes_max=settings.notes_max, rejects_max=settings.rejects_max
        )
        self._firmware.moving(code, motion)
        self._is_moving = True
        self._keep()
        self._later(now + settings.begin_s, lambda at: self._tick(motion, code, name, at))

    def _tick(self, motion: Motion, code: int, name: str, now: float) -> None:
        before = dict(motion.tray)
        motion.tick()
        self._firmware.moving(code, motion)
        tray = {each: number - before.get(each, 0) for each, number in motion.tray.items()}
        rejected = {each: number for each, number in tray.items() if number}
        if not motion.is_over:
            self._keep()
        if rejected:
            self._tell("rejected", notes=rejected)
        if motion.is_over:
            self._end(motion, code, name, now)
        else:
            self._later(now + self._settings.note_s, lambda at: self._tick(motion, code, name, at))

    def _end(self, motion: Motion, code: int, name: str, now: float) -> None:
        self._is_moving = False
        body = self._firmware.moved(code, motion)
        is_there = bool(self._machine.exit)
        if is_there:
            self._machine.present()
        self._keep()
        if self._machine.path:
            self._tell("jammed", path=self._machine.kept()["path_at"])
        if is_there:
            self._tell_presented(is_counted=motion.is_counted)
        self._answer_at(now + self._settings.end_s, body, name)

    def _uncover(self) -> None:
        """What lies in the exit and was never presented is within reach now."""
        if self._machine.exit and not self._machine.is_open:
            self._machine.present()
            self._keep()
            self._tell_presented(is_counted=False)

    def _tell_presented(self, *, is_counted: bool) -> None:
        self._tell("presented", notes=dict(self._machine.exit), bundle=self._machine.bundle, counted=is_counted)

    # --- power ------------------------------------------------------------------------------------

    def _on_power_off(self, now: float) -> None:
        """Whatever moves stays where it is; the presenter falls open."""
        self._link.clear()
        self._answer = None
        self._is_working = self._is_moving = self._is_drawing_back = self._repeat_is_planned = False
        self._uncover()

    def _on_power_on(self, now: float) -> None:
        self._firmware.power_on()
        self._deaf_until = now + self._settings.reset_s

    # --- hands ------------------------------------------------------------------------------------

    def _take_cash(self, order: Order, now: float) -> None:
        bundle = order.get("bundle", self._machine.bundle)
        if not self._machine.exit or not self._machine.is_open or bundle != self._machine.bundle:
            raise OrderError("there is no cash within reach")
        notes = self._machine.take()
        self._keep()
        self._tell("taken", notes=notes, bundle=bundle)

    def _draw_back(self, order: Order, now: float) -> None:
        if not self._settings.has_presenter:
            raise OrderError("this dispenser stands without a presenter; nothing can draw notes back")
        if not self.has_power or self._is_moving or self._is_drawing_back:
            raise OrderError("the presenter cannot draw back now: it has no power, or something is moving")
        self._is_drawing_back = True
        self._later(now + self._settings.draw_back_s, lambda at: self._drawn_back())

    def _drawn_back(self) -> None:
        self._is_drawing_back = False
        bundle = self._machine.bundle
        notes: Notes = {} if self._is_moving else self._machine.draw_back()
        self._keep()
        self._tell("retracted", notes=notes, bundle=bundle)

    def _clear_path(self, order: Order, now: float) -> None:
        """A technician opens it and puts what lies on the path into the reject tray."""
        if self._is_moving:
            raise OrderError("notes are moving; nobody reaches in there now")
        notes = self._machine.on_path()
        self._machine.purge()
        self._keep()
        self._tell("purged", notes=notes)

    def _move_cassette(self, order: Order, *, is_out: bool) -> None:
        name = self._cassette(order)
        if self._machine.is_in(name) is not is_out:
            raise OrderError(f"cassette {name} is {'out' if is_out else 'in its place'} already")
        if is_out:
            self._machine.removed.append(name)
        else:
            self._machine.removed.remove(name)
        self._keep()
        self._tell("cassette_removed" if is_out else "cassette_inserted", cassette=name)

    def _fill(self, order: Order, now: float) -> None:
        name, notes = self._cassette(order), order.get("notes")
        room = CASSETTE_NOTES_MAX - self._machine.cassettes[name]
        if not isinstance(notes, int) or not 1 <= notes <= room:
            raise OrderError(f"fill needs notes, from 1 to {room}")
        self._machine.cassettes[name] += notes
        self._keep()
        self._tell("filled", cassette=name, notes={name: notes})

    def _cassette(self, order: Order) -> str:
        name = str(order.get("cassette", ""))
        if name not in self._machine.cassettes:
            raise OrderError(f"cassette is one of {', '.join(self._machine.cassettes)}, not {name!r}")
        return name

    def _move_tray(self, *, is_out: bool) -> None:
        if self._machine.has_reject_tray is not is_out:
            raise OrderError(f"the reject tray is {'out' if is_out else 'in its place'} already")
        self._machine.has_reject_tray = not is_out
        self._keep()
        self._tell("reject_tray_removed" if is_out else "reject_tray_inserted")

    def _sensor(self, order: Order) -> str:
        sensor = order.get("sensor")
        if sensor not in SENSORS:
            raise OrderError(f"sensor is one of {', '.join(sorted(SENSORS))}, not {sensor!r}")
        return str(sensor)


def make(settings: Mapping[str, Any], kept: Mapping[str, Any]) -> Dispenser:
    """A dispenser of settings that JSON can hold. Raises msgspec.ValidationError or OrderError for others."""
    set_up = msgspec.convert(dict(settings), Settings)
    set_up.filled()
    return Dispenser(set_up, kept)
