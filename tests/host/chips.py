"""A host whose cards have chips, and one such card."""

from typing import Any

from atmbench.messages.records import Purpose
from atmbench.security.emv import CryptogramVersion
from atmbench.security.emv_card import ChipCard, terminal_data
from atmbench.security.emv_issuer import ChipIssuer
from atmbench.security.keys import Key
from atmbench.security.tlv import build
from tests.host.play import PAN, TIME, Play, Said, security_module

ISSUER = ChipIssuer(Key(bytes(range(70, 86))), CryptogramVersion.CVN18)
CODES = {Purpose.WITHDRAWAL: "01", Purpose.BALANCE: "31", Purpose.PIN_CHANGE: "90", Purpose.DEPOSIT: "21"}


class Chipped:
    """A host of chip cards, and one such card."""

    def __init__(self, **settings: Any) -> None:
        self.play = Play(module=security_module(issuer=ISSUER, service_codes=CODES), **settings)
        self.chip = ChipCard(ISSUER.card_key(PAN), CryptogramVersion.CVN18)
        self.stan = 0

    def asks(self, purpose: Purpose = Purpose.WITHDRAWAL, **changed: Any) -> dict[str, Any]:
        """What a request of this card holds. `changed` is what the chip signs."""
        self.stan += 1
        signed = {
            "amount": "000000005000",
            "currency": "566",
            "country": "566",
            "date": TIME[:6],
            "transaction_type": CODES[purpose],
            "unpredictable": bytes(4),
        }
        values = self.chip.request(terminal_data(**(signed | changed)))
        return {"purpose": purpose, "stan": self.stan, "amount_minor": 5000, "chip": build(values).hex().upper()}

    def serve(self, site: str = "A", **asked: Any) -> Said:
        return self.play.serve(site=site, **asked)
