"""The driver of a PIN pad alone, against a hand that plays the pad; and joined to the stub of one."""

from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Any

from msgspec.structs import replace

from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.pin_pad import Injected
from atmbench.devices.pin_results import EntryBegan, EntryEnded, MacMade, PinResult
from atmbench.devices.port import Machine, Port
from atmbench.devices.states import DeviceState
from atmbench.devices.szzt_pin_pad import SzztPinPad, SzztSettings
from atmbench.facts import Fact
from atmbench.messages.dialect import load_dialect
from atmbench.messages.key_delivery import KeyDelivery
from atmbench.messages.records import WrappedKeys
from atmbench.messages.security_file import Security
from atmbench.security.key_ring import KeyLife
from atmbench.security.keys import Key, random_key
from atmbench.terminal.inputs import Input
from firmware_stubs.pin_pad.settings import Settings
from firmware_stubs.pin_pad.stub import PinPad
from tests.devices.wiring import Joined
from tests.firmware_stubs.pin_pad_play import framed

PIN, PAN = "4271936", "4000001234567899"
MASTER = random_key(Random(5), 16)
UID = Key.parse("88" * 16)
ANSWER_S = 0.05
TABLE = "3132331B34353608373839072E30220D4143454742444648"
"""What a driver has the keys send."""


def _rules() -> Security:
    rules = load_dialect("iso87-ascii").security
    assert rules is not None
    return replace(rules, keys=replace(rules.keys, life=KeyLife(grace_s=60)))


RULES = _rules()
DELIVERY = KeyDelivery(RULES)
Keys = tuple[Key, Key]


def keys_of(number: int) -> tuple[Keys, WrappedKeys]:
    """A PIN key and a MAC key, and how a host sends them."""
    rng = Random(number)
    both = DELIVERY.make(rng)
    return both, DELIVERY.wrap(MASTER, *both, rng)


class Nobody:
    """A serial port with nobody at the other end: what is sent and ordered is written down."""

    def __init__(self) -> None:
        self.is_open = True
        self.sent = b""
        self.ordered: list[str] = []

    @property
    def seen(self) -> Mapping[str, Any]:
        return {}

    def send(self, data: bytes) -> None:
        self.sent += data

    def order(self, do: str, **rest: Any) -> None:
        self.ordered.append(do)


class Owner:
    """Whoever has a PIN pad: what it tells is in `results`."""

    def __init__(
        self,
        port: Port,
        machine: Machine,
        agenda: Agenda,
        scene: Scene,
        rules: Security = RULES,
        settings: SzztSettings | None = None,
    ) -> None:
        self.results: list[PinResult] = []
        self.on_result: Callable[[PinResult], None] = lambda result: None
        self.pad = SzztPinPad(rules, settings, port=port, machine=machine, agenda=agenda, scene=scene, hear=self._hear)

    def _hear(self, result: PinResult, now: float) -> None:
        self.results.append(result)
        self.on_result(result)


class Desk:
    """A driver that is played to by hand. What comes of it: `results`, `inputs`, `facts`."""

    def __init__(self, rules: Security = RULES, settings: SzztSettings | None = None) -> None:
        self.now = 0.0
        self.wire = Nobody()
        self.agenda, self.scene = Agenda(), Scene()
        self.inputs: list[Input] = []
        self.facts: list[Fact] = []
        owner = Owner(self.wire, self.wire, self.agenda, self.scene, rules, settings)
        self.pad, self.results = owner.pad, owner.results

    def _take(self) -> "Desk":
        given, told = self.scene.take()
        self.inputs += given
        self.facts += told
        return self

    def power_on(self) -> "Desk":
        self.scene.has_power = True
        self.pad.power_on(self.now)
        return self._take()

    def hear(self, data: bytes) -> "Desk":
        """Bytes come from the pad."""
        self.pad.on_bytes(data, self.now)
        return self._take()

    def wait(self, seconds: float = 0.0) -> "Desk":
        until = self.now + seconds
        while self.agenda.deadline is not None and self.agenda.deadline <= until:
            self.now = max(self.now, self.agenda.deadline)
            self.agenda.perform(self.now)
        self.now = until
        return self._take()

    def said(self) -> bytes:
        """What was sent since this was last asked."""
        sent, self.wire.sent = self.wire.sent, b""
        return sent

    def expect(self, text: bytes | str, answer: bytes | str) -> "Desk":
        """The driver has sent just this; the pad answers with RTN 60 and data, or with one return byte."""
        self.wait()
        assert self.said() == framed(text)
        data = answer.encode() if isinstance(answer, str) else answer
        is_refusal = isinstance(answer, bytes) and len(answer) == 1
        return self.hear(framed(data if is_refusal else b"\x60" + data))

    def expect_proof(self, number: str) -> "Desk":
        """The driver proves itself for a key."""
        challenge = "0123456789ABCDEF" * 2
        self.expect(":A0" + "88" * 16, "FEDCBA9876543210" * 2)
        self.expect(f":{number}" + "FEDCBA9876543210" * 2, challenge)
        return self.expect(":90" + UID.encipher(bytes.fromhex(challenge)).hex().upper(), "")

    def ready(self) -> "Desk":
        """Power, and a pad that is well."""
        self.power_on().expect("I", 22 * "0").expect("N0", "000")
        return self.expect("4" + TABLE, "").expect("521E", "")

    def with_keys(self, number: int = 1) -> "Desk":
        """A pad that has keys in its second places."""
        _, wrapped = keys_of(number)
        self.pad.load("primary", wrapped, self.now)
        for place, usage, key, check in (
            ("32", "3", wrapped.pin_key, wrapped.pin_check),
            ("33", "5", wrapped.mac_key, wrapped.mac_check),
        ):
            self.expect_proof("10").expect(f"210{place}{usage}2{key}", check.ljust(16, "0"))
        self.inputs.clear()
        self.facts.clear()
        return self

    def typing(self) -> "Desk":
        """Keys are hidden, and a customer may type."""
        self.pad.begin_entry(PAN, self.now)
        return self.expect("5404", "").expect("5512", "").expect("5035", "").expect("600012", "")

    def state(self) -> DeviceState:
        return self.pad.state


class Bench(Joined):
    """A driver and a stub. A customer types PIN as soon as the keys are hidden, unless `typist` is set to another."""

    def __init__(self, settings: SzztSettings | None = None, **stub: Any) -> None:
        core = PinPad(Settings(**{"answer_s": ANSWER_S, **stub}))
        core.on_order({"do": "power_off"}, 0.0)
        super().__init__(core)
        self.stub = core
        owner = Owner(self.wire, self.wire, self.agenda, self.scene, settings=settings)
        owner.on_result = self._customer
        self.pad = self.wire.driver = owner.pad
        self.results = owner.results
        self.typist: Callable[[], None] | None = partial(self.wire.order, "type_pin", pin=PIN, after_s=0.5, every_s=0.1)

    def _customer(self, result: PinResult) -> None:
        if isinstance(result, EntryBegan) and self.typist is not None:
            self.typist()

    def power_on(self) -> None:
        self.scene.has_power = True
        self.pad.power_on(self.now)

    def power_fail(self) -> None:
        self.scene.has_power = False
        self.agenda.drop_electronics()
        self.pad.power_fail(self.now)
        self.settle()

    def order(self, do: str, **rest: Any) -> "Bench":
        self.wire.order(do, **rest)
        self.settle()
        assert self.wire.refused == []
        return self

    def set_up(self, first_keys: Keys | None = None) -> "Bench":
        """Power, and what belongs into the pad."""
        self.power_on()
        self.wait(3)
        return self.set_up_again(first_keys)

    def set_up_again(self, first_keys: Keys | None = None) -> "Bench":
        self.pad.set_up(Injected(RULES, MASTER, first_keys), self.now)
        self.wait(10)
        return self.forget()

    def load(self, number: int) -> Keys:
        """New keys come from a host, and are dealt with."""
        keys, wrapped = keys_of(number)
        self.pad.load("primary", wrapped, self.now)
        self.wait(30)
        return keys

    def types(self, wait_s: float = 60) -> EntryEnded:
        """A PIN is asked for; how it ended."""
        self.results.clear()
        self.pad.begin_entry(PAN, self.now)
        self.wait(wait_s)
        ended = [each for each in self.results if isinstance(each, EntryEnded)]
        assert len(ended) == 1, f"one entry ends once: {self.results}"
        return ended[0]

    def mac(self, text: bytes, *, before: bool = False) -> MacMade:
        """A MAC is asked for; what came of it."""
        self.results.clear()
        number = self.pad.mac(text, self.now, before=before)
        self.wait(60)
        made = [each for each in self.results if isinstance(each, MacMade)]
        assert [each.number for each in made] == [number]
        return made[0]

    def forget(self) -> "Bench":
        self.results.clear()
        self.heard()
        self.told()
        self.wire.happened.clear()
        return self
