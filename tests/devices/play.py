"""One terminal's devices to play with: what is asked of them, and what is heard and told in return."""

from random import Random

from atmbench.devices.outfit import Outfit
from atmbench.devices.times import DeviceTimes
from atmbench.facts import Fact
from atmbench.messages.records import Purpose
from atmbench.terminal import inputs
from atmbench.terminal.effects import Dispense, Effect
from atmbench.terminal.inputs import Input
from atmbench.terminal.settings import Cassette, TerminalSettings

KEY, NEXT_KEY = "T01/000001/0105090000", "T01/000002/0105090100"
ASKED = inputs.TransactionAsked(service=Purpose.WITHDRAWAL, pan="9999990000001234", track2="9999990000001234=3012")
SETTINGS = TerminalSettings(cassettes=(Cassette("10.00", 100), Cassette("50.00", 5)))
TIMES = DeviceTimes(customer_takes_card_s=(2.0, 2.0), customer_takes_cash_s=(3.0, 3.0), customer_cancels_s=(0.5, 0.5))


class Play:
    """Devices with power; what happens is heard in order."""

    def __init__(self, seed: int = 1, times: DeviceTimes = TIMES) -> None:
        self.devices = Outfit("T01", SETTINGS, "NGN", Random(seed), times)
        self.now = 0.0
        self.inputs: list[Input] = []
        self.facts: list[Fact] = []
        self.facts += self.devices.power_on(0.0)

    def perform(self, *effects: Effect) -> "Play":
        for effect in effects:
            self.facts += self.devices.perform(effect, self.now)
        return self

    def comes(self) -> "Play":
        """A customer puts a card in, which a model lets in at once."""
        self.devices.customer_comes(ASKED, self.now)
        self._hear(*self.devices.take())
        return self

    def until(self, now: float) -> "Play":
        while self.devices.deadline is not None and self.devices.deadline <= now:
            self.now = self.devices.deadline
            self._hear(*self.devices.on_time(self.now))
        self.now = now
        return self

    def _hear(self, given: list[Input], told: list[Fact]) -> None:
        self.inputs += given
        self.facts += told

    def power_fails(self) -> "Play":
        self.facts += self.devices.power_fail(self.now)
        return self

    def power_comes(self) -> "Play":
        self.facts += self.devices.power_on(self.now)
        return self

    def heard(self) -> list[Input]:
        heard, self.inputs = self.inputs, []
        return heard

    def told(self) -> list[Fact]:
        told, self.facts = self.facts, []
        return told


def dispense(key: str = KEY, **notes: int) -> Dispense:
    return Dispense(key=key, notes={name[1:]: number for name, number in notes.items()})


def ended(status: str, because: str = "", key: str = KEY, **notes: int) -> inputs.DispenseEnded:
    numbers = {name[1:]: number for name, number in notes.items()}
    return inputs.DispenseEnded(key=key, status=status, notes=numbers, because=because)
