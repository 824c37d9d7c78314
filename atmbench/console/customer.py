"""A customer in front of a terminal, operated by hand: which keys there are, and which order comes of them. Dry.

What is typed before the terminal asks its host (card, PIN, service, amount) is put together here and sent as one
command; from then on the terminal says what can be done: take the card, take the cash, cancel.
"""

from enum import StrEnum

import msgspec

from atmbench import money
from atmbench.console import orders
from atmbench.console.model_terminals import Terminal
from atmbench.console.orders import Order
from atmbench.messages.records import MOVES_MONEY, Purpose
from atmbench.terminal.screens import SERVICE_NAMES
from atmbench.terminal.states import HEEDS_CANCEL

KEYS = ("a", "b", "c", "d", "f", "g", "h", "i")
"""Function keys, as they are called on terminals: A to D right of the screen, F to I left of it."""
NOTES_ASKED = (1, 2, 5, 10, 20)
"""Amounts that are offered: so many of the smallest or of the largest note."""
AMOUNTS_MAX = 7


class Stage(StrEnum):
    """How far the customer has come."""

    AWAY = "away"
    PIN = "pin"
    SERVICE = "service"
    AMOUNT = "amount"


class Option(msgspec.Struct, frozen=True):
    """What one function key does."""

    label: str
    does: str
    value: str = ""


CANCEL = Option("Cancel", "cancel")


class Customer:
    """Stands at one terminal."""

    def __init__(self) -> None:
        self.stage = Stage.AWAY
        self._wrong_pin = False
        self._service = Purpose.WITHDRAWAL

    def leave(self) -> None:
        """Go away without having asked for anything."""
        self.stage = Stage.AWAY

    def prompt(self) -> tuple[str, ...]:
        """What the screen says while the customer chooses; empty if the terminal itself speaks."""
        return {
            Stage.AWAY: (),
            Stage.PIN: ("Please enter your PIN.",),
            Stage.SERVICE: ("Please choose a service.",),
            Stage.AMOUNT: ("Please choose an amount.",),
        }[self.stage]

    def options(self, terminal: Terminal, currency: str) -> list[Option]:
        """What can be done now, in the order of the function keys."""
        if not terminal.is_in_service:
            return []
        if terminal.is_busy:
            return _under_way(terminal)
        if self.stage is Stage.AWAY:
            return [Option("Insert card", "card")]
        if self.stage is Stage.PIN:
            return [Option("Right PIN", "pin", "right"), Option("Wrong PIN", "pin", "wrong"), CANCEL]
        if self.stage is Stage.SERVICE:
            return [Option(name, "service", purpose.value) for purpose, name in SERVICE_NAMES.items()] + [CANCEL]
        offered = _notes if self._service is Purpose.DEPOSIT else _amounts
        return [Option(f"{each} {currency}", "amount", each) for each in offered(terminal, currency)] + [CANCEL]

    def choose(self, option: Option, terminal: Terminal) -> Order | None:
        """A key was pressed. Gives the order that comes of it, if the customer is through."""
        if option.does in ("takes_card", "takes_cash", "cancels"):
            return orders.hand(terminal.name, option.does)
        if option.does == "card":
            self.stage = Stage.PIN
        elif option.does == "pin":
            self._wrong_pin = option.value == "wrong"
            self.stage = Stage.SERVICE
        elif option.does == "service":
            self._service = Purpose(option.value)
            if self._service in MOVES_MONEY:
                self.stage = Stage.AMOUNT
                return None
            return self._ask(terminal, "0")
        elif option.does == "amount":
            return self._ask(terminal, option.value)
        else:
            self.leave()
        return None

    def _ask(self, terminal: Terminal, amount: str) -> Order:
        self.leave()
        return orders.transact(terminal.name, self._service.value, amount, wrong_pin=self._wrong_pin)


def _under_way(terminal: Terminal) -> list[Option]:
    options = []
    if terminal.card_is_out:
        options.append(Option("Take card", "takes_card"))
    if terminal.cash_out_minor:
        options.append(Option("Take cash", "takes_cash"))
    if terminal.state in HEEDS_CANCEL:
        options.append(Option("Cancel", "cancels"))
    return options


def smallest_amount(terminal: Terminal, currency: str) -> str:
    """What any terminal of this kind can pay."""
    return _amounts(terminal, currency)[0]


def _notes(terminal: Terminal, currency: str) -> list[str]:
    """Notes that can be deposited, one at a time."""
    values = sorted(set(terminal.values_minor.values())) or [1000]
    return [money.display(each, currency) for each in values[:AMOUNTS_MAX]]


def _amounts(terminal: Terminal, currency: str) -> list[str]:
    """Amounts that the cassettes can pay, the smallest first."""
    values = sorted(terminal.values_minor.values()) or [1000]
    found = sorted({value * notes for value in (values[0], values[-1]) for notes in NOTES_ASKED})
    return [money.display(each, currency) for each in found[:AMOUNTS_MAX]]
