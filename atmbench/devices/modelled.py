"""The modelled devices of one terminal: a dry twin for fleets, where real ones hang on a serial line.

It takes effects, and gives inputs after the times that machines and hands need, with facts of what is
physically true. Power may fail at any instant: electronics stop and pending results vanish, notes and
cards stay where they come to rest, and hands go on. A fact of that time has no device behind it: the
bench itself is the witness, with the true amount. So notes that had reached the exit when power failed
are never CashPresented, since no machine counted them, but are CashTaken when a hand takes them.
This module must never lose or make a note.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from atmbench import money
from atmbench.devices import notes as bundles
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.card_reader import CardReader
from atmbench.devices.customer import Customer
from atmbench.devices.dispenser import Dispenser
from atmbench.devices.escrow import Escrow
from atmbench.devices.pin_pad import Injected, PinPad
from atmbench.devices.times import DeviceTimes
from atmbench.drill.commands import DisturbCustomer, DisturbDispenser
from atmbench.errors import LocalError
from atmbench.facts import CassettesCounted, Fact
from atmbench.terminal import effects
from atmbench.terminal.inputs import CustomerCancelled, Input
from atmbench.terminal.settings import TerminalSettings


class ModelledDevices:
    """Dispenser, card reader, escrow, customer and (if keys were `injected`) PIN pad of the terminal `name`.

    Power is off until `power_on`. Raises LocalError if a cassette's value is no amount of the currency.
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
    ) -> None:
        times = times or DeviceTimes()
        cassettes = settings.named_cassettes()
        self.name = name
        self._agenda = agenda = Agenda()
        self._scene = scene = Scene()
        self.customer = customer = Customer(times, rng)
        self.dispenser = dispenser = Dispenser(
            {name: cassette.notes for name, cassette in cassettes.items()},
            {name: money.parse(cassette.value, currency) for name, cassette in cassettes.items()},
            times=times,
            rng=rng,
            agenda=agenda,
            scene=scene,
            customer=customer,
        )
        self.card_reader = reader = CardReader(times=times, rng=rng, agenda=agenda, scene=scene, customer=customer)
        self.escrow = escrow = Escrow(times=times, rng=rng, agenda=agenda, scene=scene)
        self.pin_pad = pin_pad = PinPad(injected, rng=rng, agenda=agenda, scene=scene) if injected is not None else None
        self._performers: dict[type[effects.Effect], Callable[[Any, float], None]] = {
            effects.Dispense: dispenser.dispense,
            effects.RetractNotes: lambda effect, now: dispenser.retract(effect.key, now),
            effects.PurgeNotes: lambda effect, now: dispenser.purge(effect.key, now),
            effects.QueryDispenser: lambda effect, now: dispenser.query(effect.key, now),
            effects.EjectCard: lambda effect, now: reader.eject(effect.key, now),
            effects.RetainCard: lambda effect, now: reader.retain(effect.because, effect.key, now),
            effects.CountDeposit: lambda effect, now: escrow.count(effect.key, effect.notes, now),
            effects.StoreDeposit: lambda effect, now: escrow.store(effect.key, now),
            effects.ReturnDeposit: lambda effect, now: escrow.give_back(effect.key, now),
            effects.QueryEscrow: lambda effect, now: escrow.query(effect.key, now),
        }
        if pin_pad is not None:
            self._performers[effects.LoadKeys] = lambda effect, now: pin_pad.load(effect.line, effect.keys, now)

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

    def customer_began(self, now: float) -> None:
        """A customer has inserted a card and chosen a service: from here a hand may press cancel."""
        self.card_reader.insert()
        after_s = self.customer.cancels_after_s()
        if after_s is not None:
            self._agenda.plan(now + after_s, lambda _: self._scene.give(CustomerCancelled()), by_hand=True)

    def disturb(self, command: DisturbDispenser | DisturbCustomer) -> None:
        """Have the dispenser or the customers misbehave."""
        if isinstance(command, DisturbDispenser):
            self.dispenser.disturb(command)
        else:
            self.customer.disturb(command)

    def power_fail(self, now: float) -> list[Fact]:
        """Electronics stop: pending results vanish, what moves comes to rest. Returns what came to pass in that."""
        if not self._scene.has_power:
            return []
        self._scene.has_power = False
        self._agenda.drop_electronics()
        self.dispenser.power_fail(now)
        self.card_reader.power_fail(now)
        self.escrow.power_fail(now)
        return self._scene.take()[1]

    def power_on(self, now: float) -> list[Fact]:
        """Electronics start: sensors look at what is there, a card in the slot is drawn in."""
        if self._scene.has_power:
            return []
        self._scene.has_power = True
        self.dispenser.power_on(now)
        self.card_reader.power_on(now)
        return self._scene.take()[1]

    def count(self, when: str) -> CassettesCounted:
        """Count all notes in the terminal by hand: `when` is "start" or "end".

        Notes still in the transport are counted with the rejected ones, notes in the exit with the retracted, notes
        in the escrow with the deposited.
        """
        dispenser, escrow = self.dispenser, self.escrow
        rejected, retracted, deposited = dict(dispenser.rejected), dict(dispenser.retracted), dict(escrow.stored)
        bundles.add(rejected, dispenser.path)
        bundles.add(retracted, dispenser.exit)
        bundles.add(deposited, escrow.held)
        return CassettesCounted(
            when=when,
            cassettes=dict(dispenser.cassettes),
            values_minor=dict(dispenser.values_minor),
            rejected=rejected,
            retracted=retracted,
            deposited={str(value): number for value, number in sorted(deposited.items())},
        )
