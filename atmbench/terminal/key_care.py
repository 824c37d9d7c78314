"""Working keys, as far as the core minds them: whether there are any, and when new ones are wanted.

The keys themselves lie in the PIN pad; the core only remembers that it has some, and since when.
Sources: iso8583 facts 1.11 (life in time and uses), 7.2 (a host with other keys).
"""

from atmbench.security.key_ring import KeyLife
from atmbench.terminal.cabinet import Cabinet
from atmbench.terminal.effects import Remember
from atmbench.terminal.memory import KEYS, Memory
from atmbench.terminal.outstanding import NEVER

ASK_AGAIN_S = 30.0
"""How long after a failed exchange the next one is tried, if the grace of the old keys does not call for it sooner."""
ASK_AGAIN_S_MIN = 5.0


class KeyCare:
    """`life` is None where keys are not exchanged; then this asks for nothing."""

    def __init__(self, cabinet: Cabinet, life: KeyLife | None, memory: Memory) -> None:
        self._cabinet = cabinet
        self._life = life
        self._since = memory.keys_since
        self._uses = 0
        self._asking_on = ""
        self._asked_at = 0.0
        self.deadline = NEVER
        """When new keys are wanted."""
        self._plan()
        if life is not None and life.uses is not None and self._since is not None:
            self.deadline = self._since  # how often they were used was not remembered: they may be used up

    @property
    def is_missing(self) -> bool:
        """Whether nothing can be said to a host before keys have come."""
        return self._life is not None and self._since is None

    @property
    def are_exchanged(self) -> bool:
        """Whether a host may be asked for keys at all."""
        return self._life is not None

    def used(self, now: float) -> None:
        """A message was sealed and answered."""
        self._uses += 1
        life = self._life
        if life is not None and life.uses is not None and self._uses >= life.uses:
            self.demand(now)

    def demand(self, now: float) -> None:
        """New keys are wanted at once: the life of the old ones is over, or the host has others."""
        if self._life is not None and not self._asking_on:
            self.deadline = min(self.deadline, now)

    def asked(self, line: str, now: float) -> None:
        """A host is asked for keys on this line."""
        self._asking_on = line
        self._asked_at = now
        self.deadline = NEVER

    def came(self, now: float) -> None:
        """Keys have come, and the PIN pad has them. If it says nothing of them, they are asked for again."""
        self.deadline = now + self._pause_s

    def failed(self, line: str, now: float) -> None:
        """No keys came on this line. They are asked for again after a while."""
        if self._asking_on == line:
            self._asking_on = ""
            self.deadline = now + self._pause_s

    def fell(self, line: str) -> None:
        """The line is gone on which keys were asked for. They are still wanted: the next line will be asked."""
        if self._asking_on == line:
            self._asking_on = ""
            self.deadline = self._asked_at

    def loaded(self, now: float) -> None:
        """The PIN pad has taken new keys."""
        self._asking_on = ""
        self._since, self._uses = now, 0
        self._cabinet.ask(Remember(KEYS, now))
        self._plan()

    @property
    def _pause_s(self) -> float:
        """The host may have changed its keys all the same, and then takes ours for the grace time only."""
        grace_s = self._life.grace_s if self._life is not None else 0.0
        return min(ASK_AGAIN_S, max(ASK_AGAIN_S_MIN, grace_s / 4))

    def _plan(self) -> None:
        life, since = self._life, self._since
        self.deadline = NEVER
        if life is not None and life.seconds is not None and since is not None:
            self.deadline = since + life.seconds
