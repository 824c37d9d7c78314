"""Whatever comes in whatever order: no crash, no cash without its approval, no deadline that stands still."""

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from atmbench import facts
from atmbench.drill.commands import CustomerDoes, DispenserDoes, DisturbCustomer, DisturbDispenser
from atmbench.messages.matching import transaction_key
from atmbench.messages.records import Outcome, Purpose
from atmbench.terminal import inputs
from atmbench.terminal.effects import Dispense, Effect, Forget, Record, Remember, SendMessage
from tests.playbook import Play
from tests.terminal.cast import LINES, asked, change, reply_to, terminal
from tests.terminal.rig import Rig

NOTES = st.sampled_from([{}, {"1": 1}, {"1": 5}, {"3": 1}, {"1": 2000, "3": 9}])
SERVICES = [Purpose.WITHDRAWAL] * 4 + [Purpose.BALANCE, Purpose.TRANSFER, Purpose.DEPOSIT]
SMALL = change(store_and_forward={"attempts_max": 3, "messages_max": 4})


class Anything:
    """Plays with one terminal and checks every effect as it comes."""

    def __init__(self, card_before_cash: bool) -> None:
        self.settings = change(SMALL, card_before_cash=card_before_cash)
        self.memory: dict[str, Any] = {}
        self.approved: dict[str, int] = {}
        self.dispensed: list[str] = []
        self.requests: list[SendMessage] = []
        self.play = Play(terminal(self.settings, {}))
        self.tell(inputs.PoweredOn())

    @property
    def key(self) -> str:
        services = [each.key for each in self.requests if each.request.purpose in SERVICES]
        return services[-1] if services else ""

    @property
    def unpurged(self) -> str:
        """Whose notes the dispenser was last asked to purge and has not."""
        unpurged = self.memory.get("unpurged")
        return unpurged.key if unpurged is not None else ""

    def tell(self, given: inputs.Input) -> None:
        self.play.given(given, after_s=0.5)
        self.check(self.play.turn)

    def pass_time(self) -> None:
        if self.play.core.deadline is not None:
            self.play.wait_until_deadline()
            self.check(self.play.turn)

    def restart(self) -> None:
        now = self.play.now + 10
        self.play = Play(terminal(self.settings, dict(self.memory)), at=now)
        self.tell(inputs.PoweredOn())

    def reply(self, back: int, outcome: Outcome, wrong_amount: bool) -> None:
        if not self.requests:
            return
        sent = self.requests[-1 - back % len(self.requests)]
        changes: dict[str, Any] = {"amount_minor": sent.request.amount_minor + 1000} if wrong_amount else {}
        if outcome is Outcome.APPROVED and not wrong_amount:
            self.approved[transaction_key("T07", sent.request.stan, sent.request.local_time)] = (
                sent.request.amount_minor
            )
        self.tell(reply_to(sent.request, outcome, line=sent.line, **changes))

    def check(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, SendMessage):
                self.requests.append(effect)
            elif isinstance(effect, Remember):
                self.memory[effect.slot] = effect.record
            elif isinstance(effect, Forget):
                self.memory.pop(effect.slot, None)
            elif isinstance(effect, Record) and isinstance(effect.fact, facts.TransactionStarted):
                assert not {"unpurged", "closed"} & self.memory.keys()
            elif isinstance(effect, Dispense):
                assert effect.key not in self.dispensed
                self.dispensed.append(effect.key)
                value = {"1": 1000, "2": 2000, "3": 5000}
                worth = sum(value[name] * number for name, number in effect.notes.items())
                assert worth == self.approved[effect.key]
                assert self.memory["intent"].key == effect.key
                assert self.memory["intent"].notes == effect.notes
        if "counters" in self.memory:
            assert all(count >= 0 for count in self.memory["counters"].notes.values())


STEPS = st.lists(
    st.one_of(
        st.just(("time",)),
        st.just(("time",)),
        st.tuples(st.just("ask"), st.sampled_from(SERVICES), st.sampled_from([0, 1000, 5000, 5500, 9000])),
        st.tuples(
            st.just("reply"),
            st.integers(0, 3),
            st.sampled_from([Outcome.APPROVED] * 4 + list(Outcome)),
            st.sampled_from([False, False, False, True]),
        ),
        st.tuples(st.just("line"), st.sampled_from(["up", "lost", "refused", "noise"]), st.sampled_from(LINES)),
        st.tuples(st.just("dispensed"), st.sampled_from(["presented", "short", "refused", "unknown"]), NOTES),
        st.sampled_from([("card",), ("taken",), ("cancel",), ("restart",), ("stored",), ("returned",)]),
        st.tuples(st.just("retracted"), st.one_of(st.none(), NOTES)),
        st.tuples(st.just("counted"), st.sampled_from([{}, {1000: 3}])),
        st.tuples(st.just("report"), st.sampled_from(["idle", "moving", "presented", "taken", "retracted"]), NOTES),
        st.tuples(st.just("purged"), st.one_of(st.none(), NOTES)),
        st.tuples(st.just("order"), st.booleans()),
        st.tuples(st.just("order line"), st.booleans(), st.sampled_from(LINES)),
        st.tuples(st.just("escrow"), st.sampled_from(["empty", "held", "stored", "returned", "moving"])),
    ),
    max_size=60,
)


def perform(world: Anything, step: Any) -> None:
    match step:
        case ("time",):
            world.pass_time()
        case ("ask", service, amount_minor):
            world.tell(asked(service, amount_minor, deposit_notes={1000: 2}))
        case ("reply", back, outcome, wrong_amount):
            world.reply(back, outcome, wrong_amount)
        case ("line", "up", line):
            world.tell(inputs.LinkUp(line))
        case ("line", "lost", line):
            world.tell(inputs.LinkLost(line, "reset"))
        case ("line", "refused", line):
            world.tell(inputs.DialFailed(line, "refused"))
        case ("line", _, line):
            world.tell(inputs.ReplyUnreadable(line, "noise"))
        case ("dispensed", status, notes):
            world.tell(inputs.DispenseEnded(key=world.key, status=status, notes=notes))
        case ("card",):
            world.tell(inputs.CardTaken())
        case ("taken",):
            world.tell(inputs.CashTaken(world.key))
        case ("cancel",):
            world.tell(inputs.CustomerCancelled())
        case ("restart",):
            world.restart()
        case ("stored",):
            world.tell(inputs.DepositStored(world.key))
        case ("returned",):
            world.tell(inputs.DepositReturned(world.key))
        case ("retracted", notes):
            world.tell(inputs.CashRetracted(key=world.key, notes_counted=notes))
        case ("counted", notes):
            world.tell(inputs.DepositCounted(notes))
        case ("report", stage, notes):
            world.tell(inputs.DispenserReported(key=world.key, stage=stage, notes=notes))
        case ("purged", notes):
            world.tell(inputs.NotesPurged(key=world.unpurged, notes_rejected=notes))
        case ("order", is_open):
            world.tell(inputs.ServiceOrdered(open=is_open))
        case ("order line", is_open, line):
            world.tell(inputs.LineOrdered(line, open=is_open, because="paused"))
        case ("escrow", stage):
            world.tell(inputs.EscrowReported(key=world.key, stage=stage))


@given(st.booleans(), STEPS)
def test_anything_may_come(card_before_cash: bool, steps: list[Any]) -> None:
    world = Anything(card_before_cash)
    perform(world, ("line", "up", "primary"))
    world.reply(0, Outcome.APPROVED, False)
    for step in steps:
        perform(world, step)
    assert len(world.dispensed) == len(set(world.dispensed))


@given(st.integers(0, 10_000))
def test_a_bad_day_ends_with_right_books(seed: int) -> None:
    rng = Random(seed)
    rig = Rig(change(card_before_cash=rng.random() < 0.7), seed=seed)
    lost = rng.choice([0.0, 0.05, 0.3])
    rig.loses = lambda direction, number: rng.random() < lost
    for _ in range(12):
        if rig.core is not None and rig.core.is_free:
            if rng.random() < 0.2:
                rig.disturb(DisturbDispenser(does=rng.choice(list(DispenserDoes)), notes=1))
            if rng.random() < 0.2:
                rig.disturb(DisturbCustomer(does=rng.choice(list(CustomerDoes))))
            if rng.random() < 0.3:
                rig.cut_after = rng.randint(1, 30)
            if rng.random() < 0.1:
                rig.order_service(False)
            if rng.random() < 0.3:
                rig.order_line(rng.choice(LINES), rng.random() < 0.5)
            service = rng.choice(SERVICES)
            rig.customer(asked(service, 0 if service is Purpose.DEPOSIT else 5000, deposit_notes={1000: 2}))
        rig.run(rng.choice([5.0, 40.0, 120.0]))
        rig.order_service(True)
    for line in LINES:
        rig.order_line(line, True)
    rig.cut_after = None
    judgement = rig.judge(open_exceptions_max=100)
    for verdict in judgement.verdicts:
        if verdict.check in ("money", "reversals", "sequence", "convergence", "counts"):
            story = "\n".join(f"{fact.t:9.3f} {fact.actor} {fact!r}" for fact in rig.history)
            assert str(verdict.status) == "PASS", f"{verdict}\n{story}"
    assert rig.facts_of(facts.RunEnded)
