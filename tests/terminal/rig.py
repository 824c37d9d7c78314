"""A terminal with modelled devices, joined back to back to the two-site host: no wire, no loop, one heap of times.

`Rig.judge` hands the history to the audit, which trusts nobody: what it passes, this terminal did right.
"""

from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from random import Random
from typing import Any

import msgspec
from msgspec.structs import replace

from atmbench import facts
from atmbench.audit.judge import judge
from atmbench.devices.outfit import Outfit
from atmbench.drill.commands import DisturbCustomer, DisturbDispenser
from atmbench.host.core import Host
from atmbench.host.effects import HostEffect, SendReply
from atmbench.host.effects import Record as RecordFact
from atmbench.host.settings import Account, Card, HostSettings
from atmbench.messages.dialect import load_dialect
from atmbench.messages.matching import transaction_key
from atmbench.messages.records import NETWORK, AccountType, Reply, Request
from atmbench.terminal import effects, inputs
from atmbench.terminal.cabinet import usual_request_key
from atmbench.terminal.core import Terminal
from atmbench.terminal.settings import TerminalSettings
from tests.terminal.cast import NAME, PAN, SETTINGS, clock_text

SITES = {"primary": "A", "secondary": "B"}
LATENCY_S = 0.02
ACCOUNT = "1000000001"
DIALECT = load_dialect("iso87-ascii")
DEVICES = (
    effects.Dispense,
    effects.RetractNotes,
    effects.PurgeNotes,
    effects.QueryDispenser,
    effects.EjectCard,
    effects.RetainCard,
    effects.CountDeposit,
    effects.StoreDeposit,
    effects.ReturnDeposit,
    effects.QueryEscrow,
)


class Rig:
    """One terminal's world. `loses` says of each message, by its direction and number, whether it is lost."""

    def __init__(
        self,
        settings: TerminalSettings = SETTINGS,
        *,
        seed: int = 1,
        host: HostSettings | None = None,
        loses: Callable[[str, int], bool] = lambda direction, number: False,
        defects: frozenset[str] = frozenset(),
    ) -> None:
        self.settings = settings
        self.now = 0.0
        self.history: list[Any] = []
        self.performed: list[effects.Effect] = []
        self.memory: dict[str, Any] = {}
        self.core: Terminal | None = None
        self.cut_after: int | None = None
        """Power fails after so many more effects."""
        self.cut_at: type[effects.Effect] | None = None
        """Power fails as soon as an effect of this kind was performed, once."""
        self.loses = loses
        self.is_dark: set[str] = set()
        """Lines that are silent."""
        accounts = {AccountType.DEFAULT: ACCOUNT, AccountType.CURRENT: ACCOUNT}
        self.host = Host(
            host or HostSettings(),
            [Card(pan=PAN, expiry="3012", accounts=accounts)],
            [Account(number=ACCOUNT, opening_minor=100_000)],
            "NGN",
        )
        self.devices = Outfit(NAME, settings, "NGN", Random(f"{seed}/devices"))
        self._rng = Random(seed)
        self._defects = defects
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._planned = 0
        self._frames = 0
        self._visits: dict[str, int] = {}
        self._record("conductor", self._run_started())
        self._count("start")
        self.power_on()

    # --- what happens ---------------------------------------------------------------------------

    def power_on(self) -> None:
        for fact in self.devices.power_on(self.now):
            self._record(NAME, fact)
        self.core = Terminal(
            NAME,
            self.settings,
            tuple(SITES),
            "NGN",
            dict(self.memory),
            self._rng,
            clock_text,
            responses=DIALECT.response,
            defects=self._defects,
        )
        self._give(inputs.PoweredOn())

    def power_off(self, back_after_s: float = 10.0) -> None:
        self.core = None
        self.cut_after = None
        for line in SITES:
            self._visits[line] = self._visits.get(line, 0) + 1
        self._record(NAME, facts.PowerFailed(during=""))
        for fact in self.devices.power_fail(self.now):
            self._record(NAME, fact)
        self._plan(back_after_s, self.power_on)

    def customer(self, asked: inputs.TransactionAsked) -> None:
        self.devices.customer_comes(asked, self.now)
        given, told = self.devices.take()
        for fact in told:
            self._record(NAME, fact)
        for each in given:
            self._give(each)

    def order_service(self, is_open: bool) -> None:
        self._give(inputs.ServiceOrdered(open=is_open))

    def order_line(self, line: str, is_open: bool) -> None:
        self._give(inputs.LineOrdered(line, open=is_open))

    def disturb(self, command: DisturbDispenser | DisturbCustomer) -> None:
        self.devices.disturb(command)

    def run(self, seconds: float) -> "Rig":
        """Let time pass."""
        until = self.now + seconds
        while (at := self._next()) <= until:
            self.now = max(self.now, at)
            if self._heap and self._heap[0][0] <= self.now:
                heappop(self._heap)[2]()
            if self.devices.deadline is not None and self.devices.deadline <= self.now:
                given, told = self.devices.on_time(self.now)
                for fact in told:
                    self._record(NAME, fact)
                for each in given:
                    self._give(each)
            if self.host.deadline is not None and self.host.deadline <= self.now:
                self._tell(self.host.on_time(self.now))
            if self.core is not None and self.core.deadline is not None and self.core.deadline <= self.now:
                self._perform(self.core.on_time(self.now))
        self.now = until
        return self

    def run_until_free(self, most_s: float = 600.0) -> "Rig":
        """Let time pass until the next customer could be served."""
        until = self.now + most_s
        while not (self.core is not None and self.core.is_free) and self.now < until:
            self.run(0.5)
        assert self.core is not None
        assert self.core.is_free, f"still {self.core.state}: {self.core.pending()}"
        return self

    def judge(self, most_s: float = 1200.0, open_exceptions_max: int = 0) -> Any:
        """Mend, converge, and let the audit judge."""
        self.loses = lambda direction, number: False
        self.is_dark.clear()
        self._record("conductor", facts.HealStarted(within_s=most_s))
        until = self.now + most_s
        while (self.core is None or self.core.pending() or self.host.pending()) and self.now < until:
            self.run(1.0)
        pending = (*(self.core.pending() if self.core is not None else ("no power",)), *self.host.pending())
        if not pending:
            self._record("conductor", facts.Converged())
        self._count("end")
        self._record("conductor", facts.RunEnded(because="over", pending=pending))
        self.history[0] = self._run_started(open_exceptions_max)
        facts.stamp(self.history[0], 0.0, "conductor")
        return judge(self.history)

    def facts_of(self, kind: type) -> list[Any]:
        return [fact for fact in self.history if isinstance(fact, kind)]

    # --- how it works ---------------------------------------------------------------------------

    def _next(self) -> float:
        core = self.core.deadline if self.core is not None else None
        heap = self._heap[0][0] if self._heap else None
        return min(
            (at for at in (core, self.devices.deadline, self.host.deadline, heap) if at is not None),
            default=float("inf"),
        )

    def _plan(self, after_s: float, act: Callable[[], None]) -> None:
        self._planned += 1
        heappush(self._heap, (self.now + after_s, self._planned, act))

    def _give(self, given: inputs.Input) -> None:
        if self.core is not None:
            self._perform(self.core.on_input(given, self.now))

    def _perform(self, asked: list[effects.Effect]) -> None:
        for effect in asked:
            self.performed.append(effect)
            self._perform_one(effect)
            if type(effect) is self.cut_at:
                self.cut_at = None
                self.power_off()
                return
            if self.cut_after is not None:
                self.cut_after -= 1
                if self.cut_after <= 0:
                    self.power_off()
                    return

    def _perform_one(self, effect: effects.Effect) -> None:
        if isinstance(effect, DEVICES):
            for fact in self.devices.perform(effect, self.now):
                self._record(NAME, fact)
        elif isinstance(effect, effects.Remember):
            self.memory[effect.slot] = effect.record
        elif isinstance(effect, effects.Forget):
            self.memory.pop(effect.slot, None)
        elif isinstance(effect, effects.Record):
            self._record(NAME, effect.fact)
        elif isinstance(effect, effects.Dial):
            self._visits[effect.line] = visit = self._visits.get(effect.line, 0) + 1
            if effect.line not in self.is_dark:
                self._plan(LATENCY_S, partial(self._arrive, effect.line, visit, inputs.LinkUp(effect.line)))
        elif isinstance(effect, effects.HangUp):
            self._visits[effect.line] = self._visits.get(effect.line, 0) + 1
        elif isinstance(effect, effects.SendMessage):
            self._send(effect)

    def _is_lost(self, direction: str, line: str) -> bool:
        self._frames += 1
        return line in self.is_dark or self.loses(direction, self._frames)

    def _send(self, effect: effects.SendMessage) -> None:
        request = effect.request
        fields = {"all": str(msgspec.to_builtins(replace(request, repeat=False, track2="", pin_block="")))}
        mti = {"08": "0800", "04": "0420", "02": "0200"}[usual_request_key(request).mti_class]
        sent = facts.MessageSent(
            terminal=NAME,
            line=effect.line,
            purpose=request.purpose,
            mti=mti,
            stan=request.stan,
            fields=fields,
            key=effect.key,
            amount_minor=request.amount_minor,
        )
        self._record(NAME, sent)
        if not self._is_lost("request", effect.line):
            self._plan(LATENCY_S, partial(self._reach_host, effect.line, self._visits[effect.line], request))

    def _reach_host(self, line: str, visit: int, request: Request) -> None:
        site = SITES[line]
        key = "" if request.purpose in NETWORK else transaction_key(NAME, request.stan, request.local_time)
        self._record(
            site,
            facts.MessageReceived(
                terminal=NAME, line=line, purpose=request.purpose, mti="", stan=request.stan, fields={}, key=key
            ),
        )
        for effect in self.host.on_request(site, request, self.now, (line, visit)):
            if isinstance(effect, SendReply):
                reply = replace(effect.reply, code=DIALECT.code(effect.reply.outcome))
                if not self._is_lost("reply", line):
                    self._plan(LATENCY_S, partial(self._reply_arrives, line, visit, request, reply))
            elif isinstance(effect, RecordFact):
                self._record(effect.site, effect.fact)

    def _reply_arrives(self, line: str, visit: int, request: Request, reply: Reply) -> None:
        key = usual_request_key(request)
        given = inputs.ReplyReceived(line, key, reply, f"{key.mti_class}10")
        self._arrive(line, visit, given)

    def _arrive(self, line: str, visit: int, given: inputs.Input) -> None:
        if self._visits.get(line) != visit or self.core is None:
            return
        if isinstance(given, inputs.ReplyReceived):
            reply = given.reply
            key = "" if reply.purpose in NETWORK else transaction_key(NAME, reply.stan, reply.local_time)
            received = facts.MessageReceived(
                terminal=NAME,
                line=line,
                purpose=reply.purpose,
                mti=given.mti,
                stan=reply.stan,
                fields={},
                key=key,
                code=reply.code,
                outcome=reply.outcome,
                amount_minor=reply.amount_minor or 0,
            )
            self._record(NAME, received)
        self._give(given)

    def _tell(self, told: list[HostEffect]) -> None:
        for effect in told:
            if isinstance(effect, RecordFact):
                self._record(effect.site, effect.fact)

    def _record(self, actor: str, fact: facts.Fact) -> None:
        facts.stamp(fact, self.now, actor)
        self.history.append(fact)

    def _count(self, when: str) -> None:
        self._record(NAME, self.devices.count(when))
        self._tell(self.host.count(when))

    def _run_started(self, open_exceptions_max: int = 0) -> facts.RunStarted:
        return facts.RunStarted(
            drill="rig",
            proves="",
            seed=1,
            venue="rig",
            version="0",
            currency="NGN",
            expect={"open_exceptions_max": open_exceptions_max, "approved_min": 0},
            lines=SITES,
        )
