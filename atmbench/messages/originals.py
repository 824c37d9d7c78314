"""The field by which an advice names the message it is about: DE90, or DE56 since 1993.

Source: iso8583 facts 1.6. Families name it by different things: most by its STAN and DE7, BASE24 by the sequence
number and the local time, 1993 by STAN, local time and acquirer. What all need is the MTI and a number.
"""

from collections.abc import Callable, Sequence

from atmbench.errors import LocalError
from atmbench.messages.composites import Composite, digits, number
from atmbench.messages.dialect_file import Part
from atmbench.messages.moments import (
    local_century_date_time,
    local_date,
    local_date_time,
    local_time,
    read_century_date_time,
    read_date,
    read_date_time,
    read_moment,
    read_time,
)
from atmbench.messages.records import Original, Request

_TAKERS: dict[str, Callable[[Request, Original], str]] = {
    "acquirer": lambda request, _: request.acquirer,
    "local_century_date_time": lambda request, _: local_century_date_time(request),
    "local_date": lambda request, _: local_date(request),
    "local_date_time": lambda request, _: local_date_time(request),
    "local_time": lambda request, _: local_time(request),
    "mti": lambda _, original: original.mti,
    "sequence": lambda _, original: str(original.stan),
    "stan": lambda _, original: str(original.stan),
    "transmitted": lambda _, original: original.transmitted,
}
_CHECKS: dict[str, Callable[[str], str]] = {
    "local_century_date_time": read_century_date_time,
    "local_date": read_date,
    "local_date_time": read_date_time,
    "local_time": read_time,
    "mti": digits,
    "transmitted": read_moment,
}


class OriginalField:
    """The field of one dialect. Raises LocalError if its parts do not name a message."""

    def __init__(self, parts: Sequence[Part], name: str) -> None:
        self._parts = Composite(parts, name)
        has = self._parts.values
        strange = sorted(has - _TAKERS.keys())
        if strange or "mti" not in has or not {"stan", "sequence"} & has:
            found = f"{strange[0]} says nothing of it" if strange else "these parts do not"
            raise LocalError(f"{name}: an original is named by `mti` and `stan` (or `sequence`); {found}")

    def take(self, request: Request) -> str:
        """The field of an advice; empty for a request that is about no other."""
        original = request.original
        if original is None:
            return ""
        return self._parts.compose({value: _TAKERS[value](request, original) for value in self._parts.values})

    def read(self, text: str) -> Original:
        """Which message it is. Raises Unreadable."""
        values = self._parts.read(text)
        for value, check in _CHECKS.items():
            if value in values:
                check(values[value])
        stan = values.get("stan") or values["sequence"].rstrip()
        return Original(values["mti"], number(stan), values.get("transmitted", ""))
