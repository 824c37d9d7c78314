"""Known money bugs of hosts that can be planted by name, to see whether the bench finds them.

Each is one small switch at the decision it spoils, in `host.site` or `host.authorizer`. This module must hold no logic
beyond the names.
"""

from collections.abc import Iterable

from atmbench.errors import LocalError

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

DEFECTS: dict[str, str] = {
    # iso8583 facts 1.8 rule 4, and the replication fault of the incident of 14 August 2023
    FORGET_UNKNOWN_REVERSAL: (
        "The host answers a reversal whose original it has not seen with approved, and forgets it. When the original "
        "arrives by replication, the money stays posted."
    ),
    # iso8583 facts 1.8 rule 3, 7.2 F10
    DOUBLE_POST_REPEAT: (
        "The host posts a repeated request again. (NatWest, 7 May 2022: the same purchases were debited twice.)"
    ),
    # iso8583 facts 7.2 F10
    KEEP_HOLD_OF_RENUMBERED: (
        "The host looks for the hold of a completion by the completion's own STAN and RRN, not by its original data. "
        "Where both are others, it posts and the hold stays. (NatWest, 7 May 2022: purchases both pending and cleared.)"
    ),
    # iso8583 facts 1.8 rule 5, 7.2 F12
    CREDIT_SECOND_REVERSAL: "The host gives the money back once for each reversal of one original.",
    # iso8583 facts 1.8 rule 6, 7.2 F21
    POST_LATE_ORIGINAL: "The host posts an original that arrives after the reversal that overtook it.",
    # iso8583 facts 1.6, DE95
    FORGET_PARTIAL: (
        "The host takes a partial reversal for a full one: it gives all the money back although some notes came out."
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
    # iso8583 facts 4.7 (counter reuse)
    TAKE_USED_PIN_KEY: (
        "The host does not look at the counter of a DUKPT key: a PIN under a key that has served before is taken."
    ),
}
"""Name to what is wrong, in words for a tester. Where it was met stands beside it."""


def check_defects(names: Iterable[str]) -> None:
    """Raise LocalError if one of these is no defect of the host."""
    for name in sorted(names):
        if name not in DEFECTS:
            raise LocalError(f"there is no host defect {name!r}; expected one of {', '.join(DEFECTS)}")
