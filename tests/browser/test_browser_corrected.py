"""Errors in a real browser, all the way: a wrong label, trained again, compared, reported."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from app_server import AppServer
from chromium import wait_until_settled
from playwright.sync_api import Page, expect

from genre_core.config import to_dict
from genre_core.data.importers import find_dataset
from genre_core.jobs.evaluating import evaluation_request
from genre_core.jobs.run_worker import carry_out
from genre_core.runs.bundle import find_bundle
from genre_core.runs.evaluations import EvaluationRecord, find_evaluation
from genre_core.runs.run_folder import new_run
from tests.made_bundles import make_experiment, write_bundle
from tests.made_training import GENRES, write_covers

Open = Callable[..., Page]
SET, FIRST, RECIPE = "mislabelled", "made.first", "s3_model_5"
WRONG = "00.png"
"""It is blue, and said to be red."""


@pytest.fixture
def first(app: AppServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EvaluationRecord:
    """A network on the shared server, asked about covers of which one has a wrong label."""
    monkeypatch.setenv("GENRE_HOME", str(app.home))
    table = write_covers(tmp_path / SET) / "labels.csv"
    table.write_text(table.read_text().replace(f"{WRONG},Blue", f"{WRONG},Red"))
    find_dataset(tmp_path / SET)
    recipe = dataclasses.replace(make_experiment(GENRES), name=RECIPE)
    write_bundle(app.home / "models", name=FIRST, title="First", experiment=to_dict(recipe))
    run = new_run(evaluation_request(FIRST, SET, split="all"))
    carry_out(run)
    return find_evaluation(run.status().result)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=re.compile(label)).click()
    page.get_by_role("option", name=re.compile(option)).first.click()
    wait_until_settled(page)


def set_number(page: Page, label: str, value: int) -> None:
    box = page.get_by_role("spinbutton", name=label, exact=True)
    box.fill(str(value))
    box.press("Enter")
    wait_until_settled(page)


@pytest.mark.usefixtures("few_resamples")
def test_a_wrong_label_is_corrected_trained_on_compared_and_reported(
    app: AppServer, first: EvaluationRecord, open_page: Open, console: list[str], tmp_path: Path
) -> None:
    rows = first.predictions().set_index("item_id")
    page = open_page(f"{app.url}/errors?evaluation={first.name}&further=Corrections")
    wait_until_settled(page)

    # The wrong one is found by its name and gets its label by a digit
    page.get_by_text("Filter", exact=True).click()
    words = page.get_by_role("textbox", name="Words in title, artist, album or file")
    words.fill(WRONG)
    words.press("Enter")
    expect(page.get_by_text(f"1 of {len(rows)} covers")).to_be_visible()
    wait_until_settled(page)
    [item] = page.get_by_test_id("items").get_by_role("option").all()
    assert item.get_attribute("data-id") == WRONG
    item.focus()
    page.keyboard.press("1")
    expect(item.get_by_text(f"→ {GENRES[0]}")).to_be_visible()
    expect(page.get_by_text("with a new label: 1")).to_be_visible()
    page.get_by_role("button", name="Train on the corrected labels").click()

    # One epoch of the same recipe on the corrected data
    expect(page.get_by_role("heading", name="Train your own network")).to_be_visible()
    wait_until_settled(page)
    expect(page.get_by_text(f"{SET}_corrected").first).to_be_visible()
    assert f"recipe={RECIPE}" in page.url
    set_number(page, "Epochs", 1)
    set_number(page, "Batch size", 8)
    set_number(page, "Repeats", 1)
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Watch it").click()
    name = f"{RECIPE}.{SET}_corrected"
    expect(page.get_by_text(f"{name} is ready").first).to_be_visible()
    card = find_bundle(name).card
    assert card.data["name"] == f"{SET}_corrected"
    assert "labels corrected" in " ".join(map(str, card.data.values()))

    # Asked about the same covers, beside the first
    page.goto(f"{app.url}/errors?evaluation={first.name}")
    wait_until_settled(page)
    page.get_by_text("Evaluate a network on any data set").click()
    wait_until_settled(page)
    choose(page, "^Network", re.escape(card.title))
    choose(page, "^Data set", f"^{SET}$")
    choose(page, "^Items", "all its items")
    page.get_by_role("button", name=f"Evaluate on {len(rows)} items").click()
    over = re.compile(rf"{re.escape(name)}@{SET}\S* can be looked at")
    expect(page.get_by_text(over)).to_be_visible()
    page.get_by_role("button", name="Look at it").first.click()
    wait_until_settled(page)
    second = find_evaluation(f"{name}@{SET}@all")
    page.get_by_role("tab", name="Two networks").click()
    wait_until_settled(page)
    choose(page, "^Second network", "^First")
    theirs = second.predictions().set_index("item_id")
    looks = page.get_by_role("button", name=re.compile("(A right, B wrong|B right, A wrong)"))
    expect(looks).to_have_count(2)
    counts = [int(re.sub(r"\D", "", look.inner_text().split(":")[1])) for look in looks.all()]
    assert sum(counts) == (theirs["predicted"] != rows["predicted"]).sum()

    # And handed on
    page.get_by_role("tab", name="Export").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Report (HTML)").click()
    report = tmp_path / "report.html"
    taken.value.save_as(report)
    text = report.read_text(encoding="utf-8")
    assert card.title in text
    assert "labels corrected" in text
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []
