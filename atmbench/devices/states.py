"""What a device says of itself, in the names of XFS4IoT, as they stand in facts. Data only.

Source: the names in facts of devices 7.1 (KAL's open XFS4IoT framework; the JSON forms). One word for one thing,
whatever a maker calls it, so that a drill does not care which machine stands there.
"""

from enum import StrEnum


class DeviceState(StrEnum):
    """Whether a device can be spoken to at all (Common: device)."""

    ONLINE = "online"
    OFFLINE = "offline"
    """It does not answer."""
    POWER_OFF = "powerOff"
    NO_DEVICE = "noDevice"
    """Its port is gone: unplugged."""
    HARDWARE_ERROR = "hardwareError"
    USER_ERROR = "userError"
    """A person must do something: a cover is open, a cassette is out."""
    DEVICE_BUSY = "deviceBusy"
    FRAUD_ATTEMPT = "fraudAttempt"
    STARTING = "starting"


class DispenserState(StrEnum):
    """Whether a dispenser can dispense (CashDispenser: dispenser)."""

    OK = "ok"
    ATTENTION = "attention"
    """It can, and something wants looking at: a cassette is low or out."""
    STOP = "stop"
    UNKNOWN = "unknown"


class TransportState(StrEnum):
    """Whether notes lie on the way (CashDispenser: transport status)."""

    EMPTY = "empty"
    NOT_EMPTY = "notEmpty"
    UNKNOWN = "unknown"


class MediaState(StrEnum):
    """Where the card is (CardReader: media)."""

    UNKNOWN = "unknown"
    PRESENT = "present"
    NOT_PRESENT = "notPresent"
    JAMMED = "jammed"
    ENTERING = "entering"
    LATCHED = "latched"


class PaperState(StrEnum):
    """How much paper there is (Printer: paper)."""

    UNKNOWN = "unknown"
    FULL = "full"
    LOW = "low"
    OUT = "out"
    JAMMED = "jammed"
