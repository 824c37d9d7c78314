"""What a terminal wants of its PIN pad, by a ZT598 at a serial port: fingers type PINs, and everything takes its time.

Turns orders of the role into tasks of the driver, and what the driver tells into calls of whoever ordered. It also
stands where no wire leads: in the secure room that sets an emulated pad up, and at its keys in place of a customer.
This module must never keep a PIN for longer than it takes to type.
"""

import hmac
from collections.abc import Callable
from functools import partial

import msgspec

from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.pin_pad import Injected
from atmbench.devices.pin_results import EntryBegan, EntryEnded, MacMade, PinResult, PinsWanted, SealedPins, SetUpEnded
from atmbench.devices.port import Machine, Port
from atmbench.devices.roles import MAC_DISAGREES, MacChecked, PinsSealed
from atmbench.devices.roles import MacMade as Made
from atmbench.devices.szzt_pin_pad import SzztPinPad, demand_able
from atmbench.messages.records import WrappedKeys
from atmbench.terminal.inputs import KeysLost

SET_UP_AGAIN_S = 5.0
"""From a set-up of an emulated pad that came to nothing to the next."""
KEY_S = 0.3
"""From one key to the next, of an emulated customer. Our choice."""

Answer = Callable[[MacMade, float], None]
TypesAfter = Callable[[], float | None]
"""How long a customer takes to the first key; None if no PIN is typed."""


class _Typing(msgspec.Struct):
    """The PINs that one customer enters, and the blocks of those that are there."""

    wanted: PinsWanted
    sealed: PinsSealed
    blocks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"_Typing({self.wanted!r})"


class SzztRole:
    """The PIN pad of one terminal. `machine` is None for a real one, which people set up and type at.

    `driver` is for whoever has the port. Raises LocalError if the rules want what a ZT598 cannot do.
    """

    def __init__(
        self,
        injected: Injected,
        *,
        port: Port,
        machine: Machine | None,
        agenda: Agenda,
        scene: Scene,
        types_after_s: TypesAfter,
    ) -> None:
        demand_able(injected.rules, with_dukpt=injected.dukpt is not None)
        self.driver = SzztPinPad(
            injected.rules, port=port, machine=machine, agenda=agenda, scene=scene, hear=self._hear
        )
        self._injected = injected
        self._machine = machine
        self._agenda = agenda
        self._scene = scene
        self._types_after_s = types_after_s
        self._is_set_up = machine is None
        self._typing: _Typing | None = None
        self._answers: dict[int, Answer] = {}
        """Who waits for the MAC of this number."""

    has_used_dukpt = False
    is_used_up = False

    @property
    def has_keys(self) -> bool:
        """As in EncryptingPinPad."""
        return self.driver.has_keys

    def load(self, line: str, keys: WrappedKeys, now: float) -> None:
        """As in EncryptingPinPad."""
        self.driver.load(line, keys, now)

    # --- PINs -------------------------------------------------------------------------------------

    def take_pins(self, wanted: PinsWanted, now: float, sealed: PinsSealed) -> None:
        """As in EncryptingPinPad: one after the other, as they are typed."""
        self._typing = _Typing(wanted, sealed)
        self.driver.begin_entry(wanted.pan, now)

    def _type(self, typing: _Typing) -> None:
        """The keys hide what is typed now. At a real pad a person does it."""
        after_s = self._types_after_s()
        if self._machine is not None and after_s is not None:
            pin = typing.wanted.pins[len(typing.blocks)]
            self._machine.order("type_pin", pin=pin, after_s=after_s, every_s=KEY_S)

    def _on_entry(self, typing: _Typing, ended: EntryEnded, now: float) -> None:
        if ended.error:
            if ended.error == "keyNotFound":
                self._scene.give(KeysLost(ended.because))
            self._end(typing, SealedPins(because=ended.because), now)
            return
        typing.blocks += (ended.block,)
        if len(typing.blocks) < len(typing.wanted.pins):
            self.driver.begin_entry(typing.wanted.pan, now)
        else:
            self._end(typing, SealedPins(blocks=typing.blocks), now)

    def _end(self, typing: _Typing, pins: SealedPins, now: float) -> None:
        self._typing = None
        typing.sealed(pins, now)

    # --- MACs -------------------------------------------------------------------------------------

    def make_mac(self, text: bytes, now: float, made: Made) -> None:
        """As in EncryptingPinPad."""

        def answer(mac: MacMade, at: float) -> None:
            self._scene.call(partial(made, mac.mac, mac.because))

        self._answers[self.driver.mac(text, now)] = answer

    def check_mac(self, text: bytes, mac: bytes, now: float, checked: MacChecked) -> None:
        """As in EncryptingPinPad: under the key in use, and if that does not agree under the one before."""
        self._compare(text, mac, now, checked, before=False)

    def _compare(self, text: bytes, mac: bytes, now: float, checked: MacChecked, *, before: bool) -> None:
        def answer(made: MacMade, at: float) -> None:
            if made.error:
                self._scene.call(partial(checked, made.because))
            elif hmac.compare_digest(made.mac, mac):
                self._scene.call(partial(checked, ""))
            elif not before and self.driver.has_keys_before(at):
                self._compare(text, mac, at, checked, before=True)
            else:
                self._scene.call(partial(checked, MAC_DISAGREES))

        self._answers[self.driver.mac(text, now, before=before)] = answer

    # --- what the driver tells --------------------------------------------------------------------

    def _hear(self, result: PinResult, now: float) -> None:
        typing = self._typing
        if isinstance(result, MacMade):
            self._answers.pop(result.number)(result, now)
        elif isinstance(result, SetUpEnded):
            self._is_set_up = not result.error
            if result.error:
                self._agenda.plan(now + SET_UP_AGAIN_S, self._set_up)
        elif typing is not None and isinstance(result, EntryBegan):
            self._type(typing)
        elif typing is not None and isinstance(result, EntryEnded):
            self._on_entry(typing, result, now)

    def _set_up(self, now: float) -> None:
        self.driver.set_up(self._injected, now)

    # --- power ------------------------------------------------------------------------------------

    def power_fail(self, now: float) -> None:
        """Power is gone: nobody is told of what was under way."""
        self._typing = None
        self._answers.clear()
        self.driver.power_fail(now)

    def power_on(self, now: float) -> None:
        """Power is back. The first time an emulated pad is set up, as it was before it came here."""
        self.driver.power_on(now)
        if not self._is_set_up:
            self._set_up(now)
