"""The cabinet: what all parts of one terminal share.

Parts ask for effects here, and the core hands them out at the end of a turn. STANs and the clock's text
come from here too. The cabinet must never decide anything.
"""

from collections.abc import Callable, Set
from random import Random
from typing import Literal, NamedTuple, Protocol

from atmbench.facts import Fact
from atmbench.messages.matching import ReplyKey, next_stan
from atmbench.messages.records import NETWORK, Outcome, Purpose, Request
from atmbench.terminal.client_screens import for_client
from atmbench.terminal.defects.recovery import STAN_RESTARTS_AT_POWER_UP
from atmbench.terminal.defects.sessions import REUSE_STAN
from atmbench.terminal.effects import Effect, Record, Remember, ShowScreen, WriteJournal
from atmbench.terminal.memory import STAN
from atmbench.terminal.settings import TerminalSettings


class Response(Protocol):
    """What a dialect says of a response code; see messages.responses."""

    @property
    def outcome(self) -> Outcome: ...  # noqa: D102 - as in ResponseCode
    @property
    def card(self) -> Literal["return", "retain"]: ...  # noqa: D102
    @property
    def reverse(self) -> bool: ...  # noqa: D102
    @property
    def accepts_advice(self) -> bool: ...  # noqa: D102
    @property
    def retry_advice(self) -> bool: ...  # noqa: D102


def usual_request_key(request: Request) -> ReplyKey:
    """What the reply to a request will share with it where no dialect says: 1987, every service a 0200."""
    if request.purpose in NETWORK:
        return ReplyKey("08", request.terminal, request.stan)
    return ReplyKey("04" if request.purpose is Purpose.REVERSAL else "02", request.terminal, request.stan)


class Habits(NamedTuple):
    """What the lines of a terminal want of it, beside the shape of messages."""

    signs_off: bool = True
    """Whether there is a message to sign off with; without one the terminal hangs up."""
    renews_transmitted: bool = False
    """Whether DE7 of an advice that is sent again is new."""


USUAL_HABITS = Habits()


class Cabinet:
    """Name, settings, effects of the turn, STANs and time of one terminal.

    `stan` is the last number used. `clock_text` gives local YYMMDDhhmmss of a moment and `utc_text` the same in UTC;
    without it local time is that.
    """

    def __init__(
        self,
        name: str,
        settings: TerminalSettings,
        currency: str,
        *,
        stan: int,
        rng: Random,
        clock_text: Callable[[float], str],
        utc_text: Callable[[float], str] | None = None,
        responses: Callable[[str], Response],
        request_key: Callable[[Request], ReplyKey],
        habits: Habits,
        defects: Set[str],
        is_client: bool = False,
    ) -> None:
        self.name = name
        self.is_client = is_client
        """Online or mobile banking: there is no card to read or to keep, no cash and no paper."""
        self.settings = settings
        self.currency = currency
        self.rng = rng
        self.responses = responses
        self.request_key = request_key
        self.habits = habits
        self.defects = defects
        self.business_day = ""
        """The day that the host is in, as far as it was heard: YYMMDD or MMDD. Empty if nothing ever was."""
        self._effects: list[Effect] = []
        self._stan = stan
        self._stan_is_fresh = True
        self._clock_text = clock_text
        self._utc_text = utc_text or clock_text
        self._text_at = -1.0
        self._text = ""

    def ask(self, effect: Effect) -> None:
        """Ask for one effect, after all that were asked for before."""
        self._effects.append(effect)

    def record(self, fact: Fact) -> None:
        """Ask for a fact to be recorded."""
        self._effects.append(Record(fact))

    def show(self, screen: ShowScreen) -> None:
        """Ask for a screen, in the words of a client if this is one."""
        self._effects.append(for_client(screen) if self.is_client else screen)

    def journal(self, text: str, stan: int, now: float, key: str = "") -> None:
        """Ask for a line in the electronic journal: time, STAN, text."""
        at = self.local_time(now)
        self._effects.append(WriteJournal(f"{at[6:8]}:{at[8:10]}:{at[10:]} {stan:06d} {text}", key))

    def take_effects(self) -> list[Effect]:
        """All effects of this turn; the next one starts empty."""
        effects, self._effects = self._effects, []
        return effects

    def local_time(self, now: float) -> str:
        """Local date and time, YYMMDDhhmmss."""
        if now != self._text_at:
            self._text_at, self._text = now, self._clock_text(now)
        return self._text

    def transmitted(self, now: float) -> str:
        """DE7 of a message that is made now: MMDDhhmmss in UTC (iso8583 facts 1.5)."""
        return self._utc_text(now)[2:]

    def resume_stans(self) -> None:
        """Power is there: go on after the last number used."""
        if self._stan and STAN_RESTARTS_AT_POWER_UP in self.defects:
            self._stan = 0

    def next_stan(self) -> int:
        """A number for a message, remembered before it is used."""
        if not self._stan_is_fresh and REUSE_STAN in self.defects:
            self._stan_is_fresh = True
            return self._stan
        self._stan_is_fresh = False
        self._stan = stan = next_stan(self._stan)
        self._effects.append(Remember(STAN, stan))
        return stan
