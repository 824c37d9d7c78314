"""The fold: facts in, one by one; an opinion out, at any time.

Kept of a transaction is what it calls for, and its entries at each site; nothing grows with the messages of a run.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from atmbench.facts import (
    AnyFact,
    BalanceOverwritten,
    BalanceTold,
    BusinessDayBegan,
    BusinessDayCounted,
    CashAccepted,
    CashTaken,
    CassettesCounted,
    Converged,
    CoreAnswered,
    EntryLost,
    EntryPosted,
    ExceptionOpened,
    HoldPlaced,
    HoldReleased,
    LedgerCounted,
    MessageReceived,
    MessageSent,
    RunEnded,
    RunStarted,
    SiteRebuilt,
    StandInApproved,
    TransactionEnded,
    TransactionStarted,
)
from atmbench.second_opinion import counts, rules
from atmbench.second_opinion.deals import DEPOSIT, WITHOUT_CASH, Deal, terminal_of, whose
from atmbench.second_opinion.reference import LINES_MAX, Ledger, Page
from atmbench.second_opinion.words import OBJECTIONS_MAX, Objection, Opinion, Rule, Standing

_NO_PAGE = Page()


def opine(history: Iterable[AnyFact]) -> Opinion:
    """The opinion on a history from its first fact to its last."""
    opinion = SecondOpinion()
    for fact in history:
        opinion.add(fact)
    return opinion.opinion()


class SecondOpinion:
    """Follows a history fact by fact. Facts must be added in the order of the history, from the first."""

    def __init__(self) -> None:
        self._number = 0
        self._now = 0.0
        self._allowed = 0
        self._is_converged = False
        self._ended: RunEnded | None = None
        self._deals: dict[str, Deal] = {}
        self._ledgers: dict[str, Ledger] = {}
        self._counted: dict[str, counts.Numbered] = {}
        self._days: list[tuple[str, BusinessDayCounted, int]] = []
        self._first_day: dict[str, str] = {}
        """Site to the day that it began with, if it has begun another."""
        self._notes_counted: dict[str, tuple[dict[str, int], list[int]]] = {}
        """Terminal to the worth of its notes by hand at the start and at the end, and the facts that say so."""
        self._unsettled: set[tuple[str, str]] = set()
        """Site and key of what has both a hold and entries, until this instant is over."""
        self._entries = 0
        self._reads = 0
        self._objections: list[Objection] = []
        """What was wrong when it happened."""
        self._found = 0
        self._by_type: dict[type, Callable[[Any], None]] = {
            RunStarted: self._on_run_started,
            Converged: self._on_converged,
            RunEnded: self._on_run_ended,
            LedgerCounted: self._on_ledger_counted,
            BusinessDayBegan: self._on_day_began,
            BusinessDayCounted: self._on_day_counted,
            CassettesCounted: self._on_cassettes_counted,
            TransactionStarted: self._on_started,
            TransactionEnded: self._on_ended,
            MessageSent: self._on_sent,
            MessageReceived: self._on_received,
            ExceptionOpened: self._on_exception,
            CashTaken: self._on_taken,
            CashAccepted: self._on_accepted,
            EntryPosted: self._on_posted,
            EntryLost: self._on_lost,
            HoldPlaced: self._on_hold_placed,
            HoldReleased: self._on_hold_released,
            BalanceTold: self._on_told,
            BalanceOverwritten: self._on_overwritten,
            SiteRebuilt: self._on_rebuilt,
            StandInApproved: self._on_stood_in,
            CoreAnswered: self._on_core_answered,
        }

    def add(self, fact: AnyFact) -> None:
        """Take in the next fact."""
        self._number += 1
        if self._unsettled and fact.t != self._now:
            self._settle()
        handle = self._by_type.get(type(fact))
        if handle is not None:
            self._now = fact.t
            handle(fact)

    def opinion(self) -> Opinion:
        """What is to be said of the facts so far. Adding may go on afterwards."""
        if self._ended is not None:  # before the end the instant may not be over
            self._settle()
        found = [*self._objections, *self._at_the_end()]
        number = len(found) + self._found - len(self._objections)
        scope = (
            f"{len(self._deals):,} transactions, {self._entries:,} entries at {len(self._ledgers)} sites, "
            f"{self._reads:,} balances told"
        )
        if found:
            because = f"{number:,} objections; {scope}"
            return Opinion(Standing.FAIL, because, tuple(found[:OBJECTIONS_MAX]))
        missing = self._missing()
        if missing:
            return Opinion(Standing.UNKNOWN, f"{missing}; {scope}")
        return Opinion(Standing.PASS, f"{scope}: all as the posting rules want it")

    # --- the run --------------------------------------------------------------------------------

    def _on_run_started(self, fact: RunStarted) -> None:
        self._allowed = fact.expect.get("open_exceptions_max", 0)

    def _on_converged(self, fact: Converged) -> None:
        self._is_converged = True

    def _on_run_ended(self, fact: RunEnded) -> None:
        self._ended = fact

    def _missing(self) -> str:
        """Why nothing can be said; empty if all that is needed is there."""
        if self._ended is None:
            return "the history has no end"
        if not self._ledgers or self._counted.keys() != self._ledgers.keys():
            return "the ledgers were not counted at both ends"
        if self._ended.stopped or not self._is_converged:
            return "the run was over before everything was settled"
        return ""

    # --- what was asked, and what came of it ----------------------------------------------------

    def _deal(self, key: str) -> Deal:
        deal = self._deals.get(key)
        if deal is None:
            deal = self._deals[key] = Deal(key, terminal_of(key))
        deal.note(self._number)
        return deal

    def _on_started(self, fact: TransactionStarted) -> None:
        deal = self._deal(fact.key)
        deal.service, deal.asked_minor = fact.service, fact.amount_minor

    def _on_ended(self, fact: TransactionEnded) -> None:
        if fact.key:
            self._deal(fact.key).outcome = fact.outcome

    def _on_sent(self, fact: MessageSent) -> None:
        deal = self._deals.get(fact.key) if fact.key else None
        if deal is None or fact.actor != deal.terminal or fact.purpose != deal.service:
            return
        deal.sent.add(whose(fact.fields))
        if deal.service == DEPOSIT:
            deal.asked_minor = fact.amount_minor
        elif deal.service in WITHOUT_CASH and not deal.named:
            deal.named = tuple(fact.fields.values())

    def _on_received(self, fact: MessageReceived) -> None:
        deal = self._deals.get(fact.key) if fact.key else None
        if deal is not None and fact.actor != deal.terminal and fact.purpose == deal.service:
            deal.hear(fact.actor, fact.fields, self._number)

    def _on_exception(self, fact: ExceptionOpened) -> None:
        self._deal(fact.key).told_of.add(fact.kind)

    def _on_taken(self, fact: CashTaken) -> None:
        self._deal(fact.key).taken_minor += fact.amount_minor

    def _on_accepted(self, fact: CashAccepted) -> None:
        self._deal(fact.key).accepted_minor += fact.amount_minor

    def _on_stood_in(self, fact: StandInApproved) -> None:
        self._deal(fact.key).stood_in = fact.account

    def _on_core_answered(self, fact: CoreAnswered) -> None:
        if not fact.stands_in:
            return
        deal, site = self._deal(fact.key), fact.actor
        deal.advised[site] = deal.advised.get(site, 0) + 1
        if deal.advised[site] > 1:
            self._object(Rule.CORE, "the core took an approval in stand-in again", fact.key, site, deal.stood_in)

    # --- what was entered -----------------------------------------------------------------------

    def _ledger(self, site: str) -> Ledger:
        ledger = self._ledgers.get(site)
        if ledger is None:
            ledger = self._ledgers[site] = Ledger(site)
        return ledger

    def _on_posted(self, fact: EntryPosted) -> None:
        self._entries += 1
        site, key = fact.actor, fact.key
        ledger = self._ledger(site)
        page = ledger.page(key)
        if page.lines:
            self._object_to_second(fact, page)
        ledger.enter(fact)
        deal = self._deals.get(key)
        if deal is not None and site == fact.origin and site in deal.altered_at:
            deal.posted_so[site] = deal.altered_at[site]
        page.note(self._number)
        if sum(fact.legs.values()):
            total_minor = sum(fact.legs.values())
            self._object(Rule.BALANCED, f"the legs of entry {fact.entry}", key, site, "", 0, total_minor)
        if page.held:
            self._unsettled.add((site, key))

    def _object_to_second(self, fact: EntryPosted, page: Page) -> None:
        if len(page.lines) >= LINES_MAX:
            says = f"more than {LINES_MAX} entries of one transaction"
        elif any(line.entry == fact.entry for line in page.lines):
            says = f"entry {fact.entry} is made again"
        elif fact.kind == "posting" and any(line.kind == "posting" for line in page.lines):
            says = "a second posting of one transaction"
        else:
            return
        account = max(fact.legs, key=lambda each: fact.legs[each], default="")
        self._object(Rule.ONCE, says, fact.key, fact.actor, account, 0, fact.legs.get(account, 0))

    def _on_lost(self, fact: EntryLost) -> None:
        if not self._ledger(fact.actor).lose(fact.key, fact.entry):
            self._object(Rule.COUNTED, f"entry {fact.entry} is lost and was never made", fact.key, fact.actor)

    def _on_hold_placed(self, fact: HoldPlaced) -> None:
        page = self._ledger(fact.actor).hold(fact.key, fact.account, fact.amount_minor)
        page.note(self._number)
        if page.lines:
            self._unsettled.add((fact.actor, fact.key))

    def _on_hold_released(self, fact: HoldReleased) -> None:
        page = self._ledger(fact.actor).hold(fact.key, fact.account, -fact.amount_minor)
        page.note(self._number)
        left_minor = page.held.get(fact.account, 0)
        if left_minor < 0:
            self._object(
                Rule.HOLDS, "more is released than was held", fact.key, fact.actor, fact.account, 0, left_minor
            )

    def _settle(self) -> None:
        """An instant is over: what was entered in it stands beside what is held."""
        for site, key in sorted(self._unsettled):
            page = self._ledgers[site].page(key)
            if page.held and page.moved():
                account, held_minor = next(iter(page.held.items()))
                self._object(Rule.HOLDS, "both held and posted", key, site, account, 0, held_minor)
        self._unsettled.clear()

    def _on_told(self, fact: BalanceTold) -> None:
        self._reads += 1
        wanted_minor = self._ledger(fact.actor).shown.get(fact.account, 0)
        if fact.ledger_minor != wanted_minor:
            says = "the balance that was told is not what was entered"
            self._object(Rule.READ, says, fact.key, fact.actor, fact.account, wanted_minor, fact.ledger_minor)

    def _on_overwritten(self, fact: BalanceOverwritten) -> None:
        wanted_minor = self._ledger(fact.actor).overwrite(fact.account, fact.now_minor)
        if fact.was_minor != wanted_minor:
            says = "the balance that was overwritten is not what was entered"
            self._object(Rule.READ, says, fact.key, fact.actor, fact.account, wanted_minor, fact.was_minor)

    def _on_rebuilt(self, fact: SiteRebuilt) -> None:
        self._ledger(fact.site).become_like(self._ledger(fact.like))

    # --- what was counted -----------------------------------------------------------------------

    def _on_ledger_counted(self, fact: LedgerCounted) -> None:
        if fact.when == "start":
            self._ledger(fact.site).open(fact.balances)
            total_minor = sum(fact.balances.values())
            if total_minor:
                self._object(Rule.BALANCED, "all balances at the start", "", fact.site, "", 0, total_minor)
        else:
            self._counted[fact.site] = counts.Numbered(fact, self._number)

    def _on_day_began(self, fact: BusinessDayBegan) -> None:
        self._first_day.setdefault(fact.actor, fact.before)

    def _on_day_counted(self, fact: BusinessDayCounted) -> None:
        self._days.append((fact.actor, fact, self._number))

    def _on_cassettes_counted(self, fact: CassettesCounted) -> None:
        worth, facts = self._notes_counted.setdefault(fact.actor, ({}, []))
        worth[fact.when] = counts.value_minor(fact)
        facts.append(self._number)

    # --- the end --------------------------------------------------------------------------------

    def _at_the_end(self) -> Iterator[Objection]:
        """What is wrong now that everything is over. Nothing, as long as it is not."""
        if self._ended is None:
            return
        yield from self._of_transactions()
        counted = list(self._counted.values())
        for each in counted:
            yield from counts.object_to_ledger(self._ledger(each.fact.site), each)
            yield from counts.object_to_balances(counted[0], each)
        for site, day, number in self._days:
            yield from counts.object_to_day(self._ledger(site), day, number, self._first_day.get(site, day.day))
        yield from self._of_notes()
        told = (deal for deal in self._deals.values() if deal.told_of)
        left = [deal for deal in told if not rules.is_settled(deal, self._pages(deal.key))]
        if len(left) > self._allowed:
            says = f"{len(left)} transactions are left to a person, {self._allowed} are allowed"
            yield Objection(Rule.TOLD, says, left[0].key, facts=tuple(left[0].facts))

    def _of_transactions(self) -> Iterator[Objection]:
        keys = dict.fromkeys(self._deals)
        for ledger in self._ledgers.values():
            keys.update(dict.fromkeys(ledger.pages))
        for key in keys:
            deal = self._deals.get(key) or Deal(key, terminal_of(key))
            pages = self._pages(key)
            for site, page in pages.items():
                yield from rules.object_to_page(deal, page, self._ledgers[site])
            yield from rules.object_to_difference(deal, pages)

    def _pages(self, key: str) -> dict[str, Page]:
        return {site: ledger.pages.get(key, _NO_PAGE) for site, ledger in self._ledgers.items()}

    def _of_notes(self) -> Iterator[Objection]:
        notes: dict[str, counts.Notes] = {}
        for deal in self._deals.values():
            own = notes.setdefault(deal.terminal, counts.Notes())
            own.out += deal.taken_minor - deal.accepted_minor
            if deal.is_excused and deal.service == DEPOSIT:
                own.in_unknown += deal.asked_minor
            elif deal.is_excused:
                own.out_unknown += deal.asked_minor
        for terminal, (worth, facts) in self._notes_counted.items():
            own = notes.setdefault(terminal, counts.Notes())
            own.worth = worth
            yield from counts.object_to_notes(terminal, own, tuple(facts))

    def _object(
        self,
        rule: Rule,
        says: str,
        key: str,
        site: str,
        account: str = "",
        wanted_minor: int | None = None,
        found_minor: int | None = None,
    ) -> None:
        """Object to the fact that has just been added. Beyond the most they are counted only."""
        self._found += 1
        if len(self._objections) < OBJECTIONS_MAX:
            facts = (self._number,)
            self._objections.append(Objection(rule, says, key, site, account, wanted_minor, found_minor, facts))
