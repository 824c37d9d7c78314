"""Whether a secret shows: every way a value becomes text, searched for every way a secret is written."""

import copy
import pickle
import re
from collections.abc import Callable, Iterator

import msgspec

from atmbench.errors import AtmbenchError

ADDRESS = re.compile(" at 0x[0-9a-f]+")


def shown(value: object) -> Iterator[str]:
    """All texts that logging, a debugger, a report or a queue would make of a value."""
    yield repr(value)
    yield str(value)
    yield f"{value}"
    yield repr([copy.copy(value), copy.deepcopy(value)])
    if isinstance(value, msgspec.Struct):
        yield repr(msgspec.structs.asdict(value))
    for turn in (pickle.dumps, msgspec.json.encode):
        try:
            yield turn(value).decode("latin-1")
        except (AtmbenchError, AttributeError, TypeError, pickle.PicklingError) as error:
            yield said(error)


def said(error: BaseException) -> str:
    """The text of an error and of what it was raised from, notes included."""
    cause = error.__cause__ if error.__suppress_context__ else error.__context__
    behind = said(cause) if cause else ""
    return f"{error} {error!r} {error.args} {getattr(error, '__notes__', '')} {vars(error)} {behind}"


def leaks(text: str, secrets: list[bytes | str]) -> list[str]:
    """The secrets that a text gives away. Bytes count as hexadecimal, as Python text and as they are, by parts of 4.

    Where an object lies in memory is no secret, and its address may hold the digits of anything.
    """
    text = ADDRESS.sub("", text)
    found = []
    for secret in secrets:
        if isinstance(secret, str):
            forms = [secret]
        else:
            parts = [secret[at : at + 4] for at in range(0, len(secret) - 3, 4)]
            forms = [form for part in parts for form in (part.hex(), repr(part)[2:-1], part.decode("latin-1"))]
        found += [form for form in forms if form.lower() in text.lower()]
    return found


def refusal(do: Callable[[], object], kind: type[AtmbenchError]) -> str:
    """What is said when something is refused with this kind of error. Fails if it is not."""
    try:
        do()
    except kind as error:
        return said(error)
    raise AssertionError(f"nothing was refused; expected {kind.__name__}")
