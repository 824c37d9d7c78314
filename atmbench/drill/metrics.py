"""What can be watched of a fleet and its host: the metrics by name, each with its labels and what it means. Data only.

Names and units are those of Prometheus (base units, `_total` for what only grows), so that a rule here and a rule there
can be the same. `monitor` folds facts into them.
"""

from enum import StrEnum

import msgspec


class MetricKind(StrEnum):
    """How a metric moves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(msgspec.Struct, frozen=True):
    """One metric."""

    kind: MetricKind
    labels: tuple[str, ...]
    says: str
    is_worst: bool = False
    """Series of it are put together by the largest, as ages are; else by their sum."""


_COUNTER, _GAUGE, _HISTOGRAM = MetricKind.COUNTER, MetricKind.GAUGE, MetricKind.HISTOGRAM

METRICS: dict[str, Metric] = {
    "atmbench_requests_total": Metric(_COUNTER, ("mti", "line", "site"), "Messages that terminals sent, repeats too."),
    "atmbench_replies_total": Metric(
        _COUNTER, ("mti", "code", "line", "site"), "Answers that reached terminals, by response code."
    ),
    "atmbench_replies_ignored_total": Metric(_COUNTER, ("line", "reason"), "Answers that no terminal acted upon."),
    "atmbench_frames_refused_total": Metric(_COUNTER, ("line",), "Frames that no terminal and no site could read."),
    "atmbench_response_seconds": Metric(
        _HISTOGRAM, ("service", "line"), "From when a customer asked, whenever that could be sent, to the first answer."
    ),
    "atmbench_requests_in_flight": Metric(_GAUGE, ("line",), "Requests of customers that are sent and not answered."),
    "atmbench_transactions_total": Metric(_COUNTER, ("service", "outcome"), "Transactions that ended, by outcome."),
    "atmbench_customers_turned_away_total": Metric(_COUNTER, ("service",), "Customers whom a terminal did not serve."),
    "atmbench_terminals": Metric(_GAUGE, ("state",), "Terminals by the state of their session; off without power."),
    "atmbench_terminals_on_line": Metric(_GAUGE, ("line", "site"), "Terminals whose last sign-on was over this line."),
    "atmbench_sign_ons_total": Metric(_COUNTER, ("line", "site"), "Sign-ons that a host accepted."),
    "atmbench_lines_lost_total": Metric(_COUNTER, ("line", "site"), "Connections of terminals that were lost."),
    "atmbench_line_changes_total": Metric(_COUNTER, ("line",), "Moves of terminals to this line from another."),
    "atmbench_reversals_total": Metric(_COUNTER, ("reason",), "Reversals that terminals stored, by reason."),
    "atmbench_reversals_accepted_total": Metric(_COUNTER, (), "Reversals that a host has accepted."),
    "atmbench_store_and_forward_messages": Metric(_GAUGE, (), "Stored messages that no host has accepted yet."),
    "atmbench_store_and_forward_oldest_age_seconds": Metric(_GAUGE, (), "Age of the oldest of them.", is_worst=True),
    "atmbench_replication_lag_seconds": Metric(
        _GAUGE, ("site",), "How late the last entry came that this site took from another.", is_worst=True
    ),
    "atmbench_replication_missing_entries": Metric(_GAUGE, ("site",), "Entries of other sites that this one lacks."),
    "atmbench_replication_oldest_age_seconds": Metric(
        _GAUGE, ("site",), "Age of the oldest entry that this site lacks.", is_worst=True
    ),
    "atmbench_money_out_of_balance": Metric(
        _GAUGE,
        ("site", "currency"),
        "Sum over transactions that are over of the cash that this site's ledger has and devices have not, or the "
        "other way round; in minor units.",
        is_worst=True,
    ),
    "atmbench_site_active": Metric(_GAUGE, ("site",), "1 for a site that is active, else 0."),
    "atmbench_site_alarms_total": Metric(_COUNTER, ("site", "what"), "Alarms that sites raised of themselves."),
    "atmbench_brake_alerts_total": Metric(_COUNTER, ("site", "rule"), "Alerts of the brake on withdrawals."),
    "atmbench_host_waiting_requests": Metric(_GAUGE, ("site",), "Requests that wait at a site with a capacity."),
    "atmbench_host_sheds_total": Metric(_COUNTER, ("site", "because"), "Requests that a site did not serve."),
    "atmbench_open_exceptions_total": Metric(_COUNTER, ("kind",), "What a person must settle."),
}
"""Name to metric, in the order in which they are shown."""
