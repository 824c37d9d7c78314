"""The playhead of a replay: where in time it is, and how fast it goes. Dry: time that passed is an argument."""

SPEEDS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 100.0)


class Playhead:
    """A position in seconds of the run, within its length."""

    def __init__(self, end_s: float, position_s: float = 0.0, *, is_playing: bool = False) -> None:
        self.end_s = end_s
        self.position_s = min(max(position_s, 0.0), end_s)
        self.is_playing = is_playing and self.position_s < end_s
        self.speed = 1.0

    def advance(self, passed_s: float) -> None:
        """Let real time pass. At the end it stops."""
        if self.is_playing:
            self.seek(self.position_s + passed_s * self.speed)
            self.is_playing = self.position_s < self.end_s

    def seek(self, position_s: float) -> None:
        """Go to a position."""
        self.position_s = min(max(position_s, 0.0), self.end_s)

    def toggle(self) -> None:
        """Play or pause; at the end, play from the beginning."""
        if not self.is_playing and self.position_s >= self.end_s:
            self.position_s = 0.0
        self.is_playing = not self.is_playing and self.end_s > 0

    def change_speed(self, steps: int) -> None:
        """Go faster or slower by some steps of the scale."""
        at = SPEEDS.index(self.speed) + steps
        self.speed = SPEEDS[min(max(at, 0), len(SPEEDS) - 1)]
