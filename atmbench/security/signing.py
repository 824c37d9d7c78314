"""Signatures by Ed25519 (RFC 8032): keys in PEM, as OpenSSL writes them, and how one is told from another.

Nothing here reads a file or draws a number. A private key is never shown, and no error quotes what was given for one.
"""

import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from atmbench.errors import LocalError

SEED_BYTES = 32
"""A private key is drawn as so many random bytes (RFC 8032, 5.1.5)."""
SIGNATURE_BYTES = 64
FINGERPRINT_DIGITS = 32


class PublicKey:
    """What others need to check a signature."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    @classmethod
    def of_pem(cls, pem: bytes) -> "PublicKey":
        """A key out of its PEM. Raises LocalError if that is none, or one of another kind."""
        try:
            key = load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm):
            raise LocalError("there is no public key in PEM") from None
        if not isinstance(key, Ed25519PublicKey):
            raise LocalError("the key is of another kind than Ed25519")
        return cls(key)

    @property
    def pem(self) -> bytes:
        """As OpenSSL writes it."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def fingerprint(self) -> str:
        """The first half of the SHA-256 of its 32 bytes, in groups of four digits: for people, to compare."""
        digits = hashlib.sha256(self._key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:FINGERPRINT_DIGITS]
        return " ".join(digits[at : at + 4] for at in range(0, FINGERPRINT_DIGITS, 4))

    def has_signed(self, octets: bytes, signature: bytes) -> bool:
        """Whether `signature` was made over exactly `octets` with the private half of this key."""
        try:
            self._key.verify(signature, octets)
        except InvalidSignature:
            return False
        return True


class PrivateKey:
    """What signs. Whoever has it signs as its owner."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def __repr__(self) -> str:
        return f"<private key {self.public.fingerprint}>"

    @classmethod
    def of_seed(cls, seed: bytes) -> "PrivateKey":
        """A new key out of SEED_BYTES random bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def of_pem(cls, pem: bytes) -> "PrivateKey":
        """A key out of its PEM. Raises LocalError if that is none, is locked by a password, or is of another kind."""
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise LocalError("there is no private key in PEM, or it is locked by a password") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise LocalError("the key is of another kind than Ed25519")
        return cls(key)

    @property
    def public(self) -> PublicKey:
        """Its other half."""
        return PublicKey(self._key.public_key())

    @property
    def pem(self) -> bytes:
        """As OpenSSL writes it, without a password: for a file that nobody else can read."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, octets: bytes) -> bytes:
        """The signature over `octets`, SIGNATURE_BYTES long."""
        return self._key.sign(octets)
