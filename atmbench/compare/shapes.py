"""What of a message can be compared between runs: texts that chance does not choose, and the pattern of all others.

The dialect knows which value stands in which field, so what varies from message to message needs no list of numbers.
"""

from collections.abc import Callable, Mapping
from itertools import groupby
from sys import intern

from atmbench.messages.dialect_file import Value

STEADY = frozenset(
    {
        Value.ACQUIRER,
        Value.CURRENCY,
        Value.FUNCTION,
        Value.LOCATION,
        Value.MERCHANT,
        Value.NETWORK_CODE,
        Value.PROCESSING_CODE,
        Value.REASON,
        Value.RESPONSE_CODE,
    }
)
"""Values that are not of one moment, customer, card or message. Of all others the pattern is compared."""

Shape = tuple[tuple[str, str], ...]
"""Fields by number, each with its text or pattern."""
RolesOf = Callable[[str], Mapping[int, Value]]
"""Which value stands in which field of a message type: `Dialect.roles.of`."""
_HIDDEN = " hidden)"


def pattern(text: str) -> str:
    """How a text is made: "123456" is "9(6)", "LAGOS  " is "A(5) (2)". What is masked away stays as it is shown."""
    if text.endswith(_HIDDEN):
        return text
    return "".join(f"{kind}({len(list(run))})" for kind, run in groupby(text, _kind))


def _kind(letter: str) -> str:
    return "9" if letter.isdigit() else "A" if letter.isalpha() else letter


class Shapes:
    """The shapes of the messages of one run. Those that are alike are one object, so that a long run fits."""

    def __init__(self, roles_of: RolesOf) -> None:
        self._roles_of = roles_of
        self._varying: dict[str, frozenset[str]] = {}
        self._known: dict[Shape, Shape] = {}

    def of(self, mti: str, fields: Mapping[str, str]) -> Shape:
        """The shape of a message, by its masked fields."""
        varying = self._varying.get(mti)
        if varying is None:
            roles = self._roles_of(mti).items()
            varying = self._varying[mti] = frozenset(str(number) for number, value in roles if value not in STEADY)
        shape = tuple(
            (intern(number), intern(pattern(text) if number in varying else text)) for number, text in fields.items()
        )
        return self._known.setdefault(shape, shape)
