"""Framers by the name or the settings that a dialect or a line uses."""

from atmbench.framing.base import Framer
from atmbench.framing.framers import EnvelopedFramer, PrefixedFramer, TerminatedFramer
from atmbench.framing.layouts import FramingSettings, layout_of


def framer(framing: str | FramingSettings) -> Framer:
    """A fresh framer. Raises LocalError, naming what there is, for an unknown framing or a setting of no use."""
    layout = layout_of(FramingSettings(name=framing) if isinstance(framing, str) else framing)
    if not layout.length:
        return TerminatedFramer(layout)
    if layout.header or layout.trailer:
        return EnvelopedFramer(layout)
    return PrefixedFramer(layout)
