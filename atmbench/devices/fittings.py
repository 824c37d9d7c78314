"""Which driver stands for which machine that a drill names."""

from atmbench.devices.outfit import Fitted
from atmbench.drill.records import Devices


def fitted(devices: Devices) -> Fitted:
    """The builders of the devices that a drill wants."""
    return Fitted()
