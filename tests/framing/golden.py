"""The bytes of iso8583 facts 3: each framing with what stands before and behind the eight bytes of BODY."""

from atmbench.framing.layouts import LAYOUTS, FramingSettings

BODY = b"0800...."
TPDU = "6000030000"

_HEX: dict[str, tuple[str, str]] = {
    "length2": ("00 08", ""),
    "length3": ("00 00 08", ""),
    "length4": ("00 00 00 08", ""),
    "ascii4": ("30 30 30 38", ""),
    "hex4": ("30 30 30 38", ""),
    "bcd2": ("00 08", ""),
    "amex": ("00 0A", ""),
    "nac": ("00 0D 60 00 03 00 00", ""),
    "ncc": ("00 13 60 00 03 00 00", ""),
    "cs": ("00 08 00 00", ""),
    "gicc": ("00 00 00 08", ""),
    "rbp": ("D0 4A 00 08 00 00", ""),
    "visa": ("00 08 00 00", ""),
    "vap": ("00 1E 00 00 16 01 02 00 1E 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", ""),
    "base24_tcp": ("00 09", "03"),
    "base24": ("", "03"),
}
GOLDEN = {name: tuple(bytes.fromhex(part) for part in parts) for name, parts in _HEX.items()}
NAMES = tuple(LAYOUTS)
WITH_LENGTH = tuple(name for name in NAMES if name != "base24")

VARIANTS: list[tuple[FramingSettings, str, str]] = [
    (FramingSettings(name="hex4", tpdu=TPDU), "30 30 30 64 60 00 03 00 00", ""),
    (FramingSettings(name="nac", counts_itself=True), "00 0F 60 00 03 00 00", ""),
    (FramingSettings(name="ncc", counts_itself=True), "00 15 60 00 03 00 00", ""),
    (FramingSettings(name="nac", tpdu="6005250000"), "00 0D 60 05 25 00 00", ""),
    (FramingSettings(name="nac", tpdu=""), "00 08", ""),
    (FramingSettings(name="length4", tpdu=TPDU), "00 00 00 0D 60 00 03 00 00", ""),
    (FramingSettings(name="length2", counts_itself=True), "00 0A", ""),
    (FramingSettings(name="amex", counts_itself=False), "00 08", ""),
    (FramingSettings(name="ascii4", counts_itself=True), "30 30 31 32", ""),
    (
        FramingSettings(name="vap", destination="123456", source="654321"),
        "00 1E 00 00 16 01 02 00 1E 12 34 56 65 43 21 00 00 00 00 00 00 00 00 00 00 00",
        "",
    ),
]
"""The same with settings."""
