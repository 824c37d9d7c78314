"""What the Omron 3S4YR says in two characters, and what that is in the names of XFS4IoT. Data only.

Source: the maker's Data Transmission Specifications, Rev. A4, 1.6, 3.3 and 3.4 (facts of devices 2.3, 7.1).
"""

from atmbench.devices.states import MediaState

ACK_S = 5.1
"""A host waits for ACK at least 5.02 s."""
RESPONSE_S = 10.0
"""A host waits for a response at least 10 s."""
RETRY_MECHANICS_S = 1.0
"""More for each time that the reader may try a movement again."""
RECEIVE_S = 3.0
"""For the rest of a response that has begun, at 9600 baud."""
TRIES = 3
"""The host decides how often it sends again, at least once."""
SETTLE_S = 0.02
"""15 ms at least between error 18, 19 or 71 and Initial Reset."""
INSERTION_S, REMOVAL_S, RE_INTAKE_S = 30.0, 30.0, 10.0
"""W0, W1 and W2 as they are after power-on."""
RETURN_RETRIES = 3

INITIAL_RESET = "02"
"""Hold the card inside. One that lies in the slot is drawn in, as a modelled reader does when power comes."""
RETURNING_RESET = "00"
"""Bring the card to the slot: all that is allowed, with a return, after a card of a wrong length."""
RESET_PARAMETERS = b"0A"
"""10 ms between receiving and sending; hold the card if power fails, as the customer may not stand there any more."""
STATUS, INTAKE, READ_TRACK_2 = "11", "20", "62"
RETURN, CAPTURE, AWAIT_REMOVAL, DRAW_IN_AND_CAPTURE = "30", "31", "90", "41"
CAPTURED_NUMBER = "Q0"

ANSWER_S = {
    INITIAL_RESET: RESPONSE_S + RETURN_RETRIES * RETRY_MECHANICS_S,
    RETURNING_RESET: RESPONSE_S + RETURN_RETRIES * RETRY_MECHANICS_S,
    INTAKE: RESPONSE_S + INSERTION_S,
    RETURN: RESPONSE_S + RETURN_RETRIES * RETRY_MECHANICS_S,
    AWAIT_REMOVAL: RESPONSE_S + REMOVAL_S,
    DRAW_IN_AND_CAPTURE: RESPONSE_S + RE_INTAKE_S,
}
"""How long a response may take, where that is more than RESPONSE_S."""
WAITS_FOR_HAND = frozenset({INTAKE, AWAIT_REMOVAL})
"""What EOT ends without moving anything."""

POSITIONS = {
    "00": MediaState.NOT_PRESENT,
    "01": MediaState.ENTERING,
    "02": MediaState.PRESENT,
    "04": MediaState.PRESENT,
}
"""RES of 3.4.1. At takeout is "entering": XFS has the one word for a card in the slot."""

NEEDS_RESET = frozenset({"10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "71", "81", "88"})
STARTING = frozenset({"18", "19", "71"})
"""These tell of power, not of a fault."""
JAMS = frozenset({"10", "14", "15", "16"})
WRONG_LENGTH = frozenset({"20", "21"})
NOT_ALLOWED, TAKEN, NOT_INSERTED, NOT_TAKEN, NOT_DRAWN_IN, HELD = "01", "60", "61", "62", "63", "64"

MEANINGS = {
    "00": ("unsupportedCommand", "unknown command"),
    "01": ("sequenceError", "not in this state"),
    "02": ("invalidData", "wrong parameters"),
    "10": ("mediaJam", "card jam"),
    "11": ("shutterFail", "shutter"),
    "12": ("hardwareError", "sensor"),
    "13": ("hardwareError", "motor"),
    "14": ("mediaJam", "card drawn out"),
    "15": ("mediaJam", "card jam in re-intake"),
    "16": ("mediaJam", "card jam at the rear"),
    "17": ("hardwareError", "encoder"),
    "20": ("cardTooLong", "card too long"),
    "21": ("cardTooShort", "card too short"),
    "40": ("invalidMedia", "no start sentinel"),
    "41": ("invalidMedia", "no end sentinel"),
    "42": ("invalidMedia", "parity of a character"),
    "43": ("invalidMedia", "check character"),
    "44": ("invalidMedia", "nothing encoded"),
    "45": ("invalidMedia", "no data"),
    "46": ("invalidMedia", "jitter"),
    "49": ("invalidMedia", "track not read"),
    "63": ("userError", "the card could not be drawn in"),
    "81": ("hardwareError", "chip contacts"),
    "88": ("hardwareError", "card moved under the contacts"),
}
OTHER = ("hardwareError", "an error that this driver does not know")


def error_of(code: str) -> tuple[str, str]:
    """Name in XFS4IoT, and the reader's own code in words."""
    name, meaning = MEANINGS.get(code, OTHER)
    return name, f"error {code}, {meaning}"


def plain_track(track2: str) -> str:
    """Track 2 without sentinels, with the separator that stands on the stripe."""
    return track2.strip(";?").rstrip("F").replace("D", "=")
