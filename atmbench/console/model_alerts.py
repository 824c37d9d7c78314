"""Alerts: what a tester should look at, in words, the latest last. What happens to many at once is one alert. Dry."""

from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec

from atmbench import facts
from atmbench.facts import Fact

ALERTS_MAX = 300
SAME_WITHIN_S = 30.0
"""The same thing at another terminal so soon after belongs to the same alert."""
NAMED_MAX = 2
TERMINALS_MAX = 1_000


class Grade(StrEnum):
    """How bad it is."""

    GOOD = "good"
    NOTE = "note"
    WARN = "warn"
    BAD = "bad"


class Alert(msgspec.Struct):
    """One thing that happened, to one or many."""

    t: float
    grade: Grade
    says: str
    terminals: list[str]
    last_t: float
    key: str = ""
    """The transaction, if one is concerned."""

    @property
    def text(self) -> str:
        """The whole sentence: "moved to secondary: T01, T02 and 3 more"."""
        named = ", ".join(self.terminals[:NAMED_MAX])
        more = len(self.terminals) - NAMED_MAX
        if more > 0:
            named += f" and {more:,} more"
        return f"{self.says}: {named}" if named else self.says


class Alerts:
    """The latest alerts."""

    def __init__(self) -> None:
        self.latest: deque[Alert] = deque(maxlen=ALERTS_MAX)
        self.bad = 0
        self._by_says: dict[str, Alert] = {}
        self.handlers: dict[type, Callable[[Any], None]] = {
            facts.FaultStarted: self._fault_started,
            facts.FaultEnded: lambda fact: self._world(fact, Grade.GOOD, f"{fact.name} is mended"),
            facts.SiteRoleChanged: self._role,
            facts.PromotionRefused: lambda fact: self._world(
                fact, Grade.BAD, f"site {fact.site} does not become active: {fact.because}"
            ),
            facts.SiteAlarmRaised: lambda fact: self._world(
                fact, Grade.BAD, f"alarm of site {fact.site}: {fact.because}"
            ),
            facts.RecordDisturbed: lambda fact: self._world(
                fact, Grade.WARN, f"{fact.sender} to {fact.receiver}, a record ({_plain(fact.record)}): {fact.what}"
            ),
            facts.BalanceOverwritten: lambda fact: self._world(
                fact, Grade.BAD, f"site {fact.actor} took another balance of {fact.account} from site {fact.origin}"
            ),
            facts.SitesCompared: self._compared,
            facts.SiteRebuilt: lambda fact: self._world(
                fact, Grade.BAD, f"site {fact.site} has lost its book and begins with that of site {fact.like}"
            ),
            facts.CoreChanged: self._core,
            facts.AlertFired: lambda fact: self._world(
                fact, Grade.BAD, f"alert {fact.alert}: {fact.because}, and it is {fact.value:g}"
            ),
            facts.AlertCleared: lambda fact: self._world(fact, Grade.GOOD, f"alert {fact.alert} is cleared"),
            facts.BrakeAlert: lambda fact: self._world(
                fact, Grade.BAD, f"site {fact.site} approves too much ({_plain(fact.rule)})"
            ),
            facts.BrakeChanged: lambda fact: self._world(
                fact, Grade.WARN, f"site {fact.site} {'stops' if fact.on else 'allows'} withdrawals: {fact.because}"
            ),
            facts.LineChosen: self._line_chosen,
            facts.PowerFailed: lambda fact: self._at(fact, Grade.WARN, "lost power"),
            facts.ExceptionOpened: self._exception,
            facts.DispenseFailed: lambda fact: self._at(fact, Grade.WARN, f"dispense failed: {fact.because}", fact.key),
            facts.DeviceFailed: lambda fact: self._at(fact, Grade.WARN, f"{_plain(fact.device)}: {fact.error}"),
            facts.CardRetained: lambda fact: self._at(fact, Grade.NOTE, f"kept a card: {fact.because}"),
            facts.CashRetracted: lambda fact: self._at(fact, Grade.WARN, "cash was left and drawn back", fact.key),
            facts.StepRefused: lambda fact: self._world(
                fact, Grade.WARN, f"{_plain(fact.command)} was refused: {fact.because}"
            ),
            facts.StateChanged: self._state,
            facts.AdviceQueued: lambda fact: self._at(
                fact, Grade.NOTE, f"stored a {_plain(fact.purpose)}{f' ({_plain(fact.reason)})' if fact.reason else ''}"
            ),
            facts.ReplyIgnored: lambda fact: self._at(fact, Grade.WARN, f"ignored a reply: {_plain(fact.reason)}"),
            facts.FrameRefused: lambda fact: self._at(fact, Grade.WARN, "got bytes that it cannot read"),
            facts.SecurityRefused: self._security,
            facts.HealStarted: lambda fact: self._world(fact, Grade.GOOD, "everything is mended: healing begins"),
            facts.Converged: lambda fact: self._world(fact, Grade.GOOD, "everything is settled"),
            facts.RunEnded: self._ended,
        }

    def _at(self, fact: Fact, grade: Grade, says: str, key: str = "") -> None:
        """Something at a terminal."""
        terminal = fact.actor.partition("/")[0]
        same = self._by_says.get(says)
        if same is not None and fact.t - same.last_t <= SAME_WITHIN_S:
            same.last_t = fact.t
            same.key = key or same.key
            if terminal not in same.terminals and len(same.terminals) < TERMINALS_MAX:
                same.terminals.append(terminal)
            return
        self._keep(Alert(fact.t, grade, says, [terminal], fact.t, key))

    def _world(self, fact: Fact, grade: Grade, says: str) -> None:
        self._keep(Alert(fact.t, grade, says, [], fact.t))

    def _keep(self, alert: Alert) -> None:
        if len(self.latest) == ALERTS_MAX:
            oldest = self.latest[0]
            if self._by_says.get(oldest.says) is oldest:
                del self._by_says[oldest.says]
        self.latest.append(alert)
        if alert.terminals:
            self._by_says[alert.says] = alert
        self.bad += alert.grade is Grade.BAD

    def _fault_started(self, fact: facts.FaultStarted) -> None:
        where = " ".join(
            str(fact.detail[each]) for each in ("line", "carrier", "site", "terminal") if fact.detail.get(each)
        )
        self._world(fact, Grade.BAD if fact.kind == "cut" else Grade.WARN, f"{fact.name} begins: {fact.kind} {where}")

    def _role(self, fact: facts.SiteRoleChanged) -> None:
        grade = Grade.BAD if fact.role == "down" else Grade.NOTE
        self._world(fact, grade, f"site {fact.site} is {fact.role}: {fact.because}")

    def _core(self, fact: facts.CoreChanged) -> None:
        grade, where = (Grade.GOOD, "back") if fact.up else (Grade.BAD, "away")
        self._world(fact, grade, f"the core of site {fact.site} is {where}")

    def _compared(self, fact: facts.SitesCompared) -> None:
        differ = sum(fact.missing.values()) + fact.different
        grade = Grade.WARN if fact.first_key else Grade.GOOD
        self._world(fact, grade, f"the sites were compared: {differ:,} differences{', set right' * fact.repaired}")

    def _line_chosen(self, fact: facts.LineChosen) -> None:
        if fact.previous:
            self._at(fact, Grade.WARN, f"moved from {fact.previous} to {fact.line}")

    def _state(self, fact: facts.StateChanged) -> None:
        if fact.new == "closed":
            self._at(fact, Grade.WARN, f"out of service: {fact.because}")

    def _exception(self, fact: facts.ExceptionOpened) -> None:
        self._at(fact, Grade.BAD, f"opened an exception, {_plain(fact.kind)}: {fact.because}", fact.key)

    def _security(self, fact: facts.SecurityRefused) -> None:
        says = f"site {fact.actor} refused {fact.terminal} for its {_plain(fact.what)}"
        self._world(fact, Grade.WARN, says)

    def _ended(self, fact: facts.RunEnded) -> None:
        open_ones = f"; still open: {', '.join(fact.pending[:NAMED_MAX])}" if fact.pending else ""
        self._world(fact, Grade.BAD if fact.pending else Grade.GOOD, f"the run has ended: {fact.because}{open_ones}")


def _plain(word: str) -> str:
    return word.replace("_", " ")
