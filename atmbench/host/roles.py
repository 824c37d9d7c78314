"""What a site of the host can be."""

from enum import StrEnum


class Role(StrEnum):
    """What a site is at the moment."""

    ACTIVE = "active"
    STANDBY = "standby"
    DOWN = "down"
    ISOLATED = "isolated"
    """It runs, and an operator keeps it apart: it serves nobody, and no record leaves or reaches it."""
