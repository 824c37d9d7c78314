"""Handlers that keep facts as they come, up to a bound. The first ones are enough, and who keeps them says so."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def keeping(kept: list[T], most: int) -> Callable[[T], None]:
    """Who takes a fact and keeps it, as long as fewer than so many are kept."""

    def keep(fact: T) -> None:
        if len(kept) < most:
            kept.append(fact)

    return keep
