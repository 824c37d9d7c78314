"""Facts: what happened, as typed records, one line of JSON each.

A fact is past and plain. The world makes facts, the recorder stamps them with time and actor and
appends them to the history; audit, monitor, report and console read them. Nothing in a fact may
hold a full PAN, track data, a PIN block or a key. This module must never decide anything.

The order of a history is (t, actor, order of recording). `t` is seconds since the run began,
rounded to the microsecond. `key` names one transaction at every witness (see
`messages.matching.transaction_key`); it is empty where no transaction is concerned.
"""

from atmbench.facts.base import Fact, kind_of, stamp
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
from atmbench.facts.history import from_line, read_history, to_line, to_lines
from atmbench.facts.host import (
    EntryPosted,
    HoldPlaced,
    HoldReleased,
    LedgerCounted,
    RepeatAnswered,
    SiteRoleChanged,
    TombstoneHit,
    TombstoneLaid,
)
from atmbench.facts.kinds import AnyFact, type_of
from atmbench.facts.lines import (
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
from atmbench.facts.run import Converged, HealStarted, RunEnded, RunStarted, StepPerformed, StepRefused
from atmbench.facts.security import KeysIssued, KeysLoaded, SecurityRefused
from atmbench.facts.terminal import (
    AdviceAccepted,
    AdviceQueued,
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

__all__ = [
    "AdviceAccepted",
    "AdviceQueued",
    "AnyFact",
    "CardEjected",
    "CardRetained",
    "CardTaken",
    "CashAccepted",
    "CashPresented",
    "CashPurged",
    "CashRetracted",
    "CashReturned",
    "CashTaken",
    "CassettesCounted",
    "Converged",
    "CustomerTurnedAway",
    "DeviceFailed",
    "DeviceStateChanged",
    "DialFailed",
    "DispenseFailed",
    "EntryPosted",
    "ExceptionOpened",
    "Fact",
    "FaultEnded",
    "FaultStarted",
    "FrameDisturbed",
    "FrameRefused",
    "HealStarted",
    "HoldPlaced",
    "HoldReleased",
    "JournalWritten",
    "KeysIssued",
    "KeysLoaded",
    "LedgerCounted",
    "LineChosen",
    "LineLost",
    "LineSuspected",
    "LineUp",
    "MessageNotSent",
    "MessageReceived",
    "MessageSent",
    "PowerFailed",
    "PowerRestored",
    "ReceiptFailed",
    "ReceiptPrinted",
    "RepeatAnswered",
    "ReplyIgnored",
    "RunEnded",
    "RunStarted",
    "ScreenShown",
    "SecurityRefused",
    "SignedOff",
    "SignedOn",
    "SiteRoleChanged",
    "StateChanged",
    "StepPerformed",
    "StepRefused",
    "TombstoneHit",
    "TombstoneLaid",
    "TransactionEnded",
    "TransactionStarted",
    "from_line",
    "kind_of",
    "read_history",
    "stamp",
    "to_line",
    "to_lines",
    "type_of",
]
