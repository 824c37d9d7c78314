"""Terminal logs: what can only be judged in the order of one terminal's facts, as they go by.

STANs, repeats, what is sent while something is stored, and what the dispenser does before its approval.
A breach becomes an `Oddity` at once; `sequence` makes the verdict of them. Facts of two actors at one
instant have no order, so nothing here compares a terminal with another actor.
"""

from collections.abc import Callable

import msgspec

from atmbench.audit.cases import APPROVALS, APPROVED, MONEY_SERVICES, SERVICE_PURPOSES, Advice, Answer, Case
from atmbench.facts import CashPresented, MessageReceived, MessageSent, ReplyIgnored, TransactionEnded
from atmbench.messages.matching import STAN_MAX
from atmbench.messages.records import ADVICES, NETWORK, Outcome, Purpose

ODDITIES_MAX = 100
"""Breaches kept per terminal; the rest are counted."""
LINE_EVENTS_MAX = 10_000
"""Line events kept per terminal; repeated ones are folded before they count."""
STAN_WINDOW = STAN_MAX // 2
"""A STAN further ahead than this is one that went back."""
UNSENT_MAX = 1_000
SETTLED_MAX = 8

NETWORK_PURPOSES = frozenset(purpose.value for purpose in NETWORK)
SENDS_AWAY = frozenset({Outcome.HOST_UNAVAILABLE.value, Outcome.SIGN_ON_NEEDED.value})
ADVICE_PURPOSES = frozenset(purpose.value for purpose in ADVICES)


class Oddity(msgspec.Struct, frozen=True):
    """A breach of the order of things at one terminal."""

    key: str
    says: str
    facts: tuple[int, ...]


class Settled(msgspec.Struct, frozen=True):
    """An advice that is stored no more, and how often power had failed by then."""

    advice: Advice
    power_failures: int


class LineEvent(msgspec.Struct, frozen=True):
    """What a terminal noticed or did about a line: `what` is "sick", "chosen" or "signed_on"."""

    t: float
    what: str
    line: str


class TerminalLog(msgspec.Struct):
    """What is known of one terminal so far."""

    name: str
    sent: int = 0
    repeats: int = 0
    ignored: int = 0
    presentations: int = 0
    taken_minor: int = 0
    accepted_minor: int = 0
    turned_away: int = 0
    power_failures: int = 0
    line_events: list[LineEvent] = []
    line_events_lost: bool = False
    oddities: list[Oddity] = []
    oddities_beyond: int = 0
    # STANs
    stan: int = 0
    stan_travel: int = 0
    unsent: dict[int, str] = {}
    """STANs that were given to a request and not sent yet, with the key."""
    stored: dict[int, Advice] = {}
    """Advices neither accepted nor given up, by STAN."""
    settled_lately: dict[int, Settled] = {}
    """Advices that were accepted or given up, by STAN: power may fail before the terminal has forgotten them."""
    last_sent: MessageSent | None = None
    last_answer: Answer | None = None
    not_let_in: set[str] = set()
    """Lines over which it has connected, and no host has accepted its sign-on since, or one has sent it away."""
    sent_away: str = ""
    """Line of the last message, if that was a host's who does not serve this terminal."""
    sick_noted: tuple[str, int] = ("", 0)
    """Line and epoch of the last noted sickness."""

    def odd(self, key: str, says: str, *facts: int) -> None:
        """Note a breach."""
        if len(self.oddities) < ODDITIES_MAX:
            self.oddities.append(Oddity(key, says, facts))
        else:
            self.oddities_beyond += 1

    def take_stan(self, stan: int, key: str, number: int) -> None:
        """The terminal gave out a STAN: it must be ahead of the last one, rolling over after 999,999."""
        if not 1 <= stan <= STAN_MAX:
            self.odd(key, f"{self.name} gave out STAN {stan}, which is not within 1 to {STAN_MAX:,}", number)
            return
        ahead = (stan - self.stan) % STAN_MAX if self.stan else 1
        if not 1 <= ahead <= STAN_WINDOW:
            self.odd(key, f"{self.name} gave out STAN {stan:06d} after {self.stan:06d}", number)
            return
        self.stan = stan
        self.stan_travel += ahead
        if self.stan_travel > STAN_MAX:
            self.odd(key, f"{self.name} uses STAN {stan:06d} a second time in this run", number)

    def started(self, key: str, stan: int, number: int) -> None:
        """A customer's transaction got its STAN."""
        if self.last_sent is not None and self.last_sent.key == key:
            return
        self.take_stan(stan, key, number)
        if len(self.unsent) >= UNSENT_MAX:
            del self.unsent[next(iter(self.unsent))]
        self.unsent[stan] = key

    def queued(self, advice: Advice, number: int) -> None:
        """An advice was stored, with its STAN."""
        self.take_stan(advice.stan, advice.key, number)
        self.stored[advice.stan] = advice

    def line_up(self, line: str) -> None:
        """A connection stands, and nobody is signed on over it."""
        self.not_let_in.add(line)

    def answered(self, fact: MessageReceived) -> None:
        """A message of a host came: the one that lets the terminal in, perhaps, or sends it away."""
        self.sent_away = ""
        if fact.purpose == Purpose.SIGN_ON and fact.outcome == APPROVED:
            self.not_let_in.discard(fact.line)
        elif fact.outcome in SENDS_AWAY and fact.line not in self.not_let_in:
            self.not_let_in.add(fact.line)
            self.sent_away = fact.line

    def message_sent(self, fact: MessageSent, number: int) -> None:
        """A message left the terminal: first sending or repeat."""
        self.sent += 1
        stan, purpose = fact.stan, fact.purpose
        if fact.line in self.not_let_in and purpose not in NETWORK_PURPOSES:
            which = f"{self.name} sent a {purpose} (STAN {stan:06d}) over line {fact.line}"
            self.odd(fact.key, f"{which}, where no host had let it in, or one had sent it away", number)
        if purpose in ADVICE_PURPOSES:
            self._advice_sent(fact, number)
            return
        if purpose in MONEY_SERVICES and self.stored:
            waiting = next(iter(self.stored.values()))
            self.odd(
                fact.key,
                f"{self.name} sent a {purpose} request (STAN {stan:06d}) while the {waiting.purpose} with "
                f"STAN {waiting.stan:06d} was still stored",
                waiting.fact,
                number,
            )
        if stan not in self.unsent or self.unsent.pop(stan) != fact.key:
            last = self.last_sent
            if last is None or last.stan != stan or not _is_same(last, fact):
                self._take_stan_of(fact, number)
            else:
                self.repeats += 1
        if purpose in SERVICE_PURPOSES:
            self.last_sent = fact

    def _take_stan_of(self, fact: MessageSent, number: int) -> None:
        if fact.stan != self.stan:
            self.take_stan(fact.stan, fact.key, number)
            return
        self.odd(
            fact.key,
            f"{self.name} sent a {fact.purpose} message with STAN {fact.stan:06d}, which belongs to another message",
            number,
        )

    def _advice_sent(self, fact: MessageSent, number: int) -> None:
        advice = self.stored.get(fact.stan) or self._brought_back(fact.stan)
        if advice is None or advice.purpose != fact.purpose:
            self.odd(
                fact.key,
                f"{self.name} sent a {fact.purpose} (STAN {fact.stan:06d}) that was not in store-and-forward",
                number,
            )
            return
        advice.sendings += 1
        if advice.fields is None:
            advice.fields = fact.fields
            return
        self.repeats += 1
        if advice.fields != fact.fields:
            differ = sorted(
                (name for name in {*advice.fields, *fact.fields} if advice.fields.get(name) != fact.fields.get(name)),
                key=lambda name: (len(name), name),
            )
            self.odd(
                advice.key,
                f"{self.name} repeated the {advice.purpose} with STAN {fact.stan:06d}, and "
                f"{'field' if len(differ) == 1 else 'fields'} {', '.join(differ)} differ from its first sending",
                advice.fact,
                number,
            )

    def accepted(self, advice: Advice, attempts: int, number: int) -> None:
        """The terminal says after how many sendings an advice was accepted: not fewer than left it."""
        if 0 < attempts < advice.sendings:
            sendings = f"{attempts:,} sending{'' if attempts == 1 else 's'}"
            self.odd(
                advice.key,
                f"{self.name} counts {sendings} of the {advice.purpose} with STAN "
                f"{advice.stan:06d}, and {advice.sendings:,} left it: it counts only those that are answered",
                advice.fact,
                number,
            )

    def settled(self, stan: int) -> None:
        """An advice is accepted or given up: it is stored no more."""
        advice = self.stored.pop(stan, None)
        if advice is None:
            return
        lately = self.settled_lately
        lately[stan] = Settled(advice, self.power_failures)
        if len(lately) > SETTLED_MAX:
            lately.pop(next(iter(lately))).advice.fields = None

    def _brought_back(self, stan: int) -> Advice | None:
        """An advice that came back out of non-volatile memory: power failed between its settling and its erasure."""
        settled = self.settled_lately.get(stan)
        return settled.advice if settled is not None and settled.power_failures < self.power_failures else None

    def reply_ignored(self, fact: ReplyIgnored) -> None:
        """The core refused to act on the message that it was given just before, unless that could not be read at all.

        No time is compared: only in virtual time has a decision that of the message that it is about.
        """
        self.ignored += 1
        if fact.reason == "unreadable":
            return
        if self.sent_away == fact.line:
            self.not_let_in.discard(fact.line)
        answer = self.last_answer
        if answer is None:
            return
        if fact.stan in (0, answer.stan):
            answer.ignored = True

    def cash_presented(self, fact: CashPresented, case: Case, number: int, say: Callable[[int], str]) -> None:
        """Notes lie in the exit: a matched approval for at least this amount must have come, and still count.

        `say` makes text of an amount.
        """
        self.presentations += 1
        if case.ended_t is not None or case.reversals():
            what = "ended the transaction" if case.ended_t is not None else "stored its reversal"
            self.odd(case.key, f"{self.name} presented cash after it had {what}", number)
        good = [answer for answer in case.answers if not answer.ignored and answer.outcome in APPROVALS]
        if not good:
            came = "only replies it ignored or that declined" if case.answers else "no reply"
            self.odd(case.key, f"{self.name} presented cash with {came} for STAN {case.stan:06d}", number)
        elif not any(_covers(answer, case, fact.amount_minor) for answer in good):
            answer = good[-1]
            self.odd(
                case.key,
                f"{self.name} presented {say(fact.amount_minor)} of {say(case.asked_minor)} asked for, "
                f"on a reply over {say(answer.amount_minor)}",
                number,
            )

    def ended(self, fact: TransactionEnded, case: Case, number: int) -> None:
        """The terminal says what came of a transaction: approved needs a matched approval."""
        self.unsent.pop(case.stan, None)
        if fact.outcome == APPROVED and not case.is_approved:
            why = "had ignored every reply to it" if case.answers else "had no reply to it"
            self.odd(case.key, f"{self.name} ended STAN {case.stan:06d} as approved and {why}", number)

    def line_event(self, t: float, what: str, line: str, epoch: int) -> None:
        """Note a line event. Sickness of one line is noted once per `epoch` (time between two faults)."""
        if len(self.line_events) >= LINE_EVENTS_MAX:
            self.line_events_lost = True
            return
        if what == "sick":
            if self.sick_noted == (line, epoch):
                return
            self.sick_noted = (line, epoch)
        else:
            self.sick_noted = ("", 0)
        self.line_events.append(LineEvent(t, what, line))


def _is_same(first: MessageSent, second: MessageSent) -> bool:
    return first.purpose == second.purpose and first.key == second.key and first.fields == second.fields


def _covers(answer: Answer, case: Case, presented_minor: int) -> bool:
    """Whether an approval allows so much cash: the asked amount, or the lower one of a partial approval."""
    approved_minor = answer.amount_minor or case.asked_minor
    if answer.outcome == APPROVED and case.asked_minor and approved_minor != case.asked_minor:
        return False
    if case.asked_minor and approved_minor > case.asked_minor:
        return False
    return presented_minor <= approved_minor
