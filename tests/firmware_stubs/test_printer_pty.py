"""The printer stub on a real pseudo-terminal, under a library that others wrote, and from the command line."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from click.testing import CliRunner
from escpos.printer import Serial
from PIL import Image

from firmware_stubs.kept_file import KeptFile
from firmware_stubs.outcomes import Tell
from firmware_stubs.ports import PtyPort
from firmware_stubs.printer.__main__ import main
from firmware_stubs.printer.stub import make
from firmware_stubs.rack import Mounted, Rack

READ_S = 0.02
"""The library waits so long for 16 bytes at every status."""


class Bench:
    """A stub, and what its machine has told."""

    def __init__(self, **settings: Any) -> None:
        self.stub = Mounted("printer", make({"line_s": 0, "cut_s": 0, **settings}, {}), PtyPort(), KeptFile(None, ""))
        self.told: list[Tell] = []

    async def use(self, use: Callable[[Serial], Any]) -> Any:
        """Have the library do something, in a thread since it blocks; a status at the end lets all of it arrive."""

        def run() -> Any:
            printer = Serial(devfile=self.stub.port.name, timeout=READ_S)
            answer = use(printer)
            printer.device.timeout = None
            printer._raw(b"\x1dr\x01")
            printer.device.read(1)
            printer.close()
            return answer

        with trio.fail_after(30):
            return await trio.to_thread.run_sync(run)

    async def paper_and_online(self) -> tuple[int, bool]:
        def ask() -> tuple[int, bool]:
            printer = Serial(devfile=self.stub.port.name, timeout=READ_S)
            answer = printer.paper_status(), printer.is_online()
            printer.close()
            return answer

        return await trio.to_thread.run_sync(ask)

    def events(self) -> list[str]:
        told, self.told = self.told, []
        return [f"{each.event} {each.detail['text']}" if "text" in each.detail else each.event for each in told]


@asynccontextmanager
async def bench(**settings: Any) -> AsyncIterator[Bench]:
    made = Bench(**settings)
    rack = Rack([made.stub])
    rack.watch(lambda name, tell: made.told.append(tell))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rack.run)
        yield made
        nursery.cancel_scope.cancel()
    made.stub.port.close()


async def test_the_library_of_others_prints_text_and_cuts() -> None:
    async with bench() as made:

        def print_it(printer: Serial) -> None:
            printer.set_with_default(align="center", bold=True)
            printer.textln("Caf\u00e9")
            printer.text("20.00 \u20ac\n")
            printer.cut()

        await made.use(print_it)
        assert made.events() == ["printed Caf\u00e9", "printed 20.00 \u20ac", "cut"]
        assert made.stub.core.seen()["receipts"] == 1


async def test_the_library_of_others_draws_and_nothing_of_it_is_taken_for_text() -> None:
    async with bench() as made:

        def draw(printer: Serial) -> None:
            printer.qr("https://example.org", native=True)
            printer.barcode("4006381333931", "EAN13", function_type="A", check=False)
            printer.barcode("{B12345", "CODE128", function_type="B")
            for way in ("bitImageRaster", "graphics", "bitImageColumn"):
                printer.image(Image.radial_gradient("L").resize((64, 48)), impl=way)
            printer.print_and_feed(5)
            printer.control("HT")
            printer.line_spacing(60)
            printer.cashdraw(2)
            printer.cut("PART")

        await made.use(draw)
        assert [each for each in made.events() if each.startswith("printed")] == []
        await made.use(lambda printer: printer.text("after all that\n"))
        assert made.events() == ["printed after all that"]


async def test_the_library_of_others_sees_paper_and_cover() -> None:
    async with bench() as made:
        assert await made.paper_and_online() == (2, True)
        made.stub.order({"do": "load_paper", "lines": 10})
        assert await made.paper_and_online() == (1, True)
        made.stub.order({"do": "load_paper", "lines": 0})
        assert await made.paper_and_online() == (0, False)
        made.stub.order({"do": "load_paper"})
        made.stub.order({"do": "open_cover"})
        assert await made.paper_and_online() == (2, False)
        made.stub.order({"do": "close_cover"})
        assert await made.paper_and_online() == (2, True)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"paper_lines": -1}', "these are no settings of a printer"),
        (b"[]", "these are no settings of a printer"),
        (None, "cannot be read"),
    ],
)
def test_wrong_settings_are_refused_with_a_sentence(content: bytes | None, says: str, tmp_path: Any) -> None:
    path = tmp_path / "settings.json"
    if content is not None:
        path.write_bytes(content)
    result = CliRunner().invoke(main, ["--settings", str(path)])
    assert (result.exit_code, says in result.output) == (2, True), result.output
