"""Screens and receipts: what a terminal tells its customer.

They say what happened and what to do, in plain words, and claim nothing that the terminal does not
know: a host that was silent has not declined. They must never show more of a card than first six and last four.
"""

from collections.abc import Sequence

from atmbench import money
from atmbench.messages.masking import mask_pan
from atmbench.messages.records import MOVES_MONEY, Outcome, Purpose, Reply, Request
from atmbench.terminal.effects import PrintReceipt, ShowScreen
from atmbench.terminal.memory import Intent
from atmbench.terminal.settings import Identity

SERVICE_NAMES = {
    Purpose.BALANCE: "Balance",
    Purpose.WITHDRAWAL: "Cash withdrawal",
    Purpose.TRANSFER: "Transfer",
    Purpose.BILL_PAYMENT: "Bill payment",
    Purpose.MINI_STATEMENT: "Mini statement",
    Purpose.DEPOSIT: "Cash deposit",
    Purpose.PIN_CHANGE: "PIN change",
}

DECLINES: dict[Outcome, tuple[str, ...]] = {
    Outcome.INSUFFICIENT_FUNDS: ("There is not enough money in this account.", "Choose a lower amount."),
    Outcome.WRONG_PIN: ("The PIN is not right.", "Insert your card again and try once more."),
    Outcome.PIN_TRIES_EXCEEDED: ("A wrong PIN was entered too often.", "Please speak to your bank."),
    Outcome.EXPIRED_CARD: ("This card has expired.", "Please ask your bank for a new one."),
    Outcome.CARD_UNKNOWN: ("Your bank does not know this card.", "Please speak to your bank."),
    Outcome.NO_ACCOUNT: ("This card has no account of that kind.", "Choose another account."),
    Outcome.NOT_PERMITTED: ("This card may not be used for that.", "Please speak to your bank."),
    Outcome.AMOUNT_LIMIT: ("This is more than your card may take today.", "Choose a lower amount."),
    Outcome.COUNT_LIMIT: ("Your card was used as often as it may be today.", "Please come again tomorrow."),
    Outcome.INVALID_AMOUNT: ("Your bank does not take this amount.", "Choose another amount."),
    Outcome.RETAIN_CARD: ("Your bank has asked us to keep this card.", "Please speak to your bank."),
    Outcome.CUT_OFF: ("Your bank is closing its day.", "Please try again in a few minutes."),
    Outcome.MAC_FAILED: ("This machine cannot serve you at the moment.", "Please try again in a few minutes."),
    Outcome.PIN_KEY_FAILED: ("This machine cannot serve you at the moment.", "Please try again in a few minutes."),
    Outcome.CHIP_FAILED: ("The chip of this card was not accepted.", "Please speak to your bank."),
    Outcome.HOST_UNAVAILABLE: ("Your bank cannot be reached at the moment.", "Please try again later."),
}
"""What to say of a decline. Everything else is `DECLINED_OTHERWISE`."""
DECLINED_OTHERWISE = ("Your bank did not approve this.", "Please speak to your bank.")

CREDIT_BACK = (
    "If your account was debited, it will be credited",
    "back automatically. Please keep your receipt.",
)
PIN_UNKNOWN = ("Your PIN may have been changed or not.", "Try the new one first, then the old one.")
WELCOME = ShowScreen("welcome", ("Welcome.", "Please insert your card."))
PLEASE_WAIT = ShowScreen("please_wait", ("Please wait.", "We are asking your bank."))
TAKE_CARD = ShowScreen("take_card", ("Please take your card.", "Your cash comes next."))
COUNTING = ShowScreen("counting", ("Please insert your notes.", "They are being counted."))
STARTING = ShowScreen("starting", ("Please wait.", "This machine is starting."))


class Screens:
    """Screens of one terminal, in the currency it pays."""

    def __init__(self, identity: Identity, currency: str) -> None:
        self._currency = currency
        self._help = identity.help_text
        self._head = (identity.owner, identity.location.strip())
        self.out_of_service = ShowScreen("out_of_service", ("This machine is out of service.", self._help))
        self.ordered_out = ShowScreen("closed", ("This machine is closed for maintenance.", self._help))

    def closed(self, because: str) -> ShowScreen:
        """Nobody is served by order: `because` is the operator's own words, empty for the usual ones."""
        lines = tuple(because.splitlines())
        return ShowScreen("closed", lines) if lines else self.ordered_out

    def amount(self, amount_minor: int) -> str:
        """An amount with its currency: "50.00 NGN"."""
        return f"{money.display(amount_minor, self._currency)} {self._currency}"

    def cannot_pay(self, amount_minor: int, near: Sequence[int]) -> ShowScreen:
        """Refuses an amount, and says what is possible instead."""
        instead = " or ".join(self.amount(each) for each in near)
        then = f"It can pay {instead}." if instead else self._help
        return ShowScreen(
            "cannot_pay", (f"This machine cannot pay {self.amount(amount_minor)}.", then, "Please take your card.")
        )

    def take_cash(self, amount_minor: int, asked_minor: int) -> ShowScreen:
        """Notes lie in the exit."""
        if amount_minor == asked_minor:
            return ShowScreen("take_cash", (f"Please take your cash: {self.amount(amount_minor)}.",))
        return ShowScreen(
            "take_cash",
            (
                f"Only {self.amount(amount_minor)} of {self.amount(asked_minor)} could be paid.",
                "Please take your cash. Your account is charged",
                "for what was paid only.",
            ),
        )

    def done(self, reply: Reply, request: Request) -> ShowScreen:
        """A service without cash was approved."""
        lines = [f"{SERVICE_NAMES[request.purpose]}: done."]
        if request.amount_minor:
            lines.append(self.amount(request.amount_minor))
        for balance in reply.balances:
            lines.append(f"{balance.kind.capitalize()} balance: {self.amount(balance.amount_minor)}")
        lines += reply.statement
        return ShowScreen("done", (*lines, "Please take your card."))

    def declined(self, outcome: Outcome, is_reversed: bool, card_is_kept: bool) -> ShowScreen:
        """The host said no, or something that is no approval."""
        lines = DECLINES.get(outcome, DECLINED_OTHERWISE)
        if is_reversed:
            lines = (*lines, *CREDIT_BACK)
        last = self._help if card_is_kept else "Please take your card."
        return ShowScreen("card_kept" if card_is_kept else "declined", (*lines, last))

    def no_answer(self, service: Purpose) -> ShowScreen:
        """The host was silent, or said nothing that can be believed."""
        return ShowScreen("no_answer", ("We could not reach your bank.", *_undone(service), self._help))

    def card_refused(self, service: Purpose) -> ShowScreen:
        """The card's chip does not take the bank's answer."""
        lines = ("Your card did not accept the bank's answer.", *_undone(service))
        return ShowScreen("declined", (*lines, "Please take your card."))

    def cancelled(self, service: Purpose) -> ShowScreen:
        """The customer pressed cancel."""
        if service is Purpose.DEPOSIT:
            return ShowScreen("cancelled", ("You have cancelled.", "Your notes are given back."))
        unsure = PIN_UNKNOWN if service is Purpose.PIN_CHANGE else ()
        return ShowScreen("cancelled", ("You have cancelled.", *unsure, "Please take your card."))

    def card_not_taken(self) -> ShowScreen:
        """The card was left, so no cash came."""
        return ShowScreen(
            "card_not_taken", ("The card was not taken and is kept.", "No cash was paid out.", *CREDIT_BACK, self._help)
        )

    def not_dispensed(self) -> ShowScreen:
        """The dispenser moved no note."""
        return ShowScreen(
            "not_dispensed",
            ("We are sorry: this machine could not pay.", "No cash was paid out.", *CREDIT_BACK, self._help),
        )

    def not_known(self) -> ShowScreen:
        """The dispenser cannot say what it moved."""
        return ShowScreen(
            "not_known",
            ("We are sorry: something went wrong.", "Your bank is told and will check this machine.", self._help),
        )

    def retracted(self) -> ShowScreen:
        """The cash was left and drawn back."""
        return ShowScreen(
            "retracted", ("The cash was not taken and is kept.", "Your bank is told and will check.", self._help)
        )

    def returning_notes(self, because: tuple[str, ...]) -> ShowScreen:
        """Deposited notes go back."""
        return ShowScreen("returning_notes", (*because, "Please take back your notes."))

    def notes_returned(self, because: tuple[str, ...]) -> ShowScreen:
        """Deposited notes are back."""
        return ShowScreen("notes_returned", (*because, "Please take your card."))

    def deposited(self, amount: str) -> ShowScreen:
        """A deposit is done."""
        return ShowScreen("done", (f"Received with thanks: {amount}.", "Please take your card."))

    def receipt(self, intent: Intent, local_time: str, *says: str) -> PrintReceipt:
        """What the customer takes home: who, where, when, card, number, and what came of it."""
        request = intent.request
        date = f"20{local_time[:2]}-{local_time[2:4]}-{local_time[4:6]} {local_time[6:8]}:{local_time[8:10]}"
        lines = (
            *self._head,
            f"{date}  {request.terminal}  No {request.stan:06d}",
            f"Card {mask_pan(request.pan)}",
            SERVICE_NAMES[request.purpose],
            *says,
        )
        return PrintReceipt(intent.key, lines)


def _undone(service: Purpose) -> tuple[str, ...]:
    """What a customer must know of a service that did not come to its end."""
    if service is Purpose.WITHDRAWAL:
        return ("No cash was paid out.", *CREDIT_BACK)
    if service is Purpose.DEPOSIT:
        return ("Your notes are given back.",)
    if service is Purpose.PIN_CHANGE:
        return PIN_UNKNOWN
    return ("Nothing was done.", *CREDIT_BACK) if service in MOVES_MONEY else ("Nothing was done.",)
