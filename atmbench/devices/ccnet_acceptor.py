"""What drivers of all CCNET acceptors do alike: orders become tasks, one by one, while port and power come and go.

Dry. How notes move, and what is known of them, is for the driver of each machine to say; this module must never.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.ccnet_runner import Asking, Runner
from atmbench.devices.ccnet_talk import Talk
from atmbench.devices.ccnet_witness import Witness
from atmbench.devices.ccnet_words import CLEAN
from atmbench.devices.condition import Condition
from atmbench.devices.port import Machine, Port
from atmbench.devices.roles import Deposit
from atmbench.devices.states import DeviceState

W = TypeVar("W", bound=Witness)

HEALTH_S = 60.0
"""Between polls of a unit that nobody uses. Our choice."""
OFFLINE_S = 10.0
"""How often a unit is called that has fallen silent, or must still say where notes are (facts of devices 5.1.3)."""
UNPLUGGED_S = 0.5
INSERT_S = 25.0
"""How long a customer may take to put the next note in. Our choice."""


class CcnetAcceptor(ABC, Generic[W]):
    """A unit at `port`, of this number on its bus. `machine` is None for a real one, and `witness` then, too."""

    def __init__(
        self,
        *,
        number: int,
        talk: Talk,
        witness: W | None,
        port: Port,
        machine: Machine | None,
        agenda: Agenda,
        scene: Scene,
        answer_s: float,
    ) -> None:
        self._talk = talk
        self._port = port
        self._machine = machine
        self._scene = scene
        self._witness = witness
        self._runner = Runner(
            port, agenda, unit=number, answer_s=answer_s, look=self._looking, look_after_s=self._look_after_s
        )
        self._is_counting = False

    @property
    def condition(self) -> Condition:
        """As the driver sees it."""
        return self._talk.condition

    # --- orders -----------------------------------------------------------------------------------

    def count(self, key: str, notes: Deposit, now: float) -> None:
        """As in NoteAcceptor."""
        brought = {value: number for value, number in notes.items() if number > 0}
        self._runner.begin(self._counting(key, brought), now)

    def store(self, key: str, now: float) -> None:
        """As in NoteAcceptor."""
        self._runner.begin(self._storing(key), now)

    def give_back(self, key: str, now: float) -> None:
        """As in NoteAcceptor."""
        self._is_counting = False
        self._runner.begin(self._returning(key), now)

    def query(self, key: str, now: float) -> None:
        """As in NoteAcceptor."""
        self._runner.begin(self._reporting(key), now)

    def deposited(self) -> Deposit:
        """As in NoteAcceptor: as seen at the machine, or by the terminal's own books."""
        seen = self._witness.deposited() if self._witness is not None else None
        return self._booked() if seen is None else seen

    # --- what comes -------------------------------------------------------------------------------

    def on_bytes(self, data: bytes, now: float) -> None:
        """Bytes came from the unit."""
        if self._scene.has_power:
            self._runner.line.on_bytes(data, now)

    def on_port_changed(self, now: float) -> None:
        """The port is gone, or there again. What the unit says when it is polled tells whether it had power."""
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

    def power_fail(self, now: float) -> None:
        """What was under way is not known any more; what is kept says how far it had come."""
        self._runner.drop()
        self._is_counting = False
        self._talk.power_fail()
        if self._machine is not None:
            self._machine.order("power_off")

    def power_on(self, now: float) -> None:
        """Call the unit until it answers, and find out what became of the last deposit."""
        if self._machine is not None:
            self._machine.order("power_on")
        self._runner.begin(self._starting(), now)

    def _starting(self) -> Asking[None]:
        seen = yield from self._talk.settled()
        if seen is not None and seen.code in CLEAN:
            yield from self._talk.learn_table()

    def _look_after_s(self) -> float | None:
        """When to look at a unit next that nobody asks anything of."""
        if not self._port.is_open:
            return None
        if self.condition.state is DeviceState.NO_DEVICE:
            return UNPLUGGED_S
        for_notes_s = self._look_for_notes_s
        if for_notes_s is not None:
            return for_notes_s
        return OFFLINE_S if self.condition.state is DeviceState.OFFLINE else HEALTH_S

    # --- what each machine does its own way -------------------------------------------------------

    @property
    @abstractmethod
    def _look_for_notes_s(self) -> float | None:
        """How soon to look at it because of notes that are in it; None if there are none, or all is said of them."""

    @abstractmethod
    def _booked(self) -> Deposit:
        """All notes that were taken and not given back, as the terminal has written down."""

    @abstractmethod
    def _counting(self, key: str, notes: Deposit) -> Asking[None]: ...

    @abstractmethod
    def _storing(self, key: str) -> Asking[None]: ...

    @abstractmethod
    def _returning(self, key: str) -> Asking[None]: ...

    @abstractmethod
    def _reporting(self, key: str) -> Asking[None]: ...

    @abstractmethod
    def _looking(self) -> Asking[None]: ...
