"""What the host asks of its shell: effects, in the order in which they are to be carried out. Data only."""

from collections.abc import Hashable
from typing import TypeAlias

import msgspec

from atmbench.facts import Fact
from atmbench.messages.records import Reply, Request


class SendReply(msgspec.Struct, frozen=True, gc=False):
    """Answer a request. `reply.code` is empty: the dialect knows the code of an outcome.

    An answer that had to wait has the ticket of its request; without one it is that of the request just given.
    """

    reply: Reply
    ticket: int | None = None


class ForgetRequest(msgspec.Struct, frozen=True, gc=False):
    """The request with this ticket will never be answered."""

    ticket: int


class AskTerminal(msgspec.Struct, frozen=True, gc=False):
    """Send a terminal a request over a connection of a site. Its answer is for the history."""

    site: str
    connection: Hashable
    request: Request


class Record(msgspec.Struct, frozen=True, gc=False):
    """Put a fact into the history, in the name of this site."""

    site: str
    fact: Fact


HostEffect: TypeAlias = SendReply | ForgetRequest | AskTerminal | Record
