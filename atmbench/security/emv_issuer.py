"""The issuer's side of chip cards: is this request from the card, for this amount, and new? And the answer to it.

Dry; what the issuer remembers of a card, the last counter it has seen, is an argument. Sources: iso8583 facts 4.8.
"""

import hmac
from enum import StrEnum
from typing import NoReturn

import msgspec

from atmbench.errors import LocalError, RemoteError
from atmbench.security.emv import (
    AC_BYTES,
    AC_DATA,
    ARQC,
    CSU_BYTES,
    CVN,
    ISSUER_DATA,
    ISSUER_DATA_BYTES,
    CryptogramVersion,
    arpc_1,
    arpc_2,
    bound_data,
    cryptogram,
    icc_key,
    transaction_key,
)
from atmbench.security.keys import Key
from atmbench.security.tlv import TlvError, by_tag, parse

NEEDED = AC_DATA | {"9F26": AC_BYTES, "9F27": 1}
"""Tags without which nothing can be checked, with their bytes. Tag 9F10 besides, which may be longer than needed."""


class ChipFault(StrEnum):
    """What is wrong with the chip data of a request, in the order in which it is looked for."""

    UNREADABLE = "unreadable"
    INCOMPLETE = "incomplete"
    """A tag is missing, or has another length than it must have."""
    NOT_ASKED = "not_asked"
    """The card has declined or approved by itself (9F27): there is nothing to authorise."""
    OTHER_VERSION = "other_version"
    """The card makes its cryptograms in another way than this issuer checks them."""
    AMOUNT = "amount"
    """9F02 is not DE4."""
    TRANSACTION_TYPE = "transaction_type"
    """9C is not the beginning of DE3."""
    CURRENCY = "currency"
    """5F2A is not DE49."""
    CRYPTOGRAM = "cryptogram"
    """Another card, another key, or something has been altered on the way."""
    REPLAY = "replay"
    """The card's counter is not above the last one seen."""


class ChipError(RemoteError):
    """Chip data that the issuer does not accept. `fault` says why."""

    def __init__(self, fault: ChipFault, message: str, *, field: str = "55", position: int | None = None) -> None:
        super().__init__(message, field=field, position=position)
        self.fault = fault


class ChipRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What of a request belongs to its chip data. Shows no card data."""

    pan: str
    sequence: str = "00"
    """PAN sequence number: the last two digits of DE23."""
    amount: str
    """DE4, 12 digits."""
    processing_code: str
    """DE3, 6 digits."""
    currency: str
    """DE49, 3 digits."""
    chip: bytes
    """DE55."""

    def __repr__(self) -> str:
        return f"ChipRequest({len(self.chip)} bytes of chip data)"


class CheckedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is from the card and new. `atc` is what the issuer must remember of the card from now on."""

    atc: int
    arqc: bytes
    key: Key


class ChipIssuer:
    """An issuer with its master key for cryptograms (IMK-AC)."""

    def __init__(self, master: Key, version: CryptogramVersion) -> None:
        self._master = master
        self._version = version

    def card_key(self, pan: str, sequence: str = "00") -> Key:
        """The key that a card of this issuer has got, to make the card with."""
        return icc_key(self._master, pan, sequence, self._version)

    def check(self, request: ChipRequest, last_atc: int) -> CheckedRequest:
        """Accept a request. `last_atc` is the highest counter accepted of this card before, 0 if none was.

        Raises ChipError with the first fault that is found.
        """
        values = self._read(request.chip)
        _check_fields(request, values)
        key = transaction_key(self.card_key(request.pan, request.sequence), self._version, values["9F36"])
        made = cryptogram(key, bound_data(self._version, values), self._version)
        if not hmac.compare_digest(made, values["9F26"]):
            _refuse(ChipFault.CRYPTOGRAM, "the cryptogram (9F26) is not that of this card for these values")
        atc = int.from_bytes(values["9F36"])
        if atc <= last_atc:
            _refuse(ChipFault.REPLAY, f"the card's counter (9F36) is {atc}, and {last_atc} has been seen before")
        return CheckedRequest(atc=atc, arqc=made, key=key)

    def answer(self, checked: CheckedRequest, code: str, update: bytes = bytes(CSU_BYTES)) -> bytes:
        """Issuer authentication data (tag 91) for an accepted request, whatever is decided about it.

        `code` is DE39, bound in CVN 10; `update` is the card status update, bound in CVN 18.
        """
        if self._version is CryptogramVersion.CVN18:
            return arpc_2(checked.key, checked.arqc, update) + update
        if not (len(code) == 2 and code.isascii()):
            raise LocalError(f"the response code {code!r} was given; expected two characters such as '00'")
        return arpc_1(checked.key, checked.arqc, code.encode()) + code.encode()

    def _read(self, chip: bytes) -> dict[str, bytes]:
        try:
            values = by_tag(parse(chip))
        except TlvError as error:
            raise ChipError(ChipFault.UNREADABLE, str(error), position=error.position) from None
        for tag, size in NEEDED.items():
            if len(values.get(tag, b"")) != size:
                _refuse(ChipFault.INCOMPLETE, f"tag {tag} of the chip data is missing or has not {size} bytes")
        if len(values.get(ISSUER_DATA, b"")) < ISSUER_DATA_BYTES:
            _refuse(ChipFault.INCOMPLETE, f"tag {ISSUER_DATA} is missing or shorter than {ISSUER_DATA_BYTES} bytes")
        if values["9F27"][0] & 0xC0 != ARQC:
            _refuse(ChipFault.NOT_ASKED, "the card asks for no authorisation: tag 9F27 does not say ARQC (80)")
        found, meant = values[ISSUER_DATA][2], CVN[self._version]
        if found != meant:
            _refuse(ChipFault.OTHER_VERSION, f"cryptogram version {found} (9F10); this issuer checks version {meant}")
        return values


def _check_fields(request: ChipRequest, values: dict[str, bytes]) -> None:
    """The card signed what the message says."""
    if values["9F02"].hex() != request.amount:
        _refuse(ChipFault.AMOUNT, "the amount that the card signed (9F02) is not that of the message (DE4)")
    if values["9C"].hex() != request.processing_code[:2]:
        _refuse(ChipFault.TRANSACTION_TYPE, "the type that the card signed (9C) is not that of the message (DE3)")
    if values["5F2A"].hex() != f"0{request.currency}":
        _refuse(ChipFault.CURRENCY, "the currency that the card signed (5F2A) is not that of the message (DE49)")


def _refuse(fault: ChipFault, message: str) -> NoReturn:
    raise ChipError(fault, message)
