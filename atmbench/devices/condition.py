"""The condition of one device, as its driver sees it: told once when it changes, in the words of XFS4IoT."""

from atmbench import facts
from atmbench.devices.agenda import Scene
from atmbench.devices.states import DeviceState

AWAY = frozenset({DeviceState.OFFLINE, DeviceState.NO_DEVICE, DeviceState.POWER_OFF, DeviceState.STARTING})
"""It could not be spoken to."""


class Condition:
    """Of the device with this role. It is starting until it has been heard."""

    def __init__(self, device: str, scene: Scene) -> None:
        self.state = DeviceState.STARTING
        self._device = device
        self._scene = scene

    def becomes(self, state: DeviceState, because: str = "") -> None:
        """It is in this state now."""
        if state is not self.state:
            self.state = state
            self._scene.tell(facts.DeviceStateChanged(device=self._device, state=state.value, because=because))

    def heard(self) -> None:
        """It has answered: it is there. What is broken in it stays broken."""
        if self.state in AWAY:
            self.becomes(DeviceState.ONLINE)

    def failed(self, error: str, because: str, key: str = "") -> None:
        """It has reported a fault."""
        self._scene.tell(facts.DeviceFailed(device=self._device, error=error, because=because, key=key))
