"""The book: what the audit knows of a run, and the questions that checks ask of it.

Only the casebook writes into it. It must not judge: whether a fact that is missing matters, the check
says that asked for it.
"""

import msgspec

from atmbench import facts, money
from atmbench.audit.alert_log import AlertLog
from atmbench.audit.capacity import Loads
from atmbench.audit.card_log import CardLog
from atmbench.audit.cases import Case, new_case
from atmbench.audit.exposure_log import ExposureLog
from atmbench.audit.hold_log import HoldLog
from atmbench.audit.informed_log import InformedLog
from atmbench.audit.posting_log import PostingLog
from atmbench.audit.release_log import ReleaseLog
from atmbench.audit.site_log import SiteLog
from atmbench.audit.tally import Tally
from atmbench.audit.terminals import TerminalLog
from atmbench.audit.told import Told
from atmbench.audit.verdict import listed
from atmbench.drill.expectations import Expectations
from atmbench.drill.places import ATM
from atmbench.errors import LocalError

LineFault = facts.FaultStarted | facts.FaultEnded | facts.StepPerformed


class Missing(LocalError):
    """A fact that a check needs is not in the history. The check that raises it is UNKNOWN."""


class FaultLog(msgspec.Struct):
    """What one fault did: a fault that met no frame, block or record has proven nothing."""

    kind: str
    touched: int = 0
    not_applied: int = 0
    """Frames that it met and had to leave as they were: the dialect cannot carry what it wanted."""


class Book:
    """All that the checks need of a history.

    `cases` by key and `terminals` by name are in the order of their first fact. Facts are numbered
    from 1, as the lines of history.jsonl.
    """

    def __init__(self) -> None:
        self.count = 0
        self.t = 0.0
        """When the last fact was."""
        self.cases: dict[str, Case] = {}
        self.terminals: dict[str, TerminalLog] = {}
        self.run_started: facts.RunStarted | None = None
        self.heal: facts.HealStarted | None = None
        self.converged: facts.Converged | None = None
        self.ended: facts.RunEnded | None = None
        self.refused_steps: list[facts.StepRefused] = []
        self.line_faults: list[LineFault] = []
        self.faults: dict[str, FaultLog] = {}
        """By name, in the order in which they first began."""
        self.renamed: dict[str, str] = {}
        """A key that a request was given on its way, to the key that its terminal had sent it with."""
        self.ledgers: dict[tuple[str, str], facts.LedgerCounted] = {}
        """By site and "start" or "end"."""
        self.cassettes: dict[tuple[str, str], facts.CassettesCounted] = {}
        """By terminal and "start" or "end"."""
        self.moves: dict[str, dict[str, int]] = {}
        """Site to account to its change by all entries there; sites in the order of their first entry."""
        self.odd_entries: list[tuple[int, facts.EntryPosted]] = []
        """Entries whose legs do not sum to zero, with the number of the fact."""
        self.clients: dict[str, str] = {}
        """Client to its channel."""
        self.told = Told()
        self.exceptions_without_key: list[facts.ExceptionOpened] = []
        self.site_log = SiteLog()
        self.hold_log = HoldLog()
        self.posting_log = PostingLog()
        self.loads = Loads()
        self.exposure = ExposureLog()
        self.tally = Tally()
        self.releases = ReleaseLog()
        self.cards = CardLog(self.cases)
        self.informed = InformedLog()
        self.alert_log = AlertLog()

    def run(self) -> facts.RunStarted:
        """The first fact of the run. Raises Missing if there is none."""
        if self.run_started is None:
            raise Missing("the history has no RunStarted fact, so nothing is known of the drill")
        return self.run_started

    def end(self) -> facts.RunEnded:
        """The last fact of the run. Raises Missing if there is none, or if the run was stopped."""
        if self.ended is None:
            raise Missing(
                f"the run goes on, or broke off: no RunEnded in {self.count:,} facts, and money may be under way"
            )
        if self.ended.stopped:
            still_open = listed(self.ended.pending, 3) or "nothing that is known of"
            raise Missing(f"the run was stopped, and money may be under way; open was {still_open}")
        return self.ended

    def expectations(self) -> Expectations:
        """What the drill expects. Raises LocalError if the record in RunStarted is none of this version."""
        try:
            return msgspec.convert(self.run().expect, Expectations)
        except msgspec.ValidationError as error:
            raise LocalError(f"the expectations in RunStarted cannot be read: {error}") from None

    def sites(self) -> tuple[str, ...]:
        """All sites of the host: those that have lines, then those that only posted or were counted."""
        known = dict.fromkeys(self.run().lines.values())
        known.update(dict.fromkeys(self.moves))
        known.update(dict.fromkeys(site for site, _ in self.ledgers))
        return tuple(known)

    def channel_of(self, terminal: str) -> str:
        """The channel of a client; that of the ATMs for every other terminal."""
        return self.clients.get(terminal, ATM)

    def atms(self) -> tuple[str, ...]:
        """All terminals that are no clients of a channel, in the order of their first fact."""
        return tuple(terminal for terminal in self.terminals if self.channel_of(terminal) == ATM)

    def say(self, amount_minor: int) -> str:
        """An amount as decimal text in the currency of the run, with thousands apart."""
        if self.run_started is None:
            return f"{amount_minor} minor units"
        text = money.display(abs(amount_minor), self.run_started.currency)
        whole, point, part = text.partition(".")
        return f"{'-' if amount_minor < 0 else ''}{int(whole):,}{point}{part}"

    def case(self, key: str) -> Case:
        """The case of a key; a new one if nothing was known of it. The present fact becomes its last."""
        case = self.cases.get(key)
        if case is None:
            case = self.cases[key] = new_case(key, self.count)
        case.fact_last = self.count
        return case

    def sent_as(self, key: str) -> str:
        """The key under which a terminal sent what others know by this one; a key that a terminal began stays itself.

        A request may be renamed several times on its way, by one fault after the other.
        """
        seen = {key}
        while key in self.renamed and not self._was_begun(key) and self.renamed[key] not in seen:
            key = self.renamed[key]
            seen.add(key)
        return key

    def _was_begun(self, key: str) -> bool:
        case = self.cases.get(key)
        return case is not None and case.started_t is not None

    def log(self, name: str) -> TerminalLog:
        """The log of a terminal; a new one if nothing was known of it."""
        log = self.terminals.get(name)
        if log is None:
            log = self.terminals[name] = TerminalLog(name)
        return log

    def outstanding_key(self, fact: facts.MessageReceived) -> str:
        """The key of a reply that does not carry enough to make one: that of the terminal's last request."""
        log = self.terminals.get(fact.actor)
        last = log.last_sent if log is not None else None
        return last.key if last is not None and last.stan == fact.stan else ""
