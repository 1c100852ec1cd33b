"""What tests do on the page Errors: click a cell, hear what plays, open a report from disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

_LISTEN = """() => {
  const { play } = HTMLMediaElement.prototype;
  HTMLMediaElement.prototype.play = function () {
    window.heard = this;
    this.addEventListener("playing", () => (window.began ??= this.currentTime));
    return play.call(this);
  };
}"""


def click_cell(page: Page, true: str, said: str) -> None:
    """Click the middle of a cell of the matrix, wherever its number stands."""
    chart = page.locator(".js-plotly-plot").first
    chart.scroll_into_view_if_needed()
    x, y = chart.evaluate(
        """(gd, [said, genre]) => {
          const { xaxis, yaxis } = gd._fullLayout, { x, y } = gd.getBoundingClientRect();
          return [x + xaxis._offset + xaxis.d2p(said), y + yaxis._offset + yaxis.d2p(genre)];
        }""",
        [said, true],
    )
    page.mouse.click(x, y)


def listen(page: Page) -> None:
    """Keep whatever sound begins from now on: the list's player stands in no tree."""
    page.evaluate(_LISTEN)


def hear(page: Page, start_s: float) -> None:
    """Wait until sound is played that began at `start_s` (s), and goes on."""
    page.wait_for_function("() => window.heard?.currentTime > window.began + 0.2")
    began = page.evaluate("() => window.began")
    assert abs(began - start_s) < 0.5, (began, start_s)  # a busy browser tells of it late
    assert page.evaluate("() => window.heard.error") is None


def open_report(open_page: Callable[..., Page], report: Path) -> Page:
    """Open a report from disk and check that it is whole and asks nothing of any network."""
    asked: list[str] = []
    page = open_page("about:blank")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.locator("img").evaluate_all("all => all.every(i => i.naturalWidth > 0)")
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    return page
