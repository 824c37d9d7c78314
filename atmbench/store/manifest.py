"""The manifest of a run directory: every file of it, with its length and SHA-256, and how a folder differs from it.

What the manifest does not name must not lie there: an added file can mislead as well as a changed one. Links are
refused, because what they lead to may change without a byte of the directory changing. This module must never write.
"""

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from atmbench.errors import LocalError

MANIFEST_FILE = "seal.json"
SIGNATURE_FILE = "seal.sig"
FORMAT = "atmbench seal 1"
FILES_MAX = 100_000
"""A journal for each terminal of a big fleet, and what else a run leaves behind."""
MANIFEST_BYTES_MAX = 64_000_000
_CHUNK_BYTES = 1 << 20


class SealedFile(msgspec.Struct, frozen=True):
    """One file, as it was when it was sealed."""

    octets: int
    sha256: str
    """Hexadecimal."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was sealed: files by their path within the directory, with / between folders, in order."""

    format: str
    sealed_at: str
    """ISO 8601 in UTC, by the clock of the machine that sealed: said by whoever has the key, proven by nobody."""
    atmbench: str
    """The version that sealed."""
    files: dict[str, SealedFile]


class Difference(msgspec.Struct, frozen=True):
    """One file that is not as it was sealed."""

    path: str
    says: str


def manifest_of(folder: Path, *, sealed_at: str, version: str) -> Manifest:
    """The manifest of a directory as it lies there. Raises LocalError if it cannot be read whole."""
    files = {path: _sealed(folder / path) for path in _paths(folder)}
    if not files:
        raise LocalError(f"{folder} has no files; there is nothing to seal")
    return Manifest(format=FORMAT, sealed_at=sealed_at, atmbench=version, files=files)


def encoded(manifest: Manifest) -> bytes:
    """The manifest as the bytes that are signed."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decoded(octets: bytes) -> Manifest:
    """A manifest out of its bytes. Raises LocalError if they are none."""
    try:
        manifest = msgspec.json.decode(octets, type=Manifest)
    except msgspec.MsgspecError as error:
        raise LocalError(f"{MANIFEST_FILE} is no manifest: {error}") from None
    if manifest.format != FORMAT:
        raise LocalError(f"{MANIFEST_FILE} has the format {manifest.format!r}; this atmbench reads {FORMAT!r}")
    return manifest


def differences(manifest: Manifest, folder: Path) -> list[Difference]:
    """In which files a directory is not what was sealed, in order of paths. Raises LocalError if it cannot be read."""
    lying = set(_paths(folder))
    found = [Difference(path, "is gone") for path in manifest.files.keys() - lying]
    found += [Difference(path, "was added") for path in lying - manifest.files.keys()]
    for path in lying & manifest.files.keys():
        sealed, now = manifest.files[path], _sealed(folder / path)
        if now.octets != sealed.octets:
            found.append(Difference(path, f"has {now.octets:,} bytes, and had {sealed.octets:,}"))
        elif now.sha256 != sealed.sha256:
            found.append(
                Difference(path, f"has other bytes: SHA-256 {now.sha256[:16]}..., sealed {sealed.sha256[:16]}...")
            )
    return sorted(found, key=lambda each: each.path)


def _paths(folder: Path) -> Iterator[str]:
    """Files of a directory and its folders, by name, without the seal itself."""
    count = 0
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            continue
        name = path.relative_to(folder).as_posix()
        if not stat.S_ISREG(mode):
            raise LocalError(f"{name} in {folder} is no plain file; a seal covers plain files only, so take it out")
        if name in (MANIFEST_FILE, SIGNATURE_FILE):
            continue
        count += 1
        if count > FILES_MAX:
            raise LocalError(f"{folder} has more than {FILES_MAX:,} files; so many are not sealed")
        yield name


def _sealed(path: Path) -> SealedFile:
    digest, octets = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                octets += len(chunk)
    except OSError as error:
        raise LocalError(f"{path} cannot be read: {error.strerror}") from None
    return SealedFile(octets, digest.hexdigest())
