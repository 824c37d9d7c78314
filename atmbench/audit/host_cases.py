"""What the sites say of each transaction: entries, tombstones and holds, as cases of the book. It judges nothing."""

from collections.abc import Callable
from typing import Any

from atmbench import facts
from atmbench.audit.book import Book
from atmbench.audit.cases import ENTRIES_MAX

ODD_ENTRIES_MAX = 100


class HostCases:
    """Writes facts of sites into the cases of a book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def handlers(self) -> dict[type[facts.Fact], Callable[[Any], None]]:
        """Kind of fact to who takes it."""
        return {
            facts.EntryPosted: self._entry_posted,
            facts.EntryLost: self._entry_lost,
            facts.TombstoneLaid: self._tombstone_laid,
            facts.TombstoneHit: self._concerns,
            facts.RepeatAnswered: self._concerns,
            facts.HoldPlaced: self._hold_placed,
            facts.HoldReleased: self._hold_released,
            facts.LedgerCounted: self._ledger_counted,
            facts.RecordDisturbed: self._record_disturbed,
            facts.SiteRebuilt: self._site_rebuilt,
            facts.SiteRoleChanged: self._role_changed,
            facts.BalanceTold: self._balance_told,
            facts.StandInApproved: self._stood_in,
            facts.CoreAdvised: self._core_advised,
            facts.CoreAnswered: self._core_answered,
        }

    def _ledger_counted(self, fact: facts.LedgerCounted) -> None:
        self._book.ledgers[fact.site, fact.when] = fact
        if fact.when == "start":
            self._book.exposure.opens(fact)

    def _record_disturbed(self, fact: facts.RecordDisturbed) -> None:
        self._book.site_log.records_disturbed = True
        log = self._book.faults.get(fact.name)
        if log is not None:
            log.touched += 1
        if fact.key:
            self._book.case(fact.key)

    def _role_changed(self, fact: facts.SiteRoleChanged) -> None:
        self._book.site_log.role_changed(fact)
        self._book.loads.changes_role(fact)

    def _site_rebuilt(self, fact: facts.SiteRebuilt) -> None:
        self._book.moves[fact.site] = dict(self._book.moves.get(fact.like, {}))
        self._book.exposure.rebuilt(fact.site)
        for case in self._book.cases.values():
            case.rebuild(fact.site, fact.like)
        self._book.hold_log.rebuilt(fact.site, fact.like)

    def _entry_posted(self, fact: facts.EntryPosted) -> None:
        moves = self._book.moves.get(fact.actor)
        if moves is None:
            moves = self._book.moves[fact.actor] = {}
        for account, change in fact.legs.items():
            moves[account] = moves.get(account, 0) + change
        if sum(fact.legs.values()) and len(self._book.odd_entries) < ODD_ENTRIES_MAX:
            self._book.odd_entries.append((self._book.count, fact))
        case = self._book.case(fact.key)
        self._book.exposure.posted(fact, moves, case)
        case.service = case.service or fact.service
        if len(case.entries) < ENTRIES_MAX:
            case.entries += (fact,)
        else:
            case.entries_beyond += 1
        if self._book.hold_log.is_used:
            self._book.hold_log.posted(fact, case, self._book.count)

    def _stood_in(self, fact: facts.StandInApproved) -> None:
        self._book.case(fact.key)
        moved_minor = self._book.moves.get(fact.actor, {}).get(fact.account, 0)
        self._book.exposure.stood_in(fact, moved_minor, self._book.count)

    def _core_advised(self, fact: facts.CoreAdvised) -> None:
        self._book.case(fact.key)
        self._book.exposure.core_advised(fact)

    def _core_answered(self, fact: facts.CoreAnswered) -> None:
        case = self._book.case(fact.key)
        is_posted = any(entry.actor == fact.actor for entry in case.entries)
        self._book.exposure.core_answered(fact, is_posted=is_posted)

    def _entry_lost(self, fact: facts.EntryLost) -> None:
        """What a site has no more moves nothing there."""
        moves, case = self._book.moves[fact.actor], self._book.case(fact.key)
        for account, change in fact.legs.items():
            moves[account] -= change
        case.entries = tuple(each for each in case.entries if (each.actor, each.entry) != (fact.actor, fact.entry))
        if len(case.entries_lost) < ENTRIES_MAX:
            case.entries_lost += (fact,)

    def _tombstone_laid(self, fact: facts.TombstoneLaid) -> None:
        case = self._book.case(fact.key)
        if fact.actor not in case.tombstones:
            case.tombstones += (fact.actor,)

    def _concerns(self, fact: facts.TombstoneHit | facts.RepeatAnswered) -> None:
        """Nothing to keep, but the case goes on until here."""
        self._book.case(fact.key)

    def _hold_placed(self, fact: facts.HoldPlaced) -> None:
        case = self._book.case(fact.key)
        case.holds[fact.actor] = case.holds.get(fact.actor, 0) + fact.amount_minor
        self._book.exposure.held(fact, case)
        self._book.hold_log.placed(fact, case, self._book.count)

    def _hold_released(self, fact: facts.HoldReleased) -> None:
        case = self._book.case(fact.key)
        case.holds[fact.actor] = case.holds.get(fact.actor, 0) - fact.amount_minor
        self._book.hold_log.released(fact, case)

    def _balance_told(self, fact: facts.BalanceTold) -> None:
        self._book.case(fact.key)
        self._book.told.balance(self._book.count, fact)
        self._book.hold_log.told(fact, self._book.count)
