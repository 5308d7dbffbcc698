"""A server as `make run` starts it, and a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from tests.serving import Server

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
DESKTOP = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=360, height=740)

# Chromium's own traffic (updates, look-ups) stays off: tests talk to 127.0.0.1 alone.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=20_000)  # a loaded machine is slow; what does not hold fails all the same


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of its own, with its own data folder."""
    running = Server(tmp_path_factory.mktemp("server"))
    yield f"http://127.0.0.1:{running.port}"
    running.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window.

    Not for the session: Playwright's event loop runs in this thread until it is left, and other tests have their own.
    """
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield chromium
        chromium.close()


class Visitors:
    """Makes visitors of the page: each has its own cookies and storage."""

    def __init__(self, browser: Browser, server: str) -> None:
        """Everything that goes wrong on their pages is collected in `faults`."""
        self._browser, self._server = browser, server
        self._open: list[BrowserContext] = []
        self.faults: list[str] = []

    def come(self, viewport: ViewportSize = DESKTOP, scheme: str = "light", touch: bool = False) -> Page:
        """A visitor with one tab."""
        context = self._browser.new_context(
            base_url=self._server,
            viewport=viewport,
            color_scheme="dark" if scheme == "dark" else "light",
            has_touch=touch,
            is_mobile=touch,
            permissions=["clipboard-read", "clipboard-write"],
        )
        self._open.append(context)
        context.on("request", lambda request: self._asked(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("console", lambda message: self._said(message.text))
        return page

    def _asked(self, url: str) -> None:
        if not url.startswith((self._server, "data:", "blob:")):
            self.faults.append(f"asked another host: {url}")

    def _said(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.faults.append(text)

    def go(self) -> None:
        """All leave."""
        for context in self._open:
            context.close()


@pytest.fixture
def visitors(browser: Browser, server: str) -> Iterator[Visitors]:
    """Visitors; an uncaught error, a CSP violation or a request to another host fails the test."""
    all_of_them = Visitors(browser, server)
    yield all_of_them
    all_of_them.go()
    assert not all_of_them.faults


@pytest.fixture
def page(visitors: Visitors) -> Page:
    """One visitor's tab."""
    return visitors.come()


def write(page: Page, code: str) -> None:
    """Put a program in place of what is in the editor."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)


def shot(page: Page, name: str) -> Path:
    """A screenshot kept as build output."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path)
    return path
