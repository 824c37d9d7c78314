"""What a dispense came to, judged by what was asked, what the machine has counted and what its code means. Pure.

The check of a frame is weak, and two good answers can have the same: so counts are compared, always. What does not fit
is unknown, never the nearest thing that would fit.
"""

import msgspec

from atmbench.devices.lcdm_words import Meaning, Result, Says
from atmbench.devices.notes import count
from atmbench.devices.roles import Notes


class Verdict(msgspec.Struct, frozen=True):
    """`status` is that of DispenseEnded, `error` the XFS4IoT name of what was wrong, if anything was."""

    status: str
    notes: Notes = {}
    because: str = ""
    error: str = ""
    is_fault: bool = False


def unknown(because: str, error: str = "hardwareError", *, is_fault: bool = False) -> Verdict:
    """Nobody can say what is out."""
    return Verdict("unknown", {}, because, error, is_fault)


def judged(asked: Notes, result: Result, meaning: Meaning) -> Verdict:
    """What became of an order for the notes `asked`."""
    out, code = result.out, f"code {result.error:02X}"
    because = f"{meaning.text} ({code})" if meaning.text else ""
    if meaning.says is Says.UNKNOWN:
        return unknown(because, meaning.error, is_fault=meaning.is_fault)
    if any(number > asked.get(name, 0) for name, number in out.items()):
        return unknown(f"more was counted than was asked for, with {code}")
    is_all = count(out) == count(asked)
    if meaning.says is Says.ALL:
        return Verdict("presented", out) if is_all else unknown(f"{count(out)} of {count(asked)} notes, with {code}")
    if is_all or (out and meaning.says is Says.NOTHING):
        return unknown(f"{count(out)} of {count(asked)} notes, with {code}")
    return Verdict("short" if out else "refused", out, because, meaning.error, meaning.is_fault)
