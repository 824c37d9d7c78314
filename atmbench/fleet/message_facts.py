"""What is recorded of a message that passes, alike at terminals and sites: masked, so that no card data ever shows."""

from typing import TypeVar

from atmbench.facts import MessageReceived, MessageSent
from atmbench.messages.dialect import Dialect
from atmbench.messages.masking import masked_fields
from atmbench.messages.records import Message, Reply, Request

Passed = TypeVar("Passed", MessageSent, MessageReceived)


def passed(
    kind: type[Passed],
    dialect: Dialect,
    line: str,
    message: Message,
    meant: Request | Reply,
    *,
    key: str = "",
    code: str = "",
) -> Passed:
    """The fact that a message was sent or received. `meant` is what it says, `key` the transaction it is about."""
    return kind(
        terminal=meant.terminal,
        line=line,
        purpose=meant.purpose,
        mti=message.mti,
        stan=meant.stan,
        fields=masked_fields(message, dialect.sensitive(message.mti)),
        key=key,
        code=code,
        outcome=meant.outcome if isinstance(meant, Reply) else "",
        amount_minor=meant.amount_minor or 0,
    )
