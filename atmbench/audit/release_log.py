"""The release log: where which release ran, and signs in the facts that two of them do not go together.

Folded from facts alone, as the casebook is: it never looks into a release. Each sign has the name that the
catalogue gives to what shows so, or none. Frames that a fault had its hands on are no sign of anything.
"""

from collections.abc import Callable
from math import inf
from typing import Any

import msgspec

from atmbench import facts
from atmbench.audit.cases import CUTOVER
from atmbench.facts import AnyFact
from atmbench.messages.moments import moment_of
from atmbench.releases.records import BASE, ZONE_H_MAX

MESSAGES_KEPT_MAX = 10_000
"""Messages of terminals that are remembered, to compare what came of them."""
POSTED_MAX = 1_000_000
"""Postings of which it is known whether one comes a second time."""
SIGNS_MAX = 1_000
DEPLOYMENTS_MAX = 100_000
PAIRED_WITHIN_S = 60.0
"""A frame that cannot be read is the oldest unread one of its line that was sent within this time."""
TAINTED_S = 60.0
"""So long after a fault has altered frames of a terminal's line nothing that it shows is put down to a release."""
HARMLESS = frozenset({"cut", "delay", "duplicate", "lose", "merge", "reorder", "split", "trickle"})
"""Faults that leave what they deliver as it was."""

NEW_FIELD = "new-mandatory-field"
LONGER = "longer-field"
ORIGINAL = "changed-original-layout"
MATCHING = "other-matching-key"
ZONE = "time-zone"
CODE = "new-response-code"
MAC_RANGE = "changed-mac-range"
KEY_CHECK = "key-check-omitted"
REASON = "reversal-reason-moved"
WINDOW = "duplicate-window-shortened"
UNNAMED = ""
WANTED_BEFORE = frozenset(
    {
        facts.RunStarted,
        facts.ReleaseDeployed,
        facts.FrameDisturbed,
        facts.StepPerformed,
    }
)
"""Facts that count before anything is deployed. All others show something only once there are two releases."""


_At = tuple[str, int]
"""Terminal and STAN."""


class Deployment(msgspec.Struct):
    """A release at one place, from a moment on."""

    place: str
    side: str
    release: str
    t: float
    fact: int
    until: float | None = None
    heard: int = 0
    """Messages that the place has read meanwhile."""


class Sign(msgspec.Struct):
    """Something that shows that a release does not go together with another. `times` it was seen."""

    name: str
    side: str
    release: str
    site: str
    says: str
    t: float
    fact: int
    key: str = ""
    times: int = 1


class ReleaseLog:
    """All that is known of releases in one run. Idle, and empty, until the first deployment."""

    _number: int
    """Of the present fact."""
    _t: float

    def __init__(self) -> None:
        self.deployments: list[Deployment] = []
        self.signs: dict[tuple[str, ...], Sign] = {}
        self._runs: dict[str, Deployment] = {}
        """Site or terminal to the deployment that counts there now."""
        self._site_of: dict[str, str] = {}
        self._sent: dict[_At, facts.MessageSent] = {}
        self._unread: dict[str, dict[_At, facts.MessageSent]] = {}
        """Site to what was sent to it and has not been read there yet, in order."""
        self._answered: dict[_At, facts.MessageSent] = {}
        self._tainted: dict[tuple[str, str], float] = {}
        self._read_last: dict[tuple[str, str], facts.MessageSent | None] = {}
        """Terminal and site to what the site has read last of it, if the terminal has sent that."""
        self._fresh_keys: dict[tuple[str, str], float] = {}
        """Terminal and site to when the terminal took keys of that site for the last time."""
        self._asked_keys: dict[str, tuple[str, str]] = {}
        """Terminal to the line over which it asked for keys, and the site there."""
        self._old_until: dict[str, float] = {}
        """Site that holds old keys to when the last answer that it made with them has arrived, or been lost."""
        self._posted: set[tuple[str, str]] = set()
        self._knew: dict[tuple[str, str], float] = {}
        self._handlers: dict[type, Callable[[Any], None]] = {
            facts.FrameDisturbed: self._frame_disturbed,
            facts.MessageSent: self._message_sent,
            facts.MessageReceived: self._message_received,
            facts.FrameRefused: self._frame_refused,
            facts.ReplyIgnored: self._reply_ignored,
            facts.SecurityRefused: self._security_refused,
            facts.KeysLoaded: self._keys_loaded,
            facts.StepPerformed: self._step_performed,
            facts.EntryPosted: self._entry_posted,
            facts.RepeatAnswered: self._repeat_answered,
            facts.SiteRebuilt: self._site_rebuilt,
        }

    @property
    def is_used(self) -> bool:
        """Whether anything was deployed."""
        return bool(self.deployments)

    def add(self, fact: AnyFact, number: int) -> None:
        """Fold one fact in. `number` is its line in the history."""
        if isinstance(fact, facts.RunStarted):
            self._site_of = dict(fact.lines)
            return
        self._number, self._t = number, fact.t
        if isinstance(fact, facts.ReleaseDeployed | facts.ReleaseRolledBack):
            self._changed(fact)
            return
        handler = self._handlers.get(type(fact))
        if handler is not None:
            handler(fact)

    def _changed(self, fact: facts.ReleaseDeployed | facts.ReleaseRolledBack) -> None:
        before = self._runs.pop(fact.actor, None)
        if before is not None:
            before.until = fact.t
        if fact.release == BASE or len(self.deployments) >= DEPLOYMENTS_MAX:
            return
        deployment = Deployment(fact.actor, fact.side, fact.release, fact.t, self._number)
        self._runs[fact.actor] = deployment
        self.deployments.append(deployment)

    def _release(self, place: str) -> str:
        deployment = self._runs.get(place)
        return BASE if deployment is None else deployment.release

    # --- what is remembered -----------------------------------------------------------------------

    def _step_performed(self, fact: facts.StepPerformed) -> None:
        if fact.command == "keys":
            site = str(fact.detail.get("site"))
            self._old_until[site] = inf if fact.detail.get("old") else fact.t + TAINTED_S

    def _frame_disturbed(self, fact: facts.FrameDisturbed) -> None:
        if fact.kind not in HARMLESS:
            self._tainted[fact.terminal, fact.line] = fact.t

    def _is_tainted(self, terminal: str, line: str, t: float) -> bool:
        tainted_at = self._tainted.get((terminal, line))
        return tainted_at is not None and t - tainted_at <= TAINTED_S

    def _message_sent(self, fact: facts.MessageSent) -> None:
        if fact.purpose == CUTOVER:
            return  # under a number of the host's own
        at = fact.terminal, fact.stan
        if fact.actor != fact.terminal:
            _keep(self._answered, at, fact)
            return
        _keep(self._sent, at, fact)
        site = self._site_of.get(fact.line)
        if site is None:
            return
        _keep(self._unread.setdefault(site, {}), at, fact)
        if fact.purpose == "key_exchange":
            self._asked_keys[fact.actor] = fact.line, site

    def _repeat_answered(self, fact: facts.RepeatAnswered) -> None:
        self._knew.clear()  # it is asked for in the same instant only
        self._knew[fact.actor, fact.key] = fact.t

    # --- signs ------------------------------------------------------------------------------------

    def _message_received(self, fact: facts.MessageReceived) -> None:
        deployment = self._runs.get(fact.actor)
        if deployment is not None:
            deployment.heard += 1
        if fact.purpose == CUTOVER:
            return
        if self._is_tainted(fact.terminal, fact.line, fact.t):
            return
        at = fact.terminal, fact.stan
        if fact.actor != fact.terminal:
            sent = self._sent.get(at)
            self._unread.get(fact.actor, {}).pop(at, None)
            self._read_last[fact.terminal, fact.actor] = sent
            self._request_read(fact, sent)
            return
        answered = self._answered.get(at)
        if answered is not None and answered.code == fact.code and answered.outcome != fact.outcome:
            what = f"its code {fact.code} means {_plain(answered.outcome)}, and {_plain(fact.outcome)} to"
            self._sign(CODE, answered.actor, fact.terminal, what + " {terminals}", fact.key)

    def _request_read(self, fact: facts.MessageReceived, sent: facts.MessageSent | None) -> None:
        """A site has read a message: what does it take it to be about."""
        meant = sent.key if sent is not None else ""
        if not meant or not fact.key or fact.key == meant:
            return
        _, stan, local_time = fact.key.rsplit("/", 2)
        _, meant_stan, meant_time = meant.rsplit("/", 2)
        if stan != meant_stan:
            what = "it takes reversals of {terminals} for those of other transactions"
            self._sign(ORIGINAL, fact.actor, fact.terminal, what, meant)
        elif hours := hours_between(meant_time, local_time):
            what = f"it reads local times of {{terminals}} as {abs(hours)} h {'later' if hours > 0 else 'earlier'}"
            self._sign(ZONE, fact.actor, fact.terminal, what, meant)

    def _frame_refused(self, fact: facts.FrameRefused) -> None:
        site = self._site_of.get(fact.line)
        if fact.actor in self._site_of.values():
            self._refused_by_site(fact)
        elif site is not None and not self._is_tainted(fact.actor, fact.line, fact.t):
            if "MAC" in fact.because:
                self._mac_disagrees(site, fact.actor)
            else:
                what = f"its answers cannot be read by {{terminals}}; they stop at DE{fact.field}"
                self._sign(LONGER if fact.position is not None else UNNAMED, site, fact.actor, what)

    def _refused_by_site(self, fact: facts.FrameRefused) -> None:
        sender = self._sender(fact)
        if sender is None or self._is_tainted(sender.terminal, sender.line, fact.t):
            return
        is_missing = fact.position is None and fact.field not in sender.fields
        where = f"DE{fact.field}"
        if fact.value == "original" and not (fact.position is not None and self._reads_too_long(fact.actor)):
            name, what = ORIGINAL, f"it cannot read {where} in messages of {{terminals}}, which names the original"
        elif fact.value == "reason" and is_missing:
            name, what = REASON, f"reversals of {{terminals}} are refused: it wants their reason in {where}"
        elif is_missing:
            name, what = NEW_FIELD, f"{{terminals}} are refused for {where}, which they do not send"
        elif fact.position is not None:
            name, what = LONGER, f"it cannot read messages of {{terminals}}; it stops at {where}"
        else:
            name, what = UNNAMED, f"it takes {where} of {{terminals}} for something else"
        self._sign(name, fact.actor, sender.terminal, what, sender.key)

    def _reads_too_long(self, site: str) -> bool:
        """Whether a site stops at other places too: then the field where it does is not the one that has changed."""
        return any(sign.name == LONGER and sign.site == site for sign in self.signs.values())

    def _sender(self, fact: facts.FrameRefused) -> facts.MessageSent | None:
        """The message that a site could not read: the oldest of the line that it has not read."""
        unread = self._unread.get(fact.actor)
        while unread:
            sent = unread.pop(next(iter(unread)))
            if fact.t - sent.t <= PAIRED_WITHIN_S:
                return sent
        return None

    def _reply_ignored(self, fact: facts.ReplyIgnored) -> None:
        site = self._site_of.get(fact.line)
        if site is None or self._is_tainted(fact.actor, fact.line, fact.t):
            return
        if fact.reason == "unmatched" and (fact.actor, fact.stan) not in self._sent:
            what = "its answers fit no request of {terminals}: they carry another STAN"
            self._sign(MATCHING, site, fact.actor, what)

    def _security_refused(self, fact: facts.SecurityRefused) -> None:
        tainted = any(self._is_tainted(fact.terminal, line, fact.t) for line in self._site_of)
        if fact.what == "mac" and not tainted:
            self._mac_disagrees(fact.actor, fact.terminal)

    def _mac_disagrees(self, site: str, terminal: str) -> None:
        """Two ends that hold other keys come to the same by an exchange of keys; what is sent after it must agree."""
        sent = self._read_last.get((terminal, site))
        fresh_at = self._fresh_keys.get((terminal, site))
        if sent is None or fresh_at is None or self._is_old(site):
            return
        deployments = [each.t for place in (site, terminal) if (each := self._runs.get(place)) is not None]
        if deployments and max(deployments) < fresh_at < sent.t:
            self._sign(MAC_RANGE, site, terminal, "MACs between it and {terminals} do not agree, with new keys either")

    def _is_old(self, site: str) -> bool:
        return self._t <= self._old_until.get(site, -inf)

    def _keys_loaded(self, fact: facts.KeysLoaded) -> None:
        if fact.actor not in self._asked_keys:
            return
        line, site = self._asked_keys[fact.actor]
        if fact.accepted:
            self._fresh_keys[fact.actor, site] = fact.t
        elif not self._is_old(site) and not self._is_tainted(fact.actor, line, fact.t):
            self._sign(KEY_CHECK, site, fact.actor, "its new keys are refused by {terminals}: their check is missing")

    def _entry_posted(self, fact: facts.EntryPosted) -> None:
        if fact.kind != "posting" or fact.actor != fact.origin:
            return
        at = fact.actor, fact.key
        if at in self._posted and self._knew.get(at) != fact.t:
            self._sign(WINDOW, fact.actor, "", "a request that came again later was posted a second time", fact.key)
        if len(self._posted) < POSTED_MAX:
            self._posted.add(at)

    def _site_rebuilt(self, fact: facts.SiteRebuilt) -> None:
        """A site has lost its entries: what it makes again is no second posting."""
        self._posted = {at for at in self._posted if at[0] != fact.site}

    def _sign(self, name: str, site: str, terminal: str, what: str, key: str = "") -> None:
        """Keep a sign, if any release is there that it can be put down to."""
        deployment = self._runs.get(site) or self._runs.get(terminal)
        if deployment is None:
            return
        release = self._release(site)
        says = what.format(terminals=f"terminals of release {self._release(terminal)}")
        at = (name, deployment.side, deployment.release, site, self._release(terminal))
        sign = self.signs.get(at)
        if sign is not None:
            sign.times += 1
        elif len(self.signs) < SIGNS_MAX:
            says = f"site {site} with release {release}: {says}"
            self.signs[at] = Sign(name, deployment.side, deployment.release, site, says, self._t, self._number, key)


def hours_between(earlier: str, later: str) -> int:
    """Whole hours from one MMDDhhmmss to another, if they are that far apart and a zone can be; else 0."""
    first, second = moment_of(earlier), moment_of(later)
    if first is None or second is None:
        return 0
    hours, rest = divmod(round((second - first).total_seconds()), 3600)
    return hours if not rest and abs(hours) <= ZONE_H_MAX else 0


def _keep(kept: dict[_At, facts.MessageSent], at: _At, fact: facts.MessageSent) -> None:
    kept.pop(at, None)
    kept[at] = fact
    if len(kept) > MESSAGES_KEPT_MAX:
        del kept[next(iter(kept))]


def _plain(word: str) -> str:
    return word.replace("_", " ")
