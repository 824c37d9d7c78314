"""Lengths that must not be believed, and settings that cannot be: told in words, with what was meant."""

import pytest

from atmbench.errors import LocalError
from atmbench.framing.base import FrameError
from atmbench.framing.layouts import FramingSettings
from atmbench.framing.registry import framer
from tests.framing.golden import BODY, NAMES

LIES = [
    ("length2", "FFFF", "a frame of 65535 bytes was announced; the longest allowed is 8192"),
    ("length3", "FFFFFF", "16777215 bytes"),
    ("length3", "002001", "8193 bytes"),
    ("length4", "FFFFFFFF", "4294967295 bytes"),
    ("length4", "80000000", "2147483648 bytes"),
    ("ascii4", b"9999".hex(), "9999 bytes"),
    ("ascii4", b"-001".hex(), "a length is 2D 30 30 31; expected 4 ASCII digits"),
    ("ascii4", b" 008".hex(), "expected 4 ASCII digits"),
    ("ascii4", b"0_08".hex(), "expected 4 ASCII digits"),
    ("ascii4", "B0B0B0B8", "expected 4 ASCII digits"),
    ("hex4", b"ffff".hex(), "65535 bytes"),
    ("hex4", b"000g".hex(), "a length is 30 30 30 67; expected 4 hexadecimal characters"),
    ("hex4", b"0x1a".hex(), "expected 4 hexadecimal"),
    ("hex4", b"+00d".hex(), "expected 4 hexadecimal"),
    ("hex4", b" 0d ".hex(), "expected 4 hexadecimal"),
    ("hex4", "FFFFFFFF", "expected 4 hexadecimal"),
    ("bcd2", "000A", "a length is 00 0A; expected 2 bytes of BCD digits"),
    ("bcd2", "F123", "expected 2 bytes of BCD digits"),
    ("bcd2", "9999", "9999 bytes"),
    ("amex", "0000", "a length of 0 was announced; the least that this framing allows is 2"),
    ("amex", "0001", "a length of 1 was announced"),
    ("nac", "0004", "a length of 4 was announced; the least that this framing allows is 5"),
    ("nac", "FFFF", "65535 bytes was announced; the longest allowed is 8197"),
    ("ncc", "0001", "a length of 1"),
    ("ncc", "00FF", "BCD"),
    ("cs", "00080001", "after the length stands 00 01; expected 00 00"),
    ("gicc", "01000008", "a frame begins with 01 00; expected 00 00"),
    ("gicc", "0000FFFF", "65535 bytes"),
    ("rbp", "D04B00080000", "a frame begins with D0 4B; expected D0 4A"),
    ("rbp", "D04A00080100", "after the length stands 01 00; expected 00 00"),
    ("visa", "0801", "a frame of 2049 bytes was announced; the longest allowed is 2048"),
    ("vap", "00150000", "a length of 21 was announced; the least that this framing allows is 22"),
    ("vap", "00160000" + "15" + 21 * "00", "says that it has 21 bytes; expected 22 or more"),
    ("vap", "00160000" + "17" + 21 * "00", "of 23 bytes was announced; only 22 are in the frame"),
    ("vap", "00160000" + "16 80" + 20 * "00", "says that it has 0 bytes; expected 22"),
    ("vap", "00180000" + "16 80" + 20 * "00" + "16 00", "of 22 bytes was announced; only 2 are in the frame"),
    ("base24_tcp", "0002 3030", "a frame ends with 30; expected 03"),
    ("base24", 4096 * "30", "bytes came without the 03 that ends a frame; the longest allowed is 4095"),
    ("base24", 4096 * "30" + "03", "bytes came without"),
]


@pytest.mark.parametrize(("name", "lie", "told"), LIES)
def test_a_lie_kills_the_stream_says_what_it_was_and_keeps_what_came_before(name: str, lie: str, told: str) -> None:
    receiving = framer(name)
    with pytest.raises(FrameError, match=told) as caught:
        receiving.feed(receiving.wrap(BODY) + bytes.fromhex(lie) + b"cd")
    assert caught.value.bodies == (BODY,)
    assert len(receiving.headers) in (0, 1)
    with pytest.raises(FrameError, match=told) as again:
        receiving.feed(receiving.wrap(BODY))
    assert again.value.bodies == ()
    assert (receiving.pending, receiving.echo, list(receiving.headers)) == (0, b"", [])


@pytest.mark.parametrize(("name", "lie", "told"), [each for each in LIES if not each[0].startswith("base24")])
def test_a_lie_is_found_out_as_soon_as_it_is_told(name: str, lie: str, told: str) -> None:
    receiving = framer(name)
    wire = bytes.fromhex(lie)
    assert [body for at in range(len(wire) - 1) for body in receiving.feed(wire[at : at + 1])] == []
    with pytest.raises(FrameError, match=told):
        receiving.feed(wire[-1:])


def test_a_length_that_counts_itself_cannot_be_less_than_its_own_size() -> None:
    receiving = framer(FramingSettings(name="nac", counts_itself=True))
    with pytest.raises(FrameError, match="a length of 6 was announced; the least that this framing allows is 7"):
        receiving.feed(b"\x00\x06\x60\x00\x03\x00")


def test_no_error_tells_more_than_four_bytes_of_a_stream_that_lost_its_place() -> None:
    text = b"02009999990000000014"
    for name in NAMES:
        receiving = framer(name)
        try:
            receiving.feed(text + b"\x03" + text * 300)
        except FrameError as error:
            shown = str(error)
            assert not any(text[at : at + 5].hex(" ") in shown.lower() for at in range(len(text) - 4))
            assert not any(text[at : at + 5].decode() in shown for at in range(len(text) - 4))


WRONG = [
    (FramingSettings(name="nac2"), "no framing 'nac2'; there is: length2, .*base24"),
    (FramingSettings(name="nac", tpdu="60000300"), "a tpdu of a framing is '60000300'; expected 10 digits"),
    (FramingSettings(name="nac", tpdu="60000300FF"), "expected 10 digits"),
    (FramingSettings(name="vap", source="12"), "a station of a framing is '12'; expected 6 digits"),
    (FramingSettings(name="nac", source="123456"), "only the header of vap has stations"),
    (FramingSettings(name="vap", tpdu="6000030000"), "framing vap does not know the setting tpdu"),
    (FramingSettings(name="base24", tpdu="6000030000"), "it has no place for one"),
    (FramingSettings(name="cs", counts_itself=True), "does not know the setting counts_itself"),
    (FramingSettings(name="base24", counts_itself=False), "does not know the setting counts_itself"),
    (FramingSettings(name="amex", keep_alive="echo"), "no length of it can be zero"),
    (FramingSettings(name="base24", keep_alive="echo"), "no length of it can be zero"),
    (FramingSettings(name="visa", bytes_max=2049), "bytes_max of framing visa is 2049; expected 1 to 2048"),
    (FramingSettings(bytes_max=0), "bytes_max of framing length2 is 0; expected 1 to 8192"),
]


@pytest.mark.parametrize(("settings", "told"), WRONG)
def test_settings_that_cannot_be_are_refused_in_words(settings: FramingSettings, told: str) -> None:
    with pytest.raises(LocalError, match=told):
        framer(settings)
