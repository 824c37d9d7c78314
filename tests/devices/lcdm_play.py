"""The driver of a Puloon dispenser to play with, joined to the stub."""

from random import Random
from typing import Any

from atmbench.devices.customer import Customer
from atmbench.devices.lcdm_dispenser import LcdmDispenser
from atmbench.devices.lcdm_small_words import LcdmSmallWords
from atmbench.devices.lcdm_words import Lcdm4000Words, Words
from atmbench.devices.times import DeviceTimes
from atmbench.drill.commands import CustomerDoes, DisturbCustomer
from atmbench.terminal.effects import Dispense
from firmware_stubs.dispenser.stub import make
from tests.devices.wiring import Machine

KEY, NEXT_KEY = "T01/000001", "T01/000002"
CASSETTES = {"1": 100, "2": 50}
VALUES_MINOR = {"1": 1000, "2": 5000}
TIMES = DeviceTimes(customer_takes_cash_s=(3.0, 3.0))


def words_of(profile: str) -> Words:
    """What is said to this model."""
    return Lcdm4000Words() if profile == "lcdm-4000" else LcdmSmallWords(has_two=profile == "lcdm-2000")


class Play(Machine[LcdmDispenser]):
    """A terminal's dispenser with power. `is_real` hides the machine from the driver, as a real one is hidden."""

    def __init__(self, *, is_real: bool = False, takes: bool = True, **settings: Any) -> None:
        self.profile = settings.get("profile", "lcdm-4000")
        words = words_of(self.profile)
        self.cassettes = {name: number for name, number in CASSETTES.items() if name in words.names}
        super().__init__(make({"profile": self.profile, "cassettes": self.cassettes, **settings}, {}))
        customer = Customer(TIMES, Random(1))
        if not takes:
            customer.disturb(DisturbCustomer(does=CustomerDoes.LEAVES_CASH, times=1000))
        self.driver = LcdmDispenser(
            dict(self.cassettes),
            {name: VALUES_MINOR[name] for name in self.cassettes},
            words=words,
            port=self.wire,
            machine=None if is_real else self.wire,
            agenda=self.agenda,
            scene=self.scene,
            customer=customer,
        )
        self.wire.driver = self.driver
        self.scene.has_power = True
        self.driver.power_on(0.0)
        self.wait(5.0)
        self.told()

    def dispense(self, key: str = KEY, **notes: int) -> "Play":
        order = Dispense(key=key, notes={name[1:]: number for name, number in notes.items()})
        self.driver.dispense(order, self.now)
        self.settle()
        return self

    def codes(self) -> list[int]:
        """The commands that were sent, since this was last asked."""
        said = [data for way, data in self.wire.said if way == ">" and len(data) > 1]
        self.wire.said.clear()
        return [data[3] for data in said]
