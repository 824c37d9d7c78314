"""Failover: which line a terminal uses, when it leaves it, and when it may come back.

Health is recent replies, never an open socket: a line is left when replies stop, when its connection is lost or when
its host says that it cannot serve. If no line is good they are tried in turn, ever more slowly. The preferred line is
looked at again after a while, on probation beside the one in use, and taken back only when it has answered for
some time and no customer or message would notice. A line that is left in good health gets a sign-off first; nothing
waits for its answer but the hanging up. This module must not know what customers do.
"""

from atmbench.facts import LineChosen, LineSuspected, SignedOff, SignedOn
from atmbench.messages.records import NETWORK, Outcome, Purpose, Reply
from atmbench.terminal.cabinet import Cabinet
from atmbench.terminal.defects import lines as planted
from atmbench.terminal.effects import Dial, HangUp, LoadKeys
from atmbench.terminal.key_care import KeyCare
from atmbench.terminal.lines import Line, Lines, LineState
from atmbench.terminal.network_requests import NetworkRequests
from atmbench.terminal.outstanding import NEVER, Outstanding, Waiting
from atmbench.terminal.pauses import dial_after_s, spread_s


class Failover:
    """Lines of one terminal in order of preference. `active` is the one chosen, whatever its state."""

    def __init__(self, cabinet: Cabinet, lines: Lines, outstanding: Outstanding, keys: KeyCare) -> None:
        self._cabinet = cabinet
        self._keys = keys
        self._defects = cabinet.defects
        self._settings = cabinet.settings.failover
        self._timers = cabinet.settings.timers
        self._outstanding = outstanding
        self._requests = NetworkRequests(cabinet, outstanding)
        self._lines = lines
        self._order = lines.in_order
        self._preferred = self._order[0]
        self.active = self._preferred
        self.is_over = True
        """No line is wanted: none is dialled until `start`."""
        self.probe: Line | None = None
        """A line on probation beside the one in use."""
        self._missed = 0
        self._failures = 0
        """Lines left in a row without a reply to more than a sign-on."""
        self._dial_at = NEVER
        self._probe_at = NEVER
        self.fallen: list[str] = []
        """Lines that have gone since the last `take_fallen`."""

    # --- what others may ask --------------------------------------------------------------------

    @property
    def line(self) -> str:
        """The line to send on now; empty if there is none."""
        active = self.active
        if active.state is LineState.SIGNED_ON:
            return active.name
        is_near = active.state is LineState.SIGNING_ON and not self._keys.is_missing
        return active.name if is_near and planted.SERVE_BEFORE_SIGN_ON in self._defects else ""

    @property
    def deadline(self) -> float:
        """When `on_time` must next be called."""
        deadline = min(self.active.deadline, self._dial_at, self._probe_at, self._keys_due)
        return deadline if self.probe is None else min(deadline, self.probe.deadline)

    @property
    def _keys_due(self) -> float:
        """When new keys are to be asked for: they are wanted, and there is somebody to ask."""
        return self._keys.deadline if self.active.is_signed_on else NEVER

    @property
    def wants_back(self) -> bool:
        """Whether the preferred line has earned its trust back, and only waits for a quiet moment."""
        probe = self.probe
        if probe is None or not probe.is_signed_on:
            return False
        if probe.echoes < self._settings.fail_back_echoes:
            return planted.FAIL_BACK_AT_ONCE in self._defects
        return planted.NEVER_FAIL_BACK not in self._defects

    def take_fallen(self) -> list[str]:
        """Lines that have gone since the last time: no reply will come over them any more."""
        fallen, self.fallen = self.fallen, []
        return fallen

    # --- connections ----------------------------------------------------------------------------

    def start(self, now: float) -> None:
        """Lines are wanted from now on: dial the one that is chosen, which is the preferred one at first."""
        self.is_over = False
        self._missed = self._failures = 0
        if self.active.state is LineState.DOWN:
            self._dial(self.active, now)

    def end(self, now: float) -> None:
        """No line is wanted any more: sign off and hang up."""
        self.is_over = True
        self.probe = None
        self._dial_at = self._probe_at = NEVER
        for line in self._order:
            self.part_with(line, now)

    def part_with(self, line: Line, now: float) -> None:
        """Sign off on a line that a host has signed this terminal on to; hang up on any other."""
        if line.is_signed_on and not self._cabinet.habits.signs_off:
            self._hang_up(line)
        elif line.is_signed_on:
            line.state = LineState.SIGNING_OFF
            line.deadline = NEVER
            self._requests.send(Purpose.SIGN_OFF, line, now)
        elif line.state in (LineState.DIALLING, LineState.SIGNING_ON, LineState.GETTING_KEYS):
            self._hang_up(line)

    def _on_signed_off(self, line: Line, now: float, *, answered: bool, is_lost: bool = False) -> None:
        self._cabinet.record(SignedOff(line=line.name, answered=answered))
        self._hang_up(line, is_lost=is_lost)
        if line is self.active and not self.is_over:
            self._dial(line, now)  # it has been chosen again meanwhile

    def _hang_up(self, line: Line, *, is_lost: bool = False) -> None:
        if not is_lost:
            self._cabinet.ask(HangUp(line.name))
        line.fall()
        self._keys.fell(line.name)
        self.fallen.append(line.name)

    def on_link_up(self, name: str, now: float) -> None:
        """A connection stands. Sign on."""
        line = self._lines[name]
        if line.state is LineState.DIALLING:
            if line.has_signed_on and planted.SIGN_ON_ONCE in self._defects:
                self._open(line, now)
            else:
                self._requests.sign_on(line, now)
        elif line.state is LineState.DOWN:
            self._cabinet.ask(HangUp(name))  # it came after the terminal had given up the dial

    def on_link_lost(self, name: str, because: str, now: float) -> None:
        """A connection is gone, or could not be made."""
        line = self._lines[name]
        if line.state is LineState.SIGNING_OFF:
            self._on_signed_off(line, now, answered=False, is_lost=True)
        elif line.state is not LineState.DOWN:
            self._fail(line, because, now, is_lost=True)

    def _dial(self, line: Line, now: float) -> None:
        if line is self.active:
            self._dial_at = NEVER
        if self._lines.is_out(line.name):
            return  # if that is the one in use, `duty` moves to another, or waits
        line.state = LineState.DIALLING
        line.deadline = now + self._timers.dial_s
        self._cabinet.ask(Dial(line.name))

    # --- replies and their absence --------------------------------------------------------------

    def on_reply(self, waiting: Waiting, reply: Reply, now: float) -> None:
        """A request on some line was answered, whatever it was for."""
        line = self._lines[waiting.line]
        purpose = waiting.request.purpose
        if line.state is LineState.SIGNING_OFF:
            if purpose is Purpose.SIGN_OFF:
                self._on_signed_off(line, now, answered=True)
            elif purpose is Purpose.KEY_EXCHANGE:
                self._on_key_reply(line, reply, now)  # the host counts on them, whatever line is used next
            return
        if purpose is Purpose.SIGN_ON:
            self._on_sign_on_reply(line, reply, now)
            return
        if purpose is Purpose.KEY_EXCHANGE:
            self._on_key_reply(line, reply, now)
            return
        if reply.outcome in (Outcome.MAC_FAILED, Outcome.PIN_KEY_FAILED):
            if planted.KEEP_OLD_KEYS not in self._defects:
                self._keys.demand(now)
        elif purpose not in NETWORK:
            self._keys.used(now)
        if reply.outcome is Outcome.HOST_UNAVAILABLE and planted.IGNORE_UNAVAILABLE not in self._defects:
            self._fail(line, "the host cannot serve", now)
            return
        if reply.outcome is Outcome.SIGN_ON_NEEDED:
            if line.is_signed_on:
                self._requests.sign_on(line, now)
            return
        if line is self.active:
            self._missed = 0
            self._failures = 0
        if purpose is Purpose.ECHO:
            line.echoes += 1
        self._expect_silence(line, now)

    def _on_sign_on_reply(self, line: Line, reply: Reply, now: float) -> None:
        if line.state is not LineState.SIGNING_ON:
            return
        if reply.outcome is Outcome.MAC_FAILED and self._keys.are_exchanged and not line.signs_on_again:
            line.signs_on_again = True
            self._get_keys(line, now)
        elif reply.outcome is not Outcome.APPROVED:
            self._fail(line, f"sign-on was answered {reply.code} ({_plain(reply.outcome)})", now)
        elif self._keys.is_missing:
            self._get_keys(line, now)
        else:
            self._open(line, now)

    def _get_keys(self, line: Line, now: float) -> None:
        """Without keys this line cannot be opened."""
        line.state = LineState.GETTING_KEYS
        line.deadline = NEVER
        self._ask_for_keys(line, now)

    def _ask_for_keys(self, line: Line, now: float) -> None:
        self._keys.asked(line.name, now)
        self._requests.send(Purpose.KEY_EXCHANGE, line, now)

    def _on_key_reply(self, line: Line, reply: Reply, now: float) -> None:
        if reply.outcome is Outcome.APPROVED and reply.keys is not None:
            self._keys.came(now)
            self._cabinet.ask(LoadKeys(line.name, reply.keys))
            if line.state is LineState.GETTING_KEYS:
                line.deadline = now + self._timers.network_reply_s
        elif reply.outcome is Outcome.HOST_UNAVAILABLE and line.is_signed_on:
            self._fail(line, "the host cannot serve", now)
        else:
            self._on_no_keys(line, reply, now)

    def _on_no_keys(self, line: Line, reply: Reply, now: float) -> None:
        self._keys.failed(line.name, now)
        if line.state is LineState.GETTING_KEYS:
            brought_none = reply.outcome is Outcome.APPROVED
            why = "brought no keys" if brought_none else f"was answered {reply.code} ({_plain(reply.outcome)})"
            self._fail(line, f"the key exchange {why}", now)
        elif reply.outcome is Outcome.SIGN_ON_NEEDED and line.is_signed_on:
            self._requests.sign_on(line, now)

    def on_keys_loaded(self, name: str, because: str, now: float) -> None:
        """The PIN pad has taken new keys, or says why not."""
        line = self._lines[name]
        is_waiting = line.state is LineState.GETTING_KEYS
        if not because:
            self._keys.loaded(now)
            if is_waiting and line.signs_on_again:
                self._requests.sign_on(line, now)
            elif is_waiting:
                self._open(line, now)
            return
        self._keys.failed(name, now)
        if is_waiting:
            self._fail(line, because, now)

    def on_keys_lost(self, now: float) -> None:
        """The PIN pad has none any more: a host is asked for new ones as soon as may be."""
        self._keys.demand(now)

    def _open(self, line: Line, now: float) -> None:
        """The line carries customers from now on."""
        line.state = LineState.SIGNED_ON
        line.has_signed_on = True
        line.echoes = 0
        line.signs_on_again = False
        self._cabinet.record(SignedOn(line=line.name))
        self._expect_silence(line, now)
        if line is self.active:
            self._missed = 0
            self._probe_at = NEVER
            self.plan_probe(now)

    def on_silence(self, waiting: Waiting, now: float) -> None:
        """A request on some line was not answered in time."""
        line = self._lines[waiting.line]
        if line.state is LineState.SIGNING_OFF:
            if waiting.request.purpose is Purpose.SIGN_OFF:
                self._on_signed_off(line, now, answered=False)
            return
        if line.state is LineState.DOWN:
            return
        if waiting.request.purpose is Purpose.KEY_EXCHANGE:
            self._keys.failed(line.name, now)
        is_active = line is self.active
        self._missed += is_active
        missed = self._missed if is_active else 1
        self._cabinet.record(LineSuspected(line=line.name, missed=missed))
        if line.is_signed_on and is_active and missed < self._settings.missed_replies:
            if not self._outstanding.is_waiting_on(line.name):
                line.deadline = now  # ask at once whether somebody is there
            return
        self._fail(line, "a reply is missing" if missed == 1 else f"{missed} replies in a row are missing", now)

    def _expect_silence(self, line: Line, now: float) -> None:
        pause_s = self._timers.echo_s if line is self.active else self._settings.probe_s
        line.deadline = now + pause_s

    # --- choosing -------------------------------------------------------------------------------

    def _fail(self, line: Line, because: str, now: float, *, is_lost: bool = False) -> None:
        """A line is no good at the moment."""
        had_connected = line.state is not LineState.DIALLING
        self._hang_up(line, is_lost=is_lost)
        if line is self.active:
            self._leave(because, now, had_connected=had_connected)
        elif line is self.probe:
            self.probe = None
            self._probe_at = now + self._settings.fail_back_after_s

    def _leave(self, because: str, now: float, *, had_connected: bool) -> None:
        """Take the line on probation if there is one, else the next: at once, or slower once all were tried."""
        self._failures += 1
        self._missed = 0
        self._probe_at = NEVER
        if self.probe is not None:
            chosen, self.probe = self.probe, None
        else:
            chosen = self._lines.next_after(self.active) or self.active
            if chosen is not self.active and self._clings(had_connected):
                chosen = self.active
        self._choose(chosen, because)
        if chosen.is_signed_on:
            chosen.deadline = min(chosen.deadline, now + self._timers.echo_s)
        if chosen.state is not LineState.DOWN:
            return
        cabinet = self._cabinet
        after_s = dial_after_s(self._failures, len(self._order), cabinet.settings, cabinet.rng, self._defects)
        if after_s:
            self._dial_at = now + after_s
        else:
            self._dial(chosen, now)

    def _clings(self, had_connected: bool) -> bool:
        """Whether a planted defect keeps the terminal on a line that is no good."""
        can_stay = had_connected and planted.TAKE_CONNECT_FOR_HEALTH in self._defects
        return can_stay or planted.NEVER_FAIL_OVER in self._defects

    def _choose(self, chosen: Line, because: str) -> None:
        previous, self.active = self.active, chosen
        if chosen is not previous:
            self._cabinet.record(LineChosen(line=chosen.name, previous=previous.name, because=because))

    def move_back(self, now: float) -> None:
        """Take the preferred line back. Only to be called in a quiet moment, when `wants_back`."""
        assert self.probe is not None
        self.move(self.probe, f"{self.probe.name} has answered {self.probe.echoes} echoes in a row", now)

    def move(self, chosen: Line, because: str, now: float) -> None:
        """Use another line from now on, and part with the one in use. Only to be called in a quiet moment."""
        left, self.probe = self.active, None
        self._probe_at = self._dial_at = NEVER
        self._missed = self._failures = 0
        self._choose(chosen, because)
        if chosen.is_signed_on:
            self._expect_silence(chosen, now)
        elif chosen.state is LineState.DOWN:
            self._dial(chosen, now)
        self.part_with(left, now)

    def rest(self, now: float) -> None:
        """No line may be used: part with the one in use, and dial none."""
        self._dial_at = self._probe_at = NEVER
        self.part_with(self.active, now)

    def plan_probe(self, now: float) -> None:
        """The preferred line is looked at after a while, if another is in use."""
        if self.active is not self._preferred and self._settings.fail_back and self.probe is None:
            self._probe_at = now + self._settings.fail_back_after_s + spread_s(self._settings, self._cabinet.rng)

    # --- time -----------------------------------------------------------------------------------

    def on_time(self, now: float) -> None:
        """Dials that took too long, echoes and probes that are due."""
        self._attend(self.active, now)
        if self.probe is not None:
            self._attend(self.probe, now)
        if self._dial_at <= now:
            self._dial(self.active, now)
        if self._keys_due <= now:
            self._ask_for_keys(self.active, now)
        if self._probe_at <= now:
            self._probe_at = NEVER
            if not self._lines.is_out(self._preferred.name):
                self.probe = self._preferred
                self._dial(self._preferred, now)

    def _attend(self, line: Line, now: float) -> None:
        if line.deadline > now:
            return
        if line.state is LineState.DIALLING:
            self._fail(line, f"no connection within {self._timers.dial_s:g} s", now)
        elif line.state is LineState.GETTING_KEYS:
            self._fail(line, "the PIN pad did not take the keys in time", now)
        elif self._outstanding.is_waiting_on(line.name):
            self._expect_silence(line, now)  # not idle: the reply that is waited for will tell
        else:
            self._expect_silence(line, now)
            unheard = planted.TRUST_OPEN_SOCKET if line is self.active else planted.ECHO_ON_ONE_LINE
            if unheard not in self._defects:
                self._requests.send(Purpose.ECHO, line, now)


def _plain(outcome: Outcome) -> str:
    return outcome.replace("_", " ")
