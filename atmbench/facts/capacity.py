"""What the sites of the host could serve, and what they did with more. Data only."""

from atmbench.facts.base import Fact


class CapacityStated(Fact, frozen=True, kw_only=True):
    """What a site can serve from now on: at the start of a run, and at each change."""

    site: str
    role: str
    """"active", "standby", "down" or "isolated"."""
    rate_per_s: float
    servers: int
    queue_max: int
    answers: float = 1.0
    """Share of requests that go through as ever; a sick site holds up the others."""


class QueueDepth(Fact, frozen=True, kw_only=True):
    """Another quarter of the places of a queue is taken, or it is empty again."""

    site: str
    waiting: int


class RequestShed(Fact, frozen=True, kw_only=True):
    """A request was not served: nothing was decided and nothing posted."""

    site: str
    terminal: str
    purpose: str
    stan: int
    key: str = ""
    because: str
    """"full": no place was left. "stale": it had waited too long. "sign_ons": too many sign-ons within a second.
    "stopped": the site went dark. "stood_down": it was taken off duty."""
    waited_s: float
    outcome: str = ""
    """What the terminal was answered; empty for nothing."""


class RequestsCounted(Fact, frozen=True, kw_only=True):
    """What came of all requests of a site that had to wait for a server, at the end of a run."""

    site: str
    arrived: int
    served: int
    in_vain: int
    """Of those, the ones whose connection had ended before: nobody got the answer."""
    shed: int
    inside: int
    """Those that still wait, or are being served."""
    deepest: int
    """Most that ever waited."""
    waited_p50_s: float = 0.0
    waited_p99_s: float = 0.0
    """How long those that were served had waited for a server, within one per cent."""
