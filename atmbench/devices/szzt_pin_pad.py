"""The driver of an encrypting PIN pad ZT598 of SZZT (facts of devices 3): bytes and time in, bytes and results out.

Working keys lie in two places each. New ones go where those in use are not, and only when both have proved themselves
by their check values does the driver turn to them: keys that came damaged, or power that fails in between, leave those
before at work. A PIN is typed when the customer is ready, and a block or a MAC takes several exchanges, so results come
later, through `hear`. After any doubt the pad is asked again: what is told as loaded, typed or sealed is what it says
itself.

This module must never see a key in the clear or a PIN.
"""

from collections.abc import Callable
from math import inf

import msgspec

from atmbench.devices import szzt_steps as steps
from atmbench.devices import szzt_words as words
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.alarm import Alarm
from atmbench.devices.pin_pad import Injected
from atmbench.devices.pin_results import EntryBegan, EntryEnded, MacMade, PinResult, SetUpEnded
from atmbench.devices.port import Detail, Machine, Port
from atmbench.devices.states import DeviceState
from atmbench.devices.szzt_steps import Numbers, Prover, Steps
from atmbench.devices.szzt_unit import Unit
from atmbench.devices.szzt_words import Failed
from atmbench.errors import LocalError
from atmbench.facts import KeysLoaded
from atmbench.messages.records import WrappedKeys
from atmbench.messages.security_file import Security
from atmbench.security.mac import MacMethod
from atmbench.security.pin_block import PAN_DIGITS_MAX, PAN_DIGITS_MIN
from atmbench.terminal import inputs

MARGIN_S = 3.0
"""A pad that says nothing so long after the time for a PIN is over is asked what became of it."""
_BY_CUSTOMER = frozenset({"cancel", "entryTimeout", "noPin"})


class SzztSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How one pad is set up."""

    uid: str = "88" * 16
    """What the driver proves itself by. That of the driver in the field; a constant there."""
    master_number: int = 0x10
    places: tuple[Numbers, Numbers] = ((0x30, 0x31), (0x32, 0x33))
    """Key numbers of PIN key and MAC key, twice."""
    pin_min: int = 4
    pin_max: int = 12
    input_time_s: int = 30
    """For a whole PIN."""


class _Entry:
    """A PIN entry that is wanted. `account` are the twelve digits that a block is bound to."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.is_open = False


class SzztPinPad:
    """The PIN pad of one terminal. `machine` is None for a real one; `hear(result, now)` gets what was asked for.

    Raises LocalError if the rules want what this pad cannot do: key blocks, AES, DUKPT or another MAC.
    """

    def __init__(
        self,
        rules: Security,
        settings: SzztSettings | None = None,
        *,
        port: Port,
        machine: Machine | None,
        agenda: Agenda,
        scene: Scene,
        hear: Callable[[PinResult, float], None],
    ) -> None:
        demand_able(rules)
        self._rules = rules
        self._settings = settings = settings or SzztSettings()
        self._prover = Prover(bytes.fromhex(settings.uid), settings.master_number)
        self._machine = machine
        self._scene = scene
        self._hear = hear
        self._unit = Unit(port, agenda, scene, pressed=self._pressed, recover=self._recover, ill=self._is_ill)
        self._entry_over = Alarm(agenda, self._ask_what_was_typed)
        self._entry: _Entry | None = None
        self._number = 0
        # Kept in the terminal's non-volatile memory: which keys are where.
        self._place = 0
        self._has_keys = False
        self._loaded: WrappedKeys | None = None
        self._before_until = -inf

    # --- orders -----------------------------------------------------------------------------------

    @property
    def state(self) -> DeviceState:
        """How it is."""
        return self._unit.condition.state

    @property
    def has_keys(self) -> bool:
        """Whether there are working keys, as far as is known: PINs can be asked for and messages sealed."""
        return self._has_keys

    def has_keys_before(self, now: float) -> bool:
        """Whether the keys before those in use still count."""
        return now < self._before_until

    def load(self, line: str, keys: WrappedKeys, now: float) -> None:
        """Begin to load new keys; KeysLoaded follows. A repeated message of the host loads nothing anew."""

        def told(because: str) -> None:
            accepted = not because
            self._scene.tell(
                KeysLoaded(accepted=accepted, pin_check=keys.pin_check, mac_check=keys.mac_check, because=because)
            )
            self._scene.give(inputs.KeysLoaded(line, because))

        def work() -> Steps[None]:
            if keys != self._loaded:
                place = 1 - self._place
                self._before_until = -inf  # what lies there counts no more
                yield from steps.load(self._prover, self._settings.places[place], keys)
                self._turn_to(place, keys)
            told("")

        self._unit.begin(work(), lambda failed: told(failed.because), now)

    def _turn_to(self, place: int, keys: WrappedKeys) -> None:
        if self._has_keys:
            self._before_until = self._unit.now + self._rules.keys.life.grace_s
        self._place, self._loaded, self._has_keys = place, keys, True

    def begin_entry(self, pan: str, now: float) -> None:
        """Begin to hide what is typed; EntryBegan follows, then EntryEnded. Another entry that is open is forgotten.

        Raises LocalError for a PAN that no block can be bound to.
        """
        if not (PAN_DIGITS_MIN <= len(pan) <= PAN_DIGITS_MAX and pan.isascii() and pan.isdigit()):
            raise LocalError("a PIN entry needs a PAN of 13 to 19 digits")
        self._entry = entry = _Entry(pan[-13:-1])
        self._unit.begin(self._open(entry), lambda failed: self._ended_by(entry, failed), now)

    def cancel_entry(self, now: float) -> None:
        """Turn the keys off; EntryEnded follows if an entry was open. For a customer who cancels elsewhere."""
        entry = self._entry

        def ended() -> None:
            if entry is not None:
                self._ended_by(entry, Failed("cancel", "the entry was cancelled"))

        def work() -> Steps[None]:
            yield from self._keys_off()
            ended()

        self._unit.begin(work(), lambda failed: ended(), now)

    def mac(self, text: bytes, now: float, *, before: bool = False) -> int:
        """Begin to make the MAC of a text under the key in use, or under the one `before`. MacMade follows.

        Gives the number that MacMade will have.
        """
        self._number += 1
        number = self._number

        def failed(because: Failed) -> None:
            if not before:
                self._lose_keys(because)
            self._unit.tell_failed(because)
            self._hear(MacMade(number=number, error=because.error, because=because.because), self._unit.now)

        def work() -> Steps[None]:
            if not (self.has_keys_before(self._unit.now) if before else self._has_keys):
                raise Failed("keyNotFound", "the PIN pad has no such MAC key", is_news=False)
            key = self._settings.places[1 - self._place if before else self._place][1]
            made = yield from steps.mac(self._prover, key, self._rules.mac.rule, text)
            self._hear(MacMade(number=number, mac=made), self._unit.now)

        self._unit.begin(work(), failed, now)
        return number

    def set_up(self, injected: Injected, now: float) -> None:
        """Wipe the pad and put in what belongs into it, as in a secure room; SetUpEnded follows.

        Raises LocalError for keys that this pad cannot hold.
        """
        demand_able(self._rules, with_dukpt=injected.dukpt is not None)

        def work() -> Steps[None]:
            self._forget_keys()
            place = self._settings.places[0]
            yield from steps.set_up(self._prover, injected.master, place, injected.first_keys)
            yield from steps.make_ready(self._settings.input_time_s)
            self._has_keys = injected.first_keys is not None
            self._hear(SetUpEnded(), self._unit.now)

        def failed(because: Failed) -> None:
            self._unit.tell_failed(because)
            self._hear(SetUpEnded(error=because.error, because=because.because), self._unit.now)

        self._unit.begin(work(), failed, now)

    def _lose_keys(self, failed: Failed) -> None:
        """The pad has said that a key in use is not there."""
        if failed.rtn == words.NO_SUCH_KEY:
            self._forget_keys()

    def _forget_keys(self) -> None:
        self._place, self._loaded, self._has_keys, self._before_until = 0, None, False, -inf

    # --- a PIN ------------------------------------------------------------------------------------

    def _open(self, entry: _Entry) -> Steps[None]:
        if not self._has_keys:
            because = "the PIN pad has no PIN key yet; a terminal without keys must not ask for a PIN"
            raise Failed("keyNotFound", because, is_news=False)
        settings = self._settings
        for ask in (
            words.pin_length("4", settings.pin_min),
            words.pin_length("5", settings.pin_max),
            words.SOUND_ON,
            words.BEGIN_PIN,
        ):
            if entry is not self._entry:
                return
            yield from steps.good(ask)
        if entry is self._entry:
            entry.is_open = True
            self._entry_over.set(self._unit.now + settings.input_time_s + MARGIN_S)
            self._hear(EntryBegan(), self._unit.now)

    def _pressed(self, byte: int, now: float) -> None:
        if byte == words.HIDDEN and self._unit.line.asked == words.BEGIN_PIN:
            self._unit.line.settle(now)  # digits are hidden, so it was heard; to ask again would lose what was typed
        entry = self._entry
        if entry is None or not entry.is_open:
            return
        if byte == words.ENTER:
            self._fetch(entry, now)
        elif byte == words.CANCEL:
            self._ended_by(entry, Failed("cancel", "the customer pressed cancel"))
        elif byte == words.TIME_OVER:
            self._ended_by(entry, Failed("entryTimeout", "the time for the PIN is over"))

    def _ask_what_was_typed(self, now: float) -> None:
        """The pad should have said by now how the entry ended: what it said may be lost."""
        if self._entry is not None and self._entry.is_open:
            self._fetch(self._entry, now)
            self._unit.begin(self._keys_off(), lambda failed: None, now)

    def _keys_off(self) -> Steps[None]:
        yield from steps.good(words.KEYS_OFF)

    def _fetch(self, entry: _Entry, now: float) -> None:
        entry.is_open = False
        self._entry_over.clear()

        def work() -> Steps[None]:
            key, format = self._settings.places[self._place][0], self._rules.pin_format
            block, digits = yield from steps.block(self._prover, key, format, entry.account)
            self._end(entry, EntryEnded(block=block, digits=digits))

        self._unit.begin(work(), lambda failed: self._ended_by(entry, failed), now)

    def _ended_by(self, entry: _Entry, failed: Failed) -> None:
        if entry is self._entry:
            if failed.error not in _BY_CUSTOMER:
                self._lose_keys(failed)
                self._unit.tell_failed(failed)
            self._end(entry, EntryEnded(error=failed.error, because=failed.because))

    def _end(self, entry: _Entry, ended: EntryEnded) -> None:
        if entry is self._entry:
            self._entry = None
            self._entry_over.clear()
            self._hear(ended, self._unit.now)

    # --- how it is --------------------------------------------------------------------------------

    def _is_ill(self, failed: Failed) -> None:
        if self._entry is not None:
            self._ended_by(self._entry, failed)

    def _recover(self) -> Steps[None]:
        yield from steps.good(words.STATUS)
        flag = yield from steps.good(words.REMOVAL)
        yield from steps.make_ready(self._settings.input_time_s)
        if self._has_keys:
            yield from self._look_for_keys()
        if flag[2:] == b"1":
            self._unit.tell_failed(Failed("fraudAttempt", "the PIN pad says that it was taken out of its place"))

    def _look_for_keys(self) -> Steps[None]:
        try:
            for number in self._settings.places[self._place]:
                yield from steps.prove(self._prover, number)
        except Failed as failed:
            if failed.rtn not in (words.NO_SUCH_KEY, words.NO_UID):
                raise
            self._forget_keys()
            self._unit.tell_failed(failed)

    # --- port, power, hands -----------------------------------------------------------------------

    def on_bytes(self, data: bytes, now: float) -> None:
        """Bytes came in: an answer, or keys."""
        self._unit.on_bytes(data, now)

    def on_port_changed(self, now: float) -> None:
        """The pad was pulled out, or plugged in again."""
        self._unit.on_port_changed(now)

    def on_happened(self, event: str, detail: Detail, now: float) -> None:
        """Nothing: whatever is true of a PIN pad, its driver can hear on the line or not at all."""

    def power_fail(self, now: float) -> None:
        """Power is gone: what was under way is lost, and nobody is told."""
        self._unit.power_fail()
        self._entry = None
        self._entry_over.drop()
        if self._machine is not None:
            self._machine.order("power_off")

    def power_on(self, now: float) -> None:
        """Power is back: see how the pad is, and whether it still has its keys."""
        if self._machine is not None:
            self._machine.order("power_on")
        self._unit.power_on(now)


def demand_able(rules: Security, *, with_dukpt: bool = False) -> None:
    """Raises LocalError if a ZT598 lacks something of these rules."""
    missing = lacks(rules, with_dukpt=with_dukpt)
    if missing:
        raise LocalError(missing)


def lacks(rules: Security, *, with_dukpt: bool = False) -> str:
    """What a ZT598 cannot do of these rules, and what to do about it; empty if it can do all."""
    if with_dukpt:
        return "a ZT598 knows no DUKPT; have PINs sealed under a PIN key, or the PIN pad modelled"
    if rules.keys.form != "bare":
        return "a ZT598 takes keys bare and not in TR-31 blocks; name another dialect, or have the PIN pad modelled"
    if rules.pin_format not in words.FORMATS:
        return (
            f"a ZT598 knows no PIN block of format {rules.pin_format}, but 0 to 3; have the PIN pad modelled, or name "
            "another dialect"
        )
    if rules.mac.rule.method not in (MacMethod.X9_9, MacMethod.X9_19):
        return (
            f"a ZT598 makes no MACs by {rules.mac.rule.method}, but by x9.9 and x9.19; have the PIN pad modelled, or "
            "name another dialect"
        )
    return ""
