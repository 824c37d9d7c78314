"""Answers that need no decision, and what makes two requests the same. Pure."""

from collections.abc import Iterable

import msgspec

from atmbench.facts import BalanceTold
from atmbench.host.journal import Content
from atmbench.messages.matching import transaction_key
from atmbench.messages.records import NETWORK, Balance, Outcome, Reply, Request
from atmbench.security.emv import ISSUER_AUTHENTICATION
from atmbench.security.tlv import build


def issuer_answer(answer: bytes) -> str:
    """Chip data of a reply: the issuer's answer in tag 91."""
    return build({ISSUER_AUTHENTICATION: answer}).hex().upper()


def balance_told(key: str, account: str, balances: Iterable[Balance], unposted_minor: int) -> BalanceTold:
    """The fact of an inquiry that was answered: ledger and available, in this order."""
    ledger_minor, available_minor = (balance.amount_minor for balance in balances)
    return BalanceTold(
        key=key,
        account=account,
        ledger_minor=ledger_minor,
        available_minor=available_minor,
        unposted_minor=unposted_minor,
        is_stale=unposted_minor != 0,
    )


def about(request: Request) -> str:
    """The transaction that a request or an advice is about; empty for network management."""
    if not request.local_time:
        return ""
    stan = request.stan if request.original is None else request.original.stan
    return transaction_key(request.terminal, stan, request.local_time)


def content_of(request: Request) -> Content:
    """What must be the same in a request that comes again."""
    return (
        request.purpose,
        request.pan,
        request.amount_minor,
        request.from_account,
        request.to_account,
        request.payee,
    )


def reply_to(request: Request, outcome: Outcome) -> Reply:
    """An answer that carries nothing but its outcome."""
    return Reply(
        purpose=request.purpose,
        terminal=request.terminal,
        stan=request.stan,
        outcome=outcome,
        code="",
        local_time=request.local_time,
        rrn=request.rrn,
        amount_minor=None if request.purpose in NETWORK else request.amount_minor,
        currency=request.currency,
    )


def readdressed(reply: Reply, request: Request) -> Reply:
    """A stored answer under the number of the message that is answered now."""
    return reply if reply.stan == request.stan else msgspec.structs.replace(reply, stan=request.stan)
