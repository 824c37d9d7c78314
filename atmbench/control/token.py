"""The token of a bench, from a file that nobody else can read. No error quotes it."""

import os
import stat
from pathlib import Path

from atmbench.errors import LocalError

TOKEN_FILE_BYTES_MAX = 4_096


def read_token(path: Path) -> str:
    """The token in a file that nobody else can read. Raises LocalError."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise LocalError(
                    f"the token file {path} is open to others than its owner; run `chmod 600 {path}`, and change it"
                )
            text = file.read(TOKEN_FILE_BYTES_MAX + 1)
    except OSError as error:
        raise LocalError(f"the token file {path} cannot be read: {error.strerror}") from None
    return text.decode("utf-8", "replace").strip()
