"""The console in a browser: only a page of this machine may talk to it, and a real browser shows it."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from PIL import Image, ImageChops

from atmbench.console.bench_process import free_port
from atmbench.console.web import guard
from tests.console import browser

ROOT = Path(__file__).resolve().parents[2]
TRIES = 150
COLOURS_LEAST = 50
VERDICTS_TAB = (576, 9)
"""Where the sixth tab is, in pixels of the page."""


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:PORT"}, 200),
        ({"Host": "localhost:PORT", "Origin": "http://localhost:PORT"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example:PORT"}, 403),
    ],
)
def test_only_pages_of_this_machine_are_served(headers: dict[str, str], status: int) -> None:
    async def ask() -> tuple[int, str]:
        port = free_port()
        app = web.Application(middlewares=[guard(port)])

        async def page(request: web.Request) -> web.Response:
            return web.Response(text="a page")

        app.router.add_get("/", page)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            named = {name: value.replace("PORT", str(port)) for name, value in headers.items()}
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{port}/", headers=named) as answer,
            ):
                return answer.status, answer.headers.get("Content-Security-Policy", "")
        finally:
            await runner.cleanup()

    found, policy = asyncio.run(ask())
    assert found == status
    assert (policy != "") is (status == 200)
    assert "googleapis" not in policy


@contextmanager
def serving(recorded: Path) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "atmbench", "console", "--replay", str(recorded), "--at", "56"]
    process = subprocess.Popen(
        [*command, "--web", "--web-port", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def colours(picture: Image.Image) -> int:
    found = picture.getcolors(maxcolors=1 << 24)
    return len(found) if found is not None else 1 << 24


@pytest.mark.full
def test_a_browser_shows_it_and_passes_keys(recorded: Path) -> None:
    chromium = browser.find()
    assert chromium is not None, "chromium is missing; tools/_programs installs it"

    async def look(url: str) -> tuple[Image.Image, Image.Image]:
        async with aiohttp.ClientSession() as session:
            for _ in range(TRIES):
                try:
                    await (await session.get(url)).read()
                    break
                except aiohttp.ClientError:
                    await asyncio.sleep(browser.STEP_S)
        async with browser.open_page(chromium, url) as page:
            for _ in range(TRIES):
                if await page.value("document.body.classList.contains('-first-byte')"):
                    break
                await asyncio.sleep(browser.STEP_S)
            fleet = await settled(page)
            await page.click(*VERDICTS_TAB)
            verdicts = await settled(page, other_than=fleet)
            await page.press("3")
            await settled(page, other_than=verdicts)
            return fleet, verdicts

    with serving(recorded) as url:
        fleet, verdicts = asyncio.run(look(url))
    assert fleet.size == verdicts.size


async def settled(page: browser.Page, other_than: Image.Image | None = None) -> Image.Image:
    """A picture with something in it that stays the same for a moment."""
    before = await page.picture()
    for _ in range(TRIES):
        await asyncio.sleep(browser.STEP_S)
        now = await page.picture()
        is_new = other_than is None or ImageChops.difference(other_than, now).getbbox() is not None
        if is_new and colours(now) > COLOURS_LEAST and ImageChops.difference(before, now).getbbox() is None:
            return now
        before = now
    raise AssertionError("the page never came to rest, or never changed")
