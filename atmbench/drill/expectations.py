"""What must hold at the end of a drill. Data only; the audit judges it.

Money, reversals and sequence are always judged, strictly. The rest is judged where a drill asks.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from atmbench.drill.alert_records import AlertExpectation

CHECKS = (
    "money",
    "counts",
    "replication",
    "reversals",
    "sequence",
    "convergence",
    "failover",
    "expected",
    "holds",
    "posting",
    "releases",
    "cards",
    "view",
    "exposure",
    "days",
    "customers_informed",
    "alerts",
)
"""The checks of the audit, by name: what a drill can say of itself that it fails."""

Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Root of all parts: a key nobody knows is an error."""


class FailoverBudgets(_Part, frozen=True, kw_only=True):
    """Times from the first cut of the preferred line, for the slowest terminal that was touched by it.

    `fail_back_s` counts from the mending. A budget that is not given is reported but not judged.
    """

    detect_s: Seconds | None = None
    switch_s: Seconds | None = None
    first_approval_s: Seconds | None = None
    """Until the first approved transaction of the fleet on another line."""
    drain_s: Seconds | None = None
    """Until the last stored message that was queued during the outage is accepted."""
    fail_back_s: Seconds | None = None
    changes_max: Count | None = None
    """Changes from one line to another that any one terminal may make in the whole run, back and forth."""


class CapacityBudgets(_Part, frozen=True, kw_only=True):
    """What sites with a stated capacity must keep to, each of them. What is not given is reported but not judged."""

    p99_answer_s: Seconds | None = None
    """From the arrival of a request at a site to its answer, for all but one in a hundred of those that got one."""
    sheds_max: Count | None = None
    """Requests that a site did not serve."""
    in_vain_max: Count | None = None
    """Requests that a site served when their terminals had hung up."""
    waiting_max: Count | None = None
    """Requests that ever waited at once."""
    sign_ons_per_s_max: Count | None = None
    """Sign-ons that came to a site within any second, but for the first one of each terminal."""
    isolate_s: Seconds | None = None
    """From when an active site began to serve less than it could, until it was not the active one any more."""
    reversals_max: Count | None = None
    """Reversals, of the whole fleet, of requests whose answer came late or not at all."""


class FactCount(_Part, frozen=True, kw_only=True):
    """So many facts of a kind must be in the history: proof that a drill did what it says."""

    fact: str
    where: dict[str, str | int | bool] = msgspec.field(default_factory=dict)
    """As in a trigger: an x in an MTI stands for any digit."""
    at_least: Count | None = None
    at_most: Count | None = None


class ViewBudgets(_Part, frozen=True, kw_only=True):
    """What customers may see of the sites. Judged where a drill has channels, or asks for it."""

    stale_balances_max: Count | None = None
    """Balances that a site may tell without an entry that somebody had been answered for. None is 0, where any
    balance was told."""
    stale_s: Seconds | None = None
    """None of these may lack an entry that was answered longer ago than this; None does not judge it."""
    delay_s: dict[str, Seconds] = {}
    """Channel ("atm" for the ATMs) to the most that may pass from a customer's request to its final answer."""


class PostingBudgets(_Part, frozen=True, kw_only=True):
    """What posting processes of sites must keep to. Judged where sites post in batches and one went wrong."""

    drain_s: Seconds | None = None
    """From when a process was resumed until it has come to the end of its journal; None is told and not judged."""


class ExposureBudgets(_Part, frozen=True, kw_only=True):
    """What withdrawals above the balance may cost, and how soon somebody must know. Judged by the check `exposure`.

    A withdrawal is above the balance by what its account lacked at that moment, whoever approved it: a release that
    does not look, or a switch that stands in for its core. Amounts are decimal text. What is not given is reported
    but not judged.
    """

    total_max: str | None = None
    card_max: str | None = None
    """Of one account, which is that of one card unless cards share it."""
    alert_s: Seconds | None = None
    """From the first withdrawal above the balance to the first alert after it."""
    last_note_s: Seconds | None = None
    """From the first withdrawal above the balance to the last notes that were dispensed for one."""


class Expectations(_Part, frozen=True, kw_only=True):
    """The `expect:` part of a drill."""

    open_exceptions_max: Count = 0
    """Transactions that may end as an open exception instead of agreeing at all witnesses."""
    approved_min: Count = 1
    """Withdrawals and other services that must be approved and completed: an idle run proves nothing."""
    in_flight_at_cut_min: Count | None = None
    """Transactions without an answer at the instant of the first cut."""
    overdrawn_max: Count | None = None
    """Customers' accounts that may be below zero at the end, at one site or at several; None does not judge it."""
    split_brain_max: Count | None = None
    """Entries that may be made while two sites post, each for itself; None tells of them and does not judge."""
    cards_kept_max: Count | None = None
    """Cards that terminals may keep, for whatever reason; None judges the reasons only."""
    downtime_max_s: Seconds | None = None
    """For how long nobody at all may be served at the ATMs, in sum: each time from the first customer in vain to the
    next one who is served. Regulators give hours in a year; None does not count them."""
    wronged_max_s: Seconds | None = None
    """How long a customer's money may be wrong, taken without cash or paid out without being taken, until all ledgers
    have it right; None tells of it and does not judge. Regulators give hours (86,400 s are a day)."""
    shared_parts_max: Count | None = None
    """Parts (a carrier, a site) that two lines of the same terminals may share; None lists and does not judge them."""
    failover: FailoverBudgets | None = None
    view: ViewBudgets | None = None
    capacity: CapacityBudgets | None = None
    posting: PostingBudgets | None = None
    exposure: ExposureBudgets | None = None
    facts: tuple[FactCount, ...] = ()
    alerts: dict[str, AlertExpectation] = {}
    """Name of an alert to when it must fire and be cleared. Judged by the check `alerts`."""
    incompatible: tuple[str, ...] = ()
    """Names of the catalogue that the bench must give to what was deployed, before a second site has it. With none, all
    that was deployed must go together."""
