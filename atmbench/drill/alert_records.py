"""Alert rules of a drill, and which alerts must fire and which must not. Data only.

A rule is one of Prometheus in the bench's words: a metric, a limit, and for how long it must be beyond it.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

ALERTS_MAX = 200
EVALUATIONS_MAX = 10_000
"""So many evaluations at most may lie within `increase_s`."""

Seconds = Annotated[float, Meta(ge=0)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Root of all parts: a key nobody knows is an error."""


class AlertRule(_Part, frozen=True, kw_only=True):
    """When an alert fires: a metric is above or below a limit for long enough."""

    metric: str
    where: dict[str, str] = {}
    """Labels that its series must have; those that are left are put together, ages by the largest, else by the sum."""
    increase_s: Annotated[float, Meta(gt=0)] | None = None
    """Look at how much a counter has grown within so many seconds, not at its value."""
    above: float | None = None
    below: float | None = None
    for_s: Seconds = 0.0
    """It must have been so at every evaluation for so long."""


class Monitoring(_Part, frozen=True, kw_only=True):
    """What watches the fleet while a drill runs."""

    every_s: Annotated[float, Meta(gt=0)] = 1.0
    """Time between two evaluations of all rules. What is detected is detected at one of them."""
    alerts: Annotated[dict[str, AlertRule], Meta(max_length=ALERTS_MAX)] = {}
    """Name of an alert to its rule."""


class AlertExpectation(_Part, frozen=True, kw_only=True):
    """What must become of one alert. Times count from the beginning of a fault, and from its end."""

    never: bool = False
    """It must not fire at all."""
    after: str = ""
    """Name of the fault that it is to detect; empty for the first that begins, a stop of a site too."""
    within_s: Seconds | None = None
    """From the beginning of the fault until it fires. It must not have fired before."""
    cleared_s: Seconds | None = None
    """From the end of the fault until it is cleared, for good."""
