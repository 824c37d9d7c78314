"""What a host lends without its core, and what tells the core of it."""

from atmbench.defects import Defect

STAND_IN_WITHOUT_LIMITS = "stand-in-without-limits"
ADVISE_CORE_TWICE = "post-repeated-core-advice"
STAND_IN_UNREPLICATED = "stand-in-not-replicated"
BRAKE_SPARES_STAND_IN = "brake-spares-stand-in"
SUCCESSOR_TELLS_NO_CORE = "successor-tells-no-core"

DEFECTS: dict[str, Defect] = {
    STAND_IN_WITHOUT_LIMITS: Defect(
        "The switch looks at none of its limits when it stands in for the core.",
        source="iso8583 facts 7.2 F5: Bank of Ireland, 15 August 2023",
        found_by=("exposure",),
    ),
    ADVISE_CORE_TWICE: Defect(
        "The core posts an advice that is sent again to it as another one.",
        source="iso8583 facts 7.2 F5 and 1.8 rule 3",
        found_by=(
            "exposure",
            "money",
        ),
    ),
    STAND_IN_UNREPLICATED: Defect(
        "What the switch approves in stand-in is not replicated: the other site learns of it from nobody.",
        source="iso8583 facts 7.1, stand-in and its later replay",
        found_by=(
            "replication",
            "money",
        ),
    ),
    BRAKE_SPARES_STAND_IN: Defect(
        "The brake stops what the core is asked for, and not what the switch approves in stand-in.",
        source="iso8583 facts 7.2 F5 and F6",
        found_by=("exposure",),
    ),
    SUCCESSOR_TELLS_NO_CORE: Defect(
        "A site that takes over tells its core nothing of what the other site has approved in stand-in.",
        source="iso8583 facts 7.2 F5: every approval in stand-in reaches the core once",
        found_by=(
            "exposure",
            "money",
        ),
    ),
}
