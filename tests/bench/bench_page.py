"""From the click on Run to the first event and the first graph drawn, in a real browser on a warm server."""

from __future__ import annotations

import re
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.bench import Row
from tests.end_to_end.conftest import DESKTOP, FLAGS
from tests.serving import Server

RUNS = 15
PAUSE_S = 1.0  # between runs, for the pool to be warm again
MARKS = {"run-created": "POST answered", "first-event": "first event", "graph-drawn": "first graph drawn"}


def bench() -> list[Row]:
    """Medians and 95th percentiles, in milliseconds."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        return [Row("Run to first graph in the browser", "-", "chromium is not installed")]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = browser.new_page(viewport=DESKTOP)
            page.goto(f"{server.address}/lessons/two_moons/")
            samples = [_sample(page) for _ in range(RUNS + 2)][2:]
            browser.close()
        finally:
            server.end()
    rows = []
    for mark, words in MARKS.items():
        times = sorted(sample[mark] for sample in samples)
        figure = f"{statistics.median(times):.0f} / {times[int(0.95 * len(times))]:.0f} ms"
        goal = "150 / 300 ms" if mark == "graph-drawn" else ""
        rows.append(Row(f"Run to {words}, median / p95 of {RUNS}", figure, goal))
    return rows


def _sample(page: Page) -> dict[str, float]:
    """One run's marks, in milliseconds after the click."""
    time.sleep(PAUSE_S)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".words").first).to_have_text(re.compile("^Finished, "))
    page.wait_for_timeout(100)  # the graph may be drawn a frame after the end
    at = page.evaluate(
        "names => Object.fromEntries(names.map(n => [n, performance.getEntriesByName(n)[0]?.startTime]))",
        ["run", *MARKS],
    )
    return {mark: at[mark] - at["run"] for mark in MARKS}
