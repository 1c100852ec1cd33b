"""The command features: what a training would compute, ahead of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from genre_core.cli import main
from genre_core.config import load_experiment
from genre_core.data.catalog import Catalog

RECIPE = """
name = "made"
title = "Made"
study = "ours"
architecture = "msd_musicnn"
tag = "made"
[task]
genres = ["Beats", "Noise", "Tones"]
sources = ["made"]
clip_s = 1.0
[input]
features = "log_mel_96"
n_frames = 62
hop_frames = 62
hop_length = 256
[training]
epochs = 1
"""


@pytest.fixture
def recipe(tmp_path: Path, genre_home: Path) -> Path:
    path = tmp_path / "made.toml"
    path.write_text(RECIPE)
    load_experiment(path)
    return path


def test_songs_are_computed_once_and_broken_ones_listed(
    song_set: Catalog,
    recipe: Path,
    tmp_path: Path,
    genre_home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = tmp_path / "songs"
    shutil.copytree(song_set.root, root)
    broken = song_set.frame["path"][2]
    (root / broken).write_bytes(b"no song")
    words = ["features", str(recipe), "--data", str(root), "--processes", "1", "--json"]
    assert main(words) == 1
    out, err = capsys.readouterr()
    facts = json.loads(out)
    n_songs = len(song_set) - 1
    assert (facts["n_songs"], facts["n_broken"]) == (n_songs, 1)
    assert [each["path"] for each in facts["broken"]] == [broken]
    assert broken in err
    kept = list((genre_home / "caches" / "features").glob("*.npz"))
    assert len(kept) == n_songs


def test_a_recipe_of_covers_is_refused(
    song_set: Catalog, genre_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["features", "s3_model_1", "--data", str(song_set.root)]) == 2
    assert "Received one of covers" in capsys.readouterr().err
