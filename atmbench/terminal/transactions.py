"""Transactions: from the customer's wish to the host's answer, for every service.

What follows an approval is told by `withdrawal`, `deposit` and, where nothing physical is owed, here. A reply
gets here only if `outstanding` has matched it. Nothing is sent before it is known that it could be paid.
"""

from msgspec.structs import replace

from atmbench.errors import LocalError
from atmbench.facts import TransactionStarted
from atmbench.facts.statements import Stated, Statement
from atmbench.messages.masking import mask_pan
from atmbench.messages.matching import rrn_of, transaction_key
from atmbench.messages.moments import is_same_day
from atmbench.messages.records import MOVES_MONEY, SERVICES, Balance, Outcome, Purpose, Reason, Reply, Request
from atmbench.terminal import screens, settlement
from atmbench.terminal.defects import told as planted
from atmbench.terminal.defects.answers import PAY_ON_HOST_UNAVAILABLE
from atmbench.terminal.defects.sessions import KEEP_CARD_UNANSWERED
from atmbench.terminal.deposit import CANCELLED, Deposit
from atmbench.terminal.effects import CountDeposit, ShowScreen
from atmbench.terminal.inputs import DepositCounted, TransactionAsked
from atmbench.terminal.memory import Intent, Stage
from atmbench.terminal.outstanding import NEVER, Outstanding, Waiting
from atmbench.terminal.session import Card, Session
from atmbench.terminal.settings import Unanswered
from atmbench.terminal.settlement import Ending
from atmbench.terminal.states import HEEDS_CANCEL, Move, State
from atmbench.terminal.withdrawal import Withdrawal


class Transactions:
    """Asks the host for what customers want, and acts on what it says."""

    def __init__(self, session: Session, withdrawal: Withdrawal, deposit: Deposit, outstanding: Outstanding) -> None:
        self._session = session
        self._cabinet = session.cabinet
        self._withdrawal = withdrawal
        self._deposit = deposit
        self._outstanding = outstanding
        self._track2 = ""
        self._unanswered: Waiting | None = None
        """What is to be asked again as soon as another line is there."""
        self._balances_before: tuple[Balance, ...] = ()
        """What the last inquiry here had brought. Nobody who is sound asks for it."""

    # --- the wish -------------------------------------------------------------------------------

    def on_asked(self, asked: TransactionAsked, line: str, now: float) -> None:
        """A customer wants something; the terminal is free. Raises LocalError for what is no service."""
        if asked.service not in SERVICES:
            raise LocalError(f"a customer asked for {asked.service}; expected one of {', '.join(sorted(SERVICES))}")
        session = self._session
        session.card = Card.GONE if self._cabinet.is_client else Card.INSIDE
        if asked.service is Purpose.WITHDRAWAL and not self._withdrawal.can_pay(asked.amount_minor):
            self._turn_down(asked.amount_minor, now)
            return
        request = self._request(asked, now)
        is_deposit = asked.service is Purpose.DEPOSIT
        stage = Stage.COUNTING if is_deposit else Stage.AUTHORISING
        key = transaction_key(request.terminal, request.stan, request.local_time)
        session.remember(Intent(key=key, stage=stage, request=request))
        self._cabinet.record(
            TransactionStarted(
                key=key,
                service=request.purpose,
                stan=request.stan,
                amount_minor=request.amount_minor,
                card=mask_pan(request.pan),
            )
        )
        self._track2 = "" if self._cabinet.is_client else asked.track2
        if is_deposit:
            session.move(Move.NOTES_OFFERED)
            session.deadline = now + session.timers.dispense_s
            session.show(screens.COUNTING)
            self._cabinet.ask(CountDeposit(key, asked.deposit_notes))
            return
        session.move(Move.ASKED)
        self._ask_host(line, now)

    def _turn_down(self, amount_minor: int, now: float) -> None:
        session = self._session
        session.turn_away(f"the notes cannot make up {session.screens.amount(amount_minor)}", Purpose.WITHDRAWAL)
        near = self._withdrawal.cassettes.near(amount_minor)
        session.part(Move.TURNED_DOWN, "", now, session.screens.cannot_pay(amount_minor, near))

    def _request(self, asked: TransactionAsked, now: float) -> Request:
        """The message to send, without the track: this one may be remembered."""
        cabinet = self._cabinet
        stan = cabinet.next_stan()
        local_time = cabinet.local_time(now)
        identity = cabinet.settings.identity
        return Request(
            purpose=asked.service,
            service=asked.service,
            terminal=cabinet.name,
            stan=stan,
            transmitted=cabinet.transmitted(now),
            local_time=local_time,
            rrn=rrn_of(local_time, stan),
            amount_minor=0 if asked.service is Purpose.DEPOSIT else asked.amount_minor,
            currency=cabinet.currency,
            pan=asked.pan,
            from_account=asked.from_account,
            to_account=asked.to_account,
            payee=asked.payee,
            acquirer=identity.acquirer,
            merchant=identity.merchant,
            location=identity.location,
            business_day=cabinet.business_day,
        )

    def _ask_host(self, line: str, now: float) -> None:
        session = self._session
        intent = session.open_intent()
        request = intent.request
        session.show(screens.PLEASE_WAIT)
        amount = f" {session.screens.amount(request.amount_minor)}" if request.amount_minor else ""
        session.journal(f"{request.purpose.upper()}{amount} CARD {mask_pan(request.pan)}", now)
        self._send(request, line, now)

    def _send(self, request: Request, line: str, now: float) -> None:
        """Send a request with the track, which is then forgotten, unless it may be asked again."""
        session = self._session
        until, secret = now + session.timers.reply_s, replace(request, track2=self._track2)
        if request.repeat or not session.settings.failover.repeats_request:
            self._track2 = ""
        session.waiting = self._outstanding.send(request, line, until, session.open_intent().key, secret)

    def on_line(self, line: str, now: float) -> None:
        """A line is in use: ask again over it what another has left without an answer."""
        before = self._unanswered
        if before is not None and line != before.line:
            self._unanswered = None
            self._session.deadline = NEVER
            self._session.journal(f"ASKED AGAIN OVER {line.upper()}", now)
            self._send(replace(before.request, repeat=True), line, now)

    def on_deposit_counted(self, given: DepositCounted, line: str, now: float) -> None:
        """The escrow has counted: ask the host for this amount, or give the notes back."""
        session = self._session
        if session.state is not State.COUNTING_DEPOSIT:
            return
        amount_minor = sum(value * number for value, number in given.notes.items())
        if amount_minor <= 0:
            self._deposit.give_back(
                Move.NOTES_UNCOUNTED, Ending(outcome="cancelled"), now, "No note could be read.", states=CANCELLED
            )
        elif not line:
            self._deposit.give_back(
                Move.NOTES_NOT_APPROVED,
                Ending(outcome="cancelled"),
                now,
                "We could not reach your bank.",
                states=Statement(how=Stated.SILENT),
            )
        else:
            intent = session.open_intent()
            request = replace(intent.request, amount_minor=amount_minor)
            session.remember(replace(intent, stage=Stage.AUTHORISING, request=request))
            session.move(Move.NOTES_COUNTED)
            self._ask_host(line, now)

    # --- the answer -----------------------------------------------------------------------------

    def on_reply(self, waiting: Waiting, reply: Reply, now: float) -> None:
        """The host has answered the open transaction."""
        session = self._session
        session.waiting = None
        self._track2 = ""
        session.code = reply.code
        intent = session.intent = self._in_day(session.open_intent(), reply)
        says = f"REPLY {reply.code} {reply.outcome.replace('_', ' ').upper()}"
        session.journal(f"{says} AUTH {reply.approval_code}" if reply.approval_code else says, now)
        if reply.card_accepts is False:
            self._refuse_for_card(now)
        elif self._is_approved(reply):
            amount_minor = intent.request.amount_minor
            if reply.outcome is Outcome.PARTIALLY_APPROVED and reply.amount_minor is not None:
                amount_minor = reply.amount_minor
            session.intent = intent = replace(intent, approved_minor=amount_minor, approval_code=reply.approval_code)
            if intent.request.purpose is Purpose.WITHDRAWAL:
                self._withdrawal.on_approved(now)
            elif intent.request.purpose is Purpose.DEPOSIT:
                self._deposit.on_approved(now)
            else:
                self._serve(intent, reply, now)
        else:
            self._decline(waiting, reply, now)

    def _in_day(self, intent: Intent, reply: Reply) -> Intent:
        """The open transaction belongs to the day that the host says, where terminal and host know of days."""
        request = intent.request
        if not (request.business_day and reply.business_day) or is_same_day(request.business_day, reply.business_day):
            return intent
        return replace(intent, request=replace(request, business_day=reply.business_day))

    def _refuse_for_card(self, now: float) -> None:
        """The chip does not know the answer as its issuer's (iso8583 facts 4.8): nothing is given, all is undone."""
        session = self._session
        intent = session.open_intent()
        service = intent.request.purpose
        session.journal("THE CARD REFUSED THE ANSWER", now)
        is_reversed = service in MOVES_MONEY
        ending = (
            settlement.reversed_fully("declined", Reason.INVALID_ANSWER) if is_reversed else Ending(outcome="declined")
        )
        screen = session.screens.card_refused(service)
        if service is Purpose.DEPOSIT:
            self._deposit.give_back(Move.NOTES_NOT_APPROVED, ending, now, *screen.lines[:-1], states=screen.states)
            return
        session.close(ending, now)
        if is_reversed:
            session.receipt(intent, now, *screen.lines[:-1], states=screen.states)
        session.part(Move.DECLINED, intent.key, now, screen)

    def _is_approved(self, reply: Reply) -> bool:
        if reply.outcome is Outcome.APPROVED:
            return True
        if reply.outcome is Outcome.HOST_UNAVAILABLE and PAY_ON_HOST_UNAVAILABLE in self._cabinet.defects:
            return True
        if reply.outcome is not Outcome.PARTIALLY_APPROVED or not self._cabinet.settings.accept_partial_approval:
            return False
        is_withdrawal = self._session.open_intent().request.purpose is Purpose.WITHDRAWAL
        return is_withdrawal and bool(reply.amount_minor)

    def _serve(self, intent: Intent, reply: Reply, now: float) -> None:
        """Approved, and nothing physical is owed. Forgotten before the customer is told: what was said stands."""
        session = self._session
        if intent.request.purpose in MOVES_MONEY:
            session.remember_stage(Stage.COMPLETED)
        session.write_off(Ending(outcome="approved"))
        screen = self._told_done(intent, reply)
        says = (*screen.lines[1:-1], f"Approved {reply.approval_code}".rstrip())
        session.receipt(intent, now, *says, states=screen.states)
        session.part(Move.SERVED, intent.key, now, screen)

    def _told_done(self, intent: Intent, reply: Reply) -> ShowScreen:
        """The screen of a service that was approved; planted defects show another."""
        made, defects = self._session.screens, self._cabinet.defects
        if intent.request.purpose in MOVES_MONEY and planted.CALL_DONE_FAILED in defects:
            return made.declined(Outcome.DECLINED, is_reversed=False, card_is_kept=False)
        before, self._balances_before = self._balances_before, reply.balances
        if before and before != reply.balances and planted.TELL_LAST_BALANCE in defects:
            reply = replace(reply, balances=before)
        return made.done(reply, intent.request)

    def _told_declined(self, service: Purpose, reply: Reply, *, is_reversed: bool, keep: bool) -> ShowScreen:
        """The screen of one that was declined; planted defects show another."""
        made, defects = self._session.screens, self._cabinet.defects
        is_transfer = service in MOVES_MONEY and service not in (Purpose.WITHDRAWAL, Purpose.DEPOSIT)
        if is_transfer and planted.CALL_DECLINED_DONE in defects:
            return made.done(reply, self._session.open_intent().request)
        if not keep and not self._cabinet.is_client and planted.CALL_CARD_KEPT in defects:
            return made.declined(reply.outcome, is_reversed, card_is_kept=True)
        return made.declined(reply.outcome, is_reversed, keep)

    def _told_silence(self, intent: Intent) -> ShowScreen:
        """The screen of one that got no answer; planted defects show another."""
        made, defects, request = self._session.screens, self._cabinet.defects, intent.request
        if request.purpose is not Purpose.WITHDRAWAL:
            return made.no_answer(request.purpose)
        if planted.BLAME_FUNDS_WHEN_SILENT in defects:
            return made.declined(Outcome.INSUFFICIENT_FUNDS, is_reversed=True, card_is_kept=False)
        if planted.TAKE_CASH_WHEN_SILENT in defects:
            return made.take_cash(request.amount_minor, request.amount_minor)
        return made.no_answer(request.purpose)

    def _decline(self, waiting: Waiting, reply: Reply, now: float) -> None:
        """No approval: reversed where the host may have posted all the same (iso8583 facts 1.4)."""
        session = self._session
        intent = session.open_intent()
        service = intent.request.purpose
        response = self._cabinet.responses(reply.code)
        # That a MAC failed is believed without a MAC, so it may be a lie: it is reversed whatever the dialect lists.
        # A site that declines a repeat may not know yet that the other one has posted what was first asked.
        is_doubtful = waiting.request.repeat or reply.outcome in (Outcome.PARTIALLY_APPROVED, Outcome.MAC_FAILED)
        is_reversed = (response.reverse or is_doubtful) and service in MOVES_MONEY
        ending = Ending(outcome="declined")
        if is_reversed:
            ending = settlement.reversed_fully("declined", Reason.INVALID_ANSWER)
        elif service in MOVES_MONEY:
            waiting.reversible = intent
        keep = response.card == "retain" and not self._cabinet.is_client
        screen = self._told_declined(service, reply, is_reversed=is_reversed, keep=keep)
        because = f"code {reply.code}" if keep else ""
        if service is Purpose.DEPOSIT:
            self._deposit.give_back(
                Move.NOTES_NOT_APPROVED, ending, now, *screen.lines[:-1], states=screen.states, keep_card=because
            )
            return
        session.close(ending, now)
        if is_reversed:
            session.receipt(intent, now, *screen.lines[:-1], states=screen.states)
        session.part(Move.DECLINED, intent.key, now, screen, keep_card=because)

    def on_silence(self, waiting: Waiting, now: float) -> None:
        """No valid answer came on this line; a terminal that repeats its requests waits for another one."""
        session = self._session
        session.waiting = None
        if session.settings.failover.repeats_request and not waiting.request.repeat:
            self._unanswered = waiting
            session.deadline = now + session.timers.reply_s
        else:
            self._give_up(waiting, now)

    def on_time(self, now: float) -> None:
        """There is no other line, or none in time."""
        waiting, self._unanswered = self._unanswered, None
        assert waiting is not None, "nothing else has a deadline here"
        self._give_up(waiting, now)

    def _give_up(self, waiting: Waiting, now: float) -> None:
        """No valid answer came, and none will be taken any more (1.10: full reversal)."""
        session = self._session
        self._track2 = ""
        intent = session.open_intent()
        service = intent.request.purpose
        session.journal("NO VALID ANSWER", now)
        reason = Reason.INVALID_ANSWER if waiting.is_spoiled else Reason.NO_ANSWER
        ending = settlement.reversed_fully("no_answer", reason)
        screen = self._told_silence(intent)
        if service is Purpose.DEPOSIT:
            kept = self._kept_unanswered()
            self._deposit.give_back(
                Move.NOTES_NOT_APPROVED, ending, now, screen.lines[0], states=screen.states, keep_card=kept
            )
            return
        session.close(ending, now)
        if service in MOVES_MONEY:
            session.receipt(intent, now, *screen.lines, states=screen.states)
        session.part(Move.NO_ANSWER, intent.key, now, screen, keep_card=self._kept_unanswered())

    def _kept_unanswered(self) -> str:
        """Why the card of a customer without an answer is kept; empty if it goes back."""
        if self._cabinet.is_client:
            return ""
        is_kept = self._session.settings.card_unanswered is Unanswered.KEEP
        return "no answer" if is_kept or KEEP_CARD_UNANSWERED in self._cabinet.defects else ""

    def on_cancelled(self, now: float) -> None:
        """The customer pressed cancel: heeded until cash may move, or while notes are with the host's decision."""
        session = self._session
        if session.state not in HEEDS_CANCEL:
            return
        session.stop_waiting()
        self._unanswered, self._track2 = None, ""
        intent = session.open_intent()
        service = intent.request.purpose
        session.journal("CANCELLED BY CUSTOMER", now)
        ending = settlement.reversed_fully("cancelled", Reason.CANCELLED)
        if service is Purpose.DEPOSIT:
            self._deposit.give_back(Move.NOTES_NOT_APPROVED, ending, now, "You have cancelled.", states=CANCELLED)
            return
        session.close(ending, now)
        session.part(Move.CANCELLED, intent.key, now, session.screens.cancelled(service))
