"""The driver of an Omron card reader to play with, joined to the stub."""

from random import Random
from typing import Any

from atmbench import facts
from atmbench.devices.customer import Customer
from atmbench.devices.omron_card_reader import OmronCardReader
from atmbench.devices.times import DeviceTimes
from atmbench.drill.commands import CustomerDoes, DisturbCustomer
from atmbench.facts import Fact
from firmware_stubs.card_reader.stub import make
from tests.devices.wiring import Machine

KEY, NEXT_KEY = "T01/000001", "T01/000002"
TRACK2 = "9999990000001234=30121010000000000"
DEVICE_FACTS = (facts.DeviceStateChanged, facts.DeviceFailed)


class Play(Machine[OmronCardReader]):
    """A terminal's card reader with power. `is_real` hides the machine from the driver, as a real one is hidden."""

    def __init__(
        self, *, is_real: bool = False, takes: bool = True, takes_after_s: float = 3.0, **settings: Any
    ) -> None:
        super().__init__(make({"leg_s": 0.25, **settings}, {}))
        customer = Customer(DeviceTimes(customer_takes_card_s=(takes_after_s, takes_after_s)), Random(1))
        if not takes:
            customer.disturb(DisturbCustomer(does=CustomerDoes.LEAVES_CARD, times=1000))
        self.driver = OmronCardReader(
            port=self.wire,
            machine=None if is_real else self.wire,
            agenda=self.agenda,
            scene=self.scene,
            customer=None if is_real else customer,
        )
        self.wire.driver = self.driver
        self.is_real = is_real
        self.entered: list[str] = []
        """What came of those who wanted to come in: empty for one whose card is inside, else why it is not."""
        self.power_comes().wait(5.0)
        self.told()

    def comes(self, track2: str = TRACK2) -> "Play":
        """Somebody wants to come in."""
        self.driver.insert(track2, self.now, lambda refused, now: self.entered.append(refused))
        return self

    def insert(self, track2: str = TRACK2, **card: Any) -> "Play":
        """Somebody comes and the card is inside; a real reader's customer does it with his own hands."""
        self.comes(track2)
        if self.is_real:
            self.order("insert_card", track2=track2, **card)
        self.wait(5.0)
        return self

    def turn_away(self) -> "Play":
        self.driver.turn_away(self.now)
        self.settle()
        return self

    def eject(self, key: str = KEY) -> "Play":
        self.driver.eject(key, self.now)
        self.settle()
        return self

    def retain(self, because: str = "not taken", key: str = KEY) -> "Play":
        self.driver.retain(because, key, self.now)
        self.settle()
        return self

    def power_fails(self) -> "Play":
        self.scene.has_power = False
        self.agenda.drop_electronics()
        self.driver.power_fail(self.now)
        if self.is_real:
            self.wire.order("power_off")
        self.settle()
        return self

    def power_comes(self) -> "Play":
        self.scene.has_power = True
        if self.is_real:
            self.wire.order("power_on")
        self.driver.power_on(self.now)
        self.settle()
        return self

    def of_card(self) -> list[Fact]:
        """What was told of cards alone."""
        return [fact for fact in self.told() if not isinstance(fact, DEVICE_FACTS)]

    def of_device(self) -> list[Fact]:
        """What was told of the device alone."""
        return [fact for fact in self.told() if isinstance(fact, DEVICE_FACTS)]

    def sent(self) -> list[str]:
        """The commands that were sent since anybody asked, without what belongs to the exchange."""
        sent = [data[2:-3].decode("latin-1") for way, data in self.wire.said if way == ">" and data[:2] == b"\x10\x02"]
        self.wire.said.clear()
        return sent
