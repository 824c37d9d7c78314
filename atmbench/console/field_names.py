"""What the fields of a message are called, by the dialect of the run where it is known."""

from functools import cache

from atmbench.errors import AtmbenchError
from atmbench.messages.dialect import load_dialect

USUAL = "iso87-ascii"
"""Its names serve where nobody has told the dialect: they are those of ISO 8583:1987."""
MTI_OF_ALL = "0200"


@cache
def field_names(dialect: str = "") -> dict[int, str]:
    """Data element to its name."""
    try:
        found = load_dialect(dialect or USUAL)
    except AtmbenchError:  # a dialect file of somebody's own, which lies elsewhere
        found = load_dialect(USUAL)
    return {number: slot.name for number, slot in found.layout_for(MTI_OF_ALL).slots.items()}
