"""Known money bugs of hosts that can be planted by name, to see whether the bench finds them.

Each is one small switch at the decision it spoils, in `host.site` or `host.authorizer`. This module must hold no logic
beyond the names.
"""

from collections.abc import Iterable

from atmbench.errors import LocalError

FORGET_UNKNOWN_REVERSAL = "forget-unknown-reversal"
DOUBLE_POST_REPEAT = "double-post-repeat"
CREDIT_SECOND_REVERSAL = "credit-second-reversal"
POST_LATE_ORIGINAL = "post-late-original"
FORGET_PARTIAL = "forget-partial"
ACCEPT_ANY_MAC = "accept-any-mac"
COUNT_UNREADABLE_PIN = "count-unreadable-pin-as-wrong"
TAKE_REPLAYED_ARQC = "take-replayed-arqc"

DEFECTS: dict[str, str] = {
    FORGET_UNKNOWN_REVERSAL: (
        "answers 'approved' to a reversal whose original it has not seen, and forgets it: when the original arrives "
        "by replication, the money stays posted (breaks rule 4 of iso8583 facts 1.8; the replication fault of the "
        "incident of 14 August 2023)"
    ),
    DOUBLE_POST_REPEAT: (
        "posts a repeated request again (breaks rule 3 of iso8583 facts 1.8; NatWest, 7 May 2022, row F10)"
    ),
    CREDIT_SECOND_REVERSAL: (
        "gives the money back once for each reversal of one original (breaks rule 5 of iso8583 facts 1.8; row F12)"
    ),
    POST_LATE_ORIGINAL: (
        "posts an original that arrives after the reversal that overtook it (breaks rule 6 of iso8583 facts 1.8; "
        "row F21)"
    ),
    FORGET_PARTIAL: (
        "treats a partial reversal as a full one: gives all money back although some notes came out (breaks the use "
        "of DE95, iso8583 facts 1.6)"
    ),
    # iso8583 facts 1.10 (bad MAC) and 4.6
    ACCEPT_ANY_MAC: "The host serves a request whose MAC does not agree: what was altered on its way is posted.",
    # iso8583 facts 7.2 F18
    COUNT_UNREADABLE_PIN: (
        "The host takes a PIN block that it cannot open for a wrong PIN. Where both ends have other keys, customers "
        "lose their tries for a PIN that was right."
    ),
    # iso8583 facts 4.8
    TAKE_REPLAYED_ARQC: "The host does not look at a chip's counter: a copied card with an old counter is served.",
}


def check_defects(names: Iterable[str]) -> None:
    """Raise LocalError if one of these is no defect of the host."""
    for name in sorted(names):
        if name not in DEFECTS:
            raise LocalError(f"there is no host defect {name!r}; expected one of {', '.join(DEFECTS)}")
