"""What the host asks of its shell: effects, in the order in which they are to be carried out. Data only."""

from typing import TypeAlias

import msgspec

from atmbench.facts import Fact
from atmbench.messages.records import Reply


class SendReply(msgspec.Struct, frozen=True, gc=False):
    """Answer the request that was just given. `reply.code` is empty: the dialect knows the code of an outcome."""

    reply: Reply


class Record(msgspec.Struct, frozen=True, gc=False):
    """Put a fact into the history, in the name of this site."""

    site: str
    fact: Fact


HostEffect: TypeAlias = SendReply | Record
