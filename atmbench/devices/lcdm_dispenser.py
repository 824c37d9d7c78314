"""Driver of the Puloon dispensers, as a terminal's cash dispenser: LCDM-4000, LCDM-1000 and LCDM-2000. Dry.

Before every dispense the path is purged, so that LAST STATUS of an LCDM-4000 can be told from one before: if it tells
of the purge the dispense never began, if it tells of a dispense it is ours. After any doubt it is asked, and an order
is sent again only if it never began. Where power or the port was gone in between, no document says what LAST STATUS
is worth: then only a dispense that it tells of counts. The small ones have no LAST STATUS: an answer that cannot be
had again is unknown. This module must never guess on the terminal's behalf.
"""

from collections.abc import Mapping
from typing import Any

from atmbench import facts
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.condition import Condition
from atmbench.devices.customer import Customer
from atmbench.devices.lcdm_dialogue import ANSWER_S_MAX, RETRY_S, Asking, Dialogue, is_good
from atmbench.devices.lcdm_kept import ENDED, REPORTED, Kept, Stage, Watch
from atmbench.devices.lcdm_outcome import Verdict
from atmbench.devices.lcdm_runner import Runner
from atmbench.devices.lcdm_stock import Stock
from atmbench.devices.lcdm_witness import Witness, value_minor
from atmbench.devices.lcdm_words import Result, Status, Words
from atmbench.devices.notes import count
from atmbench.devices.port import Machine, Port
from atmbench.devices.roles import Lying, Notes
from atmbench.devices.states import DeviceState, DispenserState, TransportState
from atmbench.drill.commands import DispenserDoes, DisturbDispenser
from atmbench.errors import LocalError
from atmbench.terminal import inputs
from atmbench.terminal.effects import Dispense

POLL_S = 0.5
"""How often the exit sensor is looked at while notes lie there. Our choice."""
OFFLINE_S = 10.0
"""How often a dispenser is called that has fallen silent. Our choice."""
DRAW_BACK_S = 30.0
"""How long the presenter may keep silent about what it has drawn back. Our choice."""

DISTURBED_BY = {
    DispenserDoes.REFUSE: "before",
    DispenserDoes.SHORT: "dvt_ejt",
    DispenserDoes.JAM_UNKNOWN: "ejt_exit",
}
"""What must break inside, so that a machine does so."""


class LcdmDispenser:
    """A dispenser at `port`; `machine` is None for a real one. `cassettes` is what each was filled with.

    Without a machine there is no presenter to be ordered: `retract` then waits for the exit sensor to clear, and
    tells of CashTaken. Raises LocalError if the model has not all of the cassettes.
    """

    def __init__(
        self,
        cassettes: Notes,
        values_minor: Notes,
        *,
        words: Words,
        port: Port,
        machine: Machine | None,
        agenda: Agenda,
        scene: Scene,
        customer: Customer,
    ) -> None:
        for name in cassettes:
            if name not in words.names:
                raise LocalError(f"this dispenser has the cassettes {', '.join(words.names)}, and no cassette {name}")
        self.values_minor = values_minor
        self.condition = Condition("dispenser", scene)
        self.dispenser = DispenserState.UNKNOWN
        self.transport = TransportState.UNKNOWN
        self._words = words
        self._port = port
        self._machine = machine
        self._scene = scene
        self._witness = (
            Witness(machine, values_minor, agenda=agenda, scene=scene, customer=customer) if machine else None
        )
        self._stock = Stock(cassettes)
        self._kept = Kept()
        self._dialogue = Dialogue(words, self.condition)
        self._runner = Runner(self._dialogue, words, port, agenda, look=self._looking, look_after_s=self._look_after_s)
        self._watch: Watch | None = None
        self._missing: tuple[str, ...] = ()

    # --- orders -----------------------------------------------------------------------------------

    def dispense(self, order: Dispense, now: float) -> None:
        """Begin to move notes to the exit; DispenseEnded follows, and CashTaken when a hand has emptied the exit."""
        self._runner.begin(self._dispensing(order), now)

    def retract(self, key: str, now: float) -> None:
        """Begin to draw back what lies in the exit; CashRetracted or CashTaken follows."""
        self._runner.begin(self._retracting(key), now)

    def purge(self, key: str, now: float) -> None:
        """Begin to clear the transport into the reject tray; NotesPurged follows if the machine says that it is."""
        self._runner.begin(self._purging(key), now)

    def query(self, key: str, now: float) -> None:
        """Ask what became of the order `key`; DispenserReported follows."""
        self._runner.begin(self._reporting(key), now)

    def disturb(self, command: DisturbDispenser) -> None:
        """Have something break inside at the next orders. Raises LocalError where nobody stands at the machine."""
        if self._machine is None:
            raise LocalError("a real dispenser cannot be told to go wrong; break it by hand, or drill with a stub")
        what = {"is": DISTURBED_BY[command.does]}
        self._machine.order("fault", after=command.notes, times=command.times, **what)

    def lying(self) -> Lying:
        """Where the notes are: as seen at the machine, or by what it has reported."""
        seen = self._witness.lying() if self._witness is not None else None
        return seen or self._stock.lying()

    # --- what comes -------------------------------------------------------------------------------

    def on_bytes(self, data: bytes, now: float) -> None:
        """Bytes came from the unit."""
        if self._scene.has_power:
            self._runner.line.on_bytes(data, now)

    def on_port_changed(self, now: float) -> None:
        """The port is gone, or there again. Whatever was pulled out may have been without power."""
        self._dialogue.is_doubtful = True
        if not self._scene.has_power:
            return
        if self._port.is_open:
            self._runner.look_now(now)
        else:
            self.condition.becomes(DeviceState.NO_DEVICE, "its port is gone")
            self._runner.line.on_port_gone(now)

    def on_happened(self, event: str, detail: Mapping[str, Any], now: float) -> None:
        """Something happened at the machine."""
        if self._witness is not None:
            self._witness.on_happened(event, detail, now)

    # --- power ------------------------------------------------------------------------------------

    def power_fail(self, now: float) -> None:
        """What was under way is not known any more; what is kept says how far it had come."""
        self._runner.drop()
        self._watch = None
        self._dialogue.is_doubtful = True
        self.dispenser, self.transport = DispenserState.UNKNOWN, TransportState.UNKNOWN
        self.condition.becomes(DeviceState.POWER_OFF)
        if self._machine is not None:
            self._machine.order("power_off")

    def power_on(self, now: float) -> None:
        """Call the unit until it answers, and find out what became of the last order."""
        if self._machine is not None:
            self._machine.order("power_on")
        self._runner.begin(self._starting(), now)

    # --- dispense ---------------------------------------------------------------------------------

    def _dispensing(self, order: Dispense) -> Asking[None]:
        self._kept = Kept(order.key, dict(order.notes))
        objection = self._objection(order.notes) or (yield from self._objection_of_unit(order.notes))
        if objection:
            self._conclude(order, Verdict("refused", because=objection))
            return
        self._kept.stage = Stage.SENT
        if self._witness is not None:
            self._witness.key, self._witness.presented_minor = order.key, 0
        self._dialogue.is_doubtful = False
        verdict, result = yield from self._dialogue.dispense(dict(order.notes))
        self._enter(verdict, result)
        self._conclude(order, verdict)

    def _objection(self, asked: Notes) -> str:
        for name in asked:
            if name not in self.values_minor:
                return f"there is no cassette {name}"
        if not 0 < count(asked) <= self._words.notes_max or min(asked.values()) < 0:
            return f"{count(asked)} notes cannot be asked for; it is 1 to {self._words.notes_max}"
        return ""

    def _objection_of_unit(self, asked: Notes) -> Asking[str]:
        status = yield from self._status()
        if status is None:
            return "the dispenser does not answer"
        if status.exit:
            return "notes lie in the exit"
        for name, number in asked.items():
            if number and name in status.missing:
                return f"cassette {name} is out"
        if (yield from self._purge(self._kept.key)) is None:
            return "the transport cannot be cleared"
        if status.path:
            status = yield from self._status()
            if status is None or status.exit or status.path:
                return "the transport is not clear after a purge"
        return ""

    def _enter(self, verdict: Verdict, result: Result | None) -> None:
        """Into the terminal's own books."""
        if verdict.status == "unknown" or result is None:
            self._stock.unknown()
        else:
            self._stock.dispensed(result)
            if self._witness is None and result.rejects:
                self._tell_purged(result.rejects, self._kept.key)

    def _conclude(self, order: Dispense, verdict: Verdict) -> None:
        kept, key = self._kept, order.key
        kept.stage, kept.notes = ENDED[verdict.status], dict(verdict.notes)
        if self._witness is None and verdict.notes:
            amount_minor = value_minor(verdict.notes, self.values_minor)
            self._scene.tell(facts.CashPresented(key=key, notes=dict(verdict.notes), amount_minor=amount_minor))
        self._tell_failure(order, verdict)
        if verdict.status != "refused":
            self._watch = Watch(key, was_seen=bool(verdict.notes))
        self._scene.give(
            inputs.DispenseEnded(key=key, status=verdict.status, notes=dict(verdict.notes), because=verdict.because)
        )

    def _tell_failure(self, order: Dispense, verdict: Verdict) -> None:
        if verdict.status == "presented":
            self.condition.becomes(DeviceState.ONLINE)
            self.dispenser, self.transport = DispenserState.OK, TransportState.EMPTY
            return
        if verdict.error:
            self.condition.failed(verdict.error, verdict.because, order.key)
        if verdict.is_fault:
            self.condition.becomes(DeviceState.HARDWARE_ERROR, verdict.because)
            self.dispenser, self.transport = DispenserState.STOP, TransportState.UNKNOWN
        moved_minor = value_minor(verdict.notes, self.values_minor)
        if self._witness is not None and self._kept.stage is not Stage.REFUSED:
            moved_minor = self._witness.presented_minor
        self._scene.tell(
            facts.DispenseFailed(
                key=order.key,
                asked_minor=value_minor(order.notes, self.values_minor),
                moved_minor=moved_minor,
                because=verdict.because,
            )
        )

    # --- clearing ---------------------------------------------------------------------------------

    def _purging(self, key: str) -> Asking[None]:
        if (yield from self._purge(key)) is not None:
            rejected = self._stock.rejected(counts=self._words.last_status is not None)
            self._scene.give(inputs.NotesPurged(key=key, notes_rejected=rejected))

    def _purge(self, key: str) -> Asking[Result | None]:
        """Clear the path; None if the machine does not say that it is clear."""
        result = yield from self._dialogue.purge()
        if result is None:
            self.condition.failed("deviceNotReady", "it does not say whether it has cleared its path", key)
            return None
        meaning = self._dialogue.meaning(result)
        if not is_good(meaning):
            self.condition.failed(meaning.error, f"{meaning.text} (code {result.error:02X})", key)
            self.condition.becomes(DeviceState.HARDWARE_ERROR, meaning.text)
            return None
        if self.condition.state is DeviceState.HARDWARE_ERROR:
            self.condition.becomes(DeviceState.ONLINE)
        self.dispenser, self.transport = DispenserState.OK, TransportState.EMPTY
        self._stock.purged(result.rejects)
        if self._witness is None and result.rejects:
            self._tell_purged(result.rejects, key)
        return result

    def _tell_purged(self, notes: Notes, key: str) -> None:
        self._scene.tell(facts.CashPurged(key=key, amount_minor=value_minor(notes, self.values_minor)))

    # --- the exit ---------------------------------------------------------------------------------

    def _retracting(self, key: str) -> Asking[None]:
        was_seen = self._watch is not None and self._watch.was_seen
        self._watch = Watch(key, was_seen, is_retracting=True)
        yield from self._looking()

    def _looking(self) -> Asking[None]:
        """At the exit, or for a unit that has fallen silent."""
        status = yield from self._status()
        watch = self._watch
        if watch is None or status is None:
            return
        if status.exit:
            watch.was_seen = True
            is_due = watch.draws_until is None or self._dialogue.now >= watch.draws_until
            if watch.is_retracting and is_due and self._witness is not None:
                self._draw_back(watch, self._witness)
        elif watch.draws_until is None or self._witness is None:
            self._watch = None
            if watch.was_seen:
                self._taken(watch.key)
            elif watch.is_retracting:
                self._retracted(watch.key)
        elif self._witness.has_drawn is not None:
            self._watch = None
            end = self._retracted if self._witness.has_drawn else self._taken
            end(watch.key)
        elif self._dialogue.now >= watch.draws_until:
            self._watch = None  # nobody can say who has emptied it

    def _look_after_s(self) -> float | None:
        if not self._port.is_open:
            return None
        if self._watch is not None or self.condition.state is DeviceState.NO_DEVICE:
            return POLL_S
        return OFFLINE_S if self.condition.state is DeviceState.OFFLINE else None

    def _draw_back(self, watch: Watch, witness: Witness) -> None:
        watch.draws_until = self._dialogue.now + DRAW_BACK_S
        if self._kept.key == watch.key and self._kept.stage is Stage.PRESENTED:
            self._kept.stage = Stage.RETRACTING
        witness.draw_back()

    def _retracted(self, key: str) -> None:
        self._stock.exit_is_clear()
        if self._kept.key == key and self._kept.stage is Stage.RETRACTING:
            self._kept.stage = Stage.RETRACTED
        self._scene.give(inputs.CashRetracted(key=key, notes_counted=None))

    def _taken(self, key: str) -> None:
        bundle = self._stock.exit_is_clear()
        if self._kept.key == key and self._kept.stage in (Stage.PRESENTED, Stage.RETRACTING):
            self._kept.stage = Stage.TAKEN
        if self._witness is None and bundle:
            self._scene.tell(facts.CashTaken(key=key, amount_minor=value_minor(bundle, self.values_minor)))
        self._scene.give(inputs.CashTaken(key))

    # --- recovery ---------------------------------------------------------------------------------

    def _starting(self) -> Asking[None]:
        since = self._dialogue.now
        status = yield from self._status()
        while status is None and self._dialogue.now < since + ANSWER_S_MAX:
            yield RETRY_S
            status = yield from self._status()
        kept = self._kept
        if kept.stage is Stage.SENT:
            outcome = self._dialogue.judge(kept.asked, (yield from self._dialogue.find_out(since)))
            kept.stage, kept.notes = ENDED[outcome[0].status], dict(outcome[0].notes)
            self._enter(*outcome)
            status = yield from self._status()
        if kept.stage in (Stage.PRESENTED, Stage.RETRACTING) and status is not None and self._watch is None:
            self._look_at_exit(kept, status)

    def _look_at_exit(self, kept: Kept, status: Status) -> None:
        """What was presented before and is gone was taken by a hand, unless the presenter was at it."""
        if status.exit:
            kept.stage = Stage.PRESENTED
            self._watch = Watch(kept.key, was_seen=True)
        elif kept.stage is Stage.PRESENTED:
            kept.stage = Stage.TAKEN
            bundle = self._stock.exit_is_clear()
            if self._witness is None and bundle:
                amount_minor = value_minor(bundle, self.values_minor)
                self._scene.tell(facts.CashTaken(key=kept.key, amount_minor=amount_minor))
        else:
            kept.stage = Stage.UNKNOWN

    def _reporting(self, key: str) -> Asking[None]:
        kept = self._kept
        is_ours = kept.key == key
        if is_ours and kept.stage is Stage.PRESENTED:
            status = yield from self._status()
            if status is not None:
                self._look_at_exit(kept, status)
        stage, notes = (REPORTED[kept.stage], dict(kept.notes)) if is_ours else ("idle", {})
        self._scene.give(inputs.DispenserReported(key=key, stage=stage, notes=notes))

    def _status(self) -> Asking[Status | None]:
        """What the sensors see. A cassette that is found out is told of."""
        status = yield from self._dialogue.status()
        if status is None:
            return None
        for name in status.missing:
            if name not in self._missing and name in self.values_minor:
                self.condition.failed("cashUnitError", f"cassette {name} is out")
        self._missing = status.missing
        if status.path:
            self.transport = TransportState.NOT_EMPTY
        if self.dispenser is not DispenserState.STOP:
            wants_looking_at = set(status.missing + status.near_end) & set(self.values_minor)
            self.dispenser = DispenserState.ATTENTION if wants_looking_at else DispenserState.OK
        return status
