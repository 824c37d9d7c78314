"""Names of chip data by tag, and which of them hold card data (or a new PIN, in scripts). Data only.

Sources: iso8583 facts 4.8; EMV book 3, annex A, for the names. What stands in a tag that is not listed here may be
anything, so only its length is ever shown.
"""

from atmbench.messages.subfield_file import Named

_PLAIN = {
    "4F": "application identifier of the card",
    "50": "application label",
    "5F24": "expiry date of the application",
    "5F25": "effective date of the application",
    "5F28": "issuer country",
    "5F2A": "transaction currency",
    "5F34": "sequence number of the account number",
    "5F36": "exponent of the currency",
    "82": "application interchange profile",
    "84": "dedicated file name",
    "8A": "authorisation response code",
    "8E": "cardholder verification methods",
    "91": "issuer authentication data",
    "95": "terminal verification results",
    "9A": "transaction date",
    "9B": "transaction status information",
    "9C": "transaction type",
    "9F02": "amount authorised",
    "9F03": "other amount",
    "9F06": "application identifier of the terminal",
    "9F07": "application usage control",
    "9F08": "application version of the card",
    "9F09": "application version of the terminal",
    "9F0D": "issuer action code, default",
    "9F0E": "issuer action code, denial",
    "9F0F": "issuer action code, online",
    "9F10": "issuer application data",
    "9F15": "merchant category",
    "9F16": "merchant",
    "9F18": "issuer script identifier",
    "9F1A": "terminal country",
    "9F1C": "terminal",
    "9F1E": "serial number of the interface device",
    "9F21": "transaction time",
    "9F26": "application cryptogram",
    "9F27": "cryptogram information data",
    "9F33": "terminal capabilities",
    "9F34": "result of cardholder verification",
    "9F35": "terminal type",
    "9F36": "application transaction counter",
    "9F37": "unpredictable number",
    "9F39": "entry mode",
    "9F40": "additional terminal capabilities",
    "9F41": "transaction sequence counter",
    "9F53": "transaction category",
    "9F5B": "issuer script results",
    "FF20": "wrapper of a request",
    "FF21": "wrapper of a response",
}
_SECRET = {
    "56": "track 1 equivalent",
    "57": "track 2 equivalent",
    "5A": "primary account number",
    "5F20": "cardholder name",
    "5F30": "service code",
    "71": "issuer script before the second cryptogram",
    "72": "issuer script after the second cryptogram",
    "86": "issuer script command",
    "99": "transaction PIN data",
    "9F0B": "cardholder name, extended",
    "9F1F": "track 1 discretionary data",
    "9F20": "track 2 discretionary data",
    "9F6B": "track 2 of a contactless card",
}

EMV_TAGS: dict[str, Named] = {
    **{tag: Named(name=name) for tag, name in _PLAIN.items()},
    **{tag: Named(name=name, shown="length") for tag, name in _SECRET.items()},
}
