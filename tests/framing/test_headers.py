"""Headers with addresses: told beside the bodies, taken back by answers, swapped."""

import pytest

from atmbench.framing.layouts import FramingSettings
from atmbench.framing.registry import framer
from tests.framing.golden import BODY, NAMES

REQUEST = bytes.fromhex("16 01 02 00 1E 12 34 56 65 43 21 A1 B1 B2 C1 C2 C3 D1 E1 E2 E3 F1")
ANSWER = bytes.fromhex("16 01 02 00 1A 65 43 21 12 34 56 A1 B1 B2 C1 C2 C3 D1 E1 E2 E3 F1")
REJECT = bytes.fromhex("1A 81 02 00 38 12 34 56 65 43 21 00 00 00 00 00 00 00 00 00 00 00 80 00 05 14")


@pytest.mark.parametrize(
    ("asked", "answered"),
    [("6000030000", "6000000003"), ("6005250000", "6000000525"), ("6800031234", "6812340003")],
)
def test_a_tpdu_comes_back_with_its_addresses_swapped(asked: str, answered: str) -> None:
    host = framer("nac")
    assert host.feed(bytes.fromhex("000D" + asked) + BODY) == [BODY]
    assert list(host.headers) == [bytes.fromhex(asked)]
    answer = host.answer_to(host.headers[0])
    assert host.wrap(b"0810", answer) == bytes.fromhex("0009" + answered) + b"0810"


def test_every_body_of_a_read_has_its_own_header_and_the_next_read_forgets_them() -> None:
    host = framer("ncc")
    wire = bytes.fromhex("0009 6000030001") + b"0200" + bytes.fromhex("0000 0005 6000030009 0009 6000030002") + b"0400"
    assert host.feed(wire + wire[:3]) == [b"0200", b"0400"]
    assert [header.hex() for header in host.headers] == ["6000030001", "6000030002"]
    assert host.feed(wire[3:11]) == [b"0200"]
    assert [header.hex() for header in host.headers] == ["6000030001"]
    assert host.feed(b"\0") == []
    assert list(host.headers) == []


def test_the_answer_to_nobody_is_the_answer_to_the_framings_own_header() -> None:
    line = framer(FramingSettings(name="nac", tpdu="6005250017"))
    assert line.wrap(BODY)[2:7].hex() == "6005250017"
    assert line.wrap(BODY, line.answer_to(b""))[2:7].hex() == "6000170525"


def test_a_base1_header_comes_back_whole_but_for_stations_and_length() -> None:
    host = framer("vap")
    assert host.feed(bytes.fromhex("001E0000") + REQUEST + BODY) == [BODY]
    assert list(host.headers) == [REQUEST]
    assert host.wrap(b"0810", host.answer_to(REQUEST)) == bytes.fromhex("001A0000") + ANSWER + b"0810"


def test_the_reserved_bytes_behind_a_length_of_vap_are_the_peers_matter() -> None:
    assert framer("vap").feed(bytes.fromhex("001E0010") + REQUEST + BODY) == [BODY]


def test_a_reject_gives_the_message_it_came_with_and_both_headers() -> None:
    terminal = framer("vap")
    assert terminal.feed(bytes.fromhex("00380000") + REJECT + REQUEST + BODY) == [BODY]
    assert list(terminal.headers) == [REJECT + REQUEST]
    answer = terminal.answer_to(REJECT + REQUEST)
    assert (len(answer), answer[0], answer[1], answer[5:11].hex()) == (22, 22, 1, "654321123456")
    assert terminal.wrap(BODY, REJECT + REQUEST) == bytes.fromhex("00380000") + REJECT + REQUEST + BODY


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("nac", "ncc", "vap", "visa")])
def test_a_framing_without_addresses_has_no_headers(name: str) -> None:
    line = framer(name)
    assert line.feed(line.wrap(BODY)) == [BODY]
    assert (list(line.headers), line.answer_to(b"")) == ([], b"")
