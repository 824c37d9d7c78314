"""What was approved above the balance, by whom, and who noticed: kept for the check `exposure` while facts go by.

What an account had is counted here, from the opening balances and the entries of the site that approved: nobody is
believed who says that there was enough. An approval in stand-in counts from its moment, long before it is posted.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from atmbench import facts
from atmbench.audit.cases import APPROVED, COMPLETION, WITHDRAWAL, Case, is_internal

ABOVE_MAX = 100_000
"""Withdrawals above the balance that are kept; more, and the check cannot judge."""
STOOD_IN_MAX = 1_000_000
"""Approvals in stand-in that are followed to a core."""
BRAKED_MAX = 1_000
Approval = facts.StandInApproved | facts.EntryPosted | facts.HoldPlaced
"""What shows that a site has approved a withdrawal."""


class Above(msgspec.Struct, frozen=True, gc=False):
    """What an account lacked when a withdrawal was approved, or answered where sites post in batches."""

    t: float
    account: str
    amount_minor: int


class Stood(msgspec.Struct, gc=False):
    """One approval in stand-in, and what became of it."""

    site: str
    account: str
    amount_minor: int
    waiting_minor: int
    """What of it is to be posted yet."""
    fact: int
    """Number of the fact that told of it."""
    taken_at: tuple[str, ...] = ()
    """Sites whose core took it as something new."""
    times: int = 0
    """How often a core took it that could have known of it: by itself, or by an entry from another site."""
    is_forgotten: bool = False
    """Its site lost its book before a core heard of it. The other may know of it, or nobody."""
    outcome: str = ""
    """What a core said that took it: of two that of the lowest site name counts, as in their books."""

    @property
    def is_refused(self) -> bool:
        """Whether the core does not take it from the customer."""
        return self.outcome not in ("", APPROVED)


class ExposureLog:
    """One run. Amounts are in minor units."""

    def __init__(self) -> None:
        self.is_used = False
        """Whether any fact spoke of stand-in, cores or brakes."""
        self.above: dict[str, Above] = {}
        """Withdrawals by key."""
        self.above_beyond = 0
        self.last_note_t: float | None = None
        self.alerts: list[facts.BrakeAlert] = []
        self.brakes: list[facts.BrakeChanged] = []
        self.stood: dict[str, Stood] = {}
        self.stood_untold = 0
        """Approvals in stand-in beyond those that are followed."""
        self.repeats = 0
        """Advices to a core that were sent again."""
        self.braked: list[str] = []
        """Withdrawals that a site approved while its brake was on."""
        self._opening: dict[str, dict[str, int]] = {}
        """Site to what its accounts had at the start."""
        self._waiting: dict[tuple[str, str], int] = {}
        """Site and account to what was approved in stand-in and is not in the ledger."""
        self._is_on: dict[str, bool] = {}
        self._told: dict[str, str] = {}
        """Site to the transaction of which its core has heard last: what is posted for that was decided before."""

    def handlers(self) -> dict[type[facts.Fact], Callable[[Any], None]]:
        """Kind of fact to who takes it, of those that belong to no transaction."""
        return {
            facts.CoreChanged: self._core_changed,
            facts.BrakeAlert: self._alert,
            facts.BrakeChanged: self._brake_changed,
        }

    def opens(self, fact: facts.LedgerCounted) -> None:
        """The balances that a site began with."""
        self._opening[fact.site] = fact.balances

    def rebuilt(self, site: str) -> None:
        """A site has lost what it knew, and its core with it."""
        for stood in self.stood.values():
            stood.taken_at = tuple(each for each in stood.taken_at if each != site)
            stood.times = min(stood.times, len(stood.taken_at))
            stood.is_forgotten = stood.is_forgotten or (stood.site == site and not stood.taken_at)

    def stood_in(self, fact: facts.StandInApproved, moved_minor: int, number: int) -> None:
        """A switch approved alone; the ledger of its site has moved so much of the account since the start."""
        self.is_used = True
        where = fact.actor, fact.account
        waiting_minor = self._waiting.get(where, 0)
        has_minor = self._opened_with(*where) + moved_minor - waiting_minor
        self._waiting[where] = waiting_minor + fact.amount_minor
        self._on_brake(fact)
        self._note_above(fact.key, Above(fact.t, fact.account, fact.amount_minor), has_minor)
        if len(self.stood) < STOOD_IN_MAX:
            self.stood[fact.key] = Stood(fact.actor, fact.account, fact.amount_minor, fact.amount_minor, number)
        else:
            self.stood_untold += 1

    def posted(self, fact: facts.EntryPosted, moves: dict[str, int], case: Case) -> None:
        """A site made an entry; `moves` is what its entries have moved of each account, with this one."""
        if fact.service != WITHDRAWAL or fact.kind != "posting":
            return
        stood = self.stood.get(fact.key)
        if stood is not None:
            if stood.site == fact.actor:
                self._let_go(stood, stood.waiting_minor)  # also if another site's core had approved it
            return
        if fact.actor != fact.origin:
            return
        # What comes after a hold or notes, with a completion, or was told to a core, was approved before.
        was_told = case.advice_of(COMPLETION) is not None or self._told.get(fact.actor) == fact.key
        if fact.in_batch:
            if not was_told and self._is_on_all_the_time(fact.actor, case):
                self._keep_braked(fact.key)
        elif not (was_told or case.holds or case.presented_minor):
            self._on_brake(fact)
        approved_t = fact.t if case.answered_t is None else min(case.answered_t, fact.t)
        for account, change in fact.legs.items():
            if not is_internal(account):
                has_minor = self._opened_with(fact.actor, account) + moves[account] - change
                self._note_above(fact.key, Above(approved_t, account, -change), has_minor)
        if fact.in_batch and fact.key in self.above and case.cash_t is not None:
            self.last_note_t = max(self.last_note_t or 0.0, case.cash_t)  # they had come out before

    def held(self, fact: facts.HoldPlaced, case: Case) -> None:
        """A site set money aside for a withdrawal: it approved that, unless another site had and told of it."""
        if case.service == WITHDRAWAL and fact.actor in case.received_by and not set(case.holds) - {fact.actor}:
            self._on_brake(fact)

    def presented(self, fact: facts.CashPresented) -> None:
        """Notes came out."""
        if fact.key in self.above:
            self.last_note_t = fact.t

    def reversed(self, key: str, site: str, kept_minor: int) -> None:
        """A site heard from a terminal that of an approval in stand-in, of those followed, only so much came out."""
        stood = self.stood[key]
        if stood.site == site:  # what a core has heard of waits no more, and nothing is let go
            self._let_go(stood, stood.waiting_minor - kept_minor)

    def _opened_with(self, site: str, account: str) -> int:
        return self._opening.get(site, {}).get(account, 0)

    def _on_brake(self, fact: Approval) -> None:
        if self._is_on.get(fact.actor):
            self._keep_braked(fact.key)

    def _is_on_all_the_time(self, site: str, case: Case) -> bool:
        """Whether the brake of a site was on from the request to its answer: nothing tells when a site decided it."""
        if case.request_t is None or case.answered_t is None:
            return False
        changed = self._changed_before(site, case.answered_t)
        return changed is not None and changed.on and changed.t <= case.request_t

    def is_braked(self, site: str, t: float) -> bool:
        """Whether the brake of a site was on at a time."""
        changed = self._changed_before(site, t)
        return changed is not None and changed.on

    def _changed_before(self, site: str, t: float) -> facts.BrakeChanged | None:
        return next((each for each in reversed(self.brakes) if each.site == site and each.t <= t), None)

    def _keep_braked(self, key: str) -> None:
        if len(self.braked) < BRAKED_MAX:
            self.braked.append(key)

    def _note_above(self, key: str, approved: Above, has_minor: int) -> None:
        """Keep what the account lacked of what was approved."""
        above_minor = min(approved.amount_minor, approved.amount_minor - has_minor)
        if above_minor <= 0:
            return
        if len(self.above) < ABOVE_MAX:
            self.above[key] = msgspec.structs.replace(approved, amount_minor=above_minor)
        else:
            self.above_beyond += 1

    def _core_changed(self, fact: facts.CoreChanged) -> None:
        self.is_used = True

    def core_advised(self, fact: facts.CoreAdvised) -> None:
        """A core was told of something."""
        self.repeats += fact.repeat

    def core_answered(self, fact: facts.CoreAnswered, *, is_posted: bool) -> None:
        """A core has taken what it was told; `is_posted`: its site had an entry of it already."""
        self._told[fact.actor] = fact.key
        stood = self.stood.get(fact.key)
        if stood is None or not fact.stands_in:
            return
        if all(fact.actor < site for site in stood.taken_at):
            stood.outcome = fact.outcome
        self._let_go(stood, stood.waiting_minor)
        if not stood.taken_at:
            stood.times = 1
        elif is_posted or fact.actor in stood.taken_at:
            stood.times += 1
        if fact.actor not in stood.taken_at:
            stood.taken_at += (fact.actor,)

    def _let_go(self, stood: Stood, amount_minor: int) -> None:
        """So much of it is no longer to come."""
        amount_minor = max(0, amount_minor)
        stood.waiting_minor -= amount_minor
        self._waiting[stood.site, stood.account] -= amount_minor

    def _alert(self, fact: facts.BrakeAlert) -> None:
        self.is_used = True
        if len(self.alerts) < BRAKED_MAX:
            self.alerts.append(fact)

    def _brake_changed(self, fact: facts.BrakeChanged) -> None:
        self.is_used = True
        self._is_on[fact.site] = fact.on
        if len(self.brakes) < BRAKED_MAX:
            self.brakes.append(fact)
