"""Answers that wait until the records behind them are safe: at the other sites, or in a database.

This module must never decide an answer; it only says when one may leave.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Set

import msgspec

from atmbench.errors import LocalError
from atmbench.host.defects import replication
from atmbench.host.effects import ForgetRequest, HostEffect, SendReply
from atmbench.host.replication import TICK_S
from atmbench.host.vault import Vault
from atmbench.messages.records import NETWORK

ANSWERS_MAX = 100_000
"""Answers that may wait at all sites together."""


class _Waiting(msgspec.Struct, frozen=True, gc=False):
    sent: tuple[int, ...]
    """Records of its site that must be safe."""
    until: float | None
    reply: SendReply


class Confirmations:
    """Answers by site, in the order in which they were given. `after_s` lets one go all the same; None never does.

    Records become safe in their order, so no answer of a site waits for less than the one before it.
    """

    def __init__(self, vault: Vault, after_s: float | None, defects: Set[str] = frozenset()) -> None:
        self._defects = defects
        self._vault = vault
        self._after_s = after_s
        self._waiting: dict[str, deque[_Waiting]] = {}

    @property
    def deadline(self) -> float | None:
        """When the next answer goes out although nobody has confirmed it; None if none will."""
        firsts = (waiting[0].until for waiting in self._waiting.values() if waiting)
        return min((until for until in firsts if until is not None), default=None)

    def hold_back(self, site: str, effects: Iterable[HostEffect], now: float) -> list[HostEffect]:
        """What of the effects of a site can be carried out now. An answer to a network message waits for nothing.

        Raises LocalError if too many answers wait.
        """
        found: list[HostEffect] = []
        for effect in effects:
            if not isinstance(effect, SendReply) or effect.reply.purpose in NETWORK:
                found.append(effect)
            else:
                self._hold(site, effect, now)
                found += self.ready(now)
        return found

    def _hold(self, site: str, reply: SendReply, now: float) -> None:
        """Keep an answer back until all that its site has sent so far is safe."""
        if sum(map(len, self._waiting.values())) >= ANSWERS_MAX:
            raise LocalError(
                f"{ANSWERS_MAX} answers wait until their records are safe; let the other site, or the database, take "
                "them earlier, or send less"
            )
        until = None if self._after_s is None else now + self._after_s
        self._waiting.setdefault(site, deque()).append(_Waiting(self._vault.sent(site), until, reply))

    def ready(self, now: float) -> Iterator[HostEffect]:
        """The answers that may leave now."""
        for site, waiting in self._waiting.items():
            while waiting and self._may_leave(site, waiting[0], now):
                yield waiting.popleft().reply

    def _may_leave(self, site: str, each: _Waiting, now: float) -> bool:
        is_late = each.until is not None and each.until <= now + TICK_S
        is_safe = is_late or self._vault.has_taken(site, each.sent)
        return is_safe or replication.ANSWER_UNCONFIRMED in self._defects

    def drop(self, site: str) -> Iterator[HostEffect]:
        """A site has gone dark: what waited there is answered by nobody."""
        for each in self._waiting.pop(site, ()):
            if each.reply.ticket is not None:
                yield ForgetRequest(each.reply.ticket)
