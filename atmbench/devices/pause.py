"""A pause of a driver before its next step, of which there is one at a time."""

from atmbench.devices.agenda import Act, Agenda


class Pause:
    """While it is on nothing should be begun. It needs power, as its agenda does."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._number: int | None = None

    @property
    def is_on(self) -> bool:
        """Whether the driver waits."""
        return self._number is not None

    def begin(self, duration_s: float, now: float, then: Act) -> None:
        """Wait from now on, in place of any other pause; then do this."""

        def over(at: float) -> None:
            self._number = None
            then(at)

        self.stop()
        self._number = self._agenda.plan(now + duration_s, over)

    def stop(self) -> None:
        """Wait no longer, and do nothing."""
        if self._number is not None:
            self._agenda.call_off(self._number)
            self._number = None
