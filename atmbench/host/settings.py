"""How the two-site host is set up. Data only; the `host:` part of a drill file holds HostSettings."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from atmbench.errors import LocalError
from atmbench.host.batch_settings import Batch
from atmbench.host.capacity_settings import Capacity
from atmbench.host.risk_settings import Brake, Positive, Seconds, StandIn
from atmbench.messages.records import AccountType

KEY_REFUSALS_MAX = 10_000


class PostAt(StrEnum):
    """When the money of a withdrawal moves."""

    APPROVAL = "approval"
    """With the 0210: the reversal undoes it."""
    COMPLETION = "completion"
    """The 0210 places a hold; the completion (0220) posts it. Needs terminals with `confirm: always`."""


class SuspectPolicy(StrEnum):
    """What the host does when a terminal cannot say whether cash came out (iso8583 facts 1.10)."""

    HOLD = "hold"
    """Keep the posting, no automatic credit until someone has counted."""
    CREDIT = "credit"
    """Give the money back at once, and risk having paid twice."""


class PinCheck(StrEnum):
    """How the host verifies a PIN without storing it (iso8583 facts 4.3)."""

    OFFSET = "offset"
    """IBM 3624."""
    PVV = "pvv"
    """Visa."""


class Confirms(StrEnum):
    """When a site answers, of what it has just written down."""

    AT_ONCE = "at_once"
    """Asynchronous replication: what has not reached the other site when this one goes dark is missing there."""
    WHEN_REPLICATED = "when_replicated"
    """Synchronous replication: the answer waits until the other site has taken the records. While the other one is
    dark, a site goes on alone."""


class Replicates(StrEnum):
    """What a site tells the other of a posting."""

    ENTRIES = "entries"
    """What moved: two sites that know the same entries agree, whatever their order."""
    BALANCES = "balances"
    """What moved, and the balances after it, which take the place of the other site's. Two sites that post to one
    account at a time lose one of the postings: an update conflict."""


class Fencing(StrEnum):
    """Whether two sites can be active at a time."""

    NONE = "none"
    """Yes, if they do not hear each other."""
    EPOCH = "epoch"
    """No: a witness outside of both gives an epoch to one, and the other stands by by its next heartbeat."""


class EntryDay(StrEnum):
    """Which business day an entry belongs to, where it is made from a record."""

    ORIGINAL = "original"
    """The one that the posting site was in: it stands in the record, and a reversal has that of what it undoes."""
    OWN = "own"
    """The one that the site itself is in when it makes the entry: two sites that change their day between posting and
    replication book one transaction in two days."""


class OffTime(StrEnum):
    """What a site does with a request whose DE7 is too far from its own clock."""

    TELL = "tell"
    """Serve it, and tell: one of the two clocks is wrong, and who knows which."""
    REFUSE = "refuse"
    """Answer that its format is wrong."""


class Alarms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """When a site tells whoever watches it that it serves nobody, though it is active."""

    key_refusals: Annotated[int, Meta(ge=1, le=KEY_REFUSALS_MAX)] | None = 5
    """After so many requests that it refused for their MAC or PIN keys, with none approved in between; None does not
    count them."""
    within_s: Annotated[float, Meta(gt=0)] = 60.0
    """All of them within so long."""
    key_terminals: Annotated[int, Meta(ge=1, le=KEY_REFUSALS_MAX)] = 2
    """And of so many terminals at least: the keys of a single one are that terminal's trouble."""
    stands_apart: bool = True
    """It then leaves service by itself, as if isolated by order: its terminals close, and nobody puts a card in for
    nothing."""
    unreached_s: Annotated[float, Meta(gt=0)] | None = None
    """After so long without a message of any terminal; None does not look. More than the terminals' `echo_s`."""


class HostSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The switch and its two data centres."""

    sites: tuple[str, ...] = ("A", "B")
    """The first is active at the start, the others stand by."""
    replication_lag_s: float = 0.2
    """From a posting at one site to its appearance at the other."""
    replication_lag_tail: float = 0.0
    """How much longer some records take: the mean of an exponential distribution, in lags. Their order is kept."""
    confirms: Confirms = Confirms.AT_ONCE
    confirms_after_s: float | None = None
    """With `confirms: when_replicated`: an answer goes out after so long all the same. None waits for ever."""
    replicates: Replicates = Replicates.ENTRIES
    heartbeat_s: float = 1.0
    """How often a site says over the replication link that it lives."""
    promote_after_silence_s: float | None = None
    """A standby that has heard nothing for so long promotes itself; None waits for an order."""
    hold_down_s: float | None = None
    """After a site has become active after silence, none does so again for so long; an order always counts. None lets
    two sites whose signs of life come and go take over from each other for ever."""
    promotion_behind_max: int | None = None
    """A site that knows of more records that it has not applied does not become active. None does not look."""
    fencing: Fencing = Fencing.NONE
    post_at: PostAt = PostAt.APPROVAL
    batch: Batch | None = None
    """None moves the money of an entry at once; else a posting process at each site does, some time later."""
    suspect: SuspectPolicy = SuspectPolicy.HOLD
    daily_limit: str = "500.00"
    """Cash per card and day."""
    daily_count: int = 100
    """Withdrawals per card and day."""
    pin_check: PinCheck = PinCheck.OFFSET
    pin_tries_max: int = 3
    entry_day: EntryDay = EntryDay.ORIGINAL
    off_time_max_s: Annotated[float, Meta(gt=0)] | None = None
    """How far DE7 of a request may be from the clock of its site; no advice is looked at. None looks at nothing."""
    off_time: OffTime = OffTime.TELL
    """What then."""
    answers_kept_max: int = 1_000_000
    """Stored answers and tombstones per site; one more than this stops the run with a sentence."""
    alarms: Alarms | None = None
    """None notices nothing of itself."""
    capacity: Capacity | None = None
    """What the sites can serve; None answers at once, however much comes."""
    stand_in: StandIn | None = None
    """What a site approves while its core is away; None approves nothing and answers that it is not available."""
    core_advices_per_s: Positive = 10.0
    """How fast a core that is back is told what happened without it."""
    core_answer_s: Seconds = 0.2
    """From such an advice to the core's answer."""
    brake: Brake | None = None
    """What stops withdrawals at a site by itself; None leaves that to the operator."""


def check_settings(settings: HostSettings) -> None:
    """Raises LocalError if settings do not fit together."""
    sites = settings.sites
    if not sites or len(set(sites)) != len(sites):
        raise LocalError(f"host.sites is {list(sites)}; expected at least one name, and none twice")
    if settings.heartbeat_s <= 0:
        raise LocalError(f"host.heartbeat_s is {settings.heartbeat_s:g}; expected more than 0")
    if settings.replication_lag_s < 0:
        raise LocalError(f"host.replication_lag_s is {settings.replication_lag_s:g}; expected 0 or more")
    if settings.replication_lag_tail < 0:
        raise LocalError(f"host.replication_lag_tail is {settings.replication_lag_tail:g}; expected 0 or more")
    if settings.confirms_after_s is not None and settings.confirms_after_s <= 0:
        raise LocalError(f"host.confirms_after_s is {settings.confirms_after_s:g}; expected more than 0")
    after_s = settings.promote_after_silence_s
    if after_s is not None and after_s <= settings.heartbeat_s:
        raise LocalError(
            f"host.promote_after_silence_s is {after_s:g}, no more than host.heartbeat_s ({settings.heartbeat_s:g}): "
            "a standby would take over from a site that is well; set it to several heartbeats"
        )


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's account and what is in it at the start."""

    number: str
    opening_minor: int


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A card as the host knows it. `pin` is None where the drill does not check PINs."""

    pan: str
    expiry: str
    """YYMM."""
    accounts: dict[AccountType, str]
    pin: str | None = None
    status: str = "open"
    """"open", "blocked" (decline), "stolen" (retain)."""

    def __repr__(self) -> str:
        return f"Card({self.pan[:6]}...{self.pan[-4:]}, {self.status})"
