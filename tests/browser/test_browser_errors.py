"""Errors in a real browser: from a cell to a new label, a data set to train on, and the report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from chromium import check_both_themes, wait_until_settled
from errors_page import click_cell, open_report
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.files import sha256_file
from genre_core.data.item import items_frame
from genre_core.data.notes import notes_of
from tests.app_server import AppServer
from tests.made_evaluations import GENRES, made_evaluation, made_predictions

Open = Callable[..., Page]
N = 60
SET, ONE, TWO = "seen_covers", "seen.one@seen_covers", "seen.two@seen_covers"


@pytest.fixture(scope="module")
def seen(app: AppServer) -> Iterator[Catalog]:
    """A data set of made covers on the shared server, and what two networks said of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENRE_HOME", str(app.home))
        catalog = write_covers(app.home / "datasets" / SET)
        for seed, model in enumerate(("seen.two", "seen.one")):
            rows = made_predictions(N, seed=0).assign(**answers(seed))
            made_evaluation(model=model, data=SET, digest=catalog.digest, predictions=rows)
        yield catalog


def write_covers(folder: Path, labels: tuple[str, ...] = GENRES) -> Catalog:
    folder.mkdir(parents=True)
    rng, rows = np.random.default_rng(0), made_predictions(N, seed=0)
    items = []
    for item_id, title, genre in zip(
        rows["item_id"], rows["title"], rows["genre_index"], strict=True
    ):
        Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(folder / item_id)
        items.append(
            {
                "item_id": item_id,
                "path": item_id,
                "checksum": sha256_file(folder / item_id),
                "labels": [GENRES[genre]],
                "title": title,
                "split": "test",
            }
        )
    head = DatasetHead(
        folder.name, "Covers to be seen", "nobody", "none", labels=tuple(sorted(labels))
    )
    catalog = Catalog(head, folder, items_frame(items))
    catalog.save(folder)
    return catalog


def answers(seed: int) -> dict[str, object]:
    """Other answers on the same items."""
    other = made_predictions(N, seed=seed)
    genre = made_predictions(N, seed=0)["genre_index"]
    shift = (other["predicted"] - other["genre_index"]) % len(GENRES)
    said = (genre + shift) % len(GENRES)
    sure = other[[f"prob_{k}" for k in range(len(GENRES))]].max(axis=1)
    rest = (1 - sure) / (len(GENRES) - 1)
    probs = {f"prob_{k}": np.where(said == k, sure, rest) for k in range(len(GENRES))}
    return {"predicted": said, **probs}


def options(page: Page) -> Locator:
    return page.get_by_test_id("items").get_by_role("option")


def test_from_a_cell_by_keys_to_a_data_set_to_train_on(
    app: AppServer,
    seen: Catalog,
    open_page: Open,
    console: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page(f"{app.url}/errors?evaluation={ONE}")
    wait_until_settled(page)
    check_both_themes(page)

    # A cell shows its covers
    click_cell(page, "Rock", "Pop")
    expect(page.get_by_role("button", name="true: Rock")).to_be_visible()
    wait_until_settled(page)
    rows = options(page)
    n = int(page.get_by_text(re.compile(rf"\d+ of {N} covers")).inner_text().split()[0])
    expect(rows).to_have_count(n)
    wait_until_settled(page)
    assert rows.locator("img").evaluate_all("all => all.every(i => i.naturalWidth > 0)")

    # By keys alone: a flag, a new label, a note
    first = rows.first
    first.focus()
    for key in ("f", "3", "n", *"seen 3 times", "Enter"):  # faster than the page is drawn anew
        page.keyboard.press(key)
    expect(first.get_by_text("seen 3 times")).to_be_visible()
    expect(first.get_by_text("flagged")).to_be_visible()
    expect(first.get_by_text("→ Jazz")).to_be_visible()
    wait_until_settled(page)
    monkeypatch.setenv("GENRE_HOME", str(app.home))
    (noted,) = notes_of(seen).to_dict("records")
    assert noted["item_id"] == first.get_attribute("data-id")
    assert (noted["flag"], noted["labels"], noted["text"]) == (True, ("Jazz",), "seen 3 times")

    # Enter opens it; closed by Escape, the keys go on where they were
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_role("textbox", name="Note", exact=True)
    expect(field).to_have_value("seen 3 times")

    # Kept with two lines, which the list's own field would run together: N opens the window too
    field.fill("seen 3 times\nand heard")
    dialog.get_by_role("button", name="Keep").click()
    expect(dialog).to_have_count(0)
    expect(first.get_by_text("and heard")).to_be_visible()
    wait_until_settled(page)
    first.focus()
    page.keyboard.press("n")
    expect(field).to_have_value("seen 3 times\nand heard")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(rows.nth(1)).to_be_focused()

    # The link restores what was chosen, and the tab
    page.get_by_role("tab", name="Corrections").click()
    expect(page.get_by_text("with a new label: 1")).to_be_visible()
    wait_until_settled(page)
    page.reload()
    wait_until_settled(page)
    expect(page.get_by_text(f"{n} of {N} covers")).to_be_visible()
    page.get_by_role("button", name="Train on the corrected labels").click()
    expect(page.get_by_role("heading", name="Train your own network")).to_be_visible()
    wait_until_settled(page)
    expect(page.get_by_text(f"{SET}_corrected").first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []


def test_more_genres_than_digits_are_given_by_their_first_letters(
    app: AppServer, open_page: Open, console: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENRE_HOME", str(app.home))
    labels = (*GENRES, *(f"Style {sign}" for sign in "ABCDEF"), "Zeuhl", "Zouk", "Ze")
    genres = ("Polka", *labels)  # the data set has no such label: no key gives it
    catalog = write_covers(app.home / "datasets" / "many_labels", labels)
    rows = made_predictions(N, seed=0)
    rows = made_predictions(N, genres, seed=0).assign(genre_index=rows["genre_index"] + 1)
    record = made_evaluation(
        genres=genres, data="many_labels", digest=catalog.digest, predictions=rows
    )
    page = open_page(f"{app.url}/errors?evaluation={record.name}", width=390)
    wait_until_settled(page)
    # What digits can't give is told
    keys = page.get_by_text("9 Style F, G one of all 12 by its first letters")
    expect(keys).to_contain_text("new label: 1 Rock")
    row = options(page).nth(1)
    hint = row.locator("[role=status]")  # what stands in an option has no role of its own
    options(page).first.focus()
    for key in ("ArrowDown", "g", "q", "Enter"):
        page.keyboard.press(key)
    expect(hint).to_have_text("no genre begins so")
    expect(row.locator("input")).to_be_focused()  # nothing was taken
    for key in ("Backspace", "Z", "e"):
        page.keyboard.press(key)
    # One that is called just so comes before longer ones
    expect(hint).to_have_text("→ Ze, more letters for Zeuhl")
    for key in ("u", "Enter"):
        page.keyboard.press(key)
    expect(row.get_by_text("→ Zeuhl")).to_be_visible()
    expect(row).to_be_focused()
    wait_until_settled(page)
    noted = notes_of(catalog).set_index("item_id")["labels"]
    assert noted[row.get_attribute("data-id")] == ("Zeuhl",)
    # Escape leaves it, and a digit still gives the ninth
    for key in ("g", "z", "Escape", "9"):
        page.keyboard.press(key)
    expect(row.get_by_text("→ Style F")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []


def test_two_networks_a_lasso_and_the_report_without_a_network(
    app: AppServer, seen: Catalog, open_page: Open, console: list[str], tmp_path: Path
) -> None:
    page = open_page(
        f"{app.url}/errors?evaluation={ONE}&further=Two+networks&beside={TWO}", theme="dark"
    )
    wait_until_settled(page)
    page.get_by_role("tab", name="Two networks").click()  # on a busy machine the link comes late
    button = page.get_by_role("button", name=re.compile("A right, B wrong"))
    expect(button).to_be_visible(timeout=30_000)
    n = int(re.sub(r"\D", "", button.inner_text().split(":")[1]))
    button.click()
    expect(page.get_by_text(f"{n} of {N} covers")).to_be_visible()
    wait_until_settled(page)
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.get_by_text(f"{n} of {N} covers")).to_have_count(0)

    # Round the right half of the map
    page.get_by_role("tab", name="Map").click()
    chart = page.get_by_label(re.compile(f"^Map of {N} covers"))
    expect(chart).to_be_visible()
    wait_until_settled(page)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    x, y, width, height = (box[name] for name in ("x", "y", "width", "height"))
    page.mouse.move(x + width / 2, y + 60)
    page.mouse.down()
    for dx, dy in ((0.98, 60), (0.98, height - 15), (0.5, height - 15), (0.5, 62)):
        page.mouse.move(x + width * dx, y + dy, steps=4)
    page.mouse.up()
    circled = page.get_by_role("button", name=re.compile("items on the map"))
    expect(circled).to_be_visible()
    wait_until_settled(page)
    expect(options(page)).to_have_count(int(circled.inner_text().split()[-5]))

    # The report opens from disk, and asks for nothing else
    page.get_by_role("tab", name="Export").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Report (HTML)").click()
    report = tmp_path / "report.html"
    taken.value.save_as(report)
    open_report(open_page, report)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []


def test_where_nothing_may_be_noted_keys_note_nothing(
    app: AppServer, open_page: Open, console: list[str]
) -> None:
    page = open_page(f"{app.url}/errors?evaluation=made.test@made", width=390)  # no files of it
    wait_until_settled(page)
    check_both_themes(page)
    listed = page.get_by_role("listbox", name="Covers")
    expect(listed).to_be_visible()
    first = listed.get_by_role("option").first
    first.focus()
    top = page.get_by_test_id("stMain").evaluate("main => main.scrollTop")
    for key in ("f", "n", "1"):
        page.keyboard.press(key)
    expect(first.locator(".marks")).to_be_empty()
    page.keyboard.press("ArrowDown")
    expect(listed.get_by_role("option").nth(1)).to_be_focused()
    assert abs(page.get_by_test_id("stMain").evaluate("main => main.scrollTop") - top) < 200
    assert console == []
