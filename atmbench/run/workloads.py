"""Who comes to the terminals by themselves, and how that changes while a run goes on.

Each terminal draws from a random source of its own from the first customer to the last, whatever changes in between.
This module must never look at how a terminal is doing.
"""

from collections.abc import Mapping
from random import Random

from atmbench.drill.commands import ChangeWorkload
from atmbench.drill.names import terminal_names
from atmbench.drill.places import channels_by_client
from atmbench.drill.records import Drill, Workload
from atmbench.fleet.arrivals import Arrivals
from atmbench.run.population import Walkers


class Workloads:
    """The arrivals at all terminals and clients of a drill. Nobody comes from `ends_at` on, in seconds of the run.

    `of_channels` are the customers of each channel by its name.
    """

    def __init__(
        self, drill: Drill, seed: int, walkers: Walkers, ends_at: float, of_channels: Mapping[str, Walkers]
    ) -> None:
        self.now = drill.workload
        """What customers of the ATMs do now; None if nobody has ever come."""
        self.atms = terminal_names(drill.terminals)
        """Whom a change concerns."""
        self._channels = {
            name: (drill.channels[channel].workload, of_channels[channel])
            for name, channel in channels_by_client(drill).items()
        }
        self._seed = seed
        self._walkers = walkers
        self._ends_at = ends_at
        self._sources: dict[str, Random] = {}
        self._is_over = False

    def of(self, terminal: str) -> Arrivals | None:
        """The customers who come to one terminal; None if nobody does."""
        if terminal in self._channels:
            workload, walkers = self._channels[terminal]
            return None if workload is None else self._arrivals(terminal, workload, walkers)
        return None if self.now is None or self._is_over else self._arrivals(terminal, self.now, self._walkers)

    def change(self, command: ChangeWorkload, now: float) -> None:
        """From now on customers come to the ATMs as the command says; `of` gives those of each terminal."""
        was = self.now or Workload()
        self._is_over = not command.every_s
        self.now = Workload(
            every_s=command.every_s or was.every_s,
            mix=command.mix if command.mix is not None else was.mix,
            amounts=command.amounts if command.amounts is not None else was.amounts,
            from_s=now,
        )
        self._walkers.want(self.now.amounts)

    def _arrivals(self, terminal: str, workload: Workload, walkers: Walkers) -> Arrivals:
        source = self._sources.setdefault(terminal, Random(f"{self._seed}/{terminal}/customers"))
        until_s = self._ends_at if workload.until_s is None else min(workload.until_s, self._ends_at)
        return Arrivals(workload, until_s, source, walkers.draw)
