"""A report of an evaluation in Chromium: nothing is asked of any network, nothing complains."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Request

from genre_core.analysis.report_page import report_html
from tests.made_bundles import write_dataset
from tests.made_evaluations import made_evaluation, made_predictions


def test_a_report_needs_no_network_and_no_script(browser: BrowserContext, tmp_path: Path) -> None:
    catalog = write_dataset(tmp_path / "data")
    rows = made_predictions(12, accuracy=0.3)
    rows["item_id"] = catalog.frame["item_id"].to_numpy()
    rows["title"] = "<img src=https://example.org/x.png onerror=alert(1)><script>alert(2)</script>"
    report = tmp_path / "report.html"
    report.write_text(
        report_html(made_evaluation(predictions=rows), catalog=catalog), encoding="utf-8"
    )
    page = browser.new_page()
    asked: list[Request] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(report.as_uri())
    asked_for = {request.url.partition(":")[0] for request in asked}
    assert asked_for <= {"file", "data"}
    assert said == []
    assert page.locator("script").count() == 0
    covers = page.locator("ul.covers img")
    assert covers.count() > 3
    assert all(
        width > 0 for width in covers.evaluate_all("all => all.map(own => own.naturalWidth)")
    )
    assert page.locator("svg rect.bar").bounding_box()["width"] > 50  # type: ignore[index]
    for scheme, ground in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 28)")):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        style = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        assert style == ground
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
