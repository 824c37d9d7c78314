"""In which business day, and in which batch, a host posts."""

from atmbench.defects import Defect

REVERSE_IN_PRESENT_DAY = "reverse-in-present-day"
END_DAY_AT_ONE_SITE = "end-day-at-one-site"
SKIP_REST_OF_BATCH = "skip-rest-of-broken-batch"
TELL_STALE_AS_CURRENT = "tell-stale-balance-as-current"

DEFECTS: dict[str, Defect] = {
    REVERSE_IN_PRESENT_DAY: Defect(
        "A reversal is booked in the business day in which it comes, and not in that of its original: neither day "
        "balances.",
        source="iso8583 facts 7.2 F16",
        found_by=("days",),
    ),
    END_DAY_AT_ONE_SITE: Defect(
        "The order that ends the business day reaches the active site only. The other one takes over in the old day.",
        source="iso8583 facts 7.2 F16 and F2",
        found_by=("days",),
    ),
    SKIP_REST_OF_BATCH: Defect(
        "The posting process notes its position before it posts: what was left of a batch that broke off is skipped.",
        source="iso8583 facts 7.2 F4",
        found_by=(
            "posting",
            "money",
        ),
    ),
    TELL_STALE_AS_CURRENT: Defect(
        "The host tells a balance from a ledger that is behind its journal as if it were the present one.",
        source="iso8583 facts 7.2 F4: stale balances for weeks",
        found_by=("posting",),
    ),
}
