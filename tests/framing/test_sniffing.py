"""Frames of unknown origin: every framing that takes the bytes for one whole frame is told."""

import pytest

from atmbench.framing.layouts import LAYOUTS
from atmbench.framing.registry import framer
from atmbench.framing.sniffing import wrappings

BODY = b"0800" + b"x" * 60
TPDU = bytes.fromhex("6000030000")


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_frame_of_every_framing_is_recognised(name: str) -> None:
    raw = framer(name).wrap(BODY)
    found = {each.says: raw[each.start : each.end] for each in wrappings(raw)}
    assert found[f"framing {name}"] == BODY
    assert found[""] == raw


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"\x00\x42" + BODY, "framing length2, its length counting itself"),
        (b"0068" + BODY, "framing ascii4, its length counting itself"),
        (b"\x00\x45" + TPDU + BODY, "framing nac"),
        (TPDU + BODY, "a TPDU"),
        (BODY, ""),
    ],
)
def test_what_stands_around_a_message_is_told(raw: bytes, says: str) -> None:
    found = {each.says: raw[each.start : each.end] for each in wrappings(raw)}
    assert found[says] == BODY


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x00\x40" + BODY + b"y", b"\x00\x41" + BODY, b"00\xb24" + BODY])
def test_a_length_that_is_wrong_is_no_frame(raw: bytes) -> None:
    assert [each.says for each in wrappings(raw)] == [""]
