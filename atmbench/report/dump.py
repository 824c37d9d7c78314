"""A hex dump that shows the shape of bytes and nothing that may be a card: for the rest of a message that was not read.

Nobody knows what field such bytes belong to, so digits and letters are shown as kinds ("9" and "A"), and bytes that
are no text not at all. In a dialect of text blanks and punctuation are shown as they are.
"""

from collections.abc import Iterator

BYTES_A_LINE = 16
LINES_MAX = 16
_MASK = "**"
_PLAIN = frozenset(b" !\"#$%&'()*+,-./:;<=>?@^[\\]_`{|}~")


def dump(raw: bytes, start: int, *, is_text: bool) -> tuple[str, ...]:
    """Lines of a dump of the bytes from `start` on; of many the first LINES_MAX."""
    return tuple(_lines(raw, start, is_text=is_text))


def _lines(raw: bytes, start: int, *, is_text: bool) -> Iterator[str]:
    for count, at in enumerate(range(start, len(raw), BYTES_A_LINE)):
        if count == LINES_MAX:
            yield f"and {len(raw) - at} bytes more"
            return
        chunk = raw[at : at + BYTES_A_LINE]
        cells = " ".join(f"{byte:02X}" if is_text and byte in _PLAIN else _MASK for byte in chunk)
        yield f"{at:6d}  {cells:<{BYTES_A_LINE * 3}} {''.join(_mark(byte, is_text=is_text) for byte in chunk)}"


def _mark(byte: int, *, is_text: bool) -> str:
    letter = chr(byte)
    if letter.isascii() and letter.isdigit():
        return "9"
    if letter.isascii() and letter.isalpha():
        return "A"
    return letter if is_text and byte in _PLAIN else "."
