"""The graph, the inspector and the boundary, as a learner meets them in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.conftest import write

pytestmark = pytest.mark.browser

BLOCKS = """\
import torch
from torch import nn

model = nn.Sequential(*[nn.Sequential(nn.Linear(4, 4), nn.Tanh()) for _ in range(24)])
loss = model(torch.ones(2, 4)).mean()
loss.backward()
"""

MISFIT = """\
import torch
h = torch.ones(4, 5, requires_grad=True) * 2
h @ torch.ones(4, 3)
"""


ENDLESS = """\
import torch, time
w = torch.randn(3, 3, requires_grad=True)
while True:
    time.sleep(0.01)
    (w @ w).tanh().sum().backward()
"""


def run(page: Page, code: str) -> None:
    """Put a program into the editor and run it."""
    page.goto("/")
    write(page, code)
    page.keyboard.press("Control+Enter")


def node(page: Page, words: str) -> str:
    """What the node whose spoken text begins so says in full."""
    found = page.locator(f'[role=treeitem][aria-label^="{words}"]')
    expect(found).to_have_count(1)
    return found.get_attribute("aria-label") or ""


@pytest.fixture
def lesson(page: Page) -> Page:
    """The chain-rule lesson, run."""
    page.goto("/lessons/chain_rule/")
    page.get_by_role("button", name="Run").first.click()
    expect(page.locator(".card")).to_have_count(10)
    return page


def test_shows_value_and_gradient_of_every_number(lesson: Page) -> None:
    expect(lesson.locator(".card", has_text="w1")).to_contain_text("1.2695")
    expect(lesson.locator(".card", has_text="w1")).to_contain_text("−1.5000")
    expect(lesson.locator(".card.kind-output")).to_contain_text("0.6044")


def test_is_walked_by_keys_along_its_edges(lesson: Page) -> None:
    lesson.locator(".card", has_text="x1").focus()
    said = []
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "End"):
        lesson.keyboard.press(key)
        said.append(lesson.evaluate("document.activeElement.getAttribute('aria-label').split(',')[0]"))
    assert said == ["mul", "add", "mul", "tanh"]
    lesson.keyboard.press("Space")
    expect(lesson.locator(".card.selected")).to_contain_text("out")


def test_finds_a_node_by_its_name(lesson: Page) -> None:
    lesson.locator(".card").first.focus()
    lesson.keyboard.press("/")
    lesson.keyboard.type("weigh")
    lesson.keyboard.press("Enter")
    expect(lesson.locator("[role=treeitem]:focus")).to_have_attribute("aria-label", re.compile("add, weighted"))


def test_explains_a_gradient_by_the_chain_rule(lesson: Page) -> None:
    lesson.locator(".card", has_text="w1").click()
    lesson.get_by_role("tab", name="Chain rule").click()
    panel = lesson.get_by_role("tabpanel", name="Chain rule")
    expect(panel.locator("math").first).to_be_visible()
    expect(panel.locator("tbody tr").first).to_contain_text(re.compile(r"0\.6347\s*×\s*2\.0000\s*=\s*1\.2695"))


def test_folds_equal_blocks_and_opens_them_in_place(page: Page) -> None:
    run(page, BLOCKS)
    folded = page.locator(".card.kind-fold")
    expect(folded).to_contain_text("× 24")
    before = folded.bounding_box()
    folded.click()
    after = page.locator(".frame", has_text="× 24").bounding_box()
    assert before and after
    assert after["y"] == pytest.approx(before["y"], abs=2)
    assert after["x"] <= before["x"] + before["width"] / 2 <= after["x"] + after["width"]


def test_lays_out_once_while_the_structure_stands(page: Page) -> None:
    page.add_init_script(
        "window.asked = 0; const post = Worker.prototype.postMessage;"
        "Worker.prototype.postMessage = function (...all) { window.asked += 1; return post.apply(this, all); };"
    )
    run(page, ENDLESS)
    step = page.locator(".words").first
    expect(step).to_have_text(re.compile(r"step \d+"))
    expect(page.locator(".card").first).to_be_visible()
    before, seen = page.evaluate("window.asked"), step.inner_text()
    page.wait_for_timeout(1_500)
    assert step.inner_text() != seen, "the run goes on"
    assert page.evaluate("window.asked") == before
    page.keyboard.press("Control+.")


def test_marks_the_op_that_failed_and_the_axes_that_do_not_fit(page: Page) -> None:
    run(page, MISFIT)
    failed = page.locator(".card.failed")
    expect(failed).to_contain_text("4×5 and 4×3")
    assert failed.locator("tspan.clash").all_text_contents() == ["5", "4"]


def test_saves_the_graph_as_a_picture(lesson: Page) -> None:
    with lesson.expect_download() as download:
        lesson.get_by_role("button", name="Save the graph as an SVG picture").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith("<svg") and "weighted" in text and "class=" not in text
