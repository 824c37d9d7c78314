"""What the status of a receipt printer comes to for a terminal, in the words of XFS4IoT (facts of devices 7). Pure."""

import msgspec

from atmbench.devices.escpos_words import Status
from atmbench.devices.states import DeviceState, PaperState


class Trouble(msgspec.Struct, frozen=True):
    """Why a receipt cannot come out: `error` as in ReceiptFailed, and the state that the printer is in."""

    error: str
    because: str
    state: DeviceState


NO_ANSWER = Trouble("deviceNotReady", "the printer does not answer", DeviceState.OFFLINE)
GONE = Trouble("deviceNotReady", "its port is gone", DeviceState.NO_DEVICE)


def trouble_of(status: Status) -> Trouble | None:
    """What is wrong; what a person can mend comes first."""
    if status.cover_open:
        return Trouble("userError", "the cover is open", DeviceState.USER_ERROR)
    if status.paper_end or status.paper_stop:
        return Trouble("paperOut", "the paper is out", DeviceState.USER_ERROR)
    if status.jam:
        return Trouble("paperJammed", "the paper is jammed", DeviceState.HARDWARE_ERROR)
    if status.cutter:
        return Trouble("hardwareError", "the cutter does not move", DeviceState.HARDWARE_ERROR)
    if status.mechanical:
        return Trouble("hardwareError", "a mechanical error", DeviceState.HARDWARE_ERROR)
    if status.error or status.unrecoverable or status.recoverable:
        return Trouble("hardwareError", "an error that it gives no other name", DeviceState.HARDWARE_ERROR)
    if status.offline:
        return Trouble("deviceNotReady", "it is offline and does not say why", DeviceState.OFFLINE)
    return None


def paper_of(status: Status) -> PaperState:
    """How much paper there is."""
    if status.paper_end or status.paper_stop:
        return PaperState.OUT
    if status.jam:
        return PaperState.JAMMED
    return PaperState.LOW if status.near_end else PaperState.FULL
