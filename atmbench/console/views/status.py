"""The two lines at the top: which screen this is, and how the run is."""

from atmbench.console.model import Model
from atmbench.console.playhead import Playhead
from atmbench.console.views.paint import Line, Span, Tone, clock, join, plain, toned

MODES = ("fleet", "terminal", "lines", "trace", "story", "verdicts")
"""The screens, in the order of their keys 1 to 6."""
PHASES = {"waiting": Tone.DIM, "running": Tone.GOOD, "healing": Tone.WARN, "ended": Tone.NOTE}


def tabs(current: str) -> list[tuple[str, Span]]:
    """Mode and its tab, in the order of their keys; what is between them has no mode."""
    found: list[tuple[str, Span]] = [("", (" atmbench ", Tone.ACCENT))]
    for number, mode in enumerate(MODES, start=1):
        tone = Tone.STRONG if mode == current else Tone.DIM
        found.append((mode, (f" {number} {mode.capitalize()} ", tone)))
    return found


def status(model: Model, title: str, notice: str, playhead: Playhead | None, verdict: str) -> Line:
    """How the run is, in one line."""
    run = model.run
    phase = model.phase
    at = clock(model.now if playhead is None else playhead.position_s)
    of_run = f"{run.drill}, {run.venue}, seed {run.seed}" if run is not None else title
    light = _light(model, verdict)
    parts = [toned(f" {at:>7}", Tone.STRONG), toned(phase, PHASES[phase]), light, plain(of_run)]
    if notice:
        parts.append(toned(f"✗ {notice}", Tone.BAD))
    elif playhead is not None:
        parts.append(toned("replay", Tone.ACCENT))
    else:
        parts.append(toned(f"live, {model.count:,} facts", Tone.DIM))
    return join(*parts, gap="  ")


def _light(model: Model, verdict: str) -> Line:
    """The light: what the audit says at the end, and until then what is under way."""
    if verdict == "PASS":
        return toned("● PASS", Tone.GOOD)
    if verdict == "FAIL":
        return toned("▲ FAIL", Tone.BAD)
    if model.ended is not None:
        return toned("◆ UNKNOWN", Tone.WARN)
    faults = len(model.lines.faults)
    if faults:
        return toned(f"▲ {faults} fault{'s' * (faults > 1)}", Tone.WARN)
    return toned("○ no fault", Tone.DIM)
