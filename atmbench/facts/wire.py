"""Messages and frames, as sender and receiver saw them. Data only."""

from atmbench.facts.base import Fact


class MessageSent(Fact, frozen=True, kw_only=True):
    """A message was handed to a line. `fields` is masked. Actor is the terminal or the site."""

    terminal: str
    line: str
    purpose: str
    mti: str
    stan: int
    fields: dict[str, str]
    key: str = ""
    code: str = ""
    outcome: str = ""
    amount_minor: int = 0


class MessageNotSent(Fact, frozen=True, kw_only=True):
    """A message could not be sealed and was not sent. Actor is the terminal."""

    line: str
    purpose: str
    stan: int
    because: str
    key: str = ""


class MessageReceived(Fact, frozen=True, kw_only=True):
    """A message arrived and could be read. `fields` is masked. Actor is the terminal or the site."""

    terminal: str
    line: str
    purpose: str
    mti: str
    stan: int
    fields: dict[str, str]
    key: str = ""
    code: str = ""
    outcome: str = ""
    amount_minor: int = 0


class FrameRefused(Fact, frozen=True, kw_only=True):
    """Bytes arrived that are no frame or no message of the dialect. They changed nothing."""

    line: str
    because: str
    size: int
    field: str = ""
    position: int | None = None
    value: str = ""
    """What the reader wants in that field ("reason", "original"). Told only once a release has been deployed."""


class ReplyIgnored(Fact, frozen=True, kw_only=True):
    """A reply that no terminal may act upon.

    `reason` is one of: late, unmatched, unreadable, other_terminal, other_amount, other_transaction.
    `nearest` says which outstanding request came closest, and in what it differs.
    """

    line: str
    reason: str
    nearest: str = ""
    mti: str = ""
    stan: int = 0
    key: str = ""
    approved: bool = False
