"""Commands: what can be done to a running world. Data only.

A step of a drill, a key in the console, a POST at the control plane and a line of pytest are all the
same record from this module. Steps of a drill file name exactly one of them.
"""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from atmbench.host.capacity_settings import Places, Rate, Servers, Sickness
from atmbench.messages.records import AccountType, Purpose
from atmbench.messages.wall_clock import SET_S_MAX

DEPOSIT_NOTES_MAX = 100
"""More notes in one hand are a slip of whoever wrote the drill."""

BECAUSE_CHARACTERS_MAX = 200
"""What fits on a screen."""


class Command(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="command", forbid_unknown_fields=True, omit_defaults=True
):
    """Root of all commands."""


class Withdraw(Command, frozen=True, kw_only=True, tag="withdraw"):
    """A customer withdraws cash at a terminal. `amount` is decimal text, "50.00"."""

    terminal: str
    amount: str
    card: int | None = None
    """Number of the card in the drill's population, from 1; None draws one."""


class Transact(Command, frozen=True, kw_only=True, tag="transact"):
    """A customer uses any other service."""

    terminal: str
    service: Purpose
    amount: str = "0"
    notes: Annotated[int, Meta(ge=1, le=DEPOSIT_NOTES_MAX)] = 1
    """Of a deposit: so many notes of `amount` each."""
    card: int | None = None
    from_account: AccountType = AccountType.DEFAULT
    to_account: AccountType = AccountType.DEFAULT
    by_hand: bool = False
    """The customer takes neither card nor cash by himself: the command `hand` does it, or nobody."""
    wrong_pin: bool = False
    """The customer types another PIN than the card's."""


class HandDoes(StrEnum):
    """What a hand does at a terminal."""

    TAKES_CARD = "takes_card"
    TAKES_CASH = "takes_cash"
    CANCELS = "cancels"
    """Presses cancel. It is heeded while the host is thinking, and until the card is taken."""


class UseHand(Command, frozen=True, kw_only=True, tag="hand"):
    """A hand does something at a terminal now. Refused if there is nothing that it could take or cancel."""

    terminal: str
    does: HandDoes


class Mend(Command, frozen=True, tag="mend"):
    """End a fault by its name, or all faults of a line, or (with neither) all of them."""

    name: str = ""
    line: str = ""


class PowerFail(Command, frozen=True, kw_only=True, tag="power_fail"):
    """A terminal loses power: now, or right after its n-th effect of the next transaction; and gets it back."""

    terminal: str
    after_effect: int | None = None
    restore_after_s: float = 10.0


class SwitchPower(Command, frozen=True, kw_only=True, tag="power"):
    """Take the power of a terminal away until it is told otherwise, or give it back."""

    terminal: str
    on: bool


class ChangeWorkload(Command, frozen=True, kw_only=True, tag="workload"):
    """Other customers come by themselves from now on, to all ATMs. What is not given stays as it is."""

    every_s: Annotated[float, Meta(ge=0)] | None
    """Mean time between two customers at one terminal; 0 or null: nobody comes any more."""
    mix: dict[Purpose, Annotated[int, Meta(ge=0)]] | None = None
    """Weights of the services."""
    amounts: tuple[str, ...] | None = None


class OrderService(Command, frozen=True, kw_only=True, tag="service"):
    """An operator takes something out of service, or puts it back. At most one of the five is named; none means all.

    Terminals finish their customer and what they have stored, then sign off and serve nobody. A line is left by all
    terminals, for another of theirs if there is any. A site, which its lines are left of, steps down, answers that it
    is not available, and neither sends records to the others nor takes theirs.
    """

    open: bool
    terminal: str = ""
    region: str = ""
    """One that `regions` of the drill names: all its terminals."""
    channel: str = ""
    """One that `channels` of the drill names: all its clients."""
    line: str = ""
    site: str = ""
    because: Annotated[str, Meta(max_length=BECAUSE_CHARACTERS_MAX)] = ""
    """What customers are told meanwhile on the screen; empty for the usual words."""


class DispenserDoes(StrEnum):
    """What a modelled dispenser can be told to do wrong."""

    REFUSE = "refuse"
    """Move no note and say so."""
    SHORT = "short"
    """Stop after `notes` notes and say so. The rest of the order is stuck in the transport."""
    JAM_UNKNOWN = "jam_unknown"
    """Stop after `notes` notes and be unable to say how many. The rest of the order is stuck in the transport."""


class DisturbDispenser(Command, frozen=True, kw_only=True, tag="dispenser"):
    """The next `times` dispenses of a terminal go wrong. An empty terminal means all of them."""

    does: DispenserDoes
    terminal: str = ""
    notes: int = 0
    times: int = 1


class OrderMachine(Command, frozen=True, kw_only=True, tag="machine"):
    """Do something at a machine of a terminal, as a person would who stands there or a part that breaks.

    What each machine knows (`do`, and `with` for the rest) is in the README of its firmware stub. `unplug` and `plug`
    pull the machine's serial cable out and put it in again.
    """

    device: Literal["dispenser", "card_reader", "pin_pad", "printer", "journal_printer", "note_acceptor", "modem"]
    line: str = ""
    """Of a modem: which line's. Empty is the first line that is dialled."""
    do: str
    terminal: str
    values: dict[str, str | int | float | bool] = msgspec.field(default_factory=dict, name="with")


class CustomerDoes(StrEnum):
    """What the next customer of a terminal does."""

    LEAVES_CASH = "leaves_cash"
    LEAVES_CARD = "leaves_card"
    CANCELS = "cancels"
    """Presses cancel while the host is thinking."""
    REPLAYS_CHIP = "replays_chip"
    """Holds a copied card: its chip gives a counter that the issuer has seen."""
    TYPES_NO_PIN = "types_no_pin"
    """Puts the card in and walks away before the PIN is entered."""
    REPLAYS_PIN_KEY = "replays_pin_key"
    """Has the PIN sealed under the DUKPT key of the customer before, as a copy of the PIN pad would."""


class DisturbCustomer(Command, frozen=True, kw_only=True, tag="customer"):
    """The next `times` customers of a terminal behave so. An empty terminal means all of them."""

    does: CustomerDoes
    terminal: str = ""
    times: int = 1


class Promote(Command, frozen=True, kw_only=True, tag="promote"):
    """Order a site to be the active one; the other steps down if it can be reached."""

    site: str


class StopSite(Command, frozen=True, kw_only=True, tag="stop_site"):
    """A data centre goes dark: its lines refuse or fall silent, replication to and from it stops."""

    site: str
    by: Literal["silence", "reset", "close", "refusal"] = "silence"
    """What terminals see of it, as with the fault `cut`."""


class StartSite(Command, frozen=True, kw_only=True, tag="start_site"):
    """A dark data centre comes back, as standby if another is active by then."""

    site: str
    rebuilt: bool = False
    """It has lost all that it knew, and begins with what another site knows: what it had not told is gone."""


class SetKeys(Command, frozen=True, kw_only=True, tag="keys"):
    """A site has missed the last exchange of working keys and misses all that come, or knows all keys again."""

    site: str
    old: bool
    master: bool = False
    """With `old`: it has missed a change of the terminals' master keys, too, so that no new key of it is of use."""


class Reconcile(Command, frozen=True, kw_only=True, tag="reconcile"):
    """Hold the books of the sites against each other and tell what differs; set it right, unless told not to."""

    repair: bool = True


class PostingDoes(StrEnum):
    """What befalls the posting process of a site, or what an operator makes of it."""

    BREAK_OFF = "break_off"
    """It stops in the middle of its next batch."""
    LOSE_POSITION = "lose_position"
    """Nobody knows how far it had got: it will begin with the first entry of the day."""
    RESUME = "resume"
    """It goes on from where it knows itself to be."""
    RESUME_AT_END = "resume_at_end"
    """It goes on with what is still to come: what was not posted by then never is."""


class OrderPosting(Command, frozen=True, kw_only=True, tag="posting"):
    """The posting process of a site, where sites post in batches (`host: {batch: ...}`)."""

    site: str
    does: PostingDoes


class SetReplication(Command, frozen=True, kw_only=True, tag="replication"):
    """Change what happens between the sites: pause or resume it, or set another lag."""

    paused: bool | None = None
    lag_s: float | None = None


class CutOver(Command, frozen=True, kw_only=True, tag="cutover"):
    """A business day ends: at a site, or at all that run. The active one announces the next to its terminals.

    A site that does not run takes the day over from the others when it is back.
    """

    site: str = ""
    to: str = ""
    """The next business day, as 2026-01-08, at most 180 days after the first; empty is the day after."""


class StepClock(Command, frozen=True, kw_only=True, tag="clock"):
    """Somebody sets a wall clock ahead, or back. What is printed and sent is by that clock; timers do not notice.

    `of` is a site, a terminal, a client of a channel, a region or a channel; empty is every clock there is. Healing
    leaves clocks as they are.
    """

    of: str = ""
    step_s: Annotated[int, Meta(ge=-SET_S_MAX, le=SET_S_MAX)]
    local: bool = False
    """Summer time begins or ends: local time alone changes, and DE7, which is in UTC, goes on."""


class Chosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Some terminals of a drill, by exactly one of these.

    Another way to choose is one more field here, and one more line in `drill.choosing`.
    """

    percent: Annotated[float, Meta(gt=0, le=100)] | None = None
    """A share of the fleet, rounded up. A greater share has all those of a smaller one."""
    names: tuple[str, ...] | None = None
    prefix: str | None = None
    """All whose name begins so."""
    region: str | None = None
    """All of a region of the drill."""


class Deploy(Command, frozen=True, kw_only=True, tag="deploy"):
    """A release takes the place of what runs at a site or in some terminals.

    A site has it at once, under traffic: its connections stay, and the next message is read by the new release.
    """

    release: str
    site: str = ""
    terminals: Chosen | None = None
    when: Literal["quiet", "at_once"] = "quiet"
    """Of terminals: when nobody is served there and nothing sent waits for its answer, or whatever is under way.

    What is stored to be sent later is sent by the new release in either case."""


class RollBack(Command, frozen=True, kw_only=True, tag="rollback"):
    """A site or some terminals get back what they had before their last deployment.

    Those among the chosen terminals that have had none are left alone.
    """

    site: str = ""
    terminals: Chosen | None = None
    when: Literal["quiet", "at_once"] = "quiet"
    """As with deploy."""


class SetCore(Command, frozen=True, kw_only=True, tag="core"):
    """The core of a site, which keeps its accounts, goes away or comes back. Its switch and its lines stay.

    What the switch may approve alone, `host: {stand_in: ...}` says. A core that is back is told what it missed.
    """

    site: str
    up: bool


class SetBrake(Command, frozen=True, kw_only=True, tag="brake"):
    """A site approves no withdrawal from now on, or does so again, by order. `host: {brake: ...}` does it by itself."""

    site: str
    on: bool
    because: Annotated[str, Meta(max_length=BECAUSE_CHARACTERS_MAX)] = "by order"


class SetCapacity(Command, frozen=True, kw_only=True, tag="capacity"):
    """A site serves otherwise from now on, until everything is healed. What is not given stays as it is."""

    site: str
    rate_per_s: Rate | None = None
    servers: Servers | None = None
    queue_max: Places | None = None
    sick: Sickness | None = None
    usual: bool = False
    """As the drill has it again, and nothing else."""
