"""What a modem asks of the telephone network, in order. Data only; whoever runs the core is the network."""

from typing import TypeAlias

import msgspec


class Connect(msgspec.Struct, frozen=True):
    """The far end has lifted: join it. Answered by `line_joined` or `line_refused`. An empty number called us."""

    number: str


class Pass(msgspec.Struct, frozen=True):
    """Bytes that have arrived at the far end."""

    data: bytes


class HangUp(msgspec.Struct, frozen=True):
    """The call is over, whether it was joined or not."""


Act: TypeAlias = Connect | Pass | HangUp
