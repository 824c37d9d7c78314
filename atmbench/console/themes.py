"""Themes: which colours the tones are, dark and light."""

from functools import lru_cache

from rich.style import Style
from textual.app import App
from textual.theme import Theme

from atmbench.console.views.paint import Tone

DARK = Theme(
    name="atmbench-dark",
    primary="#4C9BE8",
    secondary="#7A8CA5",
    warning="#E0A82E",
    error="#E5604D",
    success="#3FB68B",
    accent="#B18CF0",
    foreground="#D9E1EA",
    background="#11161D",
    surface="#171E27",
    panel="#202A35",
    dark=True,
)
LIGHT = Theme(
    name="atmbench-light",
    primary="#1F6FB8",
    secondary="#5A6B80",
    warning="#9A6700",
    error="#B42318",
    success="#18794E",
    accent="#6E4BC4",
    foreground="#1B2530",
    background="#EEF1F4",
    surface="#FBFCFD",
    panel="#DFE5EB",
    dark=False,
)

_INK = {
    Tone.PLAIN: "foreground",
    Tone.STRONG: "foreground",
    Tone.DIM: "secondary",
    Tone.GOOD: "text-success",
    Tone.NOTE: "text-primary",
    Tone.WARN: "text-warning",
    Tone.BAD: "text-error",
    Tone.ACCENT: "text-accent",
}
_FILL = {
    Tone.PLAIN: "panel",
    Tone.STRONG: "panel",
    Tone.DIM: "surface",
    Tone.GOOD: "success-muted",
    Tone.NOTE: "primary-muted",
    Tone.WARN: "warning-muted",
    Tone.BAD: "error-muted",
    Tone.ACCENT: "accent-muted",
}


def ink(app: App[object], tone: Tone) -> Style:
    """How text of a tone is written."""
    return _style(app.theme_variables[_INK[tone]], None, tone is Tone.STRONG)


def fill(app: App[object], tone: Tone, *, is_strong: bool = False) -> Style:
    """How a field of a tone is filled, with text upon it."""
    return _style(app.theme_variables[_INK[tone]], app.theme_variables[_FILL[tone]], is_strong)


@lru_cache
def _style(colour: str, back: str | None, is_strong: bool) -> Style:
    # One object for one look: making a style costs more than painting a cell with it.
    return Style(color=colour, bgcolor=back, bold=is_strong)
