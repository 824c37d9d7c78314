"""Settlement: how a transaction ends at the host, decided from what is known of cash and answer.

This is the table "Who reverses" of iso8583 facts 1.10 as pure functions: facts of the session in, an
`Ending` out. It must never guess: what the terminal does not know becomes a suspect, for a person to count.
"""

import msgspec

from atmbench.messages.records import Original, Purpose, Reason, Request
from atmbench.terminal.memory import Intent
from atmbench.terminal.settings import Confirm

SUSPECT_DISPENSE = "suspect_dispense"
SUSPECT_DEPOSIT = "suspect_deposit"


class Ending(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What to tell the host and the history of a transaction that is over.

    `advice` is REVERSAL, COMPLETION or None. `actual_minor` is what really came out, if neither nothing nor all.
    `exception` says, if anything, why a person must look; `kind` is that of ExceptionOpened.
    """

    outcome: str
    advice: Purpose | None = None
    reason: Reason | None = None
    actual_minor: int | None = None
    exception: str = ""
    kind: str = SUSPECT_DISPENSE


def reversed_fully(outcome: str, reason: Reason) -> Ending:
    """Nothing came out, or nothing was done."""
    return Ending(outcome=outcome, advice=Purpose.REVERSAL, reason=reason)


def suspect(because: str, kind: str = SUSPECT_DISPENSE) -> Ending:
    """Nobody knows what came out (NDC E3, uncounted retract): the host is told, no credit until someone has counted."""
    return Ending(outcome="suspect", advice=Purpose.REVERSAL, reason=Reason.SUSPECT, exception=because, kind=kind)


def taken(intent: Intent, moved_minor: int, confirm: Confirm) -> Ending:
    """The customer has the notes that were moved: all that was approved, or fewer."""
    asked_minor = intent.request.amount_minor
    is_short = moved_minor < intent.approved_minor
    outcome = "short" if is_short else "approved"
    actual_minor = moved_minor if moved_minor != asked_minor else None
    if confirm is Confirm.ALWAYS:
        return Ending(outcome=outcome, advice=Purpose.COMPLETION, actual_minor=actual_minor)
    if is_short:
        return Ending(
            outcome=outcome, advice=Purpose.REVERSAL, reason=Reason.PARTLY_DISPENSED, actual_minor=actual_minor
        )
    return Ending(outcome=outcome)


def retracted(intent: Intent, moved_minor: int, counted_minor: int | None, confirm: Confirm) -> Ending:
    """Notes were drawn back: counted, the rest is with the customer; uncounted, nobody knows."""
    if counted_minor is None or not 0 <= counted_minor <= moved_minor:
        return suspect("the notes were not taken, and the dispenser cannot count what it drew back")
    if counted_minor == 0:
        return taken(intent, moved_minor, confirm)
    return Ending(
        outcome="retracted",
        advice=Purpose.REVERSAL,
        reason=Reason.CASH_NOT_TAKEN,
        actual_minor=moved_minor - counted_minor or None,
    )


def advice(intent: Intent, ending: Ending, mti: str, stan: int, transmitted: str, own_rrn: str = "") -> Request:
    """The message that tells the host of an ending. `mti` is that of the original.

    It keeps local time, RRN and business day of the original, and never carries a track or a PIN block (iso8583 facts
    1.12). A completion takes `own_rrn` instead of the RRN, if there is one.
    """
    original = intent.request
    assert ending.advice is not None
    return Request(
        purpose=ending.advice,
        terminal=original.terminal,
        stan=stan,
        transmitted=transmitted,
        service=original.service,
        local_time=original.local_time,
        rrn=own_rrn if own_rrn and ending.advice is Purpose.COMPLETION else original.rrn,
        amount_minor=original.amount_minor,
        currency=original.currency,
        pan=original.pan,
        from_account=original.from_account,
        to_account=original.to_account,
        payee=original.payee,
        approval_code=intent.approval_code,
        original=Original(mti, original.stan, original.transmitted),
        actual_minor=ending.actual_minor,
        reason=ending.reason,
        acquirer=original.acquirer,
        merchant=original.merchant,
        location=original.location,
        business_day=original.business_day,
    )
