"""Framings by the name that a dialect or a line uses."""

from collections.abc import Callable

from atmbench.errors import LocalError
from atmbench.framing.base import Framer
from atmbench.framing.length2 import Length2Framer

FRAMINGS: dict[str, Callable[[], Framer]] = {"length2": Length2Framer}


def framer(name: str) -> Framer:
    """A fresh framer. Raises LocalError, naming what there is, for an unknown framing."""
    if name not in FRAMINGS:
        raise LocalError(f"there is no framing {name!r}; there is: {', '.join(FRAMINGS)}")
    return FRAMINGS[name]()
