"""The pages hold WCAG 2.2 A and AA, as far as axe-core can tell, and the journey works by keyboard alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import DESKTOP, PHONE, Visitors

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    # A node of the graph speaks op, name, shape, mean and gradient in words; what is drawn in it are the bare numbers,
    # which change twenty times a second. axe takes the drawn numbers for its label.
    "rules": {"label-content-name-mismatch": {"enabled": False}},
}


def faults(page: Page) -> list[str]:
    """What axe-core finds, a line each."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")  # by the debugger: the page's own policy allows no eval
    found = page.evaluate(f"async () => (await axe.run(document, {json.dumps(OPTIONS)})).violations")
    return [f"{fault['id']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/lessons/", "/lessons/chain_rule/", "/lessons/two_moons/", "/api/docs"])
def test_pages_have_no_faults(visitors: Visitors, path: str, scheme: str) -> None:
    page = visitors.come(DESKTOP, scheme)
    page.goto(path)
    if path == "/" or path.count("/") > 2:
        expect(page.locator(".card").first).to_be_visible()
    assert not faults(page)


def test_the_phone_s_panes_have_no_faults(visitors: Visitors) -> None:
    page = visitors.come(PHONE, touch=True)
    page.goto("/")
    for tab in ("Graph", "Charts", "Inspect", "Code"):
        page.get_by_role("navigation", name="Panes").get_by_text(tab).tap()
        assert not faults(page), tab


def test_an_error_has_no_faults(page: Page) -> None:
    page.goto("/")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("import torch\ntorch.ones(2) + torch.ones(3)\n")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".words").first).to_have_text("Failed in line 2")
    assert not faults(page)


def test_the_journey_by_keyboard_alone(page: Page) -> None:
    page.goto("/lessons/chain_rule/")
    expect(page.locator(".card").first).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".words").first).to_have_text(re.compile("^Finished"))
    for _ in range(6):
        page.keyboard.press("F6")
        if page.locator(".pane.graph :focus").count():
            break
    expect(page.locator(".pane.graph [role=treeitem]:focus")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator(".card.selected")).to_have_count(1)
