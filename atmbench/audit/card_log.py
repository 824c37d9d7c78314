"""The card log: every card from its customer's request to his hand or the bin, and what its customer saw.

Remembers and sorts; whether a card was kept rightly is decided by what the host had answered and what the reader saw,
never by the reason that the terminal gives.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from atmbench import facts
from atmbench.audit.cases import Case
from atmbench.messages.records import Outcome

PICK_UPS = frozenset({Outcome.RETAIN_CARD.value, Outcome.PIN_TRIES_EXCEEDED.value})
"""Answers with which a host may ask for a card. Which of its codes do is the dialect's to say."""
WANTED = Outcome.RETAIN_CARD.value
"""The answer with which it does."""
NO_OUTCOME = frozenset(
    {"welcome", "please_wait", "take_card", "counting", "starting", "out_of_service", "closed"},
)
"""Screens that say nothing of how a transaction ended."""
BETWEEN_CUSTOMERS = frozenset({"welcome", "out_of_service", "closed"})
CARD_READER = "card_reader"
NAMED_MAX = 10_000
"""Cards kept for no reason, and customers who were not told, that are named; the rest are counted."""


class Visit(msgspec.Struct):
    """The customer at one terminal, as far as his card and his screens go."""

    key: str = ""
    has_ended: bool = False
    has_seen: bool = False
    """Some screen was shown to him, so a history without one that says how it ended lacks it."""
    was_told: bool = False
    has_failed: bool = False
    """The reader or the power failed since the customer came."""


class CardLog:
    """Follows every card from its customer's request to his hand or the bin. `cases` are those of the book."""

    def __init__(self, cases: Mapping[str, Case]) -> None:
        self._cases = cases
        self._visits: dict[str, Visit] = {}
        self._in_slot: dict[str, str] = {}
        """Terminal to whose card lies in its slot and no hand has it: the next customer may come before it is kept."""
        self.kept: dict[str, int] = {"asked for": 0, "forgotten": 0, "failed": 0}
        self.given_back: list[tuple[int, str]] = []
        """Cards that the host wanted kept and that went to the slot: number of the fact, and key."""
        self.given_back_beyond = 0
        self.told = 0
        self.without_reason: list[tuple[int, facts.CardRetained]] = []
        """With the number of the fact."""
        self.without_reason_beyond = 0
        self.untold: list[str] = []
        """Keys of transactions."""
        self.untold_beyond = 0

    @property
    def number_kept(self) -> int:
        """All cards that were kept, for whatever reason."""
        return sum(self.kept.values()) + self.number_without_reason

    @property
    def number_without_reason(self) -> int:
        """Those that were kept for none."""
        return len(self.without_reason) + self.without_reason_beyond

    @property
    def is_used(self) -> bool:
        """Whether there is anything to judge."""
        return bool(self.number_kept or self.untold or self.given_back)

    def handlers(self, number: Callable[[], int]) -> dict[type[facts.Fact], Callable[[Any], None]]:
        """Kind of fact to who takes it. `number` gives that of the present fact."""
        return {
            facts.ScreenShown: self._screen_shown,
            facts.CardEjected: lambda fact: self._card_ejected(fact, number()),
            facts.CardTaken: self._card_taken,
            facts.CardRetained: lambda fact: self._card_retained(fact, number()),
            facts.DeviceFailed: self._device_failed,
        }

    def came(self, terminal: str, key: str) -> None:
        """A customer's transaction began at a terminal."""
        self._leave(self._visits.get(terminal))
        self._visits[terminal] = Visit(key)

    def ended(self, terminal: str, key: str) -> None:
        """It is over; the screen that says how may come before or after this."""
        visit = self._visits.get(terminal)
        if visit is not None and visit.key == key:
            visit.has_ended = True

    def power_failed(self, terminal: str) -> None:
        """Whoever stood there sees nothing any more, also a customer whose transaction had not begun."""
        self._visits.setdefault(terminal, Visit()).has_failed = True

    def _screen_shown(self, fact: facts.ScreenShown) -> None:
        visit = self._visits.get(fact.actor)
        if visit is None:
            return
        if fact.screen not in BETWEEN_CUSTOMERS:
            visit.has_seen = True
        if fact.screen not in NO_OUTCOME:
            visit.was_told = True
        elif fact.screen in BETWEEN_CUSTOMERS:
            self._leave(visit)

    def _leave(self, visit: Visit | None) -> None:
        if visit is None or not visit.has_ended:
            return
        visit.has_ended = False
        if visit.was_told:
            self.told += 1
        elif visit.has_failed or not visit.has_seen:
            pass  # nobody stood in front of it, or the history tells of no screens
        elif len(self.untold) < NAMED_MAX:
            self.untold.append(visit.key)
        else:
            self.untold_beyond += 1

    def _card_ejected(self, fact: facts.CardEjected, number: int) -> None:
        self._in_slot[fact.actor] = fact.key
        case = self._cases.get(fact.key)
        if case is None or not any(answer.outcome == WANTED and not answer.ignored for answer in case.answers):
            return
        if self._visits.get(fact.actor, Visit()).has_failed:
            return  # power or reader failed, and the terminal may have forgotten what it was told
        if len(self.given_back) < NAMED_MAX:
            self.given_back.append((number, fact.key))
        else:
            self.given_back_beyond += 1

    def _card_taken(self, fact: facts.CardTaken) -> None:
        self._in_slot.pop(fact.actor, None)

    def _device_failed(self, fact: facts.DeviceFailed) -> None:
        if fact.device == CARD_READER:
            self._visits.setdefault(fact.actor, Visit()).has_failed = True

    def _card_retained(self, fact: facts.CardRetained, number: int) -> None:
        visit = self._visits.get(fact.actor, Visit())
        case = self._cases.get(fact.key)
        answers = case.answers if case is not None else ()
        if any(answer.outcome in PICK_UPS and not answer.ignored for answer in answers):
            self.kept["asked for"] += 1
        elif self._in_slot.get(fact.actor) == fact.key:
            self.kept["forgotten"] += 1
        elif visit.has_failed:
            self.kept["failed"] += 1
        elif len(self.without_reason) < NAMED_MAX:
            self.without_reason.append((number, fact))
        else:
            self.without_reason_beyond += 1
        self._in_slot.pop(fact.actor, None)
