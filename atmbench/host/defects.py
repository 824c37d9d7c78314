"""Known money bugs of hosts that can be planted by name, to see whether the bench finds them.

Each is one small switch at the decision it spoils, in `host.site`, `host.authorizer` and their neighbours. This module
must hold no logic beyond the names.
"""

from collections.abc import Iterable

from atmbench.defects import Defect
from atmbench.errors import LocalError
from atmbench.host.watch_defects import WATCH_DEFECTS

FORGET_UNKNOWN_REVERSAL = "forget-unknown-reversal"
DOUBLE_POST_REPEAT = "double-post-repeat"
KEEP_HOLD_OF_RENUMBERED = "keep-hold-of-renumbered-completion"
CREDIT_SECOND_REVERSAL = "credit-second-reversal"
POST_LATE_ORIGINAL = "post-late-original"
FORGET_PARTIAL = "forget-partial"
ACCEPT_ANY_MAC = "accept-any-mac"
COUNT_UNREADABLE_PIN = "count-unreadable-pin-as-wrong"
TAKE_REPLAYED_ARQC = "take-replayed-arqc"
TAKE_USED_PIN_KEY = "take-used-pin-key"

DEFECTS: dict[str, Defect] = {
    FORGET_UNKNOWN_REVERSAL: Defect(
        "The host answers a reversal whose original it has not seen with approved, and forgets it. When the original "
        "arrives by replication, the money stays posted.",
        source="iso8583 facts 1.8 rule 4; the replication fault of the incident of 14 August 2023",
        found_by=("money",),
    ),
    DOUBLE_POST_REPEAT: Defect(
        "The host posts a repeated request again.",
        source="iso8583 facts 1.8 rule 3; NatWest, 7 May 2022: the same purchases were debited twice",
        found_by=("money", "view"),
    ),
    KEEP_HOLD_OF_RENUMBERED: Defect(
        "The host looks for the hold of a completion by the completion's own STAN and RRN, not by its original data. "
        "Where both are others, it posts and the hold stays.",
        source="iso8583 facts 7.2 F10; NatWest, 7 May 2022: purchases both pending and cleared",
        found_by=("holds",),
    ),
    CREDIT_SECOND_REVERSAL: Defect(
        "The host gives the money back once for each reversal of one original.",
        source="iso8583 facts 1.8 rule 5",
        found_by=("money",),
    ),
    POST_LATE_ORIGINAL: Defect(
        "The host posts an original that arrives after the reversal that overtook it.",
        source="iso8583 facts 1.8 rule 6; 7.2 F21",
        found_by=("money",),
    ),
    FORGET_PARTIAL: Defect(
        "The host takes a partial reversal for a full one: it gives all the money back although some notes came out.",
        source="iso8583 facts 1.6, DE95 is what was really dispensed",
        found_by=("money",),
    ),
    ACCEPT_ANY_MAC: Defect(
        "The host serves a request whose MAC does not agree: what was altered on its way is posted.",
        source="iso8583 facts 1.10 (bad MAC) and 4.6",
        found_by=("money",),
    ),
    COUNT_UNREADABLE_PIN: Defect(
        "The host takes a PIN block that it cannot open for a wrong PIN. Where both ends have other keys, customers "
        "lose their tries for a PIN that was right.",
        source="iso8583 facts 7.2 F18",
        found_by=("expected",),
    ),
    TAKE_REPLAYED_ARQC: Defect(
        "The host does not look at a chip's counter: a copied card with an old counter is served.",
        source="iso8583 facts 4.8",
        found_by=("expected",),
    ),
    TAKE_USED_PIN_KEY: Defect(
        "The host does not look at the counter of a DUKPT key: a PIN under a key that has served before is taken.",
        source="iso8583 facts 4.7, counter reuse",
        found_by=("expected",),
    ),
    **WATCH_DEFECTS,
}
"""Name to what is wrong, where it was met, and the checks that must find it."""


def check_defects(names: Iterable[str]) -> None:
    """Raise LocalError if one of these is no defect of the host."""
    for name in sorted(names):
        if name not in DEFECTS:
            raise LocalError(f"there is no host defect {name!r}; expected one of {', '.join(DEFECTS)}")
