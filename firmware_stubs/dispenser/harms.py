"""What can go wrong among rollers and sensors, as orders that wait for the command they spoil.

The physics is the same in every machine; which code a machine gives it is its firmware's matter.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from firmware_stubs.errors import OrderError

TROUBLES_MAX = 100
"""So many may be waiting."""


class Harm(Enum):
    """What happens to notes. `after` notes have gone out by then."""

    REFUSED = auto()
    """Nothing is begun."""
    STOPPED = auto()
    """The motors stop; no note is on the way."""
    STUCK_AT_CHK = auto()
    STUCK_AT_DVT = auto()
    STUCK_AT_EJT = auto()
    """Notes stay there, and the motors stop."""
    UNCOUNTED = auto()
    """A note more goes out than is counted, and the motors stop."""
    OVER = auto()
    """After all that was wanted one note more goes out, counted."""
    STRANGER = auto()
    """A note of another cassette is on the way, and the motors stop."""
    NOT_PURGED = auto()
    """A purge leaves everything where it is."""
    REJECTED = auto()
    """Notes go into the reject tray, and others are picked in their place."""
    DOUBLE = auto()
    """Two notes are pulled as one, seen, and rejected together: one reject is counted."""
    MISCOUNTED = auto()
    """A note goes out uncounted, and the machine takes it for good."""


NO_CODE = -1
"""Of a harm that the machine does not see, or mends by itself."""

MENDED = {"skewed": Harm.REJECTED, "double_pick": Harm.DOUBLE, "miscount": Harm.MISCOUNTED}
"""Words for harms without a code, in every machine."""

Harms = Mapping[int, Harm]
"""Error code of a machine to what happens with it."""


class Trouble(msgspec.Struct, frozen=True):
    """A harm that waits for its command."""

    code: int
    harm: Harm
    command: str
    after: int
    stuck: int
    rejects: int


class _Order(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, rename={"what": "is"}):
    what: str
    command: str = ""
    after: Annotated[int, Meta(ge=0)] = 0
    times: Annotated[int, Meta(ge=1, le=TROUBLES_MAX)] = 1
    stuck: Annotated[int, Meta(ge=1, le=20)] = 1
    rejects: Annotated[int, Meta(ge=0, le=100)] = 0


class Troubles:
    """What waits, in order of arrival. `words` are names of codes that say where something happens."""

    def __init__(self, harms: Harms, words: Mapping[str, int], commands: frozenset[str]) -> None:
        self._harms = harms
        self._words = words
        self._commands = commands
        self._waiting: list[Trouble] = []

    def add(self, order: Mapping[str, Any]) -> None:
        """Take what is to go wrong from an order. Raises OrderError if no such thing can."""
        told = {name: value for name, value in order.items() if name not in ("do", "to", "id")}
        try:
            given = msgspec.convert(told, _Order)
        except msgspec.ValidationError as error:
            raise OrderError(f"not a fault of a dispenser: {error}") from None
        code, harm = self._meant(given.what)
        command = given.command or ("purge" if harm is Harm.NOT_PURGED else "dispense")
        if command not in self._commands:
            raise OrderError(f"there is no command {command!r}; it is one of {', '.join(sorted(self._commands))}")
        rejects = given.rejects or (1 if harm is Harm.REJECTED else 0)
        if len(self._waiting) + given.times > TROUBLES_MAX:
            raise OrderError(f"no more than {TROUBLES_MAX} faults can be waiting; clear them first")
        self._waiting += [Trouble(code, harm, command, given.after, given.stuck, rejects)] * given.times

    def _meant(self, what: str) -> tuple[int, Harm]:
        if what in MENDED:
            return NO_CODE, MENDED[what]
        code = self._words.get(what)
        if code is None:
            try:
                code = int(what, 16)
            except ValueError:
                code = NO_CODE
        if code not in self._harms:
            known = [*sorted(self._words), *MENDED, *(f"{each:02x}" for each in self._harms)]
            raise OrderError(f"a fault is not {what!r}; it is one of {', '.join(known)}")
        return code, self._harms[code]

    def clear(self) -> None:
        """Forget what has not happened yet."""
        self._waiting.clear()

    def take(self, command: str) -> Trouble | None:
        """What is to go wrong with this command, used up; None if nothing is."""
        for trouble in self._waiting:
            if trouble.command == command:
                self._waiting.remove(trouble)
                return trouble
        return None
