"""Handlers of facts, put together: whoever folds a history has one for each kind. It must never decide anything."""

from collections.abc import Callable
from typing import Any


def both(first: Callable[[Any], None] | None, second: Callable[[Any], None]) -> Callable[[Any], None]:
    """One handler for two who want the same kind of fact; the second alone if there is no first."""
    if first is None:
        return second

    def handle(fact: Any) -> None:
        first(fact)
        second(fact)

    return handle
