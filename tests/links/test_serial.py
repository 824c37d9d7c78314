"""Serial lines keep trio's contract as far as a wire can, and lose nothing that was sent before the end."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import serial
import serial.rfc2217
import trio
import trio.testing

from atmbench.errors import AtmbenchError, LocalError, VenueError
from atmbench.links.serial import SerialStream, open_line, pty_pair
from atmbench.links.stream import LinkRefused

EVERY_BYTE = bytes(range(256))


async def make_pair() -> tuple[SerialStream, SerialStream]:
    return pty_pair()


async def make_clogged_pair() -> tuple[SerialStream, SerialStream]:
    left, right = pty_pair()
    for stream in (left, right):
        for _ in range(5):  # the kernel moves bytes on in its own time, and then there is room again
            while stream.send_now(bytes(4096)):
                pass
            await trio.sleep(0.01)
    return left, right


async def received(stream: SerialStream, size: int) -> bytes:
    data = b""
    with trio.fail_after(10):
        while len(data) < size and (more := await stream.receive_some()):
            data += more
    return data


async def test_a_pty_keeps_the_contract_of_trio() -> None:
    await trio.testing.check_two_way_stream(make_pair, None)


@pytest.mark.full
async def test_a_clogged_pty_keeps_the_contract_of_trio() -> None:
    await trio.testing.check_two_way_stream(make_pair, make_clogged_pair)


async def test_every_byte_passes_as_it_is_both_ways() -> None:
    terminal, host = pty_pair()
    for sender, receiver in ((terminal, host), (host, terminal)):
        assert sender.send_now(EVERY_BYTE) == 256
        assert await received(receiver, 256) == EVERY_BYTE
    assert terminal.bytes_sent == host.bytes_sent == 256
    terminal.close_now()
    host.close_now()


@pytest.mark.parametrize("closes", [0, 1], ids=["terminal", "host"])
async def test_last_words_are_read_before_the_end_and_a_reset_takes_them(closes: int) -> None:
    for end in ("close_now", "reset"):
        pair = pty_pair()
        ours, theirs = pair[closes], pair[1 - closes]
        ours.send_now(b"last words")
        getattr(ours, end)()
        if end == "close_now":
            assert await received(theirs, 10) == b"last words"
        assert await theirs.receive_some() == b""
        with pytest.raises(trio.BrokenResourceError):
            theirs.send_now(b"x")
        with pytest.raises(trio.ClosedResourceError):
            ours.send_now(b"x")
        theirs.close_now()


@pytest.mark.parametrize("end", ["close_now", "reset"])
async def test_no_descriptor_is_left_open(end: str) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for first in (0, 1):
        pair = pty_pair()
        pair[1].send_now(b"unread")
        getattr(pair[first], end)()
        getattr(pair[1 - first], end)()
    assert len(os.listdir("/proc/self/fd")) == before


async def test_whoever_opens_a_pty_may_come_again() -> None:
    async with await open_line("pty:") as machine:
        for _ in range(2):
            async with await open_line(f"serial://{machine.name}?baud=19200&format=8E1") as other:
                await other.send_all(b"ping")
                assert await received(machine, 4) == b"ping"
                await machine.send_all(b"pong")
                assert await received(other, 4) == b"pong"


async def test_a_port_is_opened_once() -> None:
    async with await open_line("pty:") as machine, await open_line(f"serial://{machine.name}"):
        with pytest.raises(VenueError, match="cannot be opened"):
            await open_line(f"serial://{machine.name}")


@pytest.mark.parametrize(
    ("url", "error", "text"),
    [
        ("tcp://127.0.0.1:1", LocalError, "expected a URL with one of serial:, pty:, socket:, rfc2217:"),
        ("serial:///dev/no-such-port", VenueError, "no-such-port cannot be opened"),
        ("serial://?baud=9600", LocalError, "names no port"),
        ("serial:///dev/tty?baud=fast", LocalError, "baud of the line .* is 'fast'"),
        ("serial:///dev/tty?format=9N1", LocalError, "is '9N1'; expected data bits, parity, stop bits"),
        ("serial:///dev/tty?speed=1", LocalError, "asks for speed"),
    ],
)
async def test_a_line_that_cannot_be_opened_is_told_in_our_words(
    url: str, error: type[AtmbenchError], text: str
) -> None:
    with pytest.raises(error, match=text):
        await open_line(url)


# --- lines by a network -----------------------------------------------------------------------------


@contextmanager
def listening() -> Iterator[tuple[socket.socket, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        yield listener, listener.getsockname()[1]


async def test_a_socket_line_needs_no_thread() -> None:
    with listening() as (listener, port):
        async with await open_line(f"socket://127.0.0.1:{port}") as line:
            peer, _ = listener.accept()
            with peer:
                await line.send_all(EVERY_BYTE)
                assert peer.recv(1000) == EVERY_BYTE
                peer.sendall(b"answer")
                assert await received(line, 6) == b"answer"
            assert await line.receive_some() == b""
    with pytest.raises(LinkRefused):
        await open_line(f"socket://127.0.0.1:{port}")


def serve_rfc2217(listener: socket.socket) -> None:
    """A port server that says everything again, until the line is given up."""

    class Answer:
        def __init__(self, to: socket.socket) -> None:
            self.write = to.sendall

    accepted, _ = listener.accept()
    with accepted, serial.serial_for_url("loop://", timeout=0) as port, suppress(OSError):
        manager = serial.rfc2217.PortManager(port, Answer(accepted))  # type: ignore[arg-type]
        while data := accepted.recv(1000):
            port.write(b"".join(manager.filter(data)))
            accepted.sendall(b"".join(manager.escape(port.read(1000))))


@pytest.mark.filterwarnings("ignore::DeprecationWarning:serial.rfc2217")  # of pyserial
async def test_a_line_by_rfc_2217_has_one_thread_which_ends_with_it() -> None:
    with listening() as (listener, port):
        server = threading.Thread(target=serve_rfc2217, args=(listener,))
        server.start()
        async with await open_line(f"rfc2217://127.0.0.1:{port}?baud=19200") as line:
            await line.send_all(EVERY_BYTE)
            assert await received(line, 256) == EVERY_BYTE
            [pump] = [each for each in threading.enumerate() if each.name.startswith("pump")]
        await trio.to_thread.run_sync(pump.join, 10)
        assert not pump.is_alive()
        await trio.to_thread.run_sync(server.join, 10)
        assert not server.is_alive()
