"""Answers that wait until the records behind them are safe: at the other sites, or in a database.

This module must never decide an answer; it only says when one may leave.
"""

from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

from atmbench.errors import LocalError
from atmbench.host.effects import ForgetRequest, HostEffect, SendReply
from atmbench.host.replication import TICK_S
from atmbench.host.vault import Vault
from atmbench.messages.records import NETWORK

ANSWERS_MAX = 100_000
"""Answers that may wait at all sites together."""


class _Waiting(msgspec.Struct, frozen=True, gc=False):
    site: str
    sent: tuple[int, ...]
    """Records of the site that the others must have taken."""
    until: float | None
    reply: SendReply


class Confirmations:
    """Answers by the order in which they were given. `after_s` lets one go all the same; None never does."""

    def __init__(self, vault: Vault, after_s: float | None) -> None:
        self._vault = vault
        self._after_s = after_s
        self._waiting: deque[_Waiting] = deque()

    @property
    def deadline(self) -> float | None:
        """When the next answer goes out although nobody has confirmed it; None if none will."""
        return self._waiting[0].until if self._waiting else None

    def hold(self, site: str, reply: SendReply, now: float) -> None:
        """Keep an answer back until all that its site has sent so far is taken. Raises LocalError if too many wait."""
        if len(self._waiting) >= ANSWERS_MAX:
            raise LocalError(
                f"{ANSWERS_MAX} answers wait for the other site to take their records; let it take them earlier, or "
                "set host.confirms_after_s"
            )
        until = None if self._after_s is None else now + self._after_s
        self._waiting.append(_Waiting(site, self._vault.sent(site), until, reply))

    def hold_back(self, site: str, effects: Iterable[HostEffect], now: float) -> list[HostEffect]:
        """What of the effects of a site can be carried out now. An answer to a network message waits for nothing."""
        found: list[HostEffect] = []
        for effect in effects:
            if not isinstance(effect, SendReply) or effect.reply.purpose in NETWORK:
                found.append(effect)
            else:
                self.hold(site, effect, now)
                found += self.ready(now)
        return found

    def ready(self, now: float) -> Iterator[HostEffect]:
        """The answers that may leave now."""
        left: deque[_Waiting] = deque()
        for each in self._waiting:
            is_late = each.until is not None and each.until <= now + TICK_S
            if is_late or self._vault.has_taken(each.site, each.sent):
                yield each.reply
            else:
                left.append(each)
        self._waiting = left

    def drop(self, site: str) -> Iterator[HostEffect]:
        """A site has gone dark: what waited there is answered by nobody."""
        for each in self._waiting:
            if each.site == site and each.reply.ticket is not None:
                yield ForgetRequest(each.reply.ticket)
        self._waiting = deque(each for each in self._waiting if each.site != site)
