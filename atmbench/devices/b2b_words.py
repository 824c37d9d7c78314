"""What is said to a Bill-to-Bill recycler beyond a validator, and what it tells of its cassettes and of a power cut.

Source: facts of devices 5.1.7, and MAN_CCNET_D1 2.6.0, 3.4. Pure.
"""

import msgspec

from atmbench.devices.ccnet_line import Command

BILL_TO_BILL = 0x01
DROP = 0
"""The place of the drop cassette; recycling cassettes are 1, 2, 3..."""
ESCROW_TYPE = 24
"""What a cassette is assigned to that takes the notes which have none of their own."""
NOT_ASSIGNED = 31
DISPENSE_NOTES_MAX = 20
CASSETTES_MAX = 16

STATUS_S = 0.5
"""The document has the answer come within 0.2 s; and within 2 s to POWER RECOVERY."""
RECOVERY_S = 2.5

CASSETTE_STATUS = Command(b"\x3b", frozenset(range(2, 2 * CASSETTES_MAX + 1, 2)), answer_s=STATUS_S)
POWER_RECOVERY = Command(b"\x66", frozenset({1, *range(3, 82, 2)}), answer_s=RECOVERY_S, is_ack_told=True)
EMPTY_DISPENSER = Command(b"\x67", tries=1)

NOTHING_LOST, STACKING, DISPENSING, UNLOADING = 0x00, 0x17, 0x3C, 0x3D
CUTS = {NOTHING_LOST: "", STACKING: "stacking", DISPENSING: "dispensing", UNLOADING: "unloading"}
REQUESTED = 0x80
TYPE_BITS = 0x1F


def dispense(kind: int, number: int) -> Command:
    """Give out notes of a type; said once."""
    return Command(bytes([0x3C, kind, number]), tries=1)


def unload(place: int, number: int) -> Command:
    """Move notes from a recycling cassette into the drop cassette; said once."""
    return Command(bytes([0x3D, place, number]), tries=1)


class Cassette(msgspec.Struct, frozen=True):
    """A recycling cassette that is there: the type that it is assigned to, and how many notes it has."""

    kind: int
    number: int


class Cut(msgspec.Struct, frozen=True):
    """What power failed in: nothing, "stacking", "dispensing" or "unloading".

    `stacked` are credits, type and place; `moved` says how many notes of which type had left their cassette.
    """

    cut: str
    stacked: tuple[tuple[int, int], ...] = ()
    moved: dict[int, int] = {}


def read_cassettes(body: bytes) -> dict[int, Cassette]:
    """Place to what is there. Places without a cassette are left out."""
    words = zip(body[::2], body[1::2], strict=True)
    return {at: Cassette(high & TYPE_BITS, low) for at, (high, low) in enumerate(words, 1) if high & 0x80}


def read_cut(body: bytes) -> Cut | None:
    """An answer to POWER RECOVERY; None if it is none."""
    cut = CUTS.get(body[0])
    if cut is None or (len(body) == 1) is not (body[0] == NOTHING_LOST):
        return None
    words = list(zip(body[1::2], body[2::2], strict=True))
    if body[0] == STACKING:
        return Cut(cut, tuple(words))
    if body[0] == UNLOADING:
        words = words[1:]  # the order: cassette and number
    moved: dict[int, int] = {}
    for high, number in words:
        if not high & REQUESTED:
            moved[high & TYPE_BITS] = moved.get(high & TYPE_BITS, 0) + number
    return Cut(cut, moved=moved)
