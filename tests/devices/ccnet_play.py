"""The driver of a CCNET validator to play with, joined to the stub."""

from typing import Any, ClassVar, Self

from atmbench import facts
from atmbench.devices.ccnet_note_acceptor import CcnetNoteAcceptor
from atmbench.terminal import inputs
from firmware_stubs.catalog import Make
from firmware_stubs.note_acceptor.stub import make
from tests.devices.wiring import Machine

KEY, NEXT_KEY = "T01/000001", "T01/000002"
NOTE = 5_000
MONEY = (facts.CashAccepted, facts.CashReturned)


class Play(Machine[Any]):
    """A terminal's note acceptor with power. `is_real` hides the machine from the driver, as a real one is hidden."""

    stub: ClassVar[tuple[Make]] = (make,)
    """How the unit is made; in a tuple, so that it is no method."""
    driver_class: ClassVar[type[Any]] = CcnetNoteAcceptor

    def __init__(self, *, is_real: bool = False, **settings: Any) -> None:
        super().__init__(self.stub[0](settings, {}))
        self.driver = self.driver_class(
            currency="NGN",
            letters="NGN",
            port=self.wire,
            machine=None if is_real else self.wire,
            agenda=self.agenda,
            scene=self.scene,
        )
        self.wire.driver = self.driver
        self.power_comes().until(6.0)
        self.told()
        self.wire.said.clear()

    def count(self, *notes: int, key: str = KEY) -> Self:
        self.driver.count(key, {value: notes.count(value) for value in notes}, self.now)
        self.settle()
        return self

    def store(self, key: str = KEY) -> Self:
        self.driver.store(key, self.now)
        self.settle()
        return self

    def give_back(self, key: str = KEY) -> Self:
        self.driver.give_back(key, self.now)
        self.settle()
        return self

    def query(self, key: str = KEY) -> Self:
        self.driver.query(key, self.now)
        self.settle()
        return self

    def reported(self) -> str:
        """What it says of the deposit when it is asked."""
        self.heard()
        self.query().until(60)
        (report,) = self.heard()
        assert isinstance(report, inputs.EscrowReported)
        return report.stage

    def moved(self) -> list[tuple[str, str, int]]:
        """What facts tell of money."""
        told = [each for each in self.told() if isinstance(each, MONEY)]
        return [(type(each).__name__, each.key, each.amount_minor) for each in told]

    def failures(self) -> list[str]:
        return [each.error for each in self.told() if isinstance(each, facts.DeviceFailed)]

    def codes(self) -> list[int]:
        """The commands that were sent, but for polls and signs, since this was last asked."""
        said = [data[3] for way, data in self.wire.said if way == ">"]
        self.wire.said.clear()
        return [code for code in said if code not in (0x00, 0x33, 0xFF)]
