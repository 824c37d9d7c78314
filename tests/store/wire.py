"""Reads a capture back, written apart from what writes it: blocks, addresses, numbers, data, checksums."""

import struct
from dataclasses import dataclass, field
from ipaddress import IPv4Address

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


@dataclass
class Packet:
    interface: str
    at_us: int
    outbound: bool
    comment: str
    source: str
    target: str
    sequence: int
    acknowledged: int
    flags: int
    data: bytes

    @property
    def flow(self) -> tuple[str, str]:
        """Both ends, the terminal's first."""
        return (self.source, self.target) if self.outbound else (self.target, self.source)

    @property
    def kind(self) -> str:
        """The flags by their letters, and the size of the data."""
        letters = "".join(
            letter for letter, bit in zip("SFRPA", (SYN, FIN, RST, PSH, ACK), strict=True) if self.flags & bit
        )
        return f"{'>' if self.outbound else '<'} {letters} {len(self.data)}"


@dataclass
class Captured:
    application: str = ""
    interfaces: list[tuple[str, str]] = field(default_factory=list)
    packets: list[Packet] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        return [each.kind for each in self.packets]

    @property
    def comments(self) -> list[str]:
        return [each.comment for each in self.packets if each.comment]

    def stream(self, *, outbound: bool, of: str = "") -> bytes:
        """All data of one direction, of one interface or of all."""
        return b"".join(each.data for each in self.packets if each.outbound is outbound and of in ("", each.interface))


def read(raw: bytes) -> Captured:
    """A file of whole blocks, or an AssertionError."""
    captured, position = Captured(), 0
    while position < len(raw):
        kind, size = struct.unpack_from("<II", raw, position)
        block = raw[position : position + size]
        assert size % 4 == 0
        assert len(block) == size
        assert struct.unpack("<I", block[-4:]) == (size,)
        _take(captured, kind, block[8:-4])
        position += size
    return captured


def sums_to_zero(data: bytes) -> bool:
    """Whether bytes that hold their own Internet checksum are whole (RFC 1071)."""
    total = sum(int.from_bytes((data + b"\0")[at : at + 2]) for at in range(0, len(data), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


def _take(captured: Captured, kind: int, body: bytes) -> None:
    if kind == 0x0A0D0D0A:
        assert body[:16] == bytes.fromhex("4d3c2b1a 0100 0000 ffffffffffffffff")
        captured.application = _options(body[16:])[4].decode()
    elif kind == 1:
        assert body[:8] == bytes.fromhex("6500 0000 00000000")
        options = _options(body[8:])
        captured.interfaces.append((options[2].decode(), options[3].decode()))
    else:
        assert kind == 6
        interface, high, low, size, whole = struct.unpack_from("<IIIII", body)
        assert size == whole
        options = _options(body[20 + size + -size % 4 :])
        packet = body[20 : 20 + size]
        name = captured.interfaces[interface][0]
        captured.packets.append(_packet(packet, name, high << 32 | low, options))


def _options(data: bytes) -> dict[int, bytes]:
    options: dict[int, bytes] = {}
    while data:
        code, size = struct.unpack_from("<HH", data)
        if code == 0:
            assert data == bytes(4)
            return options
        options[code] = data[4 : 4 + size]
        data = data[4 + size + -size % 4 :]
    raise AssertionError("options without an end")


def _packet(packet: bytes, interface: str, at_us: int, options: dict[int, bytes]) -> Packet:
    assert sums_to_zero(packet[:20])
    assert struct.unpack_from("!BxH", packet) == (0x45, len(packet))
    tcp = packet[20:]
    assert sums_to_zero(packet[12:20] + struct.pack("!HH", 6, len(tcp)) + tcp)
    source_port, target_port, sequence, acknowledged, offset, flags = struct.unpack_from("!HHIIBB", tcp)
    return Packet(
        interface=interface,
        at_us=at_us,
        outbound=options[2] == b"\2\0\0\0",
        comment=options.get(1, b"").decode(),
        source=f"{IPv4Address(packet[12:16])}:{source_port}",
        target=f"{IPv4Address(packet[16:20])}:{target_port}",
        sequence=sequence,
        acknowledged=acknowledged,
        flags=flags,
        data=tcp[offset >> 4 << 2 :],
    )
