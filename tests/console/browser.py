"""A headless Chromium, driven over its debugging port: as much of it as the console's test needs."""

import asyncio
import base64
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image

NAMES = ("chromium", "chromium-browser", "google-chrome")
PORT_LINE = "DevToolsActivePort"
STEP_S = 0.2


def find() -> str | None:
    """The browser of this machine, if it has one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        while True:
            answer = await self._socket.receive_json()
            if answer.get("id") == self._number:
                return dict(answer["result"])

    async def value(self, script: str) -> Any:
        found = await self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        return found["result"].get("value")

    async def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            await self.ask("Input.dispatchKeyEvent", type=kind, text=key if kind == "keyDown" else "", key=key)

    async def click(self, x: int, y: int) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def picture(self) -> Image.Image:
        shot = await self.ask("Page.captureScreenshot", format="png")
        return Image.open(BytesIO(base64.b64decode(shot["data"]))).convert("RGB")


@asynccontextmanager
async def open_page(browser: str, url: str) -> AsyncIterator[Page]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # its children may write for a moment
        process = subprocess.Popen(  # noqa: ASYNC220 - it takes no time, and nobody else waits
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--window-size=1200,800",
                "--remote-debugging-port=0",
                f"--user-data-dir={folder}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            mark = Path(folder) / PORT_LINE
            while not mark.exists() or not mark.read_text().strip():
                assert process.poll() is None
                await asyncio.sleep(STEP_S)
            port = mark.read_text().split()[0]
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                    target = next(each for each in await answer.json() if each["type"] == "page")
                async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                    page = Page(socket)
                    await page.ask("Page.enable")
                    await page.ask("Page.navigate", url=url)
                    yield page
        finally:
            process.terminate()
            process.wait()
