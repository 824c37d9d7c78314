"""Known bugs of terminals about lines: which one is used, whether anybody is there, and what waits for one.

Names only.
"""

from atmbench.defects import Defect

SERVE_BEFORE_SIGN_ON = "serve-before-sign-on"
SIGN_ON_ONCE = "sign-on-once"
TRUST_OPEN_SOCKET = "trust-open-socket"
ECHO_ON_ONE_LINE = "echo-on-one-line"
NEVER_FAIL_OVER = "never-fail-over"
TAKE_CONNECT_FOR_HEALTH = "take-connect-for-health"
IGNORE_UNAVAILABLE = "ignore-unavailable"
NEVER_FAIL_BACK = "never-fail-back"
FAIL_BACK_AT_ONCE = "fail-back-at-once"
RECONNECT_AT_ONCE = "reconnect-at-once"
AGE_BY_WALL_CLOCK = "age-by-wall-clock"
REVERSE_OVER_ONE_LINE = "reverse-over-one-line"
KEEP_OLD_KEYS = "keep-old-keys"

LINE_DEFECTS: dict[str, Defect] = {
    SERVE_BEFORE_SIGN_ON: Defect(
        "The terminal serves customers and sends what it has stored as soon as a connection stands, before a host has "
        "accepted its sign-on.",
        source="iso8583 facts 7.2 F17: no 0200 before sign-on",
        found_by=("sequence",),
    ),
    SIGN_ON_ONCE: Defect(
        "The terminal signs on over each line once, and takes itself for signed on when it has connected again. A "
        "session is that of one connection, so its first customers are refused.",
        source="user-asks 1; iso8583 facts 1.11",
        found_by=("sequence",),
    ),
    TRUST_OPEN_SOCKET: Defect(
        "The terminal sends no echo while its connection stands: a line that has died in silence is found by the "
        "first customer.",
        source="user-asks 17; iso8583 facts 7.2 F20",
        found_by=("failover",),
    ),
    ECHO_ON_ONE_LINE: Defect(
        "The terminal sends echoes over the line in use only. The other one of its two hears none, and never earns its "
        "trust back.",
        source="user-asks 18",
        found_by=("failover",),
    ),
    NEVER_FAIL_OVER: Defect(
        "The terminal dials the same line again and again, and never tries another.",
        source="user-asks 19; iso8583 facts 7.2 F8",
        found_by=("failover",),
    ),
    TAKE_CONNECT_FOR_HEALTH: Defect(
        "The terminal leaves a line only if no connection can be made. A host that accepts and resets, or accepts and "
        "says nothing, is dialled for ever, and the second one is never reached.",
        source="user-asks 19",
        found_by=("failover",),
    ),
    IGNORE_UNAVAILABLE: Defect(
        "The terminal stays with a host that answers each request by saying that it cannot serve.",
        source="iso8583 facts 1.10, 91; 7.2 F3",
        found_by=("sequence",),
    ),
    NEVER_FAIL_BACK: Defect(
        "The terminal stays on its second line for ever, although the preferred one is well again.",
        source="user-asks, section 2, 5: the time to fail back",
        found_by=("failover",),
    ),
    FAIL_BACK_AT_ONCE: Defect(
        "The terminal takes its preferred line back as soon as a sign-on succeeds there, without hold-down or echoes. "
        "With a line that comes and goes it comes and goes too.",
        source="user-asks, section 2, 5: flapping",
        found_by=("failover",),
    ),
    RECONNECT_AT_ONCE: Defect(
        "The terminal dials again at once, without backoff, jitter or spread. A fleet that has lost one line comes "
        "back in step.",
        source="iso8583 facts 7.2 F17; user-asks 30",
        found_by=("expected",),
    ),
    AGE_BY_WALL_CLOCK: Defect(
        "The terminal takes the age of stored messages from its clock on the wall, though it is told to take it from "
        "a timer. Whoever sets the clock makes them too old to be sent.",
        source="user-asks 20; iso8583 facts 7.2 F19",
        found_by=("money", "reversals"),
    ),
    REVERSE_OVER_ONE_LINE: Defect(
        "The terminal sends a reversal only over the line that its original went over. While that line is gone the "
        "customer's money stays debited, and all behind it waits.",
        source="iso8583 facts 7.2 F12: reconnect to B",
        found_by=("failover", "convergence"),
    ),
    KEEP_OLD_KEYS: Defect(
        "The terminal keeps its working keys when a host tells it that they are not its own, and asks for no new ones.",
        source="iso8583 facts 7.2 F18",
        found_by=("expected",),
    ),
}
"""As `DEFECTS` of the room."""
