"""The seal of a run directory: its manifest, signed with Ed25519, so that others can see that nothing has changed.

`seal.json` is the manifest, `seal.sig` the 64 bytes of the signature over exactly its bytes. It can be checked
without atmbench, too:

    openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in seal.json -sigfile seal.sig

A seal says that whoever has the key saw these bytes. It does not say that they are true, nor when that was. A
private key is never printed, and no error quotes what lies in its file.
"""

import os
import secrets
import stat
from pathlib import Path

import msgspec

from atmbench.errors import LocalError
from atmbench.security.signing import SEED_BYTES, SIGNATURE_BYTES, PrivateKey, PublicKey
from atmbench.store.manifest import (
    MANIFEST_BYTES_MAX,
    MANIFEST_FILE,
    SIGNATURE_FILE,
    Difference,
    Manifest,
    decoded,
    differences,
    encoded,
    manifest_of,
)

KEY_BYTES_MAX = 10_000
_GROUP_AND_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PRIVATE_WORDS = b"PRIVATE KEY"


class Verified(msgspec.Struct, frozen=True):
    """What came of looking at a seal."""

    manifest: Manifest
    fingerprint: str
    """Of the key that it was held against."""
    is_signed: bool
    """Whether the signature is that of this key over this manifest."""
    differences: list[Difference]

    @property
    def is_whole(self) -> bool:
        """Whether nothing has changed since it was sealed with this key."""
        return self.is_signed and not self.differences


def new_key(path: Path) -> str:
    """Make a private key at `path` and its public one beside it (`path`.pub); its fingerprint.

    Raises LocalError if either is there, or cannot be written.
    """
    key = PrivateKey.of_seed(secrets.token_bytes(SEED_BYTES))
    try:
        _write_new(path, key.pem, 0o600)
        _write_new(path.with_name(f"{path.name}.pub"), key.public.pem, 0o644)
    except FileExistsError as error:
        raise LocalError(f"{error.filename} is there already, and a key is never written over; name another") from None
    except OSError as error:
        raise LocalError(f"{error.filename} cannot be written: {error.strerror}") from None
    return key.public.fingerprint


def seal(folder: Path, key_path: Path, *, sealed_at: str, version: str) -> tuple[Manifest, str]:
    """Write manifest and signature into a run directory; the manifest, and the fingerprint of the key.

    Raises LocalError if there is a seal already, the key cannot be used or the directory not be read and written.
    """
    key = _private_key(key_path)
    if any((folder / name).exists() for name in (MANIFEST_FILE, SIGNATURE_FILE)):
        raise LocalError(
            f"{folder} is sealed already; to seal it anew, delete its {MANIFEST_FILE} and {SIGNATURE_FILE}"
        )
    manifest = manifest_of(folder, sealed_at=sealed_at, version=version)
    octets = encoded(manifest)
    try:
        _write_new(folder / MANIFEST_FILE, octets, 0o644)
        _write_new(folder / SIGNATURE_FILE, key.sign(octets), 0o644)
    except OSError as error:
        raise LocalError(f"the seal cannot be written into {folder}: {error.strerror}") from None
    return manifest, key.public.fingerprint


def verify(folder: Path, key_path: Path) -> Verified:
    """Hold a run directory against its seal. Raises LocalError if there is none, or the key cannot be read."""
    key = _public_key(key_path)
    octets = _read(folder / MANIFEST_FILE, MANIFEST_BYTES_MAX, f"{folder} is not sealed, or its seal was taken away")
    signature = _read(folder / SIGNATURE_FILE, SIGNATURE_BYTES, f"{folder} has a manifest that nobody signed")
    manifest = decoded(octets)
    return Verified(manifest, key.fingerprint, key.has_signed(octets, signature), differences(manifest, folder))


def _write_new(path: Path, octets: bytes, mode: int) -> None:
    """Write a file that is not there yet; it never has more rights than `mode`, not for a moment."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(octets)


def _read(path: Path, octets_max: int, otherwise: str) -> bytes:
    try:
        with path.open("rb") as file:
            octets = file.read(octets_max + 1)
    except FileNotFoundError:
        raise LocalError(f"{otherwise}: there is no {path.name}") from None
    except OSError as error:
        raise LocalError(f"{path} cannot be read: {error.strerror}") from None
    if len(octets) > octets_max:
        raise LocalError(f"{path} has more than {octets_max:,} bytes, which a seal never has")
    return octets


def _private_key(path: Path) -> PrivateKey:
    pem = _read(path, KEY_BYTES_MAX, f"there is no key to sign with; {_MADE_BY}")
    if path.stat().st_mode & _GROUP_AND_OTHERS:
        raise LocalError(f"the key file {path} is open to others than its owner; run `chmod 600 {path}`")
    try:
        return PrivateKey.of_pem(pem)
    except LocalError as error:
        raise LocalError(f"{path} does not sign: {error}; {_MADE_BY}") from None


def _public_key(path: Path) -> PublicKey:
    pem = _read(path, KEY_BYTES_MAX, "there is no key to hold the seal against")
    if _PRIVATE_WORDS in pem:
        return _private_key(path).public
    try:
        return PublicKey.of_pem(pem)
    except LocalError as error:
        raise LocalError(f"{path} checks no seal: {error}; expected the .pub beside the key that sealed") from None


_MADE_BY = "make one with `atmbench seal --new-key FILE`, or `openssl genpkey -algorithm ed25519`"
