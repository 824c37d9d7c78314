"""What customers were told of: balances, and why nobody served them. Remembers and counts; judges nothing."""

from atmbench.drill.places import ATM
from atmbench.facts import BalanceTold, CustomerTurnedAway, StepPerformed
from atmbench.facts.terminal import OUT_OF_SERVICE

BALANCES_MAX = 200_000
"""Balances that are held against what was answered before; of more it is said that they were not."""
REASONS_MAX = 1_000
"""Different reasons for which customers were turned away."""
ORDERS_MAX = 1_000
AWAY_MAX = 200_000
"""Customers who were turned away that are kept with their time; the rest do not lengthen a gap of service."""
SERVICE = "service"


class Told:
    """What was told in one run."""

    def __init__(self) -> None:
        self.balances: list[tuple[int, BalanceTold]] = []
        """With the number of the fact, in the order of the history."""
        self.balances_beyond = 0
        self.stale = 0
        """Balances, of all, that were told from a ledger behind its journal."""
        self.turned_away: dict[tuple[str, str], int] = {}
        """Channel and reason to customers who could not begin."""
        self.away_at: list[float] = []
        """When customers found an ATM out of service."""
        self.orders: list[StepPerformed] = []
        """What an operator took out of service, and put back."""

    def balance(self, number: int, fact: BalanceTold) -> None:
        """A site told a balance."""
        self.stale += fact.is_stale
        if len(self.balances) < BALANCES_MAX:
            self.balances.append((number, fact))
        else:
            self.balances_beyond += 1

    def away(self, channel: str, fact: CustomerTurnedAway) -> None:
        """A customer could not begin."""
        if channel == ATM and OUT_OF_SERVICE in fact.because and len(self.away_at) < AWAY_MAX:
            self.away_at.append(fact.t)
        reason = (channel, fact.because)
        if reason in self.turned_away or len(self.turned_away) < REASONS_MAX:
            self.turned_away[reason] = self.turned_away.get(reason, 0) + 1

    def step(self, fact: StepPerformed) -> None:
        """A command was carried out; orders about service are kept."""
        if fact.command == SERVICE and len(self.orders) < ORDERS_MAX:
            self.orders.append(fact)
