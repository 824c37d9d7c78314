"""What can be wrong with what a stub is told or given. Bytes on the wire never raise: firmware answers or is silent."""


class StubError(Exception):
    """Root of all errors of the stubs. Its text says what was found and what was meant."""


class OrderError(StubError):
    """An order from outside cannot be done: unknown, not now, or with values that cannot be."""


class PortError(StubError):
    """A port cannot be opened or used."""


class KeptError(StubError):
    """A state file cannot be read or written, or is of another device."""


def first_of(group: BaseExceptionGroup[StubError]) -> StubError:
    """One of the errors that tasks have died of."""
    first = group.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first
