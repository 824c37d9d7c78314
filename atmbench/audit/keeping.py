"""Handlers that keep facts as they come, up to a bound. The first ones are enough, and who keeps them says so."""

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def keeping(kept: list[T], most: int) -> Callable[[T], None]:
    """Who takes a fact and keeps it, as long as fewer than so many are kept."""

    def keep(fact: T) -> None:
        if len(kept) < most:
            kept.append(fact)

    return keep


def both(first: Callable[[Any], None] | None, second: Callable[[Any], None]) -> Callable[[Any], None]:
    """One handler for two who want the same kind of fact; the second alone if there is no first."""
    if first is None:
        return second

    def handle(fact: Any) -> None:
        first(fact)
        second(fact)

    return handle
