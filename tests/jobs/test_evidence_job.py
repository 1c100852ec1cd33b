"""Evidence over a data set: measured, kept through a stop, stored with the network."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genre_core.data.catalog import Catalog
from genre_core.errors import DatasetError, ParameterError
from genre_core.explain.cam import Cam
from genre_core.explain.evidence import try_saliency
from genre_core.jobs import evidence
from genre_core.jobs.evidence import write_evidence
from genre_core.runs.bundle import Bundle
from genre_core.runs.evidence import StoredEvidence, load_evidence
from tests.made_bundles import make_network, write_bundle, write_dataset
from tests.made_song_bundles import write_song_bundle

pytestmark = pytest.mark.usefixtures("few_resamples")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, genre_home: Path) -> None:
    monkeypatch.setattr(evidence, "METHODS", ("gradcam", "occlusion"))
    monkeypatch.setattr(evidence, "point", lambda methods, **_: dict.fromkeys(methods, 1.0))
    monkeypatch.setattr(evidence, "_AT_ONCE", 2)


@pytest.fixture
def covers(tmp_path: Path) -> Catalog:
    return write_dataset(tmp_path / "covers", 48)


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return write_bundle(tmp_path / "models")


def measured(bundle: Bundle, catalog: Catalog, n: int = 8, **numbers: Any) -> StoredEvidence:
    numbers = {"n_dear": 3, "n_shuffled": 2} | numbers
    return write_evidence(
        bundle, catalog, n=n, command="a test", progress=lambda *_: None, log=str, **numbers
    )


def test_figures_are_those_of_the_single_items(bundle: Bundle, covers: Catalog) -> None:
    stored = measured(bundle, covers)
    assert load_evidence(bundle) == stored
    assert set(stored.methods) == {"gradcam", "occlusion"}
    assert set(stored.controls) == {"random", "edges", "centre"}
    own, dear = stored.methods["gradcam"], stored.methods["occlusion"]
    assert (own.n, dear.n, own.n_shuffled, dear.n_shuffled) == (8, 3, 2, 2)
    reader = evidence._Reader(bundle, covers)
    frame, split = evidence._items(bundle, covers)
    assert split == stored.data["split"] == "test"
    areas = []
    for place in range(8):
        item, genre = reader.read(frame.iloc[[place]])
        maps = {"gradcam": reader.cam.explain(item, genre)}
        trial = try_saliency(reader.cam, item, maps, genre, n_random=1)["gradcam"]
        areas.append((trial.insertion, trial.deletion))
    insertion, deletion = np.mean(areas, axis=0)
    assert own.insertion["value"] == pytest.approx(insertion, abs=2e-4)
    assert own.deletion["value"] == pytest.approx(deletion, abs=2e-4)
    edges = stored.controls["edges"]
    over = insertion - deletion - edges.insertion["value"] + edges.deletion["value"]
    assert own.over["edges"]["value"] == pytest.approx(over, abs=4e-4)
    assert own.over["edges"]["low"] <= own.over["edges"]["value"] <= own.over["edges"]["high"]
    assert "no_interval" in dear.insertion  # three covers
    assert own.cost is not None
    assert own.cost > 0
    assert own.correlation[0] == 1.0
    assert [name for _, name in stored.layers][:2] == ["", "logits"]
    assert stored.controls["edges"].correlation == [1.0] * len(own.correlation)


def test_a_stopped_run_goes_on_where_it_was(
    bundle: Bundle, covers: Catalog, genre_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = evidence._Reader.read

    def read(self, row):
        asked.append(str(row["item_id"].iloc[0]))
        if len(asked) == 6:
            raise KeyboardInterrupt
        return real(self, row)

    monkeypatch.setattr(evidence._Reader, "read", read)
    with pytest.raises(KeyboardInterrupt):
        measured(bundle, covers)
    assert load_evidence(bundle) is None
    first = list(asked)
    stopped = measured(bundle, covers, n_dear=1, n_shuffled=1)
    assert not set(first[:4]) & set(asked[6:10])  # two parts of two were done
    shutil.rmtree(genre_home / "evidence" / bundle.name)
    again = measured(bundle, covers, n_dear=1, n_shuffled=1)
    for name in ("insertion", "deletion", "over", "correlation"):
        assert getattr(stopped.methods["gradcam"], name) == getattr(again.methods["gradcam"], name)


def test_more_items_are_added_to_those_that_are_there(bundle: Bundle, covers: Catalog) -> None:
    few, more = (measured(bundle, covers, n, n_dear=1, n_shuffled=1) for n in (3, 6))
    assert [one.methods["gradcam"].n for one in (few, more)] == [3, 6]
    again = measured(bundle, covers, 3, n_dear=1, n_shuffled=1)
    assert again.methods["gradcam"].over == few.methods["gradcam"].over


def test_a_method_may_have_its_own_number_of_items(bundle: Bundle, covers: Catalog) -> None:
    stored = measured(bundle, covers, 3, n_dear=1, n_shuffled=0, items={"occlusion": 5})
    numbers = {name: own.n for name, own in {**stored.methods, **stored.controls}.items()}
    assert numbers == {"gradcam": 3, "occlusion": 5, "random": 5, "edges": 5, "centre": 5}
    none = measured(bundle, covers, 3, n_dear=1, n_shuffled=0, items={"occlusion": 0})
    assert set(none.methods) == {"gradcam"}


def test_no_map_of_a_network_that_reads_nothing_is_believed(
    tmp_path: Path, covers: Catalog
) -> None:
    blind = make_network()
    kernel, bias = blind.get_layer("logits").get_weights()
    blind.get_layer("logits").set_weights([0 * kernel, bias + np.array([0.0, 1.0])])
    stored = measured(write_bundle(tmp_path / "blind", network=blind), covers)
    for method in stored.methods.values():
        assert method.n_located == 0
        assert not any(method.beats(control) for control in ("random", "edges", "centre"))


def test_songs_are_measured_over_time(tmp_path: Path, song_set: Catalog) -> None:
    bundle = write_song_bundle(tmp_path / "models")
    stored = measured(bundle, song_set, 4)
    assert stored.settings["squares"] == [16]
    assert stored.settings["explained"] == "prog"
    assert stored.methods["occlusion"].n == 3


def test_what_cannot_be_measured_is_refused(
    bundle: Bundle, covers: Catalog, song_set: Catalog
) -> None:
    with pytest.raises(ParameterError, match=r"Received \(0, 3, 2\)"):
        measured(bundle, covers, 0)
    with pytest.raises(ParameterError, match=r"gradcam, occlusion\. Received .layer-cam"):
        measured(bundle, covers, items={"layer-cam": 3})
    with pytest.raises(ParameterError, match=r"Received made_songs, a data set"):
        measured(bundle, song_set)
    for path in covers.root.glob("*.png"):
        path.write_bytes(b"")
    with pytest.raises(DatasetError, match="Import the data again"):
        measured(bundle, covers)
    shutil.rmtree(covers.root)


def test_networks_of_frames_have_their_own_methods() -> None:
    from genre_core.architectures import build

    assert evidence.methods_of(Cam(build("s5_lstm", input_shape=(5, 205)), "softmax")) == (
        "gradient x input",
        "integrated-gradients",
        "occlusion",
    )
