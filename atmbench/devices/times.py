"""How long devices and customers take. Data only.

Ranges are (least, most) in seconds, drawn evenly. The numbers are our choice, near to what machines
in the field show; no maker's document was found that states them (devices 1.2.6 has line timing only).
"""

import msgspec

Range = tuple[float, float]


class DeviceTimes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """All times of one terminal's devices and of the customer in front of it, in seconds."""

    dispense_s: float = 2.0
    dispense_note_s: float = 0.1
    """For each note, on top of `dispense_s`."""
    refuse_s: float = 0.5
    retract_s: float = 2.0
    purge_s: float = 2.0
    query_s: float = 0.2
    """For an answer out of a device's own memory."""
    eject_card_s: float = 1.0
    retain_card_s: float = 1.5
    count_deposit_s: float = 2.0
    count_note_s: float = 0.2
    """For each note, on top of `count_deposit_s`."""
    store_deposit_s: float = 2.0
    return_deposit_s: float = 2.0
    customer_takes_card_s: Range = (1.0, 4.0)
    customer_takes_cash_s: Range = (1.0, 5.0)
    customer_types_pin_s: Range = (1.0, 5.0)
    """From the prompt to the first key, at a PIN pad that has keys to press; a model takes no time for a PIN."""
    customer_cancels_s: Range = (0.005, 0.025)
    """After the customer has chosen a service: before the fastest host has answered."""
