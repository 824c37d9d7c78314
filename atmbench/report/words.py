"""Words: one fact as one line that a tester understands. Facts without a word are not worth a line."""

from collections.abc import Callable
from typing import Any

from atmbench import facts, money
from atmbench.facts import Fact

ACTOR_WIDTH = 8

ANSWER_TO = {
    "late": "came too late",
    "unmatched": "fits no outstanding request",
    "unreadable": "cannot be read",
    "other_terminal": "is for another terminal",
    "other_amount": "carries another amount",
    "other_transaction": "is about another transaction",
}

REFUSED_FOR = {"mac": "MAC", "pin_key": "PIN key", "key_serial": "key serial number", "chip": "chip"}

SHED_FOR = {
    "full": "no place was left",
    "stale": "it had waited too long",
    "sign_ons": "too many sign-ons within a second",
    "stopped": "the site went dark",
    "stood_down": "the site was taken off duty",
}


class Teller:
    """Tells facts in the currency and with the site names of one run."""

    def __init__(self) -> None:
        self.currency = ""
        self.sites: dict[str, str] = {}
        """Line to site."""
        self._site_names: set[str] = set()
        self._words: dict[type, Callable[[Any], str]] = {
            facts.StepPerformed: lambda fact: f"step {fact.command}{_detail(fact.detail)}",
            facts.HealStarted: lambda fact: "everything is mended from here on",
            facts.FaultStarted: lambda fact: f"{fact.kind} {fact.name!r} begins{_detail(fact.detail)}",
            facts.FaultEnded: lambda fact: f"{fact.name!r} is mended",
            facts.FrameDisturbed: self._frame_disturbed,
            facts.LineLost: lambda fact: f"lost line {fact.line}: {fact.because}",
            facts.DialFailed: lambda fact: f"could not dial {fact.line}: {fact.because}",
            facts.CallFailed: lambda fact: f"tried in vain to call over {fact.line}: {fact.because}",
            facts.LineSuspected: lambda fact: f"suspects line {fact.line}: {fact.missed} replies missed",
            facts.LineChosen: lambda fact: f"moves from {fact.previous or 'no line'} to {fact.line}: {fact.because}",
            facts.SignedOn: lambda fact: f"signed on over {fact.line}",
            facts.SignedOff: lambda fact: f"signed off over {fact.line}{'' if fact.answered else ', unanswered'}",
            facts.MessageSent: self._message_sent,
            facts.MessageNotSent: lambda fact: (
                f"could not seal {_plain(fact.purpose)} {fact.stan:06d}, and did not send it: {fact.because}"
            ),
            facts.MessageReceived: self._message_received,
            facts.FrameRefused: lambda fact: f"got {fact.size} bytes it cannot read over {fact.line}: {fact.because}",
            facts.ReplyIgnored: self._reply_ignored,
            facts.TransactionStarted: self._transaction_started,
            facts.TransactionEnded: lambda fact: f"ended it as {_plain(fact.outcome)}{_code(fact.code)}",
            facts.ReceiptPrinted: lambda fact: "printed a receipt",
            facts.ReceiptFailed: lambda fact: f"could not print the receipt ({fact.error}): {fact.because}",
            facts.JournalWritten: lambda fact: f"journal: {fact.line}",
            facts.AdviceQueued: self._advice_queued,
            facts.AdviceAccepted: self._advice_accepted,
            facts.ExceptionOpened: lambda fact: f"opened an exception, {_plain(fact.kind)}: {fact.because}",
            facts.PowerFailed: lambda fact: f"lost power ({fact.during})",
            facts.PowerRestored: lambda fact: f"has power again, {fact.stored_messages} messages stored",
            facts.CashPresented: lambda fact: f"presented {self.amount(fact.amount_minor)}",
            facts.CashTaken: lambda fact: f"customer took {self.amount(fact.amount_minor)}",
            facts.CashRetracted: lambda fact: f"retracted {self.amount(fact.amount_minor)}",
            facts.CashPurged: lambda fact: f"cleared {self.amount(fact.amount_minor)} from the transport",
            facts.DispenseFailed: lambda fact: (
                f"dispensed {self.amount(fact.moved_minor)} of {self.amount(fact.asked_minor)}: {fact.because}"
            ),
            facts.CashAccepted: lambda fact: f"took {self.amount(fact.amount_minor)} of notes into the bin",
            facts.CashReturned: lambda fact: f"gave {self.amount(fact.amount_minor)} of notes back",
            facts.CardEjected: lambda fact: "offered the card",
            facts.CardTaken: lambda fact: "customer took the card",
            facts.CardRetained: lambda fact: f"kept the card: {fact.because}",
            facts.DeviceFailed: lambda fact: f"{_plain(fact.device)}: {fact.error}: {fact.because}",
            facts.DeviceStateChanged: lambda fact: (
                f"{_plain(fact.device)} is {fact.state}{f': {fact.because}' if fact.because else ''}"
            ),
            facts.EntryPosted: self._entry_posted,
            facts.EntryLost: lambda fact: f"has the entry {fact.entry} no more: its database came back without it",
            facts.TombstoneLaid: lambda fact: "got a reversal without its original, and will refuse the original",
            facts.TombstoneHit: lambda fact: "refused the original: its reversal had come before",
            facts.RepeatAnswered: lambda fact: f"knew this {_plain(fact.purpose)} and gave the stored answer",
            facts.HoldPlaced: lambda fact: f"holds {self.amount(fact.amount_minor)} on {fact.account}",
            facts.HoldReleased: lambda fact: f"released {self.amount(fact.amount_minor)} on {fact.account}",
            facts.BalanceTold: lambda fact: f"told the balance of {fact.account}: {self.amount(fact.ledger_minor)}",
            facts.SecurityRefused: lambda fact: (
                f"refused it for its {REFUSED_FOR.get(fact.what, fact.what)}: {fact.because}"
            ),
            facts.KeysIssued: lambda fact: (
                f"gave {fact.terminal} new keys (check values {fact.pin_check} for PINs, {fact.mac_check} for MACs)"
            ),
            facts.KeysLoaded: self._keys_loaded,
            **self._of_sites(),
            **self._of_cores(),
        }

    def _of_sites(self) -> dict[type, Callable[[Any], str]]:
        return {
            facts.RecordDisturbed: lambda fact: (
                f"{fact.name!r} ({fact.kind}) between the sites, {_plain(fact.record)}: {fact.what}"
            ),
            facts.BalanceOverwritten: lambda fact: (
                f"{fact.account} was {self.amount(fact.was_minor)}, and is {self.amount(fact.now_minor)} as site "
                f"{fact.origin} has it"
            ),
            facts.SiteAlarmRaised: lambda fact: f"raises an alarm for site {fact.site}: {fact.because}",
            facts.PromotionRefused: lambda fact: f"does not become active: {fact.because}",
            facts.SiteRebuilt: lambda fact: (
                f"site {fact.site} has lost its book and begins with that of site {fact.like}"
            ),
            facts.SitesCompared: self._sites_compared,
            facts.ReleaseDeployed: lambda fact: f"runs release {fact.release} from now on, after {fact.before}",
            facts.ReleaseRolledBack: lambda fact: f"runs release {fact.release} again, and no more {fact.before}",
            facts.SiteRoleChanged: lambda fact: f"site {fact.site} is {fact.role}: {fact.because}",
            facts.BusinessDayBegan: lambda fact: f"is in business day {fact.day}, after {fact.before}: {fact.because}",
            facts.BusinessDayTaken: lambda fact: (
                f"counts in business day {fact.day}, as it heard over {fact.line}"
                f"{'' if fact.announced else ' from an answer'}"
            ),
            facts.TransmittedOffTime: lambda fact: (
                f"found DE7 {abs(fact.off_s):g} s {'ahead of' if fact.off_s > 0 else 'behind'} its clock"
                f"{', and refused it' if fact.refused else ''}"
            ),
            facts.ClockStepped: lambda fact: f"has its clock set by {fact.by_s:+} s, to {fact.shows}",
            facts.CapacityStated: _capacity_stated,
            facts.RequestShed: _request_shed,
        }

    def _of_cores(self) -> dict[type, Callable[[Any], str]]:
        return {
            facts.CoreChanged: lambda fact: (
                f"the core of site {fact.site} is back" if fact.up else f"the core of site {fact.site} is away"
            ),
            facts.StandInApproved: lambda fact: (
                f"approved {self.amount(fact.amount_minor)} of {fact.account} without its core"
            ),
            facts.CoreAdvised: self._core_advised,
            facts.CoreAnswered: lambda fact: f"its core has taken the {_plain(fact.purpose)}: {_plain(fact.outcome)}",
            facts.BrakeAlert: self._brake_alert,
            facts.AlertFired: lambda fact: f"alert {fact.alert}: {fact.because}, and it is {fact.value:g}",
            facts.AlertCleared: lambda fact: f"alert {fact.alert} is cleared after {fact.lasted_s:.3f} s",
            facts.BrakeChanged: lambda fact: (
                f"site {fact.site} approves {'no withdrawal' if fact.on else 'withdrawals again'}: {fact.because}"
            ),
        }

    def _core_advised(self, fact: facts.CoreAdvised) -> str:
        reason = f", reason {fact.reason}" if fact.reason else ""
        again = " again" if fact.repeat else ""
        return f"told its core{again}: {fact.mti} {_plain(fact.purpose)}{reason}"

    def _brake_alert(self, fact: facts.BrakeAlert) -> str:
        is_money = not fact.rule.endswith(".count")
        seen, most = (self.amount(each) if is_money else f"{each:,}" for each in (fact.seen, fact.most))
        account = f" of account {fact.account}" if fact.account else ""
        return f"alert, {_plain(fact.rule)}{account}: {seen} within the window, {most} allowed"

    def learn(self, fact: Fact) -> None:
        """Currency and sites of this run: from its first fact, and from those of sites that no line leads to."""
        if isinstance(fact, facts.RunStarted):
            self.currency = fact.currency
            self.sites = dict(fact.lines)
            self._site_names.update(fact.lines.values())
        elif isinstance(fact, facts.LedgerCounted):
            self._site_names.add(fact.site)

    def kinds(self) -> tuple[type, ...]:
        """Kinds of facts that have a word."""
        return tuple(self._words)

    def amount(self, minor: int) -> str:
        """Decimal text of an amount."""
        return money.display(minor, self.currency) if self.currency else f"{minor} minor units"

    def line(self, fact: Fact) -> str:
        """A line of a story; empty if the fact has no word of its own."""
        word = self._words.get(type(fact))
        if word is None:
            return ""
        actor = "wire" if isinstance(fact, facts.FrameDisturbed) else self._name(fact.actor)
        return f"{fact.t:>10.3f} {actor:<{ACTOR_WIDTH}} {word(fact)}"

    def _name(self, actor: str) -> str:
        return f"site {actor}" if actor in self._site_names else actor

    def _to(self, line: str) -> str:
        site = self.sites.get(line)
        return f"to site {site} over {line}" if site else f"over {line}"

    def _frame_disturbed(self, fact: facts.FrameDisturbed) -> str:
        mti = f"{fact.mti} " if fact.mti else ""
        return f"{fact.name!r} ({fact.kind}) on {fact.line}, {mti}{fact.direction}: {fact.what}"

    def _sites_compared(self, fact: facts.SitesCompared) -> str:
        missing = ", ".join(f"site {site} lacks {number:,}" for site, number in fact.missing.items() if number)
        found = f"{missing or 'no transaction is missing'}; {fact.different:,} differ, {fact.balances:,} balances do"
        first = f"; the first: {fact.first_key}, {fact.first_what}" if fact.first_key else ""
        return f"the books were compared{' and set right' if fact.repaired else ''}: {found}{first}"

    def _message_sent(self, fact: facts.MessageSent) -> str:
        what = f"{fact.mti} {_plain(fact.purpose)}"
        stan = f"STAN {fact.stan:06d}"
        if fact.actor == fact.terminal:
            return f"sent {what} {self._to(fact.line)}, {stan}, {self.amount(fact.amount_minor)}"
        if not fact.outcome:  # no answer: the site begins it
            return f"sent {what} to {fact.terminal} over {fact.line}, {stan}"
        return f"answered {what}, {stan}: {_plain(fact.outcome)}{_code(fact.code)}"

    def _message_received(self, fact: facts.MessageReceived) -> str:
        what = f"{fact.mti} {_plain(fact.purpose)}"
        if fact.actor in self._site_names:
            return f"got {what} from {fact.terminal} over {fact.line}, STAN {fact.stan:06d}"
        came = f": {_plain(fact.outcome)}{_code(fact.code)}" if fact.outcome else ""
        return f"got {what}, STAN {fact.stan:06d}{came}"

    def _keys_loaded(self, fact: facts.KeysLoaded) -> str:
        if not fact.accepted:
            return f"did not take the keys that came: {fact.because}"
        return f"took new keys (check values {fact.pin_check} for PINs, {fact.mac_check} for MACs)"

    def _reply_ignored(self, fact: facts.ReplyIgnored) -> str:
        nearest = f" ({fact.nearest})" if fact.nearest else ""
        stan = f" STAN {fact.stan:06d}" if fact.stan else ""
        return f"ignored the {fact.mti or 'reply'}{stan}: it {ANSWER_TO.get(fact.reason, _plain(fact.reason))}{nearest}"

    def _transaction_started(self, fact: facts.TransactionStarted) -> str:
        amount = f" {self.amount(fact.amount_minor)}" if fact.amount_minor else ""
        card = f", card {fact.card}" if fact.card else ""
        return f"{_plain(fact.service)}{amount} asked, STAN {fact.stan:06d}{card}"

    def _advice_queued(self, fact: facts.AdviceQueued) -> str:
        actual = f", {self.amount(fact.actual_minor)} came out" if fact.actual_minor is not None else ""
        why = f" ({_plain(fact.reason)})" if fact.reason else ""
        return f"{_plain(fact.purpose)} stored{why}, STAN {fact.stan:06d}{actual}"

    def _advice_accepted(self, fact: facts.AdviceAccepted) -> str:
        times = "1 sending" if fact.attempts == 1 else f"{fact.attempts} sendings"
        return f"{_plain(fact.purpose)} accepted after {times}, STAN {fact.stan:06d}{_code(fact.code)}"

    def _entry_posted(self, fact: facts.EntryPosted) -> str:
        verb = {"posting": "posted", "reversal": "reversed"}.get(fact.kind, fact.kind)
        legs = ", ".join(f"{account} {self._signed(change)}" for account, change in fact.legs.items())
        origin = "" if fact.origin == fact.actor else f", first made at site {fact.origin}"
        day = f", in business day {fact.day}" if fact.day else ""
        return f"{verb}: {legs} ({fact.entry}{origin}{day})"

    def _signed(self, change: int) -> str:
        return f"{'+' if change > 0 else ''}{self.amount(change)}"


def _capacity_stated(fact: facts.CapacityStated) -> str:
    sick = f", and holds up {1 - fact.answers:.0%} of them" if fact.answers < 1 else ""
    return f"can serve {fact.rate_per_s:g} requests/s, {fact.servers:,} at once, {fact.queue_max:,} may wait{sick}"


def _request_shed(fact: facts.RequestShed) -> str:
    answered = f"; answered {_plain(fact.outcome)}" if fact.outcome else ""
    why = f"{SHED_FOR.get(fact.because, fact.because)}, after {fact.waited_s:.3f} s"
    return f"did not serve {_plain(fact.purpose)} {fact.stan:06d} of {fact.terminal}: {why}{answered}"


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _code(code: str) -> str:
    return f" (code {code})" if code else ""


def _detail(detail: dict[str, Any]) -> str:
    return f" ({', '.join(f'{name} {value}' for name, value in detail.items())})" if detail else ""
