"""The state file of one stub: what its machine keeps without power, written so that a killed process loses nothing.

Only its owner may read it, because some machines keep keys.
"""

import os
from pathlib import Path
from typing import Any

import msgspec

from firmware_stubs.errors import KeptError

FILE_BYTES_MAX = 1_000_000
OWNER_ONLY = 0o600


class _File(msgspec.Struct):
    device: str
    kept: dict[str, Any]


class KeptFile:
    """What the machine of a kind `device` keeps, in the file `path`; without a path nothing outlives the process."""

    def __init__(self, path: Path | None, device: str) -> None:
        self._path = path
        self._device = device

    def load(self) -> dict[str, Any]:
        """What was kept last; empty for a new machine. Raises KeptError if the file is of no use."""
        if self._path is None:
            return {}
        try:
            with self._path.open("rb") as file:
                raw = file.read(FILE_BYTES_MAX + 1)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise KeptError(f"{self._path} cannot be read: {error.strerror}") from error
        try:
            found = msgspec.json.decode(raw, type=_File)
        except msgspec.DecodeError as error:
            raise KeptError(
                f"{self._path} is no state of a stub ({error}); delete it to begin with a new machine"
            ) from None
        if found.device != self._device:
            raise KeptError(
                f"{self._path} is the state of a {found.device}, not of a {self._device}; name another file"
            )
        return found.kept

    def save(self, kept: dict[str, Any]) -> None:
        """Replace what is kept, all or nothing. Raises KeptError if the disk does not take it.

        The data need not reach the platter: it is the process that may die here, not the computer.
        """
        if self._path is None:
            return
        beside = self._path.with_name(self._path.name + ".new")
        try:
            beside.unlink(missing_ok=True)  # whoever left it there may have let others read it
            with open(beside, "xb", opener=_for_owner_only) as file:
                file.write(msgspec.json.encode(_File(self._device, kept)))
            os.replace(beside, self._path)
        except OSError as error:
            raise KeptError(f"{self._path} cannot be written: {error.strerror}") from error


def _for_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, OWNER_ONLY)
