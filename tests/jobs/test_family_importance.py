"""Families of features exchanged between songs: measured, stored, typed, drawn from the file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genre_core.audio.frame_names import FAMILIES
from genre_core.audio.segments import Segments
from genre_core.cli import main
from genre_core.config import SongInput
from genre_core.data import song_inputs
from genre_core.data.catalog import Catalog
from genre_core.errors import CheckpointError, ParameterError
from genre_core.evaluation.report import Scored
from genre_core.inference.checkpoint import save_network
from genre_core.inference.songs import SongClassifier
from genre_core.jobs.family_importance import write_families
from genre_core.jobs.removing import read_asked
from genre_core.metrics.probabilities import probabilities
from genre_core.runs import bundle as bundles
from genre_core.runs.bundle import FAMILIES_FILE, SHIPPED_DIR, Bundle, open_bundle
from genre_core.runs.family_importance import FamilyImportance, load_families, save_families
from tests.made_bundles import write_bundle, write_dataset
from tests.made_songs_set import GENRES, STATISTICS, song_card, tiny_network, write_songs

pytestmark = pytest.mark.usefixtures("few_resamples")

SPEC = replace(STATISTICS, offsets=(0.0,) * 423, scales=(1.0,) * 423)


START = sum(list(FAMILIES.values())[: list(FAMILIES).index("spectral_contrast")])


@pytest.fixture
def songs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """Songs of three genres, each with a column of spectral contrast of its own."""

    def read(path: Path, checksum: str, spec: SongInput) -> Segments:
        rng = np.random.default_rng(int(checksum[:8], 16))
        inputs = rng.normal(size=(1 + int(checksum[:2], 16) % 3, 423)).astype(np.float32)
        inputs[:, START + GENRES.index(path.name.partition("-")[0])] += 3
        return Segments(inputs, np.zeros(len(inputs)), np.ones(len(inputs)), None)

    monkeypatch.setattr(song_inputs, "read_song_file", read)
    return write_songs(tmp_path / "songs")


@pytest.fixture
def bundle(genre_home: Path) -> Bundle:
    """A network that reads nothing but these columns."""
    card = song_card("tiny.contrast", SPEC)
    network = tiny_network(SPEC, 3)
    weights = np.zeros((423, 3), np.float32)
    weights[START : START + 3] = np.eye(3)
    network.get_layer("logits").set_weights([weights, np.zeros(3, np.float32)])
    save_network(network, card, genre_home / "models" / card.name)
    return open_bundle(genre_home / "models" / card.name)


def measured(bundle: Bundle, catalog: Catalog, **more: object) -> FamilyImportance:
    return write_families(
        bundle,
        catalog,
        split="all",
        n_repeats=2,
        command="a test",
        progress=lambda *_: None,
        log=str,
        **more,  # type: ignore[arg-type]
    )


def test_what_is_read_costs_and_what_is_not_costs_nothing(bundle: Bundle, songs: Catalog) -> None:
    stored = measured(bundle, songs, note="Made.")
    assert load_families(bundle) == stored
    assert (stored.n, stored.n_groups, stored.n_per_genre) == (24, 24, [8, 8, 8])
    assert len(stored.folds) == 5
    assert sum(stored.folds) == 24
    rows = {row["family"]: row for row in stored.rows}
    assert list(rows) == [*FAMILIES, "course"]
    read = rows.pop("spectral_contrast")
    assert read["drop"]["value"] > 0.2
    assert read["drop"]["low"] <= read["drop"]["value"] <= read["drop"]["high"]
    assert read["moved"] > 0.1
    assert len(read["by_fold"]) == 5
    assert {(row["drop"]["value"], row["moved"]) for row in rows.values()} == {(0.0, 0.0)}


def test_where_a_genre_has_few_groups_nothing_has_an_interval(
    bundle: Bundle, songs: Catalog
) -> None:
    frame = songs.frame
    frame["group"] = [f"{row.labels[0]} {k % 4}" for k, row in enumerate(frame.itertuples())]
    stored = measured(bundle, Catalog(songs.head, songs.root, frame))
    assert stored.whole["no_interval"] == "a genre of 4 groups"
    assert {row["drop"]["no_interval"] for row in stored.rows} == {"a genre of 4 groups"}
    rows = {row["family"]: row["drop"]["value"] for row in stored.rows}
    assert rows["spectral_contrast"] > 0.2


def test_the_whole_is_what_the_served_network_reaches(bundle: Bundle, songs: Catalog) -> None:
    stored = measured(bundle, songs)
    frame, inputs = read_asked(bundle, songs, "all", "", str)
    model = SongClassifier.load(bundle)
    probs = np.stack([probabilities(model.logits(own), "softmax").mean(axis=0) for own in inputs])
    true = frame["genre_index"].to_numpy()
    reached = Scored(true, probs, np.arange(len(true)).astype(str)).values()
    assert stored.figure == "macro_f1"
    assert stored.whole["value"] == pytest.approx(reached["macro_f1"], abs=1e-4)


def test_the_command_stores_it_and_lists_the_dearest_first(
    bundle: Bundle, songs: Catalog, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "shipped")
    words = ["families", bundle.name, "--data", str(songs.root), "--split", "all"]
    assert main([*words, "--repeats", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("spectral_contrast")
    assert lines[-1].startswith("macro_f1 ")
    assert str(tmp_path) not in (bundle.folder / FAMILIES_FILE).read_text()


def test_other_networks_and_numbers_are_refused(
    bundle: Bundle, songs: Catalog, tmp_path: Path
) -> None:
    with pytest.raises(ParameterError, match="Families are those of songs"):
        measured(write_bundle(tmp_path / "models"), write_dataset(tmp_path / "covers", 6))
    with pytest.raises(ParameterError, match="at least 1"):
        measured(bundle, songs, n_folds=0)
    # Of a prog score no genre is mapped: covers are refused all the same, before any is opened.
    prog, covers = (
        open_bundle(SHIPPED_DIR / "s5_mlp.soft_prog"),
        write_dataset(tmp_path / "more", 6),
    )
    with pytest.raises(ParameterError, match="a data set of covers"):
        read_asked(prog, covers, "all", "", print)


def test_another_networks_file_is_none_and_a_damaged_one_an_error(
    bundle: Bundle, songs: Catalog
) -> None:
    assert load_families(bundle) is None
    stored = measured(bundle, songs)
    save_families(stored, "another", bundle.folder)
    assert load_families(bundle) is None
    for text in ("", "[]", json.dumps({"model_sha256": bundle.card.model_sha256})):
        (bundle.folder / FAMILIES_FILE).write_text(text)
        with pytest.raises(CheckpointError, match=r"genre_core families tiny\.contrast"):
            load_families(bundle)


def test_what_is_shipped_is_of_the_shipped_networks() -> None:
    shipped = [open_bundle(path.parent) for path in SHIPPED_DIR.glob(f"*/{FAMILIES_FILE}")]
    for bundle in shipped:
        stored = load_families(bundle)
        assert stored is not None, bundle.name
        assert stored.data["digest"] == bundle.card.data["digest"]
        assert sum(stored.folds) == stored.n
        assert all(row["family"] in (*FAMILIES, "course") for row in stored.rows)
