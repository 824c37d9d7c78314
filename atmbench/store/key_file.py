"""Keys of a bench, from a file that nobody else can read, or from the environment.

    # keys of terminal AT000001
    TMK_AT000001 = 01234567 89ABCDEF FEDCBA98 76543210
    TAK_AT000001 = aes:00112233445566778899AABBCCDDEEFF

Lines are `NAME = HEX` or, as YAML writes it, `NAME: HEX`. A key is for TDES unless `aes:` stands before it. The
variable ATMBENCH_KEY_TMK_AT000001 holds the same. No error quotes a value, nor a name that may be a key itself.
"""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from atmbench.errors import LocalError
from atmbench.security.keys import Algorithm, Key

FILE_BYTES_MAX = 4_000_000
KEYS_MAX = 50_000
"""Several for each terminal of a big fleet."""
LINE_CHARACTERS_MAX = 300
ENVIRONMENT_PREFIX = "ATMBENCH_KEY_"

_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_LINE = re.compile(r"""([^=:\s]+)\s*[=:]\s*(["']?)([^"'#]*)\2\s*(?:#.*)?""")
_LIKE_A_KEY = re.compile(r"[0-9A-Fa-f]{16}")
_GROUP_AND_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_key_file(path: Path) -> dict[str, Key]:
    """The keys of a file by name. Raises LocalError if others may touch the file, or a line is no key."""
    keys: dict[str, Key] = {}
    for number, line in enumerate(_read_private(path).splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#") or text == "---":
            continue
        where = f"{path.name}, line {number}"
        parts = _LINE.fullmatch(text) if len(text) <= LINE_CHARACTERS_MAX else None
        if parts is None:
            raise LocalError(f"{where}: no key stands there; expected NAME = HEX")
        name = _checked_name(parts[1], where)
        if name in keys:
            raise LocalError(f"{where}: the key {name} stands there again; expected it once")
        if len(keys) >= KEYS_MAX:
            raise LocalError(f"{where}: one key too many; at most {KEYS_MAX} are read")
        keys[name] = _parsed(parts[3], where)
    return keys


def keys_of_environment(environment: Mapping[str, str]) -> dict[str, Key]:
    """The keys of all variables ATMBENCH_KEY_<NAME>, by <NAME>. Raises LocalError for one that is no key."""
    keys: dict[str, Key] = {}
    for variable, value in environment.items():
        if variable.startswith(ENVIRONMENT_PREFIX):
            name = _checked_name(variable.removeprefix(ENVIRONMENT_PREFIX), f"a variable {ENVIRONMENT_PREFIX}...")
            keys[name] = _parsed(value, f"the variable {variable}")
    return keys


def _read_private(path: Path) -> str:
    """Text of a file. What is checked is the file that is open, not what lies at the path a moment later."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise LocalError(f"{path} is no plain file; keys are read from nothing else")
            if status.st_mode & _GROUP_AND_OTHERS:
                raise LocalError(
                    f"the key file {path} is open to others than its owner (mode {stat.S_IMODE(status.st_mode):03o}); "
                    f"run `chmod 600 {path}`, and think about changing the keys"
                )
            octets = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise LocalError(f"the key file {path} cannot be read: {error.strerror}") from None
    if len(octets) > FILE_BYTES_MAX:
        raise LocalError(f"the key file {path} has more than {FILE_BYTES_MAX} bytes; so many keys are not read")
    try:
        return octets.decode("ascii")
    except UnicodeDecodeError:
        raise LocalError(f"the key file {path} is not ASCII text; expected lines NAME = HEX") from None


def _checked_name(name: str, where: str) -> str:
    if _LIKE_A_KEY.search(name) or not _NAME.fullmatch(name):
        raise LocalError(f"{where}: the name is none; expected capitals, digits and _, such as TMK_AT000001")
    return name


def _parsed(text: str, where: str) -> Key:
    algorithm = Algorithm.TDES
    if text.lower().startswith(f"{Algorithm.AES}:"):
        algorithm, text = Algorithm.AES, text[len(Algorithm.AES) + 1 :]
    try:
        return Key.parse(text, algorithm)
    except LocalError as error:
        raise LocalError(f"{where}: {error}") from None
