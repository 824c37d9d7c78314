"""A chip card: it asks its issuer with a cryptogram, and knows whether an answer is the issuer's.

Dry; a counter that only grows is all it remembers. Sources: iso8583 facts 4.8. What card risk management decides is
not modelled: this card always goes online.
"""

import hmac
from collections.abc import Mapping

from atmbench.errors import LocalError
from atmbench.security.emv import (
    AC_DATA,
    ARQC,
    ATC_MAX,
    CODE_BYTES,
    CSU_BYTES,
    CVN,
    ISSUER_DATA,
    PROPRIETARY_BYTES_MAX,
    TERMINAL_DATA,
    CryptogramVersion,
    arpc_1,
    arpc_2,
    bound_data,
    cryptogram,
    transaction_key,
)
from atmbench.security.keys import Key

INTERCHANGE_PROFILE = bytes.fromhex("1800")
"""Tag 82, as in pyemv's published transactions."""
VERIFICATION_RESULTS = bytes.fromhex("03A00000")
"""Card verification results in tag 9F10: three bytes follow; an ARQC, and no second cryptogram yet."""
TERMINAL_VERIFICATION = bytes.fromhex("8000048000")
"""Tag 95, as in pyemv's published transactions: no offline data authentication, online PIN, over the floor limit."""


def terminal_data(
    *,
    amount: str,
    currency: str,
    country: str,
    date: str,
    transaction_type: str,
    unpredictable: bytes,
    verification: bytes = TERMINAL_VERIFICATION,
) -> dict[str, bytes]:
    """What a terminal gives a card for a cryptogram, by tag.

    `amount` is DE4 (12 digits of minor units), `currency` DE49 and `country` the terminal's (3 digits each), `date`
    YYMMDD, `transaction_type` the first two digits of DE3, `unpredictable` 4 random bytes. Raises LocalError for
    values of another length or kind.
    """
    digits = {"9F02": amount, "9F03": "0" * 12, "9F1A": f"0{country}", "5F2A": f"0{currency}", "9A": date}
    digits["9C"] = transaction_type
    for tag, text in digits.items():
        if not (len(text) == 2 * AC_DATA[tag] and text.isascii() and text.isdigit()):
            raise LocalError(f"tag {tag} has {2 * AC_DATA[tag]} digits; something else was given")
    values = {tag: bytes.fromhex(text) for tag, text in digits.items()} | {"95": verification, "9F37": unpredictable}
    for tag in ("95", "9F37"):
        if len(values[tag]) != AC_DATA[tag]:
            raise LocalError(f"tag {tag} has {AC_DATA[tag]} bytes; {len(values[tag])} were given")
    return {tag: values[tag] for tag in TERMINAL_DATA}


class ChipCard:
    """One card. `atc` counts its transactions and is what a real card keeps through everything.

    The key is that of `emv.icc_key`.
    """

    def __init__(self, key: Key, version: CryptogramVersion, *, atc: int = 0, key_index: int = 1) -> None:
        self.atc = atc
        self._key = key
        self._version = version
        self._issuer_data = bytes([6, key_index, CVN[version]]) + VERIFICATION_RESULTS
        self._asked: tuple[Key, bytes] | None = None
        """Key and request cryptogram of the transaction whose answer is due."""

    def request(self, terminal: Mapping[str, bytes]) -> dict[str, bytes]:
        """Count a transaction and ask the issuer: all values that DE55 must carry for the issuer to check it.

        `terminal` has at least TERMINAL_DATA (see `terminal_data`); more goes through. Raises LocalError when the
        counter is used up: such a card is dead.
        """
        if self.atc >= ATC_MAX:
            raise LocalError(f"the card has made {ATC_MAX} transactions, which is all its counter can count")
        self.atc += 1
        atc = self.atc.to_bytes(2)
        values = dict(terminal) | {"82": INTERCHANGE_PROFILE, "9F36": atc, ISSUER_DATA: self._issuer_data}
        key = transaction_key(self._key, self._version, atc)
        arqc = cryptogram(key, bound_data(self._version, values), self._version)
        self._asked = (key, arqc)
        return values | {"9F26": arqc, "9F27": bytes([ARQC])}

    def accepts(self, answer: bytes) -> bool:
        """Whether an answer (tag 91) is the issuer's to the last request. A request is answered once.

        Without a request, or with an answer of a wrong length, it is not.
        """
        asked, self._asked = self._asked, None
        if asked is None:
            return False
        key, arqc = asked
        if self._version is CryptogramVersion.CVN10:
            arpc, bound = answer[:8], answer[8:]
            return len(bound) == CODE_BYTES and hmac.compare_digest(arpc_1(key, arqc, bound), arpc)
        arpc, update, rest = answer[:4], answer[4 : 4 + CSU_BYTES], answer[4 + CSU_BYTES :]
        if len(update) != CSU_BYTES or len(rest) > PROPRIETARY_BYTES_MAX:
            return False
        return hmac.compare_digest(arpc_2(key, arqc, update, rest), arpc)

    def __repr__(self) -> str:
        return f"ChipCard({self._version}, atc={self.atc})"
