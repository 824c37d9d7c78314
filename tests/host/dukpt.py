"""A host whose terminals seal each PIN under a DUKPT key of its own, and their PIN pads."""

from typing import Any

from atmbench.host.security_module import DukptBase
from atmbench.messages.records import Purpose
from atmbench.security.dukpt import SerialNumber
from atmbench.security.dukpt_pin import initial_key, pin_key
from atmbench.security.dukpt_tdes import TdesSerialNumber
from atmbench.security.keys import Key
from atmbench.security.pin_block import seal
from tests.host.play import PIN_PAN, Play, Said, security_module

BASE = Key.parse("0123456789ABCDEFFEDCBA9876543210")
NUMBERS: dict[str, SerialNumber] = {
    name: TdesSerialNumber(0xFFFF9876 << 27 | at, 0) for at, name in enumerate(("T01", "T02"))
}
PIN = "1234"


def number(counter: int, terminal: str = "T01") -> SerialNumber:
    return TdesSerialNumber(NUMBERS[terminal].device, counter)


def entered(counter: int, pin: str = PIN, *, terminal: str = "T01", new_pin: str = "", **rest: Any) -> dict[str, Any]:
    """What a request holds when a PIN is entered at this count."""
    used = number(counter, terminal)
    key = pin_key(initial_key(BASE, used).key, used)
    given = {"terminal": terminal, "pan": PIN_PAN, "pin_block": seal(pin, PIN_PAN, key), "key_serial": used.text}
    if new_pin:
        given["new_pin_block"] = seal(new_pin, PIN_PAN, key)
    return given | rest


class Counted:
    """A host with DUKPT. Each request has another STAN unless it says which."""

    def __init__(self, **settings: Any) -> None:
        self.play = Play(
            module=security_module(dukpt=DukptBase(BASE, NUMBERS.__getitem__), terminals=["T01", "T02"]), **settings
        )
        self.stan = 0

    def withdraw(self, counter: int, *, site: str = "A", stan: int = 0, **rest: Any) -> Said:
        self.stan += 1
        given = entered(counter, **rest)
        return self.play.serve(Purpose.WITHDRAWAL, stan or self.stan, site=site, amount_minor=100, **given)

    def switch_to(self, site: str) -> None:
        self.play.host.promote(site, self.play.now, "by order")
        self.play.sign_on(site)
