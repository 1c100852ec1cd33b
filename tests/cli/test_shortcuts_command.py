"""shortcuts: facts of real files, read or taken from an evaluation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from genre_core.__main__ import main
from genre_core.analysis.shortcuts import KINDS, shortcuts_of
from genre_core.data.catalog import Catalog
from genre_core.data.importers import find_dataset
from genre_core.jobs.shortcut_audit import audit_dataset
from tests.made_evaluations import GENRES, made_evaluation, made_predictions
from tests.made_songs_set import write_songs


def write_covers(root: Path, n: int = 40) -> Catalog:
    """Noise covers of two genres, those of Red with a plain frame."""
    rng = np.random.default_rng(0)
    for place in range(n):
        genre = ("Blue", "Red")[place % 2]
        pixels = rng.integers(0, 256, (48, 48, 3), dtype=np.uint8)
        if genre == "Red":
            pixels[:3] = pixels[-3:] = pixels[:, :3] = pixels[:, -3:] = 30
        path = root / genre / f"{place:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return find_dataset(root)


def test_a_frame_round_the_covers_of_one_genre_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalog = write_covers(tmp_path / "covers")
    capsys.readouterr()
    assert main(["shortcuts", "--data", catalog.head.name, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert "border" in facts["named"]
    assert (facts["n"], facts["genres"]) == (40, ["Blue", "Red"])
    row = {own["kind"]: own for own in facts["kinds"]}["border"]
    assert set(row["facts"].split(", ")) == set(KINDS["cover"]["border"])
    assert row["auc"] > 0.9


def test_a_limit_reads_no_more_and_what_is_broken_is_said(tmp_path: Path) -> None:
    names: list[str] = []
    catalog = write_covers(tmp_path / "covers")
    catalog.path_of("Blue/00.png").unlink()
    report, problems = audit_dataset(catalog)
    assert (report.n, [problem.where for problem in problems]) == (39, ["Blue/00.png"])
    report, _ = audit_dataset(
        catalog, limit=30, progress=lambda done, total, name: names.append(name)
    )
    assert len(set(names)) == 30 == report.n_all


def test_songs_are_heard(tmp_path: Path) -> None:
    catalog = write_songs(tmp_path / "songs")
    frame = pd.concat([catalog.frame] * 3, ignore_index=True)
    frame["item_id"] = [f"{place}-{name}" for place, name in enumerate(frame["item_id"])]
    frame["group"] = ""
    report, problems = audit_dataset(Catalog(catalog.head, catalog.root, frame))
    assert not problems
    assert set(report.table["kind"]) <= set(KINDS["song"])


def test_an_evaluation_s_facts_are_taken_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    rows = made_predictions(200, media="song")
    rows["fact_loudness"] += 8 * (rows["genre_index"] == 2)
    record = made_evaluation(predictions=rows, media="song")
    report = shortcuts_of(record)
    assert report.named == ("loudness",)
    assert (report.genres, report.table["genre"].iat[0]) == (tuple(sorted(GENRES)), GENRES[2])
    assert main(["shortcuts", "--evaluation", record.name]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("shortcuts: loudness (p at most 0.05, corrected")
    bare = rows.drop(columns=[name for name in rows if name.startswith("fact_")])
    name = made_evaluation(predictions=bare, media="song").name
    assert main(["shortcuts", "--evaluation", name]) != 0
    assert "Measure the facts of the files first." in capsys.readouterr().err
