"""Blocks, byte for byte: the golden ones were checked with capinfos and tshark 4.0."""

from atmbench.store.pcapng import COMMENT_BYTES_MAX, enhanced_packet, interface, section_header
from tests.store.wire import read

SECTION = bytes.fromhex(
    "0a0d0d0a 28000000 4d3c2b1a 0100 0000 ffffffffffffffff"
    "0400 0300 61746d00"  # the application: "atm"
    "0000 0000 28000000"
)
INTERFACE = bytes.fromhex(
    "01000000 28000000 6500 0000 00000000"  # raw IP, packets as long as they are
    "0200 0200 54310000"  # its name: "T1"
    "0300 0400 6c696e65"  # its description: "line"
    "0000 0000 28000000"
)
PACKET = bytes.fromhex(
    "06000000 3c000000 00000000 d9470600 40b15f51 05000000 05000000"  # interface 0, the time, the size twice
    "4500000042 000000"
    "0200 0400 02000000"  # outbound
    "0100 0200 68690000"  # a comment: "hi"
    "0000 0000 3c000000"
)


def test_blocks_are_as_the_format_says() -> None:
    assert section_header("atm") == SECTION
    assert interface("T1", "line") == INTERFACE
    at_us = 0x000647D9_515FB140
    assert enhanced_packet(0, at_us, bytes.fromhex("4500000042"), outbound=True, comment="hi") == PACKET


def test_a_packet_without_a_comment_says_its_direction_only() -> None:
    block = enhanced_packet(0, 0, b"1234", outbound=False)
    assert block[32:] == bytes.fromhex("0200 0400 01000000 0000 0000 30000000")


def test_a_long_comment_is_cut_between_characters() -> None:
    packet = bytes.fromhex(
        "4500 0028 0000 4000 4006 0000 c6120001 c6130001"  # an IPv4 header, then a bare TCP header
        "c000 2187 00000000 00000000 5002 ffff 0000 0000"
    )
    block = enhanced_packet(0, 0, packet, outbound=True, comment="a" + "\u20ac" * COMMENT_BYTES_MAX)
    assert block.count("\u20ac".encode()) == (COMMENT_BYTES_MAX - 1) // 3
    assert len(block) < len(packet) + COMMENT_BYTES_MAX + 60


def test_the_reader_of_the_tests_reads_the_golden_head() -> None:
    captured = read(SECTION + INTERFACE)
    assert (captured.application, captured.interfaces) == ("atm", [("T1", "line")])
