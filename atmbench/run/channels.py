"""What the clients of a channel are made of: their settings, and a dialect that says that they are no ATMs.

This module must never know what a code of a point of sale means.
"""

import msgspec

from atmbench.drill.records import ChannelSettings, Drill
from atmbench.errors import AtmbenchError, LocalError
from atmbench.messages.codec import Codec
from atmbench.messages.dialect import Dialect
from atmbench.messages.pos_data import with_pos_data
from atmbench.messages.records import Purpose, Request
from atmbench.run.samples import sample_request, sample_reversal
from atmbench.terminal.settings import TerminalSettings


def client_settings(drill: Drill, channel: ChannelSettings) -> TerminalSettings:
    """How the clients of a channel are set up: as the ATMs, without cassettes."""
    identity = channel.identity or drill.terminal.identity
    timers = msgspec.structs.replace(drill.terminal.timers, result_s=channel.result_s)
    return msgspec.structs.replace(
        drill.terminal, cassettes=(), identity=identity, timers=timers, needs_journal_paper=False
    )


def client_dialect(channel: ChannelSettings, dialect: Dialect) -> Dialect:
    """How clients of a channel say what they want. Raises LocalError if the dialect cannot carry its POS data."""
    return Dialect(with_pos_data(dialect.file, channel.pos), dialect.name) if channel.pos else dialect


def demand_sendable(drill: Drill, channel: ChannelSettings, dialect: Dialect) -> None:
    """Try one message of each kind. Raises LocalError if a client without a card cannot say it in this dialect."""
    own = client_dialect(channel, dialect)
    codec = Codec(own)
    for sample in _samples(drill, channel):
        try:
            message = codec.decode(codec.encode(own.request_message(sample)))
            read = dialect.read_request(message)
        except AtmbenchError as error:
            raise LocalError(f"a client cannot send its {sample.purpose}: {error}") from None
        if sample.purpose is not Purpose.REVERSAL and read.pan != sample.pan:
            raise LocalError("the card's number does not travel in it but on track 2, and a client reads no card")


def _samples(drill: Drill, channel: ChannelSettings) -> list[Request]:
    request = sample_request(drill, channel.identity or drill.terminal.identity)
    balance = msgspec.structs.replace(request, purpose=Purpose.BALANCE, service=Purpose.BALANCE, amount_minor=0)
    return [request, balance, sample_reversal(request)]
