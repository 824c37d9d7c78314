"""Errors of the bench, sorted by whose fault they are.

Every exception that may cross a room's door derives from `AtmbenchError`. Its message is one or two
plain sentences: what was found, what was meant, what to do next. Bugs of the bench are not listed
here: they stay assertions and crash loudly. This module imports nothing of atmbench.
"""


class AtmbenchError(Exception):
    """Root of everything the bench raises on purpose."""


class LocalError(AtmbenchError):
    """The bench was misused: a wrong drill, a wrong option, a move the rules do not allow."""


class VenueError(AtmbenchError):
    """The place a drill should run in cannot do what was asked: a port is taken, a device is missing."""


class RemoteError(AtmbenchError):
    """The peer sent something that breaks the rules of its dialect or framing.

    `raw` is what arrived, `field` the data element that could not be read ("39", "t", "p" ...),
    `position` the offset in `raw` where reading stopped. Text of this error never holds card data.
    """

    def __init__(self, message: str, *, raw: bytes = b"", field: str = "", position: int | None = None) -> None:
        super().__init__(message)
        self.raw = raw
        self.field = field
        self.position = position
