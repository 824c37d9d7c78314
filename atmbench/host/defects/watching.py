"""Known bugs of what watches a host: alarms, brake alerts and comparisons that do not come, come late or are wrong.

None of them decides on a request.
"""

from atmbench.defects import Defect

NO_KEY_ALARM = "no-key-alarm"
KEY_ALARM_TEN_TIMES = "key-alarm-at-ten-times"
NO_UNREACHED_ALARM = "no-unreached-alarm"
ALARM_THOUGH_HEARD = "alarm-though-heard"
ALARM_FOR_OTHER_SITE = "alarm-for-other-site"
NO_BRAKE_ALERT = "no-brake-alert"
BRAKE_TEN_TIMES = "brake-at-ten-times"
OVERWRITE_UNTOLD = "overwrite-untold"
COMPARE_MISSING_ONLY = "compare-missing-only"

TEN_TIMES = 10

DEFECTS: dict[str, Defect] = {
    NO_KEY_ALARM: Defect(
        "A site that refuses everybody for their keys raises no alarm.",
        source="user-asks, section 2, 6: alert assertions; iso8583 facts 7.2 F18",
        found_by=("expected",),
    ),
    KEY_ALARM_TEN_TIMES: Defect(
        "The alarm of a site that refuses everybody for their keys comes at ten times the refusals that were set.",
        source="user-asks, section 2, 6: mutated thresholds",
        found_by=("expected",),
    ),
    NO_UNREACHED_ALARM: Defect(
        "A site that is active and that no terminal reaches says nothing of it.",
        source="user-asks 17; iso8583 facts 7.2 F3, a route that had never been tried",
        found_by=("expected",),
    ),
    ALARM_THOUGH_HEARD: Defect(
        "A site raises the alarm that no terminal reaches it, though they do: it looks at when it became active only.",
        source="user-asks, section 2, 6: which alerts must not fire",
        found_by=("expected",),
    ),
    ALARM_FOR_OTHER_SITE: Defect(
        "An alarm names the other site: whoever is called out looks at the one that is well.",
        source="user-asks, section 2, 6; the incident of 14 August 2023, find the cause",
        found_by=("expected",),
    ),
    NO_BRAKE_ALERT: Defect(
        "The brake of a site stops its withdrawals, and nobody is told why.",
        source="iso8583 facts 7.2 F6: an alert within the budget",
        found_by=("exposure",),
    ),
    BRAKE_TEN_TIMES: Defect(
        "The brake looks at ten times what was set: withdrawals above the balance go on.",
        source="iso8583 facts 7.2 F6; user-asks, section 2, 6: mutated thresholds",
        found_by=("exposure",),
    ),
    OVERWRITE_UNTOLD: Defect(
        "A balance that another site's record overwrites is not told: an update conflict that nobody notices.",
        source="the incident of 14 August 2023, an unnoticed synchronisation fault",
        found_by=("expected",),
    ),
    COMPARE_MISSING_ONLY: Defect(
        "Books that are compared are looked at for records that one of them lacks only: an amount that differs is not "
        "found, and not set right.",
        source="the incident of 14 August 2023, an unnoticed synchronisation fault",
        found_by=("replication", "money"),
    ),
}
"""As `host.defects.DEFECTS`."""
