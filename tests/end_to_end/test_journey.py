"""What a learner does: open a lesson, run it, share it, open the link elsewhere, and see the same replayed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, WebSocket, expect

from tests.end_to_end.conftest import DESKTOP, PHONE, Visitors, shot, write

pytestmark = pytest.mark.browser

LESSONS = {
    "chain_rule": re.compile(r"d out / d x1 = -0\.9521"),
    "two_moons": re.compile(r"accuracy 100\.0%"),
    "mnist_mlp": re.compile(r"epoch 8: .* accuracy on held-out digits 9[3-9]\.\d%"),
}
ENDLESS = """\
import torch
w = torch.tensor(1.0, requires_grad=True)
while True:
    loss = (w - 3) ** 2
    loss.backward()
"""


def sockets(page: Page) -> list[WebSocket]:
    """The web sockets that a page opens from now on."""
    opened: list[WebSocket] = []
    page.on("websocket", lambda socket: opened.append(socket))
    return opened


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_is_shared_and_replays_elsewhere(visitors: Visitors, lesson: str) -> None:
    page = visitors.come()
    page.goto(f"/lessons/{lesson}/")
    expect(page.locator(".words").first).to_contain_text("Recorded: finished")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".words").first).to_have_text(re.compile("^Finished, "), timeout=60_000)
    expect(page.get_by_text(LESSONS[lesson]).first).to_be_visible()
    expect(page.locator(".card").first).to_be_visible()
    slider = page.get_by_role("slider", name="Training step")
    assert slider.evaluate("slider => slider.value === slider.max"), "the last step is shown"
    shot(page, f"lesson-{lesson}")

    page.get_by_role("button", name="Share").click()
    link = page.get_by_label("Link to this program")
    expect(link).to_have_value(re.compile(r"/s/[\w-]{12,}/"))
    address = link.input_value()

    other = visitors.come()
    opened, posted = sockets(other), []
    other.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    other.goto(address)
    expect(other.locator(".words").first).to_contain_text("Recorded: finished")
    expect(other.locator(".card").first).to_be_visible()
    expect(other.get_by_text(LESSONS[lesson]).first).to_be_visible()
    assert other.locator(".cm-content").inner_text().startswith(page.locator(".cm-content").inner_text()[:60])
    assert not opened and not posted, "a replay executes nothing"
    shot(other, f"shared-{lesson}")


def test_the_first_visit_is_alive_before_any_socket_opens(page: Page) -> None:
    opened = sockets(page)
    page.goto("/")
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator(".words").first).to_contain_text("Recorded: finished, 60 steps")
    expect(page.get_by_text(re.compile(r"200 in their own region")).first).to_be_visible()
    assert not opened


def test_run_works_before_the_recording_has_come(page: Page) -> None:
    page.route("**/recording/", lambda route: None)  # it never comes
    page.goto("/")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".words").first).to_contain_text("Finished, 60 steps")
    expect(page.locator(".card").first).to_be_visible()
    expect(page.get_by_role("slider", name="Training step")).to_have_value("60")


def test_a_recording_that_comes_late_leaves_what_was_typed(page: Page) -> None:
    held: list[Route] = []
    page.route("**/recording/", lambda route: held.append(route))
    page.goto("/")
    write(page, "print('mine')")
    expect(page.locator(".words").first).to_be_visible()
    held[0].continue_()
    expect(page.locator(".words").first).to_contain_text("Recorded: finished, 60 steps")
    expect(page.locator(".cm-content")).to_have_text("print('mine')")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("log")).to_have_text("mine")


def test_an_endless_program_is_stopped_and_the_next_runs(page: Page) -> None:
    page.goto("/")
    write(page, ENDLESS)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".words").first).to_have_text(re.compile("^Running, step "))
    page.keyboard.press("Control+.")
    expect(page.locator(".words").first).to_have_text(re.compile("^Stopped at step "), timeout=3_000)
    write(page, "print(6 * 7)\n")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".words").first).to_have_text(re.compile("^Finished"))
    expect(page.get_by_text("42", exact=True)).to_be_visible()


def test_an_error_is_shown_at_its_line_with_words(page: Page) -> None:
    page.goto("/")
    write(page, "import torch\na = torch.ones(2, 3, requires_grad=True)\nb = torch.ones(4, 5)\n\nc = a @ b\n")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".words").first).to_have_text("Failed in line 5")
    expect(page.get_by_text("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)").first).to_be_visible()
    expect(page.locator(".cm-lintRange-error").first).to_have_text("a @ b")
    expect(page.locator(".card.failed")).to_contain_text("2×3 and 4×5")
    shot(page, "error")


def test_a_node_leads_to_its_line_and_a_line_to_its_nodes(page: Page) -> None:
    page.goto("/lessons/chain_rule/")
    page.locator(".card", has_text="weighted").first.click()
    expect(page.get_by_text("x1 * w1 + x2 * w2").first).to_be_visible()
    expect(page.locator(".card.selected")).to_have_count(1)
    page.locator(".cm-line", has_text="torch.tanh(total)").click()
    expect(page.locator(".card.lit, .card.highlight, .card.line")).to_have_count(1)


def test_a_fork_names_its_parent(visitors: Visitors) -> None:
    page = visitors.come()
    page.goto("/lessons/chain_rule/")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".words").first).to_have_text(re.compile("^Finished"))
    page.get_by_role("button", name="Share").click()
    link = page.get_by_label("Link to this program")
    expect(link).to_have_value(re.compile("/s/"))
    slug = link.input_value().rstrip("/").rsplit("/", 1)[1]

    other = visitors.come()
    other.goto(f"/s/{slug}/")
    other.get_by_role("button", name="Fork").click()
    expect(other).not_to_have_url(re.compile(slug))
    child = other.url.rstrip("/").rsplit("/", 1)[1].partition("?")[0]
    told = other.request.get(f"/api/snippets/{child}/").json()
    assert told["parent"] == slug


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screenshots_of_the_whole_page(visitors: Visitors, scheme: str) -> None:
    page = visitors.come(DESKTOP, scheme)
    page.goto("/")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".words").first).to_have_text(re.compile("^Finished"))
    page.locator(".card", has_text="linear").first.click()
    expect(page.get_by_role("tabpanel").first).to_be_visible()
    page.wait_for_timeout(500)  # the last frame's text stands
    assert shot(page, f"page-{scheme}").stat().st_size > 20_000


def test_the_journey_on_a_phone_by_touch(visitors: Visitors) -> None:
    page = visitors.come(PHONE, touch=True)
    page.goto("/")
    page.get_by_role("button", name="Run", exact=True).tap()
    expect(page.locator(".words").first).to_contain_text("Finished")
    for tab in ("Graph", "Charts", "Inspect", "Code"):
        page.get_by_role("navigation", name="Panes").get_by_text(tab).tap()
        page.wait_for_timeout(200)
        shot(page, f"phone-{tab.lower()}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], f"{tab} scrolls sideways"
