"""One terminal's guard with the PIN pad, cards and customer behind it, for tests."""

from random import Random

from msgspec.structs import replace

from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.customer import Customer
from atmbench.devices.holder import Holder
from atmbench.devices.pin_pad import LOAD_S, Injected, PinPad
from atmbench.devices.times import DeviceTimes
from atmbench.fleet.guard import Guard
from atmbench.host.replies import issuer_answer
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import load_dialect
from atmbench.messages.key_delivery import KeyDelivery
from atmbench.messages.records import SERVICES, Outcome, Purpose, Reply, Request
from atmbench.messages.sealed_codec import SealedCodec
from atmbench.messages.sealing import Sealing
from atmbench.messages.security_file import MacUse, Security
from atmbench.security.dukpt_pin import InitialKey
from atmbench.security.emv import CryptogramVersion
from atmbench.security.emv_card import ChipCard
from atmbench.security.emv_issuer import CheckedRequest, ChipIssuer, ChipRequest
from atmbench.security.key_ring import KeyLife
from atmbench.security.keys import Key
from atmbench.terminal.inputs import TransactionAsked
from tests.messages.samples import BARE

DIALECT = load_dialect("iso87-ascii")
CODEC = Codec(DIALECT)
MASTER = Key(bytes(range(16)))
ISSUER = ChipIssuer(Key(bytes(range(70, 86))), CryptogramVersion.CVN18)
PAN, BARE_PAN = BARE.pan, "9999990000000022"
GRACE_S = 60.0

WITHDRAWAL = BARE
PIN_CHANGE = replace(WITHDRAWAL, purpose=Purpose.PIN_CHANGE, service=Purpose.PIN_CHANGE, stan=8, amount_minor=0)
ECHO = Request(purpose=Purpose.ECHO, terminal="T01", stan=9, transmitted="0105080010")
EXCHANGE = replace(ECHO, purpose=Purpose.KEY_EXCHANGE)


def _rules() -> Security:
    rules = DIALECT.security
    assert rules is not None
    return replace(rules, keys=replace(rules.keys, life=KeyLife(grace_s=GRACE_S)))


RULES = _rules()
DELIVERY = KeyDelivery(RULES)


class Scenery:
    """One terminal's guard with a customer who has PIN and chip, and one who has neither."""

    def __init__(
        self,
        *,
        mac: bool = True,
        network_messages: bool = False,
        keyed: bool = True,
        defects: frozenset[str] = frozenset(),
        dukpt: InitialKey | None = None,
    ) -> None:
        self.rng = Random(3)
        self.agenda, scene = Agenda(), Scene()
        first = DELIVERY.make(self.rng) if keyed else None
        self.pin_key, self.mac_key = first or DELIVERY.make(self.rng)
        self.pad = PinPad(Injected(RULES, MASTER, first, dukpt), rng=self.rng, agenda=self.agenda, scene=scene)
        self.holder = Holder("1234", ChipCard(ISSUER.card_key(PAN), CryptogramVersion.CVN18))
        sealing = Sealing(MacUse(network_messages=network_messages), DIALECT.layout)
        self.sealed = SealedCodec(CODEC, sealing)
        self.customer = Customer(DeviceTimes(), self.rng)
        self.guard = Guard(
            self.pad,
            {PAN: self.holder, BARE_PAN: Holder()},
            DIALECT,
            self.sealed if mac else None,
            country="566",
            rng=self.rng,
            is_copied=self.customer.holds_copied_chip,
            replays_pin_key=self.customer.replays_pin_key,
            defects=defects,
        )

    def change_keys(self, now: float) -> None:
        """The PIN pad has taken other keys."""
        self.pin_key, self.mac_key = DELIVERY.make(self.rng)
        self.pad.load("primary", DELIVERY.wrap(MASTER, self.pin_key, self.mac_key, self.rng), now - LOAD_S)
        self.agenda.perform(now)

    def sent(self, asked: Request) -> Request:
        """What is sent of a request, after its customer was asked for the PIN."""
        if asked.purpose in SERVICES:
            wish = TransactionAsked(service=asked.purpose, pan=asked.pan, track2="")
            self.guard.ask_pin(wish, 0.0, lambda refused, now: None)
        return self.guard.with_secrets(asked)

    def checked(self, sent: Request) -> CheckedRequest:
        """What the issuer finds in the chip data of a request. Raises ChipError."""
        asked = ChipRequest(
            pan=sent.pan,
            amount=f"{sent.amount_minor:012d}",
            processing_code=DIALECT.service_code(sent.purpose) + "0000",
            currency="566",
            chip=bytes.fromhex(sent.chip),
        )
        return ISSUER.check(asked, 0)

    def answered(self, sent: Request) -> str:
        return issuer_answer(ISSUER.answer(self.checked(sent), "00"))


def reply_to(request: Request, outcome: Outcome = Outcome.APPROVED, chip: str = "", stan: int | None = None) -> Reply:
    return Reply(
        purpose=request.purpose,
        terminal=request.terminal,
        stan=request.stan if stan is None else stan,
        outcome=outcome,
        code="00",
        chip=chip,
    )
