"""Known money bugs of terminals, to be planted by name to see whether the bench finds them. None may be a default.

By theme: `answers` (which reply is acted upon), `cash` (what becomes of notes), `storage` (store-and-forward and what
goes into it), `recovery` (after a power failure), `sessions` (numbers, cards and deposits), `lines` (which line is
used), `told` (what customers read).
"""

from collections.abc import Set

from atmbench.defects import Defect
from atmbench.errors import LocalError
from atmbench.terminal.defects import answers, cash, lines, recovery, sessions, storage, told

DEFECTS: dict[str, Defect] = {
    **answers.DEFECTS,
    **cash.DEFECTS,
    **storage.DEFECTS,
    **recovery.DEFECTS,
    **sessions.DEFECTS,
    **lines.LINE_DEFECTS,
    **told.TOLD_DEFECTS,
}
"""Name to what is wrong, where it was met, and the checks that must find it."""


def known(defects: Set[str]) -> Set[str]:
    """The same names. Raises LocalError if one of them is no defect of a terminal."""
    for name in sorted(defects):
        if name not in DEFECTS:
            raise LocalError(f"no terminal has a defect {name!r}; there are {', '.join(DEFECTS)}")
    return defects
