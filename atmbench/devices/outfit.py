"""The outfit of one terminal: its devices, each a model of our own or a driver of a machine at a serial port.

It takes effects, and gives inputs after the times that machines and hands need, with facts of what is
physically true. Power may fail at any instant: electronics stop and pending results vanish, notes and
cards stay where they come to rest, and hands go on. A fact of that time has no device behind it: the
bench itself is the witness, with the true amount. So notes that had reached the exit when power failed
are never CashPresented, since no machine counted them, but are CashTaken when a hand takes them.
This module must never lose or make a note.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import msgspec

from atmbench import money
from atmbench.devices import notes as bundles
from atmbench.devices.admission import Admission, AskPin
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.card_reader import CardReader
from atmbench.devices.customer import Customer
from atmbench.devices.dispenser import Dispenser
from atmbench.devices.escrow import Escrow
from atmbench.devices.pin_pad import Injected, PinPad
from atmbench.devices.port import Plug
from atmbench.devices.printer import Printer
from atmbench.devices.roles import (
    CardMover,
    CashDispenser,
    EncryptingPinPad,
    JournalPrinter,
    NoteAcceptor,
    Powered,
    ReceiptPrinter,
)
from atmbench.devices.times import DeviceTimes
from atmbench.drill.commands import DisturbCustomer, DisturbDispenser
from atmbench.errors import LocalError
from atmbench.facts import CassettesCounted, Fact
from atmbench.terminal import effects
from atmbench.terminal.inputs import CustomerCancelled, Input, TransactionAsked
from atmbench.terminal.settings import TerminalSettings


class Parts(msgspec.Struct, frozen=True):
    """What a device is built of, and belongs to."""

    terminal: str
    settings: TerminalSettings
    currency: str
    values_minor: dict[str, int]
    """What one note of each cassette is worth."""
    times: DeviceTimes
    rng: Random
    agenda: Agenda
    scene: Scene
    customer: Customer
    plugs: list[Plug]
    """Where the cables of those devices go in that are machines at a serial port."""

    def plug(self, role: str, device: str, settings: dict[str, Any]) -> Plug:
        """One more cable: to a machine of this kind, set up so."""
        plug = Plug(f"{self.terminal}/{role}", device, settings)
        self.plugs.append(plug)
        return plug


def _modelled_dispenser(parts: Parts) -> CashDispenser:
    return Dispenser(
        {name: cassette.notes for name, cassette in parts.settings.named_cassettes().items()},
        parts.values_minor,
        times=parts.times,
        rng=parts.rng,
        agenda=parts.agenda,
        scene=parts.scene,
        customer=parts.customer,
    )


def _modelled_reader(parts: Parts) -> CardMover:
    return CardReader(times=parts.times, rng=parts.rng, agenda=parts.agenda, scene=parts.scene, customer=parts.customer)


def _modelled_acceptor(parts: Parts) -> NoteAcceptor:
    return Escrow(times=parts.times, rng=parts.rng, agenda=parts.agenda, scene=parts.scene)


def _modelled_pad(parts: Parts, injected: Injected) -> EncryptingPinPad:
    return PinPad(
        injected,
        rng=parts.rng,
        agenda=parts.agenda,
        scene=parts.scene,
        types_no_pin=parts.customer.types_no_pin,
    )


class Fitted(msgspec.Struct, frozen=True):
    """Who builds each device of an outfit."""

    dispenser: Callable[[Parts], CashDispenser] = _modelled_dispenser
    card_reader: Callable[[Parts], CardMover] = _modelled_reader
    acceptor: Callable[[Parts], NoteAcceptor] = _modelled_acceptor
    printer: Callable[[Parts], ReceiptPrinter] = lambda parts: Printer(scene=parts.scene)
    pin_pad: Callable[[Parts, Injected], EncryptingPinPad] = _modelled_pad
    journal_printer: Callable[[Parts], JournalPrinter | None] = lambda parts: None


class Outfit:
    """Dispenser, card reader, note acceptor, printers, customer and (if keys were `injected`) PIN pad of a terminal.

    `fitted` has drivers in the place of models; what it has not is modelled. Power is off until `power_on`. Raises
    LocalError if a cassette's value is no amount of the currency.
    """

    def __init__(
        self,
        name: str,
        settings: TerminalSettings,
        currency: str,
        rng: Random,
        times: DeviceTimes | None = None,
        *,
        injected: Injected | None = None,
        fitted: Fitted | None = None,
    ) -> None:
        times = times or DeviceTimes()
        self.name = name
        self._agenda = agenda = Agenda()
        self._scene = scene = Scene()
        self.customer = customer = Customer(times, rng)
        cassettes = settings.named_cassettes()
        values_minor = {name: money.parse(cassette.value, currency) for name, cassette in cassettes.items()}
        self.plugs: list[Plug] = []
        parts = Parts(name, settings, currency, values_minor, times, rng, agenda, scene, customer, self.plugs)
        fitted = fitted or Fitted()
        self.dispenser: CashDispenser = fitted.dispenser(parts)
        self.card_reader: CardMover = fitted.card_reader(parts)
        self.acceptor: NoteAcceptor = fitted.acceptor(parts)
        self.printer: ReceiptPrinter = fitted.printer(parts)
        self.journal_printer: JournalPrinter | None = fitted.journal_printer(parts)
        self.pin_pad: EncryptingPinPad | None = fitted.pin_pad(parts, injected) if injected is not None else None
        self._admission = Admission(self.card_reader, scene, self._customer_is_in, customer.goes_unserved)
        self._powered: list[Powered] = [self.dispenser, self.card_reader, self.acceptor, self.printer]
        self._powered += [each for each in (self.journal_printer, self.pin_pad) if each is not None]
        self._performers = self._who_performs()

    def _who_performs(self) -> dict[type[effects.Effect], Callable[[Any, float], None]]:
        dispenser, reader, acceptor, printer = self.dispenser, self.card_reader, self.acceptor, self.printer
        performers: dict[type[effects.Effect], Callable[[Any, float], None]] = {
            effects.Dispense: dispenser.dispense,
            effects.RetractNotes: lambda effect, now: dispenser.retract(effect.key, now),
            effects.PurgeNotes: lambda effect, now: dispenser.purge(effect.key, now),
            effects.QueryDispenser: lambda effect, now: dispenser.query(effect.key, now),
            effects.EjectCard: lambda effect, now: reader.eject(effect.key, now),
            effects.RetainCard: lambda effect, now: reader.retain(effect.because, effect.key, now),
            effects.CountDeposit: lambda effect, now: acceptor.count(effect.key, effect.notes, now),
            effects.StoreDeposit: lambda effect, now: acceptor.store(effect.key, now),
            effects.ReturnDeposit: lambda effect, now: acceptor.give_back(effect.key, now),
            effects.QueryEscrow: lambda effect, now: acceptor.query(effect.key, now),
            effects.PrintReceipt: lambda effect, now: printer.print(effect.key, effect.lines, now, effect.states),
            effects.WriteJournal: lambda effect, now: self._write_journal(effect.line, now),
        }
        if self.pin_pad is not None:
            pin_pad = self.pin_pad
            performers[effects.LoadKeys] = lambda effect, now: pin_pad.load(effect.line, effect.keys, now)
        return performers

    def _write_journal(self, line: str, now: float) -> None:
        if self.journal_printer is not None:
            self.journal_printer.write(line, now)

    @property
    def deadline(self) -> float | None:
        """When `on_time` must next be called."""
        return self._agenda.deadline

    def perform(self, effect: effects.Effect, now: float) -> list[Fact]:
        """Begin what a core asks for; the result comes from `on_time`.

        Raises LocalError for an effect that no device performs, or if there is no power.
        """
        performer = self._performers.get(type(effect))
        if performer is None:
            raise LocalError(f"no device of {self.name} performs {type(effect).__name__}")
        if not self._scene.has_power:
            raise LocalError(f"{self.name} has no power; {type(effect).__name__} cannot be performed")
        performer(effect, now)
        return self._scene.take()[1]

    def on_time(self, now: float) -> tuple[list[Input], list[Fact]]:
        """What has come about by now: inputs for the core and facts for the history, each in order."""
        self._agenda.perform(now)
        return self._scene.take()

    @property
    def is_out_of_pin_keys(self) -> bool:
        """Whether no PIN can be sealed any more, whatever a host says: nobody may be asked for one."""
        return self.pin_pad is not None and self.pin_pad.is_used_up

    def take(self) -> tuple[list[Input], list[Fact]]:
        """What has come about since anybody asked: after a driver was told what its machine says."""
        return self._scene.take()

    def take_calls(self) -> list[Callable[[], None]]:
        """Whom the devices want called back, when their own turn is over and what it gave is dealt with."""
        return self._scene.take_calls()

    def ask_pins_by(self, ask_pin: AskPin) -> None:
        """Have every customer asked for a PIN, in this way, before the core is told."""
        self._admission.ask_pin = ask_pin

    @property
    def is_letting_in(self) -> bool:
        """Whether a customer is at the machine whom the core does not know yet: the next one has to wait."""
        return self._admission.is_under_way

    def customer_comes(self, asked: TransactionAsked, now: float) -> None:
        """A customer puts a card in: TransactionAsked follows when it is inside, or CustomerTurnedAway as a fact."""
        self.customer.is_by_hand = asked.by_hand
        self._admission.begin(asked, now)

    def turn_away(self, now: float) -> None:
        """A customer whose card is inside is not served after all."""
        self.customer.goes_unserved()
        self.card_reader.turn_away(now)

    def _customer_is_in(self, now: float) -> None:
        """From here a hand may press cancel."""
        after_s = self.customer.cancels_after_s()
        if after_s is not None:
            self._agenda.plan(now + after_s, lambda _: self._scene.give(CustomerCancelled()), by_hand=True)

    def disturb(self, command: DisturbDispenser | DisturbCustomer) -> None:
        """Have the dispenser or the customers misbehave."""
        if isinstance(command, DisturbDispenser):
            self.dispenser.disturb(command)
        else:
            self.customer.disturb(command)

    def order_machine(self, role: str, do: str, values: Mapping[str, Any]) -> None:
        """Do something at one of the machines. Raises LocalError if that device is modelled."""
        name = f"{self.name}/{role}"
        for plug in self.plugs:
            if plug.name == name:
                plug.step(do, values)
                return
        raise LocalError(f"the {role} of {self.name} is modelled; there is no machine to do {do} at")

    def power_fail(self, now: float) -> list[Fact]:
        """Electronics stop: pending results vanish, what moves comes to rest. Returns what came to pass in that."""
        if not self._scene.has_power:
            return []
        self._admission.drop()
        self._scene.has_power = False
        self._agenda.drop_electronics()
        for device in self._powered:
            device.power_fail(now)
        self._scene.take_calls()
        return self._scene.take()[1]

    def power_on(self, now: float) -> list[Fact]:
        """Electronics start: sensors look at what is there, a card in the slot is drawn in."""
        if self._scene.has_power:
            return []
        self._scene.has_power = True
        for device in self._powered:
            device.power_on(now)
        return self._scene.take()[1]

    def count(self, when: str) -> CassettesCounted:
        """Count all notes in the terminal by hand: `when` is "start" or "end".

        Notes still in the transport are counted with the rejected ones, notes in the exit with the retracted, notes
        in the escrow with the deposited.
        """
        lying = self.dispenser.lying()
        rejected, retracted = dict(lying.rejected), dict(lying.retracted)
        bundles.add(rejected, lying.path)
        bundles.add(retracted, lying.exit)
        return CassettesCounted(
            when=when,
            cassettes=dict(lying.cassettes),
            values_minor=dict(self.dispenser.values_minor),
            rejected=rejected,
            retracted=retracted,
            deposited={str(value): number for value, number in sorted(self.acceptor.deposited().items())},
        )
