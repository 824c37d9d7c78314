"""One data centre of the host: what it answers, what it makes a record of, and what it never does twice.

The rules for repeats, reversals and late originals are those of iso8583 facts 1.8. Every decision that
changes anything becomes a journal record, is applied to this site's book and sent to the other site;
a site must never change its book in any other way.
"""

from collections.abc import Hashable, Set

import msgspec

from atmbench.facts import (
    Fact,
    KeysIssued,
    RepeatAnswered,
    SecurityRefused,
    StandInApproved,
    TombstoneHit,
)
from atmbench.host.advices import Advices, posts_at_completion
from atmbench.host.authorizer import Authorizer, Decision
from atmbench.host.book import Book
from atmbench.host.brake import SiteBrake
from atmbench.host.business_day import answered_day, is_of_another, posting_day
from atmbench.host.defects import amounts, days, matching, replication, risk, security
from atmbench.host.effects import HostEffect, Record, SendReply
from atmbench.host.journal import (
    Answered,
    ChipCounted,
    Held,
    JournalRecord,
    PinChanged,
    PinKeyCounted,
    Posted,
    StoodIn,
    Terms,
    Transaction,
)
from atmbench.host.misposts import Misposts, Numbers
from atmbench.host.off_time import off_time
from atmbench.host.replies import about, balance_told, content_of, issuer_answer, reply_to
from atmbench.host.roles import Role
from atmbench.host.security_module import SecurityModule
from atmbench.host.sessions import Sessions
from atmbench.host.settings import HostSettings
from atmbench.host.software import SiteSoftware
from atmbench.host.vault import Vault
from atmbench.messages.matching import transaction_key
from atmbench.messages.records import NETWORK, SERVICES, Outcome, Purpose, Reply, Request
from atmbench.messages.wall_clock import WallClock

_FOR_WANT = frozenset({Outcome.INSUFFICIENT_FUNDS, Outcome.AMOUNT_LIMIT, Outcome.COUNT_LIMIT})
"""How a request is declined that is right in all but the amount."""


class Site:
    """One site. What it makes goes into the vault, for itself and for the other site."""

    def __init__(
        self,
        name: str,
        settings: HostSettings,
        book: Book,
        authorizer: Authorizer,
        *,
        defects: Set[str],
        vault: Vault,
        brake: SiteBrake,
        module: SecurityModule | None = None,
        tells_balances: bool = False,
        clock: WallClock | None = None,
        first_day: str = "",
    ) -> None:
        self._first_day = first_day
        self._tells_balances = tells_balances
        self._settings = settings
        self._clock = clock
        self.name = name
        self.role = Role.STANDBY
        self.is_ready = True
        """Whether an active site can make records; until then it refuses, as a standby does."""
        self.book = book
        self.brake = brake
        self._authorizer = authorizer
        self._defects = defects
        self._vault = vault
        self._module = module
        self._duplicate_window_s: float | None = None
        self.sessions = Sessions(name, clock)
        self._approvals = 0
        self.misposts = Misposts(name, self.write)
        self._numbers = Numbers()
        self._advices = Advices(book, self.write, self.misposts, defects, first_day)
        self._advices.run(settings, authorizer)

    def run(self, software: SiteSoftware, authorizer: Authorizer) -> None:
        """Decide by another release from now on. What the book knows stays."""
        self._settings = software.settings
        self._duplicate_window_s = software.duplicate_window_s
        self._authorizer = authorizer
        self._advices.run(software.settings, authorizer)

    def become(self, role: Role) -> None:
        """Take a role. Only an active site keeps its sign-ons: after any change terminals sign on again."""
        self.role = role
        self.is_ready = self._vault.take_role(self.name, role)
        self.sessions.end_all()

    def on_hung_up(self, connection: Hashable) -> None:
        """A connection has ended, and with it the sessions of those who had signed on over it."""
        self.sessions.end(connection)

    def on_request(self, request: Request, now: float, connection: Hashable) -> list[HostEffect]:
        """Answer a message of a terminal. A site that is down answers nothing."""
        if self.role is Role.DOWN:
            return []
        purpose = request.purpose
        # A request for keys must get through without a MAC: its answer is of use to nobody but the terminal. All else
        # is refused for its MAC first: whatever else this site said could not be believed without the right key.
        is_broken = request.mac_agrees is False and purpose is not Purpose.KEY_EXCHANGE
        if is_broken and security.ACCEPT_ANY_MAC not in self._defects:
            return [self._refused_mac(request), SendReply(reply_to(request, Outcome.MAC_FAILED))]
        serves = self.role is Role.ACTIVE and self.is_ready
        if not (serves or self._echoes(purpose) or self._serves_wrongly()):
            return [SendReply(reply_to(request, Outcome.HOST_UNAVAILABLE))]
        if purpose in NETWORK:
            return self._manage(request, now, connection)
        if not self.sessions.has(connection, request.terminal):
            return [SendReply(reply_to(request, Outcome.SIGN_ON_NEEDED))]
        facts: list[Fact] = []
        if purpose in SERVICES:
            reply = self._serve_if_in_time(request, now, facts)
        elif request.original is None or not request.local_time:
            reply = reply_to(request, Outcome.FORMAT_ERROR)
        else:
            key = transaction_key(request.terminal, request.original.stan, request.local_time)
            if purpose is Purpose.REVERSAL and self._numbers.differ(key) and matching.REVERSE_BY_STAN in self._defects:
                key = self._numbers.latest(key)
            advise = self._advices.reverse if purpose is Purpose.REVERSAL else self._advices.complete
            reply = advise(key, request, now, facts)
        effects: list[HostEffect] = [Record(self.name, fact) for fact in facts]
        effects.append(SendReply(reply))
        return effects

    def _echoes(self, purpose: Purpose) -> bool:
        return purpose is Purpose.ECHO and self.role is not Role.ISOLATED

    def _serves_wrongly(self) -> bool:
        return self.role is Role.STANDBY and replication.SERVE_AS_STANDBY in self._defects

    def _manage(self, request: Request, now: float, connection: Hashable) -> list[HostEffect]:
        if request.purpose is Purpose.SIGN_ON:
            self.sessions.sign_on(connection, request)
            day = self.book.day
            told = [self.sessions.announce(day, request, connection, now)] if day else []
            return [SendReply(reply_to(request, Outcome.APPROVED)), *told]
        elif request.purpose is Purpose.SIGN_OFF:
            self.sessions.sign_off(connection, request.terminal)
        elif request.purpose is Purpose.KEY_EXCHANGE:
            return self._give_keys(request, now)
        return [SendReply(reply_to(request, Outcome.APPROVED))]

    def _give_keys(self, request: Request, now: float) -> list[HostEffect]:
        if self._module is None:
            return [SendReply(reply_to(request, Outcome.INVALID_TRANSACTION))]
        terminal, stan = request.terminal, request.stan
        if not self._module.knows(terminal):
            return [SendReply(reply_to(request, Outcome.NOT_PERMITTED))]
        effects: list[HostEffect] = []
        keys = self._module.given_before(terminal, stan)
        if keys is None:
            keys = self._module.exchange(self.name, terminal, stan, now)
            issued = KeysIssued(terminal=terminal, pin_check=keys.pin_check, mac_check=keys.mac_check)
            effects.append(Record(self.name, issued))
        effects.append(SendReply(msgspec.structs.replace(reply_to(request, Outcome.APPROVED), keys=keys)))
        return effects

    def _refused_mac(self, request: Request) -> Record:
        because = "the MAC does not agree with any key that this site has for the terminal"
        key = about(request)
        return Record(self.name, SecurityRefused(what="mac", terminal=request.terminal, because=because, key=key))

    def advise(self, transaction: Transaction) -> Outcome:
        """What the core of this site makes of an approval in stand-in."""
        return self._authorizer.advise(transaction)

    def write(self, record: JournalRecord, now: float, facts: list[Fact]) -> None:
        """Make a record: for the book of this site, and for the others. What it changed is added to `facts`."""
        changed = self.book.apply(record)
        facts += changed
        if isinstance(record, StoodIn) and risk.STAND_IN_UNREPLICATED in self._defects:
            return
        self._vault.keep(record, changed, now)

    # --- requests for a service ------------------------------------------------------------------

    def _serve_if_in_time(self, request: Request, now: float, facts: list[Fact]) -> Reply:
        found = off_time(request, self._settings, self._clock, now)
        if found is not None:
            facts.append(found)
            if found.refused:
                return reply_to(request, Outcome.FORMAT_ERROR)
        return self._serve(self._authorizer.with_pan(request), now, facts)

    def _serve(self, request: Request, now: float, facts: list[Fact]) -> Reply:
        key = transaction_key(request.terminal, request.stan, request.local_time)
        known = self.book.transactions.get(key)
        if known is None and self._numbers.clash(key) and matching.ANSWER_ANY_TERMINAL in self._defects:
            return self._as_the_latest(key, request)
        late = False
        if known is not None:
            if known.answer is not None:
                return self._answer_again(key, known, known.answer, request, now, facts)
            if not known.overtaken:
                # A completion told of it: the other site has answered it, and that answer is on its way here.
                return reply_to(request, Outcome.DUPLICATE)
            late = True
            if matching.POST_LATE_ORIGINAL not in self._defects:
                facts.append(TombstoneHit(key=key))
                reply = reply_to(request, Outcome.TOO_LATE)
                self.write(Answered(key, self.name, reply, content_of(request), now, None), now, facts)
                return reply
        decision = self._decide(request, now)
        reply = self._reply_to_service(request, decision)
        if not request.local_time:
            return reply
        self.write(self._service_record(key, request, decision, reply, now, late), now, facts)
        self._numbers.note(key)
        self._note_declined(key, request, decision, now, facts)
        self._note_secrets(key, request, decision, now, facts)
        self._note_risk(key, decision, now, facts)
        if self._tells_balances and decision.account:
            unposted_minor = self.book.ledger.unposted.get(decision.account, 0)
            if unposted_minor and days.TELL_STALE_AS_CURRENT in self._defects:
                unposted_minor = 0
            facts.append(balance_told(key, decision.account, decision.balances, unposted_minor))
        if late and decision.terms is not None:
            self.misposts.post(key, decision.terms, now, facts)
        return reply

    def _decide(self, request: Request, now: float) -> Decision:
        stopped = self.brake.is_on and request.purpose is Purpose.WITHDRAWAL
        if stopped and not (not self.book.unheard.core_is_up and risk.BRAKE_SPARES_STAND_IN in self._defects):
            return Decision(self.brake.declines_with)
        return self._authorizer.decide(request, now)

    def _as_the_latest(self, key: str, request: Request) -> Reply:
        """The answer of another terminal, under the name of this one."""
        answer = self.book.transactions[self._numbers.latest(key)].answer
        assert answer is not None, "only what was answered is noted"
        return msgspec.structs.replace(answer.reply, terminal=request.terminal)

    def _note_declined(self, key: str, request: Request, decision: Decision, now: float, facts: list[Fact]) -> None:
        if decision.outcome not in _FOR_WANT or amounts.POST_DECLINED not in self._defects:
            return
        card = self._authorizer.card_of(request)
        terms = self._authorizer.terms(card, request, request.purpose) if card is not None else None
        if isinstance(terms, Terms):
            self.misposts.post(key, terms, now, facts)

    def _note_risk(self, key: str, decision: Decision, now: float, facts: list[Fact]) -> None:
        """What was approved without the core is told apart, and the brake looks at what a withdrawal left."""
        terms = decision.terms
        if terms is None or terms.service is not Purpose.WITHDRAWAL:
            return
        if decision.stands_in:
            facts.append(StandInApproved(key=key, account=terms.debit, amount_minor=terms.amount_minor))
        if self.brake.is_watching:
            left_minor = 0 if decision.stands_in else self.book.ledger.available(terms.debit)
            above_minor = min(max(-left_minor, 0), terms.amount_minor)
            facts += self.brake.saw(terms.debit, terms.amount_minor, above_minor, now)

    def _note_secrets(self, key: str, request: Request, decision: Decision, now: float, facts: list[Fact]) -> None:
        """What a decision means beside the money: counters of chip and PIN pad, a new PIN, and what was refused."""
        if decision.chip is not None:
            self.write(ChipCounted(key, self.name, request.pan, decision.chip.atc), now, facts)
        if decision.pin_counter:
            self.write(PinKeyCounted(key, self.name, request.terminal, decision.pin_counter), now, facts)
        if decision.new_pin:
            self.write(PinChanged(key, self.name, request.pan, decision.new_pin, now), now, facts)
        if decision.refused is not None:
            what, because = decision.refused
            facts.append(SecurityRefused(what=what, terminal=request.terminal, because=because, key=key))

    def _service_record(
        self, key: str, request: Request, decision: Decision, reply: Reply, now: float, late: bool
    ) -> Answered:
        terms, pin_right = decision.terms, decision.pin_right
        if terms is None or late:
            return Answered(key, self.name, reply, content_of(request), now, pin_right)
        if request.repeat:
            terms = msgspec.structs.replace(terms, business_day=posting_day(request, self.book.days, self._first_day))
        kind: type[Posted] = Held if posts_at_completion(self._settings.post_at, terms.service) else Posted
        if decision.stands_in:
            kind = StoodIn
        return kind(key, self.name, reply, content_of(request), now, pin_right, terms)

    def _reply_to_service(self, request: Request, decision: Decision) -> Reply:
        approval_code, approved = "", decision.outcome is Outcome.APPROVED
        day = posting_day(request, self.book.days, self._first_day)
        if approved:
            self._approvals += 1
            approval_code = f"{self._approvals % 1_000_000:06d}"
        return Reply(
            purpose=request.purpose,
            terminal=request.terminal,
            stan=request.stan,
            outcome=decision.outcome,
            code="",
            local_time=request.local_time,
            rrn=request.rrn,
            amount_minor=request.amount_minor,
            currency=request.currency,
            approval_code=approval_code,
            balances=decision.balances,
            statement=decision.statement,
            chip=issuer_answer(decision.chip.answer) if decision.chip is not None else "",
            business_day=answered_day(request, day, self._first_day),
            day_advanced=approved and bool(self.book.day) and is_of_another(request, day, self._first_day),
        )

    def _answer_again(
        self, key: str, known: Transaction, answer: Answered, request: Request, now: float, facts: list[Fact]
    ) -> Reply:
        if content_of(request) != answer.content:
            return reply_to(request, Outcome.DUPLICATE)
        if self._duplicate_window_s is not None and now - answer.at > self._duplicate_window_s:
            if known.posted is not None:
                self.misposts.post(key, known.posted.terms, now, facts)
            return answer.reply
        facts.append(RepeatAnswered(key=key, purpose=request.purpose))
        copied = known.posted is not None and not request.repeat and matching.POST_COPY_WITHOUT_DIGIT in self._defects
        if known.posted is not None and (copied or matching.DOUBLE_POST_REPEAT in self._defects):
            self.misposts.post(key, known.posted.terms, now, facts)
        return answer.reply
