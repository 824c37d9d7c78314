"""One exchange of each kind as every dialect says it, and strategies for all that it can carry."""

from hypothesis import strategies as st
from msgspec.structs import replace

from atmbench.messages.dialect import Dialect
from atmbench.messages.records import ADVICES, NETWORK, Balance, Original, Outcome, Purpose, Reply, Request
from tests.messages import samples

SIGN_ON = replace(samples.SIGN_ON, acquirer="123456", local_time="251123202959")
WITHDRAWAL = replace(samples.WITHDRAWAL, local_time="251123203000")


def reversal(dialect: Dialect) -> Request:
    """WITHDRAWAL is undone but for a part."""
    original = Original(dialect.request_message(WITHDRAWAL).mti, WITHDRAWAL.stan, WITHDRAWAL.transmitted)
    return replace(samples.REVERSAL, local_time=WITHDRAWAL.local_time, original=original)


def approval(dialect: Dialect) -> Reply:
    """The answer to WITHDRAWAL."""
    return replace(
        samples.APPROVAL,
        code=dialect.code(Outcome.APPROVED, Purpose.WITHDRAWAL),
        local_time=WITHDRAWAL.local_time,
        balances=(Balance("ledger", 12000), Balance("available", 8000)),
    )


def answer(request: Request, outcome: Outcome = Outcome.APPROVED) -> Reply:
    """An answer to a message that brings nothing but a code."""
    return Reply(purpose=request.purpose, terminal=request.terminal, stan=request.stan, outcome=outcome, code="")


def requests_of(dialect: Dialect) -> st.SearchStrategy[Request]:
    """Requests with all that a terminal would say, for which the dialect has messages."""
    return samples.requests.filter(lambda request: dialect.has(request.purpose)).map(_whole)


def _whole(request: Request) -> Request:
    if request.purpose in NETWORK:
        return replace(request, acquirer="123456", local_time="251123202959")
    track2 = "" if request.purpose in ADVICES else samples.TRACK2
    pan = samples.PAN if track2 else request.pan
    return replace(request, local_time=f"25{request.local_time}", track2=track2, pan=pan)
