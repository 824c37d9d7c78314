"""Whatever is asked and whenever power fails: no note is lost, none is made, and the facts tell where each is."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from atmbench import facts
from atmbench.devices.escrow import Escrow
from atmbench.devices.outfit import Outfit
from atmbench.drill.commands import CustomerDoes, DispenserDoes, DisturbCustomer, DisturbDispenser
from atmbench.terminal import effects
from atmbench.terminal.settings import Cassette, TerminalSettings

SETTINGS = TerminalSettings(cassettes=(Cassette("10.00", 30), Cassette("50.00", 9)))
VALUES_MINOR = {"1": 1000, "2": 5000}
Notes = dict[str, int]

ACTS = (
    "dispense",
    "retract",
    "purge",
    "query",
    "eject",
    "retain",
    "count",
    "store",
    "give back",
    "query escrow",
    "trouble",
    "leave cash",
    "leave card",
    "power",
)
scripts = st.lists(
    st.tuples(
        st.sampled_from(ACTS),
        st.integers(0, 9),
        st.sampled_from([0.0, 0.4, 1.1, 2.0, 3.3, 40.0]),
    ),
    max_size=40,
)


def value_minor(notes: Notes) -> int:
    return sum(VALUES_MINOR[name] * number for name, number in notes.items())


class World:
    """Devices that are told anything at all, with a bookkeeper beside them."""

    def __init__(self, seed: int) -> None:
        self.devices = Outfit("T01", SETTINGS, "NGN", Random(seed))
        self.devices.power_on(0.0)
        self.is_on = True
        self.now = 0.0
        self.number = 0
        self.start = self.devices.count("start")
        self.brought_minor = 0
        self.asked: Counter[str] = Counter()
        self.sums: dict[type[facts.Fact], Counter[str]] = {}

    def hear(self, told: list[facts.Fact]) -> None:
        for fact in told:
            if isinstance(
                fact,
                facts.CashPresented
                | facts.CashTaken
                | facts.CashRetracted
                | facts.CashPurged
                | facts.CashAccepted
                | facts.CashReturned,
            ):
                self.sums.setdefault(type(fact), Counter())[fact.key] += fact.amount_minor

    def of(self, kind: type[facts.Fact]) -> Counter[str]:
        return self.sums.get(kind, Counter())

    def wait(self, duration_s: float) -> None:
        end = self.now + duration_s
        while self.devices.deadline is not None and self.devices.deadline <= end:
            self.now = self.devices.deadline
            given, told = self.devices.on_time(self.now)
            assert self.is_on or not given
            self.hear(told)
            self.check()
        self.now = end

    def do(self, act: str, size: int) -> None:
        if act == "power":
            self.hear(self.devices.power_fail(self.now) if self.is_on else self.devices.power_on(self.now))
            self.is_on = not self.is_on
        elif act == "trouble":
            self.devices.disturb(DisturbDispenser(does=list(DispenserDoes)[size % 3], notes=size // 3))
        elif act.startswith("leave"):
            does = CustomerDoes.LEAVES_CASH if act == "leave cash" else CustomerDoes.LEAVES_CARD
            self.devices.disturb(DisturbCustomer(does=does))
        elif self.is_on:
            self.hear(self.devices.perform(self.effect(act, size), self.now))

    def effect(self, act: str, size: int) -> effects.Effect:
        if act in ("dispense", "count"):
            self.number += 1
        key = f"T01/{self.number:06d}"
        if act == "dispense":
            notes = {"1": size, "2": size // 2}
            self.asked[key] = value_minor(notes)
            return effects.Dispense(key=key, notes=notes)
        if act == "count":
            self.brought_minor += 2000 * size
            return effects.CountDeposit(key=key, notes={2000: size})
        return {
            "retract": effects.RetractNotes(key),
            "purge": effects.PurgeNotes(key),
            "query": effects.QueryDispenser(key),
            "eject": effects.EjectCard(key),
            "retain": effects.RetainCard("because", key),
            "store": effects.StoreDeposit(key),
            "give back": effects.ReturnDeposit(key),
            "query escrow": effects.QueryEscrow(key),
        }[act]

    def check(self) -> None:
        dispenser, escrow = self.devices.dispenser.lying(), self.devices.acceptor
        assert isinstance(escrow, Escrow)
        taken, retracted = self.of(facts.CashTaken), self.of(facts.CashRetracted)
        places = (dispenser.cassettes, dispenser.path, dispenser.exit, dispenser.rejected, dispenser.retracted)
        assert min((number for place in places for number in place.values()), default=0) >= 0
        assert value_minor(self.start.cassettes) == sum(value_minor(place) for place in places) + taken.total()
        assert value_minor(dispenser.retracted) == retracted.total()
        assert value_minor(dispenser.rejected) == self.of(facts.CashPurged).total()
        assert not (taken + retracted) - self.asked, "no order gave more than was asked"
        assert not self.of(facts.CashPresented) - self.asked
        held_minor, stored_minor = (
            sum(value * n for value, n in pile.items()) for pile in (escrow.held, escrow.stored)
        )
        assert stored_minor == self.of(facts.CashAccepted).total()
        assert held_minor + stored_minor + self.of(facts.CashReturned).total() <= self.brought_minor

    def check_end(self) -> None:
        end = self.devices.count("end")
        in_terminal = [end.cassettes, end.rejected, end.retracted]
        gone_minor = value_minor(self.start.cassettes) - sum(value_minor(place) for place in in_terminal)
        assert gone_minor == self.of(facts.CashTaken).total()
        if not self.devices.dispenser.lying().exit:
            presented = self.of(facts.CashPresented)
            ended = self.of(facts.CashTaken) + self.of(facts.CashRetracted)
            assert all(ended[key] == presented[key] for key in presented)


@given(seed=st.integers(0, 1000), script=scripts)
def test_notes_are_conserved_and_facts_agree_with_the_count(seed: int, script: list[tuple[str, int, float]]) -> None:
    world = World(seed)
    for act, size, pause_s in script:
        world.do(act, size)
        world.check()
        world.wait(pause_s)
    world.wait(100.0)
    world.check_end()
