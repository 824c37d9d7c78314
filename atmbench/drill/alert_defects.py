"""Known bugs of monitoring that can be planted by name, to see whether a drill notices that nobody would be told.

`monitor.watch` asks for them. This module must hold no logic beyond the names.
"""

from atmbench.defects import Defect

NO_ALERT_RULES = "no-alert-rules"
ALERT_LIMIT_TEN_TIMES = "alert-limit-ten-times"
ALERT_AT_ONCE = "alert-at-once"
ALERT_NEVER_CLEARED = "alert-never-cleared"

TEN_TIMES = 10.0

_SOURCE = (
    "user-asks, section 2, 6: alert assertions, mutated thresholds; incident of 14 August 2023, what nobody noticed"
)

DEFECTS: dict[str, Defect] = {
    NO_ALERT_RULES: Defect("The alert rules were never loaded.", source=_SOURCE, found_by=("alerts",)),
    ALERT_LIMIT_TEN_TIMES: Defect(
        "Alert rules have ten times their limits, a tenth for what must not be below.",
        source=_SOURCE,
        found_by=("alerts",),
    ),
    ALERT_AT_ONCE: Defect(
        "Alert rules fire at the first evaluation that breaks them, however long they should wait.",
        source=_SOURCE,
        found_by=("alerts",),
    ),
    ALERT_NEVER_CLEARED: Defect(
        "An alert that has fired stays, though its rule is kept again.", source=_SOURCE, found_by=("alerts",)
    ),
}
"""Name to what is wrong, where it was met, and the check that must find it."""
