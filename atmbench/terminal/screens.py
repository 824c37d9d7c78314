"""Screens and receipts: what a terminal tells its customer.

They say what happened and what to do, in plain words, and claim nothing that the terminal does not
know: a host that was silent has not declined. They must never show more of a card than first six and last four.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from atmbench import money
from atmbench.facts.statements import BACK, KEPT, Stated, Statement
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
INVITED = Statement(how=Stated.INVITED)
WELCOME = ShowScreen("welcome", ("Welcome.", "Please insert your card."), INVITED)
PLEASE_WAIT = ShowScreen("please_wait", ("Please wait.", "We are asking your bank."))
TAKE_CARD = ShowScreen("take_card", ("Please take your card.", "Your cash comes next."), Statement(card=BACK))
COUNTING = ShowScreen("counting", ("Please insert your notes.", "They are being counted."))
STARTING = ShowScreen("starting", ("Please wait.", "This machine is starting."))


class Screens:
    """Screens of one terminal, in the currency it pays."""

    def __init__(self, identity: Identity, currency: str) -> None:
        self._currency = currency
        self._help = identity.help_text
        self._head = (identity.owner, identity.location.strip())
        self._helps = bool(self._help)
        closed = Statement(how=Stated.CLOSED, way_out=self._helps)
        self.out_of_service = ShowScreen("out_of_service", ("This machine is out of service.", self._help), closed)
        self.bare_out_of_service = ShowScreen(
            "out_of_service", self.out_of_service.lines[:1], Statement(how=Stated.CLOSED)
        )
        """Without a word of what else to do: only a planted defect shows it."""
        self.ordered_out = ShowScreen("closed", ("This machine is closed for maintenance.", self._help), closed)

    def closed(self, because: str) -> ShowScreen:
        """Nobody is served by order: `because` is the operator's own words, empty for the usual ones."""
        lines = tuple(because.splitlines())
        if not lines:
            return self.ordered_out
        return ShowScreen("closed", lines, Statement(how=Stated.CLOSED, way_out=True))  # it is for him to say one

    def amount(self, amount_minor: int) -> str:
        """An amount with its currency: "50.00 NGN"."""
        return f"{money.display(amount_minor, self._currency)} {self._currency}"

    def cannot_pay(self, amount_minor: int, near: Sequence[int]) -> ShowScreen:
        """Refuses an amount, and says what is possible instead."""
        instead = " or ".join(self.amount(each) for each in near)
        then = f"It can pay {instead}." if instead else self._help
        return ShowScreen(
            "cannot_pay",
            (f"This machine cannot pay {self.amount(amount_minor)}.", then, "Please take your card."),
            Statement(how=Stated.TURNED_AWAY, card=BACK, way_out=bool(then)),
        )

    def take_cash(self, amount_minor: int, asked_minor: int) -> ShowScreen:
        """Notes lie in the exit."""
        states = Statement(how=Stated.DONE, paid_minor=amount_minor)
        if amount_minor == asked_minor:
            return ShowScreen("take_cash", (f"Please take your cash: {self.amount(amount_minor)}.",), states)
        return ShowScreen(
            "take_cash",
            (
                f"Only {self.amount(amount_minor)} of {self.amount(asked_minor)} could be paid.",
                "Please take your cash. Your account is charged",
                "for what was paid only.",
            ),
            states,
        )

    def done(self, reply: Reply, request: Request) -> ShowScreen:
        """A service without cash was approved."""
        lines = [f"{SERVICE_NAMES[request.purpose]}: done."]
        if request.amount_minor:
            lines.append(self.amount(request.amount_minor))
        for balance in reply.balances:
            lines.append(f"{balance.kind.capitalize()} balance: {self.amount(balance.amount_minor)}")
        lines += reply.statement
        balances = {str(balance.kind): balance.amount_minor for balance in reply.balances} or None
        states = Statement(how=Stated.DONE, balances=balances, card=BACK)
        return ShowScreen("done", (*lines, "Please take your card."), states)

    def declined(self, outcome: Outcome, is_reversed: bool, card_is_kept: bool) -> ShowScreen:
        """The host said no, or something that is no approval."""
        lines = DECLINES.get(outcome, DECLINED_OTHERWISE)
        if is_reversed:
            lines = (*lines, *CREDIT_BACK)
        last = self._help if card_is_kept else "Please take your card."
        states = Statement(
            how=Stated.DECLINED,
            reason=outcome,
            card=KEPT if card_is_kept else BACK,
            credits_back=is_reversed,
            way_out=True,
        )
        return ShowScreen("card_kept" if card_is_kept else "declined", (*lines, last), states)

    def no_answer(self, service: Purpose) -> ShowScreen:
        """The host was silent, or said nothing that can be believed."""
        states = replace(_undone_states(service), how=Stated.SILENT, way_out=self._helps)
        return ShowScreen("no_answer", ("We could not reach your bank.", *_undone(service), self._help), states)

    def card_refused(self, service: Purpose) -> ShowScreen:
        """The card's chip does not take the bank's answer."""
        lines = ("Your card did not accept the bank's answer.", *_undone(service))
        states = replace(_undone_states(service), how=Stated.CARD_REFUSED, card=BACK)
        return ShowScreen("declined", (*lines, "Please take your card."), states)

    def cancelled(self, service: Purpose) -> ShowScreen:
        """The customer pressed cancel."""
        if service is Purpose.DEPOSIT:
            states = Statement(how=Stated.CANCELLED)
            return ShowScreen("cancelled", ("You have cancelled.", "Your notes are given back."), states)
        unsure = PIN_UNKNOWN if service is Purpose.PIN_CHANGE else ()
        states = Statement(how=Stated.CANCELLED, card=BACK)
        return ShowScreen("cancelled", ("You have cancelled.", *unsure, "Please take your card."), states)

    def card_not_taken(self) -> ShowScreen:
        """The card was left, so no cash came."""
        return ShowScreen(
            "card_not_taken",
            ("The card was not taken and is kept.", "No cash was paid out.", *CREDIT_BACK, self._help),
            Statement(how=Stated.NOT_PAID, paid_minor=0, card=KEPT, credits_back=True, way_out=self._helps),
        )

    def not_dispensed(self) -> ShowScreen:
        """The dispenser moved no note."""
        return ShowScreen(
            "not_dispensed",
            ("We are sorry: this machine could not pay.", "No cash was paid out.", *CREDIT_BACK, self._help),
            Statement(how=Stated.NOT_PAID, paid_minor=0, credits_back=True, way_out=self._helps),
        )

    def not_known(self) -> ShowScreen:
        """The dispenser cannot say what it moved."""
        return ShowScreen(
            "not_known",
            ("We are sorry: something went wrong.", "Your bank is told and will check this machine.", self._help),
            Statement(how=Stated.UNKNOWN, way_out=self._helps),
        )

    def retracted(self) -> ShowScreen:
        """The cash was left and drawn back."""
        return ShowScreen(
            "retracted",
            ("The cash was not taken and is kept.", "Your bank is told and will check.", self._help),
            Statement(how=Stated.UNKNOWN, way_out=self._helps),
        )

    def returning_notes(self, because: tuple[str, ...], states: Statement | None) -> ShowScreen:
        """Deposited notes go back; `states` is what the words in `because` do."""
        without_card = replace(states, card="") if states is not None else None
        return ShowScreen("returning_notes", (*because, "Please take back your notes."), without_card)

    def notes_returned(
        self, because: tuple[str, ...], states: Statement | None, *, card_is_kept: bool = False
    ) -> ShowScreen:
        """Deposited notes are back."""
        with_card = replace(states or Statement(), card=KEPT if card_is_kept else BACK)
        last = ("Your card is kept.", self._help) if card_is_kept else ("Please take your card.",)
        return ShowScreen("notes_returned", (*because, *last), with_card)

    def deposited(self, amount_minor: int) -> ShowScreen:
        """A deposit is done."""
        states = Statement(how=Stated.DONE, received_minor=amount_minor, card=BACK)
        return ShowScreen(
            "done", (f"Received with thanks: {self.amount(amount_minor)}.", "Please take your card."), states
        )

    def receipt(self, intent: Intent, local_time: str, says: tuple[str, ...], states: Statement | None) -> PrintReceipt:
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
        return PrintReceipt(intent.key, lines, states)


def _undone(service: Purpose) -> tuple[str, ...]:
    """What a customer must know of a service that did not come to its end."""
    if service is Purpose.WITHDRAWAL:
        return ("No cash was paid out.", *CREDIT_BACK)
    if service is Purpose.DEPOSIT:
        return ("Your notes are given back.",)
    if service is Purpose.PIN_CHANGE:
        return PIN_UNKNOWN
    return ("Nothing was done.", *CREDIT_BACK) if service in MOVES_MONEY else ("Nothing was done.",)


def _undone_states(service: Purpose) -> Statement:
    """What the words of `_undone` state."""
    if service is Purpose.WITHDRAWAL:
        return Statement(paid_minor=0, credits_back=True)
    return Statement(credits_back=service in MOVES_MONEY and service is not Purpose.DEPOSIT)
