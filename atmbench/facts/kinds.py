"""All kinds of facts, as one union."""

from typing import get_args

from atmbench.errors import LocalError
from atmbench.facts.base import Fact, kind_of
from atmbench.facts.capacity import CapacityStated, QueueDepth, RequestsCounted, RequestShed
from atmbench.facts.devices import (
    CardEjected,
    CardRetained,
    CardTaken,
    CashAccepted,
    CashPresented,
    CashPurged,
    CashRetracted,
    CashReturned,
    CashTaken,
    CassettesCounted,
    DeviceFailed,
    DeviceStateChanged,
    DispenseFailed,
    ReceiptFailed,
)
from atmbench.facts.host import (
    BalanceOverwritten,
    BalanceTold,
    BusinessDayBegan,
    BusinessDayCounted,
    EntryLost,
    EntryPosted,
    HoldPlaced,
    HoldReleased,
    LedgerCounted,
    PromotionRefused,
    RecordDisturbed,
    RepeatAnswered,
    SiteAlarmRaised,
    SiteRebuilt,
    SiteRoleChanged,
    SitesCompared,
    TombstoneHit,
    TombstoneLaid,
    TransmittedOffTime,
)
from atmbench.facts.lines import (
    CallFailed,
    DialFailed,
    FaultEnded,
    FaultStarted,
    FrameDisturbed,
    LineChosen,
    LineLost,
    LineSuspected,
    LineUp,
    SignedOff,
    SignedOn,
)
from atmbench.facts.monitor import AlertCleared, AlertFired
from atmbench.facts.postings import PostingBrokenOff, PostingDrained, PostingPositionLost, PostingResumed
from atmbench.facts.releases import ReleaseDeployed, ReleaseRolledBack
from atmbench.facts.risk import BrakeAlert, BrakeChanged, CoreAdvised, CoreAnswered, CoreChanged, StandInApproved
from atmbench.facts.run import ClockStepped, Converged, HealStarted, RunEnded, RunStarted, StepPerformed, StepRefused
from atmbench.facts.security import KeysIssued, KeysLoaded, SecurityRefused
from atmbench.facts.terminal import (
    AdviceAccepted,
    AdviceQueued,
    BusinessDayTaken,
    CustomerTurnedAway,
    ExceptionOpened,
    JournalWritten,
    PowerFailed,
    PowerRestored,
    ReceiptPrinted,
    ScreenShown,
    StateChanged,
    TransactionEnded,
    TransactionStarted,
)
from atmbench.facts.wire import FrameRefused, MessageNotSent, MessageReceived, MessageSent, ReplyIgnored

AnyFact = (
    RunStarted
    | StepPerformed
    | StepRefused
    | ClockStepped
    | HealStarted
    | Converged
    | RunEnded
    | FaultStarted
    | FaultEnded
    | FrameDisturbed
    | LineUp
    | LineLost
    | DialFailed
    | CallFailed
    | LineSuspected
    | LineChosen
    | SignedOn
    | SignedOff
    | MessageSent
    | MessageNotSent
    | MessageReceived
    | FrameRefused
    | ReplyIgnored
    | SecurityRefused
    | KeysIssued
    | KeysLoaded
    | StateChanged
    | TransactionStarted
    | TransactionEnded
    | CustomerTurnedAway
    | ScreenShown
    | ReceiptPrinted
    | ReceiptFailed
    | JournalWritten
    | AdviceQueued
    | AdviceAccepted
    | ExceptionOpened
    | BusinessDayTaken
    | PowerFailed
    | PowerRestored
    | CassettesCounted
    | CashPresented
    | CashTaken
    | CashRetracted
    | CashPurged
    | DispenseFailed
    | DeviceStateChanged
    | DeviceFailed
    | CashAccepted
    | CashReturned
    | CardEjected
    | CardTaken
    | CardRetained
    | EntryPosted
    | EntryLost
    | TombstoneLaid
    | TombstoneHit
    | RepeatAnswered
    | HoldPlaced
    | HoldReleased
    | SiteRoleChanged
    | BalanceTold
    | LedgerCounted
    | BusinessDayBegan
    | BusinessDayCounted
    | TransmittedOffTime
    | RecordDisturbed
    | BalanceOverwritten
    | PromotionRefused
    | SiteAlarmRaised
    | SiteRebuilt
    | SitesCompared
    | ReleaseDeployed
    | ReleaseRolledBack
    | CapacityStated
    | QueueDepth
    | RequestShed
    | RequestsCounted
    | PostingBrokenOff
    | PostingPositionLost
    | PostingResumed
    | PostingDrained
    | CoreChanged
    | StandInApproved
    | CoreAdvised
    | CoreAnswered
    | BrakeAlert
    | BrakeChanged
    | AlertFired
    | AlertCleared
)

_TYPES: dict[str, type[Fact]] = {kind_of(each): each for each in get_args(AnyFact)}


def type_of(kind: str) -> type[Fact]:
    """The type of a kind of fact: CashTaken for "cash_taken". Raises LocalError if there is none."""
    if kind not in _TYPES:
        raise LocalError(f"there is no kind of fact {kind!r}; the schema of drills lists them")
    return _TYPES[kind]
