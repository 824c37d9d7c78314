"""The telephone half of the modem: calls out and in, carrier, DTR, and bytes that take their time on the line.

It knows no command and no result; what a call means for the terminal's port is told to the subclass. Whoever runs the
core takes `acts()` after every turn, is the network that they speak of, and tells what it does by `line_...`.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any

from firmware_stubs.core import Core, Order
from firmware_stubs.errors import OrderError
from firmware_stubs.line_modem.acts import Act, Connect, HangUp, Pass
from firmware_stubs.line_modem.call_faults import OF_DATA, CallFault, CallFaults, Trouble, Way
from firmware_stubs.line_modem.commands import dialling_s, number_of
from firmware_stubs.line_modem.settings import Settings
from firmware_stubs.line_modem.traffic import Traffic
from firmware_stubs.outcomes import Outcome

BITS_OF_CHARACTER = 10
RINGS_MAX = 100
TONE_FROM = 2, 4
"""ATX2 and ATX4 wait for a dial tone."""
BUSY_FROM = 3, 4
"""ATX3 and ATX4 know a busy tone."""


class Stage(StrEnum):
    """How far a call has come."""

    NONE = "none"
    CALLING = "calling"
    """From the command to dial, or to answer, until both modems have agreed."""
    JOINING = "joining"
    """They have; the network says whether the far end is there."""
    UP = "up"
    """There is a carrier."""
    FADING = "fading"
    """There was one, and S10 says how long until it is given up."""


class Telephone(Core):
    """A modem as the telephone network knows it."""

    device = "line_modem"

    def __init__(self, settings: Settings | None = None, kept: Mapping[str, Any] | None = None) -> None:
        self._settings = settings or Settings()
        self._settings.check()
        self._acts: list[Act] = []
        self._faults = CallFaults()
        self._has_dtr = True
        self._has_line = True
        self._calls = 0
        super().__init__(kept)
        self._orders |= {
            "drop_dtr": lambda order, now: self._set_dtr(False, now),
            "raise_dtr": lambda order, now: self._set_dtr(True, now),
            "ring": self._on_ring_order,
            "far_hangs_up": self._far_hangs_up,
            "unplug_line": lambda order, now: self._unplug_line(now),
            "plug_line": lambda order, now: setattr(self, "_has_line", True),
            "fault": self._take_fault,
            "clear_faults": lambda order, now: self._faults.clear(),
        }

    def _restore(self, kept: Mapping[str, Any]) -> None:
        self._calls = int(kept.get("calls", 0))
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._registers = self._settings.register_values()
        self._monitoring = 4
        """X: which tones are known, and whether CONNECT says its speed."""
        self._is_pulse = False
        self._stage = Stage.NONE
        self._bps = self._settings.line_bps
        self._traffic: dict[Way, Traffic] = {}
        self._call_due: set[int] = set()
        self._call_faults: list[CallFault] = []
        self._is_far_gone = False
        self._rings_left = 0
        self._dialled = ""

    @property
    def phone_book(self) -> Mapping[str, str]:
        """Number to what answers there; for whoever is the network."""
        return self._settings.phone_book

    # --- the network ------------------------------------------------------------------------------

    def acts(self) -> list[Act]:
        """What it asks of the network, taken once."""
        taken, self._acts = self._acts, []
        return taken

    def line_joined(self, now: float) -> list[Outcome]:
        """The far end is there: the answer to Connect."""
        if self._stage is Stage.JOINING:
            self._stage = Stage.UP
            self._forget_call_plans()
            self._traffic = {way: self._new_traffic(way) for way in Way}
            self._calls += 1
            self._keep()
            self._tell("carrier_on", number=self._dialled, bps=self._bps)
            self._call_stands(now)
        return self._taken()

    def line_refused(self, now: float) -> list[Outcome]:
        """Nobody is there: the other answer. The attempt goes on in vain until S7 ends it."""
        if self._stage is Stage.JOINING:
            self._stage = Stage.CALLING
        return self._taken()

    def line_bytes(self, data: bytes, now: float) -> list[Outcome]:
        """The far end sends."""
        if self._stage is Stage.UP and not self._is_far_gone:
            self._put(Way.FROM_LINE, data, now)
        return self._taken()

    def line_hung_up(self, now: float) -> list[Outcome]:
        """The far end hangs up, behind all that it has sent."""
        if self._stage is Stage.UP:
            self._far_goes(now)
        elif self._stage is Stage.JOINING:
            self._stage = Stage.CALLING
        return self._taken()

    # --- calls ------------------------------------------------------------------------------------

    def _dial(self, dialled: str, now: float) -> None:
        registers = self._registers
        self._enter_call(number_of(dialled))
        tone_at = now + registers[6]
        has_tone = self._has_line and not self._strikes(Trouble.NO_DIALTONE)
        if not has_tone and self._monitoring in TONE_FROM:
            return self._call_later(tone_at + self._settings.dialtone_s, self._fail(self._settings.dialtone_word))
        dialled_at = tone_at + dialling_s(
            dialled,
            is_pulse=self._is_pulse,
            tone_s=registers[11] / 1000,
            pulse_gap_s=self._settings.pulse_gap_s,
            pause_s=registers[8],
        )
        if not has_tone or not self._dialled:
            return self._call_later(dialled_at + registers[7], self._fail("NO CARRIER"))
        if self._strikes(Trouble.BUSY):
            at, word = (
                (dialled_at + self._settings.busy_s, "BUSY")
                if self._monitoring in BUSY_FROM
                else (dialled_at + registers[7], "NO CARRIER")
            )
            return self._call_later(at, self._fail(word))
        self._call_later(dialled_at + registers[7], self._fail(self._in_vain()))
        if not self._strikes(Trouble.NO_ANSWER) and not self._strikes(Trouble.NO_CARRIER):
            self._call_later(dialled_at + self._settings.answer_s + self._settings.training_s, self._join)

    def _in_vain(self) -> str:
        """What is said when S7 ends the attempt: that nobody lifts, or that who does is no modem."""
        return "NO CARRIER" if self._strikes(Trouble.NO_CARRIER) else self._settings.unanswered_word

    def _answer(self, now: float) -> None:
        """Lift, whether it rings or not."""
        is_called = self._rings_left > 0
        self._registers[1] = 0
        self._enter_call("")
        self._call_later(now + self._registers[7], self._fail("NO CARRIER"))
        if is_called and not self._strikes(Trouble.NO_CARRIER):
            self._call_later(now + self._settings.training_s, self._join)

    def _enter_call(self, number: str) -> None:
        self._forget_call_plans()
        self._rings_left = 0
        self._stage = Stage.CALLING
        self._dialled = number
        self._call_faults = self._faults.strike()
        slow = [each.bps for each in self._call_faults if each.what is Trouble.SLOW]
        self._bps = slow[0] if slow else self._settings.line_bps
        self._tell("calling", number=number)

    def _strikes(self, trouble: Trouble) -> bool:
        return any(each.what is trouble for each in self._call_faults)

    def _join(self, now: float) -> None:
        self._stage = Stage.JOINING
        self._acts.append(Connect(self._dialled))

    def _fail(self, word: str) -> Callable[[float], None]:
        def fail(now: float) -> None:
            self._end_call()
            self._call_failed(word, now)

        return fail

    def _end_call(self) -> None:
        """Go on hook: the network is told, and nothing of the call goes on."""
        if self._stage is Stage.UP:
            self._tell("carrier_off", number=self._dialled)
        if self._stage not in (Stage.NONE, Stage.FADING):
            self._acts.append(HangUp())
        self._stage = Stage.NONE
        self._forget_call_plans()
        self._traffic = {}
        self._is_far_gone = False

    def _lose_carrier(self, now: float) -> None:
        """The line is dead; the modem waits a while whether the carrier comes back, and it does not."""
        self._end_call()
        self._stage = Stage.FADING
        self._call_later(now + self._registers[10] / 10, self._give_up)

    def _give_up(self, now: float) -> None:
        self._stage = Stage.NONE
        self._call_lost("NO CARRIER", now)

    def _call_later(self, at: float, act: Callable[[float], None]) -> None:
        self._call_due.add(self._later(at, act))

    def _forget_call_plans(self) -> None:
        for number in self._call_due:
            self._call_off(number)
        self._call_due.clear()

    # --- bytes ------------------------------------------------------------------------------------

    def _new_traffic(self, way: Way) -> Traffic:
        struck = [each for each in self._call_faults if each.what in OF_DATA and each.way is way]
        return Traffic(BITS_OF_CHARACTER / self._bps, struck)

    def _put(self, way: Way, data: bytes, now: float) -> None:
        lost = self._traffic[way].put(data)
        if lost:
            self._tell("overrun", way=str(way), bytes=lost)
        self._move(way, now)

    def _move(self, way: Way, now: float) -> None:
        lasts_s = self._traffic[way].begin()
        if lasts_s is not None:
            self._call_later(now + lasts_s, partial(self._arrive, way))

    def _arrive(self, way: Way, now: float) -> None:
        data, is_broken = self._traffic[way].arrived()
        if data and way is Way.TO_LINE:
            self._acts.append(Pass(data))
        elif data:
            self._heard_from_line(data)
        if is_broken:
            self._tell("line_broken", way=str(way))
            self._lose_carrier(now)
        elif self._is_far_gone and way is Way.FROM_LINE and not self._traffic[way].has_more:
            self._lose_carrier(now)
        else:
            self._move(way, now)

    # --- orders -----------------------------------------------------------------------------------

    def _set_dtr(self, is_high: bool, now: float) -> None:
        if is_high == self._has_dtr:
            return
        self._has_dtr = is_high
        if not is_high and self._settings.obeys_dtr:
            self._later(now + self._registers[25] / 100, self._look_at_dtr)

    def _look_at_dtr(self, now: float) -> None:
        if not self._has_dtr and self._stage is not Stage.NONE:
            self._end_call()
            self._call_lost(self._settings.dtr_word, now)

    def _on_ring_order(self, order: Order, now: float) -> None:
        times = order.get("times", RINGS_MAX)
        if not isinstance(times, int) or not 1 <= times <= RINGS_MAX:
            raise OrderError(f"a line_modem is rung 1 to {RINGS_MAX} times, not {times!r}")
        if not self.has_power or not self._has_line or self._stage is not Stage.NONE or self._rings_left:
            raise OrderError("the modem cannot be called now: it has no power or no line, or the line is busy")
        self._rings_left = times
        self._registers[1] = 0
        self._ring(now)

    def _ring(self, now: float) -> None:
        if not self._rings_left:
            self._registers[1] = 0  # the caller gave up
            return
        if self._stage is not Stage.NONE:
            return
        self._registers[1] += 1
        self._rang(now)
        if 0 < self._registers[0] <= self._registers[1] and self._may_call:
            self._answer(now)
            return
        self._rings_left -= 1
        self._call_later(now + self._settings.ring_every_s, self._ring)

    @property
    def _may_call(self) -> bool:
        return self._has_dtr or not self._settings.obeys_dtr

    def _far_hangs_up(self, order: Order, now: float) -> None:
        if self._stage is not Stage.UP:
            raise OrderError("nobody can hang up: there is no carrier")
        self._far_goes(now)

    def _far_goes(self, now: float) -> None:
        self._is_far_gone = True
        if not self._traffic[Way.FROM_LINE].has_more:
            self._lose_carrier(now)

    def _unplug_line(self, now: float) -> None:
        self._has_line = False
        self._rings_left = 0
        if self._stage is Stage.UP:
            self._lose_carrier(now)

    def _take_fault(self, order: Order, now: float) -> None:
        fault = self._faults.read(order)
        if fault.what in OF_DATA and not fault.after and self._stage is Stage.UP:
            self._traffic[fault.way].add_fault(fault)
        else:
            self._faults.add(fault)

    # --- power ------------------------------------------------------------------------------------

    def _on_power_off(self, now: float) -> None:
        self._end_call()
        self._begin_anew()

    def kept(self) -> dict[str, Any]:
        """A modem remembers nothing; the bench counts calls that stood."""
        return {"calls": self._calls}

    def seen(self) -> dict[str, Any]:
        """What lamps and lines show: `carrier` (CD), `dtr`, `rings` (RI), and how far a call is."""
        return {
            **super().seen(),
            "carrier": self._stage is Stage.UP,
            "dtr": self._has_dtr,
            "line": self._has_line,
            "rings": self._registers[1],
            "call": str(self._stage),
            "number": self._dialled,
            "bps": self._bps if self._stage is Stage.UP else 0,
        }

    # --- for the subclass -------------------------------------------------------------------------

    def _call_stands(self, now: float) -> None:
        """There is a carrier."""
        raise NotImplementedError

    def _call_failed(self, word: str, now: float) -> None:
        """A call did not come to stand."""
        raise NotImplementedError

    def _call_lost(self, word: str, now: float) -> None:
        """A call that stood, or was to, is over; an empty word is not said."""
        raise NotImplementedError

    def _rang(self, now: float) -> None:
        raise NotImplementedError

    def _heard_from_line(self, data: bytes) -> None:
        raise NotImplementedError
