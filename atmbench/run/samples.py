"""Messages to try a dialect with before a run: whether those who are to speak it can say what they have to.

No value here ever travels.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from atmbench.drill.places import everybody
from atmbench.drill.records import Drill
from atmbench.errors import AtmbenchError, LocalError
from atmbench.host.replies import reply_to
from atmbench.messages.records import SERVICES, Original, Outcome, Purpose, Reason, Request
from atmbench.releases.speech import Speech
from atmbench.run.population import track2_of
from atmbench.terminal.settings import Identity

_PAN = "9999990000000014"
_PIN_BLOCK = "0123456789ABCDEF"
_KEY_SERIAL = "FFFF9876543210E00001"
_CHIP = "9F36020001"
_NETWORK = (Purpose.SIGN_ON, Purpose.ECHO)


def sample_request(drill: Drill, identity: Identity) -> Request:
    """A transfer without a card, of the last who is there: nobody has a longer name."""
    return Request(
        purpose=Purpose.TRANSFER,
        service=Purpose.TRANSFER,
        terminal=everybody(drill)[-1],
        stan=1,
        transmitted="0105090000",
        local_time="260105090000",
        rrn="010509000001",
        amount_minor=100,
        currency=drill.currency,
        pan=_PAN,
        acquirer=identity.acquirer,
        merchant=identity.merchant,
        location=identity.location,
    )


def sample_reversal(request: Request) -> Request:
    """What undoes such a request."""
    original = Original("0200", request.stan, request.transmitted)
    return replace(request, purpose=Purpose.REVERSAL, stan=2, original=original, reason=Reason.NO_ANSWER)


def demand_sendable(drill: Drill, name: str, release: Speech, base: Speech) -> None:
    """Terminals can say in a release what they can say before. Raises LocalError for the first message of which not."""
    for sample in _of_terminals(drill):
        because = _lack(sample, release)
        if because and not _lack(sample, base):
            raise LocalError(f"terminals of release {name} cannot send their {sample.purpose}: {because}")


def demand_answerable(drill: Drill, name: str, release: Speech, base: Speech) -> None:
    """A site can say in a release what it can say before. Raises LocalError for the first answer of which not."""
    for sample in _of_terminals(drill):
        if _lack(sample, base):
            continue  # nobody asks that
        for outcome in (Outcome.APPROVED, Outcome.DECLINED):
            because = _no_answer(sample, outcome, release, base)
            if because and not _no_answer(sample, outcome, base, base):
                raise LocalError(f"a site of release {name} cannot answer a {sample.purpose}: {because}")


def _of_terminals(drill: Drill) -> Iterator[Request]:
    """A message of each kind, with all that a terminal of this drill has for it."""
    request = sample_request(drill, drill.terminal.identity)
    yield from (replace(request, purpose=purpose) for purpose in _NETWORK)
    security = drill.security
    card = replace(
        request,
        track2=track2_of(_PAN),
        pin_block=_PIN_BLOCK if drill.cards.pins else "",
        key_serial=_KEY_SERIAL if security is not None and security.dukpt else "",
        chip=_CHIP if security is not None and security.chips else "",
    )
    for service in sorted(SERVICES):
        new_pin_block = _PIN_BLOCK if service is Purpose.PIN_CHANGE else ""
        yield replace(card, purpose=service, service=service, new_pin_block=new_pin_block)
    yield sample_reversal(replace(request, service=Purpose.WITHDRAWAL))


def _lack(sample: Request, speech: Speech) -> str:
    """Why this cannot be said; empty if it can."""
    try:
        speech.codec.encode(speech.dialect.request_message(sample))
    except AtmbenchError as error:
        return str(error)
    return ""


def _no_answer(sample: Request, outcome: Outcome, speech: Speech, base: Speech) -> str:
    """Why a site cannot answer so to what is asked in N; empty if it can."""
    approval_code = "000001" if outcome is Outcome.APPROVED else ""
    reply = replace(reply_to(sample, outcome), approval_code=approval_code)
    try:
        to = base.dialect.request_message(sample)
        speech.codec.encode(speech.reply_message(to, sample, reply))
    except AtmbenchError as error:
        return str(error)
    return ""
