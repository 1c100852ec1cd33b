"""Errors in a real browser, all the way: a cell, heard, a wrong label, trained again, compared.

Real covers and songs where GENRE_DATA names them, else made ones.
"""

from __future__ import annotations

import csv
import dataclasses
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from chromium import wait_until_settled
from errors_page import click_cell, hear, listen, open_report
from playwright.sync_api import Page, expect

from genre_core.analysis.segments import erred_most
from genre_core.config import to_dict
from genre_core.data.importers import find_dataset
from genre_core.data.notes import notes_of
from genre_core.jobs.evaluating import evaluation_request
from genre_core.jobs.run_worker import carry_out
from genre_core.runs.bundle import find_bundle
from genre_core.runs.evaluations import EvaluationRecord, find_evaluation
from genre_core.runs.run_folder import new_run
from tests.app_server import AppServer
from tests.made_bundles import make_experiment, write_bundle
from tests.made_results import with_card
from tests.made_songs_set import MEL, song_experiment, write_song, write_song_bundle
from tests.made_training import write_covers

Open = Callable[..., Page]
EACH = {"train": 8, "val": 4, "test": 4}
"""Items of each genre."""
SONG_S = 12.0
RECIPES = {"cover": "s3_model_5", "song": "s4_b"}
SETS = {"cover": "mislabelled", "song": "misheard"}
REAL = {"cover": ("gaid5", ("Country", "Hip-Hop")), "song": ("emotify", ("Classical", "Rock"))}
"""Source and genres of the real ones."""


def write_items(folder: Path, media: str) -> tuple[tuple[str, str], str]:
    """Write a table of covers or songs of two genres, one of which has the other's label.

    Gives the genres and that item.
    """
    root = Path(os.environ.get("GENRE_DATA", "nowhere")) / (
        "covers" if media == "cover" else "audio"
    )
    rows = _real(root, folder, media) if (root / "labels.csv").is_file() else _made(folder, media)
    wrong, genres = rows[0], sorted({row["genre"] for row in rows})
    wrong["genre"] = next(genre for genre in genres if genre != wrong["genre"])
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, ["path", "genre", "split", "group"], extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)
    return (genres[0], genres[1]), wrong["path"]


def _real(root: Path, folder: Path, media: str) -> list[dict[str, str]]:
    source, genres = REAL[media]
    left = {(genre, split): n for genre in genres for split, n in EACH.items()}
    rows = []
    with (root / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = row["genre"], row["split"]
            if source in (row.get("source_set"), row.get("dataset")) and left.get(key, 0):
                left[key] -= 1
                target = folder / row["path"]
                target.parent.mkdir(parents=True, exist_ok=True)
                if media == "song":
                    y, sr = soundfile.read(root / row["path"])
                    soundfile.write(target, y[: round(SONG_S * sr)], sr)
                else:
                    shutil.copyfile(root / row["path"], target)
                rows.append(row)
    assert not any(left.values())
    return rows


def _made(folder: Path, media: str) -> list[dict[str, str]]:
    if media == "cover":
        table = write_covers(folder) / "labels.csv"
        return list(csv.DictReader(table.read_text().splitlines()))
    rows = []
    for genre in ("Noise", "Tones"):
        for split, n in EACH.items():
            for k in range(n):
                path = write_song(folder / f"{genre}-{split}-{k}.ogg", genre, k, duration_s=SONG_S)
                rows.append({"path": path.name, "genre": genre, "split": split})
    return rows


def write_first(models: Path, media: str, genres: tuple[str, str]) -> str:
    """Store a network that learnt nothing, as one of a recipe that can be trained again."""
    name = f"made.first_{media}"
    if media == "song":
        recipe = song_experiment(spec=MEL, genres=genres, sources=())
        bundle = write_song_bundle(models, name, MEL, genres=genres)
    else:
        recipe = make_experiment(genres)
        bundle = write_bundle(models, genres=genres, name=name)
    recipe = dataclasses.replace(recipe, name=RECIPES[media])
    with_card(bundle, title="First", experiment=to_dict(recipe))
    return name


def fullest_wrong_cell(record: EvaluationRecord) -> tuple[str, str, int]:
    """Name the wrong cell with most items: true genre, answer, and how many."""
    rows = record.predictions()
    cells = rows[rows["genre_index"] != rows["predicted"]].groupby(["genre_index", "predicted"])
    true, said = cells.size().idxmax()
    return record.genres[true], record.genres[said], int(cells.size().max())


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=re.compile(label)).click()
    page.get_by_role("option", name=re.compile(option)).first.click()
    wait_until_settled(page)


def set_number(page: Page, label: str, value: int) -> None:
    box = page.get_by_role("spinbutton", name=label, exact=True)
    box.fill(str(value))
    box.press("Enter")
    wait_until_settled(page)


@pytest.mark.parametrize("media", ["cover", "song"])
@pytest.mark.usefixtures("few_resamples")
def test_from_a_cell_to_a_network_trained_on_the_corrected_labels(
    app: AppServer,
    media: str,
    open_page: Open,
    console: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A network on the shared server was asked about items of which one has a wrong label
    monkeypatch.setenv("GENRE_HOME", str(app.home))
    data = SETS[media]
    genres, wrong = write_items(tmp_path / data, media)
    catalog = find_dataset(tmp_path / data)
    run = new_run(
        evaluation_request(write_first(app.home / "models", media, genres), data, split="all")
    )
    carry_out(run)
    first = find_evaluation(run.status().result)
    rows = first.predictions().set_index("item_id")
    items = "songs" if media == "song" else "covers"
    page = open_page(f"{app.url}/errors?evaluation={first.name}&further=Corrections")
    wait_until_settled(page)

    # Behind a cell stand its items
    true, said, n = fullest_wrong_cell(first)
    click_cell(page, true, said)
    expect(page.get_by_text(f"{n} of {len(rows)} {items}")).to_be_visible()
    wait_until_settled(page)
    listed = page.get_by_test_id("items").get_by_role("option")
    expect(listed).to_have_count(n)
    behind = {option.get_attribute("data-id") for option in listed.all()}
    at = tuple(map(first.genres.index, (true, said)))
    is_there = (rows["genre_index"] == at[0]) & (rows["predicted"] == at[1])
    assert behind == set(rows.index[is_there])

    # The first is seen, or heard from the segment that erred most, and noted
    item_id = listed.first.get_attribute("data-id") or ""
    listed.first.focus()
    if media == "song":
        listen(page)
        page.keyboard.press("Space")
        segments = first.segments(item_id)
        assert segments is not None
        hear(page, erred_most(segments, *at))
        page.keyboard.press("Space")
        expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    else:
        assert listed.locator("img").evaluate_all("all => all.every(i => i.naturalWidth > 0)")
    for key in ("n", *"looked at", "Enter"):
        page.keyboard.press(key)
    expect(listed.first.get_by_text("looked at")).to_be_visible()
    wait_until_settled(page)
    noted = {row["item_id"]: row["text"] for row in notes_of(catalog).to_dict("records")}
    assert noted == {item_id: "looked at"}
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.get_by_text(f"{n} of {len(rows)} {items}")).to_have_count(0)
    wait_until_settled(page)

    # The wrong one is found by its name and gets its label by a digit
    page.get_by_text("Filter", exact=True).click()
    words = page.get_by_role("textbox", name="Words in title, artist, album or file")
    words.fill(wrong)
    words.press("Enter")
    expect(page.get_by_text(f"1 of {len(rows)} {items}")).to_be_visible()
    wait_until_settled(page)
    expect(listed).to_have_count(1)
    assert listed.get_attribute("data-id") == wrong
    [stored] = [
        labels
        for name, labels in zip(catalog.frame["item_id"], catalog.frame["labels"], strict=True)
        if name == wrong
    ]
    right = next(genre for genre in genres if genre not in stored)
    listed.focus()
    page.keyboard.press(str(first.genres.index(right) + 1))
    expect(listed.get_by_text(f"→ {right}")).to_be_visible()
    expect(page.get_by_text("with a new label: 1")).to_be_visible()
    page.get_by_role("button", name="Train on the corrected labels").click()

    # One epoch of the same recipe on the corrected data
    expect(page.get_by_role("heading", name="Train your own network")).to_be_visible()
    wait_until_settled(page)
    expect(page.get_by_text(f"{data}_corrected").first).to_be_visible()
    assert f"recipe={RECIPES[media]}" in page.url
    set_number(page, "Epochs", 1)
    set_number(page, "Batch size", 8)
    set_number(page, "Repeats", 1)
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Watch it").click()
    name = f"{RECIPES[media]}.{data}_corrected"
    expect(page.get_by_text(f"{name} is ready").first).to_be_visible()
    card = find_bundle(name).card
    assert card.data["name"] == f"{data}_corrected"
    assert "labels corrected" in " ".join(map(str, card.data.values()))

    # Asked about the same items, beside the first
    page.goto(f"{app.url}/errors?evaluation={first.name}")
    wait_until_settled(page)
    page.get_by_text("Evaluate a network on any data set").click()
    wait_until_settled(page)
    choose(page, "^Network", re.escape(card.title))
    choose(page, "^Data set", f"^{data}$")
    choose(page, "^Items", "all its items")
    page.get_by_role("button", name=f"Evaluate on {len(rows)} items").click()
    over = re.compile(rf"{re.escape(name)}@{data}\S* can be looked at")
    expect(page.get_by_text(over)).to_be_visible()
    page.get_by_role("button", name="Look at it").first.click()
    wait_until_settled(page)
    second = find_evaluation(f"{name}@{data}@all")
    page.get_by_role("tab", name="Two networks").click()
    wait_until_settled(page)
    choose(page, "^Second network", "^First")
    theirs = second.predictions().set_index("item_id")
    looks = page.get_by_role("button", name=re.compile("(A right, B wrong|B right, A wrong)"))
    expect(looks).to_have_count(2)
    counts = [int(re.sub(r"\D", "", look.inner_text().split(":")[1])) for look in looks.all()]
    assert sum(counts) == (theirs["predicted"] != rows["predicted"]).sum()

    # And handed on: the report opens from disk
    page.get_by_role("tab", name="Export").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Report (HTML)").click()
    report = tmp_path / "report.html"
    taken.value.save_as(report)
    read = open_report(open_page, report)
    expect(read.get_by_role("heading", level=1)).to_contain_text(card.title)
    assert "labels corrected" in report.read_text(encoding="utf-8")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert console == []
