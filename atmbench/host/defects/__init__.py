"""Known bugs of hosts that can be planted by name, to see whether the bench finds them.

Each is one small switch at the decision it spoils, in `host.site`, `host.advices` and their neighbours. The catalogue
is kept by theme. This package must hold no logic beyond the names.
"""

from collections.abc import Iterable

from atmbench.defects import Defect
from atmbench.errors import LocalError
from atmbench.host.defects import amounts, days, matching, replication, risk, security, watching

DEFECTS: dict[str, Defect] = {
    **matching.DEFECTS,
    **amounts.DEFECTS,
    **replication.DEFECTS,
    **days.DEFECTS,
    **risk.DEFECTS,
    **security.DEFECTS,
    **watching.DEFECTS,
}
"""Name to what is wrong, where it was met, and the checks that must find it."""


def check_defects(names: Iterable[str]) -> None:
    """Raise LocalError if one of these is no defect of the host."""
    for name in sorted(names):
        if name not in DEFECTS:
            raise LocalError(f"there is no host defect {name!r}; expected one of {', '.join(DEFECTS)}")
