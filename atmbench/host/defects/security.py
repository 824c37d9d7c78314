"""What a host believes of a message: its MAC, its PIN, its chip."""

from atmbench.defects import Defect

ACCEPT_ANY_MAC = "accept-any-mac"
COUNT_UNREADABLE_PIN = "count-unreadable-pin-as-wrong"
TAKE_REPLAYED_ARQC = "take-replayed-arqc"
TAKE_USED_PIN_KEY = "take-used-pin-key"
FORGET_TRIES_ELSEWHERE = "forget-pin-tries-elsewhere"
FORGET_PIN_CHANGED_ELSEWHERE = "forget-pin-changed-elsewhere"

DEFECTS: dict[str, Defect] = {
    ACCEPT_ANY_MAC: Defect(
        "The host serves a request whose MAC does not agree: what was altered on its way is posted.",
        source="iso8583 facts 1.10 (bad MAC) and 4.6",
        found_by=("expected", "money"),
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
    FORGET_PIN_CHANGED_ELSEWHERE: Defect(
        "A changed PIN is known only at the site that changed it. After a failover the customer's right PIN is a "
        "wrong one.",
        source="iso8583 facts 4.3 and 7.2 F18",
        found_by=("expected",),
    ),
    FORGET_TRIES_ELSEWHERE: Defect(
        "Wrong PINs are counted only at the site that saw them: a failover gives a thief as many tries again.",
        source="iso8583 facts 1.4, 55 and 75, and 7.2 F18",
        found_by=("expected",),
    ),
}
