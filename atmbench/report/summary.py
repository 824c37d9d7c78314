"""The audit as plain values, for machines: what `--format json` prints. Amounts stay in minor units."""

from typing import Any

import msgspec

from atmbench.audit import exposure
from atmbench.audit.failover import Failover
from atmbench.audit.judge import Audit
from atmbench.report.text import replay_command


def summary(audit: Audit) -> dict[str, Any]:
    """Status, checks, findings, exceptions, totals and failover figures as JSON-ready values."""
    run = audit.book.run_started
    values: dict[str, Any] = {
        "status": audit.status.value,
        "run": {
            "drill": run.drill,
            "seed": run.seed,
            "venue": run.venue,
            "version": run.version,
            "currency": run.currency,
            "defects": list(run.defects),
        }
        if run is not None
        else None,
        "facts": audit.book.count,
        "checks": [msgspec.to_builtins(verdict) for verdict in audit.verdicts],
        "exceptions": [msgspec.to_builtins(each) for each in audit.exceptions],
        "totals": msgspec.to_builtins(audit.totals),
        "failover": _failover(audit.failover),
        "replay": replay_command(audit.book),
    }
    if audit.load is not None:
        values["capacity"] = msgspec.to_builtins(audit.load)
    if audit.downtime is not None:
        values["downtime"] = [msgspec.to_builtins(gap) for gap in audit.downtime]
    if audit.made_good is not None:
        values["made_good"] = msgspec.to_builtins(audit.made_good)
    if exposure.is_asked(audit.book):
        values["exposure"] = msgspec.to_builtins(exposure.exposure_of(audit.book))
    return values


def _failover(card: Failover | None) -> dict[str, Any] | None:
    if card is None or card.cut is None:
        return None
    return {
        "cut_s": card.cut.t,
        "what": card.cut.says,
        "touched": card.touched,
        "figures": [
            {
                "name": figure.name,
                "seconds": figure.seconds,
                "terminal": figure.terminal,
                "budget_s": figure.budget_s,
                "missing": list(figure.missing),
                "note": figure.note,
                "status": figure.status.value if figure.status is not None else None,
            }
            for figure in card.figures
        ],
    }
