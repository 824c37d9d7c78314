"""What the sites of a host tell each other, and which of them serves."""

from atmbench.defects import Defect

LIMIT_OF_EACH_SITE = "limit-of-each-site"
SKIP_REVERSAL_RECORDS = "skip-reversal-records"
ADD_WHAT_IS_POSTED = "add-what-both-sites-posted"
DROP_ON_PROMOTION = "drop-records-on-promotion"
ANSWER_UNCONFIRMED = "answer-before-confirmed"
HOLD_ONLY_WHERE_PLACED = "hold-only-where-placed"
PROMOTE_WITHOUT_STANDING_DOWN = "promote-without-standing-down"
SERVE_AS_STANDBY = "serve-as-standby"
PROMOTE_BEHIND = "promote-however-far-behind"

DEFECTS: dict[str, Defect] = {
    SKIP_REVERSAL_RECORDS: Defect(
        "Reversals are not replicated: the other site keeps the posting.",
        source="iso8583 facts 7.1, both sites need one table; the replication fault of 14 August 2023",
        found_by=(
            "replication",
            "money",
        ),
    ),
    ADD_WHAT_IS_POSTED: Defect(
        "A site enters a posting that arrives from the other one although it has posted the same transaction itself.",
        source="iso8583 facts 7.2 F22; the replication fault of the incident of 14 August 2023",
        found_by=(
            "money",
            "replication",
            "view",
        ),
    ),
    DROP_ON_PROMOTION: Defect(
        "A site that is promoted drops what the other had sent and it had not applied yet. What customers were "
        "told at the other site is gone.",
        source="GitHub, 21 October 2018: writes of the former primary were missing at the promoted one; iso8583 facts "
        "7.2 F15",
        found_by=(
            "replication",
            "money",
        ),
    ),
    ANSWER_UNCONFIRMED: Defect(
        "The host does not wait until the other site has a record, although it is set up so. A site that is lost "
        "takes with it what customers were told.",
        source="databases whose synchronous replication falls back to asynchronous without a word",
        found_by=("money",),
    ),
    HOLD_ONLY_WHERE_PLACED: Defect(
        "A hold counts only at the site that placed it. After a failover the customer can spend the same money again.",
        source="iso8583 facts 7.2 F10 and F15",
        found_by=("holds",),
    ),
    PROMOTE_WITHOUT_STANDING_DOWN: Defect(
        "A site that is promoted begins although the active one does not stand down: both post.",
        source="iso8583 facts 7.2 F15, split brain",
        found_by=("replication",),
    ),
    SERVE_AS_STANDBY: Defect(
        "A standby serves whoever signs on there, as if it were active.",
        source="user-asks 19; iso8583 facts 7.1, a channel is usable only after sign-on at an active site",
        found_by=("replication",),
    ),
    PROMOTE_BEHIND: Defect(
        "A standby takes over however many records it knows of and has not applied.",
        source="the unnoticed synchronisation fault of the incident of 14 August 2023; iso8583 facts 7.2 F15",
        found_by=("expected",),
    ),
    LIMIT_OF_EACH_SITE: Defect(
        "Each site counts only its own approvals against the daily limit of a card: a failover doubles it.",
        source="iso8583 facts 1.4, limits are the first thing to break; 7.1, both sites need one table",
        found_by=("expected",),
    ),
}
